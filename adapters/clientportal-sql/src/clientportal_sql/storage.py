"""`Storage` in a SQLite file, and its sibling in the other colour."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final, Self

from attrs import field, frozen

from clientportal.domain.ids import PracticeId
from clientportal.errors import ConfigurationError, IntegrityError
from clientportal.flows import Need
from clientportal.receipts import Commit, KeyUsed, Result, Stale
from clientportal_sql.answers import answer_of
from clientportal_sql.batch import RECALL, batch_of, recalled
from clientportal_sql.sqlite import Sqlite
from clientportal_sql.statements import Asked, Seen

_SCHEME: Final = "sqlite:///"


def path_of(settings: Mapping[str, Any]) -> Path:
    """The file that the setting ``url`` names, such as ``sqlite:///riverside.db``.

    Raises `ConfigurationError`: `missing_setting`, `invalid_setting`.
    """
    url = settings.get("url")
    if not url:
        raise ConfigurationError("missing_setting", "give `url`, such as sqlite:///riverside.db")
    path = str(url).removeprefix(_SCHEME)
    if path == url or path in ("", ":memory:"):
        raise ConfigurationError("invalid_setting", "let `url` name a file: sqlite:///riverside.db")
    return Path(path)


@frozen
class SqlWork:
    """One consistent look at one practice, and at most one write."""

    practice_id: PracticeId
    _sqlite: Sqlite = field(repr=False)
    _seen: Seen = field(factory=dict, init=False, repr=False)

    def __enter__(self) -> Self:
        """It holds nothing open between its round trips."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing to give back."""

    def read(self, needs: tuple[Need[Any], ...]) -> tuple[Any, ...]:
        """The answers to *needs*, all of one moment; owners that were read are remembered.

        Raises `NotFoundError` where a subject is not there, `IntegrityError` where a row does not
        say what this version can understand.
        """
        asked = [answer_of(self.practice_id, need) for need in needs]
        found = self._sqlite.rows(asked)
        try:
            return tuple([a.build(rows, self._seen) for a, rows in zip(asked, found, strict=True)])
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            raise IntegrityError("row") from error

    def commit(self, commit: Commit) -> Result:
        """All of *commit*, or nothing: None when done, else the value that says why not."""
        steps = batch_of(self.practice_id, self._seen, commit)
        key = None if commit.entry is None else commit.entry.key
        result = self._sqlite.send(steps, key) if steps else None
        if isinstance(result, KeyUsed) and key is not None:
            return self.recall(key) or Stale()
        return result

    def recall(self, key: str) -> KeyUsed | None:
        """What was committed under an idempotency key."""
        values = RECALL.values({"practice": self.practice_id, "key": key})
        return recalled(self._sqlite.rows([Asked(RECALL.text, values, None)])[0])


@frozen
class SqlStorage:
    """A `Storage` in one SQLite file. Make one for each process, and close it at the end."""

    _sqlite: Sqlite

    @classmethod
    def at(cls, path: str | Path, *, timeout: float = 30.0) -> Self:
        """The storage in the file at *path*; writers wait up to *timeout* seconds for others."""
        return cls(Sqlite(Path(path), timeout))

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The storage that the setting ``url`` names. Raises `ConfigurationError`."""
        return cls.at(path_of(settings))

    @property
    def path(self) -> Path:
        """The file."""
        return self._sqlite.path

    def open(self, practice_id: PracticeId) -> SqlWork:
        """A unit of work for one practice; every statement in it is scoped to that practice."""
        return SqlWork(practice_id, self._sqlite)

    def create(self) -> None:
        """Make the file and its tables, for its owner's eyes only; one that is ours is migrated.

        Raises `StorageError` (`storage_foreign`) and leaves a file of something else as it is.
        """
        from clientportal_sql.schema import create

        create(self.path, self._sqlite.timeout)

    def migrate(self) -> None:
        """Bring the tables up to this version, in one transaction.

        Raises `StorageError`: `schema_missing` before `create`, `schema_too_new`.
        """
        from clientportal_sql.schema import migrate

        migrate(self.path, self._sqlite.timeout)

    def pending_migrations(self) -> tuple[str, ...]:
        """The revisions that `migrate` would apply, oldest first."""
        from clientportal_sql.schema import pending

        return pending(self.path, self._sqlite.timeout)

    def digest(self) -> str:
        """SHA-256 over all that is stored but records, counters and what tells of them."""
        from clientportal_sql.digest import digest_of

        with self._sqlite.connection() as connection:
            return digest_of(connection)

    def practices(self) -> tuple[str, ...]:
        """The ids of the first practices kept here, at most 11: whether there is one, and which."""
        with self._sqlite.connection() as connection:
            rows = connection.execute(
                "SELECT practice_id FROM practice ORDER BY practice_id LIMIT 11"
            )
            return tuple(practice_id for (practice_id,) in rows)

    def findings(self) -> tuple[tuple[str, str, str], ...]:
        """What an operator should know of this file: (level, code, advice)."""
        from clientportal_sql.doctor import findings

        return findings(self._sqlite)

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self._sqlite.close()


@frozen
class AsyncSqlWork:
    """`SqlWork` in the other colour."""

    _work: SqlWork

    async def read(self, needs: tuple[Need[Any], ...]) -> tuple[Any, ...]:
        """As `SqlWork.read`."""
        return await to_thread(self._work.read, needs)

    async def commit(self, commit: Commit) -> Result:
        """As `SqlWork.commit`."""
        return await to_thread(self._work.commit, commit)

    async def recall(self, key: str) -> KeyUsed | None:
        """As `SqlWork.recall`."""
        return await to_thread(self._work.recall, key)


@frozen
class AsyncSqlStorage:
    """`SqlStorage` in the other colour: the same work, in threads."""

    sync: SqlStorage

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> Self:
        """The storage that the setting ``url`` names. Raises `ConfigurationError`."""
        return cls(SqlStorage.from_settings(settings))

    @asynccontextmanager
    async def open(self, practice_id: PracticeId) -> AsyncIterator[AsyncSqlWork]:
        """As `SqlStorage.open`."""
        with self.sync.open(practice_id) as work:
            yield AsyncSqlWork(work)
