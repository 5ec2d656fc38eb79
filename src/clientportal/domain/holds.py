"""Holds: time kept for a client who fills in a form; and what gives way to a booking (APT-6)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from attrs import evolve, field, frozen

from clientportal.domain.appointments import (
    Appointment,
    AppointmentLapsed,
    Buffers,
    after,
    claims_of_time,
    in_whole_minutes,
)
from clientportal.domain.bounds import flag
from clientportal.domain.claims import Claim, Exclusive, Unique
from clientportal.domain.ids import ClientId, HoldId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment, is_moment


@frozen(kw_only=True)
class Hold:
    """Time held for a client as an appointment would hold it, until it expires or is released.

    One per client. An expired one blocks nobody: whoever books over it releases it.
    """

    id: HoldId
    client_id: ClientId
    staff_id: StaffId
    service_id: ServiceId
    interval: Interval = field(validator=in_whole_minutes)
    buffers: Buffers = Buffers()
    expires_at: Moment = field(validator=is_moment)
    is_released: bool = field(default=False, validator=flag)

    belongs_to = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One per client, and the time of both people; nothing once it is released."""
        if self.is_released:
            return ()
        time = claims_of_time(self.staff_id, self.client_id, self.interval, self.buffers)
        return (Unique("hold", self.client_id), *time)

    def has_expired(self, now: Moment) -> bool:
        """Whether it no longer keeps anything for the client."""
        return self.is_released or now >= self.expires_at


#: What holds time.
Occupant: TypeAlias = Appointment | Hold


@frozen(kw_only=True)
class SlotHeld:
    """A time is kept for a client for some minutes."""

    hold_id: HoldId


@frozen(kw_only=True)
class SlotReleased:
    """A hold gave way: its client booked or held something, or it expired and another booked."""

    hold_id: HoldId


HoldEvent: TypeAlias = SlotHeld | SlotReleased


def time_of(occupant: Occupant) -> tuple[Exclusive, ...]:
    """The time that *occupant* holds."""
    return tuple(each for each in occupant.claims if isinstance(each, Exclusive))


def meet(one: Iterable[Exclusive], other: Iterable[Exclusive]) -> bool:
    """Whether some time is in both."""
    others = tuple(other)
    return any(mine.meets(theirs) for mine in one for theirs in others)


def released(occupant: Occupant) -> tuple[AppointmentLapsed | SlotReleased, Occupant]:
    """What happens to *occupant*, which gives way, and how it stands without its time."""
    if isinstance(occupant, Hold):
        return SlotReleased(hold_id=occupant.id), evolve(occupant, is_released=True)
    event = AppointmentLapsed(appointment_id=occupant.id)
    return event, after(occupant, event)


def expiry(new: Hold, former: Iterable[Occupant], now: Moment) -> Moment:
    """When *new* expires: holding the same time again does not prolong it (APT-6)."""
    kept = [
        each.expires_at
        for each in former
        if isinstance(each, Hold) and not each.has_expired(now) and _is_same_time(each, new)
    ]
    return min((new.expires_at, *kept))


def _is_same_time(one: Hold, other: Hold) -> bool:
    mine = (one.client_id, one.staff_id) == (other.client_id, other.staff_id)
    return mine and one.interval.overlaps(other.interval)
