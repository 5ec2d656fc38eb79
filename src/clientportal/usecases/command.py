"""What commands and views are: values that know how to decide themselves."""

from __future__ import annotations

from typing import Any, ClassVar, Protocol, TypeVar, cast

from attrs import evolve, field, frozen

from clientportal.domain.actors import Actor
from clientportal.domain.moments import Moment, is_moment
from clientportal.flows import Flow, Outcome, Shown
from clientportal.policies.extra import ExtraRule

T = TypeVar("T")


@frozen(kw_only=True)
class Context:
    """The only facts a flow gets without asking.

    *origin* is the caller's network address, *rules* are the practice's own about writing.
    """

    actor: Actor
    now: Moment = field(validator=is_moment)
    origin: str | None = field(default=None, repr=False)
    rules: tuple[ExtraRule, ...] = field(default=(), repr=False)


def replaced(value: T, **given: object) -> T:
    """*value* with the fields that were *given*; None leaves one as it is."""
    fields = {name: each for name, each in given.items() if each is not None}
    changed: T = evolve(cast("Any", value), **fields)
    return changed


class Command(Protocol):
    """Something to be done. *tests_secret* commands are never merely asked (MSG-13)."""

    name: ClassVar[str]
    tests_secret: ClassVar[bool]

    def flow(self, context: Context) -> Flow[Outcome]:
        """Read, decide, refuse, change."""
        ...


class View(Protocol[T]):
    """Something to be shown."""

    name: ClassVar[str]

    def flow(self, context: Context) -> Flow[Shown[T]]:
        """Read, decide, refuse, show."""
        ...
