"""Appointments: their life, and the time they claim (APT-4, APT-6 to APT-8, APT-16)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Any, Final, TypeAlias, assert_never

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.availability import Modality
from clientportal.domain.bounds import flag, whole
from clientportal.domain.claims import Claim, Exclusive
from clientportal.domain.ids import AppointmentId, ClientId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment, is_moment
from clientportal.domain.practices import BufferRule, CancelTerms
from clientportal.domain.texts import prose
from clientportal.errors import MalformedError, Problem

LONGEST: Final = timedelta(hours=24)


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
    staff_id: StaffId,
    client_id: ClientId,
    interval: Interval,
    buffers: Buffers,
    *,
    overbook: bool = False,
) -> tuple[Exclusive, ...]:
    """What a meeting holds: the staff member in two lanes, the client in one (APT-5, APT-7).

    One that is overbooked holds no time of the staff member.
    """
    client = Exclusive(client_id, interval)
    if overbook:
        return (client,)
    first, second = buffers.lanes(interval)
    return Exclusive(staff_id, first, lane=0), Exclusive(staff_id, second, lane=1), client


def in_whole_minutes(_: Any, attribute: Attribute[Any], value: Interval) -> None:
    """Attrs validator: at most a day, from a whole minute to a whole minute (APT-2)."""
    if value.duration > LONGEST:
        raise MalformedError(Problem(attribute.name, "invalid_interval", "give at most 24 hours"))
    if any(at.second or at.microsecond for at in (value.start, value.end)):
        raise MalformedError(Problem(attribute.name, "invalid_interval", "give whole minutes"))


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

    belongs_to = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The time of both people, while requested or booked."""
        if self.status not in OCCUPYING:
            return ()
        return claims_of_time(
            self.staff_id,
            self.client_id,
            self.interval,
            self.buffers,
            overbook=self.is_overbooked,
        )

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
)

_REQUESTED, _BOOKED = AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED

TRANSITIONS: Final[Mapping[tuple[AppointmentStatus, type[AppointmentEvent]], AppointmentStatus]] = {
    (_REQUESTED, AppointmentRequested): _REQUESTED,
    (_REQUESTED, AppointmentBooked): _BOOKED,
    (_REQUESTED, AppointmentAccepted): _BOOKED,
    (_REQUESTED, AppointmentDeclined): AppointmentStatus.DECLINED,
    (_REQUESTED, AppointmentCancelled): AppointmentStatus.CANCELLED,
    (_REQUESTED, AppointmentLapsed): AppointmentStatus.LAPSED,
    (_BOOKED, AppointmentCancelled): AppointmentStatus.CANCELLED,
    (AppointmentStatus.FULFILLED, AppointmentImported): AppointmentStatus.FULFILLED,
}


def after(appointment: Appointment, event: AppointmentEvent) -> Appointment:
    """The appointment as it stands once *event* has happened."""
    status = TRANSITIONS[appointment.status, type(event)]
    match event:
        case AppointmentCancelled(is_late=is_late):
            late = AppointmentStatus.LATE_CANCELLED if is_late else status
            return evolve(appointment, status=late, sequence=appointment.sequence + 1)
        case AppointmentAccepted() | AppointmentDeclined():
            return evolve(appointment, status=status, sequence=appointment.sequence + 1)
        case (
            AppointmentRequested()
            | AppointmentBooked()
            | AppointmentImported()
            | AppointmentLapsed()
        ):
            return evolve(appointment, status=status)
        case _:
            assert_never(event)
