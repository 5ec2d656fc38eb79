"""Confirming, attendance, reasons to cancel, taking that back (APT-6 to APT-8, APT-13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ALL,
    BEN,
    DAY,
    HOUR,
    INSTANT,
    NOW,
    OUTSIDERS,
    PIA,
    by_ann,
    by_dora,
    by_staff,
    practice,
    said,
)
from tests.policies.meetings import DESK, START, meeting, moving

from clientportal.domain.appointments import AppointmentStatus
from clientportal.domain.buffers import claims_of_time
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.practices import BookingRules
from clientportal.domain.relationships import Scope
from clientportal.policies.appointments import AppointmentFacts
from clientportal.policies.attendance import (
    may_confirm,
    may_note_attendance,
    may_undo_fulfilment,
    may_undo_no_show,
)
from clientportal.policies.cancelling import may_cancel_because, may_restore
from clientportal.policies.decision import Decision
from clientportal.policies.rescheduling import MoveFacts
from clientportal.policies.standing import Standing

REQUESTED, BOOKED, FULFILLED, DECLINED, CANCELLED, LATE, NO_SHOW, LAPSED = AppointmentStatus
VIEWS: Final = by_staff(view_calendar=ALL)
BOOKS: Final = by_dora(Scope.VIEW_APPOINTMENTS, Scope.BOOK_APPOINTMENTS)
MADE: Final = {"is_by_staff": True}


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(meeting(by_ann(), **MADE), NOW, (True, "may_confirm"), id="the client"),
        pytest.param(meeting(BOOKS, **MADE), NOW, (True, "may_confirm"), id="a proxy who books"),
        pytest.param(
            meeting(by_dora(Scope.VIEW_APPOINTMENTS), **MADE),
            NOW,
            (False, "not_in_grant"),
            id="not one who only views",
        ),
        pytest.param(meeting(DESK, **MADE), NOW, (False, "client_only"), id="not staff"),
        pytest.param(
            meeting(VIEWS, **MADE), NOW, (False, "may_only_view"), id="staff who only view"
        ),
        pytest.param(
            meeting(by_ann()), NOW, (False, "not_made_by_staff"), id="not what the client made"
        ),
        pytest.param(
            meeting(by_ann(), confirmed_at=NOW, **MADE),
            NOW,
            (True, "already_confirmed"),
            id="a second time changes nothing",
        ),
        pytest.param(
            meeting(by_ann(), **MADE), START - INSTANT, (True, "may_confirm"), id="until the start"
        ),
        pytest.param(meeting(by_ann(), **MADE), START, (False, "already_started"), id="not then"),
        *(
            pytest.param(
                meeting(by_ann(), each, **MADE), NOW, (False, "not_booked"), id=f"not {each.value}"
            )
            for each in AppointmentStatus
            if each is not BOOKED
        ),
    ],
)
def test_may_confirm(facts: AppointmentFacts, now: Moment, expected: tuple[bool, str]) -> None:
    """APT-13: the client confirms what staff made; nothing that is off or over."""
    assert said(may_confirm(facts, now)) == expected


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(meeting(DESK), START, (True, "may_note_attendance"), id="from the start"),
        pytest.param(meeting(DESK), START - INSTANT, (False, "not_begun"), id="not before"),
        pytest.param(
            meeting(DESK), START + 90 * DAY, (True, "may_note_attendance"), id="long after"
        ),
        pytest.param(meeting(VIEWS), START, (False, "may_only_view"), id="who only views"),
        pytest.param(meeting(by_ann()), START, (False, "staff_only"), id="not the client"),
        pytest.param(meeting(BOOKS), START, (False, "staff_only"), id="not a proxy"),
        *(
            pytest.param(meeting(DESK, each), START, (False, "not_booked"), id=f"not {each.value}")
            for each in AppointmentStatus
            if each is not BOOKED
        ),
    ],
)
def test_may_note(facts: AppointmentFacts, now: Moment, expected: tuple[bool, str]) -> None:
    """APT-6, APT-13: by staff, from the start on, of what is booked."""
    assert said(may_note_attendance(facts, now)) == expected


@pytest.mark.parametrize("status", AppointmentStatus)
def test_each_is_taken_back_by_its_own(status: AppointmentStatus) -> None:
    """APT-13: a no-show is reversible, and so is what was fulfilled; nothing else is."""
    back = (True, "may_reopen_appointment")
    fulfilled = back if status is FULFILLED else (False, "not_fulfilled")
    missed = back if status is NO_SHOW else (False, "not_missed")
    assert said(may_undo_fulfilment(meeting(DESK, status))) == fulfilled
    assert said(may_undo_no_show(meeting(DESK, status))) == missed
    for who, code in ((VIEWS, "may_only_view"), (by_ann(), "staff_only"), (BOOKS, "staff_only")):
        for rule in (may_undo_fulfilment, may_undo_no_show):
            assert said(rule(meeting(who, status))) == (False, code)


def asked(standing: Standing, status: AppointmentStatus = BOOKED, **given: Any) -> AppointmentFacts:
    """The same in a practice that asks why."""
    from attrs import evolve

    of = practice(booking=BookingRules(asks_cancel_reason=True))
    facts = meeting(standing, status, **given)
    return evolve(facts, standing=evolve(facts.standing, practice=of))


@pytest.mark.parametrize(
    ("facts", "reason", "now", "expected"),
    [
        pytest.param(meeting(by_ann()), None, NOW, (True, "may_cancel"), id="optional"),
        pytest.param(asked(by_ann()), "ill", NOW, (True, "may_cancel"), id="given"),
        pytest.param(asked(by_ann()), None, NOW, (False, "cancel_reason_needed"), id="needed"),
        pytest.param(asked(by_ann()), "", NOW, (False, "cancel_reason_needed"), id="empty"),
        pytest.param(asked(by_ann()), " \n", NOW, (False, "cancel_reason_needed"), id="blank"),
        pytest.param(asked(DESK), None, NOW, (False, "cancel_reason_needed"), id="of staff too"),
        pytest.param(
            asked(by_ann(), LATE), None, NOW, (True, "already_cancelled"), id="not a second time"
        ),
        pytest.param(
            asked(by_ann()), None, START, (False, "already_started"), id="other rules come first"
        ),
        pytest.param(
            asked(by_ann()), "ill", START - HOUR, (True, "may_cancel_late"), id="late with one"
        ),
        pytest.param(
            meeting(by_ann(), moved_at=START - HOUR),
            None,
            START - 45 * HOUR / 60 - INSTANT,
            (True, "may_cancel"),
            id="regret after moving",
        ),
        pytest.param(
            meeting(by_ann(), moved_at=START - HOUR),
            None,
            START - 45 * HOUR / 60,
            (True, "may_cancel_late"),
            id="for less than 15 minutes",
        ),
        pytest.param(
            meeting(by_ann(), proposed=Interval(START + DAY, START + DAY + HOUR)),
            None,
            START - HOUR,
            (True, "may_cancel_late"),
            id="a move that waits makes it no request",
        ),
    ],
)
def test_why_somebody_cancels(
    facts: AppointmentFacts, reason: str | None, now: Moment, expected: tuple[bool, str]
) -> None:
    """APT-8: optional unless the practice asks; a second time changes nothing and needs none."""
    assert said(may_cancel_because(facts, reason, now)) == expected


TAKEN: Final = claims_of_time(
    PIA, BEN, Interval(START, START + HOUR), meeting(DESK).appointment.buffers
)


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(moving(meeting(DESK, CANCELLED)), NOW, (True, "may_restore"), id="cancelled"),
        pytest.param(moving(meeting(DESK, LATE)), NOW, (True, "may_restore"), id="late too"),
        pytest.param(
            moving(meeting(DESK, CANCELLED)),
            START - INSTANT,
            (True, "may_restore"),
            id="until the start",
        ),
        pytest.param(
            moving(meeting(DESK, CANCELLED)), START, (False, "already_started"), id="not then"
        ),
        pytest.param(
            moving(meeting(DESK, CANCELLED), held=TAKEN), NOW, (False, "slot_taken"), id="taken"
        ),
        pytest.param(
            moving(meeting(DESK, CANCELLED), left=True),
            NOW,
            (False, "staff_not_bookable"),
            id="with who left",
        ),
        pytest.param(
            moving(meeting(VIEWS, CANCELLED)), NOW, (False, "may_only_view"), id="who only views"
        ),
        pytest.param(moving(meeting(by_ann(), LATE)), NOW, (False, "staff_only"), id="no client"),
        *(
            pytest.param(
                moving(meeting(DESK, each)), NOW, (False, "not_cancelled"), id=f"not {each.value}"
            )
            for each in AppointmentStatus
            if each not in (CANCELLED, LATE)
        ),
    ],
)
def test_may_restore(facts: MoveFacts, now: Moment, expected: tuple[bool, str]) -> None:
    """APT-7, APT-8: staff take a cancellation back before its start, while the time is free."""
    assert said(may_restore(facts, now)) == expected


# --- Laws ----------------------------------------------------------------------------------------

RULES: Final[tuple[Callable[[AppointmentFacts, Moment], Decision], ...]] = (
    may_confirm,
    may_note_attendance,
    lambda facts, _: may_undo_fulfilment(facts),
    lambda facts, _: may_undo_no_show(facts),
    lambda facts, now: may_cancel_because(facts, None, now),
    lambda facts, now: may_restore(moving(facts), now),
)
moments: Final = st.timedeltas(min_value=-DAY, max_value=5 * DAY).map(lambda span: NOW + span)


@given(
    st.sampled_from([*OUTSIDERS, by_ann(), BOOKS, DESK, VIEWS]),
    st.sampled_from(AppointmentStatus),
    moments | st.sampled_from([START, START - INSTANT, START - timedelta(hours=24)]),
    st.booleans(),
)
def test_decided_explained_and_holding(
    standing: Standing, status: AppointmentStatus, now: Moment, by_them: bool
) -> None:
    """MSG-13: total, with a reason, the same answer until its moment."""
    facts = meeting(standing, status, is_by_staff=by_them)
    for rule in RULES:
        decision = rule(facts, now)
        assert decision.reason.rule
        end = decision.holds_until
        if end is not None:
            assert end >= now
            assert end == now or said(rule(facts, end - INSTANT)) == said(decision)


@pytest.mark.parametrize("standing", OUTSIDERS)
@pytest.mark.parametrize("status", AppointmentStatus)
def test_outsiders_never(standing: Standing, status: AppointmentStatus) -> None:
    """PPL-3, PPL-5, REL-6: not visitors, other clients, ended proxies, staff who left."""
    assert not any(rule(meeting(standing, status, **MADE), START - HOUR) for rule in RULES)
