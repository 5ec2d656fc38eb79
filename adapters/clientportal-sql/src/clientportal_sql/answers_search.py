"""Answers about messages by their words."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import PracticeId
from clientportal.domain.messages import Message, Tombstone
from clientportal.ports import queries as q
from clientportal_sql.answers_conversations import (
    begun,
    conversation,
    facts_of,
    myself,
    taking_part,
)
from clientportal_sql.joins import LAST, ZERO, alias, as_list, ask, bound, there_is
from clientportal_sql.nouns import NOUNS, Alias
from clientportal_sql.pages import SEEN_LAST, begin, key, page
from clientportal_sql.readers import is_kept
from clientportal_sql.statements import Asked, Rows, Seen, Statement, grouped

_SIDES: Final = (True, False)
_hit, _own, _talk = (
    alias(Message, "hit"),
    alias(Participant, "own_part"),
    alias(Conversation, "talk"),
)
_gone, _message = alias(Tombstone, "gone"), alias(Message)

_wanted = sa.func.json_each(bound("words")).table_valued("value", name="wanted")
_missed = sa.exists(
    sa.select(sa.literal_column("1"))
    .select_from(_wanted)
    .where(sa.func.instr(_hit.c.words, _wanted.c.value) == ZERO)
    .correlate_except(_wanted)
)
_before = key(_hit.c.at, _hit.c.id) < SEEN_LAST
_withdrawn = there_is(_gone.table, _gone.here(_gone.c.message_id == _hit.c.id), among=(_gone,))


def _is_me(part: Alias, _: Alias) -> Any:
    return part.c.person == bound("person")


def _page(*, by_staff: bool) -> Any:
    mine = _own.here(_own.c.person == bound("person"), _own.c.until.is_(None))
    about = _talk.here(_talk.c.id == _own.c.conversation_id)
    there = _hit.here(
        _hit.c.conversation_id == _own.c.conversation_id, _hit.c.sequence > _own.c.from_sequence
    )
    visible = (is_kept(_talk.c.id, _is_me, name="reads"),) if by_staff else ()
    found = (
        sa.select(_hit.c.id)
        .select_from(_own.table.join(_talk.table, about).join(_hit.table, there))
        .where(mine, _before, ~_missed, ~_withdrawn, *visible)
    )
    return page(found.order_by(_hit.c.at.desc(), _hit.c.id.desc())).subquery("page")


_FOUND: Final = {side: begun(by_staff=side, message=_message) for side in _SIDES}


def _statement(*, by_staff: bool) -> Statement:
    page = _page(by_staff=by_staff)
    found = page.join(_message.table, _message.here(_message.c.id == page.c.id)).join(
        conversation.table, conversation.here(conversation.c.id == _message.c.conversation_id)
    )
    joined = taking_part(found, by_staff=by_staff)
    return Statement(sa.select(*_FOUND[by_staff].columns).select_from(joined))


_SEARCH: Final = {side: _statement(by_staff=side) for side in _SIDES}
_MESSAGE_AT: Final = tuple(NOUNS[Message].read.index(name) for name in ("at", "id"))


def search_of(practice_id: PracticeId, need: q.SearchOf) -> Asked:
    """Answers `SearchOf`."""
    picked, after = _FOUND[need.actor.is_staff], need.after
    first = picked.at("message")

    def one(rows: Rows) -> q.Found:
        (message,) = picked.take(rows[0], None, "message")
        facts = facts_of(picked, rows, None, need.actor)
        return q.Found(facts=facts, posted=q.Posted(message=message))

    def build(rows: Rows, _: Seen) -> tuple[q.Found, ...]:
        at = (first + place for place in _MESSAGE_AT)
        return tuple(map(one, grouped(rows, *at, latest_first=True)))

    return ask(
        _SEARCH[need.actor.is_staff],
        practice_id,
        build,
        **myself(need.actor),
        words=as_list(f" {word} " for word in need.words),
        **begin(after, LAST),
        limit=need.limit,
    )
