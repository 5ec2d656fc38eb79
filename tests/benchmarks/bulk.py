"""Files with very many conversations: one of each row by the library, the rest copied by SQL."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from clientportal.domain.accounts import Access, Account
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ConversationId,
    MessageId,
    PracticeId,
    StaffId,
)
from clientportal.domain.messages import Message, Reading
from clientportal.domain.moments import Moment, microseconds
from clientportal.domain.people import OWNER_PERMISSIONS, Client, StaffMember
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice
from clientportal.flows import Change, State
from clientportal.receipts import Commit
from clientportal_sql.storage import SqlStorage

NOW: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
PRACTICE, ADA = PracticeId("prc_1"), StaffId("stf_1")
AS_ADA: Final = Actor(practice_id=PRACTICE, capacity=Capacity.STAFF, staff_id=ADA)
#: How many conversations a client has.
EACH: Final = 10
#: Every how manieth is locked.
LOCKED: Final = 11
#: When the first conversation began; each later one began a twentieth of a second after.
BEGAN: Final = NOW - timedelta(days=1)

Changed = dict[str, str]


def talk_id(number: int) -> ConversationId:
    """The conversation of that *number*."""
    return ConversationId(f"cnv_{number:07}")


def began(number: int) -> Moment:
    """When the conversation of that *number* began."""
    return BEGAN + number * timedelta(milliseconds=50)


def client_id(number: int) -> ClientId:
    """The client of that *number*."""
    return ClientId(f"cli_{number:07}")


def account_id(number: int) -> AccountId:
    """The account of the client of that *number*."""
    return AccountId(f"acc_{number:07}")


def as_client(number: int) -> Actor:
    """The client of that *number*."""
    return Actor(
        practice_id=PRACTICE,
        capacity=Capacity.CLIENT,
        client_id=client_id(number),
        account_id=account_id(number),
    )


def _template() -> Commit:
    """A practice, Ada who serves everybody, a client, and a conversation with one message."""
    talk, bo = talk_id(0), client_id(0)
    people = (
        Practice(
            id=PRACTICE,
            name="Riverside",
            policies=(PolicySince(MessagingPolicy.REPLY_ONLY, BEGAN),),
        ),
        StaffMember(id=ADA, name="Ada", permissions=OWNER_PERMISSIONS),
        Client(id=bo, given_name="Bo"),
        Account(id=account_id(0), email="bo@example.org", password="$argon2id$1"),
        Access(client_id=bo, account_id=account_id(0), since=BEGAN),
    )
    written: tuple[State, ...] = (
        Conversation(
            id=talk, last_at=BEGAN, last_sequence=1, is_staff_initiated=True, waiting_since=BEGAN
        ),
        Message(
            id=MessageId("msg_0000000"),
            conversation_id=talk,
            sequence=1,
            author=ADA,
            text="How did the exercises of last week go?",
            at=BEGAN,
        ),
        *(Participant(conversation_id=talk, person=one, since=BEGAN) for one in (ADA, bo)),
        *(Reading(conversation_id=talk, person=one) for one in (ADA, bo)),
    )
    return Commit((Change(None, (*people, *written)),))


def _copied(
    connection: sqlite3.Connection, table: str, count: int, of: str = "1", **changed: str
) -> None:
    """Rows 1 to *count* of *table*, as the one that *of* finds but for what is *changed*."""
    names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    cells = ", ".join(changed.get(name, f"one.{name}") for name in names)
    one = f"(SELECT * FROM {table} WHERE {of} LIMIT 1) AS one"  # noqa: S608 - all of it is ours
    counted = "counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)"
    insert = f"INSERT INTO {table} SELECT {cells} FROM counted, {one}"  # noqa: S608
    connection.execute(f"WITH RECURSIVE {counted} {insert}", (count,))


def _numbered(prefix: str, number: str = "n") -> str:
    return f"printf('{prefix}_%07d', {number})"


def _fill(connection: sqlite3.Connection, count: int) -> None:
    talk, at = _numbered("cnv"), f"{microseconds(BEGAN)} + n * 50000"
    of_talk: Changed = {"conversation_id": talk}
    bo, own = _numbered("cli", f"n % {count // EACH}"), _numbered("acc")
    clients = count // EACH - 1
    _copied(connection, "client", clients, id=_numbered("cli"))
    _copied(connection, "account", clients, id=own)
    _copied(connection, "access", clients, client_id=_numbered("cli"), account_id=own)
    locked: Changed = {"is_locked": f"n % {LOCKED} = 0"}
    _copied(connection, "conversation", count - 1, id=talk, last_at=at, waiting_since=at, **locked)
    for person, one in ((ADA, f"'{ADA}'"), (client_id(0), bo)):
        whose: Changed = {"of": f"person = '{person}'", "person": one}
        _copied(connection, "participant", count - 1, **of_talk, last_at=at, **whose)
        _copied(connection, "reading", count - 1, **of_talk, **whose)
    _copied(connection, "message", count - 1, **of_talk, id=_numbered("msg"), at=at)


def filled(path: Path, count: int) -> Path:
    """A file at *path* with *count* conversations, in all of which Ada takes part."""
    storage = SqlStorage.at(path)
    storage.create()
    with storage.open(PRACTICE) as work:
        assert work.commit(_template()) is None
    storage.close()
    with closing(_fast(path)) as connection:
        _fill(connection, count)
    return path


def lengthened(path: Path, talk: int, count: int) -> None:
    """Let the conversation of number *talk* have *count* messages."""
    id_ = talk_id(talk)
    changed: Changed = {"id": f"'msg_{talk:07}_' || printf('%07d', n)", "sequence": "1 + n"}
    with closing(_fast(path)) as connection:
        of = f"conversation_id = '{id_}'"
        _copied(connection, "message", count - 1, of=of, **changed)
        connection.execute("UPDATE conversation SET last_sequence = ? WHERE id = ?", (count, id_))


def _fast(path: Path) -> Any:
    """A connection that is quick because nothing is lost with the file."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("synchronous = OFF", "journal_mode = OFF", "cache_size = -400000"):
        connection.execute(f"PRAGMA {setting}")
    return connection
