"""Collects what the benchmarks measure, prints it as a table and writes it down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from tests.benchmarks.race import Row, Rows

ROWS: Final = pytest.StashKey[list[Row]]()
FILE: Final = Path("build/benchmarks.json")


def pytest_configure(config: pytest.Config) -> None:
    """Start with no rows."""
    config.stash[ROWS] = []


@pytest.fixture
def rows(pytestconfig: pytest.Config) -> Rows:
    """Where a benchmark puts its ratios, each against its goal."""
    return Rows(pytestconfig.stash[ROWS])


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Every ratio against its goal: reported, never a gate."""
    found = config.stash[ROWS]
    if not found:
        return
    terminalreporter.section("ratios")
    for row in found:
        terminalreporter.line(str(row))
    file = config.rootpath / FILE
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps([row.plain() for row in found], indent=2) + "\n", "utf-8")
