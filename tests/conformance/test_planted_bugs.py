"""The kit finds what it is there to find: storages with one defect each do not pass it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest
from attrs import define, evolve, field
from hypothesis import Phase

from clientportal.domain.claims import Exclusive, Unique
from clientportal.domain.ids import PracticeId
from clientportal.domain.people import Assignment, Client
from clientportal.embedded.memory import MemoryStorage, MemoryWork
from clientportal.embedded.room import Room
from clientportal.receipts import Commit, Result, Taken
from clientportal.testing.conformance.contract import CommitContract
from clientportal.testing.conformance.contract_claims import SIDE_BY_SIDE, ClaimContract
from clientportal.testing.conformance.contract_records import RecordContract
from clientportal.testing.conformance.reach import Reach
from clientportal.testing.conformance.samples import MEMBERS
from clientportal.testing.conformance.storage import play


@define
class KeepsClaims(MemoryWork):
    """Time that was given up stays held."""

    def commit(self, commit: Commit) -> Result:
        """As memory, but what was released is not."""
        before = dict(self.room.claims)
        result = super().commit(commit)
        if result is None:
            self.room.claims = {**before, **self.room.claims}
        return result


@define
class ForgetsOwners(MemoryWork):
    """A roster changes unseen: the version of the client stays as it was."""

    def commit(self, commit: Commit) -> Result:
        """As memory, but a client written with a roster entry keeps their version."""
        before = self.room.rows
        result = super().commit(commit)
        states = [state for change in commit.changes for state in change.states]
        if result is None and any(isinstance(state, Assignment) for state in states):
            for key in ((Client, s.id) for s in states if isinstance(s, Client)):
                if key in before:
                    self.room.rows[key] = (before[key][0], self.room.rows[key][1])
        return result


@define
class ForgetsKeys(MemoryWork):
    """An idempotency key that was used before is used once more."""

    def commit(self, commit: Commit) -> Result:
        """As memory, but no key stands in the way."""
        if commit.entry is not None:
            self.room.keys.pop(commit.entry.key or "", None)
        return super().commit(commit)


@define
class DropsEvents(MemoryWork):
    """Of several events in one commit, the last is lost."""

    def commit(self, commit: Commit) -> Result:
        """As memory, but one event less where there are two."""
        receipt = commit.receipt
        if receipt is not None and len(receipt.events) > 1:
            commit = evolve(commit, receipt=evolve(receipt, events=receipt.events[:-1]))
        return super().commit(commit)


@define
class NeverStale(MemoryWork):
    """What was read is not looked at again: updates are lost."""

    def _stale(self) -> bool:
        return False


@define
class Refuses(MemoryWork):
    """Refuses claims that nothing stands in the way of."""

    def clashes(self, wanted: Any, held: Any) -> bool:
        """Whether the defect sees a clash."""
        return False

    def commit(self, commit: Commit) -> Result:
        """As memory, but for the clashes it sees."""
        states = {(type(s), s.id): s for change in commit.changes for s in change.states}
        held = {claim for claim, key in self.room.claims.items() if key not in states}
        for state in states.values():
            if any(self.clashes(a, b) for a in state.claims for b in held):
                return Taken("slot_taken")
        return super().commit(commit)


@define
class OneLane(Refuses):
    """Lanes are not told apart."""

    def clashes(self, wanted: Any, held: Any) -> bool:
        """Compares claims without their lanes."""
        both = isinstance(wanted, Exclusive) and isinstance(held, Exclusive)
        return both and wanted.meets(evolve(held, lane=wanted.lane))


@define
class ClosedEnds(Refuses):
    """Intervals are closed: neighbours that touch are taken to meet."""

    def clashes(self, wanted: Any, held: Any) -> bool:
        """Compares claims with both their ends."""
        if not (isinstance(wanted, Exclusive) and isinstance(held, Exclusive)):
            return False
        same = (wanted.resource, wanted.lane) == (held.resource, held.lane)
        one, other = wanted.interval, held.interval
        return same and one.start <= other.end and other.start <= one.end


@define
class Leaks(MemoryStorage):
    """What is unique in one practice is taken in the other."""

    @contextmanager
    def open(self, practice_id: PracticeId) -> Iterator[MemoryWork]:
        """A unit of work that looks at everybody's claims."""
        others = [room for name, room in self.rooms.items() if name != practice_id]
        with MemoryStorage.open(self, practice_id) as work:
            yield LeakingWork(work.practice_id, work.room, lock=work.lock, others=others)


@define
class LeakingWork(MemoryWork):
    """Looks at the claims of all practices."""

    others: list[Room] = field(kw_only=True)

    def commit(self, commit: Commit) -> Result:
        """As memory, but for what others hold."""
        for state in (state for change in commit.changes for state in change.states):
            for claim in state.claims:
                if isinstance(claim, Unique) and any(claim in room.claims for room in self.others):
                    return Taken(claim.name)
        return super().commit(commit)


def storage_of(work: type[MemoryWork]) -> Callable[[], MemoryStorage]:
    """Memory whose units of work are of the kind *work*."""

    @define
    class Planted(MemoryStorage):
        """Memory with one defect."""

        @contextmanager
        def open(self, practice_id: PracticeId) -> Iterator[MemoryWork]:
            """A unit of work with the defect."""
            with MemoryStorage.open(self, practice_id) as sound:
                yield work(sound.practice_id, sound.room, lock=sound.lock)

    return Planted


def _member(storage: Callable[[], MemoryStorage]) -> None:
    owner, entry = next(pair for pair in MEMBERS if isinstance(pair[1], Assignment))
    CommitContract().test_a_set_belongs_to_its_owner(storage, owner, entry)


def _row(name: str) -> Callable[[Callable[[], MemoryStorage]], None]:
    row: Any = next(each for each in SIDE_BY_SIDE if each.id == name)
    return lambda storage: ClaimContract().test_two_meetings(storage, *row.values)


#: The storage, and the part of the contract that finds its defect without any machine.
PLANTED: Final = [
    pytest.param(
        storage_of(KeepsClaims),
        ClaimContract().test_a_release_frees_the_time,
        id="claim never released",
    ),
    pytest.param(storage_of(ForgetsOwners), _member, id="roster without its owner"),
    pytest.param(storage_of(ForgetsKeys), RecordContract().test_recall, id="key not checked"),
    pytest.param(
        storage_of(DropsEvents), RecordContract().test_the_outbox_is_in_order, id="event dropped"
    ),
    pytest.param(storage_of(NeverStale), CommitContract().test_stale, id="lost update"),
    pytest.param(storage_of(OneLane), _row("two buffers share"), id="lanes not told apart"),
    pytest.param(storage_of(ClosedEnds), _row("adjacent"), id="closed ends"),
    pytest.param(Leaks, CommitContract().test_practices_do_not_meet, id="practices meet"),
]


@pytest.mark.parametrize(("storage", "contract"), PLANTED)
def test_the_contract_finds_it(storage: Any, contract: Callable[[Any], None]) -> None:
    """The contract for commits refuses a storage with this defect, and no other."""
    with pytest.raises(AssertionError):
        contract(storage)
    contract(MemoryStorage)


@pytest.mark.parametrize(("storage", "contract"), PLANTED)
def test_the_machine_finds_it(storage: Any, contract: object) -> None:
    """Random commands find this defect too, within the usual number of plays."""
    with pytest.raises(AssertionError):
        play(storage, Reach(), phases=(Phase.generate,))
