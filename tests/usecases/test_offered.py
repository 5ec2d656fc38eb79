"""What is offered is what can be booked, in worlds at random (APT-3, G5).

A world follows from its lots: rules, windows, exceptions, appointments of every state, overbooked
ones, lapsed requests, holds that live or have expired, one's own among them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import pytest
from attrs import define, evolve, field
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientportal.domain.accounts import Access, Account
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Availability, Exceptional, Service, Window
from clientportal.domain.buffers import Buffers
from clientportal.domain.holds import Hold
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    HoldId,
    PracticeId,
    ServiceId,
    StaffId,
)
from clientportal.domain.moments import Interval
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import (
    BookingRules,
    BufferRule,
    MessagingPolicy,
    PolicySince,
    Practice,
)
from clientportal.embedded.memory import MemoryStorage
from clientportal.embedded.room import Room
from clientportal.flows import Change, State, run
from clientportal.receipts import Commit
from clientportal.testing.builders import MONDAY
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.booking import SeeWhyNot
from clientportal.usecases.command import Context
from clientportal.usecases.holds import HoldSlot
from clientportal.usecases.slots import SeeSlots

MINUTE: Final = timedelta(minutes=1)
DAY: Final = 24 * 60
P, ANN, PIA = PracticeId("prc_1"), ClientId("cli_0"), StaffId("stf_0")
ANNS: Final = Actor(practice_id=P, capacity=Capacity.CLIENT, client_id=ANN)
CLIENTS, STAFF, SERVICES = 3, 2, 2
#: Starts tried in a world, and worlds: by default, in CI, and soaked (10^5 starts).
STARTS, DEFAULT, CI, SOAK = 100, 25, 200, 1000


@define
class Drawn:
    """A world on memory, and its lots."""

    lots: Any
    now: datetime = MONDAY
    storage: MemoryStorage = field(factory=MemoryStorage, init=False)

    def __attrs_post_init__(self) -> None:
        """Drawn from the lots alone; what cannot be had beside what is there is left out."""
        first = (*self._rules(), *self._people())
        assert self._put(*first) is None
        for each in self._time():
            self._put(each)

    def _put(self, *states: State) -> Any:
        with self.storage.open(P) as work:
            return work.commit(Commit((Change(None, states, made=states),)))

    def _one(self, *choices: Any) -> Any:
        return choices[self.lots.randrange(len(choices))]

    def _rules(self) -> Iterator[State]:
        rules = BookingRules(
            auto_accept=self._one(True, False),
            min_notice=self._one(0, 0, 0, 90, DAY) * MINUTE,
            horizon_months=self._one(12, 1),
            upcoming_limit=self._one(None, None, 4, 2),
            upcoming_limit_per_service=self._one(None, None, 2),
            buffers=self._one(*BufferRule),
        )
        since = (PolicySince(MessagingPolicy.REPLY_ONLY, MONDAY),)
        zone = self._one("UTC", "Europe/Madrid", "America/New_York")
        yield Practice(id=P, name="Riverside", policies=since, timezone=zone, booking=rules)
        for n in range(SERVICES):
            yield Service(
                id=ServiceId(f"svc_{n}"),
                name="Talk",
                duration=self._one(20, 50, 60, 95),
                buffer_before=self._one(0, 0, 5, 15),
                buffer_after=self._one(0, 0, 10, 30),
                step=self._one(5, 5, 15, None),
                from_midnight=self._one(False, True),
                is_bookable_online=n > 0 or self.lots.randrange(12) > 0,
            )

    def _people(self) -> Iterator[State]:
        for n in range(STAFF):
            yield StaffMember(id=StaffId(f"stf_{n}"), name="Pia")
            day = self.now.date() + timedelta(days=self.lots.randrange(3))
            closed = Exceptional(day=day, windows=self._one((), ((600, 700),)))
            ends = self._one(0, 0, 0, 17 * 60 + 7)
            starts = self._one(0, 0, 0, 8 * 60 + 5)
            yield Availability(
                practice_id=P,
                staff_id=StaffId(f"stf_{n}"),
                weekly=tuple(Window(weekday=w, start=starts, end=ends) for w in range(7)),
                exceptions=self._one(None, (closed,)),
            )
        for n in range(CLIENTS):
            yield Client(id=ClientId(f"cli_{n}"), given_name="Ann")
        yield Account(id=AccountId("acc_0"), email="ann@example.org", password="$argon2id$")
        yield Access(client_id=ANN, account_id=AccountId("acc_0"), since=MONDAY)

    def _time(self) -> Iterator[State]:
        for n in range(self._one(5, 15, 40)):
            yield Appointment(
                id=AppointmentId(f"apt_{n}"),
                status=self._one(*AppointmentStatus, *[AppointmentStatus.BOOKED] * 6),
                is_overbooked=self._one(False, False, False, True),
                made_at=MONDAY,
                **self._meeting(),
            )
        for n in range(self._one(0, 6, 12)):
            left = self._one(-5, 0, 5) * MINUTE
            hold_id, gone = HoldId(f"hld_{n}"), self._one(False, False, True)
            yield Hold(id=hold_id, expires_at=self.now + left, is_released=gone, **self._meeting())

    def _meeting(self) -> dict[str, Any]:
        start = self.now + self._one(-60, -30, *range(0, 2 * DAY, 35)) * MINUTE
        before, after = self._one(0, 5, 15), self._one(0, 10, 30)
        return {
            "client_id": ClientId(f"cli_{self.lots.randrange(CLIENTS)}"),
            "staff_id": StaffId(f"stf_{self.lots.randrange(STAFF)}"),
            "service_id": ServiceId(f"svc_{self.lots.randrange(SERVICES)}"),
            "interval": Interval(start, start + self._one(20, 50, 90) * MINUTE),
            "buffers": Buffers(before=before, after=after, rule=self._one(*BufferRule)),
        }

    def heard(self, what: Any) -> Any:
        """What Ann hears, without a record of it."""
        with self.storage.open(P) as work:
            return run(what.flow(Context(actor=ANNS, now=self.now)), work.read)

    def offered(self, view: SeeSlots) -> set[tuple[datetime, StaffId]]:
        """All that Ann is offered, page by page."""
        seen: set[tuple[datetime, StaffId]] = set()
        while page := self.heard(view).value:
            seen |= {(slot.interval.start, slot.staff_id) for slot in page}
            view = evolve(view, after=max(seen))
        return seen

    def taken(self, command: Any) -> Any:
        """What storage makes of *command*, which is allowed, in a copy of the world."""
        room = self.storage.rooms[P]
        copy = MemoryStorage(rooms={P: Room(rows=dict(room.rows), claims=dict(room.claims))})
        with copy.open(P) as work:
            outcome = run(command.flow(Context(actor=ANNS, now=self.now)), work.read)
            return work.commit(Commit(outcome.changes))


def check(lots: Any) -> int:
    """That offered, bookable, holdable and no reason why not are one; how many could be booked."""
    world = Drawn(lots)
    of = {"client_id": ANN, "staff_id": PIA, "service_id": ServiceId("svc_0")}
    view = SeeSlots(**of, start=world.now - 60 * MINUTE, days=2)
    of_anybody = world.offered(evolve(view, staff_id=None))
    offered = {start for start, _ in world.offered(view)}
    assert {start for start, staff_id in of_anybody if staff_id == PIA} == offered
    tried = sorted(offered)[: STARTS // 3]
    while len(tried) < STARTS:
        tried.append(world.now + lots.randrange(-12, 2 * DAY // 5 - 12) * 5 * MINUTE)
    free = []
    for start in tried:
        command = BookAppointment(**of, appointment_id=AppointmentId("apt_new"), start=start)
        keeping = HoldSlot(**of, hold_id=HoldId("hld_new"), start=start)
        booked, held = world.heard(command), world.heard(keeping)
        why = world.heard(SeeWhyNot(**of, start=start)).value
        answers = (start in offered, bool(booked.decision), bool(held.decision))
        assert answers == (bool(why.decision),) * 3, (start, why)
        assert why.decision == booked.decision
        assert why.blocking == ()
        if answers[0]:
            assert why.obstacle is None
            assert world.taken(command) is world.taken(keeping) is None, start  # storage agrees
            free.append(start)
    return len(free)


@pytest.mark.parametrize(
    "worlds",
    [
        range(DEFAULT),
        pytest.param(range(CI), marks=pytest.mark.ci),
        pytest.param(range(SOAK), marks=pytest.mark.soak),
    ],
    ids=len,
)
def test_what_is_offered_can_be_booked(worlds: range) -> None:
    """APT-3: offered is bookable, holdable, and without a reason why not, start by start."""
    free = sum(check(Random(seed)) for seed in worlds)
    tried = STARTS * len(worlds)
    assert tried / 10 < free < tried * 9 / 10  # both answers are common


@settings(max_examples=10, deadline=None, suppress_health_check=[*HealthCheck])
@given(st.randoms(use_true_random=False))
def test_the_same_where_a_counterexample_shrinks(lots: Any) -> None:
    """APT-3: the same check over lots that hypothesis makes smaller where it fails."""
    check(lots)
