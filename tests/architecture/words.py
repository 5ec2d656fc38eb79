"""One idea, one word: what names may not be called."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from tests.architecture.sources import Finding, Source

WORD: Final = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")
CODE: Final = re.compile(r"[a-z]{3,}([._][a-z]+)*")

EMPTY: Final = frozenset(
    {"data", "handler", "handlers", "helper", "helpers", "info", "manager", "managers", "misc"}
    | {"obj", "stuff", "util", "utils", "utilities"}
)

# word: what is said instead. The glossary's "not" column, but for words that the rules use in a
# meaning of their own: action, attachment, calendar (a permission), capacity, claim, connection,
# driver, event, link, permission, resource, result, session, token, upload (a verb).
INSTEAD: Final[Mapping[str, str]] = {
    "invitation": "invite",
    "invitations": "invites",
    "onboarding": "invite",
    "reissue": "resend",
    "patient": "client",
    "patients": "clients",
    "customer": "client",
    "clinician": "practitioner",
    "doctor": "practitioner",
    "provider": "practitioner, or adapter",
    "employee": "staff member",
    "workspace": "practice",
    "tenant": "practice",
    "organization": "practice",
    "organisation": "practice",
    "ownership": "roster, assigned",
    "principal": "actor",
    "user": "account, client or actor",
    "users": "accounts, clients or actors",
    "guardian": "proxy",
    "delegate": "proxy",
    "schedule": "availability",
    "visit": "appointment",
    "canceled": "cancelled",
    "thread": "conversation",
    "threads": "conversations",
    "chat": "conversation",
    "channel": "conversation",
    "response": "decision",
    "signal": "event",
    "task": "effect",
    "selector": "query, or view",
    "finder": "query, or view",
    "interface": "port",
    "backend": "adapter",
}

# (part of the path, word): in which own meaning the word is used there
ALLOWED: Final[Mapping[tuple[str, str], str]] = {
    ("doctor.py", "doctor"): "the command that examines an installation",
    ("/cli/", "doctor"): "the command that examines an installation",
}


def defined(source: Source) -> Iterator[Finding]:
    """Every name that the source gives, with its line; the module's own first."""
    path = PurePosixPath(source.path)
    yield 1, path.parent.name if path.stem == "__init__" else path.stem
    for node in source.nodes:
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name):
                yield node.lineno, name
            case ast.AsyncFunctionDef(name=name):
                yield node.lineno, name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()):
                yield node.lineno, name
            case ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name


def coded(source: Source) -> Iterator[Finding]:
    """Every string that reads like a code or a wire name, with its line."""
    for node in source.nodes:
        match node:
            case ast.Constant(value=str(text)) if CODE.fullmatch(text):
                yield node.lineno, text


def words(name: str) -> tuple[str, ...]:
    """The words of a name in either spelling, in lower case."""
    return tuple(word.lower() for word in WORD.findall(name))


def empty(source: Source) -> Iterator[Finding]:
    """A name says what a thing is; no word that fits everything, no pattern's name.

    A command about a Service ends in its noun: `AddService` is no `...Service`.
    """
    for line, name in defined(source):
        said = set(words(name)) & EMPTY
        if said:
            yield line, f"{name} says nothing: {', '.join(sorted(said))}"
    for node in source.nodes:
        if isinstance(node, ast.ClassDef) and (
            node.name.lstrip("_").startswith(("Base", "Abstract"))
            or node.name.endswith(("Impl", "Mixin"))
            or (re.fullmatch(r"\w+Service", node.name) and "/usecases/" not in source.path)
        ):
            yield node.lineno, f"{node.name} is called after a pattern"


def glossary(source: Source) -> Iterator[Finding]:
    """One idea, one word, in identifiers, reason codes and wire names."""
    for line, name in (*defined(source), *coded(source)):
        for word in words(name):
            allowed = any(part in source.path and word == w for part, w in ALLOWED)
            if word in INSTEAD and not allowed:
                yield line, f"{name}: say {INSTEAD[word]}, not {word}"
