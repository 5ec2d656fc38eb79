"""Random tokens, their digests, and names that nobody guesses (INV-9, APT-12)."""

from __future__ import annotations

import hmac
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Final, TypeAlias

RandomBytes: TypeAlias = Callable[[int], bytes]

TOKEN_BYTES: Final = 32


def new_token(random_bytes: RandomBytes) -> str:
    """A token of 256 bits in 43 characters that need no quoting in a cookie or a URL."""
    return urlsafe_b64encode(random_bytes(TOKEN_BYTES)).rstrip(b"=").decode()


def digest_of(token: str) -> str:
    """SHA-256 of *token* as 64 hex digits: what is kept of it, and compared (INV-9).

    Any text has one, also what is no UTF-8; so a foreign token is simply not found.
    """
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def unguessable(ring: Mapping[str, bytes], *parts: str) -> str:
    """A name of 32 characters, 160 bits, that follows from *parts* and the ring's first secret."""
    _, secret = next(iter(ring.items()))
    told = "\n".join(f"{len(part)}:{part}" for part in ("name", *parts)).encode()
    return b32encode(hmac.digest(secret, told, "sha256")[:20]).decode().lower()
