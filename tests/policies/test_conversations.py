"""Who may write to whom: preconditions, four policies, the clock (MSG-1 to MSG-11, PPL-3)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ALL,
    ANN,
    AS_ANN,
    AS_BEN,
    AS_DORA,
    AS_PIA,
    AS_ROB,
    BEGAN,
    BEN,
    BOND,
    DAY,
    HOUR,
    INSTANT,
    NONE,
    NOW,
    OWN,
    PIA,
    ROB,
    SYSTEM,
    TOM,
    VISITOR,
    access,
    bond,
    correspondent,
    counterpart,
    said,
)

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant, Person
from clientportal.domain.ids import ClientId, ConversationId, RelationshipId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy, PolicySince, UnknownPolicy
from clientportal.domain.relationships import Scope
from clientportal.policies.conversations import (
    may_close_conversation,
    may_name_proxies,
    may_read_conversation,
    may_reopen_conversation,
    may_send_message,
    may_start_conversation,
    may_unlock_conversation,
)
from clientportal.policies.correspondence import (
    Correspondent,
    Counterpart,
    WritingFacts,
    point_of,
    situation_of,
)
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.messaging import (
    RULES,
    Assigned,
    Point,
    Situation,
    decide,
    points,
    rule_of,
)

REPLY, NEVER, ASSIGNED, EVERYBODY = MessagingPolicy
UNKNOWN = UnknownPolicy("replies_only")
LIMIT = 48 * HOUR
TALK = ConversationId("cnv_1")
EXPIRED = RelationshipId("rel_9")


def with_pia(*assigned: ClientId, **given: Any) -> Correspondent:
    """Pia, who may view everybody unless said otherwise."""
    return correspondent(PIA, *assigned, **given)


def with_rob(*assigned: ClientId, **given: Any) -> Correspondent:
    """Rob, likewise."""
    return correspondent(ROB, *assigned, **given)


def team(*people: Correspondent) -> Mapping[StaffId, Correspondent]:
    """The staff who take part."""
    return {each.staff_id: each for each in people}


def clients(*people: Counterpart) -> Mapping[ClientId, Counterpart]:
    """The clients who take part."""
    return {each.client_id: each for each in people}


def since(policy: Any, at: Moment = BEGAN) -> tuple[PolicySince, ...]:
    """A policy that holds since long ago."""
    return (PolicySince(policy, at),)


def talk(**given: Any) -> Conversation:
    """A conversation in which staff wrote an hour ago."""
    start = {
        "id": TALK,
        "last_sequence": 1,
        "last_at": NOW - HOUR,
        "is_staff_initiated": True,
        "waiting_since": NOW - HOUR,
    }
    return Conversation(**{**start, **given})


def part(person: Person, *, left: bool = False, joined: int = 0, read: int = 0) -> Participant:
    """That somebody takes part since the message *joined*, or left after having seen *read*."""
    gone = {"until": NOW - HOUR, "until_sequence": read} if left else {}
    return Participant(
        conversation_id=TALK, person=person, since=BEGAN, from_sequence=joined, **gone
    )


def facts(
    who: Actor = AS_ANN, policy: Any = REPLY, conversation: Conversation | None = None, **given: Any
) -> WritingFacts:
    """Ann with access, Pia who takes part, a policy since long ago."""
    start = {
        "actor": who,
        "policies": since(policy),
        "clients": clients(counterpart()),
        "staff": team(with_pia()),
        "access": access() if who.is_client else None,
        "conversation": conversation,
    }
    return WritingFacts(**{**start, **given})


def answering(who: Actor = AS_ANN, policy: Any = REPLY, **given: Any) -> WritingFacts:
    """The same in a conversation where staff wrote an hour ago."""
    return facts(who, policy, **{"conversation": talk(), **given})


def for_ann(policy: Any = REPLY, **given: Any) -> WritingFacts:
    """Dora would start for Ann, with all that she needs."""
    start = {"access": access(through=BOND), "bond": bond(Scope.MESSAGES)}
    return facts(AS_DORA, policy, **{**start, **given})


def answering_for_ann(policy: Any = REPLY, **given: Any) -> WritingFacts:
    """Dora takes part in a conversation of Ann's where staff wrote an hour ago."""
    return for_ann(policy, **{"conversation": talk(), "participant": part(BOND), **given})


def among_staff(who: Actor = AS_PIA, policy: Any = REPLY, **given: Any) -> WritingFacts:
    """Pia and Rob among themselves, without a client."""
    start = {
        "clients": {},
        "staff": team(with_pia(), with_rob()),
        "conversation": talk(is_among_staff=True, waiting_since=None),
    }
    return facts(who, policy, **{**start, **given})


# --- The table (MSG-11) --------------------------------------------------------------------------

THIS, OTHER, NOBODY = Assigned
NEW, OPEN, AUTO, BY_HAND, LOCKED, REOPENED = Situation


def point(policy: Any, *, by_staff: bool, **given: Any) -> Point:
    """A row of the table; staff wrote first and the client is on this roster."""
    start = {"assigned": THIS, "situation": OPEN, "staff_initiated": True}
    return Point(policy=policy, by_staff=by_staff, **{**start, **given})


def ann(policy: Any, situation: Situation, **given: Any) -> Point:
    """A row for a client."""
    initiated = None if situation is NEW else True
    return point(
        policy, by_staff=False, situation=situation, **{"staff_initiated": initiated, **given}
    )


def pia(policy: Any, situation: Situation, **given: Any) -> Point:
    """A row for a staff member."""
    return ann(policy, situation, **given)._replace(by_staff=True)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        pytest.param(
            ann(REPLY, NEW),
            (False, "client_may_not_start"),
            id="reply-only: a client may not start",
        ),
        pytest.param(
            ann(REPLY, OPEN),
            (True, "may_reply"),
            id="reply-only: a client may answer staff while open",
        ),
        pytest.param(
            ann(REPLY, OPEN, staff_initiated=False),
            (False, "not_staff_initiated"),
            id="reply-only: a client may not answer where staff never wrote",
        ),
        pytest.param(
            ann(REPLY, AUTO), (False, "auto_closed"), id="reply-only: not once it closed by itself"
        ),
        pytest.param(
            ann(REPLY, AUTO, staff_initiated=False),
            (False, "auto_closed"),
            id="reply-only: closed comes before who began",
        ),
        pytest.param(
            ann(REPLY, BY_HAND),
            (False, "closed_by_staff"),
            id="reply-only: not once staff closed it",
        ),
        pytest.param(
            ann(REPLY, REOPENED), (True, "may_reply"), id="reply-only: again once reopened"
        ),
        pytest.param(ann(REPLY, LOCKED), (False, "locked"), id="reply-only: a lock binds clients"),
        pytest.param(pia(REPLY, NEW), (True, "staff_may_write"), id="reply-only: staff start"),
        pytest.param(
            pia(REPLY, AUTO),
            (True, "staff_may_write"),
            id="reply-only: staff write where it is closed",
        ),
        pytest.param(
            pia(REPLY, BY_HAND, assigned=NOBODY),
            (True, "staff_may_write"),
            id="reply-only: whoever's roster",
        ),
        pytest.param(
            pia(REPLY, LOCKED), (False, "locked"), id="reply-only: a lock binds staff too"
        ),
        pytest.param(
            ann(NEVER, NEW),
            (False, "client_may_not_start"),
            id="never-initiate: a client may not start",
        ),
        pytest.param(
            ann(NEVER, OPEN),
            (True, "may_reply_any_time"),
            id="never-initiate: a client answers what is open",
        ),
        pytest.param(
            ann(NEVER, OPEN, staff_initiated=False),
            (True, "may_reply_any_time"),
            id="never-initiate: whoever began",
        ),
        pytest.param(
            ann(NEVER, AUTO), (False, "auto_closed"), id="never-initiate: a leftover stays closed"
        ),
        pytest.param(
            ann(NEVER, BY_HAND),
            (False, "closed_by_staff"),
            id="never-initiate: so does what staff closed",
        ),
        pytest.param(
            pia(NEVER, AUTO), (True, "staff_may_write"), id="never-initiate: staff write anywhere"
        ),
        pytest.param(
            ann(ASSIGNED, NEW),
            (True, "assigned"),
            id="assigned: a client starts with assigned staff",
        ),
        pytest.param(
            ann(ASSIGNED, AUTO), (True, "assigned"), id="assigned: and reopens a leftover"
        ),
        pytest.param(
            ann(ASSIGNED, OPEN, assigned=OTHER),
            (False, "not_on_roster"),
            id="assigned: not with others' staff",
        ),
        pytest.param(
            ann(ASSIGNED, NEW, assigned=NOBODY),
            (False, "no_assigned_staff"),
            id="assigned: nobody assigned at all",
        ),
        pytest.param(
            pia(ASSIGNED, NEW), (True, "assigned"), id="assigned: staff start with their roster"
        ),
        pytest.param(
            pia(ASSIGNED, OPEN, assigned=OTHER),
            (False, "not_on_roster"),
            id="assigned: it binds staff too",
        ),
        pytest.param(
            pia(ASSIGNED, NEW, assigned=NOBODY),
            (False, "not_on_roster"),
            id="assigned: staff hear of their roster",
        ),
        pytest.param(
            ann(EVERYBODY, NEW, assigned=NOBODY),
            (True, "any_client"),
            id="all clients: anybody starts",
        ),
        pytest.param(ann(EVERYBODY, AUTO), (True, "any_client"), id="all clients: and reopens"),
        pytest.param(
            pia(EVERYBODY, OPEN), (True, "staff_may_write"), id="all clients: staff write"
        ),
        pytest.param(
            ann(UNKNOWN, OPEN), (False, "policy_unknown"), id="unknown: no client answers"
        ),
        pytest.param(pia(UNKNOWN, NEW), (False, "policy_unknown"), id="unknown: no staff start"),
        pytest.param(pia(UNKNOWN, LOCKED), (False, "locked"), id="unknown: after the lock"),
    ],
)
def test_the_table(row: Point, expected: tuple[bool, str]) -> None:
    """MSG-1, MSG-3 to MSG-11: what lock and policy say at one point."""
    assert said(decide(row)) == expected


def test_every_point_is_decided_and_explained() -> None:
    """MSG-11: the table is total, for a policy that nobody knows too."""
    rows = points((*MessagingPolicy, UNKNOWN))
    assert len(rows) == len(set(rows)) == 5 * 2 * 3 * 11
    assert all(decide(row).reason.rule.startswith("MSG-") for row in rows)
    assert set(RULES) == set(MessagingPolicy)
    assert said(rule_of(UNKNOWN)(rows[0])) == (False, "policy_unknown")


def test_starting_is_monotone() -> None:
    """MSG-19: reply only = never initiate <= assigned clients only <= all clients."""
    for assigned in Assigned:
        row = [bool(decide(ann(policy, NEW, assigned=assigned))) for policy in MessagingPolicy]
        assert row[0] == row[1] <= row[2] <= row[3]


# --- Preconditions (MSG-2) -----------------------------------------------------------------------


def in_turn(worst: WritingFacts, steps: list[tuple[str, dict[str, Any]]]) -> None:
    """Each reason in its turn, as what stands in the way is taken away."""
    for code, better in steps:
        assert may_send_message(worst, NOW).reason.code == code
        worst = evolve(worst, **better)


def test_a_client_hears_the_first_reason_in_the_order_of_the_rules() -> None:
    """MSG-2: taking the reasons away one by one shows them in their order."""
    worst = answering(
        AS_BEN,
        UNKNOWN,
        clients=clients(counterpart(archived=True)),
        access=None,
        conversation=talk(is_locked=True),
        staff=team(with_pia(left=True)),
    )
    in_turn(
        worst,
        [
            ("not_a_participant", {"actor": AS_ANN}),
            ("sender_inactive", {"clients": clients(counterpart())}),
            ("sender_without_access", {"access": access()}),
            ("locked", {"conversation": talk()}),
            ("nobody_to_read", {"staff": team(with_pia())}),
            ("policy_unknown", {"policies": since(REPLY)}),
            ("may_reply", {}),
        ],
    )


def test_a_staff_member_hears_the_first_reason_in_the_order_of_the_rules() -> None:
    """MSG-2: participant, permission to view, active, lock, somebody on the other side, policy."""
    worst = answering(
        AS_PIA,
        UNKNOWN,
        clients=clients(counterpart(archived=True)),
        conversation=talk(is_locked=True),
        staff=team(with_rob()),
    )
    in_turn(
        worst,
        [
            ("not_a_participant", {"staff": team(with_pia(left=True, view=OWN))}),
            ("client_not_visible", {"staff": team(with_pia(left=True))}),
            ("sender_inactive", {"staff": team(with_pia())}),
            ("locked", {"conversation": talk()}),
            ("nobody_to_read", {"clients": clients(counterpart())}),
            ("policy_unknown", {"policies": since(REPLY)}),
            ("staff_may_write", {}),
        ],
    )


def test_a_proxy_hears_the_first_reason_in_the_order_of_the_rules() -> None:
    """MSG-2, MSG-20: as the client, and between access and lock what the grant leaves out."""
    worst = answering_for_ann(
        UNKNOWN,
        participant=None,
        clients=clients(counterpart(archived=True)),
        access=access(through=BOND, ended=True),
        bond=bond(Scope.JOIN),
        conversation=talk(is_locked=True),
        staff=team(with_pia(left=True)),
    )
    in_turn(
        worst,
        [
            ("not_a_participant", {"participant": part(BOND)}),
            ("sender_inactive", {"clients": clients(counterpart())}),
            ("sender_without_access", {"access": access(through=BOND)}),
            ("not_in_grant", {"bond": bond(Scope.MESSAGES)}),
            ("locked", {"conversation": talk()}),
            ("nobody_to_read", {"staff": team(with_pia())}),
            ("policy_unknown", {"policies": since(REPLY)}),
            ("may_reply", {}),
        ],
    )


def test_what_a_start_adds_comes_between_the_readers_and_the_policy() -> None:
    """MSG-10, PPL-3: each of those named must be there and take messages."""
    worst = facts(policy=ASSIGNED, staff=team(with_pia(), with_rob(ANN, left=True)))
    steps: list[tuple[str, dict[str, Any]]] = [
        ("nobody_to_read", {"staff": team(with_pia(), with_rob(ANN, takes_messages=False))}),
        ("not_taking_messages", {"staff": team(with_pia(), with_rob(ANN))}),
        ("no_assigned_staff", {"clients": clients(counterpart(rostered=True))}),
        ("not_on_roster", {"staff": team(with_rob(ANN))}),
        ("assigned", {}),
    ]
    for code, better in steps:
        assert may_start_conversation(worst, NOW).reason.code == code
        worst = evolve(worst, **better)


@pytest.mark.parametrize("policy", [*MessagingPolicy, UNKNOWN])
def test_a_client_names_only_staff_who_can_read(policy: Any) -> None:
    """MSG-2, MSG-10: under any policy each of those named is active and may view the client."""
    blind = facts(policy=policy, staff=team(with_pia(ANN), with_rob(view=OWN)))
    assert said(may_start_conversation(blind, NOW)) == (False, "nobody_to_read")


@pytest.mark.parametrize("who", [AS_BEN, AS_DORA, VISITOR, SYSTEM, evolve(AS_PIA, staff_id=TOM)])
@pytest.mark.parametrize("policy", [*MessagingPolicy, UNKNOWN])
def test_outsiders_never(who: Actor, policy: Any) -> None:
    """MSG-2, MSG-21: to whoever takes no part it does not exist, whatever the policy."""
    inside = answering(who, policy, clients=clients(counterpart(rostered=True)))
    for decision in (
        may_send_message(inside, NOW),
        may_start_conversation(evolve(inside, conversation=None), NOW),
        may_read_conversation(inside),
        may_close_conversation(inside),
        may_reopen_conversation(inside, NOW),
        may_unlock_conversation(inside),
    ):
        assert not decision
        assert decision.reason.kind is Kind.HIDDEN


def test_hidden_are_exactly_the_two_reasons_of_the_rule() -> None:
    """MSG-2: not a participant, not permitted to view; all later reasons are spoken."""
    not_mine = may_send_message(answering(evolve(AS_PIA, staff_id=TOM)), NOW)
    unseen = may_send_message(answering(AS_PIA, staff=team(with_pia(view=NONE))), NOW)
    left = may_send_message(answering(AS_PIA, staff=team(with_pia(left=True))), NOW)
    assert [each.reason.kind for each in (not_mine, unseen, left)] == [
        Kind.HIDDEN,
        Kind.HIDDEN,
        Kind.REFUSED,
    ]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        pytest.param((), "nobody_to_read", id="nobody takes part"),
        pytest.param((with_pia(left=True),), "nobody_to_read", id="the only one left"),
        pytest.param(
            (with_pia(view=NONE),), "nobody_to_read", id="the only one may not view the client"
        ),
        pytest.param((with_pia(ANN, view=OWN),), "may_reply", id="one may view by the roster"),
        pytest.param(
            (with_pia(left=True), with_rob()),
            "may_reply",
            id="inactive members are skipped while one is there",
        ),
    ],
)
def test_somebody_must_read(people: tuple[Correspondent, ...], expected: str) -> None:
    """MSG-2, MSG-16: one active, permitted staff participant."""
    assert may_send_message(answering(staff=team(*people)), NOW).reason.code == expected


def test_who_takes_no_messages_stays_answerable() -> None:
    """PPL-3: may not be started with under any policy; open conversations stay answerable."""
    quiet = team(with_pia(ANN, takes_messages=False))
    for policy in MessagingPolicy:
        started = may_start_conversation(facts(policy=policy, staff=quiet), NOW)
        assert started.reason.code == "not_taking_messages"
        assert may_send_message(answering(policy=policy, staff=quiet), NOW)


@pytest.mark.parametrize("policy", [ASSIGNED, EVERYBODY])
@pytest.mark.parametrize(
    ("closed", "code"),
    [
        pytest.param(talk(closed_at=NOW - HOUR), "closed_by_staff", id="by hand"),
        pytest.param(talk(waiting_since=NOW - 60 * HOUR), "auto_closed", id="by itself"),
    ],
)
def test_a_leftover_reopens_only_for_who_might_start(
    policy: Any, closed: Conversation, code: str
) -> None:
    """MSG-9, PPL-3: what is closed stays so where the client may start with nobody in it."""
    history = (*since(REPLY), *since(policy, NOW - HOUR))
    base = answering(conversation=closed, policies=history, staff=team(with_pia(ANN)))
    assert may_send_message(base, NOW)
    quiet = with_pia(ANN, takes_messages=False)
    assert said(may_send_message(evolve(base, staff=team(quiet)), NOW)) == (False, code)
    both = evolve(base, staff=team(quiet, with_rob()))
    assert bool(may_send_message(both, NOW)) is (policy is EVERYBODY)
    assert may_send_message(evolve(base, staff=team(quiet), actor=AS_PIA), NOW)


# --- Proxies (MSG-20) ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "less",
    [
        pytest.param({"participant": None}, id="who takes no part"),
        pytest.param({"participant": part(BOND, left=True)}, id="who was removed"),
        pytest.param({"bond": None}, id="without a relationship"),
        pytest.param({"bond": bond(Scope.MESSAGES, ended=True)}, id="whose grant ended"),
        pytest.param(
            {"bond": evolve(bond(Scope.MESSAGES), id=EXPIRED)}, id="through another relationship"
        ),
        pytest.param({"clients": clients(counterpart(BEN))}, id="whose client takes no part"),
        pytest.param({"conversation": talk(is_closed_to_proxies=True)}, id="closed to proxies"),
    ],
)
@pytest.mark.parametrize("policy", [*MessagingPolicy, UNKNOWN])
def test_to_a_proxy_without_a_part_it_does_not_exist(policy: Any, less: dict[str, Any]) -> None:
    """MSG-20: a proxy writes where they take part, under a grant that holds, unless closed."""
    decision = may_send_message(answering_for_ann(policy, **less), NOW)
    assert not decision
    assert decision.reason.kind is Kind.HIDDEN


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"access": access()}, id="the client's own access is not theirs"),
        pytest.param({"access": None}, id="none at all"),
        pytest.param({"access": access(through=BOND, ended=True)}, id="access that ended"),
    ],
)
def test_a_proxy_needs_access_of_their_own(given: dict[str, Any]) -> None:
    """MSG-2: a proxy writes and reads through their own live access."""
    base = answering_for_ann(**given)
    assert said(may_send_message(base, NOW)) == (False, "sender_without_access")
    assert said(may_read_conversation(base)) == (False, "sender_without_access")


def test_the_access_of_a_proxy_does_not_let_the_client_in() -> None:
    """MSG-2: nor does a client write through what opens the portal to a proxy."""
    base = answering(access=access(through=BOND))
    assert said(may_send_message(base, NOW)) == (False, "sender_without_access")


@pytest.mark.parametrize(
    ("policy", "start", "answer"),
    [
        pytest.param(REPLY, "client_may_not_start", "may_reply", id="reply only"),
        pytest.param(NEVER, "client_may_not_start", "may_reply_any_time", id="never initiate"),
        pytest.param(ASSIGNED, "no_assigned_staff", "no_assigned_staff", id="assigned clients"),
        pytest.param(EVERYBODY, "any_client", "any_client", id="all clients"),
        pytest.param(UNKNOWN, "policy_unknown", "policy_unknown", id="unknown"),
    ],
)
def test_a_proxy_is_in_the_column_of_the_client(policy: Any, start: str, answer: str) -> None:
    """MSG-20: policy, roster and clock are the client's."""
    assert may_start_conversation(for_ann(policy), NOW).reason.code == start
    assert may_send_message(answering_for_ann(policy), NOW).reason.code == answer
    late = talk(waiting_since=NOW - LIMIT)
    closed = may_send_message(answering_for_ann(policy, conversation=late), NOW)
    mine = may_send_message(answering(policy=policy, conversation=late), NOW)
    assert closed == mine


def test_the_roster_of_a_proxy_is_the_clients() -> None:
    """MSG-7, MSG-20: a proxy writes to whom the client is assigned."""
    assert may_start_conversation(for_ann(ASSIGNED, staff=team(with_pia(ANN))), NOW)
    others = for_ann(
        ASSIGNED, staff=team(with_pia(BEN)), clients=clients(counterpart(rostered=True))
    )
    assert said(may_start_conversation(others, NOW)) == (False, "not_on_roster")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param({}, (True, "may_read"), id="who takes part"),
        pytest.param(
            {"participant": part(BOND, left=True)}, (True, "may_read"), id="who was removed"
        ),
        pytest.param(
            {"clients": clients(counterpart(archived=True))},
            (True, "may_read"),
            id="for an archived client",
        ),
        pytest.param(
            {"bond": bond(Scope.JOIN)}, (False, "not_in_grant"), id="not without the scope"
        ),
        pytest.param(
            {"bond": bond(Scope.MESSAGES, ended=True)},
            (False, "not_a_participant"),
            id="not once the grant ended",
        ),
        pytest.param(
            {"participant": None}, (False, "not_a_participant"), id="not who never took part"
        ),
        pytest.param(
            {"conversation": talk(is_closed_to_proxies=True)},
            (False, "not_a_participant"),
            id="not what is closed to proxies",
        ),
    ],
)
def test_a_proxy_reads(given: dict[str, Any], expected: tuple[bool, str]) -> None:
    """MSG-20, MSG-21: where they take part, or did, while the grant holds."""
    assert said(may_read_conversation(answering_for_ann(**given))) == expected


@pytest.mark.parametrize(
    ("who", "named", "closed", "expected"),
    [
        pytest.param(AS_PIA, (), False, None, id="nobody named"),
        pytest.param(AS_PIA, (BOND,), False, None, id="whose grant lets them"),
        pytest.param(AS_PIA, (EXPIRED,), False, "proxy_unknown", id="whose grant does not"),
        pytest.param(AS_PIA, (BOND, EXPIRED), False, "proxy_unknown", id="one of them"),
        pytest.param(AS_PIA, (), True, None, id="closed to proxies, and none named"),
        pytest.param(AS_PIA, (BOND,), True, "closed_to_proxies", id="both at once"),
        pytest.param(AS_PIA, (EXPIRED,), True, "closed_to_proxies", id="closed comes first"),
        pytest.param(AS_ANN, (), True, None, id="a client closes it to proxies"),
        pytest.param(
            AS_DORA, (), True, "closed_to_proxies", id="a proxy would shut themselves out"
        ),
    ],
)
def test_naming_proxies(
    who: Actor, named: tuple[RelationshipId, ...], closed: bool, expected: str | None
) -> None:
    """MSG-20: who starts names proxies whose grant lets them, or closes it to all."""
    base = facts(who)
    denied = may_name_proxies(base, frozenset(named), frozenset({BOND}), closed=closed)
    assert (None if denied is None else denied.reason.code) == expected


def test_a_proxy_who_is_unknown_is_hidden() -> None:
    """MSG-20: a relationship that grants nothing is told from none by nobody."""
    named = frozenset({EXPIRED})
    denied = may_name_proxies(facts(AS_PIA), named, frozenset(), closed=False)
    assert denied is not None
    assert denied.reason.kind is Kind.HIDDEN


# --- Rosters and groups (MSG-7, MSG-10) ----------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "pias", "robs", "expected"),
    [
        pytest.param(
            AS_ANN, (ANN,), (), "assigned", id="one assigned staff member is enough for an answer"
        ),
        pytest.param(AS_ANN, (), (ANN,), "assigned", id="whichever of them it is"),
        pytest.param(AS_ANN, (), (), "not_on_roster", id="none of those in it is assigned"),
        pytest.param(AS_PIA, (ANN,), (), "assigned", id="staff by their own roster"),
        pytest.param(AS_PIA, (), (ANN,), "not_on_roster", id="not by a colleague's"),
    ],
)
def test_groups_of_staff(
    who: Actor, pias: tuple[ClientId, ...], robs: tuple[ClientId, ...], expected: str
) -> None:
    """MSG-7: a client needs one assigned active participant, staff their own roster."""
    group = answering(
        who,
        ASSIGNED,
        staff=team(with_pia(*pias), with_rob(*robs)),
        clients=clients(counterpart(rostered=True)),
    )
    assert may_send_message(group, NOW).reason.code == expected
    assert may_read_conversation(group)


@pytest.mark.parametrize(
    ("who", "pias", "robs", "expected"),
    [
        pytest.param(AS_PIA, (ANN, BEN), (), "assigned", id="staff with every client"),
        pytest.param(AS_PIA, (ANN,), (BEN,), "not_on_roster", id="not staff with one of them"),
        pytest.param(AS_ANN, (ANN,), (), "assigned", id="a client with somebody"),
        pytest.param(AS_ANN, (BEN,), (BEN,), "not_on_roster", id="not by another client's"),
        pytest.param(AS_BEN, (ANN,), (ANN,), "no_assigned_staff", id="nobody's client at all"),
    ],
)
def test_groups_of_clients(
    who: Actor, pias: tuple[ClientId, ...], robs: tuple[ClientId, ...], expected: str
) -> None:
    """MSG-7: staff by every active client in it, a client by one staff member assigned to them."""
    group = answering(
        who,
        ASSIGNED,
        access=evolve(access(), client_id=who.client_id or ANN),
        staff=team(with_pia(*pias), with_rob(*robs)),
        clients=clients(
            counterpart(rostered=True), counterpart(BEN, rostered=BEN in (*pias, *robs))
        ),
    )
    assert may_send_message(group, NOW).reason.code == expected


@pytest.mark.parametrize(
    ("who", "pias", "rostered", "expected"),
    [
        pytest.param(AS_PIA, (ANN, BEN), (ANN, BEN), THIS, id="staff with all of them"),
        pytest.param(AS_PIA, (ANN,), (ANN,), OTHER, id="staff with some of them"),
        pytest.param(AS_PIA, (), (BEN,), OTHER, id="staff where others have some"),
        pytest.param(AS_PIA, (), (), NOBODY, id="staff where nobody has any"),
        pytest.param(AS_ANN, (ANN,), (ANN,), THIS, id="a client with somebody in it"),
        pytest.param(AS_ANN, (BEN,), (ANN, BEN), OTHER, id="a client with somebody else"),
        pytest.param(AS_ANN, (BEN,), (BEN,), NOBODY, id="a client with nobody"),
    ],
)
def test_the_column_of_the_table(
    who: Actor, pias: tuple[ClientId, ...], rostered: tuple[ClientId, ...], expected: Assigned
) -> None:
    """MSG-7, MSG-11: the roster puts staff and clients into a column of the table."""
    group = answering(
        who,
        ASSIGNED,
        staff=team(with_pia(*pias)),
        clients=clients(*(counterpart(one, rostered=one in rostered) for one in (ANN, BEN))),
    )
    assert point_of(group, NOW).assigned is expected


def test_one_policy_alone_looks_at_rosters() -> None:
    """MSG-11: under every other policy each column of the table says the same."""
    free = [point for point in points(MessagingPolicy) if point.policy is not ASSIGNED]
    assert all(decide(point) is decide(point._replace(assigned=NOBODY)) for point in free)
    assert point_of(answering(AS_PIA, EVERYBODY, staff=team(with_pia(ANN))), NOW).assigned is NOBODY


def test_an_archived_client_of_a_group_is_skipped() -> None:
    """MSG-2, MSG-7: of a group the inactive are skipped, by readers and rosters alike."""
    half = clients(counterpart(), counterpart(BEN, archived=True))
    mine = answering(AS_PIA, ASSIGNED, clients=half, staff=team(with_pia(ANN)))
    assert said(may_send_message(mine, NOW)) == (True, "assigned")
    active = evolve(mine, clients=clients(counterpart(), counterpart(BEN)))
    assert said(may_send_message(active, NOW)) == (False, "not_on_roster")
    nobody = clients(counterpart(archived=True), counterpart(BEN, archived=True))
    gone = may_send_message(evolve(mine, clients=nobody), NOW)
    assert said(gone) == (False, "nobody_to_read")


def test_a_group_is_seen_by_who_may_view_all_its_clients() -> None:
    """MSG-7, PPL-3: also the archived; who may view only some neither writes nor reads."""
    both = clients(counterpart(), counterpart(BEN, archived=True))
    half = answering(AS_PIA, clients=both, staff=team(with_pia(ANN, view=OWN)))
    assert may_send_message(half, NOW).reason.code == "client_not_visible"
    assert may_read_conversation(half).reason.code == "client_not_visible"
    whole = evolve(half, staff=team(with_pia(ANN, BEN, view=OWN)))
    assert may_send_message(whole, NOW)
    assert may_send_message(evolve(half, actor=AS_ANN, access=access()), NOW).reason.code == (
        "nobody_to_read"
    )


@pytest.mark.parametrize("policy", [*MessagingPolicy, UNKNOWN])
@pytest.mark.parametrize("who", [AS_ANN, AS_DORA])
@pytest.mark.parametrize("named", [(), (ANN, BEN), (BEN,)])
def test_a_client_starts_for_themselves_alone(
    who: Actor, policy: Any, named: tuple[ClientId, ...]
) -> None:
    """MSG-2, MSG-10: client to client is always denied, and nobody starts for another."""
    everybody = team(with_pia(ANN, BEN))
    base = for_ann(policy, staff=everybody) if who.is_proxy else facts(who, policy, staff=everybody)
    crowd = evolve(base, clients=clients(*map(counterpart, named)))
    assert may_start_conversation(crowd, NOW).reason.kind is Kind.HIDDEN


def test_a_client_names_at_least_one_staff_member() -> None:
    """MSG-10: without staff there is nobody to read."""
    alone = facts(policy=EVERYBODY, staff={})
    assert said(may_start_conversation(alone, NOW)) == (False, "nobody_to_read")


def test_staff_start_groups() -> None:
    """MSG-10: groups are created by staff, under assigned clients only with their own."""
    both = clients(counterpart(), counterpart(BEN))
    for policy in MessagingPolicy:
        group = facts(AS_PIA, policy, clients=both, staff=team(with_pia(ANN, BEN)))
        assert may_start_conversation(group, NOW)
    half = facts(AS_PIA, ASSIGNED, clients=both, staff=team(with_pia(ANN)))
    assert said(may_start_conversation(half, NOW)) == (False, "not_on_roster")


def test_an_assigned_participant_who_left_does_not_count() -> None:
    """MSG-7: at least one *active* staff participant is assigned."""
    group = answering(
        policy=ASSIGNED,
        staff=team(with_pia(), with_rob(ANN, left=True)),
        clients=clients(counterpart(rostered=True)),
    )
    assert said(may_send_message(group, NOW)) == (False, "not_on_roster")


def test_who_may_view_everybody_is_bound_by_rosters_too() -> None:
    """MSG-7: it binds every role; there is no silent exception for owners."""
    owner = facts(AS_PIA, ASSIGNED, staff=team(with_pia(view=ALL)))
    assert said(may_start_conversation(owner, NOW)) == (False, "not_on_roster")


# --- Staff among themselves (MSG-2) --------------------------------------------------------------


@pytest.mark.parametrize("policy", [*MessagingPolicy, UNKNOWN])
def test_staff_among_themselves_are_under_no_policy(policy: Any) -> None:
    """MSG-2: it is never subject to the policy, an unknown one neither, nor to rosters."""
    base = among_staff(policy=policy)
    expected = (True, "staff_among_themselves")
    assert said(may_send_message(base, NOW)) == expected
    assert said(may_start_conversation(evolve(base, conversation=None), NOW)) == expected
    assert said(may_read_conversation(base)) == (True, "may_read")


def test_staff_among_themselves_need_no_permission_to_view() -> None:
    """MSG-2: where no client takes part there is none to view."""
    blind = among_staff(staff=team(with_pia(view=NONE), with_rob(view=NONE)))
    assert may_send_message(blind, NOW)
    assert may_read_conversation(blind)


def test_staff_among_themselves_never_close_by_themselves() -> None:
    """MSG-2: no 48 hours run."""
    asked = may_send_message(among_staff(), NOW + 1000 * DAY)
    assert asked == Decision(True, asked.reason)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        pytest.param(
            {"actor": evolve(AS_PIA, staff_id=TOM)}, "not_a_participant", id="who takes no part"
        ),
        pytest.param({"actor": AS_ANN}, "not_a_participant", id="a client"),
        pytest.param({"actor": AS_DORA}, "not_a_participant", id="a proxy"),
        pytest.param(
            {"staff": team(with_pia(left=True), with_rob())}, "sender_inactive", id="who left"
        ),
        pytest.param(
            {"conversation": talk(is_among_staff=True, is_locked=True)}, "locked", id="locked"
        ),
        pytest.param({"staff": team(with_pia())}, "nobody_to_read", id="alone"),
        pytest.param(
            {"staff": team(with_pia(), with_rob(left=True))}, "nobody_to_read", id="the other left"
        ),
    ],
)
def test_what_binds_staff_among_themselves(given: dict[str, Any], expected: str) -> None:
    """MSG-2: the preconditions do."""
    decision = may_send_message(evolve(among_staff(), **given), NOW)
    assert said(decision) == (False, expected)


def test_a_conversation_whose_clients_left_is_not_among_staff() -> None:
    """MSG-2, MSG-21: that began with a client, so that nobody is left to read it."""
    emptied = answering(AS_PIA, EVERYBODY, clients={}, staff=team(with_pia(), with_rob()))
    assert said(may_send_message(emptied, NOW)) == (False, "nobody_to_read")
    assert may_read_conversation(emptied)


# --- The clock (MSG-4, MSG-5, MSG-9, MSG-10) -----------------------------------------------------


@pytest.mark.parametrize(
    ("waited", "expected"),
    [
        pytest.param(
            LIMIT - INSTANT, (True, "may_reply"), id="a microsecond before 48 hours it is open"
        ),
        pytest.param(LIMIT, (False, "auto_closed"), id="from exactly 48 hours it is closed"),
        pytest.param(LIMIT + INSTANT, (False, "auto_closed"), id="and stays so"),
    ],
)
def test_the_48_hours_to_the_microsecond(waited: timedelta, expected: tuple[bool, str]) -> None:
    """MSG-4: open while less than 48 h, closed from exactly 48 h."""
    asked = may_send_message(answering(conversation=talk(waiting_since=NOW - waited)), NOW)
    assert said(asked) == expected
    closing = NOW - waited + LIMIT
    assert (asked.holds_until if asked else asked.since) == closing


def test_while_staff_owe_the_answer_nothing_closes() -> None:
    """MSG-4: a client's message stops the clock."""
    asked = may_send_message(answering(conversation=talk(waiting_since=None)), NOW + 1000 * DAY)
    assert asked == Decision(True, asked.reason)


@pytest.mark.parametrize("policy", [NEVER, ASSIGNED, EVERYBODY])
def test_only_reply_only_closes(policy: Any) -> None:
    """MSG-6, MSG-7, MSG-8: nothing closes by itself under the other policies."""
    later = answering(policy=policy, staff=team(with_pia(ANN)), conversation=talk())
    asked = may_send_message(later, NOW + 1000 * DAY)
    assert asked
    assert asked.holds_until is None


@pytest.mark.parametrize(
    ("history", "waiting", "closes"),
    [
        pytest.param([(REPLY, 0)], 0, 48, id="S0 closes at 48"),
        pytest.param([(REPLY, 0)], 40, 88, id="S0 S40 closes at 88"),
        pytest.param([(EVERYBODY, 0), (REPLY, 500)], 0, 548, id="a switch at 500 gives until 548"),
        pytest.param(
            [(REPLY, 0), (EVERYBODY, 60), (REPLY, 70)], 0, 48, id="a leftover stays closed at 48"
        ),
        pytest.param(
            [(REPLY, 0), (EVERYBODY, 47), (REPLY, 70)], 0, 118, id="saved before, it starts afresh"
        ),
        pytest.param(
            [(REPLY, 0), (NEVER, 48)], 0, 48, id="at one instant the deadline comes first"
        ),
        pytest.param(
            [(REPLY, 0), (UNKNOWN, 10), (REPLY, 20)], 0, 68, id="back from unknown is a switch"
        ),
        pytest.param([(EVERYBODY, 0), (REPLY, 5)], 10, 58, id="a message after the switch counts"),
    ],
)
def test_switches(history: list[tuple[Any, int]], waiting: int, closes: int) -> None:
    """MSG-4, MSG-9, MSG-12: only time under reply only counts, to the microsecond."""
    policies = tuple(PolicySince(policy, BEGAN + hour * HOUR) for policy, hour in history)
    conversation = talk(waiting_since=BEGAN + waiting * HOUR)
    base = answering(conversation=conversation, policies=policies)
    end = BEGAN + closes * HOUR
    assert situation_of(base, end) is AUTO
    last = policies[-1].since
    if end - INSTANT >= last:
        assert situation_of(base, end - INSTANT) is OPEN
    if history[-1][0] is REPLY:
        assert may_send_message(base, end).since == end


def test_a_refusal_tells_when_it_closed() -> None:
    """MSG-5, MSG-10: the time it closed, by itself or by hand."""
    late = may_send_message(answering(conversation=talk(waiting_since=NOW - 60 * HOUR)), NOW)
    assert late.since == NOW - 12 * HOUR
    closed = may_send_message(answering(conversation=talk(closed_at=NOW - HOUR)), NOW)
    assert (said(closed), closed.since) == ((False, "closed_by_staff"), NOW - HOUR)


def test_a_denial_that_time_will_change_says_until_when() -> None:
    """MSG-13: reopened by hand without a staff message, it will close by itself."""
    conversation = talk(is_staff_initiated=False, waiting_since=NOW - HOUR)
    asked = may_send_message(answering(conversation=conversation), NOW)
    assert (said(asked), asked.holds_until) == ((False, "not_staff_initiated"), NOW + 47 * HOUR)
    assert (
        may_send_message(answering(conversation=conversation), NOW + 47 * HOUR).reason.code
        == "auto_closed"
    )


# --- Reading, closing, reopening, unlocking ------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        pytest.param(answering(), (True, "may_read"), id="the client"),
        pytest.param(answering(AS_PIA), (True, "may_read"), id="staff who take part"),
        pytest.param(
            answering(policy=UNKNOWN), (True, "may_read"), id="an unknown policy leaves reading"
        ),
        pytest.param(
            answering(conversation=talk(is_locked=True)), (True, "may_read"), id="what is locked"
        ),
        pytest.param(
            answering(conversation=talk(closed_at=NOW)), (True, "may_read"), id="what is closed"
        ),
        pytest.param(
            answering(clients=clients(counterpart(archived=True))),
            (True, "may_read"),
            id="an archived client",
        ),
        pytest.param(
            answering(clients=clients(counterpart(archived=True)), access=None),
            (False, "sender_without_access"),
            id="not an archived client without access",
        ),
        pytest.param(
            answering(access=access(ended=True)),
            (False, "sender_without_access"),
            id="not without access",
        ),
        pytest.param(
            answering(AS_PIA, staff=team(with_pia(left=True))),
            (False, "sender_inactive"),
            id="not staff who left",
        ),
        pytest.param(
            answering(AS_PIA, staff=team(with_pia(view=OWN))),
            (False, "client_not_visible"),
            id="not staff who may no longer view the client",
        ),
    ],
)
def test_reading(base: WritingFacts, expected: tuple[bool, str]) -> None:
    """MSG-1, MSG-2, MSG-5: whoever takes part reads, also what is closed."""
    assert said(may_read_conversation(base)) == expected


def gone(who: Actor, **given: Any) -> WritingFacts:
    """Somebody who left a conversation that others are in."""
    assert who.person is not None
    start = {
        "participant": part(who.person, left=True, read=3),
        "conversation": talk(last_sequence=7),
        "staff": team(with_rob()),
        "clients": clients(counterpart(BEN)),
        "former": with_pia() if who.is_staff else None,
    }
    return answering(who, **{**start, **given})


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        pytest.param(gone(AS_PIA), (True, "may_read"), id="staff"),
        pytest.param(gone(AS_ANN), (True, "may_read"), id="a client"),
        pytest.param(
            gone(AS_PIA, former=with_pia(left=True)),
            (False, "sender_inactive"),
            id="not staff who left the practice too",
        ),
        pytest.param(
            gone(AS_PIA, former=with_pia(view=OWN)),
            (False, "client_not_visible"),
            id="not staff who may not view the client",
        ),
        pytest.param(
            gone(AS_PIA, former=None, participant=None),
            (False, "not_a_participant"),
            id="not staff who never took part",
        ),
        pytest.param(
            gone(AS_ANN, access=access(ended=True)),
            (False, "sender_without_access"),
            id="not a client without access",
        ),
        pytest.param(
            gone(AS_ANN, participant=None),
            (False, "not_a_participant"),
            id="not a client who never took part",
        ),
    ],
)
def test_who_left_reads(base: WritingFacts, expected: tuple[bool, str]) -> None:
    """MSG-21: who leaves reads up to leaving, and does nothing else."""
    assert said(may_read_conversation(base)) == expected
    for decision in (may_send_message(base, NOW), may_close_conversation(base)):
        assert said(decision) == (False, "not_a_participant")


@pytest.mark.parametrize(
    ("base", "window"),
    [
        pytest.param(facts(), (0, 0), id="nothing before the first message"),
        pytest.param(answering(conversation=talk(last_sequence=7)), (0, 7), id="the whole of it"),
        pytest.param(gone(AS_ANN), (0, 3), id="up to leaving"),
        pytest.param(
            answering_for_ann(conversation=talk(last_sequence=7), participant=part(BOND, joined=4)),
            (4, 7),
            id="a proxy from joining on",
        ),
        pytest.param(
            answering_for_ann(
                conversation=talk(last_sequence=7),
                participant=part(BOND, joined=4, left=True, read=5),
            ),
            (4, 5),
            id="a proxy who was removed",
        ),
    ],
)
def test_how_far_one_sees(base: WritingFacts, window: tuple[int, int]) -> None:
    """MSG-20, MSG-21: who is added sees all, a proxy from joining on, who left up to leaving."""
    assert base.window == window


@pytest.mark.parametrize(
    ("base", "close", "reopen", "unlock"),
    [
        pytest.param(answering(AS_PIA), "may_close", "not_closed", "not_locked", id="staff, open"),
        pytest.param(
            answering(AS_PIA, conversation=talk(closed_at=NOW)),
            "may_close",
            "may_reopen",
            "not_locked",
            id="closed",
        ),
        pytest.param(
            answering(AS_PIA, conversation=talk(waiting_since=NOW - LIMIT)),
            "may_close",
            "may_reopen",
            "not_locked",
            id="closed by itself",
        ),
        pytest.param(
            answering(AS_PIA, conversation=talk(closed_at=NOW, is_locked=True)),
            "may_close",
            "locked",
            "may_unlock",
            id="locked",
        ),
        pytest.param(
            among_staff(AS_ROB), "may_close", "not_closed", "not_locked", id="staff, among staff"
        ),
        pytest.param(
            answering(), "staff_closes", "staff_closes", "staff_closes", id="a client never"
        ),
        pytest.param(
            answering_for_ann(), "staff_closes", "staff_closes", "staff_closes", id="nor a proxy"
        ),
        pytest.param(
            answering(AS_PIA, staff=team(with_pia(left=True))),
            "sender_inactive",
            "sender_inactive",
            "sender_inactive",
            id="staff who left never",
        ),
    ],
)
def test_by_hand(base: WritingFacts, close: str, reopen: str, unlock: str) -> None:
    """MSG-10: staff who take part close at any time; what is locked is unlocked first."""
    assert may_close_conversation(base).reason.code == close
    assert may_reopen_conversation(base, NOW).reason.code == reopen
    assert may_unlock_conversation(base).reason.code == unlock


# --- Facts ---------------------------------------------------------------------------------------


def test_of_whom_nothing_else_is_told() -> None:
    """PPL-3, MSG-7: active, taking messages, on nobody's roster, and permitted to view nobody."""
    someone = Counterpart(client_id=ANN, name="Ann")
    assert (someone.is_active, someone.is_on_a_roster) == (True, False)
    one = Correspondent(staff_id=PIA, name="Pia")
    assert (one.is_active, one.takes_messages) == (True, True)
    assert (one.views, one.assigned) == (NONE, frozenset())


def test_no_name_is_shown_in_a_log() -> None:
    """MSG-17: names do not stand in what is printed of the facts."""
    base = answering(former=with_rob())
    assert "Ann" not in repr(base) + repr(base.clients)
    assert "Pia" not in repr(base) + repr(base.staff)
    assert all(f" {name}=" not in repr(base) for name in ("clients", "staff", "former"))


# --- Laws ----------------------------------------------------------------------------------------

hours = st.integers(min_value=0, max_value=200)
hour_marks = hours.map(lambda hour: BEGAN + hour * HOUR)
someone = st.sampled_from([AS_ANN, AS_BEN, AS_DORA, AS_PIA, VISITOR, SYSTEM])
reaches = st.sampled_from([ALL, OWN, NONE])
rosters = st.frozensets(st.sampled_from([ANN, BEN]))
anybody = st.sampled_from([PIA, ROB, ANN, BEN, BOND])


@st.composite
def correspondents(draw: st.DrawFn, staff_id: StaffId) -> Correspondent:
    """A staff member in any state."""
    return correspondent(
        staff_id,
        *draw(rosters),
        left=draw(st.booleans()),
        takes_messages=draw(st.booleans()),
        view=draw(reaches),
    )


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """A conversation in any situation."""
    closed = draw(st.none() | hour_marks)
    return talk(
        waiting_since=draw(st.none() | hour_marks),
        closed_at=closed,
        is_locked=draw(st.booleans()) if closed else False,
        is_staff_initiated=draw(st.booleans()),
        is_closed_to_proxies=draw(st.booleans()),
    )


@st.composite
def scenes(draw: st.DrawFn) -> WritingFacts:
    """Anybody, before any conversation or in one, alone or in a group, under any history."""
    moments = sorted(draw(st.lists(hour_marks, min_size=1, max_size=4)))
    values = st.sampled_from([*MessagingPolicy, UNKNOWN])
    people = [draw(correspondents(staff_id)) for staff_id in (PIA, ROB) if draw(st.booleans())]
    rostered = {client_id for one in people for client_id in one.assigned}
    named = [client_id for client_id in (ANN, BEN) if draw(st.booleans())]
    conversation = draw(st.none() | conversations())
    if conversation is not None and not named and draw(st.booleans()):
        conversation = evolve(conversation, is_among_staff=True, waiting_since=None)
    return WritingFacts(
        actor=draw(someone),
        policies=tuple(PolicySince(draw(values), at) for at in moments),
        clients=clients(
            *(
                counterpart(
                    one,
                    archived=draw(st.booleans()),
                    rostered=one in rostered or draw(st.booleans()),
                )
                for one in named
            )
        ),
        staff=team(*people),
        access=draw(st.sampled_from([None, access(), access(ended=True), access(through=BOND)])),
        bond=draw(st.none() | st.builds(bond, st.just(Scope.MESSAGES), ended=st.booleans())),
        conversation=conversation,
        participant=draw(st.none() | st.builds(part, anybody, left=st.booleans())),
        former=draw(st.none() | correspondents(PIA)),
    )


moments = st.integers(min_value=200, max_value=400).map(lambda hour: BEGAN + hour * HOUR)


@given(scenes(), moments)
def test_every_scene_is_decided_explained_and_stable(scene: WritingFacts, now: Moment) -> None:
    """MSG-13: total, with a reason that names a rule, and the same answer twice."""
    for rule in (may_send_message, may_start_conversation, may_reopen_conversation):
        decision = rule(scene, now)
        assert decision.reason.code
        assert decision.reason.rule
        assert rule(scene, now) == decision
    for plain in (may_read_conversation, may_close_conversation, may_unlock_conversation):
        assert plain(scene).reason.rule


@given(scenes(), moments, st.integers(min_value=0, max_value=400))
def test_an_answer_holds_until_its_moment(scene: WritingFacts, now: Moment, later: int) -> None:
    """MSG-13: the same answer at every earlier instant if nobody does anything."""
    decision = may_send_message(scene, now)
    end = decision.holds_until or now + 500 * HOUR
    assert end > now
    between = (now + (end - now) * later / 401, end - INSTANT)
    assert all(said(may_send_message(scene, at)) == said(decision) for at in between)
    if decision.holds_until is not None:
        assert said(may_send_message(scene, end)) != said(decision)


def lessened(scene: WritingFacts) -> list[WritingFacts]:
    """The same without access, activity, permission, participants, a roster or a grant."""
    unrostered = [evolve(one, assigned=frozenset()) for one in scene.staff.values()]
    talking = scene.conversation
    return [
        evolve(scene, access=None),
        evolve(scene, clients=clients(*(counterpart(one, archived=True) for one in scene.clients))),
        evolve(scene, staff={}, former=None),
        evolve(scene, staff=team(*(evolve(one, views=NONE) for one in scene.staff.values()))),
        evolve(
            scene, staff=team(*unrostered), clients=clients(*map(unlisted, scene.clients.values()))
        ),
        evolve(scene, bond=None),
        evolve(scene, participant=None),
        evolve(scene, conversation=talking and evolve(talking, is_closed_to_proxies=True)),
    ]


def unlisted(one: Counterpart) -> Counterpart:
    """A client on nobody's roster."""
    return evolve(one, is_on_a_roster=False)


@given(scenes(), moments)
def test_less_is_not_more(scene: WritingFacts, now: Moment) -> None:
    """MSG-2: without access, activity, permission or participants nothing more is allowed."""
    fewer = lessened(scene)
    for less, rule in product(fewer, (may_send_message, may_start_conversation)):
        assert bool(rule(less, now)) <= bool(rule(scene, now))
    for less in fewer:
        assert bool(may_read_conversation(less)) <= bool(may_read_conversation(scene))


@given(scenes(), moments)
def test_time_shift_changes_nothing(scene: WritingFacts, now: Moment) -> None:
    """MSG-4: elapsed time only, so moving every moment equally changes no answer."""
    by = timedelta(days=100, microseconds=7)

    def moved(at: Moment | None) -> Moment | None:
        return None if at is None else at + by

    policies = tuple(PolicySince(one.policy, one.since + by) for one in scene.policies)
    conversation = scene.conversation and evolve(
        scene.conversation,
        last_at=scene.conversation.last_at + by,
        waiting_since=moved(scene.conversation.waiting_since),
        closed_at=moved(scene.conversation.closed_at),
    )
    shifted = evolve(scene, policies=policies, conversation=conversation)
    before, after = may_send_message(scene, now), may_send_message(shifted, now + by)
    assert said(before) == said(after)
    assert (moved(before.holds_until), moved(before.since)) == (after.holds_until, after.since)
    assert point_of(shifted, now + by) == point_of(scene, now)


@pytest.mark.parametrize(("policy", "until"), [(REPLY, NOW + 47 * HOUR), (EVERYBODY, None)])
def test_that_it_is_open_holds_until_it_closes(policy: Any, until: Moment | None) -> None:
    """MSG-4, MSG-13: who would reopen what is open hears when it closes by itself."""
    answer = may_reopen_conversation(answering(AS_PIA, policy), NOW)
    assert (answer.reason.code, answer.holds_until) == ("not_closed", until)


# --- Whom an answer is about, and who keeps a conversation (MSG-16, OUT-3) -----------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(answering(AS_BEN), BEN, id="the client who asks, though of another's"),
        pytest.param(answering(AS_PIA), ANN, id="the client of whom staff ask"),
        pytest.param(
            answering(AS_PIA, clients=clients(counterpart(BEN), counterpart(ANN))),
            ANN,
            id="of several the first by id",
        ),
        pytest.param(among_staff(), None, id="nobody among staff"),
    ],
)
def test_who_goes_on_record(asked: WritingFacts, expected: ClientId | None) -> None:
    """OUT-3: an answer stands in the record of a client: their own, else the first."""
    assert asked.about == expected


@pytest.mark.parametrize(
    ("one", "kept"),
    [
        pytest.param(with_pia(), True, id="who may view"),
        pytest.param(with_pia(view=NONE), False, id="who may not"),
        pytest.param(with_pia(left=True), False, id="who left"),
        pytest.param(with_rob(), False, id="another"),
    ],
)
def test_who_keeps_a_conversation(one: Correspondent, kept: bool) -> None:
    """MSG-2, MSG-16: who takes part, works here and may view the clients; nobody does not."""
    asked = answering(AS_PIA, staff=team(one))
    assert asked.keeps(PIA) is kept
    assert asked.keeps(None) is False
