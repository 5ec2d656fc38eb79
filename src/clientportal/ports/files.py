"""The files port: sealed bytes under opaque places (DOC-5). What it keeps it cannot read."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from typing import BinaryIO, Final, Protocol

from clientportal.errors import MalformedError, Problem

_PLACE: Final = re.compile(r"[0-9a-z]+(/[0-9a-z]+){0,7}\Z", re.ASCII)


def check_place(place: str) -> str:
    """*place*, if it is opaque: words of ``0-9 a-z``, slashes between, at most 200 characters.

    Raises `MalformedError` (`invalid_place`).
    """
    if len(place) > 200 or not _PLACE.match(place):  # noqa: PLR2004 - file systems' limits
        raise MalformedError(Problem("place", "invalid_place", "give words of 0-9 and a-z"))
    return place


class Sink(Protocol):
    """Where the bytes of one place go."""

    def write(self, chunk: bytes, /) -> object:
        """Append *chunk*. Raises `AdapterError`."""
        ...


class Files(Protocol):
    """Keeps bytes. Every method raises `AdapterError` when it cannot."""

    def write(self, place: str) -> AbstractContextManager[Sink]:
        """Where to write what *place* shall hold.

        Leaving the context normally makes all of it durable at once; leaving it by an exception
        leaves nothing behind.
        """
        ...

    def read(self, place: str) -> BinaryIO:
        """The bytes at *place*, to be closed; `AdapterError` (`file_missing`) if there are none."""
        ...

    def remove(self, place: str) -> None:
        """Forget *place*; nothing there is no error."""
        ...
