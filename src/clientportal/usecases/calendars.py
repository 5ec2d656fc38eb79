"""Appointments for the calendars that people keep outside (APT-15)."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from clientportal.domain.calendars import CalendarFile, EntryStatus, Method, entry_of
from clientportal.domain.ids import AppointmentId
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.appointments import AppointmentFacts, may_view_appointment
from clientportal.ports.queries import AppointmentFactsOf
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class SeeAppointmentFile:
    """One appointment for a calendar: to put in, or to take out once it is off (APT-15).

    A calendar port writes it as bytes.
    """

    name: ClassVar[str] = "appointment.file"
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Shown[CalendarFile]]:
        """Whoever may see the appointment; nobody's address but the reader's own is in it."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision = may_view_appointment(facts)
        about = facts.appointment.client_id
        if not decision:
            return Shown(decision, about=about)
        practice = facts.standing.practice
        entry = entry_of(facts.appointment, practice, context.now)
        off = entry.status is EntryStatus.CANCELLED
        file = CalendarFile(
            method=Method.CANCEL if off else Method.REQUEST,
            organizer=practice.name,
            attendee=_own_address(facts),
            stamp=context.now,
            entries=(entry,),
        )
        return Shown(decision, file, about=about)


def _own_address(facts: AppointmentFacts) -> str | None:
    """The reader's, where they attend: the client's, or the staff member's."""
    standing = facts.standing
    if standing.actor.is_client:
        return standing.client.email
    attends = standing.staff is not None and standing.staff.id == facts.appointment.staff_id
    return standing.staff.email if attends and standing.staff is not None else None
