"""Clocks and ids: the machine's clock, one that can be set, and ids that sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import define, field

from clientportal.domain.moments import Moment, is_moment, microseconds

RANDOM_BYTES: Final = 8


def utc_now() -> Moment:
    """The present moment by the machine's clock."""
    return datetime.now(UTC)


@define
class SettableClock:
    """A clock that stands still until it is told otherwise: for tests and demonstrations."""

    at: Moment = field(validator=is_moment)

    def __call__(self) -> Moment:
        """The moment it shows."""
        return self.at

    def advance(self, span: timedelta) -> Moment:
        """Move it on by *span*, back by a negative one; the moment it shows then."""
        self.at += span
        return self.at


def uuid7(at: Moment, random: bytes) -> str:
    """A UUID of version 7 (RFC 9562) as 32 hex digits: *at*, then 62 bits of *random*.

    *random* is 8 bytes. The 12 bits after the millisecond are its fraction (section 6.2, method
    3), so ids sort by time to the quarter of a microsecond.
    """
    whole, rest = divmod(microseconds(at), 1000)
    fraction = rest * 4096 // 1000
    tail = int.from_bytes(random[:RANDOM_BYTES], "big") >> 2
    value = whole << 80 | 0x7 << 76 | fraction << 64 | 0b10 << 62 | tail
    return f"{value:032x}"
