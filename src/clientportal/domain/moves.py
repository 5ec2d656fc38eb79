"""Facts about moving an appointment in time, and what became of it (APT-9, APT-13)."""

from __future__ import annotations

from typing import TypeAlias

from attrs import frozen

from clientportal.domain.ids import AppointmentId
from clientportal.domain.moments import Moment


@frozen(kw_only=True)
class AppointmentMoved:
    """An appointment was moved to another time, late where the notice was not kept."""

    appointment_id: AppointmentId
    start: Moment
    end: Moment
    at: Moment
    is_late: bool


@frozen(kw_only=True)
class AppointmentMoveProposed:
    """A client asked for another time; the old one stands, and both are occupied."""

    appointment_id: AppointmentId
    start: Moment
    end: Moment
    is_late: bool


@frozen(kw_only=True)
class AppointmentMoveAccepted:
    """Staff accepted the time a client asked for; the old one is free again."""

    appointment_id: AppointmentId
    start: Moment
    end: Moment
    at: Moment
    is_late: bool


@frozen(kw_only=True)
class AppointmentMoveDeclined:
    """Staff declined the time a client asked for; the appointment stays at the old one."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentMoveWithdrawn:
    """A client no longer asks for another time; the appointment stays at the old one."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentConfirmed:
    """A client confirmed an appointment that staff made."""

    appointment_id: AppointmentId
    at: Moment


@frozen(kw_only=True)
class AppointmentFulfilled:
    """Staff noted that an appointment took place."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentMissed:
    """Staff noted that the client did not come."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentReopened:
    """Staff took back what they had noted about attendance; it is booked as before."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentRestored:
    """Staff took back a cancellation; its time is occupied anew."""

    appointment_id: AppointmentId


MoveEvent: TypeAlias = (
    AppointmentMoved
    | AppointmentMoveProposed
    | AppointmentMoveAccepted
    | AppointmentMoveDeclined
    | AppointmentMoveWithdrawn
)
AttendanceEvent: TypeAlias = (
    AppointmentConfirmed
    | AppointmentFulfilled
    | AppointmentMissed
    | AppointmentReopened
    | AppointmentRestored
)
