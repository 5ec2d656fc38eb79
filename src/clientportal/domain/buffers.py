"""Buffers around a meeting, and the time that both together hold (APT-2, APT-4, APT-5)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from attrs import Attribute, field, frozen

from clientportal.domain.bounds import whole
from clientportal.domain.claims import Exclusive
from clientportal.domain.ids import ClientId, StaffId
from clientportal.domain.moments import Interval
from clientportal.domain.practices import BufferRule
from clientportal.errors import MalformedError, Problem

LONGEST: Final = timedelta(hours=24)


@frozen(kw_only=True)
class Buffers:
    """Minutes kept free around a meeting, and how two neighbours' add up (APT-4)."""

    before: int = field(default=0, validator=whole(0, 24 * 60))
    after: int = field(default=0, validator=whole(0, 24 * 60))
    rule: BufferRule = BufferRule.LARGER

    def lanes(self, interval: Interval) -> tuple[Interval, Interval]:
        """What a staff member's two lanes hold for a meeting.

        *Larger of the two* is one buffer to a lane, so a neighbour's buffer may overlap mine but
        not my meeting; the other rules fill both lanes with both.
        """
        before, after = timedelta(minutes=self.before), timedelta(minutes=self.after)
        if self.rule is BufferRule.LARGER:
            return Interval(interval.start - before, interval.end), Interval(
                interval.start, interval.end + after
            )
        padded = Interval(interval.start - before, interval.end + after)
        return padded, padded


def claims_of_time(
    staff_id: StaffId,
    client_id: ClientId,
    interval: Interval,
    buffers: Buffers,
    *,
    overbook: bool = False,
) -> tuple[Exclusive, ...]:
    """What a meeting holds: the staff member in two lanes, the client in one (APT-5, APT-7).

    One that is overbooked holds no time of the staff member.
    """
    client = Exclusive(client_id, interval)
    if overbook:
        return (client,)
    first, second = buffers.lanes(interval)
    return Exclusive(staff_id, first, lane=0), Exclusive(staff_id, second, lane=1), client


def in_whole_minutes(_: Any, attribute: Attribute[Any], value: Interval) -> None:
    """Attrs validator: at most a day, from a whole minute to a whole minute (APT-2)."""
    if value.duration > LONGEST:
        raise MalformedError(Problem(attribute.name, "invalid_interval", "give at most 24 hours"))
    if any(at.second or at.microsecond for at in (value.start, value.end)):
        raise MalformedError(Problem(attribute.name, "invalid_interval", "give whole minutes"))
