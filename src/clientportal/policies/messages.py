"""Who may take a message back, and who may withdraw one (MSG-15)."""

from __future__ import annotations

from clientportal.domain.messages import RETRACT_WITHIN, Message
from clientportal.domain.moments import Moment
from clientportal.policies.correspondence import WritingFacts, sender_of
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import (
    ALREADY_WITHDRAWN,
    MAY_RETRACT,
    MAY_WITHDRAW_MESSAGE,
    NOT_IN_CONVERSATION,
    NOT_THE_AUTHOR,
    TOO_LATE_TO_RETRACT,
)


def may_retract_message(
    facts: WritingFacts, message: Message, now: Moment, *, is_withdrawn: bool
) -> Decision:
    """Whether the actor may take *message* back: within five minutes, by authorship alone.

    Later, and of others, staff who take part withdraw it. To all others it does not exist.
    """
    absent, is_author = sender_of(facts), message.author == facts.actor.person
    if not _is_there(facts, message, is_author=is_author):
        return NOT_IN_CONVERSATION
    if absent is not None and not is_author:
        return absent
    if is_withdrawn:
        return ALREADY_WITHDRAWN
    if is_author and now - message.at <= RETRACT_WITHIN:
        return MAY_RETRACT
    if facts.actor.is_staff and absent is None:
        return MAY_WITHDRAW_MESSAGE
    return TOO_LATE_TO_RETRACT if is_author else NOT_THE_AUTHOR


def _is_there(facts: WritingFacts, message: Message, *, is_author: bool) -> bool:
    """Whether it is one of the conversation, and not from before the actor joined (MSG-20)."""
    conversation, (after, _) = facts.conversation, facts.window
    is_in = conversation is not None and message.conversation_id == conversation.id
    return is_in and (is_author or message.sequence > after)
