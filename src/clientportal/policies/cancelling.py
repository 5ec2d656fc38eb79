"""Why somebody cancels, where the practice asks; and taking a cancellation back (APT-7, APT-8)."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from clientportal.domain.moments import Moment
from clientportal.policies.appointments import (
    ALREADY_CANCELLED,
    ALREADY_STARTED,
    CALLED_OFF,
    AppointmentFacts,
    may_cancel_appointment,
    may_have,
    may_manage,
    may_view_appointment,
)
from clientportal.policies.decision import Decision, allow, deny, in_order
from clientportal.policies.rescheduling import MoveFacts
from clientportal.policies.standing import STAFF_ONLY

MAY_RESTORE: Final = allow("may_restore", "appointment", "APT-7")
CANCEL_REASON_NEEDED: Final = deny("cancel_reason_needed", "appointment", "APT-8")
NOT_CANCELLED: Final = deny("not_cancelled", "appointment", "APT-8")


def may_cancel_because(facts: AppointmentFacts, reason: str | None, now: Moment) -> Decision:
    """As `may_cancel_appointment`, and with a reason where the practice asks for one.

    What it asks today counts, of staff and clients alike; a second time needs none.
    """
    decision = may_cancel_appointment(facts, now)
    asks = facts.standing.practice.booking.asks_cancel_reason
    missing = asks and not (reason or "").strip()
    return (
        CANCEL_REASON_NEEDED if missing and decision and decision != ALREADY_CANCELLED else decision
    )


def may_restore(facts: MoveFacts, now: Moment) -> Decision:
    """Whether staff may take a cancellation back: before its start, while its time is free."""
    seen, appointment = may_view_appointment(facts.of), facts.of.appointment
    if not seen or not facts.of.standing.actor.is_staff:
        return STAFF_ONLY if seen else seen
    calendar, start = may_manage(facts.of), appointment.interval.start
    if not calendar:
        return calendar
    if appointment.status not in CALLED_OFF:
        return NOT_CANCELLED
    if now >= start:
        return ALREADY_STARTED
    return in_order(may_have(facts.whereto, start, now), evolve(MAY_RESTORE, holds_until=start))
