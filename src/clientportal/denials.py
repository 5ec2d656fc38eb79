"""What the caller hears of a denial; what one may not see is answered as if it were not there."""

from __future__ import annotations

from typing import Any, Final

import attrs

from clientportal.domain.ids import Id
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


def check_askable(command: Command) -> None:
    """Raise `MalformedError` unless *command* is well formed and tests no secret (MSG-13)."""
    check(command)
    if command.tests_secret:
        advice = "do it; what tests a secret is never merely asked"
        raise MalformedError(Problem(command.name, "no_ask", advice))


def absent(command: Command | View[Any]) -> NotFoundError:
    """The one answer for what is not there and for what one may not see: it tells no difference."""
    cls: type[Any] = type(command)
    ids = (getattr(command, each.name) for each in attrs.fields(cls))
    first = next((str(each) for each in ids if isinstance(each, Id)), "")
    return NotFoundError(command.name.partition(".")[0], first)


def denied(command: Command | View[Any], decision: Decision) -> Exception:
    """The error that *decision*, a denial, is raised as."""
    kind = decision.reason.kind
    return absent(command) if kind is Kind.HIDDEN else _RAISED[kind](decision)
