"""Flows: needs are yielded, answers sent back; both drivers agree (PPL-7, MSG-13)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from attrs import frozen

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import ClientId, PracticeId
from clientportal.domain.people import Client
from clientportal.flows import (
    Change,
    Flow,
    Get,
    Need,
    Outcome,
    RowResult,
    Shown,
    Work,
    arun,
    fetch,
    run,
)
from clientportal.policies.decision import allow
from clientportal.usecases.command import Context, replaced

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
YES: Final = allow("yes", "x", "PPL-1")


@frozen
class Ask(Need[int]):
    """A number."""

    number: int


def adding() -> Flow[int]:
    """One need alone, then two at once."""
    first = yield from fetch(Ask(1))
    second, third = yield from fetch(Ask(2), Ask(3))
    return first + second + third


def answered(needs: Any) -> Any:
    """Ten times each number."""
    return tuple(need.number * 10 for need in needs)


async def answered_later(needs: Any) -> Any:
    """The same, awaited."""
    await asyncio.sleep(0)
    return answered(needs)


def test_both_drivers_agree() -> None:
    """One body for both colours."""
    assert run(adding(), answered) == asyncio.run(arun(adding(), answered_later)) == 60


def test_one_yield_is_one_round_trip() -> None:
    """What is asked together is answered together."""
    asked: list[int] = []

    def counting(needs: Any) -> Any:
        asked.append(len(needs))
        return answered(needs)

    run(adding(), counting)
    assert asked == [1, 2]


def test_what_an_answer_raises_reaches_the_caller() -> None:
    """An error while reading ends the flow."""

    def broken(_: Any) -> Any:
        msg = "no such thing"
        raise LookupError(msg)

    async def broken_later(_: Any) -> Any:
        return broken(None)

    with pytest.raises(LookupError):
        run(adding(), broken)
    with pytest.raises(LookupError):
        asyncio.run(arun(adding(), broken_later))


def test_the_values_that_flows_return() -> None:
    """An outcome may change, tell results and name the client; a view may show others besides."""
    outcome = Outcome(
        YES, (Change(None, ()),), results=(RowResult(key="k", code="c"),), about=ClientId("cli_1")
    )
    assert (outcome.changes[0].states, outcome.results[0].field) == ((), None)
    assert Shown(YES, 5, also=(ClientId("cli_2"),)).value == 5
    assert Get(Client, "cli_1") == Get(Client, "cli_1")
    assert Work.stand_in is None


def test_what_is_not_given_stays() -> None:
    """SET-1: None leaves a field as it is."""
    ann = Client(id=ClientId("cli_1"), given_name="Ann", phone="555-0100")
    assert replaced(ann, phone=None, given_name="Anna").phone == "555-0100"
    actor = Actor(practice_id=PracticeId("prc_1"), capacity=Capacity.SYSTEM)
    assert Context(actor=actor, now=NOW).origin is None


@pytest.mark.parametrize(
    ("given", "who"),
    [
        ({"capacity": Capacity.SYSTEM}, "system"),
        ({"capacity": Capacity.VISITOR}, "visitor"),
        ({"capacity": Capacity.CLIENT, "client_id": ClientId("cli_1")}, "cli_1"),
    ],
)
def test_who_is_on_record(given: dict[str, Any], who: str) -> None:
    """OUT-4: the id that audit names, else the capacity."""
    actor = Actor(practice_id=PracticeId("prc_1"), **given)
    assert actor.who == who
    assert (actor.is_staff, actor.is_client, actor.is_system) == (
        False,
        actor.capacity is Capacity.CLIENT,
        actor.capacity is Capacity.SYSTEM,
    )
