"""Answers about messages (MSG-15)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clientportal.domain.conversations import Message
from clientportal.domain.ids import PracticeId
from clientportal.ports import queries as q
from clientportal_sql.joins import ZERO, alias, ask, bound
from clientportal_sql.statements import Asked, Picked, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_message = alias(Message)

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
