"""Draws the lives of conversations and appointments as SVG: boxes, arrows, words beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from math import copysign, hypot
from textwrap import wrap
from typing import Any, Final, NamedTuple

from docs.appointed import Step, steps
from docs.moved import Move, moves

from clientportal.domain.appointments import AppointmentStatus
from clientportal.policies.messaging import Situation

NOTE: Final = "<!-- Made from the code by `python -m docs.generate`; do not edit. -->"

WIDTH, HEIGHT = 1240, 720
_LINE: Final = 15
_LETTER: Final = 6.6
#: How far an arrow runs from the line between two middles, and its words from the arrow.
_APART: Final = 14
_GAP: Final = 8


class Spot(NamedTuple):
    """A place in the drawing."""

    x: float
    y: float


class Picture(NamedTuple):
    """What is drawn: where each box stands, half its size, and what leads from one to another.

    *along* is the part of an arrow beside which its words stand.
    """

    title: str
    half: Spot
    spots: Mapping[Any, Spot]
    moves: Sequence[Move | Step]
    along: float


def conversation() -> str:
    """The situations of a conversation."""
    spots = {
        Situation.NEW: Spot(220, 90),
        Situation.OPEN: Spot(220, 360),
        Situation.AUTO_CLOSED: Spot(660, 90),
        Situation.CLOSED_BY_STAFF: Spot(1100, 360),
        Situation.LOCKED: Spot(660, 630),
    }
    title = "Situations of a conversation, and what moves it between them"
    return _drawn(Picture(title, Spot(100, 42), spots, moves(), 0.26))


def appointment() -> str:
    """The statuses of an appointment."""
    spots = {
        AppointmentStatus.LAPSED: Spot(150, 100),
        AppointmentStatus.REQUESTED: Spot(150, 360),
        AppointmentStatus.BOOKED: Spot(660, 360),
        AppointmentStatus.FULFILLED: Spot(1090, 100),
        AppointmentStatus.NO_SHOW: Spot(1090, 620),
        AppointmentStatus.DECLINED: Spot(150, 620),
        AppointmentStatus.CANCELLED: Spot(500, 620),
        AppointmentStatus.LATE_CANCELLED: Spot(500, 100),
    }
    title = "Statuses of an appointment, and what moves it between them"
    return _drawn(Picture(title, Spot(120, 66), spots, steps(), 0.38))


def _drawn(picture: Picture) -> str:
    return "\n".join((*_head(picture), *_arrows(picture), *_boxes(picture), "</svg>", ""))


def _head(picture: Picture) -> Iterator[str]:
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">'
    )
    yield NOTE
    yield f"<title>{picture.title}</title>"
    yield '<defs><marker id="head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" '
    yield 'markerHeight="8" orient="auto"><path d="M0 0L10 5L0 10z"/></marker></defs>'
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>'


def _boxes(picture: Picture) -> Iterator[str]:
    """Each box, and what leaves it as it is."""
    across, down = picture.half
    for place, spot in picture.spots.items():
        yield (
            f'<rect x="{spot.x - across}" y="{spot.y - down}" width="{2 * across}" '
            f'height="{2 * down}" rx="8" fill="#eef2f7" stroke="black"/>'
        )
        stays = [f"stays: {m.what}" for m in picture.moves if m.before is m.then is place]
        top = spot.y + 4 - _LINE * len(stays) / 2
        yield from _words([place.value], Spot(spot.x, top), weight="bold")
        yield from _words(stays, Spot(spot.x, top + _LINE), fill="#555555")


def _arrows(picture: Picture) -> Iterator[str]:
    """One arrow for each pair, with everything beside it that leads along it."""
    going = sorted(
        (move for move in picture.moves if move.before is not move.then),
        key=lambda move: (move.before.value, move.then.value),
    )
    texts: list[str] = []
    for (before, then), along in groupby(going, key=lambda move: (move.before, move.then)):
        start, end = _ends(picture.spots[before], picture.spots[then], picture.half)
        yield (
            f'<line x1="{start.x:.1f}" y1="{start.y:.1f}" x2="{end.x:.1f}" y2="{end.y:.1f}" '
            'stroke="black" marker-end="url(#head)"/>'
        )
        lines = [line for move in along for line in wrap(move.what, 24)]
        texts += _words(lines, _beside(lines, start, end, picture.along))
    yield from texts


def _between(start: Spot, end: Spot, part: float) -> Spot:
    return Spot(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part)


def _aside(start: Spot, end: Spot) -> Spot:
    """One to the side of the way from *start* to *end*: of the way back, to the other."""
    across, down = end.x - start.x, end.y - start.y
    long = hypot(across, down)
    return Spot(-down / long, across / long)


def _ends(start: Spot, end: Spot, half: Spot) -> tuple[Spot, Spot]:
    """Where an arrow leaves one box and meets the other; the way back lies beside it."""
    aside = _aside(start, end)
    off = Spot(aside.x * _APART, aside.y * _APART)
    begins = Spot(start.x + off.x, start.y + off.y)
    stops = Spot(end.x + off.x, end.y + off.y)
    return _edge(begins, stops, off, half), _edge(stops, begins, off, half)


def _edge(inside: Spot, outside: Spot, off: Spot, half: Spot) -> Spot:
    """Where the way from *inside* a box, *off* from its middle, leaves it."""
    to = Spot(outside.x - inside.x, outside.y - inside.y)
    sides = zip(half, off, to, strict=True)
    part = min((copysign(size, way) - start) / way for size, start, way in sides if way)
    return _between(inside, outside, part)


def _beside(lines: Sequence[str], start: Spot, end: Spot, along: float) -> Spot:
    """Where the first of *lines* stands so that all are beside the arrow, off the way back."""
    aside, at = _aside(start, end), _between(start, end, along)
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
