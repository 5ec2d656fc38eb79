"""Decisions as data for a solver: what is proved is proved of the rows that run, for all at once.

A table is rows of words and truths with an answer each. A solver is given the rows as they are and
chooses a cell; a claim is proved when it finds no cell that breaks it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any, Final, TypeAlias

import z3

#: A word, a truth, or None for what a row does not ask.
Value: TypeAlias = str | bool | None
Row: TypeAlias = tuple[Value, ...]

#: Verdict and reason of each row; what is allowed has none.
Answer: TypeAlias = tuple[bool, str]
Rows: TypeAlias = Mapping[Row, Answer]

#: What the solver chooses: a value for each axis.
Cell: TypeAlias = Mapping[str, Any]

#: The axes of a table by name, each with its words; without any it is true or false.
Axes: TypeAlias = Mapping[str, tuple[str, ...]]

#: From a table and any cell to what is claimed of it.
Law: TypeAlias = Callable[[Rows, Cell], Any]

TRUTH: Final[tuple[str, ...]] = ()


@cache
def _words(axis: str, words: tuple[str, ...]) -> tuple[Any, Mapping[str, Any]]:
    """An enumeration of the solver, which knows each name once."""
    sort, values = z3.EnumSort(axis, [f"{axis}: {each}" for each in words])
    return sort, dict(zip(words, values, strict=True))


def any_cell(axes: Axes) -> Cell:
    """A cell of which nothing is known."""
    return {
        axis: z3.Const(axis, _words(axis, words)[0]) if words else z3.Bool(axis)
        for axis, words in axes.items()
    }


def has(axes: Axes, cell: Cell, **wanted: Value) -> Any:
    """That the cell has these values; of None nothing is asked."""
    return z3.And(
        [
            cell[axis] == (_words(axis, axes[axis])[1][value] if isinstance(value, str) else value)
            for axis, value in wanted.items()
            if value is not None
        ]
    )


def _among(axes: Axes, cell: Cell, rows: Iterable[Row]) -> Any:
    return z3.Or([has(axes, cell, **dict(zip(axes, row, strict=True))) for row in rows])


def allows(axes: Axes, rows: Rows, cell: Cell) -> Any:
    """That a table allows this cell: that it is one of the rows which do."""
    return _among(axes, cell, (row for row, (allowed, _) in rows.items() if allowed))


def says(axes: Axes, rows: Rows, cell: Cell, reason: str) -> Any:
    """That a table gives this reason in this cell."""
    return _among(axes, cell, (row for row, (_, said) in rows.items() if said == reason))


def with_value(axes: Axes, cell: Cell, axis: str, value: Value) -> Cell:
    """The same cell, with another value on one axis."""
    other = _words(axis, axes[axis])[1][value] if isinstance(value, str) else z3.BoolVal(value)
    return {**cell, axis: other}


def counterexample(claim: Any) -> str | None:
    """A cell for which *claim* does not hold, or None: then it is proved for every cell."""
    solver = z3.Solver()
    solver.add(z3.Not(claim))
    answer = solver.check()
    if answer == z3.unsat:
        return None
    assert answer == z3.sat, answer
    return str(solver.model())
