"""Draws the life of a conversation as SVG: boxes, arrows, and words beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from math import copysign, hypot
from textwrap import wrap
from typing import Final, NamedTuple

from docs.moved import Move, moves

from clientportal.policies.messaging import Situation

NOTE: Final = "<!-- Made from the code by `python -m docs.generate`; do not edit. -->"

WIDTH, HEIGHT = 1240, 720
_HALF: Final = (100, 42)
_LINE: Final = 15
_LETTER: Final = 6.6
#: How far an arrow runs from the line between two middles, and its words from the arrow.
_APART: Final = 14
_GAP: Final = 8


class Spot(NamedTuple):
    """A place in the drawing."""

    x: float
    y: float


#: Where each situation stands, and along which part of an arrow its words do.
_SPOTS: Final[Mapping[Situation, Spot]] = {
    Situation.NEW: Spot(220, 90),
    Situation.OPEN: Spot(220, 360),
    Situation.AUTO_CLOSED: Spot(660, 90),
    Situation.CLOSED_BY_STAFF: Spot(1100, 360),
    Situation.LOCKED: Spot(660, 630),
}
_ALONG: Final = 0.26


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
    """Each situation, and what leaves it as it is."""
    across, down = _HALF
    for situation, spot in _SPOTS.items():
        yield (
            f'<rect x="{spot.x - across}" y="{spot.y - down}" width="{2 * across}" '
            f'height="{2 * down}" rx="8" fill="#eef2f7" stroke="black"/>'
        )
        stays = [f"stays: {move.what}" for move in found if move.before is move.then is situation]
        top = spot.y + 4 - _LINE * len(stays) / 2
        yield from _words([situation.value], Spot(spot.x, top), weight="bold")
        yield from _words(stays, Spot(spot.x, top + _LINE), fill="#555555")


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
        texts += _words(lines, _beside(lines, start, end))
    yield from texts


def _between(start: Spot, end: Spot, part: float) -> Spot:
    return Spot(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)


def _aside(start: Spot, end: Spot) -> Spot:
    """One to the side of the way from *start* to *end*: of the way back, to the other."""
    across, down = end.x - start.x, end.y - start.y
    long = hypot(across, down)
    return Spot(-down / long, across / long)


def _ends(start: Spot, end: Spot) -> tuple[Spot, Spot]:
    """Where an arrow leaves one box and meets the other; the way back lies beside it."""
    aside = _aside(start, end)
    off = Spot(aside.x * _APART, aside.y * _APART)
    begins = Spot(start.x + off.x, start.y + off.y)
    stops = Spot(end.x + off.x, end.y + off.y)
    return _edge(begins, stops, off), _edge(stops, begins, off)


def _edge(inside: Spot, outside: Spot, off: Spot) -> Spot:
    """Where the way from *inside* a box, *off* from its middle, leaves it."""
    to = Spot(outside.x - inside.x, outside.y - inside.y)
    sides = zip(_HALF, off, to, strict=True)
    part = min((copysign(half, way) - start) / way for half, start, way in sides if way)
    return _between(inside, outside, part)


def _beside(lines: Sequence[str], start: Spot, end: Spot) -> Spot:
    """Where the first of *lines* stands so that all are beside the arrow, off the way back."""
    aside, at = _aside(start, end), _between(start, end, _ALONG)
    wide, high = max(map(len, lines)) * _LETTER / 2, _LINE * len(lines) / 2
    away = _GAP + abs(aside.x) * wide + abs(aside.y) * high
    return Spot(at.x + aside.x * away, at.y + aside.y * away - high + _LINE - 4)


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
