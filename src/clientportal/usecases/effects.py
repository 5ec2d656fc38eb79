"""What the outside must do once something happened (OUT-1): pure, one table, one page.

The relay performs effects through ports after the commit, at least once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from clientportal.domain.ids import InviteId
from clientportal.domain.invites import InviteSent


@frozen(kw_only=True)
class MailInvite:
    """Mail the link of this generation of an invite to the address it was made for (GUIDE-2)."""

    invite_id: InviteId
    generation: int


Effect: TypeAlias = MailInvite


def _mail_invite(event: Any) -> tuple[Effect, ...]:
    return (MailInvite(invite_id=event.invite_id, generation=event.generation),)


EFFECTS: Final[Mapping[type, Callable[[Any], tuple[Effect, ...]]]] = {InviteSent: _mail_invite}


def effects_of(event: object) -> tuple[Effect, ...]:
    """What must be done outside because of *event*: nothing, for most."""
    rule = EFFECTS.get(type(event))
    return () if rule is None else rule(event)
