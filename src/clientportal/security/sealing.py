"""Sealed content: AES-256-GCM in chunks of 1 MiB that cannot be changed, moved or cut (DOC-6).

The STREAM construction: each chunk's nonce is a prefix, its number and whether it is the last.
Before the chunks stands a header: version, prefix, and a tag that commits to the key, which GCM
itself does not. Associated data binds every chunk to what the content belongs to.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

from clientportal.errors import IntegrityError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK: Final = 1024 * 1024
KEY_BYTES: Final = 32
PREFIX_BYTES: Final = 7
_VERSION: Final = b"\x01"
_COMMITMENT_BYTES: Final = 32
HEADER_BYTES: Final = len(_VERSION) + PREFIX_BYTES + _COMMITMENT_BYTES
TAG_BYTES: Final = 16
_NONCE_BYTES: Final = 12
_WHAT: Final = "content"


def chunks_of(stream: BinaryIO, size: int = CHUNK) -> Iterator[bytes]:
    """What is left of *stream* in pieces of *size* bytes, only the last of them shorter."""
    while chunk := _filled(stream, size):
        yield chunk
        if len(chunk) < size:
            return


def _filled(stream: BinaryIO, size: int) -> bytes:
    """The next *size* bytes, also of a stream that gives them bit by bit.

    Raises `EOFError` for a stream that gives what is no bytes, or more than it was asked for.
    """
    parts: list[bytes] = []
    missing = size
    while missing:
        part: object = stream.read(missing)
        if not isinstance(part, bytes) or len(part) > missing:
            raise EOFError
        if not part:
            break
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _numbered(chunks: Iterable[bytes]) -> Iterator[tuple[int, bytes, bool]]:
    """Each chunk with its number, and whether it is the last; of nothing, one empty chunk."""
    ahead = iter(chunks)
    number, chunk = 0, next(ahead, b"")
    for following in ahead:
        yield number, chunk, False
        number, chunk = number + 1, following
    yield number, chunk, True


def derived(secret: bytes, salt: bytes, purpose: bytes, length: int = KEY_BYTES) -> bytes:
    """*length* bytes that follow from *secret* by HKDF-SHA256, apart for each *purpose*."""
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF

    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=purpose).derive(secret)


def _suite(key: bytes, prefix: bytes) -> tuple[AESGCM, bytes]:
    """The cipher for one content, and the tag that commits to its key."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    both = derived(key, prefix, b"clientportal content\x01", KEY_BYTES + _COMMITMENT_BYTES)
    return AESGCM(both[:KEY_BYTES]), both[KEY_BYTES:]


def _place_of(number: int, context: bytes, *, is_last: bool) -> tuple[bytes, bytes]:
    """The end of a chunk's nonce, and its associated data."""
    counter = number.to_bytes(4, "big")
    return counter + bytes([is_last]), _VERSION + b"|" + context + b"|" + counter


def sealed(
    chunks: Iterable[bytes], key: bytes, context: bytes, *, prefix: bytes
) -> Iterator[bytes]:
    """The sealed form of *chunks*, piece by piece, in constant memory.

    *chunks* are of `CHUNK` bytes but for the last; *key* and *prefix* are random, the key used
    for this one content only.
    """
    cipher, commitment = _suite(key, prefix)
    yield _VERSION + prefix + commitment
    for number, chunk, is_last in _numbered(chunks):
        end, bound = _place_of(number, context, is_last=is_last)
        yield cipher.encrypt(prefix + end, chunk, bound)


def opened(stream: BinaryIO, key: bytes, context: bytes) -> Iterator[bytes]:
    """The plain chunks of what `sealed` wrote, each released once it is verified.

    Raises `IntegrityError` before it releases anything of a chunk that was changed, moved, or cut
    off, and where the content belongs to something else than *context*.
    """
    from cryptography.exceptions import InvalidTag

    header = _filled(stream, HEADER_BYTES)
    prefix = header[len(_VERSION) : len(_VERSION) + PREFIX_BYTES]
    cipher, commitment = _suite(key, prefix)
    told = _VERSION + prefix + commitment
    if not hmac.compare_digest(header, told):
        raise IntegrityError(_WHAT)
    for number, chunk, is_last in _numbered(chunks_of(stream, CHUNK + TAG_BYTES)):
        end, bound = _place_of(number, context, is_last=is_last)
        try:
            plain = cipher.decrypt(prefix + end, chunk, bound)
        except InvalidTag:
            raise IntegrityError(_WHAT) from None
        if plain:
            yield plain


def wrapped(key: bytes, by: bytes, context: bytes, *, nonce: bytes) -> bytes:
    """A *key* sealed *by* another; *nonce* is 12 random bytes."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return nonce + AESGCM(by).encrypt(nonce, key, b"clientportal key\x01" + context)


def unwrapped(sealed_key: bytes, by: bytes, context: bytes) -> bytes:
    """What `wrapped` was given. Raises `IntegrityError`."""
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, rest = sealed_key[:_NONCE_BYTES], sealed_key[_NONCE_BYTES:]
    try:
        return AESGCM(by).decrypt(nonce, rest, b"clientportal key\x01" + context)
    except (InvalidTag, ValueError):
        raise IntegrityError("key") from None
