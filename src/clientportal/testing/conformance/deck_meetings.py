"""Commands at the door of a video appointment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.ids import AppointmentId
from clientportal.domain.meetings import Attendee, Meeting
from clientportal.testing.cast import ANN, MOTHER
from clientportal.testing.conformance.picks import Draw, Move, Picks
from clientportal.usecases.joining import (
    AdmitAttendee,
    EndMeeting,
    EnterWaitingRoom,
    LeaveMeeting,
    StartMeeting,
)


def _appointment(p: Picks) -> AppointmentId:
    """One that is booked, as a rule."""
    booked = AppointmentStatus.BOOKED
    found = [each.id for each in p.room.all(Appointment) if each.status is booked]
    return p.one(*found) if found and not p.seldom(4) else p.id(AppointmentId, Appointment)


def _host(p: Picks, appointment_id: AppointmentId) -> Actor:
    row = p.room.rows.get((Appointment, appointment_id))
    return p.by_staff() if row is None or p.seldom(4) else p.world.staff(row[1].staff_id)


def _guest(p: Picks, appointment_id: AppointmentId) -> Actor:
    row = p.room.rows.get((Appointment, appointment_id))
    return p.anybody() if row is None or p.seldom(4) else p.of_client(row[1].client_id)


def _drawn(command: Callable[..., Any], who: Callable[[Picks, AppointmentId], Actor]) -> Draw:
    def draw(p: Picks) -> Move:
        appointment_id = _appointment(p)
        return Move(command(appointment_id=appointment_id), who(p, appointment_id))

    return draw


def admit(p: Picks) -> Move:
    """Let somebody in, as a rule one who waits."""
    appointment_id = _appointment(p)
    met = [each for each in p.room.all(Meeting) if each.appointment_id == appointment_id]
    there: list[Attendee] = [each.attendee for one in met for each in one.there]
    attendee = p.one(*there, ANN, MOTHER)
    command = AdmitAttendee(appointment_id=appointment_id, attendee=attendee)
    return Move(command, _host(p, appointment_id))


DECK: Final[Mapping[str, tuple[Draw, ...]]] = {
    "doors": (
        _drawn(EnterWaitingRoom, _guest),
        _drawn(EnterWaitingRoom, _guest),
        _drawn(StartMeeting, _host),
        admit,
        _drawn(LeaveMeeting, _guest),
        _drawn(EndMeeting, _host),
    ),
}
