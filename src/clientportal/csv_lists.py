"""Reading a CSV file of rows that have an id each: what lists of clients and of visits share.

Faults of the file refuse all of it; faults of a row refuse that row, and the rest goes in (PPL-7).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, Final, Generic, TypeVar

from attrs import field, frozen

from clientportal.domain.texts import check_text
from clientportal.errors import MalformedError, Problem

T = TypeVar("T")
KEY: Final = "external_id"
MOST_EXTRA: Final = 100

_CELL: Final = re.compile(
    r'(?:"(?P<quoted>(?:[^"]++|"")*+)"|(?P<plain>(?:[^",\n][^,\n]*+)?))(?P<end>,|\r?\n|\Z)'
)
_QUOTED: Final = re.compile(r'"(?:[^"]++|"")*+"')


@frozen(kw_only=True)
class RefusedRow:
    """A row that was not taken: its number (the header is 1), its *key*, why, and the *field*.

    *key* is the external id, empty where that itself is at fault.
    """

    row: int
    key: str
    code: str
    field: str


@frozen(kw_only=True)
class Layout(Generic[T]):
    """What a kind of list looks like, and what *make* makes of a row's cells by their column.

    *make* raises `MalformedError` with the first fault; *column_of* tells the column by its path.
    """

    required: tuple[str, ...]
    known: tuple[str, ...]
    make: Callable[[Mapping[str, str]], T]
    column_of: Callable[[str], str] = str


@frozen(kw_only=True)
class CsvList(Generic[T]):
    """A list as read: its columns, its good rows by their number, and those refused."""

    columns: tuple[str, ...]
    rows: Mapping[int, T] = field(repr=False)
    refused: tuple[RefusedRow, ...]
    unknown: tuple[str, ...]


def in_blocks(
    rows: Sequence[T],
    block: int,
    bring_in: Callable[[tuple[T, ...]], object],
    progress: Callable[[int, int], object] | None,
) -> None:
    """Let *rows* be brought in, *block* at a time; *progress* hears how many are, of how many."""
    for at in range(0, len(rows), block):
        bring_in(tuple(rows[at : at + block]))
        if progress is not None:
            progress(min(at + block, len(rows)), len(rows))


@frozen
class _Record:
    """One row of the file; *fault* is set where its quotes are not those of RFC 4180."""

    row: int
    cells: tuple[str, ...]
    fault: str | None = None


def _malformed(path: str, code: str, advice: str) -> MalformedError:
    return MalformedError(Problem(path, code, advice))


def read_rows(source: BinaryIO | bytes, layout: Layout[T]) -> CsvList[T]:
    """The rows in *source*: CSV by RFC 4180, UTF-8 with or without BOM, LF or CRLF (PPL-7).

    Raises `MalformedError` for what is wrong with the file: `not_utf8` (with the byte offset),
    `empty_list`, `missing_column`, `duplicate_column`, `unnamed_column`, `too_many_columns`,
    `unclosed_quote`.
    """
    records = _records(_decoded(source if isinstance(source, bytes) else source.read()))
    first = next(records, None)
    if first is None:
        raise _malformed("file", "empty_list", "give a header and at least one row")
    columns = _columns(first, layout)
    found = tuple(records)
    counts = Counter(_cells(columns, each).get(KEY, "") for each in found)
    rows: dict[int, T] = {}
    refused: list[RefusedRow] = []
    for each in found:
        made = _row(columns, each, counts, layout)
        if isinstance(made, RefusedRow):
            refused.append(made)
        else:
            rows[each.row] = made
    return CsvList(
        columns=columns,
        rows=rows,
        refused=tuple(refused),
        unknown=tuple(name for name in columns if name not in layout.known),
    )


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _malformed(f"byte {error.start}", "not_utf8", "save the list as UTF-8") from None


def _records(text: str) -> Iterator[_Record]:
    """The rows of *text* that hold anything, numbered as a spreadsheet does."""
    at, row = 0, 0
    while at < len(text):
        row += 1
        cells: list[str] = []
        fault, end = None, ","
        while end == ",":
            found = _CELL.match(text, at)
            if found is None:
                fault, at = "invalid_quotes", _resumed(text, at, row)
                break
            at, end = found.end(), found["end"]
            cells.append(_text_of(found))
        if fault or cells != [""]:
            yield _Record(row, tuple(cells), fault)


def _text_of(found: re.Match[str]) -> str:
    """The cell as given; a line break inside quotes is a newline, however the file spells it."""
    if found["quoted"] is not None:
        return found["quoted"].replace('""', '"').replace("\r\n", "\n")
    return found["plain"].removesuffix("\r") if found["end"] != "," else found["plain"]


def _resumed(text: str, at: int, row: int) -> int:
    """Where the next row begins after a quote that closes in the middle of a cell."""
    quoted = _QUOTED.match(text, at)
    if quoted is None:
        raise _malformed(f"row {row}", "unclosed_quote", "close the quote that opens in it")
    line_end = text.find("\n", quoted.end())
    return len(text) if line_end < 0 else line_end + 1


def _columns(header: _Record, layout: Layout[T]) -> tuple[str, ...]:
    """The names of the columns; faults of the header are faults of the file."""
    columns = tuple(cell.strip() for cell in header.cells)
    for number, name in enumerate(columns, 1):
        if not name:
            raise _malformed(f"column {number}", "unnamed_column", "name it or remove it")
        check_text(name, f"column {number}", most=100)
        if name in columns[: number - 1]:
            raise _malformed(name, "duplicate_column", "name each column once")
    for name in layout.required:
        if name not in columns:
            raise _malformed(name, "missing_column", f"add a column `{name}`")
    if len(set(columns) - set(layout.known)) > MOST_EXTRA:
        raise _malformed("file", "too_many_columns", f"give at most {MOST_EXTRA} unknown columns")
    return columns


def _cells(columns: tuple[str, ...], record: _Record) -> dict[str, str]:
    """What the row says, by column; empty and blank cells say nothing."""
    pairs = zip(columns, record.cells, strict=False)
    return {name: text for name, text in pairs if text and not text.isspace()}


def _row(
    columns: tuple[str, ...], record: _Record, counts: Mapping[str, int], layout: Layout[T]
) -> T | RefusedRow:
    cells = _cells(columns, record)
    key = cells.get(KEY, "")
    try:
        if record.fault is not None:
            raise _malformed("row", record.fault, "double the quotes inside a quoted cell")
        if len(record.cells) != len(columns):
            raise _malformed("row", "wrong_cell_count", f"give {len(columns)} cells")
        if not key:
            raise _malformed(KEY, "missing_external_id", "give each row an id")
        check_text(key, KEY, most=100)
        if counts[key] > 1:
            raise _malformed(KEY, "duplicate_id", "list each id once")
        return layout.make(cells)
    except MalformedError as error:
        column = layout.column_of(error.problems[0].path)
        shown = "" if column == KEY and error.code != "duplicate_id" else key[:100]
        return RefusedRow(row=record.row, key=shown, code=error.code, field=column)
