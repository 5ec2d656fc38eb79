"""The storage in SQLite passes the kit that every storage must pass."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest

from clientportal.domain.ids import PracticeId
from clientportal.testing.conformance.storage import StorageKit
from clientportal_sql.storage import SqlStorage


class TestSqlite(StorageKit):
    """A file for each storage, in a folder that goes with the test."""

    @pytest.fixture
    def storage(self, tmp_path: Path) -> Iterator[Callable[[], SqlStorage]]:
        """A fresh file each time."""
        numbers, made = count(), list[SqlStorage]()

        def make() -> SqlStorage:
            made.append(SqlStorage.at(tmp_path / f"{next(numbers)}.db"))
            made[-1].create()
            return made[-1]

        yield make
        for each in made:
            each.close()

    def records(self, storage: SqlStorage, practice_id: PracticeId) -> int:
        """The rows of the audit, counted beside the adapter."""
        counting = "SELECT count(*) FROM audit WHERE practice_id = ?"
        with closing(sqlite3.connect(storage.path)) as connection:
            return int(connection.execute(counting, (practice_id,)).fetchone()[0])
