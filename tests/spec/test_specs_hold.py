"""The worked examples of the rules, tried on the specifications that stand for the rules."""

import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.spec import cancel_spec as cancel
from tests.spec import messaging_spec as spec
from tests.spec import slots_spec as slots
from tests.spec.messaging_spec import HOUR, ByHand, Client, Decision, Message, Scene, Staff, Switch
from tests.spec.messaging_words import answer, at, policies, talk

# --- Messaging -----------------------------------------------------------------------------------

NOW = 1000 * HOUR


def test_msg12_client_in_time_then_staff_owe_the_answer() -> None:
    """MSG-12: S0 C47.99 allow, then C100 allow."""
    assert answer(47.99, ("S", 0)) == Decision(True, None, holds_until=at(48))
    assert answer(100, ("S", 0), ("C", 47.99)) == Decision(True, None)


def test_msg12_closed_from_exactly_48_hours() -> None:
    """MSG-12: S0 C48 deny, closed at 48, to the microsecond."""
    assert answer(48, ("S", 0)) == Decision(False, "auto_closed", closed_at=at(48))
    assert answer(60, ("S", 0)).closed_at == at(48)
    just = Scene(
        *("reply", "client", "c", at(48) - 1),
        messages=talk(("S", 0)),
        clients=(Client("c"),),
        staff=(Staff("s"),),
    )
    assert spec.decide(just) == Decision(True, None, holds_until=at(48))


def test_msg12_a_staff_message_reopens() -> None:
    """MSG-12: S60 reopens until 108."""
    turns = (("S", 0.0), ("S", 60.0))
    assert answer(107.9, *turns) == Decision(True, None, holds_until=at(108))
    assert answer(108, *turns).reason == "auto_closed"


def test_msg12_the_latest_staff_message_counts() -> None:
    """MSG-12: S0 S40: C87.9 allow, C88 deny."""
    assert answer(87.9, ("S", 0), ("S", 40)).allowed
    assert answer(88, ("S", 0), ("S", 40)) == Decision(False, "auto_closed", closed_at=at(88))


def test_msg12_the_next_staff_message_starts_afresh() -> None:
    """MSG-12: S0 C1 S2 closes at 50."""
    assert answer(49, ("S", 0), ("C", 1), ("S", 2)).holds_until == at(50)
    assert answer(50, ("S", 0), ("C", 1), ("S", 2)).closed_at == at(50)


def test_msg12_started_by_the_client() -> None:
    """MSG-12: a client's start, then reply only at 5: C6 denied until S10, then until 58."""
    history = policies((0, "all_clients"), (5, "reply_only"))
    assert answer(6, ("C", 0), policy=history) == Decision(False, "not_staff_initiated")
    late = answer(57, ("C", 0), ("S", 10), policy=history)
    assert late == Decision(True, None, holds_until=at(58))
    assert not answer(58, ("C", 0), ("S", 10), policy=history).allowed


def test_msg12_a_switch_gives_48_hours() -> None:
    """MSG-12: S0 under all clients, switch at 500: open until 548."""
    history = policies((0, "all_clients"), (500, "reply_only"))
    assert answer(547, ("S", 0), policy=history).holds_until == at(548)
    assert answer(548, ("S", 0), policy=history).closed_at == at(548)


def test_msg12_a_leftover_stays_closed() -> None:
    """MSG-12: closed at 48, all clients at 60, reply only at 70: still closed."""
    history = policies((0, "reply_only"), (60, "all_clients"), (70, "reply_only"))
    decision = answer(71, ("S", 0), policy=history)
    assert decision == Decision(False, "auto_closed", closed_at=at(48))
    assert answer(65, ("S", 0), policy=history).allowed
    assert answer(71, ("S", 0), ("C", 65), policy=history) == Decision(True, None)


def test_msg9_the_same_value_again_is_no_switch() -> None:
    """MSG-9: setting reply only twice gives no new deadline, returning from unknown does."""
    same = policies((0, "reply_only"), (20, "reply_only"))
    assert answer(30, ("S", 0), policy=same).holds_until == at(48)
    back = policies((0, "reply_only"), (10, "Reply_Only"), (20, "reply_only"))
    assert answer(15, ("S", 0), policy=back) == Decision(False, "policy_unknown")
    assert answer(30, ("S", 0), policy=back).holds_until == at(68)


def test_msg9_the_deadline_comes_before_the_switch() -> None:
    """MSG-9: a switch away at exactly 48 finds the conversation closed, one earlier saves it."""
    late = policies((48, "never_initiate"))
    assert answer(49, ("S", 0), policy=late) == Decision(False, "auto_closed", closed_at=at(48))
    saved = (Switch(at(48) - 1, "never_initiate"),)
    assert answer(4900, ("S", 0), policy=saved) == Decision(True, None)


def test_msg10_closing_by_hand() -> None:
    """MSG-10: closed at the earlier of that moment and the deadline, also when staff owe."""
    closed = (ByHand(at(10), "closed"),)
    expected = Decision(False, "closed_by_staff", closed_at=at(10))
    assert answer(11, ("S", 0), by_hand=closed) == expected
    assert answer(11, ("S", 0), ("C", 1), by_hand=closed) == expected
    after = answer(61, ("S", 0), by_hand=(ByHand(at(60), "closed"),))
    assert after == Decision(False, "closed_by_staff", closed_at=at(48))


def test_msg10_locked_and_unlocked() -> None:
    """MSG-10: a lock binds staff too; unlocking leaves it closed; a staff message reopens."""
    lock = ByHand(at(10), "closed", locked=True)
    assert answer(11, ("S", 0), by_hand=(lock,)).reason == "locked"
    staff = {"side": "staff", "actor": "s"}
    assert answer(11, ("S", 0), by_hand=(lock,), **staff).reason == "locked"
    unlocked = (lock, ByHand(at(12), "unlocked"))
    assert answer(13, ("S", 0), by_hand=unlocked).reason == "closed_by_staff"
    assert answer(13, ("S", 0), by_hand=unlocked, **staff).allowed
    assert answer(15, ("S", 0), ("S", 14), by_hand=unlocked).holds_until == at(62)


def test_msg10_reopening_by_hand() -> None:
    """MSG-10: it starts the clock and does not make a conversation staff-initiated."""
    hands = (ByHand(at(10), "closed"), ByHand(at(20), "reopened"))
    assert answer(21, ("S", 0), ("C", 1), by_hand=hands).holds_until == at(68)
    history = policies((0, "all_clients"), (5, "reply_only"))
    decision = answer(21, ("C", 0), policy=history, by_hand=hands)
    assert decision == Decision(False, "not_staff_initiated", holds_until=at(68))


def test_msg10_at_one_instant() -> None:
    """Messages come before what staff do by hand at their instant, unless it says after which."""
    closed = (ByHand(at(5), "closed"),)
    assert answer(6, ("S", 0), ("S", 5), by_hand=closed).reason == "closed_by_staff"
    assert answer(6, ("S", 0), ("S", 5), by_hand=(closed[0]._replace(after=1),)).allowed


def test_msg16_taking_over_counts_as_a_switch() -> None:
    """MSG-16: whoever takes over leaves the client at least 48 hours."""
    taken = (ByHand(at(40), "taken_over"),)
    assert answer(50, ("S", 0), by_hand=taken).holds_until == at(88)


def test_msg3_automatic_messages_never_count() -> None:
    """MSG-3, MSG-4: a message that is nobody's neither starts the clock nor stops it."""
    assert answer(20, ("S", 0), ("auto", 10)).holds_until == at(48)


def test_msg2_the_first_reason_only() -> None:
    """MSG-2: taking the reasons away one by one shows them in the order of the rules."""
    scene = Scene(
        *("start", "client", "c", NOW),
        policy=(Switch(0, "what?"),),
        messages=talk(("S", 0)),
        by_hand=(ByHand(at(1), "closed", locked=True),),
        may_view=False,
        portal_access=False,
        clients=(Client("c", active=False),),
        staff=(Staff("s", active=False, takes_messages=False),),
    )
    steps: list[tuple[str | None, dict[str, Any]]] = [
        ("hidden", {"may_view": True}),
        ("sender_inactive", {"clients": (Client("c"),)}),
        ("sender_without_access", {"portal_access": True}),
        ("locked", {"by_hand": ()}),
        ("nobody_to_read", {"staff": (Staff("s", takes_messages=False),)}),
        ("not_taking_messages", {"staff": (Staff("s"),)}),
        ("policy_unknown", {"policy": (Switch(0, "reply_only"),)}),
        ("client_may_not_start", {"policy": (Switch(0, "assigned_clients_only"),)}),
        ("no_assigned_staff", {"roster": frozenset({("c", "t")})}),
        ("not_on_roster", {"roster": frozenset({("c", "s")})}),
        (None, {}),
    ]
    for reason, better in steps:
        assert spec.decide(scene) == Decision(reason is None, reason, hidden=reason == "hidden")
        scene = scene._replace(**better)


def test_msg2_hidden_says_nothing_else() -> None:
    """MSG-2: no participant, nothing permitted and nothing there all look the same."""
    nothing = Decision(False, "hidden", hidden=True)
    assert answer(60, ("S", 0), participant=False) == nothing
    assert answer(60, ("S", 0), may_view=False) == nothing
    assert answer(60) == nothing


def test_msg2_readers() -> None:
    """MSG-2: inactive members of a group are skipped while one active, permitted one is left."""
    gone, blind, here = Staff("s", active=False), Staff("t", permitted=False), Staff("u")
    assert answer(1, ("S", 0), staff=(gone, blind)).reason == "nobody_to_read"
    assert answer(1, ("S", 0), staff=(gone, blind, here)).allowed
    staff = {"side": "staff", "actor": "u"}
    archived = (Client("c", active=False),)
    assert answer(1, ("S", 0), clients=archived, **staff).reason == "nobody_to_read"
    assert answer(1, ("S", 0), clients=(*archived, Client("d")), **staff).allowed
    assert answer(1, ("S", 0), portal_access=False, **staff).allowed


def test_msg7_groups() -> None:
    """MSG-7: staff need every active client, a client any active staff, a start each named."""
    group: dict[str, Any] = {
        "policy": policies((0, "assigned_clients_only")),
        "clients": (Client("c"), Client("d"), Client("e", active=False)),
        "staff": (Staff("s"), Staff("t"), Staff("u", active=False)),
        "roster": frozenset({("c", "s"), ("d", "s"), ("c", "u"), ("d", "t")}),
    }
    assert answer(900, ("S", 0), **group, side="staff", actor="s").allowed
    assert answer(900, ("S", 0), **group, side="staff", actor="t").reason == "not_on_roster"
    assert answer(900, ("S", 0), **group).allowed
    gone = group | {"roster": frozenset({("c", "u"), ("d", "t")})}
    assert answer(900, ("S", 0), **gone).reason == "not_on_roster"
    start = group | {"action": "start", "clients": (Client("c"),), "staff": (Staff("s"),)}
    assert answer(900, **start).allowed
    both = start | {"staff": (Staff("s"), Staff("t"))}
    assert answer(900, **both).reason == "not_on_roster"


def test_msg9_a_leftover_whose_staff_take_no_messages() -> None:
    """PPL-3, MSG-9: open stays answerable, closed does not: the client may not start instead."""
    history = policies((60, "all_clients"))
    quiet = (Staff("s", takes_messages=False),)
    assert answer(61, ("S", 0), policy=history, staff=quiet).reason == "auto_closed"
    assert answer(61, ("S", 0), ("C", 1), policy=history, staff=quiet).allowed


UNTIL_NOW: dict[tuple[str, bool], tuple[tuple[Message, ...], tuple[ByHand, ...]]] = {
    ("new", True): ((), ()),
    ("new", False): ((), ()),
    ("open", True): (talk(("C", 0), ("S", 999)), ()),
    ("open", False): (talk(("C", 0)), ()),
    ("auto_closed", True): (talk(("S", 0)), ()),
    ("auto_closed", False): (
        talk(("C", 0)),
        (ByHand(at(1), "closed"), ByHand(at(2), "reopened")),
    ),
    ("closed_by_staff", True): (talk(("S", 0)), (ByHand(at(1), "closed"),)),
    ("closed_by_staff", False): (talk(("C", 0)), (ByHand(at(1), "closed"),)),
    ("locked", True): (talk(("S", 0)), (ByHand(at(1), "closed", locked=True),)),
    ("locked", False): (talk(("C", 0)), (ByHand(at(1), "closed", locked=True),)),
    ("reopened", True): (talk(("S", 0), ("S", 999)), (ByHand(at(1), "closed"),)),
    ("reopened", False): (
        talk(("C", 0)),
        (ByHand(at(1), "closed"), ByHand(at(999), "reopened")),
    ),
}
ROSTERS = {"this": {("c", "s")}, "other": {("c", "t")}, "none": {("d", "s")}}


@pytest.mark.parametrize("policy", [*spec.KNOWN, "unknown", "all_clients ", "ALL_CLIENTS", None])
def test_msg11_the_table_equals_the_reasons(policy: str | None) -> None:
    """MSG-11: each cell of the table is what the reasons say of a history that leads to it."""
    told = policies((0, "all_clients"), (3, "reply_only"))
    cells = itertools.product(("staff", "client"), ROSTERS, UNTIL_NOW, ("start", "reply"))
    for side, assigned, (situation, initiated), action in cells:
        messages, by_hand = UNTIL_NOW[situation, initiated]
        scene = Scene(
            *(action, side, "s" if side == "staff" else "c", NOW),
            policy=(*told, Switch(at(999.5), policy)),
            messages=messages,
            by_hand=by_hand,
            clients=(Client("c"),),
            staff=(Staff("s"),),
            roster=frozenset(ROSTERS[assigned]),
        )
        assert spec.possible(scene)
        decision = spec.decide(scene)
        row = spec.table_row(str(policy), side, assigned, initiated, situation, action)
        assert decision[:2] == row, scene


@pytest.mark.parametrize(
    ("policy", "cells"),
    [
        ("reply_only", "client_may_not_start - auto_closed -"),
        ("never_initiate", "client_may_not_start - auto_closed -"),
        ("assigned_clients_only", "- - - -"),
        ("all_clients", "- - - -"),
    ],
)
def test_msg11_the_client_column_as_printed(policy: str, cells: str) -> None:
    """MSG-11: start, answer open, answer auto-closed, answer after reopening."""
    asked = (("new", "start"), ("open", "reply"), ("auto_closed", "reply"), ("reopened", "reply"))
    for (situation, action), cell in zip(asked, cells.split(), strict=True):
        expected = (True, None) if cell == "-" else (False, cell)
        assert spec.table_row(policy, "client", "this", True, situation, action) == expected


def test_msg19_starting_is_monotone() -> None:
    """MSG-19: for a client's start, reply only = never initiate <= assigned <= all clients."""
    for assigned in spec.ASSIGNMENTS:
        start = [
            spec.table_row(policy, "client", assigned, False, "new", "start")[0]
            for policy in spec.KNOWN
        ]
        assert start[0] == start[1] <= start[2] <= start[3]


# --- Slots ---------------------------------------------------------------------------------------

BERLIN = ZoneInfo("Europe/Berlin")
DAILY = tuple(range(7))


def question(day: date, hours: tuple[int, int], zone: str = "Europe/Berlin") -> slots.Question:
    """One-hour appointments on one local day with one window, asked a week before."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))
    return slots.Question(
        weekly=tuple((weekday, *hours) for weekday in DAILY),
        zone=zone,
        since=midnight,
        until=midnight + timedelta(days=1),
        now=midnight - timedelta(days=7),
        duration=60,
    )


def local(asked: slots.Question) -> list[str]:
    """The starts as the wall shows them."""
    return [f"{one.astimezone(ZoneInfo(asked.zone)):%H:%M}" for one in slots.bookable(asked)]


def test_apt2_no_start_in_a_gap() -> None:
    """APT-2: on the day the clocks go forward 02:00 is not offered, and 01:00 lasts an hour."""
    asked = question(date(2025, 3, 30), (0, 300))
    assert local(asked) == ["00:00", "01:00", "03:00", "04:00"]


def test_apt2_of_an_ambiguous_start_the_first() -> None:
    """APT-2: on the day the clocks go back 02:00 is offered once, the first time."""
    asked = question(date(2025, 10, 26), (0, 300))
    assert local(asked) == ["00:00", "01:00", "02:00", "03:00", "04:00"]
    assert slots.bookable(asked)[2] == datetime(2025, 10, 26, 0, tzinfo=UTC)


def test_apt2_durations_are_elapsed() -> None:
    """APT-2: two hours from 01:00 end at 04:00 by the wall on the day the clocks go forward."""
    asked = question(date(2025, 3, 30), (60, 240))._replace(duration=120, step=30)
    assert local(asked) == ["01:00"]
    back = question(date(2025, 10, 26), (60, 180))._replace(duration=180)
    assert local(back) == ["01:00"]


def test_apt2_an_edge_in_a_gap() -> None:
    """A window from 02:30 opens at 03:00, and one until 02:30 closes there."""
    opening = question(date(2025, 3, 30), (150, 300))._replace(step=15)
    assert local(opening)[0] == "03:00"
    closing = question(date(2025, 3, 30), (60, 150))
    assert local(closing) == ["01:00"]


def test_apt2_a_day_that_does_not_exist() -> None:
    """The day Samoa skipped offers nothing."""
    asked = question(date(2011, 12, 31), (540, 1020), "Pacific/Apia")
    asked = asked._replace(weekly=((4, 540, 1020),))
    assert slots.bookable(asked) == []


def test_apt1_over_midnight_and_the_whole_day() -> None:
    """APT-1: a window may cross midnight, and 00:00-00:00 is the whole day."""
    night = question(date(2025, 6, 3), (1320, 120))
    assert local(night) == ["00:00", "01:00", "22:00", "23:00"]
    assert len(local(question(date(2025, 6, 3), (0, 0)))) == 24


def test_apt1_a_dated_exception_replaces_its_day() -> None:
    """APT-1: other windows on a date, or none."""
    asked = question(date(2025, 6, 3), (540, 720))
    assert local(asked._replace(exceptions={date(2025, 6, 3): ((600, 660),)})) == ["10:00"]
    assert local(asked._replace(exceptions={date(2025, 6, 3): ()})) == []


def test_apt2_anchors() -> None:
    """APT-2: starts count from the window's start, or from midnight if the service says so."""
    asked = question(date(2025, 6, 3), (550, 720))
    assert local(asked) == ["09:10", "10:10"]
    assert local(asked._replace(anchor="midnight")) == ["10:00", "11:00"]


@pytest.mark.parametrize(
    ("rule", "offered"),
    [
        ("larger", ["09:00", "09:10", "11:20", "11:30", "11:40"]),
        ("sum", ["09:00", "11:30", "11:40"]),
        ("reserved", ["11:30"]),
    ],
)
def test_apt4_buffers(rule: str, offered: list[str]) -> None:
    """APT-4: the larger of the two neighbours' buffers, their sum, or reserved in the window."""
    meeting = slots.Meeting(
        datetime(2025, 6, 3, 10, 30, tzinfo=BERLIN), datetime(2025, 6, 3, 11, tzinfo=BERLIN), 20, 20
    )
    asked = question(date(2025, 6, 3), (540, 760))._replace(
        step=10, before=10, after=10, rule=rule, busy=(meeting,)
    )
    assert local(asked) == offered


def test_apt5_notice_horizon_and_the_client() -> None:
    """APT-5: exact notice is enough, months clamp to their end, a client is in one place."""
    asked = question(date(2025, 2, 28), (540, 720))
    nine = datetime(2025, 2, 28, 9, tzinfo=BERLIN)
    assert local(asked._replace(now=nine, notice=60)) == ["10:00", "11:00"]
    leap = datetime(2024, 2, 29, 10, tzinfo=BERLIN)
    assert local(asked._replace(now=leap)) == ["09:00", "10:00"]
    taken = ((nine, nine + timedelta(hours=1)),)
    assert local(asked._replace(client_busy=taken)) == ["10:00", "11:00"]


# --- Cancelling ----------------------------------------------------------------------------------

START = datetime(2025, 6, 3, 12, tzinfo=UTC)


def cancelled(before: timedelta, **more: Any) -> str:
    """What cancelling this long before the start comes to, if booked a week before."""
    case = cancel.Cancellation("booked", START, START - timedelta(days=7), START - before)
    return cancel.outcome(case._replace(**more))


def test_apt8_notice() -> None:
    """APT-8: exactly 24 hours is in time; less is late, or refused."""
    day, tick = timedelta(hours=24), timedelta(microseconds=1)
    assert cancelled(day) == "cancelled"
    assert cancelled(day - tick) == "late_cancelled"
    assert cancelled(day - tick, outside="refuse") == "outside_notice"
    assert cancelled(day - tick, status="requested", outside="refuse") == "cancelled"


def test_apt8_regret() -> None:
    """APT-8: 15 minutes after booking beat both, and never past the start."""
    made = START - timedelta(minutes=20)
    for outside in ("refuse", "allow_as_late"):
        soon = timedelta(minutes=6)
        assert cancelled(soon, made_at=made, outside=outside) == "cancelled"
    assert cancelled(timedelta(minutes=5), made_at=made) == "late_cancelled"
    assert cancelled(timedelta(0), made_at=START - timedelta(minutes=1)) == "already_started"


def test_apt8_status() -> None:
    """APT-8: a second cancel is allowed whenever it comes; what is over cannot be cancelled."""
    for status in ("cancelled", "late_cancelled"):
        assert cancelled(timedelta(hours=-1), status=status) == "already_cancelled"
    for status in ("fulfilled", "declined", "no_show", "?"):
        assert cancelled(timedelta(hours=48), status=status) == "not_cancellable"
    for status in ("requested", "lapsed"):  # the same, whether or not it is stored as lapsed
        assert cancelled(timedelta(0), status=status) == "already_started"


def test_apt8_elapsed_across_a_change_of_clocks() -> None:
    """APT-8: a day by the wall is 23 hours when the clocks go forward, and so is late."""
    start = datetime(2025, 3, 30, 12, tzinfo=BERLIN)
    now = datetime(2025, 3, 29, 12, tzinfo=BERLIN)
    case = cancel.Cancellation("booked", start, now - timedelta(days=7), now)
    assert cancel.outcome(case) == "late_cancelled"
