"""Messages, taking them back, and how far somebody has read (MSG-15)."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from typing import Any, Final

from attrs import Attribute, field, frozen
from attrs.validators import optional

from clientportal.domain.conversations import Person, Side, side_of
from clientportal.domain.ids import ConversationId, DocumentId, MessageId
from clientportal.domain.moments import Moment, is_moment
from clientportal.domain.texts import check_text, composed, prose
from clientportal.errors import MalformedError, Problem

LONGEST_TEXT: Final = 5_000
MOST_ATTACHMENTS: Final = 20
MOST_WORDS: Final = 10
RETRACT_WITHIN: Final = timedelta(minutes=5)


def is_message_text(instance: Any, attribute: Attribute[Any], value: object) -> None:
    """Attrs validator: up to 5,000 code points; empty only with an attachment (MSG-15)."""
    attached: object = getattr(instance, "attachments", None)
    if value == "" and attached:
        return
    check_text(value, attribute.name, most=LONGEST_TEXT, lines=True)


_WORD: Final = re.compile(r"\w+")


def words_of(text: str) -> tuple[str, ...]:
    """The words of *text* as they are searched: each once, without case and accents, in order."""
    if not text.isascii():
        spread = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in spread if not unicodedata.combining(c))
    return tuple(sorted(set(_WORD.findall(text.casefold()))))


def few_words(_: Any, attribute: Attribute[Any], value: object) -> None:
    """Attrs validator: text of 1 to 10 words, to search for."""
    words = words_of(check_text(value, attribute.name, most=200))
    if not 1 <= len(words) <= MOST_WORDS:
        advice = f"give 1 to {MOST_WORDS} words"
        raise MalformedError(Problem(attribute.name, "limit_exceeded", advice))


@frozen(kw_only=True)
class Message:
    """What somebody wrote; never changed afterwards. *sequence* counts from 1 without gaps."""

    id: MessageId
    conversation_id: ConversationId
    sequence: int
    author: Person
    attachments: tuple[DocumentId, ...] = ()
    text: str = field(converter=composed, validator=is_message_text, repr=False)
    at: Moment = field(validator=is_moment)

    claims = ()

    @property
    def belongs_to(self) -> ConversationId:
        """The conversation counts its messages."""
        return self.conversation_id

    @property
    def is_by_staff(self) -> bool:
        """In which capacity it was written."""
        return side_of(self.author) is Side.STAFF


@frozen(kw_only=True)
class Tombstone:
    """That a message is shown no more: its author took it back, or staff withdrew it (MSG-15)."""

    message_id: MessageId
    conversation_id: ConversationId
    by: Person
    at: Moment = field(validator=is_moment)

    claims = ()

    @property
    def id(self) -> str:
        """There is one for a message."""
        return self.message_id

    @property
    def belongs_to(self) -> ConversationId:
        """The conversation is rewritten, so that nobody takes a message back twice."""
        return self.conversation_id


@frozen(kw_only=True)
class Reading:
    """How far *person* has read, and what they have begun to write (MSG-15).

    Writing reads. The draft is nobody else's to see.
    """

    conversation_id: ConversationId
    person: Person
    sequence: int = 0
    draft: str | None = field(default=None, validator=optional(prose(LONGEST_TEXT)), repr=False)

    belongs_to = None
    claims = ()

    @property
    def id(self) -> str:
        """The pair."""
        return f"{self.conversation_id}/{self.person}"
