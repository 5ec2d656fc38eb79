"""Draws the life of a conversation as SVG: boxes, arrows, and words beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from math import hypot
from textwrap import wrap
from typing import Final, NamedTuple

from docs.moved import Move, moves

from clientportal.policies.messaging import Situation

NOTE: Final = "<!-- Made from the code by `python -m docs.generate`; do not edit. -->"

WIDTH, HEIGHT = 1120, 720
_HALF: Final = (84, 24)
_LINE: Final = 15
_APART: Final = 9


class Spot(NamedTuple):
    """A place in the drawing."""

    x: float
    y: float


#: Where each situation stands, and along which part of an arrow its words do.
_SPOTS: Final[Mapping[Situation, Spot]] = {
    Situation.NEW: Spot(140, 90),
    Situation.OPEN: Spot(140, 360),
    Situation.AUTO_CLOSED: Spot(560, 90),
    Situation.CLOSED_BY_STAFF: Spot(980, 360),
    Situation.LOCKED: Spot(560, 630),
}
_ALONG: Final = 0.3


def conversation() -> str:
    """The drawing."""
    return "\n".join((*_head(), *_arrows(moves()), *_boxes(moves()), "</svg>", ""))


def _head() -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">'
    )
    yield NOTE
    yield "<title>Situations of a conversation, and what moves it between them</title>"
    yield '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
    yield 'markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z"/></marker></defs>'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'


def _boxes(found: Sequence[Move]) -> Iterator[str]:
    """Each situation; beneath it what leaves it as it is."""
    across, down = _HALF
    for situation, spot in _SPOTS.items():
        yield (
            f'<rect x="{spot.x - across}" y="{spot.y - down}" width="{2 * across}" '
            f'height="{2 * down}" rx="8" fill="#eef2f7" stroke="black"/>'
        )
        yield from _words([situation.value], Spot(spot.x, spot.y + 4), weight="bold")
        stays = [move.what for move in found if move.before is move.then is situation]
        lines = [line for what in stays for line in wrap(f"stays: {what}", 28)]
        yield from _words(lines, Spot(spot.x, spot.y + down + 16), fill="#555555")


def _arrows(found: Sequence[Move]) -> Iterator[str]:
    """One arrow for each pair, with everything beside it that leads along it."""
    going = sorted(
        (move for move in found if move.before is not move.then),
        key=lambda move: (move.before.value, move.then.value),
    )
    texts: list[str] = []
    for (before, then), along in groupby(going, key=lambda move: (move.before, move.then)):
        start, end = _ends(_SPOTS[before], _SPOTS[then])
        yield (
            f'<line x1="{start.x:.1f}" y1="{start.y:.1f}" x2="{end.x:.1f}" y2="{end.y:.1f}" '
            'stroke="black" marker-end="url(#head)"/>'
        )
        lines = [line for move in along for line in wrap(move.what, 24)]
        middle = _between(start, end, _ALONG)
        top = middle.y - _LINE * (len(lines) - 1) / 2 + 4
        texts += _words(lines, Spot(middle.x, top))
    yield from texts


def _between(start: Spot, end: Spot, part: float) -> Spot:
    return Spot(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)


def _ends(start: Spot, end: Spot) -> tuple[Spot, Spot]:
    """Where an arrow leaves one box and meets the other; the way back lies beside it."""
    across, down = end.x - start.x, end.y - start.y
    long = hypot(across, down)
    aside = Spot(-down / long * _APART, across / long * _APART)
    reach = min(
        _HALF[0] / abs(across) if across else 1.0, _HALF[1] / abs(down) if down else 1.0, 0.5
    )
    ends = (_between(start, end, reach), _between(end, start, reach))
    return Spot(ends[0].x + aside.x, ends[0].y + aside.y), Spot(
        ends[1].x + aside.x, ends[1].y + aside.y
    )


def _words(
    lines: Sequence[str], top: Spot, *, weight: str = "normal", fill: str = "black"
) -> Iterator[str]:
    """Lines of text one under the other, on white, so that arrows do not cross them out."""
    for number, line in enumerate(lines):
        yield (
            f'<text x="{top.x:.1f}" y="{top.y + number * _LINE:.1f}" text-anchor="middle" '
            f'font-weight="{weight}" fill="{fill}" stroke="white" stroke-width="4" '
            f'paint-order="stroke">{escape(line)}</text>'
        )
