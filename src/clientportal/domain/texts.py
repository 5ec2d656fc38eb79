"""Text that people wrote: kept as given, bounded, and free of what breaks stores and terminals.

NUL, other controls but newline and tab, and lone surrogates are refused; joiners and direction
marks are legal text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from attrs import Attribute

from clientportal.errors import MalformedError, Problem

MOST_MARKS: Final = 1000

Validator: TypeAlias = Callable[[Any, "Attribute[Any]", Any], None]

_BAD_LINE: Final = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
BAD_PROSE: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_EMAIL: Final = re.compile(r"[^\s@\"(),:;<>\[\\\]]{1,64}@[^\s@\"(),:;<>\[\\\]_]{1,190}\Z")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,4}\Z", re.ASCII)
_PHONE: Final = re.compile(r"[0-9+()./#*xA-Za-z \-]{3,40}\Z", re.ASCII)


def check_text(value: object, path: str, *, most: int, lines: bool = False) -> str:
    """*value*, if it is clean text of 1 to *most* code points; newlines only with *lines*.

    Raises `MalformedError`: `invalid_text`, `text_empty`, `text_too_long`.
    """
    if not isinstance(value, str):
        raise MalformedError(Problem(path, "invalid_text", "give text"))
    if len(value) > most:
        raise MalformedError(Problem(path, "text_too_long", f"give at most {most} characters"))
    if not value or value.isspace():
        raise MalformedError(Problem(path, "text_empty", "give at least one character"))
    if (BAD_PROSE if lines else _BAD_LINE).search(value):
        advice = "remove control characters and lone surrogates"
        raise MalformedError(Problem(path, "invalid_text", advice))
    return value


def line(most: int = 200) -> Validator:
    """Attrs validator: one line of clean text, at most *most* code points."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        check_text(value, attribute.name, most=most)

    return validate


def prose(most: int) -> Validator:
    """Attrs validator: clean text of any number of lines, at most *most* code points."""

    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        check_text(value, attribute.name, most=most, lines=True)

    return validate


def _is_piled(text: str) -> bool:
    """Whether more than `MOST_MARKS` marks stand on one letter: composing is quadratic in them."""
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > MOST_MARKS:
            return True
    return False


def composed(value: object) -> str:
    """Attrs converter: *value* in NFC, trimmed (MSG-15).

    Refuses megabytes, and piles of marks on one letter, before working on them.

    Raises `MalformedError`: `invalid_text`, `text_too_long`.
    """
    if not isinstance(value, str):
        raise MalformedError(Problem("text", "invalid_text", "give text"))
    if len(value) > 100_000:  # noqa: PLR2004 - far above every limit after composing
        raise MalformedError(Problem("text", "text_too_long", "give a shorter text"))
    if value.isascii():  # composed as it is
        return value.strip()
    if len(value) > MOST_MARKS and _is_piled(value):
        raise MalformedError(Problem("text", "invalid_text", "put fewer marks on one letter"))
    return unicodedata.normalize("NFC", value).strip()


def _matching(pattern: re.Pattern[str], code: str, advice: str) -> Validator:
    def validate(_: Any, attribute: Attribute[Any], value: Any) -> None:
        if not isinstance(value, str) or not pattern.match(value):
            raise MalformedError(Problem(attribute.name, code, advice))
        check_text(value, attribute.name, most=255)

    return validate


is_email: Final = _matching(_EMAIL, "invalid_email", "give one address such as ann@example.org")
is_language: Final = _matching(_LANGUAGE, "invalid_language", "give a BCP 47 tag such as en-GB")
is_phone: Final = _matching(_PHONE, "invalid_phone", "give digits with + ( ) . - or an extension")


def folded(email: str) -> str:
    """*email* as it is compared: two spellings of one address fold to one text."""
    return unicodedata.normalize("NFC", email).casefold()
