"""Reading a client list, a CSV file, and bringing a practice up to date with it (PPL-7).

Faults of the file refuse all of it; faults of a row refuse that row, and the rest goes in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from attrs import field, frozen

from clientportal.csv_lists import Layout, RefusedRow, in_blocks, read_rows
from clientportal.domain.ids import ClientId, InviteId
from clientportal.domain.people import Address, Client, ClientStatus
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

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d\Z", re.ASCII)
_COLUMN_OF: Final = {part: column for column, part in ADDRESS.items()}


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


def _malformed(path: str, code: str, advice: str) -> MalformedError:
    return MalformedError(Problem(path, code, advice))


def read_client_list(source: BinaryIO | bytes, new_id: Callable[[], str]) -> ClientList:
    """The client list in *source*: CSV by RFC 4180, UTF-8 with or without BOM, LF or CRLF (PPL-7).

    *new_id* makes the ids that rows get if they turn out to be new. Raises as `read_rows`.
    """

    def make(cells: Mapping[str, str]) -> ImportRow:
        return ImportRow(client=_client(cells, new_id), invite_id=InviteId.of(new_id()))

    layout = Layout(required=REQUIRED, known=COLUMNS, make=make, column_of=_column_of)
    found = read_rows(source, layout)
    return ClientList(
        fields=_fields(found.columns),
        rows=tuple(found.rows.values()),
        refused=found.refused,
        extra_columns=found.unknown,
    )


def _column_of(path: str) -> str:
    at = path.removeprefix("extra.")
    return _COLUMN_OF.get(at, at)


def _fields(columns: tuple[str, ...]) -> tuple[str, ...]:
    """The fields of `Client` that the list is the word on."""
    own = tuple(name for name in (*TEXTS, "birth_date", "status") if name in columns)
    return (*own, *(part for column, part in ADDRESS.items() if column in columns))


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
    counts = Counter[str]()

    def bring_in(rows: tuple[ImportRow, ...]) -> None:
        some = ImportClients(rows=rows, fields=client_list.fields, extra=client_list.extra_columns)
        results: tuple[RowResult, ...] = portal.do(some, actor=actor).results
        counts.update(each.code for each in results)

    in_blocks(client_list.rows, block, bring_in, progress)
    return ImportReport(
        added=counts["added"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=client_list.refused,
    )
