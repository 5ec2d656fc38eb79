"""The migrations make what the statements expect."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory

from clientportal_sql.schema import MIGRATIONS, metadata
from clientportal_sql.storage import SqlStorage
from clientportal_sql.tables import REVISIONS, VERSION_TABLE


def _described(path: Path) -> dict[str, Any]:
    """Every table as SQLite sees it: columns, kind, references, indexes, checks."""
    with closing(sqlite3.connect(path)) as connection:
        found = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
        )
        listed = connection.execute("PRAGMA table_list").fetchall()
        shape = {name: (columns, bare, strict) for _, name, _, columns, bare, strict in listed}
        return {
            name: (
                shape.get(name),
                sorted(line.strip(" ,\t") for line in sql.splitlines()),
                connection.execute("SELECT * FROM pragma_table_xinfo(?)", (name,)).fetchall(),
            )
            for _, name, sql in found.fetchall()
            if name != VERSION_TABLE and not name.startswith("sqlite_")
        }


def test_the_migrations_make_the_tables_of_the_statements(
    storage: SqlStorage, tmp_path: Path
) -> None:
    """Migrating an empty file and creating all tables at once come to the same schema."""
    path = tmp_path / "at_once.db"
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)
    metadata().create_all(engine)
    assert _described(storage.path) == _described(path)


def test_the_library_knows_its_revisions() -> None:
    """The revisions the driver accepts are those that are shipped, in their order."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    shipped = tuple(script.revision for script in scripts.walk_revisions())[::-1]
    assert shipped == REVISIONS
    assert scripts.get_revision("clientportal@head").revision == REVISIONS[-1]


def test_migrating_says_nothing_and_changes_nothing_twice(storage: SqlStorage, capfd: Any) -> None:
    """Creating and migrating a storage that is ours is quiet and does nothing."""
    before = _described(storage.path)
    storage.create()
    storage.migrate()
    assert storage.pending_migrations() == ()
    assert _described(storage.path) == before
    assert capfd.readouterr() == ("", "")
