"""The life of one appointment: APT-6, APT-8, APT-9 and APT-13 once more, as a replay.

Written from the text of the rules and importing nothing of the library. An appointment is the list
of what was asked of it, in order; each act is judged by where the appointment stands at its moment,
and what is refused changes nothing. What happens by itself at a moment comes before it.
Whether the new time of a move is free is for `booking_spec`.

Read as: "after the start" is from the start itself on.
Read as: booking, from which regret counts, is the client's request, not its acceptance, and moving
is the asking; a move that was declined or lapsed leaves the former moment to count from.
Read as: a move that waits is a request: cancelling it is never late, though a booked time goes too.
Read as: while a move waits, the start is the old one (notice, `already_started`, regret); asking
for yet another time replaces the one asked for.
Read as: a move that waits lapses at the new start, as what is asked, and is then as if declined.
Read as: moving a request is late like any move (only cancelling is excepted); it stays a request
and nothing keeps its old time. A move by staff settles a move that waits: booked at theirs.
Read as: the version rises when the time changes, so for a move that waits when it is accepted.
Read as: a confirmation is the client's, of a booked appointment whose first booking staff made, and
before the start; a second one is allowed and changes nothing. A client who asks for another time
has voided theirs, even if the move is declined.
Read as: fulfilled, too, is an act of staff from the start on; only a booked appointment is
fulfilled or a no-show, and one taken back is booked again.
Read as: where a reason is required, staff give one too; a second cancel needs none.
Read as: staff may cancel and move what has started, as long as it is booked.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from tests.spec import cancel_spec

ALLOW_AS_LATE = "allow_as_late"
REFUSE = "refuse"
STAFF = "staff"
CLIENT = "client"


class Policy(NamedTuple):
    """What applied at booking: the snapshot."""

    cancel_notice: timedelta = timedelta(hours=24)
    cancel_outside: str = ALLOW_AS_LATE
    move_notice: timedelta = timedelta(hours=24)
    move_outside: str = ALLOW_AS_LATE
    regret: timedelta = timedelta(minutes=15)
    reason_required: bool = False


class Act(NamedTuple):
    """What somebody asked for.

    Kinds: `book`, `accept`, `decline`, `cancel`, `move`, `confirm`, `fulfil`, `no_show`,
    `undo_no_show`; and `settings`, when the practice's policy or auto-accept changes.
    """

    at: datetime
    by: str
    kind: str
    start: datetime | None = None
    reason: str | None = None
    policy: Policy = Policy()
    auto_accept: bool = False


class State(NamedTuple):
    """Where the appointment stands; before its booking it has no status.

    `asked` is the new start of a move that waits, `asked_at` when it was asked for. `made_at` is
    what regret counts from, `former` the times it had, `late_move` whether a move was late.
    """

    status: str = ""
    start: datetime | None = None
    made_by: str = ""
    made_at: datetime | None = None
    snapshot: Policy = Policy()
    asked: datetime | None = None
    asked_at: datetime | None = None
    asked_late: bool = False
    late_move: bool = False
    version: int = 1
    former: tuple[datetime, ...] = ()
    confirmed: bool = False
    policy: Policy = Policy()
    auto_accept: bool = False


class Answer(NamedTuple):
    """Whether the act was allowed, a code, whether it was late, and where things stand then."""

    allowed: bool
    code: str
    late: bool
    state: State


# --- Time ----------------------------------------------------------------------------------------


def instant(moment: datetime) -> datetime:
    """The same moment, so that it compares as an instant."""
    return moment.astimezone(UTC)


def started(state: State, now: datetime) -> bool:
    """The start has come."""
    return state.start is not None and instant(now) >= instant(state.start)


def waits(state: State) -> bool:
    """A move of what was booked is not answered yet (APT-9)."""
    return state.asked is not None


def stay(state: State) -> State:
    """A move that waited came to nothing: booked at the old time."""
    return state._replace(status="booked", asked=None, asked_at=None, asked_late=False)


def pass_time(state: State, now: datetime) -> State:
    """A request lapses at its start; a move that waits lapses at the new one (APT-6)."""
    if state.status != "requested":
        return state
    if state.asked is not None:
        return stay(state) if instant(now) >= instant(state.asked) else state
    return state._replace(status="lapsed") if started(state, now) else state


def in_regret(state: State, now: datetime) -> bool:
    """Within the window after booking or moving, before the start (APT-8)."""
    if state.made_at is None or started(state, now):
        return False
    passed = instant(now) - instant(state.made_at)
    return timedelta(0) <= passed < state.snapshot.regret


def times(state: State, now: datetime) -> list[datetime]:
    """The starts that are taken: of a move that waits, both (APT-9)."""
    state = pass_time(state, now)
    if state.start is None or state.status in ("declined", "cancelled", "late_cancelled", "lapsed"):
        return []
    return [state.start] if state.asked is None else [state.start, state.asked]


# --- The acts ------------------------------------------------------------------------------------


def no(state: State, code: str) -> Answer:
    """Refused, and nothing changes."""
    return Answer(False, code, False, state)


def yes(state: State, code: str, *, late: bool = False) -> Answer:
    """Allowed."""
    return Answer(True, code, late, state)


def book(state: State, act: Act) -> Answer:
    """A client's booking is a request unless auto-accepted; staff book (APT-6)."""
    if state.status:
        return no(state, "already_booked")
    booked = act.by == STAFF or state.auto_accept
    status = "booked" if booked else "requested"
    return yes(
        state._replace(
            status=status,
            start=act.start,
            made_by=act.by,
            made_at=act.at,
            snapshot=state.policy,
        ),
        status,
    )


def accept(state: State, act: Act) -> Answer:
    """Staff accept a request, or a move that waits."""
    if act.by != STAFF:
        return no(state, "staff_only")
    if state.status != "requested":
        return no(state, "not_requested")
    if state.asked is None or state.asked_at is None:
        return yes(state._replace(status="booked"), "booked")
    return yes(stay(moved(state, state.asked, state.asked_at, late=state.asked_late)), "booked")


def decline(state: State, act: Act) -> Answer:
    """Staff decline a request; a move that is declined stays at the old time (APT-9)."""
    if act.by != STAFF:
        return no(state, "staff_only")
    if state.status != "requested":
        return no(state, "not_requested")
    if waits(state):
        return yes(stay(state), "booked")
    return yes(state._replace(status="declined"), "declined")


def cancel_code(state: State, act: Act) -> str:
    """What a cancellation comes to; the client's is `cancel_spec` (APT-8)."""
    if act.by == STAFF:
        if state.status in ("cancelled", "late_cancelled"):
            return "already_cancelled"
        return "cancelled" if state.status in ("requested", "booked") else "not_cancellable"
    if state.start is None or state.made_at is None:
        return "not_cancellable"
    policy = state.snapshot
    return cancel_spec.outcome(
        cancel_spec.Cancellation(
            state.status,
            state.start,
            state.made_at,
            act.at,
            policy.cancel_notice,
            policy.cancel_outside,
            policy.regret,
        )
    )


def cancel(state: State, act: Act) -> Answer:
    """By staff never late; a second one changes nothing (APT-8)."""
    code = cancel_code(state, act)
    if code == "already_cancelled":
        return yes(state, code)
    if code not in cancel_spec.ALLOWED:
        return no(state, code)
    if state.snapshot.reason_required and not act.reason:
        return no(state, "reason_required")
    late = code == "late_cancelled"
    return yes(state._replace(status=code, asked=None, asked_at=None), code, late=late)


def moved(state: State, start: datetime, at: datetime, *, late: bool) -> State:
    """At the new time: the id stays, version + 1, former time kept, confirmation void (APT-9)."""
    if state.start is None:
        raise ValueError(state)
    return state._replace(
        start=start,
        made_at=at,
        version=state.version + 1,
        former=(*state.former, state.start),
        late_move=state.late_move or late,
        confirmed=False,
    )


def move_late(state: State, now: datetime) -> bool:
    """Outside the notice of the old start, and no regret (APT-8, APT-9)."""
    if state.start is None:
        raise ValueError(state)
    kept = instant(state.start) - instant(now) >= state.snapshot.move_notice
    return not kept and not in_regret(state, now)


def move(state: State, act: Act) -> Answer:
    """Staff move what they like; a client within the rules, perhaps asking only (APT-9)."""
    if act.start is None or state.status not in ("requested", "booked"):
        return no(state, "not_movable")
    if act.by == STAFF:
        new = moved(state, act.start, act.at, late=False)
        return yes(stay(new) if waits(state) else new, "moved")
    return client_move(state, act, act.start)


def client_move(state: State, act: Act, start: datetime) -> Answer:
    """Notice against the old start; booked under auto-accept, else a request (APT-9)."""
    if started(state, act.at):
        return no(state, "already_started")
    late = move_late(state, act.at)
    if late and state.snapshot.move_outside == REFUSE:
        return no(state, "outside_notice")
    was_booked = state.status == "booked" or waits(state)
    if not was_booked:
        return yes(moved(state, start, act.at, late=late), "moved", late=late)
    if state.auto_accept:
        return yes(stay(moved(state, start, act.at, late=late)), "moved", late=late)
    waiting = state._replace(asked=start, asked_at=act.at, asked_late=late, confirmed=False)
    return yes(waiting._replace(status="requested"), "requested", late=late)


def confirm(state: State, act: Act) -> Answer:
    """A client, what staff made (APT-13)."""
    if act.by != CLIENT:
        return no(state, "client_only")
    if state.status != "booked":
        return no(state, "not_booked")
    if state.made_by != STAFF:
        return no(state, "not_made_by_staff")
    if started(state, act.at):
        return no(state, "already_started")
    code = "already_confirmed" if state.confirmed else "confirmed"
    return yes(state._replace(confirmed=True), code)


def ends_as(status: str) -> Callable[[State, Act], Answer]:
    """Fulfilled or no-show: staff, from the start on, what is booked (APT-13)."""

    def end(state: State, act: Act) -> Answer:
        if act.by != STAFF:
            return no(state, "staff_only")
        if state.status != "booked":
            return no(state, "not_booked")
        if not started(state, act.at):
            return no(state, "not_started")
        return yes(state._replace(status=status), status)

    return end


def undo_no_show(state: State, act: Act) -> Answer:
    """Reversible, by staff (APT-13)."""
    if act.by != STAFF:
        return no(state, "staff_only")
    if state.status != "no_show":
        return no(state, "not_no_show")
    return yes(state._replace(status="booked"), "booked")


def settings(state: State, act: Act) -> Answer:
    """The practice's policy and auto-accept from here on; no snapshot changes (APT-8)."""
    return yes(state._replace(policy=act.policy, auto_accept=act.auto_accept), "set")


ACTS: dict[str, Callable[[State, Act], Answer]] = {
    "book": book,
    "accept": accept,
    "decline": decline,
    "cancel": cancel,
    "move": move,
    "confirm": confirm,
    "fulfil": ends_as("fulfilled"),
    "no_show": ends_as("no_show"),
    "undo_no_show": undo_no_show,
    "settings": settings,
}


# --- The answer ----------------------------------------------------------------------------------


def judge(state: State, act: Act) -> Answer:
    """What this act comes to at its moment."""
    return ACTS[act.kind](pass_time(state, act.at), act)


def replay(acts: Iterable[Act]) -> list[Answer]:
    """Every act in order, each judged by what came of those before it."""
    state, answers = State(), []
    for act in acts:
        answer = judge(state, act)
        answers.append(answer)
        state = answer.state
    return answers


def state_at(acts: Iterable[Act], now: datetime) -> State:
    """Where the appointment stands at `now`, however often anybody looked (OUT-3)."""
    state = State()
    for answer in replay(act for act in acts if instant(act.at) <= instant(now)):
        state = answer.state
    return pass_time(state, now)


def allowed_now(acts: Iterable[Act], now: datetime, by: str) -> dict[str, str]:
    """Each act this actor may do now, with its code; a move is to a week later."""
    state = state_at(acts, now)
    later = None if state.start is None else state.start + timedelta(days=7)
    asked = [Act(now, by, kind, later, "a reason") for kind in ACTS if kind not in ("settings",)]
    answers = [(act.kind, judge(state, act)) for act in asked]
    return {kind: answer.code for kind, answer in answers if answer.allowed}
