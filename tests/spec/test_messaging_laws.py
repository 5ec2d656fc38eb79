"""Laws of the messaging specification, over its small world and over random scenes."""

import functools
import itertools
import random
from collections.abc import Iterator

import pytest
from tests.spec import messaging_space as space
from tests.spec import messaging_spec as spec
from tests.spec.messaging_spec import ByHand, Client, Proxy, Scene, Staff, Switch
from tests.spec.messaging_words import at, policies, talk


@functools.cache
def walk() -> tuple[int, tuple[Scene, ...]]:
    """How large the small world is, with all its starts and one in some hundred of the rest."""
    count, kept = 0, []
    for count, scene in enumerate(spec.space(), 1):
        if scene.action == "start" or count % 101 == 0:
            kept.append(scene)
    return count, tuple(kept)


def undisturbed(scene: Scene) -> bool:
    """Nothing but policy, roster and clock stands in the way."""
    there = all(one.active and spec.views_all(scene, one) for one in scene.staff)
    well = scene.proxy is None or all(scene.proxy[2:])
    return there and well and scene.participant and scene.portal_access


def deep_world() -> Iterator[Scene]:
    """All answers of the small world that get as far as the policy."""
    for side, group in itertools.product(space.SIDES, ("one", "two")):
        asked = list(filter(undisturbed, space.questions("reply", side, group)))
        for scene, past in itertools.product(asked, space.pasts("reply", group)):
            yield scene._replace(**past._asdict())


def many(seed: int, count: int = 5000) -> Iterator[Scene]:
    """Random scenes, and some of the small world."""
    rng = random.Random(seed)
    yield from (spec.random_scene(rng) for _ in range(count))
    yield from rng.sample(walk()[1], count // 4)


def test_msg1_an_unknown_policy_allows_no_writing_with_clients() -> None:
    """MSG-1: no start and no answer, by staff too; among staff, and for reading, none is needed."""
    denied = 0
    for scene in many(1):
        unknown = scene._replace(policy=(*scene.policy, Switch(scene.now, "what?")))
        decision = spec.decide(unknown)
        if scene.action == "read" or spec.staff_only(scene):
            assert decision[:2] == spec.decide(scene)[:2]
        else:
            assert not decision.allowed
            denied += decision.reason == "policy_unknown"
        assert spec.staff_only(scene) or spec.closing(unknown) is None
    assert denied > 1000


def test_msg2_an_outsider_finds_nothing() -> None:
    """MSG-2, MSG-19: under no policy does anybody see a conversation they take no part in."""
    for scene, value in itertools.product(many(2, 2000), (*spec.KNOWN, "what?")):
        if scene.action == "start":
            continue
        proxy = scene.proxy and scene.proxy._replace(participant=False)
        policy = (*scene.policy, Switch(scene.now, value))
        outside = scene._replace(participant=False, proxy=proxy, policy=policy)
        assert spec.decide(outside) == (False, "hidden", True, None, None)
        assert spec.flips(outside) == frozenset()


def test_msg19_starting_is_monotone_for_clients_and_proxies() -> None:
    """MSG-19: reply only = never initiate <= assigned clients only <= all clients."""
    patterns = set()
    for scene in many(19):
        if scene.action == "start" and scene.side != "staff":
            under = (scene._replace(policy=(Switch(0, value),)) for value in spec.KNOWN)
            one, two, three, four = (spec.decide(each).allowed for each in under)
            assert one == two <= three <= four
            patterns.add((one, three, four))
    assert patterns == {(False, False, False), (False, False, True), (False, True, True)}


def moved(scene: Scene, by: int) -> Scene:
    """The same at another time."""
    return scene._replace(
        now=scene.now + by,
        policy=tuple(one._replace(time_us=one.time_us + by) for one in scene.policy),
        messages=tuple(one._replace(time_us=one.time_us + by) for one in scene.messages),
        by_hand=tuple(one._replace(time_us=one.time_us + by) for one in scene.by_hand),
    )


def test_msg4_only_elapsed_time_counts() -> None:
    """MSG-4: the same history at another time has the same answer, with its times moved."""
    for scene in many(4, 3000):
        by = 12_345_678_901
        decision = spec.decide(scene)
        expected = decision._replace(
            closed_at=None if decision.closed_at is None else decision.closed_at + by,
            holds_until=None if decision.holds_until is None else decision.holds_until + by,
        )
        assert spec.decide(moved(scene, by)) == expected


def test_msg13_holds_until_is_the_next_change() -> None:
    """MSG-13: the answer is the same at every instant before `holds_until`, and not at it."""
    rng = random.Random(13)
    ends = 0
    for scene in many(13):
        decision = spec.decide(scene)
        end = scene.now + at(1000) if decision.holds_until is None else decision.holds_until
        for later in (end - 1, rng.randrange(scene.now, end)):
            assert spec.decide(scene._replace(now=later))[:2] == decision[:2]
        if decision.holds_until is not None:
            ends += 1
            assert spec.closing(scene) == end
            assert spec.decide(scene._replace(now=end))[:2] != decision[:2]
    assert ends > 50


def test_msg4_closing_is_when_it_closes() -> None:
    """MSG-4: nobody's noticing counts: just before it is open, from then on closed since then."""
    ends = 0
    for scene in many(44):
        end = spec.closing(scene)
        if end is None:
            assert spec.clock_now(scene._replace(now=scene.now + at(10_000))) == (
                spec.clock_now(scene)
            )
            continue
        ends += 1
        assert end > scene.now
        assert spec.clock_now(scene._replace(now=end - 1)).closed_at is None
        assert spec.clock_now(scene._replace(now=end + at(5))).closed_at == end
    assert ends > 200


def test_msg7_without_a_roster_nobody_writes_under_assigned_clients_only() -> None:
    """MSG-7: unassigning everybody denies every start and answer with active clients at once."""
    for scene in many(7, 3000):
        policy = (*scene.policy, Switch(scene.now, "assigned_clients_only"))
        if scene.action != "read" and not spec.staff_only(scene):
            bare = scene._replace(policy=policy, roster=frozenset())
            assert not spec.decide(bare).allowed


def test_msg2_every_reason_is_reached_by_every_side() -> None:
    """MSG-2, MSG-11: in the small world and at random, whoever can hear a reason hears it."""
    names = {reason for reason, _ in spec.DENIALS}
    clients = names - {"not_in_grant"}
    expected = {
        "client": clients,
        "proxy": names,
        "staff": {"hidden", "sender_inactive", "locked", "nobody_to_read", "policy_unknown"}
        | {"not_on_roster"},
    }
    rng = random.Random(22)
    drawn = [spec.random_scene(rng) for _ in range(10_000)]
    small = itertools.chain(walk()[1], itertools.islice(deep_world(), 0, None, 7))
    for scenes in (drawn, small):
        heard = {(scene.side, spec.decide(scene).reason) for scene in scenes}
        for side, reasons in expected.items():
            assert {reason for who, reason in heard if who == side} == {*reasons, None}


# --- The worlds ----------------------------------------------------------------------------------


def test_the_small_world_is_as_large_as_it_says() -> None:
    """MSG-11: the questions of the finite space are counted, differ, and could have come about."""
    count, scenes = walk()
    assert f"{count:,}" in (spec.space.__doc__ or "")
    assert len(set(scenes)) == len(scenes)
    assert all(map(spec.possible, scenes))


def test_random_scenes_could_have_happened_and_come_again() -> None:
    """MSG-3: a history is one that the rules allow, and the same seed tells the same."""
    one, other = random.Random(5), random.Random(5)
    kinds = set()
    for _ in range(3000):
        scene = spec.random_scene(one)
        assert scene == spec.random_scene(other)
        assert spec.possible(scene)
        events = spec.happened(scene)
        assert len(events) == len(scene.policy) + len(scene.messages) + len(scene.by_hand)
        kinds |= {getattr(event, "side", getattr(event, "kind", "policy")) for event in events}
    hands = {"closed", "reopened", "unlocked", "taken_over"}
    assert kinds == {"staff", "client", "proxy", "automatic", "policy"} | hands


# --- The table -----------------------------------------------------------------------------------

CLOSED = ByHand(at(1), "closed")
PASTS = {
    ("new", True): ((), ()),
    ("open", True): (talk(("C", 0), ("S", 999)), ()),
    ("open", False): (talk(("C", 0)), ()),
    ("auto_closed", True): (talk(("S", 0)), ()),
    ("closed_by_staff", False): (talk(("P", 0)), (CLOSED,)),
    ("locked", True): (talk(("S", 0)), (CLOSED._replace(locked=True),)),
    ("reopened", True): (talk(("S", 0), ("S", 999)), (CLOSED,)),
    ("reopened", False): (talk(("P", 0)), (CLOSED, ByHand(at(999), "reopened"))),
}
ROSTERS = {"this": {("c", "s")}, "other": {("c", "t")}, "none": {("d", "s")}}


@pytest.mark.parametrize("policy", [*spec.KNOWN, "unknown", None])
def test_msg11_the_table_for_proxies_and_for_reading(policy: str | None) -> None:
    """MSG-11, MSG-20: a proxy is in the client's column; reading is the same in every column."""
    told = policies((0, "all_clients"), (3, "reply_only"))
    sides = {"staff": "s", "client": "c", "proxy": "p"}
    for cell in itertools.product(sides, ROSTERS, PASTS, spec.ACTIONS):
        side, assigned, (situation, initiated), action = cell
        messages, by_hand = PASTS[situation, initiated]
        scene = Scene(
            *(action, side, sides[side], at(1000)),
            policy=(*told, Switch(at(999.5), policy)),
            messages=messages,
            by_hand=by_hand,
            clients=(Client("c"),),
            staff=(Staff("s"),),
            roster=frozenset(ROSTERS[assigned]),
            proxy=Proxy("p", "c"),
        )
        row = spec.table_row(str(policy), side, assigned, initiated, situation, action)
        assert spec.decide(scene)[:2] == row, scene
