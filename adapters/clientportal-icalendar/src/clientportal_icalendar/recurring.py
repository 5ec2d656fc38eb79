"""Recurrence rules of RFC 5545, by the day and slower: when they fall, in wall-clock time.

`dateutil` looks for a rule that matches no day until the year 9999; here every search has an end.
The tests hold both against each other.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import count, product
from typing import Any, Final

from attrs import define, frozen
from icalendar import vRecur

from clientportal.domain.calendars import MOST_BUSY
from clientportal.errors import MalformedError, Problem

#: A rule that says how often is believed up to here: ten thousand days are 27 years.
MOST_TIMES: Final = 10_000
#: How many days are looked at for all the rules of one file: a second's work.
MOST_DAYS: Final = 400_000
_WEEKDAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_BY_THE_DAY: Final = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_UNITS: Final[Mapping[str, timedelta]] = {
    "SECONDLY": timedelta(seconds=1),
    "MINUTELY": timedelta(minutes=1),
    "HOURLY": timedelta(hours=1),
}
_KNOWN: Final = frozenset(
    (
        *("FREQ", "UNTIL", "COUNT", "INTERVAL", "WKST", "BYSETPOS", "BYSECOND", "BYMINUTE"),
        *("BYHOUR", "BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYMONTH"),
    )
)


def too_many() -> MalformedError:
    """What is said of more than is looked at (B9)."""
    advice = "export less: fewer, shorter or less frequent recurring events"
    return MalformedError(Problem("content", "limit_exceeded", advice))


@define
class Budget:
    """How much may still be looked at for one file."""

    days: int = MOST_DAYS

    def spend(self, days: int) -> None:
        """Take *days* away. Raises `MalformedError` (`limit_exceeded`) where there are too few."""
        self.days -= days
        if self.days < 0:
            raise too_many()


@frozen(kw_only=True)
class Rule:
    """A recurrence rule, with what it leaves to its first time filled in."""

    freq: str
    interval: int
    times: int | None
    until: datetime | date | None
    week_start: int
    months: frozenset[int]
    month_days: frozenset[int]
    year_days: frozenset[int]
    weekdays: frozenset[int]
    nth_weekdays: frozenset[tuple[int, int]]
    hours: tuple[time, ...]
    positions: frozenset[int]


def _numbers(parts: Mapping[str, Any], name: str, least: int, most: int) -> frozenset[int]:
    """The numbers of one part. Raises `ValueError` for one out of range."""
    found = frozenset(int(each) for each in parts.get(name, ()))
    if any(not least <= abs(each) <= most for each in found):
        raise ValueError(name)
    return found


def rule_of(text: str, start: datetime) -> Rule:
    """The rule in *text*, for what begins at *start*.

    Raises `ValueError` where it cannot be read, `MalformedError` (`limit_exceeded`) for more
    times than anybody looks at, before looking at one of them.
    """
    parts: Mapping[str, Any] = {name.upper(): each for name, each in vRecur.from_ical(text).items()}
    freq, interval = str(parts["FREQ"][0]), int(parts.get("INTERVAL", [1])[0])
    times = int(parts["COUNT"][0]) if "COUNT" in parts else None
    if times is not None and times > MOST_TIMES:
        raise too_many()
    if not set(parts) <= _KNOWN or interval < 1 or times == 0:
        raise ValueError(text[:20])
    if freq in _UNITS:
        _check_often(_UNITS[freq] * interval, times)
    if freq not in _BY_THE_DAY:
        raise ValueError(freq)
    return Rule(
        freq=freq,
        interval=interval,
        times=times,
        until=parts["UNTIL"][0] if "UNTIL" in parts else None,
        week_start=_WEEKDAYS.index(str(parts.get("WKST", ["MO"])[0])),
        hours=_hours(parts, start),
        positions=_numbers(parts, "BYSETPOS", 1, 366),
        **_days(parts, freq, start),
    )


def _check_often(step: timedelta, times: int | None) -> None:
    """Whether what comes every *step* comes more often in a year than anybody looks at."""
    if min(times or MOST_TIMES, timedelta(days=365) // step) > MOST_BUSY:
        raise too_many()


def _hours(parts: Mapping[str, Any], start: datetime) -> tuple[time, ...]:
    """The times of the day, in order."""
    hours = _numbers(parts, "BYHOUR", 0, 23) or {start.hour}
    minutes = _numbers(parts, "BYMINUTE", 0, 59) or {start.minute}
    seconds = _numbers(parts, "BYSECOND", 0, 59) or {start.second}
    if len(hours) * len(minutes) * len(seconds) > MOST_BUSY:
        raise too_many()
    return tuple(sorted(time(*each) for each in product(hours, minutes, seconds)))


def _days(parts: Mapping[str, Any], freq: str, start: datetime) -> dict[str, Any]:
    """Which days the rule falls on; what it does not say is as at its *start*."""
    months = _numbers(parts, "BYMONTH", 1, 12)
    month_days = _numbers(parts, "BYMONTHDAY", 1, 31)
    year_days = _numbers(parts, "BYYEARDAY", 1, 366)
    named = [str(each).upper() for each in parts.get("BYDAY", ())]
    weekdays = frozenset(_WEEKDAYS.index(each[-2:]) for each in named if not each[:-2])
    nth = frozenset((_WEEKDAYS.index(e[-2:]), int(e[:-2])) for e in named if e[:-2])
    if nth and freq not in ("MONTHLY", "YEARLY"):
        raise ValueError(freq)
    if not (named or month_days or year_days):
        if freq == "YEARLY":
            months = months or frozenset({start.month})
        if freq in ("YEARLY", "MONTHLY"):
            month_days = frozenset({start.day})
        if freq == "WEEKLY":
            weekdays = frozenset({start.weekday()})
    return {
        "months": months,
        "month_days": month_days,
        "year_days": year_days,
        "weekdays": weekdays,
        "nth_weekdays": nth,
    }


def occurrences(
    rule: Rule, start: datetime, span: tuple[datetime, datetime], budget: Budget
) -> Iterator[datetime]:
    """When *rule* falls from *start* on, in order, up to the end of *span*.

    What lies before *span* is left out where a rule need not be counted from its start.
    """
    first, last = span
    left = rule.times
    since = start.date() if left is not None else max(start, first).date()
    for days in _periods(rule, start.date(), since):
        if days[0] > last.date():
            return
        budget.spend(len(days))
        for each in _chosen(rule, days):
            if each > last or left == 0:
                return
            if each >= start:
                left = left if left is None else left - 1
                yield each


def _chosen(rule: Rule, days: Sequence[date]) -> list[datetime]:
    """The times of one period, those at the positions that the rule names."""
    found = [datetime.combine(day, at) for day in days if _fits(rule, day) for at in rule.hours]
    if not rule.positions:
        return found
    places = {at - 1 if at > 0 else len(found) + at for at in rule.positions}
    return [each for place, each in enumerate(found) if place in places]


def _periods(rule: Rule, start: date, since: date) -> Iterator[Sequence[date]]:
    """The days of each period of the rule, from that of *since* on; the calendar's end ends it."""
    begin, lengths = _NUMBERED[rule.freq]
    zero = begin(rule, start)
    skipped = (begin(rule, since) - zero) // rule.interval
    try:
        for number in count(zero + skipped * rule.interval, rule.interval):
            yield lengths(rule, number)
    except (ValueError, OverflowError):
        return


def _run(first: date, days: int) -> list[date]:
    return [first + timedelta(days=n) for n in range(days)]


def _week(rule: Rule, day: date) -> int:
    """The number of the week of *day*: weeks since the first day there is."""
    return (day.toordinal() - 1 - rule.week_start) // 7


def _week_days(rule: Rule, number: int) -> list[date]:
    return _run(date.fromordinal(number * 7 + 1 + rule.week_start), 7)


def _month_days(_: Rule, number: int) -> list[date]:
    year, month = divmod(number, 12)
    return _run(date(year, month + 1, 1), monthrange(year, month + 1)[1])


_NUMBERED: Final[Mapping[str, Any]] = {
    "DAILY": (lambda _, day: day.toordinal(), lambda _, number: [date.fromordinal(number)]),
    "WEEKLY": (_week, _week_days),
    "MONTHLY": (lambda _, day: day.year * 12 + day.month - 1, _month_days),
    "YEARLY": (lambda _, day: day.year, lambda _, year: _run(date(year, 1, 1), 365 + isleap(year))),
}


def _fits(rule: Rule, day: date) -> bool:
    """Whether *day* is one of the rule's."""
    if rule.months and day.month not in rule.months:
        return False
    in_month = monthrange(day.year, day.month)[1]
    if rule.month_days and not {day.day, day.day - in_month - 1} & rule.month_days:
        return False
    year_day, in_year = day.timetuple().tm_yday, 365 + isleap(day.year)
    if rule.year_days and not {year_day, year_day - in_year - 1} & rule.year_days:
        return False
    if not (rule.weekdays or rule.nth_weekdays) or day.weekday() in rule.weekdays:
        return True
    by_year = rule.freq == "YEARLY" and not rule.months
    at, of = (year_day, in_year) if by_year else (day.day, in_month)
    nth = {(day.weekday(), (at - 1) // 7 + 1), (day.weekday(), -((of - at) // 7) - 1)}
    return bool(nth & rule.nth_weekdays)
