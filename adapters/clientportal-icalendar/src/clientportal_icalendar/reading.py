"""When the events of a calendar keep somebody busy; what is in doubt counts as busy (APT-15)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from attrs import Factory, define

from clientportal.domain.calendars import MOST_BUSY, BusyTimes, union
from clientportal.domain.moments import Interval
from clientportal_icalendar.events import Line, RawEvent, events_of
from clientportal_icalendar.recurring import Budget, occurrences, rule_of, too_many
from clientportal_icalendar.walls import (
    DAY,
    EASTMOST,
    WESTMOST,
    Span,
    Wall,
    Zones,
    clipped,
    span_of,
)

#: What a value that is no time, no zone's, or of no year that anybody counts raises.
_FAULTS: Final = (ValueError, OverflowError, KeyError, IndexError, TypeError)


def busy_in(content: bytes, within: Interval, floating: tzinfo) -> BusyTimes:
    """When *content* keeps its owner busy *within*. Raises `MalformedError`."""
    reader = _Reader(within, Zones(floating))
    events = events_of(content)
    for uid, moment in reader.overridden(events):
        reader.replaced.setdefault(uid, set()).add(moment)
    found: list[Interval] = []
    for event in events:
        for start, end in reader.busy(event):
            part = clipped(start, end, within)
            if part is not None:
                found.append(part)
            if len(found) > MOST_BUSY:
                raise too_many()
    return BusyTimes(intervals=union(found), unreadable=tuple(sorted(reader.faulty)))


@define
class _Reader:
    """Reads the events of one file; *faulty* are those in which something could not be read."""

    within: Interval
    zones: Zones
    faulty: set[int] = Factory(set)
    replaced: dict[str, set[datetime]] = Factory(dict)
    budget: Budget = Factory(Budget)

    def overridden(self, events: tuple[RawEvent, ...]) -> Iterator[tuple[str, datetime]]:
        """The single times of a series that events of their own stand for."""
        for event in events:
            line, uid, start = (event.one(n) for n in ("RECURRENCE-ID", "UID", "DTSTART"))
            if line is None:
                continue
            try:
                at, _ = self.zones.wall(line), start and self.zones.wall(start)
            except _FAULTS:
                self.faulty.add(event.index)
                continue
            if uid is None or start is None or at.is_vague or "RANGE" in line.params:
                self.faulty.add(event.index)  # what it stands for stays busy beside it
            else:
                yield uid.value, at.moment

    def busy(self, event: RawEvent) -> Iterator[tuple[datetime, datetime]]:
        """The times an event takes, in no order, some outside of *within*."""
        if event.is_broken or event.lines.get("EXRULE"):
            self.faulty.add(event.index)
        if _is_free(event):
            return
        start = event.one("DTSTART")
        try:
            begin = None if start is None else self.zones.wall(start)
        except _FAULTS:
            begin = None
        if begin is None:
            self.faulty.add(event.index)
            return
        if begin.is_vague:
            self.faulty.add(event.index)
        try:
            yield from self._taken(event, begin)
        except _FAULTS:  # so far ahead that there is no end: busy from its start on
            self.faulty.add(event.index)
            yield begin.moment - _doubt(begin)[0], self.within.end

    def _taken(self, event: RawEvent, begin: Wall) -> Iterator[tuple[datetime, datetime]]:
        span = self._span(event, begin)
        before, after = _doubt(begin)
        free = self._left_out(event)
        for start in self._starts(event, begin, span):
            at = begin.at(start)
            if at not in free:
                yield at - before, span.end(begin, start) + after
        yield from self._periods(event)

    def _span(self, event: RawEvent, begin: Wall) -> Span:
        """How long each time takes; a day or more where that cannot be told."""
        line, until = event.one("DTEND"), begin
        try:
            until = begin if line is None else self.zones.wall(line)
            return span_of(begin, None if line is None else until, event.one("DURATION"))
        except _FAULTS:
            self.faulty.add(event.index)
        return Span(passing=DAY + max(until.moment + WESTMOST - begin.moment, timedelta()))

    def _starts(self, event: RawEvent, begin: Wall, span: Span) -> Iterator[datetime]:
        """When it begins, on its wall, each once: at its start, by its rules, on its dates."""
        found = {begin.local}
        reach = timedelta(days=span.days + 2) + span.passing
        first = begin.on_wall(self.within.start) - reach
        last = begin.on_wall(self.within.end) + timedelta(days=2)
        for line in event.lines.get("RRULE", ()):
            for at in self._ruled(line, begin, (first, last)):
                found.add(at)
                if len(found) > 2 * MOST_BUSY:
                    raise too_many()
        dates = self._listed(event, "RDATE")
        found |= {begin.on_wall(at.moment) for at, rest in dates if rest is None}
        yield from found

    def _ruled(
        self, line: Line, begin: Wall, span: tuple[datetime, datetime]
    ) -> Iterator[datetime]:
        rule = rule_of(line.value, begin.local)
        first, last = span
        if isinstance(rule.until, datetime):
            aware = rule.until.tzinfo is not None
            last = min(last, begin.on_wall(rule.until) if aware else rule.until)
        elif rule.until is not None:
            last = min(last, datetime.combine(rule.until, datetime.max.time()))
        yield from occurrences(rule, begin.local, (first, last), self.budget)

    def _left_out(self, event: RawEvent) -> set[datetime]:
        """The times of a series that do not take place, or are told of by events of their own."""
        if event.one("RECURRENCE-ID") is not None:
            return set()
        uid = event.one("UID")
        own = set() if uid is None else self.replaced.get(uid.value, set())
        return own | {at.moment for at, _ in self._listed(event, "EXDATE") if not at.is_vague}

    def _periods(self, event: RawEvent) -> Iterator[tuple[datetime, datetime]]:
        """The dates that bring their own end."""
        for at, rest in self._listed(event, "RDATE"):
            if isinstance(rest, timedelta):
                yield at.moment, at.moment + rest
            elif isinstance(rest, datetime):
                end = Wall(rest.replace(tzinfo=None), UTC if rest.tzinfo else at.zone)
                yield at.moment, end.moment

    def _listed(self, event: RawEvent, name: str) -> Iterator[tuple[Wall, Any]]:
        """The times in the lists called *name*, those that can be read."""
        for line in event.lines.get(name, ()):
            try:
                found = tuple(self.zones.walls(line))
            except _FAULTS:
                self.faulty.add(event.index)
                continue
            if any(at.is_vague for at, _ in found):
                self.faulty.add(event.index)
            yield from found


def _doubt(begin: Wall) -> tuple[timedelta, timedelta]:
    """How much earlier and later it may be, where nobody knows the zone."""
    return (EASTMOST, WESTMOST) if begin.is_vague else (timedelta(), timedelta())


def _is_free(event: RawEvent) -> bool:
    """Whether it takes no time: called off, or said not to."""
    status, shown = event.one("STATUS"), event.one("TRANSP")
    return (status is not None and status.value.strip().upper() == "CANCELLED") or (
        shown is not None and shown.value.strip().upper() == "TRANSPARENT"
    )
