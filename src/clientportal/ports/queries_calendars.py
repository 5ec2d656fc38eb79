"""Questions about histories and calendars (APT-16, PPL-3)."""

from __future__ import annotations

from attrs import field, frozen

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import AppointmentId, StaffId
from clientportal.domain.people import StaffMember
from clientportal.flows import Query


@frozen
class AppointmentsNamed(Query[tuple[Appointment, ...]]):
    """The appointments with one of these ids, remembered; in the order of their ids."""

    subject = "appointment"
    appointment_ids: tuple[AppointmentId, ...] = field(repr=False)


@frozen
class StaffNamed(Query[tuple[StaffMember, ...]]):
    """The staff members with one of these ids, remembered; in the order of their ids."""

    subject = "staff_member"
    staff_ids: tuple[StaffId, ...]
