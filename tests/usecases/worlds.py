"""Worlds at random for messaging, committed to storage as they are: cheap, and odd ones too.

A world follows from its seed. *names* renames every id, *turned* commits in another order; neither
may change an answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final, TypeVar

from attrs import define, evolve, field

from clientportal.domain.accounts import Access, Account
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ContactId,
    ConversationId,
    Id,
    MessageId,
    PracticeId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.messages import Message, Reading
from clientportal.domain.people import (
    Assignment,
    Client,
    ClientStatus,
    Permissions,
    Reach,
    StaffMember,
    StaffStatus,
)
from clientportal.domain.practices import (
    AnyPolicy,
    MessagingPolicy,
    PolicySince,
    Practice,
    UnknownPolicy,
)
from clientportal.domain.relationships import Contact, Relationship, Scope
from clientportal.flows import Change, State
from clientportal.ports.storage import Storage
from clientportal.receipts import Commit
from clientportal.testing.builders import MONDAY

I = TypeVar("I", bound=Id)  # noqa: E741 - an id

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
LIMIT: Final = 48 * HOUR
#: How long ago things were: about the moments that matter, and at random.
AGO: Final = (LIMIT - TICK, LIMIT, LIMIT + TICK, HOUR, 47 * HOUR, 60 * HOUR, 200 * HOUR)
POLICIES: Final[tuple[AnyPolicy, ...]] = (*MessagingPolicy, UnknownPolicy("v9"))
STAFF, CLIENTS, PROXIES, TALKS = 4, 3, 2, 6


@define
class Drawn:
    """A world: its states, and who may ask in it."""

    seed: int
    names: Callable[[int], str] = str
    turned: bool = False
    practice_id: PracticeId = field(init=False)
    rng: Random = field(init=False, repr=False)
    states: list[State] = field(factory=list, init=False, repr=False)

    def __attrs_post_init__(self) -> None:
        """Drawn from the seed alone."""
        self.rng = Random(self.seed)
        self.practice_id = PracticeId(f"prc_{self.seed}")
        for states in (self._practice(), self._people(), self._bonds(), self._talks()):
            self.states += states

    def id(self, kind: type[I], number: int) -> I:
        """The id of the so manieth of a *kind*."""
        return kind.of(self.names(number))

    def put(self, storage: Storage) -> None:
        """Commit it as one; owners stand with their members."""
        states = tuple(reversed(self.states) if self.turned else self.states)
        with storage.open(self.practice_id) as work:
            result = work.commit(Commit((Change(None, states, made=states),)))
        assert result is None, result

    def actors(self) -> Iterator[Actor]:
        """Every member of staff, client and proxy."""
        named = {"practice_id": self.practice_id}
        for n in range(STAFF):
            yield Actor(**named, capacity=Capacity.STAFF, staff_id=self.id(StaffId, n))
        for n in range(CLIENTS):
            yield Actor(**named, capacity=Capacity.CLIENT, client_id=self.id(ClientId, n))
        for n in range(PROXIES):
            yield Actor(
                **named,
                capacity=Capacity.PROXY,
                client_id=self.id(ClientId, n),
                account_id=self.id(AccountId, 10 + n),
                relationship_id=self.id(RelationshipId, n),
            )

    def _chance(self, share: float) -> bool:
        return self.rng.random() < share

    def _ago(self) -> datetime:
        if self._chance(0.7):
            return MONDAY - self.rng.choice(AGO)
        return MONDAY - timedelta(microseconds=self.rng.randrange(1, 300 * 3_600_000_000))

    def _practice(self) -> Iterator[State]:
        since = sorted({MONDAY - 900 * HOUR, *(self._ago() for _ in range(self.rng.randrange(4)))})
        history = tuple(PolicySince(self.rng.choice(POLICIES), at) for at in since)
        yield Practice(id=self.practice_id, name="Riverside", policies=history)

    def _people(self) -> Iterator[State]:
        reaches = (Reach.EVERYTHING, Reach.EVERYTHING, Reach.ASSIGNED, Reach.ASSIGNED, Reach.NONE)
        for n in range(STAFF):
            permissions = Permissions(
                view_clients=self.rng.choice(reaches), practice_settings=self._chance(0.3)
            )
            yield StaffMember(
                id=self.id(StaffId, n),
                name=f"Staff {n}",
                permissions=permissions,
                takes_messages=self._chance(0.8),
                status=StaffStatus.ACTIVE if self._chance(0.85) else StaffStatus.LEFT,
            )
        for n in range(CLIENTS):
            status = ClientStatus.ACTIVE if self._chance(0.85) else ClientStatus.ARCHIVED
            yield Client(id=self.id(ClientId, n), given_name=f"Client {n}", status=status)
            if self._chance(0.9):
                yield from self._access(n, n, None)
            yield from self._roster(n)

    def _roster(self, client: int) -> Iterator[State]:
        for n in range(STAFF):
            if self._chance(0.4):
                yield Assignment(
                    client_id=self.id(ClientId, client),
                    staff_id=self.id(StaffId, n),
                    since=MONDAY - 300 * HOUR,
                    until=MONDAY - HOUR if self._chance(0.3) else None,
                )

    def _access(self, client: int, account: int, bond: int | None) -> Iterator[State]:
        account_id = self.id(AccountId, account)
        yield Account(id=account_id, email=f"{account}@example.org", password="$argon2id$")
        yield Access(
            client_id=self.id(ClientId, client),
            account_id=account_id,
            relationship_id=None if bond is None else self.id(RelationshipId, bond),
            since=MONDAY - 400 * HOUR,
            ended_at=MONDAY - HOUR if self._chance(0.1) else None,
        )

    def _bonds(self) -> Iterator[State]:
        """The first clients have a proxy each."""
        scopes = (frozenset(Scope), frozenset({Scope.MESSAGES}), frozenset({Scope.JOIN}))
        for n in range(PROXIES):
            yield Contact(id=self.id(ContactId, n), name=f"Contact {n}")
            yield Relationship(
                id=self.id(RelationshipId, n),
                client_id=self.id(ClientId, n),
                person=self.id(ContactId, n),
                kind="parent",
                scopes=self.rng.choice(scopes),
                since=MONDAY - 400 * HOUR,
                until=MONDAY - HOUR if self._chance(0.15) else None,
            )
            if self._chance(0.9):
                yield from self._access(n, 10 + n, n)

    def _talks(self) -> Iterator[State]:
        for n in range(TALKS):
            among = self._chance(0.15)
            least = 0 if among else 1
            clients = () if among else self.rng.sample(range(CLIENTS), self.rng.choice((1, 1, 2)))
            staff = self.rng.sample(range(STAFF), self.rng.choice((1, 2, 3)) + 1 - least)
            closed = self._ago() if self._chance(0.2) else None
            talk = Conversation(
                id=self.id(ConversationId, n),
                last_sequence=self.rng.randrange(1, 4),
                last_at=self._ago(),
                is_staff_initiated=among or self._chance(0.7),
                waiting_since=None if among or self._chance(0.3) else self._ago(),
                closed_at=closed,
                is_locked=closed is not None and self._chance(0.5),
                is_among_staff=among,
                is_closed_to_proxies=self._chance(0.15),
            )
            yield talk
            yield from self._members(talk, list(clients), staff)
            yield from self._messages(talk, n, staff[0])

    def _members(self, talk: Conversation, clients: list[int], staff: list[int]) -> Iterator[State]:
        proxies = [n for n in clients if n < PROXIES and self._chance(0.7)]
        people = (
            *(self.id(ClientId, n) for n in clients),
            *(self.id(StaffId, n) for n in staff),
            *(self.id(RelationshipId, n) for n in proxies if not talk.is_closed_to_proxies),
        )
        bonds = {self.id(ClientId, n): self.id(RelationshipId, n) for n in proxies}
        gone: set[Id] = set()  # with a client go those who act for them
        for person in people:
            entry = Participant(conversation_id=talk.id, person=person, since=MONDAY - 300 * HOUR)
            if isinstance(person, RelationshipId):
                entry = evolve(entry, from_sequence=self.rng.randrange(talk.last_sequence + 1))
            if self._chance(0.12) or person in gone:
                upto = self.rng.randrange(entry.from_sequence, talk.last_sequence + 1)
                entry = evolve(entry, until=MONDAY - HOUR, until_sequence=upto)
                gone |= {bonds.get(person, person)}
            yield entry
            if self._chance(0.8):
                read = self.rng.randrange(talk.last_sequence + 1)
                yield Reading(conversation_id=talk.id, person=person, sequence=read)

    def _messages(self, talk: Conversation, number: int, author: int) -> Iterator[State]:
        for sequence in range(1, talk.last_sequence + 1):
            yield Message(
                id=self.id(MessageId, 10 * number + sequence),
                conversation_id=talk.id,
                sequence=sequence,
                author=self.id(StaffId, author),
                text=f"Word {sequence}",
                at=talk.last_at,
            )

    def states_of(self, kind: type[Any]) -> list[Any]:
        """The states of a *kind*."""
        return [each for each in self.states if isinstance(each, kind)]
