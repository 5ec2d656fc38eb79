"""Proxies, groups, staff among themselves, and reading, tried on the messaging specification."""

import random
from typing import Any

import pytest
from tests.spec import messaging_spec as spec
from tests.spec.messaging_spec import ByHand, Client, Decision, Proxy, Scene, Staff, Switch
from tests.spec.messaging_words import AMONG_STAFF, BY_STAFF, answer, at, by_proxy, policies, told

NOTHING = Decision(False, "hidden", hidden=True)
LOCKED = (ByHand(at(10), "closed", locked=True),)
UNKNOWN = policies((0.5, "what?"))


# --- Proxies -------------------------------------------------------------------------------------


def test_msg20_for_a_proxy_policy_roster_and_clock_are_the_clients() -> None:
    """MSG-20: with everything in order a proxy hears what the client would hear."""
    rng = random.Random(20)
    seen = set()
    for _ in range(3000):
        scene = spec.random_scene(rng)
        if scene.side != "client" or not scene.participant or scene.closed_to_proxies:
            continue
        proxy = Proxy("p", scene.actor, access=scene.portal_access)
        theirs = scene._replace(side="proxy", actor="p", proxy=proxy, portal_access=False)
        assert spec.decide(theirs) == spec.decide(scene)
        seen.add(spec.decide(scene).reason)
    assert len(seen) > 10


def test_msg20_a_proxys_message_is_the_clients_answer() -> None:
    """MSG-20: it stops the clock, and the next staff message starts it afresh."""
    assert answer(100, ("S", 0), ("P", 1)).allowed
    assert answer(49, ("S", 0), ("P", 1), ("S", 2)).holds_until == at(50)
    assert answer(20, ("S", 0), **by_proxy()) == Decision(True, None, holds_until=at(48))
    assert answer(60, ("S", 0), **by_proxy()).reason == "auto_closed"


@pytest.mark.parametrize(
    "more",
    [
        by_proxy(current=False),
        by_proxy(participant=False),
        by_proxy(client="d"),
        by_proxy(id="q"),
        by_proxy() | {"closed_to_proxies": True},
        by_proxy() | {"proxy": None},
    ],
)
@pytest.mark.parametrize("action", ["reply", "read"])
def test_msg20_where_a_proxy_takes_no_part_there_is_nothing(
    action: str, more: dict[str, Any]
) -> None:
    """MSG-20: ended, not taking part, another's, or closed to proxies: it does not exist."""
    assert answer(1, ("S", 0), action=action, **more) == NOTHING
    assert spec.upcoming(told(1, ("S", 0), action=action, **more)) is None


def test_msg20_closed_to_proxies_is_open_to_the_others() -> None:
    """MSG-20: client and staff see no difference, and no proxy can have written there."""
    for who in ({}, BY_STAFF):
        scene = told(1, ("S", 0), closed_to_proxies=True, **who)
        assert spec.decide(scene) == spec.decide(scene._replace(closed_to_proxies=False))
        assert spec.upcoming(scene) == at(48)
    wrote = told(2, ("S", 0), ("P", 1))
    assert not spec.possible(wrote._replace(closed_to_proxies=True))


def test_msg20_a_proxy_starts_for_their_own_client_only() -> None:
    """MSG-20: a start needs no part taken, a live relationship, and that client alone."""
    start = {"action": "start", "policy": policies((0, "all_clients"))}
    assert answer(1, **start, **by_proxy(participant=False)) == Decision(True, None)
    assert answer(1, **start, **by_proxy(current=False)) == NOTHING
    assert answer(1, **start, **by_proxy(client="d")) == NOTHING
    both = {"clients": (Client("c"), Client("d"))}
    assert answer(1, **start, **both, **by_proxy()) == NOTHING
    assert answer(1, **start, **both) == NOTHING


def test_msg2_the_reasons_of_a_proxy_in_order() -> None:
    """MSG-2: archived client, revoked access, no messages scope, locked, nobody, in this order."""
    scene = told(
        11,
        *(("S", 0),),
        by_hand=LOCKED,
        clients=(Client("c", active=False),),
        staff=(Staff("s", active=False),),
        **by_proxy(current=False, access=False, in_scope=False),
    )
    steps: list[tuple[str, dict[str, Any]]] = [
        ("hidden", {"proxy": Proxy("p", "c", access=False, in_scope=False)}),
        ("sender_inactive", {"clients": (Client("c"),)}),
        ("sender_without_access", {"proxy": Proxy("p", "c", in_scope=False)}),
        ("not_in_grant", {"proxy": Proxy("p", "c")}),
        ("locked", {"by_hand": ()}),
        ("nobody_to_read", {"staff": (Staff("s"),)}),
    ]
    for reason, better in steps:
        assert spec.decide(scene).reason == reason
        scene = scene._replace(**better)
    assert spec.decide(scene).allowed


def test_inv7_access_is_each_ones_own() -> None:
    """INV-7, MSG-20: the client's revoked access does not bind a proxy, nor the other way."""
    assert answer(1, ("S", 0), portal_access=False, **by_proxy()).allowed
    assert answer(1, ("S", 0), proxy=Proxy("p", "c", access=False)).allowed
    assert answer(1, ("S", 0), **by_proxy(access=False)).reason == "sender_without_access"


# --- Staff among themselves ----------------------------------------------------------------------


@pytest.mark.parametrize("value", [*spec.KNOWN, "what?", None])
def test_msg2_staff_among_themselves_know_no_policy(value: str | None) -> None:
    """MSG-2: start and answer are allowed under every policy, and nothing closes by itself."""
    policy = (Switch(at(0.5), value),)
    for action in ("start", "reply"):
        scene = told(4000, ("S", 0), action=action, policy=policy, **AMONG_STAFF)
        assert spec.decide(scene) == Decision(True, None)
        assert spec.closing(scene) is None


def test_msg2_staff_among_themselves_need_another() -> None:
    """MSG-2: there must be one other active participant; permissions on clients do not matter."""
    alone = AMONG_STAFF | {"staff": (Staff("s"), Staff("t", active=False))}
    assert answer(1, ("S", 0), **alone).reason == "nobody_to_read"
    third = alone | {"staff": (*alone["staff"], Staff("u", permitted=False))}
    assert answer(1, ("S", 0), **third).allowed
    assert answer(1, ("S", 0), **AMONG_STAFF, may_view=False).allowed
    assert answer(1, ("S", 0), **AMONG_STAFF, participant=False) == NOTHING
    assert answer(1, ("S", 0), **AMONG_STAFF, staff_active=False).reason == "sender_inactive"


def test_msg10_staff_among_themselves_close_by_hand() -> None:
    """MSG-10: a lock binds; what is closed by hand any staff message reopens."""
    assert answer(11, ("S", 0), by_hand=LOCKED, **AMONG_STAFF).reason == "locked"
    closed = (ByHand(at(10), "closed"),)
    open_again = told(13, ("S", 0), ("S", 12), by_hand=closed, policy=UNKNOWN, **AMONG_STAFF)
    assert spec.decide(open_again) == Decision(True, None)
    assert answer(11, ("S", 0), by_hand=closed, **AMONG_STAFF) == (True, None, False, at(10), None)


def test_msg21_no_client_is_among_staff() -> None:
    """MSG-21: a client or proxy finds nothing there, and none can have written there."""
    assert answer(1, ("S", 0), clients=(), participant=False) == NOTHING
    assert answer(1, ("S", 0), clients=()) == NOTHING
    assert answer(1, ("S", 0), clients=(), **by_proxy()) == NOTHING
    wrote = told(2, ("S", 0), ("C", 1), **BY_STAFF)
    assert not spec.possible(wrote._replace(clients=()))


# --- Groups --------------------------------------------------------------------------------------

GROUP: dict[str, Any] = {"clients": (Client("c"), Client("d", active=False))}


def test_msg7_staff_view_all_of_a_group_or_nothing() -> None:
    """MSG-7, MSG-10: whoever may not view one client, archived or not, sees no conversation."""
    blind = {"staff": (Staff("s", blind_to=frozenset({"d"})),)}
    for action in ("read", "reply", "start"):
        assert answer(1, ("S", 0), action=action, **GROUP, **BY_STAFF).allowed
        assert answer(1, ("S", 0), action=action, **GROUP, **blind, **BY_STAFF) == NOTHING
        assert answer(1, ("S", 0), action=action, **GROUP, may_view=False, **BY_STAFF) == NOTHING
    assert answer(1, ("S", 0), **blind, **BY_STAFF).allowed


def test_msg2_a_group_needs_staff_who_view_all_of_it() -> None:
    """MSG-2: staff who may not view one of the clients are nobody to read for the others."""
    blind = Staff("s", blind_to=frozenset({"d"}))
    assert answer(1, ("S", 0), **GROUP, staff=(blind,)).reason == "nobody_to_read"
    assert answer(1, ("S", 0), **GROUP, staff=(blind, Staff("t"))).allowed
    gone = {"clients": (Client("c", active=False), Client("d", active=False))}
    assert answer(1, ("S", 0), **gone, **BY_STAFF).reason == "nobody_to_read"


def test_msg10_any_clients_message_counts() -> None:
    """MSG-10: one client's answer stops the clock for the other."""
    both = {"clients": (Client("c"), Client("d"))}
    assert answer(100, ("S", 0), ("C", 1), **both, actor="d").allowed
    assert answer(100, ("S", 0), **both, actor="d").reason == "auto_closed"


# --- Reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [{}, BY_STAFF, by_proxy()])
def test_msg5_what_is_closed_stays_readable(who: dict[str, Any]) -> None:
    """MSG-1, MSG-5: closed, locked, archived, nobody left, policy unknown: reading stays."""
    read = {"action": "read"} | who
    assert answer(60, ("S", 0), **read) == Decision(True, None, closed_at=at(48))
    assert answer(11, ("S", 0), by_hand=LOCKED, **read).allowed
    assert answer(11, ("S", 0), policy=UNKNOWN, **read).allowed
    assert answer(11, ("S", 0), clients=(Client("c", active=False),), **read).allowed
    assert answer(11, ("S", 0), staff=(Staff("t", active=False),), **read).allowed


def test_msg2_who_may_not_read() -> None:
    """MSG-2: outsiders, who has left, who has no access, and proxies without the scope."""
    read: dict[str, Any] = {"action": "read"}
    assert answer(1, ("S", 0), **read, participant=False) == NOTHING
    assert answer(1, ("S", 0), **read, may_view=False, **BY_STAFF) == NOTHING
    assert answer(1, **read) == NOTHING
    assert answer(1, ("S", 0), **read, staff_active=False, **BY_STAFF).reason == "sender_inactive"
    assert answer(1, ("S", 0), **read, portal_access=False).reason == "sender_without_access"
    assert answer(1, ("S", 0), **read, **by_proxy(in_scope=False)).reason == "not_in_grant"
    no_access = by_proxy(access=False, in_scope=False)
    assert answer(1, ("S", 0), **read, **no_access).reason == "sender_without_access"


# --- Recipients ----------------------------------------------------------------------------------


def test_msg14_recipients_are_whom_a_start_may_name() -> None:
    """MSG-10, MSG-14: a client may start with several exactly if with each of them alone."""
    rng = random.Random(14)
    several = 0
    for _ in range(6000):
        scene = spec.random_scene(rng)
        if scene.action != "start" or scene.side == "staff" or not spec.is_client(scene):
            continue
        named = {one.id for one in scene.staff}
        assert spec.decide(scene).allowed == (spec.recipients(scene) == named)
        several += len(named) > 1 and spec.decide(scene).allowed
    assert several > 20


def test_msg14_recipients_of_staff() -> None:
    """MSG-14: staff may start with the active clients they may view and are assigned to."""
    scene: Scene = told(
        1,
        policy=policies((0, "assigned_clients_only")),
        clients=(Client("c"), Client("d"), Client("e", active=False), Client("f")),
        staff=(Staff("s", blind_to=frozenset({"f"})),),
        roster=frozenset({("c", "s"), ("e", "s"), ("f", "s")}),
        **BY_STAFF,
    )
    assert spec.recipients(scene) == {"c"}
    assert spec.recipients(scene._replace(policy=())) == {"c", "d"}
