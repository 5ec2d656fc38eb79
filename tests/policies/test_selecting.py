"""One rule in three forms, proved equal: decide one, select from many, tell storage (MSG-14)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, product
from typing import Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import BEGAN, HOUR, INSTANT, NOW
from tests.policies.turns import writing

from clientportal.domain.conversations import REPLY_WITHIN, auto_closed_at
from clientportal.domain.moments import Moment
from clientportal.domain.practices import (
    AnyPolicy,
    MessagingPolicy,
    PolicySince,
    Practice,
    UnknownPolicy,
)
from clientportal.policies.conversations import may_send_message, may_start_conversation
from clientportal.policies.correspondence import (
    Correspondent,
    WritingFacts,
    assigned_of,
    precondition,
    situation_of,
)
from clientportal.policies.messaging import Assigned, Point, Situation, decide, points
from clientportal.policies.selecting import (
    Answerable,
    Standpoint,
    answerable_of,
    closed_upto,
    select_of,
    startable_of,
)
from clientportal.testing import strategies as some

UNKNOWN: Final = UnknownPolicy("of_tomorrow")
POLICIES: Final = (*MessagingPolicy, UNKNOWN)
REPLY, NEVER, ASSIGNED, EVERYBODY = MessagingPolicy
SEED: Final = 20_250_715

History = tuple[PolicySince, ...]


def name(policy: AnyPolicy) -> str:
    """For the name of a test."""
    return policy.raw if isinstance(policy, UnknownPolicy) else policy.value


# --- Decide one, select from many (MSG-11) -------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES, ids=name)
def test_select_is_the_filter_of_decide(policy: AnyPolicy) -> None:
    """MSG-11, MSG-14: of all points, in order, those that the table allows."""
    rows = points((policy,))
    assert select_of(policy)(rows) == [row for row in rows if decide(row)]
    assert select_of(policy)(()) == []


@given(st.sampled_from(POLICIES), st.lists(some.table_points()))
def test_select_keeps_order_and_repetition(policy: AnyPolicy, rows: list[Point]) -> None:
    """MSG-14: of any many, what is asked twice is answered twice, in the order asked."""
    under = [row._replace(policy=policy) for row in rows]
    assert select_of(policy)(under) == [row for row in under if decide(row)]


# --- As one comparison (MSG-4, MSG-9) ------------------------------------------------------------


def a_history(rng: random.Random) -> History:
    """Up to six policies, often at the same instant or within 48 hours of each other."""
    at, out = BEGAN, []
    for _ in range(rng.randrange(1, 7)):
        policy = rng.choice((REPLY, REPLY, NEVER, ASSIGNED, EVERYBODY, UNKNOWN))
        out.append(PolicySince(policy, at))
        at += a_span(rng)
    return tuple(out)


def a_span(rng: random.Random) -> timedelta:
    """None, an instant beside 48 hours, or any up to a week."""
    edges = (0 * INSTANT, INSTANT, REPLY_WITHIN - INSTANT, REPLY_WITHIN, REPLY_WITHIN + INSTANT)
    return rng.choice((*edges, rng.randrange(1, 168 * 3600 * 10**6) * INSTANT))


def edges_of(history: History, now: Moment) -> Iterator[Moment]:
    """Every moment at which something might turn, and an instant before and after."""
    turning = chain(
        (now, now - REPLY_WITHIN), *((e.since, e.since - REPLY_WITHIN) for e in history)
    )
    for moment, beside in product(turning, (-INSTANT, 0 * INSTANT, INSTANT)):
        yield moment + beside


def compared(history: History, now: Moment, waiting: Moment) -> bool:
    """Whether it has closed by itself; both forms say the same."""
    upto = closed_upto(history, now)
    closed = auto_closed_at(waiting, history, now) is not None
    assert (upto is not None and waiting <= upto) is closed, (history, now, waiting)
    return closed


def test_closed_upto_is_the_clock_as_one_comparison() -> None:
    """MSG-4, MSG-9: what waits since then or earlier has closed, to the microsecond."""
    rng, seen = random.Random(SEED), [0, 0]
    for _ in range(1500):
        history = a_history(rng)
        now = history[-1].since + a_span(rng)
        for waiting in filter(now.__ge__, edges_of(history, now)):
            seen[compared(history, now, waiting)] += 1
    assert min(seen) > 5000


@pytest.mark.ci
@pytest.mark.parametrize("block", range(8))
def test_closed_upto_of_many_histories(block: int) -> None:
    """MSG-4, MSG-9: the same in many more."""
    seed = SEED + 1 + block
    rng, seen = random.Random(seed), 0
    for _ in range(25_000):
        history = a_history(rng)
        now = history[-1].since + a_span(rng)
        for waiting in filter(now.__ge__, edges_of(history, now)):
            compared(history, now, waiting)
            seen += 1
    print(f"seed {seed}: n={seen}")  # noqa: T201 - what was seen
    assert seen > 100_000


@given(some.practices(), some.moments(), some.moments())
def test_closed_upto_never_goes_back(practice: Practice, one: Moment, other: Moment) -> None:
    """MSG-4: what has closed by itself at a moment has closed at every later one."""
    history, (now, later) = practice.policies, sorted((one, other))
    before, after = closed_upto(history, now), closed_upto(history, later)
    if history[-1].since <= now and before is not None:
        assert after is not None
        assert before <= after


# --- A predicate for storage (MSG-14) ------------------------------------------------------------


@pytest.mark.parametrize("policy", POLICIES, ids=name)
@pytest.mark.parametrize("by_staff", [True, False])
def test_answerable_holds_the_rows_of_the_table(policy: AnyPolicy, by_staff: bool) -> None:
    """MSG-11, MSG-14: exactly the standpoints that the policy in force allows to that side.

    A conversation reopened is stored as open; of it the table says the same.
    """
    told = answerable_of((PolicySince(policy, BEGAN),), NOW, by_staff=by_staff)
    assert (told.at, told.by_staff) == (NOW, by_staff)
    assert told.starts_by_roster is (policy is ASSIGNED)
    stored = (each for each in Situation if each not in (Situation.NEW, Situation.REOPENED))
    for row in product(Assigned, (True, False), stored):
        here = Standpoint(*row)
        decision = decide(Point(policy, by_staff, *row))
        assert (here in told.allowed) is decision.allowed
        if here.situation is Situation.OPEN:
            again = Point(policy, by_staff, *row[:2], Situation.REOPENED)
            assert decide(again) == decision
    assert {each.situation for each in told.allowed} <= set(Situation) - {
        Situation.NEW,
        Situation.LOCKED,
        Situation.REOPENED,
    }


def test_answerable_knows_the_policy_in_force_and_all_before() -> None:
    """MSG-9: the rows are those of the last policy, what has closed follows from them all."""
    switched = (PolicySince(REPLY, BEGAN), PolicySince(EVERYBODY, BEGAN + 100 * HOUR))
    told = answerable_of(switched, NOW, by_staff=False)
    alone = answerable_of(switched[1:], NOW, by_staff=False)
    assert told.allowed == alone.allowed
    assert (told.closed_upto, alone.closed_upto) == (BEGAN + 52 * HOUR, None)


def kept_situation(told: Answerable, facts: WritingFacts) -> Situation:
    """Where a conversation stands, from what storage keeps and the predicate's one comparison."""
    talk = facts.conversation
    assert talk is not None
    if talk.is_locked:
        return Situation.LOCKED
    if talk.closed_at is not None:
        return Situation.CLOSED_BY_STAFF
    waiting, upto = talk.waiting_since, told.closed_upto
    closed = waiting is not None and upto is not None and waiting <= upto
    return Situation.AUTO_CLOSED if closed else Situation.OPEN


def found_by_storage(told: Answerable, facts: WritingFacts) -> bool:
    """What storage makes of the predicate, without asking a policy."""
    assert facts.conversation is not None
    situation = kept_situation(told, facts)
    here = Standpoint(assigned_of(facts), facts.conversation.is_staff_initiated, situation)
    if here not in told.allowed:
        return False
    closed = situation in (Situation.AUTO_CLOSED, Situation.CLOSED_BY_STAFF)
    return (
        told.by_staff or not closed or any(ready(told, facts, one) for one in facts.staff.values())
    )


def ready(told: Answerable, facts: WritingFacts, one: Correspondent) -> bool:
    """Whether the client might start with this one instead."""
    rostered = facts.actor.client_id in one.assigned or not told.starts_by_roster
    return one.takes_messages and facts.reads(one) and rostered


def test_storage_finds_what_may_be_answered() -> None:
    """MSG-14: of conversations in which nothing else stands in the way, those that are allowed."""
    seen = [0, 0]
    for _, facts, now in writing(SEED + 20, 8000):
        if facts.conversation is None or facts.is_among_staff or precondition(facts) is not None:
            continue
        told = answerable_of(facts.policies, now, by_staff=facts.actor.is_staff)
        assert kept_situation(told, facts) is situation_of(facts, now)
        may = may_send_message(facts, now).allowed
        assert found_by_storage(told, facts) is may
        seen[may] += 1
    assert min(seen) > 400


# --- With whom a client may start (MSG-14) -------------------------------------------------------


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        pytest.param(REPLY, (True, True), id="reply-only: with nobody"),
        pytest.param(NEVER, (True, True), id="never-initiate: with nobody"),
        pytest.param(ASSIGNED, (False, True), id="assigned-clients-only: by roster"),
        pytest.param(EVERYBODY, (False, False), id="all-clients: with anybody"),
        pytest.param(UNKNOWN, (True, True), id="an unknown policy: with nobody"),
    ],
)
def test_startable_is_the_first_column_of_the_table(
    policy: AnyPolicy, expected: tuple[bool, bool]
) -> None:
    """MSG-11, MSG-14: what the table says of starting by clients, as two words for storage."""
    told = startable_of(policy)
    assert (told.nobody, told.by_roster) == expected
    for assigned in Assigned:
        rostered = assigned is Assigned.THIS or not told.by_roster
        found = rostered and not told.nobody
        assert bool(decide(Point(policy, False, assigned, None, Situation.NEW))) is found


def test_startable_finds_with_whom_a_client_may_start() -> None:
    """MSG-14, PPL-3: of staff who are there and take messages, the decision's own, one by one."""
    seen = [0, 0]
    for _, facts, now in writing(SEED + 21, 6000):
        if facts.conversation is not None or facts.actor.is_staff:
            continue
        told = startable_of(facts.policy)
        for key, one in facts.staff.items():
            alone = evolve(facts, staff={key: one})
            if precondition(alone) is not None or not one.takes_messages:
                continue
            rostered = facts.actor.client_id in one.assigned or not told.by_roster
            may = may_start_conversation(alone, now).allowed
            assert (rostered and not told.nobody) is may
            seen[may] += 1
    assert min(seen) > 200
