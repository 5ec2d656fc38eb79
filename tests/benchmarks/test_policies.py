"""P1: a decision that knows its reason, against the same rules written by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from attrs import evolve
from tests.benchmarks import by_hand
from tests.benchmarks.race import Rows, race

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import Conversation
from clientportal.domain.ids import AccountId, ClientId, ConversationId, PracticeId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.practices import AnyPolicy, MessagingPolicy, PolicySince, UnknownPolicy
from clientportal.policies.conversations import may_send_message
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import Point, Rule, Situation, decide, points, rule_of

Whole: TypeAlias = Callable[[WritingFacts, Moment], Decision]

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
TIMES: Final = 200


def facts(policy: AnyPolicy, waited: timedelta, **given: Any) -> WritingFacts:
    """Bo, whom Ada serves, in a conversation where staff wrote *waited* ago."""
    practice_id, client_id, account_id = PracticeId("prc_1"), ClientId("cli_1"), AccountId("acc_1")
    ada = Correspondent(
        staff_id=StaffId("stf_1"),
        name="Ada",
        views=Reach.ASSIGNED,
        assigned=frozenset({client_id}),
        **given,
    )
    return WritingFacts(
        actor=Actor(
            practice_id=practice_id,
            capacity=Capacity.CLIENT,
            account_id=account_id,
            client_id=client_id,
        ),
        policies=(PolicySince(policy, NOW - timedelta(days=30)),),
        clients={client_id: Counterpart(client_id=client_id, name="Bo", is_on_a_roster=True)},
        staff={ada.staff_id: ada},
        access=Access(client_id=client_id, account_id=account_id, since=NOW - timedelta(days=9)),
        conversation=Conversation(
            id=ConversationId("cnv_1"),
            last_at=NOW - waited,
            last_sequence=1,
            is_staff_initiated=True,
            waiting_since=NOW - waited,
        ),
    )


POINTS: Final = points(tuple(MessagingPolicy))
UNLOCKED: Final = tuple(p for p in POINTS if p.situation is not Situation.LOCKED)
FACTS: Final = tuple(
    facts(policy, timedelta(hours=hours)) for policy in MessagingPolicy for hours in (1, 47, 49)
)
#: Facts that are not raced, but told alike all the same.
RARE: Final = tuple(
    evolve(facts(policy, timedelta(hours=49), **given), **more)
    for policy in (*MessagingPolicy, UnknownPolicy("of_tomorrow"))
    for given in ({}, {"is_active": False}, {"takes_messages": False})
    for more in ({}, {"access": None}, {"clients": {}}, {"staff": {}})
)


def test_a_decision_costs_little_more_than_if_and_elif(rows: Rows) -> None:
    """P1: at most 1.5 times the same rules written by hand, with equal verdicts."""
    assert [decide(p) for p in POINTS] == [by_hand.decided(p) for p in POINTS]

    def ours(decide: Rule = decide) -> None:
        for point in POINTS:
            decide(point)

    def theirs(decide: Rule = by_hand.decided) -> None:
        for point in POINTS:
            decide(point)

    taken = race({"ours": ours, "theirs": theirs}, times=TIMES)
    rows.at_most("P1", taken["ours"] / taken["theirs"], 1.5)


def test_a_policy_by_itself_costs_as_much_as_by_hand(rows: Rows) -> None:
    """P1-compiled: the rule of a practice's policy, fetched once, at most 1.1 times by hand."""
    by_policy = [
        (rule_of(policy), tuple(p for p in UNLOCKED if p.policy is policy))
        for policy in MessagingPolicy
    ]

    by_rule = [(by_hand.decided, own) for _, own in by_policy]

    def ours() -> None:
        for rule, own in by_policy:
            for point in own:
                rule(point)

    def theirs() -> None:
        for decided, own in by_rule:
            for point in own:
                decided(point)

    assert [rule(p) for rule, own in by_policy for p in own] == [
        by_hand.decided(p) for _, own in by_policy for p in own
    ]
    taken = race({"ours": ours, "theirs": theirs}, times=TIMES)
    rows.at_most("P1-compiled", taken["ours"] / taken["theirs"], 1.1)


def test_the_whole_decision_costs_at_most_five_times_by_hand(rows: Rows) -> None:
    """P1-full: preconditions, policy and the moment until which it holds, at most 5 times."""
    everything = (*FACTS, *RARE)
    ours_said = [may_send_message(f, NOW).reason for f in everything]
    assert ours_said == [by_hand.written_by_client(f, NOW).reason for f in everything]

    def ours(may: Whole = may_send_message) -> None:
        for each in FACTS:
            may(each, NOW)

    def theirs(may: Whole = by_hand.written_by_client) -> None:
        for each in FACTS:
            may(each, NOW)

    taken = race({"ours": ours, "theirs": theirs}, times=TIMES)
    rows.at_most("P1-full", taken["ours"] / taken["theirs"], 5.0)


def test_a_decision_is_never_made_twice() -> None:
    """Verdicts without a moment are constants: the same object at each call."""
    assert all(decide(p) is by_hand.decided(p) for p in POINTS)
    assert all(isinstance(p, Point) for p in POINTS)
