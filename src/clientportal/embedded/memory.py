"""Storage in dictionaries: the meaning of the storage port, as plainly as it can be said.

Everything is lost when the process ends. Each practice has a room of its own, so nothing crosses
from one to another (PPL-1).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import RLock
from typing import Any

from attrs import define, field, frozen

from clientportal.domain.accounts import Throttle
from clientportal.domain.appointment_notices import AppointmentNotice
from clientportal.domain.claims import Claim, Exclusive
from clientportal.domain.deliveries import Delivery
from clientportal.domain.feeds import Feed
from clientportal.domain.ids import PracticeId
from clientportal.domain.messages import Message, Reading, Tombstone
from clientportal.domain.notices import Notice
from clientportal.embedded.answers import ANSWERS
from clientportal.embedded.room import Key, Look, Room
from clientportal.errors import IntegrityError
from clientportal.flows import Change, Get, Need, State
from clientportal.receipts import (
    Commit,
    KeyUsed,
    Result,
    Stale,
    Taken,
)

#: Ids that nobody makes: whoever inserts one first wins, the other decides again.
NATURAL = (Throttle, Reading, Notice, AppointmentNotice, Delivery, Feed)


@define
class MemoryStorage:
    """A `Storage` in memory, for tests, demonstrations and the first five minutes."""

    rooms: dict[PracticeId, Room] = field(factory=dict)
    lock: Any = field(factory=RLock, repr=False)

    @contextmanager
    def open(self, practice_id: PracticeId) -> Iterator[MemoryWork]:
        """A unit of work for one practice."""
        with self.lock:
            room = self.rooms.setdefault(practice_id, Room())
        yield MemoryWork(practice_id, room, lock=self.lock)

    def create(self) -> None:
        """Memory is always ready."""

    def close(self) -> None:
        """Memory holds nothing open."""


@define
class MemoryWork(Look):
    """One look at a room, and at most one write."""

    lock: Any = field(repr=False, kw_only=True)

    def read(self, needs: tuple[Need[Any], ...]) -> tuple[Any, ...]:
        """The answers to *needs*, all of one moment."""
        with self.lock:
            return tuple(
                self.get(need.kind, need.id)
                if isinstance(need, Get)
                else ANSWERS[type(need)](self, need)
                for need in needs
            )

    def recall(self, key: str) -> KeyUsed | None:
        """What was committed under an idempotency key."""
        return self.room.keys.get(key)

    def commit(self, commit: Commit) -> Result:
        """All of *commit*, or nothing."""
        with self.lock:
            return self._commit(commit)

    def _commit(self, commit: Commit) -> Result:
        entry = commit.entry
        keyed = entry is not None and entry.allowed and entry.key is not None
        if entry is not None and keyed and entry.key in self.room.keys:
            return self.room.keys[entry.key]
        final = _final(commit.changes)
        made = {(type(state), state.id) for change in commit.changes for state in change.made}
        done = commit.receipt is not None and entry is not None and entry.allowed
        if (final or done) and self._stale():
            return Stale()
        written = _Writing(self.room, self.seen)
        for state in final.values():
            fault = written.put(state, final, made)
            if fault is not None:
                return fault
        fault = written.claimed()
        if fault is not None:
            return fault
        self.room.rows, self.room.claims = written.rows, written.claims
        self._record(commit)
        return None

    def _stale(self) -> bool:
        """Whether an owner that was read has changed; members are covered by their owners."""
        rows = self.room.rows
        return any(
            rows.get(key, (0, None))[0] != version
            for key, (version, state) in self.seen.items()
            if state.belongs_to is None
        )

    def _record(self, commit: Commit) -> None:
        entry, receipt = commit.entry, commit.receipt
        if entry is None:
            return
        self.room.audit.extend((entry, *commit.others))
        if receipt is not None and entry.allowed:
            self.room.outbox.extend(receipt.events)
            self.room.sources.extend([entry] * len(receipt.events))
            if entry.key is not None:
                used = KeyUsed(entry.fingerprint or "", receipt, entry.at)
                self.room.keys[entry.key] = used


def _final(changes: tuple[Change, ...]) -> dict[Key, State]:
    """Every state as it stands after all *changes*."""
    return {(type(state), state.id): state for change in changes for state in change.states}


@frozen
class _Writing:
    """A room as it would be; kept only if everything fits."""

    room: Room
    seen: dict[Key, tuple[int, Any]]
    rows: dict[Key, tuple[int, Any]] = field(init=False)
    claims: dict[Claim, Key] = field(init=False)
    freed: dict[Claim, Key] = field(factory=dict, init=False)
    wanted: dict[Claim, Key] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        """Copies, so that a commit that fails changes nothing."""
        object.__setattr__(self, "rows", dict(self.room.rows))
        object.__setattr__(self, "claims", dict(self.room.claims))

    def put(self, state: State, final: dict[Key, State], made: set[Key]) -> Result:
        """*state* in its row, or why not; its claims are gathered."""
        key = (type(state), state.id)
        owner = state.belongs_to
        if owner is not None and owner not in {each.id for each in final.values()}:
            raise IntegrityError("member without its owner")
        version, before = self.rows.get(key, (0, None))
        once = owner is None or isinstance(state, Message | Tombstone)
        if version and (key in made or (once and key not in self.seen)):
            return Stale() if isinstance(state, NATURAL) else Taken("id_used")
        held = set() if before is None else set(before.claims)
        self.freed.update(dict.fromkeys(held - set(state.claims), key))
        self.wanted.update(dict.fromkeys(set(state.claims) - held, key))
        self.rows[key] = (version + 1, state)
        return None

    def claimed(self) -> Result:
        """Releases before takes; a claim that another holds takes nothing."""
        for claim in self.freed:
            self.claims.pop(claim, None)
        for claim, key in sorted(self.wanted.items(), key=lambda each: str(each[0])):
            if any(_meet(claim, held) for held in self.claims):
                return Taken("slot_taken" if isinstance(claim, Exclusive) else claim.name)
            self.claims[claim] = key
        return None


def _meet(a: Claim, b: Claim) -> bool:
    if isinstance(a, Exclusive) and isinstance(b, Exclusive):
        return a.meets(b)
    return a == b
