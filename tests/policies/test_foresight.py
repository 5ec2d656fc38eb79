"""What happens by itself, and what a switch would change: the specification's, on any scene."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import pytest
from attrs import evolve
from tests.policies.facts import HOUR, INSTANT, P, actor
from tests.policies.scenes import access_to, at, client_id, switched
from tests.policies.turns import Case, case_of, writing
from tests.spec import messaging_spec as spec

from clientportal.domain.actors import Capacity
from clientportal.domain.conversations import auto_closed_at
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice
from clientportal.policies.conversations import may_send_message, may_start_conversation
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.foresight import Flipped, Foreseen, closes_at, flipped_by, under

SEED: Final = 20_250_714
BLOCKS: Final = 8
AT_RANDOM: Final = 40_000 // BLOCKS
REPLY, NEVER, ASSIGNED, EVERYBODY = MessagingPolicy


def begun(cases: Iterable[Case]) -> Iterator[Case]:
    """Those about a conversation."""
    return (case for case in cases if case.facts.conversation is not None)


# --- What happens by itself (MSG-4, MSG-9) -------------------------------------------------------


def test_closing_is_that_of_the_specification() -> None:
    """MSG-4, MSG-9, MSG-16: it closes by itself when the replay of all that happened says so."""
    seen: Counter[bool] = Counter()
    for scene, facts, now in begun(writing(SEED, 6000)):
        end = spec.closing(scene)
        assert closes_at(facts, now) == (None if end is None else at(end)), scene
        seen[end is not None] += 1
    assert seen[True] > 200
    assert seen[False] > 1000


def test_a_start_closes_nothing() -> None:
    """MSG-3: none exists without a message, so there is nothing to close."""
    for _, facts, now in writing(SEED, 500):
        assert closes_at(evolve(facts, conversation=None), now) is None


def test_it_closes_whether_or_not_anybody_looks() -> None:
    """MSG-4, OUT-3: the closing ahead is the closing later, to the microsecond, unasked.

    What is stored stays the same while time passes; what it comes to does not.
    """
    closed = 0
    for _, facts, now in begun(writing(SEED + 1, 4000)):
        end, talk = closes_at(facts, now), facts.conversation
        if end is None or talk is None:
            continue
        closed += 1
        waiting, history = talk.waiting_since, facts.policies
        assert now < end
        assert closes_at(facts, end - INSTANT) == end
        assert auto_closed_at(waiting, history, end - INSTANT) is None
        for late in (end, end + INSTANT, end + 10_000 * HOUR):
            assert closes_at(facts, late) is None
            assert auto_closed_at(waiting, history, late) == end
    assert closed > 200


def test_looking_often_and_looking_once_tell_the_same() -> None:
    """MSG-4: whoever looks every few hours up to a moment hears what who looks then hears."""
    for scene, facts, now in begun(writing(SEED + 2, 600)):
        talk = facts.conversation
        assert talk is not None
        looks = [now + hours * HOUR for hours in range(0, 100, 7)]
        told = [auto_closed_at(talk.waiting_since, facts.policies, look) for look in looks]
        later = case_of(scene._replace(now=scene.now + 98 * spec.HOUR))
        assert later.facts == facts
        assert told == sorted(told, key=lambda each: each is not None)
        assert len({each for each in told if each is not None}) <= 1
        assert told[-1] == auto_closed_at(talk.waiting_since, facts.policies, later.now)


def test_what_is_set_later_closes_nothing_earlier() -> None:
    """MSG-9: a switch after the closing leaves it, and one before it moves or cancels it."""
    moved = 0
    for _, facts, now in begun(writing(SEED + 3, 3000)):
        end = closes_at(facts, now)
        if end is None or facts.conversation is None:
            continue
        waiting = facts.conversation.waiting_since
        for policy in (NEVER, ASSIGNED, EVERYBODY):
            there = (*facts.policies, PolicySince(policy, end))
            assert auto_closed_at(waiting, there, end) == end
            before = (*facts.policies, PolicySince(policy, end - INSTANT))
            assert auto_closed_at(waiting, before, end) is None
            again = (*before, PolicySince(REPLY, end))
            assert auto_closed_at(waiting, again, end + 48 * HOUR - INSTANT) is None
            assert auto_closed_at(waiting, again, end + 48 * HOUR) == end + 48 * HOUR
            moved += 1
    assert moved > 300


# --- What would change (MSG-18) ------------------------------------------------------------------


def crowds(seed: int, count: int) -> Iterator[Case]:
    """Conversations with clients, whoever asked; staff may view all who take part, or none."""
    for scene, _, _ in begun(writing(seed, count)):
        if scene.clients:
            seeing = (
                one._replace(permitted=spec.views_all(scene, one), blind_to=frozenset())
                for one in scene.staff
            )
            yield case_of(scene._replace(staff=tuple(seeing)))


def has_access(scene: spec.Scene, name: str) -> bool:
    """Not everybody in a conversation has: one of the three clients never."""
    return scene.portal_access and name != "c3"


def as_client(scene: spec.Scene, name: str) -> spec.Scene:
    """One of the clients asks instead."""
    return scene._replace(
        action="reply",
        side="client",
        actor=name,
        participant=True,
        may_view=True,
        staff_active=True,
        portal_access=has_access(scene, name),
        proxy=None,
    )


def starts_of(asked: spec.Scene) -> Iterator[spec.Scene]:
    """The client would start with each of the staff who take part, or with nobody if none does."""
    alone = tuple(one for one in asked.clients if one.id == asked.actor)
    fresh = asked._replace(action="start", messages=(), by_hand=(), closed_to_proxies=False)
    for named in [(one,) for one in asked.staff] or [()]:
        yield fresh._replace(clients=alone, staff=named)


def could_start(asked: spec.Scene, policy: str | None) -> bool:
    """Whether the client may start with one of them, under a policy set now."""
    switch = (spec.Switch(asked.now, policy),) if policy is not None else ()
    starts = (each._replace(policy=(*each.policy, *switch)) for each in starts_of(asked))
    return any(spec.decide(each).allowed for each in starts)


def by_spec(asked: spec.Scene, value: str) -> bool:
    """Whether the client's answer or start differs, now or at the next deadline."""
    return spec.would_change(asked, value) or could_start(asked, None) != could_start(asked, value)


def foreseen(case: Case) -> Foreseen:
    """What the switch is judged on: the actor of the scene is whoever proposes it."""
    access = (
        access_to(client_id(one.id), None, live=has_access(case.scene, one.id))
        for one in case.scene.clients
    )
    return Foreseen(facts=case.facts, accesses=tuple(access))


def compare(cases: Iterable[Case]) -> Counter[str]:
    """How many pairs of a conversation and a client were compared; the readings agree in each."""
    seen: Counter[str] = Counter()
    for case in cases:
        for policy in MessagingPolicy:
            found = {one.client_id: one for one in flipped_by(foreseen(case), policy, case.now)}
            asked = {client_id(one.id): as_client(case.scene, one.id) for one in case.scene.clients}
            expected = {key for key, each in asked.items() if by_spec(each, policy.value)}
            assert set(found) == expected, (case.scene, policy)
            for key, one in found.items():
                check(one, asked[key], policy)
                seen.update(kinds(one, case.now))
            seen["pairs"] += len(asked)
    return seen


def check(one: Flipped, asked: spec.Scene, policy: MessagingPolicy) -> None:
    """Answers before and after are those of the specification at that moment."""
    clock, later = spec.clock_now(asked), round((one.at - at(0)) / INSTANT)
    clocks = clock, spec.after_switch(clock, spec.Switch(asked.now, policy.value))
    reasons = (spec.first_reason(asked, spec.pass_time(each, later)) for each in clocks)
    assert tuple(map(bool, one.answers)) == tuple(reason is None for reason in reasons)
    starts = could_start(asked, None), could_start(asked, policy.value)
    assert tuple(map(bool, one.starts)) == starts
    assert one.is_different


def kinds(one: Flipped, now: Moment) -> Iterator[str]:
    """What differs in it."""
    yield "now" if one.at == now else "later"
    for name, (before, after) in (("answer", one.answers), ("start", one.starts)):
        if bool(before) is not bool(after):
            yield f"{name} {'given' if after else 'taken'}"


def test_a_switch_flips_what_the_specification_says() -> None:
    """MSG-18: the clients whose start or answer would flip, now or at the next deadline."""
    seen = compare(crowds(SEED + 4, 1000))
    assert seen["pairs"] > 3000
    expected = ("now", "later", "answer given", "answer taken", "start given", "start taken")
    assert all(seen[kind] > 10 for kind in expected), seen


@pytest.mark.ci
@pytest.mark.parametrize("block", range(BLOCKS))
def test_many_switches_at_random(block: int) -> None:
    """MSG-18: the same in many more conversations."""
    seed = SEED + 100 + block
    seen = compare(crowds(seed, AT_RANDOM))
    print(f"seed {seed}: {dict(seen)}")  # noqa: T201 - what was seen
    assert seen["pairs"] > 3 * AT_RANDOM


def test_setting_what_is_set_changes_nothing() -> None:
    """MSG-9, MSG-18: the same value again is no switch, so nobody hears of it."""
    for case in crowds(SEED + 5, 500):
        policy = case.facts.policy
        if isinstance(policy, MessagingPolicy):
            assert under(case.facts, policy, case.now) is case.facts
            assert list(flipped_by(foreseen(case), policy, case.now)) == []


def test_what_was_foreseen_comes_about() -> None:
    """MSG-18: once the policy is set, the client hears at that moment what was foretold."""
    told = 0
    for case in crowds(SEED + 6, 600):
        for policy in MessagingPolicy:
            practice = Practice(id=P, name="Riverside", policies=case.facts.policies)
            after = switched(practice, spec.Switch(case.scene.now, policy.value))
            assert under(case.facts, policy, case.now).policies == after.policies
            for one in flipped_by(foreseen(case), policy, case.now):
                told += 1
                facts = asked_by(evolve(case.facts, policies=after.policies), case, one)
                assert may_send_message(facts, one.at) == one.answers[1]
    assert told > 300


def asked_by(facts: WritingFacts, case: Case, one: Flipped) -> WritingFacts:
    """The client asks for themself."""
    name = next(each.id for each in case.scene.clients if client_id(each.id) == one.client_id)
    own = access_to(one.client_id, None, live=has_access(case.scene, name))
    me = actor(Capacity.CLIENT, client_id=one.client_id)
    return evolve(facts, actor=me, access=own, bond=None, participant=None)


# --- Monotone (MSG-19) ---------------------------------------------------------------------------


def test_starting_is_monotone_for_clients_and_proxies() -> None:
    """MSG-19: reply only = never initiate <= assigned clients only <= all clients."""
    patterns = Counter[tuple[bool, ...]]()
    for _, facts, now in writing(SEED + 7, 6000):
        if facts.conversation is not None or facts.actor.is_staff:
            continue
        under_each = (under(facts, policy, now) for policy in (REPLY, NEVER, ASSIGNED, EVERYBODY))
        one, two, three, four = (bool(may_start_conversation(each, now)) for each in under_each)
        assert one == two <= three <= four
        patterns[one, three, four] += 1
    assert set(patterns) == {(False, False, False), (False, False, True), (False, True, True)}
    assert min(patterns.values()) > 100


def test_a_switch_along_the_order_takes_no_start() -> None:
    """MSG-18, MSG-19: to all clients nobody loses a start, to reply only nobody gains one."""
    for case in crowds(SEED + 8, 500):
        for policy, gains in ((EVERYBODY, True), (REPLY, False), (NEVER, False)):
            for one in flipped_by(foreseen(case), policy, case.now):
                before, after = map(bool, one.starts)
                assert before <= after if gains else before >= after
