"""Clocks, and ids that sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientportal.domain.ids import InviteId
from clientportal.embedded.clock import SettableClock, utc_now, uuid7
from clientportal.errors import MalformedError

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2190, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


def test_the_machine_clock_gives_aware_utc() -> None:
    """The present moment is aware and in UTC."""
    assert utc_now().tzinfo is UTC
    assert utc_now() - datetime.now(UTC) < timedelta(seconds=10)


def test_a_settable_clock_stands_still() -> None:
    """It shows the same until it is moved, forward or back."""
    clock = SettableClock(NOON)
    assert clock() == clock() == NOON
    assert clock.advance(timedelta(hours=1)) == clock() == NOON + timedelta(hours=1)
    assert clock.advance(timedelta(hours=-2)) == NOON - timedelta(hours=1)


def test_a_settable_clock_shows_aware_moments_only() -> None:
    """A naive datetime is no moment."""
    with pytest.raises(MalformedError):
        SettableClock(NOON.replace(tzinfo=None))


@given(MOMENTS, st.binary(min_size=8, max_size=8))
def test_an_id_is_a_uuid_of_version_7(at: datetime, random: bytes) -> None:
    """RFC 9562: version, variant, milliseconds first; and it fits behind a prefix."""
    tail = uuid7(at, random)
    found = UUID(tail)
    assert (found.version, found.variant) == (7, RFC_4122)
    assert found.int >> 80 == (at - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert found.int & (2**62 - 1) == int.from_bytes(random, "big") >> 2
    assert InviteId.of(tail)


@given(MOMENTS, MOMENTS)
def test_ids_sort_by_time(one: datetime, other: datetime) -> None:
    """Ids of different microseconds sort as those do, whatever their random bits."""
    first, second = sorted((one, other))
    if first != second:
        assert uuid7(first, b"\xff" * 8) < uuid7(second, bytes(8))
