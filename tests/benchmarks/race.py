"""A race between ways to do the same work, in interleaved rounds: only ratios mean anything."""

from __future__ import annotations

import gc
import statistics
from collections.abc import Callable, Mapping
from time import perf_counter, process_time
from typing import Any, Final, TypeAlias, TypeVar

from attrs import define, frozen

ROUNDS: Final = 9

Name = TypeVar("Name", str, int)

Way: TypeAlias = Callable[[], object]
Clock: TypeAlias = Callable[[], float]


@frozen(kw_only=True)
class Row:
    """A measured ratio; *at_most* says on which side of the goal it belongs, if it has one."""

    id: str
    ratio: float
    goal: float | None = None
    at_most: bool = True

    @property
    def holds(self) -> bool | None:
        """Whether the goal is reached; None without one."""
        if self.goal is None:
            return None
        return self.ratio <= self.goal if self.at_most else self.ratio >= self.goal

    def plain(self) -> dict[str, Any]:
        """The row as it is written down."""
        return {"id": self.id, "ratio": self.ratio, "goal": self.goal, "holds": self.holds}

    def __str__(self) -> str:
        if self.goal is None:
            return f"{self.id:40} {self.ratio:8.2f}  reported"
        side = "<=" if self.at_most else ">="
        verdict = "holds" if self.holds else "MISSED"
        return f"{self.id:40} {self.ratio:8.2f}  {side} {self.goal:<6g} {verdict}"


@define
class Rows:
    """Where a benchmark puts what it measured."""

    found: list[Row]

    def at_most(self, name: str, ratio: float, goal: float) -> None:
        """The ratio called *name* should be *goal* or less."""
        self.found.append(Row(id=name, ratio=round(ratio, 3), goal=goal))

    def at_least(self, name: str, ratio: float, goal: float) -> None:
        """The ratio called *name* should be *goal* or more."""
        self.found.append(Row(id=name, ratio=round(ratio, 3), goal=goal, at_most=False))

    def noted(self, name: str, ratio: float) -> None:
        """The ratio called *name* is worth knowing; it has no goal."""
        self.found.append(Row(id=name, ratio=round(ratio, 3)))


def race(
    ways: Mapping[Name, Way], *, rounds: int = ROUNDS, times: int = 1, clock: Clock = process_time
) -> dict[Name, float]:
    """The median seconds of a round of each way; a round is *times* calls, collector off.

    Of the processor's time, that others on the machine take none of; where the disk is waited
    for, give `perf_counter`.
    """
    taken: dict[Name, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(seconds(way, times=times, clock=clock))
    return {name: statistics.median(each) for name, each in taken.items()}


def seconds(way: Way, *, times: int = 1, clock: Clock = perf_counter) -> float:
    """How long *times* calls of it take, the collector off."""
    gc.collect()
    gc.freeze()  # what is there already is not gone through again before the next round
    gc.disable()
    start = clock()
    for _ in range(times):
        way()
    taken = clock() - start
    gc.enable()
    return taken
