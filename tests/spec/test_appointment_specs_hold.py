"""The numbers of chapter 3, tried on the specifications of it at their exact boundaries."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.spec import booking_spec as booking
from tests.spec import claims_spec as claims
from tests.spec import join_spec as join
from tests.spec import life_spec as life
from tests.spec import reminders_spec as reminders
from tests.spec import seats_spec as seats
from tests.spec import series_spec as series
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


# --- Life (APT-6, APT-8, APT-9, APT-13) ----------------------------------------------------------


def act(at: datetime, by: str, kind: str, start: datetime | None = None, **more: Any) -> life.Act:
    """One act; without a reason unless given."""
    return life.Act(at, by, kind, start, **more)


def setting(at: datetime = BEFORE - DAY, *, auto: bool = False, **policy: Any) -> life.Act:
    """The practice's settings from here on."""
    return act(at, "staff", "settings", policy=life.Policy(**policy), auto_accept=auto)


ASKED = act(BEFORE, "client", "book", TEN)
MADE = act(BEFORE, "staff", "book", TEN)
ACCEPTED = act(BEFORE + HOUR, "staff", "accept")
LATER = TEN + 3 * DAY


def status(now: datetime, *acts: life.Act) -> str:
    """Where the appointment stands."""
    return life.state_at(acts, now).status


def last(*acts: life.Act) -> tuple[str, bool]:
    """The code of the last act, and whether it was late."""
    answer = life.replay(acts)[-1]
    return answer.code, answer.late


def test_apt6_request_accept_decline() -> None:
    """APT-6: a client's booking is a request, booked under auto-accept; staff book."""
    assert status(BEFORE, ASKED) == "requested"
    assert status(BEFORE, setting(auto=True), ASKED) == "booked"
    assert status(BEFORE, MADE) == "booked"
    assert status(TEN, ASKED, ACCEPTED) == "booked"
    assert status(TEN, ASKED, act(BEFORE, "staff", "decline")) == "declined"
    assert last(ASKED, act(BEFORE, "client", "accept")) == ("staff_only", False)
    assert last(ASKED, ACCEPTED, ACCEPTED) == ("not_requested", False)


def test_apt6_lapses_at_its_start() -> None:
    """APT-6: to the microsecond, and nobody accepts it any more."""
    assert status(TEN - TICK, ASKED) == "requested"
    assert status(TEN, ASKED) == "lapsed"
    assert last(ASKED, act(TEN - TICK, "staff", "accept")) == ("booked", False)
    assert last(ASKED, act(TEN, "staff", "accept")) == ("not_requested", False)


def test_apt8_cancelling() -> None:
    """APT-8: exactly 24 hours is in time; after the start a client cannot."""
    for at, expected in (
        (TEN - DAY, ("cancelled", False)),
        (TEN - DAY + TICK, ("late_cancelled", True)),
        (TEN - TICK, ("late_cancelled", True)),
        (TEN, ("already_started", False)),
    ):
        assert last(MADE, act(at, "client", "cancel")) == expected
        assert last(MADE, act(at, "staff", "cancel")) == ("cancelled", False)
    assert last(ASKED, act(TEN - TICK, "client", "cancel")) == ("cancelled", False)


def test_apt8_outside_the_notice_refused() -> None:
    """APT-8: cancelling and moving have each their own notice and policy."""
    strict = setting(cancel_outside="refuse", move_notice=2 * DAY)
    at = TEN - DAY + TICK
    assert last(strict, MADE, act(at, "client", "cancel")) == ("outside_notice", False)
    assert last(strict, MADE, act(at, "client", "move", LATER)) == ("requested", True)
    other = setting(cancel_notice=2 * DAY, move_outside="refuse")
    assert last(other, MADE, act(at, "client", "cancel")) == ("late_cancelled", True)
    assert last(other, MADE, act(at, "client", "move", LATER)) == ("outside_notice", False)
    assert last(other, MADE, act(at - TICK, "client", "move", LATER)) == ("requested", False)
    assert last(other, MADE, act(at, "staff", "move", LATER)) == ("moved", False)


def test_apt8_the_snapshot_applies() -> None:
    """APT-8, APT-9: what applied at the first booking, also after a move."""
    stricter = setting(BEFORE + DAY, cancel_outside="refuse", cancel_notice=3 * DAY)
    assert last(MADE, stricter, act(TEN - DAY, "client", "cancel")) == ("cancelled", False)
    moved = act(BEFORE + 2 * DAY, "staff", "move", LATER)
    ahead = act(LATER - DAY, "client", "cancel")
    assert last(MADE, stricter, moved, ahead) == ("cancelled", False)
    new = life.Act(BEFORE + 2 * DAY, "staff", "book", LATER)
    assert last(stricter, new, ahead) == ("outside_notice", False)


def test_apt8_regret() -> None:
    """APT-8: 15 minutes after booking or moving beat both, never past the start."""
    strict = setting(cancel_outside="refuse", move_outside="refuse")
    soon = life.Act(TEN - HOUR, "staff", "book", TEN)
    for kind, allowed in (("cancel", "cancelled"), ("move", "requested")):
        inside = act(TEN - 45 * MINUTE - TICK, "client", kind, LATER)
        outside = act(TEN - 45 * MINUTE, "client", kind, LATER)
        assert last(strict, soon, inside) == (allowed, False)
        assert last(strict, soon, outside) == ("outside_notice", False)
    late = life.Act(TEN - MINUTE, "staff", "book", TEN)
    assert last(strict, late, act(TEN, "client", "cancel")) == ("already_started", False)
    back = act(TEN - 30 * MINUTE, "staff", "move", TEN + HOUR)
    after = act(TEN - 20 * MINUTE, "client", "cancel")
    assert last(strict, soon, back, after) == ("cancelled", False)
    assert last(strict, soon, after) == ("outside_notice", False)


def test_apt8_a_second_cancel() -> None:
    """APT-8: allowed, changes nothing, needs no reason, and may come after the start."""
    first = act(TEN - DAY, "client", "cancel", reason="ill")
    for by in ("client", "staff"):
        again = life.replay([setting(reason_required=True), MADE, first, act(TEN, by, "cancel")])
        assert (again[-1].allowed, again[-1].code) == (True, "already_cancelled")
        assert again[-1].state == again[-2].state


def test_apt8_a_required_reason() -> None:
    """APT-8: optional unless the practice requires it."""
    needed = setting(reason_required=True)
    plain = act(TEN - DAY, "client", "cancel")
    assert last(needed, MADE, plain) == ("reason_required", False)
    assert last(needed, MADE, plain._replace(reason="ill")) == ("cancelled", False)
    assert last(MADE, plain) == ("cancelled", False)


def test_apt8_only_requested_or_booked() -> None:
    """APT-8: nothing that is over is moved or cancelled."""
    for end in ("fulfil", "no_show"):
        over = act(TEN, "staff", end)
        for by in ("client", "staff"):
            assert last(MADE, over, act(TEN, by, "cancel")) == ("not_cancellable", False)
            assert last(MADE, over, act(TEN, by, "move", LATER)) == ("not_movable", False)


def test_apt9_a_move_under_auto_accept() -> None:
    """APT-9: booked at once, version + 1, the former time remembered, no confirmation."""
    move = act(TEN - DAY, "client", "move", LATER)
    confirmed = act(BEFORE, "client", "confirm")
    state = life.state_at([setting(auto=True), MADE, confirmed, move], TEN - DAY)
    assert (state.status, state.start, state.version) == ("booked", LATER, 2)
    assert (state.former, state.late_move, state.confirmed) == ((TEN,), False, False)
    late = life.state_at([setting(auto=True), MADE, move._replace(at=TEN - DAY + TICK)], TEN)
    assert late.late_move


def test_apt9_a_move_that_waits() -> None:
    """APT-9: keeps the old time until accepted, stays there if declined or lapsed."""
    move = act(TEN - DAY + TICK, "client", "move", LATER)
    acts = [ASKED, ACCEPTED, move]
    state = life.state_at(acts, TEN - HOUR)
    assert (state.status, state.start, state.asked) == ("requested", TEN, LATER)
    assert (life.times(state, TEN), state.version) == ([TEN, LATER], 1)
    yes = life.state_at([*acts, act(TEN - HOUR, "staff", "accept")], TEN)
    assert (yes.status, yes.start, yes.version, yes.late_move) == ("booked", LATER, 2, True)
    assert life.times(yes, TEN) == [LATER]
    declined = life.state_at([*acts, act(TEN - HOUR, "staff", "decline")], TEN)
    for still in (declined, life.state_at(acts, LATER)):
        assert (still.status, still.start, still.version) == ("booked", TEN, 1)
        assert (still.former, still.late_move) == ((), False)
        assert not still.asked_late
    assert life.state_at(acts, LATER - TICK).status == "requested"


def test_apt9_cancelling_a_move_that_waits() -> None:
    """APT-8, APT-9: both times go, never late, until the old start."""
    move = act(TEN - DAY, "client", "move", LATER)
    cancel = act(TEN - TICK, "client", "cancel")
    assert last(MADE, move, cancel) == ("cancelled", False)
    assert life.times(life.state_at([MADE, move, cancel], TEN), TEN) == []
    assert last(MADE, move, cancel._replace(at=TEN)) == ("already_started", False)


def test_apt9_moving_a_request() -> None:
    """APT-9: it stays a request, and its old time is free."""
    move = act(BEFORE + DAY, "client", "move", LATER)
    state = life.state_at([ASKED, move], TEN)
    assert (state.status, life.times(state, TEN)) == ("requested", [LATER])
    assert status(LATER, ASKED, move) == "lapsed"


def test_apt9_staff_move() -> None:
    """APT-9: without notice, and it settles a move that waits."""
    asked = act(TEN - DAY, "client", "move", LATER)
    moved = act(TEN - MINUTE, "staff", "move", TEN + DAY)
    for acts in ([MADE, moved], [MADE, asked, moved]):
        state = life.state_at(acts, TEN)
        assert (state.status, state.start, state.late_move) == ("booked", TEN + DAY, False)


def test_apt13_confirm() -> None:
    """APT-13: what staff made, by the client; a move voids it."""
    confirm = act(BEFORE, "client", "confirm")
    assert last(MADE, confirm) == ("confirmed", False)
    assert last(MADE, confirm, confirm) == ("already_confirmed", False)
    assert last(MADE, act(BEFORE, "staff", "confirm")) == ("client_only", False)
    assert last(ASKED, ACCEPTED, confirm._replace(at=TEN - DAY)) == ("not_made_by_staff", False)
    asked = [act(BEFORE, "client", "move", LATER), act(BEFORE, "staff", "decline")]
    assert not life.state_at([MADE, confirm, *asked], BEFORE).confirmed
    moved = act(BEFORE, "staff", "move", LATER)
    assert last(MADE, confirm, moved, confirm) == ("confirmed", False)
    assert last(MADE, confirm._replace(at=TEN)) == ("already_started", False)


def test_apt13_no_show() -> None:
    """APT-13: by staff, after the start, reversible, never by a timer."""
    assert status(TEN + 365 * DAY, MADE) == "booked"
    assert last(MADE, act(TEN - TICK, "staff", "no_show")) == ("not_started", False)
    no_show = act(TEN, "staff", "no_show")
    assert last(MADE, no_show._replace(by="client")) == ("staff_only", False)
    assert status(TEN, MADE, no_show) == "no_show"
    back = act(TEN + DAY, "staff", "undo_no_show")
    assert status(TEN + DAY, MADE, no_show, back) == "booked"
    assert last(MADE, no_show, back, act(TEN + DAY, "staff", "fulfil")) == ("fulfilled", False)


def test_apt8_what_may_be_done_now() -> None:
    """APT-8, APT-9, APT-13: the acts that are open, with what they come to."""
    assert life.allowed_now([ASKED], BEFORE + HOUR, "staff") == {
        "accept": "booked",
        "decline": "declined",
        "cancel": "cancelled",
        "move": "moved",
    }
    assert life.allowed_now([MADE], TEN - DAY, "client") == {
        "cancel": "cancelled",
        "move": "requested",
        "confirm": "confirmed",
    }
    assert life.allowed_now([MADE], TEN, "client") == {}


# --- Reminders (APT-14) --------------------------------------------------------------------------


def version(start: datetime = TEN, **more: Any) -> reminders.Version:
    """Booked a week before."""
    return reminders.Version("a", 1, start, **({"booked_at": BEFORE} | more))


def dues(one: reminders.Version, **more: Any) -> list[datetime]:
    """When its reminders are due."""
    return [each.due for each in reminders.reminders(one, reminders.Settings(**more))]


def test_apt14_defaults() -> None:
    """APT-14: 48 h and 2 h before; 08:00 is not quiet."""
    assert dues(version()) == [TEN - 48 * HOUR, TEN - 2 * HOUR]


def test_apt14_quiet_hours_move_them_earlier() -> None:
    """APT-14: 21 to 08 in the client's zone, to the evening before."""
    eve = TEN.replace(day=2, hour=21)
    assert dues(version(TEN - TICK)) == [TEN - TICK - 48 * HOUR, eve]
    assert dues(version(), offsets=(13 * HOUR,)) == [eve]
    assert dues(version(), offsets=(13 * HOUR + TICK,)) == [eve - TICK]
    assert dues(version(), offsets=(12 * HOUR,)) == [eve]
    late = version(TEN.replace(hour=6))
    assert dues(late, zone="Europe/Berlin", offsets=(HOUR,)) == [eve - 2 * HOUR]
    assert dues(late, zone="Asia/Tokyo", offsets=(HOUR,)) == [TEN.replace(hour=5)]
    assert dues(late, offsets=(HOUR,), quiet=None) == [TEN.replace(hour=5)]


def test_apt14_quiet_hours_across_a_change_of_clocks() -> None:
    """APT-14: 21:00 by the wall, ten elapsed hours before 08:00 on the day clocks go forward."""
    start = datetime(2025, 3, 30, 9, 30, tzinfo=BERLIN)
    eve = datetime(2025, 3, 29, 21, tzinfo=BERLIN).astimezone(UTC)
    assert dues(version(start, booked_at=eve), zone="Europe/Berlin") == [eve]


def test_apt14_not_sent_if_booked_later_than_due() -> None:
    """APT-14: booked exactly then, it is; and due is after moving earlier."""
    assert dues(version(booked_at=TEN - 2 * HOUR)) == [TEN - 2 * HOUR]
    assert dues(version(booked_at=TEN - 2 * HOUR + TICK)) == []
    early = TEN.replace(hour=9)
    assert dues(version(early, booked_at=early - 3 * HOUR)) == []


@pytest.mark.parametrize(
    ("now", "fate"),
    [
        (TEN - 2 * HOUR - TICK, "waiting"),
        (TEN - 2 * HOUR, "sent"),
        (TEN - HOUR - TICK, "sent"),
        (TEN - HOUR, "skipped"),
        (TEN + DAY, "skipped"),
    ],
)
def test_apt14_found_late(now: datetime, fate: str) -> None:
    """APT-14: sent while the start is more than 1 h away, else recorded as skipped."""
    reminder = reminders.reminders(version(), reminders.Settings())[1]
    assert reminders.fate(version(), reminder, now) == fate


def test_apt14_each_key_once_and_void_when_moved() -> None:
    """APT-14: by (appointment, version, offset, channel); a moved one has those of its version."""
    moved_at = TEN - 3 * HOUR
    old = version(void_at=moved_at)
    new = reminders.Version("a", 2, LATER, moved_at)
    looks = [BEFORE + number * HOUR for number in range(24 * 11)]
    done = reminders.record([old, new], reminders.Settings(channels=("mail", "sms")), looks)
    day, two = reminders.OFFSETS
    assert done == {
        ("a", number, offset, channel): (start - offset, "sent")
        for number, offset, start in ((1, day, TEN), (2, day, LATER), (2, two, LATER))
        for channel in ("mail", "sms")
    }


# --- Joining (APT-12) ----------------------------------------------------------------------------

SESSION = join.Session(TEN, TEN + HOUR, "s", frozenset({"c", "d"}))


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (TEN - 15 * MINUTE - TICK, "too_early"),
        (TEN - 15 * MINUTE, "waiting_room"),
        (TEN - TICK, "waiting_room"),
        (TEN, "room"),
        (TEN + 90 * MINUTE - TICK, "room"),
        (TEN + 90 * MINUTE, "too_late"),
    ],
)
def test_apt12_times(now: datetime, expected: str) -> None:
    """APT-12: 15 minutes before the start until 30 after the end; the host starts at the start."""
    assert join.join(SESSION._replace(host_started_at=TEN), join.Knock("c", now)) == expected
    assert (join.opens_at(SESSION), join.closes_at(SESSION)) == (
        TEN - 15 * MINUTE,
        TEN + 90 * MINUTE,
    )


def test_apt12_who_and_whether() -> None:
    """APT-12: only attendees; cancelled or moved kills the link at once."""
    assert join.join(SESSION, join.Knock("e", TEN)) == "hidden"
    assert join.join(SESSION, join.Knock("s", TEN)) == "room"
    assert join.join(SESSION, join.Knock("c", TEN)) == "waiting_room"
    assert join.join(SESSION._replace(version=2), join.Knock("c", TEN)) == "link_dead"
    for ended in ("cancelled", "late_cancelled", "declined", "lapsed"):
        assert join.join(SESSION._replace(status=ended), join.Knock("c", TEN)) == "link_dead"
    asked = SESSION._replace(status="requested")
    assert join.join(asked, join.Knock("c", TEN)) == "not_booked"
    assert join.join(asked._replace(moving=True), join.Knock("c", TEN)) == "waiting_room"
    for remote in ("phone", "in_person"):
        assert join.join(SESSION._replace(modality=remote), join.Knock("c", TEN)) == "not_video"


# --- Series (APT-10) -----------------------------------------------------------------------------


def rule(frequency: str, first: date, at: time = time(9), **more: Any) -> series.Rule:
    """In Berlin."""
    return series.Rule(frequency, first, at, "Europe/Berlin", **more)


def walls(one: series.Rule) -> list[str]:
    """The starts as the wall shows them."""
    return [f"{start.astimezone(ZoneInfo(one.zone)):%m-%d %H:%M}" for start in series.starts(one)]


def test_apt10_recurrence_is_by_the_wall() -> None:
    """APT-2, APT-10: 09:00 stays 09:00; a gap moves to 03:00 that day only; of two the first."""
    spring = rule("daily", date(2025, 3, 29), times=3)
    assert walls(spring) == ["03-29 09:00", "03-30 09:00", "03-31 09:00"]
    gap = rule("daily", date(2025, 3, 29), time(2, 30), times=3)
    assert walls(gap) == ["03-29 02:30", "03-30 03:00", "03-31 02:30"]
    twice = rule("weekly", date(2025, 10, 26), time(2, 30), times=1)
    assert series.starts(twice) == [datetime(2025, 10, 26, 0, 30, tzinfo=UTC)]


def test_apt10_monthly_skips() -> None:
    """APT-10: monthly on 29 to 31 leaves out the months that lack it."""
    for day, expected in (
        (29, ["01-29", "03-29", "04-29"]),
        (30, ["01-30", "03-30", "04-30"]),
        (31, ["01-31", "03-31", "05-31"]),
    ):
        found = walls(rule("monthly", date(2025, 1, day), times=3))
        assert [one[:5] for one in found] == expected
    leap = rule("monthly", date(2024, 1, 29), times=2)
    assert walls(leap)[1] == "02-29 09:00"
    year = rule("monthly", date(2024, 2, 29), every=12, times=2)
    assert series.starts(year)[1].year == 2028


def test_apt10_by_rule() -> None:
    """APT-10: weekdays, intervals, the second Tuesday, the last day (RFC 5545)."""
    monday = date(2025, 6, 2)
    both = rule("weekly", monday, every=2, weekdays=((0, 0), (0, 3)), times=4)
    assert [one[:5] for one in walls(both)] == ["06-02", "06-05", "06-16", "06-19"]
    second = rule("monthly", date(2025, 6, 10), weekdays=((2, 1),), times=3)
    assert [one[:5] for one in walls(second)] == ["06-10", "07-08", "08-12"]
    end = rule("monthly", date(2025, 1, 31), month_days=(-1,), times=3)
    assert [one[:5] for one in walls(end)] == ["01-31", "02-28", "03-31"]
    until = rule("daily", monday, every=3, until=date(2025, 6, 8))
    assert [one[:5] for one in walls(until)] == ["06-02", "06-05", "06-08"]


def test_apt10_bounded() -> None:
    """APT-10: at most 104 occurrences."""
    monday = date(2025, 6, 2)
    assert series.refused(rule("weekly", monday, times=104)) is None
    assert series.refused(rule("weekly", monday, times=105)) == "too_many"
    last_day = monday + 103 * DAY
    assert series.refused(rule("daily", monday, until=last_day)) is None
    assert series.refused(rule("daily", monday, until=last_day + DAY)) == "too_many"
    assert series.refused(rule("daily", monday)) == "not_bounded_once"
    assert series.refused(rule("daily", monday, times=1, until=monday)) == "not_bounded_once"
    other = rule("weekly", monday, weekdays=((0, 1),), times=2)
    assert series.refused(other) == "first_not_in_rule"


def test_apt10_all_or_nothing() -> None:
    """APT-10: a refusal lists the occurrences that fail, with the reason."""
    one = rule("daily", date(2025, 6, 2), times=4)
    second, third = series.starts(one)[1:3]

    def why_not(placed: tuple[datetime, ...], start: datetime) -> str | None:
        return "busy" if start == second or (placed and start - placed[-1] < 2 * DAY) else None

    fourth = series.starts(one)[3]
    assert series.failing(one, why_not) == [(1, second, "busy"), (3, fourth, "busy")]
    assert third not in [start for _, start, _ in series.failing(one, why_not)]
    assert series.failing(one, lambda placed, start: None) == []


def test_apt10_edit_one_following_all() -> None:
    """APT-10: what has started stays; each keeps its own day."""
    one = rule("daily", date(2025, 6, 2), times=4)
    booked = series.starts(one)
    assert series.touched(booked, 2, "one", booked[0]) == [2]
    assert series.touched(booked, 2, "following", booked[0]) == [2, 3]
    assert series.touched(booked, 2, "all", booked[0]) == [1, 2, 3]
    assert series.touched(booked, 2, "all", booked[0] - TICK) == [0, 1, 2, 3]
    moved = series.moved(one, [2, 3], time(11))
    assert [end - start for start, end in zip(booked, moved, strict=True)] == [
        0 * HOUR,
        0 * HOUR,
        2 * HOUR,
        2 * HOUR,
    ]


# --- Seats (APT-11) ------------------------------------------------------------------------------

GROUP = seats.Session(TEN, 2)


def did(at: datetime, *what: str) -> list[seats.Act]:
    """Each as `client kind`, all at one moment."""
    pairs = [one.split() for one in what]
    return [seats.Act(at, client, kind) for client, kind in pairs]


FULL = did(BEFORE, "a book", "b book", "c wait", "d wait")


def test_apt11_seats() -> None:
    """APT-11: as many as there are; who waits, waits in order."""
    codes, session = seats.replay(GROUP, [*FULL, *did(BEFORE, "e book", "a wait", "c wait")])
    assert codes == [
        *("booked", "booked", "waiting", "waiting"),
        *("capacity", "already_attending", "already_waiting"),
    ]
    assert (sorted(session.attending), session.waiting) == (["a", "b"], ("c", "d"))
    assert seats.judge(GROUP, *did(BEFORE, "c wait"))[0] == "seats_free"


def test_apt11_an_offer_lasts_two_hours() -> None:
    """APT-11: then the next in order has one, from that moment."""
    acts = [*FULL, *did(BEFORE + HOUR, "a leave")]
    first = seats.at(GROUP, acts, BEFORE + 3 * HOUR - TICK)
    assert first.offers == (seats.Offer("c", BEFORE + HOUR, BEFORE + 3 * HOUR),)
    second = seats.at(GROUP, acts, BEFORE + 3 * HOUR)
    assert second.offers == (seats.Offer("d", BEFORE + 3 * HOUR, BEFORE + 5 * HOUR),)
    nobody = seats.at(GROUP, acts, BEFORE + 5 * HOUR)
    assert (nobody.offers, nobody.waiting, seats.free(nobody)) == ((), (), 1)


def test_apt11_an_offer_holds_the_seat() -> None:
    """APT-11: against everybody else, until it is accepted, passed or over."""
    acts = [*FULL, *did(BEFORE, "a leave")]
    for at, what, code in (
        (BEFORE, "e book", "capacity"),
        (BEFORE, "d accept", "no_offer"),
        (BEFORE, "d book", "capacity"),
        (BEFORE + 2 * HOUR - TICK, "c accept", "booked"),
        (BEFORE + 2 * HOUR - TICK, "c book", "booked"),
        (BEFORE + 2 * HOUR, "c accept", "no_offer"),
        (BEFORE + 2 * HOUR, "d accept", "booked"),
        (BEFORE + 4 * HOUR, "e book", "booked"),
    ):
        assert seats.replay(GROUP, [*acts, *did(at, what)])[0][-1] == code
    passed = seats.at(GROUP, [*acts, *did(BEFORE, "c pass")], BEFORE)
    assert [one.client for one in passed.offers] == ["d"]


def test_apt11_not_past_the_start() -> None:
    """APT-11: an offer ends with the start, and then nothing is offered or booked."""
    acts = [*FULL, *did(TEN - HOUR, "a leave")]
    assert [one.ends_at for one in seats.at(GROUP, acts, TEN - HOUR).offers] == [TEN]
    assert seats.at(GROUP, acts, TEN).offers == ()
    assert seats.replay(GROUP, [*acts, *did(TEN, "e book")])[0][-1] == "already_started"


def test_apt11_nobody_sees_another() -> None:
    """APT-11, REL-7: other names in the same places look the same."""
    _, session = seats.replay(GROUP, FULL)
    others = [one._replace(client={"b": "x", "d": "y"}.get(one.client, one.client)) for one in FULL]
    _, renamed = seats.replay(GROUP, others)
    assert seats.seen_by(session, "a") == seats.seen_by(renamed, "a")
    assert seats.seen_by(session, "a") == seats.Seen(True, False, None, False)
    assert seats.judge(session, *did(BEFORE, "e leave"))[0] == "not_attending"


def test_out3_no_matter_who_looks_when() -> None:
    """OUT-3: looking in between changes nothing."""
    acts = [*FULL, *did(BEFORE, "a leave")]
    _, session = seats.replay(GROUP, acts)
    looked = session
    for minutes in range(0, 300, 7):
        looked = seats.pass_time(looked, BEFORE + minutes * MINUTE)
    assert seats.pass_time(looked, TEN) == seats.pass_time(session, TEN)
