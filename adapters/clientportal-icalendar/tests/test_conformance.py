"""The adapter passes the kit, and what it writes is what the package reads back."""

from __future__ import annotations

import pytest
from attrs import evolve
from hypothesis import given
from icalendar import Calendar, Component

from clientportal.plugins import discover
from clientportal.ports.calendars import Calendars
from clientportal.testing.conformance.calendars import ENTRY, FEED, FILE, CalendarsKit
from clientportal.testing.values import texts
from clientportal_icalendar import ICalendar


class TestICalendar(CalendarsKit):
    """The kit."""

    @pytest.fixture
    def calendars(self) -> ICalendar:
        """It has no settings."""
        return ICalendar()


def _event(content: bytes) -> Component:
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


def test_it_is_found_by_name() -> None:
    """An installed adapter is chosen by its name."""
    assert isinstance(discover().choose(Calendars, "icalendar").build({}), ICalendar)


@given(text=texts(most=200))
def test_another_reader_reads_the_same(text: str) -> None:
    """What was written parses back equal (B35)."""
    event = _event(ICalendar().write(evolve(FILE, entries=(evolve(ENTRY, summary=text),))))
    assert event["SUMMARY"] == text
    assert event["UID"] == ENTRY.uid
    assert ENTRY.interval.start == event.DTSTART
    assert ENTRY.interval.end == event.DTEND
    assert event.errors == []


def test_a_feed_tells_its_name_and_when_to_look_again() -> None:
    """RFC 7986: whoever follows it shows its name and asks again after an hour."""
    calendar = Calendar.from_ical(ICalendar().write(FEED))
    assert calendar["NAME"] == calendar["X-WR-CALNAME"] == "Riverside"
    assert calendar["REFRESH-INTERVAL"].to_ical() == b"PT1H"
