"""The calendar port: appointments in the format that calendars outside read (APT-15)."""

from __future__ import annotations

from typing import Protocol

from clientportal.domain.calendars import BusyTimes, CalendarFile
from clientportal.domain.moments import Interval


class Calendars(Protocol):
    """Speaks the format of calendars, such as iCalendar; keeps nothing and reaches nothing."""

    def write(self, file: CalendarFile) -> bytes:
        """*file* as bytes, the same bytes each time: no more than what it says."""
        ...

    def read(self, content: bytes, within: Interval, timezone: str) -> BusyTimes:
        """When *content* says that its owner is busy, clipped to *within*.

        Whole days, and times without a zone, are of *timezone*. An event that cannot be read is
        busy for as long as it may be, where that can be told, and named by its place.
        Raises `MalformedError`: `invalid_calendar`, `limit_exceeded`.
        """
        ...
