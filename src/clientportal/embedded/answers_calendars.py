"""How memory answers questions about histories and calendars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from clientportal.domain.appointments import OCCUPYING, Appointment
from clientportal.domain.availability import Availability, Service
from clientportal.domain.buffers import LONGEST
from clientportal.domain.people import Client, StaffMember
from clientportal.embedded.answers_access import is_assigned
from clientportal.embedded.answers_slots import held_in, whole_hours
from clientportal.embedded.room import Look
from clientportal.ports import queries as q


def _appointments_named(work: Look, query: q.AppointmentsNamed) -> tuple[Appointment, ...]:
    found = (work.find(Appointment, each) for each in sorted(set(query.appointment_ids)))
    return tuple(each for each in found if each is not None)


def _staff_named(work: Look, query: q.StaffNamed) -> tuple[StaffMember, ...]:
    found = (work.find(StaffMember, each) for each in sorted(set(query.staff_ids)))
    return tuple(each for each in found if each is not None)


def _calendar(work: Look, query: q.CalendarOf) -> q.Calendar:
    staff = work.get(StaffMember, query.staff_id, "staff_member")
    levels = tuple(
        each
        for each in work.room.all(Availability)
        if each.staff_id in (None, staff.id) and each.service_id is None
    )
    held = held_in(work, {staff.id}, whole_hours(query.within))
    return q.Calendar(staff=staff, levels=levels, held=held)


def _page(work: Look, query: q.CalendarPageOf) -> tuple[q.CalendarItem, ...]:
    mine = [e for e in work.room.all(Appointment) if e.staff_id == query.staff_id]
    found = [
        _item(work, each, mine, query)
        for each in mine
        if each.interval.overlaps(query.within)
        and (each.interval.duration > LONGEST) is query.lasting
    ]
    page = [each for each in found if query.after is None or each.key > query.after]
    return tuple(sorted(page, key=lambda each: each.key)[: query.limit])


def _item(
    work: Look, appointment: Appointment, mine: list[Appointment], query: q.CalendarPageOf
) -> q.CalendarItem:
    def occupies(each: Appointment) -> bool:
        return each.status in OCCUPYING and not each.has_lapsed(query.now)

    others = (each for each in mine if each.id != appointment.id and occupies(each))
    return q.CalendarItem(
        appointment=appointment,
        client=work.room.rows[Client, appointment.client_id][1],
        service_name=work.room.rows[Service, appointment.service_id][1].name,
        assigned=is_assigned(work, appointment.client_id, query.actor.staff_id),
        is_overlapping=occupies(appointment)
        and any(each.interval.overlaps(appointment.interval) for each in others),
    )


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.CalendarOf: _calendar,
    q.CalendarPageOf: _page,
    q.AppointmentsNamed: _appointments_named,
    q.StaffNamed: _staff_named,
}
