"""What else is written with a state, for statements to find it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.deliveries import Delivery
from clientportal.domain.moments import microseconds
from clientportal_sql.joins import bound
from clientportal_sql.nouns import NOUNS
from clientportal_sql.statements import P, Statement
from clientportal_sql.tables import OUTBOX

#: A statement, and what it is told besides the practice.
Following: TypeAlias = tuple[Statement, dict[str, Any]]

_MARK: Final = Statement(
    OUTBOX.update()
    .where(OUTBOX.c.practice_id == P, OUTBOX.c.position == bound("key_position"))
    .values(is_pending=bound("is_pending"))
)
_part = NOUNS[Participant].table
_FRESHEN: Final = Statement(
    _part.update()
    .where(
        _part.c.practice_id == P,
        _part.c.conversation_id == bound("conversation"),
        _part.c.until.is_(None),
    )
    .values(last_at=bound("at"))
)


def _freshened(talk: Any) -> Following:
    """That inboxes are in order: whoever takes part is told when the latest message came."""
    return _FRESHEN, {"conversation": talk.id, "at": microseconds(talk.last_at)}


def _marked(delivery: Any) -> Following:
    """Whether the event still waits, where what is pending is looked for."""
    pending = int(delivery.delivered_at is None)
    return _MARK, {"key_position": delivery.position, "is_pending": pending}


FOLLOWS: Final[Mapping[type, Callable[[Any], Following]]] = {
    Conversation: _freshened,
    Delivery: _marked,
}
