"""When the occurrences of a series are: APT-10 once more, as an oracle for tests.

Written from the text of the rules (and of RFC 5545 for what they leave to it) and importing nothing
of the library. Every day from the first on is asked whether the rule means it.

Read as: the bounds are a count or a last local date (which is included), not both, and a series
without either, or with more than 104 occurrences, is refused.
Read as: a count counts occurrences, so a month that is skipped does not use one up.
Read as: the first day is one that the rule means, else it is refused; weeks begin on Monday.
Read as: of an ambiguous wall time the first is meant (APT-2); durations are elapsed.
Read as: each occurrence is tested with the others before it in place, those that fail left out.
Read as: an edit or cancellation touches those named that have not started.
"""

import calendar
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple

from tests.spec.slots_spec import instant_of

MOST = 104
DAY = timedelta(days=1)
LAST_YEAR = 500

DAILY = "daily"
WEEKLY = "weekly"
MONTHLY = "monthly"


class Rule(NamedTuple):
    """A rule that starts on the day `first` at the wall time `at`.

    `weekdays` holds (which one of the month, weekday with Monday 0): 0 is each one, 2 the second,
    -1 the last; weekly rules have 0 only. `month_days` are days of the month, -1 the last.
    Without either, a weekly rule means the first day's weekday and a monthly one its day.
    `times` is the count (COUNT), `until` the last local date.
    """

    frequency: str
    first: date
    at: time
    zone: str
    every: int = 1
    times: int | None = None
    until: date | None = None
    weekdays: tuple[tuple[int, int], ...] = ()
    month_days: tuple[int, ...] = ()


# --- Which days ----------------------------------------------------------------------------------


def monday(day: date) -> date:
    """The week a day is in."""
    return day - timedelta(days=day.weekday())


def month(day: date) -> int:
    """Months are counted through the years."""
    return day.year * 12 + day.month


def month_length(day: date) -> int:
    """How many days its month has."""
    return calendar.monthrange(day.year, day.month)[1]


def in_step(rule: Rule, day: date) -> bool:
    """It is in a day, week or month that is a whole number of intervals after the first."""
    passed = {
        DAILY: (day - rule.first).days,
        WEEKLY: (monday(day) - monday(rule.first)).days // 7,
        MONTHLY: month(day) - month(rule.first),
    }
    return passed[rule.frequency] % rule.every == 0


def is_weekday(day: date, which: int, weekday: int) -> bool:
    """It is this weekday, and the one of the month that is meant."""
    if day.weekday() != weekday:
        return False
    from_start = (day.day - 1) // 7 + 1
    from_end = -((month_length(day) - day.day) // 7 + 1)
    return which in (0, from_start, from_end)


def is_month_day(day: date, which: int) -> bool:
    """It is this day of its month, counted from either end."""
    return which in (day.day, day.day - month_length(day) - 1)


def named(rule: Rule, day: date) -> bool:
    """The rule names this day, whatever the interval; days a month lacks are in none (APT-10)."""
    by_weekday = any(is_weekday(day, *one) for one in rule.weekdays)
    by_day = any(is_month_day(day, one) for one in rule.month_days)
    if rule.weekdays or rule.month_days:
        return (by_weekday or not rule.weekdays) and (by_day or not rule.month_days)
    if rule.frequency == WEEKLY:
        return day.weekday() == rule.first.weekday()
    return rule.frequency == DAILY or day.day == rule.first.day


def days(rule: Rule) -> Iterator[date]:
    """Every day the rule means, in order, up to its last date."""
    end = rule.until or rule.first.replace(year=rule.first.year + LAST_YEAR, day=1)
    day = rule.first
    while day <= end:
        if in_step(rule, day) and named(rule, day):
            yield day
        day += DAY


# --- The occurrences -----------------------------------------------------------------------------


def refused(rule: Rule) -> str | None:
    """Why this is no series at all."""
    if (rule.times is None) == (rule.until is None):
        return "not_bounded_once"
    if rule.every < 1 or (rule.times is not None and rule.times < 1):
        return "empty"
    if not (in_step(rule, rule.first) and named(rule, rule.first)):
        return "first_not_in_rule"
    if len(list(islice(days(rule), rule.times or MOST + 1))) > MOST:
        return "too_many"
    return None


def start_on(rule: Rule, day: date) -> datetime:
    """That wall time, in a gap the first instant after it, of two the first (APT-2, APT-10)."""
    return instant_of(datetime.combine(day, rule.at), rule.zone)  # a wall time has no zone


def starts(rule: Rule) -> list[datetime]:
    """Every start, in order, in UTC."""
    why = refused(rule)
    if why is not None:
        raise ValueError(why)
    return [start_on(rule, day) for day in islice(days(rule), rule.times)]


# --- Booking, editing, cancelling ----------------------------------------------------------------

WhyNot = Callable[[tuple[datetime, ...], datetime], str | None]


def failing(rule: Rule, why_not: WhyNot) -> list[tuple[int, datetime, str]]:
    """The occurrences that cannot be booked; with any, none is booked (APT-10).

    `why_not` answers for a start, given those of the series that are in place before it.
    """
    placed: tuple[datetime, ...] = ()
    found = []
    for index, start in enumerate(starts(rule)):
        why = why_not(placed, start)
        if why is None:
            placed = (*placed, start)
        else:
            found.append((index, start, why))
    return found


def touched(booked: list[datetime], index: int, scope: str, now: datetime) -> list[int]:
    """Which occurrences an edit or a cancellation of the one at `index` touches."""
    scopes = {
        "one": [index],
        "following": list(range(index, len(booked))),
        "all": list(range(len(booked))),
    }
    return [one for one in scopes[scope] if booked[one].astimezone(UTC) > now.astimezone(UTC)]


def moved(rule: Rule, indexes: list[int], at: time) -> list[datetime]:
    """All starts of the series after these went to another wall time on their own days."""
    every = list(islice(days(rule), rule.times))
    return [
        start_on(rule._replace(at=at) if index in indexes else rule, day)
        for index, day in enumerate(every)
    ]
