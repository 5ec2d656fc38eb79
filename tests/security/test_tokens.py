"""Tokens of sessions and names of rooms (INV-9, APT-12)."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientportal.security.tokens import RandomBytes, digest_of, new_token, unguessable


def test_a_token_has_256_bits() -> None:
    """Every one of 32 random bytes is in the token, in 43 characters."""

    def marked(place: int) -> RandomBytes:
        return lambda length: bytes(place) + b"\x01" + bytes(length - place - 1)

    texts = {new_token(marked(place)) for place in range(32)}
    assert len(texts) == 32
    assert {len(text) for text in texts} == {43}


@pytest.mark.parametrize("token", ["", "a", "é", "\ud800", "a" * 10**6, "\x00"])
def test_any_text_has_a_digest(token: str) -> None:
    """64 hex digits for every text, also for what is no token (B21)."""
    assert len(digest_of(token)) == 64


def test_the_digest_is_sha_256() -> None:
    """What is kept is SHA-256 of the token's UTF-8."""
    assert digest_of("tökén") == sha256("tökén".encode()).hexdigest()


@given(st.lists(st.text(max_size=5), max_size=4), st.lists(st.text(max_size=5), max_size=4))
def test_different_things_have_different_names(one: list[str], other: list[str]) -> None:
    """Names follow from the parts as they are divided, not from their concatenation."""
    ring = {"k1": bytes(32)}
    assert (unguessable(ring, *one) == unguessable(ring, *other)) == (one == other)


def test_a_name_needs_the_secret() -> None:
    """160 bits in 32 characters, other ones under another secret."""
    name = unguessable({"k1": bytes(32)}, "apt_1", "0")
    assert len(name) == 32
    assert name != unguessable({"k1": b"\x01" * 32}, "apt_1", "0")
