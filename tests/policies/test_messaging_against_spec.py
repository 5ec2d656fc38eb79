"""The messaging rules against an independent reading of them: the table, and whole histories.

In the histories real commands run, answered from a dictionary; each is first judged by the
specification, which knows only what happened. Rosters, permissions and people change in between.
"""

from __future__ import annotations

import random
from typing import Any, Final

import pytest
from attrs import define, evolve, field
from tests.policies.facts import (
    ALL,
    ANN,
    AS_ANN,
    AS_DORA,
    AS_PIA,
    BEGAN,
    BOND,
    INSTANT,
    NONE,
    OWN,
    PIA,
    ROB,
    P,
    access,
    bond,
    correspondent,
    counterpart,
    practice,
)
from tests.spec import messaging_spec as spec

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import ConversationId, MessageId, RelationshipId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import (
    AnyPolicy,
    MessagingPolicy,
    PolicySet,
    PolicySince,
    Practice,
    UnknownPolicy,
    after_policy,
)
from clientportal.domain.relationships import Relationship, Scope
from clientportal.flows import Outcome, run
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.messaging import Situation, decide, points
from clientportal.ports.queries import ProxiesOf
from clientportal.usecases.command import Command, Context
from clientportal.usecases.conversations import (
    CloseConversation,
    ReopenConversation,
    SendMessage,
    StartConversation,
    UnlockConversation,
)

UNKNOWN: Final = UnknownPolicy("something newer")
CONVERSATION: Final = ConversationId("cnv_1")
STRANGE: Final = RelationshipId("rel_9")
HOUR: Final = spec.HOUR
SWITCHABLE: Final = (*MessagingPolicy, MessagingPolicy.REPLY_ONLY, UNKNOWN)


def raw(policy: AnyPolicy) -> str:
    """A policy as the specification knows it."""
    return policy.raw if isinstance(policy, UnknownPolicy) else policy.value


@pytest.mark.parametrize("policy", [*MessagingPolicy, UNKNOWN], ids=raw)
def test_every_point_of_the_table(policy: AnyPolicy) -> None:
    """MSG-11: each point of the table equals the table written out a second time."""
    for point in points((policy,)):
        action = "start" if point.situation is Situation.NEW else "reply"
        expected = spec.table_row(
            raw(policy),
            "staff" if point.by_staff else "client",
            point.assigned.value,
            bool(point.staff_initiated),
            point.situation.value,
            action,
        )
        decision = decide(point)
        assert (decision.allowed, None if decision else decision.reason.code) == expected, point


def at(time_us: int) -> Moment:
    """A moment of the specification."""
    return BEGAN + time_us * INSTANT


@define
class History:
    """One conversation of Ann's with Pia and Rob, and Dora for her, as both readings see it."""

    rng: random.Random
    now: int = HOUR
    practice: Practice = field(factory=practice)
    conversation: Conversation | None = None
    client: Counterpart = field(factory=counterpart)
    people: dict[StaffId, Correspondent] = field(factory=dict)
    elsewhere: bool = False
    has_access: bool = True
    bond: Relationship = field(factory=bond)
    takes_part: bool = True
    switches: tuple[spec.Switch, ...] = (spec.Switch(0, "reply_only"),)
    messages: tuple[spec.Message, ...] = ()
    by_hand: tuple[spec.ByHand, ...] = ()

    def shuffle(self) -> None:
        """People, permissions, rosters and the grant as they may be by now."""
        for staff_id in (PIA, ROB):
            self.people[staff_id] = correspondent(
                staff_id,
                *((ANN,) if self.rng.random() < 0.6 else ()),
                left=self.rng.random() < 0.05,
                takes_messages=self.rng.random() < 0.8,
                view=self.rng.choice((ALL, ALL, OWN, NONE)),
            )
        self.elsewhere = self.rng.random() < 0.5
        self.client = counterpart(
            archived=self.rng.random() < 0.05, rostered=bool(self.roster) or self.elsewhere
        )
        self.has_access = self.rng.random() < 0.95
        scopes = (Scope.MESSAGES,) if self.rng.random() < 0.9 else ()
        self.bond = bond(Scope.JOIN, *scopes, ended=self.rng.random() < 0.05)
        self.takes_part = self.rng.random() < 0.9

    @property
    def roster(self) -> frozenset[StaffId]:
        """Which of the two Ann is assigned to."""
        return frozenset(one.staff_id for one in self.people.values() if ANN in one.assigned)

    def pass_time(self) -> None:
        """On to a later moment: soon, much later, or at the edge of the next closing."""
        end = spec.deadline(spec.clock_now(self.scene("reply", AS_ANN, ())))
        soon, late = self.rng.randrange(1, 3 * HOUR), self.rng.randrange(1, 80 * HOUR)
        edges = () if end is None else (end - 1, end, end + 1)
        later = [
            moment for moment in (self.now + soon, self.now + late, *edges) if moment > self.now
        ]
        self.now = self.rng.choice(later)

    def facts(
        self, who: Actor, named: tuple[StaffId, ...], talk: Conversation | None
    ) -> WritingFacts:
        """What storage would answer."""
        takes_part = who.is_proxy and talk is not None and self.takes_part
        through = BOND if who.is_proxy else None
        return WritingFacts(
            actor=who,
            policies=self.practice.policies,
            clients={ANN: self.client},
            staff={one: self.people[one] for one in sorted(named)},
            access=None if who.is_staff else access(ended=not self.has_access, through=through),
            bond=self.bond if who.is_proxy else None,
            conversation=talk,
            participant=Participant(conversation_id=CONVERSATION, person=BOND, since=BEGAN)
            if takes_part
            else None,
        )

    def scene(self, action: str, who: Actor, named: tuple[StaffId, ...]) -> spec.Scene:
        """The same question to the specification."""
        me = self.people.get(who.staff_id) if who.staff_id else None
        pairs = {(ANN, one) for one in self.roster} | (
            {(ANN, "stf_x")} if self.elsewhere else set()
        )
        closed = self.conversation is not None and self.conversation.is_closed_to_proxies
        return spec.Scene(
            action,
            who.capacity.value,
            str(who.person),
            self.now,
            policy=self.switches,
            messages=() if action == "start" else self.messages,
            by_hand=() if action == "start" else self.by_hand,
            may_view=me is None or me.sees_all((ANN,)),
            staff_active=me is None or me.is_active,
            portal_access=self.has_access,
            clients=(spec.Client(ANN, self.client.is_active),),
            staff=tuple(self.as_spec(one) for one in named),
            roster=frozenset(pairs),
            proxy=self.proxy() if who.is_proxy else None,
            closed_to_proxies=closed and action != "start",
        )

    def as_spec(self, staff_id: StaffId) -> spec.Staff:
        """A staff member as the specification knows them."""
        one = self.people[staff_id]
        return spec.Staff(one.staff_id, one.is_active, one.sees_all((ANN,)), one.takes_messages)

    def proxy(self) -> spec.Proxy:
        """Dora as the specification knows her."""
        in_scope = Scope.MESSAGES in self.bond.scopes
        return spec.Proxy(
            BOND, ANN, self.takes_part, self.has_access, in_scope, self.bond.is_current
        )

    def run(self, command: Command, who: Actor, facts: WritingFacts) -> Outcome:
        """What a command comes to, answered from *facts*."""
        known = (self.bond,) if self.bond.grants(Scope.MESSAGES) else ()

        def answer(needs: Any) -> Any:
            return tuple(known if isinstance(need, ProxiesOf) else facts for need in needs)

        return run(command.flow(Context(actor=who, now=at(self.now))), answer)

    def kept(self, outcome: Outcome) -> bool:
        """Keep the conversation as it stands after a command."""
        for change in outcome.changes:
            for state in change.states:
                if isinstance(state, Conversation):
                    self.conversation = state
        return bool(outcome.decision)

    def write(self) -> None:
        """Somebody writes, or starts anew; the specification must say the same."""
        who = self.rng.choice((AS_ANN, AS_DORA, AS_PIA))
        self.compare_start(who)
        talk = self.conversation
        if talk is None:
            return
        facts = self.facts(who, (PIA, ROB), talk)
        number = len(self.messages) + 1
        message = SendMessage(
            conversation_id=CONVERSATION, message_id=MessageId(f"msg_{number}"), text="x"
        )
        outcome = self.run(message, who, facts)
        same(outcome.decision, spec.decide(self.scene("reply", who, (PIA, ROB))))
        if self.kept(outcome):
            self.messages += (spec.Message(self.now, who.capacity.value, number),)

    def compare_start(self, who: Actor) -> None:
        """A conversation of their own, kept if there is none yet."""
        named = self.rng.choice(((PIA,), (ROB,), (PIA, ROB), ()))
        start = StartConversation(
            conversation_id=CONVERSATION,
            message_id=MessageId("msg_1"),
            client_ids=(ANN,),
            staff_ids=named,
            text="x",
            is_closed_to_proxies=not who.is_proxy and self.rng.random() < 0.1,
        )
        joined = tuple(sorted({*named, *([who.staff_id] if who.staff_id else [])}))
        outcome = self.run(start, who, self.facts(who, joined, None))
        same(outcome.decision, spec.decide(self.scene("start", who, joined)))
        if self.conversation is None and self.kept(outcome):
            self.messages = (spec.Message(self.now, who.capacity.value, 1),)

    def by_staff(self) -> None:
        """Pia closes, locks, reopens or unlocks."""
        if self.conversation is None:
            return
        lock = self.rng.random() < 0.3
        command, hand = self.rng.choice(
            (
                (CloseConversation(conversation_id=CONVERSATION, lock=lock), "closed"),
                (ReopenConversation(conversation_id=CONVERSATION), "reopened"),
                (UnlockConversation(conversation_id=CONVERSATION), "unlocked"),
            )
        )
        outcome = self.run(command, AS_PIA, self.facts(AS_PIA, (PIA, ROB), self.conversation))
        event = spec.ByHand(self.now, hand, locked=lock and hand == "closed")
        clock = spec.clock_now(self.scene("reply", AS_ANN, ()))
        pia = self.people[PIA]
        present = pia.is_active and pia.sees_all((ANN,))
        assert bool(outcome.decision) is (present and spec.could_happen(clock, event))
        if self.kept(outcome):
            self.by_hand += (event,)

    def switch(self) -> None:
        """The practice sets another policy, or comes to hold one that nobody knows."""
        policy = self.rng.choice(SWITCHABLE)
        if isinstance(policy, UnknownPolicy):
            history = (*self.practice.policies, PolicySince(policy, at(self.now)))
            self.practice = evolve(self.practice, policies=history)
        else:
            event = PolicySet(practice_id=P, policy=policy, at=at(self.now))
            self.practice = after_policy(self.practice, event)
        self.switches += (spec.Switch(self.now, raw(policy)),)


def same(ours: Decision, theirs: spec.Decision) -> None:
    """Verdict, first reason, since when and until when."""
    if theirs.hidden:
        assert not ours
        assert ours.reason.kind is Kind.HIDDEN
        return
    assert (ours.allowed, None if ours else ours.reason.code) == (theirs.allowed, theirs.reason)
    assert ours.holds_until == (None if theirs.holds_until is None else at(theirs.holds_until))
    if theirs.reason in ("auto_closed", "closed_by_staff"):
        assert theirs.closed_at is not None
        assert ours.since == at(theirs.closed_at)


@pytest.mark.parametrize(
    ("proxies", "closed", "expected"),
    [
        pytest.param((BOND,), False, None, id="whose grant lets them"),
        pytest.param((STRANGE,), False, "proxy_unknown", id="an unknown one"),
        pytest.param((BOND, STRANGE), False, "proxy_unknown", id="one of two"),
        pytest.param((BOND,), True, "closed_to_proxies", id="where it is closed to proxies"),
    ],
)
def test_a_start_is_refused_for_the_proxies_it_names(
    proxies: tuple[RelationshipId, ...], closed: bool, expected: str | None
) -> None:
    """MSG-20: what could be started otherwise is not, with a proxy who may not be in it."""
    history = History(random.Random(0), people={PIA: correspondent(PIA)})
    history.bond = bond(Scope.MESSAGES)
    start = StartConversation(
        conversation_id=CONVERSATION,
        message_id=MessageId("msg_1"),
        client_ids=(ANN,),
        proxies=proxies,
        is_closed_to_proxies=closed,
        text="x",
    )
    outcome = history.run(start, AS_PIA, history.facts(AS_PIA, (PIA,), None))
    assert (None if outcome.decision else outcome.decision.reason.code) == expected
    assert bool(outcome.changes) is (expected is None)


def play(seed: int, steps: int) -> History:
    """One history of so many steps."""
    history = History(random.Random(seed))
    turns = (history.write, history.write, history.write, history.by_staff, history.switch)
    for _ in range(steps):
        history.shuffle()
        history.pass_time()
        history.rng.choice(turns)()
    return history


def test_histories() -> None:
    """MSG-1 to MSG-12: real commands in whole histories equal the independent reading."""
    seen = [play(seed, 40) for seed in range(200)]
    assert sum(len(one.messages) for one in seen) > 1300
    assert sum(len(one.by_hand) for one in seen) > 300


@pytest.mark.ci
@pytest.mark.parametrize("block", range(8))
def test_many_histories(block: int) -> None:
    """MSG-1 to MSG-12: the same over a thousand histories a block."""
    for seed in range(1000):
        play(10_000 + block * 1000 + seed, 60)
