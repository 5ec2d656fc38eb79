"""Appointments: their life, and the time they claim (APT-4, APT-6 to APT-9, APT-13, APT-16)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final, TypeAlias

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.availability import Modality
from clientportal.domain.bounds import flag
from clientportal.domain.buffers import Buffers, claims_of_time, in_whole_minutes
from clientportal.domain.claims import Claim, Exclusive, merged
from clientportal.domain.ids import AppointmentId, ClientId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment, is_moment
from clientportal.domain.moves import (
    AppointmentConfirmed,
    AppointmentFulfilled,
    AppointmentMissed,
    AppointmentMoveAccepted,
    AppointmentMoved,
    AppointmentMoveDeclined,
    AppointmentMoveProposed,
    AppointmentMoveWithdrawn,
    AppointmentReopened,
    AppointmentRestored,
    AttendanceEvent,
    MoveEvent,
)
from clientportal.domain.practices import CancelTerms, MoveTerms
from clientportal.domain.texts import prose
from clientportal.errors import MalformedError, Problem

#: So many former times are remembered; the events tell of all.
MOST_FORMER: Final = 100


class AppointmentStatus(Enum):
    """The life of an appointment (APT-6).

    *lapsed* is told by time alone; it is stored when somebody else is given the time.
    """

    REQUESTED = "requested"
    BOOKED = "booked"
    FULFILLED = "fulfilled"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LATE_CANCELLED = "late_cancelled"
    NO_SHOW = "no_show"
    LAPSED = "lapsed"


OCCUPYING: Final = frozenset({AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED})
#: What took place or was missed keeps its time: nobody books the rest, and it can be taken back.
HOLDING: Final = OCCUPYING | {AppointmentStatus.FULFILLED, AppointmentStatus.NO_SHOW}


def _whole_minutes(self: Appointment, attribute: Attribute[Any], value: Interval) -> None:
    if not self.is_history:  # that is as it was, to the second and for as long as it took (APT-16)
        in_whole_minutes(self, attribute, value)


def _past(self: Appointment, attribute: Attribute[Any], value: bool) -> None:  # noqa: FBT001
    flag(self, attribute, value)
    if value and self.status in OCCUPYING:
        advice = "give a past visit as fulfilled"
        raise MalformedError(Problem(attribute.name, "invalid_argument", advice))


@frozen(kw_only=True)
class Appointment:
    """A meeting of one client with one staff member; *is_history* is one from before (APT-16)."""

    id: AppointmentId
    client_id: ClientId
    staff_id: StaffId
    service_id: ServiceId
    interval: Interval = field(validator=_whole_minutes)
    buffers: Buffers = Buffers()
    modality: Modality = Modality.IN_PERSON
    status: AppointmentStatus = AppointmentStatus.REQUESTED
    sequence: int = 0
    made_at: Moment = field(validator=is_moment)
    terms: CancelTerms = CancelTerms()
    reason: str | None = field(default=None, validator=optional(prose(500)), repr=False)
    is_overbooked: bool = field(default=False, validator=flag)
    is_history: bool = field(default=False, validator=_past)
    moved_from: tuple[Interval, ...] = ()
    proposed: Interval | None = field(default=None, validator=optional(_whole_minutes))
    moved_at: Moment | None = field(default=None, validator=optional(is_moment))
    is_moved_late: bool = False
    is_by_staff: bool = False
    confirmed_at: Moment | None = field(default=None, validator=optional(is_moment))
    is_proposed_late: bool = False
    move_terms: MoveTerms = MoveTerms()

    belongs_to = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The time of both people unless it was called off; while a move waits, both times.

        The two may overlap: they are held as one, so that it never stands in its own way (APT-9).
        """
        if self.status not in HOLDING or self.is_history:
            return ()
        now = claims_of_time(
            self.staff_id,
            self.client_id,
            self.interval,
            self.buffers,
            overbook=self.is_overbooked,
        )
        return now if self.proposed is None else merged((*now, *self.claims_at(self.proposed)))

    def claims_at(self, interval: Interval) -> tuple[Exclusive, ...]:
        """What it would hold at another *interval*: its people and its buffers stay."""
        return claims_of_time(self.staff_id, self.client_id, interval, self.buffers)

    @property
    def times(self) -> tuple[Interval, ...]:
        """When it is, and while a move waits when it may come to be."""
        return (self.interval,) if self.proposed is None else (self.interval, self.proposed)

    @property
    def regret_from(self) -> Moment:
        """When it was booked or last moved (APT-8)."""
        return self.moved_at or self.made_at

    def move_lapses_at(self) -> Moment | None:
        """When the move that waits lapses: at the earlier of both starts (APT-9)."""
        return None if self.proposed is None else min(self.interval.start, self.proposed.start)

    def has_lapsed(self, now: Moment) -> bool:
        """Whether it is a request whose start has come, stored as such or not (APT-6)."""
        waits = self.status is AppointmentStatus.REQUESTED and now >= self.interval.start
        return waits or self.status is AppointmentStatus.LAPSED

    def is_upcoming(self, now: Moment) -> bool:
        """Whether the dashboard lists it among what is to come (DASH-1)."""
        return self.status in OCCUPYING and now < self.interval.end and not self.has_lapsed(now)


@frozen(kw_only=True)
class AppointmentRequested:
    """A client asked for a time; it is occupied."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentBooked:
    """A time was booked outright: by staff, or by a client under auto-accept."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentAccepted:
    """Staff accepted a request."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentDeclined:
    """Staff declined a request."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentCancelled:
    """An appointment was called off."""

    appointment_id: AppointmentId
    is_late: bool


@frozen(kw_only=True)
class AppointmentImported:
    """A past visit came into the history, or was put right by the list it came from (APT-16)."""

    appointment_id: AppointmentId


@frozen(kw_only=True)
class AppointmentLapsed:
    """Nobody answered a request before its start, and somebody else was given its time."""

    appointment_id: AppointmentId


AppointmentEvent: TypeAlias = (
    AppointmentRequested
    | AppointmentBooked
    | AppointmentAccepted
    | AppointmentDeclined
    | AppointmentCancelled
    | AppointmentImported
    | AppointmentLapsed
    | MoveEvent
    | AttendanceEvent
)

_REQUESTED, _BOOKED = AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED
_FULFILLED, _NO_SHOW = AppointmentStatus.FULFILLED, AppointmentStatus.NO_SHOW

TRANSITIONS: Final[Mapping[tuple[AppointmentStatus, type[AppointmentEvent]], AppointmentStatus]] = {
    (_REQUESTED, AppointmentRequested): _REQUESTED,
    (_REQUESTED, AppointmentBooked): _BOOKED,
    (_REQUESTED, AppointmentAccepted): _BOOKED,
    (_REQUESTED, AppointmentDeclined): AppointmentStatus.DECLINED,
    (_REQUESTED, AppointmentCancelled): AppointmentStatus.CANCELLED,
    (_REQUESTED, AppointmentLapsed): AppointmentStatus.LAPSED,
    (_REQUESTED, AppointmentMoved): _REQUESTED,
    (_BOOKED, AppointmentCancelled): AppointmentStatus.CANCELLED,
    (_BOOKED, AppointmentMoved): _BOOKED,
    (_BOOKED, AppointmentMoveProposed): _BOOKED,
    (_BOOKED, AppointmentMoveAccepted): _BOOKED,
    (_BOOKED, AppointmentMoveDeclined): _BOOKED,
    (_BOOKED, AppointmentMoveWithdrawn): _BOOKED,
    (_BOOKED, AppointmentConfirmed): _BOOKED,
    (_BOOKED, AppointmentFulfilled): _FULFILLED,
    (_BOOKED, AppointmentMissed): _NO_SHOW,
    (_FULFILLED, AppointmentReopened): _BOOKED,
    (_NO_SHOW, AppointmentReopened): _BOOKED,
    (AppointmentStatus.CANCELLED, AppointmentRestored): _BOOKED,
    (AppointmentStatus.LATE_CANCELLED, AppointmentRestored): _BOOKED,
    (AppointmentStatus.FULFILLED, AppointmentImported): AppointmentStatus.FULFILLED,
}

#: What calendars and rooms must hear of (APT-12, APT-15).
_COUNTED: Final = (
    AppointmentAccepted,
    AppointmentDeclined,
    AppointmentCancelled,
    AppointmentMoved,
    AppointmentMoveAccepted,
    AppointmentRestored,
)
_NO_MOVE: Final[Mapping[str, Any]] = {"proposed": None, "is_proposed_late": False}


def after(appointment: Appointment, event: AppointmentEvent) -> Appointment:
    """The appointment as it stands once *event* has happened."""
    status = TRANSITIONS[appointment.status, type(event)]
    sequence = appointment.sequence + isinstance(event, _COUNTED)
    told = _told(appointment, event)
    return evolve(appointment, **{"status": status, "sequence": sequence, **told})


def _told(appointment: Appointment, event: AppointmentEvent) -> Mapping[str, Any]:
    """What *event* says beside the status; but for a move that waits, others end it."""
    match event:
        case AppointmentMoved() | AppointmentMoveAccepted():
            return _moved(appointment, event)
        case AppointmentMoveProposed(start=start, end=end, is_late=is_late):
            return {"proposed": Interval(start, end), "is_proposed_late": is_late}
        case AppointmentCancelled(is_late=True):
            return {**_NO_MOVE, "status": AppointmentStatus.LATE_CANCELLED}
        case AppointmentConfirmed(at=at):
            return {"confirmed_at": at}
        case AppointmentRestored():
            return {"reason": None, "confirmed_at": None}
        case _:  # that there is such an event, the table has told
            return _NO_MOVE


def _moved(
    appointment: Appointment, event: AppointmentMoved | AppointmentMoveAccepted
) -> Mapping[str, Any]:
    """Another time; the former one is remembered, a confirmation was of that one (APT-9)."""
    former = (*appointment.moved_from, appointment.interval)
    return {
        **_NO_MOVE,
        "interval": Interval(event.start, event.end),
        "moved_from": former[-MOST_FORMER:],
        "moved_at": event.at,
        "is_moved_late": appointment.is_moved_late or event.is_late,
        "confirmed_at": None,
        "is_overbooked": False,
    }
