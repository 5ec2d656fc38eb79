"""What would reverse an answer, and what another policy would change, tried on worked scenes."""

import itertools
import random
from typing import Any

import pytest
from tests.spec import messaging_spec as spec
from tests.spec.messaging_replay import after_all
from tests.spec.messaging_spec import ByHand, Change, Proxy, Scene, Staff
from tests.spec.messaging_words import BY_STAFF, at, by_proxy, policies, told

LOCKED = (ByHand(at(10), "closed", locked=True),)
ALL = ("policy", "all_clients")
ASSIGNED = ("policy", "assigned_clients_only")
NEVER = ("policy", "never_initiate")
ONLY = ("policy", "reply_only")
ASSIGN = ("assign", "c", "s")
REOPEN = ("reopen",)
STAFF_WRITES = ("staff_writes",)
UNLOCK = ("unlock",)
RESTORE = ("restore_access",)


def sets(*each: set[Change]) -> frozenset[frozenset[Change]]:
    """Of sets."""
    return frozenset(map(frozenset, each))


def test_msg13_of_a_closed_conversation() -> None:
    """MSG-13: all clients, assigned clients and an assignment, reopening, or a staff message."""
    expected = sets({ALL}, {ASSIGNED, ASSIGN}, {REOPEN}, {STAFF_WRITES})
    assert spec.flips(told(60, ("S", 0))) == expected
    roster = frozenset({("c", "s")})
    assigned = spec.flips(told(60, ("S", 0), roster=roster))
    assert assigned == sets({ALL}, {ASSIGNED}, {REOPEN}, {STAFF_WRITES})


def test_msg13_of_an_open_conversation() -> None:
    """MSG-13: an allowed answer ends by waiting, or where nobody is assigned."""
    assert spec.flips(told(1, ("S", 0))) == sets({ASSIGNED}, {("wait_until", at(48))})
    roster = frozenset({("c", "s")})
    assert spec.flips(told(1, ("S", 0), roster=roster)) == sets({("wait_until", at(48))})
    assert spec.flips(told(1, ("S", 0), ("C", 0.5), roster=roster)) == sets()


def test_msg13_of_a_start() -> None:
    """MSG-13: only a policy helps, with an assignment where it asks for one."""
    start = told(1, action="start")
    assert spec.flips(start) == sets({ALL}, {ASSIGNED, ASSIGN})
    assert spec.flips(start._replace(portal_access=False)) == sets({RESTORE, ALL})
    quiet = start._replace(staff=(Staff("s", takes_messages=False),))
    assert spec.flips(quiet) == sets()


def test_msg13_of_staff_not_on_the_roster() -> None:
    """MSG-13: the assignment, each other policy; a group of two needs both assignments."""
    policy = policies((0, "assigned_clients_only"))
    one = told(1, ("S", 0), policy=policy, **BY_STAFF)
    assert spec.flips(one) == sets({ASSIGN}, {ALL}, {NEVER}, {ONLY})
    group = one._replace(clients=(spec.Client("c"), spec.Client("d")))
    both = {ASSIGN, ("assign", "d", "s")}
    assert spec.flips(group) == sets(both, {ALL}, {NEVER}, {ONLY})


def test_msg13_of_a_proxy() -> None:
    """MSG-13: access can be restored, a grant is not in the list."""
    assert spec.flips(told(1, ("S", 0), **by_proxy(access=False))) == sets({RESTORE})
    read = told(60, ("S", 0), action="read", **by_proxy(access=False))
    assert spec.flips(read) == sets({RESTORE})
    assert spec.flips(told(1, ("S", 0), **by_proxy(in_scope=False))) == sets()
    assert spec.flips(told(1, ("S", 0), **by_proxy(current=False))) == sets()


def test_msg13_of_a_locked_conversation() -> None:
    """MSG-10, MSG-13: unlocking leaves it closed, so that the client needs one thing more."""
    scene = told(11, ("S", 0), by_hand=LOCKED)
    assert spec.flips(scene) == sets({UNLOCK, ALL})
    more = sets({UNLOCK, ALL}, {UNLOCK, REOPEN}, {UNLOCK, STAFF_WRITES})
    assert spec.flips(scene, in_turn=True) == more
    assert spec.flips(scene._replace(**BY_STAFF)) == sets({UNLOCK})


def test_msg13_staff_write_where_there_is_somebody_to() -> None:
    """MSG-13: without an active, permitted participant nobody writes, and nobody reads."""
    history = policies((0, "all_clients"), (5, "reply_only"))
    scene = told(6, ("C", 0), policy=history)
    assert spec.flips(scene) == sets({ALL}, {NEVER}, {STAFF_WRITES}, {ASSIGNED, ASSIGN})
    gone = scene._replace(staff=(Staff("s", active=False),))
    assert spec.flips(gone) == sets()


def test_msg13_an_unknown_policy() -> None:
    """MSG-13: a known one is set; staff cannot write before that, and in turn can after it."""
    scene = told(60, ("S", 0), policy=policies((50, "what?")))
    expected = sets({ALL}, {ASSIGNED, ASSIGN}, *({x, y} for x, y in LEFTOVER))
    assert spec.flips(scene) == spec.flips(scene, in_turn=True) == expected


LEFTOVER = list(itertools.product((NEVER, ONLY), (REOPEN, STAFF_WRITES)))


@pytest.mark.parametrize("in_turn", [False, True])
def test_msg13_each_set_reverses_and_nothing_smaller_does(in_turn: bool) -> None:
    """MSG-13: replayed as things that happen, a set reverses the answer, and no part of it does."""
    rng = random.Random(130)
    checked = 0
    for _ in range(2500):
        scene = spec.random_scene(rng)
        end = spec.closing(scene)
        if end is not None and end < scene.now + 100:
            continue
        now = spec.decide(scene).allowed
        for changes in spec.flips(scene, in_turn=in_turn):
            checked += 1
            assert spec.decide(after_all(scene, changes)).allowed != now
            for one in changes if len(changes) > 1 else ():
                assert spec.decide(after_all(scene, frozenset({one}))).allowed == now
    assert checked > 800


# --- MSG-18 --------------------------------------------------------------------------------------

CASES: list[tuple[Scene, dict[str, bool]]] = [
    (
        told(60, ("S", 0)),
        {"never_initiate": False, "assigned_clients_only": False, "all_clients": True},
    ),
    (
        told(1, ("S", 0)),
        {"never_initiate": True, "assigned_clients_only": True, "all_clients": True, "?": True},
    ),
    (
        told(500, ("S", 0), ("C", 1)),
        {"never_initiate": False, "assigned_clients_only": True, "all_clients": False},
    ),
    (
        told(500, ("S", 0), policy=policies((0, "all_clients"))),
        {"reply_only": True, "never_initiate": False, "assigned_clients_only": True},
    ),
    (
        told(1, action="start"),
        {"never_initiate": False, "assigned_clients_only": False, "all_clients": True},
    ),
    (
        told(1, action="start", roster=frozenset({("c", "s")})),
        {"assigned_clients_only": True, "all_clients": True, "?": False},
    ),
]


@pytest.mark.parametrize(("scene", "values"), CASES)
def test_msg18_now_or_at_the_next_deadline(scene: Scene, values: dict[str, bool]) -> None:
    """MSG-18: the answer differs now, or because one policy closes what the other leaves open."""
    assert {value: spec.would_change(scene, value) for value in values} == values


def test_msg18_agrees_with_the_flips() -> None:
    """MSG-18: the present policy changes nothing; one that reverses the answer now changes it."""
    rng = random.Random(18)
    later = 0
    for _ in range(2000):
        scene = spec.random_scene(rng)
        assert not spec.would_change(scene, spec.clock_now(scene).policy)
        flips = spec.flips(scene)
        for value in spec.KNOWN:
            now = frozenset({("policy", value)}) in flips
            assert spec.would_change(scene, value) >= now
            later += spec.would_change(scene, value) and not now
    assert later > 20


def test_msg18_nobody_hears_of_what_is_hidden() -> None:
    """MSG-2, MSG-18: for somebody who takes no part nothing would change."""
    outside: list[dict[str, Any]] = [{"participant": False}, by_proxy(participant=False)]
    for who, value in itertools.product(outside, spec.KNOWN):
        assert not spec.would_change(told(60, ("S", 0), **who), value)
    assert spec.would_change(told(60, ("S", 0), proxy=Proxy("p", "c")), "all_clients")
