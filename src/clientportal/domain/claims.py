"""Claims: what may exist once, or once at a time. A pure property of state.

Storage keeps the difference between the claims before and after a change, and decides by a named
constraint; nobody can forget a release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeAlias

from attrs import evolve, frozen

from clientportal.domain.moments import Interval


@frozen
class Unique:
    """*value* may be held once under *name* within the practice."""

    name: str
    value: str


@frozen
class Exclusive:
    """*resource* may be held once at a time. Lanes and seats of one resource do not meet.

    The interval is exact to the minute (APT-2).
    """

    resource: str
    interval: Interval
    lane: int = 0
    seat: int = 0

    def meets(self, other: Exclusive) -> bool:
        """Whether both cannot be held."""
        return _key(self) == _key(other) and self.interval.overlaps(other.interval)


Claim: TypeAlias = Unique | Exclusive


def _key(claim: Exclusive) -> tuple[str, int, int]:
    return claim.resource, claim.lane, claim.seat


def without(held: Iterable[Exclusive], gone: Iterable[Exclusive]) -> tuple[Exclusive, ...]:
    """*held* less the time that *gone* holds, of the same resource, lane and seat."""
    left = list(held)
    for each in gone:
        left = [part for claim in left for part in _less(claim, each)]
    return tuple(left)


def _less(claim: Exclusive, gone: Exclusive) -> Iterator[Exclusive]:
    if not claim.meets(gone):
        yield claim
        return
    if claim.interval.start < gone.interval.start:
        yield evolve(claim, interval=Interval(claim.interval.start, gone.interval.start))
    if gone.interval.end < claim.interval.end:
        yield evolve(claim, interval=Interval(gone.interval.end, claim.interval.end))


def merged(claims: Iterable[Exclusive]) -> tuple[Exclusive, ...]:
    """The same time held by fewer claims: sorted, touching intervals made one."""
    out: list[Exclusive] = []
    ordered = sorted(claims, key=lambda c: (_key(c), c.interval.start))
    for _, group in groupby(ordered, key=_key):
        last: Exclusive | None = None
        for claim in group:
            if last is not None and claim.interval.start <= last.interval.end:
                end = max(last.interval.end, claim.interval.end)
                last = Exclusive(last.resource, Interval(last.interval.start, end), *_key(last)[1:])
                out[-1] = last
            else:
                last = claim
                out.append(claim)
    return tuple(out)
