"""What goes on record with a commit: idempotency keys, the outbox, the audit."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from clientportal.domain.accounts import Throttle
from clientportal.domain.deliveries import Delivery
from clientportal.domain.ids import ClientId, PracticeId
from clientportal.flows import Change, Get, RowResult
from clientportal.ports import queries as q
from clientportal.ports.storage import Storage
from clientportal.receipts import Commit, KeyUsed, Published, Receipt
from clientportal.testing.conformance.contract import Factory
from clientportal.testing.conformance.desk import ANN, AT, OTHER, PIA, Desk, client

RECEIPT: Final = Receipt(
    reason="sent",
    events=(
        Published(name="a.b", body='{"t":"\u00e9\U0001f600"}'),
        Published(name="a.c", body="{}"),
    ),
    results=(
        RowResult(key="x", code="added"),
        RowResult(key="y", code="no", field="email"),
    ),
)


class RecordContract:
    """What is kept beside the states, in the same commit."""

    def records(self, storage: Storage, practice_id: PracticeId) -> int | None:
        """How many audit records *storage* holds of a practice; None where none can tell."""
        return None

    def test_recall(self, storage: Factory) -> None:
        """A key gives the first receipt again, word for word, and nothing is done twice."""
        desk = Desk.at(storage())
        entry = desk.entry(key="k", text="same")
        commit = Commit((Change(None, (client(ClientId.of("n1")),)),), entry, RECEIPT)
        assert desk.recall("k") is None
        with desk.open() as work:
            assert work.commit(commit) is None
        used = KeyUsed("same", RECEIPT, entry.at)
        assert desk.recall("k") == used
        later = desk.entry(key="k", text="other")
        other = Commit((Change(None, (client(ClientId.of("n2")),)),), later, RECEIPT)
        with desk.open() as work:
            assert work.commit(other) == used
        assert [p.event for p in desk.ask(q.PendingEvents())] == list(RECEIPT.events)
        listed = desk.ask(q.ClientsOf(PIA, everybody=True))
        assert listed[-1].client.id == "cli_n1"

    def test_a_key_is_looked_at_first(self, storage: Factory) -> None:
        """A repetition is a repetition, also where its states would clash by now."""
        desk = Desk.at(storage())
        assert desk.put(client(ClientId.of("n1")), key="k") is None
        assert isinstance(desk.put(client(ClientId.of("n1")), key="k"), KeyUsed)

    def test_a_refusal_keeps_no_key(self, storage: Factory) -> None:
        """What was refused may be tried again under its key."""
        desk = Desk.at(storage())
        assert desk.put(key="k", allowed=False, events=("a.b",)) is None
        assert desk.recall("k") is None
        assert desk.ask(q.PendingEvents()) == ()
        assert desk.put(key="k") is None

    def test_keys_belong_to_their_practice(self, storage: Factory) -> None:
        """The same key elsewhere is another key."""
        store = storage()
        here, there = Desk.at(store), Desk.at(store, OTHER)
        assert here.put(key="k") is None
        assert there.recall("k") is None
        assert there.put(key="k") is None

    def test_the_outbox_is_in_order(self, storage: Factory) -> None:
        """Events are kept in the order of their commits, each practice's by itself (OUT-1)."""
        store = storage()
        here, there = Desk.at(store), Desk.at(store, OTHER)
        for n in range(6):
            assert here.put(events=(f"a.{'abcdef'[n]}", f"b.{'abcdef'[n]}")) is None
            assert there.put(events=("elsewhere.done",)) is None
        pending = here.ask(q.PendingEvents())
        assert [p.event.name for p in pending] == [f"{a}.{b}" for b in "abcdef" for a in "ab"]
        positions = [p.position for p in pending]
        assert positions == sorted(set(positions))
        assert here.ask(q.PendingEvents(3)) == pending[:3]
        assert here.ask(q.PendingEvents(3, after=positions[4])) == pending[5:8]
        assert here.ask(q.PendingEvents(after=positions[-1])) == ()
        assert {p.event.name for p in there.ask(q.PendingEvents())} == {"elsewhere.done"}

    def test_what_is_delivered_is_no_longer_pending(self, storage: Factory) -> None:
        """A failed try is told, a delivery ends it; the others wait as before."""
        desk = Desk.at(storage())
        assert desk.put(events=("a.a", "a.b")) is None
        first, second = desk.ask(q.PendingEvents())
        heard = ("subscriber:a", "subscriber:b")
        tried = Delivery(position=first.position, attempts=1, done=heard, fault="mail_refused")
        assert desk.put(tried) is None
        assert desk.ask(q.PendingEvents()) == (evolve(first, delivery=tried), second)
        done = evolve(tried, attempts=2, fault=None, delivered_at=AT)
        assert desk.put(done, seen=(q.DeliveryOf(first.position),)) is None
        assert desk.ask(q.PendingEvents()) == (second,)
        assert desk.ask(q.DeliveryOf(first.position)) == done
        assert desk.ask(q.DeliveryOf(second.position)) is None

    def test_bookkeeping(self, storage: Factory) -> None:
        """A refused command may count a failed try; a commit without an entry leaves no record."""
        desk = Desk.at(storage())
        tries = Throttle(id="account/0", failures=1, last_at=AT)
        assert desk.put(tries, allowed=False) is None
        before = self.records(desk.storage, desk.practice_id)
        with desk.open() as work:
            work.read((Get(Throttle, tries.id),))
            assert work.commit(Commit((Change(None, (tries.failed(AT),)),))) is None
        assert desk.ask(Get(Throttle, tries.id)).failures == 2
        assert self.records(desk.storage, desk.practice_id) == before

    def test_one_record_for_each_commit(self, storage: Factory) -> None:
        """A commit with an entry leaves one record, also of a refusal (OUT-4)."""
        desk = Desk.at(storage())
        before = self.records(desk.storage, desk.practice_id)
        assert desk.put() is None
        assert desk.put(allowed=False) is None
        assert desk.put(client(ANN)) is not None
        after = self.records(desk.storage, desk.practice_id)
        assert after is None if before is None else after == before + 2
