"""A small practice for the guide's tests, built through public commands only."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from itertools import count
from typing import Any

from attrs import define, field

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor
from clientportal.domain.availability import Modality, Service, Window
from clientportal.domain.documents import Content
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ConversationId,
    DocumentId,
    InviteId,
    MessageId,
    PracticeId,
    ServiceId,
    SessionId,
    StaffId,
)
from clientportal.domain.people import OWNER_PERMISSIONS, Client, StaffMember
from clientportal.embedded.clock import SettableClock
from clientportal.embedded.mail import MemoryMailer
from clientportal.errors import ClientPortalError
from clientportal.parts import Parts
from clientportal.relay import Relay
from clientportal.security.passwords import Argon2Parameters
from clientportal.serialization import event_of
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.accounts import SignIn
from clientportal.usecases.appointments import AcceptAppointment, BookAppointment
from clientportal.usecases.availability import AddService, SetAvailability
from clientportal.usecases.conversations import SendMessage, StartConversation
from clientportal.usecases.documents import ShareDocument, UploadFile, WriteNote
from clientportal.usecases.invites import SendInvite
from clientportal.usecases.people import AddClient, AddStaffMember
from clientportal.usecases.practices import OpenPractice

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
HOUR = timedelta(hours=1)
PASSWORD = "correct horse battery staple"
BASE = "https://portal.example/i/"
FILE = b"%PDF-1.4\nnot much of a letter\n"

PRACTICE = PracticeId("prc_guide")
DORA, EMIL = StaffId("stf_dora"), StaffId("stf_emil")
ANN, BEN = ClientId("cli_ann"), ClientId("cli_ben")
TALK = ServiceId("svc_talk")


@define
class World:
    """The practice, its two staff members and two clients, and a clock that can be set."""

    url: str
    clock: SettableClock = field(factory=lambda: SettableClock(MONDAY))
    parts: Parts = field(init=False)
    portal: Any = field(init=False)
    tails: Any = field(factory=lambda: count(1), init=False)

    def __attrs_post_init__(self) -> None:
        cheap = Argon2Parameters(memory=64, passes=1, lanes=1)
        video = "browser:https://video.example/"
        self.parts = Parts(
            url=self.url, mail="memory:", video=video, clock=self.clock, argon2=cheap
        )
        getattr(self.parts.storage, "create", lambda: None)()
        self.portal = self.parts.portal
        command = OpenPractice(
            practice_id=PRACTICE,
            practice_name="The Mill",
            timezone="Europe/Berlin",
            owner_id=DORA,
            owner_name="Dora",
            owner_email="dora@mill.example",
            invite_id=InviteId("inv_dora"),
        )
        self.portal.do(command, actor=self.portal.system_actor(PRACTICE))
        emil = StaffMember(id=EMIL, name="Emil", permissions=OWNER_PERMISSIONS)
        self.do(DORA, AddStaffMember(staff=emil))
        service = Service(id=TALK, name="Talk", duration=60, modality=Modality.VIDEO)
        self.do(DORA, AddService(service=service))
        weekly = tuple(Window(weekday=day, start=9 * 60, end=12 * 60) for day in range(7))
        self.do(DORA, SetAvailability(staff_id=DORA, weekly=weekly))
        for one, name in ((ANN, "Ann"), (BEN, "Ben")):
            email = f"{name.lower()}@example.org"
            client = Client(id=one, given_name=name, email=email, birth_date=date(1980, 5, 5))
            self.do(DORA, AddClient(client=client, invite_id=self.new(InviteId)))

    def close(self) -> None:
        """Let go of the storage."""
        getattr(self.parts.storage, "close", lambda: None)()

    def new(self, kind: Any) -> Any:
        """A fresh id of *kind*."""
        return kind(f"{kind.prefix}{next(self.tails):05}")

    @property
    def mails(self) -> list[Any]:
        """What was mailed, in order."""
        mailer = self.parts.mailer
        assert isinstance(mailer, MemoryMailer)
        return mailer.delivered

    def deliver(self) -> None:
        """Let the relay run."""
        relay = Relay(
            portal=self.portal,
            mailer=self.parts.mailer,
            sign_link=self.parts.workshop.sign_link,
            event_of=event_of,
            sender="portal@mill.example",
            link_base=BASE,
        )
        relay.deliver(PRACTICE)

    def link(self, email: str) -> str:
        """The link in the latest mail to *email*."""
        texts = [mail.text for mail in self.mails if mail.recipient == email]
        found = re.search(re.escape(BASE) + r"(\S+)", texts[-1])
        assert found is not None
        return found[1]

    def let_in(self, client_id: ClientId, email: str) -> None:
        """Invite, mail, accept."""
        self.do(DORA, SendInvite(invite_id=self.new(InviteId), client_id=client_id))
        self.deliver()
        self.accept(email)

    def accept(self, email: str) -> None:
        """Make an account by the link in the mail."""
        visitor = self.portal.visitor(PRACTICE, link=self.link(email))
        command = AcceptInvite(account_id=self.new(AccountId), password=Secret(PASSWORD))
        self.portal.do(command, actor=visitor)

    def sign_in(self, email: str) -> Actor:
        """Who *email* is, once signed in."""
        token = f"token {next(self.tails)} of somebody who signed in"
        command = SignIn(
            session_id=self.new(SessionId),
            email=email,
            password=Secret(PASSWORD),
            token=Secret(token),
        )
        self.portal.do(command, actor=self.portal.visitor(PRACTICE))
        actor: Actor = self.portal.actor(token, practice_id=PRACTICE)
        return actor

    def actor(self, who: Any) -> Actor:
        """Staff as the host vouches for them, clients by signing in afresh."""
        if isinstance(who, StaffId):
            staff: Actor = self.portal.trusted_actor(PRACTICE, staff_id=who)
            return staff
        return self.sign_in({ANN: "ann@example.org", BEN: "ben@example.org"}.get(who, who))

    def do(self, who: Any, command: Any) -> str:
        """The reason with which *who* did *command*."""
        reason: str = self.portal.do(command, actor=self.actor(who)).reason
        return reason

    def code(self, who: Any, command: Any) -> str:
        """The code that *who* hears, done or refused."""
        try:
            return self.do(who, command)
        except ClientPortalError as error:
            return error.code

    def look(self, who: Any, view: Any) -> Any:
        """What *who* sees."""
        return self.portal.look(view, actor=self.actor(who))

    def hidden(self, who: Any, view: Any) -> str | None:
        """The code with which *who* is refused, or None."""
        try:
            self.look(who, view)
        except ClientPortalError as error:
            return error.code
        return None

    def book(self, who: Any, start: datetime, *, accepted: bool = True) -> AppointmentId:
        """Ann's meeting with Dora, accepted unless asked otherwise."""
        appointment_id: AppointmentId = self.new(AppointmentId)
        command = BookAppointment(
            appointment_id=appointment_id,
            client_id=ANN,
            staff_id=DORA,
            service_id=TALK,
            start=start,
        )
        if self.do(who, command) == "may_request" and accepted:
            self.do(DORA, AcceptAppointment(appointment_id=appointment_id))
        return appointment_id

    def note(self, who: Any, title: str, *, shared: bool = False, at: Any = None) -> DocumentId:
        """A note about Ann."""
        document_id: DocumentId = self.new(DocumentId)
        command = WriteNote(
            document_id=document_id, client_id=ANN, title=title, text="Text.", appointment_id=at
        )
        self.do(who, command)
        if shared:
            self.do(DORA, ShareDocument(document_id=document_id))
        return document_id

    def upload(self, who: Any, name: str, *, at: Any = None) -> DocumentId:
        """A file about Ann."""
        document_id: DocumentId = self.new(DocumentId)
        command = UploadFile(
            document_id=document_id,
            client_id=ANN,
            file_name=name,
            size=len(FILE),
            content=Content(BytesIO(FILE)),
            appointment_id=at,
        )
        self.do(who, command)
        return document_id

    def start(self, client_id: ClientId, staff_id: StaffId) -> Any:
        """A command that starts a conversation."""
        return StartConversation(
            conversation_id=self.new(ConversationId),
            message_id=self.new(MessageId),
            client_ids=(client_id,),
            staff_ids=(staff_id,),
            text="Hello",
        )

    def reply(self, conversation_id: ConversationId) -> SendMessage:
        """A command that answers in a conversation."""
        return SendMessage(
            conversation_id=conversation_id, message_id=self.new(MessageId), text="Yes"
        )
