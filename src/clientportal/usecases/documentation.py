"""The documentation tab, and downloads (DOC-1, DOC-4, DOC-5, GUIDE-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.documents import Document, DocumentKind, DocumentStatus
from clientportal.domain.ids import AccountId, AppointmentId, ClientId, DocumentId, StaffId
from clientportal.domain.moments import Moment
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.documents import (
    DocumentFacts,
    may_list_documents,
    may_read_document,
    readership_of,
)
from clientportal.policies.standing import Standing
from clientportal.ports.queries import DocumentFactsOf, DocumentsOf, StandingOf
from clientportal.ports.queries_access import limited
from clientportal.ports.work import OpenContent
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class DocumentSeen:
    """A document as a list shows it: what it is, not where its content lies; *size* in bytes."""

    id: DocumentId
    client_id: ClientId
    kind: DocumentKind
    title: str = field(repr=False)
    status: DocumentStatus
    author: StaffId | ClientId | AccountId
    made_at: Moment
    media_type: str
    size: int
    appointment_id: AppointmentId | None


def seen(document: Document) -> DocumentSeen:
    """*document* as a list shows it."""
    return DocumentSeen(
        id=document.id,
        client_id=document.client_id,
        kind=document.kind,
        title=document.title,
        status=document.status,
        author=document.author,
        made_at=document.made_at,
        media_type=document.content.media_type,
        size=document.content.size,
        appointment_id=document.appointment_id,
    )


def readable(
    standing: Standing, *, after: tuple[Moment, DocumentId] | None = None, limit: int = 1000
) -> Flow[tuple[DocumentSeen, ...]]:
    """The newest *limit* of the client's documents *after* a key that the actor may read.

    Storage fills the page with what they read; the one decision filters it once more.
    """
    if not may_list_documents(standing):
        return ()
    reader = readership_of(standing)
    filed = yield from fetch(
        DocumentsOf(standing.client.id, reader=reader, after=after, limit=limit)
    )
    return tuple(
        seen(each.document)
        for each in filed
        if may_read_document(
            DocumentFacts(standing=standing, document=each.document, shares=each.shares)
        )
    )


@frozen(kw_only=True)
class SeeDocuments:
    """A page of what the actor may read of a client's documentation, newest first.

    *after* is (made_at, id) of the last one seen. A page that holds fewer than *limit* is the last.
    """

    name: ClassVar[str] = "document.list"
    client_id: ClientId
    after: tuple[Moment, DocumentId] | None = None
    limit: int = field(default=200, validator=limited)

    def flow(self, context: Context) -> Flow[Shown[tuple[DocumentSeen, ...]]]:
        """Unshared is indistinguishable from absent."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_list_documents(standing)
        if not decision:
            return Shown(decision, about=self.client_id)
        found = yield from readable(standing, after=self.after, limit=self.limit)
        return Shown(decision, found, about=self.client_id)


@frozen(kw_only=True)
class Download:
    """A document on its way out, as an attachment: *chunks* are released once verified (DOC-6)."""

    file_name: str = field(repr=False)
    media_type: str
    size: int
    chunks: Iterator[bytes] = field(repr=False, eq=False)


@frozen(kw_only=True)
class DownloadDocument:
    """The content of a document: a file byte for byte, a note as text (GUIDE-12)."""

    name: ClassVar[str] = "document.download"
    document_id: DocumentId

    def flow(self, context: Context) -> Flow[Shown[Download]]:
        """Whoever may read it; the reading is on record (DOC-1, OUT-4)."""
        facts = yield from fetch(DocumentFactsOf(self.document_id, context.actor))
        decision = may_read_document(facts)
        document = facts.document
        if not decision:
            return Shown(decision, about=document.client_id)
        chunks = yield from fetch(
            OpenContent(practice_id=facts.standing.practice.id, document=document)
        )
        download = Download(
            file_name=document.title,
            media_type=document.content.media_type,
            size=document.content.size,
            chunks=chunks,
        )
        return Shown(decision, download, about=document.client_id)
