"""The numbers of chapter 3, tried on the specifications of it at their exact boundaries."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.spec import booking_spec as booking
from tests.spec import claims_spec as claims
from tests.spec import slots_spec as slots
from tests.spec.claims_spec import Booking, World

TICK = timedelta(microseconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
TEN = datetime(2025, 6, 3, 10, tzinfo=UTC)
BEFORE = TEN - 7 * DAY

# --- Claims (APT-4, APT-5, APT-7) ----------------------------------------------------------------


def visit(name: str, start: datetime = TEN, minutes: int = 60, **more: Any) -> Booking:
    """A booked hour with staff `s`."""
    given: dict[str, Any] = {"status": "booked", "staff": "s", "client": name} | more
    return Booking(id=name, start=start, end=start + minutes * MINUTE, **given)


def wrong(*bookings: Booking, now: datetime = BEFORE, **more: Any) -> list[tuple[str, ...]]:
    """What of APT-7 these break together."""
    return claims.violations(World(bookings, **more), now)


def test_apt7_half_open() -> None:
    """APT-2, APT-7: touching is no overlap, a microsecond is one."""
    assert wrong(visit("a"), visit("b", TEN + HOUR)) == []
    assert wrong(visit("a"), visit("b", TEN + HOUR - TICK)) == [("staff", "a", "b")]


@pytest.mark.parametrize(
    ("rule", "needed"), [("larger", 20), ("sum", 30), ("reserved", 30)], ids=str
)
def test_apt4_buffers(rule: str, needed: int) -> None:
    """APT-4: the earlier one's buffer after is 20, the later one's before is 10."""
    first = visit("a", after=20, before=45)
    near = visit("b", TEN + HOUR + (needed - 1) * MINUTE, before=10, after=45)
    clear = visit("b", TEN + HOUR + needed * MINUTE, before=10, after=45)
    assert wrong(first, near, rule=rule) == [("staff", "a", "b")]
    assert wrong(near, first, rule=rule) == [("staff", "a", "b")]
    assert wrong(first, clear, rule=rule) == []


def test_apt7_each_resource() -> None:
    """APT-7: staff, client and room, each by itself and all together."""
    alone = visit("a", room="r")
    assert wrong(alone, visit("b", staff="t")) == []
    assert wrong(alone, visit("b", staff="t", client="a")) == [("client", "a", "b")]
    assert wrong(alone, visit("b", staff="t", room="r")) == [("room", "a", "b")]
    both = visit("b", client="a", room="r")
    assert wrong(alone, both) == [("client", "a", "b"), ("room", "a", "b"), ("staff", "a", "b")]


def test_apt4_buffers_are_of_staff_only() -> None:
    """APT-4, APT-5: client and room are free again at the end."""
    first = visit("a", room="r", after=20)
    assert wrong(first, visit("b", TEN + HOUR, staff="t", client="a", room="r")) == []


def test_apt5_overbook_claims_no_staff_time() -> None:
    """APT-5: client and room claims stay."""
    assert wrong(visit("a"), visit("b", overbook=True)) == []
    assert wrong(visit("a"), visit("b", client="a", overbook=True)) == [("client", "a", "b")]
    rooms = wrong(visit("a", room="r"), visit("b", room="r", overbook=True))
    assert rooms == [("room", "a", "b")]


@pytest.mark.parametrize("status", claims.ENDED)
def test_apt7_what_ended_is_free(status: str) -> None:
    """APT-6, APT-7: declined, cancelled and lapsed appointments take nothing."""
    assert wrong(visit("a", status=status), visit("b")) == []


def test_apt6_a_request_occupies_until_it_lapses() -> None:
    """APT-6: a request takes its time until its start."""
    asked = visit("a", status="requested")
    assert wrong(asked, visit("b"), now=TEN - TICK) == [("staff", "a", "b")]
    assert wrong(asked, visit("b"), now=TEN) == []


def test_apt6_a_hold_is_ten_minutes() -> None:
    """APT-6: absolute, half-open."""
    hold = visit("a", status="held", held_at=BEFORE)
    assert wrong(hold, visit("b"), now=BEFORE + 10 * MINUTE - TICK) == [("staff", "a", "b")]
    assert wrong(hold, visit("b"), now=BEFORE + 10 * MINUTE) == []


def test_apt9_a_move_that_waits_takes_both_times() -> None:
    """APT-9: the old time stays claimed, and neither blocks the other."""
    later = TEN + HOUR / 2
    moving = visit("a", status="requested", moving_to=(later, later + HOUR))
    assert wrong(moving) == []
    assert wrong(moving, visit("b", TEN - HOUR / 2)) == [("staff", "a", "b")]
    assert wrong(moving, visit("b", TEN + HOUR)) == [("staff", "a", "b")]
    assert wrong(moving, visit("b", TEN + 1.5 * HOUR)) == []
    assert wrong(moving, visit("b", TEN + HOUR), now=later) == []


def test_apt16_imported_history_holds_no_claim() -> None:
    """APT-16: two past visits may lie upon each other."""
    past = visit("a", status="fulfilled", imported=True)
    assert wrong(past, visit("b", status="fulfilled", imported=True)) == []
    assert wrong(visit("a", status="fulfilled"), visit("b")) == [("staff", "a", "b")]


def test_apt11_never_more_than_the_seats() -> None:
    """APT-7, APT-11: a session shares its staff and room with its seats, which are counted."""
    group = visit("g", client=None, session="g", room="r")
    taken = [visit(one, session="g", room="r") for one in "abc"]
    assert wrong(group, *taken, seats=(("g", 3),)) == []
    assert wrong(group, *taken, seats=(("g", 2),)) == [("seats", "g")]
    other = visit("h", client=None, session="h", room="r")
    assert wrong(group, other, seats=(("g", 3), ("h", 3))) == [
        ("room", "g", "h"),
        ("staff", "g", "h"),
    ]


# --- Booking (APT-3, APT-5, APT-6) ---------------------------------------------------------------

HOURS = slots.Question(
    weekly=tuple((weekday, 540, 1020) for weekday in range(7)),
    zone="UTC",
    since=TEN,
    until=TEN,
    now=BEFORE,
    duration=60,
)


def wish(*there: Booking, start: datetime = TEN, **more: Any) -> booking.Wish:
    """Client `c` wants an hour with `s`, who works from 9 to 17."""
    new = more.pop("new", visit("c", start, status="requested"))
    given: dict[str, Any] = {"by": "client", "now": BEFORE, "hours": HOURS} | more
    return booking.Wish(new=new, world=World(there), **given)


def test_apt3_nothing_in_the_way() -> None:
    """APT-3: no reason, so it may be booked."""
    assert booking.reasons(wish()) == []
    assert booking.why_not(wish()) is None


def test_apt5_notice() -> None:
    """APT-5: exactly the notice is enough, and nobody books the past."""
    hours = HOURS._replace(notice=120)
    assert booking.reasons(wish(now=TEN - 2 * HOUR, hours=hours)) == []
    assert booking.reasons(wish(now=TEN - 2 * HOUR + TICK, hours=hours)) == ["notice"]
    assert booking.reasons(wish(now=TEN)) == []
    assert booking.reasons(wish(now=TEN + TICK)) == ["notice"]


def test_apt5_horizon() -> None:
    """APT-5: 12 calendar months in the practice's zone, the last instant within."""
    assert booking.reasons(wish(now=TEN.replace(year=2024))) == []
    assert booking.reasons(wish(now=TEN.replace(year=2024) - TICK)) == ["horizon"]
    hours = HOURS._replace(practice_zone="Europe/Berlin")
    winter = datetime(2024, 3, 31, 0, 30, tzinfo=UTC)  # 01:30 by the wall, a year on in summer time
    summer = datetime(2025, 3, 31, 9, tzinfo=UTC)
    assert booking.reasons(wish(start=summer, now=winter, hours=hours)) == ["horizon"]
    assert booking.reasons(wish(start=summer, now=winter + 9 * HOUR, hours=hours)) == []


def test_apt2_windows_and_whole_minutes() -> None:
    """APT-1, APT-2: only starts of the grid, and only whole minutes."""
    assert booking.reasons(wish(start=TEN + 30 * MINUTE)) == ["window"]
    assert booking.reasons(wish(start=TEN.replace(hour=17))) == ["window"]
    assert booking.reasons(wish(start=TEN + timedelta(seconds=1))) == ["minute", "window"]
    assert booking.why_not(wish(start=TEN + TICK)) == "window"


def test_apt3_buffer_or_busy() -> None:
    """APT-3, APT-4: too near is `buffer`, upon each other is `busy`."""
    assert booking.reasons(wish(visit("a", TEN - HOUR, after=5))) == ["buffer"]
    assert booking.reasons(wish(visit("a", TEN - HOUR))) == []
    assert booking.reasons(wish(visit("a", TEN - MINUTE, minutes=2))) == ["busy"]
    assert booking.reasons(wish(visit("a", status="outside", client=None))) == ["busy"]


def test_apt3_does_not_say_whose() -> None:
    """APT-3: a hold, a room and an appointment of one's own are all told as `busy`."""
    hold = visit("a", status="held", held_at=BEFORE)
    assert booking.reasons(wish(hold)) == ["held"]
    own = visit("a", staff="t", client="c")
    assert booking.reasons(wish(own)) == ["own_overlap"]
    in_room = visit("c", room="r", status="requested")
    assert booking.reasons(wish(visit("a", staff="t", room="r"), new=in_room)) == ["room"]
    for one in (wish(hold), wish(own), wish(visit("a", staff="t", room="r"), new=in_room)):
        assert booking.why_not(one) == "busy"


def test_apt5_limits() -> None:
    """APT-5: upcoming appointments in total and of one service; what has started is none."""
    one = visit("a", TEN + DAY, client="c", service="talk")
    asked = visit("b", TEN + 2 * DAY, client="c", status="requested")
    assert booking.reasons(wish(one, asked, limit=3)) == []
    assert booking.reasons(wish(one, asked, limit=2)) == ["limit"]
    assert booking.reasons(wish(one, limit_per_service=1)) == []
    assert booking.reasons(wish(asked, limit_per_service=1)) == ["limit_per_service"]
    assert booking.why_not(wish(asked, limit_per_service=1)) == "limit"
    begun = visit("a", BEFORE, client="c")
    assert booking.reasons(wish(begun, limit=1)) == []
    assert booking.reasons(wish(begun, limit=1, now=BEFORE - TICK)) == ["limit"]
    others = visit("a", TEN + DAY), visit("b", TEN + DAY, client="c", status="cancelled")
    assert booking.reasons(wish(*others, limit=1)) == []
    moving = visit("c", TEN, status="requested", client="c")
    assert booking.reasons(wish(one, limit=1, moving="a", new=moving)) == []


def test_apt5_staff_are_not_bound_by_client_limits() -> None:
    """APT-5: neither notice nor horizon, windows or limits; but claims stay."""
    there = visit("a", TEN + DAY, client="c")
    free: dict[str, Any] = {"by": "staff", "online": False, "limit": 1}
    assert booking.reasons(wish(there, **free)) == []
    assert booking.reasons(wish(there, **(free | {"by": "client"}))) == ["not_online", "limit"]
    night = visit("c", TEN.replace(year=2030, hour=3))
    assert booking.reasons(wish(**free, new=night)) == []
    assert booking.reasons(wish(visit("a"), **free)) == ["busy"]


def test_apt5_overbook() -> None:
    """APT-5: by staff only; it takes no staff time, but client and room stay claimed."""
    over = visit("c", overbook=True, room="r")
    assert booking.reasons(wish(visit("a"), by="staff", new=over)) == []
    assert booking.reasons(wish(visit("a", client="c"), by="staff", new=over)) == ["own_overlap"]
    assert booking.reasons(wish(visit("a", room="r"), by="staff", new=over)) == ["room"]
    assert booking.reasons(wish(new=over)) == ["overbook_by_client"]


def test_apt9_never_blocks_its_own_move() -> None:
    """APT-9: nor with the old time, nor with the one asked for before."""
    later = TEN + HOUR
    there = visit("a", client="c", status="requested", moving_to=(later, later + HOUR))
    moving = visit("c", TEN + HOUR, status="requested")
    assert booking.reasons(wish(there, new=moving, moving="a")) == []
    assert booking.reasons(wish(there, new=moving)) == ["busy", "own_overlap"]


def test_apt11_capacity() -> None:
    """APT-3, APT-11: a full session is `capacity`."""
    there = (visit("g", client=None, session="g"), visit("a", session="g"))
    seat = visit("c", session="g")
    for number, expected in ((2, []), (1, ["capacity"])):
        asked = wish(new=seat)
        world = World(there, seats=(("g", number),))
        assert booking.reasons(asked._replace(world=world)) == expected


def test_apt6_one_hold_per_client() -> None:
    """APT-6: a new one replaces the former; the same one again does not last longer."""
    first = booking.hold(wish(), "h1")
    assert first is not None
    assert [one.held_at for one in first.bookings] == [BEFORE]
    again = booking.hold(wish(now=BEFORE + MINUTE)._replace(world=first), "h2")
    assert again is not None
    assert [(one.id, one.held_at) for one in again.bookings] == [("h2", BEFORE)]
    other = booking.hold(wish(start=TEN + HOUR)._replace(world=again), "h3")
    assert other is not None
    assert [one.start for one in other.bookings] == [TEN + HOUR]
    theirs = visit("d", TEN + HOUR, status="requested")
    assert booking.hold(wish(new=theirs)._replace(world=other), "h4") is None
    assert booking.reasons(wish(start=TEN + HOUR)._replace(world=other)) == []


def test_apt7_the_loser_hears_the_nearest() -> None:
    """APT-7: free ones only, nearest first."""
    starts = [TEN + number * HOUR for number in range(-1, 4)]
    asked = wish(visit("a"), visit("b", TEN + HOUR))
    assert booking.nearest(asked, starts, 2) == [TEN - HOUR, TEN + 2 * HOUR]
