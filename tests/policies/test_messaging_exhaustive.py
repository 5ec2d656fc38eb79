"""The rules about messages equal the specification: everywhere in a small world, and at random.

A scene of the specification becomes the facts that storage would answer; both judge it. The wrong
rules at the end show that the comparison sees.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, islice
from typing import Any, Final, NamedTuple, TypeAlias

import pytest
from attrs import evolve
from tests.policies.facts import INSTANT, client, practice
from tests.policies.scenes import at, client_id, facts_of, staff_id
from tests.spec import messaging_spec as spec

from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.relationships import Scope
from clientportal.flows import run
from clientportal.policies.conversations import (
    may_read_conversation,
    may_send_message,
    may_start_conversation,
)
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.messaging import NOT_A_PARTICIPANT
from clientportal.policies.standing import Standing
from clientportal.ports.queries import StandingOf
from clientportal.usecases.command import Context
from clientportal.usecases.recipients import SeeRecipients

SPACE: Final = 1_703_526
EVERY: Final = 97
BLOCKS: Final = 8
AT_RANDOM: Final = 1_000_000 // BLOCKS
SEED: Final = 20_250_601
DATED: Final = ("auto_closed", "closed_by_staff")

Rule: TypeAlias = Callable[[WritingFacts, Moment], Decision]
Told: TypeAlias = tuple[bool, str | None, Moment | None, Moment | None]

RULES: Final[dict[str, Rule]] = {
    "start": may_start_conversation,
    "reply": may_send_message,
    "read": lambda facts, _: may_read_conversation(facts),
}


class Case(NamedTuple):
    """A scene, the facts it comes to, and what the specification says."""

    scene: spec.Scene
    facts: WritingFacts
    now: Moment
    expected: Told


def case_of(scene: spec.Scene) -> Case:
    """Both sides of one question."""
    return Case(scene, facts_of(scene), at(scene.now), by_spec(spec.decide(scene)))


def by_spec(decision: spec.Decision) -> Told:
    """What the specification says; a hidden answer says nothing else."""
    if decision.hidden:
        return False, "hidden", None, None
    end, closed = decision.holds_until, decision.closed_at
    since = closed if decision.reason in DATED else None
    return (
        decision.allowed,
        decision.reason,
        None if end is None else at(end),
        None if since is None else at(since),
    )


def by_rules(case: Case) -> Told:
    """What the library says; of what has not begun storage finds nothing."""
    action = case.scene.action
    begun = action == "start" or case.facts.conversation is not None
    decision = RULES[action](case.facts, case.now) if begun else NOT_A_PARTICIPANT
    if decision.reason.kind is Kind.HIDDEN:
        return decision.allowed, "hidden", decision.holds_until, decision.since
    reason = None if decision.allowed else decision.reason.code
    return decision.allowed, reason, decision.holds_until, decision.since


def differing(cases: Iterable[Case]) -> Iterator[Case]:
    """Where the two readings part."""
    return (case for case in cases if by_rules(case) != case.expected)


def compare(scenes: Iterable[spec.Scene]) -> int:
    """How many scenes were compared; the two readings agree in each."""
    seen = 0
    for case in map(case_of, scenes):
        assert by_rules(case) == case.expected, case.scene
        seen += 1
    return seen


def at_random(seed: int, count: int) -> Iterator[spec.Scene]:
    """So many scenes that follow from *seed*."""
    rng = random.Random(seed)
    return (spec.random_scene(rng) for _ in range(count))


@cache
def sample() -> tuple[Case, ...]:
    """A part of the space, and some scenes at random: what every run looks at."""
    return tuple(map(case_of, chain(islice(spec.space(), 0, None, EVERY), at_random(SEED, 5000))))


# --- The two readings ----------------------------------------------------------------------------


def test_the_rules_equal_the_specification() -> None:
    """MSG-1 to MSG-11, MSG-20: verdict, first reason, since when and until when are the same."""
    cases = sample()
    assert len(cases) == len(range(0, SPACE, EVERY)) + 5000
    assert list(islice(differing(cases), 3)) == []


def test_the_sample_has_every_answer() -> None:
    """MSG-2, MSG-11: each action is allowed somewhere, and each reason to deny is the first."""
    told = {(case.scene.action, case.expected[1]) for case in sample()}
    assert {action for action, reason in told if reason is None} == set(spec.ACTIONS)
    assert {reason for _, reason in told} == {None, *(reason for reason, _ in spec.DENIALS)}


@pytest.mark.ci
@pytest.mark.parametrize("block", range(BLOCKS))
def test_all_of_the_space(block: int) -> None:
    """MSG-1 to MSG-11: the same for every question of a small world."""
    seen = compare(islice(spec.space(), block, None, BLOCKS))
    print(f"block {block} of {BLOCKS}: n={seen} of {SPACE}")  # noqa: T201 - what was seen
    assert seen == len(range(block, SPACE, BLOCKS))


@pytest.mark.ci
@pytest.mark.parametrize("block", range(BLOCKS))
def test_a_million_at_random(block: int) -> None:
    """MSG-1 to MSG-11, MSG-16, MSG-20: the same for crowds, switches and hands at random."""
    seed = SEED + 1 + block
    seen = compare(at_random(seed, AT_RANDOM))
    print(f"seed {seed}: n={seen}")  # noqa: T201 - what was seen
    assert seen == AT_RANDOM


# --- Recipients (MSG-14) -------------------------------------------------------------------------


def start_of(scene: spec.Scene) -> spec.Scene:
    """The same people before a new conversation; a client or proxy starts for one client."""
    asked = scene._replace(action="start", messages=(), by_hand=(), closed_to_proxies=False)
    if not scene.participant and not spec.is_client(scene):
        me = spec.Staff(scene.actor, scene.staff_active, scene.may_view)
        return asked._replace(staff=(*scene.staff, me), participant=True)  # who starts takes part
    if not spec.is_client(scene):
        return asked
    alone = (one for one in scene.clients if one.id == spec.client_of(scene))
    return asked._replace(clients=tuple(alone))


def recipients_of(asked: spec.Scene) -> set[str]:
    """With whom the library lets the actor start, one by one."""
    now, facts = at(asked.now), facts_of(asked)
    if spec.is_client(asked):
        alone = {one.id: staff_id(one.id) for one in asked.staff}
        each = {name: {one: facts.staff[one]} for name, one in alone.items()}
        return {
            name
            for name, named in each.items()
            if may_start_conversation(evolve(facts, staff=named), now)
        }
    return {
        one.id
        for one in asked.clients
        if may_start_conversation(facts_of(asked._replace(clients=(one,))), now)
    }


def shown_to(asked: spec.Scene) -> set[str]:
    """Whom the list of recipients offers a client or proxy."""
    facts = facts_of(asked)
    me = facts.actor.client_id
    assert me is not None
    here = practice(policies=facts.policies)
    standing = Standing(practice=here, client=client(me), actor=facts.actor)

    def answer(needs: Any) -> Any:
        return tuple(standing if isinstance(need, StandingOf) else facts for need in needs)

    view = SeeRecipients(client_id=me)
    shown = run(view.flow(Context(actor=facts.actor, now=at(asked.now))), answer)
    offered = {one.staff_id for one in shown.value or ()}
    return {one.id for one in asked.staff if staff_id(one.id) in offered}


def test_recipients_are_the_filter_of_the_decision() -> None:
    """MSG-14: who may start with whom is the decision over everybody, one by one."""
    seen = 0
    for asked in map(start_of, at_random(SEED, 4000)):
        expected = spec.recipients(asked)
        seen += bool(expected)
        assert recipients_of(asked) == expected, asked
        if spec.is_client(asked):
            assert shown_to(asked) == expected, asked
    assert seen > 500


# --- Wrong rules are found -----------------------------------------------------------------------

Twist: TypeAlias = Callable[[WritingFacts], WritingFacts]


def talk(**changed: Callable[[Any], Any]) -> Twist:
    """A rule that takes the conversation for another."""

    def twisted(facts: WritingFacts) -> WritingFacts:
        one = facts.conversation
        if one is None:
            return facts
        other = {name: change(getattr(one, name)) for name, change in changed.items()}
        return evolve(facts, conversation=evolve(one, **other))

    return twisted


def people(kind: str, **changed: Any) -> Twist:
    """A rule that takes everybody of one *kind* for something else."""

    def twisted(facts: WritingFacts) -> WritingFacts:
        each = getattr(facts, kind).items()
        return evolve(facts, **{kind: {key: evolve(one, **changed) for key, one in each}})

    return twisted


def any_reader_will_do(facts: WritingFacts) -> WritingFacts:
    """A rule that looks at those staff who can read, not at each who is named."""
    there = {key: one for key, one in facts.staff.items() if facts.reads(one)}
    return facts if facts.is_among_staff else evolve(facts, staff=there)


def any_grant_will_do(facts: WritingFacts) -> WritingFacts:
    """A rule that asks whether there is a grant, not what it grants."""
    bond = facts.bond
    return facts if bond is None else evolve(facts, bond=evolve(bond, scopes=frozenset(Scope)))


def any_bond_will_do(facts: WritingFacts) -> WritingFacts:
    """A rule to which what ended still holds."""
    bond = facts.bond
    return facts if bond is None else evolve(facts, bond=evolve(bond, until=None))


def everybody_takes_part(facts: WritingFacts) -> WritingFacts:
    """A rule that lets a proxy in wherever the client is."""
    if not facts.actor.is_proxy or facts.conversation is None or facts.bond is None:
        return facts
    part = next(case.facts.participant for case in sample() if case.facts.participant)
    return evolve(facts, participant=evolve(part, person=facts.bond.id))


def forgetful(facts: WritingFacts) -> WritingFacts:
    """A rule that knows the policy in force alone, and not since when others were."""
    return evolve(facts, policies=facts.policies[-1:])


def never_switched(facts: WritingFacts) -> WritingFacts:
    """A rule that counts the 48 hours from the message, whatever the policy was meanwhile."""
    first = facts.policies[0].since
    return evolve(facts, policies=(evolve(facts.policies[-1], since=first),))


def a_microsecond(moment: Moment | None) -> Moment | None:
    """As if it had been a microsecond later."""
    return None if moment is None else moment + INSTANT


WRONG: Final[dict[str, Twist]] = {
    "open at exactly 48 hours": talk(waiting_since=a_microsecond),
    "nothing closes by itself": talk(waiting_since=lambda _: None),
    "nothing is closed by hand": talk(closed_at=lambda _: None),
    "closed by hand a microsecond later": talk(closed_at=a_microsecond),
    "locks are ignored": talk(is_locked=lambda _: False),
    "whoever wrote first": talk(is_staff_initiated=lambda _: True),
    "open to all proxies": talk(is_closed_to_proxies=lambda _: False),
    "staff among themselves are not told apart": talk(is_among_staff=lambda _: False),
    "archived clients count": people("clients", is_active=True),
    "a client is on some roster": people("clients", is_on_a_roster=True),
    "staff who left count": people("staff", is_active=True),
    "staff see everybody": people("staff", views=Reach.EVERYTHING),
    "staff take all messages": people("staff", takes_messages=True),
    "everybody is assigned to all": people(
        "staff", assigned=frozenset(map(client_id, ("c", "d", "c1", "c2", "c3")))
    ),
    "one reader is enough for a start": any_reader_will_do,
    "any grant will do": any_grant_will_do,
    "what ended still holds": any_bond_will_do,
    "proxies take part everywhere": everybody_takes_part,
    "access is not asked for": lambda facts: evolve(
        facts, access=None if facts.access is None else evolve(facts.access, ended_at=None)
    ),
    "policies of the past are forgotten": forgetful,
    "time under another policy counts": never_switched,
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_rule_is_found(wrong: str) -> None:
    """MSG-13: the comparison tells a rule that is wrong in one point from the right one."""
    twist = WRONG[wrong]
    twisted = (case._replace(facts=twist(case.facts)) for case in sample())
    assert next(differing(twisted), None) is not None
