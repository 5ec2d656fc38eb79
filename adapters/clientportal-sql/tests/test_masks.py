"""Time held as masks says the same as intervals do (APT-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from clientportal.domain.claims import Exclusive, merged
from clientportal.domain.moments import Interval, microseconds
from clientportal_sql.masks import HOUR, MINUTE, held, hours, hours_around

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_spans = st.tuples(st.integers(-5000, 5000), st.integers(1, 1500))


def _interval(span: tuple[int, int]) -> Interval:
    start = EPOCH + timedelta(minutes=span[0])
    return Interval(start, start + timedelta(minutes=span[1]))


def _minutes(interval: Interval) -> set[int]:
    return {
        hour * 60 + minute
        for hour, mask in hours(interval)
        for minute in range(60)
        if mask >> minute & 1
    }


@given(_spans)
def test_masks_hold_exactly_the_minutes_of_the_interval(span: tuple[int, int]) -> None:
    """Each minute of the interval is one bit, and nothing else is."""
    assert _minutes(_interval(span)) == set(range(span[0], span[0] + span[1]))
    assert all(0 < mask < 1 << 60 for _, mask in hours(_interval(span)))


@given(_spans, _spans)
def test_masks_meet_exactly_where_intervals_do(a: tuple[int, int], b: tuple[int, int]) -> None:
    """Two intervals overlap exactly if some hour's masks share a bit."""
    one, other = dict(hours(_interval(a))), dict(hours(_interval(b)))
    meets = any(one[hour] & other[hour] for hour in one.keys() & other.keys())
    assert meets == _interval(a).overlaps(_interval(b))


@given(st.lists(st.tuples(_spans, st.integers(0, 1), st.integers(0, 1)), max_size=6))
def test_masks_come_back_as_the_claims_they_were(
    parts: list[tuple[tuple[int, int], int, int]],
) -> None:
    """What masks hold, read back, is what was claimed, touching intervals made one."""
    claims = [Exclusive("r", _interval(span), lane, seat) for span, lane, seat in parts]
    cells: dict[tuple[int, int, int], int] = {}
    for claim in claims:
        for hour, mask in hours(claim.interval):
            place = hour, claim.lane, claim.seat
            cells[place] = cells.get(place, 0) | mask
    rows = [("r", hour, lane, seat, mask) for (hour, lane, seat), mask in cells.items()]
    assert held(rows) == merged(claims)


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**12))
def test_what_is_around_is_whole_hours(start: int, length: int) -> None:
    """The hours around an interval are those that touch it, two days on either side."""
    begin = EPOCH + timedelta(microseconds=start)
    within = Interval(begin, begin + timedelta(microseconds=length))
    first, end = hours_around(within)
    day = 48 * 60 * MINUTE
    assert first * HOUR <= microseconds(within.start) - day < (first + 1) * HOUR
    assert (end - 1) * HOUR < microseconds(within.end) + day <= end * HOUR
