"""Notices: what somebody was mailed about a conversation, so that nobody is told twice (MSG-17)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from attrs import field, frozen
from attrs.validators import optional

from clientportal.domain.conversations import Person
from clientportal.domain.ids import ConversationId
from clientportal.domain.moments import Moment, is_moment

CLOSING_SOON: Final = timedelta(hours=12)


@frozen(kw_only=True)
class Notice:
    """Up to which message *person* was told, and of which waiting that it closes soon.

    One mail per conversation until it is read; that it closes soon is the one exception.
    """

    conversation_id: ConversationId
    person: Person
    sequence: int = 0
    warned_of: Moment | None = field(default=None, validator=optional(is_moment))

    belongs_to = None
    claims = ()

    @property
    def id(self) -> str:
        """The pair."""
        return f"{self.conversation_id}/{self.person}"
