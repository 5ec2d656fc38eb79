"""The calendar port: appointments in the format that calendars outside read (APT-15)."""

from __future__ import annotations

from typing import Protocol

from clientportal.domain.calendars import CalendarFile


class Calendars(Protocol):
    """Speaks the format of calendars, such as iCalendar; keeps nothing and reaches nothing."""

    def write(self, file: CalendarFile) -> bytes:
        """*file* as bytes, the same bytes each time: no more than what it says."""
        ...
