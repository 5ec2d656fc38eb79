"""Every zone, every change of its clocks from 2020 to 2040, against the reading by minutes (APT-2).

No start in a gap, none twice where the clock is turned back, durations in elapsed time.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

import pytest
from tests.domain.test_slots_against_spec import MINUTE, compare, question

FIRST, LAST = datetime(2020, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
DAY: Final = timedelta(days=1)
ZONES: Final = tuple(sorted(available_timezones()))
#: Those whose clocks are changed in a way of their own.
ODD: Final = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Juba",
    "America/Asuncion",
    "America/Havana",
    "America/Nuuk",
    "America/Scoresbysund",
    "Antarctica/Troll",
    "Asia/Almaty",
    "Asia/Amman",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Europe/Volgograd",
    "Pacific/Chatham",
    "Pacific/Easter",
    "Pacific/Norfolk",
)


@lru_cache(maxsize=1)
def _days() -> tuple[datetime, ...]:
    return tuple(FIRST + n * DAY for n in range((LAST - FIRST).days + 1))


def changes(zone: str) -> Iterator[datetime]:
    """The moments at which the offset of *zone* changes, found by halving days."""
    info = ZoneInfo(zone)
    offsets = [at.astimezone(info).utcoffset() for at in _days()]
    for (before, low), (after, high) in pairwise(zip(offsets, _days(), strict=True)):
        if before == after:
            continue
        first, last = low, high
        while last - first > MINUTE:
            middle = first + (last - first) // MINUTE // 2 * MINUTE
            changed = middle.astimezone(info).utcoffset() != before
            first, last = (first, middle) if changed else (middle, last)
        yield last


def check(zone: str, at: datetime, number: int = 0) -> int:
    """A world around a change of clocks, read both ways; how many slots it has."""
    rng = random.Random(f"{zone} {at} {number}")
    local = at.astimezone(ZoneInfo(zone)).date()
    asked = question(rng, zone, local)
    since = at - rng.randrange(1, 600) * MINUTE
    early = at - timedelta(days=2) + timedelta(seconds=7)
    asked = asked._replace(
        since=since, until=at + rng.randrange(600, 900) * MINUTE, now=early, notice=0
    )
    starts = compare(rng, asked)
    walls = [start.astimezone(ZoneInfo(zone)) for start in starts]
    assert all(wall.fold == 0 for wall in walls)
    assert len({wall.replace(tzinfo=None) for wall in walls}) == len(walls)
    return len(starts)


def test_every_zone_is_known() -> None:
    """APT-2: the zones of this machine, and how often their clocks are changed."""
    assert len(ZONES) > 400
    assert set(ODD) <= set(ZONES)
    berlin = list(changes("Europe/Berlin"))
    assert len(berlin) == 42
    assert berlin[0] == datetime(2020, 3, 29, 1, tzinfo=UTC)


@pytest.mark.parametrize("zone", ODD, ids=lambda value: value.replace("/", " "))
def test_around_some_changes(zone: str) -> None:
    """APT-2: the first and the last change of zones whose ways are odd."""
    every = list(changes(zone))
    assert sum(check(zone, at, n) for at in {every[0], every[-1]} for n in range(3)) > 0


@pytest.mark.ci
@pytest.mark.parametrize("part", range(8))
def test_around_a_change_of_each_zone(part: int) -> None:
    """APT-2: one change of each zone that has any."""
    for zone in ZONES[part::8]:
        every = list(changes(zone))
        for at in random.Random(zone).sample(every, min(1, len(every))):
            check(zone, at)


@pytest.mark.soak
@pytest.mark.parametrize("part", range(64))
def test_around_every_change_of_every_zone(part: int) -> None:
    """APT-2, S4: none is wrong; a zone that never changes its clocks is tried at its noon."""
    for zone in ZONES[part::64]:
        noon = datetime.combine(date(2026, 6, 1), datetime.min.time(), UTC) + DAY / 2
        for at in (*changes(zone), noon):
            check(zone, at)
