"""Who may write to whom: the rules MSG-1 to MSG-12 once more, as a list of reasons to deny.

This is an oracle for tests, written from the text of the rules and from nothing else. It takes
plain strings, whole numbers of microseconds and named tuples, and imports nothing of the library.

What is allowed is what no reason denies: `DENIALS` holds the reasons in the order in which the
rules name them, and the first that holds is the answer. The 48 hours are a replay of everything
that happened up to now; in it, at one instant, the deadline comes first, then a switch of policy,
then messages by sequence, then what staff did by hand (or, where `ByHand.after` says so, straight
after the message of that sequence).
"""

from collections.abc import Callable, Iterator
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


class Switch(NamedTuple):
    """A policy value that was set, known or not, and when."""

    time_us: int
    value: str | None


class Message(NamedTuple):
    """A message: when, by `staff` or `client` (anything else is automatic), and its sequence."""

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
    """A staff member in the conversation, or named in a start."""

    id: str
    active: bool = True
    permitted: bool = True
    takes_messages: bool = True


class Scene(NamedTuple):
    """One question: may `actor`, on this `side`, do this `action` at `now`?

    `clients` and `staff` are the participants of the conversation, or those named in a start
    (for a client's start, `clients` is that client alone). `roster` holds every (client, staff)
    pair assigned now, not only those among participants. `staff_active` is about a sending staff
    member, `portal_access` about a sending client; what is later than `now` has not happened.
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


class Decision(NamedTuple):
    """The answer; a hidden one says nothing else."""

    allowed: bool
    reason: str | None
    hidden: bool = False
    closed_at: int | None = None
    holds_until: int | None = None


# --- The 48 hours (MSG-3, 4, 5, 9, 10, 16) -------------------------------------------------------


class Clock(NamedTuple):
    """Where a conversation stands; `waiting_from` is what its 48 hours would be counted from."""

    policy: str | None = REPLY_ONLY
    begun: bool = False
    staff_initiated: bool = False
    waiting_from: int | None = None
    closed_at: int | None = None
    closed_how: str | None = None
    locked: bool = False


Event = Switch | Message | ByHand


def deadline(clock: Clock) -> int | None:
    """When it will close by itself: only reply only closes, and only while the client owes."""
    if clock.policy != REPLY_ONLY or clock.closed_at is not None or clock.waiting_from is None:
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
    """Staff start the clock and reopen; a client stops it, and reopens if clients may start."""
    if message.side == "staff":
        clock = clock._replace(begun=True, staff_initiated=True, waiting_from=message.time_us)
        return reopen(clock)
    if message.side == "client":
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
    clock = Clock()
    for event in happened(scene):
        yield pass_time(clock, event.time_us), event
        clock = after(clock, event)


def clock_now(scene: Scene) -> Clock:
    """Where the conversation stands now."""
    clock = Clock()
    for event in happened(scene):
        clock = after(clock, event)
    return pass_time(clock, scene.now)


def could_happen(clock: Clock, event: Event) -> bool:
    """Whether the rules let this happen to a conversation that stands so (rosters unknown)."""
    if isinstance(event, Switch):
        return True
    if isinstance(event, ByHand):
        needs = {
            "closed": clock.begun,
            "reopened": clock.closed_at is not None and not clock.locked,
            "unlocked": clock.locked,
            "taken_over": clock.begun,
        }
        return needs[event.kind]
    if event.side not in ("staff", "client"):
        return True
    if clock.locked or clock.policy not in KNOWN:
        return False
    if event.side == "staff" or clock.policy in CLIENTS_MAY_START:
        return True
    answers_open = clock.begun and clock.closed_at is None
    return answers_open and (clock.policy == NEVER_INITIATE or clock.staff_initiated)


def possible(scene: Scene) -> bool:
    """Whether the rules could have led to this history; about others they say nothing."""
    return all(could_happen(clock, event) for clock, event in history(scene))


# --- The reasons to deny -------------------------------------------------------------------------


def is_client(scene: Scene) -> bool:
    """The sender is a client."""
    return scene.side == "client"


def client_starts(scene: Scene) -> bool:
    """A client wants to start."""
    return is_client(scene) and scene.action == "start"


def client_replies(scene: Scene) -> bool:
    """A client wants to answer."""
    return is_client(scene) and scene.action == "reply"


def on_roster(scene: Scene, client: str, staff: str) -> bool:
    """This client is assigned to this staff member now."""
    return (client, staff) in scene.roster


def hidden(scene: Scene, clock: Clock) -> bool:
    """No such thing for this actor (MSG-2): words nobody knows are nothing either."""
    if scene.side not in ("staff", "client") or scene.action not in ("start", "reply"):
        return True
    if scene.action == "reply" and not (scene.participant and clock.begun):
        return True
    return not scene.may_view


def sender_inactive(scene: Scene, _clock: Clock) -> bool:
    """The sender has left or is archived."""
    if is_client(scene):
        return not any(one.id == scene.actor and one.active for one in scene.clients)
    return not scene.staff_active


def sender_without_access(scene: Scene, _clock: Clock) -> bool:
    """A sending client has no portal access."""
    return is_client(scene) and not scene.portal_access


def locked(_scene: Scene, clock: Clock) -> bool:
    """Locked binds everybody."""
    return clock.locked


def nobody_to_read(scene: Scene, _clock: Clock) -> bool:
    """Nobody on the other side; of those a client names in a start, each must be there."""
    there = [one.active and one.permitted for one in scene.staff]
    if client_starts(scene):
        return not there or not all(there)
    if is_client(scene):
        return not any(there)
    return not any(one.active for one in scene.clients)


def not_taking_messages(scene: Scene, _clock: Clock) -> bool:
    """A client names somebody who may not be started with."""
    return client_starts(scene) and any(not one.takes_messages for one in scene.staff)


def policy_unknown(_scene: Scene, clock: Clock) -> bool:
    """Nobody knows what the policy means."""
    return clock.policy not in KNOWN


def client_may_not_start(scene: Scene, clock: Clock) -> bool:
    """Reply only and never initiate leave starting to staff."""
    return client_starts(scene) and clock.policy not in CLIENTS_MAY_START


def no_assigned_staff(scene: Scene, clock: Clock) -> bool:
    """Assigned clients only, and the client is on nobody's roster."""
    nobody = all(client != scene.actor for client, _ in scene.roster)
    return clock.policy == ASSIGNED and is_client(scene) and nobody


def not_on_roster(scene: Scene, clock: Clock) -> bool:
    """Assigned clients only: staff need all active clients, an answer one, a start each named."""
    if clock.policy != ASSIGNED:
        return False
    if not is_client(scene):
        active = [one.id for one in scene.clients if one.active]
        return not all(on_roster(scene, client, scene.actor) for client in active)
    if client_starts(scene):
        return not all(on_roster(scene, scene.actor, one.id) for one in scene.staff)
    return not any(on_roster(scene, scene.actor, one.id) for one in scene.staff if one.active)


def somebody_to_start_with(scene: Scene, clock: Clock) -> bool:
    """The client may start with at least one of the staff in this conversation (MSG-9)."""
    ready = [one for one in scene.staff if one.active and one.permitted and one.takes_messages]
    if clock.policy == ASSIGNED:
        return any(on_roster(scene, scene.actor, one.id) for one in ready)
    return clock.policy == ALL_CLIENTS and bool(ready)


def stays_closed(how: str) -> Callable[[Scene, Clock], bool]:
    """The client answers a conversation closed in this way, and may not start one instead."""

    def holds(scene: Scene, clock: Clock) -> bool:
        closed = clock.closed_how == how
        return client_replies(scene) and closed and not somebody_to_start_with(scene, clock)

    return holds


def not_staff_initiated(scene: Scene, clock: Clock) -> bool:
    """Reply only, and staff never wrote here."""
    return client_replies(scene) and clock.policy == REPLY_ONLY and not clock.staff_initiated


DENIALS: tuple[tuple[str, Callable[[Scene, Clock], bool]], ...] = (
    (HIDDEN, hidden),
    ("sender_inactive", sender_inactive),
    ("sender_without_access", sender_without_access),
    ("locked", locked),
    ("nobody_to_read", nobody_to_read),
    ("not_taking_messages", not_taking_messages),
    ("policy_unknown", policy_unknown),
    ("client_may_not_start", client_may_not_start),
    ("no_assigned_staff", no_assigned_staff),
    ("not_on_roster", not_on_roster),
    (CLOSED_BY_STAFF, stays_closed(CLOSED_BY_STAFF)),
    (AUTO_CLOSED, stays_closed(AUTO_CLOSED)),
    ("not_staff_initiated", not_staff_initiated),
)


def first_reason(scene: Scene, clock: Clock) -> str | None:
    """The first reason to deny, if there is one."""
    return next((reason for reason, holds in DENIALS if holds(scene, clock)), None)


def decide(scene: Scene) -> Decision:
    """The answer now, and the first later instant that has another if nobody does anything."""
    clock = clock_now(scene)
    reason = first_reason(scene, clock)
    if reason == HIDDEN:
        return Decision(allowed=False, reason=HIDDEN, hidden=True)
    if scene.action == "start":
        return Decision(allowed=reason is None, reason=reason)
    end = deadline(clock)
    if end is not None and first_reason(scene, pass_time(clock, end)) == reason:
        end = None
    return Decision(reason is None, reason, closed_at=clock.closed_at, holds_until=end)


# --- The table (MSG-11), written out a second time -----------------------------------------------

ASSIGNMENTS = ("this", "other", "none")
SITUATIONS = ("new", "open", "auto_closed", "closed_by_staff", "locked", "reopened")
CLOSED_SITUATIONS = (AUTO_CLOSED, CLOSED_BY_STAFF)


def table_reason(actor: str, policy: str, assigned: str) -> str | None:
    """What policy and roster say whatever the conversation; the same for start and answer."""
    if policy not in KNOWN:
        return "policy_unknown"
    if policy != ASSIGNED or assigned == "this":
        return None
    return "no_assigned_staff" if (actor, assigned) == ("client", "none") else "not_on_roster"


def table_client(policy: str, situation: str, action: str, *, staff_initiated: bool) -> str | None:
    """The client's column under the two policies that let no client start."""
    if policy in CLIENTS_MAY_START:
        return None
    if action == "start":
        return "client_may_not_start"
    if situation in CLOSED_SITUATIONS:
        return situation
    return "not_staff_initiated" if policy == REPLY_ONLY and not staff_initiated else None


def table_row(
    policy: str, actor: str, assigned: str, staff_initiated: bool, situation: str, action: str
) -> tuple[bool, str | None]:
    """One cell: `locked` denies everything first; an answer to nothing is hidden.

    A start looks at no conversation, so that it is the same in every situation but `locked`.
    """
    if situation == "locked":
        return False, "locked"
    if situation == "new" and action == "reply":
        return False, HIDDEN
    reason = table_reason(actor, policy, assigned)
    if reason is None and actor == "client":
        reason = table_client(policy, situation, action, staff_initiated=staff_initiated)
    return reason is None, reason
