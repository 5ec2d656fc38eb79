"""Who may bring past visits in (APT-16)."""

from __future__ import annotations

from clientportal.domain.people import Permissions, Reach
from clientportal.policies.decision import Decision
from clientportal.policies.standing import PracticeFacts, may_run


def may_import_appointments(facts: PracticeFacts) -> Decision:
    """Whether the actor may import past visits: into every record, with staff and services."""
    return may_run(facts, _reaches_all)


def _reaches_all(permissions: Permissions) -> bool:
    reaches = (permissions.view_clients, permissions.edit_calendar)
    return permissions.practice_settings and set(reaches) == {Reach.EVERYTHING}
