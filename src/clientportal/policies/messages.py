"""Who may take a message back, and who may withdraw one (MSG-15)."""

from __future__ import annotations

from attrs import evolve

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
    if not _is_shown(facts, message):
        return NOT_IN_CONVERSATION
    absent, is_author = sender_of(facts), message.author == facts.actor.person
    if absent is not None and not is_author:
        return absent
    if is_withdrawn:
        return ALREADY_WITHDRAWN
    if is_author and now < message.at + RETRACT_WITHIN:
        return evolve(MAY_RETRACT, holds_until=message.at + RETRACT_WITHIN)
    if facts.actor.is_staff and absent is None:
        return MAY_WITHDRAW_MESSAGE
    return TOO_LATE_TO_RETRACT if is_author else NOT_THE_AUTHOR


def _is_shown(facts: WritingFacts, message: Message) -> bool:
    """Whether it is in the conversation, and theirs or in what they see of it (MSG-20, MSG-21)."""
    conversation = facts.conversation
    if conversation is None or message.conversation_id != conversation.id:
        return False
    before, last = facts.window
    return message.author == facts.actor.person or before < message.sequence <= last
