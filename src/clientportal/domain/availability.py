"""Services, and when they can be booked: wall-clock windows in a zone (APT-1, APT-2).

More specific replaces less specific, field by field: staff and service, staff, service, practice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import Attribute, field, frozen
from attrs.validators import optional

from clientportal.domain.bounds import whole
from clientportal.domain.ids import PracticeId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment, is_timezone, zone_of
from clientportal.domain.texts import line
from clientportal.errors import MalformedError, Problem

if TYPE_CHECKING:
    from datetime import tzinfo

DAY: Final = 24 * 60


class Modality(Enum):
    """How an appointment is held."""

    IN_PERSON = "in_person"
    VIDEO = "video"
    PHONE = "phone"


_minutes = whole(0, DAY)


@frozen(kw_only=True)
class Service:
    """What can be booked (APT-1). Times in minutes, price in minor units of *currency*."""

    id: ServiceId
    name: str = field(validator=line(200))
    duration: int = field(validator=whole(1, DAY))
    buffer_before: int = field(default=0, validator=_minutes)
    buffer_after: int = field(default=0, validator=_minutes)
    seats: int = field(default=1, validator=whole(1, 1000))
    modality: Modality = Modality.IN_PERSON
    price: int | None = field(default=None, validator=optional(whole(0, 10**9)))
    currency: str | None = field(default=None, validator=optional(line(3)))
    is_bookable_online: bool = True
    step: int | None = field(default=None, validator=optional(whole(1, DAY)))
    from_midnight: bool = False

    belongs_to = None
    claims = ()

    @property
    def interval_minutes(self) -> int:
        """From one start to the next; the duration unless set otherwise (APT-2)."""
        return self.step or self.duration


@frozen(kw_only=True)
class Window:
    """From *start* to *end*, minutes after local midnight of a *weekday* (Monday is 0).

    An end not after the start lies on the next day, so 0 to 0 is the whole day (APT-1).
    """

    weekday: int = field(validator=whole(0, 6))
    start: int = field(validator=whole(0, DAY - 1))
    end: int = field(validator=_minutes)


def _windows(self: Exceptional, attribute: Attribute[Any], value: object) -> None:
    pairs: tuple[Any, ...] = value if isinstance(value, tuple) else (value,)
    if any(not isinstance(pair, tuple) or len(pair) != 2 for pair in pairs):  # noqa: PLR2004
        raise MalformedError(Problem(attribute.name, "invalid_argument", "give pairs of minutes"))
    for start, end in pairs:
        whole(0, DAY - 1)(self, attribute, start)
        _minutes(self, attribute, end)


@frozen(kw_only=True)
class Exceptional:
    """What holds instead of the weekly pattern on one *day*: other windows, or none at all.

    Each of *windows* is (start, end) in minutes after local midnight.
    """

    day: date
    windows: tuple[tuple[int, int], ...] = field(default=(), validator=_windows)


def _known_days(_: Any, attribute: Attribute[Any], value: tuple[Exceptional, ...] | None) -> None:
    if value is None:
        return
    if not all(isinstance(each, Exceptional) for each in value):
        raise MalformedError(Problem(attribute.name, "invalid_argument", "give exceptions"))
    if len({each.day for each in value}) != len(value):
        raise MalformedError(Problem(attribute.name, "duplicate", "name each day once"))


@frozen(kw_only=True)
class Availability:
    """When can be booked, at one level. None in a field leaves it to the less specific level."""

    practice_id: PracticeId
    staff_id: StaffId | None = None
    service_id: ServiceId | None = None
    timezone: str | None = field(default=None, validator=is_timezone)
    weekly: tuple[Window, ...] | None = None
    exceptions: tuple[Exceptional, ...] | None = field(default=None, validator=_known_days)

    claims = ()

    @property
    def id(self) -> str:
        """The level."""
        return f"{self.staff_id or '*'}/{self.service_id or '*'}"

    @property
    def belongs_to(self) -> StaffId | ServiceId | PracticeId:
        """Whoever booking reads anyway: the staff member, the service, else the practice."""
        return self.staff_id or self.service_id or self.practice_id

    @property
    def specificity(self) -> tuple[bool, bool]:
        """Orders levels from the least specific (APT-1)."""
        return self.staff_id is not None, self.service_id is not None


@frozen(kw_only=True)
class Pattern:
    """What the levels come to: windows in one zone."""

    timezone: str
    weekly: tuple[Window, ...] = ()
    exceptions: tuple[Exceptional, ...] = ()

    def windows(self, day: date) -> Iterator[tuple[int, int]]:
        """The (start, end) of *day*'s windows in minutes after local midnight."""
        for exception in self.exceptions:
            if exception.day == day:
                yield from exception.windows
                return
        for window in self.weekly:
            if window.weekday == day.weekday():
                yield window.start, window.end


def pattern_of(levels: Iterable[Availability], timezone: str) -> Pattern:
    """What *levels* come to, each field from the most specific level that sets it.

    *timezone* is the practice's, for levels that set none.
    """
    pattern = Pattern(timezone=timezone)
    for level in sorted(levels, key=lambda each: each.specificity):
        pattern = Pattern(
            timezone=level.timezone or pattern.timezone,
            weekly=pattern.weekly if level.weekly is None else level.weekly,
            exceptions=pattern.exceptions if level.exceptions is None else level.exceptions,
        )
    return pattern


def instant_of(day: date, minute: int, zone: tzinfo) -> Moment | None:
    """The UTC instant of a wall-clock minute: None in a gap, the first of two in a fold (APT-2)."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return at if at.astimezone(zone).replace(tzinfo=None) == local else None


def edge_of(day: date, minute: int, zone: tzinfo) -> Moment:
    """The UTC instant of a window's edge: one in a gap moves to the first instant after it."""
    local = datetime.combine(day, time()) + timedelta(minutes=minute)
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    late, early = (local.replace(tzinfo=zone, fold=f).utcoffset() for f in (1, 0))
    gap = (late or timedelta(0)) - (early or timedelta(0))
    return _first_after_gap(at - abs(gap), at, zone)


def _first_after_gap(low: Moment, high: Moment, zone: tzinfo) -> Moment:
    """The first whole minute of the new offset between *low* and *high*."""
    offset = low.astimezone(zone).utcoffset()
    while high - low > timedelta(minutes=1):
        middle = low + timedelta(minutes=(high - low) // timedelta(minutes=2))
        if middle.astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high


def open_intervals(pattern: Pattern, within: Interval) -> Iterator[Interval]:
    """The windows that touch *within*, as they lie in time."""
    zone = zone_of(pattern.timezone)
    day = within.start.astimezone(zone).date() - timedelta(days=1)
    last = within.end.astimezone(zone).date()
    while day <= last:
        for start, end in pattern.windows(day):
            begin = edge_of(day, start, zone)
            finish = edge_of(day, end if end > start else end + DAY, zone)
            if begin < finish and begin < within.end and finish > within.start:
                yield Interval(begin, finish)
        day += timedelta(days=1)


@frozen(kw_only=True)
class ServiceAdded:
    """A service can be offered."""

    service_id: ServiceId


@frozen(kw_only=True)
class AvailabilitySet:
    """When something can be booked changed."""

    staff_id: StaffId | None
    service_id: ServiceId | None


@frozen(kw_only=True)
class BusyTimesImported:
    """A staff member's busy times by a calendar outside were replaced (APT-15)."""

    staff_id: StaffId


AvailabilityEvent: TypeAlias = ServiceAdded | AvailabilitySet | BusyTimesImported
