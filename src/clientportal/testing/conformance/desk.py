"""A desk at a storage: plain states are committed and read, without any use case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from attrs import define, evolve, field
from hypothesis import HealthCheck

from clientportal.domain.accounts import Account
from clientportal.domain.appointments import Appointment, AppointmentStatus, Buffers
from clientportal.domain.availability import Service
from clientportal.domain.claims import Exclusive
from clientportal.domain.holds import Hold
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    EntryId,
    HoldId,
    PracticeId,
    ServiceId,
    StaffId,
)
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import DEFAULT_POLICY, PolicySince, Practice
from clientportal.flows import Change, Need, State
from clientportal.ports.storage import Storage, UnitOfWork
from clientportal.receipts import Commit, Entry, Published, Receipt, Result

#: Prose that storages get wrong: letters, a joined emoji, a quote, text from right to left.
TEXT: Final = "na\u00efve \U0001f9d1\u200d\U0001f4bb '; drop \u05e9\u05dc\u05d5\u05dd"
AT: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
#: A long play on a slow disk is no fault of a storage.
EVERY_CHECK: Final[tuple[HealthCheck, ...]] = (
    HealthCheck.data_too_large,
    HealthCheck.differing_executors,
    HealthCheck.filter_too_much,
    HealthCheck.function_scoped_fixture,
    HealthCheck.large_base_example,
    HealthCheck.too_slow,
)
NO_BUFFERS: Final = Buffers()
PRACTICE, OTHER = PracticeId("prc_1"), PracticeId("prc_2")
ANN, BEN = ClientId("cli_1"), ClientId("cli_2")
PIA, ROB = StaffId("stf_1"), StaffId("stf_2")
TALK, LOGIN = ServiceId("svc_1"), AccountId("acc_1")


def practice(practice_id: PracticeId) -> Practice:
    """A practice."""
    policies = (PolicySince(DEFAULT_POLICY, AT),)
    return Practice(id=practice_id, name="Riverside", policies=policies)


def client(client_id: ClientId, **fields: Any) -> Client:
    """A client."""
    return Client(id=client_id, given_name="Ann", birth_date=date(1990, 1, 1), **fields)


def account(account_id: AccountId, email: str, **fields: Any) -> Account:
    """An account."""
    return Account(id=account_id, email=email, password="x", **fields)


def meeting(
    tail: str, start: Moment, minutes: int, *, buffers: Buffers = NO_BUFFERS, **fields: Any
) -> Appointment:
    """A booked appointment of Ann with Pia, unless *fields* say otherwise."""
    whole = {"client_id": ANN, "staff_id": PIA, "status": AppointmentStatus.BOOKED, **fields}
    return Appointment(
        id=AppointmentId.of(tail),
        service_id=TALK,
        interval=Interval(start, start + timedelta(minutes=minutes)),
        buffers=buffers,
        made_at=AT,
        **whole,
    )


def hold_of(meeting: Appointment) -> Hold:
    """A hold of the time of *meeting*, released."""
    return Hold(
        id=HoldId.of("of-a-meeting"),
        client_id=meeting.client_id,
        staff_id=meeting.staff_id,
        service_id=meeting.service_id,
        interval=meeting.interval,
        buffers=meeting.buffers,
        expires_at=meeting.made_at,
        is_released=True,
    )


def minutes_of(claims: Iterable[Exclusive]) -> set[tuple[str, int, int, Moment]]:
    """Every single minute that *claims* hold, by resource, lane and seat: the plain meaning."""
    out = set()
    for claim in claims:
        at = claim.interval.start
        while at < claim.interval.end:
            out.add((claim.resource, claim.lane, claim.seat, at))
            at += timedelta(minutes=1)
    return out


@define
class Desk:
    """One practice of a storage, and commits to it that count their records."""

    storage: Storage
    practice_id: PracticeId = PRACTICE
    _count: int = field(default=0, init=False)

    @classmethod
    def at(cls, storage: Storage, practice_id: PracticeId = PRACTICE) -> Desk:
        """A desk at a practice with two clients, two staff members, a service and an account."""
        desk = cls(storage, practice_id)
        people = (
            client(ANN),
            client(BEN),
            StaffMember(id=PIA, name="Pia"),
            StaffMember(id=ROB, name="Rob"),
        )
        service = Service(id=TALK, name="Talk", duration=50)
        login = account(LOGIN, "ann@example.org")
        assert desk.put(practice(practice_id), *people, service, login) is None
        return desk

    def entry(self, *, allowed: bool = True, key: str | None = None, text: str = "f") -> Entry:
        """The next record."""
        self._count += 1
        return Entry(
            id=EntryId.of(f"{self._count:06}"),
            practice_id=self.practice_id,
            at=AT + timedelta(seconds=self._count),
            who=PIA,
            capacity="staff",
            name="contract",
            about=ANN,
            allowed=allowed,
            reason="because",
            key=key,
            fingerprint=None if key is None else text,
        )

    def commit(self, *states: State, events: tuple[str, ...] = (), **entry: Any) -> Commit:
        """A commit of *states*, which publishes *events*."""
        published = tuple(Published(name=name, body=f'{{"of":"{name}"}}') for name in events)
        receipt = Receipt(reason="because", events=published)
        changes = (Change(None, states),) if states else ()
        return Commit(changes, self.entry(**entry), receipt)

    def put(self, *states: State, seen: tuple[Need[Any], ...] = (), **more: Any) -> Result:
        """Commit *states* in a unit of work that has read *seen*."""
        with self.storage.open(self.practice_id) as work:
            if seen:
                work.read(seen)
            return work.commit(self.commit(*states, **more))

    def change(self, state: Any, **fields: Any) -> Result:
        """Commit *state* once more, with other *fields*, by who has just read it."""
        from clientportal.flows import Get

        seen = (Get(type(state), state.id),)
        return self.put(evolve(state, **fields), seen=seen)

    def ask(self, need: Need[Any]) -> Any:
        """What the storage answers."""
        with self.storage.open(self.practice_id) as work:
            return work.read((need,))[0]

    def recall(self, key: str) -> Any:
        """What was committed under a key."""
        with self.storage.open(self.practice_id) as work:
            return work.recall(key)

    def open(self) -> Any:
        """A unit of work."""
        return self.storage.open(self.practice_id)


def reread(work: UnitOfWork, *needs: Need[Any]) -> Any:
    """What *work* reads."""
    return work.read(needs)[0]
