"""Whether somebody may write: the policy, narrowed by the practice's own rules (MSG-11)."""

from __future__ import annotations

from clientportal.policies.conversations import may_send_message, may_start_conversation
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.extra import narrowed
from clientportal.usecases.command import Context


def may_send(facts: WritingFacts, context: Context) -> Decision:
    """Whether the actor of *facts* may write in the conversation now."""
    decision = may_send_message(facts, context.now)
    return narrowed(decision, facts, context.now, context.rules) if context.rules else decision


def may_start(facts: WritingFacts, context: Context) -> Decision:
    """Whether the actor of *facts* may start a conversation with those named now."""
    decision = may_start_conversation(facts, context.now)
    return narrowed(decision, facts, context.now, context.rules) if context.rules else decision
