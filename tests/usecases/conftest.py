"""The populated world that use cases are tried in: on memory, or on memory and in a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clientportal.serialization import wire_of
from clientportal.testing.builders import World
from clientportal.testing.cast import populate
from clientportal_sql.storage import SqlStorage


@pytest.fixture(scope="session")
def wire() -> Callable[[object], tuple[str, str]]:
    """The real one."""
    return wire_of()


@pytest.fixture
def world(wire: Callable[[object], tuple[str, str]]) -> World:
    """The cast, alive."""
    return populate(World(wire=wire))


@pytest.fixture(params=["memory", "sqlite"])
def anywhere(
    request: pytest.FixtureRequest, tmp_path: Path, wire: Callable[[object], tuple[str, str]]
) -> Iterator[World]:
    """The cast, alive, in memory and in a file."""
    if request.param == "memory":
        yield populate(World(wire=wire))
        return
    storage = SqlStorage.at(tmp_path / "portal.db")
    storage.create()
    yield populate(World(storage, wire=wire))
    storage.close()
