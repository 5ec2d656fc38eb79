"""The state digest: one text that changes exactly when something stored changes."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Final

import sqlalchemy as sa

from clientportal_sql.schema import metadata
from clientportal_sql.statements import DIALECT

#: Records, counters of tries, and how far the relay is: no state of the practice.
APART: Final = frozenset({"audit", "idempotency", "throttle", "delivery"})
#: Columns that tell of those: when a session was seen, whether an event was delivered.
COLUMNS_APART: Final[Mapping[str, frozenset[str]]] = {
    "session": frozenset({"seen_at", "version"}),
    "outbox": frozenset({"is_pending"}),
}


def _selects() -> Iterator[tuple[str, str]]:
    for table in sorted(metadata().tables.values(), key=lambda each: each.name):
        if table.name in APART:
            continue
        apart = COLUMNS_APART.get(table.name, frozenset())
        columns = sorted((c for c in table.c if c.name not in apart), key=lambda each: each.name)
        select = sa.select(*columns)
        if table.name == "busy":  # an hour that was freed is an hour that was never held
            select = select.where(table.c.minutes != sa.literal_column("0"))
        yield table.name, str(select.compile(dialect=DIALECT))


def digest_of(connection: sqlite3.Connection) -> str:
    """SHA-256 over the sorted rows of all tables but those apart."""
    digest = sha256()
    connection.execute("BEGIN")
    for name, select in _selects():
        rows = sorted(json.dumps(row, default=bytes.hex) for row in connection.execute(select))
        digest.update(json.dumps([name, rows]).encode())
    connection.execute("COMMIT")
    return digest.hexdigest()
