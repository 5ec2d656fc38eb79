"""Who may write, share and read documents (DOC-1, DOC-4, DOC-5)."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from clientportal.domain.documents import LARGEST, Document, DocumentStatus, Share
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
CLIENT_ARCHIVED: Final = deny("record_closed", "client", "DOC-4")
TOO_LARGE: Final = deny("too_large", "document", "DOC-5")
EMPTY_FILE: Final = deny("empty_file", "document", "DOC-5")
UNSUPPORTED_TYPE: Final = deny("unsupported_type", "document", "DOC-5")
UPLOAD_INCOMPLETE: Final = deny("upload_incomplete", "document", "DOC-5")
NO_SHARING: Final = deny("no_information_sharing", "relationship", "REL-1")
NOT_SHARED_YET: Final = deny("not_shared_yet", "document", "DOC-1")

OTHER_APPOINTMENT: Final = deny("other_clients_appointment", "appointment", "DOC-1", Kind.HIDDEN)
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
    return decision if not decision or standing.client.is_active else CLIENT_ARCHIVED


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
    standing, document = facts.standing, facts.document
    visible = may_view(standing, _view, Scope.READ_DOCUMENTS)
    if not visible or standing.actor.is_staff:
        return visible
    if document.author in (standing.actor.client_id, standing.actor.account_id):
        own = document.author == standing.actor.account_id or standing.actor.is_client
        return OWN_DOCUMENT if own else _shared(facts)
    return _shared(facts)


def _shared(facts: DocumentFacts) -> Decision:
    actor, bond = facts.standing.actor, facts.standing.relationship
    reader = actor.client_id if actor.is_client else None if bond is None else bond.person
    informed = actor.is_client or (bond is not None and bond.shares_information)
    live = facts.document.status is DocumentStatus.SHARED
    found = any(share.reader == reader and share.is_current for share in facts.shares)
    return SHARED_WITH_YOU if live and informed and found else NOT_SHARED


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
    return MAY_SHARE if informed else NO_SHARING


def may_withdraw_document(facts: DocumentFacts) -> Decision:
    """Whether staff may take it back from its readers (DOC-1)."""
    decision = _may_manage(facts)
    if not decision:
        return decision
    return MAY_WITHDRAW if facts.document.status is DocumentStatus.SHARED else NOT_SHARED_YET
