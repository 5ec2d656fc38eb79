"""What a question about messages is made of, and the 48 hours (MSG-3, 4, 5, 9, 10, 16, 20).

The 48 hours are a replay of everything that happened up to now; in it, at one instant, the
deadline comes first, then a switch of policy, then messages by sequence, then what staff did by
hand (or, where `ByHand.after` says so, straight after the message of that sequence).
"""

from collections.abc import Iterator
from typing import NamedTuple

HOUR = 3_600_000_000
LIMIT = 48 * HOUR

REPLY_ONLY = "reply_only"
NEVER_INITIATE = "never_initiate"
ASSIGNED = "assigned_clients_only"
ALL_CLIENTS = "all_clients"
KNOWN = (REPLY_ONLY, NEVER_INITIATE, ASSIGNED, ALL_CLIENTS)
CLIENTS_MAY_START = (ASSIGNED, ALL_CLIENTS)

HIDDEN = "hidden"
AUTO_CLOSED = "auto_closed"
CLOSED_BY_STAFF = "closed_by_staff"
CLIENT_SIDE = ("client", "proxy")


class Switch(NamedTuple):
    """A policy value that was set, known or not, and when."""

    time_us: int
    value: str | None


class Message(NamedTuple):
    """A message: when, its sequence, and by `staff`, `client` or `proxy` (else automatic)."""

    time_us: int
    side: str
    sequence: int


class ByHand(NamedTuple):
    """What staff did: `closed` (perhaps `locked`), `reopened`, `unlocked` or `taken_over`."""

    time_us: int
    kind: str
    locked: bool = False
    after: int | None = None


class Client(NamedTuple):
    """A client in the conversation, or named in a start; not active means archived."""

    id: str
    active: bool = True


class Staff(NamedTuple):
    """A staff member in the conversation, or named in a start.

    `permitted` is to view clients at all; `blind_to` holds those they may not view even so.
    """

    id: str
    active: bool = True
    permitted: bool = True
    takes_messages: bool = True
    blind_to: frozenset[str] = frozenset()


class Proxy(NamedTuple):
    """The acting proxy: for which client, and how things stand with their grant.

    `participant` of this conversation, portal `access` of their own account, the messages scope
    in their grant (`in_scope`), and a relationship that has not ended (`current`).
    """

    id: str
    client: str
    participant: bool = True
    access: bool = True
    in_scope: bool = True
    current: bool = True


class Scene(NamedTuple):
    """One question: may `actor`, on this `side`, do this `action` at `now`?

    Actions are `start`, `reply` and `read`, sides `staff`, `client` and `proxy`. `clients` and
    `staff` are the participants of the conversation, or those named in a start (for a client's
    start, and a proxy's, `clients` is that client alone); without clients staff are among
    themselves. `roster` holds every (client, staff) pair assigned now, not only those among
    participants. `staff_active` and `may_view` are about an acting staff member (and agree with
    their entry in `staff`), `portal_access` and `participant` about the actor unless that is a
    proxy, for whom `proxy` says it; what is later than `now` has not happened.
    """

    action: str
    side: str
    actor: str
    now: int
    policy: tuple[Switch, ...] = ()
    messages: tuple[Message, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    participant: bool = True
    may_view: bool = True
    staff_active: bool = True
    portal_access: bool = True
    clients: tuple[Client, ...] = ()
    staff: tuple[Staff, ...] = ()
    roster: frozenset[tuple[str, str]] = frozenset()
    proxy: Proxy | None = None
    closed_to_proxies: bool = False


def staff_only(scene: Scene) -> bool:
    """Staff among themselves."""
    return scene.side == "staff" and not scene.clients


class Clock(NamedTuple):
    """Where a conversation stands; `waiting_from` is what its 48 hours would be counted from."""

    policy: str | None = REPLY_ONLY
    begun: bool = False
    staff_initiated: bool = False
    waiting_from: int | None = None
    closed_at: int | None = None
    closed_how: str | None = None
    locked: bool = False
    staff_only: bool = False


Event = Switch | Message | ByHand


def deadline(clock: Clock) -> int | None:
    """When it will close by itself: only reply only closes, only while a client owes."""
    if clock.staff_only or clock.policy != REPLY_ONLY:
        return None
    if clock.closed_at is not None or clock.waiting_from is None:
        return None
    return clock.waiting_from + LIMIT


def pass_time(clock: Clock, until: int) -> Clock:
    """Nobody does anything up to and including `until`."""
    end = deadline(clock)
    if end is None or until < end:
        return clock
    return clock._replace(closed_at=end, closed_how=AUTO_CLOSED)


def reopen(clock: Clock) -> Clock:
    """Open again, unless locked."""
    return clock if clock.locked else clock._replace(closed_at=None, closed_how=None)


def after_switch(clock: Clock, switch: Switch) -> Clock:
    """The same value again changes nothing; a switch to reply only gives at least 48 hours."""
    if switch.value == clock.policy:
        return clock
    clock = clock._replace(policy=switch.value)
    return later_start(clock, switch.time_us) if switch.value == REPLY_ONLY else clock


def later_start(clock: Clock, moment: int) -> Clock:
    """An open conversation with an unanswered staff message has at least 48 hours from here."""
    if clock.closed_at is not None or clock.waiting_from is None:
        return clock
    return clock._replace(waiting_from=max(clock.waiting_from, moment))


def after_message(clock: Clock, message: Message) -> Clock:
    """Staff start the clock and reopen; a client or proxy stops it, and reopens if clients may."""
    if message.side == "staff":
        clock = clock._replace(begun=True, staff_initiated=True, waiting_from=message.time_us)
        return reopen(clock)
    if message.side in CLIENT_SIDE:
        clock = clock._replace(begun=True, waiting_from=None)
        return reopen(clock) if clock.policy in CLIENTS_MAY_START else clock
    return clock


def after_hand(clock: Clock, event: ByHand) -> Clock:
    """Closing keeps the earlier moment; reopening is a staff message for the clock only."""
    moment = event.time_us
    if event.kind == "closed":
        first = moment if clock.closed_at is None else min(clock.closed_at, moment)
        locked = clock.locked or event.locked
        return clock._replace(closed_at=first, closed_how=CLOSED_BY_STAFF, locked=locked)
    if event.kind == "reopened":
        closed = clock.closed_at is not None and not clock.locked
        return reopen(clock)._replace(waiting_from=moment) if closed else clock
    if event.kind == "unlocked":
        return clock._replace(locked=False)
    if event.kind == "taken_over":
        return later_start(clock, moment)
    raise ValueError(event.kind)


def after(clock: Clock, event: Event) -> Clock:
    """The deadline comes before whatever happens at its instant."""
    clock = pass_time(clock, event.time_us)
    if isinstance(event, Switch):
        return after_switch(clock, event)
    if isinstance(event, Message):
        return after_message(clock, event)
    return after_hand(clock, event)


def happened(scene: Scene) -> list[Event]:
    """Everything up to now, in order; a later sequence with an earlier time is an error."""
    times = [one.time_us for one in sorted(scene.messages, key=lambda one: one.sequence)]
    if times != sorted(times):
        raise ValueError(times)
    placed: list[tuple[tuple[float, ...], Event]] = []
    placed += [((one.time_us, 0, 0, 0), one) for one in scene.policy]
    placed += [((one.time_us, 1, one.sequence, 0), one) for one in scene.messages]
    placed += [
        ((one.time_us, 1, float("inf") if one.after is None else one.after, 1), one)
        for one in scene.by_hand
    ]
    placed.sort(key=lambda pair: pair[0])
    return [event for _, event in placed if event.time_us <= scene.now]


def history(scene: Scene) -> Iterator[tuple[Clock, Event]]:
    """Each event with where the conversation stood at that instant, before the event."""
    clock = Clock(staff_only=staff_only(scene))
    for event in happened(scene):
        yield pass_time(clock, event.time_us), event
        clock = after(clock, event)


def clock_now(scene: Scene) -> Clock:
    """Where the conversation stands now."""
    clock = Clock(staff_only=staff_only(scene))
    for event in happened(scene):
        clock = after(clock, event)
    return pass_time(clock, scene.now)


def closing(scene: Scene) -> int | None:
    """When it closes by itself if nobody does anything; nothing if it does not."""
    return deadline(clock_now(scene))


def by_hand_could_happen(clock: Clock, event: ByHand) -> bool:
    """What staff did needs something that it could be done to."""
    needs = {
        "closed": clock.begun,
        "reopened": clock.closed_at is not None and not clock.locked,
        "unlocked": clock.locked,
        "taken_over": clock.begun,
    }
    return needs[event.kind]


def could_be_written(clock: Clock, message: Message) -> bool:
    """Staff under a known policy, or among themselves; clients where they may answer or start."""
    if clock.staff_only:
        return message.side == "staff"
    if clock.policy not in KNOWN:
        return False
    if message.side == "staff" or clock.policy in CLIENTS_MAY_START:
        return True
    answers_open = clock.begun and clock.closed_at is None
    return answers_open and (clock.policy == NEVER_INITIATE or clock.staff_initiated)


def could_happen(clock: Clock, event: Event) -> bool:
    """Whether the rules let this happen to a conversation that stands so (rosters unknown)."""
    if isinstance(event, Switch):
        return True
    if isinstance(event, ByHand):
        return by_hand_could_happen(clock, event)
    if event.side not in ("staff", *CLIENT_SIDE):
        return True
    return not clock.locked and could_be_written(clock, event)


def possible(scene: Scene) -> bool:
    """Whether the rules could have led to this history; about others they say nothing."""
    if scene.closed_to_proxies and any(one.side == "proxy" for one in scene.messages):
        return False
    return all(could_happen(clock, event) for clock, event in history(scene))
