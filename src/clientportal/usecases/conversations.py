"""Writing, closing, and marking as read (MSG-2 to MSG-15)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.bounds import each_once
from clientportal.domain.conversations import (
    Conversation,
    ConversationClosed,
    ConversationEvent,
    ConversationRead,
    ConversationReopened,
    ConversationUnlocked,
    MessageSent,
    Participant,
    Person,
    Side,
    after,
    auto_closed_at,
    side_of,
)
from clientportal.domain.ids import (
    ClientId,
    ConversationId,
    DocumentId,
    MessageId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.messages import MOST_ATTACHMENTS, Message, Reading, is_message_text
from clientportal.domain.moments import Moment
from clientportal.domain.texts import composed, line
from clientportal.flows import Change, Flow, Outcome, State, fetch
from clientportal.policies.conversations import (
    may_close_conversation,
    may_name_proxies,
    may_read_conversation,
    may_reopen_conversation,
    may_unlock_conversation,
)
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import NOT_A_PARTICIPANT
from clientportal.policies.participants import MOST_CLIENTS, MOST_STAFF
from clientportal.ports.queries import ProxiesOf, StartingFactsOf, WritingFactsOf
from clientportal.usecases.attachments import attached
from clientportal.usecases.command import Context
from clientportal.usecases.writing import may_send, may_start

_FEW_DOCUMENTS = each_once(MOST_ATTACHMENTS, least=0)


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
        is_by_staff=side_of(author) is Side.STAFF,
        at=max(now, conversation.last_at),  # a clock set back never reorders messages
    )
    message = Message(
        id=command.message_id,
        conversation_id=conversation.id,
        sequence=sent.sequence,
        author=author,
        attachments=command.attachments,
        text=command.text,
        at=sent.at,
    )
    return sent, after(conversation, sent), message


@frozen(kw_only=True)
class StartConversation:
    """Start a conversation with its first message; none exists without one (MSG-3, MSG-10).

    A client or proxy names the client and staff; staff name one client, several or none, and take
    part whether named or not. *proxies* are the relationships whose proxies take part: by default
    all that may, none where it is closed to them for good (MSG-20).
    """

    name: ClassVar[str] = "conversation.start"
    looks_up: ClassVar[str] = "client_ids"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    message_id: MessageId
    client_ids: tuple[ClientId, ...] = field(default=(), validator=each_once(MOST_CLIENTS, least=0))
    staff_ids: tuple[StaffId, ...] = field(default=(), validator=each_once(MOST_STAFF, least=0))
    proxies: tuple[RelationshipId, ...] | None = field(
        default=None, validator=optional(each_once(MOST_CLIENTS, least=0))
    )
    is_closed_to_proxies: bool = False
    subject: str | None = field(default=None, validator=optional(line(200)), repr=False)
    attachments: tuple[DocumentId, ...] = field(default=(), validator=_FEW_DOCUMENTS)
    text: str = field(converter=composed, validator=is_message_text, repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Each of the staff named must pass."""
        author = context.actor.person
        if author is None:
            return Outcome(NOT_A_PARTICIPANT)
        named = {*self.staff_ids, *((author,) if isinstance(author, StaffId) else ())}
        facts, bonds = yield from fetch(
            StartingFactsOf(self.client_ids, tuple(sorted(named)), context.actor),
            ProxiesOf(self.client_ids),
        )
        known = frozenset(bond.id for bond in bonds)
        proxies = self._proxies(author, known)
        decision = may_start(facts, context)
        if decision:
            closed = self.is_closed_to_proxies
            denied = may_name_proxies(facts, proxies, known, closed=closed)
            decision = decision if denied is None else denied
        if not decision:
            return Outcome(decision, about=facts.about)
        denied, shares = yield from attached(self.attachments, facts, context)
        if denied is not None:
            return Outcome(denied, about=facts.about)
        sent, conversation, message = _written(self._fresh(context.now), author, self, context.now)
        people: list[Person] = [*self.client_ids, *sorted(named), *sorted(proxies)]
        states: tuple[State, ...] = (
            conversation,
            message,
            *self._people(people, author, context.now),
        )
        change = Change(sent, states, made=states)
        return Outcome(decision, (change, *shares), about=facts.about)

    def _proxies(
        self, author: Person, known: frozenset[RelationshipId]
    ) -> frozenset[RelationshipId]:
        """Those named, or all that may; a proxy who starts takes part."""
        if self.proxies is None:
            return frozenset() if self.is_closed_to_proxies else known
        own = (author,) if isinstance(author, RelationshipId) else ()
        return frozenset((*self.proxies, *own))

    def _fresh(self, now: Moment) -> Conversation:
        return Conversation(
            id=self.conversation_id,
            subject=self.subject,
            last_at=now,
            is_among_staff=not self.client_ids,
            is_closed_to_proxies=self.is_closed_to_proxies,
        )

    def _people(self, people: list[Person], author: Person, now: Moment) -> tuple[State, ...]:
        """Who takes part, and how far each has read: the author their own message."""
        talk = self.conversation_id
        takes_part = (Participant(conversation_id=talk, person=one, since=now) for one in people)
        read = (
            Reading(conversation_id=talk, person=one, sequence=int(one == author)) for one in people
        )
        return (*takes_part, *read)


@frozen(kw_only=True)
class SendMessage:
    """Write in a conversation, as far as the practice's policy allows (MSG-2, MSG-11)."""

    name: ClassVar[str] = "message.send"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    message_id: MessageId
    attachments: tuple[DocumentId, ...] = field(default=(), validator=_FEW_DOCUMENTS)
    text: str = field(converter=composed, validator=is_message_text, repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """One round trip to read, one to write; writing reads, and what was drafted is sent."""
        author = context.actor.person
        if author is None:
            return Outcome(NOT_A_PARTICIPANT)
        facts = yield from fetch(WritingFactsOf(self.conversation_id, context.actor))
        decision = may_send(facts, context)
        conversation = facts.conversation
        if not decision or conversation is None:
            return Outcome(decision, about=facts.about)
        denied, shares = yield from attached(self.attachments, facts, context)
        if denied is not None:
            return Outcome(denied, about=facts.about)
        sent, changed, message = _written(conversation, author, self, context.now)
        read = Reading(conversation_id=conversation.id, person=author, sequence=sent.sequence)
        change = Change(sent, (changed, message, read), made=(message,))
        return Outcome(decision, (change, *shares), about=facts.about)


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
            return Outcome(decision, about=facts.about)
        before = facts.reading or Reading(conversation_id=self.conversation_id, person=person)
        upto = min(self.sequence, facts.window[1])
        if upto <= before.sequence:
            return Outcome(decision, about=facts.about)
        event = ConversationRead(conversation_id=self.conversation_id, sequence=upto)
        change = Change(event, (evolve(before, sequence=upto),))
        return Outcome(decision, (change,), about=facts.about)


def _by_hand(facts: WritingFacts, decision: Decision, event: ConversationEvent) -> Outcome:
    if not decision or facts.conversation is None:
        return Outcome(decision, about=facts.about)
    changed = after(facts.conversation, event)
    return Outcome(decision, (Change(event, (changed,)),), about=facts.about)


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
    history = facts.policies
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
        talk = facts.conversation
        at = context.now if talk is None else max(context.now, talk.last_at)  # as messages are
        event = ConversationReopened(conversation_id=self.conversation_id, at=at)
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
