"""Statements, written in SQLAlchemy Core and compiled once; and what their rows hold."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

Row: TypeAlias = tuple[Any, ...]
Rows: TypeAlias = list[Row]
Seen: TypeAlias = dict[tuple[type, str], tuple[int, Any]]

DIALECT: Final = sqlite.dialect(paramstyle="qmark")
P: Final[Any] = sa.bindparam("practice")


class Statement:
    """One statement: its text, made at first use, and its values in the order the text wants."""

    def __init__(self, element: Any) -> None:
        self.element = element

    @cached_property
    def _compiled(self) -> tuple[str, tuple[str, ...]]:
        compiled = self.element.compile(dialect=DIALECT)
        fixed = {k: v for k, v in compiled.params.items() if v is not None}
        if fixed:
            msg = f"write {sorted(fixed)} as bindparam or literal_column"
            raise TypeError(msg)
        return str(compiled), tuple(compiled.positiontup or ())

    @cached_property
    def text(self) -> str:
        """The statement as the database is sent it."""
        return self._compiled[0]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of its values, in the order of the text."""
        return self._compiled[1]

    @cached_property
    def _pick(self) -> Any:
        return itemgetter(*self.names) if len(self.names) > 1 else None

    def values(self, named: Mapping[str, Any]) -> tuple[Any, ...]:
        """The values of *named* in the order of the text."""
        if self._pick is not None:
            row: tuple[Any, ...] = self._pick(named)
            return row
        return tuple(named[name] for name in self.names)


class Asked(NamedTuple):
    """A question as the database hears it: text, values, and how its rows become the answer.

    *build* takes the rows and what is remembered, which it adds to.
    """

    sql: str
    values: tuple[Any, ...]
    build: Any


def grouped(rows: Rows, *at: int, latest_first: bool = False) -> list[Rows]:
    """The rows that share what they have in the columns *at*, ordered by it.

    Done here, so that no database sorts wide rows of which it has cut a page in order.
    """
    found: dict[Row, Rows] = {}
    for row in rows:
        found.setdefault(tuple([row[place] for place in at]), []).append(row)
    return [found[key] for key in sorted(found, reverse=latest_first)]


class Picked:
    """Nouns side by side in one row, and how to take each out again, or None where it is absent."""

    def __init__(self, **parts: Any) -> None:
        self.columns: list[Any] = []
        self._parts: dict[str, tuple[int, Any]] = {}
        for name, part in parts.items():
            noun = getattr(part, "noun", None)
            self._parts[name] = (len(self.columns), noun)
            self.columns += [part] if noun is None else part.columns

    def take(self, row: Row, seen: Seen | None, *names: str) -> tuple[Any, ...]:
        """What *row* holds under *names*, in that order; owners among it go into *seen*."""
        out = []
        for name in names:
            at, noun = self._parts[name]
            out.append(row[at] if noun is None else noun.take(row, at, seen))
        return tuple(out)

    def __contains__(self, name: str) -> bool:
        return name in self._parts

    def at(self, name: str) -> int:
        """The position of the first column of *name*."""
        return self._parts[name][0]
