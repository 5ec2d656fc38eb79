"""Holding a time while a form is filled in, and what gives way to a booking (APT-6, APT-7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from attrs import evolve
from tests.usecases.test_booking import DAY, HOUR, MINUTE, TAKEN, book, found, ruled

from clientportal.domain.appointments import AppointmentStatus
from clientportal.domain.holds import Hold
from clientportal.domain.ids import AppointmentId, ClientId, HoldId
from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.domain.slots import Obstacle
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    MEETING,
    OWNER,
    PRACTITIONER,
    TALK,
    TRAINEE,
    dora,
)
from clientportal.usecases.appointments import AcceptAppointment, CancelAppointment
from clientportal.usecases.booking import SeeWhyNot
from clientportal.usecases.holds import HoldSlot
from clientportal.usecases.people import ChangeStaffMember
from clientportal.usecases.slots import SeeSlots

LIFE = 10 * MINUTE
INSTANT = timedelta(microseconds=1)


def hold(world: World, after: timedelta, number: int = 1, who: ClientId = BEN) -> HoldSlot:
    """A talk with Pia, so long after now, kept for somebody."""
    return HoldSlot(
        hold_id=HoldId(f"hld_{number}"),
        client_id=who,
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=world.clock.at + after,
    )


def kept(world: World, number: int = 1) -> Hold:
    """A hold as it is stored."""
    storage: Any = world.storage
    state: Hold = storage.rooms[world.practice_id].rows[Hold, HoldId(f"hld_{number}")][1]
    return state


def test_a_held_time_is_taken_for_ten_minutes(world: World) -> None:
    """APT-6: absolute; from then on it blocks nobody, and whoever books over it releases it."""
    ann, ben = world.client(ANN), world.client(BEN)
    start = world.clock.at + 3 * DAY
    receipt = world.done(hold(world, 3 * DAY), ben)
    assert (receipt.reason, [each.name for each in receipt.events]) == ("may_hold", ["slot.held"])
    at = book(world, 3 * DAY)
    assert world.do(at, ann) == TAKEN
    assert start not in offered(world)
    world.pass_time(LIFE - INSTANT)
    assert world.do(at, ann) == TAKEN
    world.pass_time(INSTANT)
    assert start in offered(world)
    assert not kept(world).is_released
    events = world.done(at, ann).events
    assert [each.name for each in events] == ["appointment.requested", "slot.released"]
    assert kept(world).is_released
    assert world.do(book(world, 3 * DAY - LIFE, 10, BEN), ben) == TAKEN


def offered(world: World) -> set[Any]:
    """The starts that Ann is offered of Pia in the next days."""
    view = SeeSlots(client_id=ANN, staff_id=PRACTITIONER, service_id=TALK, start=world.clock.at)
    seen: list[Any] = []
    while page := world.look(view, world.client(ANN)):
        seen += page
        view = evolve(view, after=(page[-1].interval.start, page[-1].staff_id))
    return {slot.interval.start for slot in seen}


def test_the_holder_books_what_they_hold(world: World) -> None:
    """APT-6: in the same commit the booking takes the place of the hold, also moved a little."""
    ben = world.client(BEN)
    for number, moved in enumerate((timedelta(0), 20 * MINUTE, 2 * DAY), start=1):
        world.done(hold(world, number * 3 * DAY, number), ben)
        why_not = SeeWhyNot(
            client_id=BEN,
            staff_id=PRACTITIONER,
            service_id=TALK,
            start=world.clock.at + number * 3 * DAY,
        )
        assert world.look(why_not, ben).obstacle is None
        world.done(book(world, number * 3 * DAY + moved, 10 + number, BEN), ben)
        assert kept(world, number).is_released
    assert world.done(book(world, 9 * DAY, 20), world.client(ANN))  # Ben holds it no more


def test_one_hold_a_client(world: World) -> None:
    """APT-6: holding again lets go of the former one."""
    ben = world.client(BEN)
    world.done(hold(world, 3 * DAY), ben)
    world.done(hold(world, 4 * DAY, 2), ben)
    assert (kept(world).is_released, kept(world, 2).is_released) == (True, False)
    assert world.done(book(world, 3 * DAY), world.client(ANN))
    assert world.do(book(world, 4 * DAY, 10), world.client(ANN)) == TAKEN


def test_holding_again_prolongs_nothing(world: World) -> None:
    """APT-6: ten minutes are absolute; only once they are over can the same time be held anew."""
    ben, began = world.client(BEN), world.clock.at
    world.done(hold(world, 3 * DAY), ben)
    world.pass_time(6 * MINUTE)
    world.done(hold(world, 3 * DAY - 6 * MINUTE, 2), ben)
    assert kept(world, 2).expires_at == began + LIFE
    world.done(hold(world, 5 * DAY - 6 * MINUTE, 3), ben)
    assert kept(world, 3).expires_at == began + 6 * MINUTE + LIFE
    world.pass_time(LIFE)
    world.done(hold(world, 5 * DAY - 16 * MINUTE, 4), ben)
    assert kept(world, 4).expires_at == began + 16 * MINUTE + LIFE


def test_what_cannot_be_booked_cannot_be_held(world: World) -> None:
    """APT-3, APT-6: one function answers both, for everybody who may book."""
    ruled(world, min_notice=2 * HOUR, hold=MINUTE)
    ben, mother = world.client(BEN), dora(world)
    assert world.do(hold(world, HOUR), ben) == Denied("RefusedError", "too_soon")
    assert world.do(hold(world, DAY), ben) == TAKEN  # Ann asked for it
    assert world.do(hold(world, DAY + 50 * MINUTE), ben) == Denied("RefusedError", "too_close")
    assert world.do(hold(world, 3 * DAY, 2, DAN), ben).error == "NotFoundError"
    assert world.done(hold(world, 3 * DAY, 3, CAT), mother)
    assert kept(world, 3).expires_at == world.clock.at + MINUTE
    assert world.done(hold(world, 4 * DAY, 4, DAN), world.staff(OWNER))


def test_staff_see_a_hold_and_not_whose_it_is(world: World) -> None:
    """APT-3: what is in the way may be a hold; expired, it is in nobody's way."""
    world.done(hold(world, 3 * DAY), world.client(BEN))
    view = SeeWhyNot(
        client_id=ANN,
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=world.clock.at + 3 * DAY,
    )
    seen = world.look(view, world.staff(OWNER))
    assert seen.obstacle is Obstacle.BUSY
    assert [each.id for each in seen.blocking] == ["hld_1"]
    assert BEN not in repr(seen)
    world.pass_time(LIFE)
    free = world.look(view, world.staff(OWNER))
    assert (free.obstacle, free.blocking) == (None, ())


def test_a_lapsed_request_gives_way(world: World) -> None:
    """APT-6: told by time alone, and stored once somebody else is given its time."""
    world.pass_time(DAY + 10 * MINUTE)  # Ann's request was for an hour from ten minutes ago on
    pia, ann, owner = world.staff(PRACTITIONER), world.client(ANN), world.staff(OWNER)
    assert found(world, 1).status is AppointmentStatus.REQUESTED
    over = book(world, 10 * MINUTE, 9, DAN)
    assert world.ask(over, owner).reason.code == "may_book"
    events = [each.name for each in world.done(over, owner).events]
    assert events == ["appointment.booked", "appointment.lapsed"]
    assert found(world, 1).status is AppointmentStatus.LAPSED
    mine = AppointmentId("apt_1")
    lapsed = Denied("RefusedError", "lapsed")
    assert world.do(AcceptAppointment(appointment_id=mine), pia) == lapsed
    assert world.do(CancelAppointment(appointment_id=mine), pia) == lapsed
    assert world.do(CancelAppointment(appointment_id=mine), ann) == Denied(
        "RefusedError", "already_started"
    )


@pytest.mark.parametrize("stored", [False, True], ids=["told by time", "stored"])
def test_a_lapsed_request_is_the_same_stored_or_not(world: World, stored: bool) -> None:
    """APT-6, OUT-3: what is final never depends on whether somebody came by."""
    world.pass_time(DAY + 10 * MINUTE)
    pia, mine = world.staff(PRACTITIONER), AppointmentId("apt_1")
    if stored:
        world.done(book(world, 10 * MINUTE, 9, DAN), world.staff(OWNER))
    for command in (AcceptAppointment, CancelAppointment):
        assert world.do(command(appointment_id=mine), pia) == Denied("RefusedError", "lapsed")
    assert world.done(book(world, 2 * HOUR, 10), world.client(ANN))


def test_who_may_only_look_holds_nothing(world: World) -> None:
    """PPL-3: a hold is a change of the calendar."""
    looks = Permissions(view_clients=Reach.EVERYTHING, view_calendar=Reach.EVERYTHING)
    tom = StaffMember(id=TRAINEE, name="Tom", permissions=looks)
    world.done(ChangeStaffMember(staff=tom), world.staff(OWNER))
    denied = Denied("RefusedError", "may_only_view")
    assert world.do(hold(world, 3 * DAY, 1, DAN), world.staff(TRAINEE)) == denied


def test_a_hold_of_another_service_is_a_hold(world: World) -> None:
    """APT-6: what counts is the time, with its buffers."""
    ben = world.client(BEN)
    start = world.clock.at + 3 * DAY
    command = HoldSlot(
        hold_id=HoldId("hld_1"),
        client_id=BEN,
        staff_id=PRACTITIONER,
        service_id=MEETING,
        start=start,
    )
    world.done(command, ben)
    assert kept(world).buffers.before == 15
    assert world.do(book(world, 3 * DAY - 60 * MINUTE), world.client(ANN)) == Denied(
        "RefusedError", "too_close"
    )
