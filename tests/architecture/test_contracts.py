"""Who may import whom: the contracts of pyproject.toml, and each of them broken once."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.architecture.contracts import FOLDERS, checked
from tests.architecture.sources import ROOT

SQL: Final = "adapters/clientportal-sql/src/clientportal_sql/tables.py"

# contract: the file that breaks it, and by which import
PLANTED: Final[Mapping[str, tuple[str, str]]] = {
    "arrows point inwards": (
        "src/clientportal/domain/slots.py",
        "import clientportal.usecases.command",
    ),
    "policies of one noun know no other noun's": (
        "src/clientportal/policies/people.py",
        "import clientportal.policies.conversations",
    ),
    "no siblings in a circle": (
        "src/clientportal/domain/ids.py",
        "import clientportal.domain.conversations",
    ),
    "adapters do not know each other": (SQL, "import clientportal_smtp"),
    "adapters use public names only": (SQL, "import clientportal.portal"),
    "what is below the shell touches no machine": (
        "src/clientportal/usecases/people.py",
        "import time",
    ),
    "flows and receipts know the decision, no rule": (
        "src/clientportal/receipts.py",
        "import clientportal.policies.people",
    ),
    "use cases know no storage, no error, no secret": (
        "src/clientportal/usecases/people.py",
        "import clientportal.ports.storage",
    ),
    "effects are not flows": (
        "src/clientportal/usecases/effects.py",
        "import clientportal.flows",
    ),
    "security knows the domain only": (
        "src/clientportal/security/links.py",
        "import clientportal.flows",
    ),
    "embedded needs nothing installed but attrs": (
        "src/clientportal/embedded/clock.py",
        "import pendulum",
    ),
    "only composition knows what is embedded": (
        "src/clientportal/portal.py",
        "import clientportal.embedded",
    ),
    "pendulum belongs to the domain": ("src/clientportal/receipts.py", "import pendulum"),
    "cattrs belongs to serialization": ("src/clientportal/receipts.py", "import cattrs"),
    "cryptography belongs to security": (
        "src/clientportal/receipts.py",
        "import cryptography",
    ),
    "pluggy belongs to plugins and hookspecs": ("src/clientportal/receipts.py", "import pluggy"),
    "sqlalchemy belongs to the sql adapter": (
        "src/clientportal/receipts.py",
        "import sqlalchemy",
    ),
    "icalendar belongs to the icalendar adapter": (
        "src/clientportal/receipts.py",
        "import icalendar",
    ),
}


def test_every_contract_is_kept() -> None:
    """Arrows point inwards, and every outside package has one home."""
    kept, report = checked(ROOT)
    assert kept, report
    assert all(kept.values()), report


def test_every_contract_can_be_broken(tmp_path: Path) -> None:
    """One bad import for each contract, and each is seen to be broken."""
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for folder in FOLDERS:
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for path, statement in PLANTED.values():
        with (tmp_path / path).open("a", encoding="utf-8") as file:
            file.write(f"\n\ndef _planted():\n    {statement}\n")
    kept, report = checked(tmp_path)
    assert kept == dict.fromkeys(PLANTED, False), report


def test_every_contract_is_planted() -> None:
    """The table of planted imports names every contract."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts = config["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == set(PLANTED)


def test_the_core_needs_six_packages() -> None:
    """What can be an adapter is an adapter: the core's requirements do not grow."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = {text.partition(">")[0] for text in config["project"]["dependencies"]}
    assert names == {"attrs", "cattrs", "cryptography", "pendulum", "pluggy", "pyotp"}
