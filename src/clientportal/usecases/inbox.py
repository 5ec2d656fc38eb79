"""The inbox: what one may read, and whether one may answer (MSG-5, MSG-13, MSG-15, MSG-21)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import (
    Conversation,
    Participant,
    Person,
    Side,
    as_left,
    side_of,
)
from clientportal.domain.ids import ConversationId, DocumentId, MessageId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingTexts, Practice
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.conversations import may_read_conversation
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.foresight import closes_at
from clientportal.policies.messaging import MAY_READ, NOT_A_PARTICIPANT
from clientportal.policies.selecting import Answerable, answerable_of
from clientportal.policies.standing import may_act, may_run
from clientportal.ports.queries import (
    PAGE,
    InboxItem,
    InboxOf,
    MessagesOf,
    ParticipantsOf,
    Posted,
    PracticeFactsOf,
    StandingOf,
    TakesPart,
    WritingFactsOf,
)
from clientportal.usecases.attachments import AttachmentSeen, readable
from clientportal.usecases.command import Context
from clientportal.usecases.pages import full_page, latest_of
from clientportal.usecases.writing import may_send


@frozen(kw_only=True)
class MessageSeen:
    """A message as a screen shows it; one that was taken back is a tombstone, without text."""

    message_id: MessageId
    sequence: int
    author: Person
    at: Moment
    text: str | None = field(repr=False)
    attachments: tuple[AttachmentSeen, ...] = field(default=(), repr=False)
    is_withdrawn: bool = False


def message_seen(
    posted: Posted, documents: Mapping[DocumentId, AttachmentSeen] | None = None
) -> MessageSeen:
    """*posted* as a screen shows it, with those of its attachments that are among *documents*."""
    message, gone = posted.message, posted.tombstone is not None
    there = {} if gone or documents is None else documents
    return MessageSeen(
        message_id=message.id,
        sequence=message.sequence,
        author=message.author,
        at=message.at,
        text=None if gone else message.text,
        attachments=tuple(there[each] for each in message.attachments if each in there),
        is_withdrawn=gone,
    )


@frozen(kw_only=True)
class ConversationSeen:
    """A conversation as a screen shows it; *deadline* is when it closes by itself."""

    conversation: Conversation
    with_clients: tuple[str, ...] = field(repr=False)
    with_staff: tuple[str, ...] = field(repr=False)
    latest: MessageSeen | None
    unread: int
    may_write: Decision
    deadline: Moment | None


@frozen(kw_only=True)
class SeeInbox:
    """A page of the actor's conversations, the latest first, each with its decision (MSG-13).

    *answerable*: only those that the actor may answer now.
    """

    name: ClassVar[str] = "inbox.see"
    answerable: bool = False
    after: tuple[Moment, ConversationId] | None = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[ConversationSeen, ...]]]:
        """Everybody those they take part in."""
        actor = context.actor
        if actor.person is None:
            return Shown(NOT_A_PARTICIPANT)
        decision, practice = yield from present(context)
        if not decision:
            return Shown(decision)
        which = self._rule(practice, context)
        visible = yield from full_page(
            lambda after: InboxOf(actor, answerable=which, after=after, limit=self.limit),
            lambda each: self._is_for(each.facts, context),
            lambda each: latest_of(each.facts),
            after=self.after,
            limit=self.limit,
        )
        seen = (_seen(each, context) for each in visible)
        page = tuple(each for each in seen if each is not None)
        others = {one for each in visible for one in each.facts.clients if actor.is_staff}
        return Shown(MAY_READ, page, about=actor.client_id, also=tuple(sorted(others)))

    def _rule(self, practice: Practice, context: Context) -> Answerable | None:
        if not self.answerable:
            return None
        return answerable_of(practice.policies, context.now, by_staff=context.actor.is_staff)

    def _is_for(self, facts: WritingFacts, context: Context) -> bool:
        if self.answerable and not may_send(facts, context):
            return False
        return bool(may_read_conversation(facts))


def present(context: Context) -> Flow[tuple[Decision, Practice]]:
    """Whether the actor still is who they were when they signed in, and the practice."""
    if context.actor.client_id is None:
        facts = yield from fetch(PracticeFactsOf(context.actor))
        return may_run(facts, lambda _: True), facts.practice
    standing = yield from fetch(StandingOf(context.actor.client_id, context.actor))
    return may_act(standing), standing.practice


def _seen(item: InboxItem, context: Context) -> ConversationSeen | None:
    facts = item.facts
    conversation = facts.conversation
    if conversation is None:
        return None
    after, _ = facts.window
    return ConversationSeen(
        conversation=conversation,
        with_clients=tuple(each.name for each in facts.clients.values()),
        with_staff=tuple(each.name for each in facts.staff.values()),
        latest=message_seen(item.latest) if conversation.last_sequence > after else None,
        unread=item.unread,
        may_write=may_send(facts, context),
        deadline=closes_at(facts, context.now),
    )


@frozen(kw_only=True)
class TakingPart:
    """Somebody who takes part; staff see how far clients have read, nobody else does (MSG-15)."""

    person: Person
    name: str = field(repr=False)
    on_behalf_of: str | None = field(default=None, repr=False)
    since: Moment
    until: Moment | None = None
    has_read: int | None = None


@frozen(kw_only=True)
class OpenedConversation:
    """A page of a conversation's messages, newest first, and whether the actor may write.

    *people* are all who take part or did; *draft* is what the actor had begun to write; *texts* are
    what the practice shows beside it, and with every refusal (MSG-17).
    """

    conversation: Conversation
    people: tuple[TakingPart, ...] = field(repr=False)
    messages: tuple[MessageSeen, ...] = field(repr=False)
    may_write: Decision
    deadline: Moment | None = None
    draft: str | None = field(default=None, repr=False)
    texts: MessagingTexts = MessagingTexts()


@frozen(kw_only=True)
class SeeConversation:
    """Read a conversation; a closed one stays readable (MSG-5)."""

    name: ClassVar[str] = "conversation.see"
    conversation_id: ConversationId
    before: int = 2**53
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[OpenedConversation]]:
        """Whoever takes part, and who left up to there; to all others it does not exist."""
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        decision = may_read_conversation(facts)
        if not decision or facts.conversation is None:
            return Shown(decision, about=facts.about)
        practice, people, page = yield from fetch(
            PracticeFactsOf(context.actor),
            ParticipantsOf(self.conversation_id),
            self._page(facts.window),
        )
        sent = (one for each in page if not each.tombstone for one in each.message.attachments)
        documents = yield from readable(sent, context)
        shown = as_left(facts.conversation, facts.participant)
        opened = OpenedConversation(
            conversation=shown,
            people=_people(people, facts),
            messages=tuple(message_seen(each, documents) for each in page),
            may_write=may_send(facts, context),
            deadline=closes_at(evolve(facts, conversation=shown), context.now),
            draft=None if facts.reading is None else facts.reading.draft,
            texts=practice.practice.texts,
        )
        others = tuple(sorted(facts.clients)) if context.actor.is_staff else ()
        return Shown(decision, opened, about=facts.about, also=others)

    def _page(self, window: tuple[int, int]) -> MessagesOf:
        after, upto = window
        before = min(self.before, upto + 1)
        return MessagesOf(self.conversation_id, after=after, before=before, limit=self.limit)


def _people(entries: Iterable[TakesPart], facts: WritingFacts) -> tuple[TakingPart, ...]:
    there = _upto(entries, facts.participant)
    return tuple(_taking_part(each, facts.actor) for each in there)


def _upto(people: Iterable[TakesPart], part: Participant | None) -> Iterator[TakesPart]:
    """Who took part when the viewer's own *part* ended, as it was then (MSG-21)."""
    end = None if part is None else part.until
    for each in people:
        entry = each.participant
        if end is None or (entry.until is not None and entry.until <= end):
            yield each
        elif entry.since <= end:
            yield evolve(each, participant=evolve(entry, until=None), has_read=0)


def _taking_part(one: TakesPart, viewer: Actor) -> TakingPart:
    entry = one.participant
    shown = viewer.is_staff and side_of(entry.person) is not Side.STAFF
    return TakingPart(
        person=entry.person,
        name=one.name,
        on_behalf_of=one.on_behalf_of,
        since=entry.since,
        until=entry.until,
        has_read=one.has_read if shown else None,
    )
