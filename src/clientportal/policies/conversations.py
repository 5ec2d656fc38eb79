"""Who may write, start, read, close: preconditions, then the practice's policy (MSG-2, MSG-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from clientportal.domain.conversations import Conversation, auto_closed_at, deadline_of
from clientportal.domain.ids import RelationshipId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.correspondence import (
    WritingFacts,
    is_granted,
    point_of,
    precondition,
    sender_of,
    situation_of,
    staff_fault,
    without_access,
)
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import (
    AUTO_CLOSED,
    CLOSED_BY_STAFF,
    CLOSED_TO_PROXIES,
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
    PROXY_UNKNOWN,
    STAFF_AMONG_THEMSELVES,
    STAFF_CLOSES,
    Situation,
    decide,
)

_ASSIGNED_ONLY: Final = MessagingPolicy.ASSIGNED_CLIENTS_ONLY


def may_send_message(facts: WritingFacts, now: Moment) -> Decision:
    """Whether the actor may write: preconditions first, then the practice's policy (MSG-2, MSG-11).

    An answer that time alone ends says until when; one that time brought about says since when.
    """
    denied = precondition(facts)
    if denied is not None:
        return denied
    if facts.is_among_staff:
        return STAFF_AMONG_THEMSELVES
    point, conversation = point_of(facts, now), facts.conversation
    decision = decide(point)
    closed = _STILL_CLOSED.get(point.situation)
    if closed is not None and decision and not point.by_staff and not _could_start(facts):
        decision = closed
    return decision if conversation is None else _dated(decision, conversation, facts, now)


_STILL_CLOSED: Final[Mapping[Situation, Decision]] = {
    Situation.AUTO_CLOSED: AUTO_CLOSED,
    Situation.CLOSED_BY_STAFF: CLOSED_BY_STAFF,
}


def _could_start(facts: WritingFacts) -> bool:
    """Whether the client might start with somebody who takes part instead (MSG-9, PPL-3)."""
    anybody = facts.policy is not _ASSIGNED_ONLY
    return any(
        one.takes_messages and facts.reads(one) and (anybody or facts.serves(one))
        for one in facts.staff.values()
    )


def _dated(
    decision: Decision, conversation: Conversation, facts: WritingFacts, now: Moment
) -> Decision:
    """*decision* with its moment, where it has one."""
    waiting, history = conversation.waiting_since, facts.policies
    if decision is MAY_REPLY or decision is NOT_STAFF_INITIATED:
        until = deadline_of(waiting, history)
        return Decision(decision.allowed, decision.reason, holds_until=until)
    if decision is AUTO_CLOSED:
        return Decision(False, decision.reason, since=auto_closed_at(waiting, history, now))
    if decision is CLOSED_BY_STAFF:
        return Decision(False, decision.reason, since=conversation.closed_at)
    return decision


def may_start_conversation(facts: WritingFacts, now: Moment) -> Decision:
    """Whether the actor may start with all who are named (MSG-2, MSG-10, MSG-11, PPL-3).

    A client or proxy names staff, each of whom must pass, and never another client.
    """
    if not facts.actor.is_staff and len(facts.clients) != 1:
        return NOT_A_PARTICIPANT
    denied = precondition(facts)
    if denied is not None:
        return denied
    if facts.is_among_staff:
        return STAFF_AMONG_THEMSELVES
    fault = None if facts.actor.is_staff else _first_fault(facts)
    return decide(point_of(facts, now)) if fault is None else fault


def _first_fault(facts: WritingFacts) -> Decision | None:
    """What a client or proxy hears of the first fault among the staff they named."""
    named = facts.staff.values()
    if not all(map(facts.reads, named)):
        return NOBODY_TO_READ
    if not all(each.takes_messages for each in named):
        return NOT_TAKING_MESSAGES
    if facts.policy is _ASSIGNED_ONLY and not all(map(facts.serves, named)):
        rostered = facts.me is not None and facts.me.is_on_a_roster
        return NOT_ON_ROSTER if rostered else NO_ASSIGNED_STAFF
    return None


def may_name_proxies(
    facts: WritingFacts,
    named: frozenset[RelationshipId],
    known: frozenset[RelationshipId],
    *,
    closed: bool,
) -> Decision | None:
    """Why these proxies may not take part from the start, or None (MSG-20).

    *known* are those whose grant lets them; a conversation *closed* to proxies has none.
    """
    if closed and (named or facts.actor.is_proxy):
        return CLOSED_TO_PROXIES
    return None if named <= known else PROXY_UNKNOWN


def may_read_conversation(facts: WritingFacts) -> Decision:
    """Whether the actor takes part; a closed conversation stays readable (MSG-5).

    Who left reads up to leaving (MSG-21); an archived client still reads.
    """
    if facts.actor.is_staff:
        denied = staff_fault(facts, facts.mine or facts.former)
    else:
        denied = _reader_fault(facts)
    return MAY_READ if denied is None else denied


def _reader_fault(facts: WritingFacts) -> Decision | None:
    """What keeps a client or proxy from reading: no part in it now or once, no way in."""
    denied = _stranger(facts)
    return without_access(facts) if denied is None else denied


def _stranger(facts: WritingFacts) -> Decision | None:
    """Whether a client or proxy neither takes part nor did, or a proxy's grant has ended."""
    mine, begun = facts.participant, facts.conversation is not None
    if facts.me is None and mine is None:
        return NOT_A_PARTICIPANT
    if facts.actor.is_proxy and not (is_granted(facts) and (mine is not None or not begun)):
        return NOT_A_PARTICIPANT
    return None


def may_close_conversation(facts: WritingFacts) -> Decision:
    """Whether the actor may close or lock by hand: staff who take part, at any time (MSG-10)."""
    denied = sender_of(facts)
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
    return _not_closed(facts) if situation is Situation.OPEN else MAY_REOPEN


def _not_closed(facts: WritingFacts) -> Decision:
    """That it is open, and until when if nobody does anything (MSG-13)."""
    talk = facts.conversation
    end = None if talk is None else deadline_of(talk.waiting_since, facts.policies)
    return evolve(NOT_CLOSED, holds_until=end)


def may_unlock_conversation(facts: WritingFacts) -> Decision:
    """Whether the actor may take the lock away (MSG-10)."""
    closing = may_close_conversation(facts)
    if not closing:
        return closing
    conversation = facts.conversation
    return MAY_UNLOCK if conversation is not None and conversation.is_locked else NOT_LOCKED
