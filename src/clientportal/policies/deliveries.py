"""Who may read and mark the outbox: the practice's own machinery (OUT-1, PPL-6)."""

from __future__ import annotations

from typing import Final

from clientportal.domain.actors import Actor
from clientportal.policies.decision import Decision, Kind, allow, deny

MAY_DELIVER: Final = allow("may_deliver", "event", "OUT-1")
RELAY_ONLY: Final = deny("relay_only", "event", "OUT-1", Kind.HIDDEN)


def may_deliver(actor: Actor) -> Decision:
    """Whether *actor* may act as the relay."""
    return MAY_DELIVER if actor.is_system else RELAY_ONLY
