"""The keys port: what protects documents and signs links (DOC-6, INV-3).

A document's key is wrapped by its client's key, and that by the practice's: destroying a
client's key makes every copy of their documents unreadable. What is wrapped or signed names the
key it was made with, so keys can be replaced while the old ones still open what they closed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

from attrs import frozen

from clientportal.domain.ids import ClientId, DocumentId, PracticeId

Ring: TypeAlias = Mapping[str, bytes]
"""Secrets of at least 32 bytes by key id, as ``0-9 a-z`` spell it; the first signs, all verify."""


@frozen
class Binding:
    """What a document's key and content belong to: they open nowhere else."""

    practice_id: PracticeId
    client_id: ClientId
    document_id: DocumentId

    def __bytes__(self) -> bytes:
        """The same in bytes, as associated data; ids hold no ``|``."""
        return f"{self.practice_id}|{self.client_id}|{self.document_id}".encode()


class Keys(Protocol):
    """A key ring."""

    def wrap(self, key: bytes, binding: Binding) -> bytes:
        """A document's *key*, sealed under its client's key. Raises `AdapterError`."""
        ...

    def unwrap(self, wrapped: bytes, binding: Binding) -> bytes:
        """What `wrap` was given.

        Raises `IntegrityError` where *wrapped* was changed or is another document's, and
        `AdapterError` (`key_unavailable`) where the key is gone.
        """
        ...

    def signing(self, purpose: str) -> Ring:
        """The secrets for one *purpose*, such as ``invite``; no two purposes share one."""
        ...
