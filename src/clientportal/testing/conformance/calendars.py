"""The kit for calendars: what each must write, read back by the letter of RFC 5545.

An adapter writes this, and nothing else::

    class TestMine(CalendarsKit):
        @pytest.fixture
        def calendars(self): ...
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from clientportal.domain.calendars import (
    MOST_ENTRIES,
    CalendarEntry,
    CalendarFile,
    EntryStatus,
    Method,
)
from clientportal.domain.moments import Interval
from clientportal.errors import MalformedError
from clientportal.ports.calendars import Calendars
from clientportal.testing.values import texts

START: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
ENTRY: Final = CalendarEntry(
    uid="apt_1@prc_1",
    sequence=0,
    interval=Interval(START, START + timedelta(minutes=50)),
    status=EntryStatus.BOOKED,
    summary="Riverside: Appointment",
)
FILE: Final = CalendarFile(
    method=Method.REQUEST,
    organizer="Riverside",
    attendee="ann@example.org",
    stamp=START - timedelta(days=1),
    entries=(ENTRY,),
)
FEED: Final = evolve(FILE, method=Method.PUBLISH, attendee=None)
_WIDEST: Final = 75
_ESCAPED: Final = re.compile(r"\\([\\;,nN])")
_CAUGHT: Final = re.compile(r"\^(['^n])")
_CN: Final = re.compile(r'ORGANIZER;CN=(?:"([^"]*)"|([^";:,]*)):')
#: What would write a property of its own, were it not text.
HOSTILE: Final = (
    'a;b,c\\n"d"',
    "a\\;b",
    "\\",
    '";X="y":mailto:eve@example.org',
    "^n^'^^",
    "ATTACH:https://eve.example/",
    "\U0001f9d1\u200d\u2695\ufe0f" * 20,
    "x" * 199,
    " x \t y ",
)


def properties(content: bytes) -> list[str]:
    """The lines of an iCalendar object, unfolded; each as RFC 5545 has it, or it is refused."""
    raw = content.split(b"\r\n")
    assert raw.pop() == b""
    assert all(b"\r" not in line and b"\n" not in line for line in raw)
    assert max(len(line) for line in raw) <= _WIDEST
    assert [line.decode() for line in raw]  # a letter is not folded in two
    unfolded: list[str] = []
    for line in raw:
        text = line.decode()
        if text.startswith((" ", "\t")):
            unfolded[-1] += text[1:]
        else:
            unfolded.append(text)
    return unfolded


def name_of(line: str) -> str:
    """The name of a property."""
    return re.split("[;:]", line, maxsplit=1)[0]


def values(content: bytes, name: str) -> list[str]:
    """The text of every property called *name*, without its escapes."""
    found = (line.partition(":")[2] for line in properties(content) if name_of(line) == name)
    return [_ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], text) for text in found]


def organizer(content: bytes) -> str:
    """The name of who calls, without the escapes of RFC 6868."""
    (line,) = {each for each in properties(content) if name_of(each) == "ORGANIZER"}
    found = _CN.match(line)
    assert found is not None
    plain = {"n": "\n", "'": '"', "^": "^"}
    return _CAUGHT.sub(lambda m: plain[m[1]], found[1] if found[1] is not None else found[2])


class CalendarsKit:
    """What a calendar port must pass (APT-15)."""

    def test_an_appointment_is_a_file(self, calendars: Calendars) -> None:
        """Its id, its times in UTC, its sequence, and how sure it is: nothing else."""
        content = calendars.write(FILE)
        found = {name: values(content, name) for name in ("UID", "DTSTART", "DTEND", "SEQUENCE")}
        assert found == {
            "UID": ["apt_1@prc_1"],
            "DTSTART": ["20260302T140000Z"],
            "DTEND": ["20260302T145000Z"],
            "SEQUENCE": ["0"],
        }
        assert values(content, "METHOD") == ["REQUEST"]
        assert values(content, "STATUS") == ["CONFIRMED"]
        assert values(content, "DTSTAMP") == ["20260301T140000Z"]
        assert values(content, "ATTENDEE") == ["mailto:ann@example.org"]
        assert {"DESCRIPTION", "LOCATION", "ATTACH", "URL", "CATEGORIES", "COMMENT"}.isdisjoint(
            map(name_of, properties(content))
        )

    def test_a_change_keeps_the_id_and_counts(self, calendars: Calendars) -> None:
        """A calendar knows the appointment again by its UID, and the later by its SEQUENCE."""
        moved = evolve(ENTRY, sequence=3, interval=Interval(START, START + timedelta(hours=2)))
        before, after = (calendars.write(evolve(FILE, entries=(e,))) for e in (ENTRY, moved))
        assert values(before, "UID") == values(after, "UID")
        assert (values(before, "SEQUENCE"), values(after, "SEQUENCE")) == (["0"], ["3"])

    def test_a_cancelled_one_is_taken_out(self, calendars: Calendars) -> None:
        """METHOD:CANCEL takes it out of a calendar, and it blocks no time there."""
        off = evolve(ENTRY, status=EntryStatus.CANCELLED, sequence=1)
        content = calendars.write(evolve(FILE, method=Method.CANCEL, entries=(off,)))
        assert values(content, "METHOD") == ["CANCEL"]
        assert values(content, "STATUS") == ["CANCELLED"]
        assert values(content, "TRANSP") == ["TRANSPARENT"]

    @pytest.mark.parametrize(
        ("status", "written"),
        [
            (EntryStatus.REQUESTED, "TENTATIVE"),
            (EntryStatus.BOOKED, "CONFIRMED"),
            (EntryStatus.CANCELLED, "CANCELLED"),
        ],
    )
    def test_a_feed_shows_each_as_it_stands(
        self, calendars: Calendars, status: EntryStatus, written: str
    ) -> None:
        """Whoever follows a feed drops what is cancelled; a feed invites nobody (RFC 5546)."""
        content = calendars.write(evolve(FEED, entries=(evolve(ENTRY, status=status),)))
        assert values(content, "METHOD") == ["PUBLISH"]
        assert values(content, "STATUS") == [written]
        assert values(content, "ATTENDEE") == []

    def test_a_feed_has_any_number(self, calendars: Calendars) -> None:
        """None, or a thousand, each once and in order."""
        assert values(calendars.write(evolve(FEED, entries=())), "UID") == []
        many = tuple(evolve(ENTRY, uid=f"apt_{n}@prc_1") for n in range(MOST_ENTRIES))
        content = calendars.write(evolve(FEED, entries=many))
        assert values(content, "UID") == [each.uid for each in many]

    def test_the_same_again(self, calendars: Calendars) -> None:
        """The same file is the same bytes, so that a cache can tell."""
        assert calendars.write(FEED) == calendars.write(FEED)

    @pytest.mark.parametrize("text", HOSTILE)
    def test_text_stays_text(self, calendars: Calendars, text: str) -> None:
        """What looks like a property, a parameter or an escape comes back as it was (B35)."""
        self._comes_back(calendars, text)

    @given(text=texts(most=200))
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_any_line_stays_text(self, calendars: Calendars, text: str) -> None:
        """No legal name of a practice adds a property or loses a letter (B35)."""
        self._comes_back(calendars, text)

    @pytest.mark.parametrize("address", ["a?bcc=eve@example.org", "z%0a@example.org", "ç+1@ex.org"])
    def test_an_address_stays_one(self, calendars: Calendars, address: str) -> None:
        """An address says to whom, and nothing more (B35)."""
        (found,) = values(calendars.write(evolve(FILE, attendee=address)), "ATTENDEE")
        assert found.startswith("mailto:")
        assert "?" not in found
        assert found.isascii()

    @pytest.mark.parametrize("name", ["organizer", "summary", "uid", "attendee"])
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\x0b", "\x85", "\u2028"])
    def test_no_property_is_smuggled_in(self, name: str, end: str) -> None:
        """What would begin a property of its own never becomes a file (B35)."""
        with pytest.raises(MalformedError):
            _with(**{name: f"x@y{end}ATTACH:z"})

    def _comes_back(self, calendars: Calendars, text: str) -> None:
        entry = evolve(ENTRY, summary=text)
        content = calendars.write(evolve(FILE, organizer=text, entries=(entry,)))
        plain = calendars.write(FILE)
        assert Counter(map(name_of, properties(content))) == Counter(
            map(name_of, properties(plain))
        )
        assert values(content, "SUMMARY") == [text]
        assert organizer(content) == text


def _with(**fields: Any) -> Any:
    """The entry or the file, whichever has them, with these *fields*."""
    whole: Any = ENTRY if hasattr(ENTRY, next(iter(fields))) else FILE
    return evolve(whole, **fields)
