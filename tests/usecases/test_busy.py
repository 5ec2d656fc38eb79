"""Busy times from calendars outside: clients are not offered them, staff are not bound (APT-15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.actors import Actor
from clientportal.domain.busy import AHEAD, BusyCalendar
from clientportal.domain.calendars import MOST_BUSY, BusyTimes
from clientportal.domain.ids import AppointmentId
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.errors import MalformedError
from clientportal.flows import RowResult
from clientportal.testing.builders import MONDAY, Denied, World
from clientportal.testing.cast import ANN, OWNER, PRACTITIONER, TALK, TRAINEE, dora
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.busy import ImportBusyTimes
from clientportal.usecases.people import ChangeStaffMember
from clientportal.usecases.slots import SeeSlots

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


def busy(
    world: World, *times: Interval, source: str = "work", who: Actor | None = None, **given: Any
) -> Any:
    """Pia, or *who*, is busy elsewhere."""
    command = ImportBusyTimes(source=source, busy=BusyTimes(intervals=times, **given))
    return world.do(command, who or world.staff(PRACTITIONER))


def offered(world: World) -> list[Interval]:
    """When Ann is offered a talk with Pia, three days on."""
    start = world.clock.at + 3 * DAY
    view = SeeSlots(client_id=ANN, staff_id=PRACTITIONER, service_id=TALK, start=start, days=1)
    seen: list[Any] = []
    while page := world.look(view, world.client(ANN)):
        seen += page
        view = evolve(view, after=(page[-1].interval.start, page[-1].staff_id))
    return [each.interval for each in seen]


def clear_of(times: list[Interval], *taken: Interval) -> list[Interval]:
    """Those of *times* that meet nothing that is *taken*."""
    return [each for each in times if not any(each.overlaps(other) for other in taken)]


def book(world: World, start: Moment, who: Actor) -> Any:
    """Ann's talk with Pia."""
    command = BookAppointment(
        appointment_id=AppointmentId("apt_9"),
        client_id=ANN,
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=start,
    )
    return world.do(command, who)


def test_clients_are_not_offered_what_is_busy_elsewhere(world: World) -> None:
    """APT-3, APT-15: exactly the starts whose meeting overlaps are gone, and cannot be booked."""
    before = offered(world)
    taken = Interval(before[0].start + HOUR, before[0].start + 2 * HOUR)
    busy(world, taken)
    after = offered(world)
    assert before != after == clear_of(before, taken)
    ann, inside = world.client(ANN), next(each for each in before if each not in after)
    assert book(world, inside.start, ann) == Denied("RefusedError", "slot_taken")
    assert book(world, after[0].start, ann).reason == "may_request"


def test_staff_are_not_bound(world: World) -> None:
    """APT-5, APT-15: what is outside is no claim; staff book over it, and import over a booking."""
    start = offered(world)[0].start
    busy(world, Interval(start, start + HOUR))
    pia = world.staff(PRACTITIONER)
    assert book(world, start, pia).reason == "may_book"
    assert busy(world, Interval(start, start + 2 * HOUR)).reason == "permitted"


def test_an_import_replaces_its_source_and_no_other(world: World) -> None:
    """APT-15: one calendar's times are replaced as a whole."""
    before = offered(world)
    first, second = before[0], before[-1]
    busy(world, first)
    busy(world, second, source="home")
    assert offered(world) == clear_of(before, first, second)
    busy(world)
    assert offered(world) == clear_of(before, second)


def test_what_could_not_be_read_is_told(world: World) -> None:
    """APT-15: by its place in the file, and by nothing else of it."""
    assert busy(world, unreadable=(0, 7)).results == (
        RowResult(key="0", code="event_unreadable"),
        RowResult(key="7", code="event_unreadable"),
    )


def test_only_what_is_ahead_is_kept(world: World) -> None:
    """APT-15: from now on, for 24 months."""
    now = world.clock.at
    busy(
        world,
        Interval(now - 2 * DAY, now - DAY),
        Interval(now - HOUR, now + HOUR),
        Interval(now + AHEAD - HOUR, now + AHEAD + HOUR),
        Interval(now + AHEAD + DAY, now + AHEAD + 2 * DAY),
    )
    storage: Any = world.storage
    room = storage.rooms[world.practice_id]
    kept: BusyCalendar = room.rows[BusyCalendar, f"{PRACTITIONER}/work"][1]
    assert kept.intervals == (
        Interval(now, now + HOUR),
        Interval(now + AHEAD - HOUR, now + AHEAD),
    )


def test_ones_own_calendar_only(world: World) -> None:
    """PPL-3: staff who may change their calendar, and nobody else, theirs and nobody else's."""
    busy(world, Interval(MONDAY + 3 * DAY, MONDAY + 4 * DAY), who=world.staff(OWNER))
    assert offered(world)
    looking = Permissions(view_calendar=Reach.EVERYTHING, edit_calendar=Reach.NONE)
    trainee = ChangeStaffMember(staff=StaffMember(id=TRAINEE, name="Tom", permissions=looking))
    world.done(trainee, world.staff(OWNER))
    refused = Denied("RefusedError", "permission_needed")
    assert busy(world, who=world.staff(TRAINEE)) == refused
    for who in (world.client(ANN), dora(world), world.system()):
        assert busy(world, who=who) == Denied("RefusedError", "staff_only")


def test_busy_times_are_bounded() -> None:
    """B9: as many as are kept, in order and apart."""
    times = tuple(
        Interval(MONDAY + 2 * n * HOUR, MONDAY + (2 * n + 1) * HOUR) for n in range(MOST_BUSY + 1)
    )
    assert BusyTimes(intervals=times[:-1])
    for wrong, code in (
        (times, "limit_exceeded"),
        (times[1::-1], "invalid_interval"),
        (times[:1] * 2, "invalid_interval"),
    ):
        with pytest.raises(MalformedError, match=code):
            BusyTimes(intervals=wrong)
