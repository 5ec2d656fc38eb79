"""Development keys: a file of secrets beside the database, or secrets in memory.

FOR DEVELOPMENT. Whoever can read the file can read every document, and a backup that holds both
file and database undoes shredding. A practice that serves people keeps its keys in a key store.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import field, frozen

from clientportal.errors import AdapterError, ConfigurationError, IntegrityError
from clientportal.ports.keys import Binding, Ring
from clientportal.security.sealing import KEY_BYTES, derived, unwrapped, wrapped
from clientportal.security.tokens import RandomBytes

_NONCE_BYTES: Final = 12
_SALT: Final = b"clientportal development keys 1"
_KEY_ID: Final = re.compile(r"[0-9a-z]{1,32}\Z", re.ASCII)


def _checked(secrets: Mapping[str, bytes]) -> Mapping[str, bytes]:
    fits = all(_KEY_ID.match(name) and len(secret) >= KEY_BYTES for name, secret in secrets.items())
    if not secrets or not fits:
        advice = "give at least one secret of 32 bytes, named by 0-9 and a-z"
        raise ConfigurationError("invalid_keys", advice)
    return dict(secrets)


@frozen
class DevelopmentKeys:
    """Derives every key from the practice's *secrets*: the first closes, all of them open.

    The practice's key and, from it, the client's key follow by HKDF from one secret and the ids,
    so nothing but the secret is kept. The price: one client's key cannot be destroyed alone, as
    it can in a key store that makes each client's key at random. To rotate, put a new secret
    first; what was wrapped names the secret it was wrapped under (DOC-6).
    """

    secrets: Mapping[str, bytes] = field(repr=False, converter=_checked)
    random_bytes: RandomBytes = field(repr=False)

    @classmethod
    def in_memory(cls, random_bytes: RandomBytes) -> DevelopmentKeys:
        """Keys that end with the process."""
        return cls({"k1": random_bytes(KEY_BYTES)}, random_bytes)

    @classmethod
    def in_file(cls, path: Path, random_bytes: RandomBytes) -> DevelopmentKeys:
        """The keys in the file at *path*, readable by its owner only; made if there is none.

        Raises `ConfigurationError` (`invalid_keys`, `exposed_keys`), `AdapterError`.
        """
        try:
            _make(path, {"k1": random_bytes(KEY_BYTES).hex()})
            return cls(_read(path), random_bytes)
        except OSError as error:
            raise AdapterError("key_unavailable", retryable=True) from error

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> DevelopmentKeys:
        """The keys in the file ``path``, or in memory without one; ``random_bytes`` makes them."""
        if "random_bytes" not in settings:
            advice = "give the keys `development` a source of `random_bytes`"
            raise ConfigurationError("missing_setting", advice)
        if not settings.get("path"):
            return cls.in_memory(settings["random_bytes"])
        return cls.in_file(Path(settings["path"]), settings["random_bytes"])

    def _client_key(self, key_id: str, binding: Binding) -> bytes:
        if key_id not in self.secrets:
            raise AdapterError("key_unavailable")
        practice = f"practice|{binding.practice_id}".encode()
        practice_key = derived(self.secrets[key_id], _SALT, practice)
        return derived(practice_key, _SALT, f"client|{binding.client_id}".encode())

    def wrap(self, key: bytes, binding: Binding) -> bytes:
        """As `Keys.wrap`: the id of the secret, a bar, the sealed key."""
        key_id = next(iter(self.secrets))
        by = self._client_key(key_id, binding)
        nonce = self.random_bytes(_NONCE_BYTES)
        return key_id.encode() + b"|" + wrapped(key, by, bytes(binding), nonce=nonce)

    def unwrap(self, wrapped: bytes, binding: Binding) -> bytes:
        """As `Keys.unwrap`."""
        name, _, rest = wrapped.partition(b"|")
        key_id = name.decode("latin-1")
        if not _KEY_ID.match(key_id):
            raise IntegrityError("key")
        return unwrapped(rest, self._client_key(key_id, binding), bytes(binding))

    def signing(self, purpose: str) -> Ring:
        """As `Keys.signing`."""
        told = f"sign|{purpose}".encode()
        return {key_id: derived(one, _SALT, told) for key_id, one in self.secrets.items()}


def _make(path: Path, secrets: Mapping[str, str]) -> None:
    """Write *secrets* to a new file; whoever comes second uses the first one's."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")  # for its owner only
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump({"note": "development keys: keep private", "secrets": secrets}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        path.hardlink_to(temporary)
    except FileExistsError:
        return
    finally:
        Path(temporary).unlink(missing_ok=True)


def _read(path: Path) -> Mapping[str, bytes]:
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise ConfigurationError("exposed_keys", "let nobody but its owner read the key file")
    try:
        found = json.loads(path.read_text("utf-8"))["secrets"]
        return {str(name): bytes.fromhex(secret) for name, secret in found.items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        advice = "the key file is damaged; restore it from a backup"
        raise ConfigurationError("invalid_keys", advice) from None
