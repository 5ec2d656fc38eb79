"""What would reverse an answer: the specification's sets, each of which does, and nothing less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, Final

import pytest
from attrs import evolve
from tests.policies.facts import (
    ANN,
    AS_ANN,
    AS_PIA,
    BEGAN,
    NOW,
    OWN,
    PIA,
    access,
    correspondent,
    counterpart,
)
from tests.policies.scenes import TALK
from tests.policies.turns import Case, case_of, flip_of, flips_by_spec, writing
from tests.spec import messaging_spec as spec
from tests.spec.messaging_replay import after_all

from clientportal.domain.conversations import Conversation
from clientportal.domain.practices import MessagingPolicy, PolicySince
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Kind
from clientportal.policies.flips import (
    MADE,
    Flip,
    Turn,
    answer_of,
    flips_of,
    options,
    seen_by,
)

SEED: Final = 20_250_713
BLOCKS: Final = 8
AT_RANDOM: Final = 200_000 // BLOCKS
ASSIGN: Final = Flip(turn=Turn.ASSIGN, client_id=ANN, staff_id=PIA)


def compare(cases: Iterable[Case]) -> Counter[str]:
    """How many questions were compared, and what was in them; the two readings agree in each."""
    seen: Counter[str] = Counter()
    for scene, facts, now in cases:
        flips = flips_of(facts, now)
        assert flips == flips_by_spec(scene), scene
        seen.update(flip.turn.value for each in flips for flip in each)
        seen.update(f"sets of {len(each)}" for each in flips)
        seen["questions"] += 1
    return seen


# --- The two readings ----------------------------------------------------------------------------


def test_the_flips_equal_the_specification() -> None:
    """MSG-13: all minimal sets of at most two changes are those of the independent reading."""
    seen = compare(writing(SEED, 4000))
    assert seen["questions"] >= 3000
    assert seen["sets of 1"] > 500
    assert seen["sets of 2"] > 500
    assert all(seen[turn.value] > 20 for turn in Turn), seen


@pytest.mark.ci
@pytest.mark.parametrize("block", range(BLOCKS))
def test_two_hundred_thousand_at_random(block: int) -> None:
    """MSG-13: the same for crowds, switches and hands at random."""
    seed = SEED + 1 + block
    seen = compare(writing(seed, AT_RANDOM * 9 // 8))
    print(f"seed {seed}: n={seen['questions']}, {dict(seen)}")  # noqa: T201 - what was seen
    assert seen["questions"] >= AT_RANDOM


@pytest.mark.parametrize("turn", Turn)
def test_a_change_that_is_missing_is_found(turn: Turn) -> None:
    """MSG-13: without any one of the closed list of changes the two readings part."""
    others = frozenset(Turn) - {turn}
    found = (
        seen_by(flips_of(facts, now), others, frozenset(facts.clients)) != flips_by_spec(scene)
        for scene, facts, now in writing(SEED, 2000)
    )
    assert any(found)


# --- Laws ----------------------------------------------------------------------------------------


def test_each_set_reverses_and_nothing_smaller_does() -> None:
    """MSG-13: played as things that happen, a set reverses the answer, and no part of it does."""
    checked = 0
    for scene, facts, now in playable(writing(SEED + 100, 2000)):
        before, applies = answer_of((facts, now)).allowed, set(options((facts, now)))
        for changes in spec.flips(scene, in_turn=True):
            checked += 1
            assert answered(after_all(scene, changes)) is not before
            parts = (one for one in changes if len(changes) > 1 and flip_of(one) in applies)
            for one in parts:
                assert answered(after_all(scene, frozenset({one}))) is before
    assert checked > 800


def playable(cases: Iterable[Case]) -> Iterator[Case]:
    """Those where something can still happen before the conversation closes by itself."""
    for case in cases:
        end = spec.closing(case.scene)
        if end is None or end > case.scene.now + 100:
            yield case


def answered(scene: spec.Scene) -> bool:
    """What the library answers to what happened."""
    _, facts, now = case_of(scene)
    return answer_of((facts, now)).allowed


def test_a_hidden_answer_has_no_flips() -> None:
    """MSG-2, MSG-13: to whom nothing exists nothing is told of what would change it."""
    hidden = 0
    for _, facts, now in writing(SEED, 2000):
        if answer_of((facts, now)).reason.kind is Kind.HIDDEN:
            hidden += 1
            assert flips_of(facts, now) == frozenset()
    assert hidden > 50


def test_looking_for_flips_changes_nothing() -> None:
    """MSG-13: each change is made on a copy, and one that does not apply leaves all as it is."""
    idle = Flip(turn=Turn.ASSIGN)
    for _, facts, now in writing(SEED, 500):
        before = repr(facts), answer_of((facts, now))
        flips_of(facts, now)
        assert (repr(facts), answer_of((facts, now))) == before
        for turn in (Turn.POLICY, Turn.ASSIGN, Turn.WAIT_UNTIL):
            assert MADE[turn]((facts, now), evolve(idle, turn=turn)) == (facts, now)


def test_a_change_that_does_not_apply_changes_nothing() -> None:
    """MSG-13: before any conversation none is unlocked, and staff need no access of this kind."""
    start = answering(conversation=None), NOW
    for turn in (Turn.UNLOCK, Turn.REOPEN, Turn.STAFF_WRITES):
        assert MADE[turn](start, Flip(turn=turn)) == start
    by_staff = answering(actor=AS_PIA, access=None), NOW
    assert MADE[Turn.RESTORE_ACCESS](by_staff, Flip(turn=Turn.RESTORE_ACCESS)) == by_staff
    for half in (evolve(ASSIGN, staff_id=None), evolve(ASSIGN, client_id=None)):
        assert MADE[Turn.ASSIGN](start, half) == start


def test_changes_are_what_would_be_stored() -> None:
    """MSG-13, MSG-15: the next message has the next sequence, access is of the actor's account."""
    asked = answering(access=None), NOW
    written, _ = MADE[Turn.STAFF_WRITES](asked, Flip(turn=Turn.STAFF_WRITES))
    assert written.conversation is not None
    assert written.conversation.last_sequence == 2
    restored, _ = MADE[Turn.RESTORE_ACCESS](asked, Flip(turn=Turn.RESTORE_ACCESS))
    assert restored.access is not None
    assert restored.access.account_id == AS_ANN.account_id
    assert restored.access.client_id == ANN
    assert restored.access.is_live
    assigned, _ = MADE[Turn.ASSIGN](asked, ASSIGN)
    assert assigned.clients[ANN].is_on_a_roster
    assert assigned.staff[PIA].assigned == {ANN}


def test_every_option_does_something() -> None:
    """MSG-13: a change is offered only where it applies: what it is made on is not the same."""
    for _, facts, now in writing(SEED, 1000):
        for option in options((facts, now)):
            assert MADE[option.turn]((facts, now), option) != (facts, now)


def test_seen_by_is_a_filter() -> None:
    """MSG-13: whoever can make every change sees every set, and nobody sees half of one."""
    for _, facts, now in writing(SEED, 1000):
        flips, everybody = flips_of(facts, now), frozenset(facts.clients)
        assert seen_by(flips, frozenset(Turn), everybody) == flips
        assert seen_by(flips, frozenset(), everybody) == frozenset()
        for turn in Turn:
            without = seen_by(flips, frozenset(Turn) - {turn}, everybody)
            assert without == {each for each in flips if turn not in {one.turn for one in each}}
        for client_id in everybody:
            without = seen_by(flips, frozenset(Turn), everybody - {client_id})
            assert without == {
                each for each in flips if client_id not in {one.client_id for one in each}
            }


# --- What the specification leaves to the library ------------------------------------------------


def answering(**given: Any) -> WritingFacts:
    """Ann would answer Pia, who wrote now."""
    start = {
        "actor": AS_ANN,
        "policies": (PolicySince(MessagingPolicy.REPLY_ONLY, BEGAN),),
        "clients": {ANN: counterpart()},
        "staff": {PIA: correspondent()},
        "access": access(),
        "conversation": Conversation(
            id=TALK, last_sequence=1, last_at=NOW, is_staff_initiated=True, waiting_since=NOW
        ),
    }
    return WritingFacts(**{**start, **given})


def test_an_assignment_also_lets_staff_see() -> None:
    """MSG-2, PPL-3: who may view assigned clients only can read once the client is assigned."""
    facts = answering(staff={PIA: correspondent(view=OWN)})
    assert answer_of((facts, NOW)).reason.code == "nobody_to_read"
    assert flips_of(facts, NOW) == {frozenset({ASSIGN})}


def test_to_staff_who_may_not_view_the_client_nothing_is_told() -> None:
    """MSG-2, MSG-13: an assignment would let them in, and still they do not hear of it."""
    facts = answering(actor=AS_PIA, access=None, staff={PIA: correspondent(view=OWN)})
    assert answer_of((facts, NOW)).reason.kind is Kind.HIDDEN
    assert flips_of(facts, NOW) == frozenset()


def test_who_never_had_access_can_be_given_it() -> None:
    """MSG-2, MSG-13: access that ended and access that never was are restored alike."""
    restored = frozenset({Flip(turn=Turn.RESTORE_ACCESS)})
    for none in (None, access(ended=True)):
        assert flips_of(answering(access=none), NOW) == {restored}
