"""What the code says of itself: commands, events, errors, reasons, transitions and ports."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, Final, get_args

import attrs
from attrs import frozen
from docs.written import linked

from clientportal import errors as error_module
from clientportal import flows, shell
from clientportal.domain import appointments, documents, invites
from clientportal.policies.decision import Decision, Reason
from clientportal.serialization import WIRE_NAMES
from clientportal.usecases.effects import EFFECTS

ROOT: Final = Path(__file__).parents[1]
SOURCES: Final = ("src/**/*.py", "adapters/*/src/**/*.py")

#: Where a call says its code: the errors, and what fills them.
CODE_AT: Final[Mapping[str, tuple[str, int]]] = {
    "AdapterError": ("AdapterError", 0),
    "ConfigurationError": ("ConfigurationError", 0),
    "ConflictError": ("ConflictError", 0),
    "Problem": ("MalformedError", 1),
    "StorageError": ("StorageError", 0),
    "_malformed": ("MalformedError", 1),
    "_matching": ("MalformedError", 1),
    "_refuse": ("MalformedError", 1),
}
#: Tables of codes: the error they are of, and whether its codes are what it maps to.
CODES_IN: Final[Mapping[str, tuple[str, bool]]] = {
    "_ADVICE": ("MalformedError", False),
    "_STORAGE": ("StorageError", True),
}
_CODE: Final = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*\Z")
_PLAIN: Final = re.compile(r"Flow\[Shown\[(.*)\]\]\Z")


@frozen(kw_only=True)
class Doc:
    """One thing of the library: its class, where it lives, and what its docstring says."""

    name: str
    module: str
    text: str
    wire: str = ""
    remark: str = ""
    shows: str = ""
    members: tuple[str, ...] = ()
    methods: tuple[tuple[str, str], ...] = ()

    @property
    def summary(self) -> str:
        """The first paragraph, on one line, its rules linked."""
        return linked(" ".join(self.text.split("\n\n")[0].split()))

    @property
    def listed(self) -> str:
        """The members, for a cell of a table."""
        return ", ".join(f"`{member}`" for member in self.members)


def _modules(package: str) -> Iterator[ModuleType]:
    found = import_module(package)
    for each in iter_modules(found.__path__, f"{package}."):
        yield import_module(each.name)


def _classes(modules: Iterable[ModuleType]) -> Iterator[type[Any]]:
    """The public classes of *modules*, each where it is defined, in the order of the source."""
    for module in modules:
        for name, found in vars(module).items():
            ours = inspect.isclass(found) and found.__module__ == module.__name__
            if ours and not name.startswith("_"):
                yield found


def _doc(cls: type[Any], **more: Any) -> Doc:
    text = inspect.getdoc(cls) or ""
    return Doc(name=cls.__name__, module=cls.__module__, text=text, **more)


def _members(cls: type[Any]) -> tuple[str, ...]:
    """The fields of *cls* as one writes them."""
    return tuple(_member(each) for each in attrs.fields(cls)) if attrs.has(cls) else ()


def _member(field: attrs.Attribute[Any]) -> str:
    hint: object = field.type
    kind = hint if isinstance(hint, str) else getattr(hint, "__name__", "Any")
    if field.default is attrs.NOTHING:
        return f"{field.name}: {kind}"
    plain = field.default is None or isinstance(field.default, str | int | bool | tuple)
    shown = repr(field.default) if plain else "…"
    return f"{field.name}: {kind} = {shown}"


def _usecases() -> Iterator[tuple[type[Any], str]]:
    """Every class with a name and a flow, and what its flow returns."""
    for cls in _classes(_modules("clientportal.usecases")):
        if attrs.has(cls) and isinstance(getattr(cls, "name", None), str) and hasattr(cls, "flow"):
            yield cls, str(inspect.get_annotations(cls.flow).get("return", ""))


def commands() -> Iterator[Doc]:
    """Every command."""
    for cls, returned in _usecases():
        if returned == "Flow[Outcome]":
            remark = "; tests a secret, so it is never merely asked" if cls.tests_secret else ""
            yield _doc(cls, wire=cls.name, members=_members(cls), remark=remark)


def views() -> Iterator[Doc]:
    """Every view, with what it shows."""
    for cls, returned in _usecases():
        shown = _PLAIN.match(returned)
        if shown:
            yield _doc(cls, wire=cls.name, members=_members(cls), shows=shown[1])


def events() -> Iterator[Doc]:
    """Every event by its wire name, with the effect it has outside."""
    for cls, name in sorted(WIRE_NAMES.items(), key=lambda pair: pair[1]):
        effect = EFFECTS[cls].__name__.strip("_").replace("_", " ") if cls in EFFECTS else ""
        yield _doc(cls, wire=name, members=_members(cls), remark=effect)


def errors() -> Iterator[Doc]:
    """Every error, from the root on, with its codes where they belong to the class."""
    for cls in _classes([error_module]):
        if issubclass(cls, error_module.ClientPortalError):
            fixed = vars(cls).get("code")
            own = (fixed,) if fixed else tuple(getattr(cls, "ADVICE", ()))
            yield _doc(
                cls,
                wire=", ".join(f"`{code}`" for code in own) or "see below",
                remark=str(cls.http_status_hint),
            )


def codes() -> tuple[tuple[str, str], ...]:
    """Every code that the library and its adapters give an error, by its class."""
    found: set[tuple[str, str]] = set()
    for path in (path for pattern in SOURCES for path in ROOT.glob(pattern)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= set(_coded(node))
            if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
                found |= set(_tabled(ast.unparse(node.target), node.value))
    return tuple(sorted(found))


def _tabled(name: str, codes_of: ast.Dict) -> Iterator[tuple[str, str]]:
    if name in CODES_IN:
        cls, mapped = CODES_IN[name]
        for one in codes_of.values if mapped else codes_of.keys:
            if isinstance(one, ast.Constant):
                yield cls, str(one.value)


def _coded(call: ast.Call) -> Iterator[tuple[str, str]]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name in CODE_AT:
        cls, at = CODE_AT[name]
        given = call.args[at] if len(call.args) > at else None
        for one in ast.walk(given) if given is not None else ():
            if isinstance(one, ast.Constant) and _CODE.match(str(one.value)):
                yield cls, str(one.value)


def reasons() -> tuple[tuple[bool, Reason, str], ...]:
    """Every reason once: whether it allows, the reason, and the constant that holds it."""
    found: dict[str, tuple[bool, Reason, str]] = {}
    for module in (*_modules("clientportal.policies"), shell):
        for name, each in vars(module).items():
            if isinstance(each, Decision) and each.reason.code not in found:
                where = f"{_home(module, name, each)}.{name}"
                found[each.reason.code] = (each.allowed, each.reason, where)
    return tuple(found[code] for code in sorted(found))


def _home(module: ModuleType, name: str, decision: Decision) -> str:
    """The module that makes *decision*, of those that have it."""
    assigned = re.compile(rf"^{name}\b.*= (allow|deny)\(", re.MULTILINE)
    known = (*_modules("clientportal.policies"), module)
    owners = (each for each in known if vars(each).get(name) is decision)
    found = next((o for o in owners if assigned.search(inspect.getsource(o))), module)
    return found.__name__.removeprefix("clientportal.")


STATEFUL: Final = (
    (invites.Invite, invites.TRANSITIONS, ""),
    (
        appointments.Appointment,
        appointments.TRANSITIONS,
        "Cancelling late leads to `late_cancelled` instead; both can be restored before the start.",
    ),
    (documents.Document, documents.TRANSITIONS, ""),
)


def transitions() -> Iterator[tuple[Doc, tuple[tuple[str, str, str], ...]]]:
    """Each noun that has a life, and its transitions as rows."""
    for cls, moves, remark in STATEFUL:
        rows = tuple(
            (f"`{before.value}`", f"`{event.__name__}`", f"`{after.value}`")
            for (before, event), after in moves.items()
        )
        yield _doc(cls, remark=remark), rows


def protocols() -> Iterator[Doc]:
    """Every port: a protocol with its methods."""
    for cls in _classes(_modules("clientportal.ports")):
        if getattr(cls, "_is_protocol", False):
            yield _doc(cls, methods=tuple(_methods(cls)))


def hooks() -> Iterator[Doc]:
    """The values by which adapters and subscribers register."""
    module = import_module("clientportal.ports.hookspecs")
    for cls in _classes([module]):
        if attrs.has(cls):
            yield _doc(cls, methods=tuple((member, "") for member in _members(cls)))


def _methods(cls: type[Any]) -> Iterator[tuple[str, str]]:
    for name, method in vars(cls).items():
        if inspect.isfunction(method) and not name.startswith("_"):
            colour = "async " if inspect.iscoroutinefunction(method) else ""
            said = str(inspect.signature(method)).replace("'", "").replace("self, ", "")
            yield f"{colour}{name}{said.replace('(self)', '()')}", inspect.getdoc(method) or ""


def questions(kind: str) -> Iterator[Doc]:
    """Every query, or every work, with what answers it."""
    asked = getattr(flows, kind)
    for cls in _classes(_modules("clientportal.ports")):
        if issubclass(cls, asked):
            yield _doc(cls, wire=str(getattr(cls, "subject", "")), shows=_answer(cls))


def _answer(cls: type[Any]) -> str:
    return str(get_args(cls.__orig_bases__[0])[0]) if hasattr(cls, "__orig_bases__") else ""
