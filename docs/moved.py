"""How a conversation moves between its situations, tried out on the policies and `after`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

from attrs import evolve

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import (
    REPLY_WITHIN,
    Conversation,
    ConversationClosed,
    ConversationEvent,
    ConversationReopened,
    ConversationUnlocked,
    MessageSent,
    after,
)
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ConversationId,
    MessageId,
    PracticeId,
    StaffId,
)
from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.practices import MessagingPolicy, PolicySince
from clientportal.policies.conversations import (
    may_close_conversation,
    may_reopen_conversation,
    may_send_message,
    may_start_conversation,
    may_unlock_conversation,
)
from clientportal.policies.correspondence import (
    Correspondent,
    Counterpart,
    WritingFacts,
    situation_of,
)
from clientportal.policies.messaging import Situation

HERE, ANN, OLGA = PracticeId("prc_1"), ClientId("cli_1"), StaffId("stf_1")
TALK: Final = ConversationId("cnv_1")
BEGAN: Final = datetime(2026, 1, 1, tzinfo=UTC)
LATE: Final = BEGAN + REPLY_WITHIN
#: `REOPENED` is open: what a conversation was before tells nothing about what it becomes.
SITUATIONS: Final = (
    Situation.NEW,
    Situation.OPEN,
    Situation.AUTO_CLOSED,
    Situation.CLOSED_BY_STAFF,
    Situation.LOCKED,
)

_SENT: Final = MessageSent(
    conversation_id=TALK, message_id=MessageId("msg_1"), sequence=1, is_by_staff=True, at=BEGAN
)
_EMPTY: Final = Conversation(id=TALK, last_at=BEGAN)
_OPEN: Final = after(_EMPTY, _SENT)
_CLOSED: Final = ConversationClosed(conversation_id=TALK, at=BEGAN, is_locked=False)
_LOCKED: Final = evolve(_CLOSED, is_locked=True)
_FACTS: Final = WritingFacts(
    actor=Actor(practice_id=HERE, capacity=Capacity.STAFF, staff_id=OLGA),
    policies=(PolicySince(MessagingPolicy.REPLY_ONLY, BEGAN),),
    clients={ANN: Counterpart(client_id=ANN, name="Ann", is_on_a_roster=True)},
    staff={
        OLGA: Correspondent(
            staff_id=OLGA, name="Olga", views=Reach.EVERYTHING, assigned=frozenset({ANN})
        )
    },
)
_TALKS: Final[Mapping[Situation, Conversation | None]] = {
    Situation.NEW: None,
    Situation.OPEN: _OPEN,
    Situation.AUTO_CLOSED: _OPEN,
    Situation.CLOSED_BY_STAFF: after(_OPEN, _CLOSED),
    Situation.LOCKED: after(_OPEN, _LOCKED),
}


class Move(NamedTuple):
    """What brings a conversation from one situation to another, in words."""

    before: Situation
    what: str
    then: Situation


def moves() -> tuple[Move, ...]:
    """Every move that some policy allows a client on the roster, staff, or time."""
    return tuple(move for before in SITUATIONS for move in _from(before))


def _from(before: Situation) -> Iterator[Move]:
    now = BEGAN if before in (Situation.NEW, Situation.OPEN) else LATE
    yield from _written(before, now, by_staff=True)
    yield from _written(before, now, by_staff=False)
    if _TALKS[before] is None:
        return
    yield from _by_hand(before, now)
    passes = [p for p in MessagingPolicy if _after_48_hours(before, p, now) is not before]
    if passes:
        yield Move(
            before, f"48 hours pass{_under(passes)}", _after_48_hours(before, passes[0], now)
        )


def _after_48_hours(before: Situation, policy: MessagingPolicy, now: Moment) -> Situation:
    return situation_of(_facts(before, policy, by_staff=True), now + REPLY_WITHIN)


def _by_hand(before: Situation, now: Moment) -> Iterator[Move]:
    """What staff do without a word; no policy matters to it."""
    facts = _facts(before, MessagingPolicy.REPLY_ONLY, by_staff=True)
    unlocked = ConversationUnlocked(conversation_id=TALK)
    for what, decision, event in (
        ("staff close it", may_close_conversation(facts), _CLOSED),
        ("staff close and lock it", may_close_conversation(facts), _LOCKED),
        (
            "staff reopen it",
            may_reopen_conversation(facts, now),
            ConversationReopened(conversation_id=TALK, at=now),
        ),
        ("staff unlock it", may_unlock_conversation(facts), unlocked),
    ):
        if decision:
            yield Move(before, what, _then(facts, event, now))


def _under(policies: Sequence[MessagingPolicy]) -> str:
    """The policies that it depends on, in words; nothing where it depends on none."""
    where = ", ".join(policy.value.replace("_", " ") for policy in policies)
    return "" if len(policies) == len(MessagingPolicy) else f" under {where}"


def _facts(before: Situation, policy: MessagingPolicy, *, by_staff: bool) -> WritingFacts:
    """Olga, or Ann, in that situation; what closed by itself did so before *policy* was set."""
    history = (*_FACTS.policies, PolicySince(policy, LATE))
    closed = before is Situation.AUTO_CLOSED
    facts = evolve(
        _FACTS,
        conversation=_TALKS[before],
        policies=history if closed else (PolicySince(policy, BEGAN),),
    )
    if by_staff:
        return facts
    ann = Actor(practice_id=HERE, capacity=Capacity.CLIENT, client_id=ANN)
    own = Access(client_id=ANN, account_id=AccountId("acc_1"), since=BEGAN)
    return evolve(facts, actor=ann, access=own)


def _written(before: Situation, now: Moment, *, by_staff: bool) -> Iterator[Move]:
    """A message, under the policies that allow it."""
    ask: Callable[..., object] = may_send_message
    if _TALKS[before] is None:
        ask = may_start_conversation
    allowed = [p for p in MessagingPolicy if ask(_facts(before, p, by_staff=by_staff), now)]
    if not allowed:
        return
    facts = _facts(before, allowed[0], by_staff=by_staff)
    sent = evolve(_SENT, sequence=2, is_by_staff=by_staff, at=now)
    who = "staff write" if by_staff else "a client writes"
    yield Move(before, f"{who}{_under(allowed)}", _then(facts, sent, now))


def _then(facts: WritingFacts, event: ConversationEvent, now: Moment) -> Situation:
    changed = after(facts.conversation or _EMPTY, event)
    return situation_of(evolve(facts, conversation=changed), now)
