"""The decision tables as a page: rows that differ in nothing that matters are one row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeAlias

from docs.reflected import reasons
from docs.written import linked, said, table

from clientportal.decisions import TABLES, Row

#: One row of the page: of each dimension the values it holds for, and the answer.
Cell: TypeAlias = tuple[tuple[str, ...], ...]
Answer: TypeAlias = tuple[str, str]
Merged: TypeAlias = dict[tuple[Cell, Answer], None]

#: Of each table: what its rows are grouped under, its dimensions in the order of the columns.
LAYOUT: Final[Mapping[str, tuple[str | None, tuple[str, ...]]]] = {
    "messaging": ("policy", ("actor", "situation", "assigned", "staff_initiated")),
    "booking": (None, ("obstacle",)),
    "cancellation": ("actor", ("status", "moment", "outside_notice")),
    "invite": (None, ("client", "in_bulk")),
}

TELLS: Final[Mapping[str, str]] = {
    "messaging": """\
Who may write, by the practice's policy.
*situation* is where the conversation stands: *new* asks about starting one, the others about
writing in one that is there.
*assigned* says whose roster the client is on: *this* staff member's, only an *other*'s, or *none*.
*staff_initiated* says whether staff ever wrote in it.""",
    "booking": "What a client hears, by what stands in the way of the start.",
    "cancellation": """\
What cancelling comes to.
*moment*: *in_time* is at least the notice ahead, *within_regret* is shortly after booking,
*outside_notice* is neither.
*outside_notice* is what the practice chose for that case, as it was when the appointment was
made.""",
    "invite": "What inviting a client comes to, one by one or in bulk.",
}


def decisions() -> Iterator[str]:
    """The lines of the page, table by table."""
    yield "Every decision that is a table, asked of the policies themselves."
    yield "*any* stands for every value of a column."
    yield "The codes are explained under [reasons](reasons.md), the rules under [rules](rules.md)."
    yield "`clientportal decisions --json` prints the same rows, one by one."
    for name, rows in TABLES.items():
        yield f"\n## {name.capitalize()}\n"
        yield from said(TELLS[name])
        yield from _grouped(name, rows())


def _grouped(name: str, rows: Sequence[Row]) -> Iterator[str]:
    group, dimensions = LAYOUT[name]
    if group is None:
        yield from _table(dimensions, rows)
        return
    for value in dict.fromkeys(_text(row[group]) for row in rows):
        yield f"\n### {value}\n"
        yield from _table(dimensions, [row for row in rows if _text(row[group]) == value])


def _table(dimensions: Sequence[str], rows: Sequence[Row]) -> Iterator[str]:
    rules = {reason.code: reason.rule for _, reason, _ in reasons()}
    every = [tuple(dict.fromkeys(_text(row[d]) for row in rows)) for d in dimensions]
    merged = _merged(rows, dimensions)
    cells = (
        (
            *(_values(cell, known) for cell, known in zip(found, every, strict=True)),
            allowed,
            f"`{reason}`",
            linked(rules[reason]),
        )
        for found, (allowed, reason) in merged
    )
    yield from table((*dimensions, "allowed", "reason", "rule"), cells)


def _merged(rows: Iterable[Row], dimensions: Sequence[str]) -> Merged:
    """*rows* with those joined that differ in one dimension only, the last dimension first."""
    found: Merged = {}
    for row in rows:
        if row.get("reachable", True):
            answer = (_text(row["allowed"]), str(row["reason"]))
            found[tuple((_text(row[d]),) for d in dimensions), answer] = None
    for at in reversed(range(len(dimensions))):
        found = _joined(found, at)
    return found


def _joined(rows: Merged, at: int) -> Merged:
    values: dict[tuple[Cell, Cell, Answer], tuple[str, ...]] = {}
    for cells, answer in rows:
        key = (cells[:at], cells[at + 1 :], answer)
        values[key] = (*values.get(key, ()), *cells[at])
    return {
        ((*before, joined, *behind), answer): None
        for (before, behind, answer), joined in values.items()
    }


def _values(found: tuple[str, ...], every: tuple[str, ...]) -> str:
    """The values of one cell; a value that says nothing (no conversation yet) is left out."""
    telling = {value for value in every if value}
    if telling <= set(found) and len(telling) > 1:
        return "any"
    return ", ".join(value for value in found if value) or "-"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)
