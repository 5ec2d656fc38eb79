"""A practice with one of everything, a storage that holds it, and the same in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

from clientportal.domain import ids
from clientportal.domain.accounts import Access, Account, Session, Throttle
from clientportal.domain.actors import Factor
from clientportal.domain.appointment_notices import AppointmentNotice, Topic
from clientportal.domain.appointments import Appointment, AppointmentStatus, Buffers
from clientportal.domain.availability import Availability, Exceptional, Modality, Service, Window
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import Document, DocumentKind, DocumentStatus, Sealed, Share
from clientportal.domain.feeds import Feed
from clientportal.domain.holds import Hold
from clientportal.domain.ids import PracticeId
from clientportal.domain.invites import Invite, InviteStatus
from clientportal.domain.meetings import Attendance, Meeting
from clientportal.domain.messages import Message, Reading, Tombstone
from clientportal.domain.moments import Interval
from clientportal.domain.notices import Notice
from clientportal.domain.people import (
    OWNER_PERMISSIONS,
    Address,
    Assignment,
    Client,
    ClientStatus,
    EmergencyContact,
    Permissions,
    Reach,
    StaffMember,
    StaffStatus,
)
from clientportal.domain.practices import (
    BookingRules,
    BufferRule,
    MessagingPolicy,
    PolicySince,
    Practice,
    UnknownPolicy,
)
from clientportal.domain.relationships import Contact, Relationship, Scope
from clientportal.embedded.memory import MemoryStorage
from clientportal.flows import Change, RowResult
from clientportal.receipts import Commit, Entry, Published, Receipt
from clientportal_sql.storage import SqlStorage

Filled = TypeVar("Filled", SqlStorage, MemoryStorage)
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
PRACTICE = PracticeId("prc_riverside")
ANN, BOB, CY = (ids.StaffId(f"stf_{name}") for name in ("ann", "bob", "cy"))
OUTSIDE = tuple(
    Interval(NOW + timedelta(hours=n), NOW + timedelta(hours=n + 1, microseconds=n))
    for n in (0, 5, 70)
)
LEA, MAX, OLD = (ids.ClientId(f"cli_{name}") for name in ("lea", "max", "old"))
OF_LEA, OF_MUM, OF_ANN = (ids.AccountId(f"acc_{name}") for name in ("lea", "mum", "ann"))
MUM, SIS = ids.RelationshipId("rel_mum"), ids.RelationshipId("rel_sis")
TALK, YOGA = ids.ServiceId("svc_talk"), ids.ServiceId("svc_yoga")


def at(hours: float) -> datetime:
    """So many hours after the moment of the scene, with microseconds that must survive."""
    return NOW + hours * HOUR + timedelta(microseconds=hours != 0)


def people() -> tuple[Any, ...]:
    """The practice, its staff, clients and roster."""
    policies = (
        PolicySince(MessagingPolicy.REPLY_ONLY, at(-900)),
        PolicySince(UnknownPolicy("carrier_pigeon"), at(-90)),
        PolicySince(MessagingPolicy.ALL_CLIENTS, at(-9)),
    )
    booking = BookingRules(auto_accept=True, min_notice=timedelta(hours=3), buffers=BufferRule.SUM)
    some = Permissions(view_clients=Reach.ASSIGNED, edit_calendar=Reach.EVERYTHING, billing=True)
    lea = Client(
        id=LEA,
        given_name="Léa",
        family_name="Ó Briain",
        external_id="x-1",
        email="Lea@example.org",
        phone="+34 600 000 000",
        birth_date=date(1999, 2, 28),
        address=Address(city="Bilbao", country="ES"),
        emergency_contact=EmergencyContact(name="Iñigo", phone="112 3"),
        language="eu",
        timezone="Europe/Madrid",
        extra=(("shoe size", "41"), ("note", "two\nlines")),
    )
    return (
        Practice(
            id=PRACTICE,
            name="Riverside",
            policies=policies,
            timezone="Europe/Madrid",
            booking=booking,
        ),
        StaffMember(id=ANN, name="Ann", email="ann@example.org", permissions=OWNER_PERMISSIONS),
        StaffMember(id=BOB, name="Bob", permissions=some, takes_messages=False),
        StaffMember(id=CY, name="Cy", permissions=OWNER_PERMISSIONS, status=StaffStatus.LEFT),
        lea,
        Client(id=MAX, given_name="Max", external_id="x-2"),
        Client(id=OLD, given_name="Old", status=ClientStatus.ARCHIVED, display_name="O"),
        Assignment(client_id=LEA, staff_id=ANN, since=at(-50)),
        Assignment(client_id=LEA, staff_id=BOB, since=at(-60), until=at(-2)),
        Assignment(client_id=MAX, staff_id=BOB, since=at(-50)),
    )


def access() -> tuple[Any, ...]:
    """Accounts, what they open, sessions, tries, invites and relationships."""
    factors = (Factor(name="password", at=at(-1)), Factor(name="totp", at=at(-0.5)))
    return (
        Account(id=OF_LEA, email="LEA@example.org", password="$argon2id$1"),
        Account(id=OF_MUM, email="mum@example.org", password="$argon2id$2"),
        Account(id=OF_ANN, email="ann@example.org", password="$argon2id$3", staff_id=ANN),
        Contact(id=ids.ContactId("con_mum"), name="Mum", email="mum@example.org"),
        Contact(id=ids.ContactId("con_law"), name="Lawyer", phone="555-12"),
        Relationship(
            id=MUM,
            client_id=LEA,
            person=ids.ContactId("con_mum"),
            kind="parent",
            scopes=frozenset({Scope.MESSAGES, Scope.VIEW_APPOINTMENTS}),
            shares_information=True,
            since=at(-40),
        ),
        Relationship(
            id=SIS, client_id=LEA, person=MAX, kind="sibling", since=at(-41), until=at(-3)
        ),
        Access(client_id=LEA, account_id=OF_LEA, since=at(-30)),
        Access(client_id=LEA, account_id=OF_MUM, relationship_id=MUM, since=at(-29)),
        Access(client_id=MAX, account_id=OF_MUM, since=at(-28), ended_at=at(-4)),
        Session(
            id=ids.SessionId("ses_1"),
            account_id=OF_MUM,
            digest="a" * 64,
            created_at=at(-1),
            seen_at=at(-0.1),
            factors=factors,
        ),
        Session(
            id=ids.SessionId("ses_2"),
            account_id=OF_ANN,
            digest="b" * 64,
            created_at=at(-2),
            seen_at=at(-1),
            ended_at=at(-0.2),
        ),
        BusyCalendar(staff_id=ANN, source="work", intervals=OUTSIDE, imported_at=at(-3)),
        BusyCalendar(staff_id=ANN, source="a/b", intervals=OUTSIDE[:1], imported_at=at(-2)),
        BusyCalendar(staff_id=BOB, source="work", intervals=(), imported_at=at(-1)),
        Feed(person=LEA, digest="a" * 64, made_at=at(-3)),
        Feed(person=MAX, digest="b" * 64, made_at=at(-3)),
        Feed(person=OLD, digest="c" * 64, made_at=at(-3), ended_at=at(-2)),
        Feed(person=ANN, digest="d" * 64, made_at=at(-3)),
        Throttle(id="invite/inv_max", failures=2, last_at=at(-1)),
        Throttle(id="origin/10.0.0.1", failures=1, last_at=at(-1)),
        *invites(),
    )


def invites() -> tuple[Any, ...]:
    """Invites to a client, a related person and staff; accepted, revoked and pending."""
    lea, mum = "lea@example.org", "MUM@example.org"
    return tuple(
        Invite(
            id=ids.InviteId(f"inv_{name}"),
            email=email,
            sent_at=at(sent),
            expires_at=at(168),
            **rest,
        )
        for name, email, sent, rest in (
            ("lea1", lea, -99, {"client_id": LEA, "status": InviteStatus.REVOKED}),
            (
                "lea2",
                lea,
                -98,
                {"client_id": LEA, "status": InviteStatus.ACCEPTED, "accepted_by": OF_LEA},
            ),
            ("max", "max@example.org", -5, {"client_id": MAX, "generation": 3}),
            ("mum", mum, -6, {"client_id": LEA, "relationship_id": MUM}),
            ("bob", "bob@example.org", -7, {"staff_id": BOB}),
        )
    )


def calendar() -> tuple[Any, ...]:
    """Services, availability at every level, and appointments in every state."""
    windows = (Window(weekday=0, start=540, end=0), Window(weekday=6, start=0, end=0))
    days = (
        Exceptional(day=date(2026, 12, 24)),
        Exceptional(day=date(2026, 3, 5), windows=((60, 90),)),
    )
    buffers = Buffers(before=10, after=5, rule=BufferRule.LARGER)
    booked = tuple(
        Appointment(
            id=ids.AppointmentId(f"apt_{number}"),
            client_id=client,
            staff_id=staff,
            service_id=TALK,
            interval=Interval(NOW + start * HOUR, NOW + (start + 1.25) * HOUR),
            buffers=buffers,
            modality=Modality.VIDEO,
            status=status,
            sequence=number,
            made_at=at(-20),
        )
        for number, (client, staff, start, status) in enumerate(
            (
                (LEA, ANN, -30, AppointmentStatus.FULFILLED),
                (LEA, ANN, -1, AppointmentStatus.BOOKED),
                (LEA, BOB, -8, AppointmentStatus.REQUESTED),
                (LEA, ANN, 0.5, AppointmentStatus.REQUESTED),
                (LEA, BOB, 26, AppointmentStatus.BOOKED),
                (LEA, BOB, 26, AppointmentStatus.CANCELLED),
                (MAX, ANN, 15, AppointmentStatus.BOOKED),
            )
        )
    )
    held = tuple(
        Hold(
            id=ids.HoldId(f"hld_{number}"),
            client_id=client,
            staff_id=staff,
            service_id=TALK,
            interval=Interval(NOW + start * HOUR, NOW + (start + 1) * HOUR),
            buffers=buffers,
            expires_at=at(left),
            is_released=released,
        )
        for number, (client, staff, start, left, released) in enumerate(
            (
                (LEA, BOB, 4, -1, False),  # expired
                (LEA, BOB, 4, -1, True),
                (MAX, ANN, 6, 0.1, False),  # live
                (OLD, BOB, 20, 0, False),  # expires now
            )
        )
    )
    return (
        Service(id=TALK, name="Talk", duration=75, price=5000, currency="EUR", step=15),
        Service(
            id=YOGA, name="Yoga", duration=60, seats=8, is_bookable_online=False, from_midnight=True
        ),
        Availability(practice_id=PRACTICE, timezone="UTC", weekly=windows),
        Availability(practice_id=PRACTICE, service_id=TALK, weekly=()),
        Availability(practice_id=PRACTICE, staff_id=ANN, exceptions=days),
        Availability(practice_id=PRACTICE, staff_id=ANN, service_id=TALK, weekly=windows[1:]),
        Availability(practice_id=PRACTICE, staff_id=BOB),
        *booked,
        *meetings(),
        *held,
        *(
            AppointmentNotice(
                appointment_id=ids.AppointmentId("apt_4"),
                sequence=sequence,
                topic=topic,
                minutes=minutes,
                person=person,
                at=at(-1),
            )
            for sequence, topic, minutes, person in (
                (3, Topic.REMINDER, 2880, OF_LEA),
                (4, Topic.REMINDER, 2880, OF_LEA),
                (4, Topic.ACCEPTED, 0, OF_LEA),
                (4, Topic.ACCEPTED, 0, OF_MUM),
                (4, Topic.BOOKED, 0, BOB),
                (4, Topic.BOOKED, 0, OF_ANN),
            )
        ),
    )


def meetings() -> tuple[Any, ...]:
    """Two of versions that are still so, and one of a version that is no more."""
    there = (
        Attendance(attendee=LEA, since=at(-2), admitted_at=at(-1)),
        Attendance(attendee=MUM, since=at(-1)),
    )
    return (
        Meeting(
            appointment_id=ids.AppointmentId("apt_4"), sequence=4, started_at=at(-1), there=there
        ),
        Meeting(
            appointment_id=ids.AppointmentId("apt_6"), sequence=5, started_at=at(-1), there=there
        ),
        Meeting(appointment_id=ids.AppointmentId("apt_0"), sequence=0, ended_at=at(-1)),
    )


def writing() -> tuple[Any, ...]:
    """Conversations, who takes part, messages, what was read."""
    first, second, third, fourth = (ids.ConversationId(f"cnv_{n}") for n in (1, 2, 3, 4))
    texts = (
        (first, 1, ANN, -10),
        (first, 2, LEA, -9),
        (first, 3, BOB, -8),
        (second, 1, LEA, -9),
        (third, 1, BOB, -7),
        (fourth, 1, ANN, -6),
    )
    return (
        Conversation(
            id=first,
            subject="Knee",
            last_sequence=3,
            last_at=at(-8),
            is_staff_initiated=True,
            waiting_since=at(-8),
        ),
        Conversation(
            id=second,
            last_sequence=1,
            last_at=at(-8),
            closed_at=at(-1),
            is_locked=True,
        ),
        Conversation(id=third, last_sequence=1, last_at=at(-7), is_closed_to_proxies=True),
        Conversation(id=fourth, last_sequence=1, last_at=at(-6), is_among_staff=True),
        *(
            Participant(
                conversation_id=where,
                person=who,
                since=at(-10),
                from_sequence=from_,
                until=None if upto is None else at(-5),
                until_sequence=upto,
            )
            for where, who, from_, upto in (
                (first, ANN, 0, None),
                (first, BOB, 0, None),
                (first, CY, 0, 2),
                (first, LEA, 0, None),
                (first, MUM, 1, None),
                (second, ANN, 0, None),
                (second, LEA, 0, None),
                (second, MAX, 0, None),
                (second, OLD, 0, 1),
                (second, SIS, 0, 1),
                (third, BOB, 0, None),
                (third, ANN, 0, 1),
                (third, MAX, 0, None),
                (fourth, ANN, 0, None),
                (fourth, CY, 0, None),
            )
        ),
        *(
            Message(
                id=ids.MessageId(f"msg_{where[4:]}-{sequence}"),
                conversation_id=where,
                sequence=sequence,
                author=author,
                text=f"№ {sequence}\n\U0001f44b",
                at=at(hours),
            )
            for where, sequence, author, hours in texts
        ),
        Tombstone(message_id=ids.MessageId("msg_1-2"), conversation_id=first, by=LEA, at=at(-8.5)),
        Reading(conversation_id=first, person=LEA, sequence=2),
        Reading(conversation_id=first, person=MUM, sequence=1, draft="And"),
        Reading(conversation_id=first, person=ANN, sequence=3),
        Notice(conversation_id=first, person=LEA, sequence=2),
    )


def papers() -> tuple[Any, ...]:
    """Documents and their readers."""
    sealed = Sealed(
        place="a/b", size=9, digest="c" * 64, wrapped_key=b"\x00\xff", media_type="image/png"
    )
    note, scan, own = (ids.DocumentId(f"doc_{name}") for name in ("note", "scan", "own"))
    return (
        Document(
            id=note,
            client_id=LEA,
            kind=DocumentKind.NOTE,
            title="Note",
            author=ANN,
            content=sealed,
            made_at=at(-3),
        ),
        Document(
            id=scan,
            client_id=LEA,
            kind=DocumentKind.FILE,
            title="Scan",
            author=BOB,
            content=sealed,
            status=DocumentStatus.SHARED,
            made_at=at(-3),
            appointment_id=ids.AppointmentId("apt_1"),
        ),
        Document(
            id=own,
            client_id=LEA,
            kind=DocumentKind.FILE,
            title="Own",
            author=OF_MUM,
            content=sealed,
            made_at=at(-2),
        ),
        Share(document_id=scan, reader=LEA, since=at(-2)),
        Share(document_id=note, reader=LEA, since=at(-2)),
        Share(document_id=scan, reader=ids.ContactId("con_mum"), since=at(-2), until=at(-1)),
    )


def deliveries() -> tuple[Any, ...]:
    """How far the relay has come: one event failed, one delivered."""
    return (
        Delivery(position=1, attempts=2, fault="mail_refused"),
        Delivery(position=2, attempts=1, delivered_at=at(-1)),
    )


def everything() -> tuple[Any, ...]:
    """One practice with every kind of state but deliveries, which follow events."""
    return (*people(), *access(), *calendar(), *writing(), *papers())


def entry_of(name: str = "1", *, key: str | None = None, allowed: bool = True) -> Entry:
    """The record of some command."""
    return Entry(
        id=ids.EntryId(f"ent_{name}"),
        practice_id=PRACTICE,
        at=at(1),
        who=ANN,
        capacity="staff",
        name="scene.set",
        about=LEA,
        allowed=allowed,
        reason="done",
        key=key,
        fingerprint="f",
    )


def commit_of(*states: Any, entry: Entry | None = None, events: int = 0) -> Commit:
    """A commit of *states* in one change."""
    published = tuple(Published(name=f"event.n{n}", body=f'{{"n":{n}}}') for n in range(events))
    results = (RowResult(key="x-1", code="added"), RowResult(key="2", code="bad", field="email"))
    receipt = Receipt(reason="done", events=published, results=results)
    return Commit((Change(None, states),) if states else (), entry, receipt)


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a storage just created, so that tests need not migrate each time."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    storage = SqlStorage.at(path)
    storage.create()
    storage.close()
    return path.read_bytes()


@pytest.fixture
def storage(tmp_path: Path, empty_file: bytes) -> Iterator[SqlStorage]:
    """An empty storage in a file of its own."""
    path = tmp_path / "portal.db"
    path.write_bytes(empty_file)
    path.chmod(0o600)
    storage = SqlStorage.at(path, timeout=0.2)
    yield storage
    storage.close()


@pytest.fixture
def filled(storage: SqlStorage) -> SqlStorage:
    """A storage that holds one of everything."""
    return fill(storage)


@pytest.fixture
def in_memory() -> MemoryStorage:
    """The same, held in memory."""
    return fill(MemoryStorage())


def fill(storage: Filled) -> Filled:
    """*storage*, once it holds one of everything and three events."""
    with storage.open(PRACTICE) as work:
        assert work.commit(commit_of(*everything(), entry=entry_of("0"), events=3)) is None
        assert work.commit(commit_of(*deliveries())) is None
    return storage


@pytest.fixture
def scene() -> Callable[[], tuple[Any, ...]]:
    """Gives one of every kind of state."""
    return lambda: (*everything(), *deliveries())


@pytest.fixture
def committing() -> Callable[..., Commit]:
    """Makes commits: `commit_of`."""
    return commit_of


@pytest.fixture
def recording() -> Callable[..., Entry]:
    """Makes records: `entry_of`."""
    return entry_of
