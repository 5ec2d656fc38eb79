"""iCalendar for `clientportal`: appointments as files and feeds."""

from __future__ import annotations

from typing import Any

from clientportal.ports.calendars import Calendars
from clientportal.ports.hookspecs import Adapter, hookimpl
from clientportal_icalendar.calendars import ICalendar

__all__ = ["ICalendar", "clientportal_adapters"]


@hookimpl
def clientportal_adapters() -> list[Adapter[Any]]:
    """The calendars called ``icalendar``."""
    return [Adapter(Calendars, "icalendar", lambda _: ICalendar())]
