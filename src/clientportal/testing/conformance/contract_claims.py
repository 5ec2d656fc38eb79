"""Time held, exact to the minute: one of two meetings that touch the same minute is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.appointments import Appointment, AppointmentStatus, Buffers
from clientportal.domain.claims import Exclusive
from clientportal.domain.moments import Interval
from clientportal.domain.practices import BufferRule
from clientportal.flows import Get
from clientportal.ports import queries as q
from clientportal.receipts import Taken
from clientportal.testing.conformance.contract import Factory
from clientportal.testing.conformance.desk import (
    ANN,
    BEN,
    EVERY_CHECK,
    PIA,
    PRACTICE,
    ROB,
    TALK,
    Desk,
    meeting,
    minutes_of,
)

TEN: Final = datetime(2026, 3, 2, 10, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
STAFF: Final = Actor(practice_id=PRACTICE, capacity=Capacity.STAFF, staff_id=PIA)
OTHERS: Final = {"client_id": BEN, "staff_id": ROB}
AFTER, BEFORE = Buffers(after=30), Buffers(before=30)


def at(hour: int, minute: int = 0) -> datetime:
    """That time of the day, in UTC."""
    return TEN.replace(hour=hour, minute=minute)


#: (start, minutes, more) of a meeting held, of one wanted, and whether both can be.
SIDE_BY_SIDE: Final = [
    pytest.param((at(10), 30, {}), (at(10, 30), 30, {}), True, id="adjacent"),
    pytest.param((at(10, 30), 30, {}), (at(10), 30, {}), True, id="adjacent before"),
    pytest.param((at(10), 31, {}), (at(10, 30), 30, {}), False, id="by one minute"),
    pytest.param((at(10), 30, {}), (at(10, 29), 1, {}), False, id="the last minute"),
    pytest.param((at(10), 1, {}), (at(10, 1), 1, {}), True, id="minute by minute"),
    pytest.param((at(10, 30), 60, {}), (at(11, 29), 10, {}), False, id="over the hour"),
    pytest.param((at(10, 30), 60, {}), (at(11, 30), 10, {}), True, id="after the hour"),
    pytest.param((at(10), 60, {}), (at(11), 60, {}), True, id="whole hours"),
    pytest.param((at(9), 240, {}), (at(11, 59), 1, {}), False, id="within"),
    pytest.param((at(11, 59), 1, {}), (at(9), 240, {}), False, id="around"),
    pytest.param((at(23, 30), 60, {}), (at(23, 30) + 59 * MINUTE, 5, {}), False, id="midnight"),
    pytest.param((at(23, 30), 60, {}), (at(23, 30) + 60 * MINUTE, 5, {}), True, id="past midnight"),
    pytest.param((at(0), 1440, {}), (at(0) + 1439 * MINUTE, 1, {}), False, id="24 hours"),
    pytest.param((at(0), 1440, {}), (at(0) + 1440 * MINUTE, 1440, {}), True, id="day by day"),
    pytest.param((at(10), 30, {}), (at(10), 30, OTHERS), True, id="other people"),
    pytest.param((at(10), 30, {}), (at(10), 30, {"client_id": BEN}), False, id="same staff"),
    pytest.param((at(10), 30, {}), (at(10), 30, {"staff_id": ROB}), False, id="same client"),
    pytest.param(
        (at(10), 60, {"buffers": AFTER}),
        (at(11, 29), 30, {"client_id": BEN}),
        False,
        id="in a buffer",
    ),
    pytest.param(
        (at(10), 60, {"buffers": AFTER}),
        (at(11, 30), 30, {"client_id": BEN, "buffers": BEFORE}),
        True,
        id="two buffers share",
    ),
    pytest.param(
        (at(10), 60, {"buffers": AFTER}),
        (at(11), 30, {"staff_id": ROB}),
        True,
        id="no buffer for clients",
    ),
    pytest.param(
        (at(10), 60, {"buffers": evolve(AFTER, rule=BufferRule.SUM)}),
        (at(11, 59), 30, {"client_id": BEN, "buffers": evolve(BEFORE, rule=BufferRule.SUM)}),
        False,
        id="two buffers add up",
    ),
]

MEETINGS: Final = st.builds(
    lambda start, minutes, before, after, rule, who: (
        TEN + start * MINUTE,
        minutes,
        {"buffers": Buffers(before=before, after=after, rule=rule), **who},
    ),
    st.integers(-200, 200),
    st.one_of(st.integers(1, 130), st.sampled_from((60, 1440))),
    st.sampled_from((0, 0, 1, 59, 60)),
    st.sampled_from((0, 0, 1, 30)),
    st.sampled_from(BufferRule),
    st.sampled_from(({}, {"client_id": BEN}, {"staff_id": ROB}, OTHERS)),
)


class ClaimContract:
    """What may be held once at a time is, whatever the interval."""

    @pytest.mark.parametrize(("held", "wanted", "fits"), SIDE_BY_SIDE)
    def test_two_meetings(self, storage: Factory, held: Any, wanted: Any, fits: bool) -> None:
        """Half-open intervals, exact to the minute; lanes and other people do not meet (APT-4)."""
        desk = Desk.at(storage())
        assert desk.put(_meeting("n1", held)) is None
        assert desk.put(_meeting("n2", wanted)) == (None if fits else Taken("slot_taken"))

    def test_a_release_frees_the_time(self, storage: Factory) -> None:
        """What was cancelled can be booked again, every minute of it."""
        desk = Desk.at(storage())
        held = meeting("n1", at(10, 30), 90)
        assert desk.put(held) is None
        assert desk.change(held, status=AppointmentStatus.CANCELLED) is None
        assert desk.put(meeting("n2", at(10, 29), 92)) is None

    def test_a_move_is_not_in_its_own_way(self, storage: Factory) -> None:
        """Releases come before takes: an appointment may move by ten minutes."""
        desk = Desk.at(storage())
        held = meeting("n1", at(10), 60)
        assert desk.put(held, meeting("n2", at(11, 10), 20)) is None
        moved = Interval(held.interval.start + 10 * MINUTE, held.interval.end + 10 * MINUTE)
        assert desk.change(held, interval=moved) is None
        assert desk.put(meeting("n3", at(10), 10)) is None
        further = Interval(moved.start + MINUTE, moved.end + MINUTE)
        assert desk.change(evolve(held, interval=moved), interval=further) == Taken("slot_taken")
        assert desk.put(meeting("n4", at(10, 10), 1)) == Taken("slot_taken")

    def test_two_swap_their_times(self, storage: Factory) -> None:
        """In one commit, what one gives up another may take."""
        desk = Desk.at(storage())
        one, two = meeting("n1", at(10), 60), meeting("n2", at(11), 60)
        assert desk.put(one, two) is None
        seen = (Get(Appointment, one.id), Get(Appointment, two.id))
        swapped = evolve(one, interval=two.interval), evolve(two, interval=one.interval)
        assert desk.put(*swapped, seen=seen) is None

    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        # the fixture makes a fresh storage at each call; each adapter inherits this test
        suppress_health_check=EVERY_CHECK,
    )
    @given(wanted=st.lists(MEETINGS, min_size=2, max_size=12))
    def test_any_intervals(self, storage: Factory, wanted: list[Any]) -> None:
        """A meeting is taken exactly where none of its minutes is held; what is held is told."""
        desk, held = Desk.at(storage()), set[Any]()
        for n, each in enumerate(wanted):
            new = _meeting(f"n{n}", each)
            minutes = minutes_of(c for c in new.claims if isinstance(c, Exclusive))
            result = desk.put(new)
            assert result == (Taken("slot_taken") if minutes & held else None), new
            held |= minutes if result is None else set()
        within = Interval(TEN - timedelta(days=1), TEN + timedelta(days=3))
        facts = desk.ask(q.BookingFactsOf(ANN, PIA, TALK, within, STAFF, at(9)))
        assert minutes_of(facts.offer.held) == {m for m in held if m[0] in (ANN, PIA)}


def _meeting(tail: str, of: Any) -> Appointment:
    start, minutes, more = of
    return meeting(tail, start, minutes, **more)
