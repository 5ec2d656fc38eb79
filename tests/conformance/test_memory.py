"""The storage in memory passes the kit that every storage must pass."""

from __future__ import annotations

import pytest

from clientportal.domain.ids import PracticeId
from clientportal.embedded.memory import MemoryStorage
from clientportal.testing.conformance.storage import StorageKit


class TestMemory(StorageKit):
    """Memory, played against itself: the laws hold, and nothing is shared by accident."""

    @pytest.fixture
    def storage(self) -> type[MemoryStorage]:
        """A fresh one each time."""
        return MemoryStorage

    def records(self, storage: MemoryStorage, practice_id: PracticeId) -> int:
        """Its records are in the open."""
        return len(storage.rooms[practice_id].audit)
