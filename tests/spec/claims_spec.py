"""Who and what is taken, and when: APT-4, APT-5 and APT-7 once more, as an oracle for tests.

Written from the text of the rules and importing nothing of the library. Every claim is compared
with every other one. All times given are aware and compared as instants; buffers are in minutes.

Read as: buffers belong to the staff member's time; client and room are taken from start to end.
Read as: `reserved` buffers are taken time, so that two neighbours lie the sum of them apart.
Read as: fulfilled and no_show keep the time they had (a no-show can be taken back), all but history
that was imported (APT-16).
Read as: an event of an outside calendar takes staff time and brings no buffers of its own.
"""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import NamedTuple

MINUTE = timedelta(minutes=1)
HOLD = timedelta(minutes=10)

REQUESTED = "requested"
BOOKED = "booked"
HELD = "held"
OUTSIDE = "outside"
KEEPING = (BOOKED, "fulfilled", "no_show", OUTSIDE)
ENDED = ("declined", "cancelled", "late_cancelled", "lapsed")

LARGER = "larger"
SUM = "sum"
RESERVED = "reserved"

Interval = tuple[datetime, datetime]


class Booking(NamedTuple):
    """What may take time: an appointment, a group session or a seat in one, a hold, an event.

    `moving_to` is the new time of a move that waits. `held_at` is when a hold was taken and
    `held_for` how long it lasts. A session itself has no client; its seats name it in `session`.
    """

    id: str
    status: str
    staff: str
    start: datetime
    end: datetime
    client: str | None = None
    room: str | None = None
    service: str = "visit"
    before: int = 0
    after: int = 0
    overbook: bool = False
    imported: bool = False
    moving_to: Interval | None = None
    held_at: datetime | None = None
    held_for: timedelta = HOLD
    session: str | None = None


class Claim(NamedTuple):
    """One resource for one interval; buffers only where the resource is a staff member."""

    of: str
    kind: str
    name: str
    start: datetime
    end: datetime
    before: int = 0
    after: int = 0
    session: str | None = None


class World(NamedTuple):
    """Everything of one practice, its rule for buffers, and the seats of each session."""

    bookings: tuple[Booking, ...] = ()
    rule: str = LARGER
    seats: tuple[tuple[str, int], ...] = ()


# --- What occupies -------------------------------------------------------------------------------


def instant(moment: datetime) -> datetime:
    """The same moment, so that it compares as an instant."""
    return moment.astimezone(UTC)


def hold_ends(hold: Booking) -> datetime:
    """Absolute: counted from when it was taken, whatever the client does (APT-6)."""
    if hold.held_at is None:
        raise ValueError(hold)
    return instant(hold.held_at) + hold.held_for


def times_of(one: Booking, now: datetime) -> list[Interval]:
    """The times this booking takes at `now`; none if it takes none."""
    now = instant(now)
    own = (instant(one.start), instant(one.end))
    if one.imported or one.status in ENDED:
        return []
    if one.status == HELD:
        return [own] if now < hold_ends(one) else []
    if one.status in KEEPING:
        return [own]
    if one.status != REQUESTED:
        raise ValueError(one.status)
    if one.moving_to is None:
        return [own] if now < own[0] else []
    new = (instant(one.moving_to[0]), instant(one.moving_to[1]))
    return [own, new] if now < new[0] else [own]


def claims_of(one: Booking, now: datetime) -> list[Claim]:
    """Staff (unless overbooked), client and room, for each of its times (APT-5, APT-7)."""
    claims = []
    for start, end in times_of(one, now):
        if not one.overbook:
            buffers = (one.before, one.after)
            claims.append(Claim(one.id, "staff", one.staff, start, end, *buffers, one.session))
        if one.client is not None:
            claims.append(Claim(one.id, "client", one.client, start, end))
        if one.room is not None:
            claims.append(Claim(one.id, "room", one.room, start, end, session=one.session))
    return claims


# --- What collides -------------------------------------------------------------------------------


def apart(rule: str, after: int, before: int) -> timedelta:
    """What must lie between the end of an earlier one and the start of a later one (APT-4)."""
    if rule == LARGER:
        return max(after, before) * MINUTE
    if rule in (SUM, RESERVED):
        return (after + before) * MINUTE
    raise ValueError(rule)


def overlap(first: Claim, second: Claim) -> bool:
    """Their times share an instant (half-open: touching is none)."""
    return first.start < second.end and second.start < first.end


def too_near(rule: str, first: Claim, second: Claim) -> bool:
    """Neither is far enough behind the other."""
    ahead = first.end + apart(rule, first.after, second.before) <= second.start
    behind = second.end + apart(rule, second.after, first.before) <= first.start
    return not (ahead or behind)


def same_resource(first: Claim, second: Claim) -> bool:
    """Two bookings want the same one; a session shares its staff and room with its seats."""
    if first.of == second.of or (first.kind, first.name) != (second.kind, second.name):
        return False
    return first.session is None or first.session != second.session


def collide(rule: str, first: Claim, second: Claim) -> bool:
    """These two claims cannot both stand."""
    if not same_resource(first, second):
        return False
    return too_near(rule, first, second) if first.kind == "staff" else overlap(first, second)


def bookings_collide(rule: str, now: datetime, one: Booking, other: Booking) -> list[str]:
    """The kinds of resource over which these two collide, sorted."""
    pairs = [(a, b) for a in claims_of(one, now) for b in claims_of(other, now)]
    return sorted({a.kind for a, b in pairs if collide(rule, a, b)})


def seats_taken(world: World, session: str, now: datetime) -> int:
    """How many clients have or hold a seat."""
    return sum(
        one.session == session and one.client is not None and bool(times_of(one, now))
        for one in world.bookings
    )


def violations(world: World, now: datetime) -> list[tuple[str, ...]]:
    """Everything that APT-7 says never happens; an empty list is a world that may be."""
    found: list[tuple[str, ...]] = []
    for one, other in combinations(world.bookings, 2):
        kinds = bookings_collide(world.rule, now, one, other)
        found += [(kind, *sorted((one.id, other.id))) for kind in kinds]
    for session, seats in world.seats:
        if seats_taken(world, session, now) > seats:
            found.append(("seats", session))
    return found
