"""How memory answers questions about histories and calendars."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from clientportal.domain.appointments import Appointment
from clientportal.domain.people import StaffMember
from clientportal.embedded.room import Look
from clientportal.ports import queries as q


def _appointments_named(work: Look, query: q.AppointmentsNamed) -> tuple[Appointment, ...]:
    found = (work.find(Appointment, each) for each in sorted(set(query.appointment_ids)))
    return tuple(each for each in found if each is not None)


def _staff_named(work: Look, query: q.StaffNamed) -> tuple[StaffMember, ...]:
    found = (work.find(StaffMember, each) for each in sorted(set(query.staff_ids)))
    return tuple(each for each in found if each is not None)


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.AppointmentsNamed: _appointments_named,
    q.StaffNamed: _staff_named,
}
