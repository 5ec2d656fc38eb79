"""Meetings of an appointment: one with all its fields set, and one with as few as can be."""

from __future__ import annotations

from typing import Any

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import RelationshipId
from clientportal.domain.meetings import Attendance, Meeting
from clientportal.domain.moments import Moment


def meetings_of(appointment: Appointment, at: Moment, later: Moment) -> tuple[tuple[Any, Any], ...]:
    """Each with the appointment, which is written with it."""
    there = (
        Attendance(attendee=appointment.client_id, since=at, admitted_at=later),
        Attendance(attendee=RelationshipId("rel_9"), since=later),
    )
    full = Meeting(
        appointment_id=appointment.id, sequence=2**40, started_at=at, ended_at=later, there=there
    )
    bare = Meeting(appointment_id=appointment.id, sequence=0)
    return (appointment, full), (appointment, bare)
