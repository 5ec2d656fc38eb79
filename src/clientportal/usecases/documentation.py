"""The documentation tab, and downloads (DOC-1, DOC-4, DOC-5, GUIDE-12)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.documents import Document
from clientportal.domain.ids import ClientId, DocumentId
from clientportal.domain.moments import Moment
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.documents import DocumentFacts, may_list_documents, may_read_document
from clientportal.policies.standing import Standing
from clientportal.ports.queries import DocumentFactsOf, DocumentsOf, Filed, StandingOf
from clientportal.ports.work import OpenContent
from clientportal.usecases.command import Context


def readable(filed: tuple[Filed, ...], standing: Standing) -> tuple[Document, ...]:
    """Those of *filed* that the actor may read: the filter of the one decision."""
    return tuple(
        each.document
        for each in filed
        if may_read_document(
            DocumentFacts(standing=standing, document=each.document, shares=each.shares)
        )
    )


@frozen(kw_only=True)
class SeeDocuments:
    """A page of what the actor may read of a client's documentation, newest first."""

    name: ClassVar[str] = "document.list"
    client_id: ClientId
    after: tuple[Moment, DocumentId] | None = None

    def flow(self, context: Context) -> Flow[Shown[tuple[Document, ...]]]:
        """Unshared is indistinguishable from absent."""
        standing, filed = yield from fetch(
            StandingOf(self.client_id, context.actor), DocumentsOf(self.client_id, after=self.after)
        )
        decision = may_list_documents(standing)
        found = readable(filed, standing) if decision else None
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
