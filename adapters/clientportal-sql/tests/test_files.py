"""Files that are not ours, not there, locked, full or spoilt are told by code."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from clientportal.domain.ids import ClientId, PracticeId
from clientportal.domain.people import Client
from clientportal.errors import ClientPortalError, ConfigurationError, IntegrityError, StorageError
from clientportal.ports import queries as q
from clientportal.ports.storage import AsyncStorage, Storage
from clientportal_sql import clientportal_adapters
from clientportal_sql.errors import meaning_of
from clientportal_sql.storage import AsyncSqlStorage, SqlStorage

PRACTICE = PracticeId("prc_riverside")


def _look(storage: SqlStorage) -> Any:
    with storage.open(PRACTICE) as work:
        return work.read((q.PendingEvents(),))


def _code(storage: SqlStorage) -> str:
    with pytest.raises(ClientPortalError) as caught:
        _look(storage)
    return getattr(caught.value, "what", caught.value.code)


def test_a_file_is_never_made_by_looking(tmp_path: Path) -> None:
    """A path where nothing is says so, and still holds nothing afterwards."""
    path = tmp_path / "none.db"
    assert _code(SqlStorage.at(path)) == "storage_unreachable"
    assert _code(SqlStorage.at(tmp_path / "no" / "folder.db")) == "storage_unreachable"
    with pytest.raises(StorageError, match="storage_unreachable"):
        SqlStorage.at(path).migrate()
    with pytest.raises(StorageError, match="storage_unreachable"):
        SqlStorage.at(tmp_path / "no" / "folder.db").create()
    assert not path.exists()


def test_an_empty_file_waits_for_its_tables(tmp_path: Path) -> None:
    """An empty file is not served, nor migrated, until it is created."""
    path = tmp_path / "empty.db"
    path.touch()
    storage = SqlStorage.at(path)
    assert _code(storage) == "schema_missing"
    with pytest.raises(StorageError, match="schema_missing"):
        storage.migrate()
    assert storage.pending_migrations() == ("clientportal_0001",)
    assert ("error", "migrations_pending") in {finding[:2] for finding in storage.findings()}


def test_a_file_of_something_else_is_left_alone(tmp_path: Path) -> None:
    """A database of another program is refused, and not touched."""
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE client (id)")
    storage = SqlStorage.at(path)
    with pytest.raises(StorageError, match="storage_foreign"):
        storage.create()
    assert _code(storage) == "storage_foreign"
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("client",)]


def test_what_is_no_database_is_an_integrity_error(tmp_path: Path) -> None:
    """A file of anything else is told apart from an empty one."""
    path = tmp_path / "letter.txt"
    path.write_bytes(b"Dear Ann, " * 500)
    assert _code(SqlStorage.at(path)) == "storage_corrupt"
    with pytest.raises(IntegrityError):
        SqlStorage.at(path).create()
    assert path.read_bytes() == b"Dear Ann, " * 500


def test_a_spoilt_file_is_an_integrity_error(filled: SqlStorage) -> None:
    """Pages overwritten with noise are found by reading and by looking for faults."""
    filled.digest()
    with closing(sqlite3.connect(filled.path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.close()
    whole = filled.path.read_bytes()
    filled.path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    assert {finding[0] for finding in filled.findings()} == {"error"}
    with pytest.raises(IntegrityError, match="storage_corrupt"):
        filled.digest()


@pytest.mark.parametrize(
    ("revision", "code"), [("clientportal_9999", "schema_too_new"), (None, "schema_missing")]
)
def test_a_newer_schema_is_refused(storage: SqlStorage, revision: str | None, code: str) -> None:
    """A file that a newer version has migrated is neither read nor changed."""
    with closing(sqlite3.connect(storage.path)) as connection, connection:
        connection.execute("DELETE FROM clientportal_version")
        if revision:
            connection.execute("INSERT INTO clientportal_version VALUES (?)", (revision,))
    assert _code(storage) == code
    if revision:
        with pytest.raises(StorageError, match=code):
            storage.pending_migrations()


def test_another_writer_makes_it_busy(storage: SqlStorage, committing: Any) -> None:
    """A lock that outlasts the timeout is an error that is welcome to be tried again."""
    client = Client(id=ClientId("cli_new"), given_name="N")
    with closing(sqlite3.connect(storage.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with storage.open(PRACTICE) as work, pytest.raises(StorageError) as caught:
            work.commit(committing(client))
        assert (caught.value.code, caught.value.retryable) == ("storage_busy", True)
        other.execute("ROLLBACK")
    with storage.open(PRACTICE) as work:
        assert work.commit(committing(client)) is None


def test_a_full_disk_changes_nothing(storage: SqlStorage, committing: Any) -> None:
    """Where there is no more room, nothing of the commit is stored, and reading goes on."""
    before = storage.digest()
    clients = [Client(id=ClientId(f"cli_{n}"), given_name="N" * 99) for n in range(2000)]
    with storage._sqlite.connection() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    with storage.open(PRACTICE) as work, pytest.raises(StorageError, match="storage_full"):
        work.commit(committing(*clients))
    assert storage.digest() == before


def test_a_file_that_may_not_be_written_is_read_only(storage: SqlStorage, committing: Any) -> None:
    """A connection that may only read says so when it shall write."""
    with storage._sqlite.connection() as connection:
        connection.execute("PRAGMA query_only = ON")
    with storage.open(PRACTICE) as work, pytest.raises(StorageError, match="storage_read_only"):
        work.commit(committing(Client(id=ClientId("cli_new"), given_name="N")))


def test_every_code_of_sqlite_means_something() -> None:
    """An error that nobody foresaw is still one of the library, without its text."""
    assert meaning_of(sqlite3.ProgrammingError("secret")).code == "storage_failed"
    assert "secret" not in str(meaning_of(sqlite3.OperationalError("secret")))


def test_connections_are_safe(storage: SqlStorage) -> None:
    """Commits are synced, references are checked, and a doctor finds nothing to say."""
    with storage._sqlite.connection() as connection:
        names = ("journal_mode", "synchronous", "foreign_keys")
        values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    assert values == ["wal", 2, 1]
    assert storage.findings() == ()


def test_a_doctor_finds_what_is_unsafe(storage: SqlStorage) -> None:
    """Weak pragmas and a file that others may read are told by code."""
    with storage._sqlite.connection() as connection:
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute("INSERT INTO assignment VALUES ('prc_x', 'cli_x', 'stf_x', 0, NULL)")
    storage.path.chmod(0o644)
    assert {code for _, code, _ in storage.findings()} == {
        "file_readable_by_others",
        "unsafe_synchronous",
        "unsafe_foreign_keys",
        "references_broken",
    }


def test_settings_name_a_file(tmp_path: Path) -> None:
    """The adapter is called sqlite, in both colours, and is built from its url."""
    adapters = {adapter.port: adapter for adapter in clientportal_adapters()}
    assert {adapter.name for adapter in adapters.values()} == {"sqlite"}
    built = adapters[Storage].build({"url": f"sqlite:///{tmp_path}/portal.db"})
    built.create()
    assert built.path == tmp_path / "portal.db"
    assert built.path.stat().st_mode & 0o077 == 0
    assert isinstance(adapters[AsyncStorage].build({"url": "sqlite:///x.db"}), AsyncSqlStorage)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        (None, "missing_setting"),
        ("x.db", "invalid_setting"),
        ("sqlite:///:memory:", "invalid_setting"),
        ("sqlite:///", "invalid_setting"),
    ],
)
def test_a_wrong_url_is_told(url: str | None, code: str) -> None:
    """A setting that names no file is a configuration error."""
    with pytest.raises(ConfigurationError) as caught:
        clientportal_adapters()[0].build({} if url is None else {"url": url})
    assert caught.value.code == code


def test_importing_the_package_is_cheap() -> None:
    """SQLAlchemy and Alembic are loaded when a storage is built, not when adapters are listed."""
    heavy = "{'sqlalchemy', 'alembic'}"
    code = f"import sys, clientportal_sql; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


async def _asynchronously(storage: SqlStorage, commit: Any) -> Any:
    async with AsyncSqlStorage(storage).open(PRACTICE) as work:
        return (
            await work.commit(commit),
            await work.recall("key"),
            await work.read((q.PendingEvents(),)),
        )


def test_both_colours_do_the_same(storage: SqlStorage, committing: Any, recording: Any) -> None:
    """The asynchronous storage commits, recalls and reads as the synchronous one."""
    from asyncio import run

    commit = committing(entry=recording("a", key="key"), events=1)
    done, known, answers = run(_asynchronously(storage, commit))
    assert done is None
    with storage.open(PRACTICE) as work:
        assert known == work.recall("key")
        assert answers == work.read((q.PendingEvents(),))
