"""Sealed content: whatever was changed, moved or cut is noticed before it is released (DOC-6)."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from io import BytesIO
from random import Random
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientportal.errors import IntegrityError
from clientportal.security.sealing import (
    CHUNK,
    HEADER_BYTES,
    TAG_BYTES,
    chunks_of,
    opened,
    sealed,
    unwrapped,
    wrapped,
)

KEY: Final = bytes(range(32))
PREFIX: Final = b"prefix7"
CONTEXT: Final = b"prc_1|cli_1|doc_1"
BLOCK: Final = CHUNK + TAG_BYTES
SIZES: Final = (0, 1, 15, 16, 1000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5)


def plain_of(size: int) -> bytes:
    """*size* bytes in which no two chunks are alike."""
    return Random(size).randbytes(size)


def seal(plain: bytes, *, key: bytes = KEY, context: bytes = CONTEXT) -> bytes:
    """*plain*, sealed."""
    return b"".join(sealed(chunks_of(BytesIO(plain)), key, context, prefix=PREFIX))


def released(ciphered: bytes, *, key: bytes = KEY, context: bytes = CONTEXT) -> tuple[bytes, bool]:
    """What is released of *ciphered*, and whether it ended by an `IntegrityError`."""
    out = b""
    try:
        for chunk in opened(BytesIO(ciphered), key, context):
            out += chunk
    except IntegrityError:
        return out, True
    return out, False


SMALL: Final = plain_of(1000)
SEALED: Final = seal(SMALL)
THREE: Final = plain_of(3 * CHUNK)
SEALED_THREE: Final = seal(THREE)
HEADER: Final = SEALED_THREE[:HEADER_BYTES]
BLOCKS: Final = tuple(
    SEALED_THREE[HEADER_BYTES + n * BLOCK : HEADER_BYTES + (n + 1) * BLOCK] for n in range(3)
)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens(size: int) -> None:
    """Content of any length comes back, and its sealed form is 40 bytes and 16 a chunk longer."""
    plain = plain_of(size)
    ciphered = seal(plain)
    assert released(ciphered) == (plain, False)
    assert len(ciphered) == HEADER_BYTES + size + TAG_BYTES * max(1, -(-size // CHUNK))


@given(st.binary(max_size=200), st.integers(1, 20))
def test_a_stream_may_give_bit_by_bit(plain: bytes, most: int) -> None:
    """How a stream cuts what it gives does not matter."""

    class Dripping(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return super().read(min(size or 0, most))

    drops = b"".join(sealed(chunks_of(Dripping(plain)), KEY, CONTEXT, prefix=PREFIX))
    assert drops == seal(plain)
    assert b"".join(opened(Dripping(drops), KEY, CONTEXT)) == plain


def flipped(whole: bytes, bit: int) -> bytes:
    """*whole* with one bit changed."""
    changed = bytearray(whole)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def test_no_bit_of_the_header_may_flip() -> None:
    """Version, prefix and commitment are checked before anything else."""
    for bit in range(8 * HEADER_BYTES):
        assert released(flipped(SEALED, bit)) == (b"", True)


def test_no_bit_of_the_body_may_flip() -> None:
    """Every bit of a short content, its tag included."""
    for bit in range(8 * HEADER_BYTES, 8 * len(SEALED)):
        assert released(flipped(SEALED, bit)) == (b"", True)


@pytest.mark.parametrize("seed", range(60))
def test_a_chunk_before_the_flip_may_be_released_no_other(seed: int) -> None:
    """A flip anywhere in three chunks is noticed before the chunk it is in is released."""
    bit = Random(seed).randrange(8 * HEADER_BYTES, 8 * len(SEALED_THREE))
    hit = (bit // 8 - HEADER_BYTES) // BLOCK
    assert released(flipped(SEALED_THREE, bit)) == (THREE[: hit * CHUNK], True)


@pytest.mark.parametrize(
    ("blocks", "intact"),
    [
        pytest.param((1, 0, 2), 0, id="first two swapped"),
        pytest.param((0, 2, 1), 1, id="last two swapped"),
        pytest.param((2, 1, 0), 0, id="reversed"),
        pytest.param((0, 1), 1, id="last one missing"),
        pytest.param((0,), 0, id="last two missing"),
        pytest.param((), 0, id="all missing"),
        pytest.param((1, 2), 0, id="first one missing"),
        pytest.param((0, 2), 1, id="middle one missing"),
        pytest.param((0, 1, 2, 2), 2, id="last one twice"),
        pytest.param((0, 0, 1, 2), 1, id="first one twice"),
        pytest.param((0, 1, 2, 0), 2, id="first one again"),
    ],
)
def test_chunks_keep_their_places(blocks: tuple[int, ...], intact: int) -> None:
    """Reordered, repeated or missing chunks fail at the first that is not in its place."""
    changed = HEADER + b"".join(BLOCKS[n] for n in blocks)
    assert released(changed) == (THREE[: intact * CHUNK], True)


@pytest.mark.parametrize(
    "cut", [1, 2, TAG_BYTES - 1, TAG_BYTES, TAG_BYTES + 1, 500, BLOCK - 1, BLOCK, BLOCK + 1]
)
def test_a_cut_end_fails(cut: int) -> None:
    """However much is missing at the end, the call fails."""
    assert released(SEALED_THREE[:-cut])[1]


@pytest.mark.parametrize("length", [*range(HEADER_BYTES + TAG_BYTES + 1), len(SEALED) - 1])
def test_what_is_too_short_fails(length: int) -> None:
    """No beginning of sealed content is content."""
    assert released(SEALED[:length]) == (b"", True)


@pytest.mark.parametrize("more", [b"\x00", b"x" * 16, b"x" * 17, BLOCKS[0], bytes(BLOCK)])
def test_an_added_end_fails(more: bytes) -> None:
    """Nothing can be added, neither to a full last chunk nor to a short one."""
    assert released(SEALED_THREE + more)[1]
    assert released(SEALED + more) == (b"", True)


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(b"prc_1|cli_1|doc_2", id="another document"),
        pytest.param(b"prc_1|cli_2|doc_1", id="another client"),
        pytest.param(b"prc_2|cli_1|doc_1", id="another practice"),
        pytest.param(b"prc_1|cli_1", id="less"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_content_belongs_to_one_document(context: bytes) -> None:
    """Content put in the place of another document's, client's or practice's does not open."""
    assert released(SEALED, context=context) == (b"", True)


def test_chunks_of_two_contents_do_not_mix() -> None:
    """A chunk of another content under the same key and prefix does not pass."""
    other = seal(plain_of(3 * CHUNK + 1), context=b"prc_1|cli_1|doc_2")
    mixed = HEADER + other[HEADER_BYTES : HEADER_BYTES + BLOCK] + b"".join(BLOCKS[1:])
    assert released(mixed) == (b"", True)


def test_the_key_is_committed_to() -> None:
    """Another key, be it by one bit, fails at the header."""
    for bit in range(8 * len(KEY)):
        assert released(SEALED, key=flipped(KEY, bit)) == (b"", True)


def test_memory_is_constant() -> None:
    """Sealing and opening 24 MiB takes the memory of a few chunks."""

    def chunks() -> Iterator[bytes]:
        yield from (bytes(CHUNK) for _ in range(24))

    class Joined(BytesIO):
        """What a generator gives, as a stream."""

        def __init__(self, pieces: Iterator[bytes]) -> None:
            super().__init__()
            self.pieces, self.rest = pieces, b""

        def read(self, size: int | None = -1, /) -> bytes:
            piece = self.rest or next(self.pieces, b"")
            self.rest = piece[size:]
            return piece[:size]

    tracemalloc.start()
    try:
        pieces = sealed(chunks(), KEY, CONTEXT, prefix=PREFIX)
        assert sum(len(chunk) for chunk in opened(Joined(pieces), KEY, CONTEXT)) == 24 * CHUNK
        assert tracemalloc.get_traced_memory()[1] < 12 * CHUNK
    finally:
        tracemalloc.stop()


WRAPPED: Final = wrapped(KEY, bytes(32), CONTEXT, nonce=b"twelve bytes")


def test_a_wrapped_key_unwraps() -> None:
    """A document's key comes back from under its client's."""
    assert unwrapped(WRAPPED, bytes(32), CONTEXT) == KEY


@pytest.mark.parametrize(
    ("found", "by", "context"),
    [
        *((flipped(WRAPPED, bit), bytes(32), CONTEXT) for bit in range(0, 8 * len(WRAPPED), 3)),
        pytest.param(WRAPPED[:-1], bytes(32), CONTEXT, id="cut"),
        pytest.param(WRAPPED + b"x", bytes(32), CONTEXT, id="longer"),
        pytest.param(b"", bytes(32), CONTEXT, id="nothing"),
        pytest.param(WRAPPED, b"\x01" * 32, CONTEXT, id="another client's key"),
        pytest.param(WRAPPED, bytes(32), b"prc_1|cli_1|doc_2", id="another document"),
    ],
)
def test_a_changed_key_does_not_unwrap(found: bytes, by: bytes, context: bytes) -> None:
    """A wrapped key that was changed or belongs elsewhere is an `IntegrityError`."""
    with pytest.raises(IntegrityError):
        unwrapped(found, by, context)
