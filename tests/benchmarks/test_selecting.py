"""P3: picking many at once by a policy, against a comprehension written by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Final

import pytest
from tests.benchmarks.race import Rows, race

from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.messaging import Assigned, Point, Situation, decide, points
from clientportal.policies.selecting import select_of

MANY: Final = 10_000
ROUNDS: Final = 25

Pick = Callable[[list[Point]], list[Point]]

LOCKED, OPEN, REOPENED = Situation.LOCKED, Situation.OPEN, Situation.REOPENED
THIS: Final = Assigned.THIS


def by_reply_only(many: list[Point]) -> list[Point]:
    """By hand: staff write unless locked, clients answer what staff began and is open."""
    return [
        p
        for p in many
        if (p[1] and p[4] is not LOCKED) or (p[3] and (p[4] is OPEN or p[4] is REOPENED))
    ]


def by_never_initiate(many: list[Point]) -> list[Point]:
    """By hand: staff write unless locked, clients in what is open."""
    return [p for p in many if (p[1] and p[4] is not LOCKED) or p[4] is OPEN or p[4] is REOPENED]


def by_assigned_clients_only(many: list[Point]) -> list[Point]:
    """By hand: whoever is on the roster, unless locked."""
    return [p for p in many if p[2] is THIS and p[4] is not LOCKED]


def by_all_clients(many: list[Point]) -> list[Point]:
    """By hand: everybody, unless locked."""
    return [p for p in many if p[4] is not LOCKED]


BY_HAND: Final[Mapping[MessagingPolicy, Pick]] = {
    MessagingPolicy.REPLY_ONLY: by_reply_only,
    MessagingPolicy.NEVER_INITIATE: by_never_initiate,
    MessagingPolicy.ASSIGNED_CLIENTS_ONLY: by_assigned_clients_only,
    MessagingPolicy.ALL_CLIENTS: by_all_clients,
}


@pytest.mark.parametrize("policy", MessagingPolicy, ids=lambda each: each.value)
def test_picking_many_costs_as_much_as_by_hand(rows: Rows, policy: MessagingPolicy) -> None:
    """P3: at most 1.2 times the comprehension, which reads its points by position as fast as can.

    Deciding each of the points by itself is reported beside it.
    """
    many = random.Random(3).choices(points((policy,)), k=MANY)
    hand = BY_HAND[policy]
    expected = hand(many)
    assert select_of(policy)(many) == expected == [p for p in many if decide(p)]
    assert 0 < len(expected) < MANY
    ways = {
        "ours": lambda: select_of(policy)(many),
        "theirs": lambda: hand(many),
        "decided": lambda: [p for p in many if decide(p)],
    }
    taken = race(ways, rounds=ROUNDS, times=4)
    rows.at_most(f"P3 {policy.value}", taken["ours"] / taken["theirs"], 1.2)
    rows.noted(f"P3 {policy.value} decided", taken["decided"] / taken["theirs"])
