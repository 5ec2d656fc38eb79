"""Searching the messages one may read, by their words (MSG-20)."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.ids import ConversationId, MessageId
from clientportal.domain.messages import few_words, words_of
from clientportal.domain.moments import Moment
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.conversations import may_read_conversation
from clientportal.policies.messaging import MAY_READ, NOT_A_PARTICIPANT
from clientportal.ports.queries import PAGE, SearchOf
from clientportal.usecases.command import Context
from clientportal.usecases.inbox import MessageSeen, message_seen, present


@frozen(kw_only=True)
class FoundMessage:
    """A message that was searched for, and where it stands."""

    conversation_id: ConversationId
    subject: str | None = field(repr=False)
    message: MessageSeen


@frozen(kw_only=True)
class SearchMessages:
    """The messages that hold every one of *words*, the latest first.

    Whole words, without case and accents; of the conversations the actor takes part in, what they
    may read there. *after* is the moment and the id of the last one seen.
    """

    name: ClassVar[str] = "message.search"
    words: str = field(validator=few_words, repr=False)
    after: tuple[Moment, MessageId] | None = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[FoundMessage, ...]]]:
        """What was taken back is not found."""
        actor = context.actor
        if actor.person is None:
            return Shown(NOT_A_PARTICIPANT)
        decision, _ = yield from present(context)
        if not decision:
            return Shown(decision)
        words = words_of(self.words)
        found = yield from fetch(SearchOf(actor, words, after=self.after, limit=self.limit))
        visible = [each for each in found if may_read_conversation(each.facts)]
        also = {one for each in visible for one in each.facts.clients if actor.is_staff}
        page = tuple(
            FoundMessage(
                conversation_id=each.facts.conversation.id,
                subject=each.facts.conversation.subject,
                message=message_seen(each.posted),
            )
            for each in visible
            if each.facts.conversation is not None
        )
        return Shown(MAY_READ, page, about=actor.client_id, also=tuple(sorted(also)))
