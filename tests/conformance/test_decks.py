"""The machine knows every command, every query and every view there is."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import attrs

from clientportal import usecases
from clientportal.flows import Query
from clientportal.ports import queries
from clientportal.testing.builders import PRACTICE, World
from clientportal.testing.cast import populate
from clientportal.testing.conformance.machine import DECK
from clientportal.testing.conformance.picks import Lots, Picks
from clientportal.testing.conformance.sights import Sights
from clientportal.usecases.accounts import UseSession


def _flows() -> Iterator[type[Any]]:
    """Every command and view of the package."""
    for module in pkgutil.iter_modules(usecases.__path__, f"{usecases.__name__}."):
        for _, kind in inspect.getmembers(import_module(module.name), attrs.has):
            if kind.__module__ == module.name and hasattr(kind, "flow"):
                yield kind


def test_every_command_is_in_the_deck() -> None:
    """A command that the machine never plays would be a command whose storage nobody tried."""
    world = populate(World())
    drawn = {
        type(draw(Picks(Lots(f"{seed}"), world)).command)
        for group in DECK.values()
        for draw in group
        for seed in range(30)
    }
    assert {kind for kind in _flows() if hasattr(kind, "tests_secret")} == drawn


def test_every_view_and_query_is_among_the_sights() -> None:
    """What is not looked at could differ unseen; a session's use is tried by entering."""
    world = populate(World())
    sights = Sights(world.storage.rooms[PRACTICE], world)  # type: ignore[attr-defined] # memory's
    views = {kind for kind in _flows() if not hasattr(kind, "tests_secret")}
    assert views == {type(view) for view, _ in sights.looks()} | {UseSession}
    asked = {
        kind for _, kind in inspect.getmembers(queries, inspect.isclass) if issubclass(kind, Query)
    }
    assert asked - {Query} == {type(need) for need in sights.needs()} & asked
