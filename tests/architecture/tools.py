"""Runs the tools of the development group, offline, as they are installed beside Python."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.architecture.sources import ROOT


def run_tool(
    name: str, *arguments: str, cwd: Path = ROOT, path: Iterable[str] = ()
) -> subprocess.CompletedProcess[str]:
    """What the tool *name* says about *arguments*; *path* is what it can import besides."""
    plain = {"NO_COLOR": "1", "COLUMNS": "200", "PYTHONPATH": os.pathsep.join(path)}
    return subprocess.run(
        [str(Path(sys.executable).parent / name), *arguments],
        cwd=cwd,
        env=os.environ | plain,
        capture_output=True,
        text=True,
        check=False,
    )
