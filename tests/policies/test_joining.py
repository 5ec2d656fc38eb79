"""Who may come to a video appointment, start it and let others in, and when (APT-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ALL,
    ANN,
    AS_ANN,
    BOND,
    DAY,
    INSTANT,
    NOW,
    OUTSIDERS,
    PIA,
    ROB,
    by_ann,
    by_dora,
    by_staff,
    practice,
    said,
    staff,
)

from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Modality
from clientportal.domain.ids import AppointmentId, ServiceId
from clientportal.domain.meetings import (
    Attendance,
    AttendeeAdmitted,
    AttendeeLeft,
    Meeting,
    MeetingEnded,
    MeetingEvent,
    MeetingStarted,
    WaitingRoomEntered,
    after,
)
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.practices import BookingRules
from clientportal.domain.relationships import Scope
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.joining import (
    Door,
    MeetingFacts,
    door_of,
    join_window,
    may_admit,
    may_end_meeting,
    may_enter_waiting_room,
    may_join_appointment,
    may_leave_meeting,
    may_see_meeting,
    may_start_meeting,
)
from clientportal.policies.standing import Standing

MINUTE: Final = timedelta(minutes=1)
START: Final = NOW + DAY
END: Final = START + 50 * MINUTE
OPENS, CLOSES = START - 15 * MINUTE, END + 30 * MINUTE
APT: Final = AppointmentId("apt_1")
HOST, CLIENT, PROXY = by_staff(), by_ann(), by_dora(Scope.JOIN)
Rule: TypeAlias = Callable[[MeetingFacts, Moment], Decision]


def facts(
    standing: Standing, *events: MeetingEvent, at: Moment = START, **given: Any
) -> MeetingFacts:
    """Ann's 50 minutes with Pia, after *events*."""
    start = {
        "id": APT,
        "client_id": ANN,
        "staff_id": PIA,
        "service_id": ServiceId("svc_1"),
        "interval": Interval(at, at + 50 * MINUTE),
        "status": AppointmentStatus.BOOKED,
        "made_at": NOW - DAY,
        "modality": Modality.VIDEO,
    }
    meeting = Meeting(appointment_id=APT, sequence=0)
    for event in events:
        meeting = after(meeting, event)
    appointment = Appointment(**{**start, **given})
    return MeetingFacts(
        standing=standing, appointment=appointment, meeting=meeting, host=staff(PIA)
    )


STARTED: Final = MeetingStarted(appointment_id=APT, at=START)
ENDED: Final = MeetingEnded(appointment_id=APT, at=END)
CAME, DORA_CAME = (
    WaitingRoomEntered(appointment_id=APT, attendee=who, at=START) for who in (ANN, BOND)
)
LET_IN, DORA_LET_IN = (
    AttendeeAdmitted(appointment_id=APT, attendee=who, at=START) for who in (ANN, BOND)
)
LEFT: Final = AttendeeLeft(appointment_id=APT, attendee=ANN)


def admit_ann(facts: MeetingFacts, now: Moment) -> Decision:
    """Whether Ann may be let in."""
    return may_admit(facts, ANN, now)


#: What needs an open door, by whom, and the reason that allows it.
TIMED: Final[dict[str, tuple[Rule, MeetingFacts, str]]] = {
    "come": (may_enter_waiting_room, facts(CLIENT), "may_join"),
    "come for Ann": (may_enter_waiting_room, facts(PROXY), "may_join"),
    "join": (may_join_appointment, facts(HOST), "may_join"),
    "start": (may_start_meeting, facts(HOST), "may_start_meeting"),
    "admit": (admit_ann, facts(HOST, CAME, STARTED), "may_admit"),
}


@pytest.mark.parametrize("name", TIMED)
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (OPENS - INSTANT, "not_yet_open"),
        (OPENS, None),
        (CLOSES - INSTANT, None),
        (CLOSES, "no_longer_open"),
    ],
    ids=["15 minutes and an instant before", "15:00 before", "29:59.999999 after", "30:00 after"],
)
def test_the_door_is_open_to_the_instant(name: str, now: Moment, expected: str | None) -> None:
    """APT-12: from 15 minutes before the start until 30 minutes after the end, half-open."""
    rule, given, allowed = TIMED[name]
    decision = rule(given, now)
    assert said(decision) == (expected is None, expected or allowed)
    holds = {"not_yet_open": OPENS, "no_longer_open": None, None: CLOSES}
    assert decision.holds_until == holds[expected]


DOORS: Final = [
    ("before", CLIENT, (CAME, STARTED, LET_IN), OPENS - INSTANT, Door.NOT_YET_OPEN),
    ("from the opening", CLIENT, (), OPENS, Door.OPEN),
    ("having come", CLIENT, (CAME,), OPENS, Door.WAITING),
    ("the host is there, one has not come", CLIENT, (STARTED,), START, Door.OPEN),
    ("the host is there, one is not let in", CLIENT, (STARTED, CAME), START, Door.WAITING),
    ("let in", CLIENT, (STARTED, CAME, LET_IN), START, Door.ADMITTED),
    ("let in before there is a host", CLIENT, (CAME, LET_IN), START, Door.WAITING),
    ("somebody else is let in", CLIENT, (STARTED, CAME, DORA_CAME, DORA_LET_IN), START, None),
    ("a proxy for herself", PROXY, (STARTED, CAME, LET_IN, DORA_CAME), START, Door.WAITING),
    ("a proxy let in", PROXY, (STARTED, DORA_CAME, DORA_LET_IN), START, Door.ADMITTED),
    ("gone", CLIENT, (STARTED, CAME, LET_IN, LEFT), START, Door.OPEN),
    ("come again", CLIENT, (STARTED, CAME, LET_IN, LEFT, CAME), START, Door.WAITING),
    ("ended", CLIENT, (STARTED, CAME, LET_IN, ENDED), END, Door.ENDED),
    ("come after the end", CLIENT, (STARTED, CAME, LET_IN, ENDED, CAME), END, Door.WAITING),
    ("begun once more", CLIENT, (STARTED, CAME, LET_IN, ENDED, CAME, STARTED), END, Door.WAITING),
    ("the last instant", CLIENT, (STARTED, CAME, LET_IN), CLOSES - INSTANT, Door.ADMITTED),
    ("closed", CLIENT, (STARTED, CAME, LET_IN), CLOSES, Door.CLOSED),
    ("host: before", HOST, (STARTED,), OPENS - INSTANT, Door.NOT_YET_OPEN),
    ("host: to start", HOST, (CAME,), OPENS, Door.OPEN),
    ("host: started", HOST, (STARTED,), OPENS, Door.ADMITTED),
    ("host: ended", HOST, (STARTED, ENDED), END, Door.ENDED),
    ("host: begun once more", HOST, (STARTED, ENDED, STARTED), END, Door.ADMITTED),
    ("host: closed", HOST, (STARTED,), CLOSES, Door.CLOSED),
]


@pytest.mark.parametrize(
    ("standing", "events", "now", "expected"), [row[1:] for row in DOORS], ids=[r[0] for r in DOORS]
)
def test_what_the_door_is(
    standing: Standing, events: tuple[MeetingEvent, ...], now: Moment, expected: Door | None
) -> None:
    """APT-12: no one is in before the host has started and let them in; each for themself."""
    assert door_of(facts(standing, *events), now) is (expected or Door.WAITING)


@pytest.mark.parametrize(
    ("rule", "given", "expected"),
    [
        (may_enter_waiting_room, facts(HOST), "host_starts"),
        (may_leave_meeting, facts(HOST), "host_starts"),
        (may_start_meeting, facts(CLIENT), "host_only"),
        (may_end_meeting, facts(CLIENT), "host_only"),
        (admit_ann, facts(CLIENT, CAME, STARTED), "host_only"),
        (admit_ann, facts(PROXY, CAME, STARTED), "host_only"),
        (admit_ann, facts(HOST, CAME), "not_started"),
        (admit_ann, facts(HOST, CAME, STARTED, ENDED), "not_started"),
        (admit_ann, facts(HOST, STARTED), "not_waiting"),
        (admit_ann, facts(HOST, STARTED, DORA_CAME), "not_waiting"),
        (admit_ann, facts(HOST, CAME, STARTED, LEFT), "not_waiting"),
        (may_leave_meeting, facts(CLIENT), "may_leave_meeting"),
        (may_end_meeting, facts(HOST), "may_end_meeting"),
    ],
)
def test_who_does_what(rule: Rule, given: MeetingFacts, expected: str) -> None:
    """APT-12: the host starts, lets in and ends; attendees come and go."""
    decision = rule(given, START)
    assert said(decision) == (expected.startswith("may_"), expected)


@pytest.mark.parametrize("now", [NOW, START, CLOSES, CLOSES + DAY])
def test_going_and_ending_know_no_hour(now: Moment) -> None:
    """APT-12: nobody is kept in."""
    assert may_leave_meeting(facts(CLIENT, CAME), now)
    assert may_end_meeting(facts(HOST, STARTED), now)


RULES: Final[tuple[Rule, ...]] = (
    may_see_meeting,
    may_join_appointment,
    may_enter_waiting_room,
    may_start_meeting,
    admit_ann,
    may_leave_meeting,
    may_end_meeting,
)
COLLEAGUE: Final = by_staff(
    assigned=True, view_clients=ALL, view_calendar=ALL, edit_calendar=ALL, practice_settings=True
)


@pytest.mark.parametrize("rule", RULES)
def test_outsiders_never(rule: Rule) -> None:
    """APT-12, PPL-3, REL-6: no other client, ended proxy, staff who left, colleague, visitor."""
    hosts = [who for who in OUTSIDERS if who.staff is not None and who.staff.is_active]
    for standing in (*OUTSIDERS, COLLEAGUE, *hosts):
        mine = ROB if standing in (*hosts, COLLEAGUE) else PIA
        decision = rule(facts(standing, CAME, STARTED, LET_IN, staff_id=mine), START)
        assert not decision
        assert decision.reason.kind in (Kind.HIDDEN, Kind.UNAUTHENTICATED)


@pytest.mark.parametrize("scopes", [{Scope.VIEW_APPOINTMENTS}, set(Scope) - {Scope.JOIN}])
@pytest.mark.parametrize("rule", RULES)
def test_a_proxy_needs_the_scope(rule: Rule, scopes: set[Scope]) -> None:
    """APT-12, REL-2: who may only see the appointment hears so."""
    decision = rule(facts(by_dora(*scopes), DORA_CAME, STARTED, DORA_LET_IN), START)
    assert said(decision) == (False, "not_in_grant")


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("standing", [HOST, CLIENT, PROXY])
@pytest.mark.parametrize(
    ("given", "code"),
    [
        *(({"status": each}, "not_booked") for each in AppointmentStatus if each.value != "booked"),
        ({"modality": Modality.IN_PERSON}, "not_online"),
        ({"modality": Modality.PHONE}, "not_online"),
    ],
)
def test_only_what_is_booked_and_online(
    rule: Rule, standing: Standing, given: dict[str, Any], code: str
) -> None:
    """APT-12: cancelled has no door at once, whatever happened behind it."""
    met = facts(standing, CAME, DORA_CAME, STARTED, LET_IN, DORA_LET_IN, **given)
    assert said(rule(met, START)) == (False, code)


@pytest.mark.parametrize(("standing", "expected"), [(CLIENT, Door.WAITING), (PROXY, Door.WAITING)])
def test_nobody_is_in_with_a_host_who_left(standing: Standing, expected: Door) -> None:
    """APT-12, PPL-3: what was started by somebody who is staff no more has no host."""
    met = facts(standing, CAME, DORA_CAME, STARTED, LET_IN, DORA_LET_IN)
    assert door_of(met, START) is Door.ADMITTED
    assert door_of(evolve(met, host=staff(PIA, left=True)), START) is expected


@pytest.mark.parametrize("rule", RULES)
def test_an_archived_client_has_no_meeting(rule: Rule) -> None:
    """APT-12: neither they nor the host come in any more."""
    for standing in (by_ann(archived=True), by_staff(archived=True)):
        met = facts(standing, CAME, STARTED, LET_IN)
        assert said(rule(met, START)) == (False, "client_not_served")


@pytest.mark.parametrize(
    "start",
    [
        datetime(2026, 3, 8, 6, 55, tzinfo=UTC),  # 5 minutes before New York springs forward
        datetime(2026, 3, 8, 6, 0, tzinfo=UTC),
        datetime(2026, 11, 1, 5, 55, tzinfo=UTC),  # 5 minutes before it falls back
    ],
)
def test_the_window_is_elapsed_time(start: datetime) -> None:
    """APT-2, APT-12: 15 and 30 minutes are that long while clocks change, in every zone."""
    for zone in ("America/New_York", "UTC", "Australia/Lord_Howe"):
        standing = evolve(CLIENT, practice=practice(timezone=zone))
        met = facts(standing, at=start)
        opens_at, closes_at = join_window(met)
        assert (start - opens_at, closes_at - start) == (15 * MINUTE, 80 * MINUTE)
        assert said(may_join_appointment(met, opens_at - INSTANT))[1] == "not_yet_open"
        assert may_join_appointment(met, closes_at - INSTANT)
        assert said(may_join_appointment(met, closes_at))[1] == "no_longer_open"


@pytest.mark.parametrize(("before", "after_end"), [(0, 0), (1, 60), (60 * 24, 0)])
def test_a_practice_sets_its_own_window(before: int, after_end: int) -> None:
    """APT-12: numbers are settings."""
    rules = BookingRules(join_before=before * MINUTE, join_after=after_end * MINUTE)
    met = facts(evolve(CLIENT, practice=practice(booking=rules)))
    opens, closes = START - before * MINUTE, END + after_end * MINUTE
    edges = (opens - INSTANT, opens, closes - INSTANT, closes)
    said_at = [bool(may_join_appointment(met, at)) for at in edges]
    assert said_at == [False, True, True, False]


# --- Laws ----------------------------------------------------------------------------------------

_at: Final = st.timedeltas(min_value=-DAY, max_value=DAY).map(lambda span: START + span)
_edges: Final = st.sampled_from([OPENS, START, END, CLOSES]).flatmap(
    lambda at: st.sampled_from([at - INSTANT, at, at + INSTANT])
)
_moments: Final = _at | _edges
_who: Final = st.sampled_from([ANN, BOND])
_events: Final = st.lists(
    st.one_of(
        st.builds(WaitingRoomEntered, appointment_id=st.just(APT), attendee=_who, at=_at),
        st.builds(MeetingStarted, appointment_id=st.just(APT), at=_at),
        st.builds(AttendeeAdmitted, appointment_id=st.just(APT), attendee=_who, at=_at),
        st.builds(AttendeeLeft, appointment_id=st.just(APT), attendee=_who),
        st.builds(MeetingEnded, appointment_id=st.just(APT), at=_at),
    ),
    max_size=12,
)
_standings: Final = st.sampled_from([HOST, CLIENT, PROXY, COLLEAGUE, *OUTSIDERS])


def is_in_by_the_rules(who: Any, events: list[MeetingEvent]) -> bool:
    """The rule read backwards, from the list alone: is the host there, and is one let in?"""
    hosted = [type(e) for e in events if isinstance(e, MeetingStarted | MeetingEnded)]
    last_end = max((n for n, e in enumerate(events) if isinstance(e, MeetingEnded)), default=-1)
    mine = [e for e in events[last_end + 1 :] if getattr(e, "attendee", None) == who]
    gone = max((n for n, e in enumerate(mine) if isinstance(e, AttendeeLeft)), default=-1)
    came = [n for n, e in enumerate(mine) if n > gone and isinstance(e, WaitingRoomEntered)]
    admitted = bool(came) and any(isinstance(e, AttendeeAdmitted) for e in mine[came[-1] :])
    return hosted[-1:] == [MeetingStarted] and (who is None or admitted)


@given(st.sampled_from([HOST, CLIENT, PROXY]), _events, _moments)
def test_who_is_in_is_what_happened(
    standing: Standing, events: list[MeetingEvent], now: Moment
) -> None:
    """APT-12: in exactly while the door is open, the host is there, and one was let in since.

    No clock but that of the door is asked: a moment written by a clock set back changes nothing.
    """
    met = facts(standing, *events)
    is_in = door_of(met, now) is Door.ADMITTED
    assert is_in is (OPENS <= now < CLOSES and is_in_by_the_rules(met.attendee, events))


@given(_standings, _events, _moments, st.sampled_from(AppointmentStatus))
def test_decided_explained_and_holding(
    standing: Standing, events: list[MeetingEvent], now: Moment, status: AppointmentStatus
) -> None:
    """MSG-13: total, with a reason, the same answer until its moment."""
    met = facts(standing, *events, status=status)
    for rule in RULES:
        decision = rule(met, now)
        end = decision.holds_until
        assert decision.reason.rule
        if end is not None:
            assert now < end
            assert said(rule(met, end - INSTANT)) == said(decision)


def test_a_meeting_is_of_one_version() -> None:
    """APT-12: its id names the version, and it is written with its appointment."""
    meeting = Meeting(appointment_id=APT, sequence=4)
    assert (meeting.id, meeting.belongs_to, meeting.claims) == ("apt_1/4", APT, ())
    assert meeting.attendance(AS_ANN.client_id) is None
    came = after(meeting, CAME)
    assert came.attendance(ANN) == Attendance(attendee=ANN, since=START)
    assert came.without(ANN) == ()
