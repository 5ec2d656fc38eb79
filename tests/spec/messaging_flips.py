"""What would reverse an answer (MSG-13), and what another policy would change (MSG-18).

A change is a tuple that starts with its kind; `ORDER` holds the kinds in the order in which two
of them are made. A change is made now, after everything that happened up to now.
"""

from collections.abc import Iterator
from functools import reduce
from itertools import combinations
from typing import NamedTuple

from tests.spec.messaging_clock import (
    HIDDEN,
    KNOWN,
    ByHand,
    Clock,
    Message,
    Scene,
    Staff,
    Switch,
    after_hand,
    after_message,
    after_switch,
    clock_now,
    deadline,
    pass_time,
)
from tests.spec.messaging_reasons import first_reason, sender_without_access, views_all

Change = tuple[str | int, ...]

ORDER = (
    "unlock",
    "restore_access",
    "policy",
    "assign",
    "reopen",
    "staff_writes",
    "wait_until",
)


class State(NamedTuple):
    """A question, and where the conversation stands."""

    scene: Scene
    clock: Clock


# --- The closed list -----------------------------------------------------------------------------


def unlock(state: State) -> list[Change]:
    """If locked."""
    return [("unlock",)] if state.clock.locked else []


def restore_access(state: State) -> list[Change]:
    """If the acting client or proxy has none."""
    return [("restore_access",)] if sender_without_access(*state) else []


def policies(state: State) -> list[Change]:
    """Each value but the present one."""
    return [("policy", value) for value in KNOWN if value != state.clock.policy]


def assignments(state: State) -> list[Change]:
    """Each pair of those taking part or named that is not on the roster."""
    scene = state.scene
    staff = [one.id for one in scene.staff]
    if scene.side == "staff" and scene.actor not in staff:
        staff.append(scene.actor)
    pairs = [(client.id, one) for client in scene.clients for one in staff]
    return [("assign", *pair) for pair in pairs if pair not in scene.roster]


def reopenings(state: State) -> list[Change]:
    """By hand, if closed and not locked."""
    clock = state.clock
    return [("reopen",)] if clock.closed_at is not None and not clock.locked else []


def is_there(scene: Scene, one: Staff) -> bool:
    """This participant is active and permitted, as is the actor if that is who it is."""
    actor = scene.side == "staff" and one.id == scene.actor
    acting = not actor or (scene.staff_active and (scene.may_view or not scene.clients))
    return one.active and views_all(scene, one) and acting


def may_write(state: State, one: Staff) -> bool:
    """The rules let this participant write now."""
    theirs = state.scene._replace(action="reply", side="staff", actor=one.id)
    theirs = theirs._replace(participant=True, may_view=True, staff_active=True)
    return is_there(state.scene, one) and first_reason(theirs, state.clock) is None


def staff_writings(state: State, *, strictly: bool = False) -> list[Change]:
    """If there is a conversation, not locked, with somebody to write (strictly: who may)."""
    if not state.clock.begun or state.clock.locked:
        return []
    eligible = (
        may_write(state, one) if strictly else is_there(state.scene, one)
        for one in state.scene.staff
    )
    return [("staff_writes",)] if any(eligible) else []


def waits(state: State) -> list[Change]:
    """Until the deadline ahead."""
    end = deadline(state.clock)
    return [] if end is None else [("wait_until", end)]


def changes(state: State, *, strictly: bool = False) -> list[Change]:
    """Every change that applies, in order."""
    return [
        *unlock(state),
        *restore_access(state),
        *policies(state),
        *assignments(state),
        *reopenings(state),
        *staff_writings(state, strictly=strictly),
        *waits(state),
    ]


# --- Making them ---------------------------------------------------------------------------------


def with_access(scene: Scene) -> Scene:
    """The acting client or proxy has access again."""
    if scene.side == "proxy" and scene.proxy is not None:
        return scene._replace(proxy=scene.proxy._replace(access=True))
    return scene._replace(portal_access=True)


def later_clock(state: State, change: Change) -> Clock:
    """Where the conversation stands after this change."""
    clock, now = state.clock, state.scene.now
    match change:
        case ("unlock",):
            return after_hand(clock, ByHand(now, "unlocked"))
        case ("policy", str(value)):
            return after_switch(clock, Switch(now, value))
        case ("reopen",):
            return after_hand(clock, ByHand(now, "reopened"))
        case ("staff_writes",):
            return after_message(clock, Message(now, "staff", 0))
        case ("wait_until", int(moment)):
            return pass_time(clock, moment)
    return clock


def made(state: State, change: Change) -> State:
    """The question after this change."""
    scene = state.scene
    match change:
        case ("restore_access",):
            scene = with_access(scene)
        case ("assign", str(client), str(staff)):
            scene = scene._replace(roster=scene.roster | {(client, staff)})
        case ("wait_until", int(moment)):
            scene = scene._replace(now=moment)
    return State(scene, later_clock(state, change))


def stands(scene: Scene) -> State:
    """The question now."""
    return State(scene, clock_now(scene))


def allowed(state: State) -> bool:
    """No reason denies it."""
    return first_reason(*state) is None


# --- Flips ---------------------------------------------------------------------------------------


def listed_pairs(state: State) -> Iterator[tuple[Change, Change]]:
    """Two of the changes that apply now; of two policies only the last would count."""
    for first, second in combinations(changes(state), 2):
        if first[0] != "policy" or second[0] != "policy":
            yield first, second


def pairs_in_turn(state: State) -> Iterator[tuple[Change, Change]]:
    """A change that the rules allow now, then one that they allow after it."""
    for first in changes(state, strictly=True):
        for second in changes(made(state, first), strictly=True):
            rank, after = ORDER.index(str(first[0])), ORDER.index(str(second[0]))
            if rank < after or (rank == after and first[0] == "assign"):
                yield first, second


def flips(scene: Scene, *, in_turn: bool = False) -> frozenset[frozenset[Change]]:
    """All minimal sets of at most two changes that reverse the answer; a hidden one has none.

    Both changes of a pair are taken from what applies now; `in_turn`, the second from what applies
    after the first (unlock and then reopen; a policy, then its deadline, unless waiting so long
    does it alone), and staff write only where the rules let them.
    """
    state = stands(scene)
    if first_reason(*state) == HIDDEN:
        return frozenset()

    def reverses(*two: Change) -> bool:
        return allowed(reduce(made, two, state)) != allowed(state)

    alone = {one for one in changes(state, strictly=in_turn) if reverses(one)}
    both = {
        frozenset(pair)
        for pair in (pairs_in_turn(state) if in_turn else listed_pairs(state))
        if not alone.intersection(pair) and reverses(*pair)
        if pair[1][0] != "wait_until" or not reverses(pair[1])
    }
    return frozenset({frozenset({one}) for one in alone} | both)


# --- Another policy ------------------------------------------------------------------------------


def would_change(scene: Scene, value: str | None) -> bool:
    """Whether the answer differs under this policy, now or at the next deadline of either."""
    state = stands(scene)
    other = State(scene, after_switch(state.clock, Switch(scene.now, value)))
    ends = [deadline(one.clock) for one in (state, other)]
    moments = [scene.now, *(end for end in ends if end is not None)]
    return any(
        allowed(State(scene, pass_time(state.clock, moment)))
        != allowed(State(scene, pass_time(other.clock, moment)))
        for moment in moments
    )
