"""What goes on record of a command or view: who, on which client, with what outcome (OUT-4)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from attrs import frozen

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, EntryId
from clientportal.errors import ConflictError
from clientportal.flows import Shown
from clientportal.policies.decision import Decision
from clientportal.receipts import Entry, KeyUsed, Receipt
from clientportal.usecases.command import Context

KEYS_LIVE: Final = timedelta(days=30)


@frozen(kw_only=True)
class Idempotency:
    """An idempotency key within its scope, and the fingerprint of the body it belongs to."""

    key: str
    fingerprint: str


def idempotency_of(key: str, actor: Actor, name: str, body: str) -> Idempotency:
    """*key* belongs to who used it for what: another's same key is another key."""
    return Idempotency(key=_digest(actor.who, name, key), fingerprint=_digest(name, body))


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


def entry_of(
    id: EntryId,  # noqa: A002 - the record's own
    name: str,
    context: Context,
    decision: Decision,
    *,
    about: ClientId | None = None,
    once: Idempotency | None = None,
) -> Entry:
    """The record of one command or view."""
    actor = context.actor
    return Entry(
        id=id,
        practice_id=actor.practice_id,
        at=context.now,
        who=actor.who,
        capacity=actor.capacity.value,
        name=name,
        about=about,
        allowed=decision.allowed,
        reason=decision.reason.code,
        key=None if once is None else once.key,
        fingerprint=None if once is None else once.fingerprint,
    )


def is_same(known: KeyUsed, entry: Entry) -> bool:
    """Whether what was done under a key is what is asked for now."""
    return known.fingerprint == entry.fingerprint


def again(known: KeyUsed, entry: Entry) -> Receipt:
    """The receipt of the first time, if it was the same command.

    Raises `ConflictError`: `key_mismatch`, `key_expired`.
    """
    if not is_same(known, entry):
        raise ConflictError("key_mismatch")
    if entry.at - known.at >= KEYS_LIVE:
        raise ConflictError("key_expired")
    return known.receipt


def on_record(shown: Shown[Any], actor: Actor) -> tuple[ClientId | None, ...]:
    """Whose records were shown to somebody else, or refused to anybody."""
    everybody = (*(() if shown.about is None else (shown.about,)), *shown.also)
    if not shown.decision:
        return everybody[:1] or (None,)
    return tuple(each for each in everybody if not (actor.is_client and actor.client_id == each))
