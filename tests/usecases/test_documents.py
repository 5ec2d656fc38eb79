"""Notes, files, shares and downloads (GUIDE-12, DOC-1, DOC-4, DOC-5, REL-1, REL-5)."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final

import pytest

from clientportal.domain.documents import LARGEST, Content, Document, Sealed
from clientportal.domain.ids import AppointmentId, ClientId, ContactId, DocumentId
from clientportal.domain.relationships import Scope
from clientportal.errors import MalformedError
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DORA,
    MOTHER,
    OWNER,
    PARTNER,
    PRACTITIONER,
    RECEPTION,
    TRAINEE,
    account_of,
    dora,
)
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.documentation import DocumentSeen, DownloadDocument, SeeDocuments
from clientportal.usecases.documents import ShareDocument, UploadFile, WithdrawDocument, WriteNote
from clientportal.usecases.people import ArchiveClient
from clientportal.usecases.relationships import (
    ChangeRelationship,
    EndRelationship,
    SeeRelationships,
)

NEW: Final = DocumentId("doc_9")
ANNS, BENS = DocumentId("doc_1"), DocumentId("doc_2")


def note(client_id: ClientId = ANN, **given: Any) -> WriteNote:
    """A note about a client."""
    return WriteNote(
        **{
            "document_id": NEW,
            "client_id": client_id,
            "title": "Diary",
            "text": "Böse Zeit",
            **given,
        }
    )


def upload(
    body: bytes, *, size: int | None = None, name: str = "scan.pdf", **given: Any
) -> UploadFile:
    """A file about Ann."""
    return UploadFile(
        **{
            "document_id": NEW,
            "client_id": ANN,
            "file_name": name,
            "size": len(body) if size is None else size,
            "content": Content(BytesIO(body)),
            **given,
        }
    )


def listed(world: World, client_id: ClientId, who: Any) -> list[str]:
    """The ids of what somebody sees."""
    return [each.id for each in world.look(SeeDocuments(client_id=client_id), who)]


def stored(world: World, document_id: DocumentId) -> Document:
    """A document as it is stored."""
    storage: Any = world.storage
    found: Document = storage.rooms[world.practice_id].rows[Document, document_id][1]
    return found


def test_a_draft_is_absent_until_it_is_shared(world: World) -> None:
    """DOC-1: draft, shared, withdrawn; unshared is indistinguishable from absent."""
    ben, owner = world.client(BEN), world.staff(OWNER)
    get, share, back = (
        DownloadDocument(document_id=BENS),
        ShareDocument(document_id=BENS),
        WithdrawDocument(document_id=BENS),
    )
    assert (listed(world, BEN, ben), listed(world, BEN, owner)) == ([], [BENS])
    assert world.look(get, ben).error == "NotFoundError"
    assert world.do(share, ben).error == world.do(back, ben).error == "NotFoundError"
    assert world.do(back, owner) == Denied("RefusedError", "not_shared_yet")
    assert [len(world.done(share, owner).events) for _ in range(2)] == [1, 0]
    download, body = world.look(get, ben)
    assert (body, download.file_name, download.media_type) == (
        b"Rest.",
        "Plan",
        "text/plain; charset=utf-8",
    )
    assert world.do(share, ben) == Denied("RefusedError", "staff_only")
    assert world.done(back, owner).events[0].name == "document.withdrawn"
    assert (listed(world, BEN, ben), world.look(get, ben).error) == ([], "NotFoundError")
    world.done(share, owner)
    assert listed(world, BEN, ben) == [BENS]


def test_a_clients_note_is_visible_to_staff_at_once(world: World) -> None:
    """DOC-4: to staff with documentation view; the client reads their own."""
    ann = world.client(ANN)
    assert [event.name for event in world.done(note(), ann).events] == [
        "document.added",
        "document.shared",
    ]
    assert NEW in listed(world, ANN, world.staff(PRACTITIONER))
    assert (
        world.look(DownloadDocument(document_id=NEW), world.staff(PRACTITIONER))[1]
        == "Böse Zeit".encode()
    )
    assert world.look(DownloadDocument(document_id=NEW), ann)[0].size == 10
    assert stored(world, NEW).author == ANN
    for stranger in (
        world.client(BEN),
        world.staff(TRAINEE),
        world.staff(RECEPTION),
        world.visitor(),
    ):
        assert world.look(DownloadDocument(document_id=NEW), stranger).error == "NotFoundError"
    assert world.do(note(), ann) == Denied("ConflictError", "id_used")


def test_who_may_write(world: World) -> None:
    """DOC-4, PPL-3: staff with edit, clients their own; not about the archived."""
    assert world.do(note(), world.staff(TRAINEE)).error == "NotFoundError"
    assert world.do(note(BEN), world.staff(TRAINEE)) == Denied("RefusedError", "may_only_view")
    assert world.do(note(BEN), world.client(ANN)).error == "NotFoundError"
    world.done(ArchiveClient(client_id=ANN), world.staff(OWNER))
    assert world.do(note(), world.client(ANN)) == Denied("RefusedError", "record_closed")


def test_a_document_is_tied_to_ones_own_appointment(world: World) -> None:
    """DOC-1, DASH-1: another client's appointment is as one that is not there."""
    ann = world.client(ANN)
    for foreign in (AppointmentId("apt_2"), AppointmentId("apt_99")):
        for command in (note(appointment_id=foreign), upload(b"x", appointment_id=foreign)):
            assert world.do(command, ann).error == "NotFoundError"
    world.done(note(appointment_id=AppointmentId("apt_1")), ann)
    assert stored(world, NEW).appointment_id == "apt_1"


def test_files_come_back_byte_for_byte(world: World) -> None:
    """DOC-5, GUIDE-12: the type is decided by content, the name is made safe."""
    ann, body = world.client(ANN), b"%PDF-1.7\n" + bytes(range(256)) * 8192
    world.done(upload(body, name="../../My \u202escan?.pdf"), ann)
    download, back = world.look(DownloadDocument(document_id=NEW), ann)
    assert back == body
    assert (download.media_type, download.file_name, download.size) == (
        "application/pdf",
        "My _scan_.pdf",
        len(body),
    )


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(upload(b"<html>"), "unsupported_type", id="not on the allow-list"),
        pytest.param(upload(b"", size=5), "upload_incomplete", id="cut off"),
        pytest.param(upload(b"abc", size=2), "upload_incomplete", id="longer than declared"),
        pytest.param(upload(b"abc", size=9), "upload_incomplete", id="shorter"),
        pytest.param(upload(b""), "empty_file", id="empty"),
        pytest.param(upload(b"x", size=LARGEST + 1), "too_large", id="declared too large"),
        pytest.param(
            upload(b"x" * (LARGEST + 1), size=LARGEST), "too_large", id="too large all the same"
        ),
    ],
)
def test_what_is_not_taken(world: World, command: UploadFile, code: str) -> None:
    """DOC-5: refused with a reason, and nothing is left behind."""
    assert world.do(command, world.client(ANN)) == Denied("RefusedError", code)
    assert world.look(DownloadDocument(document_id=NEW), world.client(ANN)).error == "NotFoundError"


def test_sharing_with_somebody_related(world: World) -> None:
    """REL-1, REL-5: only with information sharing; they see what is shared with them, no more."""
    owner, ben_as_partner = world.staff(OWNER), world.proxy(ANN, account_of(BEN), PARTNER)
    share = ShareDocument(document_id=ANNS, reader=BEN)
    assert world.do(share, owner) == Denied("RefusedError", "no_information_sharing")
    world.done(ChangeRelationship(relationship_id=PARTNER, shares_information=True), owner)
    assert world.done(share, owner).reason == "may_share"
    for stranger in (DORA, CAT, ContactId("con_99")):
        assert (
            world.do(ShareDocument(document_id=ANNS, reader=stranger), owner).error
            == "NotFoundError"
        )
    assert world.look(SeeDocuments(client_id=ANN), ben_as_partner).error == "NotFoundError"
    related = world.look(SeeRelationships(client_id=ANN), world.client(ANN))
    assert [(each.person_name, [d.id for d in each.documents]) for each in related] == [
        ("Ben", [ANNS])
    ]
    world.done(ChangeRelationship(relationship_id=PARTNER, shares_information=False), owner)
    assert world.look(SeeRelationships(client_id=ANN), world.client(ANN))[0].documents == ()


def test_a_proxy_sees_only_what_is_shared_with_them(world: World) -> None:
    """REL-1, REL-5, REL-6: and only with information sharing, and only while it lasts."""
    owner, mother = world.staff(OWNER), dora(world)
    world.done(note(CAT), owner)
    own = DocumentId("doc_10")
    world.done(note(CAT, document_id=own, title="Mine"), mother)
    assert listed(world, CAT, mother) == [own]
    assert stored(world, own).author == account_of(DORA)
    world.done(ShareDocument(document_id=NEW), owner)
    assert listed(world, CAT, mother) == [own]
    world.done(ShareDocument(document_id=NEW, reader=DORA), owner)
    assert sorted(listed(world, CAT, mother)) == [own, NEW]
    world.done(ChangeRelationship(relationship_id=MOTHER, shares_information=False), owner)
    assert listed(world, CAT, mother) == [own]
    world.done(ChangeRelationship(relationship_id=MOTHER, scopes=frozenset({Scope.JOIN})), owner)
    assert world.look(SeeDocuments(client_id=CAT), mother).error == "NotFoundError"
    world.done(EndRelationship(relationship_id=MOTHER), owner)
    assert world.do(note(CAT, document_id=DocumentId("doc_11")), mother).error == "NotFoundError"


def test_pages_of_documents(world: World) -> None:
    """DOC-1: newest first, by key."""
    ann = world.client(ANN)
    for number in range(3):
        world.done(note(document_id=DocumentId(f"doc_{number + 20}")), ann)
    everything = world.look(SeeDocuments(client_id=ANN), ann)
    first = everything[0]
    rest = world.look(SeeDocuments(client_id=ANN, after=(first.made_at, first.id)), ann)
    assert rest == everything[1:]
    assert [each.id for each in everything] == ["doc_22", "doc_21", "doc_20", "doc_1"]


@pytest.mark.parametrize("reader", ["client", "proxy"])
def test_a_page_is_filled_with_what_its_reader_reads(world: World, reader: str) -> None:
    """DOC-1, REL-5: what is hidden takes no place in a page, nor shows by its length."""
    owner = world.staff(OWNER)
    about, who, shared_with = {
        "client": (ANN, world.client(ANN), None),
        "proxy": (CAT, dora(world), DORA),
    }[reader]
    before = listed(world, about, who)
    names = [DocumentId(f"doc_{number}") for number in range(20, 24)]
    for name in names:
        world.done(note(about, document_id=name), owner)
    for name in names[:2]:
        world.done(ShareDocument(document_id=name, reader=shared_with), owner)
    pages, after = [], None
    for _ in range(2 + len(before)):
        (one,) = world.look(SeeDocuments(client_id=about, after=after, limit=1), who)
        pages.append(one.id)
        after = (one.made_at, one.id)
    assert pages == [*reversed(names[:2]), *before]
    assert world.look(SeeDocuments(client_id=about, after=after, limit=1), who) == ()
    assert listed(world, about, owner)[:4] == names[::-1]
    world.done(WithdrawDocument(document_id=names[1]), owner)
    (newest,) = world.look(SeeDocuments(client_id=about, limit=1), who)
    assert newest.id == names[0]


def test_pages_have_a_length(world: World) -> None:
    """DOC-1: from one document to a thousand."""
    for limit in (0, 1001):
        with pytest.raises(MalformedError):
            SeeDocuments(client_id=ANN, limit=limit)
    assert len(world.look(SeeDocuments(client_id=ANN, limit=1000), world.client(ANN))) == 1


def test_views_do_not_say_where_content_lies(world: World) -> None:
    """DOC-6: a list says what a document is; its place, its digest and its key stay inside."""
    owner, at = world.staff(OWNER), AppointmentId("apt_1")
    world.done(note(appointment_id=at), owner)
    world.done(ShareDocument(document_id=NEW), owner)
    world.done(ChangeRelationship(relationship_id=PARTNER, shares_information=True), owner)
    world.done(ShareDocument(document_id=NEW, reader=BEN), owner)
    board = world.look(SeeDashboard(client_id=ANN), world.client(ANN))
    found = [
        world.look(SeeDocuments(client_id=ANN, limit=1), world.client(ANN))[0],
        *(each for one in board.upcoming for each in one.documents),
        *world.look(SeeRelationships(client_id=ANN), world.client(ANN))[0].documents,
    ]
    kept = stored(world, NEW)
    assert len(found) == 3
    assert set(found) == {
        DocumentSeen(
            id=NEW,
            client_id=ANN,
            kind=kept.kind,
            title="Diary",
            status=kept.status,
            author=OWNER,
            made_at=kept.made_at,
            media_type="text/plain; charset=utf-8",
            size=10,
            appointment_id=at,
        )
    }


def test_who_may_not_view_documentation_sees_none_with_relationships(world: World) -> None:
    """PPL-3, REL-5: staff without documentation see the people, not what is shared with them."""
    owner = world.staff(OWNER)
    world.done(ChangeRelationship(relationship_id=PARTNER, shares_information=True), owner)
    world.done(ShareDocument(document_id=ANNS, reader=BEN), owner)
    seen = {
        who: world.look(SeeRelationships(client_id=ANN), world.staff(who))
        for who in (OWNER, RECEPTION)
    }
    assert [each.person_name for each in seen[RECEPTION]] == ["Ben"]
    assert [len(each.documents) for who in seen for each in seen[who]] == [1, 0]


def test_content_that_was_changed_is_never_released(world: World) -> None:
    """DOC-6: what is not what was written fails the download."""
    world.done(upload(b"plain text of mine"), world.client(ANN))
    files: Any = world.workshop.files
    sealed: Sealed = stored(world, NEW).content
    with files.read(sealed.place) as stream:
        body = bytearray(stream.read())
    body[-1] ^= 1
    with files.write(sealed.place) as sink:
        sink.write(bytes(body))
    assert (
        world.look(DownloadDocument(document_id=NEW), world.client(ANN)).error == "IntegrityError"
    )
