"""How memory answers questions about who is told of an appointment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from clientportal.domain.accounts import Access, Account
from clientportal.domain.appointment_notices import AppointmentNotice
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.moments import Moment
from clientportal.domain.people import Client, StaffMember
from clientportal.embedded.answers_access import bond_of, practice_of
from clientportal.embedded.room import Look
from clientportal.policies.reminders import AttendanceFacts, Attendant
from clientportal.ports import queries as q


def _facts(work: Look, appointment: Appointment) -> AttendanceFacts:
    client_id = appointment.client_id
    live = [e for e in work.room.all(Access) if e.client_id == client_id and e.is_live]
    people = {appointment.staff_id, *(each.account_id for each in live)}
    version = (appointment.id, appointment.sequence)
    return AttendanceFacts(
        practice=practice_of(work),
        client=work.room.rows[Client, client_id][1],
        staff=work.room.rows[StaffMember, appointment.staff_id][1],
        appointment=appointment,
        attendants=tuple(_attendant(work, each) for each in live),
        notices=tuple(
            each
            for each in work.room.all(AppointmentNotice)
            if (each.appointment_id, each.sequence) == version and each.person in people
        ),
    )


def _attendant(work: Look, access: Access) -> Attendant:
    account: Account = work.room.rows[Account, access.account_id][1]
    bond = bond_of(work, access.relationship_id)
    return Attendant(access=access, email=account.email, bond=bond)


def _attendance(work: Look, query: q.AttendanceOf) -> AttendanceFacts:
    facts = _facts(work, work.get(Appointment, query.appointment_id, "appointment"))
    for each in facts.notices:
        work.remember(each)
    return facts


def _starting(work: Look, query: q.StartingWithin) -> tuple[AttendanceFacts, ...]:
    def key(each: Appointment) -> tuple[Moment, str]:
        return each.interval.start, each.id

    within, after = query.within, query.after
    found = [
        each
        for each in work.room.all(Appointment)
        if each.status is AppointmentStatus.BOOKED
        and within.start <= each.interval.start < within.end
        and (after is None or key(each) > after)
    ]
    return tuple(_facts(work, each) for each in sorted(found, key=key)[: query.limit])


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.AttendanceOf: _attendance,
    q.StartingWithin: _starting,
}
