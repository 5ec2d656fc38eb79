"""Commands that move appointments, and that say what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.ids import (
    AppointmentId,
)
from clientportal.testing.cast import (
    OWNER,
)
from clientportal.testing.conformance.picks import Move, Picks
from clientportal.usecases.appointments import (
    AcceptAppointment,
    DeclineAppointment,
)
from clientportal.usecases.attendance import (
    ConfirmAppointment,
    FulfilAppointment,
    MarkNoShow,
    UndoFulfilment,
    UndoNoShow,
)
from clientportal.usecases.rescheduling import RescheduleAppointment, RestoreAppointment


def reschedule(p: Picks) -> Move:
    """Move an appointment, often by less than its length, now and then to where it is."""
    appointment_id = p.id(AppointmentId, Appointment)
    start, row = p.start(), p.room.rows.get((Appointment, appointment_id))
    if row is not None:
        near: Appointment = row[1]
        start = near.interval.start + timedelta(minutes=p.one(-60, -20, 0, 10, 30, 50, 1440))
    command = RescheduleAppointment(appointment_id=appointment_id, start=start)
    return Move(command, by_calendar(p, appointment_id))


def answer_move(p: Picks) -> Move:
    """Accept or decline a time that a client asked for; where nobody did, ask for one."""
    waiting = [each for each in p.room.all(Appointment) if each.proposed is not None]
    booked = [e for e in p.room.all(Appointment) if e.is_upcoming(p.world.clock.at)]
    if waiting:
        one = p.one(*waiting)
        answer: type[Any] = p.one(AcceptAppointment, DeclineAppointment)
        actor = p.one(p.world.staff(one.staff_id), p.of_client(one.client_id))
        return Move(answer(appointment_id=one.id), actor)
    if not booked:
        return reschedule(p)
    one = p.one(*booked)
    start = one.interval.start + timedelta(minutes=p.one(-20, 10, 30, 1440))
    asked = RescheduleAppointment(appointment_id=one.id, start=start)
    return Move(asked, p.world.client(one.client_id))


def restore_appointment(p: Picks) -> Move:
    """Take a cancellation back, as a rule of something cancelled that is still ahead."""
    off = (AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED)
    found = [each for each in p.room.all(Appointment) if each.status in off]
    ahead = [each for each in found if each.interval.start > p.world.clock.at]
    if ahead and not p.seldom(4):
        one = p.one(*ahead)
        command = RestoreAppointment(appointment_id=one.id)
        return Move(command, p.one(p.world.staff(one.staff_id), p.world.staff(OWNER)))
    appointment_id = p.id(AppointmentId, Appointment)
    return Move(RestoreAppointment(appointment_id=appointment_id), by_calendar(p, appointment_id))


_DEEDS: Final[Mapping[AppointmentStatus, tuple[type[Any], ...]]] = {
    AppointmentStatus.BOOKED: (FulfilAppointment, MarkNoShow),
    AppointmentStatus.FULFILLED: (UndoFulfilment,),
    AppointmentStatus.NO_SHOW: (UndoNoShow,),
}


def attend(p: Picks) -> Move:
    """Confirm, note what took place or was missed, and take that back."""
    now, meetings = p.world.clock.at, p.room.all(Appointment)
    begun = [e for e in meetings if e.interval.start <= now and e.status in _DEEDS]
    if begun and not p.seldom(4):
        one = p.one(*begun)
        kind: type[Any] = p.one(*_DEEDS[one.status])
        return Move(kind(appointment_id=one.id), p.world.staff(one.staff_id))
    appointment_id = p.id(AppointmentId, Appointment)
    deeds = (FulfilAppointment, UndoFulfilment, MarkNoShow, UndoNoShow)
    deed: type[Any] = p.one(ConfirmAppointment, ConfirmAppointment, *deeds)
    return Move(deed(appointment_id=appointment_id), by_calendar(p, appointment_id))


def by_calendar(p: Picks, appointment_id: AppointmentId) -> Actor:
    """Who may, as a rule: somebody with a reach into the calendar it is in."""
    row = p.room.rows.get((Appointment, appointment_id))
    if row is None:
        return p.anybody()
    meeting: Appointment = row[1]
    mine = p.world.staff(meeting.staff_id)
    return p.one(mine, p.by_staff(), p.of_client(meeting.client_id), p.anybody())
