"""What an adapter distribution may offer: ways to build ports, and subscribers to events.

Hooks only register. An adapter says `@hookimpl` on a function of that name in the module its
entry point of the group ``clientportal`` names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, Protocol, TypeVar

import pluggy
from attrs import frozen

from clientportal.domain.ids import PracticeId
from clientportal.policies.extra import ExtraRule
from clientportal.receipts import Published

GROUP: Final = "clientportal"
#: Entry points of plugins with rules: one that cannot be loaded denies, for it could only narrow.
RULES_GROUP: Final = "clientportal.rules"

PortT = TypeVar("PortT")

hookspec: Final = pluggy.HookspecMarker(GROUP)
hookimpl: Final = pluggy.HookimplMarker(GROUP)


@frozen
class Adapter(Generic[PortT]):
    """A named way to build one port, from its settings.

    *build* raises `ConfigurationError` where a setting is missing or wrong.
    """

    port: type[PortT]
    name: str
    build: Callable[[Mapping[str, Any]], PortT]


@frozen(kw_only=True)
class Heard:
    """One event as a subscriber gets it; practice and *position* tell a repetition."""

    practice_id: PracticeId
    position: int
    event: Published


@frozen(kw_only=True)
class Subscriber:
    """Who wants to hear of events, at least once, after the commit (OUT-1).

    *events* are wire names such as ``invite.sent``; none means all. What *hear* raises is tried
    again.
    """

    name: str
    hear: Callable[[Heard], None]
    events: frozenset[str] = frozenset()

    def wants(self, name: str) -> bool:
        """Whether to be told of events called *name*."""
        return not self.events or name in self.events


class Hooks(Protocol):
    """What an adapter distribution may offer."""

    @hookspec
    def clientportal_adapters(self) -> Iterable[Adapter[Any]]:
        """Ways to build ports: a new port changes no hook."""
        ...

    @hookspec
    def clientportal_rules(self) -> Iterable[ExtraRule]:
        """A practice's own rules about writing: they can only narrow, an error in one denies."""
        ...

    @hookspec
    def clientportal_subscribers(self) -> Iterable[Subscriber]:
        """Who wants to hear of events, at least once, through the relay."""
        ...
