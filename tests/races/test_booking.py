"""Many bookers at once, in a file: one winner a slot, whatever they want in it (G7, APT-7)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from threading import Barrier
from typing import Any, Final

import pytest
from attrs import frozen

from clientportal.domain.availability import Service
from clientportal.domain.ids import AppointmentId, ClientId, HoldId, InviteId, ServiceId
from clientportal.domain.people import Client
from clientportal.domain.practices import BookingRules
from clientportal.receipts import Receipt
from clientportal.testing.builders import Answered, Denied, World
from clientportal.testing.cast import BEN, OWNER, PRACTITIONER, populate
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.availability import AddService
from clientportal.usecases.holds import HoldSlot
from clientportal.usecases.people import AddClient
from clientportal.usecases.practices import ChangePractice
from clientportal_sql.storage import SqlStorage

BOOKERS, ROUNDS, MANY = 32, 25, 1000
HOUR_LONG: Final = ServiceId("svc_hour")
TAKEN: Final = Denied("RefusedError", "slot_taken")
#: So many rounds in CI, and soaked.
rounds: Final = pytest.mark.parametrize(
    "rounds",
    [pytest.param(ROUNDS, marks=pytest.mark.ci), pytest.param(MANY, marks=pytest.mark.soak)],
)


@frozen
class Hall:
    """A populated practice in a SQLite file, with 32 more clients and a service of an hour."""

    world: World
    path: Path

    def book(self, n: int, name: str, start: datetime, **given: Any) -> Answered:
        """What booker *n* hears."""
        command = BookAppointment(
            appointment_id=AppointmentId.of(f"{name}-{n}"),
            client_id=ClientId.of(f"b{n}"),
            staff_id=PRACTITIONER,
            service_id=HOUR_LONG,
            start=start,
            **given,
        )
        return self.world.do(command, self.world.staff(OWNER))

    def overlaps(self) -> int:
        """Pairs that occupy a staff member or client at once, what is overbooked apart."""
        sql = """
            SELECT count(*) FROM appointment a JOIN appointment b
            ON a.practice_id = b.practice_id AND a.id < b.id
            AND a.interval_start < b.interval_end AND b.interval_start < a.interval_end
            AND (a.client_id = b.client_id OR (
                a.staff_id = b.staff_id AND a.is_overbooked = 0 AND b.is_overbooked = 0
            ))
            WHERE a.status IN ('requested', 'booked') AND b.status IN ('requested', 'booked')
        """
        with closing(sqlite3.connect(self.path)) as connection:
            (found,) = connection.execute(sql).fetchone()
        return int(found)

    def booked(self, like: str) -> int:
        """How many appointments of a round are stored."""
        with closing(sqlite3.connect(self.path)) as connection:
            sql = "SELECT count(*) FROM appointment WHERE id LIKE ?"
            (found,) = connection.execute(sql, [f"apt_{like}-%"]).fetchone()
        return int(found)


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    """The practice, empty but for who books."""
    storage = SqlStorage.at(tmp_path / "booking.db")
    storage.create()
    world = populate(World(storage))
    owner = world.staff(OWNER)
    world.done(AddService(service=Service(id=HOUR_LONG, name="Hour", duration=60)), owner)
    for n in range(BOOKERS):
        client = Client(id=ClientId.of(f"b{n}"), given_name="Bo")
        world.done(AddClient(client=client, invite_id=InviteId.of(f"b{n}")), owner)
    yield Hall(world, tmp_path / "booking.db")
    storage.close()


def at_once(deed: Callable[[int], Answered]) -> list[Answered]:
    """What *deed* comes to for each of 32 who begin together."""
    gate = Barrier(BOOKERS)

    def one(number: int) -> Answered:
        gate.wait()
        return deed(number)

    with ThreadPoolExecutor(BOOKERS) as pool:
        return list(pool.map(one, range(BOOKERS)))


def one_winner(answers: list[Answered]) -> int:
    """The only one who got a receipt, where all others heard `slot_taken` and nothing else."""
    winners = [n for n, answer in enumerate(answers) if isinstance(answer, Receipt)]
    assert len(winners) == 1, Counter(map(str, answers))
    losers = Counter(answer for answer in answers if isinstance(answer, Denied))
    assert losers == {TAKEN: BOOKERS - 1}
    return winners[0]


def offset(rng: Random) -> timedelta:
    """Somewhere within a slot of an hour, so that all who want it overlap and few are alike."""
    return timedelta(minutes=rng.choice((0, 15, 30)))


@rounds
def test_one_winner_a_slot(hall: Hall, rounds: int) -> None:
    """G7, APT-7: overlapping, not identical: one row a slot, each loser hears `slot_taken`."""
    rng, base = Random(7), hall.world.clock.at + timedelta(days=3)
    for number in range(rounds):
        starts = [base + timedelta(hours=2 * number) + offset(rng) for _ in range(BOOKERS)]
        name = f"r{number}"
        one_winner(at_once(lambda n, starts=starts, name=name: hall.book(n, name, starts[n])))  # type: ignore[misc] # bound early
        assert hall.booked(name) == 1
    assert hall.overlaps() == 0


@rounds
def test_an_expired_hold_goes_to_one(hall: Hall, rounds: int) -> None:
    """G7, APT-6: who books over it releases it, and the others find the slot taken."""
    rng, base = Random(8), hall.world.clock.at + timedelta(days=3)
    for number in range(rounds):
        slot = base + timedelta(hours=2 * number)
        hold = HoldSlot(
            hold_id=HoldId.of(f"h{number}"),
            client_id=ClientId.of("b0"),
            staff_id=PRACTITIONER,
            service_id=HOUR_LONG,
            start=slot + timedelta(minutes=15),
        )
        hall.world.done(hold, hall.world.staff(OWNER))
        hall.world.pass_time(timedelta(minutes=10))
        starts, name = [slot + offset(rng) for _ in range(BOOKERS)], f"x{number}"
        one_winner(at_once(lambda n, starts=starts, name=name: hall.book(n, name, starts[n])))  # type: ignore[misc] # bound early
        assert hall.booked(name) == 1
    assert hall.overlaps() == 0


@pytest.mark.ci
def test_a_limit_holds_however_many_book_at_once(hall: Hall) -> None:
    """APT-5: of 32 that one client wants at 32 times, as many are booked as the limit says."""
    world = hall.world
    rules = BookingRules(auto_accept=True, upcoming_limit=5)
    world.done(ChangePractice(booking=rules), world.staff(OWNER))  # Ben has one ahead already

    def want(n: int) -> Answered:
        command = BookAppointment(
            appointment_id=AppointmentId.of(f"l{n}"),
            client_id=BEN,
            staff_id=PRACTITIONER,
            service_id=HOUR_LONG,
            start=(world.clock.at + timedelta(days=3 + n)),
        )
        answer: Answered = Denied("", "")
        for _ in range(60):  # who is told to try again tries again
            answer = world.do(command, world.client(BEN))
            if answer != Denied("ConflictError", "stale"):
                break
        return answer

    answers = at_once(want)
    assert sum(isinstance(each, Receipt) for each in answers) == 4
    losers = Counter(each for each in answers if isinstance(each, Denied))
    assert losers == {Denied("RefusedError", "limit_reached"): BOOKERS - 4}


@pytest.mark.ci
def test_the_check_finds_who_looks_first_and_writes_then(tmp_path: Path) -> None:
    """G7: the planted control, check then insert without a constraint, books a slot twice."""
    path = tmp_path / "control.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(
            """
            PRAGMA journal_mode = WAL;
            CREATE TABLE appointment (practice_id, id, client_id, staff_id, interval_start,
                interval_end, status, is_overbooked);
            """
        )
    looked = Barrier(BOOKERS)

    def book(n: int) -> None:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as connection:
            start = n % 3 * 15
            sql = "SELECT 1 FROM appointment WHERE interval_start < ? AND interval_end > ?"
            taken = connection.execute(sql, [start + 60, start]).fetchone()
            looked.wait()
            if taken is None:
                row = ["p", f"apt_c-{n:02}", f"c{n}", "s", start, start + 60, "booked", 0]
                connection.execute("INSERT INTO appointment VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    with ThreadPoolExecutor(BOOKERS) as pool:
        list(pool.map(book, range(BOOKERS)))
    control = Hall(World(), path)
    assert control.booked("c") > 1
    assert control.overlaps() == BOOKERS * (BOOKERS - 1) // 2
