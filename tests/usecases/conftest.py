"""The populated world that use cases are tried in, on memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clientportal.serialization import wire_of
from clientportal.testing.builders import World
from clientportal.testing.cast import populate


@pytest.fixture(scope="session")
def wire() -> Callable[[object], tuple[str, str]]:
    """The real one."""
    return wire_of()


@pytest.fixture
def world(wire: Callable[[object], tuple[str, str]]) -> World:
    """The cast, alive."""
    return populate(World(wire=wire))
