"""The four messaging policies as one table (MSG-1, MSG-3 to MSG-11).

A conversation passes through six situations; the policy, the side, the roster and who initiated
decide. `points` gives every row; the reference page is generated from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from itertools import product
from typing import Final, NamedTuple, TypeAlias

from clientportal.domain.practices import AnyPolicy, MessagingPolicy
from clientportal.policies.decision import Decision, Kind, allow, deny

_NOUN: Final = "conversation"

STAFF_MAY_WRITE: Final = allow("staff_may_write", _NOUN, "MSG-11")
MAY_REPLY: Final = allow("may_reply", _NOUN, "MSG-3")
MAY_REPLY_ANY_TIME: Final = allow("may_reply_any_time", _NOUN, "MSG-6")
ASSIGNED: Final = allow("assigned", _NOUN, "MSG-7")
ANY_CLIENT: Final = allow("any_client", _NOUN, "MSG-8")
STAFF_AMONG_THEMSELVES: Final = allow("staff_among_themselves", _NOUN, "MSG-2")

NOT_A_PARTICIPANT: Final = deny("not_a_participant", _NOUN, "MSG-2", Kind.HIDDEN)
CLIENT_NOT_VISIBLE: Final = deny("client_not_visible", _NOUN, "MSG-2", Kind.HIDDEN)
SENDER_INACTIVE: Final = deny("sender_inactive", _NOUN, "MSG-2")
SENDER_WITHOUT_ACCESS: Final = deny("sender_without_access", _NOUN, "MSG-2")
LOCKED: Final = deny("locked", _NOUN, "MSG-10")
NOBODY_TO_READ: Final = deny("nobody_to_read", _NOUN, "MSG-2")
POLICY_UNKNOWN: Final = deny("policy_unknown", _NOUN, "MSG-1")
CLIENT_MAY_NOT_START: Final = deny("client_may_not_start", _NOUN, "MSG-11")
NOT_STAFF_INITIATED: Final = deny("not_staff_initiated", _NOUN, "MSG-3")
AUTO_CLOSED: Final = deny("auto_closed", _NOUN, "MSG-5")
CLOSED_BY_STAFF: Final = deny("closed_by_staff", _NOUN, "MSG-10")
NOT_ON_ROSTER: Final = deny("not_on_roster", _NOUN, "MSG-7")
NO_ASSIGNED_STAFF: Final = deny("no_assigned_staff", _NOUN, "MSG-7")
NOT_TAKING_MESSAGES: Final = deny("not_taking_messages", "staff_member", "PPL-3")
PROXY_UNKNOWN: Final = deny("proxy_unknown", "relationship", "MSG-20", Kind.HIDDEN)
CLOSED_TO_PROXIES: Final = deny("closed_to_proxies", _NOUN, "MSG-20")
STAFF_CLOSES: Final = deny("staff_closes", _NOUN, "MSG-10")
NOT_CLOSED: Final = deny("not_closed", _NOUN, "MSG-10")
NOT_LOCKED: Final = deny("not_locked", _NOUN, "MSG-10")
MAY_CLOSE: Final = allow("may_close", _NOUN, "MSG-10")
MAY_REOPEN: Final = allow("may_reopen", _NOUN, "MSG-10")
MAY_UNLOCK: Final = allow("may_unlock", _NOUN, "MSG-10")
MAY_CHANGE_PARTICIPANTS: Final = allow("may_change_participants", _NOUN, "MSG-21")
MAY_JOIN_CONVERSATION: Final = allow("may_join_conversation", _NOUN, "MSG-21")
PARTICIPANTS_BY_STAFF: Final = deny("participants_by_staff", _NOUN, "MSG-21")
BEGAN_WITHOUT_CLIENTS: Final = deny("began_without_clients", _NOUN, "MSG-21")
STAFF_MAY_NOT_VIEW: Final = deny("staff_may_not_view", "staff_member", "MSG-21")
DOES_NOT_TAKE_PART: Final = deny("does_not_take_part", _NOUN, "MSG-21")
TOO_MANY_PARTICIPANTS: Final = deny("too_many_participants", _NOUN, "MSG-21")
SUCCESSOR_NEEDED: Final = deny("successor_needed", _NOUN, "MSG-16")
TOO_MANY_TO_HAND_OVER: Final = deny("too_many_to_hand_over", "staff_member", "MSG-16")
MAY_RETRACT: Final = allow("may_retract", "message", "MSG-15")
MAY_WITHDRAW_MESSAGE: Final = allow("may_withdraw_message", "message", "MSG-15")
ALREADY_WITHDRAWN: Final = allow("already_withdrawn", "message", "MSG-15")
ATTACHMENT_NOT_YOURS: Final = deny("attachment_not_yours", "message", "MSG-15", Kind.HIDDEN)
NOT_THE_AUTHOR: Final = deny("not_the_author", "message", "MSG-15")
TOO_LATE_TO_RETRACT: Final = deny("too_late_to_retract", "message", "MSG-15")
NOT_IN_CONVERSATION: Final = deny("not_in_conversation", "message", "MSG-15", Kind.HIDDEN)
MAY_READ: Final = allow("may_read", _NOUN, "MSG-5")


class Situation(Enum):
    """Where a conversation stands at a moment; `REOPENED` is open after having been closed."""

    __hash__ = object.__hash__  # as in MessagingPolicy: decisions are looked up by it

    NEW = "new"
    OPEN = "open"
    AUTO_CLOSED = "auto_closed"
    CLOSED_BY_STAFF = "closed_by_staff"
    LOCKED = "locked"
    REOPENED = "reopened"


class Assigned(Enum):
    """Whether the client is on this staff member's roster, only on others', or on nobody's."""

    __hash__ = object.__hash__

    THIS = "this"
    OTHER = "other"
    NONE = "none"


class Point(NamedTuple):
    """All that the policy itself looks at; one row of the decision table."""

    policy: AnyPolicy
    by_staff: bool
    assigned: Assigned
    staff_initiated: bool | None
    situation: Situation


Rule: TypeAlias = Callable[[Point], Decision]

# Looked up once: a member of an enumeration costs more to reach than all the comparisons.
_NEW, _LOCKED = Situation.NEW, Situation.LOCKED
_AUTO_CLOSED, _CLOSED_BY_STAFF = Situation.AUTO_CLOSED, Situation.CLOSED_BY_STAFF
_THIS, _NONE = Assigned.THIS, Assigned.NONE


def _reply_only(point: Point) -> Decision:
    if point.by_staff:
        return STAFF_MAY_WRITE
    if point.situation is _NEW:
        return CLIENT_MAY_NOT_START
    if point.situation is _AUTO_CLOSED:
        return AUTO_CLOSED
    if point.situation is _CLOSED_BY_STAFF:
        return CLOSED_BY_STAFF
    return MAY_REPLY if point.staff_initiated else NOT_STAFF_INITIATED


def _never_initiate(point: Point) -> Decision:
    if point.by_staff:
        return STAFF_MAY_WRITE
    if point.situation is _NEW:
        return CLIENT_MAY_NOT_START
    if point.situation is _AUTO_CLOSED:
        return AUTO_CLOSED
    if point.situation is _CLOSED_BY_STAFF:
        return CLOSED_BY_STAFF
    return MAY_REPLY_ANY_TIME


def _assigned_clients_only(point: Point) -> Decision:
    if point.assigned is _THIS:
        return ASSIGNED
    nobody = point.assigned is _NONE and not point.by_staff
    return NO_ASSIGNED_STAFF if nobody else NOT_ON_ROSTER


def _all_clients(point: Point) -> Decision:
    return STAFF_MAY_WRITE if point.by_staff else ANY_CLIENT


def _policy_unknown(_: Point) -> Decision:
    return POLICY_UNKNOWN


RULES: Final[Mapping[AnyPolicy, Rule]] = {
    MessagingPolicy.REPLY_ONLY: _reply_only,
    MessagingPolicy.NEVER_INITIATE: _never_initiate,
    MessagingPolicy.ASSIGNED_CLIENTS_ONLY: _assigned_clients_only,
    MessagingPolicy.ALL_CLIENTS: _all_clients,
}


def rule_of(policy: AnyPolicy) -> Rule:
    """The one plain function that *policy* comes to; anything unknown denies (MSG-1)."""
    return RULES.get(policy, _policy_unknown)


def points(policies: Iterable[AnyPolicy]) -> tuple[Point, ...]:
    """Every point of the table for *policies*, in a stable order: `NEW` has no initiator."""
    out: list[Point] = []
    for policy, by_staff, assigned in product(policies, (True, False), Assigned):
        for situation, initiated in product(Situation, (True, False, None)):
            if (situation is _NEW) == (initiated is None):
                out.append(
                    Point(
                        policy=policy,
                        by_staff=by_staff,
                        assigned=assigned,
                        staff_initiated=initiated,
                        situation=situation,
                    )
                )
    return tuple(out)


def _decided(point: Point) -> Decision:
    locked = point.situation is _LOCKED
    return LOCKED if locked else rule_of(point.policy)(point)


#: Every row, decided once: the four policies as data.
TABLE: Final[Mapping[Point, Decision]] = {
    point: _decided(point) for point in points(MessagingPolicy)
}


def decide(point: Point) -> Decision:
    """What the lock and the policy say at one point of the table, preconditions apart (MSG-11)."""
    try:
        return TABLE[point]
    except KeyError:  # a policy that a newer version stored
        return _decided(point)
