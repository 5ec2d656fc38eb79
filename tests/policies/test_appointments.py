"""Who may see, book, answer, cancel and join (APT-3, APT-5 to APT-8, APT-12)."""

from __future__ import annotations

from datetime import datetime, timedelta
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
    NONE,
    NOW,
    OUTSIDERS,
    OWN,
    PIA,
    ROB,
    P,
    by_ann,
    by_dora,
    by_staff,
    practice,
    said,
    staff,
)
from tests.spec import cancel_spec

from clientportal.domain.appointments import Appointment, AppointmentStatus, Buffers
from clientportal.domain.availability import Availability, Modality, Service, Window
from clientportal.domain.claims import Exclusive
from clientportal.domain.ids import AppointmentId, ServiceId
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.practices import BookingRules, CancelTerms, Outside
from clientportal.domain.relationships import Scope
from clientportal.domain.slots import Obstacle, Offer
from clientportal.policies.appointments import (
    OBSTACLES,
    AppointmentFacts,
    BookingFacts,
    may_answer_request,
    may_book_appointment,
    may_cancel_appointment,
    may_list_appointments,
    may_see_slots,
    may_view_appointment,
)
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.joining import may_join_appointment
from clientportal.policies.standing import Standing

REQUESTED, BOOKED, FULFILLED, DECLINED, CANCELLED, LATE, NO_SHOW, STALE = AppointmentStatus
START: Final = NOW + 3 * DAY
TALK: Final = Service(id=ServiceId("svc_1"), name="Talk", duration=60, step=15)
ALWAYS: Final = Availability(
    practice_id=P, weekly=tuple(Window(weekday=day, start=0, end=0) for day in range(7))
)


def offer(**given: Any) -> Offer:
    """Pia's hour, at any time."""
    start = {
        "practice": practice(),
        "service": TALK,
        "staff": staff(PIA),
        "levels": (ALWAYS,),
        "held": (),
    }
    return Offer(**{**start, **given})


def booking(standing: Standing, **given: Any) -> BookingFacts:
    """Somebody before what Pia offers."""
    return BookingFacts(standing=standing, offer=offer(**given))


def held(start: Moment, *, by: Any = PIA, lane: int = 0) -> Exclusive:
    """An hour that is taken."""
    return Exclusive(by, Interval(start, start + HOUR), lane)


AUTO: Final = practice(booking=BookingRules(auto_accept=True))
NOTICE: Final = practice(booking=BookingRules(min_notice=3 * DAY))
LATER: Final = practice(booking=BookingRules(min_notice=3 * DAY + INSTANT))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            booking(by_ann()), (True, "may_request"), id="a client's booking is a request"
        ),
        pytest.param(
            booking(by_ann(), practice=AUTO), (True, "may_book"), id="booked under auto-accept"
        ),
        pytest.param(
            booking(by_ann(archived=True)), (False, "client_not_served"), id="not for the archived"
        ),
        pytest.param(
            booking(by_ann(), staff=staff(left=True)),
            (False, "staff_not_bookable"),
            id="not with who left",
        ),
        pytest.param(
            booking(by_ann(), service=evolve(TALK, is_bookable_online=False)),
            (False, "not_bookable_online"),
            id="not what is not bookable online",
        ),
        pytest.param(
            booking(by_ann(), practice=NOTICE),
            (True, "may_request"),
            id="exactly the notice is in time",
        ),
        pytest.param(
            booking(by_ann(), practice=LATER), (False, "too_soon"), id="a moment less is too soon"
        ),
        pytest.param(
            booking(by_ann(), levels=()), (False, "outside_window"), id="outside every window"
        ),
        pytest.param(
            booking(by_ann(), held=(held(START),)), (False, "slot_taken"), id="taken of Pia"
        ),
        pytest.param(
            booking(by_ann(), held=(held(START + HOUR - INSTANT),)),
            (False, "slot_taken"),
            id="taken at the end",
        ),
        pytest.param(
            booking(by_ann(), held=(held(START + HOUR), held(START - HOUR))),
            (True, "may_request"),
            id="touching",
        ),
        pytest.param(
            booking(by_ann(), held=(held(START, by=ANN),)),
            (False, "slot_taken"),
            id="a client is in one place",
        ),
        pytest.param(
            booking(by_ann(), held=(held(START, by=BEN), held(START, by=ROB))),
            (True, "may_request"),
            id="others' time does not matter",
        ),
        pytest.param(
            booking(by_staff(edit_calendar=ALL), levels=(), practice=LATER),
            (True, "may_book"),
            id="staff are not bound by windows and notice",
        ),
        pytest.param(
            booking(by_staff(edit_calendar=ALL), held=(held(START),)),
            (False, "slot_taken"),
            id="but by what is held",
        ),
        pytest.param(
            booking(by_staff(edit_calendar=ALL), service=evolve(TALK, is_bookable_online=False)),
            (True, "may_book"),
            id="staff book what clients cannot",
        ),
        pytest.param(
            booking(by_staff(edit_calendar=ALL, archived=True)),
            (False, "client_not_served"),
            id="archived",
        ),
        pytest.param(
            booking(by_staff(edit_calendar=OWN, view_clients=ALL)),
            (True, "may_book"),
            id="staff in their own calendar",
        ),
        pytest.param(
            booking(by_staff(edit_calendar=OWN, view_clients=ALL), staff=staff(ROB)),
            (False, "not_permitted"),
            id="not in a colleague's",
        ),
        pytest.param(
            booking(by_staff(edit_calendar=OWN)),
            (False, "not_permitted"),
            id="nor for a client they cannot know of",
        ),
        pytest.param(
            booking(by_staff(view_calendar=ALL)),
            (False, "may_only_view"),
            id="who may only view the calendar",
        ),
        pytest.param(
            booking(by_dora(Scope.BOOK_APPOINTMENTS)),
            (True, "may_request"),
            id="a proxy with the scope",
        ),
        pytest.param(
            booking(by_dora(Scope.VIEW_APPOINTMENTS)),
            (False, "not_in_grant"),
            id="one who may only view",
        ),
        pytest.param(
            booking(by_dora(Scope.JOIN)), (False, "not_permitted"), id="one who may not even view"
        ),
    ],
)
def test_may_book(facts: BookingFacts, expected: tuple[bool, str]) -> None:
    """APT-1, APT-3, APT-5, APT-6, PPL-3, REL-2: who may book what, and why not."""
    assert said(may_book_appointment(facts, START, NOW)) == expected


def test_the_past_and_the_far_future() -> None:
    """APT-5: not what has begun, not beyond twelve calendar months."""
    for standing in (by_ann(), by_staff(edit_calendar=ALL)):
        past = may_book_appointment(booking(standing), NOW, NOW)
        assert said(past) == (False, "in_the_past")
    year = datetime(2027, 3, 2, 14, tzinfo=NOW.tzinfo) + 15 * timedelta(minutes=1)
    assert said(may_book_appointment(booking(by_ann()), year, NOW)) == (False, "too_far_ahead")
    assert may_book_appointment(booking(by_ann()), year - 15 * timedelta(minutes=1), NOW)
    assert may_book_appointment(booking(by_staff(edit_calendar=ALL)), year, NOW)


def test_every_obstacle_has_its_reason() -> None:
    """APT-3: `why_not` names the blocking rule."""
    assert set(OBSTACLES) == set(Obstacle)


def test_what_may_be_booked_holds_until_the_notice() -> None:
    """APT-5, MSG-13: the offer ends when the notice does."""
    decision = may_book_appointment(booking(by_ann(), practice=NOTICE), START, NOW)
    assert decision.holds_until == NOW
    later = may_book_appointment(booking(by_ann()), START, NOW)
    assert later.holds_until == START


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(by_staff(edit_calendar=ALL), (True, "permitted"), id="everybody's calendar"),
        pytest.param(by_staff(view_calendar=ALL), (True, "permitted"), id="to look at"),
        pytest.param(by_staff(view_clients=ALL), (True, "permitted"), id="or the client"),
        pytest.param(
            by_staff(view_clients=OWN, assigned=True), (True, "permitted"), id="on the roster"
        ),
        pytest.param(
            by_staff(view_clients=OWN, view_calendar=OWN),
            (False, "not_permitted"),
            id="else nothing",
        ),
        pytest.param(by_ann(), (True, "present"), id="the client"),
        pytest.param(
            by_dora(Scope.JOIN), (True, "present"), id="a proxy, who sees of it what is granted"
        ),
    ],
)
def test_may_list(standing: Standing, expected: tuple[bool, str]) -> None:
    """PPL-3, MSG-2: staff know only of clients they may view, or whose time they may see."""
    assert said(may_list_appointments(standing)) == expected


# --- One appointment -----------------------------------------------------------------------------


def meeting(
    standing: Standing, status: AppointmentStatus = BOOKED, **given: Any
) -> AppointmentFacts:
    """Ann's hour with Pia in three days, made a day ago."""
    start = {
        "id": AppointmentId("apt_1"),
        "client_id": ANN,
        "staff_id": PIA,
        "service_id": TALK.id,
        "interval": Interval(START, START + HOUR),
        "status": status,
        "made_at": NOW - DAY,
        "modality": Modality.VIDEO,
    }
    return AppointmentFacts(standing=standing, appointment=Appointment(**{**start, **given}))


DESK: Final = by_staff(edit_calendar=ALL)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(meeting(by_ann()), (True, "own_record"), id="the client"),
        pytest.param(
            meeting(by_dora(Scope.VIEW_APPOINTMENTS)),
            (True, "granted"),
            id="a proxy with the scope",
        ),
        pytest.param(meeting(by_dora(Scope.JOIN)), (False, "not_permitted"), id="a proxy without"),
        pytest.param(meeting(DESK), (True, "permitted"), id="who edits everybody's calendar"),
        pytest.param(
            meeting(by_staff(view_calendar=OWN)), (True, "permitted"), id="who sees their own"
        ),
        pytest.param(
            meeting(by_staff(view_calendar=OWN, edit_calendar=OWN), staff_id=ROB),
            (False, "not_permitted"),
            id="not a colleague's",
        ),
        pytest.param(
            meeting(by_staff(view_clients=ALL)),
            (False, "not_permitted"),
            id="clients are not calendars",
        ),
    ],
)
def test_may_view(facts: AppointmentFacts, expected: tuple[bool, str]) -> None:
    """PPL-3, REL-2: the client, proxies by scope, staff by calendar."""
    assert said(may_view_appointment(facts)) == expected


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(
            meeting(DESK, REQUESTED), NOW, (True, "may_answer_request"), id="staff answer a request"
        ),
        pytest.param(
            meeting(DESK, REQUESTED), START, (False, "lapsed"), id="it lapses at its start"
        ),
        pytest.param(
            meeting(DESK, REQUESTED), START - INSTANT, (True, "may_answer_request"), id="not before"
        ),
        pytest.param(meeting(DESK), NOW, (False, "not_requested"), id="only requests"),
        pytest.param(
            meeting(by_staff(view_calendar=ALL), REQUESTED),
            NOW,
            (False, "may_only_view"),
            id="who only views",
        ),
        pytest.param(meeting(by_ann(), REQUESTED), NOW, (False, "staff_only"), id="not the client"),
        pytest.param(
            meeting(by_dora(*Scope), REQUESTED), NOW, (False, "staff_only"), id="not a proxy"
        ),
    ],
)
def test_may_answer(facts: AppointmentFacts, now: Moment, expected: tuple[bool, str]) -> None:
    """APT-6: staff who edit that calendar accept or decline, until the start."""
    assert said(may_answer_request(facts, now)) == expected


REFUSE: Final = CancelTerms(outside=Outside.REFUSE)
LAST: Final = START - 24 * HOUR


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(meeting(by_ann()), NOW, (True, "may_cancel"), id="in time"),
        pytest.param(meeting(by_ann()), LAST, (True, "may_cancel"), id="exactly 24 h is in time"),
        pytest.param(
            meeting(by_ann()),
            LAST + INSTANT,
            (True, "may_cancel_late"),
            id="a moment later it is late",
        ),
        pytest.param(
            meeting(by_ann(), terms=REFUSE),
            LAST + INSTANT,
            (False, "too_late_to_cancel"),
            id="or refused",
        ),
        pytest.param(
            meeting(by_ann(), made_at=START - HOUR),
            START - HOUR,
            (True, "may_cancel"),
            id="regret beats late",
        ),
        pytest.param(
            meeting(by_ann(), terms=REFUSE, made_at=START - HOUR),
            START - 45 * HOUR / 60 - INSTANT,
            (True, "may_cancel"),
            id="and refuse, for less than 15 minutes",
        ),
        pytest.param(
            meeting(by_ann(), made_at=START - HOUR),
            START - 45 * HOUR / 60,
            (True, "may_cancel_late"),
            id="from 15 minutes on it is late",
        ),
        pytest.param(
            meeting(by_ann(), made_at=START - HOUR / 60),
            START,
            (False, "already_started"),
            id="never past the start",
        ),
        pytest.param(
            meeting(by_ann(), REQUESTED),
            START - INSTANT,
            (True, "may_cancel"),
            id="a request is never late",
        ),
        pytest.param(
            meeting(by_ann(), REQUESTED), START, (False, "already_started"), id="nor once begun"
        ),
        pytest.param(
            meeting(by_ann()),
            START,
            (False, "already_started"),
            id="after the start no client cancels",
        ),
        pytest.param(
            meeting(by_ann(), CANCELLED),
            NOW,
            (True, "already_cancelled"),
            id="a second time is allowed",
        ),
        pytest.param(
            meeting(by_ann(), LATE), START + DAY, (True, "already_cancelled"), id="at any time"
        ),
        pytest.param(
            meeting(by_ann(), DECLINED), NOW, (False, "not_booked"), id="not what was declined"
        ),
        pytest.param(
            meeting(by_ann(), FULFILLED), NOW, (False, "not_booked"), id="nor what is over"
        ),
        pytest.param(
            meeting(by_ann(), NO_SHOW), NOW, (False, "not_booked"), id="nor what was missed"
        ),
        pytest.param(meeting(DESK), START + DAY, (True, "may_cancel"), id="by staff never late"),
        pytest.param(
            meeting(by_staff(view_calendar=ALL)),
            NOW,
            (False, "may_only_view"),
            id="not by who only views",
        ),
        pytest.param(
            meeting(by_dora(Scope.VIEW_APPOINTMENTS)),
            NOW,
            (False, "not_in_grant"),
            id="nor by a proxy who only views",
        ),
        pytest.param(
            meeting(by_dora(Scope.VIEW_APPOINTMENTS, Scope.BOOK_APPOINTMENTS)),
            NOW,
            (True, "may_cancel"),
            id="who books",
        ),
        pytest.param(
            meeting(by_dora(Scope.BOOK_APPOINTMENTS)),
            NOW,
            (False, "not_permitted"),
            id="books, but cannot see it",
        ),
    ],
)
def test_may_cancel(facts: AppointmentFacts, now: Moment, expected: tuple[bool, str]) -> None:
    """APT-8: notice, late, refuse, regret, requests, staff; a second cancel is allowed."""
    assert said(may_cancel_appointment(facts, now)) == expected


SAME: Final = {
    "cancelled": (True, "may_cancel"),
    "late_cancelled": (True, "may_cancel_late"),
    "already_cancelled": (True, "already_cancelled"),
    "already_started": (False, "already_started"),
    "outside_notice": (False, "too_late_to_cancel"),
    "not_cancellable": (False, "not_booked"),
}
near: Final = st.sampled_from([-INSTANT, timedelta(0), INSTANT]) | st.timedeltas(
    min_value=timedelta(0), max_value=4 * DAY
)


@given(
    st.sampled_from(AppointmentStatus),
    st.sampled_from([timedelta(0), HOUR, 24 * HOUR, 72 * HOUR]),
    st.sampled_from([timedelta(0), HOUR / 4, 96 * HOUR]),
    st.sampled_from(Outside),
    st.data(),
)
def test_cancelling_equals_the_specification(
    status: AppointmentStatus,
    notice: timedelta,
    regret: timedelta,
    outside: Outside,
    data: st.DataObject,
) -> None:
    """APT-8: a client's cancellation equals an independent reading, to the microsecond."""
    made_at = START - data.draw(st.sampled_from([HOUR / 6, HOUR, 30 * HOUR, 90 * HOUR]))
    edges = (START - notice, made_at + regret, START, made_at)
    now = max(made_at, data.draw(st.sampled_from(edges)) + data.draw(near))
    terms = CancelTerms(notice=notice, outside=outside, regret=regret)
    facts = meeting(by_ann(), status, made_at=made_at, terms=terms)
    case = cancel_spec.Cancellation(
        status.value, START, made_at, now, notice, outside.value, regret
    )
    assert said(may_cancel_appointment(facts, now)) == SAME[cancel_spec.outcome(case)]


@pytest.mark.parametrize(
    ("facts", "now", "expected"),
    [
        pytest.param(
            meeting(by_ann()),
            START - 15 * HOUR / 60,
            (True, "may_join"),
            id="from 15 minutes before",
        ),
        pytest.param(
            meeting(by_ann()),
            START - 15 * HOUR / 60 - INSTANT,
            (False, "not_yet_open"),
            id="a moment earlier",
        ),
        pytest.param(
            meeting(by_ann()),
            START + HOUR + 30 * HOUR / 60 - INSTANT,
            (True, "may_join"),
            id="until 30 after",
        ),
        pytest.param(
            meeting(by_ann()),
            START + HOUR + 30 * HOUR / 60,
            (False, "no_longer_open"),
            id="half-open",
        ),
        pytest.param(
            meeting(by_ann(), REQUESTED), START, (False, "not_booked"), id="not a request"
        ),
        pytest.param(
            meeting(by_ann(), CANCELLED), START, (False, "not_booked"), id="not what was cancelled"
        ),
        pytest.param(
            meeting(by_ann(), modality=Modality.IN_PERSON),
            START,
            (False, "not_online"),
            id="not what is in person",
        ),
        pytest.param(
            meeting(by_ann(), modality=Modality.PHONE),
            START,
            (False, "not_online"),
            id="nor a call",
        ),
        pytest.param(
            meeting(by_staff()),
            START,
            (True, "may_join"),
            id="the staff member whose meeting it is",
        ),
        pytest.param(
            meeting(DESK, staff_id=ROB),
            START,
            (False, "not_permitted"),
            id="no colleague, whatever they may",
        ),
        pytest.param(
            meeting(by_staff(left=True)), START, (False, "left_the_practice"), id="not who left"
        ),
        pytest.param(
            meeting(by_dora(Scope.JOIN)), START, (True, "may_join"), id="a proxy with the scope"
        ),
        pytest.param(
            meeting(by_dora(Scope.VIEW_APPOINTMENTS)),
            START,
            (False, "not_in_grant"),
            id="not without",
        ),
    ],
)
def test_may_join(facts: AppointmentFacts, now: Moment, expected: tuple[bool, str]) -> None:
    """APT-12: attendees only, while the door is open."""
    assert said(may_join_appointment(facts, now)) == expected


# --- Laws ----------------------------------------------------------------------------------------

RULES: Final = (may_answer_request, may_cancel_appointment, may_join_appointment)
standings: Final = st.sampled_from(
    [*OUTSIDERS, by_ann(), by_dora(*Scope), by_dora(Scope.JOIN), DESK, by_staff(view_calendar=OWN)]
)
moments: Final = st.timedeltas(min_value=-DAY, max_value=5 * DAY).map(lambda span: NOW + span)


@given(standings, st.sampled_from(AppointmentStatus), moments, st.sampled_from([None, REFUSE]))
def test_decided_explained_and_holding(
    standing: Standing, status: AppointmentStatus, now: Moment, terms: CancelTerms | None
) -> None:
    """MSG-13: total, with a reason, the same answer until its moment."""
    facts = meeting(standing, status, terms=terms or CancelTerms())
    for rule in RULES:
        decision = rule(facts, now)
        assert decision.reason.rule
        end = decision.holds_until
        if end is not None:
            assert end >= now
            assert end == now or said(rule(facts, end - INSTANT)) == said(decision)


@pytest.mark.parametrize("standing", OUTSIDERS)
def test_outsiders_never(standing: Standing) -> None:
    """PPL-3, PPL-5, REL-6: not visitors, other clients, ended proxies, staff who left."""
    decisions: list[Decision] = [rule(meeting(standing, REQUESTED), START - HOUR) for rule in RULES]
    decisions += [may_view_appointment(meeting(standing)), may_see_slots(booking(standing))]
    decisions += [may_book_appointment(booking(standing), START, NOW)]
    attends = standing.staff is not None and standing.staff.is_active
    expected = [*decisions[:2], *decisions[3:]] if attends else decisions
    assert not any(expected)


@given(
    st.sampled_from([ALL, OWN, NONE]),
    st.sampled_from([ALL, OWN, NONE]),
    st.booleans(),
    st.sampled_from(AppointmentStatus),
    moments,
)
def test_less_is_not_more(
    view: Any, edit: Any, assigned: bool, status: AppointmentStatus, now: Moment
) -> None:
    """PPL-3: dropping a permission never turns deny into allow."""
    whole = by_staff(view_clients=ALL, view_calendar=view, edit_calendar=edit, assigned=assigned)
    for less in (
        by_staff(view_clients=ALL, view_calendar=NONE, edit_calendar=edit, assigned=assigned),
        by_staff(view_clients=ALL, view_calendar=view, edit_calendar=NONE, assigned=assigned),
        by_staff(view_clients=NONE, view_calendar=view, edit_calendar=edit, assigned=False),
    ):
        for rule in RULES:
            assert bool(rule(meeting(less, status), now)) <= bool(rule(meeting(whole, status), now))
        assert bool(may_see_slots(booking(less))) <= bool(may_see_slots(booking(whole)))
        if not may_view_appointment(meeting(less)):
            assert may_view_appointment(meeting(less)).reason.kind is Kind.HIDDEN


@given(st.frozensets(st.sampled_from(Scope)), st.sampled_from(Scope), moments)
def test_fewer_scopes_never_allow_more(
    scopes: frozenset[Scope], dropped: Scope, now: Moment
) -> None:
    """REL-2: a proxy with fewer scopes may no more than before."""
    whole, less = by_dora(*scopes), by_dora(*(scopes - {dropped}))
    for rule in RULES:
        assert bool(rule(meeting(less), now)) <= bool(rule(meeting(whole), now))
    assert bool(may_see_slots(booking(less))) <= bool(may_see_slots(booking(whole)))


def test_buffers_keep_neighbours_apart() -> None:
    """APT-4: the larger of two buffers keeps them apart, whoever brought it."""
    lanes = Buffers(before=5, after=20).lanes(Interval(START - HOUR, START))
    taken = tuple(Exclusive(PIA, span, lane) for lane, span in enumerate(lanes))
    near_to = booking(by_ann(), held=taken)
    assert said(may_book_appointment(near_to, START + HOUR / 4, NOW)) == (False, "slot_taken")
    assert may_book_appointment(near_to, START + HOUR / 2, NOW)
