"""The guide on documentation, relationships and settings: lines 12 to 14."""

from __future__ import annotations

from typing import Final

from clientportal.cli.guide_access import Looked
from clientportal.cli.guide_appointments import FILE, upload
from clientportal.cli.stage import Anybody, Stage
from clientportal.domain.ids import DocumentId, InviteId
from clientportal.domain.people import Address
from clientportal.domain.relationships import Contact, Scope
from clientportal.errors import MalformedError
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.documentation import DownloadDocument, SeeDocuments
from clientportal.usecases.documents import ShareDocument, WriteNote
from clientportal.usecases.invites import InviteRelated
from clientportal.usecases.relationships import Relate, SeeRelationships
from clientportal.usecases.settings import (
    ChangeProfile,
    SeeSettings,
    SetLanguage,
    SetTimezone,
)

NOTE: Final = "I slept well.\nBen's dog barked once: naïve, 犬."


def documentation(stage: Stage) -> Looked:
    """GUIDE-12: what is shared, what the client uploads and writes, and downloads of both."""
    olive, ann = stage.cast.olive, stage.cast.ann
    shared = _titles(stage, ann)
    yield (
        shared == {"After our first talk", "To prepare.pdf"},
        f"Ann sees {' and '.join(sorted(shared))}",
    )
    draft = next(
        each.id
        for each in stage.look(olive, SeeDocuments(client_id=ann.id))
        if each.title == "Thoughts not meant for Ann"
    )
    hidden = stage.hidden(ann, DownloadDocument(document_id=draft))
    yield hidden == "not_found", f"what is not shared is not there: `{hidden}`"
    uploaded, written = upload(stage, ann, "letter.pdf"), stage.new(DocumentId)
    diary = WriteNote(document_id=written, client_id=ann.id, title="My week", text=NOTE)
    said = stage.tried(ann, diary)
    yield said == "own_record", f"Ann uploads a file and writes a note: `{said}`"
    for person in (ann, olive):
        new = _titles(stage, person) & {"letter.pdf", "My week"}
        yield len(new) == 2, f"{person.name} sees {' and '.join(sorted(new))}"  # noqa: PLR2004 - both
    yield _content(stage, ann, uploaded) == FILE, "the file comes back as it was"
    yield _content(stage, ann, written).decode() == NOTE, "the note comes back as text"


def relationships(stage: Stage) -> Looked:
    """GUIDE-13: the people related to the client, and the documentation shared with them."""
    olive, ann, bob = stage.cast.olive, stage.cast.ann, stage.cast.bob
    stage.do(olive, _relate(stage))
    filed = stage.look(olive, SeeDocuments(client_id=ann.id))
    document = next(each for each in filed if each.title == "To prepare.pdf")
    stage.do(olive, ShareDocument(document_id=document.id, reader=bob.id))
    (seen,) = stage.look(ann, SeeRelationships(client_id=ann.id))
    yield seen.person_name == bob.name, f"Ann sees {seen.person_name}, {seen.relationship.kind}"
    titles = [each.title for each in seen.documents]
    yield titles == ["To prepare.pdf"], f"and what is shared with him: {', '.join(titles)}"
    invite = InviteRelated(invite_id=stage.new(InviteId), relationship_id=stage.cast.relationship)
    stage.do(olive, invite)
    stage.deliver()
    stage.accept(bob)
    found = _titles(stage, bob)
    yield (
        found == {"To prepare.pdf"},
        f"Bob, signed in, sees {', '.join(sorted(found))} and no more",
    )


def _relate(stage: Stage) -> Relate:
    bob = stage.cast.bob
    return Relate(
        relationship_id=stage.cast.relationship,
        client_id=stage.cast.ann.id,
        contact=Contact(id=bob.id, name=bob.name, email=bob.email),
        kind="partner",
        scopes=frozenset({Scope.READ_DOCUMENTS}),
        shares_information=True,
    )


def settings(stage: Stage) -> Looked:
    """GUIDE-14: profile, language and timezone; no appointment moves."""
    ann = stage.cast.ann
    before = _starts(stage)
    home = Address(street="9 Mill Lane", city="Madrid", country="ES")
    stage.do(ann, ChangeProfile(client_id=ann.id, display_name="Annie Lee", address=home))
    stage.do(ann, SetLanguage(client_id=ann.id, language="es"))
    stage.do(ann, SetTimezone(client_id=ann.id, timezone="Europe/Madrid"))
    seen = stage.look(ann, SeeSettings(client_id=ann.id))
    yield seen.display_name == "Annie Lee", f"Ann is now called {seen.display_name}"
    yield seen.address == home, f"and lives in {seen.address.city}"
    yield seen.language == "es", f"the language is {seen.language}"
    yield seen.timezone == "Europe/Madrid", f"the timezone is {seen.timezone}"
    yield _starts(stage) == before, "no appointment moved"
    try:
        SetTimezone(client_id=ann.id, timezone="Europe/Atlantis")
    except MalformedError as error:
        yield error.code == "unknown_timezone", f"Europe/Atlantis: `{error.code}`"


def _titles(stage: Stage, person: Anybody) -> set[str]:
    """The titles of Ann's documents that *person* sees."""
    found = stage.look(person, SeeDocuments(client_id=stage.cast.ann.id))
    return {each.title for each in found}


def _content(stage: Stage, person: Anybody, document_id: DocumentId) -> bytes:
    return b"".join(stage.look(person, DownloadDocument(document_id=document_id)).chunks)


def _starts(stage: Stage) -> list[object]:
    ann = stage.cast.ann
    seen = stage.look(ann, SeeDashboard(client_id=ann.id))
    return [each.appointment.interval for each in (*seen.upcoming, *seen.past)]
