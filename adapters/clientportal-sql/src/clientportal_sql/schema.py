"""Making and migrating the tables, by Alembic run from here: it needs no file of its own."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import import_module
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.exc import DBAPIError

from clientportal.errors import StorageError
from clientportal_sql.errors import translated
from clientportal_sql.plans import settle
from clientportal_sql.sqlite import check_revision, connect, revision_of
from clientportal_sql.tables import META, REVISIONS

MIGRATIONS: Final = Path(__file__).parent / "migrations"


def metadata() -> sa.MetaData:
    """All tables with their indexes."""
    import_module("clientportal_sql.indexes")  # which completes the tables of the nouns
    return META


def create(path: Path, timeout: float) -> None:
    """Make the file at *path*, readable by its owner only, and its tables."""
    with translated():
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise StorageError("storage_unreachable") from error
        with closing(connect(path, timeout)) as connection:
            _upgrade(connection)


def migrate(path: Path, timeout: float) -> None:
    """Bring the tables in the file at *path* up to this version."""
    with translated(), closing(connect(path, timeout)) as connection:
        if revision_of(connection) is None:
            raise StorageError("schema_missing")
        _upgrade(connection)


def pending(path: Path, timeout: float) -> tuple[str, ...]:
    """The revisions that the file at *path* lacks, oldest first."""
    with translated(), closing(connect(path, timeout)) as connection:
        return _after(revision_of(connection))


def _after(revision: str | None) -> tuple[str, ...]:
    if revision is None:
        return REVISIONS
    if revision not in REVISIONS:
        check_revision(revision)
    return REVISIONS[REVISIONS.index(revision) + 1 :]


def _upgrade(connection: sqlite3.Connection) -> None:
    """To the newest revision, all or nothing; another process that does the same is waited for."""
    if not _after(revision_of(connection)):
        return
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with _begun(connection) as begun:
        config.attributes["connection"] = begun
        command.upgrade(config, "clientportal@head")
        settle(connection, metadata())


@contextmanager
def _begun(connection: sqlite3.Connection) -> Iterator[sa.Connection]:
    """*connection* as SQLAlchemy sees it, within a transaction that locks out other writers."""
    engine = sa.create_engine("sqlite://", creator=lambda: connection, poolclass=sa.StaticPool)
    try:
        with engine.connect() as begun:
            begun.exec_driver_sql("BEGIN IMMEDIATE")
            yield begun
            begun.commit()
    except DBAPIError as error:
        raise (error.orig or error) from None
