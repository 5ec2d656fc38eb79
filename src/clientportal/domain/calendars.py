"""Appointments as calendars outside see them: a time and a neutral line (APT-15)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from itertools import pairwise
from typing import Any, Final

from attrs import Attribute, field, frozen
from attrs.validators import optional

from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.bounds import check_tuple, each_once, whole
from clientportal.domain.moments import Interval, Moment, is_moment
from clientportal.domain.practices import Practice
from clientportal.domain.texts import is_email, line
from clientportal.errors import MalformedError, Problem

MOST_ENTRIES: Final = 1000
MOST_BUSY: Final = 5000
_UID: Final = re.compile(r"[A-Za-z0-9._@-]{1,200}\Z", re.ASCII)


class Method(Enum):
    """What a calendar is asked to do with a file: put it in, take it out, or follow it."""

    REQUEST = "request"
    CANCEL = "cancel"
    PUBLISH = "publish"


class EntryStatus(Enum):
    """How sure the time is."""

    REQUESTED = "requested"
    BOOKED = "booked"
    CANCELLED = "cancelled"


def _is_uid(_: Any, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not _UID.match(value):
        advice = "give up to 200 of A-Z, a-z, 0-9, `.`, `_`, `@` and `-`"
        raise MalformedError(Problem(attribute.name, "invalid_id", advice))


@frozen(kw_only=True)
class CalendarEntry:
    """One appointment in a calendar: nobody's name, nothing clinical (APT-15).

    *uid* stays the same for as long as the appointment lives, *sequence* counts its changes.
    """

    uid: str = field(validator=_is_uid)
    sequence: int = field(validator=whole(0, 2**31 - 1))
    interval: Interval
    status: EntryStatus
    summary: str = field(validator=line(250))


def _fits_its_method(self: CalendarFile, _: Attribute[Any], value: Any) -> None:
    """One appointment is put in or taken out, never several; what is off is taken out."""
    if self.method is Method.PUBLISH:
        return
    off = self.method is Method.CANCEL
    if [(entry.status is EntryStatus.CANCELLED) for entry in value] != [off]:
        advice = "give the one entry, cancelled or not as the method says"
        raise MalformedError(Problem("entries", "invalid_argument", advice))


@frozen(kw_only=True)
class CalendarFile:
    """What a calendar port writes: one appointment, or the many of a feed (APT-15).

    *organizer* is the practice's name, *attendee* the reader's own address, where a file is made
    for somebody; *stamp* is when it was made. Raises `MalformedError`.
    """

    method: Method
    organizer: str = field(validator=line(200))
    attendee: str | None = field(default=None, validator=optional(is_email), repr=False)
    stamp: Moment = field(validator=is_moment)
    entries: tuple[CalendarEntry, ...] = field(
        validator=[
            each_once(MOST_ENTRIES, least=0, key=lambda entry: entry.uid),
            _fits_its_method,
        ]
    )


def union(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """The same time in fewer intervals: in order, and none touches the next."""
    found: list[Interval] = []
    for each in sorted(intervals, key=lambda one: one.start):
        if found and each.start <= found[-1].end:
            found[-1] = Interval(found[-1].start, max(found[-1].end, each.end))
        else:
            found.append(each)
    return tuple(found)


def _apart(_: Any, attribute: Attribute[Any], value: Any) -> None:
    check_tuple(value, attribute.name)
    if len(value) > MOST_BUSY:
        advice = f"give at most {MOST_BUSY} intervals"
        raise MalformedError(Problem(attribute.name, "limit_exceeded", advice))
    if any(before.end >= after.start for before, after in pairwise(value)):
        advice = "give them in order, none touching the next"
        raise MalformedError(Problem(attribute.name, "invalid_interval", advice))


@frozen(kw_only=True)
class BusyTimes:
    """When somebody is busy by a calendar outside: times, and nothing else of it (APT-15).

    *unreadable* are the places, from 0, of the events that could not be read as they were meant;
    where a time could be told they count as busy all the same.
    """

    intervals: tuple[Interval, ...] = field(validator=_apart, repr=False)
    unreadable: tuple[int, ...] = field(default=(), validator=each_once(10**6, least=0))


_STATUSES: Final[Mapping[AppointmentStatus, EntryStatus]] = {
    AppointmentStatus.REQUESTED: EntryStatus.REQUESTED,
    AppointmentStatus.BOOKED: EntryStatus.BOOKED,
    AppointmentStatus.FULFILLED: EntryStatus.BOOKED,
    AppointmentStatus.DECLINED: EntryStatus.CANCELLED,
    AppointmentStatus.CANCELLED: EntryStatus.CANCELLED,
    AppointmentStatus.LATE_CANCELLED: EntryStatus.CANCELLED,
    AppointmentStatus.LAPSED: EntryStatus.CANCELLED,
    AppointmentStatus.NO_SHOW: EntryStatus.BOOKED,
}


def entry_of(appointment: Appointment, practice: Practice, now: Moment) -> CalendarEntry:
    """*appointment* as a calendar shows it, the same to everybody who may see it (APT-15)."""
    lapsed = appointment.has_lapsed(now)
    return CalendarEntry(
        uid=f"{appointment.id}@{practice.id}",
        sequence=appointment.sequence,
        interval=appointment.interval,
        status=EntryStatus.CANCELLED if lapsed else _STATUSES[appointment.status],
        summary=f"{practice.name}: Appointment",
    )
