"""What commands share: the parts they work with, the client list they read, advice on codes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from clientportal.client_lists import ClientList, ImportReport, read_client_list
from clientportal.errors import ConfigurationError

if TYPE_CHECKING:
    from clientportal.parts import Parts

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
    try:
        return read_client_list(path.read_bytes(), parts.new_id)
    except OSError as error:
        reason = (error.strerror or "it cannot be read").lower()
        raise ConfigurationError("file_unreadable", f"give a client list ({reason})") from error


def told(report: ImportReport) -> dict[str, object]:
    """*report* as JSON has it."""
    refused = [
        {"row": each.row, "key": each.key, "code": each.code, "field": each.field}
        for each in report.refused
    ]
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": refused,
    }
