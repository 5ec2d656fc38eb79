"""What must hold of the specifications of chapter 3 in many small worlds."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from tests.spec import booking_spec as booking
from tests.spec import cancel_spec as cancel
from tests.spec import claims_spec as claims
from tests.spec import join_spec as join
from tests.spec import life_spec as life
from tests.spec import reminders_spec as reminders
from tests.spec import seats_spec as seats
from tests.spec import series_spec as series
from tests.spec import slots_spec as slots
from tests.spec.claims_spec import Booking, Claim, World

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = datetime(2025, 6, 3, 12, tzinfo=UTC)
BEFORE = NOON - 7 * DAY
STATUSES = ("requested", "booked", "held", "fulfilled", "no_show", "outside", *claims.ENDED)

# --- Small worlds --------------------------------------------------------------------------------


def some_booking(dice: random.Random, name: str, *, buffers: bool = True) -> Booking:
    """Ten to forty minutes around noon, with one of two staff members, clients and rooms."""
    start = NOON + dice.randrange(0, 90, 10) * MINUTE
    length = dice.choice((10, 20, 40)) * MINUTE
    status = dice.choice((*STATUSES, "requested", "booked", "booked"))
    moving = status == "requested" and dice.random() < 0.5
    later = NOON + dice.randrange(0, 90, 10) * MINUTE
    return Booking(
        *(name, status, dice.choice("st"), start, start + length),
        client=None if status == "outside" else dice.choice("cd"),
        room=dice.choice((None, "r", "q")),
        before=dice.choice((0, 10)) if buffers else 0,
        after=dice.choice((0, 10, 20)) if buffers else 0,
        overbook=dice.random() < 0.2,
        moving_to=(later, later + length) if moving else None,
        held_at=BEFORE - dice.choice((0, 9, 10)) * MINUTE if status == "held" else None,
    )


def some_world(dice: random.Random, *, buffers: bool = True) -> World:
    """Up to four bookings; they may break the rules."""
    names = "wxyz"[: dice.randrange(5)]
    rule = dice.choice(("larger", "sum", "reserved"))
    return World(tuple(some_booking(dice, one, buffers=buffers) for one in names), rule)


def minutes_shared(first: Claim, second: Claim) -> bool:
    """Some minute lies in both."""
    every = [NOON - HOUR + number * MINUTE for number in range(300)]
    return any(first.start <= one < first.end and second.start <= one < second.end for one in every)


def by_the_minute(world: World, now: datetime) -> list[tuple[str, ...]]:
    """What of APT-7 is broken, without buffers and sessions, found minute by minute."""
    found = set()
    for one in world.bookings:
        for other in world.bookings:
            for mine in claims.claims_of(one, now):
                for theirs in claims.claims_of(other, now):
                    same = (mine.kind, mine.name) == (theirs.kind, theirs.name)
                    if one.id < other.id and same and minutes_shared(mine, theirs):
                        found.add((mine.kind, one.id, other.id))
    return sorted(found)


def law_minutes() -> None:
    """APT-7: without buffers, two collide if and only if they share a minute."""
    dice = random.Random("minutes")
    broken = 0
    for _ in range(400):
        world = some_world(dice, buffers=False)
        found = by_the_minute(world, BEFORE)
        assert sorted(claims.violations(world, BEFORE)) == found, world
        broken += bool(found)
    assert 40 < broken < 360


def some_wish(dice: random.Random) -> booking.Wish:
    """Staff want something in a small world."""
    new = some_booking(dice, "new")._replace(status="booked", moving_to=None)
    if new.client is None:
        new = new._replace(client="c")
    hours = slots.Question(((1, 720, 900),), "UTC", NOON, NOON, BEFORE, 10)
    return booking.Wish("staff", BEFORE, new, some_world(dice), hours)


def law_booking_keeps_the_world() -> None:
    """APT-3, APT-7: staff may book if and only if nothing new is broken by it."""
    dice = random.Random("keeps")
    allowed = 0
    for _ in range(600):
        wish = some_wish(dice)
        others = wish.world.bookings
        own = [one for one in others if one.status == "held" and one.client == wish.new.client]
        there = World(tuple(one for one in others if one not in own), wish.world.rule)
        after = there._replace(bookings=(*there.bookings, wish.new))
        kept = claims.violations(after, BEFORE) == claims.violations(there, BEFORE)
        assert (booking.reasons(wish) == []) == kept, wish
        allowed += kept
    assert 50 < allowed < 550


def some_question(dice: random.Random) -> tuple[slots.Question, booking.Wish]:
    """The same afternoon, asked of both specifications."""
    world = some_world(dice)
    world = world._replace(
        bookings=tuple(
            one._replace(status="booked", moving_to=None, room=None, client=one.client or "d")
            for one in world.bookings
            if one.status != "held"
        )
    )
    before, after = dice.choice((0, 10)), dice.choice((0, 20))
    hours = slots.Question(
        ((1, 720, 840),),
        *("UTC", NOON, NOON + 2 * HOUR, NOON - 2 * HOUR, 20),
        step=dice.choice((None, 5, 10)),
        before=before,
        after=after,
        rule=world.rule,
        notice=dice.choice((0, 150)),
        busy=tuple(
            slots.Meeting(one.start, one.end, one.before, one.after)
            for one in world.bookings
            if one.staff == "s" and not one.overbook
        ),
        client_busy=tuple((one.start, one.end) for one in world.bookings if one.client == "c"),
    )
    new = Booking("new", "requested", "s", NOON, NOON, client="c", before=before, after=after)
    return hours, booking.Wish("client", hours.now, new, world, hours)


def law_offered_if_and_only_if_bookable() -> None:
    """APT-3: both specifications mean the same starts."""
    dice = random.Random("offered")
    counts = []
    for _ in range(60):
        hours, wish = some_question(dice)
        offered = slots.bookable(hours)
        free = []
        for number in range(120):
            start = NOON + number * MINUTE
            new = wish.new._replace(start=start, end=start + 20 * MINUTE)
            if not booking.reasons(wish._replace(new=new)):
                free.append(start)
        assert free == offered, hours
        counts.append(len(free))
    assert min(counts) == 0
    assert max(counts) > 5


# --- Lives ---------------------------------------------------------------------------------------

STEPS = {
    "": {"requested", "booked"},
    "requested": {"booked", "declined", "cancelled", "lapsed"},
    "booked": {"requested", "fulfilled", "cancelled", "late_cancelled", "no_show"},
    "no_show": {"booked"},
}


def some_life(dice: random.Random) -> list[life.Act]:
    """Acts an hour or so apart around two starts."""
    moment = NOON - 30 * HOUR
    acts = [
        life.Act(
            *(moment, "staff", "settings"),
            policy=life.Policy(move_outside=dice.choice(("refuse", "allow_as_late"))),
            auto_accept=dice.random() < 0.3,
        ),
        life.Act(moment, dice.choice(("staff", "client")), "book", NOON),
    ]
    for _ in range(dice.randrange(9)):
        moment += dice.choice((0, 5, 15, 60, 360, 900)) * MINUTE
        kind = dice.choice([one for one in life.ACTS if one not in ("settings", "book")])
        start = max(NOON, moment) + dice.choice((1, 5, 40)) * HOUR if kind == "move" else None
        acts.append(life.Act(moment, dice.choice(("staff", "client")), kind, start))
    return acts


def law_lives() -> None:
    """APT-6, APT-8, APT-9, APT-13: only the steps of the rules; what is refused changes nothing."""
    dice = random.Random("lives")
    seen: set[tuple[str, str]] = set()
    for _ in range(1500):
        acts = some_life(dice)
        state = life.State()
        for act in acts:
            came = life.pass_time(state, act.at)
            assert state.status == "requested" or state == life.pass_time(state, NOON + 99 * DAY)
            answer = life.judge(state, act)
            after = answer.state
            assert answer.allowed or after == came
            assert not answer.late or (act.by == "client" and act.kind in ("cancel", "move"))
            new = after.version != came.version
            assert new or not came.status or after.start == came.start
            assert not new or (answer.allowed and act.kind in ("move", "accept"))
            assert after.version == len(after.former) + 1
            assert after.asked is None or after.status == "requested"
            seen |= {(state.status, came.status), (came.status, after.status)}
            state = after
    steps = {(one, other) for one, others in STEPS.items() for other in others}
    assert {(one, other) for one, other in seen if one != other} == steps


def law_looking_changes_nothing() -> None:
    """OUT-3: looking on the way, at every half hour, leads to the same end."""
    dice = random.Random("looks")
    end = NOON + 5 * DAY
    for _ in range(100):
        acts = some_life(dice)
        state = life.State()
        for act, later in pairwise([*acts, life.Act(end, "staff", "confirm")]):
            state = life.judge(state, act).state
            moment = act.at
            while moment < later.at:
                state = life.pass_time(state, moment)
                moment += 30 * MINUTE
        assert life.pass_time(state, end) == life.state_at(acts, end)


# --- Seats, reminders, joining -------------------------------------------------------------------


def law_seats() -> None:
    """APT-11: never more than its seats, nobody twice, nobody waits while a seat is free."""
    dice = random.Random("seats")
    offers = 0
    for _ in range(400):
        session = seats.Session(NOON, dice.choice((1, 2)))
        moment = NOON - 20 * HOUR
        kinds = [*seats.ACTS, "book", "wait", "wait"]
        for _ in range(30):
            moment += dice.choice((0, 10, 60, 120)) * MINUTE
            act = seats.Act(moment, dice.choice("abcde"), dice.choice(kinds))
            _, session = seats.judge(session, act)
            offered = [one.client for one in session.offers]
            everybody = [*session.attending, *offered, *session.waiting]
            assert len(everybody) == len(set(everybody))
            assert len(session.attending) + len(offered) <= session.seats
            assert moment >= NOON or not session.waiting or seats.free(session) == 0
            assert all(one.ends_at - one.made_at <= 2 * HOUR for one in session.offers)
            offers += len(offered)
    assert offers > 500


def law_reminders() -> None:
    """APT-14: in no quiet minute but the first, never later than the offset, never far earlier."""
    dice = random.Random("reminders")
    for _ in range(300):
        zone = dice.choice(("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"))
        settings = reminders.Settings(zone=zone)
        start = NOON + dice.randrange(0, 400 * 24 * 60) * MINUTE
        offset = dice.choice((2, 13, 48)) * HOUR
        due = reminders.due(start, offset, settings)
        earlier = start - offset - due
        assert timedelta(0) <= earlier <= 12 * HOUR
        assert not reminders.is_quiet(due - timedelta(microseconds=1), settings) or not earlier
        assert earlier or not reminders.is_quiet(due - MINUTE, settings)


def law_joining() -> None:
    """APT-12: an hour can be joined for an hour and three quarters, in one piece."""
    session = join.Session(NOON, NOON + HOUR, "s", frozenset("c"))
    every = [NOON - 2 * HOUR + number * MINUTE for number in range(300)]
    open_at = [one for one in every if not join.reasons(session, join.Knock("c", one))]
    assert len(open_at) == 105
    assert open_at[-1] - open_at[0] == 104 * MINUTE
    assert open_at[0] == NOON - 15 * MINUTE


def law_series() -> None:
    """APT-10: starts rise, stay at their wall time, and stop at the count."""
    first = NOON.date()
    for frequency in ("daily", "weekly", "monthly"):
        for count in (1, 13, 104):
            one = series.Rule(frequency, first, NOON.time(), "Europe/Berlin", times=count)
            found = series.starts(one)
            assert len(found) == count
            assert all(earlier < later for earlier, later in pairwise(found))
            assert {slots.wall_of(start, one.zone).time() for start in found} == {NOON.time()}


LAWS = (
    law_minutes,
    law_booking_keeps_the_world,
    law_offered_if_and_only_if_bookable,
    law_lives,
    law_looking_changes_nothing,
    law_seats,
    law_reminders,
    law_joining,
    law_series,
)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_law(law: Callable[[], None]) -> None:
    """The laws hold; each names its rules."""
    law()


# --- What cannot be ------------------------------------------------------------------------------


def test_a_boundary_off_by_one_is_noticed() -> None:
    """APT-8: a comparison that takes exactly 24 hours for late differs from `cancel_spec`."""
    case = cancel.Cancellation("booked", NOON, BEFORE, NOON - DAY)
    theirs = "cancelled" if NOON - case.now > case.notice else "late_cancelled"
    assert cancel.outcome(case) != theirs


@pytest.mark.parametrize(
    "broken",
    [
        World((Booking("a", "unknown", "s", NOON, NOON + HOUR),)),
        World((Booking("a", "held", "s", NOON, NOON + HOUR),)),
        World(tuple(Booking(one, "booked", "s", NOON, NOON + HOUR, after=5) for one in "ab"), "?"),
    ],
)
def test_a_world_that_cannot_be_is_no_answer(broken: World) -> None:
    """An unknown status, a hold without its moment and an unknown rule are errors."""
    with pytest.raises(ValueError, match=r".+"):
        claims.violations(World((*broken.bookings, broken.bookings[0]), broken.rule), BEFORE)
