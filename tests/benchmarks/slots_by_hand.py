"""Free starts as somebody would look for them by hand: the yardsticks of S1.

By an index that is written for one kind of question, and by a datetime of the zone for each start.
Both know only what the question needs: one weekly pattern without exceptions, buffers of which the
larger counts, a client who holds nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from clientportal.domain.moments import Interval
from clientportal.domain.slots import Offer

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
DAY: Final = timedelta(days=1)
ZERO: Final = EPOCH.toordinal() * 1440

Index = dict[int, int]


def days_of(within: Interval, zone: ZoneInfo) -> list[date]:
    """The local days that *within* touches."""
    first, last = (at.astimezone(zone).date() for at in (within.start, within.end))
    return [first + n * DAY for n in range((last - first).days + 1)]


def grid_of(offer: Offer, within: Interval) -> tuple[list[int], Index]:
    """The starts of the pattern, and the place of each.

    By the offset at midnight: right where no window is open while the clock is changed.
    """
    (level,), zone = offer.levels, ZoneInfo(offer.practice.timezone)
    step, duration = offer.service.interval_minutes, offer.service.duration
    starts: list[int] = []
    for day in days_of(within, zone):
        noon = datetime(day.year, day.month, day.day, 12, tzinfo=zone)
        base = (noon - EPOCH) // MINUTE - 720
        for window in level.weekly or ():
            if window.weekday == day.weekday():
                starts += range(base + window.start, base + window.end - duration + 1, step)
    first, end = ((at - EPOCH) // MINUTE for at in (within.start, within.end))
    starts = [each for each in starts if first <= each < end]
    return starts, {each: place for place, each in enumerate(starts)}


def by_index(offers: list[Offer], starts: list[int], index: Index) -> list[list[int]]:
    """The free starts of each: what lies between held times, by a dictionary or halves."""
    found = []
    for offer in offers:
        duration, me = offer.service.duration, offer.staff.id
        after = duration - 1, duration + offer.service.buffer_after - 1
        before = offer.service.buffer_before, 0
        pairs = []
        for claim in offer.held:
            if claim.resource == me:
                lane = claim.lane
                start, end = claim.interval.start, claim.interval.end
                low = (start.toordinal() * 24 + start.hour) * 60 + start.minute - after[lane]
                high = (end.toordinal() * 24 + end.hour) * 60 + end.minute + before[lane]
                pairs.append((low - ZERO, high - ZERO))
        pairs.sort()
        free: list[int] = []
        at = 0
        for low, high in pairs:
            first = index.get(low)
            if first is None:
                first = bisect_left(starts, low)
            if first > at:
                free += starts[at:first]
            last = index.get(high)
            if last is None:
                last = bisect_left(starts, high)
            at = max(at, last)
        free += starts[at:]
        found.append(free)
    return found


def by_datetimes(offers: list[Offer], within: Interval) -> list[list[datetime]]:
    """The free starts of each, every one a datetime of its zone, tried against that day's times."""
    found = []
    for offer in offers:
        (level,), zone = offer.levels, ZoneInfo(offer.practice.timezone)
        length, step = offer.service.duration * MINUTE, offer.service.interval_minutes * MINUTE
        before, after = offer.service.buffer_before * MINUTE, offer.service.buffer_after * MINUTE
        held: dict[date, list[tuple[datetime, datetime, int]]] = {}
        for claim in offer.held:
            taken = claim.interval
            for day in {taken.start.astimezone(zone).date(), taken.end.astimezone(zone).date()}:
                held.setdefault(day, []).append((taken.start, taken.end, claim.lane))
        free = []
        for day in days_of(within, zone):
            for window in level.weekly or ():
                if window.weekday != day.weekday():
                    continue
                midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
                local = midnight + window.start * MINUTE
                closes = (midnight + window.end * MINUTE).astimezone(UTC)
                while (start := local.astimezone(UTC)) + length <= closes:
                    exists = start.astimezone(zone).replace(tzinfo=None) == local.replace(
                        tzinfo=None
                    )
                    if exists and within.start <= start < within.end:
                        lanes = (start - before, start + length), (start, start + length + after)
                        taken_there = held.get(day, ())
                        if not any(
                            lanes[lane][0] < end and begin < lanes[lane][1]
                            for begin, end, lane in taken_there
                        ):
                            free.append(start)
                    local += step
        found.append(free)
    return found
