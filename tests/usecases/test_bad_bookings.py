"""Bad inputs to booking: a typed error, and nothing is stored (B1, B2, B6, B7)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from typing import Any, Final

import pytest
from tests.usecases.test_booking import DAY, MINUTE, book, ruled

from clientportal.domain.appointments import Buffers
from clientportal.domain.ids import HoldId
from clientportal.domain.moments import Interval
from clientportal.domain.practices import BookingRules
from clientportal.errors import MalformedError
from clientportal.testing.builders import MONDAY, World
from clientportal.testing.cast import ANN, OWNER
from clientportal.usecases.holds import HoldSlot

FAR: Final = timezone(timedelta(hours=14))
NEVER: Final = float("nan")


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(lambda: Interval(MONDAY, MONDAY), "invalid_interval", id="B1 empty"),
        pytest.param(lambda: Interval(MONDAY, MONDAY - DAY), "invalid_interval", id="B1 backwards"),
        pytest.param(
            lambda: Interval(datetime(1, 1, 1, tzinfo=FAR), MONDAY),
            "invalid_moment",
            id="B1 year 1",
        ),
        pytest.param(
            lambda: Interval(MONDAY, datetime(9999, 12, 31, tzinfo=FAR)),
            "invalid_moment",
            id="B1 year 9999",
        ),
        pytest.param(lambda: Buffers(before=-1), "invalid_argument", id="B2 negative minutes"),
        pytest.param(lambda: Buffers(after=5.0), "invalid_argument", id="B2 minutes with a point"),  # type: ignore[arg-type] # tried
        pytest.param(lambda: Buffers(after=True), "invalid_argument", id="B2 true for a number"),
        pytest.param(
            lambda: BookingRules(upcoming_limit=0), "invalid_argument", id="no limit of 0"
        ),
        pytest.param(
            lambda: BookingRules(upcoming_limit_per_service=NEVER),  # type: ignore[arg-type] # tried
            "invalid_argument",
            id="B2 not a number",
        ),
        pytest.param(
            lambda: BookingRules(hold=timedelta(minutes=-1)),
            "invalid_interval",
            id="a hold of less",
        ),
    ],
)
def test_what_cannot_be_said(make: Callable[[], Any], code: str) -> None:
    """B1, B2: refused where it is built, so that nothing beyond ever sees it."""
    with pytest.raises(MalformedError) as caught:
        make()
    assert [problem.code for problem in caught.value.problems] == [code]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("start", datetime(2026, 3, 3, 9), id="B2 a naive start"),  # noqa: DTZ001 - tried
        pytest.param("start", date(2026, 3, 3), id="B2 a day"),
        pytest.param("start", datetime(9999, 12, 31, tzinfo=FAR), id="B1 year 9999"),
        pytest.param("start", None, id="B7 no start"),
        pytest.param("staff_id", None, id="B7 nobody"),
        pytest.param("service_id", 5, id="B2 a number for an id"),
        pytest.param("overbook", 1, id="B2 a number for yes"),
    ],
)
def test_what_no_booking_is(world: World, field: str, value: object) -> None:
    """B1, B2, B7: malformed, whoever asks, and nothing is stored."""
    room = world.storage.rooms[world.practice_id]  # type: ignore[attr-defined] # it is memory's
    before = dict(room.rows), dict(room.claims), len(room.audit)
    with pytest.raises(MalformedError):
        world.portal.do(book(world, DAY, **{field: value}), actor=world.client(ANN))
    assert (dict(room.rows), dict(room.claims), len(room.audit)) == before


def test_staff_book_and_hold_whole_minutes(world: World) -> None:
    """APT-2: they are bound by no window, and yet nobody has half a minute."""
    wanted = book(world, 3 * DAY + timedelta(seconds=30))
    hold = HoldSlot(
        hold_id=HoldId("hld_1"),
        client_id=ANN,
        staff_id=wanted.staff_id,
        service_id=wanted.service_id,
        start=wanted.start,
    )
    for command in (wanted, hold):
        with pytest.raises(MalformedError) as caught:
            world.portal.do(command, actor=world.staff(OWNER))
        assert [problem.code for problem in caught.value.problems] == ["invalid_interval"]


def test_what_the_policy_does_not_offer(world: World) -> None:
    """B6: past, beyond the horizon, outside the windows, within the notice; held neither."""
    ruled(world, min_notice=DAY)
    ann = world.client(ANN)
    told = {
        -MINUTE: "in_the_past",
        timedelta(0): "in_the_past",
        DAY - MINUTE: "too_soon",
        500 * DAY: "too_far_ahead",
        3 * DAY + MINUTE: "outside_window",
        3 * DAY + timedelta(seconds=1): "outside_window",
    }
    for after, code in told.items():
        command = book(world, after)
        hold = HoldSlot(
            hold_id=HoldId("hld_1"),
            client_id=ANN,
            staff_id=command.staff_id,
            service_id=command.service_id,
            start=command.start,
        )
        for each in (command, hold):
            assert world.ask(each, ann).reason.code == code, after
