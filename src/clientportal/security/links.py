"""Invite links: signed claims on (practice, invite, generation, expiry); nothing is stored (INV-3).

A link has one spelling. Whatever else decodes to the same bytes, or was signed for another
purpose or by another ring, opens nothing.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

from attrs import field, frozen

from clientportal.domain.actors import Link
from clientportal.domain.ids import InviteId, PracticeId
from clientportal.domain.moments import microseconds, moment_of
from clientportal.errors import MalformedError

_PURPOSE: Final = b"clientportal invite link 1\n"
_MAC_BYTES: Final = 32
_LONGEST: Final = 512


def _spelled(body: bytes, mac: bytes) -> str:
    return urlsafe_b64encode(body + mac).rstrip(b"=").decode()


def _decoded(text: str) -> bytes | None:
    """The bytes that *text* is the one spelling of."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    try:
        raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    return raw if _spelled(raw, b"") == text else None


def _claims(body: bytes) -> tuple[PracticeId, Link] | None:
    """What a genuine *body* says."""
    try:
        _, practice_id, invite_id, generation, expires_at = body.decode().split("|")
        at = moment_of(int(expires_at))
        link = Link(invite_id=InviteId(invite_id), generation=int(generation), expires_at=at)
        return PracticeId(practice_id), link
    except (ValueError, OverflowError, MalformedError):
        return None


@frozen
class Links:
    """Signs and opens links with the secrets of a *ring*: the first signs, all verify.

    The ring maps key ids to secrets; a key that leaves it takes its links along.
    """

    ring: Mapping[str, bytes] = field(repr=False)

    def sign(self, link: Link, practice_id: PracticeId) -> str:
        """*link* as text for a URL: letters, digits, ``-`` and ``_``."""
        key_id, secret = next(iter(self.ring.items()))
        until = microseconds(link.expires_at)
        body = f"{key_id}|{practice_id}|{link.invite_id}|{link.generation}|{until}".encode()
        return _spelled(body, hmac.digest(secret, _PURPOSE + body, sha256))

    def open(self, text: str) -> tuple[PracticeId, Link] | None:
        """What a genuine link says, or None for every other text; expiry is for others to judge.

        Never raises, and takes the same time whatever part of a signature is wrong.
        """
        raw = _decoded(text)
        if raw is None:
            return None
        body, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
        secret = self.ring.get(body.partition(b"|")[0].decode("latin-1"))
        expected = hmac.digest(secret or bytes(_MAC_BYTES), _PURPOSE + body, sha256)
        is_genuine = hmac.compare_digest(expected, mac) and secret is not None
        return _claims(body) if is_genuine else None
