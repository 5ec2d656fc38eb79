"""What one practice stores in memory, and how it is looked at."""

from __future__ import annotations

from typing import Any, TypeAlias, TypeVar

from attrs import define, field

from clientportal.domain.claims import Claim
from clientportal.domain.ids import PracticeId
from clientportal.errors import NotFoundError
from clientportal.receipts import Entry, KeyUsed, Published

Key: TypeAlias = tuple[type, str]
S = TypeVar("S")


@define
class Room:
    """What one practice stores: rows with their versions, claims with their holders, records."""

    rows: dict[Key, tuple[int, Any]] = field(factory=dict)
    claims: dict[Claim, Key] = field(factory=dict)
    outbox: list[Published] = field(factory=list)
    sources: list[Entry] = field(factory=list)  # of each event the record it was written with
    audit: list[Entry] = field(factory=list)
    keys: dict[str, KeyUsed] = field(factory=dict)

    def all(self, kind: type[S]) -> list[S]:
        """Every state of *kind*, by id."""
        found = [(key[1], row[1]) for key, row in self.rows.items() if key[0] is kind]
        return [state for _, state in sorted(found, key=lambda each: each[0])]


@define
class Look:
    """One look at a room; what is read is remembered with its version."""

    practice_id: PracticeId
    room: Room
    seen: dict[Key, tuple[int, Any]] = field(factory=dict)

    def get(self, kind: type[S], id: str, subject: str | None = None) -> S:  # noqa: A002
        """The one of *kind* under *id*, remembered; `NotFoundError` names *subject*."""
        found = self.find(kind, id)
        if found is None:
            raise NotFoundError(subject or kind.__name__.lower(), id)
        return found

    def find(self, kind: type[S], id: str) -> S | None:  # noqa: A002
        """The one of *kind* under *id*, remembered, or None."""
        row = self.room.rows.get((kind, id))
        if row is None:
            return None
        state: S = row[1]
        return self.remember(state)

    def remember(self, state: S) -> S:
        """*state*, whose version the commit will check."""
        key = (type(state), state.id)  # type: ignore[attr-defined] # every state has an id
        self.seen.setdefault(key, self.room.rows[key])  # what was decided on is what counts
        return state
