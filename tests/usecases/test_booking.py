"""How booking is decided: overbooking, limits, holds, rooms, and why not (APT-3 to APT-7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import AppointmentId, ClientId
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import ANN, BEN, DAN, OWNER, PRACTITIONER, TALK
from clientportal.usecases.appointments import BookAppointment, CancelAppointment

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
