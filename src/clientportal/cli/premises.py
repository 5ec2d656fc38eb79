"""What commands share: the parts they work with, the client list they read, advice on codes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from clientportal.client_lists import ClientList, ImportReport, read_client_list
from clientportal.csv_lists import RefusedRow
from clientportal.errors import ConfigurationError

if TYPE_CHECKING:
    from clientportal.parts import Parts

T = TypeVar("T")

#: What an operator can do about a code, where the error itself cannot know.
ADVICE: Final = {
    "not_found": "`clientportal init` prints the id of the practice it made",
    "practice_needed": "`clientportal init` prints the id of the practice it made",
    "schema_missing": "create a practice first with `clientportal init`",
    "schema_too_new": "upgrade clientportal",
    "storage_foreign": "name another file with --store",
    "storage_unreachable": "check the path in --store; `clientportal init` makes the file",
}

SENDER: Final = "portal@localhost.example"


def bare(url: str) -> Parts:
    """The parts over the storage at *url*, with all else in memory: nothing lies beside it."""
    from clientportal.parts import Parts

    return Parts(url=url, mail="memory:", files="memory:", keys="development:")


def read_list(path: Path, parts: Parts) -> ClientList:
    """The client list in the file at *path*. Raises `MalformedError`, `ConfigurationError`."""
    return read_file(path, lambda raw: read_client_list(raw, parts.new_id))


def read_file(path: Path, read: Callable[[bytes], T]) -> T:
    """What *read* makes of the file at *path*. Raises as it does, and `ConfigurationError`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ConfigurationError("file_unreadable", f"give a CSV file ({reason})") from error
    return read(raw)


def told(report: ImportReport) -> dict[str, object]:
    """*report* as JSON has it."""
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": refused_rows(report.refused),
    }


def refused_rows(refused: Sequence[RefusedRow]) -> list[dict[str, object]]:
    """The rows that were refused, as JSON has them."""
    return [
        {"row": each.row, "key": each.key, "code": each.code, "field": each.field}
        for each in refused
    ]
