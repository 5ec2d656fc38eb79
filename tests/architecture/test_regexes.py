"""Every regular expression takes time in proportion to its text."""

from __future__ import annotations

from typing import Final

import pytest
from tests.architecture.regexes import Regex, hidden, regexes
from tests.architecture.registry import SHIPPED
from tests.architecture.sources import Source, sources

FOUND: Final = tuple(regexes(sources(*SHIPPED)))


@pytest.mark.parametrize("regex", FOUND, ids=lambda regex: regex.where)
def test_a_pattern_is_done_with_a_megabyte_in_half_a_second(regex: Regex) -> None:
    """No text makes a pattern go back and forth: every one found in the source is pumped."""
    assert list(regex.slow()) == []


def test_every_pattern_is_a_literal_with_a_name() -> None:
    """A pattern is a literal, and a constant once compiled, so that all of them are found."""
    lines = [f"{s.path}:{line}" for s in sources(*SHIPPED) for line in hidden(s)]
    assert lines == []


def test_a_pattern_that_goes_back_and_forth_is_found() -> None:
    """Nested repetition is slow on a few dozen letters, and is seen to be."""
    planted = ('X: Final = re.compile(r"(a+)+$")', "X.match(t)", 'Y = [re.compile("b")]')
    source = Source("planted.py", "\n".join((*planted, 're.match(x + "a", t)')))
    (found,) = regexes([source])
    assert list(found.slow())
    assert set(hidden(source)) == {3, 4}
