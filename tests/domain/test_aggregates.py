"""What state becomes of events: tables of transitions, and `after()` (INV, APT, MSG, DOC, REL)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import groupby, product
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientportal.domain import appointments, availability, conversations, documents, invites
from clientportal.domain.accounts import Access, Session
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Availability, Exceptional, Service, Window, pattern_of
from clientportal.domain.buffers import Buffers
from clientportal.domain.claims import Exclusive, Unique
from clientportal.domain.conversations import Conversation, Participant, auto_closed_at, deadline_of
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import Document, DocumentKind, DocumentStatus, Sealed, Share
from clientportal.domain.grids import Shape, calendar_of
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ContactId,
    ConversationId,
    DocumentId,
    InviteId,
    MessageId,
    PracticeId,
    RelationshipId,
    ServiceId,
    SessionId,
    StaffId,
)
from clientportal.domain.invites import Invite, InviteStatus
from clientportal.domain.messages import Message, Reading
from clientportal.domain.moments import Interval
from clientportal.domain.people import Client, ClientArchived, ClientStatus, after_archiving
from clientportal.domain.practices import (
    BufferRule,
    MessagingPolicy,
    PolicySet,
    PolicySince,
    Practice,
    UnknownPolicy,
    after_policy,
)
from clientportal.domain.relationships import (
    Relationship,
    RelationshipEnded,
    Scope,
    after_ending,
)

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
ANN, PIA, DORA = ClientId("cli_1"), StaffId("stf_1"), ContactId("con_1")


def invite(status: InviteStatus) -> Invite:
    """Ann's invite."""
    return Invite(
        id=InviteId("inv_1"),
        email="a@b.c",
        client_id=ANN,
        sent_at=NOW,
        expires_at=NOW + HOUR,
        status=status,
    )


def meeting(status: AppointmentStatus) -> Appointment:
    """Ann's hour with Pia."""
    return Appointment(
        id=AppointmentId("apt_1"),
        client_id=ANN,
        staff_id=PIA,
        service_id=ServiceId("svc_1"),
        interval=Interval(NOW, NOW + HOUR),
        status=status,
        made_at=NOW - HOUR,
    )


def paper(status: DocumentStatus) -> Document:
    """A note about Ann."""
    sealed = Sealed(place="a", size=1, digest="d", wrapped_key=b"k", media_type="text/plain")
    return Document(
        id=DocumentId("doc_1"),
        client_id=ANN,
        kind=DocumentKind.NOTE,
        title="Plan",
        author=PIA,
        content=sealed,
        status=status,
        made_at=NOW,
    )


def event_of(kind: Any) -> Any:
    """An event of *kind*, with something in every field."""
    import attrs

    values: dict[str, Any] = {
        "invite_id": InviteId("inv_1"),
        "account_id": AccountId("acc_1"),
        "appointment_id": AppointmentId("apt_1"),
        "document_id": DocumentId("doc_1"),
        "conversation_id": ConversationId("cnv_1"),
        "message_id": MessageId("msg_1"),
        "reader": ANN,
        "at": NOW,
        "generation": 2,
        "sequence": 2,
        "is_late": False,
        "start": NOW + HOUR / 2,
        "end": NOW + HOUR * 3 / 2,
        "is_by_staff": True,
        "is_locked": False,
    }
    return kind(**{each.name: values[each.name] for each in attrs.fields(kind)})


MACHINES: Final = (
    (invites, invite, InviteStatus, invites.InviteEvent),
    (appointments, meeting, AppointmentStatus, appointments.AppointmentEvent),
    (documents, paper, DocumentStatus, documents.DocumentEvent),
)


@pytest.mark.parametrize(
    ("module", "make", "statuses", "events"), MACHINES, ids=lambda m: getattr(m, "__name__", "")
)
def test_the_table_is_the_whole_life(module: Any, make: Any, statuses: Any, events: Any) -> None:
    """INV-3, APT-6, DOC-1: what the table names happens and keeps the id, nothing else does."""
    for status, kind in product(statuses, get_args(events)):
        before = make(status)
        if (status, kind) in module.TRANSITIONS:
            after = module.after(before, event_of(kind))
            assert after.status is module.TRANSITIONS[status, kind]
            assert (after.id, type(after)) == (before.id, type(before))
        else:
            with pytest.raises(KeyError):
                module.after(before, event_of(kind))


def test_an_invite_sent_again_lives_anew() -> None:
    """INV-3: the next generation, for seven days; only what is pending is claimed."""
    pending = invite(InviteStatus.PENDING)
    again = invites.after(
        pending, invites.InviteSent(invite_id=pending.id, generation=2, at=NOW + HOUR)
    )
    assert (again.generation, again.sent_at) == (2, NOW + HOUR)
    assert again.expires_at == NOW + HOUR + timedelta(days=7)
    assert again.is_expired(again.expires_at)
    assert not again.is_expired(again.expires_at - timedelta(microseconds=1))
    taken = invites.after(pending, event_of(invites.InviteAccepted))
    assert taken.accepted_by == "acc_1"
    assert (pending.claims, taken.claims) == ((Unique("live_invite", "cli_1"),), ())
    nobodys = Invite(id=InviteId("inv_9"), email="a@b.c", sent_at=NOW, expires_at=NOW + HOUR)
    assert nobodys.subject == "inv_9"


def test_an_appointments_changes_are_counted_and_its_time_released() -> None:
    """APT-7, APT-8, APT-15: the sequence rises by one; only what is called off holds no time."""
    booked = appointments.after(
        meeting(AppointmentStatus.REQUESTED), event_of(appointments.AppointmentAccepted)
    )
    late = appointments.after(
        booked,
        appointments.AppointmentCancelled(appointment_id=booked.id, is_late=True),
    )
    assert (booked.sequence, late.sequence) == (1, 2)
    assert late.status is AppointmentStatus.LATE_CANCELLED
    off = (
        AppointmentStatus.DECLINED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.LATE_CANCELLED,
        AppointmentStatus.LAPSED,
    )
    for status in AppointmentStatus:
        assert len(meeting(status).claims) == (0 if status in off else 3)


@pytest.mark.parametrize(
    ("status", "now", "upcoming", "lapsed"),
    [
        (AppointmentStatus.REQUESTED, NOW - HOUR, True, False),
        (AppointmentStatus.REQUESTED, NOW, False, True),
        (AppointmentStatus.BOOKED, NOW + HOUR / 2, True, False),
        (AppointmentStatus.BOOKED, NOW + HOUR, False, False),
        (AppointmentStatus.CANCELLED, NOW - HOUR, False, False),
    ],
)
def test_upcoming_and_lapsed(
    status: AppointmentStatus, now: datetime, upcoming: bool, lapsed: bool
) -> None:
    """APT-6, DASH-1: a request lapses at its start; a booked one is upcoming until its end."""
    assert meeting(status).is_upcoming(now) is upcoming
    assert meeting(status).has_lapsed(now) is lapsed


@pytest.mark.parametrize(
    ("rule", "gap", "meets"),
    [
        (BufferRule.LARGER, 20, False),
        (BufferRule.LARGER, 19, True),
        (BufferRule.SUM, 30, False),
        (BufferRule.SUM, 29, True),
        (BufferRule.RESERVED, 30, False),
        (BufferRule.RESERVED, 29, True),
    ],
)
def test_buffers_of_neighbours(rule: BufferRule, gap: int, meets: bool) -> None:
    """APT-4: the larger of the two neighbours' buffers, or their sum."""
    buffers = Buffers(before=10, after=20, rule=rule)
    after = NOW + HOUR + gap * timedelta(minutes=1)
    mine = appointments.claims_of_time(PIA, ANN, Interval(NOW, NOW + HOUR), buffers)
    theirs = appointments.claims_of_time(
        PIA, ClientId("cli_2"), Interval(after, after + HOUR), buffers
    )
    assert any(a.meets(b) for a, b in product(mine, theirs)) is meets
    assert Exclusive(ANN, Interval(NOW, NOW + HOUR)) in mine


# --- Conversations -------------------------------------------------------------------------------

STARTED: Final = Conversation(id=ConversationId("cnv_1"), last_at=NOW)


def sent(sequence: int, *, by_staff: bool, at: datetime = NOW) -> conversations.MessageSent:
    """A message."""
    return conversations.MessageSent(
        conversation_id=STARTED.id,
        message_id=MessageId(f"msg_{sequence}"),
        sequence=sequence,
        is_by_staff=by_staff,
        at=at,
    )


def test_messages_start_and_stop_the_clock() -> None:
    """MSG-3, MSG-4: the latest unanswered staff message; staff-initiated once staff wrote."""
    asked = conversations.after(STARTED, sent(1, by_staff=False))
    assert (asked.waiting_since, asked.is_staff_initiated) == (None, False)
    told = conversations.after(asked, sent(2, by_staff=True, at=NOW + HOUR))
    assert (told.waiting_since, told.is_staff_initiated, told.last_sequence) == (
        NOW + HOUR,
        True,
        2,
    )
    again = conversations.after(told, sent(3, by_staff=True, at=NOW + 2 * HOUR))
    assert again.waiting_since == again.last_at == NOW + 2 * HOUR
    thanks = conversations.after(again, sent(4, by_staff=False))
    assert (thanks.waiting_since, thanks.is_staff_initiated) == (None, True)


def test_closing_locking_unlocking_reopening() -> None:
    """MSG-10: locking is part of closing; only unlocking takes a lock away."""
    told = conversations.after(STARTED, sent(1, by_staff=True))
    at = {"conversation_id": STARTED.id}
    locked = conversations.after(
        told, conversations.ConversationClosed(**at, at=NOW, is_locked=True)
    )
    assert (locked.closed_at, locked.is_locked) == (NOW, True)
    twice = conversations.after(
        locked, conversations.ConversationClosed(**at, at=NOW, is_locked=False)
    )
    assert twice.is_locked
    free = conversations.after(twice, conversations.ConversationUnlocked(**at))
    assert (free.closed_at, free.is_locked) == (NOW, False)
    back = conversations.after(free, conversations.ConversationReopened(**at, at=NOW + HOUR))
    assert (back.closed_at, back.waiting_since) == (None, NOW + HOUR)
    assert conversations.after(back, conversations.ConversationRead(**at, sequence=1)) == back
    assert conversations.after(free, sent(2, by_staff=True)).closed_at is None
    foreign: Any = object()
    with pytest.raises(AssertionError):
        conversations.after(free, foreign)


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from([*MessagingPolicy, UnknownPolicy("?")])),
        min_size=1,
        max_size=5,
    ),
    st.none() | st.integers(0, 200),
    st.integers(0, 400),
    st.integers(0, 100),
)
def test_what_closed_stays_closed(
    switches: list[tuple[int, Any]], waiting: int | None, now: int, later: int
) -> None:
    """MSG-4, MSG-9: the moment of closing does not depend on when somebody noticed."""
    ordered = sorted(switches, key=lambda each: each[0])
    told = [next(same) for _, same in groupby(ordered, key=lambda each: each[1])]
    history = tuple(PolicySince(policy, NOW + hour * HOUR) for hour, policy in told)
    since = None if waiting is None else NOW + waiting * HOUR
    at = max(NOW + now * HOUR, history[-1].since)  # what is still to be set is in no history
    closed = auto_closed_at(since, history, at)
    if closed is not None:
        assert closed <= at
        assert auto_closed_at(since, history, at + later * HOUR) == closed
    end = deadline_of(since, history)
    if end is not None and closed is None:
        assert auto_closed_at(since, history, end) == end


def test_members_belong_to_their_owners() -> None:
    """PPL-4, MSG-15, DOC-1: a member's id is its pair, and its owner is rewritten with it."""
    took = Participant(conversation_id=STARTED.id, person=PIA, since=NOW)
    shared = Share(document_id=DocumentId("doc_1"), reader=DORA, since=NOW)
    opened = Access(client_id=ANN, account_id=AccountId("acc_1"), since=NOW)
    bond = Relationship(
        id=RelationshipId("rel_1"), client_id=ANN, person=DORA, kind="aunt", since=NOW
    )
    message = Message(
        id=MessageId("msg_1"), conversation_id=STARTED.id, sequence=1, author=PIA, text="x", at=NOW
    )
    owners = [
        (took.belongs_to, "cnv_1", took.id, "cnv_1/stf_1"),
        (shared.belongs_to, "doc_1", shared.id, "doc_1/con_1"),
        (opened.belongs_to, ANN, opened.id, "cli_1/acc_1"),
        (bond.belongs_to, ANN, bond.id, "rel_1"),
        (message.belongs_to, "cnv_1", message.id, "msg_1"),
    ]
    assert all(owner == whose and name == known for owner, whose, name, known in owners)
    assert message.is_by_staff
    assert Reading(conversation_id=STARTED.id, person=ANN).id == "cnv_1/cli_1"
    assert Delivery(position=7).id == "7"
    assert shared.is_current
    assert paper(DocumentStatus.DRAFT).is_by_staff


def test_claims_of_access_and_sessions() -> None:
    """PPL-5, INV-9: a client has one own live account, a token one session."""
    own = {"client_id": ANN, "account_id": AccountId("acc_1"), "since": NOW}
    assert Access(**own).claims == (Unique("own_account", "cli_1"),)
    assert Access(**own, ended_at=NOW).claims == ()
    assert Access(**own, relationship_id=RelationshipId("rel_1")).claims == ()
    session = Session(
        id=SessionId("ses_1"),
        account_id=AccountId("acc_1"),
        digest="0" * 64,
        created_at=NOW,
        seen_at=NOW,
    )
    assert session.claims == (Unique("session", "0" * 64),)
    assert session.ends_at() == NOW + HOUR / 2


# --- People, practices, availability -------------------------------------------------------------


def test_archiving_and_ending_keep_the_rest() -> None:
    """PPL-2, REL-6: archived and ended are said of the same record."""
    ann = Client(id=ANN, given_name="Ann", email="a@b.c")
    archived = after_archiving(ann, ClientArchived(client_id=ANN))
    assert (archived.status, archived.email, archived.is_active) == (
        ClientStatus.ARCHIVED,
        "a@b.c",
        False,
    )
    bond = Relationship(
        id=RelationshipId("rel_1"),
        client_id=ANN,
        person=DORA,
        kind="aunt",
        scopes=frozenset(Scope),
        since=NOW,
    )
    ended = after_ending(bond, RelationshipEnded(relationship_id=bond.id, at=NOW))
    assert (ended.until, ended.is_current, ended.grants(Scope.JOIN)) == (NOW, False, False)
    assert bond.grants(Scope.JOIN)


def test_the_history_of_policies() -> None:
    """MSG-1, MSG-9: it is kept; the same value is no switch; a clock set back never reorders it."""
    old = Practice(
        id=PracticeId("prc_1"), name="R", policies=(PolicySince(MessagingPolicy.REPLY_ONLY, NOW),)
    )
    same = PolicySet(practice_id=old.id, policy=MessagingPolicy.REPLY_ONLY, at=NOW + HOUR)
    assert after_policy(old, same) is old
    back = PolicySet(practice_id=old.id, policy=MessagingPolicy.ALL_CLIENTS, at=NOW - HOUR)
    new = after_policy(old, back)
    assert (new.policy, new.policies[0], new.policies[1].since) == (
        MessagingPolicy.ALL_CLIENTS,
        old.policies[0],
        NOW,
    )


def level(staff: bool = False, service: bool = False, **given: Any) -> Availability:
    """One level of availability."""
    return Availability(
        practice_id=PracticeId("prc_1"),
        staff_id=PIA if staff else None,
        service_id=ServiceId("svc_1") if service else None,
        **given,
    )


def week(minute: int) -> tuple[Window, ...]:
    """A weekly pattern that is told apart by its start."""
    return (Window(weekday=0, start=minute, end=minute + 60),)


def test_more_specific_replaces_less_specific_field_by_field() -> None:
    """APT-1: staff and service, staff, service, practice; each field by itself."""
    monday = NOW.date()
    holiday = (Exceptional(day=monday),)
    levels = [
        level(staff=True, service=True, exceptions=holiday),
        level(staff=True, weekly=week(600)),
        level(service=True, weekly=week(700), timezone="Europe/Berlin"),
        level(weekly=week(800), timezone="Asia/Tokyo", exceptions=()),
    ]
    assert [each.id for each in levels] == ["stf_1/svc_1", "stf_1/*", "*/svc_1", "*/*"]
    assert [each.belongs_to for each in levels] == [PIA, PIA, "svc_1", "prc_1"]
    for given_levels in (levels, levels[::-1]):
        pattern = pattern_of(given_levels, "UTC")
        assert (pattern.timezone, pattern.weekly) == ("Europe/Berlin", week(600))
        calendar = calendar_of(pattern, Shape(step=30, before=0, after=30))
        day = monday.toordinal()
        assert [calendar.windows(day + n) for n in (0, 1, 7)] == [(), (), ((600, 660),)]
    assert pattern_of((), "UTC").timezone == "UTC"


def test_an_exception_holds_instead_of_the_weekly_pattern() -> None:
    """APT-1: other windows on one day, or none at all; a day is named once."""
    day = NOW.date()
    own = Exceptional(day=day, windows=((60, 120), (0, 0)))
    pattern = pattern_of([level(weekly=week(1), exceptions=(own,))], "UTC")
    calendar = calendar_of(pattern, Shape(step=30, before=0, after=30))
    assert calendar.windows(day.toordinal()) == ((60, 120), (0, 1440))
    assert calendar.windows(day.toordinal() + 7) == ((1, 61),)
    from clientportal.errors import MalformedError

    for wrong in ((own, own), (5,)):
        with pytest.raises(MalformedError):
            level(exceptions=wrong)


def test_edges_of_windows_in_gaps_and_folds() -> None:
    """APT-2: a start in a gap is none, an edge in a gap moves to its end, of a fold the first."""
    from datetime import date

    from clientportal.domain.moments import zone_of

    berlin, apia = zone_of("Europe/Berlin"), zone_of("Pacific/Apia")
    spring, autumn = date(2026, 3, 29), date(2026, 10, 25)
    assert availability.instant_of(spring, 150, berlin) is None
    assert availability.edge_of(spring, 150, berlin) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert availability.instant_of(autumn, 150, berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert availability.instant_of(date(2011, 12, 30), 600, apia) is None
    assert availability.edge_of(date(2011, 12, 30), 600, apia) == datetime(
        2011, 12, 30, 10, tzinfo=UTC
    )
    service = Service(id=ServiceId("svc_1"), name="Talk", duration=50)
    assert (service.interval_minutes, service.claims) == (50, ())
