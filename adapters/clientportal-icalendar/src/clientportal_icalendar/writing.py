"""Writes files and feeds as RFC 5545 and RFC 5546 have them: in UTC, with no name of a person."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vDuration

from clientportal.domain.calendars import CalendarEntry, CalendarFile, EntryStatus, Method

_MADE_BY: Final = "-//clientportal//clientportal-icalendar//EN"
#: Whoever cannot be written to, as calendars have it: an answer to it goes nowhere.
_NO_ADDRESS: Final = "invalid:nomail"
_AGAIN_AFTER: Final = timedelta(hours=1)
_STATUSES: Final[Mapping[EntryStatus, str]] = {
    EntryStatus.REQUESTED: "TENTATIVE",
    EntryStatus.BOOKED: "CONFIRMED",
    EntryStatus.CANCELLED: "CANCELLED",
}


def written(file: CalendarFile) -> bytes:
    """*file* as an iCalendar object."""
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", _MADE_BY)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", file.method.name)
    if file.method is Method.PUBLISH:
        calendar.add("name", file.organizer)
        calendar.add("x-wr-calname", file.organizer)
        calendar.add("refresh-interval", vDuration(_AGAIN_AFTER), {"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(_AGAIN_AFTER))
    for entry in file.entries:
        calendar.add_component(_event(entry, file))
    content: bytes = calendar.to_ical()
    return content


def _event(entry: CalendarEntry, file: CalendarFile) -> Event:
    is_off = entry.status is EntryStatus.CANCELLED
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", file.stamp)
    event.add("dtstart", entry.interval.start)
    event.add("dtend", entry.interval.end)
    event.add("summary", entry.summary)
    event.add("status", _STATUSES[entry.status])
    event.add("transp", "TRANSPARENT" if is_off else "OPAQUE")
    event.add("class", "PRIVATE")
    event.add("organizer", _organizer(file.organizer))
    if file.method is not Method.PUBLISH:  # who publishes invites nobody
        event.add("attendee", _attendee(file.attendee))
    return event


def _attendee(address: str | None) -> vCalAddress:
    return vCalAddress(_NO_ADDRESS if address is None else f"mailto:{quote(address, safe='@+')}")


def _organizer(name: str) -> vCalAddress:
    organizer = vCalAddress(_NO_ADDRESS)
    organizer.params["CN"] = name
    return organizer
