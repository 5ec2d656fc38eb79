"""Who may write, share and read documents (DOC-1, DOC-4, DOC-5, REL-1)."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ALL,
    ANN,
    ANNS,
    BEGAN,
    BEN,
    DORA,
    DORAS,
    NOW,
    OUTSIDERS,
    OWN,
    PIA,
    by_ann,
    by_dora,
    by_staff,
    said,
)

from clientportal.domain.documents import (
    LARGEST,
    Document,
    DocumentKind,
    DocumentStatus,
    Sealed,
    Share,
)
from clientportal.domain.ids import DocumentId
from clientportal.domain.relationships import Scope
from clientportal.policies.decision import Kind
from clientportal.policies.documents import (
    CONTENT_FAULTS,
    DocumentFacts,
    may_list_documents,
    may_read_document,
    may_share_document,
    may_upload_file,
    may_withdraw_document,
    may_write_note,
)
from clientportal.policies.standing import Standing

DRAFT, SHARED, WITHDRAWN = DocumentStatus
SEALED: Final = Sealed(place="a", size=1, digest="d", wrapped_key=b"k", media_type="text/plain")
EDITS: Final = {"view_documentation": ALL, "edit_documentation": ALL}
READS: Final = Scope.READ_DOCUMENTS
BRINGS: Final = Scope.UPLOAD_DOCUMENTS


def paper(
    standing: Standing,
    status: DocumentStatus = SHARED,
    *readers: Any,
    ended: bool = False,
    author: Any = PIA,
) -> DocumentFacts:
    """A document about Ann, by Pia unless somebody else brought it."""
    document = Document(
        id=DocumentId("doc_1"),
        client_id=ANN,
        kind=DocumentKind.NOTE,
        title="Plan",
        author=author,
        content=SEALED,
        status=status,
        made_at=NOW,
    )
    until = NOW if ended else None
    shares = tuple(
        Share(document_id=document.id, reader=reader, since=BEGAN, until=until)
        for reader in readers
    )
    return DocumentFacts(standing=standing, document=document, shares=shares)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            paper(by_staff(view_documentation=ALL), DRAFT),
            (True, "permitted"),
            id="staff see drafts",
        ),
        pytest.param(
            paper(by_staff(view_documentation=OWN), DRAFT),
            (False, "not_permitted"),
            id="of their roster",
        ),
        pytest.param(paper(by_ann(), DRAFT, ANN), (False, "not_shared"), id="a draft is absent"),
        pytest.param(
            paper(by_ann(), SHARED, ANN), (True, "shared_with_you"), id="shared with the client"
        ),
        pytest.param(
            paper(by_ann(), SHARED, DORA), (False, "not_shared"), id="shared with somebody else"
        ),
        pytest.param(
            paper(by_ann(), SHARED, ANN, ended=True), (False, "not_shared"), id="no longer shared"
        ),
        pytest.param(paper(by_ann(), WITHDRAWN, ANN), (False, "not_shared"), id="withdrawn"),
        pytest.param(
            paper(by_ann(), DRAFT, author=ANN), (True, "own_document"), id="what the client wrote"
        ),
        pytest.param(
            paper(by_ann(), WITHDRAWN, author=ANNS),
            (True, "own_document"),
            id="or brought by account",
        ),
        pytest.param(
            paper(by_dora(READS, informed=True), SHARED, DORA),
            (True, "shared_with_you"),
            id="a proxy",
        ),
        pytest.param(
            paper(by_dora(READS), SHARED, DORA),
            (False, "not_shared"),
            id="not without information sharing",
        ),
        pytest.param(
            paper(by_dora(READS, informed=True), SHARED, ANN),
            (False, "not_shared"),
            id="not the client's",
        ),
        pytest.param(
            paper(by_dora(BRINGS, informed=True), SHARED, DORA),
            (False, "not_granted"),
            id="not unscoped",
        ),
        pytest.param(
            paper(by_dora(READS), DRAFT, author=DORAS),
            (True, "own_document"),
            id="what the proxy brought",
        ),
        pytest.param(
            paper(by_dora(READS, informed=True), DRAFT, author=ANN),
            (False, "not_shared"),
            id="not what the client did",
        ),
        pytest.param(
            paper(by_dora(READS, informed=True), SHARED, ANN, DORA, author=ANN),
            (True, "shared_with_you"),
            id="unless shared",
        ),
    ],
)
def test_may_read(facts: DocumentFacts, expected: tuple[bool, str]) -> None:
    """DOC-1, DOC-4, REL-1: staff, whoever brought it, and its readers."""
    decision = may_read_document(facts)
    assert said(decision) == expected
    assert decision or decision.reason.kind is Kind.HIDDEN


@pytest.mark.parametrize(
    ("facts", "share", "withdraw"),
    [
        pytest.param(paper(by_staff(**EDITS)), "may_share", "may_withdraw", id="staff with edit"),
        pytest.param(paper(by_staff(**EDITS), DRAFT), "may_share", "not_shared_yet", id="a draft"),
        pytest.param(
            paper(by_staff(**EDITS), WITHDRAWN), "may_share", "not_shared_yet", id="withdrawn"
        ),
        pytest.param(
            paper(by_staff(view_documentation=ALL)),
            "may_only_view",
            "may_only_view",
            id="view only",
        ),
        pytest.param(paper(by_staff()), "not_permitted", "not_permitted", id="staff without"),
        pytest.param(
            paper(by_ann(), SHARED, ANN), "staff_only", "staff_only", id="a client who reads it"
        ),
        pytest.param(
            paper(by_ann(), DRAFT), "not_shared", "not_shared", id="a client who does not"
        ),
    ],
)
def test_may_share_and_withdraw(facts: DocumentFacts, share: str, withdraw: str) -> None:
    """DOC-1: staff with edit; drafts are absent for clients here too."""
    assert may_share_document(facts, known=True, informed=True).reason.code == share
    assert may_withdraw_document(facts).reason.code == withdraw


def test_readers_must_be_known_and_informed() -> None:
    """REL-1: only with who is related now, and only with information sharing."""
    facts = paper(by_staff(**EDITS))
    assert may_share_document(facts, known=False, informed=True).reason.kind is Kind.HIDDEN
    refused = may_share_document(facts, known=True, informed=False)
    assert said(refused) == (False, "no_information_sharing")


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(by_staff(**EDITS), (True, "permitted"), id="staff with edit"),
        pytest.param(
            by_staff(view_documentation=ALL), (False, "may_only_view"), id="staff who view"
        ),
        pytest.param(
            by_staff(archived=True, **EDITS), (False, "record_closed"), id="not about the archived"
        ),
        pytest.param(by_ann(), (True, "own_record"), id="clients their own"),
        pytest.param(by_ann(archived=True), (False, "record_closed"), id="not archived ones"),
        pytest.param(by_dora(BRINGS), (True, "granted"), id="a proxy who may upload"),
        pytest.param(by_dora(READS), (False, "not_in_grant"), id="one who may read hears so"),
        pytest.param(by_dora(), (False, "not_granted"), id="others hear nothing"),
    ],
)
def test_may_add(standing: Standing, expected: tuple[bool, str]) -> None:
    """DOC-4: notes and files under the same rule."""
    assert said(may_write_note(standing)) == expected
    assert said(may_upload_file(standing, 1)) == expected


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (0, "empty_file"),
        (-1, "empty_file"),
        (1, "own_record"),
        (LARGEST, "own_record"),
        (LARGEST + 1, "too_large"),
    ],
)
def test_sizes(size: int, expected: str) -> None:
    """DOC-5: 25 MB, and something."""
    assert may_upload_file(by_ann(), size).reason.code == expected


def test_faults_of_content_have_reasons() -> None:
    """DOC-5: what sealing rejects is a refusal of its own."""
    assert set(CONTENT_FAULTS) == {
        "too_large",
        "empty_file",
        "unsupported_type",
        "upload_incomplete",
    }


@pytest.mark.parametrize("standing", OUTSIDERS)
def test_outsiders_never(standing: Standing) -> None:
    """DOC-1, REL-6: to outsiders no document is there, whoever it is shared with."""
    facts = paper(standing, SHARED, ANN, BEN, DORA)
    assert not may_read_document(facts)
    assert not may_list_documents(standing)
    assert not may_write_note(standing)
    assert not may_share_document(facts, known=True, informed=True)
    assert not may_withdraw_document(facts)


statuses: Final = st.sampled_from(DocumentStatus)
readers: Final = st.lists(st.sampled_from([ANN, BEN, DORA]), unique=True)
authors: Final = st.sampled_from([PIA, ANN, ANNS, DORAS])


@given(st.frozensets(st.sampled_from(Scope)), st.booleans(), statuses, readers, authors)
def test_less_is_not_more(
    scopes: frozenset[Scope], informed: bool, status: DocumentStatus, shared: list[Any], author: Any
) -> None:
    """REL-1, REL-2: fewer scopes, readers or facts never show more; all is explained."""
    whole = paper(by_dora(*scopes, informed=informed), status, *shared, author=author)
    assert may_read_document(whole).reason.rule
    for less in (
        paper(by_dora(*scopes), status, *shared, author=author),
        paper(by_dora(informed=informed), status, *shared, author=author),
        paper(by_dora(*scopes, informed=informed), status, author=author),
        paper(by_dora(*scopes, informed=informed, ended=True), status, *shared, author=author),
    ):
        assert bool(may_read_document(less)) <= bool(may_read_document(whole))
    assert bool(may_read_document(whole)) <= bool(may_list_documents(whole.standing))
