"""Why a time cannot be had, told apart; and what of it staff may know (APT-3, APT-4)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from clientportal.domain.holds import Hold, Occupant, meet, time_of
from clientportal.domain.moments import Moment
from clientportal.domain.slots import obstacle_among, those_met
from clientportal.policies.appointments import (
    OBSTACLES,
    SLOT_TAKEN,
    BookingFacts,
    may_book_appointment,
    may_see_slots,
    may_view_calendar,
)
from clientportal.policies.decision import Decision, allow
from clientportal.policies.standing import MAY_ONLY_VIEW, PERMITTED

MAY_HOLD: Final = allow("may_hold", "hold", "APT-6")


def may_hold(facts: BookingFacts, start: Moment, now: Moment) -> Decision:
    """Whether the time can be held: exactly when it can be booked (APT-6)."""
    booked = may_book_appointment(facts, start, now)
    if not booked:
        return booked
    return Decision(True, MAY_HOLD.reason, holds_until=booked.holds_until)


def giving_way(facts: BookingFacts, to: Occupant) -> tuple[Occupant, ...]:
    """What is released for *to*: the client's own hold, and what blocks nobody any more (APT-6)."""
    wanted = time_of(to)
    return tuple(
        each
        for each in facts.yielding
        if (isinstance(each, Hold) and each.client_id == to.client_id)
        or meet(wanted, time_of(each))
    )


def may_see_why_not(facts: BookingFacts) -> Decision:
    """Whoever may see what is offered, and staff who may only view that calendar (APT-3)."""
    seen = may_see_slots(facts)
    return PERMITTED if seen == MAY_ONLY_VIEW else seen


def told_apart(
    decision: Decision, facts: BookingFacts, start: Moment, neighbours: Iterable[Occupant]
) -> Decision:
    """*decision*; where the time is taken, whether it is only that the buffers meet (APT-4)."""
    if decision.reason != SLOT_TAKEN.reason:
        return decision
    found = _in_the_way(facts, neighbours)
    return OBSTACLES[obstacle_among(facts.offer, facts.standing.client.id, start, found)]


def blocking(
    facts: BookingFacts, start: Moment, neighbours: Iterable[Occupant]
) -> tuple[Occupant, ...]:
    """Those in the way of *start* whose calendar the actor may view; none for clients (APT-3)."""
    if not facts.standing.actor.is_staff:
        return ()
    found = _in_the_way(facts, neighbours)
    met = those_met(facts.offer, facts.standing.client.id, start, found)
    return tuple(each for each in met if may_view_calendar(facts.standing, each.staff_id))


def _in_the_way(facts: BookingFacts, neighbours: Iterable[Occupant]) -> tuple[Occupant, ...]:
    return tuple(each for each in neighbours if each not in facts.yielding)
