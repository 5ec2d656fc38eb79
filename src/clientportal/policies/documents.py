"""Who may write, share and read documents (DOC-1, DOC-4, DOC-5)."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from clientportal.domain.documents import LARGEST, Document, DocumentStatus, Reader, Share
from clientportal.domain.ids import AccountId, ClientId
from clientportal.domain.people import Permissions, Reach
from clientportal.domain.relationships import Scope
from clientportal.policies.decision import Decision, Kind, allow, deny
from clientportal.policies.standing import (
    GRANTED,
    NOT_GRANTED,
    NOT_IN_GRANT,
    OWN_RECORD,
    STAFF_ONLY,
    Standing,
    may_act,
    may_edit,
    may_view,
)

SHARED_WITH_YOU: Final = allow("shared_with_you", "document", "DOC-1")
OWN_DOCUMENT: Final = allow("own_document", "document", "DOC-4")
MAY_SHARE: Final = allow("may_share", "document", "DOC-1")
MAY_WITHDRAW: Final = allow("may_withdraw", "document", "DOC-1")

NOT_SHARED: Final = deny("not_shared", "document", "DOC-1", Kind.HIDDEN)
RECORD_CLOSED: Final = deny("record_closed", "client", "DOC-4")
TOO_LARGE: Final = deny("too_large", "document", "DOC-5")
EMPTY_FILE: Final = deny("empty_file", "document", "DOC-5")
UNSUPPORTED_TYPE: Final = deny("unsupported_type", "document", "DOC-5")
UPLOAD_INCOMPLETE: Final = deny("upload_incomplete", "document", "DOC-5")
NO_INFORMATION_SHARING: Final = deny("no_information_sharing", "relationship", "REL-1")
NOT_SHARED_YET: Final = deny("not_shared_yet", "document", "DOC-1")

OTHER_CLIENTS_APPOINTMENT: Final = deny(
    "other_clients_appointment", "appointment", "DOC-1", Kind.HIDDEN
)
READER_UNKNOWN: Final = deny("reader_unknown", "relationship", "DOC-1", Kind.HIDDEN)

CONTENT_FAULTS: Final = {
    fault.reason.code: fault
    for fault in (TOO_LARGE, EMPTY_FILE, UNSUPPORTED_TYPE, UPLOAD_INCOMPLETE)
}


@frozen(kw_only=True)
class DocumentFacts:
    """A document, its readers, and how the actor stands to its client."""

    standing: Standing
    document: Document
    shares: tuple[Share, ...] = field(repr=False)


@frozen(kw_only=True)
class Readership:
    """Who reads: what is shared with any of *readers* now, and what any of *authors* brought."""

    readers: tuple[Reader, ...] = ()
    authors: tuple[ClientId | AccountId, ...] = ()


def readership_of(standing: Standing) -> Readership | None:
    """Who the actor is to the client's documents; None for staff, who read all (DOC-1, DOC-4)."""
    actor, bond = standing.actor, standing.relationship
    if actor.is_staff:
        return None
    account = () if actor.account_id is None else (actor.account_id,)
    if actor.is_client:
        own = standing.client.id
        return Readership(readers=(own,), authors=(own, *account))
    informed = () if bond is None or not bond.shares_information else (bond.person,)  # REL-1
    return Readership(readers=informed, authors=account)


def is_shared_with(document: Document, shares: tuple[Share, ...], reader: Reader) -> bool:
    """Whether *document* is shared with *reader* now, by its status and its *shares* (DOC-1)."""
    live = document.status is DocumentStatus.SHARED
    return live and any(share.reader == reader and share.is_current for share in shares)


def _view(permissions: Permissions) -> Reach:
    return permissions.view_documentation


def _edit(permissions: Permissions) -> Reach:
    return permissions.edit_documentation


def may_list_documents(standing: Standing) -> Decision:
    """Whether the actor has a documentation tab for this client at all."""
    return may_view(standing, _view, Scope.READ_DOCUMENTS)


def may_write_note(standing: Standing) -> Decision:
    """Whether the actor may write a note: staff with edit, and clients their own (DOC-4)."""
    return _may_add(standing)


def _may_add(standing: Standing) -> Decision:
    by_staff = standing.actor.is_staff
    decision = may_edit(standing, _edit, _view) if by_staff else _by_client(standing)
    return decision if not decision or standing.client.is_active else RECORD_CLOSED


def _by_client(standing: Standing) -> Decision:
    present = may_act(standing)
    if not present:
        return present
    if standing.actor.is_client:
        return OWN_RECORD
    if standing.grants(Scope.UPLOAD_DOCUMENTS):
        return GRANTED
    return NOT_IN_GRANT if standing.grants(Scope.READ_DOCUMENTS) else NOT_GRANTED


def may_upload_file(standing: Standing, size: int) -> Decision:
    """Whether the actor may upload a file of *size* bytes (DOC-5)."""
    decision = _may_add(standing)
    if not decision:
        return decision
    if size > LARGEST:
        return TOO_LARGE
    return decision if size > 0 else EMPTY_FILE


def may_read_document(facts: DocumentFacts) -> Decision:
    """Whether the actor may read it: staff, whoever brought it, and its readers (DOC-1, DOC-4)."""
    document, readership = facts.document, readership_of(facts.standing)
    visible = may_list_documents(facts.standing)
    if not visible or readership is None:
        return visible
    if document.author in readership.authors:
        return OWN_DOCUMENT
    shared = any(is_shared_with(document, facts.shares, each) for each in readership.readers)
    return SHARED_WITH_YOU if shared else NOT_SHARED


def _may_manage(facts: DocumentFacts) -> Decision:
    """Staff with edit; others hear that only of what they may read: drafts are hidden (DOC-1)."""
    if facts.standing.actor.is_staff:
        return may_edit(facts.standing, _edit, _view)
    readable = may_read_document(facts)
    return STAFF_ONLY if readable else readable


def may_share_document(facts: DocumentFacts, *, known: bool, informed: bool) -> Decision:
    """Whether staff may share it with a reader who is *known* to the client, and *informed*.

    Informed is the client, and whoever a current relationship shares information with (REL-1).
    """
    decision = _may_manage(facts)
    if not decision:
        return decision
    if not known:
        return READER_UNKNOWN
    return MAY_SHARE if informed else NO_INFORMATION_SHARING


def may_withdraw_document(facts: DocumentFacts) -> Decision:
    """Whether staff may take it back from its readers (DOC-1)."""
    decision = _may_manage(facts)
    if not decision:
        return decision
    return MAY_WITHDRAW if facts.document.status is DocumentStatus.SHARED else NOT_SHARED_YET
