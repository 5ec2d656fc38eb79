"""How booking is decided: overbooking, limits, holds, rooms, and why not (APT-3 to APT-7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from attrs import evolve

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import AppointmentId, ClientId
from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.domain.practices import BookingRules
from clientportal.domain.slots import Obstacle, Upcoming
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    DAN,
    MEETING,
    OWNER,
    PRACTITIONER,
    TALK,
    TRAINEE,
    WALK,
)
from clientportal.usecases.appointments import BookAppointment, CancelAppointment
from clientportal.usecases.booking import SeeWhyNot, WhyNot
from clientportal.usecases.people import ChangeStaffMember
from clientportal.usecases.practices import ChangePractice
from clientportal.usecases.slots import SeeSlots

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
TAKEN: Final = Denied("RefusedError", "slot_taken")


def book(
    world: World, after: timedelta, number: int = 9, client_id: ClientId = ANN, **given: Any
) -> BookAppointment:
    """A talk with Pia, so long after now."""
    start = {
        "appointment_id": AppointmentId(f"apt_{number}"),
        "client_id": client_id,
        "staff_id": PRACTITIONER,
        "service_id": TALK,
        "start": world.clock.at + after,
    }
    return BookAppointment(**{**start, **given})


def found(world: World, number: int) -> Appointment:
    """An appointment as it is stored."""
    storage: Any = world.storage
    rows = storage.rooms[world.practice_id].rows
    state: Appointment = rows[Appointment, AppointmentId(f"apt_{number}")][1]
    return state


def test_staff_overbook_explicitly(world: World) -> None:
    """APT-5: it claims no time of the staff member, and the record says it was overbooked."""
    pia, owner = world.staff(PRACTITIONER), world.staff(OWNER)
    world.done(book(world, 3 * DAY), pia)
    assert world.do(book(world, 3 * DAY, 10, DAN), owner) == TAKEN
    receipt = world.done(book(world, 3 * DAY, 10, DAN, overbook=True), owner)
    assert receipt.reason == "may_overbook"
    assert [event.name for event in receipt.events] == ["appointment.booked"]
    storage: Any = world.storage
    entry = storage.rooms[world.practice_id].audit[-1]
    assert (entry.name, entry.reason, entry.about) == ("appointment.book", "may_overbook", DAN)
    assert (found(world, 9).is_overbooked, found(world, 10).is_overbooked) == (False, True)
    assert [each.resource for each in found(world, 10).claims] == [DAN]  # type: ignore[union-attr] # time
    world.done(CancelAppointment(appointment_id=AppointmentId("apt_9")), pia)
    assert world.done(book(world, 3 * DAY, 11, BEN), pia).reason == "may_book"


def test_overbooking_leaves_the_client_in_one_place(world: World) -> None:
    """APT-5, APT-7: the client's own time is still claimed."""
    owner = world.staff(OWNER)
    world.done(book(world, 3 * DAY, 9, DAN), owner)
    assert world.do(book(world, 3 * DAY, 10, DAN, overbook=True), owner) == TAKEN
    world.done(book(world, 3 * DAY, 11, ANN, overbook=True), owner)
    assert world.do(book(world, 3 * DAY, 12, ANN, overbook=True), owner) == TAKEN


def test_clients_never_overbook(world: World) -> None:
    """APT-5: by staff only, and only where they may book at all; never into the past."""
    staff_only = Denied("RefusedError", "staff_only")
    assert world.do(book(world, 3 * DAY, overbook=True), world.client(ANN)) == staff_only
    past = book(world, -HOUR, overbook=True)
    assert world.do(past, world.staff(OWNER)) == Denied("RefusedError", "in_the_past")


# --- Why not -------------------------------------------------------------------------------------


def why(world: World, after: timedelta, who: Any = None, **given: Any) -> WhyNot:
    """Why Ann cannot book Pia so long after now."""
    view = SeeWhyNot(
        **{
            "client_id": ANN,
            "staff_id": PRACTITIONER,
            "service_id": TALK,
            "start": world.clock.at + after,
            **given,
        }
    )
    shown: WhyNot = world.look(view, who or world.client(ANN))
    return shown


def test_why_not_names_the_rule(world: World) -> None:
    """APT-3: notice, horizon, window, buffer, busy, limit; None exactly where it can be booked."""
    owner, ann = world.staff(OWNER), world.client(ANN)
    ruled(world, min_notice=2 * HOUR, upcoming_limit=3)
    world.done(book(world, 3 * DAY, 9, DAN), owner)
    told = {
        -HOUR: ("notice", "in_the_past"),
        HOUR: ("notice", "too_soon"),
        400 * DAY: ("horizon", "too_far_ahead"),
        5 * DAY + MINUTE: ("window", "outside_window"),
        3 * DAY + 50 * MINUTE: ("buffer", "too_close"),
        3 * DAY + 40 * MINUTE: ("busy", "slot_taken"),
        DAY - 20 * MINUTE: ("busy", "slot_taken"),  # Ann's own
        5 * DAY: (None, "may_request"),
    }
    for after, (rule, code) in told.items():
        for who in (ann, owner):
            seen = why(world, after, who)
            obstacle = None if seen.obstacle is None else seen.obstacle.value
            assert (obstacle, seen.decision.reason.code) == (rule, code), after
        asked = world.ask(book(world, after, 50), ann)
        assert asked == seen.decision
    for number in (20, 21):
        world.done(book(world, number * DAY, number), ann)
    seen = why(world, 5 * DAY)
    assert (seen.obstacle, seen.decision.reason.code) == (Obstacle.LIMIT, "limit_reached")


def test_clients_never_hear_whose_time_it_is(world: World) -> None:
    """APT-3, MSG-2: the rule, and nothing of what is in the way; staff see it."""
    owner = world.staff(OWNER)
    world.done(book(world, 3 * DAY, 9, DAN), owner)
    for after in (3 * DAY, 3 * DAY + 50 * MINUTE):
        mine = why(world, after)
        assert (mine.blocking, mine.upcoming) == ((), None)
        theirs = why(world, after, owner)
        assert evolve(theirs, blocking=()) == mine
        (blocking,) = theirs.blocking
        assert (blocking.id, blocking.staff_id) == ("apt_9", PRACTITIONER)
        assert blocking.buffers.after == 10
        assert DAN not in repr(theirs)


def test_only_what_is_in_a_calendar_that_one_may_view(world: World) -> None:
    """APT-3, PPL-3: Pia, who may not view Olga's calendar, hears that Ann is busy."""
    owner, pia = world.staff(OWNER), world.staff(PRACTITIONER)
    world.done(book(world, 3 * DAY, 9, staff_id=OWNER), owner)
    assert [each.id for each in why(world, 3 * DAY, owner).blocking] == ["apt_9"]
    hers = why(world, 3 * DAY, pia)
    assert (hers.obstacle, hers.blocking) == (Obstacle.BUSY, ())
    looks = Permissions(view_clients=Reach.EVERYTHING, view_calendar=Reach.EVERYTHING)
    tom = StaffMember(id=TRAINEE, name="Tom", permissions=looks)
    world.done(ChangeStaffMember(staff=tom), owner)
    assert [each.id for each in why(world, 3 * DAY, world.staff(TRAINEE)).blocking] == ["apt_9"]
    world.done(ChangeStaffMember(staff=evolve(tom, permissions=Permissions())), owner)
    hidden = SeeWhyNot(
        client_id=ANN, staff_id=PRACTITIONER, service_id=TALK, start=world.clock.at + DAY
    )
    assert world.look(hidden, world.staff(TRAINEE)) == Denied("NotFoundError", "not_found")
    assert world.look(hidden, world.client(BEN)) == Denied("NotFoundError", "not_found")


def test_why_not_says_what_else_keeps_one_from_booking(world: World) -> None:
    """APT-1, APT-3: what is not bookable online is no obstacle of time."""
    seen = why(world, 3 * DAY, service_id=WALK)
    assert (seen.obstacle, seen.decision.reason.code) == (None, "not_bookable_online")


# --- Limits --------------------------------------------------------------------------------------


def test_a_limit_on_what_is_ahead(world: World) -> None:
    """APT-5: so many appointments ahead; what is over, lapsed or cancelled no longer counts."""
    ann, owner = world.client(ANN), world.staff(OWNER)
    ruled(world, upcoming_limit=2, auto_accept=True)
    full = Denied("RefusedError", "limit_reached")
    world.done(book(world, 2 * DAY), ann)  # beside the request of tomorrow
    assert world.do(book(world, 3 * DAY, 10), ann) == full
    assert slots_of(world) == ()
    assert world.done(book(world, 3 * DAY, 10), owner)  # staff are not bound
    assert why(world, 5 * DAY, owner).upcoming == Upcoming(total=3, alike=3)
    assert why(world, 5 * DAY).upcoming is None
    for number in (9, 10):
        cancel = CancelAppointment(appointment_id=AppointmentId(f"apt_{number}"))
        world.done(cancel, owner)
    assert world.done(book(world, 4 * DAY, 11), ann)
    assert world.do(book(world, 5 * DAY, 12), ann) == full
    world.pass_time(DAY)  # the request of tomorrow lapses
    assert world.done(book(world, 5 * DAY, 12), ann)


def test_a_limit_of_one_of_a_service(world: World) -> None:
    """APT-5: one of each service; of another one may have another."""
    ann = world.client(ANN)
    ruled(world, upcoming_limit_per_service=1)
    assert world.do(book(world, 3 * DAY), ann) == Denied("RefusedError", "limit_reached")
    assert slots_of(world) == ()
    meeting = book(world, 3 * DAY, service_id=MEETING)
    assert world.done(meeting, ann)
    again = book(world, 4 * DAY, 10, service_id=MEETING)
    assert world.do(again, ann) == Denied("RefusedError", "limit_reached")


def slots_of(world: World) -> Any:
    """What Ann is offered of Pia."""
    view = SeeSlots(client_id=ANN, staff_id=PRACTITIONER, service_id=TALK, start=world.clock.at)
    return world.look(view, world.client(ANN))


def ruled(world: World, **rules: Any) -> None:
    """The practice books by these rules from now on."""
    world.done(ChangePractice(booking=BookingRules(**rules)), world.staff(OWNER))
