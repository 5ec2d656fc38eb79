"""Conversations, who takes part, and the 48 hours (MSG-3, MSG-4, MSG-9, MSG-10, MSG-20, MSG-21).

Whether a conversation is open is a function of its messages, the policy history and now. The
moment of closing is the deadline, not the moment somebody noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import Enum
from typing import Final, TypeAlias, assert_never

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.ids import (
    ClientId,
    ConversationId,
    MessageId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.moments import Moment, is_moment
from clientportal.domain.practices import MessagingPolicy, PolicySince
from clientportal.domain.texts import line

REPLY_WITHIN: Final = timedelta(hours=48)
_REPLY_ONLY: Final = MessagingPolicy.REPLY_ONLY

#: Who takes part: staff, clients, and proxies by the relationship that lets them (MSG-20).
Person: TypeAlias = ClientId | StaffId | RelationshipId


@frozen(kw_only=True)
class Conversation:
    """An exchange of messages: between staff and clients, or among staff.

    *waiting_since* is the latest staff message that no client message follows, or the moment it
    was reopened by hand or taken over (MSG-4, MSG-10, MSG-16); None while staff owe the answer.
    """

    id: ConversationId
    subject: str | None = field(default=None, validator=optional(line(200)), repr=False)
    last_sequence: int = 0
    last_at: Moment = field(validator=is_moment)
    is_staff_initiated: bool = False
    waiting_since: Moment | None = field(default=None, validator=optional(is_moment))
    closed_at: Moment | None = field(default=None, validator=optional(is_moment))
    is_locked: bool = False
    is_among_staff: bool = False
    is_closed_to_proxies: bool = False

    belongs_to = None
    claims = ()


class Side(Enum):
    """As what somebody takes part."""

    __hash__ = object.__hash__

    STAFF = "staff"
    CLIENT = "client"
    PROXY = "proxy"


_SIDES: Final = {StaffId: Side.STAFF, ClientId: Side.CLIENT, RelationshipId: Side.PROXY}


def side_of(person: Person) -> Side:
    """As what *person* takes part and writes."""
    return _SIDES[type(person)]


@frozen(kw_only=True)
class Participant:
    """That somebody takes part, from-to. Belongs to the conversation.

    They see the messages after *from_sequence*, and once they left up to *until_sequence*: who is
    added sees the whole conversation, a proxy from joining on (MSG-20, MSG-21).
    """

    conversation_id: ConversationId
    person: Person
    since: Moment = field(validator=is_moment)
    from_sequence: int = 0
    until: Moment | None = field(default=None, validator=optional(is_moment))
    until_sequence: int | None = None

    claims = ()

    @property
    def id(self) -> str:
        """The pair."""
        return f"{self.conversation_id}/{self.person}"

    @property
    def belongs_to(self) -> ConversationId:
        """The conversation is rewritten whenever who takes part changes."""
        return self.conversation_id

    @property
    def is_current(self) -> bool:
        """Whether they take part now."""
        return self.until is None


@frozen(kw_only=True)
class MessageSent:
    """A message was written; *starts* a conversation when its sequence is 1."""

    conversation_id: ConversationId
    message_id: MessageId
    sequence: int
    is_by_staff: bool
    at: Moment


@frozen(kw_only=True)
class ConversationClosed:
    """Staff closed a conversation by hand; *at* is never after its deadline (MSG-10)."""

    conversation_id: ConversationId
    at: Moment
    is_locked: bool


@frozen(kw_only=True)
class ConversationReopened:
    """Staff reopened a conversation; it counts as a staff message for the clock (MSG-10)."""

    conversation_id: ConversationId
    at: Moment


@frozen(kw_only=True)
class ConversationUnlocked:
    """Staff took the lock away; the conversation stays closed (MSG-10)."""

    conversation_id: ConversationId


@frozen(kw_only=True)
class ConversationTakenOver:
    """Staff took over an open conversation that nobody owned; its clock restarts (MSG-16).

    What has closed, by itself or by hand, stays closed (MSG-9): there is nothing to restart.
    """

    conversation_id: ConversationId
    at: Moment


@frozen(kw_only=True)
class ParticipantAdded:
    """Somebody takes part from now on (MSG-21)."""

    conversation_id: ConversationId
    person: Person
    at: Moment


@frozen(kw_only=True)
class ParticipantRemoved:
    """Somebody takes part no more; they read up to here (MSG-21)."""

    conversation_id: ConversationId
    person: Person
    at: Moment


@frozen(kw_only=True)
class ConversationRead:
    """Somebody read up to a message."""

    conversation_id: ConversationId
    sequence: int


@frozen(kw_only=True)
class MessageRetracted:
    """A message was taken back by its author, or withdrawn by staff; no clock changes (MSG-15)."""

    conversation_id: ConversationId
    message_id: MessageId
    at: Moment


ConversationEvent: TypeAlias = (
    MessageSent
    | ConversationClosed
    | ConversationReopened
    | ConversationUnlocked
    | ConversationTakenOver
    | ParticipantAdded
    | ParticipantRemoved
    | ConversationRead
    | MessageRetracted
)


def after(conversation: Conversation, event: ConversationEvent) -> Conversation:
    """The conversation as it stands once *event* has happened."""
    match event:
        case MessageSent(sequence=sequence, is_by_staff=by_staff, at=at):
            return evolve(
                conversation,
                last_sequence=sequence,
                last_at=at,
                is_staff_initiated=conversation.is_staff_initiated or by_staff,
                waiting_since=_waiting(conversation, at) if by_staff else None,
                closed_at=None,
            )
        case ConversationClosed(at=at, is_locked=is_locked):  # only unlocking takes a lock away
            return evolve(conversation, closed_at=at, is_locked=is_locked or conversation.is_locked)
        case ConversationReopened(at=at):
            waiting = _waiting(conversation, at)
            return evolve(conversation, closed_at=None, is_locked=False, waiting_since=waiting)
        case ConversationUnlocked():
            return evolve(conversation, is_locked=False)
        case ConversationTakenOver(at=at):
            waiting = conversation.waiting_since
            return evolve(conversation, waiting_since=None if waiting is None else max(waiting, at))
        case ParticipantAdded() | ParticipantRemoved() | ConversationRead() | MessageRetracted():
            return conversation
        case _:
            assert_never(event)


def as_left(conversation: Conversation, part: Participant | None) -> Conversation:
    """*conversation* as it is shown to somebody whose *part* has ended: nothing later is told.

    Neither its clock, nor whether it was closed, nor who wrote since (MSG-21).
    """
    if part is None or part.until is None:
        return conversation
    return Conversation(
        id=conversation.id,
        subject=conversation.subject,
        last_sequence=part.until_sequence or 0,
        last_at=part.until,
        is_among_staff=conversation.is_among_staff,
        is_closed_to_proxies=conversation.is_closed_to_proxies,
    )


def _waiting(conversation: Conversation, at: Moment) -> Moment | None:
    """Since when a client is waited for; among staff nobody is (MSG-2)."""
    return None if conversation.is_among_staff else at


def auto_closed_at(
    waiting_since: Moment | None, history: Sequence[PolicySince], now: Moment
) -> Moment | None:
    """When a conversation closed by itself, up to and including *now* (MSG-4, MSG-9).

    Only time under reply only counts; a switch to it starts the 48 hours afresh. At one instant
    the deadline comes before the switch.
    """
    if waiting_since is None:
        return None
    for index, entry in enumerate(history):
        if entry.policy is not _REPLY_ONLY:
            continue
        end = history[index + 1].since if index + 1 < len(history) else now
        deadline = max(waiting_since, entry.since) + REPLY_WITHIN
        if deadline <= min(end, now):
            return deadline
    return None


def deadline_of(waiting_since: Moment | None, history: Sequence[PolicySince]) -> Moment | None:
    """When the conversation will close by itself if nobody does anything, or None."""
    if waiting_since is None or history[-1].policy is not _REPLY_ONLY:
        return None
    return max(waiting_since, history[-1].since) + REPLY_WITHIN
