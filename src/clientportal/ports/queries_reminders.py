"""Questions about whom mail about an appointment reaches, and which are near (APT-14)."""

from __future__ import annotations

from attrs import field, frozen

from clientportal.domain.ids import AppointmentId
from clientportal.domain.moments import Interval, Moment
from clientportal.flows import Query
from clientportal.policies.reminders import AttendanceFacts
from clientportal.ports.queries_access import PAGE, limited


@frozen
class AttendanceOf(Query[AttendanceFacts]):
    """An appointment, the accounts that open its client's portal, and what they were told.

    The live accesses, by account; the notices of its present sequence to one of these or to the
    staff member, by id, remembered.
    """

    subject = "appointment"
    appointment_id: AppointmentId


@frozen
class StartingWithin(Query[tuple[AttendanceFacts, ...]]):
    """A page of the booked appointments that start in *within*, ascending by (start, id).

    As `AttendanceOf`. *after* is the key of the last one seen.
    """

    subject = "practice"
    within: Interval
    after: tuple[Moment, AppointmentId] | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)
