"""The kit for calendars that are read: when their owner is busy, worked out by hand.

An adapter writes this, and nothing else::

    class TestMine(BusyKit):
        @pytest.fixture
        def calendars(self): ...
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from clientportal.domain.calendars import MOST_BUSY, BusyTimes
from clientportal.domain.moments import Interval
from clientportal.errors import MalformedError
from clientportal.ports.calendars import Calendars

#: New York's clocks go forward on 8 March 2026 and back on 1 November.
ZONE: Final = "America/New_York"
WITHIN: Final = Interval(datetime(2026, 3, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC))

#: Events, their lines parted by `|`, and when they are busy: `MMDD.HHMM/MMDD.HHMM` of 2026, in UTC.
READ: Final[Mapping[str, tuple[str, str]]] = {
    "a time in UTC": (
        "DTSTART:20260302T140000Z|DTEND:20260302T150000Z",
        "0302.1400/0302.1500",
    ),
    "a floating time": (
        "DTSTART:20260302T090000|DTEND:20260302T100000",
        "0302.1400/0302.1500",
    ),
    "a zone by its name": (
        "DTSTART;TZID=Europe/Madrid:20260302T090000|DTEND;TZID=Europe/Madrid:20260302T100000",
        "0302.0800/0302.0900",
    ),
    "a zone as Windows calls it": (
        "DTSTART;TZID=W. Europe Standard Time:20260302T090000|DURATION:PT1H",
        "0302.0800/0302.0900",
    ),
    "a zone with a path before it": (
        'DTSTART;TZID="/x.example.org/Olson/Europe/Madrid":20260302T090000|DURATION:PT1H',
        "0302.0800/0302.0900",
    ),
    "an end in another zone": (
        "DTSTART;TZID=Europe/Madrid:20260302T090000|DTEND:20260302T091500Z",
        "0302.0800/0302.0915",
    ),
    "a whole day": ("DTSTART;VALUE=DATE:20260302", "0302.0500/0303.0500"),
    "a whole day of 23 hours": ("DTSTART;VALUE=DATE:20260308", "0308.0500/0309.0400"),
    "several days, the last not among them": (
        "DTSTART;VALUE=DATE:20260307|DTEND;VALUE=DATE:20260310",
        "0307.0500/0310.0400",
    ),
    "a day that is a day on the wall": (
        "DTSTART:20260307T120000|DURATION:P1D",
        "0307.1700/0308.1600",
    ),
    "24 hours that pass": ("DTSTART:20260307T120000|DURATION:PT24H", "0307.1700/0308.1700"),
    "a start that does not exist": (
        "DTSTART:20260308T023000|DURATION:PT1H",
        "0308.0730/0308.0830",
    ),
    "a start that comes twice is the first": (
        "DTSTART:20261101T013000|DURATION:PT1H",
        "1101.0530/1101.0630",
    ),
    "no length": ("DTSTART:20260302T090000", ""),
    "called off": ("DTSTART:20260302T090000|DURATION:PT1H|STATUS:CANCELLED", ""),
    "said to take no time": ("DTSTART:20260302T090000|DURATION:PT1H|TRANSP:TRANSPARENT", ""),
    "before and after what is asked": ("DTSTART:20200302T090000Z|DURATION:PT1H", ""),
    "under way when what is asked begins": (
        "DTSTART:20260228T230000Z|DURATION:PT2H",
        "0301.0000/0301.0100",
    ),
    "weekly over a change of clocks": (
        "DTSTART:20260302T090000|DURATION:PT1H|RRULE:FREQ=WEEKLY;COUNT=3",
        "0302.1400/0302.1500 0309.1300/0309.1400 0316.1300/0316.1400",
    ),
    "weekly in UTC stays in UTC": (
        "DTSTART:20260302T140000Z|DURATION:PT1H|RRULE:FREQ=WEEKLY;COUNT=2",
        "0302.1400/0302.1500 0309.1400/0309.1500",
    ),
    "without those left out": (
        (
            "DTSTART:20260302T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=4"
            "|EXDATE:20260303T090000,20260302T090000|EXDATE:20260305T140000Z"
        ),
        "0304.1400/0304.1500",
    ),
    "with dates beside the rule": (
        (
            "DTSTART:20260302T090000|DURATION:PT1H|RDATE:20260309T090000"
            "|RDATE;VALUE=PERIOD:20260310T150000Z/PT2H,20260311T150000Z/20260311T153000Z"
        ),
        "0302.1400/0302.1500 0309.1300/0309.1400 0310.1500/0310.1700 0311.1500/0311.1530",
    ),
    "until a moment, itself included": (
        "DTSTART:20260307T090000|DURATION:PT1H|RRULE:FREQ=DAILY;UNTIL=20260308T130000Z",
        "0307.1400/0307.1500 0308.1300/0308.1400",
    ),
    "the last Friday of the month": (
        "DTSTART:20260327T090000|DURATION:PT1H|RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=2",
        "0327.1300/0327.1400 0424.1300/0424.1400",
    ),
    "the 31st, where there is one": (
        "DTSTART:20260331T090000|DURATION:PT1H|RRULE:FREQ=MONTHLY;COUNT=2",
        "0331.1300/0331.1400 0531.1300/0531.1400",
    ),
    "every second week, of Monday and Wednesday": (
        "DTSTART:20260302T090000Z|DURATION:PT1H|RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;COUNT=3",
        "0302.0900/0302.1000 0304.0900/0304.1000 0316.0900/0316.1000",
    ),
    "the last workday of the month": (
        (
            "DTSTART:20260331T090000Z|DURATION:PT1H"
            "|RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=2"
        ),
        "0331.0900/0331.1000 0430.0900/0430.1000",
    ),
    "a birthday since 1604": (
        "DTSTART;VALUE=DATE:16040420|RRULE:FREQ=YEARLY;UNTIL=20261231",
        "0420.0400/0421.0400",
    ),
    "one of a series moved": (
        (
            "UID:a|DTSTART:20260302T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=2"
            "||UID:a|RECURRENCE-ID:20260303T140000Z|DTSTART:20260304T090000|DURATION:PT2H"
        ),
        "0302.1400/0302.1500 0304.1400/0304.1600",
    ),
    "one of a series called off": (
        (
            "UID:a|DTSTART:20260302T090000|DURATION:PT1H|RRULE:FREQ=DAILY;COUNT=2"
            "||UID:a|RECURRENCE-ID:20260303T090000|DTSTART:20260303T090000|STATUS:CANCELLED"
        ),
        "0302.1400/0302.1500",
    ),
    "what overlaps and touches is one": (
        (
            "DTSTART:20260302T090000Z|DURATION:PT1H||DTSTART:20260302T093000Z|DURATION:PT1H"
            "||DTSTART:20260302T103000Z|DURATION:PT1H"
        ),
        "0302.0900/0302.1130",
    ),
    "an alarm is not the event": (
        (
            "DTSTART:20260302T090000Z|DURATION:PT1H|BEGIN:VALARM|TRIGGER:-PT5M|DURATION:PT9H"
            "|REPEAT:2|END:VALARM"
        ),
        "0302.0900/0302.1000",
    ),
}
#: Events that cannot be read, or not all of them: busy for as long as they may be, and named.
DOUBTFUL: Final[Mapping[str, tuple[str, str]]] = {
    "a zone that nobody knows": (
        "DTSTART;TZID=Nowhere:20260303T120000|DTEND;TZID=Nowhere:20260303T130000",
        "0302.2200/0304.0100",
    ),
    "a rule of the Hebrew calendar": (
        "DTSTART:20260303T120000Z|DURATION:PT1H|RRULE:RSCALE=HEBREW;FREQ=YEARLY",
        "0303.1200/-",
    ),
    "a rule that is none": ("DTSTART:20260303T120000Z|DURATION:PT1H|RRULE:x", "0303.1200/-"),
    "an end before the start": (
        "DTSTART:20260303T120000Z|DTEND:20260303T110000Z",
        "0303.1200/0304.2300",
    ),
    "a length that is none": ("DTSTART:20260303T120000Z|DURATION:long", "0303.1200/0305.0000"),
    "what is left out cannot be read": (
        "DTSTART:20260303T120000Z|DURATION:PT1H|EXDATE:x",
        "0303.1200/0303.1300",
    ),
    "no start": ("SUMMARY:x", ""),
    "a start that is none": ("DTSTART:soon|DURATION:PT1H", ""),
}
#: More than is looked at, seen before it is looked at (B9).
ENDLESS: Final = (
    "SECONDLY",
    "SECONDLY;COUNT=1000000",
    "MINUTELY;UNTIL=99991231T235959Z",
    "DAILY;COUNT=1000000",
    "DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9",
)


def calendar(events: str) -> bytes:
    """A calendar of *events*, parted by `||`, their lines by `|`."""
    each = (f"BEGIN:VEVENT|{event}|END:VEVENT" for event in events.split("||") if event)
    text = "|".join(("BEGIN:VCALENDAR", "VERSION:2.0", *each, "END:VCALENDAR", ""))
    return text.replace("|", "\r\n").encode()


def _moment(text: str) -> datetime:
    if text == "-":
        return WITHIN.end
    return datetime.strptime(f"2026{text}", "%Y%m%d.%H%M").replace(tzinfo=UTC)


def _intervals(text: str) -> tuple[Interval, ...]:
    pairs = (each.split("/") for each in text.split())
    return tuple(Interval(_moment(start), _moment(end)) for start, end in pairs)


class BusyKit:
    """What a calendar port must read (APT-15)."""

    def _read(self, calendars: Calendars, events: str) -> BusyTimes:
        return calendars.read(calendar(events), WITHIN, ZONE)

    @pytest.mark.parametrize("case", READ)
    def test_busy_when_it_says(self, calendars: Calendars, case: str) -> None:
        """Exactly the times that are meant, as worked out by hand."""
        events, expected = READ[case]
        found = self._read(calendars, events)
        assert (found.intervals, found.unreadable) == (_intervals(expected), ())

    @pytest.mark.parametrize("case", DOUBTFUL)
    def test_doubt_is_busy_and_told(self, calendars: Calendars, case: str) -> None:
        """What cannot be read counts as busy, where a time can be told, and is named."""
        events, expected = DOUBTFUL[case]
        found = self._read(calendars, "DTSTART:20260302T090000Z||" + events)
        assert (found.intervals, found.unreadable) == (_intervals(expected), (1,))

    @pytest.mark.parametrize("rule", ENDLESS)
    def test_too_often_is_refused(self, calendars: Calendars, rule: str) -> None:
        """B9: a rule with a million times, or too many a day, is refused before it is followed."""
        with pytest.raises(MalformedError, match="limit_exceeded"):
            self._read(calendars, f"DTSTART:20260302T090000Z|DURATION:PT1M|RRULE:FREQ={rule}")

    def test_no_end_is_no_fault(self, calendars: Calendars) -> None:
        """A weekly meeting without an end is busy as far ahead as is asked."""
        found = self._read(calendars, "DTSTART:20200106T090000|DURATION:PT1H|RRULE:FREQ=WEEKLY")
        assert len(found.intervals) == (WITHIN.duration // timedelta(days=7)) + 1

    def test_a_day_that_never_comes(self, calendars: Calendars) -> None:
        """A rule that matches no day is not looked for until the end of time."""
        never = "DTSTART:20260302T090000Z|DURATION:PT1H|RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30"
        assert self._read(calendars, never).intervals == _intervals("0302.0900/0302.1000")
        with pytest.raises(MalformedError, match="limit_exceeded"):
            self._read(calendars, "||".join([never] * 5000))

    def test_so_many_events_and_no_more(self, calendars: Calendars) -> None:
        """As many times as are kept, and one more."""
        start = datetime(2026, 3, 2, tzinfo=UTC)
        times = [start + timedelta(hours=2 * n) for n in range(MOST_BUSY + 1)]
        events = [f"DTSTART:{at:%Y%m%dT%H%M%SZ}|DURATION:PT1H" for at in times]
        assert len(self._read(calendars, "||".join(events[:-1])).intervals) == MOST_BUSY
        with pytest.raises(MalformedError, match="limit_exceeded"):
            self._read(calendars, "||".join(events))

    def test_a_mebibyte_and_no_more(self, calendars: Calendars) -> None:
        """B35: no file is large enough to be a burden."""
        with pytest.raises(MalformedError, match="limit_exceeded"):
            calendars.read(calendar("X-A:" + "x" * 2**20), WITHIN, ZONE)

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\xff\xfe\x00",
            b"<html></html>",
            calendar("")[:-15],
            b"BEGIN:VEVENT\r\nEND:VEVENT\r\n",
            b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\n",
            b"BEGIN:VCALENDAR\r\n" * 9000,
        ],
    )
    def test_what_is_no_calendar_is_refused(self, calendars: Calendars, content: bytes) -> None:
        """A login page, or half a file, never empties somebody's busy times."""
        with pytest.raises(MalformedError, match="invalid_calendar"):
            calendars.read(content, WITHIN, ZONE)

    def test_an_empty_calendar_is_one(self, calendars: Calendars) -> None:
        """Nothing to do is no fault."""
        assert calendars.read(calendar(""), WITHIN, ZONE) == BusyTimes(intervals=())
