"""What an operator should know of the file that holds everything: (level, code, advice)."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from typing import Final, TypeAlias

from clientportal.errors import ClientPortalError
from clientportal_sql.schema import pending
from clientportal_sql.sqlite import Sqlite

Finding: TypeAlias = tuple[str, str, str]

_PRAGMAS: Final = (
    ("journal_mode", ("wal",), "keep the file on a local disk, where a write-ahead log works"),
    ("synchronous", (2, 3), "let every commit be synced: PRAGMA synchronous = FULL"),
    ("foreign_keys", (1,), "use a build of SQLite with foreign keys"),
)


def findings(sqlite: Sqlite) -> tuple[Finding, ...]:
    """All that is wrong with the file, its settings, its tables and its rows."""
    try:
        return tuple(_all(sqlite))
    except ClientPortalError as error:
        return (("error", error.code, str(error)),)


def _all(sqlite: Sqlite) -> Iterator[Finding]:
    yield from _readable(sqlite)
    missing = pending(sqlite.path, sqlite.timeout)
    if missing:
        yield "error", "migrations_pending", f"migrate to `{missing[-1]}`"
        return
    with sqlite.connection() as connection:
        yield from _unsafe(connection)
        yield from _damaged(connection)


def _readable(sqlite: Sqlite) -> Iterator[Finding]:
    if sqlite.path.exists() and sqlite.path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield "warning", "file_readable_by_others", "let only its owner read it: chmod 600"


def _unsafe(connection: sqlite3.Connection) -> Iterator[Finding]:
    for name, safe, advice in _PRAGMAS:
        (value,) = connection.execute(f"PRAGMA {name}").fetchone()
        if value not in safe:
            yield "error", f"unsafe_{name}", advice


def _damaged(connection: sqlite3.Connection) -> Iterator[Finding]:
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        yield "error", "storage_corrupt", "restore it from a backup"
    if connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
        yield "error", "references_broken", "restore it from a backup"
