"""What errors of SQLite mean to the caller, told by their codes and never by their texts."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from clientportal.errors import ClientPortalError, IntegrityError, StorageError

CLASHES: Final = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_CHECK,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)
_STORAGE: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_READONLY: "storage_read_only",
    sqlite3.SQLITE_PERM: "storage_read_only",
    sqlite3.SQLITE_FULL: "storage_full",
    sqlite3.SQLITE_CANTOPEN: "storage_unreachable",
    sqlite3.SQLITE_IOERR: "storage_unreachable",
    sqlite3.SQLITE_ERROR: "schema_unknown",
}
_BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_BROKEN: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_CORRUPT: "storage_corrupt",
    sqlite3.SQLITE_NOTADB: "storage_corrupt",
    sqlite3.SQLITE_CONSTRAINT: "constraint",
    sqlite3.SQLITE_MISMATCH: "constraint",
}


def code_of(error: sqlite3.Error) -> int:
    """The primary result code of SQLite, or 0 where the error is not SQLite's own."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def is_clash(error: sqlite3.IntegrityError) -> bool:
    """Whether a key or a named constraint is held by another row."""
    return error.sqlite_errorcode in CLASHES


def meaning_of(error: sqlite3.Error) -> ClientPortalError:
    """What *error* means to the caller: nothing was changed."""
    code = code_of(error)
    if code in _BUSY:
        return StorageError("storage_busy", retryable=True)
    if code in _BROKEN:
        return IntegrityError(_BROKEN[code])
    return StorageError(_STORAGE.get(code, "storage_failed"))


@contextmanager
def translated() -> Iterator[None]:
    """Errors of SQLite leave this context as errors of the library, with their cause."""
    try:
        yield
    except sqlite3.Error as error:
        raise meaning_of(error) from error
