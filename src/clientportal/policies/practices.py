"""Who may open a practice and change its settings (PPL-8, MSG-1)."""

from __future__ import annotations

from typing import Final

from clientportal.domain.actors import Actor
from clientportal.domain.people import Permissions
from clientportal.policies.decision import Decision, allow
from clientportal.policies.standing import STAFF_ONLY, PracticeFacts, may_run

MAY_OPEN_PRACTICE: Final = allow("may_open_practice", "practice", "PPL-8")


def may_open_practice(actor: Actor) -> Decision:
    """Whether *actor* may create a practice: the command line may (PPL-8)."""
    return MAY_OPEN_PRACTICE if actor.is_system else STAFF_ONLY


def _settings(permissions: Permissions) -> bool:
    return permissions.practice_settings


def may_change_settings(facts: PracticeFacts) -> Decision:
    """Whether the actor may change the practice's settings, its policy included (MSG-1)."""
    return may_run(facts, _settings)
