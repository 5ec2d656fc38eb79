"""What `clientportal.commands` and `clientportal.views` list is all there is."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from typing import Any, Final

import attrs

import clientportal.usecases
from clientportal import commands, views

#: The portal's own door, not for its three verbs.
DOORS: Final = {"UseSession"}


def _usecases() -> Iterator[type[Any]]:
    """Every public class of a use case that has a flow, but for the protocols."""
    package = clientportal.usecases
    for each in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        for name, cls in inspect.getmembers(importlib.import_module(each.name), inspect.isclass):
            ours = cls.__module__ == each.name and not name.startswith("_")
            if ours and attrs.has(cls) and hasattr(cls, "flow"):
                yield cls


FOUND: Final = tuple(_usecases())


def test_every_command_is_listed() -> None:
    """What has a flow and says whether it tests a secret is a command, and there is no other."""
    found = {cls.__name__ for cls in FOUND if hasattr(cls, "tests_secret")}
    assert found == set(commands.__all__)
    assert {getattr(commands, cls.__name__) for cls in FOUND if cls.__name__ in found} <= set(FOUND)


def test_every_view_is_listed() -> None:
    """What has a flow and is no command is a view, but for the portal's own door."""
    found = {cls.__name__ for cls in FOUND if not hasattr(cls, "tests_secret")} - DOORS
    assert found == set(views.__all__)
    assert {getattr(views, cls.__name__) for cls in FOUND if cls.__name__ in found} <= set(FOUND)


def test_nothing_is_listed_twice() -> None:
    """A name stands once, in its place in the alphabet, and is a command or a view."""
    for module in (commands, views):
        assert module.__all__ == sorted(set(module.__all__))
    assert set(commands.__all__).isdisjoint(views.__all__)
