"""The calendar port over the `icalendar` package."""

from __future__ import annotations

from attrs import frozen

from clientportal.domain.calendars import BusyTimes, CalendarFile
from clientportal.domain.moments import Interval, zone_of
from clientportal_icalendar.reading import busy_in
from clientportal_icalendar.writing import written


@frozen
class ICalendar:
    """Calendars in the format of RFC 5545."""

    def write(self, file: CalendarFile) -> bytes:
        """*file* as an iCalendar object in UTF-8, times in UTC."""
        return written(file)

    def read(self, content: bytes, within: Interval, timezone: str) -> BusyTimes:
        """When *content* says that its owner is busy, clipped to *within*.

        A mebibyte and 5,000 times at most; a rule is measured before it is followed.
        """
        return busy_in(content, within, zone_of(timezone))
