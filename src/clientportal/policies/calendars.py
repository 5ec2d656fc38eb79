"""Who may see a practitioner's calendar, and whose name on it (PPL-3, APT-16)."""

from __future__ import annotations

from clientportal.domain.ids import StaffId
from clientportal.policies.decision import Decision
from clientportal.policies.standing import NOT_PERMITTED, STAFF_ONLY, PracticeFacts, may_run


def may_see_calendar(facts: PracticeFacts, staff_id: StaffId) -> Decision:
    """Whether the actor may see the calendar of *staff_id*, by their reach into calendars (PPL-3).

    One that is out of reach is as if it were not there.
    """
    if facts.actor.is_system:  # the command line has no calendar and no reach of its own
        return STAFF_ONLY
    present = may_run(facts, lambda _: True)
    if not present or facts.staff is None:
        return present
    own, theirs = facts.staff.id == staff_id, facts.staff.permissions
    reaches = (theirs.view_calendar, theirs.edit_calendar)
    return present if any(each.covers(assigned=own) for each in reaches) else NOT_PERMITTED


def may_name_client(facts: PracticeFacts, *, assigned: bool) -> Decision:
    """Whether a calendar tells the actor who a client is: whose record they may view (PPL-3)."""
    present = may_run(facts, lambda permissions: permissions.view_clients.covers(assigned=assigned))
    return present if present else NOT_PERMITTED
