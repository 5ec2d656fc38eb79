"""The kit for storages: what each must do, and a machine that plays it against memory.

An adapter writes this, and nothing else::

    class TestMine(StorageKit):
        @pytest.fixture
        def storage(self, tmp_path):
            return lambda: MyStorage(...)  # fresh and empty each time
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar, Final, cast

import pytest
from attrs import evolve
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from clientportal.domain.ids import ClientId
from clientportal.errors import ClientPortalError
from clientportal.portal import AsyncPortal
from clientportal.ports.storage import AsyncStorage
from clientportal.records import KEYS_LIVE
from clientportal.testing.builders import PRACTICE, Answered, Denied, World
from clientportal.testing.cast import ANN, OWNER, populate
from clientportal.testing.conformance.contract import CommitContract, Factory
from clientportal.testing.conformance.contract_claims import ClaimContract
from clientportal.testing.conformance.contract_records import RecordContract
from clientportal.testing.conformance.desk import EVERY_CHECK
from clientportal.testing.conformance.faces import Awaited
from clientportal.testing.conformance.machine import DECK, SideBySide
from clientportal.testing.conformance.picks import Lots, Move, Picks
from clientportal.testing.conformance.reach import FLOOR, Reach
from clientportal.testing.conformance.sights import Sights
from clientportal.usecases.settings import SetLanguage

#: Hypothesis makes ten new examples before it starts to vary them; variations reach nothing new.
EXAMPLES: Final = 10
STEPS: Final = 160


def play(
    storage: Factory,
    reach: Reach,
    records: Any = lambda _, __: None,
    *,
    times: int | None = None,
    phases: Collection[Phase] = tuple(Phase),
) -> None:
    """Run the machine so many *times*: by default once for every 16 examples of the profile.

    Raises `AssertionError` where the storage and memory differ.
    """
    profile = settings()
    chosen = settings(
        profile,
        phases=phases,
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=EVERY_CHECK,
    )
    for number in range(times or max(profile.max_examples // 16, 1)):
        run_state_machine_as_test(_machine(storage, reach, records, number), settings=chosen)


def _machine(storage: Factory, reach: Reach, records: Any, number: int) -> Any:
    return lambda: SideBySide(storage, reach, records, number=number)


class StorageKit(CommitContract, ClaimContract, RecordContract):
    """What a storage must pass. A subclass gives the fixture ``storage``.

    It may override `records`, so that audit records are counted too, and *floor*.
    """

    floor: ClassVar[Mapping[tuple[str, str], int]] = FLOOR

    def test_side_by_side(
        self, storage: Factory, request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Whatever is commanded, this storage and memory say the same and hold the same."""
        reach = Reach()
        play(storage, reach, self.records)
        if request.config.get_verbosity() > 0:
            with capsys.disabled():
                sys.stdout.write(f"\n{reach.table()}\n")
        below = list(reach.below(self.floor))
        assert not below, "the machine did not reach: " + "; ".join(below)

    def test_keys(self, storage: Factory) -> None:
        """A key gives the first receipt, to the same command, for thirty days."""
        world = populate(World(storage()))
        actor, other = world.client(ANN), world.staff(OWNER)
        command = SetLanguage(client_id=ANN, language="de")
        first = world.do(command, actor, key="k")
        assert world.do(command, actor, key="k") == first
        changed = evolve(command, language="fr")
        assert world.do(changed, actor, key="k") == Denied("ConflictError", "key_mismatch")
        assert not isinstance(world.do(changed, other, key="k"), Denied)
        world.pass_time(KEYS_LIVE - timedelta(microseconds=1))
        assert world.do(command, actor, key="k") == first
        world.pass_time(timedelta(microseconds=1))
        assert world.do(command, actor, key="k") == Denied("ConflictError", "key_expired")

    def test_a_refused_key_may_succeed(self, storage: Factory) -> None:
        """What was refused is decided again under its key; what succeeded stays so."""
        world = populate(World(storage()))
        command = SetLanguage(client_id=ANN, language="de")
        refused = world.do(command, world.client(ClientId("cli_3")), key="k")
        assert isinstance(refused, Denied)
        assert not isinstance(world.do(command, world.client(ANN), key="k"), Denied)

    def test_both_drivers_agree(self, storage: Factory) -> None:
        """The portal of the other colour says the same, command by command."""
        one, other, reference = (
            populate(World(each)) for each in (storage(), storage(), World().storage)
        )
        portal = _awaited(other)
        for move in _moves(reference):
            answers = one.do(move.command, move.actor), _await(portal, move)
            assert answers[0] == answers[1] == reference.do(move.command, move.actor), move
        sights = [Sights(reference.storage.rooms[PRACTICE], each) for each in (one, other)]  # type: ignore[attr-defined] # memory's
        for need in sights[0].needs():
            assert sights[0].answer(need) == sights[1].answer(need), need


def _awaited(world: World) -> AsyncPortal:
    return AsyncPortal(
        storage=cast(AsyncStorage, Awaited(world.storage)),
        clock=world.clock,
        new_id=world.portal.new_id,
        wire=world.wire,
        workshop=world.workshop,
    )


def _await(portal: AsyncPortal, move: Move) -> Answered:
    content = getattr(move.command, "content", None)
    if content is not None:
        content.stream.seek(0)
    try:
        return asyncio.run(portal.do(move.command, actor=move.actor))
    except ClientPortalError as error:
        return Denied(type(error).__name__, error.code)


def _moves(reference: World) -> Iterator[Move]:
    """Two hundred commands that do not make secrets of their own, drawn from what then lives."""
    draws = [
        d for group in ("people", "practice", "records", "meetings", "writing") for d in DECK[group]
    ]
    for seed in range(200):
        picks = Picks(Lots(str(seed)), reference)
        yield picks.one(*draws)(picks)
