"""A world for tests: a portal on any storage, a clock that is set, ids that count.

Everything a world holds came about by public commands, so what a test finds in it could happen.
What is done, asked or looked at comes back as a value, also when it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import shake_256
from itertools import count
from typing import Final, NamedTuple, TypeAlias, TypeVar

from attrs import define, evolve, field

from clientportal.domain.actors import Actor, Capacity, Link
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    InviteId,
    PracticeId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.invites import LIFE
from clientportal.domain.moments import Moment
from clientportal.embedded.clock import SettableClock
from clientportal.embedded.files import MemoryFiles
from clientportal.embedded.keys import DevelopmentKeys
from clientportal.embedded.memory import MemoryStorage
from clientportal.embedded.video import BrowserRooms
from clientportal.errors import ClientPortalError
from clientportal.policies.decision import Decision
from clientportal.portal import Portal
from clientportal.ports.storage import Storage
from clientportal.receipts import Receipt
from clientportal.security.passwords import Argon2Parameters, Passwords
from clientportal.serialization import wire_of
from clientportal.usecases.command import Command, View
from clientportal.usecases.documentation import Download
from clientportal.workshop import Workshop

T = TypeVar("T")

#: A Monday morning in New York, six days before its clocks change.
MONDAY: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
PRACTICE: Final = PracticeId("prc_1")
CHEAP: Final = Argon2Parameters(memory=8, passes=1, lanes=1)


class Denied(NamedTuple):
    """A denial as a value: the name of the *error* that was raised, and its *code*."""

    error: str
    code: str


Answered: TypeAlias = Receipt | Denied


@define(eq=False)
class World:
    """A practice on *storage* that a test can command, at a moment it chooses.

    Two worlds given the same commands make the same ids and the same secrets, so that what they
    answer can be compared. Several worlds may share one storage, each with a practice of its own.
    """

    storage: Storage = field(factory=MemoryStorage)
    practice_id: PracticeId = PRACTICE
    clock: SettableClock = field(factory=lambda: SettableClock(MONDAY))
    wire: Callable[[object], tuple[str, str]] = field(factory=wire_of, repr=False)
    workshop: Workshop = field(init=False, repr=False)
    portal: Portal = field(init=False, repr=False)
    _ids: Iterator[int] = field(factory=lambda: count(1), init=False, repr=False)
    _steps: Iterator[int] = field(factory=lambda: count(1), init=False, repr=False)
    _step: int = field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        """The workshop and the portal, whose randomness follows from the step."""
        self.workshop = Workshop(
            passwords=Passwords(random_bytes=self.bytes_of_step, parameters=CHEAP),
            keys=DevelopmentKeys.in_memory(self.bytes_of_step),
            files=MemoryFiles(),
            video=BrowserRooms("https://video.example/"),
            random_bytes=self.bytes_of_step,
        )
        self.portal = Portal(
            storage=self.storage,
            clock=self.clock,
            new_id=lambda: f"{next(self._ids):012}",
            wire=self.wire,
            workshop=self.workshop,
        )

    def bytes_of_step(self, most: int) -> bytes:
        """The same *most* bytes all through one step, others in the next: secrets that repeat."""
        return shake_256(f"{self.practice_id}{self._step}".encode()).digest(most)

    def do(
        self,
        command: Command,
        actor: Actor,
        *,
        key: str | None = None,
        origin: str | None = None,
        through: Storage | None = None,
    ) -> Answered:
        """The receipt of *command*, or its denial; *through* another face of the storage."""
        portal = self.portal if through is None else evolve(self.portal, storage=through)
        before, self._step = self._step, next(self._steps)
        try:
            return portal.do(command, actor=actor, key=key, origin=origin)
        except ClientPortalError as error:
            return _denied(error)
        finally:
            self._step = before

    def done(self, command: Command, actor: Actor) -> Receipt:
        """The receipt of *command*, which must not be refused: for what a test starts from."""
        answer = self.do(command, actor)
        if isinstance(answer, Denied):
            msg = f"{command.name} by {actor.who}: {answer.error} {answer.code}"
            raise AssertionError(msg)  # noqa: TRY004 - a test that cannot begin
        return answer

    def ask(
        self, command: Command, actor: Actor, *, origin: str | None = None
    ) -> Decision | Denied:
        """The decision about *command*; a denial where even that may not be known."""
        try:
            return self.portal.ask(command, actor=actor, origin=origin)
        except ClientPortalError as error:
            return _denied(error)

    def look(self, view: View[T], actor: Actor) -> T | Denied | tuple[T, bytes]:
        """What *view* shows, or its denial; of a download also the bytes."""
        try:
            shown = self.portal.look(view, actor=actor)
            whole = b"".join(shown.chunks) if isinstance(shown, Download) else None
        except ClientPortalError as error:
            return _denied(error)
        return shown if whole is None else (shown, whole)

    def enter(self, token: str) -> Actor | Denied:
        """The actor that a session's *token* opens, or the denial."""
        try:
            return self.portal.actor(token, practice_id=self.practice_id)
        except ClientPortalError as error:
            return _denied(error)

    def pass_time(self, span: timedelta) -> Moment:
        """Move the clock on by *span*; the moment it shows then."""
        return self.clock.advance(span)

    def system(self) -> Actor:
        """The practice's own machinery."""
        return self.portal.system_actor(self.practice_id)

    def staff(self, staff_id: StaffId) -> Actor:
        """A staff member, vouched for by the host."""
        return self.portal.trusted_actor(self.practice_id, staff_id=staff_id)

    def client(self, client_id: ClientId) -> Actor:
        """A client, vouched for by the host."""
        return self.portal.trusted_actor(self.practice_id, client_id=client_id)

    def proxy(
        self, client_id: ClientId, account_id: AccountId, relationship_id: RelationshipId
    ) -> Actor:
        """Somebody who acts for a client through a relationship."""
        return Actor(
            practice_id=self.practice_id,
            capacity=Capacity.PROXY,
            account_id=account_id,
            client_id=client_id,
            relationship_id=relationship_id,
        )

    def visitor(
        self,
        invite_id: InviteId | None = None,
        generation: int = 1,
        *,
        account_id: AccountId | None = None,
    ) -> Actor:
        """Somebody who holds the link of one *generation* of an invite, perhaps signed in."""
        if invite_id is None:
            return self.portal.visitor(self.practice_id)
        until = self.clock.at + LIFE
        link = Link(invite_id=invite_id, generation=generation, expires_at=until)
        text = self.workshop.sign_link(self.practice_id, link)
        return evolve(self.portal.visitor(self.practice_id, link=text), account_id=account_id)


def _denied(error: ClientPortalError) -> Denied:
    return Denied(type(error).__name__, error.code)
