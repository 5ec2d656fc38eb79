"""D1: a persisted message through `Portal.do`, against its own statements sent to bare sqlite3."""

from __future__ import annotations

import shutil
import sqlite3
import statistics
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import field, frozen
from tests.benchmarks.race import ROUNDS, Rows, seconds

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import ClientId, ConversationId, MessageId, PracticeId, StaffId
from clientportal.domain.people import OWNER_PERMISSIONS, Client, StaffMember
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice
from clientportal.flows import Change, Work
from clientportal.portal import Portal
from clientportal.receipts import Commit
from clientportal.serialization import wire_of
from clientportal.usecases.conversations import SendMessage
from clientportal_sql.sqlite import Sqlite, connect
from clientportal_sql.storage import SqlStorage

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRACTICE, CLIENT, STAFF = PracticeId("prc_1"), ClientId("cli_1"), StaffId("stf_1")
CONVERSATIONS: Final = tuple(ConversationId(f"cnv_{n}") for n in range(50))
ACTOR: Final = Actor(practice_id=PRACTICE, capacity=Capacity.STAFF, staff_id=STAFF)
A_ROUND: Final = 300

Sent = tuple[str, tuple[Any, ...]]


@frozen
class Recorded:
    """A connection that writes down what is sent through it."""

    real: sqlite3.Connection
    sent: list[Sent]

    def execute(self, sql: str, values: Any = ()) -> sqlite3.Cursor:
        """Send it, and write it down."""
        self.sent.append((sql, values))
        return self.real.execute(sql, values)

    @property
    def in_transaction(self) -> bool:
        """As of the real one."""
        return self.real.in_transaction

    def close(self) -> None:
        """Close the real one."""
        self.real.close()


@frozen
class Tuned(Sqlite):
    """SQLite as synchronous as *mode* says; with *sent*, it is written down what is sent."""

    mode: str = field(default="FULL", kw_only=True)
    sent: list[Sent] | None = field(default=None, kw_only=True)

    def _connect(self) -> Any:
        connection = tuned(self.path, self.mode)
        return connection if self.sent is None else Recorded(connection, self.sent)


def tuned(path: Path, mode: str) -> sqlite3.Connection:
    """A connection as the adapter makes them, as synchronous as *mode* says."""
    connection = connect(path, 30.0)
    connection.execute(f"PRAGMA synchronous = {mode}")
    return connection


def no_work(work: Work[Any], /) -> Any:
    """Sending a message asks for none."""
    raise AssertionError(work)


def portal_at(sqlite: Sqlite) -> Portal:
    """A portal over *sqlite*; time stands still and ids count."""
    numbers = count()
    return Portal(
        storage=SqlStorage(sqlite),
        clock=lambda: NOW,
        new_id=lambda: f"e{next(numbers):08}",
        wire=wire_of(),
        workshop=no_work,  # type: ignore[arg-type]  # only called for work, and there is none
    )


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with what `beginning` says."""
    path = tmp_path_factory.mktemp("scene") / "scene.db"
    storage = SqlStorage.at(path)
    storage.create()
    with storage.open(PRACTICE) as work:
        assert work.commit(beginning()) is None
    storage.close()
    return path


def beginning() -> Commit:
    """A practice, somebody who writes, and fifty conversations."""
    people = (
        Practice(
            id=PRACTICE, name="Riverside", policies=(PolicySince(MessagingPolicy.REPLY_ONLY, NOW),)
        ),
        Client(id=CLIENT, given_name="Bo"),
        StaffMember(id=STAFF, name="Ada", permissions=OWNER_PERMISSIONS),
    )
    talks = [Conversation(id=one, last_at=NOW) for one in CONVERSATIONS]
    parts = [
        Participant(conversation_id=t.id, person=person, since=NOW)
        for t in talks
        for person in (STAFF, CLIENT)
    ]
    return Commit((Change(None, (*people, *talks, *parts)),))


def sending(portal: Portal, numbers: Iterator[int]) -> Callable[[], None]:
    """A round of messages through the portal."""

    def go() -> None:
        for _ in range(A_ROUND):
            number = next(numbers)
            command = SendMessage(
                conversation_id=CONVERSATIONS[number % len(CONVERSATIONS)],
                message_id=MessageId(f"msg_{number}"),
                text="hello there",
            )
            portal.do(command, actor=ACTOR)

    return go


def replaying(connection: sqlite3.Connection, rounds: Iterator[list[Sent]]) -> Callable[[], None]:
    """The statements of such a round, one after the other."""

    def go() -> None:
        execute = connection.execute
        for sql, values in next(rounds):
            execute(sql, values).fetchall()

    return go


@pytest.mark.parametrize(("mode", "goal"), [("FULL", 0.6), ("OFF", 0.6)])
def test_a_message_costs_little_more_than_its_statements(
    rows: Rows, scene: Path, tmp_path: Path, mode: str, goal: float
) -> None:
    """D1: the portal is at least this fast, where 1 is its statements on bare sqlite3."""
    recorded, ours, raw = (tmp_path / f"{name}.db" for name in ("recorded", "ours", "raw"))
    for path in (recorded, ours, raw):
        shutil.copy(scene, path)
    sent: list[Sent] = []
    record = sending(portal_at(Tuned(recorded, mode="OFF", sent=sent)), count())
    rounds: list[list[Sent]] = []
    for _ in range(ROUNDS):
        sent.clear()
        record()
        rounds.append(list(sent))
    portal = sending(portal_at(Tuned(ours, mode=mode)), count())
    bare = replaying(tuned(raw, mode), iter(rounds))
    taken = [(seconds(portal), seconds(bare)) for _ in range(ROUNDS)]
    ours_taken, raw_taken = (statistics.median(column) for column in zip(*taken, strict=True))
    assert len(rounds[0]) % A_ROUND == 0
    rows.at_least("D1" if mode == "FULL" else "D1-off", raw_taken / ours_taken, goal)
