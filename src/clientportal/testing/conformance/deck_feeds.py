"""Commands about calendars outside: feeds to them, and busy times from them."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from clientportal.domain.accounts import Secret
from clientportal.domain.calendars import BusyTimes
from clientportal.domain.moments import Interval
from clientportal.testing.cast import PRACTITIONER
from clientportal.testing.conformance.picks import Move, Picks
from clientportal.usecases.busy import ImportBusyTimes
from clientportal.usecases.feeds import MakeCalendarFeed, RevokeCalendarFeed

FEED_TOKENS: Final = tuple(f"feed-{number}" for number in range(6))


def make_feed(p: Picks) -> Move:
    """Have a feed, now and then under a token that somebody has."""
    return Move(
        MakeCalendarFeed(token=Secret(p.one(*FEED_TOKENS))), p.one(p.anybody(), p.by_staff())
    )


def revoke_feed(p: Picks) -> Move:
    """End one's feed."""
    return Move(RevokeCalendarFeed(), p.one(p.anybody(), p.by_staff()))


def import_busy_times(p: Picks) -> Move:
    """Be busy elsewhere, often when somebody wants to book."""
    first = p.start()
    hours = p.some(0, 3, 24, 26)
    busy = tuple(
        Interval(first + timedelta(hours=n), first + timedelta(hours=n + 1)) for n in hours
    )
    command = ImportBusyTimes(source=p.one("work", "home"), busy=BusyTimes(intervals=busy))
    return Move(command, p.one(p.by_staff(), p.world.staff(PRACTITIONER), p.anybody()))
