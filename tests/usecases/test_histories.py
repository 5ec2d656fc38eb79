"""Who may bring past visits in, and what an import never does (APT-16)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from attrs import evolve
from tests.usecases.everything import good
from tests.usecases.test_meanwhile import between

from clientportal.commands import AddStaffMember, ImportAppointments
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.ids import AppointmentId, StaffId
from clientportal.domain.moments import Interval
from clientportal.domain.people import (
    OWNER_PERMISSIONS,
    Permissions,
    Reach,
    StaffMember,
    StaffStatus,
)
from clientportal.errors import MalformedError
from clientportal.receipts import Receipt
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import ANN, OWNER, PRACTITIONER, TALK

COMMAND: Final[ImportAppointments] = good(ImportAppointments)
(PAST,) = COMMAND.appointments


def codes(receipt: Any) -> list[str]:
    """What became of each row."""
    assert isinstance(receipt, Receipt)
    return [each.code for each in receipt.results]


@pytest.mark.parametrize(
    ("lacks", "answer"),
    [
        (Permissions(), "permission_needed"),
        (evolve(OWNER_PERMISSIONS, practice_settings=False), "permission_needed"),
        (evolve(OWNER_PERMISSIONS, edit_calendar=Reach.ASSIGNED), "permission_needed"),
        (evolve(OWNER_PERMISSIONS, view_clients=Reach.ASSIGNED), "permission_needed"),
        (Permissions(
            practice_settings=True, edit_calendar=Reach.EVERYTHING, view_clients=Reach.EVERYTHING
        ), None),
    ],
)  # fmt: skip
def test_an_import_reaches_everybody(world: World, lacks: Permissions, answer: str | None) -> None:
    """APT-16, PPL-3: it touches every record and calendar, so it needs the reach of both."""
    zoe = StaffMember(id=StaffId("stf_77"), name="Zoe", permissions=lacks)
    world.done(AddStaffMember(staff=zoe), world.staff(OWNER))
    said = world.do(COMMAND, world.staff(zoe.id))
    assert said == Denied("RefusedError", answer) if answer else codes(said) == ["added"]


def test_clients_and_visitors_import_nothing(world: World) -> None:
    """APT-16: the command line and staff may."""
    for who in (world.client(ANN), world.visitor()):
        assert world.do(COMMAND, who) == Denied("RefusedError", "staff_only")
    assert codes(world.do(COMMAND, world.system())) == ["added"]


def test_practitioners_come_in_without_powers(world: World) -> None:
    """APT-16, PPL-3: whatever is given, an import makes nobody active and grants nothing."""
    eve = StaffMember(id=StaffId("stf_51"), name="Eve", permissions=OWNER_PERMISSIONS)
    world.done(evolve(COMMAND, practitioners=(eve,)), world.system())
    storage: Any = world.storage
    made = storage.rooms[world.practice_id].rows[StaffMember, eve.id][1]
    assert (made.status, made.permissions) == (StaffStatus.LEFT, Permissions())


def test_only_what_a_visit_needs_is_made(world: World) -> None:
    """APT-16: a refused row brings neither its staff member nor its service."""
    unknown = evolve(COMMAND, appointments=(evolve(PAST, client_external_id="none"),))
    receipt = world.done(unknown, world.system())
    assert (codes(receipt), receipt.events) == (["unknown_client"], ())
    named = [event.name for event in world.done(COMMAND, world.system()).events]
    assert named == ["staff_member.added", "service.added", "appointment.imported"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"services": ()}, "unknown_service"),
        ({"practitioners": ()}, "unknown_staff"),
        ({"appointments": (evolve(PAST, appointment_id=AppointmentId("apt_1")),)}, "id_used"),
    ],
)
def test_rows_are_refused_by_what_is_there(world: World, given: Any, code: str) -> None:
    """APT-16: a visit never takes the id of an appointment that was booked here."""
    assert codes(world.done(evolve(COMMAND, **given), world.system())) == [code]


def test_who_is_there_is_named_by_id(world: World) -> None:
    """APT-16: staff and services of the practice need no list of their own."""
    visit = evolve(PAST, staff_id=PRACTITIONER, service_id=TALK)
    command = ImportAppointments(appointments=(visit,))
    assert codes(world.done(command, world.system())) == ["added"]
    assert codes(world.done(command, world.system())) == ["unchanged"]


def test_two_imports_at_once_come_to_one(world: World) -> None:
    """APT-16: the second finds what the first brought in; nothing is refused."""
    system = world.system()
    through = between(world, lambda: world.done(COMMAND, system))
    assert codes(world.do(COMMAND, system, through=through)) == ["unchanged"]


def test_the_past_has_no_future() -> None:
    """APT-16: history is fulfilled; only history is free of the rules of length and minutes."""
    interval = Interval(PAST.interval.start, PAST.interval.end + timedelta(seconds=1))
    given: dict[str, Any] = {
        "id": PAST.appointment_id, "client_id": ANN, "staff_id": OWNER, "service_id": TALK,
        "made_at": PAST.interval.end, "interval": interval,
    }  # fmt: skip
    past = Appointment(**given, status=AppointmentStatus.FULFILLED, is_history=True)
    assert past.claims == ()
    for status in (AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED):
        with pytest.raises(MalformedError):
            Appointment(**given, status=status, is_history=True)
    with pytest.raises(MalformedError):
        Appointment(**given, status=AppointmentStatus.FULFILLED)
