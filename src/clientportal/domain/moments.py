"""Time: aware UTC moments, half-open intervals, zones by their IANA names (APT-2, SET-2)."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import Attribute, field, frozen

from clientportal.errors import MalformedError, Problem

if TYPE_CHECKING:
    from datetime import tzinfo

Moment: TypeAlias = datetime

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
MINUTE: Final = timedelta(minutes=1)
_ZONE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]{0,40}(/[A-Za-z0-9_+\-]{1,40}){0,2}\Z", re.ASCII)


def check_moment(value: object, path: str) -> Moment:
    """*value* in UTC, if it is an aware datetime of the years 1901 to 2198.

    Raises `MalformedError`: `invalid_moment` for a naive, foreign or far-off value.
    """
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise MalformedError(Problem(path, "invalid_moment", "give a datetime with its offset"))
    if not 1900 < value.year < 2199:  # noqa: PLR2004 - a day's slack, so that no offset overflows
        raise MalformedError(Problem(path, "invalid_moment", "give a year from 1901 to 2198"))
    return value if value.tzinfo is UTC else value.astimezone(UTC)


def is_moment(_: Any, attribute: Attribute[Any], value: object) -> None:
    """Attrs validator: an aware UTC moment."""
    if type(value) is not datetime or value.tzinfo is not UTC:
        checked = check_moment(value, attribute.name)
        if checked.utcoffset() != value.utcoffset():  # type: ignore[attr-defined] # a datetime by now
            advice = "give the moment in UTC"
            raise MalformedError(Problem(attribute.name, "invalid_moment", advice))


def to_utc(value: object) -> Moment:
    """Attrs converter: an aware datetime of any zone, in UTC."""
    return check_moment(value, "moment")


def microseconds(at: Moment) -> int:
    """*at* as whole microseconds since 1970 in UTC."""
    return (at - EPOCH) // MICROSECOND


def moment_of(value: int) -> Moment:
    """The moment *value* microseconds after 1970 in UTC."""
    return EPOCH + timedelta(microseconds=value)


def _not_empty(self: Interval, _: Attribute[Any], end: Moment) -> None:
    if end <= self.start:
        advice = "let it end after it starts"
        raise MalformedError(Problem("end", "invalid_interval", advice))


@frozen
class Interval:
    """From *start* up to, not including, *end* (APT-2). Raises `MalformedError` when empty."""

    start: Moment = field(converter=to_utc)
    end: Moment = field(converter=to_utc, validator=_not_empty)

    @property
    def duration(self) -> timedelta:
        """Elapsed time, so 60 minutes are 60 minutes across a change of clocks."""
        return self.end - self.start

    def overlaps(self, other: Interval) -> bool:
        """Whether some instant lies in both."""
        return self.start < other.end and other.start < self.end

    def within(self, other: Interval) -> bool:
        """Whether all of it lies in *other*."""
        return other.start <= self.start and self.end <= other.end


@lru_cache(maxsize=1024)  # a zone that nobody holds is read from its file again
def zone_of(name: str) -> tzinfo:
    """The IANA zone called *name*.

    Raises `MalformedError`: `unknown_timezone`.
    """
    import pendulum  # lazily: the import costs more than the rest of ours

    try:
        if not _ZONE.match(name):
            raise ValueError
        return pendulum.timezone(name)
    except (ValueError, LookupError, OSError):
        advice = "give an IANA name such as Europe/Madrid"
        raise MalformedError(Problem("timezone", "unknown_timezone", advice)) from None


def is_timezone(_: Any, attribute: Attribute[Any], value: object) -> None:
    """Attrs validator: None or the name of an IANA zone (SET-2)."""
    if value is None or value == "UTC":
        return
    if not isinstance(value, str):
        advice = "give an IANA name such as Europe/Madrid"
        raise MalformedError(Problem(attribute.name, "unknown_timezone", advice))
    try:
        zone_of(value)
    except MalformedError as error:
        raise MalformedError(error.problems[0]._replace(path=attribute.name)) from None


def age_on(born: date, day: date) -> int:
    """Full years on *day*; who was born on 29 February turns on 1 March (REL-4)."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def local_day(at: Moment, timezone: str) -> date:
    """The calendar day of *at* in *timezone*."""
    return at.astimezone(zone_of(timezone)).date()
