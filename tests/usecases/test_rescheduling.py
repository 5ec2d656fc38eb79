"""The life of one appointment: moved, confirmed, attended, restored (APT-6 to APT-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import combinations, product
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clientportal.domain.appointments import HOLDING, Appointment, AppointmentStatus
from clientportal.domain.ids import AppointmentId
from clientportal.domain.moments import Interval
from clientportal.domain.practices import BookingRules, CancelTerms, MoveTerms, Outside
from clientportal.policies.joining import Door
from clientportal.testing.builders import Answered, Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    MEETING,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    TALK,
    dora,
    populate,
)
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.attendance import (
    ConfirmAppointment,
    FulfilAppointment,
    MarkNoShow,
    UndoFulfilment,
    UndoNoShow,
)
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.joining import EnterWaitingRoom, SeeMeeting, StartMeeting
from clientportal.usecases.practices import ChangePractice
from clientportal.usecases.rescheduling import (
    RescheduleAppointment,
    RestoreAppointment,
    SeeTimesToMove,
)
from clientportal_sql.storage import SqlStorage

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
INSTANT: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)
MINE: Final = AppointmentId("apt_9")
TAKEN: Final = Denied("RefusedError", "slot_taken")


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The cast, in memory and in SQLite."""
    if request.param == "memory":
        yield populate(World())
        return
    storage = SqlStorage.at(tmp_path / "life.db")
    storage.create()
    yield populate(World(storage))
    storage.close()


def refused(code: str) -> Denied:
    """A refusal with its code."""
    return Denied("RefusedError", code)


def ruled(world: World, **rules: Any) -> None:
    """The practice books by these rules from now on."""
    world.done(ChangePractice(booking=BookingRules(**rules)), world.staff(OWNER))


def booked(world: World, ahead: timedelta, *, number: int = 9, **given: Any) -> AppointmentId:
    """Ann's talk with Pia, so long after now, made by Pia unless *by* says otherwise."""
    by = given.pop("by", world.staff(PRACTITIONER))
    appointment_id = AppointmentId(f"apt_{number}")
    fields = {"client_id": ANN, "staff_id": PRACTITIONER, "service_id": TALK, **given}
    start = world.clock.at + ahead
    world.done(BookAppointment(appointment_id=appointment_id, start=start, **fields), by)
    return appointment_id


def found(world: World, appointment_id: AppointmentId = MINE) -> Appointment:
    """An appointment as it is stored, as the owner sees it."""
    for client_id in (ANN, BEN, CAT):
        board = world.look(SeeDashboard(client_id=client_id), world.staff(OWNER))
        for each in (*board.upcoming, *board.past):  # type: ignore[union-attr] # the owner sees all
            if each.appointment.id == appointment_id:
                return each.appointment
    raise AssertionError(appointment_id)


def move(
    world: World, start: Any, who: Any = None, appointment_id: AppointmentId = MINE
) -> Answered:
    """Move it, as Ann unless *who* says otherwise."""
    command = RescheduleAppointment(appointment_id=appointment_id, start=start)
    return world.do(command, who or world.client(ANN))


def test_a_move_under_auto_accept(world: World) -> None:
    """APT-9: one step: same id, next sequence, former time kept and free, confirmation void."""
    ruled(world, auto_accept=True)
    booked(world, 3 * DAY)
    world.done(ConfirmAppointment(appointment_id=MINE), world.client(ANN))
    before = found(world)
    assert before.confirmed_at == world.clock.at
    world.pass_time(HOUR)
    receipt: Any = move(world, before.interval.start + DAY)
    assert (receipt.reason, [e.name for e in receipt.events]) == ("may_move", ["appointment.moved"])
    after = found(world)
    assert after == evolve(
        before,
        interval=Interval(before.interval.start + DAY, before.interval.end + DAY),
        sequence=before.sequence + 1,
        moved_from=(before.interval,),
        moved_at=world.clock.at,
        confirmed_at=None,
    )
    assert world.done(
        BookAppointment(
            appointment_id=AppointmentId("apt_10"),
            client_id=BEN,
            staff_id=PRACTITIONER,
            service_id=TALK,
            start=before.interval.start,
        ),
        world.client(BEN),
    )


def test_a_clients_move_waits_for_staff(world: World) -> None:
    """APT-9: both times are held until it is accepted; then the old one is free."""
    booked(world, 3 * DAY)
    ann, pia, rob = world.client(ANN), world.staff(PRACTITIONER), world.staff(RECEPTION)
    old = found(world).interval
    new = Interval(old.start + DAY, old.end + DAY)
    receipt: Any = move(world, new.start)
    assert (receipt.reason, [e.name for e in receipt.events]) == (
        "may_ask_to_move",
        ["appointment.move_proposed"],
    )
    waiting = found(world)
    assert (waiting.interval, waiting.proposed, waiting.sequence) == (old, new, 0)
    assert waiting.status is AppointmentStatus.BOOKED
    for number, span in enumerate((old, new), start=20):
        bens = BookAppointment(
            appointment_id=AppointmentId(f"apt_{number}"),
            client_id=BEN,
            staff_id=PRACTITIONER,
            service_id=TALK,
            start=span.start,
        )
        assert world.do(bens, rob) == TAKEN
    assert world.do(AcceptAppointment(appointment_id=MINE), ann) == refused("staff_only")
    accepted = world.done(AcceptAppointment(appointment_id=MINE), pia)
    assert [e.name for e in accepted.events] == ["appointment.move_accepted"]
    moved = found(world)
    assert (moved.interval, moved.proposed, moved.sequence) == (new, None, 1)
    assert moved.moved_from == (old,)
    assert world.do(AcceptAppointment(appointment_id=MINE), pia) == refused("not_requested")
    booked(world, old.start - world.clock.at, number=30, client_id=BEN)


def test_declined_or_withdrawn_it_stays(world: World) -> None:
    """APT-9: declined, or no longer asked for, it stays at the old time; the other one is free."""
    booked(world, 3 * DAY)
    pia, before = world.staff(PRACTITIONER), found(world)
    new = before.interval.start + DAY
    assert not isinstance(move(world, new), Denied)
    again: Any = move(world, new)
    assert (again.reason, again.events) == ("move_already_waits", ())
    declined = world.done(DeclineAppointment(appointment_id=MINE), pia)
    assert [e.name for e in declined.events] == ["appointment.move_declined"]
    assert found(world) == before
    assert not isinstance(move(world, new), Denied)
    back: Any = move(world, before.interval.start)
    assert [e.name for e in back.events] == ["appointment.move_withdrawn"]
    assert found(world) == before
    stays: Any = move(world, before.interval.start)
    assert (stays.reason, stays.events) == ("already_at_that_time", ())
    booked(world, new - world.clock.at, number=30, client_id=BEN)


@pytest.mark.parametrize("minutes", [-60, -50, -30, -10, 10, 30, 50, 60])
def test_it_never_blocks_its_own_move(world: World, minutes: int) -> None:
    """APT-9, APT-7: over its own time, asked for, answered either way, and by staff."""
    booked(world, 3 * DAY)
    pia, old = world.staff(PRACTITIONER), found(world).interval
    new = old.start + minutes * MINUTE
    for answer in (DeclineAppointment, AcceptAppointment):
        assert not isinstance(move(world, new), Denied)
        between = BookAppointment(
            appointment_id=AppointmentId("apt_77"),
            client_id=BEN,
            staff_id=PRACTITIONER,
            service_id=MEETING,
            start=max(old.start, new) - 10 * MINUTE,
        )
        assert world.do(between, world.staff(OWNER)) == TAKEN
        world.done(answer(appointment_id=MINE), pia)
    assert found(world).interval.start == new
    assert not isinstance(move(world, old.start, pia), Denied)
    assert found(world).moved_from == (old, Interval(new, new + old.duration))
    world.done(CancelAppointment(appointment_id=MINE), pia)
    booked(world, old.start - world.clock.at, number=30, client_id=BEN)


def test_late_and_refused(world: World) -> None:
    """APT-8, APT-9: by the terms of the first booking, whatever is set since; the mark stays."""
    ruled(world, move=MoveTerms(notice=2 * DAY))
    booked(world, 3 * DAY)
    ruled(world, auto_accept=True, move=MoveTerms(notice=90 * DAY, outside=Outside.REFUSE))
    start = found(world).interval.start
    world.pass_time(start - world.clock.at - 2 * DAY + INSTANT)
    late: Any = move(world, start + DAY)
    assert (late.reason, found(world).is_moved_late) == ("may_move_late", True)
    again: Any = move(world, start + 9 * DAY)
    assert again.reason == "may_move"
    assert found(world).is_moved_late
    assert found(world).move_terms == MoveTerms(notice=2 * DAY)
    world.pass_time(MINUTE - INSTANT)
    booked(world, 20 * DAY, number=10)
    world.pass_time(HOUR)
    tenth = AppointmentId("apt_10")
    elsewhere = world.clock.at + 30 * DAY - HOUR
    assert move(world, elsewhere, None, tenth) == refused("too_late_to_move")
    assert not isinstance(move(world, elsewhere, world.staff(PRACTITIONER), tenth), Denied)
    assert not found(world, tenth).is_moved_late


def test_what_was_asked_for_late_is_moved_late_only_if_accepted(world: World) -> None:
    """APT-9: declined, nothing was late."""
    booked(world, DAY + HOUR)
    world.pass_time(2 * HOUR)
    pia, start = world.staff(PRACTITIONER), found(world).interval.start
    asked: Any = move(world, start + DAY)
    assert asked.reason == "may_ask_to_move_late"
    world.done(DeclineAppointment(appointment_id=MINE), pia)
    assert not found(world).is_moved_late
    move(world, start + DAY)
    world.done(AcceptAppointment(appointment_id=MINE), pia)
    assert found(world).is_moved_late


def test_a_move_that_waits_lapses(world: World) -> None:
    """APT-9: at the earlier of both starts; the old time stands, declining frees the other."""
    booked(world, 3 * DAY)
    pia, start = world.staff(PRACTITIONER), found(world).interval.start
    move(world, start - DAY)
    world.pass_time(start - DAY - world.clock.at)
    assert world.do(AcceptAppointment(appointment_id=MINE), pia) == refused("lapsed")
    world.done(DeclineAppointment(appointment_id=MINE), pia)
    move(world, start + DAY)
    world.pass_time(start - world.clock.at)
    assert world.do(AcceptAppointment(appointment_id=MINE), pia) == refused("lapsed")
    world.done(FulfilAppointment(appointment_id=MINE), pia)
    assert found(world).proposed is None
    booked(world, DAY, number=30, client_id=BEN)


def test_moving_kills_the_old_room(world: World) -> None:
    """APT-12: the door of a moved appointment is another one; asking for a move changes nothing."""
    booked(world, HOUR)
    ann, pia = world.client(ANN), world.staff(PRACTITIONER)
    world.pass_time(50 * MINUTE)
    start, see = found(world).interval.start, SeeMeeting(appointment_id=MINE)

    def link() -> Any:
        world.done(StartMeeting(appointment_id=MINE), pia)
        world.done(EnterWaitingRoom(appointment_id=MINE), ann)
        return world.look(see, ann).link

    room = link()
    assert room is not None
    move(world, start + 3 * HOUR)
    assert world.look(see, ann).link == room
    move(world, start + 10 * MINUTE, pia)
    assert found(world).proposed is None
    assert world.look(see, ann).door is Door.NOT_YET_OPEN
    world.pass_time(10 * MINUTE)
    assert link() not in (None, room)


def test_attendance_is_noted_and_taken_back(world: World) -> None:
    """APT-6, APT-13: by staff, after the start; both ways; nobody gets the time meanwhile."""
    booked(world, 3 * DAY)
    ann, pia = world.client(ANN), world.staff(PRACTITIONER)
    for kind in (FulfilAppointment, MarkNoShow):
        assert world.do(kind(appointment_id=MINE), pia) == refused("not_begun")
    world.pass_time(3 * DAY)
    before = found(world)
    for kind, undo, status, name in (
        (FulfilAppointment, UndoFulfilment, AppointmentStatus.FULFILLED, "fulfilled"),
        (MarkNoShow, UndoNoShow, AppointmentStatus.NO_SHOW, "missed"),
    ):
        assert world.do(kind(appointment_id=MINE), ann) == refused("staff_only")
        noted = world.done(kind(appointment_id=MINE), pia)
        assert [e.name for e in noted.events] == [f"appointment.{name}"]
        assert found(world).status is status
        world.pass_time(10 * MINUTE)
        late = BookAppointment(
            appointment_id=AppointmentId("apt_88"),
            client_id=BEN,
            staff_id=PRACTITIONER,
            service_id=MEETING,
            start=world.clock.at + MINUTE,
        )
        assert world.do(late, world.staff(OWNER)) == TAKEN
        for other in (kind, CancelAppointment):
            assert world.do(other(appointment_id=MINE), pia) == refused("not_booked")
        assert move(world, world.clock.at + DAY, pia) == refused("not_booked")
        back = world.done(undo(appointment_id=MINE), pia)
        assert [e.name for e in back.events] == ["appointment.reopened"]
        assert found(world) == before


def test_confirming(world: World) -> None:
    """APT-13: what staff made, once; a cancelled one is not confirmed; a proxy may, if granted."""
    booked(world, 3 * DAY)
    ann, confirm = world.client(ANN), ConfirmAppointment(appointment_id=MINE)
    world.done(confirm, ann)
    second = world.done(confirm, ann)
    assert (second.reason, second.events) == ("already_confirmed", ())
    assert found(world).sequence == 0
    world.done(CancelAppointment(appointment_id=MINE), ann)
    assert world.do(confirm, ann) == refused("not_booked")
    own = booked(world, 4 * DAY, number=10, by=ann)
    world.done(AcceptAppointment(appointment_id=own), world.staff(PRACTITIONER))
    assert world.do(ConfirmAppointment(appointment_id=own), ann) == refused("not_made_by_staff")
    cats = booked(
        world, DAY + 2 * HOUR, number=11, client_id=CAT, staff_id=OWNER, by=world.staff(OWNER)
    )
    assert world.done(ConfirmAppointment(appointment_id=cats), dora(world))
    assert world.do(ConfirmAppointment(appointment_id=cats), ann).error == "NotFoundError"  # type: ignore[union-attr] # not hers


def test_a_cancellation_is_taken_back(world: World) -> None:
    """APT-7, APT-8: before its start, while its time is free; not into one that is taken."""
    booked(world, DAY - HOUR)
    world.pass_time(HOUR)
    ann, pia, restore = (
        world.client(ANN),
        world.staff(PRACTITIONER),
        RestoreAppointment(appointment_id=MINE),
    )
    assert world.do(restore, pia) == refused("not_cancelled")
    world.done(CancelAppointment(appointment_id=MINE, reason="ill"), ann)
    assert found(world).status is AppointmentStatus.LATE_CANCELLED
    assert world.do(restore, ann) == refused("staff_only")
    bens = booked(world, DAY - 2 * HOUR, number=10, client_id=BEN)
    assert world.do(restore, pia) == TAKEN
    assert world.ask(restore, pia).reason.code == "slot_taken"  # type: ignore[union-attr] # asked
    world.done(CancelAppointment(appointment_id=bens), pia)
    restored = world.done(restore, pia)
    assert [e.name for e in restored.events] == ["appointment.restored"]
    mine = found(world)
    assert (mine.status, mine.reason, mine.sequence) == (AppointmentStatus.BOOKED, None, 2)
    assert world.do(RestoreAppointment(appointment_id=bens), pia) == TAKEN
    world.done(CancelAppointment(appointment_id=MINE), pia)
    world.pass_time(DAY)
    assert world.do(restore, pia) == refused("already_started")


def test_a_reason_is_asked_for(world: World) -> None:
    """APT-8: where the practice asks for one, nobody cancels without; a second time needs none."""
    ruled(world, asks_cancel_reason=True, cancel=CancelTerms())
    booked(world, 3 * DAY)
    for who in (world.client(ANN), world.staff(PRACTITIONER)):
        before = found(world)
        bare = CancelAppointment(appointment_id=MINE)
        assert world.do(bare, who) == refused("cancel_reason_needed")
        assert found(world) == before
    given = CancelAppointment(appointment_id=MINE, reason="ill")
    assert world.done(given, world.client(ANN)).reason == "may_cancel"
    assert found(world).reason == "ill"
    assert world.done(bare, world.client(ANN)).reason == "already_cancelled"


def test_times_to_move_to(world: World) -> None:
    """APT-3, APT-9: what is offered is what the move would be given; its own time is not in it."""
    booked(world, DAY + 2 * HOUR, number=8, client_id=BEN)
    booked(world, DAY + 4 * HOUR)
    ann, at = world.client(ANN), world.clock.at
    view = SeeTimesToMove(appointment_id=MINE, start=at + DAY, days=1, limit=999)
    shown: Any = world.look(view, ann)
    offered = {slot.interval.start for slot in shown}
    own = found(world).interval.start
    assert own not in offered
    assert {own - 10 * MINUTE, own + 10 * MINUTE} <= offered
    for step in range(24 * 6):
        start = at + DAY + step * 10 * MINUTE
        command = RescheduleAppointment(appointment_id=MINE, start=start)
        allowed: Any = world.ask(command, ann)
        assert (bool(allowed) and start != own) is (start in offered), start
    world.done(CancelAppointment(appointment_id=MINE), ann)
    assert world.look(view, ann) == refused("not_booked")
    assert world.look(view, world.client(BEN)).error == "NotFoundError"  # type: ignore[union-attr] # hers


def test_the_dashboard_says_what_may_be_done(world: World) -> None:
    """DASH-1: whether it may be moved and confirmed, with the reasons."""
    booked(world, 3 * DAY)
    board: Any = world.look(SeeDashboard(client_id=ANN), world.client(ANN))
    said = {
        each.appointment.id: (each.may_move.reason.code, each.may_confirm.reason.code)
        for each in board.upcoming
    }
    assert said == {
        "apt_1": ("may_move", "not_booked"),
        "apt_9": ("may_move", "may_confirm"),
    }


def test_former_times_are_kept_but_not_without_end(world: World) -> None:
    """APT-9: the latest hundred; events tell of all."""
    booked(world, 30 * DAY)
    pia, start = world.staff(PRACTITIONER), found(world).interval.start
    for step in range(1, 104):
        move(world, start + (step % 7) * HOUR, pia)
    mine = found(world)
    assert len(mine.moved_from) == 100
    assert mine.sequence == 103
    assert mine.moved_from[-1].start == start + (102 % 7) * HOUR


# --- Any life at all -----------------------------------------------------------------------------

KINDS: Final = (
    AcceptAppointment,
    DeclineAppointment,
    CancelAppointment,
    ConfirmAppointment,
    FulfilAppointment,
    UndoFulfilment,
    MarkNoShow,
    UndoNoShow,
    RestoreAppointment,
)


class AnyLife(RuleBasedStateMachine):
    """Whatever is tried in whatever order: allowed means possible, refused means unchanged."""

    def __init__(self) -> None:
        """Two appointments side by side, beside those of the cast."""
        super().__init__()
        self.world = populate(World())
        self.began = self.world.clock.at
        for number, client_id in ((8, ANN), (9, BEN)):
            ahead = DAY + (number - 7) * HOUR
            booked(self.world, ahead, number=number, client_id=client_id)

    def rows(self) -> dict[Any, Any]:
        """Every appointment as memory keeps it."""
        storage: Any = self.world.storage
        rows = storage.rooms[self.world.practice_id].rows
        return {key[1]: row[1] for key, row in rows.items() if key[0] is Appointment}

    @rule(
        kind=st.sampled_from(KINDS),
        number=st.sampled_from([1, 8, 9]),
        by=st.sampled_from([PRACTITIONER, PRACTITIONER, ANN, BEN]),
    )
    def change(self, kind: Any, number: int, by: Any) -> None:
        """Any command without a time."""
        self.tried(kind(appointment_id=AppointmentId(f"apt_{number}")), by)

    @rule(
        number=st.sampled_from([1, 8, 9]),
        by=st.sampled_from([PRACTITIONER, ANN, BEN]),
        quarters=st.integers(-12, 12),
    )
    def move(self, number: int, by: Any, quarters: int) -> None:
        """A move near the others."""
        start = self.began + DAY + quarters * 10 * MINUTE
        self.tried(
            RescheduleAppointment(appointment_id=AppointmentId(f"apt_{number}"), start=start), by
        )

    @rule(hours=st.sampled_from([1, 6, 23]))
    def wait(self, hours: int) -> None:
        """Time passes."""
        self.world.pass_time(hours * HOUR)

    @rule(auto=st.booleans(), outside=st.sampled_from(Outside))
    def set_rules(self, *, auto: bool, outside: Outside) -> None:
        """The practice books by other rules."""
        ruled(self.world, auto_accept=auto, move=MoveTerms(outside=outside))

    def tried(self, command: Any, by: Any) -> None:
        """What is asked is what is done, and what is refused changes nothing."""
        world = self.world
        actor = world.client(by) if by in (ANN, BEN) else world.staff(by)
        before = self.rows()
        asked, answer = world.ask(command, actor), world.do(command, actor)
        after = self.rows()
        if isinstance(answer, Denied):
            assert after == before
            assert isinstance(asked, Denied) or asked.reason.code == answer.code
        else:
            assert not isinstance(asked, Denied)
            assert asked.reason.code == answer.reason
            same = {k for k in before if before[k] == after[k]}
            assert len(before) - len(same) == len(answer.events)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        """APT-7: by the times themselves, not by what storage holds."""
        holding = [each for each in self.rows().values() if each.status in HOLDING]
        for one, other in combinations(holding, 2):
            if one.staff_id == other.staff_id or one.client_id == other.client_id:
                spans = product((one.interval, one.proposed), (other.interval, other.proposed))
                assert not any(a and b and a.overlaps(b) for a, b in spans)


TestAnyLife = AnyLife.TestCase
TestAnyLife.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
