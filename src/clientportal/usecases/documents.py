"""Notes, files, and with whom they are shared (DOC-1, DOC-4, DOC-5)."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from attrs import evolve, field, frozen

from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment
from clientportal.domain.documents import (
    LARGEST,
    NOTE_TYPE,
    Content,
    Document,
    DocumentAdded,
    DocumentKind,
    DocumentShared,
    DocumentWithdrawn,
    Reader,
    Sealed,
    Share,
    after,
    sanitised,
)
from clientportal.domain.ids import AccountId, AppointmentId, ClientId, DocumentId, StaffId
from clientportal.domain.texts import composed, line, prose
from clientportal.flows import Change, Flow, Get, Outcome, fetch
from clientportal.policies.decision import Decision
from clientportal.policies.documents import (
    CONTENT_FAULTS,
    OTHER_CLIENTS_APPOINTMENT,
    UNSUPPORTED_TYPE,
    may_share_document,
    may_upload_file,
    may_withdraw_document,
    may_write_note,
)
from clientportal.policies.standing import Standing
from clientportal.ports.queries import DocumentFactsOf, RelationshipsOf, StandingOf
from clientportal.ports.work import Rejected, SealContent
from clientportal.usecases.command import Context

Author: TypeAlias = StaffId | ClientId | AccountId


def _author(actor: Actor, client_id: ClientId) -> Author:
    """Who brought it: the staff member, the client, or the account of a proxy."""
    return actor.staff_id or (None if actor.is_client else actor.account_id) or client_id


@frozen(kw_only=True)
class WriteNote:
    """Write a note about a client: staff a draft to be shared, clients their own (DOC-1, DOC-4)."""

    name: ClassVar[str] = "note.write"
    looks_up: ClassVar[str] = "client_id"
    kind: ClassVar[DocumentKind] = DocumentKind.NOTE
    tests_secret: ClassVar[bool] = False
    document_id: DocumentId
    client_id: ClientId
    title: str = field(validator=line(200), repr=False)
    text: str = field(converter=composed, validator=prose(50_000), repr=False)
    appointment_id: AppointmentId | None = None

    @property
    def stored_title(self) -> str:
        """The title as given."""
        return self.title

    def flow(self, context: Context) -> Flow[Outcome]:
        """The text is sealed like every document's content, while nothing is locked."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = yield from _tied(self, may_write_note(standing))
        if not decision:
            return Outcome(decision, about=self.client_id)
        plain = self.text.encode()
        content = Content.of(plain)
        sealing = _sealing(self, standing, content, size=len(plain), media_type=NOTE_TYPE)
        sealed = yield from fetch(sealing)
        return _kept(self, sealed, decision, context)


@frozen(kw_only=True)
class UploadFile:
    """Upload a file about a client; its type is decided by its content (DOC-5).

    *size* is the declared length in bytes; content that is not just as long is refused.
    """

    name: ClassVar[str] = "file.upload"
    looks_up: ClassVar[str] = "client_id"
    kind: ClassVar[DocumentKind] = DocumentKind.FILE
    tests_secret: ClassVar[bool] = False
    document_id: DocumentId
    client_id: ClientId
    file_name: str = field(validator=line(100_000), repr=False)
    size: int
    content: Content = field(repr=False, eq=False)
    appointment_id: AppointmentId | None = None

    @property
    def stored_title(self) -> str:
        """The file's name, sanitised (DOC-5)."""
        return sanitised(self.file_name)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Sealed from the first byte; nothing is left behind of what is refused."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = yield from _tied(self, may_upload_file(standing, self.size))
        if not decision:
            return Outcome(decision, about=self.client_id)
        sealed = yield from fetch(_sealing(self, standing, self.content, size=self.size))
        return _kept(self, sealed, decision, context)


Added: TypeAlias = WriteNote | UploadFile


def _tied(command: Added, decision: Decision) -> Flow[Decision]:
    """*decision*, unless the appointment it is tied to is another client's: that stays hidden."""
    if not decision or command.appointment_id is None:
        return decision
    appointment = yield from fetch(Get(Appointment, command.appointment_id))
    return decision if appointment.client_id == command.client_id else OTHER_CLIENTS_APPOINTMENT


def _sealing(
    command: Added,
    standing: Standing,
    content: Content,
    *,
    size: int,
    media_type: str | None = None,
) -> SealContent:
    return SealContent(
        practice_id=standing.practice.id,
        client_id=command.client_id,
        document_id=command.document_id,
        content=content,
        size=size,
        most=LARGEST,
        media_type=media_type,
    )


def _kept(
    command: Added, sealed: Sealed | Rejected, decision: Decision, context: Context
) -> Outcome:
    """The document as its author leaves it; a client's own is theirs to read at once (DOC-4)."""
    if isinstance(sealed, Rejected):
        fault = CONTENT_FAULTS.get(sealed.code, UNSUPPORTED_TYPE)
        return Outcome(fault, about=command.client_id)
    document = Document(
        id=command.document_id,
        client_id=command.client_id,
        kind=command.kind,
        title=command.stored_title,
        author=_author(context.actor, command.client_id),
        content=sealed,
        made_at=context.now,
        appointment_id=command.appointment_id,
    )
    added = Change(DocumentAdded(document_id=document.id), (document,), made=(document,))
    if document.is_by_staff:
        return Outcome(decision, (added,), about=document.client_id)
    own = shared(document, document.client_id, context)
    return Outcome(decision, (added, own), about=document.client_id)


def shared(document: Document, reader: Reader, context: Context) -> Change:
    """That *reader* may read the document from now on."""
    share = Share(document_id=document.id, reader=reader, since=context.now)
    event = DocumentShared(document_id=document.id, reader=reader, at=context.now)
    return Change(event, (after(document, event), share))


@frozen(kw_only=True)
class ShareDocument:
    """Share a document with its client, or with somebody related to them (DOC-1, REL-1).

    *reader* is the client, a contact or another client; None is the document's own client.
    """

    name: ClassVar[str] = "document.share"
    tests_secret: ClassVar[bool] = False
    document_id: DocumentId
    reader: Reader | None = None

    def flow(self, context: Context) -> Flow[Outcome]:
        """Related people only where their relationship shares information."""
        facts = yield from fetch(DocumentFactsOf(self.document_id, context.actor))
        document = facts.document
        reader, informed, known = self.reader or document.client_id, True, True
        if reader != document.client_id:
            related = yield from fetch(RelationshipsOf(document.client_id))
            bonds = [r.relationship for r in related if r.relationship.person == reader]
            known = any(bond.is_current for bond in bonds)
            informed = any(bond.is_current and bond.shares_information for bond in bonds)
        decision = may_share_document(facts, known=known, informed=informed)
        current = any(s.reader == reader and s.is_current for s in facts.shares)
        if not decision or current:
            return Outcome(decision, about=document.client_id)
        return Outcome(decision, (shared(document, reader, context),), about=document.client_id)


@frozen(kw_only=True)
class WithdrawDocument:
    """Take a document back from all its readers; past readings stay on record (DOC-1)."""

    name: ClassVar[str] = "document.withdraw"
    tests_secret: ClassVar[bool] = False
    document_id: DocumentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Every current share ends at once."""
        facts = yield from fetch(DocumentFactsOf(self.document_id, context.actor))
        decision = may_withdraw_document(facts)
        if not decision:
            return Outcome(decision, about=facts.document.client_id)
        event = DocumentWithdrawn(document_id=self.document_id, at=context.now)
        ended = tuple(evolve(s, until=context.now) for s in facts.shares if s.is_current)
        change = Change(event, (after(facts.document, event), *ended))
        return Outcome(decision, (change,), about=facts.document.client_id)
