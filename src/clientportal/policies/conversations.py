"""Who may write, read and close: preconditions, then the practice's policy (MSG-2, MSG-10)."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor
from clientportal.domain.conversations import (
    Conversation,
    Reading,
    auto_closed_at,
    deadline_of,
)
from clientportal.domain.moments import Moment
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import MessagingPolicy, Practice
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import (
    AUTO_CLOSED,
    CLIENT_NOT_VISIBLE,
    CLOSED_BY_STAFF,
    LOCKED,
    MAY_CLOSE,
    MAY_READ,
    MAY_REOPEN,
    MAY_REPLY,
    MAY_UNLOCK,
    NO_ASSIGNED_STAFF,
    NOBODY_TO_READ,
    NOT_A_PARTICIPANT,
    NOT_CLOSED,
    NOT_LOCKED,
    NOT_ON_ROSTER,
    NOT_STAFF_INITIATED,
    NOT_TAKING_MESSAGES,
    SENDER_INACTIVE,
    SENDER_WITHOUT_ACCESS,
    STAFF_CLOSES,
    Assigned,
    Point,
    Situation,
    decide,
)

# Looked up once, as in `messaging`.
_NEW, _OPEN, _LOCKED = Situation.NEW, Situation.OPEN, Situation.LOCKED
_AUTO_CLOSED, _CLOSED_BY_STAFF = Situation.AUTO_CLOSED, Situation.CLOSED_BY_STAFF
_THIS, _OTHER, _NONE = Assigned.THIS, Assigned.OTHER, Assigned.NONE


@frozen(kw_only=True)
class Correspondent:
    """A staff member who takes part, or would; *assigned* tells of the client's roster."""

    staff: StaffMember
    assigned: bool

    @property
    def can_read(self) -> bool:
        """Whether they are active and permitted to view the client (MSG-2)."""
        staff = self.staff
        return staff.is_active and staff.permissions.view_clients.covers(assigned=self.assigned)


@frozen(kw_only=True)
class WritingFacts:
    """What the rules look at when somebody tries to write: the answer of one Query.

    *correspondents* are the staff who take part (of a new conversation: would), *on_a_roster*
    whether the client is on anybody's. *access* is a client actor's way in, *reading* how far the
    actor has read.
    """

    actor: Actor
    practice: Practice
    client: Client
    correspondents: tuple[Correspondent, ...] = field(repr=False)
    on_a_roster: bool
    access: Access | None = None
    conversation: Conversation | None = None
    reading: Reading | None = None

    @property
    def mine(self) -> Correspondent | None:
        """The staff actor among those who take part."""
        me = self.actor.staff_id
        for each in self.correspondents:
            if each.staff.id == me:
                return each
        return None


def situation_of(facts: WritingFacts, now: Moment) -> Situation:
    """Where the conversation stands at *now*; a conversation reopened is simply open."""
    conversation = facts.conversation
    if conversation is None:
        return _NEW
    if conversation.is_locked:
        return _LOCKED
    if conversation.closed_at is not None:
        return _CLOSED_BY_STAFF
    if auto_closed_at(conversation.waiting_since, facts.practice.policies, now) is not None:
        return _AUTO_CLOSED
    return _OPEN


def point_of(facts: WritingFacts, now: Moment) -> Point:
    """The row of the table that *facts* come to at *now*."""
    conversation = facts.conversation
    return Point(
        facts.practice.policy,
        facts.actor.is_staff,
        _assigned(facts),
        None if conversation is None else conversation.is_staff_initiated,
        situation_of(facts, now),
    )


def _assigned(facts: WritingFacts) -> Assigned:
    """Staff by their own roster; a client by that of at least one active participant (MSG-7)."""
    elsewhere = _OTHER if facts.on_a_roster else _NONE
    if facts.actor.is_staff:
        mine = facts.mine
        return _THIS if mine is not None and mine.assigned else elsewhere
    for each in facts.correspondents:
        if each.assigned and each.staff.is_active:
            return _THIS
    return elsewhere


def may_send_message(facts: WritingFacts, now: Moment) -> Decision:
    """Whether the actor may write: preconditions first, then the practice's policy (MSG-2, MSG-11).

    An answer that time alone ends says until when; one that time brought about says since when.
    """
    denied = precondition(facts)
    if denied is not None:
        return denied
    point, conversation = point_of(facts, now), facts.conversation
    decision = decide(point)
    closed = _STILL_CLOSED.get(point.situation)
    if closed is not None and decision and not point.by_staff and not _could_start(facts):
        decision = closed
    return decision if conversation is None else _dated(decision, conversation, facts, now)


_STILL_CLOSED: Final = {
    _AUTO_CLOSED: AUTO_CLOSED,
    _CLOSED_BY_STAFF: CLOSED_BY_STAFF,
}


def _could_start(facts: WritingFacts) -> bool:
    """Whether the client might start with somebody who takes part instead (MSG-9, PPL-3)."""
    anybody = facts.practice.policy is not MessagingPolicy.ASSIGNED_CLIENTS_ONLY
    return any(
        one.can_read and one.staff.takes_messages and (anybody or one.assigned)
        for one in facts.correspondents
    )


def _dated(
    decision: Decision, conversation: Conversation, facts: WritingFacts, now: Moment
) -> Decision:
    """*decision* with its moment, where it has one."""
    waiting, history = conversation.waiting_since, facts.practice.policies
    if decision is MAY_REPLY or decision is NOT_STAFF_INITIATED:
        until = deadline_of(waiting, history)
        return Decision(decision.allowed, decision.reason, holds_until=until)
    if decision is AUTO_CLOSED:
        return Decision(False, decision.reason, since=auto_closed_at(waiting, history, now))
    if decision is CLOSED_BY_STAFF:
        return Decision(False, decision.reason, since=conversation.closed_at)
    return decision


def precondition(facts: WritingFacts) -> Decision | None:
    """The first precondition that fails, in the order of MSG-2, or None."""
    sender = _staff_sender(facts) if facts.actor.is_staff else _client_sender(facts)
    if sender is not None:
        return sender
    if facts.conversation is not None and facts.conversation.is_locked:
        return LOCKED
    if facts.client.is_active:
        for each in facts.correspondents:
            if each.can_read:
                return None
    return NOBODY_TO_READ


def _staff_sender(facts: WritingFacts) -> Decision | None:
    mine = facts.mine
    if mine is None:
        return NOT_A_PARTICIPANT
    if not mine.staff.permissions.view_clients.covers(assigned=mine.assigned):
        return CLIENT_NOT_VISIBLE
    return None if mine.staff.is_active else SENDER_INACTIVE


def _client_sender(facts: WritingFacts) -> Decision | None:
    if not facts.actor.is_client or facts.actor.client_id != facts.client.id:
        return NOT_A_PARTICIPANT
    return _client_sender_access(facts) if facts.client.is_active else SENDER_INACTIVE


def _client_sender_access(facts: WritingFacts) -> Decision | None:
    access = facts.access
    live = access is not None and access.is_live and access.is_own
    return None if live else SENDER_WITHOUT_ACCESS


def may_start_conversation(facts: WritingFacts, now: Moment) -> Decision:
    """Whether the actor may start with every named staff member (MSG-10, MSG-11, PPL-3)."""
    denied = precondition(facts)
    if denied is not None:
        return denied
    if not facts.actor.is_staff:
        if not all(c.can_read for c in facts.correspondents):
            return NOBODY_TO_READ
        if not all(c.staff.takes_messages for c in facts.correspondents):
            return NOT_TAKING_MESSAGES
        unassigned = any(not c.assigned for c in facts.correspondents)
        if facts.practice.policy is MessagingPolicy.ASSIGNED_CLIENTS_ONLY and unassigned:
            return NOT_ON_ROSTER if facts.on_a_roster else NO_ASSIGNED_STAFF
    return decide(point_of(facts, now))


def may_read_conversation(facts: WritingFacts) -> Decision:
    """Whether the actor takes part; a closed conversation stays readable (MSG-5)."""
    denied = _staff_sender(facts) if facts.actor.is_staff else _client_sender(facts)
    if denied is SENDER_INACTIVE and not facts.actor.is_staff:  # archived: may still read
        denied = _client_sender_access(facts)
    return MAY_READ if denied is None else denied


def may_close_conversation(facts: WritingFacts) -> Decision:
    """Whether the actor may close or lock by hand: staff who take part, at any time (MSG-10)."""
    denied = _staff_sender(facts) if facts.actor.is_staff else _client_sender(facts)
    if denied is not None:
        return denied
    return MAY_CLOSE if facts.actor.is_staff else STAFF_CLOSES


def may_reopen_conversation(facts: WritingFacts, now: Moment) -> Decision:
    """Whether the actor may reopen by hand what is closed (MSG-10)."""
    closing = may_close_conversation(facts)
    if not closing:
        return closing
    situation = situation_of(facts, now)
    if situation is Situation.LOCKED:
        return LOCKED
    return NOT_CLOSED if situation is Situation.OPEN else MAY_REOPEN


def may_unlock_conversation(facts: WritingFacts) -> Decision:
    """Whether the actor may take the lock away (MSG-10)."""
    closing = may_close_conversation(facts)
    if not closing:
        return closing
    conversation = facts.conversation
    return MAY_UNLOCK if conversation is not None and conversation.is_locked else NOT_LOCKED
