"""Other faces of a storage: one that lets somebody else go first, one in the other colour."""

from __future__ import annotations

from asyncio import Future, get_running_loop
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from attrs import define, field, frozen

from clientportal.domain.ids import PracticeId
from clientportal.flows import Need
from clientportal.ports.storage import Storage, UnitOfWork
from clientportal.receipts import Commit, KeyUsed, Result


@define
class Interrupted:
    """A storage in which *deed* is done once: before the first commit, or the read after *reads*.

    Every schedule of two commands without a second line of execution and without waiting.
    """

    storage: Storage
    deed: Callable[[], object] | None
    reads: int = 99

    @contextmanager
    def open(self, practice_id: PracticeId) -> Iterator[InterruptedWork]:
        """A unit of work that the deed may come between."""
        with self.storage.open(practice_id) as work:
            yield InterruptedWork(work, self)

    def create(self) -> None:
        """As the storage beneath."""
        self.storage.create()

    def close(self) -> None:
        """As the storage beneath."""
        self.storage.close()

    def happen(self) -> None:
        """Do the deed, if it was not done before."""
        deed, self.deed = self.deed, None
        if deed is not None:
            deed()


@frozen
class InterruptedWork:
    """A unit of work whose commit comes second."""

    work: UnitOfWork
    face: Interrupted

    def read(self, needs: tuple[Need[Any], ...]) -> tuple[Any, ...]:
        """As the storage beneath; the deed may come first."""
        if self.face.reads == 0:
            self.face.happen()
        self.face.reads -= 1
        return self.work.read(needs)

    def commit(self, commit: Commit) -> Result:
        """As the storage beneath, once the deed is done."""
        self.face.happen()
        return self.work.commit(commit)

    def recall(self, key: str) -> KeyUsed | None:
        """As the storage beneath."""
        return self.work.recall(key)


def _at_once(value: Any) -> Future[Any]:
    future: Future[Any] = get_running_loop().create_future()
    future.set_result(value)
    return future


@frozen
class Awaited:
    """An `AsyncStorage` over a storage of the other colour; it never lets anybody else run."""

    storage: Storage

    def open(self, practice_id: PracticeId) -> AwaitedWork:
        """As the storage beneath."""
        return AwaitedWork(self.storage.open(practice_id))


@define
class AwaitedWork:
    """An `AsyncUnitOfWork` over one of the other colour."""

    context: Any
    work: Any = field(default=None, init=False)

    def __aenter__(self) -> Future[AwaitedWork]:
        """Enter the unit of work beneath."""
        self.work = self.context.__enter__()
        return _at_once(self)

    def __aexit__(self, *raised: object) -> Future[bool | None]:
        """Leave the unit of work beneath."""
        return _at_once(self.context.__exit__(*raised))

    def read(self, needs: tuple[Need[Any], ...]) -> Future[tuple[Any, ...]]:
        """As the storage beneath."""
        return _at_once(self.work.read(needs))

    def commit(self, commit: Commit) -> Future[Result]:
        """As the storage beneath."""
        return _at_once(self.work.commit(commit))

    def recall(self, key: str) -> Future[KeyUsed | None]:
        """As the storage beneath."""
        return _at_once(self.work.recall(key))
