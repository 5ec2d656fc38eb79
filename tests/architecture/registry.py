"""Which check holds where."""

from __future__ import annotations

from typing import Final

from attrs import frozen
from tests.architecture import budgets, checks, words
from tests.architecture.sources import CORE, Find, Source, sources

LIBRARY: Final = (f"{CORE}**/*.py",)
ADAPTERS: Final = ("adapters/*/src/**/*.py",)
SHIPPED: Final = (*LIBRARY, *ADAPTERS)
TESTS: Final = ("tests/**/*.py", "adapters/*/tests/**/*.py", f"{CORE}testing/**/*.py")
FLOWS: Final = (f"{CORE}usecases/*.py",)


@frozen
class Check:
    """What is looked for, and in which files."""

    find: Find
    where: tuple[str, ...]

    def findings(self, *found: Source) -> list[str]:
        """Each as ``path:line: what``."""
        return [f"{s.path}:{line}: {what}" for s in found for line, what in self.find(s)]

    def on_tree(self) -> list[str]:
        """What is wrong with the files of this repository."""
        return self.findings(*sources(*self.where))


CHECKS: Final = tuple(
    Check(find, where)
    for find, where in (
        (checks.ambient, LIBRARY),
        (checks.eager, LIBRARY),
        (checks.import_time, LIBRARY),
        (checks.chained, SHIPPED),
        (checks.colour, SHIPPED),
        (checks.unfinished, (*SHIPPED, *TESTS)),
        (checks.justified, (*SHIPPED, *TESTS)),
        (checks.private, SHIPPED),
        (checks.documented, SHIPPED),
        (checks.stated, TESTS),
        (checks.honest, TESTS),
        (checks.decided, FLOWS),
        (words.empty, SHIPPED),
        (words.glossary, SHIPPED),
        (budgets.modules, SHIPPED),
        (budgets.faces, SHIPPED),
        (budgets.functions, SHIPPED),
        (budgets.arguments, SHIPPED),
        (budgets.ports, LIBRARY),
    )
)
