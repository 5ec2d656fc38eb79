"""P4: a decision costs the same however many take part, and whatever else is installed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest
from attrs import evolve
from tests.benchmarks.race import Rows, race
from tests.benchmarks.test_messages import ACTOR, CONVERSATIONS, PRACTICE, beginning
from tests.benchmarks.test_policies import NOW, facts

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import ClientId, MessageId, StaffId
from clientportal.domain.people import Reach
from clientportal.domain.practices import MessagingPolicy
from clientportal.parts import Parts
from clientportal.plugins import discover
from clientportal.policies.conversations import may_send_message
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.policies.messaging import STAFF_MAY_WRITE
from clientportal.ports.hookspecs import Adapter, Heard, Subscriber, hookimpl
from clientportal.ports.mail import Mailer
from clientportal.usecases.conversations import SendMessage

FEW, MANY = 3, 3_000
GOAL: Final = 1.05
ROUNDS, TIMES = 25, 1_000
IDLE: Final = 300


def crowd(
    policy: MessagingPolicy,
    *,
    by_staff: bool,
    staff: int = FEW,
    clients: int = FEW,
    reach: Reach = Reach.EVERYTHING,
) -> WritingFacts:
    """Bo and others, Ada and others who may view by *reach*, all on all rosters."""
    alone = facts(policy, timedelta(hours=1))
    who = [ClientId(f"cli_{n}") for n in range(1, clients + 1)]
    rostered = frozenset(who)
    team = {
        one: Correspondent(staff_id=one, name="Ada", views=reach, assigned=rostered)
        for one in (StaffId(f"stf_{n}") for n in range(1, staff + 1))
    }
    practice_id = alone.actor.practice_id
    ada = Actor(practice_id=practice_id, capacity=Capacity.STAFF, staff_id=StaffId("stf_1"))
    return evolve(
        alone,
        actor=ada if by_staff else alone.actor,
        clients={one: Counterpart(client_id=one, name="Bo", is_on_a_roster=True) for one in who},
        staff=team,
    )


def growth(few: WritingFacts, many: WritingFacts, times: int = TIMES) -> float:
    """How many times as long the decision takes among *many*; they say the same."""
    assert may_send_message(few, NOW) == may_send_message(many, NOW)
    ways = {
        "few": lambda: may_send_message(few, NOW),
        "many": lambda: may_send_message(many, NOW),
    }
    taken = race(ways, rounds=ROUNDS, times=times)
    return taken["many"] / taken["few"]


SENDERS: Final = [pytest.param(True, id="staff"), pytest.param(False, id="client")]


@pytest.mark.parametrize("by_staff", SENDERS)
@pytest.mark.parametrize("side", ["staff", "clients"])
@pytest.mark.parametrize("policy", MessagingPolicy, ids=lambda each: each.value)
def test_a_decision_does_not_count_heads(
    rows: Rows, policy: MessagingPolicy, side: str, *, by_staff: bool
) -> None:
    """P4: at most 1.05 times as long among 3,000 of one side as among 3.

    A roster is the exception: staff must have every client on theirs, so each is looked up.
    """
    sized = partial(crowd, policy, by_staff=by_staff)
    many = sized(staff=MANY) if side == "staff" else sized(clients=MANY)
    ratio = growth(sized(), many)
    name = f"P4 {policy.value} {'staff' if by_staff else 'client'} to {side}"
    rostered = policy is MessagingPolicy.ASSIGNED_CLIENTS_ONLY and by_staff and side == "clients"
    if rostered:
        rows.noted(name, ratio)
    else:
        rows.at_most(name, ratio, GOAL)


@pytest.mark.parametrize("by_staff", SENDERS)
def test_who_sees_by_roster_is_asked_of_every_client(rows: Rows, *, by_staff: bool) -> None:
    """P4, reported: a reader who sees only their own roster must have all 3,000 clients on it."""
    sized = partial(crowd, MessagingPolicy.ALL_CLIENTS, by_staff=by_staff, reach=Reach.ASSIGNED)
    ratio = growth(sized(), sized(clients=MANY), times=50)
    rows.noted(f"P4 by roster {'staff' if by_staff else 'client'}", ratio)


def test_nobody_who_serves_is_told_after_asking_everybody(rows: Rows) -> None:
    """P4, reported: that none of 3,000 staff has the client on their roster takes asking each."""
    few, many = (
        crowd(MessagingPolicy.ASSIGNED_CLIENTS_ONLY, by_staff=False, staff=size)
        for size in (FEW, MANY)
    )
    rows.noted("P4 nobody serves", growth(unserved(few), unserved(many), times=20))


def unserved(facts: WritingFacts) -> WritingFacts:
    """The same with nobody on any roster."""
    staff = {one: evolve(each, assigned=frozenset()) for one, each in facts.staff.items()}
    return evolve(facts, staff=staff)


class Idle:
    """A plugin with an adapter that nobody chooses and a subscriber to what never happens."""

    def __init__(self, number: int) -> None:
        self.number = number

    @hookimpl
    def clientportal_adapters(self) -> Iterable[Adapter[Any]]:
        """One that is never built."""
        return [Adapter(Mailer, f"idle{self.number}", lambda _: None)]

    @hookimpl
    def clientportal_subscribers(self) -> Iterable[Subscriber]:
        """One that hears nothing."""
        name, never = f"idle{self.number}", frozenset({"never.happens"})
        return [Subscriber(name=name, hear=_unheard, events=never)]


def _unheard(heard: Heard) -> None:
    raise AssertionError(heard)


def test_what_is_installed_and_idle_costs_nothing(rows: Rows) -> None:
    """P4: asking takes at most 1.05 times as long with 300 plugins that have no part in it."""
    idle = [Idle(number) for number in range(IDLE)]
    bare, full = (
        Parts(url="memory:", clock=lambda: NOW, plugins=discover(extra=extra)).portal
        for extra in ((), idle)
    )
    for portal in (bare, full):
        with portal.storage.open(PRACTICE) as work:
            assert work.commit(beginning()) is None
    command = SendMessage(
        conversation_id=CONVERSATIONS[0], message_id=MessageId("msg_1"), text="hello there"
    )
    assert bare.ask(command, actor=ACTOR) == full.ask(command, actor=ACTOR) == STAFF_MAY_WRITE
    ways = {
        "bare": lambda: bare.ask(command, actor=ACTOR),
        "full": lambda: full.ask(command, actor=ACTOR),
    }
    taken = race(ways, rounds=ROUNDS, times=5)
    rows.at_most("P4 idle plugins", taken["full"] / taken["bare"], GOAL)
