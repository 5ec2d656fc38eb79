"""Importing the library is cheap: what is slow is loaded when it is used."""

from __future__ import annotations

import subprocess
import sys
from typing import Final

import pytest

HEAVY: Final = ("cattrs", "cryptography", "pendulum", "pluggy", "pyotp", "sqlalchemy", "sqlite3")


def _loaded(statement: str) -> set[str]:
    program = f"import sys; {statement}; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "module",
    [
        "clientportal",
        "clientportal.policies.conversations",
        "clientportal.usecases.conversations",
        "clientportal.portal",
    ],
)
def test_importing_loads_nothing_heavy(module: str) -> None:
    """Neither the face nor the core loads zones, keys, hooks, converters or databases."""
    assert _loaded(f"import {module}").isdisjoint(HEAVY)


def test_a_heavy_import_would_be_seen() -> None:
    """The check sees what is loaded."""
    assert {"pluggy", "cattrs"} <= _loaded("import pluggy, cattrs")
