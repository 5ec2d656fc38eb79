"""Passwords: Argon2id behind a bound on memory, and the same time for nobody (INV-6, INV-8)."""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from functools import cached_property
from threading import BoundedSemaphore
from typing import Final

from attrs import Factory, field, frozen
from attrs.validators import ge

from clientportal.domain.accounts import LONGEST_PASSWORD, SHORTEST_PASSWORD
from clientportal.security.tokens import RandomBytes

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
_MOST_TYPED: Final = 4 * LONGEST_PASSWORD  # code points; no more can compose to the longest


@frozen(kw_only=True)
class Argon2Parameters:
    """What one computation costs: *memory* in KiB, passes over it, lanes beside each other.

    The default is the second recommended option of RFC 9106 section 4, 64 MiB; stronger than the
    19 MiB and two passes that OWASP's cheat sheet asks for at least.
    """

    memory: int = field(default=64 * 1024, validator=ge(8))
    passes: int = field(default=3, validator=ge(1))
    lanes: int = field(default=4, validator=ge(1))

    @property
    def phc(self) -> str:
        """How a PHC string made with them begins."""
        return f"$argon2id$v=19$m={self.memory},t={self.passes},p={self.lanes}$"


def _composed(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _bytes_of(password: str) -> bytes:
    return _composed(password).encode("utf-8", "surrogatepass")


def fault_of(password: str) -> str | None:
    """What is wrong with a new password where there is no second factor, or None (INV-8).

    `too_short` below 15 code points, `too_long` above 1,024 bytes, both after NFKC.
    """
    if len(password) > _MOST_TYPED or len(_bytes_of(password)) > LONGEST_PASSWORD:
        return "too_long"
    return "too_short" if len(_composed(password)) < SHORTEST_PASSWORD else None


@frozen(kw_only=True)
class Passwords:
    """Hashes and verifies; at most *at_once* computations run, so memory is bounded."""

    random_bytes: RandomBytes = field(repr=False)
    parameters: Argon2Parameters = Argon2Parameters()
    at_once: int = field(default=4, validator=ge(1))
    _turns: BoundedSemaphore = field(
        init=False,
        repr=False,
        eq=False,
        default=Factory(lambda self: BoundedSemaphore(self.at_once), takes_self=True),
    )

    @cached_property
    def _of_nobody(self) -> str:
        """A PHC string that no password fits, and that costs as much to verify as any."""
        salt, digest = (b64encode(bytes(n)).rstrip(b"=") for n in (_SALT_BYTES, _HASH_BYTES))
        return f"{self.parameters.phc}{salt.decode()}${digest.decode()}"

    def hash(self, password: str) -> str:
        """*password* as a PHC string, with a salt of its own."""
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        with self._turns:
            one = Argon2id(
                salt=self.random_bytes(_SALT_BYTES),
                length=_HASH_BYTES,
                iterations=self.parameters.passes,
                lanes=self.parameters.lanes,
                memory_cost=self.parameters.memory,
            )
            return one.derive_phc_encoded(_bytes_of(password))

    def verify(self, password: str, stored: str | None) -> bool:
        """Whether *password* is the one in *stored*, a PHC string.

        With nothing stored, or a password no account can have: no, in the same time (INV-6).
        """
        from cryptography.exceptions import InvalidKey
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        possible = len(password) <= _MOST_TYPED
        phc = stored if stored and possible else self._of_nobody
        with self._turns:
            try:
                Argon2id.verify_phc_encoded(_bytes_of(password[:_MOST_TYPED]), phc)
            except (InvalidKey, ValueError):
                return False
        return phc is stored

    def needs_rehash(self, stored: str) -> bool:
        """Whether *stored* was made with other parameters than today's (INV-8)."""
        return not stored.startswith(self.parameters.phc)
