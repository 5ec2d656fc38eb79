"""Markdown for the generated pages: tables, docstrings, one sentence per line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

NOTE: Final = "<!-- Made from the code by `python -m docs.generate`; do not edit. -->"

_SENTENCE: Final = re.compile(r"(?<=[.?!]) (?=[A-Z*`])")
_RULE: Final = re.compile(r"\b(APT|DASH|DOC|GUIDE|INV|MSG|OUT|PPL|REL|SET)-\d+\b")


def page(title: str, lines: Iterable[str]) -> str:
    """A whole page; empty lines never pile up."""
    text = "\n".join((NOTE, "", f"# {title}", "", *lines))
    return re.sub(r"\n{3,}", "\n\n", text).rstrip() + "\n"


def table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """*rows* as a table; a bar inside a cell stays inside."""
    yield f"| {' | '.join(headings)} |"
    yield f"|{'---|' * len(headings)}"
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        yield f"| {' | '.join(cells)} |"


def said(text: str) -> Iterator[str]:
    """A docstring, one sentence per line, its rules linked."""
    for paragraph in linked(text).split("\n\n"):
        yield from _SENTENCE.split(" ".join(paragraph.split()))
        yield ""


def linked(text: str) -> str:
    """*text* with the ids of rules linked to the page of rules."""
    return _RULE.sub(lambda found: f"[{found[0]}](#{found[0].lower()})", text)
