"""Laws that every rule about conversations, messages and who takes part obeys, on any facts.

A question holds all that any of the rules looks at; each rule is asked about its part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import product
from typing import Final, TypeAlias

from attrs import evolve, frozen
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import INSTANT, NONE, said

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import ClientId, RelationshipId, StaffId
from clientportal.domain.messages import Message
from clientportal.domain.moments import Moment
from clientportal.domain.practices import PolicySince
from clientportal.policies import conversations, messages, participants
from clientportal.policies.conversations import (
    may_close_conversation,
    may_name_proxies,
    may_read_conversation,
    may_reopen_conversation,
    may_send_message,
    may_start_conversation,
    may_unlock_conversation,
)
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.messages import may_retract_message
from clientportal.policies.participants import (
    AddingFacts,
    may_add_participants,
    may_change_participants,
    may_join_conversation,
    may_remove_participants,
)
from clientportal.policies.standing import PracticeFacts
from clientportal.testing import strategies as some


@frozen(kw_only=True)
class Question:
    """Everything that may be asked about one conversation, or before one."""

    adding: AddingFacts
    practice: PracticeFacts
    message: Message
    is_withdrawn: bool
    is_closed: bool
    named: frozenset[RelationshipId]
    leaving: frozenset[object]
    present: frozenset[object]
    now: Moment

    @property
    def facts(self) -> WritingFacts:
        """Those who take part."""
        return self.adding.facts

    @property
    def fresh(self) -> WritingFacts:
        """The same people before any conversation."""
        return evolve(self.facts, conversation=None, participant=None, reading=None)


Rule: TypeAlias = Callable[[Question], Decision | None]

RULES: Final[dict[str, Rule]] = {
    "may_send_message": lambda q: may_send_message(q.facts, q.now),
    "may_start_conversation": lambda q: may_start_conversation(q.fresh, q.now),
    "may_name_proxies": lambda q: may_name_proxies(
        q.fresh, q.named, q.adding.known, closed=q.is_closed
    ),
    "may_read_conversation": lambda q: may_read_conversation(q.facts),
    "may_close_conversation": lambda q: may_close_conversation(q.facts),
    "may_reopen_conversation": lambda q: may_reopen_conversation(q.facts, q.now),
    "may_unlock_conversation": lambda q: may_unlock_conversation(q.facts),
    "may_change_participants": lambda q: may_change_participants(q.facts, q.practice),
    "may_add_participants": lambda q: may_add_participants(q.adding),
    "may_join_conversation": lambda q: may_join_conversation(q.facts, q.adding.would),
    "may_remove_participants": lambda q: may_remove_participants(
        q.facts, q.leaving, q.present, q.now
    ),
    "may_retract_message": lambda q: may_retract_message(
        q.facts, q.message, q.now, is_withdrawn=q.is_withdrawn
    ),
}
#: Whom something is about, not who asks: asked only once the actor may.
ABOUT_OTHERS: Final = {"may_name_proxies", "may_remove_participants"}
#: Fewer who own a conversation are fewer who need a successor; an archived client asks for less.
MORE_BY_LESS: Final = {"may_remove_participants", "may_add_participants", "may_join_conversation"}


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Anybody, about any conversation or before one."""
    facts = draw(some.writing_facts())
    people = st.frozensets(st.sampled_from([*facts.staff, *facts.clients, ClientId("cli_9")]))
    message = draw(some.messages(facts))
    late = some.moments(80).map(lambda at: at + timedelta(days=30))
    soon = some.spans().map(lambda span: message.at + span / 576)  # 5 minutes for 48 hours
    return Question(
        adding=draw(some.adding_facts(facts)),
        practice=draw(some.practice_facts(facts.actor)),
        message=message,
        is_withdrawn=draw(st.booleans()),
        is_closed=draw(st.booleans()),
        named=draw(st.frozensets(some.ids(RelationshipId), max_size=2)),
        leaving=draw(people),
        present=frozenset((*facts.staff, *facts.clients)),
        now=draw(late | soon),
    )


def test_every_rule_is_here() -> None:
    """MSG-13: each `may_...` about conversations, messages and participants obeys these laws."""
    rooms = (conversations, messages, participants)
    found = {
        name
        for room in rooms
        for name, rule in vars(room).items()
        if name.startswith("may_") and rule.__module__ == room.__name__
    }
    assert set(RULES) == found


@given(asked=questions())
def test_it_is_decided_explained_and_stable(asked: Question) -> None:
    """MSG-13: total, with a reason that names a rule, and the same answer twice."""
    for name, rule in RULES.items():
        decision = rule(asked)
        assert rule(asked) == decision, name
        if decision is None:
            assert name == "may_name_proxies"
            continue
        reason = decision.reason
        assert all((reason.code, reason.noun, reason.rule)), name
        assert decision.allowed is bool(decision), name


# --- Time ----------------------------------------------------------------------------------------


@given(asked=questions(), by=some.spans() | st.just(timedelta(days=100, microseconds=7)))
def test_time_shift_changes_nothing(asked: Question, by: timedelta) -> None:
    """MSG-4, MSG-15: elapsed time only, so moving every moment equally moves the moments."""
    after = shifted(asked, by)
    for name, rule in RULES.items():
        expected = rule(asked)
        if expected is not None:
            end, began = moved(expected.holds_until, by), moved(expected.since, by)
            expected = evolve(expected, holds_until=end, since=began)
        assert rule(after) == expected, name


def moved(at: datetime | None, by: timedelta) -> datetime | None:
    """Later by so much."""
    return None if at is None else at + by


def shifted(asked: Question, by: timedelta) -> Question:
    """The same at another time."""
    adding = evolve(asked.adding, facts=later(asked.facts, by), would=later(asked.adding.would, by))
    message = evolve(asked.message, at=asked.message.at + by)
    return evolve(asked, adding=adding, message=message, now=asked.now + by)


def later(facts: WritingFacts, by: timedelta) -> WritingFacts:
    """Policies and a conversation that many microseconds later."""
    policies = tuple(PolicySince(one.policy, one.since + by) for one in facts.policies)
    talk = facts.conversation and evolve(
        facts.conversation,
        last_at=facts.conversation.last_at + by,
        waiting_since=moved(facts.conversation.waiting_since, by),
        closed_at=moved(facts.conversation.closed_at, by),
    )
    return evolve(facts, policies=policies, conversation=talk)


@given(asked=questions(), part=st.integers(0, 100))
def test_an_answer_holds_until_its_moment(asked: Question, part: int) -> None:
    """MSG-13: the same answer at every earlier instant, and at all later ones if it names none."""
    if asked.now < asked.facts.policies[-1].since:
        return  # what is set later has not happened
    for name, rule in RULES.items():
        decision = rule(asked)
        end = (decision and decision.holds_until) or asked.now + timedelta(days=500)
        if decision is None:
            continue
        assert asked.now < end, name
        for at in (asked.now + (end - asked.now) * part / 101, end - INSTANT):
            told = rule(evolve(asked, now=at))
            assert told is not None, name
            assert said(told) == said(decision), name


# --- Who -----------------------------------------------------------------------------------------

NOBODY_HERE: Final = (
    {"capacity": Capacity.VISITOR},
    {"capacity": Capacity.SYSTEM},
    {"capacity": Capacity.STAFF, "staff_id": StaffId("stf_99")},
    {"capacity": Capacity.CLIENT, "client_id": ClientId("cli_99")},
    {
        "capacity": Capacity.PROXY,
        "client_id": ClientId("cli_99"),
        "relationship_id": RelationshipId("rel_99"),
    },
)


def outsiders(asked: Question) -> Iterator[Question]:
    """The same asked by everybody who has nothing to do with it, and no settings either."""
    for given_ in NOBODY_HERE:
        actor = Actor(practice_id=asked.facts.actor.practice_id, **given_)
        yield by_another(asked, actor)


def by_another(asked: Question, actor: Actor) -> Question:
    """The same facts, whoever asks."""
    facts = evolve(asked.facts, actor=actor, participant=None, former=None)
    would = evolve(asked.adding.would, actor=actor)
    adding = evolve(asked.adding, facts=facts, would=would)
    practice = evolve(asked.practice, actor=actor, staff=None)
    return evolve(asked, adding=adding, practice=practice)


@given(asked=questions())
def test_outsiders_never(asked: Question) -> None:
    """MSG-2, MSG-19: under no policy, and to none of them does it exist."""
    for outside, name in product(outsiders(asked), sorted(set(RULES) - ABOUT_OTHERS)):
        decision = RULES[name](outside)
        assert decision is not None, name
        assert not decision, name
        assert decision.reason.kind is Kind.HIDDEN, name


def lessened(asked: Question) -> Iterator[Question]:
    """The same without access, activity, permission, a roster, a grant, a part or settings."""
    for adding in lesser(asked.adding):
        yield evolve(asked, adding=adding)
    yield evolve(asked, practice=evolve(asked.practice, staff=None))
    yield evolve(asked, adding=evolve(asked.adding, known=frozenset()))


def lesser(adding: AddingFacts) -> Iterator[AddingFacts]:
    """What makes less of those who take part, and of those who would."""
    for less in (without_access, all_archived, all_left, none_permitted, none_assigned):
        yield evolve(adding, facts=less(adding.facts), would=less(adding.would))


def without_access(facts: WritingFacts) -> WritingFacts:
    """No way in, no relationship, no part in it."""
    return evolve(facts, access=None, bond=None, participant=None)


def all_archived(facts: WritingFacts) -> WritingFacts:
    """Every client is archived; so that a roster asks for none of them, it is empty too."""
    archived = {key: evolve(one, is_active=False) for key, one in facts.clients.items()}
    return none_assigned(evolve(facts, clients=archived))


def all_left(facts: WritingFacts) -> WritingFacts:
    """All staff left."""
    return evolve(facts, staff={k: evolve(one, is_active=False) for k, one in facts.staff.items()})


def none_permitted(facts: WritingFacts) -> WritingFacts:
    """No staff may view a client."""
    return evolve(facts, staff={k: evolve(one, views=NONE) for k, one in facts.staff.items()})


def none_assigned(facts: WritingFacts) -> WritingFacts:
    """Nobody is on a roster."""
    staff = {key: evolve(one, assigned=frozenset()) for key, one in facts.staff.items()}
    alone = {key: evolve(one, is_on_a_roster=False) for key, one in facts.clients.items()}
    return evolve(facts, staff=staff, clients=alone)


@given(asked=questions())
def test_less_is_not_more(asked: Question) -> None:
    """MSG-2: dropping access, activity, permission or a roster never turns a denial round."""
    for name in sorted(set(RULES) - MORE_BY_LESS):
        before = RULES[name](asked)
        if before is None or before.allowed:
            continue
        for less in lessened(asked):
            decision = RULES[name](less)
            assert decision is not None, name
            assert not decision, name


@given(asked=questions())
def test_less_staff_is_not_more(asked: Question) -> None:
    """MSG-7, MSG-21: without permission, activity or a roster of theirs nobody adds or joins."""
    for name in ("may_add_participants", "may_join_conversation"):
        if RULES[name](asked):
            continue
        for less in (all_left, none_permitted, none_assigned, without_access):
            adding = evolve(asked.adding, facts=less(asked.facts), would=less(asked.adding.would))
            assert not RULES[name](evolve(asked, adding=adding)), name


@given(asked=questions())
def test_whom_it_is_about_does_not_leave_twice(asked: Question) -> None:
    """MSG-21: nobody who takes no part is removed, whoever asks."""
    stranger = asked.leaving | {ClientId("cli_9")}
    decision = may_remove_participants(asked.facts, stranger, asked.present, asked.now)
    assert decision.reason.code == "does_not_take_part"
