"""Answers about conversations that nobody keeps (MSG-16)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import PracticeId
from clientportal.policies.correspondence import WritingFacts
from clientportal.ports import queries as q
from clientportal_sql.answers_conversations import (
    begun,
    conversation,
    facts_of,
    myself,
    taking_part,
)
from clientportal_sql.joins import FIRST, ZERO, alias, ask, bound, moment_or, there_is, word
from clientportal_sql.pages import page
from clientportal_sql.readers import besides, is_kept
from clientportal_sql.statements import Asked, Rows, Seen, Statement, grouped
from clientportal_sql.tables import WHOLE

_talk, _apart = alias(Conversation, "talk"), alias(Participant, "apart")
_is_part = there_is(
    _apart.table,
    _apart.here(
        _apart.c.conversation_id == _talk.c.id,
        _apart.c.person == bound("without"),
        _apart.c.until.is_(None),
    ),
    among=(_apart,),
)
_page: Final = page(
    sa.select(_talk.c.id)
    .where(
        _talk.here(
            _talk.c.closed_at.is_(None),
            _talk.c.is_among_staff == ZERO,
            _talk.c.id > bound("after_id"),
            sa.or_(
                _talk.c.waiting_since.is_(None),
                _talk.c.waiting_since > bound("closed_upto", WHOLE),
            ),
            ~is_kept(_talk.c.id, besides(bound("without"))),
            sa.or_(bound("without") == word(""), _is_part),
        )
    )
    .order_by(_talk.c.id)
).subquery("page")
_FACTS: Final = {side: begun(by_staff=side) for side in (True, False)}


def _statement(picked: Any, *, by_staff: bool) -> Statement:
    is_it = conversation.here(conversation.c.id == _page.c.id)
    joined = taking_part(_page.join(conversation.table, is_it), by_staff=by_staff)
    return Statement(sa.select(*picked.columns).select_from(joined))


_UNOWNED: Final = {s: _statement(picked, by_staff=s) for s, picked in _FACTS.items()}


def unowned_of(practice_id: PracticeId, need: q.UnownedOf) -> Asked:
    """Answers `UnownedOf`."""
    by_staff = need.actor.is_staff
    picked = _FACTS[by_staff]
    at = picked.at("conversation") + 1

    def build(rows: Rows, seen: Seen) -> tuple[WritingFacts, ...]:
        return tuple(facts_of(picked, each, seen, need.actor) for each in grouped(rows, at))

    return ask(
        _UNOWNED[by_staff],
        practice_id,
        build,
        **myself(need.actor),
        without=need.without or "",
        after_id=need.after or "",
        closed_upto=moment_or(need.closed_upto, FIRST),
        limit=need.limit,
    )
