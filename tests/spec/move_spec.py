"""What a client's move comes to: the rules APT-8 and APT-9 once more, as an oracle for tests.

Written from the text of the rules and importing nothing of the library. `offered` says what the
rules of booking say of the new start; `made_at` is when it was booked or last moved.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

MOVED = "moved"
MOVED_LATE = "moved_late"
ASKED = "asked"
ASKED_LATE = "asked_late"
STAYS = "stays"
ALREADY_STARTED = "already_started"
OUTSIDE_NOTICE = "outside_notice"
NOT_MOVABLE = "not_movable"
NOT_OFFERED = "not_offered"


class Wish(NamedTuple):
    """One client's wish to move to `to` at `now`."""

    status: str
    start: datetime
    to: datetime
    made_at: datetime
    now: datetime
    offered: bool = True
    auto_accept: bool = False
    notice: timedelta = timedelta(hours=24)
    outside: str = "allow_as_late"
    regret: timedelta = timedelta(minutes=15)


def elapsed(first: datetime, last: datetime) -> timedelta:
    """The time that passes from one instant to another."""
    return last.astimezone(UTC) - first.astimezone(UTC)


def is_late(wish: Wish) -> bool:
    """A request never is; a minute of regret beats the notice, which is tested on the old start."""
    if wish.status == "requested":
        return False
    in_regret = timedelta(0) <= elapsed(wish.made_at, wish.now) < wish.regret
    return not in_regret and elapsed(wish.now, wish.start) < wish.notice


def outcome(wish: Wish) -> str:
    """What became of it, or why not."""
    if wish.status not in ("requested", "booked"):
        return NOT_MOVABLE
    if elapsed(wish.start, wish.now) >= timedelta(0):
        return ALREADY_STARTED
    if wish.to == wish.start:
        return STAYS
    late = is_late(wish)
    if late and wish.outside != "allow_as_late":
        return OUTSIDE_NOTICE
    return moved(wish, late=late) if wish.offered else NOT_OFFERED


def moved(wish: Wish, *, late: bool) -> str:
    """Done, or asked for."""
    if wish.auto_accept or wish.status == "requested":
        return MOVED_LATE if late else MOVED
    return ASKED_LATE if late else ASKED
