"""Work: what is slow or secret, done by the shell through `security` while nothing is locked."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import field, frozen

from clientportal.domain.accounts import Secret
from clientportal.domain.documents import Content, Document, Sealed
from clientportal.domain.ids import AppointmentId, ClientId, DocumentId, PracticeId
from clientportal.domain.moments import Moment
from clientportal.flows import Work


@frozen
class JudgePassword(Work[str | None]):
    """What is wrong with a new password (`too_short`, `too_long`), or None (INV-8)."""

    password: Secret


@frozen
class HashPassword(Work[str]):
    """A new password as an Argon2id PHC string (INV-8)."""

    stand_in = ""
    password: Secret


@frozen
class VerifyPassword(Work[bool]):
    """Whether *password* is the one stored; with nothing stored, no, in the same time (INV-6)."""

    password: Secret
    stored: str | None = field(repr=False)


@frozen
class DigestToken(Work[str]):
    """The digest under which a token is kept: SHA-256, 64 hex digits (INV-9, APT-15)."""

    stand_in = "0" * 64
    token: Secret


@frozen
class Rejected:
    """Content that was not taken, and why.

    `too_large`, `upload_incomplete`, `unsupported_type` or `empty_file`.
    """

    code: str


@frozen(kw_only=True)
class SealContent(Work[Sealed | Rejected]):
    """Seal *content* under its own key and put it in its place (DOC-5, DOC-6).

    *size* is the declared length in bytes, where one was declared; reading stops at *most*.
    Nothing is left behind of content that was rejected. *media_type* is given where the library
    made the content itself; else the content decides it.
    """

    practice_id: PracticeId
    client_id: ClientId
    document_id: DocumentId
    content: Content
    size: int | None
    most: int
    media_type: str | None = None


@frozen(kw_only=True)
class OpenContent(Work[Iterator[bytes]]):
    """The plain bytes of a document, chunk by chunk, each released once it is verified (DOC-6).

    The iterator raises `IntegrityError` where the sealed bytes are not what was written.
    """

    practice_id: PracticeId
    document: Document


@frozen(kw_only=True)
class LinkInto(Work[str]):
    """The link into an appointment's room; a move or cancellation makes it another room (APT-12).

    The room's name is unguessable: it follows from a key, the practice, the appointment and its
    *sequence*.
    """

    practice_id: PracticeId
    appointment_id: AppointmentId
    sequence: int
    is_host: bool
    opens_at: Moment
    closes_at: Moment
