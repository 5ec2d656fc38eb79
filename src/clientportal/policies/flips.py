"""What would reverse an answer about writing: minimal sets of at most two changes (MSG-13).

A change is made now, after all that happened; the second is made on what the first comes to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from functools import reduce
from itertools import product
from typing import Final, TypeAlias

from attrs import evolve, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import (
    ConversationEvent,
    ConversationReopened,
    ConversationUnlocked,
    MessageSent,
    after,
    deadline_of,
)
from clientportal.domain.ids import AccountId, ClientId, MessageId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy, switched
from clientportal.policies.conversations import may_send_message, may_start_conversation
from clientportal.policies.correspondence import (
    Correspondent,
    WritingFacts,
    sender_of,
    situation_of,
)
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.extra import Rules, narrowed
from clientportal.policies.messaging import SENDER_WITHOUT_ACCESS, Situation


class Turn(Enum):
    """The closed list of changes, in the order in which two of them are made."""

    UNLOCK = "unlock"
    RESTORE_ACCESS = "restore_access"
    POLICY = "policy"
    ASSIGN = "assign"
    REOPEN = "reopen"
    STAFF_WRITES = "staff_writes"
    WAIT_UNTIL = "wait_until"


_ORDER: Final = {turn: place for place, turn in enumerate(Turn)}


@frozen(kw_only=True)
class Flip:
    """One change: its *turn*, and the policy, the pair or the moment that it is about."""

    turn: Turn
    policy: MessagingPolicy | None = None
    client_id: ClientId | None = None
    staff_id: StaffId | None = None
    at: Moment | None = None


#: A question: what the rules look at, and when.
Asked: TypeAlias = tuple[WritingFacts, Moment]
Flips: TypeAlias = frozenset[frozenset[Flip]]


def answer_of(asked: Asked, rules: Rules = ()) -> Decision:
    """Whether the actor may write in the conversation, or start it where there is none.

    The practice's own *rules* narrow it, as they do where it is done.
    """
    facts, now = asked
    decide = may_start_conversation if facts.conversation is None else may_send_message
    return narrowed(decide(facts, now), facts, now, rules)


def _unlocked(asked: Asked, _: Flip) -> Asked:
    return _after(asked, lambda it: ConversationUnlocked(conversation_id=it)), asked[1]


def _after(asked: Asked, event: Callable[..., ConversationEvent]) -> WritingFacts:
    facts, _ = asked
    talk = facts.conversation
    return facts if talk is None else evolve(facts, conversation=after(talk, event(talk.id)))


def _reopened(asked: Asked, _: Flip) -> Asked:
    now = asked[1]
    return _after(asked, lambda it: ConversationReopened(conversation_id=it, at=now)), now


def _written(asked: Asked, _: Flip) -> Asked:
    facts, now = asked
    talk = facts.conversation
    if talk is None:
        return asked
    sent = MessageSent(
        conversation_id=talk.id,
        message_id=MessageId("msg_flip"),
        sequence=talk.last_sequence + 1,
        is_by_staff=True,
        at=now,
    )
    return evolve(facts, conversation=after(talk, sent)), now


def _with_access(asked: Asked, _: Flip) -> Asked:
    facts, now = asked
    me, actor = facts.actor.client_id, facts.actor
    if me is None:
        return asked
    access = facts.access or Access(
        client_id=me,
        account_id=actor.account_id or AccountId("acc_flip"),
        relationship_id=actor.relationship_id,
        since=now,
    )
    return evolve(facts, access=evolve(access, ended_at=None)), now


def _under(asked: Asked, flip: Flip) -> Asked:
    facts, now = asked
    if flip.policy is None:
        return asked
    return evolve(facts, policies=switched(facts.policies, flip.policy, now)), now


def _assigned(asked: Asked, flip: Flip) -> Asked:
    facts, now = asked
    if flip.client_id is None or flip.staff_id is None:
        return asked
    one, served = facts.staff[flip.staff_id], facts.clients[flip.client_id]
    on_roster = evolve(one, assigned=one.assigned | {flip.client_id})
    staff = {**facts.staff, flip.staff_id: on_roster}
    clients = {**facts.clients, flip.client_id: evolve(served, is_on_a_roster=True)}
    return evolve(facts, staff=staff, clients=clients), now


def _later(asked: Asked, flip: Flip) -> Asked:
    return asked if flip.at is None else (asked[0], flip.at)


MADE: Final[Mapping[Turn, Callable[[Asked, Flip], Asked]]] = {
    Turn.UNLOCK: _unlocked,
    Turn.RESTORE_ACCESS: _with_access,
    Turn.POLICY: _under,
    Turn.ASSIGN: _assigned,
    Turn.REOPEN: _reopened,
    Turn.STAFF_WRITES: _written,
    Turn.WAIT_UNTIL: _later,
}


def _may_write(asked: Asked, one: Correspondent, rules: Rules) -> bool:
    facts, now = asked
    actor = Actor(
        practice_id=facts.actor.practice_id, capacity=Capacity.STAFF, staff_id=one.staff_id
    )
    return bool(answer_of((evolve(facts, actor=actor, participant=None), now), rules))


def options(asked: Asked, rules: Rules = ()) -> Iterator[Flip]:
    """Every change that applies: what is possible now, and would do something."""
    facts, now = asked
    situation = situation_of(facts, now)
    if situation is Situation.LOCKED:
        yield Flip(turn=Turn.UNLOCK)
    if sender_of(facts) is SENDER_WITHOUT_ACCESS:
        yield Flip(turn=Turn.RESTORE_ACCESS)
    for policy in MessagingPolicy:
        if policy is not facts.policy:
            yield Flip(turn=Turn.POLICY, policy=policy)
    for one, client_id in product(facts.staff.values(), facts.clients):
        if client_id not in one.assigned:
            yield Flip(turn=Turn.ASSIGN, client_id=client_id, staff_id=one.staff_id)
    if situation in (Situation.AUTO_CLOSED, Situation.CLOSED_BY_STAFF):
        yield Flip(turn=Turn.REOPEN)
    yield from _by_waiting(asked, situation, rules)


def _by_waiting(asked: Asked, situation: Situation, rules: Rules) -> Iterator[Flip]:
    """That staff write, or that the deadline comes."""
    facts, talk = asked[0], asked[0].conversation
    if talk is None or situation is Situation.LOCKED:
        return
    if any(_may_write(asked, one, rules) for one in facts.staff.values()):
        yield Flip(turn=Turn.STAFF_WRITES)
    end = deadline_of(talk.waiting_since, facts.policies)
    if situation is Situation.OPEN and end is not None:
        yield Flip(turn=Turn.WAIT_UNTIL, at=end)


def flips_of(facts: WritingFacts, now: Moment, rules: Rules = ()) -> Flips:
    """All minimal sets of at most two changes that reverse the answer; a hidden one has none."""
    asked = facts, now
    answer = answer_of(asked, rules)
    if answer.reason.kind is Kind.HIDDEN:
        return frozenset()

    def reverses(*chosen: Flip) -> bool:
        return answer_of(reduce(_make, chosen, asked), rules).allowed is not answer.allowed

    first = tuple(options(asked, rules))
    alone = frozenset(each for each in first if reverses(each))
    pairs = ((one, two) for one in first for two in options(_make(asked, one), rules))
    both = (
        frozenset((one, two))
        for one, two in pairs
        if _in_turn(one, two) and not alone & {one, two} and reverses(one, two)
        if two.turn is not Turn.WAIT_UNTIL or not reverses(two)
    )
    return frozenset((*(frozenset((one,)) for one in alone), *both))


def _make(asked: Asked, flip: Flip) -> Asked:
    return MADE[flip.turn](asked, flip)


def _in_turn(one: Flip, two: Flip) -> bool:
    """Two assignments may be made, of every other kind one; each pair is tried in one order."""
    before, behind = _ORDER[one.turn], _ORDER[two.turn]
    return before < behind or (one.turn is two.turn is Turn.ASSIGN and one != two)


def seen_by(flips: Flips, turns: frozenset[Turn], served: frozenset[ClientId]) -> Flips:
    """Those of *flips* that somebody can do or ask for: all their changes are among *turns*.

    *served* are the clients whose rosters they may change.
    """

    def sees(flip: Flip) -> bool:
        return flip.turn in turns and (flip.client_id is None or flip.client_id in served)

    return frozenset(each for each in flips if all(map(sees, each)))
