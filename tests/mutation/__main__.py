"""Tries whether the tests of the policies notice a wrong rule: mutation testing (quality G3).

    python -m tests.mutation                        every module below
    python -m tests.mutation messages participants  some of them
    python -m tests.mutation --jobs 2 flips         two at a time

Of each module small wrong versions are made (`mutants`), and the fast tests of the policies run
on each, in a process of its own in which the wrong version takes the module's place; no file is
written. A mutant that no test notices is printed; it is a missing row of a test, or equivalent,
and then it is listed with the reason in `survivors.md`. It takes a second or two a mutant, so it
is not part of any other run. Hypothesis does not shrink here: that something failed is enough.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import os
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings
from tests.mutation.mutants import Mutant, mutants

ROOT: Final = Path(__file__).parents[2]
POLICIES: Final = ROOT / "src" / "clientportal" / "policies"
MODULES: Final = (
    "messaging",
    "selecting",
    "correspondence",
    "conversations",
    "participants",
    "messages",
    "flips",
    "foresight",
)

#: The fast tests that reach a rule which others rest on, those that find most first.
ALL: Final = (
    "test_conversations.py",
    "test_messaging_against_spec.py",
    "test_messaging_exhaustive.py",
    "test_selecting.py",
    "test_flips.py",
    "test_foresight.py",
    "test_messages.py",
    "test_participants.py",
)
#: Modules on which no other rests, and the tests that reach them.
OWN: Final = {
    "selecting": ("test_selecting.py", "test_messaging_exhaustive.py"),
    "participants": ("test_participants.py",),
    "messages": ("test_messages.py",),
    "flips": ("test_flips.py",),
    "foresight": ("test_foresight.py",),
}
#: Of one processor's time; a wrong version that takes longer does not end.
SECONDS: Final = 90


class Wrong(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Puts a mutant in the place of its module, wherever it is imported."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.name, self.tree = f"clientportal.policies.{module}", tree

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        """The mutant for its own name, for every other nothing."""
        return importlib.machinery.ModuleSpec(name, self) if name == self.name else None

    def exec_module(self, module: Any) -> None:
        """Run the wrong version."""
        exec(compile(self.tree, self.name, "exec"), module.__dict__)  # noqa: S102 - it is our own


def paths(module: str) -> list[str]:
    """The tests that reach a module."""
    return [str(ROOT / "tests" / "policies" / each) for each in OWN.get(module, ALL)]


def run(module: str, tree: ast.Module) -> int:
    """The tests on a version of the module, in this process."""
    sys.meta_path.insert(0, Wrong(module, tree))
    options = ["-n0", "-x", "-q", "-p", "no:cacheprovider", "--assert=plain", "--tb=no"]
    return int(pytest.main([*options, *paths(module)]))


def start(module: str, tree: ast.Module) -> int:
    """The same in a process of its own, silently; its id."""
    child = os.fork()
    if child:
        return child
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    code = 2
    try:
        code = run(module, tree)
    finally:
        os._exit(min(code, 255))


def tried(module: str, many: Sequence[Mutant], jobs: int) -> Iterator[tuple[Mutant, bool]]:
    """Each mutant, and whether a test noticed; a wrong version that does not end is noticed."""
    waiting, running = list(reversed(many)), dict[int, Mutant]()
    while waiting or running:
        while waiting and len(running) < jobs:
            one = waiting.pop()
            running[start(module, one.tree)] = one
        child, status = os.wait()
        yield running.pop(child), status != 0


def text_of(module: str) -> str:
    """The module as it is."""
    return (POLICIES / f"{module}.py").read_text(encoding="utf-8")


def tested(module: str, jobs: int, lines: range) -> tuple[int, int]:
    """How many mutants of a module there are, and how many survive; those are printed."""
    every = mutants(text_of(module))
    many = sorted((one for one in every if one.line in lines), key=lambda one: one.line)
    began, survived = time.monotonic(), 0
    for one, noticed in tried(module, many, jobs):
        survived += not noticed
        if not noticed:
            say(f"{module}:{one.name}")
    seconds = time.monotonic() - began
    say(f"{module}: {len(many)} mutants, {survived} survived, {seconds:.0f} s")
    return len(many), survived


def say(line: str) -> None:
    """What whoever runs it sees."""
    print(line, flush=True)  # noqa: T201 - it is a program


def main() -> int:
    """Try the modules that are named, or all."""
    parser = ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--first", type=int, default=0, help="the first line to change")
    parser.add_argument("--last", type=int, default=10_000, help="the last line to change")
    given = parser.parse_args()
    phases = (Phase.explicit, Phase.generate)
    settings.register_profile(
        "mutants",
        max_examples=50,
        deadline=None,
        derandomize=True,
        database=None,
        phases=phases,
        suppress_health_check=[HealthCheck.too_slow],
    )
    os.environ["HYPOTHESIS_PROFILE"] = "mutants"
    for each in given.modules:
        _, status = os.waitpid(start(each, ast.parse(text_of(each))), 0)
        if status:
            say(f"{each}: the tests fail on the rules as they are")
            return 2
    counts = [
        tested(each, given.jobs, range(given.first, given.last + 1)) for each in given.modules
    ]
    total, survived = (sum(column) for column in zip(*counts, strict=True))
    say(f"{total} mutants, {total - survived} killed, {survived} survived")
    return 0


if __name__ == "__main__":
    sys.exit(main())
