"""Held time against starts: which minutes a meeting cannot begin at, by bisection (APT-7)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias

from clientportal.domain.availability import DAY
from clientportal.domain.claims import Exclusive
from clientportal.domain.grids import minute_from, minute_of, moment_at
from clientportal.domain.moments import EPOCH

if TYPE_CHECKING:
    from clientportal.domain.moments import Interval, Moment

#: The beginning of 1970, in minutes from the first day of the calendar.
ZERO: Final = EPOCH.toordinal() * DAY

Ranges: TypeAlias = list[tuple[int, int]]
_Place: TypeAlias = "tuple[str, int, int, Moment]"


def _place(claim: Exclusive) -> _Place:
    """Where `merged` puts a claim."""
    return claim.resource, claim.lane, claim.seat, claim.interval.start


def _blocked_by(want: Exclusive, held: tuple[Exclusive, ...], first: int, end: int) -> Ranges:
    """The starts from *first* to *end* at which *want*, told of a start at 1970, meets *held*."""
    key = want.resource, want.lane, want.seat
    before, after = -minute_of(want.interval.start), minute_from(want.interval.end)
    low = bisect_left(held, (*key, moment_at(first - before)), key=_place)
    high = bisect_left(held, (*key, moment_at(end + after)), low, key=_place)
    if low and _place(held[low - 1])[:3] == key:
        low -= 1  # began earlier, and may last until then
    opens, closes = after - 1 + ZERO, ZERO - before
    spans = [(claim.interval.start, claim.interval.end) for claim in held[low:high]]
    # by the fields of the date: dividing spans takes longer, and this is most of a search
    return [
        (
            (one.toordinal() * 24 + one.hour) * 60 + one.minute - opens,
            (two.toordinal() * 24 + two.hour) * 60 + two.minute + (two.second > 0) - closes,
        )
        for one, two in spans
    ]


def outside(busy: Iterable[Interval], duration: int) -> Ranges:
    """The starts at which a meeting of *duration* minutes would meet some time of *busy* (APT-15).

    Calendars outside know seconds too: a minute that is begun is taken.
    """
    return [(minute_of(each.start) - duration + 1, minute_from(each.end)) for each in busy]


def blocked(
    wanted: Iterable[Exclusive],
    held: tuple[Exclusive, ...],
    first: int,
    end: int,
    *,
    also: Iterable[tuple[int, int]] = (),
) -> Ranges:
    """The starts from *first* up to *end* at which a meeting would meet what is *held*, and *also*.

    *wanted* is what a meeting at the beginning of 1970 would hold; *held* is as `merged` gives it.
    Half-open, in order, apart from each other.
    """
    found: Ranges = []
    ranges = [each for want in wanted for each in _blocked_by(want, held, first, end)]
    ranges += also
    ranges.sort()
    last = first
    for low, high in ranges:
        if high <= last:
            continue
        if found and low <= last:
            found[-1] = (found[-1][0], high)
        else:
            found.append((low, high))
        last = high
    return found


def without(weeks: Iterable[tuple[int, ...]], ranges: Ranges) -> Iterator[tuple[int, ...]]:
    """The starts of all *weeks* that lie in none of *ranges*, by stretches, in order."""
    place, count = 0, len(ranges)
    for starts in weeks:
        at, last, final = 0, len(starts), starts[-1]
        while at < last:
            while place < count and ranges[place][1] <= starts[at]:
                place += 1
            if place == count or ranges[place][0] > final:
                yield starts[at:]
                break
            low, high = ranges[place]
            cut = bisect_left(starts, low, at)
            if cut > at:
                yield starts[at:cut]
            at = bisect_left(starts, high, cut)
