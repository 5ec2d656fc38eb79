"""Slots: bookable times, computed, never stored (APT-2, APT-3).

One function says what stands in the way of a start; what is offered is where it says nothing.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from enum import Enum
from heapq import merge
from typing import Final

from attrs import field, frozen

from clientportal.domain.availability import (
    DAY,
    Availability,
    Service,
    edge_of,
    instant_of,
    pattern_of,
)
from clientportal.domain.buffers import Buffers, claims_of_time
from clientportal.domain.claims import Exclusive
from clientportal.domain.grids import (
    Calendar,
    Shape,
    calendar_of,
    minute_from,
    minute_of,
    moment_at,
    starts_between,
)
from clientportal.domain.held import blocked, outside, without
from clientportal.domain.holds import Occupant, meet, time_of
from clientportal.domain.ids import ClientId, StaffId
from clientportal.domain.moments import EPOCH, MINUTE, Interval, Moment, zone_of
from clientportal.domain.people import StaffMember
from clientportal.domain.practices import BufferRule, Practice

FIRST_LOOK: Final = 4 * DAY
#: How far from a meeting another can begin whose time meets it: a day long, a day of buffers each.
AROUND: Final = timedelta(days=3)


class Obstacle(Enum):
    """The rule that blocks a start (APT-3), never whose appointment."""

    NOTICE = "notice"
    HORIZON = "horizon"
    WINDOW = "window"
    BUFFER = "buffer"
    BUSY = "busy"
    LIMIT = "limit"


@frozen(kw_only=True)
class Upcoming:
    """How many appointments a client has ahead: in all, and of one service (APT-5)."""

    total: int = 0
    alike: int = 0


@frozen(kw_only=True)
class Offer:
    """All that decides when *service* can be had from *staff*: settings, windows, time held.

    *held* is what storage keeps of the staff member's and the client's time around the start, as
    `merged` gives it, *upcoming* what the client has ahead.
    *busy* when the staff member's calendars outside say that they are not to be had (APT-15).
    """

    practice: Practice
    service: Service
    staff: StaffMember
    levels: tuple[Availability, ...]
    held: tuple[Exclusive, ...] = field(repr=False)
    upcoming: Upcoming = Upcoming()
    busy: tuple[Interval, ...] = field(default=(), repr=False)

    @property
    def calendar(self) -> Calendar:
        """The windows that apply, and how starts lie in them."""
        service, buffers = self.service, self.buffers
        reserved = buffers.rule is BufferRule.RESERVED
        shape = Shape(
            step=service.interval_minutes,
            before=buffers.before if reserved else 0,
            after=service.duration + (buffers.after if reserved else 0),
            from_midnight=service.from_midnight,
        )
        return calendar_of(pattern_of(self.levels, self.practice.timezone), shape)

    @property
    def buffers(self) -> Buffers:
        """The service's, under the practice's rule."""
        service, rule = self.service, self.practice.booking.buffers
        return Buffers(before=service.buffer_before, after=service.buffer_after, rule=rule)

    @property
    def is_limited(self) -> bool:
        """Whether anything limits what a client may have ahead (APT-5)."""
        rules = self.practice.booking
        return rules.upcoming_limit is not None or rules.upcoming_limit_per_service is not None

    def interval(self, start: Moment) -> Interval:
        """The meeting that begins at *start*."""
        return Interval(start, start + timedelta(minutes=self.service.duration))


def horizon(practice: Practice, now: Moment) -> Moment:
    """The last moment not too far ahead: calendar months on, in the practice's zone (APT-5).

    A day the month lacks is its last; of two such moments the first, for one in a gap the next.
    """
    zone = zone_of(practice.timezone)
    local = now.astimezone(zone)
    years, month = divmod(local.month - 1 + practice.booking.horizon_months, 12)
    year = local.year + years
    day = date(year, month + 1, min(local.day, monthrange(year, month + 1)[1]))
    minute = local.hour * 60 + local.minute
    at = instant_of(day, minute, zone)
    rest = timedelta(seconds=local.second, microseconds=local.microsecond)
    return edge_of(day, minute, zone) if at is None else at + rest


def starts(offer: Offer, within: Interval) -> Iterator[Moment]:
    """Every start the windows give, whether or not something stands in its way, in order."""
    first, end = minute_from(within.start), minute_from(within.end)
    for found in starts_between(offer.calendar, first, end):
        yield from map(moment_at, found)


def obstacle(offer: Offer, client_id: ClientId, start: Moment, now: Moment) -> Obstacle | None:
    """The first rule that keeps *client_id* from booking *start*, or None (APT-3, APT-5)."""
    if start <= now or start - now < offer.practice.booking.min_notice:
        return Obstacle.NOTICE
    if start > horizon(offer.practice, now):
        return Obstacle.HORIZON
    if start not in starts(offer, Interval(start, start + MINUTE)):
        return Obstacle.WINDOW
    if is_busy(offer, client_id, start) or is_elsewhere(offer, start):
        return Obstacle.BUSY
    return Obstacle.LIMIT if is_at_limit(offer) else None


def is_at_limit(offer: Offer) -> bool:
    """Whether the client has as many appointments ahead as they may (APT-5)."""
    rules, ahead = offer.practice.booking, offer.upcoming
    limits = (rules.upcoming_limit, rules.upcoming_limit_per_service)
    return any(
        most is not None and count >= most
        for most, count in zip(limits, (ahead.total, ahead.alike), strict=True)
    )


def wanted(
    offer: Offer, client_id: ClientId, start: Moment, *, overbook: bool = False
) -> tuple[Exclusive, ...]:
    """What the meeting that begins at *start* would hold; overbooked, only the client's time."""
    meeting = offer.interval(start)
    return claims_of_time(offer.staff.id, client_id, meeting, offer.buffers, overbook=overbook)


def is_busy(offer: Offer, client_id: ClientId, start: Moment, *, overbook: bool = False) -> bool:
    """Whether the meeting would meet time already held; overbooked, only the client's counts."""
    return meet(wanted(offer, client_id, start, overbook=overbook), offer.held)


def those_met(
    offer: Offer, client_id: ClientId, start: Moment, neighbours: Iterable[Occupant]
) -> tuple[Occupant, ...]:
    """Those of *neighbours* whose time the meeting, with its buffers, would meet."""
    claims = wanted(offer, client_id, start)
    return tuple(each for each in neighbours if meet(claims, time_of(each)))


def obstacle_among(
    offer: Offer, client_id: ClientId, start: Moment, neighbours: Iterable[Occupant]
) -> Obstacle:
    """Whether a start that is taken is free but for buffers that would meet (APT-4)."""
    met = those_met(offer, client_id, start, neighbours)
    meeting = offer.interval(start)
    apart = met and not any(time.overlaps(meeting) for each in met for time in each.times)
    return Obstacle.BUFFER if apart else Obstacle.BUSY


def is_elsewhere(offer: Offer, start: Moment) -> bool:
    """Whether a calendar outside says that the staff member is busy: told to clients (APT-15)."""
    meeting = offer.interval(start)
    return any(meeting.overlaps(each) for each in offer.busy)


@frozen
class Slot:
    """A time that can be booked, and with whom."""

    interval: Interval
    staff_id: StaffId


def slots(offer: Offer, client_id: ClientId, within: Interval, now: Moment) -> Iterator[Slot]:
    """Exactly the starts in *within* that could be booked now, in order."""
    return first_free((offer,), client_id, within, now)


def first_free(
    offers: Iterable[Offer], client_id: ClientId, within: Interval, now: Moment
) -> Iterator[Slot]:
    """The slots of all *offers* of one practice, by (start, staff id), each found when asked for.

    What comes first needs nothing of what comes later: no year is computed for a page.
    """
    ordered = sorted(offers, key=lambda offer: offer.staff.id)
    if not ordered:
        return
    span = _bookable(ordered[0].practice, within, now)
    lanes = (_placed(place, each, client_id, span) for place, each in enumerate(ordered))
    for minute, place in merge(*lanes):
        offer = ordered[place]
        yield Slot(offer.interval(moment_at(minute)), offer.staff.id)


def _bookable(practice: Practice, within: Interval, now: Moment) -> tuple[int, int]:
    """The first minute *within* that is after now and in time, and the one after the last."""
    soonest = minute_from(now + practice.booking.min_notice)
    first = max(minute_from(within.start), soonest, minute_of(now) + 1)
    return first, min(minute_from(within.end), minute_of(horizon(practice, now)) + 1)


def _placed(
    place: int, offer: Offer, client_id: ClientId, span: tuple[int, int]
) -> Iterator[tuple[int, int]]:
    for found in free(offer, client_id, *span):
        for minute in found:
            yield minute, place


def free(offer: Offer, client_id: ClientId, first: int, end: int) -> Iterator[tuple[int, ...]]:
    """The starts from minute *first* up to *end* that nothing is in the way of, by stretches.

    None at the client's limit. Held time is looked at for some days, then for twice as many.
    """
    if is_at_limit(offer):
        return
    claims, calendar, step = wanted(offer, client_id, EPOCH), offer.calendar, FIRST_LOOK
    elsewhere = outside(offer.busy, offer.service.duration)
    while first < end:
        upto = min(first + step, end)
        ranges = blocked(claims, offer.held, first, upto, also=elsewhere)
        yield from without(starts_between(calendar, first, upto), ranges)
        first, step = upto, step * 2
