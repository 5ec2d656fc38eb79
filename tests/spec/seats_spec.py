"""Seats of a group session and offers from its wait-list: APT-11 once more, as a replay.

Written from the text of the rules and importing nothing of the library. What happens by itself at
a moment (an offer ends, the next is made) comes before what somebody does at it, and does not
depend on who looks when (OUT-3). An ordinary appointment time is a session with one seat.

Read as: an offer is made at once when a seat is free, to who has waited longest; who lets it pass
or says no leaves the list, and the next one's two hours begin at that moment.
Read as: an offer lasts its length to the last instant before, and never past the start; from the
start on no seat is booked or offered.
Read as: an offered seat is taken for everybody else; so a seat is free only if nobody waits.
Read as: nobody joins the list while a seat is free, and leaving a seat or the list is not refused
for being late (that is APT-8).
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

OFFER = timedelta(hours=2)


class Act(NamedTuple):
    """Kinds: `book`, `leave`, `wait`, `stop_waiting`, `accept` and `pass` (an offer)."""

    at: datetime
    client: str
    kind: str


class Offer(NamedTuple):
    """A seat held for a client."""

    client: str
    made_at: datetime
    ends_at: datetime


class Session(NamedTuple):
    """Who has a seat, who waits in order, and who is offered one."""

    start: datetime
    seats: int
    offer: timedelta = OFFER
    attending: frozenset[str] = frozenset()
    waiting: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()


class Seen(NamedTuple):
    """All a client sees of a session: never another attendee, nor how many there are."""

    attends: bool
    waits: bool
    offer_ends_at: datetime | None
    free: bool


Answer = tuple[str, Session]


def instant(moment: datetime) -> datetime:
    """The same moment, so that it compares as an instant."""
    return moment.astimezone(UTC)


# --- What happens by itself ----------------------------------------------------------------------


def free(session: Session) -> int:
    """Seats that nobody has and nobody is offered."""
    return session.seats - len(session.attending) - len(session.offers)


def offer_next(session: Session, now: datetime) -> Session:
    """One seat to the first who waits, if there is one to offer and time for it."""
    now, start = instant(now), instant(session.start)
    if free(session) <= 0 or not session.waiting or now >= start:
        return session
    first, *others = session.waiting
    offer = Offer(first, now, min(now + session.offer, start))
    return session._replace(waiting=tuple(others), offers=(*session.offers, offer))


def offer_all(session: Session, now: datetime) -> Session:
    """Every free seat to who waits, in order."""
    after = offer_next(session, now)
    return session if after == session else offer_all(after, now)


def pass_time(session: Session, now: datetime) -> Session:
    """The offer that ends first ends, its seat goes to the next, and so on up to `now`."""
    if not session.offers:
        return session
    first = min(session.offers, key=lambda one: one.ends_at)
    if instant(now) < first.ends_at:
        return session
    left = tuple(one for one in session.offers if one != first)
    return pass_time(offer_all(session._replace(offers=left), first.ends_at), now)


# --- The acts ------------------------------------------------------------------------------------


def offered(session: Session, client: str) -> Offer | None:
    """The offer this client has."""
    return next((one for one in session.offers if one.client == client), None)


def without_offer(session: Session, client: str) -> Session:
    """As before, but nothing is offered to them."""
    return session._replace(offers=tuple(one for one in session.offers if one.client != client))


def book(session: Session, client: str) -> Answer:
    """A free seat; an offer is accepted instead."""
    if client in session.attending:
        return "already_attending", session
    if offered(session, client):
        return accept(session, client)
    if free(session) <= 0:
        return "capacity", session
    return "booked", session._replace(attending=session.attending | {client})


def leave(session: Session, client: str) -> Answer:
    """Only their own seat."""
    if client not in session.attending:
        return "not_attending", session
    return "left", session._replace(attending=session.attending - {client})


def wait(session: Session, client: str) -> Answer:
    """At the end of the list."""
    if client in session.attending:
        return "already_attending", session
    if client in session.waiting or offered(session, client):
        return "already_waiting", session
    if free(session) > 0:
        return "seats_free", session
    return "waiting", session._replace(waiting=(*session.waiting, client))


def stop_waiting(session: Session, client: str) -> Answer:
    """Off the list."""
    if client not in session.waiting:
        return "not_waiting", session
    left = tuple(one for one in session.waiting if one != client)
    return "stopped", session._replace(waiting=left)


def accept(session: Session, client: str) -> Answer:
    """While the offer lasts."""
    if not offered(session, client):
        return "no_offer", session
    session = without_offer(session, client)
    return "booked", session._replace(attending=session.attending | {client})


def pass_on(session: Session, client: str) -> Answer:
    """No, thank you."""
    if not offered(session, client):
        return "no_offer", session
    return "passed", without_offer(session, client)


ACTS: dict[str, Callable[[Session, str], Answer]] = {
    "book": book,
    "leave": leave,
    "wait": wait,
    "stop_waiting": stop_waiting,
    "accept": accept,
    "pass": pass_on,
}
NEVER_TOO_LATE = ("leave", "stop_waiting")


# --- The answer ----------------------------------------------------------------------------------


def judge(session: Session, act: Act) -> Answer:
    """What this act comes to, and how the session stands then."""
    session = pass_time(session, act.at)
    if act.kind not in NEVER_TOO_LATE and instant(act.at) >= instant(session.start):
        return "already_started", session
    code, session = ACTS[act.kind](session, act.client)
    return code, offer_all(session, act.at)


def replay(session: Session, acts: Iterable[Act]) -> tuple[list[str], Session]:
    """Every act in order, and how the session stands after the last."""
    codes = []
    for act in acts:
        code, session = judge(session, act)
        codes.append(code)
    return codes, session


def at(session: Session, acts: Iterable[Act], now: datetime) -> Session:
    """How the session stands at `now`."""
    _, session = replay(session, (act for act in acts if instant(act.at) <= instant(now)))
    return pass_time(session, now)


def seen_by(session: Session, client: str) -> Seen:
    """What this client may know."""
    offer = offered(session, client)
    return Seen(
        client in session.attending,
        client in session.waiting,
        None if offer is None else offer.ends_at,
        free(session) > 0,
    )
