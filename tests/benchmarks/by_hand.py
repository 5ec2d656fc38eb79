"""The messaging rules as somebody in a hurry would write them: the yardstick of P1.

Same facts, same verdicts, no table and no moment; every name that is looked up is a global.
"""

from __future__ import annotations

from typing import Final

from clientportal.domain.actors import Capacity
from clientportal.domain.conversations import Conversation, auto_closed_at
from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.correspondence import Counterpart, WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import (
    ANY_CLIENT,
    ASSIGNED,
    AUTO_CLOSED,
    CLIENT_MAY_NOT_START,
    CLOSED_BY_STAFF,
    LOCKED,
    MAY_REPLY,
    MAY_REPLY_ANY_TIME,
    NO_ASSIGNED_STAFF,
    NOBODY_TO_READ,
    NOT_A_PARTICIPANT,
    NOT_ON_ROSTER,
    NOT_STAFF_INITIATED,
    POLICY_UNKNOWN,
    SENDER_INACTIVE,
    SENDER_WITHOUT_ACCESS,
    STAFF_MAY_WRITE,
    Assigned,
    Point,
    Situation,
)

BY_NONE: Final = Assigned.NONE
BY_THIS: Final = Assigned.THIS
AS_CLIENT: Final = Capacity.CLIENT
POLICY_ALL_CLIENTS: Final = MessagingPolicy.ALL_CLIENTS
POLICY_ASSIGNED_CLIENTS_ONLY: Final = MessagingPolicy.ASSIGNED_CLIENTS_ONLY
POLICY_NEVER_INITIATE: Final = MessagingPolicy.NEVER_INITIATE
POLICY_REPLY_ONLY: Final = MessagingPolicy.REPLY_ONLY
REACH_ASSIGNED: Final = Reach.ASSIGNED
REACH_EVERYTHING: Final = Reach.EVERYTHING
IS_AUTO_CLOSED: Final = Situation.AUTO_CLOSED
IS_CLOSED_BY_STAFF: Final = Situation.CLOSED_BY_STAFF
IS_LOCKED: Final = Situation.LOCKED
IS_NEW: Final = Situation.NEW


def decided(point: Point) -> Decision:  # noqa: C901, PLR0911, PLR0912 - if and elif, on purpose
    """What `decide` says, by if and elif."""
    situation, policy = point.situation, point.policy
    if situation is IS_LOCKED:
        return LOCKED
    if policy is POLICY_REPLY_ONLY:
        if point.by_staff:
            return STAFF_MAY_WRITE
        if situation is IS_NEW:
            return CLIENT_MAY_NOT_START
        if situation is IS_AUTO_CLOSED:
            return AUTO_CLOSED
        if situation is IS_CLOSED_BY_STAFF:
            return CLOSED_BY_STAFF
        return MAY_REPLY if point.staff_initiated else NOT_STAFF_INITIATED
    if policy is POLICY_NEVER_INITIATE:
        if point.by_staff:
            return STAFF_MAY_WRITE
        if situation is IS_NEW:
            return CLIENT_MAY_NOT_START
        if situation is IS_AUTO_CLOSED:
            return AUTO_CLOSED
        if situation is IS_CLOSED_BY_STAFF:
            return CLOSED_BY_STAFF
        return MAY_REPLY_ANY_TIME
    if policy is POLICY_ASSIGNED_CLIENTS_ONLY:
        if point.assigned is BY_THIS:
            return ASSIGNED
        if point.assigned is BY_NONE and not point.by_staff:
            return NO_ASSIGNED_STAFF
        return NOT_ON_ROSTER
    if policy is POLICY_ALL_CLIENTS:
        return STAFF_MAY_WRITE if point.by_staff else ANY_CLIENT
    return POLICY_UNKNOWN


def _readable(facts: WritingFacts) -> bool:
    clients = facts.clients
    for each in clients.values():
        if each.is_active:
            break
    else:
        return False
    for one in facts.staff.values():
        if one.is_active:
            if one.views is REACH_EVERYTHING:
                return True
            if one.views is REACH_ASSIGNED:
                for client_id in clients:
                    if client_id not in one.assigned:
                        break
                else:
                    return True
    return False


def _could_start(facts: WritingFacts) -> bool:
    assigned = facts.policies[-1].policy is POLICY_ASSIGNED_CLIENTS_ONLY
    for one in facts.staff.values():
        if one.is_active and one.takes_messages:
            if assigned and facts.actor.client_id not in one.assigned:
                continue
            if one.views is REACH_EVERYTHING:
                return True
            if one.views is REACH_ASSIGNED:
                for client_id in facts.clients:
                    if client_id not in one.assigned:
                        break
                else:
                    return True
    return False


def _by_policy(  # noqa: C901, PLR0911 - if and elif, on purpose
    facts: WritingFacts, talk: Conversation, me: Counterpart, *, is_closed_by_itself: bool
) -> Decision:
    policy, is_closed = facts.policies[-1].policy, talk.closed_at is not None
    if policy is POLICY_ALL_CLIENTS or policy is POLICY_ASSIGNED_CLIENTS_ONLY:
        if policy is POLICY_ASSIGNED_CLIENTS_ONLY:
            for one in facts.staff.values():
                if me.client_id in one.assigned and one.is_active:
                    break
            else:
                return NOT_ON_ROSTER if me.is_on_a_roster else NO_ASSIGNED_STAFF
        if is_closed and not _could_start(facts):
            return CLOSED_BY_STAFF
        if is_closed_by_itself and not _could_start(facts):
            return AUTO_CLOSED
        return ANY_CLIENT if policy is POLICY_ALL_CLIENTS else ASSIGNED
    if policy is POLICY_REPLY_ONLY or policy is POLICY_NEVER_INITIATE:
        if is_closed:
            return CLOSED_BY_STAFF
        if is_closed_by_itself:
            return AUTO_CLOSED
        if policy is POLICY_NEVER_INITIATE:
            return MAY_REPLY_ANY_TIME
        return MAY_REPLY if talk.is_staff_initiated else NOT_STAFF_INITIATED
    return POLICY_UNKNOWN


def written_by_client(facts: WritingFacts, now: Moment) -> Decision:  # noqa: PLR0911
    """What `may_send_message` says to a client in a conversation there is, moments apart."""
    actor, talk, access = facts.actor, facts.conversation, facts.access
    if actor.capacity is not AS_CLIENT or actor.client_id not in facts.clients:
        return NOT_A_PARTICIPANT
    me = facts.clients[actor.client_id]
    if not me.is_active:
        return SENDER_INACTIVE
    if access is None or access.ended_at is not None or access.relationship_id is not None:
        return SENDER_WITHOUT_ACCESS
    if talk is None:
        return CLIENT_MAY_NOT_START
    if talk.is_locked:
        return LOCKED
    if not _readable(facts):
        return NOBODY_TO_READ
    closed = talk.closed_at is None and (
        auto_closed_at(talk.waiting_since, facts.policies, now) is not None
    )
    return _by_policy(facts, talk, me, is_closed_by_itself=closed)
