"""When a reminder is due: laws over every zone, and days on which clocks change (APT-14)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientportal.domain.moments import MINUTE, Moment, zone_of
from clientportal.domain.reminders import LONGEST_MOVE, QuietHours, ReminderRules, due_at, last_call
from clientportal.errors import MalformedError
from clientportal.testing.strategies import ZONES

HOUR: Final = timedelta(hours=1)
NIGHT: Final = QuietHours()
NONE: Final = QuietHours(start=0, end=0)
#: Half an hour of summer time, clocks set back over midnight, a day that never was, odd offsets.
ODD: Final = (
    "Australia/Lord_Howe",
    "America/Havana",
    "Pacific/Apia",
    "Asia/Kathmandu",
    "Pacific/Chatham",
    "America/St_Johns",
)

minutes: Final = st.integers(0, 24 * 60 - 1)
starts: Final = st.datetimes(
    datetime(2005, 1, 1),  # noqa: DTZ001 - the strategy wants them naive
    datetime(2035, 1, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
).map(lambda at: at.replace(second=0, microsecond=0))
zones: Final = st.sampled_from((*ZONES, *ODD))
offsets: Final = st.integers(1, 30 * 24 * 60).map(lambda n: n * MINUTE)


@given(starts, offsets, st.builds(QuietHours, start=minutes, end=minutes), zones)
@example(datetime(2026, 3, 8, 12, tzinfo=UTC), HOUR, NIGHT, "America/New_York")
@example(datetime(2011, 12, 31, 1, tzinfo=UTC), HOUR, NIGHT, "Pacific/Apia")
@example(
    datetime(2026, 3, 8, 12, tzinfo=UTC), HOUR, QuietHours(start=150, end=480), "America/New_York"
)
def test_laws_of_when_it_is_due(
    start: Moment, offset: timedelta, quiet: QuietHours, zone: str
) -> None:
    """APT-14: never in quiet hours, never later than asked for, and just then where it is not."""
    at, asked = due_at(start, offset, quiet, zone_of(zone)), start - offset
    clock = ZoneInfo(zone)
    assert not quiet.covers(at.astimezone(clock))
    assert asked - LONGEST_MOVE < at <= asked
    assert (at == asked) is not quiet.covers(asked.astimezone(clock))


@given(starts, offsets, zones)
def test_it_is_the_latest_minute_that_is_not_quiet(
    start: Moment, offset: timedelta, zone: str
) -> None:
    """APT-14: all that lies between it and the time asked for is quiet."""
    at, clock = due_at(start, offset, NIGHT, zone_of(zone)), ZoneInfo(zone)
    between = (start - offset - at) // MINUTE
    passed = (at + each * MINUTE for each in range(1, between + 1))
    assert all(NIGHT.covers(each.astimezone(clock)) for each in passed)


@pytest.mark.parametrize(
    ("day", "due"),
    [
        pytest.param("2026-03-29T05:00+02:00", "2026-03-29T01:59+01:00", id="they never begin"),
        pytest.param("2026-10-25T05:00+01:00", "2026-10-25T02:29+01:00", id="they begin twice"),
    ],
)
def test_quiet_hours_that_begin_while_clocks_change(day: str, due: str) -> None:
    """APT-14: at half past two: of a time that does not exist, before the gap; else the second."""
    start, quiet = datetime.fromisoformat(day), QuietHours(start=150, end=480)
    found = due_at(start.astimezone(UTC), HOUR, quiet, zone_of("Europe/Madrid"))
    assert found == datetime.fromisoformat(due)


@given(starts, starts, offsets, zones)
def test_an_earlier_start_is_never_reminded_of_later(
    one: Moment, other: Moment, offset: timedelta, zone: str
) -> None:
    """APT-14: the order of two appointments is that of their reminders."""
    early, late = sorted((one, other))
    dues = [due_at(each, offset, NIGHT, zone_of(zone)) for each in (early, late)]
    assert dues == sorted(dues)


@pytest.mark.parametrize(
    ("start", "hours", "due", "zone"),
    [
        pytest.param("2026-03-04 15:00", 2, "2026-03-04 13:00", "Europe/Madrid", id="by day"),
        pytest.param("2026-03-04 10:00", 2, "2026-03-04 08:00", "Europe/Madrid", id="at 8"),
        pytest.param("2026-03-04 09:59", 2, "2026-03-03 20:59", "Europe/Madrid", id="before 8"),
        pytest.param("2026-03-04 23:00", 2, "2026-03-04 20:59", "Europe/Madrid", id="at 21"),
        pytest.param("2026-03-04 22:59", 2, "2026-03-04 20:59", "Europe/Madrid", id="just before"),
        pytest.param("2026-03-05 02:00", 2, "2026-03-04 20:59", "Europe/Madrid", id="midnight"),
        pytest.param("2026-03-29 09:00", 2, "2026-03-28 20:59", "Europe/Madrid", id="into summer"),
        pytest.param("2026-10-25 09:00", 2, "2026-10-24 20:59", "Europe/Madrid", id="into winter"),
        pytest.param("2026-03-29 15:00", 48, "2026-03-27 14:00", "Europe/Madrid", id="elapsed"),
        pytest.param("2026-03-01 09:00", 2, "2026-02-28 20:59", "Asia/Kathmandu", id="a month"),
        pytest.param("2011-12-31 09:00", 2, "2011-12-29 20:59", "Pacific/Apia", id="no 30th"),
    ],
)
def test_worked_times(start: str, hours: int, due: str, zone: str) -> None:
    """APT-14: in quiet hours the minute before they begin, by the client's wall clock."""
    clock = ZoneInfo(zone)
    at = datetime.fromisoformat(start).replace(tzinfo=clock).astimezone(UTC)
    found = due_at(at, hours * HOUR, NIGHT, zone_of(zone))
    assert f"{found.astimezone(clock):%Y-%m-%d %H:%M}" == due


@pytest.mark.parametrize(
    ("quiet", "minute", "covered"),
    [
        (NIGHT, 20 * 60 + 59, False),
        (NIGHT, 21 * 60, True),
        (NIGHT, 0, True),
        (NIGHT, 8 * 60 - 1, True),
        (NIGHT, 8 * 60, False),
        (QuietHours(start=60, end=120), 59, False),
        (QuietHours(start=60, end=120), 60, True),
        (QuietHours(start=60, end=120), 120, False),
        (NONE, 0, False),
        (QuietHours(start=600, end=600), 600, False),
    ],
)
def test_which_minutes_are_quiet(quiet: QuietHours, minute: int, *, covered: bool) -> None:
    """APT-14: from the first to, not including, the last; none where they are the same."""
    local = datetime(2026, 3, 4, minute // 60, minute % 60, 59, tzinfo=UTC)
    assert quiet.covers(local) is covered


@pytest.mark.parametrize(
    ("offset", "before"),
    [(48 * HOUR, HOUR), (2 * HOUR, HOUR), (HOUR, HOUR / 2), (10 * MINUTE, 5 * MINUTE)],
)
def test_until_when_a_late_one_is_sent(offset: timedelta, before: timedelta) -> None:
    """APT-14: an hour before the start; of one due within two hours half of its offset."""
    start = datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert last_call(start, offset) == start - before


def test_the_latest_call_is_after_what_is_due() -> None:
    """APT-14: whatever the offset, what is found when it is due is sent."""
    start = datetime(2026, 3, 4, 15, tzinfo=UTC)
    spans = [minute * MINUTE for minute in range(1, 300)]
    assert all(last_call(start, each) > start - each for each in spans)
    assert all(last_call(start, a) >= last_call(start, b) for a, b in pairwise(spans))


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"offsets": (timedelta(0),)}, "invalid_interval"),
        ({"offsets": (-HOUR,)}, "invalid_interval"),
        ({"offsets": (timedelta(days=30, minutes=1),)}, "invalid_interval"),
        ({"offsets": (timedelta(seconds=90),)}, "invalid_interval"),
        ({"offsets": (HOUR, HOUR)}, "duplicate"),
        ({"offsets": tuple(n * HOUR for n in range(1, 7))}, "limit_exceeded"),
        ({"offsets": [HOUR]}, "invalid_argument"),
    ],
)
def test_rules_that_are_none(given: dict[str, Any], code: str) -> None:
    """APT-14: up to five different spans of whole minutes, none at all included."""
    with pytest.raises(MalformedError) as raised:
        ReminderRules(**given)
    assert raised.value.problems[0].code == code
    assert ReminderRules(offsets=()).reach == LONGEST_MOVE


@pytest.mark.parametrize("minute", [-1, 24 * 60, 1.5, True, None])
def test_quiet_hours_are_minutes_of_a_day(minute: Any) -> None:
    """APT-14: whole minutes from midnight."""
    with pytest.raises(MalformedError):
        QuietHours(start=minute)
    with pytest.raises(MalformedError):
        QuietHours(end=minute)
