"""Errors: a stable code, a hint, a text of ids and codes only, and they pickle."""

from __future__ import annotations

import inspect
import pickle
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from clientportal import errors
from clientportal.errors import (
    AdapterError,
    ClientPortalError,
    ConfigurationError,
    ConflictError,
    IntegrityError,
    MalformedError,
    NotFoundError,
    OutcomeUnknownError,
    Problem,
    RefusedError,
    StorageError,
    ThrottledError,
    UnauthenticatedError,
)
from clientportal.policies.decision import Decision, Kind, Reason

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
NO: Final = Decision(
    False, Reason("auto_closed", "conversation", "MSG-5", Kind.REFUSED), holds_until=NOW
)

EVERY: Final[list[Any]] = [
    (RefusedError(NO), "auto_closed", 403, "refused: conversation `auto_closed` (MSG-5)"),
    (UnauthenticatedError(NO), "auto_closed", 401, "refused: conversation `auto_closed` (MSG-5)"),
    (ThrottledError(NO), "auto_closed", 429, "refused: conversation `auto_closed` (MSG-5)"),
    (NotFoundError("client", "cli_1"), "not_found", 404, "no client `cli_1`"),
    (
        ConflictError("id_used"),
        "id_used",
        409,
        "conflict `id_used`: an id in it is already used; make a new one",
    ),
    (ConflictError("other"), "other", 409, "conflict `other`: try again"),
    (
        OutcomeUnknownError("k"),
        "outcome_unknown",
        503,
        "the outcome is unknown; repeat with key `k`",
    ),
    (
        OutcomeUnknownError(None),
        "outcome_unknown",
        503,
        "the outcome is unknown; look before repeating",
    ),
    (
        MalformedError(Problem("a", "b", "c"), Problem("d", "e", "f")),
        "b",
        400,
        "`a` b: c; `d` e: f",
    ),
    (MalformedError(), "malformed", 400, ""),
    (StorageError("busy", retryable=True), "busy", 503, "storage `busy`; try again"),
    (StorageError("full"), "full", 503, "storage `full`; see the operator"),
    (
        IntegrityError("content"),
        "integrity",
        500,
        "`content` is not what was written; restore it from a backup",
    ),
    (AdapterError("mail_refused"), "mail_refused", 502, "adapter `mail_refused`; see the operator"),
    (AdapterError("mail_busy", retryable=True), "mail_busy", 502, "adapter `mail_busy`; try again"),
    (
        ConfigurationError("no_storage", "name one"),
        "no_storage",
        500,
        "configuration `no_storage`: name one",
    ),
]


@pytest.mark.parametrize(
    ("error", "code", "hint", "text"), EVERY, ids=lambda one: getattr(one, "code", "")
)
def test_code_hint_and_text(error: ClientPortalError, code: str, hint: int, text: str) -> None:
    """Every error says whose move it is, by code, hint and text."""
    assert (error.code, error.http_status_hint, str(error)) == (code, hint, text)


@pytest.mark.parametrize(
    ("error", "code", "hint", "text"), EVERY, ids=lambda one: getattr(one, "code", "")
)
def test_errors_pickle(error: ClientPortalError, code: str, hint: int, text: str) -> None:
    """An error crosses processes with all it carries."""
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own
    assert type(back) is type(error)
    assert (back.code, str(back), vars(back)) == (code, text, vars(error))


def test_every_error_is_tried_here() -> None:
    """No error class is without a row above."""
    classes = {
        one
        for one in vars(errors).values()
        if inspect.isclass(one)
        and issubclass(one, ClientPortalError)
        and not one.__name__.startswith("_")
    }
    assert classes - {ClientPortalError} == {type(error) for error, *_ in EVERY}


def test_denials_carry_their_decision() -> None:
    """MSG-13: the decision itself; the throttled one says when to come back."""
    assert RefusedError(NO).decision is NO
    assert ThrottledError(NO).retry_at == NOW


@pytest.mark.parametrize(
    ("path", "parent", "expected"),
    [
        ("email", "client", "client.email"),
        ("[2]", "rows", "rows[2]"),
        ("", "rows", "rows"),
        ("email", "", "email"),
        ("[0].x", "a.b", "a.b[0].x"),
    ],
)
def test_problems_seen_from_one_level_up(path: str, parent: str, expected: str) -> None:
    """B19: dotted paths, brackets for items."""
    assert Problem(path, "c", "a").under(parent).path == expected
