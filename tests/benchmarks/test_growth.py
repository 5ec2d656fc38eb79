"""D5: what is asked for often takes no longer in a practice a thousand times as large.

The disk is not waited for (`synchronous=OFF`), and time is the processor's: waiting is the same at
every size and would hide what grows.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Iterator, Mapping
from itertools import count, cycle, repeat
from math import log
from pathlib import Path
from typing import Final

import pytest
from attrs import define, field
from tests.benchmarks import bulk
from tests.benchmarks.race import Rows, Way, race
from tests.benchmarks.test_messages import Tuned, portal_at

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
    picks: Iterator[int]
    size: int
    numbers: Iterator[int] = field(factory=count)

    def send(self) -> None:
        """Ada writes."""
        command = SendMessage(
            conversation_id=bulk.talk_id(next(self.picks)),
            message_id=MessageId(f"msg_z{next(self.numbers)}"),
            text="hello there",
        )
        self.portal.do(command, actor=bulk.AS_ADA)

    def timeline(self) -> None:
        """Ada opens a conversation."""
        view = SeeConversation(conversation_id=bulk.talk_id(next(self.picks)))
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
        bo = bulk.as_client(next(self.picks) % (self.size // bulk.EACH))
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


def unlocked(size: int) -> Iterator[int]:
    """Conversations that are not locked, of one client after the other, in no order.

    So a page shows as many clients at every size: each is put on record.
    """
    chance, clients = random.Random(size), size // bulk.EACH
    order = chance.sample(range(clients), clients)
    for client in cycle(order):
        talks = range(client, size, clients)
        yield chance.choice([each for each in talks if each % bulk.LOCKED])


def measured(ways: Mapping[int, Way], times: int) -> dict[int, float]:
    """The median seconds of each, in interleaved rounds after one that counts for nothing."""
    race(ways, rounds=1, times=times)
    return race(ways, rounds=ROUNDS, times=times)


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
    for place, length in enumerate(LENGTHS, 1):
        bulk.lengthened(path, place, length)
    portal, numbers = portal_at(Tuned(path, mode="OFF")), count()
    busy = {
        length: Busy(portal, repeat(place), SIZES[0], numbers)
        for place, length in enumerate(LENGTHS, 1)
    }
    for name in TIMES:
        ways = {length: each.ways()[name] for length, each in busy.items()}
        told(rows, f"D5 {name} in messages", measured(ways, TIMES[name]), 1.15)
