"""The populated world that use cases are tried in, on memory."""

from __future__ import annotations

import copy

import pytest

from clientportal.embedded.memory import MemoryStorage
from clientportal.serialization import wire_of
from clientportal.testing.builders import World
from clientportal.testing.cast import populate


@pytest.fixture(scope="session")
def populated() -> World:
    """The cast, alive; made once."""
    return populate(World(wire=wire_of()))


@pytest.fixture
def world(populated: World) -> World:
    """A world of one's own, as `populate` left it."""
    return fork(populated)


def fork(world: World) -> World:
    """Another world with the same past; frozen values are shared, rows are not."""
    storage = MemoryStorage()
    assert isinstance(world.storage, MemoryStorage)
    for practice_id, room in world.storage.rooms.items():
        storage.rooms[practice_id] = copy.copy(room)
        mine = storage.rooms[practice_id]
        mine.rows, mine.claims = dict(room.rows), dict(room.claims)
        mine.outbox, mine.audit, mine.keys = list(room.outbox), list(room.audit), dict(room.keys)
    return world
