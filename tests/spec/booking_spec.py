"""May this start be booked now: APT-3, APT-5 and APT-6 once more, as a list of reasons to deny.

Written from the text of the rules and importing nothing of the library. `DENIALS` holds the
reasons in the order of APT-3; `reasons` answers all that hold, `why_not` the first. Details that
APT-3 has no word for (`room`, `held`, `own_overlap`) have one in `SPOKEN`.

Read as: client limits, by which staff are not bound, are what is offered online at all, notice,
horizon, windows, and the number of appointments; claims (staff, client, room, seats) bind staff.
Read as: minimum notice is what keeps clients out of the past; staff may book there.
Read as: an upcoming appointment is requested or booked and has not started; a hold is none, and a
move that waits is one appointment.
Read as: a client's own hold blocks nobody but others; a new hold replaces the client's former one,
and holding the same start again does not lengthen it.
Read as: own overlap, a taken room and a hold of somebody else are all told as `busy`.
Read as: of a seat in a session that exists, windows, buffers and staff are not asked again.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.spec.claims_spec import (
    BOOKED,
    HELD,
    HOLD,
    REQUESTED,
    Booking,
    Claim,
    World,
    claims_of,
    collide,
    hold_ends,
    instant,
    overlap,
    seats_taken,
    times_of,
)
from tests.spec.slots_spec import Question as Hours
from tests.spec.slots_spec import in_some_window, months_later

STAFF = "staff"
CLIENT = "client"


class Wish(NamedTuple):
    """Who wants `new` (requested or booked) at `now`, under which settings.

    `hours` is the availability of that staff member and service, as `slots_spec` takes it; its
    notice, horizon and zones are the practice's. `moving` is the appointment that would move.
    """

    by: str
    now: datetime
    new: Booking
    world: World
    hours: Hours
    online: bool = True
    limit: int | None = None
    limit_per_service: int | None = None
    moving: str | None = None


# --- What is in the way --------------------------------------------------------------------------


def in_the_way(wish: Wish) -> list[Booking]:
    """Everything but what would move (APT-9) and the client's own hold (APT-6)."""
    return [
        one
        for one in wish.world.bookings
        if one.id not in (wish.moving, wish.new.id)
        and not (one.status == HELD and one.client == wish.new.client)
    ]


def clashes(wish: Wish, kind: str) -> list[tuple[Claim, Booking, Claim]]:
    """Pairs of a new claim of this kind and one that stands and collides with it."""
    return [
        (mine, other, theirs)
        for mine in claims_of(wish.new, wish.now)
        for other in in_the_way(wish)
        for theirs in claims_of(other, wish.now)
        if mine.kind == kind and collide(wish.world.rule, mine, theirs)
    ]


# --- The reasons to deny -------------------------------------------------------------------------


def minute(wish: Wish) -> bool:
    """Bookable times are whole minutes (APT-2)."""
    start = instant(wish.new.start)
    return (start.second, start.microsecond) != (0, 0)


def not_online(wish: Wish) -> bool:
    """The service is not for clients to book (APT-1)."""
    return not wish.online


def notice(wish: Wish) -> bool:
    """Exactly the notice is enough (APT-5)."""
    return instant(wish.new.start) - instant(wish.now) < timedelta(minutes=wish.hours.notice)


def horizon(wish: Wish) -> bool:
    """Calendar months in the practice's zone; the last instant is within (APT-5)."""
    zone = wish.hours.practice_zone or wish.hours.zone
    last = months_later(wish.now, wish.hours.horizon_months, zone)
    return instant(wish.new.start) > instant(last)


def window(wish: Wish) -> bool:
    """No window offers this start (APT-1, APT-2)."""
    return wish.new.session is None and not in_some_window(wish.hours, instant(wish.new.start))


def buffer(wish: Wish) -> bool:
    """A neighbour of the staff member is too near, though the two do not overlap (APT-4)."""
    return any(not overlap(mine, theirs) for mine, _, theirs in clashes(wish, "staff"))


def busy(wish: Wish) -> bool:
    """The staff member has something at that time (APT-7)."""
    return any(
        overlap(mine, theirs) and other.status != HELD
        for mine, other, theirs in clashes(wish, "staff")
    )


def held(wish: Wish) -> bool:
    """Somebody else is filling in a form for that time (APT-6)."""
    return any(
        overlap(mine, theirs) and other.status == HELD
        for mine, other, theirs in clashes(wish, "staff")
    )


def room(wish: Wish) -> bool:
    """The room is taken (APT-7)."""
    return bool(clashes(wish, "room"))


def own_overlap(wish: Wish) -> bool:
    """The client has something else at that time (APT-5)."""
    return bool(clashes(wish, "client"))


def capacity(wish: Wish) -> bool:
    """No seat of the session is left (APT-11)."""
    session = wish.new.session
    if session is None or wish.new.client is None:
        return False
    others = wish.world._replace(bookings=tuple(in_the_way(wish)))
    return seats_taken(others, session, wish.now) >= dict(wish.world.seats)[session]


def upcoming(wish: Wish) -> list[Booking]:
    """The client's other appointments that have not started."""
    return [
        one
        for one in in_the_way(wish)
        if one.client is not None
        and one.client == wish.new.client
        and one.status in (REQUESTED, BOOKED)
        and any(instant(wish.now) < start for start, _ in times_of(one, wish.now))
    ]


def limit(wish: Wish) -> bool:
    """The client has as many as there may be (APT-5)."""
    return wish.limit is not None and len(upcoming(wish)) >= wish.limit


def limit_per_service(wish: Wish) -> bool:
    """The client has as many of this service as there may be (APT-5)."""
    same = [one for one in upcoming(wish) if one.service == wish.new.service]
    return wish.limit_per_service is not None and len(same) >= wish.limit_per_service


def overbook_by_client(wish: Wish) -> bool:
    """Only staff overbook (APT-5)."""
    return wish.by != STAFF and wish.new.overbook


DENIALS: tuple[Callable[[Wish], bool], ...] = (
    overbook_by_client,
    minute,
    not_online,
    notice,
    horizon,
    window,
    buffer,
    busy,
    held,
    room,
    own_overlap,
    capacity,
    limit,
    limit_per_service,
)
CLIENT_LIMITS = (not_online, notice, horizon, window, limit, limit_per_service)

SPOKEN = {
    "minute": "window",
    "not_online": "window",
    "held": "busy",
    "room": "busy",
    "own_overlap": "busy",
    "limit_per_service": "limit",
}


def reasons(wish: Wish) -> list[str]:
    """Every reason that holds, in order; none means that it may be booked."""
    asked = [one for one in DENIALS if wish.by == CLIENT or one not in CLIENT_LIMITS]
    return [one.__name__ for one in asked if one(wish)]


def why_not(wish: Wish) -> str | None:
    """The first reason, in the words of APT-3."""
    first = next(iter(reasons(wish)), None)
    return SPOKEN.get(first, first) if first is not None else None


# --- Holds ---------------------------------------------------------------------------------------


def hold(wish: Wish, name: str) -> World | None:
    """The world after the client took this time, or nothing if it cannot be booked (APT-6)."""
    if reasons(wish):
        return None
    taken = wish.new._replace(id=name, status=HELD, held_at=wish.now, held_for=HOLD)
    others = []
    for one in wish.world.bookings:
        if one.status != HELD or one.client != wish.new.client:
            others.append(one)
        elif same_time(one, taken) and instant(wish.now) < hold_ends(one):
            taken = taken._replace(held_at=one.held_at)
    return wish.world._replace(bookings=(*others, taken))


def same_time(one: Booking, other: Booking) -> bool:
    """The same time of the same staff member."""
    return (one.staff, instant(one.start)) == (other.staff, instant(other.start))


def nearest(wish: Wish, starts: list[datetime], most: int) -> list[datetime]:
    """What the loser of a race hears: the nearest of these starts that are free (APT-7)."""
    length = instant(wish.new.end) - instant(wish.new.start)
    free = [
        start
        for start in starts
        if not reasons(wish._replace(new=wish.new._replace(start=start, end=start + length)))
    ]
    there = instant(wish.new.start)
    return sorted(free, key=lambda one: (abs(instant(one) - there), instant(one)))[:most]
