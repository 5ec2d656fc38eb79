"""Slots: bookable times, computed, never stored (APT-2, APT-3).

One function says what stands in the way of a start; what is offered is where it says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, timedelta
from enum import Enum
from itertools import groupby
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from clientportal.domain.availability import (
    DAY,
    Availability,
    Service,
    edge_of,
    instant_of,
    open_intervals,
    pattern_of,
)
from clientportal.domain.buffers import Buffers, claims_of_time
from clientportal.domain.claims import Exclusive
from clientportal.domain.holds import Occupant, meet, time_of
from clientportal.domain.ids import ClientId
from clientportal.domain.moments import Interval, Moment, zone_of
from clientportal.domain.people import StaffMember
from clientportal.domain.practices import BufferRule, Practice

if TYPE_CHECKING:
    from datetime import tzinfo

MINUTE: Final = timedelta(minutes=1)
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

    *held* is what storage keeps of the staff member's and the client's time around the start,
    *upcoming* what the client has ahead.
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
    """The last moment not too far ahead: calendar months on, in the practice's zone (APT-5)."""
    import pendulum  # lazily: the import costs more than the rest of ours

    local = pendulum.instance(now).in_timezone(practice.timezone)
    ahead = local.add(months=practice.booking.horizon_months)
    return ahead.in_timezone("UTC").naive().replace(tzinfo=UTC)


def starts(offer: Offer, within: Interval) -> Iterator[Moment]:
    """Every start the windows give, whether or not something stands in its way, in order.

    A day at a time, since windows may overlap: what lies beyond a day waits for the next.
    """
    pattern = pattern_of(offer.levels, offer.practice.timezone)
    zone = zone_of(pattern.timezone)
    waiting: set[Moment] = set()
    for day, windows in groupby(open_intervals(pattern, within), key=lambda window: window[0]):
        for window in windows:
            waiting.update(_starts_in(offer, window, zone, within))
        tomorrow = edge_of(day, DAY, zone)
        ready = {at for at in waiting if at < tomorrow}
        waiting -= ready
        yield from sorted(ready)
    yield from sorted(waiting)


def _starts_in(
    offer: Offer, window: tuple[date, int, int, Interval], zone: tzinfo, within: Interval
) -> Iterator[Moment]:
    """The starts one window gives *within*."""
    day, first, last, interval = window
    for minute in _grid(offer.service, first, last):
        at = instant_of(day, minute, zone)
        fits = at is not None and within.start <= at < within.end
        if at is not None and fits and _room(offer, at).within(interval):
            yield at


def _grid(service: Service, first: int, last: int) -> Iterator[int]:
    """The minutes counted from *first*, or from each local midnight (APT-2)."""
    step = service.interval_minutes
    if not service.from_midnight:
        yield from range(first, last, step)
        return
    for midnight in (0, DAY):
        begin = max(first, midnight)
        begin += (midnight - begin) % step
        yield from range(begin, min(last, midnight + DAY), step)


def _room(offer: Offer, start: Moment) -> Interval:
    """What must lie in one window: the meeting, with its buffers where they are reserved."""
    meeting = offer.interval(start)
    return offer.buffers.lanes(meeting)[0] if offer.buffers.rule is BufferRule.RESERVED else meeting


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


def is_busy(offer: Offer, client_id: ClientId, start: Moment, *, overbook: bool = False) -> bool:
    """Whether the meeting would meet time already held; overbooked, only the client's counts."""
    wanted = claims_of_time(
        offer.staff.id, client_id, offer.interval(start), offer.buffers, overbook=overbook
    )
    return meet(wanted, offer.held)


def those_met(
    offer: Offer, client_id: ClientId, start: Moment, neighbours: Iterable[Occupant]
) -> tuple[Occupant, ...]:
    """Those of *neighbours* whose time the meeting, with its buffers, would meet."""
    wanted = claims_of_time(offer.staff.id, client_id, offer.interval(start), offer.buffers)
    return tuple(each for each in neighbours if meet(wanted, time_of(each)))


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
    """A time that can be booked."""

    interval: Interval


def slots(offer: Offer, client_id: ClientId, within: Interval, now: Moment) -> Iterator[Slot]:
    """Exactly the starts in *within* that could be booked now, in order."""
    if is_at_limit(offer):
        return
    last = horizon(offer.practice, now)
    soonest = now + offer.practice.booking.min_notice
    for start in starts(offer, within):
        in_time = now < start <= last and start >= soonest
        if in_time and not is_busy(offer, client_id, start) and not is_elsewhere(offer, start):
            yield Slot(offer.interval(start))
