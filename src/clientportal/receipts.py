"""What is handed to storage in one commit, and what comes back."""

from __future__ import annotations

from typing import TypeAlias

from attrs import field, frozen

from clientportal.domain.ids import ClientId, EntryId, PracticeId
from clientportal.domain.moments import Moment
from clientportal.flows import Change, RowResult


@frozen(kw_only=True)
class Entry:
    """The audit record of one command or view; with a *key* the idempotency record as well.

    Who acted in which capacity, on which client, with what outcome: ids and codes, never contents.
    """

    id: EntryId
    practice_id: PracticeId
    at: Moment
    who: str
    capacity: str
    name: str
    about: ClientId | None
    allowed: bool
    reason: str
    key: str | None = None
    fingerprint: str | None = field(default=None, repr=False)


@frozen(kw_only=True)
class Published:
    """An event as the outside sees it: its stable wire *name*, its *body* as JSON."""

    name: str
    body: str


@frozen(kw_only=True)
class Receipt:
    """What a command did, in words small enough to be given again: never states."""

    reason: str
    events: tuple[Published, ...] = ()
    results: tuple[RowResult, ...] = ()


@frozen
class Commit:
    """One transaction: states and claims, events for the outbox, the record.

    Without an entry it is bookkeeping that leaves no record (a session seen). A look at several
    clients' records leaves one each: the *others* beside the entry.
    """

    changes: tuple[Change, ...]
    entry: Entry | None = None
    receipt: Receipt | None = None
    others: tuple[Entry, ...] = field(default=(), kw_only=True)


@frozen
class Stale:
    """Something that was read has changed meanwhile."""


@frozen
class Taken:
    """A claim is held by another, or (`id_used`) an id is."""

    code: str


@frozen
class KeyUsed:
    """The idempotency key was used before: by which body, with which receipt, when."""

    fingerprint: str
    receipt: Receipt
    at: Moment


Result: TypeAlias = Stale | Taken | KeyUsed | None
