"""Who takes part, what the rules look at when somebody writes, and the preconditions (MSG-2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant, auto_closed_at
from clientportal.domain.ids import ClientId, StaffId
from clientportal.domain.messages import Reading
from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.practices import AnyPolicy, MessagingPolicy, PolicySince
from clientportal.domain.relationships import Relationship, Scope
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import (
    CLIENT_NOT_VISIBLE,
    LOCKED,
    NOBODY_TO_READ,
    NOT_A_PARTICIPANT,
    SENDER_INACTIVE,
    SENDER_WITHOUT_ACCESS,
    Assigned,
    Point,
    Situation,
)
from clientportal.policies.standing import NOT_IN_GRANT

# Looked up once, as in `messaging`.
_NEW, _OPEN, _LOCKED = Situation.NEW, Situation.OPEN, Situation.LOCKED
_AUTO_CLOSED, _CLOSED_BY_STAFF = Situation.AUTO_CLOSED, Situation.CLOSED_BY_STAFF
_THIS, _OTHER, _NONE = Assigned.THIS, Assigned.OTHER, Assigned.NONE
_EVERYTHING, _ASSIGNED, _MESSAGES = Reach.EVERYTHING, Reach.ASSIGNED, Scope.MESSAGES
_NOTHING: Final = Reach.NONE
_ASSIGNED_ONLY: Final = MessagingPolicy.ASSIGNED_CLIENTS_ONLY
_NOBODY: Final[frozenset[ClientId]] = frozenset()


@frozen(kw_only=True)
class Counterpart:
    """A client who takes part, or would; *is_on_a_roster* tells of anybody's."""

    client_id: ClientId
    name: str = field(repr=False)
    is_active: bool = True
    is_on_a_roster: bool = False


@frozen(kw_only=True)
class Correspondent:
    """A staff member who takes part, or would.

    *views* is how far their permission to view clients goes, *assigned* which of the clients who
    take part are on their roster.
    """

    staff_id: StaffId
    name: str = field(repr=False)
    is_active: bool = True
    takes_messages: bool = True
    views: Reach = Reach.NONE
    assigned: frozenset[ClientId] = _NOBODY

    def sees_all(self, clients: Iterable[ClientId]) -> bool:
        """Whether they are permitted to view every one of *clients* (PPL-3)."""
        if self.views is _EVERYTHING:
            return True
        assigned = self.assigned if self.views is _ASSIGNED else _NOBODY
        return assigned.issuperset(clients)


@frozen(kw_only=True)
class WritingFacts:
    """What the rules look at when somebody tries to write: the answer of one Query.

    *clients* and *staff* are who takes part now (of a new conversation: would), by id. *access*
    and *bond* are the actor's own way in and the relationship it rests on, *reading* is how far
    they have read. *participant* tells of who is not among them: how a proxy takes part, or how
    the actor did who left; *former* is a staff actor who left.
    """

    actor: Actor
    policies: tuple[PolicySince, ...]
    clients: Mapping[ClientId, Counterpart] = field(repr=False)
    staff: Mapping[StaffId, Correspondent] = field(repr=False)
    access: Access | None = None
    bond: Relationship | None = None
    conversation: Conversation | None = None
    participant: Participant | None = None
    reading: Reading | None = None
    former: Correspondent | None = field(default=None, repr=False)

    @property
    def policy(self) -> AnyPolicy:
        """The messaging policy in force."""
        return self.policies[-1].policy

    @property
    def about(self) -> ClientId | None:
        """The client that goes on record: the actor's own, else the first who takes part."""
        return self.actor.client_id or min(self.clients, default=None)

    @property
    def window(self) -> tuple[int, int]:
        """The actor sees the messages after the first sequence, up to the second (MSG-21)."""
        last = 0 if self.conversation is None else self.conversation.last_sequence
        mine = self.participant
        if mine is None:
            return 0, last
        return mine.from_sequence, last if mine.until_sequence is None else mine.until_sequence

    @property
    def mine(self) -> Correspondent | None:
        """The staff actor among those who take part."""
        me = self.actor.staff_id
        return None if me is None else self.staff.get(me)

    @property
    def me(self) -> Counterpart | None:
        """The client the actor is, or acts for, among those who take part."""
        me = self.actor.client_id
        return None if me is None else self.clients.get(me)

    @property
    def is_among_staff(self) -> bool:
        """Whether no client has a part in it: it is never subject to the policy (MSG-2)."""
        conversation = self.conversation
        return not self.clients if conversation is None else conversation.is_among_staff

    def reads(self, one: Correspondent) -> bool:
        """Whether a staff member is active, and permitted to view the clients (MSG-2)."""
        return one.is_active and self.shows(one)

    def shows(self, one: Correspondent) -> bool:
        """Whether a staff member may view who takes part; no client is left, somebody's it was."""
        if one.views is _NOTHING:
            return self.is_among_staff
        return one.sees_all(self.clients)

    def keeps(self, staff_id: StaffId | None) -> bool:
        """Whether a staff member takes part and may read (MSG-2)."""
        one = None if staff_id is None else self.staff.get(staff_id)
        return one is not None and self.reads(one)

    def serves(self, one: Correspondent) -> bool:
        """Whether an active staff member has the actor's client on their roster (MSG-7)."""
        return self.actor.client_id in one.assigned and one.is_active


def situation_of(facts: WritingFacts, now: Moment) -> Situation:
    """Where the conversation stands at *now*; a conversation reopened is simply open."""
    conversation = facts.conversation
    if conversation is None:
        return _NEW
    if conversation.is_locked:
        return _LOCKED
    if conversation.closed_at is not None:
        return _CLOSED_BY_STAFF
    if auto_closed_at(conversation.waiting_since, facts.policies, now) is not None:
        return _AUTO_CLOSED
    return _OPEN


def point_of(facts: WritingFacts, now: Moment) -> Point:
    """The row of the table that *facts* come to at *now*.

    Rosters are gone through only where the policy looks at them: everybody who takes part may be.
    """
    conversation, policy = facts.conversation, facts.policy
    return Point(
        policy,
        facts.actor.is_staff,
        assigned_of(facts) if policy is _ASSIGNED_ONLY else _NONE,
        None if conversation is None else conversation.is_staff_initiated,
        situation_of(facts, now),
    )


def assigned_of(facts: WritingFacts) -> Assigned:
    """Staff by having every active client on their roster, a client by being on one (MSG-7)."""
    if facts.actor.is_staff:
        mine = facts.mine
        if mine is not None and has_all(mine, facts):
            return _THIS
        return _OTHER if any(each.is_on_a_roster for each in facts.clients.values()) else _NONE
    for each in facts.staff.values():
        if facts.serves(each):
            return _THIS
    return _OTHER if facts.me is not None and facts.me.is_on_a_roster else _NONE


def has_all(mine: Correspondent, facts: WritingFacts) -> bool:
    """Whether every active client is on their roster; inactive ones are skipped (MSG-2, MSG-7)."""
    assigned = mine.assigned
    if assigned.issuperset(facts.clients):
        return True
    for each in facts.clients.values():
        if each.client_id not in assigned and each.is_active:
            return False
    return True


def precondition(facts: WritingFacts) -> Decision | None:
    """The first precondition that fails, in the order of MSG-2, or None."""
    sender = sender_of(facts)
    if sender is not None:
        return sender
    if facts.conversation is not None and facts.conversation.is_locked:
        return LOCKED
    readable = _is_read_by_staff(facts) if facts.is_among_staff else _is_read(facts)
    return None if readable else NOBODY_TO_READ


def _is_read(facts: WritingFacts) -> bool:
    """Whether one active, permitted staff member and one active client take part (MSG-2)."""
    for each in facts.clients.values():
        if each.is_active:
            return any(map(facts.reads, facts.staff.values()))
    return False


def _is_read_by_staff(facts: WritingFacts) -> bool:
    """Whether somebody else among the staff is there to read."""
    me = facts.actor.staff_id
    return any(each.is_active and each.staff_id != me for each in facts.staff.values())


def sender_of(facts: WritingFacts) -> Decision | None:
    """What keeps the actor from writing at all: not taking part, inactive, without access."""
    if facts.actor.is_staff:
        return staff_fault(facts, facts.mine)
    denied = outside(facts)
    if denied is not None:
        return denied
    if facts.me is None or not facts.me.is_active:
        return SENDER_INACTIVE
    return without_access(facts)


def staff_fault(facts: WritingFacts, one: Correspondent | None) -> Decision | None:
    """What keeps a staff actor, *one* among those who take part or did, from acting here."""
    if one is None:
        return NOT_A_PARTICIPANT
    if not facts.shows(one):
        return CLIENT_NOT_VISIBLE
    return None if one.is_active else SENDER_INACTIVE


def outside(facts: WritingFacts) -> Decision | None:
    """Whether a client or proxy takes no part now; to a proxy without a grant nothing exists."""
    if facts.me is None or facts.actor.person is None:
        return NOT_A_PARTICIPANT
    if facts.actor.is_client:
        return None
    begun, mine = facts.conversation is not None, facts.participant
    takes_part = not begun or (mine is not None and mine.is_current)
    return None if takes_part and is_granted(facts) else NOT_A_PARTICIPANT


def is_granted(facts: WritingFacts) -> bool:
    """Whether a proxy's relationship is current, and the conversation one that proxies may see."""
    bond, conversation = facts.bond, facts.conversation
    if conversation is not None and conversation.is_closed_to_proxies:
        return False
    return bond is not None and bond.is_current and bond.id == facts.actor.relationship_id


def without_access(facts: WritingFacts) -> Decision | None:
    """Whether a client or proxy has no live way in, or a grant without messages (MSG-2)."""
    access, actor = facts.access, facts.actor
    if access is None or not access.is_live or access.is_own is not actor.is_client:
        return SENDER_WITHOUT_ACCESS
    if actor.is_client:
        return None
    bond = facts.bond
    return None if bond is not None and _MESSAGES in bond.scopes else NOT_IN_GRANT
