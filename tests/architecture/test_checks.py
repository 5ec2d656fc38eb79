"""The checks hold for this repository, and each of them can fail."""

from __future__ import annotations

import pytest
from tests.architecture.planted import PLANTED, Planted
from tests.architecture.registry import CHECKS, Check
from tests.architecture.sources import Source, sources


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.find.__name__)
def test_the_tree_keeps_the_rule(check: Check) -> None:
    """No file breaks the rule that the check states in its docstring."""
    assert not check.on_tree(), check.find.__doc__


@pytest.mark.parametrize(
    "planted", PLANTED, ids=lambda p: f"{p.find.__name__}: {p.text.splitlines()[0][:50]}"
)
def test_a_check_finds_the_guilty_and_spares_the_innocent(planted: Planted) -> None:
    """A check that cannot fail is no check."""
    found = list(planted.find(Source(planted.path, planted.text)))
    assert bool(found) is planted.guilty, found


def test_every_check_has_a_planted_violation() -> None:
    """Each check is shown to fail, and each finds files to look at."""
    guilty = {planted.find for planted in PLANTED if planted.guilty}
    assert {check.find for check in CHECKS} == guilty
    assert [check.find for check in CHECKS if not sources(*check.where)] == []
