"""Writing, closing, and marking as read (MSG-2 to MSG-15)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.bounds import each_once
from clientportal.domain.conversations import (
    LONGEST_TEXT,
    Conversation,
    ConversationClosed,
    ConversationEvent,
    ConversationRead,
    ConversationReopened,
    ConversationUnlocked,
    Message,
    MessageSent,
    Participant,
    Person,
    Reading,
    after,
    auto_closed_at,
)
from clientportal.domain.ids import ClientId, ConversationId, MessageId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.texts import composed, line, prose
from clientportal.flows import Change, Flow, Outcome, State, fetch
from clientportal.policies.conversations import (
    WritingFacts,
    may_close_conversation,
    may_read_conversation,
    may_reopen_conversation,
    may_send_message,
    may_start_conversation,
    may_unlock_conversation,
)
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import NOT_A_PARTICIPANT
from clientportal.ports.queries import StartingFactsOf, WritingFactsOf
from clientportal.usecases.command import Context


def _written(
    conversation: Conversation,
    author: Person,
    command: StartConversation | SendMessage,
    now: Moment,
) -> tuple[MessageSent, Conversation, Message]:
    sent = MessageSent(
        conversation_id=conversation.id,
        message_id=command.message_id,
        sequence=conversation.last_sequence + 1,
        is_by_staff=isinstance(author, StaffId),
        at=max(now, conversation.last_at),  # a clock set back never reorders messages
    )
    message = Message(
        id=command.message_id,
        conversation_id=conversation.id,
        sequence=sent.sequence,
        author=author,
        text=command.text,
        at=sent.at,
    )
    return sent, after(conversation, sent), message


@frozen(kw_only=True)
class StartConversation:
    """Start a conversation with its first message; none exists without one (MSG-3, MSG-10).

    A client names the staff; a staff member who starts takes part whether named or not.
    """

    name: ClassVar[str] = "conversation.start"
    looks_up: ClassVar[str] = "client_id"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    message_id: MessageId
    client_id: ClientId
    staff_ids: tuple[StaffId, ...] = field(default=(), validator=each_once(20, least=0))
    subject: str | None = field(default=None, validator=optional(line(200)), repr=False)
    text: str = field(converter=composed, validator=prose(LONGEST_TEXT), repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Each of the staff named must pass."""
        author = context.actor.person
        if author is None:
            return Outcome(NOT_A_PARTICIPANT, about=self.client_id)
        named = set(self.staff_ids) | ({author} if isinstance(author, StaffId) else set())
        staff_ids = tuple(sorted(named))
        facts = yield from fetch(StartingFactsOf(self.client_id, staff_ids, context.actor))
        decision = may_start_conversation(facts, context.now)
        if not decision:
            return Outcome(decision, about=self.client_id)
        fresh = Conversation(
            id=self.conversation_id,
            client_id=self.client_id,
            subject=self.subject,
            last_at=context.now,
        )
        sent, conversation, message = _written(fresh, author, self, context.now)
        people = self._people(staff_ids, author, context.now)
        states: tuple[State, ...] = (conversation, message, *people)
        return Outcome(decision, (Change(sent, states, made=states),), about=self.client_id)

    def _people(
        self, staff_ids: tuple[StaffId, ...], author: Person, now: Moment
    ) -> tuple[State, ...]:
        """Who takes part, and how far each has read: the author their own message."""
        takes_part = tuple(
            Participant(conversation_id=self.conversation_id, staff_id=staff_id, since=now)
            for staff_id in staff_ids
        )
        people: tuple[Person, ...] = (self.client_id, *staff_ids)
        read = tuple(
            Reading(
                conversation_id=self.conversation_id, person=person, sequence=int(person == author)
            )
            for person in people
        )
        return (*takes_part, *read)


@frozen(kw_only=True)
class SendMessage:
    """Write in a conversation, as far as the practice's policy allows (MSG-2, MSG-11)."""

    name: ClassVar[str] = "message.send"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    message_id: MessageId
    text: str = field(converter=composed, validator=prose(LONGEST_TEXT), repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """One round trip to read, one to write; writing reads (MSG-15)."""
        author = context.actor.person
        if author is None:
            return Outcome(NOT_A_PARTICIPANT)
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        decision = may_send_message(facts, context.now)
        conversation = facts.conversation
        if not decision or conversation is None:
            return Outcome(decision, about=facts.client.id)
        sent, changed, message = _written(conversation, author, self, context.now)
        read = _read(facts.reading, conversation.id, author, sent.sequence)
        change = Change(sent, (changed, message, read), made=(message,))
        return Outcome(decision, (change,), about=facts.client.id)


def _read(
    reading: Reading | None, conversation_id: ConversationId, person: Person, sequence: int
) -> Reading:
    before = reading or Reading(conversation_id=conversation_id, person=person)
    return evolve(before, sequence=max(before.sequence, sequence))


@frozen(kw_only=True)
class MarkRead:
    """Remember how far the actor has read; never backwards (MSG-15)."""

    name: ClassVar[str] = "conversation.read"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    sequence: int

    def flow(self, context: Context) -> Flow[Outcome]:
        """Beyond the last message counts as the last."""
        person = context.actor.person
        if person is None:
            return Outcome(NOT_A_PARTICIPANT)
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        decision = may_read_conversation(facts)
        if not decision or facts.conversation is None:
            return Outcome(decision, about=facts.client.id)
        upto = min(max(self.sequence, 0), facts.conversation.last_sequence)
        read = _read(facts.reading, self.conversation_id, person, upto)
        if read == facts.reading:
            return Outcome(decision, about=facts.client.id)
        event = ConversationRead(conversation_id=self.conversation_id, sequence=read.sequence)
        return Outcome(decision, (Change(event, (read,)),), about=facts.client.id)


def _by_hand(facts: WritingFacts, decision: Decision, event: ConversationEvent) -> Outcome:
    if not decision or facts.conversation is None:
        return Outcome(decision, about=facts.client.id)
    changed = after(facts.conversation, event)
    return Outcome(decision, (Change(event, (changed,)),), about=facts.client.id)


@frozen(kw_only=True)
class CloseConversation:
    """Close a conversation by hand, and lock it if asked: locked binds staff too (MSG-10)."""

    name: ClassVar[str] = "conversation.close"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    lock: bool = False

    def flow(self, context: Context) -> Flow[Outcome]:
        """It closed at this moment or at its deadline, whichever came first."""
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        at = _closing_moment(facts, context.now)
        event = ConversationClosed(conversation_id=self.conversation_id, at=at, is_locked=self.lock)
        return _by_hand(facts, may_close_conversation(facts), event)


def _closing_moment(facts: WritingFacts, now: Moment) -> Moment:
    """The earliest of now, the deadline, and an earlier closing by hand."""
    conversation = facts.conversation
    if conversation is None:
        return now
    history = facts.practice.policies
    waiting = conversation.waiting_since
    moments = (conversation.closed_at, auto_closed_at(waiting, history, now))
    return min((at for at in moments if at is not None), default=now)


@frozen(kw_only=True)
class ReopenConversation:
    """Reopen a closed conversation by hand: a fresh 48 hours (MSG-10)."""

    name: ClassVar[str] = "conversation.reopen"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Staff who take part may; what is locked is unlocked first."""
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        event = ConversationReopened(conversation_id=self.conversation_id, at=context.now)
        return _by_hand(facts, may_reopen_conversation(facts, context.now), event)


@frozen(kw_only=True)
class UnlockConversation:
    """Take the lock away; the conversation stays closed (MSG-10)."""

    name: ClassVar[str] = "conversation.unlock"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Staff who take part may."""
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        event = ConversationUnlocked(conversation_id=self.conversation_id)
        return _by_hand(facts, may_unlock_conversation(facts), event)
