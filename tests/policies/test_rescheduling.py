"""Who may move an appointment, whereto and how late; who answers a move (APT-8, APT-9)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ALL,
    ANN,
    BEN,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OUTSIDERS,
    OWN,
    PIA,
    ROB,
    by_ann,
    by_dora,
    by_staff,
    said,
)
from tests.policies.meetings import DESK, START, TALK, meeting, moving
from tests.spec import move_spec

from clientportal.domain.appointments import AppointmentStatus
from clientportal.domain.buffers import Buffers
from clientportal.domain.claims import Exclusive, without
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.practices import BufferRule, CancelTerms, MoveTerms, Outside
from clientportal.domain.relationships import Scope
from clientportal.domain.slots import slots
from clientportal.policies.appointments import AppointmentFacts
from clientportal.policies.rescheduling import (
    MoveFacts,
    may_answer_move,
    may_move,
    may_reschedule,
)
from clientportal.policies.standing import Standing

REQUESTED, BOOKED = AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED
OVER: Final = tuple(each for each in AppointmentStatus if each not in (REQUESTED, BOOKED))
MINUTE: Final = timedelta(minutes=1)
REFUSE: Final = MoveTerms(outside=Outside.REFUSE)
LAST: Final = START - 24 * HOUR
LATER: Final = START + DAY
NEXT: Final = Interval(LATER, LATER + HOUR)


def anns(status: AppointmentStatus = BOOKED, **given: Any) -> AppointmentFacts:
    """Ann's appointment as Ann has it."""
    return meeting(by_ann(), status, **given)


def held(start: Moment, *, by: Any = PIA, lane: int = 0) -> Exclusive:
    """An hour that is taken."""
    return Exclusive(by, Interval(start, start + HOUR), lane)


#: The worked table: when a client moves, and what it comes to.
NOTICE: Final = (
    pytest.param(anns(), LAST - INSTANT, (True, "may_move"), id="24 h and an instant ahead"),
    pytest.param(anns(), LAST, (True, "may_move"), id="exactly 24 h is in time"),
    pytest.param(anns(), LAST + INSTANT, (True, "may_move_late"), id="23:59:59.999999 is late"),
    pytest.param(
        anns(move_terms=REFUSE), LAST + INSTANT, (False, "too_late_to_move"), id="or refused"
    ),
    pytest.param(
        anns(move_terms=REFUSE), LAST, (True, "may_move"), id="refused not a moment early"
    ),
    pytest.param(
        anns(move_terms=MoveTerms(notice=2 * HOUR)),
        START - 2 * HOUR,
        (True, "may_move"),
        id="a notice of its own",
    ),
    pytest.param(
        anns(terms=CancelTerms(notice=2 * DAY)),
        LAST,
        (True, "may_move"),
        id="not the one to cancel",
    ),
    pytest.param(
        anns(made_at=START - HOUR, move_terms=REFUSE),
        START - HOUR + 15 * MINUTE - INSTANT,
        (True, "may_move"),
        id="regret beats refuse for less than 15:00",
    ),
    pytest.param(
        anns(made_at=START - HOUR, move_terms=REFUSE),
        START - HOUR + 15 * MINUTE,
        (False, "too_late_to_move"),
        id="and not at 15:00",
    ),
    pytest.param(
        anns(made_at=START - HOUR), START - HOUR, (True, "may_move"), id="regret beats late"
    ),
    pytest.param(
        anns(made_at=START - DAY, moved_at=START - HOUR, move_terms=REFUSE),
        START - HOUR + 15 * MINUTE - INSTANT,
        (True, "may_move"),
        id="after moving too",
    ),
    pytest.param(
        anns(made_at=START - 5 * MINUTE),
        START - INSTANT,
        (True, "may_move"),
        id="regret until the start",
    ),
    pytest.param(
        anns(made_at=START - 5 * MINUTE), START, (False, "already_started"), id="never past it"
    ),
    pytest.param(
        anns(REQUESTED, move_terms=REFUSE),
        START - INSTANT,
        (True, "may_move"),
        id="a request is never late",
    ),
    pytest.param(anns(REQUESTED), START, (False, "already_started"), id="nor once it lapsed"),
    *(
        pytest.param(anns(each), NOW, (False, "not_booked"), id=f"not what is {each.value}")
        for each in OVER
    ),
    pytest.param(
        meeting(by_dora(Scope.VIEW_APPOINTMENTS, Scope.BOOK_APPOINTMENTS)),
        LAST + INSTANT,
        (True, "may_move_late"),
        id="a proxy who may book, as the client",
    ),
    pytest.param(
        meeting(by_dora(Scope.VIEW_APPOINTMENTS)),
        NOW,
        (False, "not_in_grant"),
        id="not one who only views",
    ),
    pytest.param(
        meeting(by_dora(Scope.BOOK_APPOINTMENTS)),
        NOW,
        (False, "not_permitted"),
        id="nor one who cannot see it",
    ),
    pytest.param(
        meeting(DESK, move_terms=REFUSE), START - INSTANT, (True, "may_move"), id="staff: no notice"
    ),
    pytest.param(
        meeting(DESK), START + 2 * HOUR, (True, "may_move"), id="staff, what has begun too"
    ),
    pytest.param(meeting(DESK, REQUESTED), START, (False, "lapsed"), id="not what lapsed"),
    pytest.param(
        meeting(by_staff(view_calendar=ALL)), NOW, (False, "may_only_view"), id="who only views"
    ),
    pytest.param(
        meeting(by_staff(edit_calendar=OWN), staff_id=ROB),
        NOW,
        (False, "not_permitted"),
        id="not in a colleague's calendar",
    ),
)


@pytest.mark.parametrize(("facts", "now", "expected"), NOTICE)
def test_may_move(facts: AppointmentFacts, now: Moment, expected: tuple[bool, str]) -> None:
    """APT-8: notice against the old start, late or refused, regret, requests, staff."""
    decision = may_move(facts, now)
    assert said(decision) == expected
    whole = may_reschedule(moving(facts, auto_accept=True), START + 2 * DAY, now)
    assert said(whole) == expected  # the new start is free, so nothing else is in the way


@pytest.mark.parametrize(
    ("facts", "to", "expected"),
    [
        pytest.param(
            moving(anns(), auto_accept=True), LATER, (True, "may_move"), id="under auto-accept"
        ),
        pytest.param(moving(anns()), LATER, (True, "may_ask_to_move"), id="else staff accept it"),
        pytest.param(moving(anns(REQUESTED)), LATER, (True, "may_move"), id="a request just moves"),
        pytest.param(
            moving(meeting(DESK)), LATER, (True, "may_move"), id="what staff move is moved"
        ),
        pytest.param(
            moving(anns()), START, (True, "already_at_that_time"), id="where it is already"
        ),
        pytest.param(
            moving(anns(proposed=NEXT)),
            START,
            (True, "may_withdraw_move"),
            id="back to where it is",
        ),
        pytest.param(
            moving(meeting(DESK, proposed=NEXT)),
            START,
            (True, "already_at_that_time"),
            id="staff decline instead",
        ),
        pytest.param(
            moving(anns(proposed=NEXT)), LATER, (True, "move_already_waits"), id="asked for already"
        ),
        pytest.param(
            moving(anns(proposed=NEXT)),
            LATER + HOUR,
            (True, "may_ask_to_move"),
            id="another time instead",
        ),
        pytest.param(
            moving(anns(proposed=NEXT), auto_accept=True),
            LATER,
            (True, "may_move"),
            id="what was asked for, now accepted by itself",
        ),
        pytest.param(
            moving(anns()), START + 15 * MINUTE, (True, "may_ask_to_move"), id="over its own time"
        ),
        pytest.param(
            moving(anns(), held=(held(LATER),)), LATER, (False, "slot_taken"), id="taken of Pia"
        ),
        pytest.param(
            moving(anns(), held=(held(LATER + HOUR - MINUTE),)),
            LATER,
            (False, "slot_taken"),
            id="taken at its end",
        ),
        pytest.param(
            moving(anns(), held=(held(START + HOUR),)),
            START + 15 * MINUTE,
            (False, "slot_taken"),
            id="its own time is free, the next is not",
        ),
        pytest.param(
            moving(anns(), held=(held(LATER, by=ANN),)),
            LATER,
            (False, "slot_taken"),
            id="Ann is elsewhere",
        ),
        pytest.param(
            moving(anns(), held=(held(LATER, by=BEN), held(LATER, by=ROB))),
            LATER,
            (True, "may_ask_to_move"),
            id="others' time does not matter",
        ),
        pytest.param(moving(anns(), levels=()), LATER, (False, "outside_window"), id="no window"),
        pytest.param(
            moving(anns()), LATER + 7 * MINUTE, (False, "outside_window"), id="off the grid"
        ),
        pytest.param(
            moving(anns(), min_notice=5 * DAY),
            LATER,
            (False, "too_soon"),
            id="booking's own notice",
        ),
        pytest.param(moving(anns()), NOW + 400 * DAY, (False, "too_far_ahead"), id="horizon"),
        pytest.param(moving(anns()), NOW, (False, "in_the_past"), id="not into the past"),
        pytest.param(
            moving(anns(), service=evolve(TALK, is_bookable_online=False)),
            LATER,
            (False, "not_bookable_online"),
            id="what clients do not book they do not move",
        ),
        pytest.param(
            moving(anns(), left=True), LATER, (False, "staff_not_bookable"), id="who left"
        ),
        pytest.param(
            moving(meeting(by_ann(archived=True))),
            LATER,
            (False, "client_not_served"),
            id="who is archived",
        ),
        pytest.param(
            moving(meeting(DESK), levels=(), min_notice=30 * DAY),
            LATER + 7 * MINUTE,
            (True, "may_move"),
            id="staff are not bound by windows and notice",
        ),
        pytest.param(
            moving(meeting(DESK), held=(held(LATER),)),
            LATER,
            (False, "slot_taken"),
            id="but by what is held",
        ),
        pytest.param(
            moving(
                meeting(DESK), service=evolve(TALK, duration=30), held=(held(LATER + HOUR / 2),)
            ),
            LATER,
            (False, "slot_taken"),
            id="it keeps its length",
        ),
    ],
)
def test_whereto(facts: MoveFacts, to: Moment, expected: tuple[bool, str]) -> None:
    """APT-9: every rule of booking against the new start, but for its own time."""
    assert said(may_reschedule(facts, to, NOW)) == expected


def test_buffers_are_those_it_has() -> None:
    """APT-4, APT-9: what was booked keeps its buffers, whatever the service has become."""
    apart = anns(buffers=Buffers(after=30))
    neighbour = held(LATER + HOUR + 15 * MINUTE, lane=1)
    near = moving(apart, held=(neighbour,))
    assert said(may_reschedule(near, LATER, NOW)) == (False, "slot_taken")
    assert may_reschedule(near, LATER - 15 * MINUTE, NOW)
    padded = anns(buffers=Buffers(before=30, rule=BufferRule.RESERVED))
    before = moving(padded, held=(held(LATER - HOUR),))
    assert said(may_reschedule(before, LATER, NOW)) == (False, "slot_taken")


@pytest.mark.parametrize(
    ("facts", "now", "accepting", "expected"),
    [
        pytest.param(
            meeting(DESK, proposed=NEXT), NOW, True, (True, "may_answer_move"), id="staff"
        ),
        pytest.param(meeting(DESK, proposed=NEXT), NOW, False, (True, "may_answer_move"), id="no"),
        pytest.param(meeting(DESK), NOW, True, (False, "no_move_waits"), id="nothing waits"),
        pytest.param(
            meeting(DESK, proposed=NEXT),
            START - INSTANT,
            True,
            (True, "may_answer_move"),
            id="until the old start",
        ),
        pytest.param(
            meeting(DESK, proposed=NEXT), START, True, (False, "lapsed"), id="it lapses with it"
        ),
        pytest.param(
            meeting(DESK, proposed=Interval(START - DAY, START - DAY + HOUR)),
            START - DAY,
            True,
            (False, "lapsed"),
            id="or with the new one",
        ),
        pytest.param(
            meeting(DESK, proposed=NEXT),
            LATER + DAY,
            False,
            (True, "may_answer_move"),
            id="what lapsed is declined to free its time",
        ),
        pytest.param(
            meeting(by_ann(), proposed=NEXT), NOW, True, (False, "staff_only"), id="not the client"
        ),
        pytest.param(
            meeting(by_staff(view_calendar=ALL), proposed=NEXT),
            NOW,
            True,
            (False, "may_only_view"),
            id="who only views",
        ),
    ],
)
def test_may_answer(
    facts: AppointmentFacts, now: Moment, accepting: bool, expected: tuple[bool, str]
) -> None:
    """APT-9: staff who change that calendar, until the earlier of both starts."""
    assert said(may_answer_move(facts, now, accepting=accepting)) == expected


SAME: Final = {
    "moved": (True, "may_move"),
    "moved_late": (True, "may_move_late"),
    "asked": (True, "may_ask_to_move"),
    "asked_late": (True, "may_ask_to_move_late"),
    "stays": (True, "already_at_that_time"),
    "already_started": (False, "already_started"),
    "outside_notice": (False, "too_late_to_move"),
    "not_movable": (False, "not_booked"),
    "not_offered": (False, "slot_taken"),
}
near: Final = st.sampled_from([-INSTANT, timedelta(0), INSTANT]) | st.timedeltas(
    min_value=timedelta(0), max_value=4 * DAY
)


@given(
    st.sampled_from(AppointmentStatus),
    st.sampled_from([timedelta(0), HOUR, 24 * HOUR, 72 * HOUR]),
    st.sampled_from([timedelta(0), HOUR / 4, 96 * HOUR]),
    st.sampled_from(Outside),
    st.booleans(),
    st.data(),
)
def test_moving_equals_the_specification(
    status: AppointmentStatus,
    notice: timedelta,
    regret: timedelta,
    outside: Outside,
    auto_accept: bool,
    data: st.DataObject,
) -> None:
    """APT-8, APT-9: a client's move equals an independent reading, to the microsecond."""
    made_at = START - data.draw(st.sampled_from([HOUR / 6, HOUR, 30 * HOUR, 90 * HOUR]))
    edges = (START - notice, made_at + regret, START, made_at)
    now = max(made_at, data.draw(st.sampled_from(edges)) + data.draw(near))
    to = data.draw(st.sampled_from([START, START + 15 * MINUTE, START + 9 * DAY]))
    free = data.draw(st.booleans())
    was_moved = data.draw(st.booleans())
    facts = anns(
        status,
        made_at=made_at - 90 * DAY if was_moved else made_at,
        moved_at=made_at if was_moved else None,
        terms=CancelTerms(regret=regret),
        move_terms=MoveTerms(notice=notice, outside=outside),
    )
    taken = () if free else (held(to),)
    whole = moving(facts, held=taken if to - START >= HOUR else (), auto_accept=auto_accept)
    offered = free or to - START < HOUR
    if now >= to > START:  # past both starts it has begun long since
        offered = False
    wish = move_spec.Wish(
        status.value, START, to, made_at, now, offered, auto_accept, notice, outside.value, regret
    )
    assert said(may_reschedule(whole, to, now)) == SAME[move_spec.outcome(wish)]


# --- Laws ----------------------------------------------------------------------------------------

standings: Final = st.sampled_from(
    [*OUTSIDERS, by_ann(), by_dora(*Scope), by_dora(Scope.JOIN), DESK, by_staff(view_calendar=OWN)]
)
moments: Final = st.timedeltas(min_value=-DAY, max_value=5 * DAY).map(lambda span: NOW + span)
targets: Final = st.sampled_from([START, START + 15 * MINUTE, LATER, LATER - 2 * DAY, NOW - DAY])


@given(
    standings,
    st.sampled_from(AppointmentStatus),
    moments,
    targets,
    st.sampled_from([MoveTerms(), REFUSE]),
    st.sampled_from([None, NEXT]),
)
def test_decided_explained_and_holding(
    standing: Standing,
    status: AppointmentStatus,
    now: Moment,
    to: Moment,
    terms: MoveTerms,
    proposed: Interval | None,
) -> None:
    """MSG-13: total, with a reason, the same answer until its moment."""
    waits = proposed if status is BOOKED else None
    facts = moving(meeting(standing, status, move_terms=terms, proposed=waits))
    rules = (
        lambda at: may_reschedule(facts, to, at),
        lambda at: may_move(facts.of, at),
        lambda at: may_answer_move(facts.of, at, accepting=True),
    )
    for rule in rules:
        decision = rule(now)
        assert decision.reason.rule
        end = decision.holds_until
        if end is not None:
            assert end >= now
            assert end == now or said(rule(end - INSTANT)) == said(decision)


@pytest.mark.parametrize("standing", OUTSIDERS)
def test_outsiders_never(standing: Standing) -> None:
    """PPL-3, PPL-5, REL-6: not visitors, other clients, ended proxies, staff who left."""
    facts = meeting(standing, proposed=NEXT)
    assert not may_move(facts, NOW)
    assert not may_reschedule(moving(facts), LATER, NOW)
    assert not may_reschedule(moving(facts), START, NOW)
    assert not may_answer_move(facts, NOW, accepting=False)


@given(
    st.integers(-3, 20),
    st.integers(1, 12),
    st.lists(st.tuples(st.integers(-4, 24), st.integers(1, 8)), max_size=4),
)
def test_offered_is_what_could_be_moved_to(
    first: int, length: int, others: list[tuple[int, int]]
) -> None:
    """APT-3, APT-9: what is offered is what a move would be given."""
    quarter = 15 * MINUTE
    own = anns(interval=Interval(LATER + first * quarter, LATER + (first + length) * quarter))
    mine = [each for each in own.appointment.claims if isinstance(each, Exclusive)]
    taken = (
        Exclusive(PIA, Interval(LATER + a * quarter, LATER + (a + n) * quarter), 0)
        for a, n in others
    )
    facts = moving(own, held=without(taken, mine))  # of two, one would not have been booked
    within = Interval(LATER - 2 * HOUR, LATER + 8 * HOUR)
    offered = {slot.interval.start for slot in slots(facts.whereto.offer, ANN, within, NOW)}
    for step in range(-8, 32):
        start = LATER + step * quarter
        allowed = bool(may_reschedule(facts, start, NOW))
        assert allowed is (start in offered), start


def test_what_is_given_back_is_free_and_nothing_else() -> None:
    """APT-9: own time is cut out of what is held, in its lane, at either end or in the middle."""
    day = Exclusive(PIA, Interval(START, START + 10 * HOUR))

    def cut(*own: tuple[int, int]) -> list[tuple[float, float]]:
        mine = [Exclusive(PIA, Interval(START + a * HOUR, START + b * HOUR)) for a, b in own]
        left = without((day,), mine)
        return [((e.interval.start - START) / HOUR, (e.interval.end - START) / HOUR) for e in left]

    assert cut() == [(0, 10)]
    assert cut((0, 3)) == [(3, 10)]
    assert cut((7, 10)) == [(0, 7)]
    assert cut((3, 5)) == [(0, 3), (5, 10)]
    assert cut((-1, 1), (2, 3), (9, 12)) == [(1, 2), (3, 9)]
    assert cut((-1, 11)) == []
    assert cut((10, 11)) == [(0, 10)]
    others = (Exclusive(PIA, day.interval, 1), Exclusive(ANN, day.interval))
    assert without(others, (day,)) == others
