"""Questions about histories and calendars (APT-16, PPL-3)."""

from __future__ import annotations

from attrs import field, frozen

from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Availability
from clientportal.domain.claims import Exclusive
from clientportal.domain.ids import AppointmentId, StaffId
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.people import Client, StaffMember
from clientportal.flows import Query
from clientportal.ports.queries_access import PAGE, limited


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


@frozen(kw_only=True)
class Calendar:
    """A staff member, the levels that say when they can be had at all, and their time held."""

    staff: StaffMember
    levels: tuple[Availability, ...]
    held: tuple[Exclusive, ...] = field(repr=False)


@frozen
class CalendarOf(Query[Calendar]):
    """A staff member's time: of the levels their own and the practice's, those of services not.

    *held* is what is held of them in hours that touch *within*, as `merged` gives it.
    """

    subject = "staff_member"
    staff_id: StaffId
    within: Interval


@frozen(kw_only=True)
class CalendarItem:
    """An appointment, its client, the name of its service, and whether the actor is *assigned*.

    *is_overlapping*: it is booked, or requested and not lapsed, and so is another one of the same
    staff member that touches it.
    """

    appointment: Appointment
    client: Client = field(repr=False)
    service_name: str = field(repr=False)
    assigned: bool
    is_overlapping: bool

    @property
    def key(self) -> tuple[Moment, AppointmentId]:
        """Where it stands on a page."""
        return self.appointment.interval.start, self.appointment.id


@frozen
class CalendarPageOf(Query[tuple[CalendarItem, ...]]):
    """A page of a staff member's appointments that touch *within*, by (start, id).

    Those that last longer than a day if *lasting*, else all others: each way is found by an index
    of its own. *after* is the key of the last one seen.
    """

    subject = "staff_member"
    staff_id: StaffId
    within: Interval
    now: Moment
    actor: Actor
    lasting: bool = field(kw_only=True)
    after: tuple[Moment, AppointmentId] | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)
