"""Documents sent along with a message: attaching shares them, and who may not read sees none."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import field, frozen

from clientportal.domain.ids import DocumentId
from clientportal.flows import Change, Flow, fetch
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.documents import DocumentFacts, may_read_document, may_share_document
from clientportal.policies.messaging import ATTACHMENT_NOT_YOURS
from clientportal.ports.queries import AttachedOf
from clientportal.usecases.command import Context
from clientportal.usecases.documents import shared


def attached(
    document_ids: tuple[DocumentId, ...], facts: WritingFacts, context: Context
) -> Flow[tuple[Decision | None, tuple[Change, ...]]]:
    """Why these documents may not go with a message, or the shares that go with it (MSG-11).

    They are about clients who take part; staff share them with their client, a client or proxy
    sends what they may read. What one may not read is as if it were not there (DOC-1).
    """
    if not document_ids:
        return None, ()
    found = yield from fetch(AttachedOf(document_ids, context.actor))
    if len(found) < len(document_ids):
        return ATTACHMENT_NOT_YOURS, ()
    for each in found:
        fault = _fault(each, facts)
        if fault is not None:
            return fault, ()
    if not context.actor.is_staff:
        return None, ()
    return None, tuple(_shared_with_client(each, context) for each in found if not _is_theirs(each))


def _fault(document: DocumentFacts, facts: WritingFacts) -> Decision | None:
    if document.document.client_id not in facts.clients:
        return ATTACHMENT_NOT_YOURS
    if facts.actor.is_staff:
        decision = may_share_document(document, known=True, informed=True)
    else:
        decision = may_read_document(document)
    return None if decision else decision


def _is_theirs(facts: DocumentFacts) -> bool:
    """Whether the client may read it already."""
    own = facts.document.client_id
    return any(share.reader == own and share.is_current for share in facts.shares)


def _shared_with_client(facts: DocumentFacts, context: Context) -> Change:
    return shared(facts.document, facts.document.client_id, context)


@frozen(kw_only=True)
class AttachmentSeen:
    """A document that came with a message, as its reader sees it; *size* is in bytes."""

    document_id: DocumentId
    title: str = field(repr=False)
    media_type: str
    size: int


def readable(
    document_ids: Iterable[DocumentId], context: Context
) -> Flow[dict[DocumentId, AttachmentSeen]]:
    """Those of the documents that the actor may read now, by id."""
    ids = tuple(dict.fromkeys(document_ids))
    if not ids:
        return {}
    found = yield from fetch(AttachedOf(ids, context.actor))
    return {
        each.document.id: AttachmentSeen(
            document_id=each.document.id,
            title=each.document.title,
            media_type=each.document.content.media_type,
            size=each.document.content.size,
        )
        for each in found
        if may_read_document(each)
    }
