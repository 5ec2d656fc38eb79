"""What a commit does, all or nothing, and what stands in its way."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from attrs import evolve

from clientportal.domain import ids
from clientportal.domain.accounts import Account, Throttle
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import Conversation
from clientportal.domain.deliveries import Delivery
from clientportal.domain.messages import Message, Reading
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.errors import IntegrityError
from clientportal.flows import Get
from clientportal.ports import queries as q
from clientportal.receipts import Commit, KeyUsed, Stale, Taken
from clientportal_sql.storage import SqlStorage

PRACTICE = ids.PracticeId("prc_riverside")
LEA, MAX, ANN = ids.ClientId("cli_lea"), ids.ClientId("cli_max"), ids.StaffId("stf_ann")
CONVERSATION = ids.ConversationId("cnv_1")
APPOINTMENT = ids.AppointmentId("apt_1")
DAY = datetime(2026, 3, 1, tzinfo=UTC)
BY_ANN = Actor(practice_id=PRACTICE, capacity=Capacity.STAFF, staff_id=ANN)


def _rows(storage: SqlStorage, sql: str) -> list[Any]:
    with storage._sqlite.connection() as connection:
        return connection.execute(sql).fetchall()


def test_an_owner_that_changed_meanwhile_is_stale(filled: SqlStorage, committing: Any) -> None:
    """Whoever decided on an older version decides again, whether they write it or only read it."""
    with filled.open(PRACTICE) as mine, filled.open(PRACTICE) as theirs:
        client, staff = mine.read((Get(Client, LEA), Get(StaffMember, ANN)))
        assert theirs.read((Get(Client, LEA),)) == (client,)
        assert theirs.commit(committing(client)) is None
        assert mine.commit(committing(evolve(client, phone="112"))) == Stale()
        assert mine.commit(committing(staff)) == Stale()
    with filled.open(PRACTICE) as work:
        assert work.read((Get(Client, LEA),)) == (client,)


def test_an_owner_seen_inside_facts_is_checked(filled: SqlStorage, committing: Any) -> None:
    """A roster that changed between deciding to write and writing makes the decision stale."""
    with filled.open(PRACTICE) as mine, filled.open(PRACTICE) as theirs:
        (facts,) = mine.read((q.WritingFactsOf(CONVERSATION, BY_ANN),))
        (client,) = theirs.read((Get(Client, LEA),))
        ended = Assignment(client_id=LEA, staff_id=ANN, since=DAY, until=DAY)
        assert theirs.commit(committing(client, ended)) is None
        assert mine.commit(committing(facts.conversation)) == Stale()


def test_a_commit_without_states_checks_nothing(
    filled: SqlStorage, committing: Any, recording: Any
) -> None:
    """A refusal is recorded whatever happened meanwhile."""
    with filled.open(PRACTICE) as mine, filled.open(PRACTICE) as theirs:
        mine.read((Get(Client, LEA),))
        assert theirs.commit(committing(*theirs.read((Get(Client, LEA),)))) is None
        assert mine.commit(committing(entry=recording("x", allowed=False))) is None


def test_an_unchanged_owner_still_gets_a_new_version(filled: SqlStorage, committing: Any) -> None:
    """Rewriting an owner as it is tells others that its set changed."""
    with filled.open(PRACTICE) as work:
        assert work.commit(committing(*work.read((Get(Client, LEA),)))) is None
    assert _rows(filled, "SELECT version FROM client WHERE id = 'cli_lea'") == [(2,)]


@pytest.mark.parametrize(
    "kind", [Client, Practice, Account, Conversation, Message], ids=lambda k: k.__name__
)
def test_an_id_is_used_once(filled: SqlStorage, scene: Any, committing: Any, kind: Any) -> None:
    """What is new to the writer but stored already is refused by its id."""
    old = next(each for each in scene() if type(each) is kind)
    owners = (Get(Conversation, CONVERSATION),) if kind is Message else ()
    with filled.open(PRACTICE) as work:
        assert work.commit(committing(*work.read(owners), old)) == Taken("id_used")


@pytest.mark.parametrize("kind", [Throttle, Reading, Delivery], ids=lambda k: k.__name__)
def test_a_natural_key_that_appeared_is_stale(
    filled: SqlStorage, scene: Any, committing: Any, kind: Any
) -> None:
    """Where nobody makes the id, whoever comes second decides again."""
    old = next(each for each in scene() if type(each) is kind)
    with filled.open(PRACTICE) as work:
        assert work.commit(committing(old)) == Stale()


def test_a_member_is_written_with_its_owner(
    filled: SqlStorage, committing: Any, scene: Any
) -> None:
    """A member alone would go unnoticed by whoever read its owner: it is refused as a bug."""
    before = filled.digest()
    members = [each for each in scene() if each.belongs_to is not None]
    for member in members:
        with (
            filled.open(PRACTICE) as work,
            pytest.raises(IntegrityError, match="without its owner"),
        ):
            work.commit(committing(member))
    assert filled.digest() == before


def test_a_key_gives_its_receipt_again(filled: SqlStorage, committing: Any, recording: Any) -> None:
    """What was done under a key is recalled with reason, events and results, and not done again."""
    contact = Client(id=ids.ClientId("cli_new"), given_name="N")
    first = committing(contact, entry=recording("k", key="key"), events=2)
    with filled.open(PRACTICE) as work:
        assert work.recall("key") is None
        assert work.commit(first) is None
    before = filled.digest()
    with filled.open(PRACTICE) as work:
        other = committing(entry=recording("l", key="key"), events=1)
        known = work.commit(other)
        assert known == KeyUsed("f", first.receipt, first.entry.at) == work.recall("key")
    with filled.open(ids.PracticeId("prc_elsewhere")) as work:
        assert work.recall("key") is None
    assert filled.digest() == before
    assert _rows(filled, "SELECT id FROM audit WHERE id IN ('ent_k', 'ent_l')") == [("ent_k",)]


def test_a_refused_command_keeps_no_key(
    storage: SqlStorage, committing: Any, recording: Any
) -> None:
    """A refusal is put on record, publishes nothing and leaves its key free."""
    refused = recording("r", key="key", allowed=False)
    with storage.open(PRACTICE) as work:
        throttle = Throttle(id="account/x", failures=1, last_at=DAY)
        assert work.commit(committing(throttle, entry=refused, events=1)) is None
        assert work.recall("key") is None
        assert work.read((q.PendingEvents(), Get(Throttle, "account/x"))) == ((), throttle)
    assert _rows(storage, "SELECT id, is_allowed FROM audit") == [("ent_r", 0)]


def test_bookkeeping_leaves_no_record(storage: SqlStorage, committing: Any) -> None:
    """Without an entry there is neither audit nor event."""
    throttle = Throttle(id="origin/x", failures=1, last_at=DAY)
    with storage.open(PRACTICE) as work:
        assert work.commit(committing(throttle, events=1)) is None
        assert work.commit(Commit(())) is None
    assert _rows(storage, "SELECT count(*) FROM audit UNION ALL SELECT count(*) FROM outbox") == [
        (0,),
        (0,),
    ]


def test_events_are_numbered_within_a_practice(
    storage: SqlStorage, committing: Any, recording: Any
) -> None:
    """Positions count from one without gaps, in the order of commits; delivered ones are done."""
    with storage.open(PRACTICE) as work:
        assert work.commit(committing(entry=recording("a"), events=2)) is None
        assert work.commit(committing(entry=recording("b"), events=1)) is None
        pending = work.read((q.PendingEvents(),))[0]
        assert [each.position for each in pending] == [1, 2, 3]
        done = Delivery(position=2, attempts=1, delivered_at=DAY)
        assert work.commit(committing(done)) is None
        assert [each.position for each in work.read((q.PendingEvents(),))[0]] == [1, 3]


def test_a_reference_to_nothing_is_not_stored(storage: SqlStorage, committing: Any) -> None:
    """A state that names what is not there is a bug, and leaves nothing behind."""
    before = storage.digest()
    with storage.open(PRACTICE) as work, pytest.raises(IntegrityError, match="constraint"):
        work.commit(
            committing(
                Account(id=ids.AccountId("acc_1"), email="a@x.org", password="p", staff_id=ANN)
            )
        )
    assert storage.digest() == before


def test_the_order_of_states_does_not_matter(
    storage: SqlStorage, scene: Any, committing: Any
) -> None:
    """What refers to another may be written before it, within one commit."""
    states = [each for each in scene() if not isinstance(each, Delivery)]
    with storage.open(PRACTICE) as work:
        assert work.commit(committing(*reversed(states))) is None


def test_many_writers_lose_nothing(filled: SqlStorage, committing: Any) -> None:
    """Of threads that write one owner, each either succeeds or is told that it was stale."""
    results: list[Any] = []

    def write() -> None:
        for _ in range(10):
            with filled.open(PRACTICE) as work:
                results.append(work.commit(committing(*work.read((Get(Client, LEA),)))))

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done = sum(result is None for result in results)
    assert len(results) == 40
    assert set(results) <= {None, Stale()}
    assert _rows(filled, "SELECT version FROM client WHERE id = 'cli_lea'") == [(1 + done,)]


def test_a_row_that_says_nothing_known_is_an_integrity_error(filled: SqlStorage) -> None:
    """A value of a newer version, or a spoilt one, ends in an error and never in a guess."""
    with sqlite3.connect(filled.path) as connection:
        connection.execute("UPDATE client SET status = 'ascended' WHERE id = 'cli_lea'")
    connection.close()
    with filled.open(PRACTICE) as work, pytest.raises(IntegrityError, match="row"):
        work.read((Get(Client, LEA),))
