"""D5: what is asked for often takes no longer in a practice a thousand times as large.

The disk is not waited for (`synchronous=OFF`): waiting is the same at every size and would hide
what grows.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from math import log
from pathlib import Path
from typing import Final

import pytest
from attrs import define, field
from tests.benchmarks import bulk
from tests.benchmarks.race import Rows, Way, seconds
from tests.benchmarks.test_messages import Tuned, portal_at

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import MessageId
from clientportal.portal import Portal
from clientportal.usecases.conversations import SendMessage
from clientportal.usecases.inbox import SeeConversation, SeeInbox

ROUNDS: Final = 11
#: How often each is done in a round.
TIMES: Final = {"send": 60, "timeline": 60}
PAGES: Final = 12
SIZES: Final = (10**3, 10**4, 10**5)
LENGTHS: Final = (10, 10**3, 10**5)
GOALS: Final[Mapping[str, float | None]] = {
    "send": 1.4,
    "inbox": 1.2,
    "inbox keyset": 1.3,
    "inbox of a client": 1.2,
    "inbox answerable": None,
    "timeline": 1.2,
}


@define
class Busy:
    """Ada and her clients at work in one file; *picks* says in which conversation."""

    portal: Portal
    picks: Callable[[], int]
    size: int
    _numbers: Iterator[int] = field(factory=count, init=False)

    def send(self) -> None:
        """Ada writes."""
        command = SendMessage(
            conversation_id=bulk.talk_id(self.picks()),
            message_id=MessageId(f"msg_z{next(self._numbers)}"),
            text="hello there",
        )
        self.portal.do(command, actor=bulk.AS_ADA)

    def timeline(self) -> None:
        """Ada opens a conversation."""
        view = SeeConversation(conversation_id=bulk.talk_id(self.picks()))
        assert self.portal.look(view, actor=bulk.AS_ADA).messages

    def inbox(self) -> None:
        """Ada looks at her latest conversations."""
        self._page(SeeInbox())

    def answerable(self) -> None:
        """Ada looks at those that she may answer."""
        self._page(SeeInbox(answerable=True))

    def later_page(self) -> None:
        """Ada looks at a page in the middle of all she ever had."""
        number = self.size // 2
        self._page(SeeInbox(after=(bulk.began(number), bulk.talk_id(number))))

    def _page(self, view: SeeInbox) -> None:
        assert len(self.portal.look(view, actor=bulk.AS_ADA)) == view.limit

    def own(self) -> None:
        """A client looks at the few that they have."""
        bo = Actor(
            practice_id=bulk.PRACTICE,
            capacity=Capacity.CLIENT,
            client_id=bulk.client_id(self.picks() // bulk.EACH),
            account_id=None,
        )
        assert len(self.portal.look(SeeInbox(), actor=bo)) == bulk.EACH

    def ways(self) -> dict[str, Way]:
        """All of it, by the names of the goals."""
        return {
            "send": self.send,
            "inbox": self.inbox,
            "inbox keyset": self.later_page,
            "inbox of a client": self.own,
            "inbox answerable": self.answerable,
            "timeline": self.timeline,
        }


def unlocked(size: int) -> Callable[[], int]:
    """Picks a conversation at random that is not locked, the same ones in each run."""
    chance = random.Random(size)
    return lambda: chance.randrange(size // bulk.EACH) * bulk.EACH + chance.randrange(bulk.EACH - 1)


@contextmanager
def opened(path: Path, picks: Callable[[], int], size: int) -> Iterator[Busy]:
    """Ada and her clients in the file at *path*."""
    sqlite = Tuned(path, mode="OFF")
    yield Busy(portal_at(sqlite), picks, size)
    sqlite.close()


def measured(ways: Mapping[int, Way], times: int) -> dict[int, float]:
    """The median seconds of each, in interleaved rounds after one that counts for nothing."""
    for way in ways.values():
        seconds(way, times=times)
    rounds = [{n: seconds(way, times=times) for n, way in ways.items()} for _ in range(ROUNDS)]
    return {n: statistics.median(each[n] for each in rounds) for n in ways}


def told(rows: Rows, name: str, taken: Mapping[int, float], goal: float | None) -> None:
    """Each size against the first, and how steep it is: by which power of the size it grows."""
    first, *others = taken
    for size in others:
        ratio = taken[size] / taken[first]
        if goal is None:
            rows.noted(f"{name} {size}", ratio)
        else:
            rows.at_most(f"{name} {size}", ratio, goal)
    xs, ys = [log(size) for size in taken], [log(each) for each in taken.values()]
    rows.noted(f"{name} slope", statistics.linear_regression(xs, ys).slope)


def grown(rows: Rows, folder: Path, sizes: tuple[int, ...]) -> None:
    """Measure all that has a goal at each of *sizes*."""
    paths = [(size, bulk.filled(folder / f"{size}.db", size)) for size in sizes]
    every: dict[str, dict[int, Way]] = {name: {} for name in GOALS}
    for size, path in paths:
        sqlite = Tuned(path, mode="OFF")
        for name, way in Busy(portal_at(sqlite), unlocked(size), size).ways().items():
            every[name][size] = way
    for name, ways in every.items():
        told(rows, f"D5 {name}", measured(ways, TIMES.get(name, PAGES)), GOALS[name])


def test_a_large_practice_waits_no_longer(rows: Rows, tmp_path: Path) -> None:
    """D5 up to 100,000 conversations, in all of which the same staff member takes part."""
    grown(rows, tmp_path, SIZES)


@pytest.mark.soak
def test_a_very_large_practice_waits_no_longer(rows: Rows, tmp_path: Path) -> None:
    """D5 up to a million conversations."""
    grown(rows, tmp_path, (*SIZES, 10**6))


def test_a_long_conversation_waits_no_longer(rows: Rows, tmp_path: Path) -> None:
    """D5: at most 1.15 times as long in a conversation of 100,000 messages as of 10."""
    path = bulk.filled(tmp_path / "long.db", SIZES[0])
    for place, length in enumerate(LENGTHS):
        bulk.lengthened(path, place, length)
    sqlite = Tuned(path, mode="OFF")
    busy = {
        length: Busy(portal_at(sqlite), lambda place=place: place, SIZES[0])  # type: ignore[misc] # mypy does not infer a lambda with a default
        for place, length in enumerate(LENGTHS)
    }
    for name in TIMES:
        ways: dict[int, Way] = {length: getattr(each, name) for length, each in busy.items()}
        told(rows, f"D5 {name} of messages", measured(ways, TIMES[name]), 1.15)
