"""Taking messages back, and putting drafts aside (MSG-15)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.conversations import MessageRetracted, after
from clientportal.domain.ids import ConversationId, MessageId
from clientportal.domain.messages import LONGEST_TEXT, Message, Reading, Tombstone
from clientportal.domain.texts import prose
from clientportal.flows import Change, Flow, Get, Outcome, fetch
from clientportal.policies.conversations import may_read_conversation
from clientportal.policies.messages import may_retract_message
from clientportal.policies.messaging import ALREADY_WITHDRAWN, NOT_A_PARTICIPANT
from clientportal.ports.queries import TombstoneOf, WritingFactsOf
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class RetractMessage:
    """Take a message back: its author within five minutes, later staff who take part (MSG-15).

    A tombstone stays in its place; no clock changes. Taking it back twice changes nothing.
    """

    name: ClassVar[str] = "message.retract"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    message_id: MessageId

    def flow(self, context: Context) -> Flow[Outcome]:
        """The conversation is rewritten, so that two do not take it back at once."""
        facts, message, tombstone = yield from fetch(
            WritingFactsOf(self.conversation_id, context.actor),
            Get(Message, self.message_id),
            TombstoneOf(self.message_id),
        )
        gone, who = tombstone is not None, context.actor.person
        decision = may_retract_message(facts, message, context.now, is_withdrawn=gone)
        conversation = facts.conversation
        if not decision or decision is ALREADY_WITHDRAWN or conversation is None or who is None:
            return Outcome(decision, about=facts.about)
        stone = Tombstone(
            message_id=message.id, conversation_id=conversation.id, by=who, at=context.now
        )
        event = MessageRetracted(
            conversation_id=conversation.id, message_id=message.id, at=context.now
        )
        change = Change(event, (after(conversation, event), stone), made=(stone,))
        return Outcome(decision, (change,), about=facts.about)


@frozen(kw_only=True)
class KeepDraft:
    """Put aside what one has begun to write, or throw it away with None (MSG-15).

    It survives a refusal, goes when it is sent, and nobody else sees it.
    """

    name: ClassVar[str] = "draft.keep"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    text: str | None = field(validator=optional(prose(LONGEST_TEXT)), repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Whoever reads the conversation may; it is no fact for the outside."""
        person = context.actor.person
        if person is None:
            return Outcome(NOT_A_PARTICIPANT)
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        decision = may_read_conversation(facts)
        if not decision:
            return Outcome(decision, about=facts.about)
        before = facts.reading or Reading(conversation_id=self.conversation_id, person=person)
        if self.text == before.draft:
            return Outcome(decision, about=facts.about)
        change = Change(None, (evolve(before, draft=self.text),))
        return Outcome(decision, (change,), about=facts.about)
