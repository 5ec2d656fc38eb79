"""Profiles of hypothesis, the shared example population, and how many processes run the tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, settings

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


def pytest_configure() -> None:
    """Choose the profile: the one asked for, else `ci` on a CI machine, else `dev`."""
    usual = "ci" if os.environ.get("CI") else "dev"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Two processes; none beside a benchmark, which wants the machine for itself."""
    asked = config.invocation_params.args
    paths = [str(a) for a in asked if not str(a).startswith("-") and "tests" in str(a)]
    return 0 if paths and all("benchmarks" in path for path in paths) else 2


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of the synthetic example population, which lies beside the checkout."""
    folder = Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the example population does not lie beside this checkout")
    return folder
