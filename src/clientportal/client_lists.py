"""Reading a client list, a CSV file, and bringing a practice up to date with it (PPL-7).

Faults of the file refuse all of it; faults of a row refuse that row, and the rest goes in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from attrs import field, frozen

from clientportal.domain.ids import ClientId, InviteId
from clientportal.domain.people import Address, Client, ClientStatus
from clientportal.domain.texts import check_text
from clientportal.errors import MalformedError, Problem
from clientportal.flows import RowResult
from clientportal.usecases.imports import BLOCK, ImportClients, ImportRow

if TYPE_CHECKING:
    from clientportal.domain.actors import Actor
    from clientportal.portal import Portal

REQUIRED: Final = ("external_id", "given_name")
TEXTS: Final = ("given_name", "family_name", "email", "phone", "language", "timezone")
ADDRESS: Final[Mapping[str, str]] = {
    "address_line": "street",
    "city": "city",
    "region": "region",
    "postal_code": "postal_code",
    "country": "country",
}
COLUMNS: Final = ("external_id", *TEXTS, "birth_date", "status", *ADDRESS)
MOST_EXTRA: Final = 100

_CELL: Final = re.compile(
    r'(?:"(?P<quoted>(?:[^"]++|"")*+)"|(?P<plain>(?:[^",\n][^,\n]*+)?))(?P<end>,|\r?\n|\Z)'
)
_QUOTED: Final = re.compile(r'"(?:[^"]++|"")*+"')
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_COLUMN_OF: Final = {part: column for column, part in ADDRESS.items()}


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
class ClientList:
    """A client list as read: the rows to import, those refused, and the columns it has.

    *fields* are the fields of `Client` it has columns for, *extra_columns* the unknown columns,
    which are kept as extra fields.
    """

    fields: tuple[str, ...]
    rows: tuple[ImportRow, ...] = field(repr=False)
    refused: tuple[RefusedRow, ...]
    extra_columns: tuple[str, ...]


@frozen(kw_only=True)
class ImportReport:
    """What an import came to, row by row: every row of the list is in one of the four."""

    added: int
    updated: int
    unchanged: int
    refused: tuple[RefusedRow, ...]


@frozen
class _Record:
    """One row of the file; *fault* is set where its quotes are not those of RFC 4180."""

    row: int
    cells: tuple[str, ...]
    fault: str | None = None


def _malformed(path: str, code: str, advice: str) -> MalformedError:
    return MalformedError(Problem(path, code, advice))


def read_client_list(source: BinaryIO | bytes, new_id: Callable[[], str]) -> ClientList:
    """The client list in *source*: CSV by RFC 4180, UTF-8 with or without BOM, LF or CRLF (PPL-7).

    *new_id* makes the ids that rows get if they turn out to be new. Raises `MalformedError` for
    what is wrong with the file: `not_utf8` (with the byte offset), `empty_list`,
    `missing_column`, `duplicate_column`, `unnamed_column`, `too_many_columns`, `unclosed_quote`.
    """
    records = _records(_decoded(source if isinstance(source, bytes) else source.read()))
    first = next(records, None)
    if first is None:
        raise _malformed("file", "empty_list", "give a header and at least one row")
    columns = _columns(first)
    found = tuple(records)
    counts = Counter(_cells(columns, each).get("external_id", "") for each in found)
    made = [_row(columns, each, counts, new_id) for each in found]
    return ClientList(
        fields=_fields(columns),
        rows=tuple(each for each in made if isinstance(each, ImportRow)),
        refused=tuple(each for each in made if isinstance(each, RefusedRow)),
        extra_columns=tuple(name for name in columns if name not in COLUMNS),
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


def _columns(header: _Record) -> tuple[str, ...]:
    """The names of the columns; faults of the header are faults of the file."""
    columns = tuple(cell.strip() for cell in header.cells)
    for number, name in enumerate(columns, 1):
        if not name:
            raise _malformed(f"column {number}", "unnamed_column", "name it or remove it")
        check_text(name, f"column {number}", most=100)
        if name in columns[: number - 1]:
            raise _malformed(name, "duplicate_column", "name each column once")
    for name in REQUIRED:
        if name not in columns:
            raise _malformed(name, "missing_column", f"add a column `{name}`")
    if len(set(columns) - set(COLUMNS)) > MOST_EXTRA:
        raise _malformed("file", "too_many_columns", f"give at most {MOST_EXTRA} unknown columns")
    return columns


def _fields(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of `Client` that the list is the word on."""
    own = tuple(name for name in (*TEXTS, "birth_date", "status") if name in columns)
    return (*own, *(part for column, part in ADDRESS.items() if column in columns))


def _cells(columns: tuple[str, ...], record: _Record) -> dict[str, str]:
    """What the row says, by column; empty and blank cells say nothing."""
    pairs = zip(columns, record.cells, strict=False)
    return {name: text for name, text in pairs if text and not text.isspace()}


def _row(
    columns: tuple[str, ...],
    record: _Record,
    counts: Mapping[str, int],
    new_id: Callable[[], str],
) -> ImportRow | RefusedRow:
    cells = _cells(columns, record)
    key = cells.get("external_id", "")
    try:
        if record.fault is not None:
            raise _malformed("row", record.fault, "double the quotes inside a quoted cell")
        if len(record.cells) != len(columns):
            raise _malformed("row", "wrong_cell_count", f"give {len(columns)} cells")
        if not key:
            raise _malformed("external_id", "missing_external_id", "give each client an id")
        check_text(key, "external_id", most=100)
        if counts[key] > 1:
            raise _malformed("external_id", "duplicate_id", "list each client once")
        return ImportRow(client=_client(cells, new_id), invite_id=InviteId.of(new_id()))
    except MalformedError as error:
        at = error.problems[0].path.removeprefix("extra.")
        column = _COLUMN_OF.get(at, at)
        shown = "" if column == "external_id" and error.code != "duplicate_id" else key[:100]
        return RefusedRow(row=record.row, key=shown, code=error.code, field=column)


def _client(cells: Mapping[str, str], new_id: Callable[[], str]) -> Client:
    """The client a row describes. Raises `MalformedError` with the first fault."""
    if "given_name" not in cells:
        raise _malformed("given_name", "missing_name", "give each client a name")
    texts: dict[str, Any] = {name: cells.get(name) for name in ("external_id", *TEXTS)}
    return Client(
        id=ClientId.of(new_id()),
        **texts,
        birth_date=_date(cells.get("birth_date")),
        status=_status(cells.get("status")),
        address=Address(**{part: cells.get(column) for column, part in ADDRESS.items()}),
        extra=tuple(sorted((k, text) for k, text in cells.items() if k not in COLUMNS)),
    )


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    with suppress(ValueError):
        if _DATE.match(text):
            return date.fromisoformat(text)
    raise _malformed("birth_date", "invalid_date", "give a date as YYYY-MM-DD")


def _status(text: str | None) -> ClientStatus:
    known = {each.value: each for each in ClientStatus}
    if text is not None and text not in known:
        raise _malformed("status", "unknown_status", f"give one of {', '.join(known)}")
    return ClientStatus.ACTIVE if text is None else known[text]


def import_clients(
    portal: Portal,
    actor: Actor,
    client_list: ClientList,
    *,
    progress: Callable[[int, int], object] | None = None,
    block: int = BLOCK,
) -> ImportReport:
    """Bring the practice up to date with *client_list*, *block* whole rows at a time (PPL-7).

    Importing it again, also after a crash between two blocks, changes only what is missing.
    *progress* hears how many rows are done, of how many. Raises as `Portal.do`.
    """
    rows, counts = client_list.rows, Counter[str]()
    for at in range(0, len(rows), block):
        some = ImportClients(
            rows=rows[at : at + block],
            fields=client_list.fields,
            extra=client_list.extra_columns,
        )
        results: tuple[RowResult, ...] = portal.do(some, actor=actor).results
        counts.update(each.code for each in results)
        if progress is not None:
            progress(min(at + block, len(rows)), len(rows))
    return ImportReport(
        added=counts["added"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=client_list.refused,
    )
