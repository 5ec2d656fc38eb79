"""The workshop: every piece of work has its answer, and content is taken whole or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256, shake_256
from io import BytesIO, RawIOBase
from typing import Any, BinaryIO, Final, cast

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Link
from clientportal.domain.documents import Content, Document, DocumentKind, Sealed
from clientportal.domain.ids import (
    AppointmentId,
    ClientId,
    DocumentId,
    InviteId,
    PracticeId,
    StaffId,
)
from clientportal.embedded.files import MemoryFiles
from clientportal.embedded.keys import DevelopmentKeys
from clientportal.embedded.video import BrowserRooms
from clientportal.errors import AdapterError, IntegrityError
from clientportal.flows import Work
from clientportal.ports import work as works
from clientportal.ports.work import (
    DigestToken,
    HashPassword,
    JudgePassword,
    LinkInto,
    OpenContent,
    Rejected,
    SealContent,
    VerifyPassword,
)
from clientportal.security.passwords import Argon2Parameters, Passwords
from clientportal.workshop import ANSWERS, Workshop

MIB: Final = 1024 * 1024
NOON: Final = datetime(2026, 3, 1, 12, tzinfo=UTC)
PDF: Final = b"%PDF-1.7\n" + bytes(range(256)) * 4
WORK: Final = SealContent(
    practice_id=PracticeId("prc_1"),
    client_id=ClientId("cli_1"),
    document_id=DocumentId("doc_1"),
    content=Content(BytesIO(PDF)),
    size=len(PDF),
    most=4 * MIB,
)
DOCUMENT: Final = Document(
    id=WORK.document_id,
    client_id=WORK.client_id,
    kind=DocumentKind.FILE,
    title="plan.pdf",
    author=StaffId("stf_1"),
    content=Sealed(place="a", size=1, digest="", wrapped_key=b"", media_type="application/pdf"),
    made_at=NOON,
)


def random_of() -> Callable[[int], bytes]:
    """Bytes that differ each time and are the same in each run."""
    numbers = iter(range(1_000_000))
    return lambda length: shake_256(str(next(numbers)).encode()).digest(length)


def shop_of(files: MemoryFiles | None = None) -> Workshop:
    """A workshop in memory, cheap."""
    source = random_of()
    parameters = Argon2Parameters(memory=8, passes=1, lanes=1)
    return Workshop(
        passwords=Passwords(random_bytes=source, parameters=parameters),
        keys=DevelopmentKeys.in_memory(source),
        files=MemoryFiles() if files is None else files,
        video=BrowserRooms("https://video.example/"),
        random_bytes=source,
    )


def kept_by(shop: Workshop) -> dict[str, bytes]:
    """What its files hold."""
    assert isinstance(shop.files, MemoryFiles)
    return shop.files.kept


def sealed_by(shop: Workshop, content: bytes, **changes: Any) -> Sealed:
    """*content*, which must be taken."""
    work = evolve(WORK, content=Content(BytesIO(content)), size=len(content), **changes)
    found = shop(work)
    assert isinstance(found, Sealed)
    return found


def chunks_by(shop: Workshop, document: Document) -> Iterator[bytes]:
    """The plain chunks of *document*."""
    return shop(OpenContent(practice_id=WORK.practice_id, document=document))


def opened_by(shop: Workshop, content: Sealed, **changes: Any) -> bytes:
    """The plain bytes of a document with that *content*."""
    document = evolve(DOCUMENT, content=content, **changes)
    return b"".join(chunks_by(shop, document))


def test_every_work_is_answered() -> None:
    """The table has each `Work` of the port and nothing else."""
    known = {each for each in vars(works).values() if isinstance(each, type)}
    assert set(ANSWERS) == {each for each in known if issubclass(each, Work) and each is not Work}


def test_passwords_are_judged_hashed_and_verified() -> None:
    """The three pieces of work about passwords belong together (INV-6, INV-8)."""
    shop = shop_of()
    good, bad = Secret("correct horse battery"), Secret("short")
    assert shop(JudgePassword(good)) is None
    assert shop(JudgePassword(bad)) == "too_short"
    assert shop(JudgePassword(Secret("a" * 1025))) == "too_long"
    stored = shop(HashPassword(good))
    assert shop(VerifyPassword(good, stored)) is True
    assert shop(VerifyPassword(bad, stored)) is False
    assert shop(VerifyPassword(good, None)) is False


def test_tokens_are_kept_as_digests() -> None:
    """A token is random, its digest the same by either way (INV-9)."""
    shop = shop_of()
    token = shop.new_token()
    assert (
        shop(DigestToken(token))
        == shop.digest(token.reveal())
        == sha256(token.reveal().encode()).hexdigest()
    )
    assert token.reveal() != shop.new_token().reveal()


def test_a_room_changes_with_its_appointment() -> None:
    """The same room for everybody, another one after a move and in another practice (APT-12)."""
    shop = shop_of()
    room = LinkInto(
        practice_id=PracticeId("prc_1"),
        appointment_id=AppointmentId("apt_1"),
        sequence=0,
        is_host=False,
        opens_at=NOON,
        closes_at=NOON,
    )
    others = (
        evolve(room, sequence=1),
        evolve(room, appointment_id=AppointmentId("apt_2")),
        evolve(room, practice_id=PracticeId("prc_2")),
    )
    assert shop(room) == shop(room) == shop(evolve(room, is_host=True))
    assert len({shop(each) for each in (room, *others)}) == 4


def test_links_open_what_they_signed() -> None:
    """The relay signs, the portal opens; no other text opens anything (INV-3, INV-4)."""
    shop = shop_of()
    link = Link(invite_id=InviteId("inv_1"), generation=2, expires_at=NOON)
    text = shop.sign_link(PracticeId("prc_1"), link)
    assert shop.open_link(text) == (PracticeId("prc_1"), link)
    assert shop.open_link(text + "A") is None
    assert shop_of_other().open_link(text) is None


def shop_of_other() -> Workshop:
    """A workshop with other keys."""
    return evolve(shop_of(), keys=DevelopmentKeys({"k1": b"\x07" * 32}, random_of()))


@pytest.mark.parametrize("size", [10, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_sealed_content_opens(size: int) -> None:
    """Content comes back byte for byte, and what is kept says what it was (DOC-5, DOC-6)."""
    shop = shop_of()
    plain = (PDF * (size // len(PDF) + 1))[:size]
    sealed = sealed_by(shop, plain)
    assert opened_by(shop, sealed) == plain
    assert (sealed.size, sealed.media_type) == (size, "application/pdf")
    assert sealed.digest == sha256(plain).hexdigest()
    assert list(kept_by(shop)) == [sealed.place]
    assert plain[:100] not in kept_by(shop)[sealed.place]


def test_places_are_opaque() -> None:
    """A place tells nothing of the document, and no two are the same (DOC-5)."""
    shop = shop_of()
    places = {sealed_by(shop, PDF).place for _ in range(3)}
    assert len(places) == 3
    assert {len(place) for place in places} == {65}


class Failing(RawIOBase):
    """Gives what it has, then breaks as a connection does."""

    def __init__(self, start: bytes, error: BaseException) -> None:
        super().__init__()
        self.pieces: Iterator[bytes] = iter([start])
        self.error = error

    def read(self, size: int = -1, /) -> bytes:
        """One piece, then the error."""
        piece = next(self.pieces, None)
        if piece is None:
            raise self.error
        return piece


@pytest.mark.parametrize(
    ("content", "size", "most", "code"),
    [
        pytest.param(b"", 0, 100, "empty_file", id="nothing, as declared"),
        pytest.param(b"", None, 100, "empty_file", id="nothing"),
        pytest.param(b"", 5, 100, "upload_incomplete", id="nothing, but declared"),
        pytest.param(PDF, len(PDF) + 1, 5000, "upload_incomplete", id="one byte missing"),
        pytest.param(PDF, len(PDF) - 1, 5000, "upload_incomplete", id="one byte too many"),
        pytest.param(PDF, 0, 5000, "upload_incomplete", id="declared as empty"),
        pytest.param(PDF, len(PDF), len(PDF) - 1, "too_large", id="one byte over the limit"),
        pytest.param(PDF * 3000, None, 2 * MIB, "too_large", id="over the limit in the third MiB"),
        pytest.param(b"MZ\x90\x00" + bytes(50), None, 100, "unsupported_type", id="a program"),
        pytest.param(b"<svg onload=alert(1)>", None, 100, "unsupported_type", id="markup"),
        pytest.param(b"PK\x03\x04" + bytes(50), None, 100, "unsupported_type", id="an archive"),
        pytest.param(bytes(50), None, 100, "unsupported_type", id="NULs"),
    ],
)
def test_content_is_taken_whole_or_not_at_all(
    content: bytes, size: int | None, most: int, code: str
) -> None:
    """What is rejected leaves nothing behind (DOC-5, B30, B32)."""
    shop = shop_of()
    work = evolve(WORK, content=Content(BytesIO(content)), size=size, most=most)
    assert shop(work) == Rejected(code)
    assert kept_by(shop) == {}


def test_exactly_the_limit_is_taken() -> None:
    """The limit belongs to what is allowed."""
    assert sealed_by(shop_of(), PDF, most=len(PDF)).size == len(PDF)


def test_reading_stops_at_the_limit() -> None:
    """An endless upload costs no more than the limit and a chunk."""

    class Endless(RawIOBase):
        given = 0

        def read(self, size: int = -1, /) -> bytes:
            self.given += size
            return b"%PDF-".ljust(size, b"x")

    stream = Endless()
    work = evolve(WORK, content=Content(cast(BinaryIO, stream)), size=None, most=2 * MIB)
    assert shop_of()(work) == Rejected("too_large")
    assert stream.given <= 4 * MIB


@pytest.mark.parametrize(
    "error", [ConnectionResetError(), TimeoutError(), EOFError(), OSError(), ValueError()]
)
def test_a_broken_upload_is_incomplete(error: Exception) -> None:
    """Whoever goes away in the middle has uploaded nothing (B32)."""
    shop = shop_of()
    stream = cast(BinaryIO, Failing(PDF, error))
    assert shop(evolve(WORK, content=Content(stream))) == Rejected("upload_incomplete")
    assert kept_by(shop) == {}


@pytest.mark.parametrize("error", [SystemExit(), KeyboardInterrupt()])
def test_any_other_exception_leaves_nothing_behind(error: BaseException) -> None:
    """What is nobody's upload failing goes on as it is."""
    shop = shop_of()
    with pytest.raises(type(error)):
        shop(evolve(WORK, content=Content(cast(BinaryIO, Failing(PDF, error)))))
    assert kept_by(shop) == {}


def test_the_same_stream_can_be_sealed_again() -> None:
    """A command that is decided again brings the same stream; it is read from its start."""
    shop = shop_of()
    one, other = shop(WORK), shop(WORK)
    assert isinstance(one, Sealed)
    assert isinstance(other, Sealed)
    assert opened_by(shop, one) == opened_by(shop, other) == PDF


def test_content_of_the_library_has_its_type_given() -> None:
    """A note is what the library says it is, markup or not."""
    note = sealed_by(shop_of(), b"<b>not markup</b>", media_type="text/plain; charset=utf-8")
    assert note.media_type == "text/plain; charset=utf-8"


def test_opening_is_lazy_and_by_chunk() -> None:
    """The first chunk is there before the last one was looked at."""
    shop = shop_of()
    sealed = sealed_by(shop, PDF[:16].ljust(3 * MIB, b"x"))
    whole = kept_by(shop)[sealed.place]
    kept_by(shop)[sealed.place] = whole[:-1]
    chunks = chunks_by(shop, evolve(DOCUMENT, content=sealed))
    assert len(next(chunks)) == MIB
    assert len(next(chunks)) == MIB
    with pytest.raises(IntegrityError):
        next(chunks)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"id": DocumentId("doc_2")}, id="another document"),
        pytest.param({"client_id": ClientId("cli_2")}, id="another client"),
    ],
)
def test_content_opens_as_its_own_document_only(changes: dict[str, Any]) -> None:
    """Moved to another row, place and key and all, content stays closed (G26)."""
    shop = shop_of()
    sealed = sealed_by(shop, PDF)
    with pytest.raises(IntegrityError):
        opened_by(shop, sealed, **changes)


def test_content_opens_in_its_own_practice_only() -> None:
    """The same row in another practice stays closed."""
    shop = shop_of()
    document = evolve(DOCUMENT, content=sealed_by(shop, PDF))
    chunks: Iterator[bytes] = shop(OpenContent(practice_id=PracticeId("prc_2"), document=document))
    with pytest.raises(IntegrityError):
        next(chunks)


@pytest.mark.parametrize("what", ["place", "wrapped_key"])
def test_content_and_key_are_not_exchanged(what: str) -> None:
    """Neither the place nor the key of another document will do, not even the same client's."""
    shop = shop_of()
    one = sealed_by(shop, PDF)
    other = sealed_by(shop, PDF + b"2", document_id=DocumentId("doc_2"))
    with pytest.raises(IntegrityError):
        opened_by(shop, evolve(one, **{what: getattr(other, what)}))


@given(st.integers(0, 10**6))
def test_no_flip_passes(seed: int) -> None:
    """One bit anywhere in what is kept, and nothing is released."""
    shop = shop_of()
    sealed = sealed_by(shop, PDF)
    changed = bytearray(kept_by(shop)[sealed.place])
    changed[seed % len(changed)] ^= 1 << seed % 8
    kept_by(shop)[sealed.place] = bytes(changed)
    with pytest.raises(IntegrityError):
        opened_by(shop, sealed)


def test_missing_content_is_told() -> None:
    """Content that was lost is an error of the files, not an empty document."""
    shop = shop_of()
    sealed = sealed_by(shop, PDF)
    shop.discard(sealed)
    with pytest.raises(AdapterError, match="file_missing"):
        opened_by(shop, sealed)


def test_a_workshop_shows_no_secret() -> None:
    """Its repr holds neither keys nor files nor randomness."""
    shown = repr(shop_of())
    assert not any(word in shown for word in ("keys", "files", "random_bytes", "\\x"))
