"""Grids: the starts that windows give, a local week at a time, as minutes since 1970 (APT-2).

A week in which no clock is changed and no exception holds is the same as every other, moved; only
where a clock is changed is each start resolved by itself. Whoever keeps the same hours shares it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field, frozen

from clientportal.domain.availability import DAY, Pattern, edge_of, instant_of
from clientportal.domain.moments import EPOCH, MINUTE, Moment, zone_of

if TYPE_CHECKING:
    from datetime import tzinfo

WEEK: Final = 7 * DAY
MONDAY: Final = date(1970, 1, 5).toordinal()
HOUR_SECONDS: Final = 3600
DAY_SECONDS: Final = 24 * HOUR_SECONDS

Spans: TypeAlias = tuple[tuple[int, int], ...]


def minute_of(at: Moment) -> int:
    """The whole minutes from 1970 up to *at*."""
    return (at - EPOCH) // MINUTE


def minute_from(at: Moment) -> int:
    """The first whole minute since 1970 that is not before *at*."""
    return -((EPOCH - at) // MINUTE)


def moment_at(minute: int) -> Moment:
    """The moment *minute* minutes after 1970."""
    return EPOCH + timedelta(minutes=minute)


@frozen(cache_hash=True)
class Shape:
    """How starts lie in a window: every *step* minutes from its start, or from local midnight.

    What lies *before* and *after* a start, in minutes, must lie in the window too.
    """

    step: int
    before: int
    after: int
    from_midnight: bool = False

    def minutes(self, first: int, last: int) -> Iterator[int]:
        """The minutes of a grid from *first* up to *last*, minutes of one local day."""
        if not self.from_midnight:
            yield from range(first, last, self.step)
            return
        for midnight in (0, DAY):
            begin = max(first, midnight)
            begin += (midnight - begin) % self.step
            yield from range(begin, min(last, midnight + DAY), self.step)

    def within(self, first: int, last: int) -> Iterator[int]:
        """Those with all their room in the window, where no clock is changed."""
        for minute in self.minutes(first, last):
            if first <= minute - self.before and minute + self.after <= last:
                yield minute


@frozen(eq=False)
class Calendar:
    """The windows of one pattern, by day, and the starts of a plain week, after its Monday."""

    zone: tzinfo
    shape: Shape
    weekly: tuple[Spans, ...]
    exceptions: Mapping[int, Spans]
    plain: tuple[int, ...] = field(repr=False)

    def windows(self, day: int) -> Spans:
        """The windows that begin on the day with that ordinal."""
        found = self.exceptions.get(day)
        return self.weekly[(day - MONDAY) % 7] if found is None else found

    def is_plain(self, days: Iterable[int]) -> bool:
        """Whether no exception holds on any of *days*."""
        return not self.exceptions or self.exceptions.keys().isdisjoint(days)


def _closed(spans: Iterable[tuple[int, int]]) -> Spans:
    """An end not after the start lies on the next day (APT-1)."""
    return tuple((start, end if end > start else end + DAY) for start, end in spans)


@lru_cache(maxsize=256)
def calendar_of(pattern: Pattern, shape: Shape) -> Calendar:
    """What *pattern* gives to starts of that *shape*: one object for all of the same hours."""
    weekly = tuple(
        _closed((each.start, each.end) for each in pattern.weekly if each.weekday == weekday)
        for weekday in range(7)
    )
    exceptions = {each.day.toordinal(): _closed(each.windows) for each in pattern.exceptions}
    plain = {
        day * DAY + minute
        for day in range(-1, 7)
        for window in weekly[day % 7]
        for minute in shape.within(*window)
    }
    return Calendar(
        zone=zone_of(pattern.timezone),
        shape=shape,
        weekly=weekly,
        exceptions=exceptions,
        plain=tuple(sorted(each for each in plain if 0 <= each < WEEK)),
    )


@lru_cache(maxsize=4096)
def steady(zone: tzinfo, day: int, days: int) -> int | None:
    """The minute at which *day* begins, if no clock is changed from then on for so many *days*.

    Looked at every hour: two changes that undo each other lie days apart, in all that is known.
    """
    begin = instant_of(date.fromordinal(day), 0, zone)
    if begin is None or begin.second:
        return None
    first = minute_of(begin) * 60
    offset = begin.astimezone(zone).utcoffset()
    looks = range(first, first + days * DAY_SECONDS + 1, HOUR_SECONDS)
    changed = any(datetime.fromtimestamp(at, zone).utcoffset() != offset for at in looks)
    return None if changed else first // 60


def _of_day(calendar: Calendar, day: int) -> Iterator[int]:
    """The starts that the windows of *day* give, on that day or the next."""
    windows = calendar.windows(day)
    begin = steady(calendar.zone, day, 2) if windows else None
    for first, last in windows:
        if begin is None:
            yield from _resolved(calendar, date.fromordinal(day), first, last)
        else:
            yield from (begin + minute for minute in calendar.shape.within(first, last))


def _resolved(calendar: Calendar, day: date, first: int, last: int) -> Iterator[int]:
    """The starts of one window, each looked up in the zone: a clock may be changed in it."""
    zone, shape = calendar.zone, calendar.shape
    opens, closes = edge_of(day, first, zone), edge_of(day, last, zone)
    before, after = timedelta(minutes=shape.before), timedelta(minutes=shape.after)
    for minute in shape.minutes(first, last):
        at = instant_of(day, minute, zone)
        if at is None or at.second:
            continue
        if opens <= at - before and at + after <= closes:
            yield minute_of(at)


@lru_cache(maxsize=1024)
def week_of(calendar: Calendar, monday: int) -> tuple[int, ...]:
    """The starts from one local Monday to the next, in order, none twice."""
    around = range(monday - 2, monday + 8)
    begin = steady(calendar.zone, monday - 1, 9)
    if begin is not None and calendar.is_plain(around):
        return tuple([begin + DAY + minute for minute in calendar.plain])
    first, end = (
        minute_from(edge_of(date.fromordinal(day), 0, calendar.zone))
        for day in (monday, monday + 7)
    )
    found = {minute for day in around for minute in _of_day(calendar, day)}
    return tuple(sorted(each for each in found if first <= each < end))


def _monday(zone: tzinfo, minute: int) -> int:
    day = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone).toordinal()
    return day - (day - MONDAY) % 7


def starts_between(calendar: Calendar, first: int, end: int) -> Iterator[tuple[int, ...]]:
    """The starts from *first* up to, not including, *end*: in order, none twice, by weeks."""
    if first >= end:
        return
    # a clock turned back over midnight shows Sunday again when Monday has begun: a day's slack
    mondays = range(_monday(calendar.zone, first), _monday(calendar.zone, end + DAY) + 1, 7)
    for monday in mondays:
        week = week_of(calendar, monday)
        found = week[bisect_left(week, first) : bisect_left(week, end)]
        if found:
            yield found
