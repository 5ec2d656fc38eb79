"""Which starts can be booked: APT-1 to APT-5 once more, minute by minute, as an oracle for tests.

Written from the text of the rules and importing nothing of the library. Every minute of the asked
interval is tried alone against every window and every meeting; nothing is merged, cut or skipped.
All times given are aware; what comes back is in UTC.

A window belongs to the local date on which it starts. A dated exception replaces the weekly
windows of its date (an empty one closes it). An appointment lies within one window.
"""

import calendar
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

Hours = tuple[int, int]


class Meeting(NamedTuple):
    """Time of the staff member that is taken, with the buffers it brings, in minutes."""

    start: datetime
    end: datetime
    before: int = 0
    after: int = 0


class Question(NamedTuple):
    """Which starts in `[since, until)` can be booked?

    `weekly` holds (weekday, start minute, end minute) with Monday 0; an end not after the start is
    on the next day. Lengths are in minutes; `step` is the duration unless given. `anchor` is
    `window` or `midnight`; `rule` is `larger`, `sum` or `reserved`.
    """

    weekly: tuple[tuple[int, int, int], ...]
    zone: str
    since: datetime
    until: datetime
    now: datetime
    duration: int
    step: int | None = None
    anchor: str = "window"
    exceptions: Mapping[date, tuple[Hours, ...]] = {}
    before: int = 0
    after: int = 0
    rule: str = "larger"
    busy: tuple[Meeting, ...] = ()
    client_busy: tuple[tuple[datetime, datetime], ...] = ()
    notice: int = 0
    horizon_months: int = 12
    practice_zone: str | None = None


class Window(NamedTuple):
    """One day's window: where it starts on the wall, and its edges as instants."""

    wall: datetime
    opens: datetime
    closes: datetime


# --- Walls and instants --------------------------------------------------------------------------


def wall_of(moment: datetime, zone: str) -> datetime:
    """What the clock on the wall shows, without zone or fold."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


@lru_cache(maxsize=4096)
def instant_of(wall: datetime, zone: str) -> datetime:
    """The first instant with this wall time, or the first after the gap that swallowed it."""
    readings = [wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)]
    moment = min(readings)
    if wall_of(moment, zone) < wall:
        moment = moment.replace(second=0, microsecond=0)
    while wall_of(moment, zone) < wall:
        moment += MINUTE
    return moment


def is_second(moment: datetime, zone: str) -> bool:
    """The wall has shown this time before."""
    return moment.astimezone(ZoneInfo(zone)).fold == 1


@lru_cache(maxsize=4096)
def months_later(moment: datetime, months: int, zone: str) -> datetime:
    """Calendar months on the wall; a day the month lacks becomes its last."""
    wall = wall_of(moment, zone)
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return instant_of(wall.replace(year=year, month=month + 1, day=min(wall.day, last)), zone)


# --- Windows -------------------------------------------------------------------------------------


def hours_on(question: Question, day: date) -> tuple[Hours, ...]:
    """The windows that start on this local date, in minutes of it."""
    if day in question.exceptions:
        return question.exceptions[day]
    return tuple(
        (start, end) for weekday, start, end in question.weekly if weekday == day.weekday()
    )


def window_on(day: date, hours: Hours, zone: str) -> Window:
    """This window with its edges; an edge in a gap moves to the first instant after it."""
    start, end = hours
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    wall = midnight + start * MINUTE
    ends = midnight + end * MINUTE + (DAY if end <= start else timedelta(0))
    return Window(wall, instant_of(wall, zone), instant_of(ends, zone))


def windows_near(question: Question, moment: datetime) -> list[Window]:
    """The windows a start at this moment could lie in: no window is longer than a day."""
    today = wall_of(moment, question.zone).date()
    return [
        window_on(day, hours, question.zone)
        for day in (today - DAY, today)
        for hours in hours_on(question, day)
    ]


def on_grid(question: Question, window: Window, moment: datetime) -> bool:
    """A whole number of steps on the wall from the window's start, or from midnight."""
    wall = wall_of(moment, question.zone)
    step = (question.duration if question.step is None else question.step) * MINUTE
    midnight = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    origin = window.wall if question.anchor == "window" else midnight
    return (wall - origin) % step == timedelta(0)


def fits(question: Question, window: Window, moment: datetime) -> bool:
    """The appointment lies within the window, and with it what it reserves."""
    reserved = question.rule == "reserved"
    before, after = (question.before, question.after) if reserved else (0, 0)
    first = moment - before * MINUTE
    last = moment + (question.duration + after) * MINUTE
    return window.opens <= first and last <= window.closes


def in_some_window(question: Question, moment: datetime) -> bool:
    """Some window offers this start."""
    if is_second(moment, question.zone):
        return False
    return any(
        on_grid(question, window, moment) and fits(question, window, moment)
        for window in windows_near(question, moment)
    )


# --- Meetings ------------------------------------------------------------------------------------


def distance(rule: str, after: int, before: int) -> timedelta:
    """What must lie between an earlier one's end and a later one's start."""
    return (max(after, before) if rule == "larger" else after + before) * MINUTE


def clear_of(question: Question, moment: datetime, meeting: Meeting) -> bool:
    """The appointment is far enough before the meeting or far enough after it."""
    end = moment + question.duration * MINUTE
    starts, ends = meeting.start.astimezone(UTC), meeting.end.astimezone(UTC)
    ahead = end + distance(question.rule, question.after, meeting.before) <= starts
    behind = ends + distance(question.rule, meeting.after, question.before) <= moment
    return ahead or behind


def client_free(question: Question, moment: datetime) -> bool:
    """The client is nowhere else; buffers are no business of theirs."""
    end = moment + question.duration * MINUTE
    return all(end <= first or last <= moment for first, last in question.client_busy)


# --- The answer ----------------------------------------------------------------------------------


def may_be_booked(question: Question, moment: datetime) -> bool:
    """Whether this one start can be booked."""
    zone = question.practice_zone or question.zone
    if moment - question.now.astimezone(UTC) < question.notice * MINUTE:
        return False
    if moment > months_later(question.now, question.horizon_months, zone):
        return False
    if not in_some_window(question, moment):
        return False
    if not client_free(question, moment):
        return False
    return all(clear_of(question, moment, meeting) for meeting in question.busy)


def bookable(question: Question) -> list[datetime]:
    """Every start that can be booked, in order, in UTC."""
    moment = question.since.astimezone(UTC).replace(second=0, microsecond=0)
    starts = []
    while moment < question.until:
        if moment >= question.since and may_be_booked(question, moment):
            starts.append(moment)
        moment += MINUTE
    return starts
