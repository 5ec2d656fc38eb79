"""Many at once into one time: moved, accepted, restored; one gets it, nobody overlaps (APT-7)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from tests.races.test_races import at_once, won

from clientportal.domain.ids import AppointmentId, ClientId, InviteId
from clientportal.domain.moments import Moment
from clientportal.domain.people import Client
from clientportal.testing.builders import Answered, Denied, World
from clientportal.testing.cast import ANN, OWNER, PRACTITIONER, TALK, populate
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
)
from clientportal.usecases.people import AddClient
from clientportal.usecases.rescheduling import RescheduleAppointment, RestoreAppointment
from clientportal_sql.storage import SqlStorage

pytestmark = pytest.mark.ci

MANY, SLOTS = 12, 20
TAKEN: Final = Denied("RefusedError", "slot_taken")
#: What somebody else has answered meanwhile.
STALE: Final = Denied("ConflictError", "stale")
OVERLAPS: Final = """
    select count(*) from appointment a join appointment b
    on a.practice_id = b.practice_id and a.id < b.id
    and (a.staff_id = b.staff_id or a.client_id = b.client_id)
    and a.interval_start < b.interval_end and b.interval_start < a.interval_end
    where a.status in ('requested', 'booked', 'fulfilled', 'no_show')
    and b.status in ('requested', 'booked', 'fulfilled', 'no_show')
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the practice is kept."""
    return tmp_path / "moves.db"


@pytest.fixture
def world(file: Path) -> Iterator[World]:
    """A populated practice in a SQLite file, with a dozen clients more."""
    storage = SqlStorage.at(file)
    storage.create()
    world = populate(World(storage))
    for n in range(MANY):
        client = Client(id=ClientId.of(f"b{n}"), given_name="Bo")
        world.done(AddClient(client=client, invite_id=InviteId.of(f"b{n}")), world.staff(OWNER))
    yield world
    storage.close()


def made(world: World, number: int, n: int, start: Moment) -> AppointmentId:
    """The appointment of one of the dozen, made by staff."""
    appointment_id = AppointmentId.of(f"r{number}-{n}")
    book = BookAppointment(
        appointment_id=appointment_id,
        client_id=ClientId.of(f"b{n}"),
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=start,
    )
    world.done(book, world.staff(OWNER))
    return appointment_id


def overlaps(file: Path) -> int:
    """How many pairs of appointments overlap, by their times alone."""
    with sqlite3.connect(file) as connection:
        found: int = connection.execute(OVERLAPS).fetchone()[0]
    return found


def one_of(answers: list[Answered]) -> None:
    """One got the time, the others hear that it is taken."""
    assert len(won(answers)) == 1
    assert Counter(each for each in answers if isinstance(each, Denied)) == {TAKEN: MANY - 1}


def test_one_time_takes_one_move(world: World, file: Path) -> None:
    """Of a dozen who are moved into one time at once, one is."""
    owner = world.staff(OWNER)
    for number in range(SLOTS):
        day = world.clock.at + timedelta(days=3 + 2 * number)
        ids = [made(world, number, n, day + timedelta(hours=n)) for n in range(MANY)]
        target = day + timedelta(hours=30)

        def move(n: int, ids: list[Any] = ids, target: Moment = target) -> Answered:
            start = target + timedelta(minutes=n)
            return world.do(RescheduleAppointment(appointment_id=ids[n], start=start), owner)

        one_of(at_once(MANY, move))
    assert overlaps(file) == 0


def test_one_time_is_restored_once(world: World, file: Path) -> None:
    """Of a dozen cancelled appointments of one time, one is restored."""
    owner = world.staff(OWNER)
    for number in range(SLOTS):
        day = world.clock.at + timedelta(days=3 + number)
        ids = []
        for n in range(MANY):
            ids.append(made(world, number, n, day + timedelta(minutes=n)))
            world.done(CancelAppointment(appointment_id=ids[n]), owner)

        def restore(n: int, ids: list[Any] = ids) -> Answered:
            return world.do(RestoreAppointment(appointment_id=ids[n]), owner)

        one_of(at_once(MANY, restore))
    assert overlaps(file) == 0


def test_booked_moved_and_restored_into_one_time(world: World, file: Path) -> None:
    """Whichever way a dozen come to one time at once, one gets it."""
    owner = world.staff(OWNER)
    for number in range(SLOTS):
        day = world.clock.at + timedelta(days=3 + 2 * number)
        target = day + timedelta(hours=30)
        ids: list[AppointmentId] = []
        for n in range(MANY):
            here = target if n % 3 == 1 else day + timedelta(hours=n)
            ids.append(made(world, number, n, here))
            if n % 3 != 0:
                world.done(CancelAppointment(appointment_id=ids[n]), owner)

        def come(
            n: int, ids: list[Any] = ids, target: Moment = target, number: int = number
        ) -> Answered:
            commands: tuple[Any, ...] = (
                RescheduleAppointment(appointment_id=ids[n], start=target),
                RestoreAppointment(appointment_id=ids[n]),
                BookAppointment(
                    appointment_id=AppointmentId.of(f"n{number}-{n}"),
                    client_id=ClientId.of(f"b{n}"),
                    staff_id=PRACTITIONER,
                    service_id=TALK,
                    start=target,
                ),
            )
            return world.do(commands[n % 3], owner)

        one_of(at_once(MANY, come))
    assert overlaps(file) == 0


def test_a_move_is_accepted_once(world: World, file: Path) -> None:
    """Of four who accept one move at once, one does; its new time is nobody else's meanwhile."""
    owner, accepting = world.staff(OWNER), 4
    for number in range(SLOTS):
        day = world.clock.at + timedelta(days=3 + 2 * number)
        old, new = day + timedelta(hours=28), day + timedelta(hours=30)
        mine = AppointmentId.of(f"a{number}")
        world.done(
            BookAppointment(
                appointment_id=mine,
                client_id=ANN,
                staff_id=PRACTITIONER,
                service_id=TALK,
                start=old,
            ),
            owner,
        )
        asked = RescheduleAppointment(appointment_id=mine, start=new)
        assert world.done(asked, world.client(ANN)).reason == "may_ask_to_move"
        ids = [made(world, number, n, day + timedelta(hours=n)) for n in range(accepting, MANY)]

        def come(
            n: int, ids: list[Any] = ids, mine: Any = mine, times: tuple[Moment, ...] = (old, new)
        ) -> Answered:
            if n < accepting:
                return world.do(AcceptAppointment(appointment_id=mine), owner)
            move = RescheduleAppointment(appointment_id=ids[n - accepting], start=times[n % 2])
            return world.do(move, owner)

        answers = at_once(MANY, come)
        assert len(won(answers[:accepting])) == 1
        lost = {each for each in answers[:accepting] if isinstance(each, Denied)}
        assert lost <= {STALE, Denied("RefusedError", "not_requested")}
        assert {answers[n] for n in range(accepting, MANY) if n % 2} == {TAKEN}
        assert len(won(answers[accepting:])) <= 1  # the old time, once it is free
    assert overlaps(file) == 0
