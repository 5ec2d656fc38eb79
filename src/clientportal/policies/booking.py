"""Why a time cannot be had, told apart; and what of it staff may know (APT-3, APT-4)."""

from __future__ import annotations

from collections.abc import Iterable

from clientportal.domain.appointments import Appointment
from clientportal.domain.moments import Moment
from clientportal.domain.slots import obstacle_among, those_met
from clientportal.policies.appointments import (
    OBSTACLES,
    SLOT_TAKEN,
    BookingFacts,
    may_see_slots,
    may_view_calendar,
)
from clientportal.policies.decision import Decision
from clientportal.policies.standing import MAY_ONLY_VIEW, PERMITTED


def may_see_why_not(facts: BookingFacts) -> Decision:
    """Whoever may see what is offered, and staff who may only view that calendar (APT-3)."""
    seen = may_see_slots(facts)
    return PERMITTED if seen == MAY_ONLY_VIEW else seen


def told_apart(
    decision: Decision, facts: BookingFacts, start: Moment, neighbours: Iterable[Appointment]
) -> Decision:
    """*decision*; where the time is taken, whether it is only that the buffers meet (APT-4)."""
    if decision.reason != SLOT_TAKEN.reason:
        return decision
    return OBSTACLES[obstacle_among(facts.offer, facts.standing.client.id, start, neighbours)]


def blocking(
    facts: BookingFacts, start: Moment, neighbours: Iterable[Appointment]
) -> tuple[Appointment, ...]:
    """Those in the way of *start* whose calendar the actor may view; none for clients (APT-3)."""
    if not facts.standing.actor.is_staff:
        return ()
    met = those_met(facts.offer, facts.standing.client.id, start, neighbours)
    return tuple(each for each in met if may_view_calendar(facts.standing, each.staff_id))
