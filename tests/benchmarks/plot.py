"""Draws how little D5 grows, from what the benchmarks wrote down.

uv run pytest tests/benchmarks/test_growth.py -m soak -n0
uv run python -m tests.benchmarks.plot
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from math import log10
from pathlib import Path
from typing import Any, Final

WRITTEN: Final = Path("build/benchmarks.json")
DRAWN: Final = Path("docs/explanation/growth.svg")
ROW: Final = re.compile(r"D5 (?P<what>.+?) (?P<size>\d+)")

FIRST, LAST = 3, 6
LOWEST, HIGHEST = 0.8, 2.0
LEFT, TOP, WIDTH, HEIGHT = 56, 40, 460, 240
#: Told apart by people who see colours differently (Okabe and Ito).
COLOURS: Final = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#b8860b")

Points = list[tuple[int, float]]


def lines_of(rows: Iterable[Mapping[str, Any]]) -> dict[str, Points]:
    """What was measured of each use, by size; each begins at 1, by which the others are told."""
    found: dict[str, Points] = {}
    for row in rows:
        named = ROW.fullmatch(row["id"])
        if named is not None and not named["what"].endswith("messages"):
            points = found.setdefault(named["what"], [(10**FIRST, 1.0)])
            points.append((int(named["size"]), row["ratio"]))
    return found


def _x(size: int) -> float:
    return LEFT + WIDTH * (log10(size) - FIRST) / (LAST - FIRST)


def _y(ratio: float) -> float:
    return TOP + HEIGHT * (HIGHEST - ratio) / (HIGHEST - LOWEST)


def _axes() -> Iterator[str]:
    for tenth in range(round(LOWEST * 10), round(HIGHEST * 10) + 1, 2):
        y = _y(tenth / 10)
        yield f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#ddd"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{tenth / 10:.1f}</text>'
    for power in range(FIRST, LAST + 1):
        x, y = _x(10**power), TOP + HEIGHT + 18
        yield f'<text x="{x:.1f}" y="{y}" text-anchor="middle">{10**power:,}</text>'
    yield f'<text x="{LEFT}" y="20">time, of what it takes among 1,000 conversations</text>'
    middle = LEFT + WIDTH / 2
    yield f'<text x="{middle}" y="{TOP + HEIGHT + 38}" text-anchor="middle">conversations</text>'


def _line(points: Points, colour: str) -> str:
    path = " ".join(f"{_x(size):.1f},{_y(ratio):.1f}" for size, ratio in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2.5"/>'


def svg_of(lines: Mapping[str, Points]) -> str:
    """The picture."""
    parts = [*_axes()]
    for place, (what, points) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        y = TOP + 16 + 22 * place
        parts.append(_line(points, colour))
        parts.append(f'<path d="M{LEFT + WIDTH + 24} {y}h20" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{LEFT + WIDTH + 52}" y="{y + 4}">{what}</text>')
    wide, high = LEFT + WIDTH + 200, TOP + HEIGHT + 52
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}"'
    style = 'font-family="sans-serif" font-size="13" fill="#333"'
    ground = f'<rect width="{wide}" height="{high}" fill="#fff"/>'
    return "\n".join([f"{head} {style}>", ground, *parts, "</svg>", ""])


def main() -> None:
    """Draw what was written down last."""
    DRAWN.write_text(svg_of(lines_of(json.loads(WRITTEN.read_text("utf-8")))), "utf-8")


if __name__ == "__main__":
    main()
