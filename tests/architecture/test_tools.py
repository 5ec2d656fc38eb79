"""Ruff, mypy and pyright have nothing to say, and would if there were something."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from tests.architecture.sources import ROOT
from tests.architecture.tools import run_tool

CONFIG: Final = str(ROOT / "pyproject.toml")
FORMATTED: Final = ("src", "tests", "adapters", "docs")
WRONG: Final = "def f(x: int) -> str:\n    return x\n"


def _mypy(cache: Path, *paths: str) -> tuple[int, str]:
    done = run_tool("mypy", "--config-file", CONFIG, "--cache-dir", str(cache), *paths)
    return done.returncode, done.stdout


@pytest.mark.parametrize("what", [("check",), ("format", "--check")], ids=" ".join)
def test_ruff_has_nothing_to_say(what: tuple[str, ...]) -> None:
    """The code is linted and formatted."""
    done = run_tool("ruff", *what, *FORMATTED)
    assert done.returncode == 0, done.stdout


def test_mypy_strict_has_nothing_to_say() -> None:
    """The library and its adapters are strictly typed, and so is what the typing tests claim."""
    code, said = _mypy(ROOT / "build/mypy")
    assert code == 0, said


def test_pyright_has_nothing_to_say() -> None:
    """A second type checker agrees."""
    done = run_tool("basedpyright", "--project", CONFIG)
    assert done.returncode == 0, done.stdout


def test_mypy_finds_a_planted_error(tmp_path: Path) -> None:
    """A type error makes the check fail."""
    wrong = tmp_path / "wrong.py"
    wrong.write_text(WRONG, "utf-8")
    code, said = _mypy(tmp_path / "cache", str(wrong))
    assert code == 1
    assert "return-value" in said


def test_pyright_finds_a_planted_error(tmp_path: Path) -> None:
    """A type error makes the check fail."""
    (tmp_path / "wrong.py").write_text(WRONG, "utf-8")
    done = run_tool("basedpyright", str(tmp_path), cwd=tmp_path)
    assert done.returncode == 1
    assert "reportReturnType" in done.stdout


def test_ruff_finds_planted_errors(tmp_path: Path) -> None:
    """An unused import and a crooked line make the checks fail."""
    (tmp_path / "wrong.py").write_text('"""M."""\nimport os\nx = ( 1 )\n', "utf-8")
    for what in (("check",), ("format", "--check")):
        assert run_tool("ruff", *what, "--config", CONFIG, "--no-cache", str(tmp_path)).returncode
