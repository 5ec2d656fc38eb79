"""Appointments: their life, and the time they claim (APT-4, APT-6 to APT-9, APT-13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Final, TypeAlias

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.availability import Modality
from clientportal.domain.bounds import whole
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
from clientportal.domain.practices import BufferRule, CancelTerms, MoveTerms
from clientportal.domain.texts import prose
from clientportal.errors import MalformedError, Problem

LONGEST: Final = timedelta(hours=24)
#: So many former times are remembered; the events tell of all.
MOST_FORMER: Final = 100


class AppointmentStatus(Enum):
    """The life of an appointment (APT-6); *lapsed* is told by time alone."""

    REQUESTED = "requested"
    BOOKED = "booked"
    FULFILLED = "fulfilled"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    LATE_CANCELLED = "late_cancelled"
    NO_SHOW = "no_show"


OCCUPYING: Final = frozenset({AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED})
#: What took place or was missed keeps its time: nobody books the rest, and it can be taken back.
HOLDING: Final = OCCUPYING | {AppointmentStatus.FULFILLED, AppointmentStatus.NO_SHOW}


@frozen(kw_only=True)
class Buffers:
    """Minutes kept free around a meeting, and how two neighbours' add up (APT-4)."""

    before: int = field(default=0, validator=whole(0, 24 * 60))
    after: int = field(default=0, validator=whole(0, 24 * 60))
    rule: BufferRule = BufferRule.LARGER

    def lanes(self, interval: Interval) -> tuple[Interval, Interval]:
        """What a staff member's two lanes hold for a meeting.

        *Larger of the two* is one buffer to a lane, so a neighbour's buffer may overlap mine but
        not my meeting; the other rules fill both lanes with both.
        """
        before, after = timedelta(minutes=self.before), timedelta(minutes=self.after)
        if self.rule is BufferRule.LARGER:
            return Interval(interval.start - before, interval.end), Interval(
                interval.start, interval.end + after
            )
        padded = Interval(interval.start - before, interval.end + after)
        return padded, padded


def claims_of_time(
    staff_id: StaffId, client_id: ClientId, interval: Interval, buffers: Buffers
) -> tuple[Exclusive, ...]:
    """What a meeting holds: the staff member in two lanes, the client in one (APT-5, APT-7)."""
    first, second = buffers.lanes(interval)
    return (
        Exclusive(staff_id, first, lane=0),
        Exclusive(staff_id, second, lane=1),
        Exclusive(client_id, interval),
    )


def _whole_minutes(_: Any, attribute: Attribute[Any], value: Interval) -> None:
    if value.duration > LONGEST:
        raise MalformedError(Problem(attribute.name, "invalid_interval", "give at most 24 hours"))
    if any(at.second or at.microsecond for at in (value.start, value.end)):
        raise MalformedError(Problem(attribute.name, "invalid_interval", "give whole minutes"))


@frozen(kw_only=True)
class Appointment:
    """A meeting of one client with one staff member."""

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
        if self.status not in HOLDING:
            return ()
        now = self.claims_at(self.interval)
        return now if self.proposed is None else merged((*now, *self.claims_at(self.proposed)))

    def claims_at(self, interval: Interval) -> tuple[Exclusive, ...]:
        """What it would hold at *interval*: its people and its buffers stay."""
        return claims_of_time(self.staff_id, self.client_id, interval, self.buffers)

    @property
    def regret_from(self) -> Moment:
        """When it was booked or last moved (APT-8)."""
        return self.moved_at or self.made_at

    def move_lapses_at(self) -> Moment | None:
        """When the move that waits lapses: at the earlier of both starts (APT-9)."""
        return None if self.proposed is None else min(self.interval.start, self.proposed.start)

    def has_lapsed(self, now: Moment) -> bool:
        """Whether it is a request whose start has come (APT-6)."""
        return self.status is AppointmentStatus.REQUESTED and now >= self.interval.start

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


AppointmentEvent: TypeAlias = (
    AppointmentRequested
    | AppointmentBooked
    | AppointmentAccepted
    | AppointmentDeclined
    | AppointmentCancelled
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
    }
