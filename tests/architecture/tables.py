"""Tables that dispatch on an enumeration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType


def modules_of(name: str) -> Iterator[ModuleType]:
    """Every module of the package *name*, imported."""
    package = import_module(name)
    yield package
    for found in walk_packages(package.__path__, f"{name}."):
        yield import_module(found.name)


def gaps(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Tables of *module* that dispatch on an enumeration, with a member that they leave out."""
    for name, table in vars(module).items():
        if isinstance(table, Mapping) and table:
            kinds = {type(key) for key in table}
            kind = kinds.pop()
            if not kinds and issubclass(kind, Enum):
                for member in kind:
                    if member not in table:
                        yield name, str(member)
