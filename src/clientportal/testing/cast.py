"""Who is in a populated world, and the commands that brought them there.

Four staff members who may different things, four clients, a mother who acts for her child; two
conversations, two documents, two appointments, all alive.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final, TypeAlias

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor
from clientportal.domain.availability import Modality, Service, Window
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
    ServiceId,
    SessionId,
    StaffId,
)
from clientportal.domain.people import Client, Permissions, Reach, StaffMember
from clientportal.domain.relationships import Contact, Scope
from clientportal.testing.builders import World
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.accounts import SignIn
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.availability import AddService, SetAvailability
from clientportal.usecases.command import Command
from clientportal.usecases.conversations import SendMessage, StartConversation
from clientportal.usecases.documents import ShareDocument, WriteNote
from clientportal.usecases.invites import InviteRelated, SendInvite
from clientportal.usecases.people import AddClient, AddStaffMember, AssignClient
from clientportal.usecases.practices import OpenPractice
from clientportal.usecases.relationships import Relate

Steps: TypeAlias = Iterator[tuple[Command, Actor]]

OWNER, PRACTITIONER, RECEPTION, TRAINEE = (StaffId(f"stf_{n}") for n in range(1, 5))
ANN, BEN, CAT, DAN = (ClientId(f"cli_{n}") for n in range(1, 5))
DORA: Final = ContactId("con_1")
MOTHER, PARTNER = RelationshipId("rel_1"), RelationshipId("rel_2")
TALK, MEETING, WALK = (ServiceId(f"svc_{n}") for n in range(1, 4))
PASSWORD: Final = "a long enough password"

_OWN: Final = Permissions(
    view_clients=Reach.ASSIGNED,
    edit_clients=Reach.ASSIGNED,
    view_documentation=Reach.ASSIGNED,
    edit_documentation=Reach.ASSIGNED,
    view_calendar=Reach.ASSIGNED,
    edit_calendar=Reach.ASSIGNED,
)
_DESK: Final = Permissions(
    view_clients=Reach.EVERYTHING, view_calendar=Reach.EVERYTHING, edit_calendar=Reach.EVERYTHING
)
_LEARNS: Final = Permissions(view_clients=Reach.ASSIGNED, view_documentation=Reach.ASSIGNED)

STAFF: Final = (
    StaffMember(id=PRACTITIONER, name="Pia", email="pia@example.org", permissions=_OWN),
    StaffMember(id=RECEPTION, name="Rob", email="rob@example.org", permissions=_DESK),
    StaffMember(id=TRAINEE, name="Tom", permissions=_LEARNS, takes_messages=False),
)
CLIENTS: Final = (
    Client(id=ANN, given_name="Ann", email="ann@example.org", birth_date=date(1990, 2, 28)),
    Client(id=BEN, given_name="Ben", email="ben@example.org", external_id="x1", timezone="UTC"),
    Client(id=CAT, given_name="Cat", birth_date=date(2015, 6, 1), external_id="x2"),
    Client(id=DAN, given_name="Dan", email="dan@example.org", birth_date=date(1980, 1, 1)),
)
SERVICES: Final = (
    Service(id=TALK, name="Talk", duration=50, buffer_after=10, step=10, modality=Modality.VIDEO),
    Service(id=MEETING, name="Meeting", duration=30, buffer_before=15, buffer_after=5, step=5),
    Service(id=WALK, name="Walk", duration=90, is_bookable_online=False),
)
ROSTER: Final = ((ANN, PRACTITIONER), (BEN, PRACTITIONER), (BEN, TRAINEE), (CAT, OWNER))
EVERY_DAY: Final = tuple(Window(weekday=day, start=0, end=0) for day in range(7))


def populate(world: World) -> World:
    """*world* with everybody in it; nothing of it is refused."""
    for steps in (_practice, _people, _offer, _talk, _papers, _relations, _meetings):
        for command, actor in steps(world):
            world.done(command, actor)
    return world


def token_of(session_id: SessionId) -> str:
    """The token that opens a session of a test's world."""
    return f"token of {session_id}"


def invite_of(subject: str) -> InviteId:
    """The invite of somebody of the cast."""
    return InviteId.of(subject.replace("_", "-"))


def account_of(subject: str) -> AccountId:
    """The account of somebody of the cast."""
    return AccountId.of(subject.replace("_", "-"))


def dora(world: World) -> Actor:
    """The mother, as she acts for her child."""
    return world.proxy(CAT, account_of(DORA), MOTHER)


def _practice(world: World) -> Steps:
    yield (
        OpenPractice(
            practice_id=world.practice_id,
            practice_name="Riverside",
            timezone="America/New_York",
            owner_id=OWNER,
            owner_name="Olga",
            owner_email="olga@example.org",
            invite_id=invite_of(OWNER),
        ),
        world.system(),
    )
    yield _accepted(world, OWNER)
    for staff in STAFF:
        yield AddStaffMember(staff=staff), world.staff(OWNER)


def _accepted(world: World, subject: str) -> tuple[Command, Actor]:
    accept = AcceptInvite(account_id=account_of(subject), password=Secret(PASSWORD))
    return accept, world.visitor(invite_of(subject))


def _people(world: World) -> Steps:
    owner = world.staff(OWNER)
    for client in CLIENTS:
        by_itself = InviteId.of(f"by-itself-{client.given_name.lower()}")
        yield AddClient(client=client, invite_id=by_itself), owner
    for client_id in (ANN, BEN, DAN):
        yield SendInvite(invite_id=invite_of(client_id), client_id=client_id), owner
    for client_id in (ANN, BEN):
        yield _accepted(world, client_id)
    for client_id, staff_id in ROSTER:
        yield AssignClient(client_id=client_id, staff_id=staff_id), owner
    yield _signed_in(SessionId("ses_1"), "ann@example.org"), world.visitor()


def _signed_in(session_id: SessionId, email: str) -> Command:
    token = Secret(token_of(session_id))
    return SignIn(session_id=session_id, email=email, password=Secret(PASSWORD), token=token)


def _offer(world: World) -> Steps:
    owner = world.staff(OWNER)
    for service in SERVICES:
        yield AddService(service=service), owner
    yield SetAvailability(weekly=EVERY_DAY), owner
    mornings = tuple(Window(weekday=day, start=9 * 60, end=13 * 60) for day in range(5))
    yield SetAvailability(staff_id=OWNER, weekly=mornings), owner


def _talk(world: World) -> Steps:
    for n, (client_id, staff_id) in enumerate(((ANN, OWNER), (BEN, PRACTITIONER)), start=1):
        start = StartConversation(
            conversation_id=ConversationId(f"cnv_{n}"),
            message_id=MessageId(f"msg_{n}"),
            client_ids=(client_id,),
            staff_ids=(),
            text="How are you?",
        )
        yield start, world.staff(staff_id)
    answer = SendMessage(
        conversation_id=ConversationId("cnv_1"), message_id=MessageId("msg_3"), text="Well."
    )
    yield answer, world.client(ANN)


def _papers(world: World) -> Steps:
    for n, (client_id, staff_id) in enumerate(((ANN, PRACTITIONER), (BEN, OWNER)), start=1):
        note = WriteNote(
            document_id=DocumentId(f"doc_{n}"), client_id=client_id, title="Plan", text="Rest."
        )
        yield note, world.staff(staff_id)
    yield ShareDocument(document_id=DocumentId("doc_1")), world.staff(PRACTITIONER)


def _relations(world: World) -> Steps:
    owner = world.staff(OWNER)
    mother = Relate(
        relationship_id=MOTHER,
        client_id=CAT,
        contact=Contact(id=DORA, name="Dora", email="dora@example.org"),
        kind="mother",
        scopes=frozenset(Scope),
        shares_information=True,
    )
    yield mother, owner
    yield InviteRelated(invite_id=invite_of(DORA), relationship_id=MOTHER), owner
    yield _accepted(world, DORA)
    scopes = frozenset({Scope.READ_DOCUMENTS})
    partner = Relate(
        relationship_id=PARTNER, client_id=ANN, person=BEN, kind="partner", scopes=scopes
    )
    yield partner, owner


def _meetings(world: World) -> Steps:
    for n, (client_id, staff_id, actor) in enumerate(
        ((ANN, PRACTITIONER, world.client(ANN)), (BEN, OWNER, world.staff(OWNER))), start=1
    ):
        book = BookAppointment(
            appointment_id=AppointmentId(f"apt_{n}"),
            client_id=client_id,
            staff_id=staff_id,
            service_id=TALK,
            start=world.clock.at + timedelta(days=1),
        )
        yield book, actor
