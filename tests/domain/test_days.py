"""Local days, zones to show times in, and time that is free (APT-16)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from clientportal.domain.availability import Availability, Exceptional, Modality, Window
from clientportal.domain.days import free_time, is_day, local_days, zones_of
from clientportal.domain.ids import PracticeId, StaffId
from clientportal.domain.moments import Interval, zone_of
from clientportal.errors import MalformedError

HOUR: Final = timedelta(hours=1)
NEW_YORK: Final = "America/New_York"
PRACTICE: Final = PracticeId("prc_1")


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        pytest.param(date(2026, 11, 23), NEW_YORK, 24, id="a day"),
        pytest.param(date(2026, 3, 8), NEW_YORK, 23, id="clocks forward"),
        pytest.param(date(2026, 11, 1), NEW_YORK, 25, id="clocks back"),
        pytest.param(date(2018, 11, 4), "America/Sao_Paulo", 23, id="no midnight"),
        pytest.param(date(2026, 11, 1), "America/Havana", 25, id="midnight twice"),
        pytest.param(date(2026, 4, 5), "Australia/Lord_Howe", 24.5, id="half an hour"),
        pytest.param(date(2026, 2, 28), "Asia/Kathmandu", 24, id="45 minutes off"),
    ],
)
def test_a_local_day_is_as_long_as_it_is(day: date, zone: str, hours: float) -> None:
    """APT-16, APT-2: from the first instant of the day up to the first of the next."""
    (found,) = local_days(day, 1, zone)
    assert found.duration == hours * HOUR
    first, last = (at.astimezone(zone_of(zone)) for at in (found.start, found.end))
    assert (first.date(), last.date()) == (day, day + timedelta(days=1))


def test_a_day_that_never_was_is_none() -> None:
    """APT-16: Apia went from the 29th to the 31st of December 2011."""
    (found,) = local_days(date(2011, 12, 30), 1, "Pacific/Apia")
    assert found == local_days(date(2011, 12, 31), 1, "Pacific/Apia")[0]
    assert len(local_days(date(2011, 12, 29), 3, "Pacific/Apia")) == 3


@given(
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    st.integers(1, 31),
    st.sampled_from([NEW_YORK, "Europe/Madrid", "Pacific/Apia", "America/Havana", "UTC"]),
)
def test_days_lie_side_by_side(day: date, days: int, zone: str) -> None:
    """APT-16: no instant is in two days, none is in no day."""
    found = local_days(day, days, zone)
    assert len(found) == days
    assert all(one.end == other.start for one, other in pairwise(found))


@pytest.mark.parametrize(
    ("modality", "client", "zones"),
    [
        (Modality.IN_PERSON, "Asia/Tokyo", (NEW_YORK, "Asia/Tokyo")),
        (Modality.VIDEO, "Asia/Tokyo", ("Asia/Tokyo", NEW_YORK)),
        (Modality.PHONE, "Asia/Tokyo", ("Asia/Tokyo", NEW_YORK)),
        (Modality.VIDEO, NEW_YORK, (NEW_YORK,)),
        (Modality.PHONE, None, (NEW_YORK,)),
    ],
)
def test_times_are_shown_with_their_zone(
    modality: Modality, client: str | None, zones: tuple[str, ...]
) -> None:
    """APT-16: in person the venue's zone first, remote the client's; each once."""
    assert zones_of(modality, NEW_YORK, client) == zones


def at(hour: int, day: int = 23) -> datetime:
    """An hour of a day in November 2026, in UTC."""
    return datetime(2026, 11, day, tzinfo=UTC) + hour * HOUR


def hours(*pairs: tuple[int, int]) -> tuple[Interval, ...]:
    """Some hours of Monday, 23 November 2026."""
    return tuple(Interval(at(start), at(end)) for start, end in pairs)


WORK: Final = (
    Availability(
        practice_id=PRACTICE,
        weekly=(
            Window(weekday=0, start=9 * 60, end=12 * 60),
            Window(weekday=0, start=11 * 60, end=17 * 60),
        ),
    ),
)


@pytest.mark.parametrize(
    ("held", "free"),
    [
        pytest.param((), ((9, 17),), id="windows that overlap are one"),
        pytest.param(((10, 11),), ((9, 10), (11, 17)), id="a meeting"),
        pytest.param(((8, 10), (16, 18)), ((10, 16),), id="at both edges"),
        pytest.param(((10, 12), (11, 13)), ((9, 10), (13, 17)), id="overlapping"),
        pytest.param(((8, 18),), (), id="all of it"),
        pytest.param(((6, 9), (17, 19)), ((9, 17),), id="beside it"),
    ],
)
def test_what_is_open_and_not_held_is_free(
    held: tuple[tuple[int, int], ...], free: tuple[tuple[int, int], ...]
) -> None:
    """APT-16: half-open, in order, in as few intervals as can be."""
    monday = Interval(at(0), at(24))
    assert free_time(WORK, "UTC", hours(*held), monday) == hours(*free)


def test_free_time_ends_with_the_days_asked_for() -> None:
    """APT-1: a window that crosses midnight is cut; the level of the staff member counts."""
    own = Availability(
        practice_id=PRACTICE,
        staff_id=StaffId("stf_1"),
        weekly=(Window(weekday=6, start=23 * 60, end=60), Window(weekday=0, start=23 * 60, end=60)),
        exceptions=(Exceptional(day=date(2026, 11, 24), windows=((0, 60),)),),
    )
    monday = Interval(at(0), at(24))
    assert free_time((*WORK, own), "UTC", (), monday) == hours((0, 1), (23, 24))
    assert free_time((), "UTC", (), monday) == ()


def test_clocks_that_change_change_the_free_time() -> None:
    """APT-2: the whole of a day with 25 hours is free for 25 hours."""
    always = Availability(practice_id=PRACTICE, weekly=(Window(weekday=6, start=0, end=0),))
    (day,) = local_days(date(2026, 11, 1), 1, NEW_YORK)
    assert free_time((always,), NEW_YORK, (), day) == (day,)
    assert day.duration == 25 * HOUR


@frozen
class _Holder:
    day: Any = field(validator=is_day)


@pytest.mark.parametrize(
    "day", [date(1901, 12, 31), date(2197, 1, 1), date.max, at(0), "2026-11-23", None]
)
def test_days_far_off_are_refused(day: object) -> None:
    """APT-16: so that no day before or after them overflows."""
    with pytest.raises(MalformedError):
        _Holder(day)
    assert _Holder(date(1902, 1, 1)).day.year == 1902
