"""What the caller hears of a denial; what one may not see is answered as if it were not there."""

from __future__ import annotations

from typing import Any, Final

import attrs

from clientportal.domain.actors import Actor
from clientportal.domain.ids import Id
from clientportal.domain.texts import check_text
from clientportal.errors import (
    MalformedError,
    NotFoundError,
    Problem,
    RefusedError,
    ThrottledError,
    UnauthenticatedError,
)
from clientportal.policies.decision import Decision, Kind
from clientportal.shapes import check
from clientportal.usecases.command import Command, View

_RAISED: Final = {
    Kind.REFUSED: RefusedError,
    Kind.UNAUTHENTICATED: UnauthenticatedError,
    Kind.THROTTLED: ThrottledError,
}


def check_call(what: object, actor: object, origin: object, key: object = None) -> None:
    """Raise `MalformedError` unless the portal was called with what it takes, well formed."""
    if not isinstance(actor, Actor):
        raise MalformedError(Problem("actor", "invalid_argument", "give an actor"))
    for path, text in (("origin", origin), ("key", key)):
        if text is not None:
            check_text(text, path, most=200)
    check(actor)
    check(what)


def check_command(command: object, actor: object, origin: object, key: object = None) -> None:
    """As `check_call`, for what can be done."""
    if not hasattr(type(command), "tests_secret"):
        raise MalformedError(Problem("command", "invalid_argument", "give a command"))
    check_call(command, actor, origin, key)


def check_askable(command: Command, actor: object, origin: object) -> None:
    """As `check_command`; what tests a secret is never merely asked (MSG-13)."""
    check_command(command, actor, origin)
    if command.tests_secret:
        advice = "do it; what tests a secret is never merely asked"
        raise MalformedError(Problem(command.name, "no_ask", advice))


def check_view(view: object, actor: object, origin: object) -> None:
    """As `check_call`, for what can be shown."""
    if not hasattr(type(view), "flow") or hasattr(type(view), "tests_secret"):
        raise MalformedError(Problem("view", "invalid_argument", "give a view"))
    check_call(view, actor, origin)


def check_token(token: object, path: str) -> str:
    """*token*, if it is text: what it opens is another question. Raises `MalformedError`."""
    if not isinstance(token, str):
        raise MalformedError(Problem(path, "invalid_token", "give the text as it was handed out"))
    return token


def absent(command: Command | View[Any]) -> NotFoundError:
    """The one answer for what is not there and for what one may not see: it tells no difference.

    It names the id that *command* looks up: the field `looks_up` names, else the first it holds.
    """
    cls: type[Any] = type(command)
    subject = getattr(cls, "looks_up", None)
    names = (each.name for each in attrs.fields(cls)) if subject is None else (subject,)
    ids = (getattr(command, name) for name in names)
    first = next((each for each in ids if isinstance(each, Id)), None)
    if first is None:
        return NotFoundError(command.name.partition(".")[0], "")
    return NotFoundError(first.noun, first)


def denied(command: Command | View[Any], decision: Decision) -> Exception:
    """The error that *decision*, a denial, is raised as."""
    kind = decision.reason.kind
    return absent(command) if kind is Kind.HIDDEN else _RAISED[kind](decision)
