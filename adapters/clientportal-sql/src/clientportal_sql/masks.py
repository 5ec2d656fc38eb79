"""Time held, as masks of the minutes of an hour: exact, with a plain key, in any database.

Bit *n* of an hour's mask is its minute *n*; an interval held touches a few hours (APT-7).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from clientportal.domain.claims import Exclusive, merged
from clientportal.domain.moments import Interval, microseconds, moment_of

MINUTE: Final = 60_000_000
HOUR: Final = 60 * MINUTE
_REACH: Final = timedelta(days=2)


def hours(interval: Interval) -> Iterator[tuple[int, int]]:
    """The hours since 1970 that *interval* touches, each with the mask of its minutes."""
    first, last = microseconds(interval.start) // MINUTE, -(-microseconds(interval.end) // MINUTE)
    for hour in range(first // 60, -(-last // 60)):
        low, high = max(first - hour * 60, 0), min(last - hour * 60, 60)
        yield hour, (1 << high) - (1 << low)


def hours_around(within: Interval) -> tuple[int, int]:
    """The first hour, and the one after the last, that touch *within* two days on either side."""
    return hours_touching(Interval(within.start - _REACH, within.end + _REACH))


def hours_touching(within: Interval) -> tuple[int, int]:
    """The first hour, and the one after the last, that touch *within*."""
    return microseconds(within.start) // HOUR, -(-microseconds(within.end) // HOUR)


def _runs(mask: int) -> Iterator[tuple[int, int]]:
    """The (first, after the last) of each row of ones."""
    at = 0
    while mask:
        skip = (mask & -mask).bit_length() - 1
        mask >>= skip
        ones = (~mask & (mask + 1)).bit_length() - 1
        yield at + skip, at + skip + ones
        at, mask = at + skip + ones, mask >> ones


def held(rows: Iterable[tuple[str, int, int, int, int]]) -> tuple[Exclusive, ...]:
    """What the rows (resource, hour, lane, seat, mask) hold, by as few claims as can be."""
    return merged(
        Exclusive(
            resource,
            Interval(moment_of(hour * HOUR + low * MINUTE), moment_of(hour * HOUR + high * MINUTE)),
            lane,
            seat,
        )
        for resource, hour, lane, seat, mask in rows
        for low, high in _runs(mask)
    )
