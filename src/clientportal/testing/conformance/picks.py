"""What the machine draws: ids that live and ids that do not, people, moments that matter."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from attrs import define, field, frozen

from clientportal.domain.accounts import Access, Account
from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment
from clientportal.domain.conversations import (
    REPLY_WITHIN,
    Conversation,
    Participant,
    Person,
    Side,
    side_of,
)
from clientportal.domain.ids import ClientId, Id, StaffId
from clientportal.domain.invites import Invite
from clientportal.domain.moments import Moment
from clientportal.domain.people import Client, StaffMember
from clientportal.embedded.memory import MemoryStorage
from clientportal.embedded.room import Room
from clientportal.testing.builders import World
from clientportal.testing.cast import ANN, BEN, OWNER, PRACTITIONER, dora
from clientportal.usecases.command import Command

T = TypeVar("T")
I = TypeVar("I", bound=Id)  # noqa: E741 - an id

HOURS: Final = (1, 2, 3, 11, 12, 13, 20, 24, 30, 47, 170, -1, 9000)
TEXTS: Final = (
    "Hello.",
    "Bonjour \u00e9\u00e8",
    "\u05e9\u05dc\u05d5\u05dd",
    "two\nlines",
    "'; --",
    "\U0001f600",
)


BIRTHS: Final = (None, date(1990, 2, 28), date(1980, 1, 1), date(2015, 6, 1), date(2008, 3, 3))


class Move(NamedTuple):
    """A *command*, who gives it, and from which network address."""

    command: Command
    actor: Actor
    origin: str | None = None


@define
class Lots:
    """Numbers that follow from one *seed*: a whole command for the price of one draw.

    Hypothesis draws the seed; a long play fits into one example, and is made short by leaving out
    commands.
    """

    seed: str
    _drawn: int = field(default=0, init=False)

    def below(self, most: int) -> int:
        """A number from 0 up to, not including, *most*."""
        self._drawn += 1
        digest = sha256(f"{self.seed} {self._drawn}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % most


@frozen
class Picks:
    """Draws from what lives in the reference *world*, so that most of what is tried can succeed."""

    lots: Lots
    world: World

    @property
    def room(self) -> Room:
        """What the reference stores."""
        storage = self.world.storage
        assert isinstance(storage, MemoryStorage)
        return storage.rooms[self.world.practice_id]

    def one(self, *among: T) -> T:
        """One of *among*."""
        return among[self.lots.below(len(among))]

    def some(self, *among: T) -> tuple[T, ...]:
        """Some of *among*, in their order, perhaps none."""
        return tuple(each for each in among if self.lots.below(2))

    def seldom(self, one_in: int = 8) -> bool:
        """Yes, once in so many times."""
        return self.lots.below(one_in) == 0

    def state(self, kind: type[T]) -> T | None:
        """One of the states of *kind* that there are, the youngest most likely."""
        found = self.room.all(kind)
        if not found:
            return None
        return found[-1] if self.seldom(3) else self.one(*found)

    def id(self, noun: type[I], kind: type[Any]) -> I:
        """The id of something that is there; now and then of nothing."""
        found = self.state(kind)
        return noun.of("none") if found is None or self.seldom(24) else noun(found.id)

    def fresh(self, noun: type[I], kind: type[Any]) -> I:
        """An id that nothing has yet; now and then one that is used."""
        found = self.room.all(kind)
        if found and self.seldom(16):
            return noun(self.one(*found).id)
        return noun.of(f"n{len(found):03}")

    def text(self) -> str:
        """Something to write."""
        return self.one(*TEXTS)

    def client_id(self) -> ClientId:
        """A client, as a rule one who has an account."""
        return self.one(ANN, BEN, self.id(ClientId, Client))

    def staff_id(self) -> StaffId:
        """A staff member."""
        return self.id(StaffId, StaffMember)

    def of_client(self, client_id: ClientId) -> Actor:
        """The client themself, as their own account, or their proxy."""
        accesses = [e for e in self.room.all(Access) if e.client_id == client_id]
        if not accesses or self.seldom(8):
            return self.world.client(client_id)
        access = self.one(*accesses)
        if access.relationship_id is not None:
            return self.world.proxy(client_id, access.account_id, access.relationship_id)
        return self.world.client(client_id)

    def by_staff(self) -> Actor:
        """A staff member, mostly one who may do most."""
        member = self.one(OWNER, OWNER, OWNER, PRACTITIONER, None)
        return self.world.staff(member or self.staff_id())

    def owner(self) -> Actor:
        """The owner, as a rule."""
        owner = self.world.staff(OWNER)
        return self.one(owner, owner, self.anybody())

    def anybody(self, client_id: ClientId | None = None) -> Actor:
        """Staff as a rule, else who the record is about, someone else, the system or a visitor."""
        who = self.one(*"ssssssccoyv")
        if who == "c" and client_id is not None:
            return self.of_client(client_id)
        others = {"o": dora(self.world), "y": self.world.system(), "v": self.world.visitor()}
        return others.get(who) or self.by_staff()

    def writer(self, conversation: Conversation | None) -> Actor:
        """Somebody who takes part in *conversation*, as a rule."""
        if conversation is None or self.seldom(10):
            return self.anybody()
        entries = [e for e in self.room.all(Participant) if e.conversation_id == conversation.id]
        people = [each.person for each in entries]
        waited_for = [each for each in people if side_of(each) is not Side.STAFF]
        if waited_for and conversation.waiting_since is not None and not self.seldom(3):
            return self.as_person(self.one(*waited_for))
        return self.as_person(self.one(*people))

    def conversation(self) -> Conversation | None:
        """One of those there are, often one that waits for an answer that may yet come."""
        since = self.world.clock.at - REPLY_WITHIN
        waits = [e for e in self.room.all(Conversation) if (e.waiting_since or since) > since]
        return self.one(*waits) if waits and not self.seldom(3) else self.state(Conversation)

    def as_person(self, person: Person) -> Actor:
        """The actor who takes part as *person*."""
        if isinstance(person, StaffId):
            return self.world.staff(person)
        if isinstance(person, ClientId):
            return self.world.client(person)
        through = [e for e in self.room.all(Access) if e.relationship_id == person]
        if not through:
            return self.anybody()
        return self.world.proxy(through[0].client_id, through[0].account_id, person)

    def client_in(self, conversation: Conversation) -> ClientId | None:
        """A client who takes part in *conversation*, or did."""
        entries = (e for e in self.room.all(Participant) if e.conversation_id == conversation.id)
        found = [each.person for each in entries if isinstance(each.person, ClientId)]
        return self.one(*found) if found else None

    def start(self) -> Moment:
        """When a meeting could begin: on the hour soon, or beside one that is there."""
        near = self.state(Appointment)
        if near is not None and self.seldom(2):
            return near.interval.start + timedelta(minutes=self.one(*range(-90, 91, 5)))
        hour = self.world.clock.at.replace(minute=0, second=0, microsecond=0)
        return hour + timedelta(hours=self.one(*HOURS), minutes=self.one(0, 0, 30, 45, 7))

    def holder(self, invite: Invite | None) -> Actor:
        """Who holds a link of *invite*: of its generation as a rule, perhaps signed in."""
        if invite is None or self.seldom(16):
            return self.world.visitor()
        generation = invite.generation + self.one(0, 0, 0, 0, 0, 0, -1, 1)
        known = [e.id for e in self.room.all(Account) if e.email.lower() == invite.email.lower()]
        account_id = self.one(*known) if known and not self.seldom(4) else None
        return self.world.visitor(invite.id, generation, account_id=account_id)


Draw: TypeAlias = Callable[[Picks], Move]
