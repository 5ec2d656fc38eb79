"""The inbox: what one may read, and whom one may write to (MSG-5, MSG-13 to MSG-15, MSG-22)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import Conversation, Message, auto_closed_at, deadline_of
from clientportal.domain.ids import ClientId, ConversationId, StaffId
from clientportal.domain.moments import Moment
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.conversations import (
    WritingFacts,
    may_read_conversation,
    may_send_message,
    may_start_conversation,
)
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import MAY_READ, NOT_A_PARTICIPANT
from clientportal.policies.people import may_view_client
from clientportal.policies.standing import may_act, may_run
from clientportal.ports.queries import (
    PAGE,
    ConversationsAbout,
    InboxItem,
    InboxOf,
    MessagesOf,
    PracticeFactsOf,
    RecipientsOf,
    StandingOf,
    WritingFactsOf,
)
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class ConversationSeen:
    """A conversation as a screen shows it; *deadline* is when it closes by itself."""

    conversation: Conversation
    with_client: str = field(repr=False)
    with_staff: tuple[str, ...] = field(repr=False)
    latest: Message
    unread: int
    may_write: Decision
    deadline: Moment | None


@frozen(kw_only=True)
class SeeInbox:
    """A page of the actor's conversations, the latest first, each with its decision (MSG-13)."""

    name: ClassVar[str] = "inbox.see"
    after: tuple[Moment, ConversationId] | None = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[ConversationSeen, ...]]]:
        """Clients their own; staff those they take part in."""
        person = context.actor.person
        if person is None:
            return Shown(NOT_A_PARTICIPANT)
        actor = context.actor
        decision = yield from _present(context)
        if not decision:
            return Shown(decision)
        items = yield from fetch(InboxOf(actor, after=self.after, limit=self.limit))
        visible = (each for each in items if may_read_conversation(each.facts))
        page = tuple(seen for item in visible if (seen := _seen(item, context.now)) is not None)
        others = {each.conversation.client_id for each in page} if actor.is_staff else set()
        return Shown(MAY_READ, page, about=actor.client_id, also=tuple(sorted(others)))


def _present(context: Context) -> Flow[Decision]:
    """Whether the actor still is who they were when they signed in."""
    if context.actor.client_id is None:
        facts = yield from fetch(PracticeFactsOf(context.actor))
        return may_run(facts, lambda _: True)
    standing = yield from fetch(StandingOf(context.actor.client_id, context.actor))
    return may_act(standing)


def _seen(item: InboxItem, now: Moment) -> ConversationSeen | None:
    facts = item.facts
    conversation = facts.conversation
    if conversation is None:
        return None
    waiting, history = conversation.waiting_since, facts.practice.policies
    is_open = conversation.closed_at is None and auto_closed_at(waiting, history, now) is None
    return ConversationSeen(
        conversation=conversation,
        with_client=facts.client.name,
        with_staff=tuple(c.staff.name for c in facts.correspondents),
        latest=item.latest,
        unread=item.unread,
        may_write=may_send_message(facts, now),
        deadline=deadline_of(waiting, history) if is_open else None,
    )


@frozen(kw_only=True)
class OpenedConversation:
    """A page of a conversation's messages, newest first, and whether the actor may write."""

    conversation: Conversation
    messages: tuple[Message, ...] = field(repr=False)
    may_write: Decision


@frozen(kw_only=True)
class SeeConversation:
    """Read a conversation; a closed one stays readable (MSG-5)."""

    name: ClassVar[str] = "conversation.see"
    conversation_id: ConversationId
    before: int = 2**53
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[OpenedConversation]]:
        """Whoever takes part; to all others it does not exist."""
        facts, messages = yield from fetch(
            WritingFactsOf(self.conversation_id, context.actor),
            MessagesOf(self.conversation_id, before=self.before, limit=self.limit),
        )
        decision = may_read_conversation(facts)
        if not decision or facts.conversation is None:
            return Shown(decision, about=facts.client.id)
        may_write = may_send_message(facts, context.now)
        read = OpenedConversation(
            conversation=facts.conversation, messages=messages, may_write=may_write
        )
        return Shown(decision, read, about=facts.client.id)


@frozen(kw_only=True)
class Recipient:
    """A staff member, and whether one may start with them (MSG-14)."""

    staff_id: StaffId
    staff_name: str = field(repr=False)
    may_start: Decision


@frozen(kw_only=True)
class SeeRecipients:
    """Whom the actor may start with about a client: those for whom the decision allows (MSG-14)."""

    name: ClassVar[str] = "recipient.list"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[tuple[Recipient, ...]]]:
        """The filter of the decision over everybody."""
        facts = yield from fetch(RecipientsOf(self.client_id, context.actor))
        decision = may_read_conversation(facts)
        if not decision:
            return Shown(decision, about=self.client_id)
        everybody = _starts(facts, context.now)
        found = tuple(each for each in everybody if each.may_start)
        return Shown(decision, found, about=self.client_id)


def _starts(facts: WritingFacts, now: Moment) -> tuple[Recipient, ...]:
    """Each correspondent, as the only one started with (a staff actor takes part besides)."""
    mine = facts.mine
    out: list[Recipient] = []
    for one in facts.correspondents:
        pair = (one,) if mine is None or mine is one else (mine, one)
        decision = may_start_conversation(evolve(facts, correspondents=pair), now)
        out.append(Recipient(staff_id=one.staff.id, staff_name=one.staff.name, may_start=decision))
    return tuple(out)


@frozen(kw_only=True)
class Explained:
    """Why a client can or cannot write, and the policy that decides (MSG-22).

    *starts* tells of each staff member, *answers* of each conversation.
    """

    policy: str
    starts: tuple[Recipient, ...]
    answers: tuple[tuple[ConversationId, Decision], ...]


@frozen(kw_only=True)
class ExplainClient:
    """Staff ask why a client can or cannot write, per staff member and conversation (MSG-22).

    Conversations are the client's latest 1,000.
    """

    name: ClassVar[str] = "client.explain"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[Explained]]:
        """Staff who may view the client; conversations they take no part in are not explained."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_view_client(standing)
        if not decision or not context.actor.is_staff:
            return Shown(decision if not decision else NOT_A_PARTICIPANT, about=self.client_id)
        as_client = Actor(
            practice_id=context.actor.practice_id,
            capacity=Capacity.CLIENT,
            client_id=self.client_id,
        )
        facts, about = yield from fetch(
            RecipientsOf(self.client_id, as_client),
            ConversationsAbout(self.client_id, as_client, limit=1000),
        )
        me = context.actor.staff_id
        mine = (each for each in about if any(c.staff.id == me for c in each.correspondents))
        answers = tuple(
            (each.conversation.id, may_send_message(each, context.now))
            for each in mine
            if each.conversation is not None
        )
        policy = getattr(standing.practice.policy, "value", "unknown")
        explained = Explained(policy=policy, starts=_starts(facts, context.now), answers=answers)
        return Shown(decision, explained, about=self.client_id)
