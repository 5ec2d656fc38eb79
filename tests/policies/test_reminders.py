"""Who is told of an appointment, and who is reminded of it (APT-14, OUT-5)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.accounts import Access
from clientportal.domain.appointment_notices import AppointmentNotice, NoticeStatus, Topic
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ContactId,
    PracticeId,
    RelationshipId,
    ServiceId,
    StaffId,
)
from clientportal.domain.moments import Interval
from clientportal.domain.people import Client, ClientStatus, Permissions, Reach, StaffMember
from clientportal.domain.practices import DEFAULT_POLICY, PolicySince, Practice
from clientportal.domain.relationships import Relationship, Scope
from clientportal.domain.reminders import QuietHours, ReminderRules
from clientportal.policies.reminders import (
    TOLD,
    AttendanceFacts,
    Attendant,
    Deed,
    addressed,
    reminders_due,
)

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
MICRO: Final = timedelta(microseconds=1)
ANN, PIA, APT = ClientId("cli_1"), StaffId("stf_1"), AppointmentId("apt_1")
OWN, OTHER, MOTHER = AccountId("acc_1"), AccountId("acc_2"), RelationshipId("rel_1")
S = AppointmentStatus

PRACTICE: Final = Practice(
    id=PracticeId("prc_1"),
    name="Riverside",
    policies=(PolicySince(DEFAULT_POLICY, NOW - 1000 * HOUR),),
    reminders=ReminderRules(offsets=(2 * HOUR,), quiet=QuietHours(start=0, end=0)),
)
MEETING: Final = Appointment(
    id=APT,
    client_id=ANN,
    staff_id=PIA,
    service_id=ServiceId("svc_1"),
    interval=Interval(NOW + 2 * HOUR, NOW + 3 * HOUR),
    status=S.BOOKED,
    made_at=NOW - 10 * HOUR,
)
BOND: Final = Relationship(
    id=MOTHER,
    client_id=ANN,
    person=ContactId("con_1"),
    kind="mother",
    scopes=frozenset({Scope.VIEW_APPOINTMENTS}),
    since=NOW - 50 * HOUR,
)
SELF: Final = Attendant(
    access=Access(client_id=ANN, account_id=OWN, since=NOW - 60 * HOUR), email="ann@example.org"
)
BY_MOTHER: Final = Attendant(
    access=Access(client_id=ANN, account_id=OTHER, relationship_id=MOTHER, since=NOW - 50 * HOUR),
    email="dora@example.org",
    bond=BOND,
)
FACTS: Final = AttendanceFacts(
    practice=PRACTICE,
    client=Client(id=ANN, given_name="Ann"),
    staff=StaffMember(
        id=PIA,
        name="Pia",
        email="pia@example.org",
        permissions=Permissions(view_calendar=Reach.ASSIGNED),
    ),
    appointment=MEETING,
    attendants=(SELF, BY_MOTHER),
)


def people(facts: AttendanceFacts, topic: Topic, who: str | None = None) -> list[str]:
    """Who is told of *topic* in the order of mails."""
    deed = Deed(topic=topic, who=who, at=NOW - HOUR)
    return [each.person for each in addressed(facts, deed, NOW)]


def notice(topic: Topic, **given: Any) -> AppointmentNotice:
    """That Ann was told."""
    base = {"appointment_id": APT, "sequence": 0, "topic": topic, "person": OWN, "at": NOW - HOUR}
    return AppointmentNotice(**{**base, **given})


#: Of each topic in which states who is told.
TABLE: Final = {
    Topic.REQUESTED: ({S.REQUESTED}, [PIA]),
    Topic.BOOKED: ({S.BOOKED}, [OWN, OTHER, PIA]),
    Topic.ACCEPTED: ({S.BOOKED}, [OWN, OTHER]),
    Topic.DECLINED: ({S.DECLINED}, [OWN, OTHER]),
    Topic.CANCELLED: ({S.CANCELLED, S.LATE_CANCELLED}, [OWN, OTHER, PIA]),
    Topic.REMINDER: ({S.BOOKED}, [OWN, OTHER]),
}


@pytest.mark.parametrize(("topic", "status"), list(product(Topic, S)))
def test_who_is_told_of_what(topic: Topic, status: AppointmentStatus) -> None:
    """OUT-5: by topic and state; all but who did it."""
    facts = evolve(FACTS, appointment=evolve(MEETING, status=status))
    states, everybody = TABLE[topic]
    told = everybody if status in states else []
    assert people(facts, topic) == told
    for who in (OWN, OTHER, PIA):
        assert people(facts, topic, who) == [each for each in told if each != who]
    assert people(facts, topic, ANN) == [each for each in told if each != OWN]


@pytest.mark.parametrize("topic", Topic)
def test_what_has_started_is_told_only_if_it_does_not_take_place(topic: Topic) -> None:
    """OUT-1: from the start on nobody is told of a request, a booking or an acceptance."""
    status = next(iter(TABLE[topic][0]))
    over = evolve(MEETING, status=status, interval=Interval(NOW, NOW + HOUR))
    late = topic in (Topic.DECLINED, Topic.CANCELLED)
    assert TOLD[topic].after_start is late
    facts = evolve(FACTS, appointment=over)
    assert people(facts, topic) == (TABLE[topic][1] if late else [])
    before = evolve(over, interval=Interval(NOW + HOUR / 60, NOW + HOUR))
    assert people(evolve(facts, appointment=before), topic) == TABLE[topic][1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(
            {"client": Client(id=ANN, given_name="A", status=ClientStatus.ARCHIVED)},
            [PIA],
            id="archived",
        ),
        pytest.param({"attendants": ()}, [PIA], id="no account"),
        pytest.param({"attendants": (SELF,)}, [OWN, PIA], id="no proxy"),
        pytest.param({"attendants": (evolve(BY_MOTHER, bond=None),)}, [PIA], id="no bond"),
        pytest.param(
            {"attendants": (evolve(BY_MOTHER, bond=evolve(BOND, until=NOW)),)}, [PIA], id="ended"
        ),
        pytest.param(
            {"attendants": (evolve(BY_MOTHER, bond=evolve(BOND, scopes=frozenset({Scope.JOIN}))),)},
            [PIA],
            id="other scope",
        ),
        pytest.param(
            {"attendants": (evolve(SELF, access=evolve(SELF.access, ended_at=NOW)),)},
            [PIA],
            id="revoked",
        ),
        pytest.param({"staff": evolve(FACTS.staff, email=None)}, [OWN, OTHER], id="no address"),
        pytest.param(
            {"staff": evolve(FACTS.staff, permissions=Permissions())}, [OWN, OTHER], id="blind"
        ),
        pytest.param({"notices": (notice(Topic.BOOKED),)}, [OTHER, PIA], id="told"),
        pytest.param({"notices": (notice(Topic.ACCEPTED),)}, [OWN, OTHER, PIA], id="of another"),
    ],
)
def test_nobody_is_told_who_could_not_look(change: dict[str, Any], told: list[str]) -> None:
    """OUT-5, REL-6, PPL-3: mails go to whom the appointment would be shown, once."""
    assert people(evolve(FACTS, **change), Topic.BOOKED) == told


def test_a_mail_is_dated_when_it_happened() -> None:
    """OUT-1: whenever it is sent."""
    deed = Deed(topic=Topic.BOOKED, who=None, at=NOW - 5 * HOUR)
    assert {each.at for each in addressed(FACTS, deed, NOW)} == {NOW - 5 * HOUR}


DUE: Final = [(OWN, NoticeStatus.SENT), (OTHER, NoticeStatus.SENT)]


@pytest.mark.parametrize(
    ("change", "after", "due"),
    [
        pytest.param({}, 0 * HOUR, DUE, id="just due"),
        pytest.param({}, -MICRO, [], id="an instant before"),
        pytest.param({}, HOUR - MICRO, DUE, id="late"),
        pytest.param({}, HOUR, [(p, NoticeStatus.SKIPPED) for p, _ in DUE], id="too late"),
        pytest.param({}, 2 * HOUR, [], id="started"),
        pytest.param({"made_at": NOW}, 0 * HOUR, DUE, id="booked just then"),
        pytest.param({"made_at": NOW + MICRO}, HOUR / 2, [], id="booked later"),
        *(
            pytest.param({"status": each}, 0 * HOUR, [], id=each.value)
            for each in S
            if each is not S.BOOKED
        ),
    ],
)
def test_when_a_reminder_is_due(
    change: dict[str, Any], after: timedelta, due: list[tuple[AccountId, NoticeStatus]]
) -> None:
    """APT-14: from when it is due, to those who knew, until an hour before."""
    facts = evolve(FACTS, appointment=evolve(MEETING, **change))
    found = reminders_due(facts, NOW + after)
    assert [(each.person, each.status) for each in found] == due
    assert {(each.minutes, each.at, each.topic) for each in found} <= {(120, NOW, Topic.REMINDER)}


@pytest.mark.parametrize(
    ("noted", "reminded"),
    [
        pytest.param(notice(Topic.REMINDER, minutes=120), [OTHER], id="reminded"),
        pytest.param(
            notice(Topic.REMINDER, minutes=120, status=NoticeStatus.SKIPPED), [OTHER], id="skipped"
        ),
        pytest.param(notice(Topic.REMINDER, minutes=2880), [OWN, OTHER], id="another span"),
        pytest.param(notice(Topic.REMINDER, minutes=1, at=NOW + HOUR), [OWN, OTHER], id="no news"),
        pytest.param(notice(Topic.ACCEPTED, at=NOW), [OWN, OTHER], id="accepted just then"),
        pytest.param(notice(Topic.ACCEPTED, at=NOW + MICRO), [OTHER], id="accepted later"),
        pytest.param(
            notice(Topic.ACCEPTED, at=NOW + MICRO, person=OTHER), [OWN], id="told another"
        ),
    ],
)
def test_who_was_told_is_not_reminded(noted: AppointmentNotice, reminded: list[str]) -> None:
    """APT-14: once each; and news of it that is younger stands for the reminder."""
    found = reminders_due(evolve(FACTS, notices=(noted,)), NOW + HOUR / 2)
    assert [each.person for each in found] == reminded


def test_an_access_that_is_younger_is_not_reminded() -> None:
    """APT-14: who got their access after it was due is not reminded of what was before."""
    young = evolve(SELF, access=evolve(SELF.access, since=NOW + MICRO))
    found = reminders_due(evolve(FACTS, attendants=(young, BY_MOTHER)), NOW + HOUR / 2)
    assert [each.person for each in found] == [OTHER]


@pytest.mark.parametrize(
    ("client_zone", "practice_zone", "at"),
    [
        ("Europe/Madrid", "UTC", "2026-03-02 14:00"),
        ("America/Los_Angeles", "UTC", "2026-03-02 04:59"),
        (None, "America/Los_Angeles", "2026-03-02 04:59"),
        (None, "UTC", "2026-03-02 14:00"),
    ],
)
def test_quiet_hours_are_the_client_s(client_zone: str, practice_zone: str, at: str) -> None:
    """APT-14: by their zone, else the practice's."""
    facts = evolve(
        FACTS,
        client=evolve(FACTS.client, timezone=client_zone),
        practice=evolve(
            PRACTICE, timezone=practice_zone, reminders=ReminderRules(offsets=(2 * HOUR,))
        ),
    )
    dues = {f"{each.at:%Y-%m-%d %H:%M}" for each in reminders_due(facts, NOW + MICRO)}
    assert dues == {at}
