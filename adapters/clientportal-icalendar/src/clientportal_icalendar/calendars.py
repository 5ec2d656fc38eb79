"""The calendar port over the `icalendar` package."""

from __future__ import annotations

from attrs import frozen

from clientportal.domain.calendars import CalendarFile
from clientportal_icalendar.writing import written


@frozen
class ICalendar:
    """Calendars in the format of RFC 5545."""

    def write(self, file: CalendarFile) -> bytes:
        """*file* as an iCalendar object in UTF-8, times in UTC."""
        return written(file)
