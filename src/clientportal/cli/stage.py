"""The stage on which the guide is played: a practice, its people, and a clock that can be set.

Everybody gets in as people do: by the link in their mail, and by signing in. Nothing is assumed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Generic, TypeAlias, TypeVar

from attrs import define, field, frozen

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor
from clientportal.domain.availability import Modality, Service, Window
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ContactId,
    Id,
    InviteId,
    PracticeId,
    RelationshipId,
    ServiceId,
    SessionId,
    StaffId,
)
from clientportal.domain.people import Client, Permissions, Reach, StaffMember
from clientportal.embedded.clock import SettableClock
from clientportal.errors import ClientPortalError, UnauthenticatedError
from clientportal.portal import Portal
from clientportal.relay import Relay
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.accounts import SignIn
from clientportal.usecases.availability import AddService, SetAvailability
from clientportal.usecases.command import Command, View
from clientportal.usecases.invites import InviteStaff
from clientportal.usecases.people import AddClient, AddStaffMember
from clientportal.usecases.practices import OpenPractice

T = TypeVar("T")
IdT = TypeVar("IdT", bound=Id)

SETTING_UP: Final = datetime(2026, 11, 20, 14, tzinfo=UTC)
CURTAIN: Final = datetime(2026, 11, 23, 14, tzinfo=UTC)
TIMEZONE: Final = "America/New_York"
LINK_BASE: Final = "https://portal.example.org/invite/"
_LINK: Final = re.compile(r"https://portal\.example\.org/invite/(\S+)")
_PRACTITIONER: Final = Permissions(
    view_clients=Reach.EVERYTHING,
    edit_clients=Reach.ASSIGNED,
    view_calendar=Reach.ASSIGNED,
    edit_calendar=Reach.ASSIGNED,
)


@frozen(kw_only=True)
class Person(Generic[IdT]):
    """Somebody on the stage: what they are called, and the address on their record."""

    id: IdT
    name: str
    email: str


Anybody: TypeAlias = Person[Any]


@frozen(kw_only=True)
class Cast:
    """Who plays: two staff members, two clients, and somebody near the first of them."""

    olive: Person[StaffId]
    sam: Person[StaffId]
    ann: Person[ClientId]
    ben: Person[ClientId]
    bob: Person[ContactId]
    service: ServiceId
    relationship: RelationshipId

    @classmethod
    def named(cls, new_id: Callable[[], str]) -> Cast:
        """The cast, with ids of its own."""

        def person(kind: type[IdT], name: str) -> Person[IdT]:
            email = f"{name.partition(' ')[0].lower()}@riverside.example"
            return Person(id=kind.of(new_id()), name=name, email=email)

        return cls(
            olive=person(StaffId, "Olive Marsh"),
            sam=person(StaffId, "Sam Ortiz"),
            ann=person(ClientId, "Ann Lee"),
            ben=person(ClientId, "Ben Núñez"),
            bob=person(ContactId, "Bob Lee"),
            service=ServiceId.of(new_id()),
            relationship=RelationshipId.of(new_id()),
        )


@define(kw_only=True)
class Stage:
    """A practice to play in. *relay* puts its mails into the folder *mail*.

    *before* are the mails that lay there already. *new_secret* makes passwords and tokens:
    everybody has one of each.
    """

    portal: Portal
    relay: Relay
    clock: SettableClock
    practice_id: PracticeId
    mail: Path
    before: frozenset[Path] = frozenset()
    cast: Cast
    new_secret: Callable[[], Secret] = field(repr=False)
    _passwords: dict[str, Secret] = field(factory=dict, repr=False)
    _tokens: dict[str, Secret] = field(factory=dict, repr=False)

    @property
    def now(self) -> datetime:
        """The moment on stage."""
        return self.clock()

    def until(self, at: datetime) -> None:
        """Let time pass up to *at*, if it lies ahead."""
        self.clock.advance(max(at - self.now, timedelta(0)))

    def new(self, kind: type[IdT]) -> IdT:
        """A fresh id of *kind*."""
        return kind.of(self.portal.new_id())

    def do(self, person: Anybody | None, command: Command) -> str:
        """Let *person*, or the command line, do *command*; the reason. Raises as `Portal.do`."""
        actor = self.portal.system_actor(self.practice_id) if person is None else self.actor(person)
        return self.portal.do(command, actor=actor).reason

    def tried(self, person: Anybody, command: Command) -> str:
        """The code that *person* hears when they try *command*, done or refused."""
        try:
            return self.do(person, command)
        except ClientPortalError as error:
            return error.code

    def look(self, person: Anybody, view: View[T]) -> T:
        """What *person* sees. Raises as `Portal.look`."""
        return self.portal.look(view, actor=self.actor(person))

    def hidden(self, person: Anybody, view: View[T]) -> str | None:
        """The code with which *person* is refused *view*, or None if they see it."""
        try:
            self.look(person, view)
        except ClientPortalError as error:
            return error.code
        return None

    def deliver(self) -> int:
        """Let the relay run once."""
        return self.relay.deliver(self.practice_id)

    def links_to(self, person: Anybody) -> list[str]:
        """The links in the mails to the address of *person*, the latest last."""
        from email import message_from_bytes, policy

        found: list[str] = []
        new = set(self.mail.glob("*.eml")) - self.before
        for path in sorted(new, key=lambda each: each.stat().st_mtime_ns):
            message = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = message.get_body(("plain",))
            link = _LINK.search(body.get_content() if body else "")
            if message["To"] == person.email and link is not None:
                found.append(link[1])
        return found

    def holder(self, person: Anybody) -> Actor:
        """Whoever holds the link in the latest mail to *person*. Raises `RefusedError`."""
        link = self.links_to(person)[-1:]
        return self.portal.visitor(self.practice_id, link=link[0] if link else "")

    def accept(self, person: Anybody) -> str:
        """Let *person* make an account by the link in their mail. Raises as `Portal.do`."""
        password = self._passwords.setdefault(person.id, self.new_secret())
        command = AcceptInvite(account_id=self.new(AccountId), password=password)
        return self.portal.do(command, actor=self.holder(person)).reason

    def sign_in(self, person: Anybody) -> str:
        """Let *person* sign in. Raises `UnauthenticatedError`."""
        token = self.new_secret()
        command = SignIn(
            session_id=self.new(SessionId),
            email=person.email,
            password=self._passwords.setdefault(person.id, self.new_secret()),
            token=token,
        )
        done = self.portal.do(command, actor=self.portal.visitor(self.practice_id))
        self._tokens[person.id] = token
        return done.reason

    def actor(self, person: Anybody) -> Actor:
        """*person*, signed in: by the session they have, else by a new one."""
        if person.id in self._tokens:
            with suppress(UnauthenticatedError):
                return self._by_session(person)
        self.sign_in(person)
        return self._by_session(person)

    def _by_session(self, person: Anybody) -> Actor:
        token = self._tokens[person.id].reveal()
        return self.portal.actor(token, practice_id=self.practice_id)


def set_up(stage: Stage) -> None:
    """Open the practice, let the staff in by their mails, add the clients and what is offered."""
    olive, sam = stage.cast.olive, stage.cast.sam
    stage.do(None, _practice(stage))
    stage.deliver()
    stage.accept(olive)
    staff = StaffMember(id=sam.id, name=sam.name, email=sam.email, permissions=_PRACTITIONER)
    stage.do(olive, AddStaffMember(staff=staff))
    stage.do(olive, InviteStaff(invite_id=stage.new(InviteId), staff_id=sam.id))
    stage.deliver()
    stage.accept(sam)
    service = Service(
        id=stage.cast.service, name="Talk", duration=50, buffer_after=10, modality=Modality.VIDEO
    )
    stage.do(olive, AddService(service=service))
    hours = tuple(Window(weekday=day, start=9 * 60, end=17 * 60) for day in range(5))
    stage.do(olive, SetAvailability(staff_id=olive.id, weekly=hours))
    for person, born in ((stage.cast.ann, date(1990, 4, 2)), (stage.cast.ben, date(1985, 9, 30))):
        command = AddClient(client=_client(person, born), invite_id=stage.new(InviteId))
        stage.do(olive, command)


def _client(person: Person[ClientId], born: date) -> Client:
    given_name, _, family_name = person.name.partition(" ")
    return Client(
        id=person.id,
        given_name=given_name,
        family_name=family_name,
        email=person.email,
        birth_date=born,
    )


def _practice(stage: Stage) -> OpenPractice:
    olive = stage.cast.olive
    return OpenPractice(
        practice_id=stage.practice_id,
        practice_name="Riverside",
        timezone=TIMEZONE,
        owner_id=olive.id,
        owner_name=olive.name,
        owner_email=olive.email,
        invite_id=stage.new(InviteId),
    )
