"""Who may say when can be booked, and who may see what is offered (APT-1)."""

from __future__ import annotations

from typing import Final

from clientportal.domain.actors import Capacity
from clientportal.domain.ids import StaffId
from clientportal.domain.people import Reach
from clientportal.policies.decision import Decision, allow
from clientportal.policies.standing import (
    NOT_YOURS,
    PERMITTED,
    STAFF_ONLY,
    PracticeFacts,
    Standing,
    may_act,
    may_run,
)

OFFERED: Final = allow("offered", "service", "APT-1")


def may_set_availability(facts: PracticeFacts, staff_id: StaffId | None) -> Decision:
    """Whether the actor may: their own with calendar edit, else with everybody's or settings."""
    own = staff_id is not None and facts.actor.staff_id == staff_id
    return may_run(
        facts,
        lambda permissions: (
            permissions.practice_settings
            or permissions.edit_calendar is Reach.EVERYTHING
            or (own and permissions.edit_calendar is Reach.ASSIGNED)
        ),
    )


def may_import_busy_times(facts: PracticeFacts) -> Decision:
    """Whether the actor may say when they are busy elsewhere: of their own calendar (APT-15)."""
    return may_set_availability(facts, facts.actor.staff_id) if facts.actor.is_staff else STAFF_ONLY


def may_see_catalogue(facts: PracticeFacts, standing: Standing | None = None) -> Decision:
    """Whether the actor may see what is offered: staff, and everybody who opens a portal.

    *standing* is a client's or proxy's to the client whose portal they open.
    """
    if facts.actor.capacity in (Capacity.CLIENT, Capacity.PROXY):
        present = NOT_YOURS if standing is None else may_act(standing)
        return OFFERED if present else present
    if facts.actor.is_staff:
        present = may_run(facts, lambda _: True)
        return OFFERED if present else present
    return PERMITTED if facts.actor.is_system else NOT_YOURS
