"""Tables that people like to read: aligned by what characters take on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import Final

from clientportal.domain.moments import Moment, zone_of

_NO_WIDTH: Final = frozenset({"Mn", "Me", "Cf"})
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN", "RLE", "RLO", "RLI"})
_ISOLATE, _END_ISOLATE = "\u2068", "\u2069"


def width(text: str) -> int:
    """How many columns *text* takes: wide characters two, combining ones none."""
    return sum(
        0
        if unicodedata.category(one) in _NO_WIDTH
        else 2
        if unicodedata.east_asian_width(one) in "WF"
        else 1
        for one in text
    )


def shown(cell: object) -> str:
    """*cell* as text for one line of a terminal: no controls, other directions kept apart."""
    text = "" if cell is None else str(cell)
    clean = "".join(" " if unicodedata.category(one) in {"Cc", "Zl", "Zp"} else one for one in text)
    if any(unicodedata.bidirectional(one) in _RIGHT_TO_LEFT for one in clean):
        return f"{_ISOLATE}{clean}{_END_ISOLATE}"
    return clean


def table(headings: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """*rows* under *headings*, each column as wide as its widest cell; numbers to the right."""
    found = [tuple(row) for row in rows]
    if not found:
        return "  (nothing)"
    cells = [tuple(headings), *(tuple(shown(cell) for cell in row) for row in found)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
    numeric = [all(type(cell) is int for cell in column) for column in zip(*found, strict=True)]
    lines = [
        "  ".join(
            _padded(cell, most, right=right)
            for cell, most, right in zip(row, widths, numeric, strict=True)
        )
        for row in cells
    ]
    ruled = (lines[0], "  ".join("─" * most for most in widths), *lines[1:])
    return "\n".join(f"  {line.rstrip()}" for line in ruled)


def _padded(cell: str, most: int, *, right: bool) -> str:
    space = " " * (most - width(cell))
    return space + cell if right else cell + space


def when(at: Moment, timezone: str) -> str:
    """*at* on the clocks of *timezone*, with the zone named (APT-16)."""
    local = at.astimezone(zone_of(timezone))
    return f"{local:%a %Y-%m-%d %H:%M} {timezone}"
