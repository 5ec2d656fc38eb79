"""Documents: notes and files about one client, and with whom they are shared (DOC-1, DOC-4, DOC-5).

Unshared is indistinguishable from absent. Content is sealed outside the database; what is kept
here is where it lies and what it must be.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum
from io import BytesIO
from typing import BinaryIO, Final, Self, TypeAlias

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ContactId,
    DocumentId,
    StaffId,
)
from clientportal.domain.moments import Moment, is_moment
from clientportal.domain.texts import line

LARGEST: Final = 25 * 1024 * 1024
NOTE_TYPE: Final = "text/plain; charset=utf-8"

Reader: TypeAlias = ClientId | ContactId


class DocumentKind(Enum):
    """What a document is."""

    NOTE = "note"
    FILE = "file"


class DocumentStatus(Enum):
    """draft -> shared -> withdrawn (DOC-1)."""

    DRAFT = "draft"
    SHARED = "shared"
    WITHDRAWN = "withdrawn"


class Content:
    """Bytes on their way in: a binary stream that is read once, never shown, never kept.

    Content made *of* bytes at hand is equal to content of the same bytes.
    """

    __slots__ = ("_plain", "stream")

    def __init__(self, stream: BinaryIO, *, plain: bytes | None = None) -> None:
        self.stream = stream
        self._plain = plain

    @classmethod
    def of(cls, plain: bytes) -> Self:
        """The content that *plain* is."""
        return cls(BytesIO(plain), plain=plain)

    def __eq__(self, other: object) -> bool:
        if self._plain is None or not isinstance(other, Content):
            return self is other
        return self._plain == other._plain

    def __hash__(self) -> int:
        return id(self) if self._plain is None else hash(self._plain)

    def __repr__(self) -> str:
        return "Content(…)"


@frozen(kw_only=True)
class Sealed:
    """Where sealed content lies and what it is: *size* in bytes, SHA-256 *digest* of the plain.

    *wrapped_key* is the document's own key, sealed by the practice's (DOC-6).
    """

    place: str
    size: int
    digest: str
    wrapped_key: bytes = field(repr=False)
    media_type: str


def sanitised(name: str) -> str:
    """*name* as a file name that no system stumbles over: no path, no controls (DOC-5)."""
    last = re.split(r"[/\\]", name)[-1][:1000]  # composing long piles of marks takes very long
    composed = unicodedata.normalize("NFC", last)
    clean = "".join(c if c.isprintable() and c not in '<>:"|?*' else "_" for c in composed)
    return clean.strip(" .")[:150] or "file"


@frozen(kw_only=True)
class Document:
    """A note or a file about one client, by *author*; a client's own when *author* is theirs."""

    id: DocumentId
    client_id: ClientId
    kind: DocumentKind
    title: str = field(validator=line(200), repr=False)
    author: StaffId | ClientId | AccountId
    content: Sealed = field(repr=False)
    status: DocumentStatus = DocumentStatus.DRAFT
    made_at: Moment = field(validator=is_moment)
    appointment_id: AppointmentId | None = None

    belongs_to = None
    claims = ()

    @property
    def is_by_staff(self) -> bool:
        """Whether staff wrote it; what clients bring is visible to staff at once (DOC-4)."""
        return isinstance(self.author, StaffId)


@frozen(kw_only=True)
class Share:
    """That *reader* may read a document, from-to. Belongs to the document (DOC-1)."""

    document_id: DocumentId
    reader: Reader
    since: Moment = field(validator=is_moment)
    until: Moment | None = field(default=None, validator=optional(is_moment))

    claims = ()

    @property
    def id(self) -> str:
        """The pair."""
        return f"{self.document_id}/{self.reader}"

    @property
    def belongs_to(self) -> DocumentId:
        """The document is rewritten whenever its readers change."""
        return self.document_id

    @property
    def is_current(self) -> bool:
        """Whether it lets the reader read now."""
        return self.until is None


@frozen(kw_only=True)
class DocumentAdded:
    """A note was written or a file uploaded."""

    document_id: DocumentId


@frozen(kw_only=True)
class DocumentShared:
    """A document was shared with a reader."""

    document_id: DocumentId
    reader: Reader
    at: Moment


@frozen(kw_only=True)
class DocumentWithdrawn:
    """A document was taken back from all its readers."""

    document_id: DocumentId
    at: Moment


DocumentEvent: TypeAlias = DocumentAdded | DocumentShared | DocumentWithdrawn

TRANSITIONS: Final = {
    (DocumentStatus.DRAFT, DocumentAdded): DocumentStatus.DRAFT,
    (DocumentStatus.DRAFT, DocumentShared): DocumentStatus.SHARED,
    (DocumentStatus.SHARED, DocumentShared): DocumentStatus.SHARED,
    (DocumentStatus.WITHDRAWN, DocumentShared): DocumentStatus.SHARED,
    (DocumentStatus.SHARED, DocumentWithdrawn): DocumentStatus.WITHDRAWN,
}


def after(document: Document, event: DocumentEvent) -> Document:
    """The document as it stands once *event* has happened."""
    return evolve(document, status=TRANSITIONS[document.status, type(event)])


_SIGNATURES: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
_MARKUP: Final = re.compile(
    rb"<\s*(!doctype|html|script|svg|\?xml|iframe|body|head)", re.IGNORECASE
)


def media_type_of(head: bytes) -> str | None:
    """The type that the first 4,096 bytes of a file show, if it is on the allow-list (DOC-5).

    PDF, PNG, JPEG, GIF, WebP and plain UTF-8 text; None for all else, text with markup included.
    """
    for magic, media_type in _SIGNATURES:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return NOTE_TYPE if _is_text(head) else None


def _is_text(head: bytes) -> bool:
    if not head or _MARKUP.search(head):
        return False
    try:
        text = head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason != "unexpected end of data":  # a character cut at the end is no fault
            return False
        text = head[: error.start].decode("utf-8")
    return not re.search("[\x00-\x08\x0b\x0e-\x1f]", text)
