"""`clientportal doctor`: what is installed, and what an operator should change."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias
from warnings import catch_warnings, simplefilter

from clientportal.cli.premises import ADVICE, bare
from clientportal.cli.tables import table
from clientportal.errors import ClientPortalError

if TYPE_CHECKING:
    from argparse import Namespace

    from clientportal.parts import Parts
    from clientportal.plugins import Plugins

Finding: TypeAlias = tuple[str, str, str]
"""How bad it is (``error`` or ``warning``), a code, what to do."""


def examine(arguments: Namespace) -> int:
    """Print the adapters found and all findings; 1 if one of them is an error."""
    with catch_warnings():
        simplefilter("ignore")  # what is broken is listed below
        parts = bare(arguments.store)
    print(f"Adapters\n\n{table(('port', 'name', 'from'), _adapters(parts.plugins))}\n")
    found = tuple(_findings(parts))
    print("Findings\n")
    print(table(("level", "code", "what to do"), found) if found else "  none")
    return int(any(level == "error" for level, _, _ in found))


def _adapters(plugins: Plugins) -> list[tuple[str, str, str]]:
    rows = [(each.port.__name__, each.name, origin) for origin, each in plugins.adapters]
    broken = [("BROKEN", each.name, each.origin) for each in plugins.broken]
    return sorted(rows) + sorted(broken)


def _findings(parts: Parts) -> Iterator[Finding]:
    for each in parts.plugins.broken:
        yield "error", "broken_plugin", f"reinstall or remove `{each.origin}`"
    yield from _of_storage(parts)
    yield from _of_keys(parts.url)
    yield "warning", "uploads_not_scanned", "tell staff: no scanner reads what clients upload"


def _of_storage(parts: Parts) -> Iterable[Finding]:
    """What the storage says of itself, if it can."""
    ask = getattr(parts.storage, "findings", None)
    if ask is None:
        return (("warning", "storage_not_examined", "ask the adapter's maker how to check it"),)
    try:
        found: Iterable[Finding] = ask()
    except ClientPortalError as error:
        found = (("error", error.code, str(error)),)
    return tuple((level, code, ADVICE.get(code, text)) for level, code, text in found)


def _of_keys(url: str) -> Iterator[Finding]:
    """Whether documents hang on development keys, which lie beside the database."""
    path = Path(url.partition("?")[0].partition(":///")[2])
    keys = path.with_name(f"{path.stem}.keys.json") if path.name else None
    if keys is None or not keys.exists():
        return
    yield "warning", "development_keys", "keep the keys in a key store before you serve people"
    if os.name == "posix" and keys.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield "error", "exposed_keys", "let only its owner read the key file: chmod 600"
