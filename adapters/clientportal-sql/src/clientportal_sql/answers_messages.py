"""Answers about messages, and how far somebody has read them (MSG-15)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clientportal.domain.conversations import Message, Reading
from clientportal.domain.ids import PracticeId
from clientportal.ports import queries as q
from clientportal_sql.joins import ZERO, alias, ask, bound
from clientportal_sql.statements import Asked, Picked, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_message, _reading = alias(Message), alias(Reading)

_MESSAGE: Final = Picked(message=_message)
_MESSAGES_OF: Final = Statement(
    sa.select(*_MESSAGE.columns)
    .where(
        _message.here(
            _message.c.conversation_id == bound("conversation"),
            _message.c.sequence < bound("before", WHOLE),
        )
    )
    .order_by(_message.c.sequence.desc())
    .limit(bound("limit", WHOLE))
    .offset(ZERO)
)


def messages_of(practice_id: PracticeId, need: q.MessagesOf) -> Asked:
    """Answers `MessagesOf`."""

    def build(rows: Rows, _: Seen) -> tuple[Message, ...]:
        return tuple(_MESSAGE.take(row, None, "message")[0] for row in rows)

    named = {"conversation": need.conversation_id, "before": need.before, "limit": need.limit}
    return ask(_MESSAGES_OF, practice_id, build, **named)


_READING: Final = Picked(reading=_reading)
_READING_OF: Final = Statement(
    sa.select(*_READING.columns).where(
        _reading.here(
            _reading.c.conversation_id == bound("conversation"),
            _reading.c.person == bound("person"),
        )
    )
)


def reading_of(practice_id: PracticeId, need: q.ReadingOf) -> Asked:
    """Answers `ReadingOf`."""

    def build(rows: Rows, seen: Seen) -> Reading | None:
        found: Reading | None = _READING.take(rows[0], seen, "reading")[0] if rows else None
        return found

    named = {"conversation": need.conversation_id, "person": need.person}
    return ask(_READING_OF, practice_id, build, **named)
