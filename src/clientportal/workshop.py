"""Answers every `Work` of `ports.work` through `security`, while nothing is locked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any, Final, TypeVar

from attrs import define, field, frozen

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Link
from clientportal.domain.documents import Content, Sealed, media_type_of
from clientportal.domain.ids import PracticeId
from clientportal.flows import Work
from clientportal.ports.files import Files
from clientportal.ports.keys import Binding, Keys
from clientportal.ports.video import Seat, Video
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
from clientportal.security.links import Links
from clientportal.security.passwords import Passwords, fault_of
from clientportal.security.sealing import KEY_BYTES, PREFIX_BYTES, chunks_of, opened, sealed
from clientportal.security.tokens import RandomBytes, digest_of, new_token, unguessable

T = TypeVar("T")

_HEAD: Final = 4096
_PLACE_BYTES: Final = 32


@frozen(kw_only=True)
class Workshop:
    """Does what is slow or secret with *passwords*, *keys*, *files* and *video*."""

    passwords: Passwords
    keys: Keys = field(repr=False)
    files: Files = field(repr=False)
    video: Video = field(repr=False)
    random_bytes: RandomBytes = field(repr=False)

    def __call__(self, work: Work[T]) -> T:
        """The answer to *work*. Raises `AdapterError` where files or keys are out of reach."""
        answer: T = ANSWERS[type(work)](self, work)
        return answer

    def sign_link(self, practice_id: PracticeId, link: Link) -> str:
        """*link* as text for a URL (INV-3)."""
        return Links(self.keys.signing("invite")).sign(link, practice_id)

    def open_link(self, text: str) -> tuple[PracticeId, Link] | None:
        """What a genuine link says, or None for every other text (INV-4)."""
        return Links(self.keys.signing("invite")).open(text)

    def new_token(self) -> Secret:
        """A fresh token for a session, of 256 bits (INV-9)."""
        return Secret(new_token(self.random_bytes))

    def digest(self, token: str) -> str:
        """The digest under which a session's *token* is kept (INV-9)."""
        return digest_of(token)

    def mark(self, secret: Secret) -> str:
        """What tells whether a *secret* is the same again, and nothing else: a keyed digest."""
        return unguessable(self.keys.signing("idempotency"), secret.reveal())

    def discard(self, content: Sealed) -> None:
        """Forget the sealed bytes of content that no document came to hold."""
        self.files.remove(content.place)


class _RejectedError(Exception):
    """Ends the reading of content that is not taken; stays within this module."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@define
class _Measured:
    """Counts, digests and judges content while it passes."""

    content: Content
    declared: int | None
    most: int
    media_type: str | None
    size: int = 0
    digest: Any = field(factory=sha256)

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._read():
            self.size += len(chunk)
            if self.size > self.most:
                raise _RejectedError("too_large")
            if self.media_type is None:
                self.media_type = media_type_of(chunk[:_HEAD])
            if self.media_type is None:
                raise _RejectedError("unsupported_type")
            self.digest.update(chunk)
            yield chunk
        if self.declared is not None and self.size != self.declared:
            raise _RejectedError("upload_incomplete")
        if not self.size:
            raise _RejectedError("empty_file")

    def _read(self) -> Iterator[bytes]:
        """The content in chunks; whoever stops sending it has not uploaded it (DOC-5)."""
        stream = self.content.stream
        try:
            if stream.seekable():
                stream.seek(0)  # a command that is decided again brings the same stream again
            yield from chunks_of(stream)
        except Exception:  # noqa: BLE001 - the stream is the caller's and may raise anything
            raise _RejectedError("upload_incomplete") from None


def _judge_password(_: Workshop, work: JudgePassword) -> str | None:
    return fault_of(work.password.reveal())


def _hash_password(shop: Workshop, work: HashPassword) -> str:
    return shop.passwords.hash(work.password.reveal())


def _verify_password(shop: Workshop, work: VerifyPassword) -> bool:
    return shop.passwords.verify(work.password.reveal(), work.stored)


def _digest_token(_: Workshop, work: DigestToken) -> str:
    return digest_of(work.token.reveal())


def _seal_content(shop: Workshop, work: SealContent) -> Sealed | Rejected:
    binding = Binding(work.practice_id, work.client_id, work.document_id)
    key = shop.random_bytes(KEY_BYTES)
    wrapped_key = shop.keys.wrap(key, binding)
    name = shop.random_bytes(_PLACE_BYTES).hex()
    place = f"{name[:2]}/{name[2:]}"
    measured = _Measured(work.content, work.size, work.most, work.media_type)
    prefix = shop.random_bytes(PREFIX_BYTES)
    try:
        with shop.files.write(place) as sink:
            for piece in sealed(measured, key, bytes(binding), prefix=prefix):
                sink.write(piece)
    except _RejectedError as rejected:
        return Rejected(rejected.code)
    return Sealed(
        place=place,
        size=measured.size,
        digest=measured.digest.hexdigest(),
        wrapped_key=wrapped_key,
        media_type=measured.media_type or "",
    )


def _open_content(shop: Workshop, work: OpenContent) -> Iterator[bytes]:
    document = work.document
    binding = Binding(work.practice_id, document.client_id, document.id)
    key = shop.keys.unwrap(document.content.wrapped_key, binding)
    with shop.files.read(document.content.place) as stream:
        yield from opened(stream, key, bytes(binding))


def _link_into(shop: Workshop, work: LinkInto) -> str:
    ring = shop.keys.signing("room")
    name = unguessable(ring, work.practice_id, work.appointment_id, str(work.sequence))
    return shop.video.link(
        Seat(
            room=name,
            is_host=work.is_host,
            opens_at=work.opens_at,
            closes_at=work.closes_at,
        )
    )


ANSWERS: Final[Mapping[type[Work[Any]], Callable[[Workshop, Any], Any]]] = {
    JudgePassword: _judge_password,
    HashPassword: _hash_password,
    VerifyPassword: _verify_password,
    DigestToken: _digest_token,
    SealContent: _seal_content,
    OpenContent: _open_content,
    LinkInto: _link_into,
}
