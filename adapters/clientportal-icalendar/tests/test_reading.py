"""Reading is held against `dateutil`, and against files made to be a burden."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from time import perf_counter
from typing import Final

import pytest
from dateutil.rrule import rrulestr
from hypothesis import assume, given
from hypothesis import strategies as st

from clientportal.errors import MalformedError
from clientportal.testing.conformance.busy import WITHIN, ZONE, BusyKit, calendar
from clientportal_icalendar import ICalendar
from clientportal_icalendar.recurring import Budget, occurrences, rule_of

# On the wall, without a zone: so are rules followed.
EARLY, NOW, LATE, FAR = (datetime.fromisoformat(f"{y}-01-01") for y in (2015, 2026, 2030, 2040))
DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


class TestICalendar(BusyKit):
    """The kit."""

    @pytest.fixture
    def calendars(self) -> ICalendar:
        """It has no settings."""
        return ICalendar()


def _some(values: st.SearchStrategy[object]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3, unique=True).map(
        lambda found: ",".join(map(str, found))
    )


def _numbers(least: int, most: int) -> st.SearchStrategy[int]:
    return st.integers(least, most) | st.integers(-most, -least)


@st.composite
def rules(draw: st.DrawFn) -> str:
    """Rules by the day and slower, in every shape that is read."""
    freq = draw(st.sampled_from(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]))
    nth = st.tuples(_numbers(1, 4), st.sampled_from(DAYS)).map(lambda e: f"{e[0]}{e[1]}")
    plain = _some(st.sampled_from(DAYS))
    by_day = plain | _some(nth) if freq in ("MONTHLY", "YEARLY") else plain
    choices = {
        "INTERVAL": st.integers(1, 4),
        "COUNT": st.integers(1, 30),
        "WKST": st.sampled_from(DAYS),
        "BYMONTH": _some(st.integers(1, 12)),
        "BYMONTHDAY": _some(_numbers(1, 31)),
        "BYDAY": by_day,
        "BYHOUR": _some(st.integers(0, 23)),
        "BYMINUTE": _some(st.integers(0, 59)),
    }
    if freq == "WEEKLY":
        del choices["BYMONTHDAY"]
    if freq == "YEARLY":
        choices["BYYEARDAY"] = _some(_numbers(1, 365))
    parts = [f"FREQ={freq}"]
    for name, values in choices.items():
        if draw(st.booleans()):
            parts.append(f"{name}={draw(values)}")
    # dateutil counts the positions of the first week from its start on, not from the week's
    named = any(part.startswith("BY") for part in parts) and freq != "WEEKLY"
    if named and draw(st.booleans()):
        parts.append(f"BYSETPOS={draw(_some(_numbers(1, 5)))}")
    return ";".join(parts)


@given(
    rule=rules(),
    start=st.datetimes(EARLY, NOW).map(lambda at: at.replace(microsecond=0)),
    first=st.datetimes(EARLY, LATE),
)
def test_rules_fall_where_dateutil_says(rule: str, start: datetime, first: datetime) -> None:
    """RFC 5545, 3.3.10: the same times in the same order, wherever one begins to look."""
    ours = rule_of(rule, start)
    found = list(occurrences(ours, start, (first, FAR), Budget()))
    late = [at for at in found if at >= first][:30]
    # what has no such end dateutil looks for until the year 9999
    assume(len(late) == 30 or len(found) == ours.times)
    theirs = rrulestr(rule, dtstart=start)
    assert late == list(islice((at for at in theirs if at >= first), 30))


BURDENS: Final = {
    "never, ten thousand times": (
        "DTSTART:19100302T100000Z|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=9999||" * 8000
    ),
    "zones that nobody knows": "".join(
        f"DTSTART;TZID=No{n}:20190302T100000|DURATION:PT1H||" for n in range(9000)
    ),
    "one series, and all of it moved": "UID:a|DTSTART:20190302T100000Z|DURATION:PT1H||"
    + "".join(
        f"UID:a|RECURRENCE-ID:20190302T1{n:05}Z|DTSTART:20190302T100000Z||" for n in range(6000)
    ),
    "dates left out": "DTSTART:20190302T100000Z|EXDATE:" + ",".join(["20190302T100000Z"] * 50_000),
    "one line": "DTSTART;" + "A=B;" * 200_000 + ":20190302T100000Z",
    "folds": "X-A:" + "\r\n a" * 200_000,
    "quotes": "DTSTART;A=" + '"' * 900_000,
    "digits": "DTSTART:20190302T100000Z|DURATION:P" + "9" * 900_000 + "D",
}


@pytest.mark.parametrize("burden", BURDENS)
def test_no_file_is_a_burden(burden: str) -> None:
    """B9, B35: a file of the largest size, made to be slow, is read or refused in seconds."""
    content = calendar(BURDENS[burden])
    begin = perf_counter()
    try:
        heard = ICalendar().read(content, WITHIN, ZONE).intervals or "nothing"
    except MalformedError as error:
        heard = error.code
    assert heard in ("nothing", "limit_exceeded")
    assert perf_counter() - begin < 10


def test_no_file_learns_of_another() -> None:
    """PPL-1: a zone that one file defines means nothing in the next."""
    zone = (
        "BEGIN:VTIMEZONE|TZID:Mine|BEGIN:STANDARD|DTSTART:19700101T000000|TZOFFSETFROM:+0500"
        "|TZOFFSETTO:+0500|END:STANDARD|END:VTIMEZONE"
    )
    event = "DTSTART;TZID=Mine:20260303T120000|DURATION:PT1H"
    alone = calendar(event)
    both = alone.replace(b"BEGIN:VEVENT", zone.replace("|", "\r\n").encode() + b"\r\nBEGIN:VEVENT")
    before = ICalendar().read(alone, WITHIN, ZONE)
    assert ICalendar().read(both, WITHIN, ZONE) == before
    assert ICalendar().read(alone, WITHIN, ZONE) == before
    assert before.intervals[0].duration == timedelta(hours=27)
    assert before.unreadable == (0,)


def test_a_calendar_of_ours_is_read_back() -> None:
    """What the port writes keeps somebody as busy as it says."""
    from clientportal.testing.conformance.calendars import ENTRY, FEED

    found = ICalendar().read(ICalendar().write(FEED), WITHIN, "UTC")
    assert found.intervals == (ENTRY.interval,)
    assert found.intervals[0].start.tzinfo is UTC
