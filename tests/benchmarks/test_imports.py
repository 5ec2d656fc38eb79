"""I1: importing the library, against importing what it stands on."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import Final

import pytest
from tests.benchmarks.race import ROUNDS, Rows

SIX: Final = (
    "import attrs, cattrs, cryptography.hazmat.primitives.ciphers.aead, pendulum, pluggy, pyotp"
)
LINE: Final = re.compile(r"import time:\s+(\d+) \|")


def _microseconds(statement: str) -> int:
    """What the imports of *statement* cost by themselves, those of an empty program apart."""

    def total(program: str) -> int:
        done = subprocess.run(
            [sys.executable, "-X", "importtime", "-c", program],
            capture_output=True,
            text=True,
            check=True,
        )
        return sum(int(cost) for cost in LINE.findall(done.stderr))

    return total(statement) - total("0")


@pytest.mark.parametrize(
    ("name", "imports", "goal"),
    [
        ("I1", ("import clientportal", SIX), 0.8),
        ("I1-policies", ("import clientportal.policies", "import attrs"), 1.3),
    ],
)
def test_importing_costs_little(
    rows: Rows, name: str, imports: tuple[str, str], goal: float
) -> None:
    """The face costs less than the six requirements, the policies hardly more than attrs."""
    rounds = [[_microseconds(statement) for statement in imports] for _ in range(ROUNDS)]
    ours, theirs = (min(costs) for costs in zip(*rounds, strict=True))
    assert theirs > 0
    rows.at_most(name, ours / theirs, goal)
