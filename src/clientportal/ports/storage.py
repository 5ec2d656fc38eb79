"""The storage port: three verbs, opened for one practice (PPL-1).

An adapter answers every `Query` of `ports.queries` in one function, checks the versions of what
was read when it commits, and keeps claims by constraint. `clientportal.testing.conformance` holds
what it must pass.
"""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Protocol

from clientportal.domain.ids import PracticeId
from clientportal.flows import Need
from clientportal.receipts import Commit, KeyUsed, Result


class UnitOfWork(Protocol):
    """One consistent look at one practice, and at most one write."""

    def read(self, needs: tuple[Need[Any], ...]) -> tuple[Any, ...]:
        """The answers to *needs*, in one round trip; owners that were read are remembered.

        Raises `NotFoundError` where the subject of a need is not there.
        """
        ...

    def commit(self, commit: Commit) -> Result:
        """All of *commit*, or nothing: None when done, else the value that says why not.

        Raises `StorageError` when nothing was done, `OutcomeUnknownError` when that is unknown.
        """
        ...

    def recall(self, key: str) -> KeyUsed | None:
        """What was committed under an idempotency key."""
        ...


class Storage(Protocol):
    """Where everything is kept."""

    def open(self, practice_id: PracticeId) -> AbstractContextManager[UnitOfWork]:
        """A unit of work for one practice; every statement in it is scoped to that practice."""
        ...

    def create(self) -> None:
        """Make it ready where it is not: what is kept already stays.

        Raises `StorageError` where something else is in its place.
        """
        ...

    def close(self) -> None:
        """Let go of what it holds open; using it again is allowed."""
        ...


class AsyncUnitOfWork(Protocol):
    """`UnitOfWork` in the other colour."""

    async def read(self, needs: tuple[Need[Any], ...]) -> tuple[Any, ...]:
        """As `UnitOfWork.read`."""
        ...

    async def commit(self, commit: Commit) -> Result:
        """As `UnitOfWork.commit`."""
        ...

    async def recall(self, key: str) -> KeyUsed | None:
        """As `UnitOfWork.recall`."""
        ...


class AsyncStorage(Protocol):
    """`Storage` in the other colour."""

    def open(self, practice_id: PracticeId) -> AbstractAsyncContextManager[AsyncUnitOfWork]:
        """As `Storage.open`."""
        ...
