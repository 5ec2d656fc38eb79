"""One state of every kind with all its fields set, and one with as few as can be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

from clientportal.domain.accounts import Access, Session, Throttle
from clientportal.domain.actors import Factor
from clientportal.domain.appointments import Appointment, AppointmentStatus, Buffers
from clientportal.domain.availability import Availability, Modality
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import (
    Document,
    DocumentKind,
    DocumentStatus,
    Sealed,
    Share,
)
from clientportal.domain.feeds import Feed
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ContactId,
    ConversationId,
    DocumentId,
    InviteId,
    MessageId,
    RelationshipId,
    SessionId,
    StaffId,
)
from clientportal.domain.invites import Invite, InviteStatus
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
    StaffMember,
    StaffStatus,
)
from clientportal.domain.practices import (
    BookingRules,
    BufferRule,
    CancelTerms,
    InviteRules,
    MessagingPolicy,
    MessagingTexts,
    Outside,
    PolicySince,
    Practice,
    UnknownPolicy,
)
from clientportal.domain.relationships import Contact, Relationship, Scope
from clientportal.testing.conformance.desk import (
    AT,
    LOGIN,
    PIA,
    PRACTICE,
    TALK,
    TEXT,
    account,
    hold_of,
)
from clientportal.testing.conformance.reminding import REMINDERS, reminded
from clientportal.testing.conformance.samples_meetings import meetings_of
from clientportal.testing.conformance.samples_offers import AVAILABILITY, SERVICE

BUSY: Final = (Interval(AT, AT + timedelta(microseconds=1)),)
LATER: Final = AT + timedelta(hours=5, microseconds=7)
NEW: Final = ClientId("cli_9")
_HOUR, _SECOND = timedelta(hours=1), timedelta(seconds=1)
TERMS: Final = CancelTerms(notice=_HOUR, outside=Outside.REFUSE, regret=_SECOND)
BOOKING: Final = BookingRules(
    auto_accept=True,
    min_notice=timedelta(hours=3),
    horizon_months=7,
    upcoming_limit=9,
    hold=timedelta(minutes=3),
    upcoming_limit_per_service=1,
    buffers=BufferRule.RESERVED,
    cancel=TERMS,
    join_before=timedelta(minutes=1),
    join_after=timedelta(0),
    auto_admit=False,
)

FULL_CLIENT: Final = Client(
    id=NEW,
    given_name=TEXT,
    family_name="Ng",
    display_name="Dr \u00d8.",
    external_id="x9",
    email="Ann.\u00c9@example.org",
    phone="+1 (555) 01",
    birth_date=date(1904, 2, 29),
    address=Address(street="1 Way", city="York", region="Y", postal_code="0042", country="UK"),
    emergency_contact=EmergencyContact(name="Hal", phone="+1 555 02"),
    language="pt-BR",
    timezone="Asia/Kathmandu",
    status=ClientStatus.ARCHIVED,
    extra=(("a", "=cmd()"), ("b", "two\nlines")),
)
PRACTICE_FULL: Final = Practice(
    id=PRACTICE,
    name=TEXT,
    policies=(
        PolicySince(MessagingPolicy.ALL_CLIENTS, AT),
        PolicySince(UnknownPolicy("of_tomorrow"), LATER),
    ),
    timezone="Europe/Madrid",
    language="de",
    booking=BOOKING,
    invites=InviteRules(automatic=True, asks_birth_date=True, own_account_from=16),
    texts=MessagingTexts(not_for_emergencies=TEXT, contact="+1 555 04"),
    reminders=REMINDERS,
)
TALKING: Final = Conversation(
    id=ConversationId("cnv_9"),
    subject=TEXT,
    last_sequence=1,
    last_at=LATER,
    is_staff_initiated=True,
    waiting_since=LATER,
    closed_at=AT,
    is_locked=True,
    is_among_staff=True,
    is_closed_to_proxies=True,
)
SEALED: Final = Sealed(
    place="ab/cd",
    size=2**40,
    digest="0" * 64,
    wrapped_key=bytes(range(256)),
    media_type="image/png",
)
DOCUMENT: Final = Document(
    id=DocumentId("doc_9"),
    client_id=NEW,
    kind=DocumentKind.FILE,
    title=TEXT,
    author=LOGIN,
    content=SEALED,
    status=DocumentStatus.WITHDRAWN,
    made_at=LATER,
    appointment_id=AppointmentId("apt_9"),
)
MEETING: Final = Appointment(
    id=AppointmentId("apt_9"),
    client_id=NEW,
    staff_id=PIA,
    service_id=SERVICE.id,
    interval=Interval(AT - timedelta(days=27, seconds=7), LATER),
    buffers=Buffers(before=1, after=1440, rule=BufferRule.SUM),
    modality=Modality.VIDEO,
    status=AppointmentStatus.LATE_CANCELLED,
    sequence=3,
    made_at=LATER,
    terms=TERMS,
    reason=TEXT,
    is_overbooked=True,
    is_history=True,
)
MEMBER: Final = StaffMember(
    id=StaffId("stf_9"),
    name=TEXT,
    email="pia@example.org",
    role="owner",
    permissions=OWNER_PERMISSIONS,
    takes_messages=False,
    status=StaffStatus.LEFT,
)
CONTACT: Final = Contact(id=ContactId("con_9"), name=TEXT, email="d@example.org", phone="555 03")
SESSION: Final = Session(
    id=SessionId("ses_9"),
    account_id=LOGIN,
    digest="a" * 64,
    created_at=AT,
    seen_at=LATER,
    ended_at=LATER,
    factors=(Factor(name="password", at=AT), Factor(name="totp", at=LATER)),
)
INVITE: Final = Invite(
    id=InviteId("inv_9"),
    email="Ann.\u00c9@example.org",
    client_id=NEW,
    relationship_id=RelationshipId("rel_9"),
    generation=12,
    sent_at=AT,
    expires_at=LATER,
    status=InviteStatus.ACCEPTED,
    accepted_by=LOGIN,
)
RELATIONSHIP: Final = Relationship(
    id=RelationshipId("rel_9"),
    client_id=NEW,
    person=ClientId("cli_1"),
    kind=TEXT[:20],
    scopes=frozenset(Scope),
    shares_information=True,
    is_emergency_contact=True,
    since=AT,
    until=LATER,
)

#: States in an order in which they can be written, each after what it points at.
SAMPLES: Final[tuple[Any, ...]] = (
    FULL_CLIENT,
    Client(id=ClientId("cli_8"), given_name="N"),
    MEMBER,
    StaffMember(id=StaffId("stf_8"), name="N"),
    account(AccountId("acc_9"), "s@example.org", staff_id=MEMBER.id),
    SESSION,
    Throttle(id="origin/0", failures=2**40, last_at=LATER),
    INVITE,
    SERVICE,
    MEETING,
    reminded(MEETING, LOGIN),
    hold_of(MEETING),
    TALKING,
    Conversation(id=ConversationId("cnv_8"), last_at=AT),
    Reading(conversation_id=TALKING.id, person=PIA, sequence=1, draft=TEXT),
    Notice(conversation_id=TALKING.id, person=PIA, sequence=1, warned_of=LATER),
    Feed(person=NEW, digest="b" * 64, made_at=AT),
    Feed(person=MEMBER.id, digest="c" * 64, made_at=AT, ended_at=LATER),
    CONTACT,
    DOCUMENT,
    Delivery(position=1, attempts=3, fault="mail_refused"),
)

#: Members of sets, each with the owner that is written with it.
MEMBERS: Final[tuple[tuple[Any, Any], ...]] = (
    (FULL_CLIENT, Assignment(client_id=NEW, staff_id=PIA, since=AT, until=LATER)),
    (FULL_CLIENT, Access(client_id=NEW, account_id=LOGIN, since=AT, ended_at=LATER)),
    (FULL_CLIENT, RELATIONSHIP),
    (MEMBER, BusyCalendar(staff_id=MEMBER.id, source=TEXT, intervals=BUSY, imported_at=AT)),
    (
        TALKING,
        Participant(
            conversation_id=TALKING.id,
            person=PIA,
            since=AT,
            from_sequence=1,
            until=LATER,
            until_sequence=2**40,
        ),
    ),
    (
        TALKING,
        Participant(conversation_id=TALKING.id, person=RelationshipId("rel_9"), since=AT),
    ),
    (
        TALKING,
        Message(
            id=MessageId("msg_9"),
            conversation_id=TALKING.id,
            sequence=1,
            author=NEW,
            text=TEXT,
            at=LATER,
        ),
    ),
    (
        TALKING,
        Message(
            id=MessageId("msg_8"),
            conversation_id=TALKING.id,
            sequence=2,
            author=RelationshipId("rel_9"),
            attachments=(DOCUMENT.id,),
            text="",
            at=LATER,
        ),
    ),
    (
        TALKING,
        Tombstone(message_id=MessageId("msg_9"), conversation_id=TALKING.id, by=PIA, at=LATER),
    ),
    *meetings_of(MEETING, AT, LATER),
    (DOCUMENT, Share(document_id=DOCUMENT.id, reader=CONTACT.id, since=AT, until=LATER)),
    (SERVICE, AVAILABILITY),
    (MEMBER, Availability(practice_id=PRACTICE, staff_id=MEMBER.id, service_id=TALK, weekly=())),
)
