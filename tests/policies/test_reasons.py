"""Every constant of a policy is called as its code is, and no code has two constants."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import clientportal.policies
from clientportal.policies.decision import Decision


def _constants() -> Iterator[tuple[str, str, str]]:
    """Module, name and code of every decision that a policy module has, also by import."""
    package = clientportal.policies
    for each in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for name, found in vars(importlib.import_module(each.name)).items():
            if isinstance(found, Decision):
                yield each.name, name, found.reason.code


def _assigned(module: str) -> set[str]:
    """The names that *module* assigns itself."""
    path = importlib.import_module(module).__file__ or ""
    body = ast.parse(Path(path).read_text("utf-8")).body
    targets = (each.target for each in body if isinstance(each, ast.AnnAssign))
    return {each.id for each in targets if isinstance(each, ast.Name)}


CONSTANTS: Final = tuple(_constants())


def test_reflection_finds_the_reasons() -> None:
    """There are many, in many modules: a search that finds nothing would prove nothing."""
    assert ("clientportal.policies.messaging", "AUTO_CLOSED", "auto_closed") in CONSTANTS
    assert len({module for module, _, _ in CONSTANTS}) > 9


def test_a_constant_is_called_as_its_code() -> None:
    """`TOO_FAR_AHEAD` says `too_far_ahead`, so that whoever knows one finds the other."""
    assert [each for each in CONSTANTS if each[1] != each[2].upper()] == []


def test_a_code_has_one_constant() -> None:
    """No two modules, and no two constants of one, make a decision of the same code."""
    own = {module: _assigned(module) for module, _, _ in CONSTANTS}
    made = Counter(code for module, name, code in CONSTANTS if name in own[module])
    assert [code for code, count in made.items() if count > 1] == []
