"""The driver for SQLite: connections, and how questions and batches are sent through them.

Write-ahead log, every commit synced to the disk, foreign keys on. One writer at a time within the
process, in order; between processes the busy timeout decides.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final

from attrs import field, frozen

from clientportal.errors import OutcomeUnknownError, StorageError
from clientportal.receipts import Result
from clientportal_sql.batch import Step
from clientportal_sql.errors import code_of, is_clash, meaning_of, translated
from clientportal_sql.statements import Asked, Rows
from clientportal_sql.tables import REVISIONS, VERSION_TABLE

_SETTINGS: Final = (
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)
_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table'"


def connect(path: Path, timeout: float) -> sqlite3.Connection:
    """A connection to the file that is at *path*; it is never made by asking."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=timeout,
        isolation_level=None,
        check_same_thread=False,  # one thread at a time holds it: see `Sqlite.connection`
        cached_statements=512,
    )
    try:
        for setting in _SETTINGS:
            connection.execute(setting)
        if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            connection.execute("PRAGMA journal_mode = WAL")
    except BaseException:
        connection.close()
        raise
    return connection


def revision_of(connection: sqlite3.Connection) -> str | None:
    """The revision of the schema; None in an empty file.

    Raises `StorageError`: `storage_foreign` for a file of something else.
    """
    tables = {name for (name,) in connection.execute(_TABLES)}
    if VERSION_TABLE not in tables:
        if tables:
            raise StorageError("storage_foreign")
        return None
    row = connection.execute(f"SELECT version_num FROM {VERSION_TABLE}").fetchone()  # noqa: S608 - a constant
    return None if row is None else str(row[0])


def check_revision(revision: str | None) -> None:
    """Raise `StorageError` unless *revision* is this version's.

    `schema_missing` before `create`, `schema_too_old` before `migrate`, `schema_too_new` where a
    newer version of the library has been.
    """
    if revision is None:
        raise StorageError("schema_missing")
    if revision not in REVISIONS:
        raise StorageError("schema_too_new")
    if revision != REVISIONS[-1]:
        raise StorageError("schema_too_old")


class Lent:
    """A connection for as long as a block lasts; SQLite's errors leave it as the library's.

    A class, since every statement passes through it and a generator would cost more than they.
    """

    def __init__(
        self, idle: deque[sqlite3.Connection], connect: Callable[[], sqlite3.Connection]
    ) -> None:
        self._idle, self._connect = idle, connect

    def __enter__(self) -> sqlite3.Connection:
        """An idle one, else a new one."""
        try:
            self._lent = self._idle.pop()
        except IndexError:
            with translated():
                self._lent = self._connect()
        return self._lent

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Kept for the next, or closed where something failed."""
        if error is None:
            self._idle.append(self._lent)
            return
        self._lent.close()
        if isinstance(error, sqlite3.Error):
            raise meaning_of(error) from error


@frozen
class Sqlite:
    """One file, and the idle connections to it. *timeout* is in seconds."""

    path: Path
    timeout: float = 30.0
    _idle: deque[sqlite3.Connection] = field(factory=deque, init=False, repr=False)
    _turn: Any = field(factory=Lock, init=False, repr=False)

    def _connect(self) -> sqlite3.Connection:
        connection = connect(self.path, self.timeout)
        try:
            check_revision(revision_of(connection))
        except BaseException:
            connection.close()
            raise
        return connection

    def connection(self) -> Lent:
        """A connection nobody else uses meanwhile; one that failed is not used again."""
        return Lent(self._idle, self._connect)

    def rows(self, asked: Sequence[Asked]) -> list[Rows]:
        """The rows that answer each of *asked*, all of one moment."""
        with self.connection() as connection:
            if len(asked) == 1:
                return [connection.execute(asked[0].sql, asked[0].values).fetchall()]
            connection.execute("BEGIN")
            found = [connection.execute(each.sql, each.values).fetchall() for each in asked]
            connection.execute("COMMIT")
            return found

    def send(self, steps: Sequence[Step], key: str | None) -> Result:
        """All of *steps* in one transaction, or none; what the first failure means.

        Raises `OutcomeUnknownError` with *key* where the disk failed while committing.
        """
        with self._turn, self.connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = _first_failure(connection, steps)
                if result is None:
                    _commit(connection, key)
            finally:
                if connection.in_transaction:
                    with suppress(sqlite3.Error):  # what failed before it is what is told
                        connection.execute("ROLLBACK")
            return result

    def close(self) -> None:
        """Close the idle connections; later use opens others."""
        while self._idle:
            self._idle.pop().close()


def _first_failure(connection: sqlite3.Connection, steps: Sequence[Step]) -> Result:
    for sql, values, on_miss, on_clash in steps:
        try:
            cursor = connection.execute(sql, values)
        except sqlite3.IntegrityError as error:
            if on_clash is None or not is_clash(error):
                raise
            return on_clash
        if on_miss is not None and cursor.rowcount != 1 and cursor.fetchone() is None:
            return on_miss
    return None


def _commit(connection: sqlite3.Connection, key: str | None) -> None:
    try:
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if code_of(error) == sqlite3.SQLITE_IOERR:
            raise OutcomeUnknownError(key) from error
        raise
