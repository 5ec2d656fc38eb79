"""Answers about what will happen by itself, and what a switch of policy is judged on (MSG-18)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import PracticeId
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.foresight import Foreseen
from clientportal.ports import queries as q
from clientportal_sql.answers_conversations import (
    WAITS_AT,
    begun,
    client,
    conversation,
    facts_of,
    myself,
    taking_part,
)
from clientportal_sql.joins import FIRST, ZERO, alias, ask, bound, there_is
from clientportal_sql.pages import SEEN_LAST, begin, key, page
from clientportal_sql.statements import Asked, Picked, Rows, Seen, Statement, grouped

_SIDES: Final = (True, False)
#: Sorts behind every id.
_PAST_IDS: Final = "~"
_talk, _part = alias(Conversation, "talk"), alias(Participant, "part")
_own = alias(Access, "own_access")

_waiting = _talk.here(
    _talk.c.waiting_since.is_not(None),
    _talk.c.closed_at.is_(None),
    key(_talk.c.waiting_since, _talk.c.id) > SEEN_LAST,
)
_theirs = there_is(
    _part.table,
    _part.here(
        _part.c.conversation_id == _talk.c.id,
        _part.c.person == bound("person"),
        _part.c.until.is_(None),
    ),
    among=(_part,),
)


def _closings(picked: Picked, *, by_staff: bool, everybody: bool) -> Statement:
    which = (_waiting,) if everybody else (_waiting, _theirs)
    found = sa.select(_talk.c.id).where(*which)
    cut = page(found.order_by(_talk.c.waiting_since, _talk.c.id)).subquery("page")
    is_it = conversation.here(conversation.c.id == cut.c.id)
    joined = taking_part(cut.join(conversation.table, is_it), by_staff=by_staff)
    return Statement(sa.select(*picked.columns).select_from(joined))


_FACTS: Final = {side: begun(by_staff=side) for side in _SIDES}
_CLOSINGS: Final = {
    (side, everybody): _closings(_FACTS[side], by_staff=side, everybody=everybody)
    for side in _SIDES
    for everybody in _SIDES
}


def closings_of(practice_id: PracticeId, need: q.ClosingsOf) -> Asked:
    """Answers `ClosingsOf`."""
    picked = _FACTS[need.actor.is_staff]

    def build(rows: Rows, _: Seen) -> tuple[WritingFacts, ...]:
        first = picked.at("conversation")
        groups = grouped(rows, *(first + place for place in WAITS_AT))
        return tuple(facts_of(picked, each, None, need.actor) for each in groups)

    return ask(
        _CLOSINGS[need.actor.is_staff, need.everybody],
        practice_id,
        build,
        **myself(need.actor),
        **_from(need),
        limit=need.limit,
    )


def _from(need: q.ClosingsOf) -> dict[str, Any]:
    """Where to begin: past the last one seen, and past all that has closed by itself."""
    closed = None if need.closed_upto is None else (need.closed_upto, _PAST_IDS)
    return begin(max((each for each in (need.after, closed) if each), default=None), FIRST)


def _foreseen(picked: Picked, *, by_staff: bool) -> Statement:
    after = _talk.here(_talk.c.is_among_staff == ZERO, _talk.c.id > bound("after_id", sa.Text))
    cut = page(sa.select(_talk.c.id).where(after).order_by(_talk.c.id)).subquery("page")
    is_it = conversation.here(conversation.c.id == cut.c.id)
    theirs = (_own.c.client_id == client.c.id, _own.c.relationship_id.is_(None))
    joined = taking_part(cut.join(conversation.table, is_it), by_staff=by_staff)
    joined = joined.outerjoin(_own.table, _own.here(*theirs, _own.c.ended_at.is_(None)))
    return Statement(sa.select(*picked.columns).select_from(joined))


_WITH_ACCESS: Final = {side: begun(by_staff=side, own=_own) for side in _SIDES}
_FORESEEN: Final = {s: _foreseen(picked, by_staff=s) for s, picked in _WITH_ACCESS.items()}


def foreseen_of(practice_id: PracticeId, need: q.ForeseenOf) -> Asked:
    """Answers `ForeseenOf`."""
    picked = _WITH_ACCESS[need.actor.is_staff]

    def one(rows: Rows) -> Foreseen:
        found = (picked.take(row, None, "own")[0] for row in rows)
        accesses: dict[str, Access] = {each.id: each for each in found if each is not None}
        return Foreseen(
            facts=facts_of(picked, rows, None, need.actor), accesses=tuple(accesses.values())
        )

    def build(rows: Rows, _: Seen) -> tuple[Foreseen, ...]:
        return tuple(map(one, grouped(rows, picked.at("conversation") + 1)))

    named: dict[str, Any] = {"after_id": need.after or "", "limit": need.limit}
    return ask(_FORESEEN[need.actor.is_staff], practice_id, build, **myself(need.actor), **named)
