"""Finds adapters, and chooses one by name.

Adapters come from the entry points of the group ``clientportal``. Nothing is found on import and
nothing is kept; whoever discovers holds what was found.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final, TypeVar

from attrs import field, frozen

from clientportal.errors import ConfigurationError
from clientportal.policies.extra import ExtraRule, failing
from clientportal.ports.hookspecs import GROUP, RULES_GROUP, Adapter, Hooks, Subscriber

if TYPE_CHECKING:
    from pluggy import PluginManager


T = TypeVar("T")

_GIVEN: Final = "given by the caller"
_HOOKS: Final = {
    Adapter: "clientportal_adapters",
    Subscriber: "clientportal_subscribers",
    ExtraRule: "clientportal_rules",
}


@frozen(kw_only=True)
class Broken:
    """A plugin that could not be loaded, and why; *has_rules* is told by its group."""

    name: str
    origin: str
    has_rules: bool = False
    cause: BaseException = field(repr=False)


@frozen(kw_only=True)
class Plugins:
    """What is installed: adapters by the distribution they came from, subscribers, own rules."""

    adapters: tuple[tuple[str, Adapter[Any]], ...] = ()
    subscribers: tuple[Subscriber, ...] = ()
    rules: tuple[ExtraRule, ...] = ()
    broken: tuple[Broken, ...] = ()

    def choose(self, port: Callable[..., T], name: str) -> Adapter[T]:
        """The adapter of *port* called *name*.

        Raises `ConfigurationError` that lists what is installed: `unknown_adapter`,
        `duplicate_adapter`, or `broken_plugin` from what broke it.
        """
        fitting = [(origin, one) for origin, one in self.adapters if one.port is port]
        found = [(origin, one) for origin, one in fitting if one.name == name]
        if len(found) == 1:
            return found[0][1]
        noun, listed = port.__name__.lower(), _listed(fitting)
        if found:
            origins = " and ".join(origin for origin, _ in found)
            advice = f"{noun} `{name}` comes from {origins}; uninstall all but one"
            raise ConfigurationError("duplicate_adapter", advice)
        broken = sorted(self.broken, key=lambda each: each.name != name)
        if not broken:
            raise ConfigurationError("unknown_adapter", f"no {noun} `{name}`; there is {listed}")
        names = ", ".join(f"`{each.name}` ({each.origin})" for each in broken)
        advice = f"no {noun} `{name}`; could not load {names}; there is {listed}"
        raise ConfigurationError("broken_plugin", advice) from broken[0].cause


def _listed(fitting: Iterable[tuple[str, Adapter[Any]]]) -> str:
    return ", ".join(sorted(f"`{one.name}` ({origin})" for origin, one in fitting)) or "none"


def discover(*, entry_points: bool = True, extra: Iterable[object] = ()) -> Plugins:
    """What is installed, and the plugins in *extra*; looks afresh each time.

    A plugin that breaks is left out with a `RuntimeWarning`; who asks for it by name gets the
    cause. One of the group ``clientportal.rules`` had rules about writing: until it is mended or
    gone, nobody writes. One in *extra* that breaks raises `ConfigurationError` at once.
    """
    import pluggy

    hooks = pluggy.PluginManager(GROUP)
    hooks.add_hookspecs(Hooks)
    broken: list[Broken] = []
    origins: dict[str, str] = {}
    for point in _points() if entry_points else ():
        origin = _origin_of(point)
        key = f"{point.group}:{origin}:{point.name}"
        try:
            _register(hooks, point.load(), key)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a foreign module raises
            rules = point.group == RULES_GROUP
            broken.append(Broken(name=point.name, origin=origin, has_rules=rules, cause=error))
        origins[key] = origin
    for number, plugin in enumerate(extra):
        try:
            _register(hooks, plugin, f"extra:{number}")
        except pluggy.PluginValidationError as error:
            raise ConfigurationError("broken_plugin", "its hooks are not ours") from error
    return _gathered(hooks, origins, broken)


def _points() -> Iterator[metadata.EntryPoint]:
    for group in (GROUP, RULES_GROUP):
        yield from metadata.entry_points(group=group)


def _origin_of(point: metadata.EntryPoint) -> str:
    return "an unknown distribution" if point.dist is None else point.dist.name


def _register(hooks: PluginManager, plugin: object, key: str) -> None:
    """Register *plugin*; one with a hook that nobody calls is left out, for it was misspelt."""
    hooks.register(plugin, key)
    try:
        hooks.check_pending()
    except Exception:
        hooks.unregister(name=key)
        raise


def _gathered(hooks: PluginManager, origins: Mapping[str, str], broken: list[Broken]) -> Plugins:
    """What the plugins offer; each is asked by itself, so that one cannot break another."""
    found: dict[type, list[tuple[str, Any]]] = {kind: [] for kind in _HOOKS}
    found[ExtraRule] += [(each.origin, failing(each.name)) for each in broken if each.has_rules]
    for kind, offered in found.items():
        for one in getattr(hooks.hook, _HOOKS[kind]).get_hookimpls():
            origin = origins.get(one.plugin_name, _GIVEN)
            try:
                offered += [(origin, _offer(each, kind)) for each in one.function()]
            except Exception as error:  # noqa: BLE001 - whatever a foreign module raises
                name = one.plugin_name.rpartition(":")[2]
                broken.append(Broken(name=name, origin=origin, cause=error))
                if kind is ExtraRule:  # a rule that cannot be had denies: it could only narrow
                    offered.append((origin, failing(name)))
    for each in broken:
        text = f"plugin `{each.name}` of {each.origin} is left out: {type(each.cause).__name__}"
        warnings.warn(text, RuntimeWarning, stacklevel=3)
    return Plugins(
        adapters=tuple(found[Adapter]),
        subscribers=tuple(one for _, one in found[Subscriber]),
        rules=tuple(one for _, one in found[ExtraRule]),
        broken=tuple(broken),
    )


def _offer(offered: object, kind: type) -> object:
    if not isinstance(offered, kind):
        msg = f"a hook gave no {kind.__name__}"
        raise TypeError(msg)
    return offered
