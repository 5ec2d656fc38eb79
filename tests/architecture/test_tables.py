"""Tables instead of branches, and no table with a gap."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import ModuleType
from typing import Final

import pytest
from tests.architecture.tables import gaps, modules_of

PACKAGES: Final = ("clientportal.domain", "clientportal.policies", "clientportal.usecases")

# tables that are asked with `get`, and what their silence means
PARTIAL: Final[Mapping[str, str]] = {
    "_STILL_CLOSED": "the situations in which a conversation is closed",
}


@pytest.mark.parametrize("package", PACKAGES)
def test_every_table_covers_its_enumeration(package: str) -> None:
    """A new member of an enumeration has a place in every table that dispatches on it."""
    found = {name for module in modules_of(package) for name, _ in gaps(module)}
    assert found <= set(PARTIAL)


def test_a_gap_is_found() -> None:
    """A table with a missing member is named with that member."""
    colour = Enum("Colour", "RED BLUE")
    module = ModuleType("planted")
    module.__dict__.update(RULES={colour.RED: 1}, WHOLE=dict.fromkeys(colour, 1), OTHER={1: 2})
    assert list(gaps(module)) == [("RULES", "Colour.BLUE")]
