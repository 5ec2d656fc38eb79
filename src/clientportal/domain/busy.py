"""When staff are busy by calendars they keep outside: no appointment, and no claim (APT-15).

What is outside may overlap what is booked, so it is a fact beside the claims: clients are not
offered such a time, staff are not bound by it.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from attrs import field, frozen

from clientportal.domain.bounds import each_once
from clientportal.domain.calendars import MOST_BUSY
from clientportal.domain.ids import StaffId
from clientportal.domain.moments import Interval, Moment, is_moment
from clientportal.domain.texts import line

#: How far ahead busy times are kept: 24 months.
AHEAD: Final = timedelta(days=731)


def kept(now: Moment) -> Interval:
    """The time of which busy times are kept: what a calendar port is asked to read."""
    return Interval(now, now + AHEAD)


@frozen(kw_only=True)
class BusyCalendar:
    """A staff member's busy times by one calendar outside. Belongs to the staff member."""

    staff_id: StaffId
    source: str = field(validator=line(60), repr=False)
    intervals: tuple[Interval, ...] = field(validator=each_once(MOST_BUSY, least=0), repr=False)
    imported_at: Moment = field(validator=is_moment)

    claims = ()

    @property
    def id(self) -> str:
        """The pair."""
        return f"{self.staff_id}/{self.source}"

    @property
    def belongs_to(self) -> StaffId:
        """The staff member is rewritten, so that a booking under way is decided again."""
        return self.staff_id
