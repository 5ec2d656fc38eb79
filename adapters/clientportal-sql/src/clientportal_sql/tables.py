"""The tables beside those of the nouns: claims, time held, outbox, audit, idempotency keys.

Every key starts with the practice, so that tables can be distributed by it.
"""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

VERSION_TABLE: Final = "clientportal_version"
REVISIONS: Final = ("clientportal_0001",)
META: Final = sa.MetaData()
WHOLE: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KEPT: Final[dict[str, Any]] = {"sqlite_strict": True, "sqlite_with_rowid": False}


def practice_column() -> sa.Column[str]:
    """The column that every key starts with."""
    return sa.Column("practice_id", sa.Text, primary_key=True, nullable=False)


def _text(name: str, *, key: bool = False, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=key, nullable=nullable)


def _number(name: str, *, key: bool = False) -> sa.Column[int]:
    return sa.Column(name, WHOLE, primary_key=key, nullable=False, autoincrement=False)


CLAIM: Final = sa.Table(
    "claim",
    META,
    practice_column(),
    _text("name", key=True),
    _text("value", key=True),
    _text("owner"),
    sa.Index("claim_owner", "practice_id", "owner"),
    **KEPT,
)

BUSY: Final = sa.Table(
    "busy",
    META,
    practice_column(),
    _text("resource", key=True),
    _number("hour", key=True),
    _number("lane", key=True),
    _number("seat", key=True),
    _number("minutes"),
    sa.CheckConstraint("minutes >= 0", name="slot_taken"),
    **KEPT,
)

OUTBOX: Final = sa.Table(
    "outbox",
    META,
    practice_column(),
    _number("position", key=True),
    _text("entry_id", nullable=True),
    _text("name"),
    _text("body"),
    _number("is_pending"),
    **KEPT,
)
sa.Index(
    "outbox_pending",
    OUTBOX.c.practice_id,
    OUTBOX.c.position,
    sqlite_where=OUTBOX.c.is_pending == sa.literal_column("1"),
)

AUDIT: Final = sa.Table(
    "audit",
    META,
    practice_column(),
    _text("id", key=True),
    _number("at"),
    _text("who"),
    _text("capacity"),
    _text("name"),
    _text("about", nullable=True),
    _number("is_allowed"),
    _text("reason"),
    **KEPT,
)

IDEMPOTENCY: Final = sa.Table(
    "idempotency",
    META,
    practice_column(),
    _text("key", key=True),
    _text("fingerprint"),
    _text("reason"),
    _text("events"),
    _text("results"),
    _number("at"),
    **KEPT,
)
