"""A practitioner's day and week (APT-16, PPL-3)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from attrs import evolve
from tests.usecases.everything import good

from clientportal.commands import (
    AcceptAppointment,
    AddStaffMember,
    BookAppointment,
    CancelAppointment,
    ChangeStaffMember,
    ImportAppointments,
    SetAvailability,
    SetTimezone,
)
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Modality, Window
from clientportal.domain.ids import AppointmentId, StaffId
from clientportal.domain.moments import Interval
from clientportal.domain.people import Permissions, Reach, StaffMember, StaffStatus
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    MEETING,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    TRAINEE,
)
from clientportal.usecases.days import CalendarEntry, CalendarSeen, SeeCalendar
from clientportal.views import SeeAppointments

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
ANNS, BENS, CATS = (AppointmentId(f"apt_{n}") for n in (1, 2, 9))
HISTORY: Final[ImportAppointments] = good(ImportAppointments)


def week(world: World, who: StaffId, *whose: StaffId, **given: Any) -> CalendarSeen:
    """What somebody sees of the week from today."""
    day = world.clock.at.date()
    view = SeeCalendar(**{"staff_ids": whose or (who,), "day": day, "days": 7, **given})
    seen: CalendarSeen = world.look(view, world.staff(who))
    return seen


def ids(seen: CalendarSeen) -> list[str]:
    """The appointments, in order."""
    return [each.appointment_id for each in seen.appointments]


def only(seen: CalendarSeen) -> CalendarEntry:
    """The one appointment there is."""
    (entry,) = seen.appointments
    return entry


def overbooked(world: World, number: int, after: timedelta) -> Appointment:
    """Cat's meeting with Pia that claims no time, as if overbooked."""
    start = world.clock.at + after
    meeting = Appointment(
        id=AppointmentId(f"apt_{number}"),
        client_id=CAT,
        staff_id=PRACTITIONER,
        service_id=MEETING,
        interval=Interval(start, start + 30 * timedelta(minutes=1)),
        made_at=world.clock.at,
        status=AppointmentStatus.BOOKED,
    )
    storage: Any = world.storage
    storage.rooms[world.practice_id].rows[Appointment, meeting.id] = (1, meeting)
    return meeting


def test_a_practitioner_sees_their_week(world: World) -> None:
    """APT-16: who comes when, for what, how, with its zones and status, and what is free."""
    world.done(SetTimezone(client_id=ANN, timezone="Asia/Tokyo"), world.client(ANN))
    seen = week(world, PRACTITIONER)
    entry = only(seen)
    start = world.clock.at + DAY
    assert (entry.appointment_id, entry.client_id, entry.client_name) == (ANNS, ANN, "Ann")
    assert (entry.interval.start, entry.service_name) == (start, "Talk")
    assert entry.zones == ("Asia/Tokyo", "America/New_York")
    assert (entry.modality, entry.status) == (Modality.VIDEO, AppointmentStatus.REQUESTED)
    assert (entry.has_lapsed, entry.is_overlapping, entry.is_history) == (False, False, False)
    assert (seen.timezone, len(seen.days)) == ("America/New_York", 7)
    (pia,) = seen.staff
    assert (pia.staff_id, pia.name) == (PRACTITIONER, "Pia")
    assert pia.free[0].end == start
    assert pia.free[1].start == start + HOUR  # the buffer after it is not free


def test_reach_into_calendars_decides(world: World) -> None:
    """PPL-3: one's own, or everybody's; what is out of reach is as if it were not there."""
    own = SeeCalendar(staff_ids=(PRACTITIONER,), day=world.clock.at.date())
    others = evolve(own, staff_ids=(OWNER,))
    absent = evolve(own, staff_ids=(StaffId("stf_0"),))
    both = evolve(own, staff_ids=(PRACTITIONER, OWNER))
    hidden = Denied("NotFoundError", "not_found")
    for view in (others, absent, both):
        assert world.look(view, world.staff(PRACTITIONER)) == hidden
    assert world.look(evolve(own, staff_ids=(TRAINEE,)), world.staff(TRAINEE)) == hidden
    for who in (OWNER, RECEPTION):
        assert isinstance(world.look(both, world.staff(who)), CalendarSeen)
        assert world.look(absent, world.staff(who)) == hidden
    for actor in (world.client(ANN), world.visitor(), world.system()):
        for view in (own, absent):
            assert world.look(view, actor) == Denied("RefusedError", "staff_only")


def test_editing_a_calendar_is_seeing_it(world: World) -> None:
    """PPL-3: whoever may change it sees it; who has left sees nothing."""
    edits = Permissions(edit_calendar=Reach.EVERYTHING)
    zoe = StaffMember(id=StaffId("stf_77"), name="Zoe", permissions=edits)
    world.done(AddStaffMember(staff=zoe), world.staff(OWNER))
    assert ids(week(world, zoe.id, PRACTITIONER)) == [ANNS]
    gone = evolve(zoe, status=StaffStatus.LEFT)
    world.done(ChangeStaffMember(staff=gone), world.staff(OWNER))
    view = SeeCalendar(staff_ids=(PRACTITIONER,), day=world.clock.at.date())
    assert world.look(view, world.staff(zoe.id)) == Denied("UnauthenticatedError", "staff_left")


@pytest.mark.parametrize(
    ("reach", "names"),
    [
        (Reach.NONE, {None}),
        (Reach.ASSIGNED, {None}),
        (Reach.EVERYTHING, {"Ann", "Ben"}),
    ],
)
def test_names_only_where_one_may_view_the_client(
    world: World, reach: Reach, names: set[str | None]
) -> None:
    """PPL-3: a calendar in reach shows that time is taken, not by whom, nor the client's zone."""
    world.done(SetTimezone(client_id=ANN, timezone="Asia/Tokyo"), world.client(ANN))
    theirs = Permissions(view_calendar=Reach.EVERYTHING, view_clients=reach)
    zoe = StaffMember(id=StaffId("stf_77"), name="Zoe", permissions=theirs)
    world.done(AddStaffMember(staff=zoe), world.staff(OWNER))
    entries = week(world, zoe.id, PRACTITIONER, OWNER).appointments
    assert {each.appointment_id for each in entries} == {ANNS, BENS}
    assert {each.client_name for each in entries} == names
    assert {each.client_id is None for each in entries} == {None in names}
    zones = {zone for each in entries for zone in each.zones}
    assert ("Asia/Tokyo" in zones) is (None not in names)


def test_each_client_named_is_on_record(world: World) -> None:
    """OUT-4: one record per client and view, none for who is not named."""
    storage: Any = world.storage
    audit = storage.rooms[world.practice_id].audit
    before = len(audit)
    week(world, OWNER, PRACTITIONER, OWNER)
    named = {entry.about for entry in audit[before:] if entry.name == "calendar.see"}
    assert named == {ANN, BEN}


def test_what_overlaps_is_shown_and_marked(world: World) -> None:
    """APT-5, APT-16: overbooked ones too, until one of the two is over, cancelled or lapsed."""
    overbooked(world, 9, DAY + HOUR / 2)
    overbooked(world, 10, DAY + 50 * timedelta(minutes=1))
    marks = {e.appointment_id: e.is_overlapping for e in week(world, PRACTITIONER).appointments}
    assert marks == {ANNS: True, CATS: True, "apt_10": True}
    world.done(CancelAppointment(appointment_id=AppointmentId("apt_10")), world.staff(OWNER))
    marks = {e.appointment_id: e.is_overlapping for e in week(world, PRACTITIONER).appointments}
    assert marks == {ANNS: True, CATS: True, "apt_10": False}
    world.pass_time(DAY)
    found = {each.appointment_id: each for each in week(world, PRACTITIONER).appointments}
    assert found[ANNS].has_lapsed
    assert not any(each.is_overlapping for each in found.values())


def test_those_that_only_touch_do_not_overlap(world: World) -> None:
    """APT-2: intervals are half-open, on calendars as well."""
    overbooked(world, 9, DAY + 50 * timedelta(minutes=1))
    assert not any(each.is_overlapping for each in week(world, PRACTITIONER).appointments)


def test_the_past_is_on_the_calendar_as_long_as_it_lasted(world: World) -> None:
    """APT-16: a stay of days is on each of them; it takes nobody's free time."""
    (row,) = HISTORY.appointments
    long = Interval(world.clock.at - 12 * DAY, world.clock.at - DAY + timedelta(seconds=7))
    stay = evolve(row, interval=long, staff_id=PRACTITIONER)
    short = evolve(
        stay, external_id="v2", appointment_id=AppointmentId("apt_52"),
        interval=Interval(long.end - HOUR, long.end),
    )  # fmt: skip
    world.done(evolve(HISTORY, appointments=(stay, short)), world.system())
    for back, found in ((13, []), (12, ["apt_51"]), (5, ["apt_51"]), (1, ["apt_51", "apt_52"])):
        day = (world.clock.at - back * DAY).date()
        seen = week(world, PRACTITIONER, day=day, days=1)
        assert ids(seen) == found
        assert all(each.is_history and not each.is_overlapping for each in seen.appointments)
        assert [each.duration for each in seen.staff[0].free] == [DAY]


def test_days_are_those_of_the_practice(world: World) -> None:
    """APT-16: an appointment just before local midnight is of that day, whatever UTC says."""
    late = datetime(2026, 3, 9, 3, 30, tzinfo=UTC)  # half past eleven at night, on the 8th
    world.pass_time(late - DAY - world.clock.at)
    book = BookAppointment(
        appointment_id=CATS, client_id=CAT, staff_id=OWNER, service_id=MEETING, start=late
    )
    world.done(book, world.staff(OWNER))
    (day,) = week(world, OWNER, day=date(2026, 3, 8), days=1).days
    assert day.duration == 23 * HOUR
    found = [ids(week(world, OWNER, day=date(2026, 3, n), days=1)) for n in (7, 8, 9)]
    assert found == [[], [CATS], []]


def test_pages_go_on_by_key(world: World) -> None:
    """APT-16: of several staff at once, nothing twice and nothing left out."""
    for n in range(9, 16):
        overbooked(world, n, (n - 8) * HOUR)
    whole = ids(week(world, OWNER, PRACTITIONER, OWNER))
    assert len(whole) == 9
    paged: list[str] = []
    after = None
    while True:
        seen = week(world, OWNER, PRACTITIONER, OWNER, after=after, limit=2)
        if not seen.appointments:
            break
        last = seen.appointments[-1]
        after = (last.interval.start, last.appointment_id)
        paged += ids(seen)
    assert paged == whole


def test_free_time_is_of_those_who_work_here(world: World) -> None:
    """APT-1: by their own windows; who has left has none."""
    nine = Window(weekday=world.clock.at.weekday(), start=9 * 60, end=10 * 60)
    set_ = SetAvailability(staff_id=PRACTITIONER, weekly=(nine,))
    world.done(set_, world.staff(OWNER))
    (free,) = week(world, PRACTITIONER).staff[0].free
    assert free.duration == HOUR
    gone = StaffMember(id=TRAINEE, name="Tom", status=StaffStatus.LEFT)
    world.done(ChangeStaffMember(staff=gone), world.staff(OWNER))
    assert week(world, OWNER, TRAINEE).staff[0].free == ()


def test_pages_of_appointments_are_full(world: World) -> None:
    """DASH-1, PPL-3: what a viewer may not see leaves no gap in their pages."""
    rows = tuple(
        evolve(
            HISTORY.appointments[0],
            external_id=f"v{n}",
            client_external_id="x1",
            appointment_id=AppointmentId(f"apt_6{n}"),
            staff_id=PRACTITIONER if n == 0 else OWNER,
            interval=Interval(world.clock.at - (9 - n) * DAY, world.clock.at - (8 - n) * DAY),
        )
        for n in range(6)
    )
    world.done(evolve(HISTORY, appointments=rows), world.system())
    view = SeeAppointments(client_id=BEN, upcoming=False, limit=2)
    seen = world.look(view, world.staff(PRACTITIONER))
    assert [each.appointment.id for each in seen] == ["apt_60"]
    assert len(world.look(view, world.staff(OWNER))) == 2


def test_an_answered_request_changes_on_the_calendar(world: World) -> None:
    """APT-6: the status is that of now."""
    world.done(AcceptAppointment(appointment_id=ANNS), world.staff(PRACTITIONER))
    assert only(week(world, PRACTITIONER)).status is AppointmentStatus.BOOKED
