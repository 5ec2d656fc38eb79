"""Appointments in calendars outside: neutral, and only for whoever may see them (APT-15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from clientportal.domain.actors import Actor
from clientportal.domain.calendars import CalendarFile, EntryStatus, Method
from clientportal.domain.ids import AppointmentId
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import ANN, BEN, CAT, OWNER, PRACTITIONER, TALK, TRAINEE, dora
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.calendars import SeeAppointmentFile

DAY: Final = timedelta(days=1)
ANNS: Final = AppointmentId("apt_1")
HIDDEN: Final = Denied("NotFoundError", "not_found")


def file(world: World, who: Actor, appointment_id: AppointmentId = ANNS) -> CalendarFile:
    """The appointment as a file."""
    seen: Any = world.look(SeeAppointmentFile(appointment_id=appointment_id), who)
    assert isinstance(seen, CalendarFile), seen
    return seen


def test_a_file_follows_the_life_of_its_appointment(world: World) -> None:
    """APT-15: one UID for life, one more in SEQUENCE for each change, CANCEL at the end."""
    ann, pia = world.client(ANN), world.staff(PRACTITIONER)
    seen = [file(world, ann)]
    for command in (AcceptAppointment, CancelAppointment):
        world.done(command(appointment_id=ANNS), pia)
        seen.append(file(world, ann))
    entries = [each.entries[0] for each in seen]
    assert {each.uid for each in entries} == {"apt_1@prc_1"}
    assert [each.sequence for each in entries] == [0, 1, 2]
    assert [each.method for each in seen] == [Method.REQUEST, Method.REQUEST, Method.CANCEL]
    assert [each.status for each in entries] == list(EntryStatus)
    world.done(CancelAppointment(appointment_id=ANNS), pia)
    assert file(world, ann) == seen[-1]


def test_what_never_came_about_is_taken_out(world: World) -> None:
    """APT-6, APT-15: a declined request, and one that lapsed, are cancelled."""
    ann, pia = world.client(ANN), world.staff(PRACTITIONER)
    world.clock.at += timedelta(days=60)
    assert file(world, ann).method is Method.CANCEL
    world.clock.at -= timedelta(days=60)
    world.done(DeclineAppointment(appointment_id=ANNS), pia)
    assert file(world, ann).method is Method.CANCEL


def test_a_file_says_nothing_of_anybody(world: World) -> None:
    """APT-15: the practice's name and `Appointment`; the reader's own address, nobody else's."""
    ann, pia = world.client(ANN), world.staff(PRACTITIONER)
    clients, staffs = file(world, ann), file(world, pia)
    assert clients.entries == staffs.entries
    assert clients.entries[0].summary == "Riverside: Appointment"
    assert clients.organizer == staffs.organizer == "Riverside"
    assert clients.attendee != staffs.attendee
    assert file(world, world.staff(OWNER)).attendee is None


@pytest.mark.parametrize(
    ("staff_id", "sees"), [(OWNER, True), (PRACTITIONER, True), (TRAINEE, False)]
)
def test_staff_have_files_of_the_calendars_they_may_see(
    world: World, staff_id: Any, sees: bool
) -> None:
    """PPL-3: one's own calendar or everybody's, as the permissions say."""
    seen = world.look(SeeAppointmentFile(appointment_id=ANNS), world.staff(staff_id))
    assert (seen != HIDDEN) is sees


def test_others_learn_nothing(world: World) -> None:
    """PPL-5, REL-2: another client's file is not there, nor a child's to whom nothing grants it."""
    for who in (world.client(BEN), world.client(CAT), dora(world)):
        assert world.look(SeeAppointmentFile(appointment_id=ANNS), who) == HIDDEN


def test_booking_outright_is_sure(world: World) -> None:
    """APT-6: what staff book is confirmed from the start, with the first sequence."""
    appointment_id = AppointmentId("apt_9")
    command = BookAppointment(
        appointment_id=appointment_id,
        client_id=ANN,
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=world.clock.at + 3 * DAY,
    )
    world.done(command, world.staff(PRACTITIONER))
    (entry,) = file(world, world.client(ANN), appointment_id).entries
    assert (entry.status, entry.sequence) == (EntryStatus.BOOKED, 0)
    assert entry.interval.start == command.start
