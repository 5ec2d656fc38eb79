"""Slots against an independent reading that tries every minute alone (APT-1 to APT-5).

Worlds are drawn from a seed: zones with odd transitions, windows over midnight, exceptions,
buffers under all three rules, meetings that are held. `offered <=> bookable` in each of them.
"""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from tests.spec import slots_spec

from clientportal.domain.availability import Availability, Exceptional, Service, Window
from clientportal.domain.buffers import Buffers, claims_of_time
from clientportal.domain.claims import merged
from clientportal.domain.ids import ClientId, PracticeId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.people import StaffMember
from clientportal.domain.practices import (
    BookingRules,
    BufferRule,
    MessagingPolicy,
    PolicySince,
    Practice,
)
from clientportal.domain.slots import Obstacle, Offer, horizon, obstacle, slots

MINUTE: Final = timedelta(minutes=1)
ANN, BEN = ClientId("cli_1"), ClientId("cli_2")
PIA: Final = StaffId("stf_1")

#: A zone and a local date around which its clocks change.
CHANGES: Final = (
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("America/New_York", date(2026, 3, 8)),
    ("America/New_York", date(2026, 11, 1)),
    ("America/Santiago", date(2026, 9, 6)),
    ("America/Havana", date(2026, 11, 1)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("America/Nuuk", date(2026, 3, 28)),
    ("Africa/Casablanca", date(2026, 2, 15)),
    ("Europe/Dublin", date(2026, 10, 25)),
    ("Antarctica/Troll", date(2026, 3, 29)),
    ("Pacific/Chatham", date(2026, 9, 27)),
    ("America/Boa_Vista", date(2000, 10, 8)),
    ("America/Boa_Vista", date(2000, 10, 15)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Asia/Pyongyang", date(2018, 5, 5)),
    ("America/Caracas", date(2016, 5, 1)),
    ("Asia/Kathmandu", date(2026, 6, 1)),
    ("Pacific/Kiritimati", date(2026, 6, 1)),
    ("UTC", date(2026, 2, 28)),
)
#: Windows that a change of clocks is likely to touch.
EDGES: Final = (0, 30, 60, 90, 120, 125, 150, 180, 210, 240, 1320, 1380, 1410)


def hours(rng: random.Random) -> tuple[int, int]:
    """A window in minutes of its day, often at night, sometimes over midnight or the whole day."""
    if rng.random() < 0.1:
        return 0, 0
    start = rng.choice(EDGES) if rng.random() < 0.6 else rng.randrange(1440)
    return start, (start + rng.randrange(30, 700)) % 1441


def meetings(rng: random.Random, around: datetime) -> tuple[slots_spec.Meeting, ...]:
    """What Pia already has."""
    found = []
    for _ in range(rng.randrange(4)):
        start = around + rng.randrange(-1500, 1500) * MINUTE
        end = start + rng.randrange(5, 120) * MINUTE
        found.append(
            slots_spec.Meeting(start, end, rng.choice((0, 10, 30)), rng.choice((0, 5, 45)))
        )
    return tuple(found)


def question(rng: random.Random, zone: str, day: date) -> slots_spec.Question:
    """A world around a change of clocks."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    since = noon + rng.randrange(-1400, 600) * MINUTE
    step = rng.choice((None, 5, 15, 20, 60))
    duration = rng.choice((15, 25, 50, 60, 120))
    rule = rng.choice(("larger", "sum", "reserved"))
    anchor = rng.choice(("window", "midnight"))
    before = rng.choice((0, 10, 30))
    own = tuple(
        (day + timedelta(days=offset), tuple(hours(rng) for _ in range(rng.randrange(3))))
        for offset in (-1, 0, 1)
        if rng.random() < 0.3
    )
    return slots_spec.Question(
        weekly=tuple(
            (weekday, *hours(rng)) for weekday in range(7) for _ in range(rng.randrange(1, 3))
        ),
        zone=zone,
        since=since,
        until=since + rng.randrange(600, 1600) * MINUTE,
        now=noon + rng.randrange(-4000, 600) * MINUTE + timedelta(seconds=7),
        duration=duration,
        step=step,
        anchor=anchor,
        exceptions=dict(own),
        before=before,
        after=rng.choice((0, 5, 40)),
        rule=rule,
        busy=meetings(rng, noon),
        client_busy=tuple(meeting[:2] for meeting in meetings(rng, noon)[:1]),
        notice=rng.choice((0, 90, 1440)),
        horizon_months=rng.choice((1, 12)),
        practice_zone=rng.choice((None, "America/New_York")),
    )


def offer_of(asked: slots_spec.Question) -> Offer:
    """The same world as the library has it; the staff member's level names the zone."""
    practice_id = PracticeId("prc_1")
    rule = BufferRule(asked.rule)
    booking = BookingRules(
        min_notice=asked.notice * MINUTE, horizon_months=asked.horizon_months, buffers=rule
    )
    practice = Practice(
        id=practice_id,
        name="Riverside",
        timezone=asked.practice_zone or asked.zone,
        policies=(PolicySince(MessagingPolicy.REPLY_ONLY, datetime(2010, 1, 1, tzinfo=UTC)),),
        booking=booking,
    )
    level = Availability(
        practice_id=practice_id,
        staff_id=PIA,
        timezone=asked.zone,
        weekly=tuple(Window(weekday=d, start=start, end=end) for d, start, end in asked.weekly),
        exceptions=tuple(
            Exceptional(day=day, windows=windows) for day, windows in asked.exceptions.items()
        ),
    )
    service = Service(
        id=ServiceId("svc_1"),
        name="Talk",
        duration=asked.duration,
        buffer_before=asked.before,
        buffer_after=asked.after,
        step=asked.step,
        from_midnight=asked.anchor == "midnight",
    )
    return Offer(
        practice=practice,
        service=service,
        staff=StaffMember(id=PIA, name="Pia"),
        levels=(level,),
        held=tuple(held(asked, rule)),
    )


def held(asked: slots_spec.Question, rule: BufferRule) -> tuple[Any, ...]:
    """The claims of the meetings, as storage gives them."""
    claims = []
    for start, end, before, after in asked.busy:
        buffers = Buffers(before=before, after=after, rule=rule)
        claims += claims_of_time(PIA, BEN, Interval(start, end), buffers)
    for start, end in asked.client_busy:
        claims += claims_of_time(StaffId("stf_2"), ANN, Interval(start, end), Buffers())
    return merged(claims)


def compare(rng: random.Random, asked: slots_spec.Question) -> list[Moment]:
    """Both readings of one world; the slots it has."""
    offer, now = offer_of(asked), asked.now
    within = Interval(asked.since, asked.until)
    found = list(slots(offer, ANN, within, now))
    starts = [slot.interval.start for slot in found]
    assert starts == slots_spec.bookable(asked), asked
    assert all(slot.interval.duration == asked.duration * MINUTE for slot in found)
    offered = set(starts)
    tried = [
        *rng.sample(starts, min(3, len(starts))),
        *(within.start + rng.randrange(600) * MINUTE for _ in range(6)),
    ]
    for start in tried:
        assert (obstacle(offer, ANN, start, now) is None) is (start in offered), (asked, start)
    return starts


@pytest.mark.parametrize(("zone", "day"), CHANGES, ids=lambda value: str(value).replace("/", " "))
def test_offered_equals_bookable(zone: str, day: date) -> None:
    """APT-2, APT-3: what is offered is what could be booked minute by minute, and nothing else."""
    rng = random.Random(f"{zone} {day}")
    assert sum(len(compare(rng, question(rng, zone, day))) for _ in range(4)) > 0


@pytest.mark.ci
@pytest.mark.parametrize(("zone", "day"), CHANGES, ids=lambda value: str(value).replace("/", " "))
def test_offered_equals_bookable_in_many_worlds(zone: str, day: date) -> None:
    """APT-2, APT-3: the same in two hundred worlds around each change of clocks."""
    rng = random.Random(f"many {zone} {day}")
    for _ in range(200):
        compare(rng, question(rng, zone, day))


# --- The rules whose edges the worlds leave out --------------------------------------------------

NOON: Final = datetime(2026, 3, 4, 12, tzinfo=UTC)


def plain(**given: Any) -> slots_spec.Question:
    """One-hour meetings in UTC, at any time, asked in the morning."""
    base = slots_spec.Question(
        weekly=tuple((weekday, 0, 0) for weekday in range(7)),
        zone="UTC",
        since=NOON,
        until=NOON + timedelta(hours=6),
        now=NOON - timedelta(hours=4),
        duration=60,
    )
    return base._replace(**given)


def blocked(asked: slots_spec.Question, start: Moment) -> Obstacle | None:
    """What keeps Ann from this start."""
    return obstacle(offer_of(asked), ANN, start, asked.now)


def test_obstacles_in_their_order() -> None:
    """APT-3: notice, horizon, window, busy; the first one is named, never whose it is."""
    full = plain(busy=(slots_spec.Meeting(NOON, NOON + timedelta(hours=1)),), notice=300)
    assert blocked(full, NOON) is Obstacle.NOTICE
    assert blocked(full._replace(notice=240), NOON) is Obstacle.BUSY
    assert blocked(full._replace(notice=240, weekly=()), NOON) is Obstacle.WINDOW
    assert blocked(full._replace(weekly=()), NOON + timedelta(days=400)) is Obstacle.HORIZON
    assert blocked(plain(), NOON) is None
    assert blocked(plain(), NOON + timedelta(minutes=7)) is Obstacle.WINDOW
    assert blocked(plain(now=NOON), NOON) is Obstacle.NOTICE


def test_the_horizon_is_calendar_months_in_the_practices_zone() -> None:
    """APT-5: twelve months on, at the same time of the practice's day, is the last in reach."""
    asked = plain(practice_zone="America/New_York", now=datetime(2026, 3, 8, 4, 30, tzinfo=UTC))
    practice = offer_of(asked).practice
    assert horizon(practice, asked.now) == datetime(2027, 3, 8, 4, 30, tzinfo=UTC)
    summer = datetime(2026, 7, 31, 12, tzinfo=UTC)
    autumn = datetime(2026, 10, 1, 5, 30, 7, tzinfo=UTC)  # a month on, that time comes twice
    one = offer_of(plain(horizon_months=1, practice_zone="America/New_York")).practice
    assert horizon(one, autumn) == datetime(2026, 11, 1, 5, 30, 7, tzinfo=UTC)
    gap = datetime(2026, 2, 8, 7, 30, 7, tzinfo=UTC)  # a month on, it does not come
    assert horizon(one, gap) == datetime(2026, 3, 8, 7, tzinfo=UTC)
    seven = offer_of(plain(horizon_months=7, practice_zone="America/New_York")).practice
    assert horizon(seven, summer) == datetime(2027, 2, 28, 13, tzinfo=UTC)
    last = datetime(2027, 3, 4, 8, tzinfo=UTC)
    assert blocked(plain(), last + timedelta(hours=1)) is Obstacle.HORIZON
    assert blocked(plain(), last) is None


def test_reserved_buffers_lie_within_the_window() -> None:
    """APT-4: starts are counted from the window; one whose buffers do not fit is not offered."""
    asked = plain(
        weekly=((2, 540, 720),), rule="reserved", before=10, after=5, since=NOON.replace(hour=0)
    )
    starts = [
        slot.interval.start
        for slot in slots(
            offer_of(asked), ANN, Interval(asked.since, asked.until), NOON.replace(hour=0)
        )
    ]
    assert starts == [NOON.replace(hour=10)]


def test_overlapping_windows_give_their_starts_in_order_and_once() -> None:
    """APT-2: each window counts its own starts; together they are sorted, none twice."""
    asked = plain(weekly=((2, 720, 900), (2, 750, 870), (1, 1380, 810)), step=60)
    found = [
        s.interval.start
        for s in slots(offer_of(asked), ANN, Interval(asked.since, asked.until), asked.now)
    ]
    assert found == sorted(set(found)) == slots_spec.bookable(asked)
    assert NOON + timedelta(minutes=30) in found
