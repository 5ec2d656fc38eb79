"""Who may write to whom: preconditions, four policies, the clock (MSG-1 to MSG-11, PPL-3)."""

from __future__ import annotations

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
    BEGAN,
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
    client,
    practice,
    said,
    staff,
)

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation
from clientportal.domain.ids import ConversationId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy, PolicySince, UnknownPolicy
from clientportal.policies.conversations import (
    may_close_conversation,
    may_read_conversation,
    may_reopen_conversation,
    may_send_message,
    may_start_conversation,
    may_unlock_conversation,
)
from clientportal.policies.correspondence import Correspondent, WritingFacts, point_of, situation_of
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


def with_pia(*, assigned: bool = False, view: Any = ALL, **given: Any) -> Correspondent:
    """Pia, who may view everybody unless said otherwise."""
    return Correspondent(staff=staff(**{"view_clients": view, **given}), assigned=assigned)


def talk(**given: Any) -> Conversation:
    """A conversation in which staff wrote an hour ago."""
    start = {
        "id": ConversationId("cnv_1"),
        "client_id": ANN,
        "last_sequence": 1,
        "last_at": NOW - HOUR,
        "is_staff_initiated": True,
        "waiting_since": NOW - HOUR,
    }
    return Conversation(**{**start, **given})


def facts(
    who: Actor = AS_ANN, policy: Any = REPLY, conversation: Conversation | None = None, **given: Any
) -> WritingFacts:
    """Ann with access, Pia who takes part, a policy since long ago."""
    start = {
        "actor": who,
        "practice": practice(policies=(PolicySince(policy, BEGAN),)),
        "client": client(),
        "correspondents": (with_pia(),),
        "on_a_roster": False,
        "access": access() if who.is_client else None,
        "conversation": conversation,
    }
    return WritingFacts(**{**start, **given})


def answering(who: Actor = AS_ANN, policy: Any = REPLY, **given: Any) -> WritingFacts:
    """The same in a conversation where staff wrote an hour ago."""
    return facts(who, policy, **{"conversation": talk(), **given})


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


def test_a_client_hears_the_first_reason_in_the_order_of_the_rules() -> None:
    """MSG-2: taking the reasons away one by one shows them in their order."""
    worst = answering(
        AS_BEN,
        UNKNOWN,
        client=client(archived=True),
        access=None,
        conversation=talk(is_locked=True),
        correspondents=(with_pia(left=True),),
    )
    steps: list[tuple[str, dict[str, Any]]] = [
        ("not_a_participant", {"actor": AS_ANN}),
        ("sender_inactive", {"client": client()}),
        ("sender_without_access", {"access": access()}),
        ("locked", {"conversation": talk()}),
        ("nobody_to_read", {"correspondents": (with_pia(),)}),
        ("policy_unknown", {"practice": practice()}),
        ("may_reply", {}),
    ]
    for code, better in steps:
        assert may_send_message(worst, NOW).reason.code == code
        worst = evolve(worst, **better)


def test_a_staff_member_hears_the_first_reason_in_the_order_of_the_rules() -> None:
    """MSG-2: participant, permission to view, active, lock, somebody on the other side, policy."""
    worst = answering(
        AS_PIA,
        UNKNOWN,
        client=client(archived=True),
        conversation=talk(is_locked=True),
        correspondents=(Correspondent(staff=staff(ROB), assigned=False),),
    )
    steps: list[tuple[str, dict[str, Any]]] = [
        ("not_a_participant", {"correspondents": (with_pia(left=True, view=OWN),)}),
        ("client_not_visible", {"correspondents": (with_pia(left=True),)}),
        ("sender_inactive", {"correspondents": (with_pia(),)}),
        ("locked", {"conversation": talk()}),
        ("nobody_to_read", {"client": client()}),
        ("policy_unknown", {"practice": practice()}),
        ("staff_may_write", {}),
    ]
    for code, better in steps:
        assert may_send_message(worst, NOW).reason.code == code
        worst = evolve(worst, **better)


def test_what_a_start_adds_comes_between_the_readers_and_the_policy() -> None:
    """MSG-10, PPL-3: each of those named must be there and take messages."""
    worst = facts(
        policy=ASSIGNED,
        correspondents=(with_pia(), Correspondent(staff=staff(ROB, left=True), assigned=True)),
    )
    rob = staff(ROB, view_clients=ALL, takes_messages=False)
    quiet = (with_pia(), Correspondent(staff=rob, assigned=True))
    ready = (with_pia(), Correspondent(staff=evolve(rob, takes_messages=True), assigned=True))
    steps: list[tuple[str, dict[str, Any]]] = [
        ("nobody_to_read", {"correspondents": quiet}),
        ("not_taking_messages", {"correspondents": ready}),
        ("no_assigned_staff", {"on_a_roster": True}),
        ("not_on_roster", {"correspondents": (ready[1],)}),
        ("assigned", {}),
    ]
    for code, better in steps:
        assert may_start_conversation(worst, NOW).reason.code == code
        worst = evolve(worst, **better)


@pytest.mark.parametrize("who", [AS_BEN, AS_DORA, VISITOR, SYSTEM, evolve(AS_PIA, staff_id=TOM)])
@pytest.mark.parametrize("policy", [*MessagingPolicy, UNKNOWN])
def test_outsiders_never(who: Actor, policy: Any) -> None:
    """MSG-2, MSG-21: to whoever takes no part it does not exist, whatever the policy."""
    inside = answering(who, policy, on_a_roster=True)
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
    unseen = may_send_message(answering(AS_PIA, correspondents=(with_pia(view=NONE),)), NOW)
    left = may_send_message(answering(AS_PIA, correspondents=(with_pia(left=True),)), NOW)
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
        pytest.param(
            (with_pia(view=OWN, assigned=True),), "may_reply", id="one may view by the roster"
        ),
        pytest.param(
            (
                with_pia(left=True),
                Correspondent(staff=staff(ROB, view_clients=ALL), assigned=False),
            ),
            "may_reply",
            id="inactive members are skipped while one is there",
        ),
    ],
)
def test_somebody_must_read(people: tuple[Correspondent, ...], expected: str) -> None:
    """MSG-2, MSG-16: one active, permitted staff participant."""
    assert may_send_message(answering(correspondents=people), NOW).reason.code == expected


def test_who_takes_no_messages_stays_answerable() -> None:
    """PPL-3: may not be started with under any policy; open conversations stay answerable."""
    quiet = (with_pia(takes_messages=False, assigned=True),)
    for policy in MessagingPolicy:
        started = may_start_conversation(facts(policy=policy, correspondents=quiet), NOW)
        assert started.reason.code == "not_taking_messages"
        assert may_send_message(answering(policy=policy, correspondents=quiet), NOW)


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
    history = (PolicySince(REPLY, BEGAN), PolicySince(policy, NOW - HOUR))
    base = answering(
        conversation=closed,
        practice=practice(policies=history),
        correspondents=(with_pia(assigned=True),),
    )
    assert may_send_message(base, NOW)
    quiet = evolve(base, correspondents=(with_pia(assigned=True, takes_messages=False),))
    assert said(may_send_message(quiet, NOW)) == (False, code)
    rob = Correspondent(staff=staff(ROB, view_clients=ALL), assigned=False)
    both = evolve(quiet, correspondents=(*quiet.correspondents, rob))
    assert bool(may_send_message(both, NOW)) is (policy is EVERYBODY)
    assert may_send_message(evolve(quiet, actor=AS_PIA), NOW)


# --- Rosters (MSG-7) -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "pias", "robs", "expected"),
    [
        pytest.param(
            AS_ANN, True, False, "assigned", id="one assigned staff member is enough for an answer"
        ),
        pytest.param(AS_ANN, False, True, "assigned", id="whichever of them it is"),
        pytest.param(AS_ANN, False, False, "not_on_roster", id="none of those in it is assigned"),
        pytest.param(AS_PIA, True, False, "assigned", id="staff by their own roster"),
        pytest.param(AS_PIA, False, True, "not_on_roster", id="not by a colleague's"),
    ],
)
def test_groups_of_staff(who: Actor, pias: bool, robs: bool, expected: str) -> None:
    """MSG-7: a client needs one assigned active participant, staff their own roster."""
    people = (
        with_pia(assigned=pias),
        Correspondent(staff=staff(ROB, view_clients=ALL), assigned=robs),
    )
    group = answering(who, ASSIGNED, correspondents=people, on_a_roster=True)
    assert may_send_message(group, NOW).reason.code == expected
    assert may_read_conversation(group)


def test_an_assigned_participant_who_left_does_not_count() -> None:
    """MSG-7: at least one *active* staff participant is assigned."""
    rob = Correspondent(staff=staff(ROB, left=True, view_clients=ALL), assigned=True)
    group = answering(policy=ASSIGNED, correspondents=(with_pia(), rob), on_a_roster=True)
    assert said(may_send_message(group, NOW)) == (False, "not_on_roster")


def test_owners_are_bound_by_rosters_too() -> None:
    """MSG-7: it binds every role; there is no silent exception for owners."""
    owner = with_pia(view=ALL, edit_clients=ALL, practice_settings=True)
    assert said(may_start_conversation(facts(AS_PIA, ASSIGNED, correspondents=(owner,)), NOW)) == (
        False,
        "not_on_roster",
    )


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
    people = (with_pia(assigned=True),)
    later = answering(policy=policy, correspondents=people, conversation=talk())
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
    base = answering(conversation=conversation, practice=practice(policies=policies))
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
            answering(client=client(archived=True)), (True, "may_read"), id="an archived client"
        ),
        pytest.param(
            answering(client=client(archived=True), access=None),
            (False, "sender_without_access"),
            id="not an archived client without access",
        ),
        pytest.param(
            answering(access=access(ended=True)),
            (False, "sender_without_access"),
            id="not without access",
        ),
        pytest.param(
            answering(AS_PIA, correspondents=(with_pia(left=True),)),
            (False, "sender_inactive"),
            id="not staff who left",
        ),
        pytest.param(
            answering(AS_PIA, correspondents=(with_pia(view=OWN),)),
            (False, "client_not_visible"),
            id="not staff who may no longer view the client",
        ),
    ],
)
def test_reading(base: WritingFacts, expected: tuple[bool, str]) -> None:
    """MSG-1, MSG-2, MSG-5: whoever takes part reads, also what is closed."""
    assert said(may_read_conversation(base)) == expected


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
            answering(), "staff_closes", "staff_closes", "staff_closes", id="a client never"
        ),
        pytest.param(
            answering(AS_PIA, correspondents=(with_pia(left=True),)),
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


# --- Laws ----------------------------------------------------------------------------------------

hours = st.integers(min_value=0, max_value=200)
someone = st.sampled_from([AS_ANN, AS_BEN, AS_DORA, AS_PIA, VISITOR, SYSTEM])
reaches = st.sampled_from([ALL, OWN, NONE])


@st.composite
def correspondents(draw: st.DrawFn, staff_id: Any) -> Correspondent:
    """A staff member in any state."""
    return Correspondent(
        staff=staff(
            staff_id,
            left=draw(st.booleans()),
            takes_messages=draw(st.booleans()),
            view_clients=draw(reaches),
        ),
        assigned=draw(st.booleans()),
    )


@st.composite
def scenes(draw: st.DrawFn) -> WritingFacts:
    """Anybody, before any conversation, under any history."""
    moments = sorted(draw(st.lists(hours, min_size=1, max_size=4)))
    policies = tuple(
        PolicySince(draw(st.sampled_from([*MessagingPolicy, UNKNOWN])), BEGAN + hour * HOUR)
        for hour in moments
    )
    waiting = draw(st.none() | hours.map(lambda hour: BEGAN + hour * HOUR))
    closed = draw(st.none() | hours.map(lambda hour: BEGAN + hour * HOUR))
    conversation = talk(
        waiting_since=waiting,
        closed_at=closed,
        is_locked=draw(st.booleans()) if closed else False,
        is_staff_initiated=draw(st.booleans()),
    )
    people = [draw(correspondents(staff_id)) for staff_id in (PIA, ROB) if draw(st.booleans())]
    return WritingFacts(
        actor=draw(someone),
        practice=practice(policies=policies),
        client=client(archived=draw(st.booleans())),
        correspondents=tuple(people),
        on_a_roster=any(one.assigned for one in people) or draw(st.booleans()),
        access=draw(st.sampled_from([None, access(), access(ended=True)])),
        conversation=draw(st.sampled_from([conversation, conversation, None])),
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


@given(scenes(), moments)
def test_less_is_not_more(scene: WritingFacts, now: Moment) -> None:
    """MSG-2: without access, activity, permission or participants nothing more is allowed."""
    fewer = [
        evolve(scene, access=None),
        evolve(scene, client=client(archived=True)),
        evolve(scene, correspondents=()),
        evolve(
            scene,
            correspondents=tuple(
                evolve(one, staff=evolve(one.staff, permissions=staff().permissions))
                for one in scene.correspondents
            ),
        ),
        evolve(
            scene,
            on_a_roster=False,
            correspondents=tuple(evolve(one, assigned=False) for one in scene.correspondents),
        ),
    ]
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

    policies = tuple(PolicySince(one.policy, one.since + by) for one in scene.practice.policies)
    conversation = scene.conversation and evolve(
        scene.conversation,
        last_at=scene.conversation.last_at + by,
        waiting_since=moved(scene.conversation.waiting_since),
        closed_at=moved(scene.conversation.closed_at),
    )
    shifted = evolve(
        scene, practice=evolve(scene.practice, policies=policies), conversation=conversation
    )
    before, after = may_send_message(scene, now), may_send_message(shifted, now + by)
    assert said(before) == said(after)
    assert (moved(before.holds_until), moved(before.since)) == (after.holds_until, after.since)
    assert point_of(shifted, now + by) == point_of(scene, now)
