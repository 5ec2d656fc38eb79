"""Fixed statistics for SQLite, so that it runs each statement by the plan that was tested.

Without any it takes ten rows to a practice for granted, and would rather read all that a practice
stores than use an index. An operator's own ANALYZE replaces them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

#: What a practice has few of; of all else it has many.
FEW: Final = frozenset({"practice", "staff_member", "service", "availability"})


def _spread(columns: int, *, few: bool, unique: bool) -> str:
    """How many rows there are, and how many share the first one, two, ... columns."""
    rows, of_practice, of_more = (1_000, 10, 2) if few else (1_000_000, 10_000, 20)
    shared = [of_practice, *([of_more] * (columns - 1))][:columns]
    if unique:
        shared[-1] = 1
    return " ".join(map(str, (rows, *shared)))


def _statistics(metadata: sa.MetaData) -> Iterator[tuple[str, str, str]]:
    for table in metadata.tables.values():
        few = table.name in FEW
        key = len(table.primary_key.columns)
        yield table.name, table.name, _spread(key, few=few, unique=True)
        for index in table.indexes:
            partial = index.dialect_options["sqlite"]["where"] is not None
            spread = _spread(len(index.columns), few=few or partial, unique=bool(index.unique))
            yield table.name, str(index.name), spread


def settle(connection: sqlite3.Connection, metadata: sa.MetaData) -> None:
    """Give SQLite the statistics, within the transaction that is open."""
    connection.execute("ANALYZE")
    connection.execute("DELETE FROM sqlite_stat1")
    rows = sorted(_statistics(metadata))
    connection.executemany("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)", rows)
