"""S1 and S3: a year of fifty practitioners, and the first page of ten, against the same by hand."""

from __future__ import annotations

import random
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Final

from tests.benchmarks import slots_by_hand
from tests.benchmarks.race import Rows, race

from clientportal.domain.availability import Availability, Service, Window
from clientportal.domain.buffers import Buffers, claims_of_time
from clientportal.domain.claims import Exclusive, merged
from clientportal.domain.grids import minute_of, moment_at, week_of
from clientportal.domain.ids import ClientId, PracticeId, ServiceId, StaffId
from clientportal.domain.moments import Interval
from clientportal.domain.people import StaffMember
from clientportal.domain.practices import BookingRules, MessagingPolicy, PolicySince, Practice
from clientportal.domain.slots import Offer, Slot, first_free, free

NOW: Final = datetime(2026, 1, 5, tzinfo=UTC)
MINUTE: Final = timedelta(minutes=1)
ANN, BEN = ClientId("cli_1"), ClientId("cli_2")
MANY: Final = 50
YEAR: Final = Interval(NOW, NOW + timedelta(days=365))
PRACTICE: Final = Practice(
    id=PracticeId("prc_1"),
    name="Riverside",
    timezone="America/New_York",
    policies=(PolicySince(MessagingPolicy.REPLY_ONLY, NOW),),
    booking=BookingRules(horizon_months=60),
)
SERVICE: Final = Service(id=ServiceId("svc_1"), name="Talk", duration=50, buffer_after=10, step=15)
#: Two windows on each day of work.
WEEKLY: Final = tuple(
    Window(weekday=day, start=start, end=end)
    for day in range(5)
    for start, end in ((480, 720), (780, 1080))
)


def held_by(staff_id: StaffId, within: Interval, weekly: int) -> tuple[Exclusive, ...]:
    """So many meetings a week, on the quarter of the hour, with their buffers."""
    rng = random.Random(staff_id)
    days = (within.end - within.start).days
    claims: list[Exclusive] = []
    for _ in range(days * weekly // 7):
        minute = rng.randrange(days) * 1440 + rng.randrange(52, 88) * 15
        start = within.start + minute * MINUTE
        meeting = Interval(start, start + 50 * MINUTE)
        claims += claims_of_time(staff_id, BEN, meeting, Buffers(after=10))[:2]
    return merged(claims)


def offers_of(many: int, within: Interval, weekly: int = 10) -> list[Offer]:
    """Practitioners who keep the same hours, each with meetings of their own."""
    level = Availability(practice_id=PRACTICE.id, weekly=WEEKLY)
    people = (StaffMember(id=StaffId(f"stf_{n:03}"), name="Pia") for n in range(many))
    return [
        Offer(
            practice=PRACTICE,
            service=SERVICE,
            staff=each,
            levels=(level,),
            held=held_by(each.id, within, weekly),
        )
        for each in people
    ]


def year_of(offers: list[Offer]) -> list[list[int]]:
    """Every free start of each in the year, in minutes since 1970."""
    first, end = minute_of(YEAR.start), minute_of(YEAR.end)
    return [list(chain.from_iterable(free(each, ANN, first, end))) for each in offers]


def test_a_year_of_fifty_practitioners(rows: Rows) -> None:
    """S1: at most 1.3 times an index written by hand; 25 times as fast as by datetimes."""
    offers = offers_of(MANY, YEAR)
    starts, index = slots_by_hand.grid_of(offers[0], YEAR)
    found = year_of(offers)
    assert found == slots_by_hand.by_index(offers, starts, index)
    assert [[moment_at(each) for each in one] for one in found] == slots_by_hand.by_datetimes(
        offers, YEAR
    )
    assert sum(map(len, found)) > 150_000
    ways = {
        "ours": lambda: year_of(offers),
        "index": lambda: slots_by_hand.by_index(offers, starts, index),
        "datetimes": lambda: slots_by_hand.by_datetimes(offers[:5], YEAR),
    }
    taken = race(ways)
    rows.at_most("S1 365 days x 50, of an index", taken["ours"] / taken["index"], 1.3)
    rows.at_least("S1 365 days x 50, datetimes", 10 * taken["datetimes"] / taken["ours"], 25)


def test_a_year_of_one_practitioner(rows: Rows) -> None:
    """S1: 40 times as fast as by datetimes."""
    offers = offers_of(1, YEAR)
    ways = {
        "ours": lambda: year_of(offers),
        "datetimes": lambda: slots_by_hand.by_datetimes(offers, YEAR),
    }
    taken = race(ways, times=10)
    rows.at_least("S1 365 days x 1, datetimes", taken["datetimes"] / taken["ours"], 40)


def page(offers: list[Offer], days: int) -> list[Slot]:
    """The first twenty of anyone."""
    within = Interval(NOW, NOW + timedelta(days=days))
    return list(islice(first_free(offers, ANN, within, NOW), 20))


def test_the_first_page_does_not_know_how_far_it_may_look(rows: Rows) -> None:
    """S3: twenty of anyone cost as much in ten years as in a month; at most 1.5 times."""
    month, decade = (
        offers_of(MANY, Interval(NOW, NOW + timedelta(days=days)), 4) for days in (30, 3650)
    )
    ways = {30: lambda: page(month, 30), 3650: lambda: page(decade, 3650)}
    taken = race(ways, times=10)
    rows.at_most("S3 first page, 3,650 days of 30", taken[3650] / taken[30], 1.5)
    assert len(page(month, 30)) == len(page(decade, 3650)) == 20


def test_a_year_of_fifty_practitioners_fits_into_little_memory(rows: Rows) -> None:
    """S1: at most 64 MiB at the peak, with every free start of the year in a list."""
    offers = offers_of(MANY, YEAR)
    week_of.cache_clear()
    tracemalloc.start()
    found = year_of(offers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, found)) > 150_000
    rows.at_most("S1 MiB at the peak", peak / 2**20, 64)
