"""What holds for every folder: profiles, examples in the docs, the example population, processes.

A plugin that pyproject.toml names, because a conftest is seen by its own folder only.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.parsers.myst import PythonCodeBlockParser
from xdist.scheduler import LoadScopeScheduling

ROOT: Final = Path(__file__).parents[1]


class Pages:
    """Collects the Python examples of the docs."""

    pytest_collect_file = staticmethod(
        Sybil(
            parsers=[PythonCodeBlockParser()],
            path=str(ROOT),
            patterns=["README.md", "docs/*.md", "docs/*/*.md"],
            excludes=["adapters/*/README.md"],
        ).pytest()
    )


SLOW: Final = [HealthCheck.too_slow]

settings.register_profile("dev", max_examples=50, deadline=None, suppress_health_check=SLOW)
settings.register_profile(
    "ci",
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=SLOW,
)
settings.register_profile("soak", max_examples=5000, deadline=None, suppress_health_check=SLOW)


def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile: the one asked for, else `ci` on a CI machine, else `dev`."""
    usual = "ci" if os.environ.get("CI") else "dev"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))
    config.pluginmanager.register(Pages())


class ByPage(LoadScopeScheduling):
    """Tests go to whoever is free, but the examples of a page, which build on each other, together.

    Told by the node id, since a group's mark does not reach it in pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        page, found, _ = nodeid.partition(".md::")
        return page if found else nodeid


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByPage:
    """How tests are spread over processes."""
    return ByPage(config, log)


@pytest.hookimpl(tryfirst=True)  # before the one of xdist itself
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes; none beside a benchmark, which wants the machine for itself."""
    asked = config.invocation_params.args
    paths = [str(a) for a in asked if not str(a).startswith("-") and "tests" in str(a)]
    return 0 if paths and all("benchmarks" in path for path in paths) else 2


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the synthetic example population, which lies beside the checkout."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the example population does not lie beside this checkout")
    return folder
