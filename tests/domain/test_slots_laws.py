"""Laws of slots: offered is what nothing stands in the way of, of one and of many (APT-3)."""

from __future__ import annotations

import random
import struct
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import islice
from typing import Any, Final
from zoneinfo import ZoneInfo

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.domain.test_slots_against_spec import ANN, BEN, CHANGES, MINUTE, offer_of, question

from clientportal.domain.availability import Pattern, Window
from clientportal.domain.buffers import Buffers, claims_of_time
from clientportal.domain.claims import Exclusive, merged
from clientportal.domain.grids import (
    Shape,
    calendar_of,
    minute_of,
    moment_at,
    starts_between,
    steady,
)
from clientportal.domain.ids import StaffId
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.people import StaffMember
from clientportal.domain.practices import BufferRule
from clientportal.domain.slots import FIRST_LOOK, Offer, first_free, free, is_busy, obstacle, slots

ZONES: Final = st.sampled_from(CHANGES)


def minutes(within: Interval) -> list[Moment]:
    """Every whole minute of it."""
    first, end = minute_of(within.start), minute_of(within.end) + 1
    every = (moment_at(minute) for minute in range(first, end))
    return [at for at in every if within.start <= at < within.end]


@settings(max_examples=30, deadline=None)
@given(rng=st.randoms(use_true_random=False), zone=ZONES)
def test_offered_is_what_has_no_obstacle(rng: random.Random, zone: tuple[str, date]) -> None:
    """APT-3: of one staff member, of every minute of a day or so."""
    asked = question(rng, *zone)
    offer, within = offer_of(asked), Interval(asked.since, asked.until)
    expected = [at for at in minutes(within) if obstacle(offer, ANN, at, asked.now) is None]
    assert [s.interval.start for s in slots(offer, ANN, within, asked.now)] == expected


def several(rng: random.Random, zone: tuple[str, date]) -> tuple[list[Offer], Any]:
    """Up to four who offer the same, each with hours, zone and time held of their own."""
    asked = question(rng, *zone)
    first, found = offer_of(asked), []
    for number in range(rng.randrange(1, 5)):
        other = offer_of(question(rng, *rng.choice((zone, ("UTC", zone[1])))))
        staff = StaffMember(id=StaffId(f"stf_{number + 1}"), name="Pia")
        held = merged(_renamed(each, staff.id) for each in other.held)
        found.append(evolve(first, staff=staff, levels=other.levels, held=held))
    rng.shuffle(found)
    return found, asked


def _renamed(claim: Exclusive, staff_id: StaffId) -> Exclusive:
    return evolve(claim, resource=staff_id) if claim.resource == "stf_1" else claim


@settings(max_examples=15, deadline=None)
@given(rng=st.randoms(use_true_random=False), zone=ZONES)
def test_the_first_of_many_are_the_slots_of_each(
    rng: random.Random, zone: tuple[str, date]
) -> None:
    """APT-3: all that has no obstacle with somebody, by (start, staff id), and any page of it."""
    offers, asked = several(rng, zone)
    within = Interval(asked.since, min(asked.until, asked.since + timedelta(hours=12)))
    expected = sorted(
        (at, offer.staff.id)
        for offer in offers
        for at in minutes(within)
        if obstacle(offer, ANN, at, asked.now) is None
    )
    found = [(s.interval.start, s.staff_id) for s in first_free(offers, ANN, within, asked.now)]
    assert found == expected
    page = islice(first_free(offers, ANN, within, asked.now), 5)
    assert [(s.interval.start, s.staff_id) for s in page] == expected[:5]


@settings(max_examples=25, deadline=None)
@given(rng=st.randoms(use_true_random=False), rule=st.sampled_from(BufferRule))
def test_busy_by_bisection_is_busy_by_looking_at_everything(
    rng: random.Random, rule: BufferRule
) -> None:
    """APT-7: weeks of time held, in any lanes: what is offered meets none of it."""
    asked = question(rng, "UTC", date(2026, 6, 1))._replace(rule=rule.value, weekly=_ALWAYS)
    offer = offer_of(asked._replace(exceptions={}, step=1, notice=0, horizon_months=12))
    held: list[Exclusive] = []
    for _ in range(rng.randrange(60)):
        start = asked.since + rng.randrange(40 * 1440) * MINUTE
        meeting = Interval(start, start + rng.randrange(1, 1440) * MINUTE)
        buffers = Buffers(before=rng.randrange(40), after=rng.randrange(40), rule=rule)
        other = rng.choice((offer.staff.id, StaffId("stf_2")))
        held += claims_of_time(other, ANN, meeting, buffers)
        held += claims_of_time(offer.staff.id, BEN, meeting, buffers)
    offer = evolve(offer, held=merged(held))
    within = Interval(asked.since, asked.since + timedelta(days=40))
    span = minute_of(within.start) + 1, minute_of(within.end)
    starts = {moment_at(minute) for found in free(offer, ANN, *span) for minute in found}
    tried = [asked.since + rng.randrange(40 * 1440) * MINUTE for _ in range(200)]
    edges = [at for each in held for at in (each.interval.start, each.interval.end)]
    for edge in rng.sample(edges, min(20, len(edges))):
        tried += [edge + n * MINUTE for n in (-offer.service.duration, -1, 0, 1)]
    empty = evolve(offer, held=())
    for at in tried:
        start = at.replace(second=0, microsecond=0)
        if start < within.end and obstacle(empty, ANN, start, asked.since) is None:
            assert (start in starts) is not is_busy(offer, ANN, start), start


_ALWAYS: Final = tuple((weekday, 0, 0) for weekday in range(7))


def test_time_held_across_the_ends_of_looks_is_held() -> None:
    """APT-7: what began before the first minute asked for, and what lasts from one look to more."""
    asked = question(random.Random(1), "UTC", date(2026, 6, 1))._replace(
        weekly=_ALWAYS, exceptions={}, step=1, notice=0, horizon_months=12, rule="larger"
    )
    offer, first = offer_of(asked), minute_of(asked.since)
    meetings = ((-600, 180), (FIRST_LOOK - 300, FIRST_LOOK + 900), (3 * FIRST_LOOK - 1, 30_000))
    held: list[Exclusive] = []
    for begin, end in meetings:
        meeting = Interval(moment_at(first + begin), moment_at(first + end))
        held += claims_of_time(offer.staff.id, BEN, meeting, Buffers())
    offer = evolve(offer, held=merged(held))
    found, open_ = (
        {m for some in free(each, ANN, first, first + 40_000) for m in some}
        for each in (offer, evolve(offer, held=()))
    )
    duration, before = offer.service.duration, offer.service.buffer_before
    after = offer.service.buffer_after
    taken = {
        first + minute
        for begin, end in meetings
        for minute in range(begin - duration - after + 1, end + before)
    }
    assert found == open_ - taken != open_


# --- A day on which the clock is changed twice ---------------------------------------------------


def zone_with(*steps: tuple[datetime, int]) -> ZoneInfo:
    """A zone of our own: UTC until the first step, then so many minutes ahead of it."""
    offsets = [0, *(minutes * 60 for _, minutes in steps)]
    head = b"TZif2" + bytes(15)
    counts = struct.pack(">6l", 0, 0, 0, len(steps), len(offsets), 4)
    types = b"".join(struct.pack(">lbb", offset, 0, 0) for offset in offsets) + b"ABC\0"
    moments = [int(at.timestamp()) for at, _ in steps]
    places = bytes(range(1, len(offsets)))
    old = struct.pack(f">{len(steps)}l", *moments) + places + types
    new = struct.pack(f">{len(steps)}q", *moments) + places + types
    return ZoneInfo.from_file(BytesIO(head + counts + old + head + counts + new + b"\n\n"))


TWICE: Final = datetime(2026, 6, 2, 9, 15, tzinfo=UTC)


@pytest.mark.parametrize("there", [-120, -60, 30, 60, 180])
@pytest.mark.parametrize("hours", [1, 2, 5, 30])
@pytest.mark.parametrize("from_midnight", [False, True])
def test_two_opposite_changes_within_a_day(there: int, hours: int, from_midnight: bool) -> None:
    """APT-2: midnights that agree prove nothing: the clock was changed, and changed back."""
    zone = zone_with((TWICE, there), (TWICE + timedelta(hours=hours), 0))
    shape = Shape(step=20, before=0, after=40, from_midnight=from_midnight)
    always = tuple(Window(weekday=day, start=515, end=1205) for day in range(7))
    calendar = evolve(calendar_of(Pattern(timezone="UTC", weekly=always), shape), zone=zone)
    first, end = minute_of(TWICE) - 1440, minute_of(TWICE) + 3 * 1440
    found = [minute for week in starts_between(calendar, first, end) for minute in week]
    assert steady(zone, TWICE.date().toordinal(), 1) is None
    assert found == _by_minutes(zone, shape, first, end)


def _by_minutes(zone: ZoneInfo, shape: Shape, first: int, end: int) -> list[int]:
    """The starts between 08:35 and 20:05, by reading the clock at each minute."""
    found, shown = [], dict[datetime, int]()
    for minute in range(first - 2880, end + 2880):
        wall = moment_at(minute).astimezone(zone).replace(tzinfo=None, fold=0)
        shown.setdefault(wall, minute)
    for wall, minute in shown.items():
        midnight = wall.replace(hour=0, minute=0)
        opens, closes = (midnight + timedelta(minutes=m) for m in (515, 1205))
        steps = (wall - (midnight if shape.from_midnight else opens)) // MINUTE
        if steps % shape.step or not (opens <= wall < closes and first <= minute < end):
            continue
        begin, finish = (min(m for w, m in shown.items() if w >= edge) for edge in (opens, closes))
        if begin <= minute and minute + shape.after <= finish:
            found.append(minute)
    return sorted(found)
