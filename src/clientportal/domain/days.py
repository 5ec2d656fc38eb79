"""Local days, the zones that times are shown in, and time that is free (APT-16)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, Final

from attrs import Attribute

from clientportal.domain.availability import (
    DAY,
    Availability,
    Modality,
    edge_of,
    open_intervals,
    pattern_of,
)
from clientportal.domain.moments import Interval, Moment, zone_of
from clientportal.errors import MalformedError, Problem

FIRST_YEAR: Final = 1902
LAST_YEAR: Final = 2196


def is_day(_: Any, attribute: Attribute[Any], value: object) -> None:
    """Attrs validator: a day, of the years 1902 to 2196."""
    if type(value) is not date or not FIRST_YEAR <= value.year <= LAST_YEAR:
        advice = f"give a day of the years {FIRST_YEAR} to {LAST_YEAR}"
        raise MalformedError(Problem(attribute.name, "invalid_date", advice))


def local_days(day: date, days: int, timezone: str) -> tuple[Interval, ...]:
    """So many local days from *day* on; one on which the clocks change has 23 or 25 h.

    A day that a zone left out altogether, as Apia did 30 December 2011, is none.
    """
    zone, out = zone_of(timezone), list[Interval]()
    while len(out) < days:
        out += _between(edge_of(day, 0, zone), edge_of(day, DAY, zone))
        day += timedelta(days=1)
    return tuple(out)


def zones_of(modality: Modality, practice: str, client: str | None) -> tuple[str, ...]:
    """The zones to show a time in, the first one first: in person the venue's, else the client's.

    The venue's is the practice's; without a zone of their own it holds for the client too.
    """
    zones = (practice, client or practice)
    ordered = zones if modality is Modality.IN_PERSON else zones[::-1]
    return tuple(dict.fromkeys(ordered))


def free_time(
    levels: Iterable[Availability], timezone: str, held: Iterable[Interval], within: Interval
) -> tuple[Interval, ...]:
    """The open time of *levels* within *within*, in which nothing is held, in order."""
    pattern = pattern_of(levels, timezone)
    free = _merged(_clipped(open_intervals(pattern, within), within))
    for taken in held:
        free = tuple(part for each in free for part in _without(each, taken))
    return free


def _clipped(windows: Iterable[Interval], within: Interval) -> Iterator[Interval]:
    for each in windows:
        yield from _between(max(each.start, within.start), min(each.end, within.end))


def _between(start: Moment, end: Moment) -> Iterator[Interval]:
    """What lies between, if anything does."""
    if start < end:
        yield Interval(start, end)


def _without(free: Interval, taken: Interval) -> Iterator[Interval]:
    yield from _between(free.start, min(free.end, taken.start))
    yield from _between(max(free.start, taken.end), free.end)


def _merged(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time in as few intervals as can be, in order."""
    out: list[Interval] = []
    for each in sorted(intervals, key=lambda interval: interval.start):
        if out and each.start <= out[-1].end:
            out[-1] = Interval(out[-1].start, max(out[-1].end, each.end))
        else:
            out.append(each)
    return tuple(out)
