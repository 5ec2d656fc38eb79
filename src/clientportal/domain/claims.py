"""Claims: what may exist once, or once at a time. A pure property of state.

Storage keeps the difference between the claims before and after a change, and decides by a named
constraint; nobody can forget a release.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import TypeAlias

from attrs import frozen

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


def without(held: Iterable[Exclusive], own: Iterable[Exclusive]) -> tuple[Exclusive, ...]:
    """What of *held* remains once *own* is given back."""
    left = tuple(held)
    for mine in own:
        left = tuple(rest for claim in left for rest in _less(claim, mine))
    return left


def _less(claim: Exclusive, mine: Exclusive) -> Iterator[Exclusive]:
    if not claim.meets(mine):
        yield claim
        return
    whole, gone = claim.interval, mine.interval
    if whole.start < gone.start:
        yield Exclusive(claim.resource, Interval(whole.start, gone.start), claim.lane, claim.seat)
    if gone.end < whole.end:
        yield Exclusive(claim.resource, Interval(gone.end, whole.end), claim.lane, claim.seat)
