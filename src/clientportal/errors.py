"""What can go wrong, by whose move it is: the person's, the caller's, the operator's, or try again.

Every error has a stable ``code`` and a ``http_status_hint``; the text is made here, from fields,
and holds ids and codes only, never anything personal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

    from clientportal.policies.decision import Decision


class ClientPortalError(Exception):
    """Root of all errors of this library."""

    code: str = "error"
    http_status_hint: ClassVar[int] = 500


class _DeniedError(ClientPortalError):
    """What all denials share: the decision they carry."""

    def __init__(self, decision: Decision) -> None:
        super().__init__(decision)
        self.decision = decision
        self.code = decision.reason.code

    def __str__(self) -> str:
        reason = self.decision.reason
        return f"refused: {reason.noun} `{reason.code}` ({reason.rule})"


class RefusedError(_DeniedError):
    """A policy said no; ``decision`` says why."""

    http_status_hint = 403


class UnauthenticatedError(_DeniedError):
    """Nobody is signed in, the session ended, or a factor shown recently is needed."""

    http_status_hint = 401


class ThrottledError(_DeniedError):
    """Too many tries; the same try is welcome from ``retry_at`` on."""

    http_status_hint = 429

    @property
    def retry_at(self) -> datetime | None:
        """When to try again, aware UTC; None where only somebody else's act helps."""
        return self.decision.holds_until


class NotFoundError(ClientPortalError):
    """Nothing is stored under that id, or nothing that this actor may know of."""

    code = "not_found"
    http_status_hint = 404

    def __init__(self, kind: str, id: str) -> None:  # noqa: A002 - the word of the domain
        super().__init__(kind, id)
        self.kind = kind
        self.id = id

    def __str__(self) -> str:
        return f"no {self.kind} `{self.id}`"


class ConflictError(ClientPortalError):
    """Something else happened first: `stale`, `id_used`, `key_mismatch` or `key_expired`."""

    http_status_hint = 409
    ADVICE: ClassVar[dict[str, str]] = {
        "stale": "it changed while this was decided, too often; try again",
        "id_used": "an id in it is already used; make a new one",
        "key_mismatch": "the idempotency key belongs to another body; use a new key",
        "key_expired": "the idempotency key is older than 30 days; use a new key",
    }

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def __str__(self) -> str:
        return f"conflict `{self.code}`: {self.ADVICE.get(self.code, 'try again')}"


class OutcomeUnknownError(ClientPortalError):
    """The answer was lost; repeat with the same idempotency key to learn what happened."""

    code = "outcome_unknown"
    http_status_hint = 503

    def __init__(self, key: str | None) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        again = "look before repeating" if self.key is None else f"repeat with key `{self.key}`"
        return f"the outcome is unknown; {again}"


class Problem(NamedTuple):
    """One thing wrong with outside data: where (``client.email``), a stable code, what to do."""

    path: str
    code: str
    advice: str

    def under(self, parent: str) -> Problem:
        """The same problem, seen from one level up."""
        joined = self.path if self.path.startswith("[") or not self.path else f".{self.path}"
        return self._replace(path=f"{parent}{joined}" if parent else self.path)


class MalformedError(ClientPortalError):
    """Outside data could not be structured; ``problems`` are all that was found."""

    http_status_hint = 400

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems
        self.code = problems[0].code if problems else "malformed"

    def __str__(self) -> str:
        return "; ".join(f"`{p.path}` {p.code}: {p.advice}" for p in self.problems)


class StorageError(ClientPortalError):
    """Storage is full, busy, read-only or unreachable; nothing was changed."""

    http_status_hint = 503

    def __init__(self, code: str, *, retryable: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable

    def __reduce__(self) -> tuple[object, ...]:
        return (_storage_error, (self.code, self.retryable))

    def __str__(self) -> str:
        return f"storage `{self.code}`; {'try again' if self.retryable else 'see the operator'}"


def _storage_error(code: str, retryable: bool) -> StorageError:  # noqa: FBT001 - positional for pickle
    return StorageError(code, retryable=retryable)


class IntegrityError(ClientPortalError):
    """Stored or sealed data is not what was written."""

    code = "integrity"

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return f"`{self.what}` is not what was written; restore it from a backup"


class AdapterError(ClientPortalError):
    """A port other than storage failed; the cause is kept."""

    http_status_hint = 502

    def __init__(self, code: str, *, retryable: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable

    def __reduce__(self) -> tuple[object, ...]:
        return (_adapter_error, (self.code, self.retryable))

    def __str__(self) -> str:
        return f"adapter `{self.code}`; {'try again' if self.retryable else 'see the operator'}"


def _adapter_error(code: str, retryable: bool) -> AdapterError:  # noqa: FBT001 - positional for pickle
    return AdapterError(code, retryable=retryable)


class ConfigurationError(ClientPortalError):
    """An adapter or a setting is missing, duplicate or wrong; says what is there."""

    def __init__(self, code: str, advice: str) -> None:
        super().__init__(code, advice)
        self.code = code
        self.advice = advice

    def __str__(self) -> str:
        return f"configuration `{self.code}`: {self.advice}"
