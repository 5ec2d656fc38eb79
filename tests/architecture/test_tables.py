"""Tables instead of branches, and no table with a gap."""

from __future__ import annotations

from enum import Enum
from types import ModuleType

import pytest
from tests.architecture.tables import gaps, modules_of

PACKAGES = ("clientportal.domain", "clientportal.policies", "clientportal.usecases")


@pytest.mark.parametrize("package", PACKAGES)
def test_every_table_covers_its_enumeration(package: str) -> None:
    """A new member of an enumeration has a place in every table that dispatches on it."""
    found = [(m.__name__, *gap) for m in modules_of(package) for gap in gaps(m)]
    assert found == []


def test_a_gap_is_found() -> None:
    """A table with a missing member is named with that member."""
    colour = Enum("Colour", "RED BLUE")
    module = ModuleType("planted")
    module.__dict__.update(RULES={colour.RED: 1}, WHOLE=dict.fromkeys(colour, 1), OTHER={1: 2})
    assert list(gaps(module)) == [("RULES", "Colour.BLUE")]
