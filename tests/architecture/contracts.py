"""Import contracts, checked by import-linter in a process of its own.

What it checks is what that process can import, so a copy of the sources is checked just like the
sources themselves.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from tests.architecture.tools import run_tool

FOLDERS: Final = (
    "src",
    "adapters/clientportal-icalendar/src",
    "adapters/clientportal-smtp/src",
    "adapters/clientportal-sql/src",
)
VERDICT: Final = re.compile(r"^(\S.*) (KEPT|BROKEN)\b", re.MULTILINE)


def checked(root: Path) -> tuple[dict[str, bool], str]:
    """Whether each contract in *root*'s pyproject.toml is kept by the packages below, and why."""
    config = str(root / "pyproject.toml")
    path = [str(root / folder) for folder in FOLDERS]
    report = run_tool(
        "lint-imports", "--config", config, "--no-cache", "--no-logo", cwd=root, path=path
    ).stdout
    return {name: verdict == "KEPT" for name, verdict in VERDICT.findall(report)}, report
