"""Buffers of every kind equal the rule on a whole small grid (APT-4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product
from typing import Final

import pytest

from clientportal.domain.appointments import Buffers, claims_of_time
from clientportal.domain.ids import ClientId, StaffId
from clientportal.domain.moments import Interval
from clientportal.domain.practices import BufferRule

NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
PIA: Final = StaffId("stf_1")
ANN, BEN = ClientId("cli_1"), ClientId("cli_2")
#: Lengths, places and buffers in minutes.
LAST: Final = 40
LENGTHS, KEPT = (5, 15), (0, 5, 10, 15)

#: What must lie between an earlier meeting's end and a later one's start, as APT-4 says it.
GAP: Final[Mapping[BufferRule, Callable[[int, int], int]]] = {
    BufferRule.LARGER: max,
    BufferRule.SUM: lambda after, before: after + before,
    BufferRule.RESERVED: lambda after, before: after + before,
}


def meeting(start: int, length: int) -> Interval:
    """So many minutes from noon on."""
    begin = NOON + timedelta(minutes=start)
    return Interval(begin, begin + timedelta(minutes=length))


def apart(rule: BufferRule, *meetings: tuple[int, int, int, int]) -> bool:
    """Whether both can be had: each is (start, length, before, after)."""
    (start, length, _, after), (later, _, before, _) = sorted(meetings)
    return start + length + GAP[rule](after, before) <= later


def grid() -> Iterator[tuple[tuple[int, int, int, int], tuple[int, int, int, int]]]:
    """Every pair of meetings: one in the middle, the other at each fifth minute around it."""
    for length, other, *kept in product(LENGTHS, LENGTHS, KEPT, KEPT, KEPT, KEPT):
        before, after, others_before, others_after = kept
        for start in range(-LAST, LAST + 1, 5):
            yield (0, length, before, after), (start, other, others_before, others_after)


@pytest.mark.parametrize("rule", BufferRule)
def test_claims_meet_exactly_when_the_rule_says_so(rule: BufferRule) -> None:
    """APT-4: the larger of the two neighbours' buffers, their sum, or both reserved."""
    tried = 0
    for mine, theirs in grid():
        if mine[0] == theirs[0]:
            continue  # two that start together meet whatever is kept free
        held = [
            claims_of_time(
                PIA, who, meeting(start, length), Buffers(before=before, after=after, rule=rule)
            )
            for who, (start, length, before, after) in ((ANN, mine), (BEN, theirs))
        ]
        meets = any(a.meets(b) for a in held[0] for b in held[1])
        assert meets is not apart(rule, mine, theirs), (rule, mine, theirs)
        tried += 1
    assert tried == len(LENGTHS) ** 2 * len(KEPT) ** 4 * (2 * LAST // 5)


@pytest.mark.parametrize("rule", BufferRule)
def test_two_that_start_together_always_meet(rule: BufferRule) -> None:
    """APT-7: whatever is kept free, one staff member has one meeting at a time."""
    for length, other, before, after in product(LENGTHS, LENGTHS, KEPT, KEPT):
        buffers = Buffers(before=before, after=after, rule=rule)
        mine = claims_of_time(PIA, ANN, meeting(0, length), buffers)
        theirs = claims_of_time(PIA, BEN, meeting(0, other), buffers)
        assert any(a.meets(b) for a in mine for b in theirs)


def test_buffers_are_no_business_of_the_client() -> None:
    """APT-5: a client may go from one staff member straight to another."""
    buffers = Buffers(before=15, after=15, rule=BufferRule.SUM)
    others = StaffId("stf_2")
    days = [
        claims_of_time(staff, ANN, meeting(start, 15), buffers)
        for staff, start in ((PIA, 0), (others, 15))
    ]
    for mine, theirs in pairwise(days):
        assert not any(a.meets(b) for a in mine for b in theirs)
