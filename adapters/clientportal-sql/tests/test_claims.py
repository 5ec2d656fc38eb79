"""What may exist once, or once at a time, is kept by constraint (APT-7)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import evolve

from clientportal.domain import ids
from clientportal.domain.accounts import Access, Account
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.claims import Exclusive, Unique
from clientportal.domain.moments import Interval
from clientportal.domain.people import Client
from clientportal.flows import Change, Get
from clientportal.ports import queries as q
from clientportal.receipts import Commit, Taken
from clientportal_sql.masks import held, hours
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


def _stored_claims(storage: SqlStorage) -> tuple[set[Unique], tuple[Exclusive, ...]]:
    unique = {Unique(*row) for row in _rows(storage, "SELECT name, value FROM claim")}
    busy = _rows(storage, "SELECT resource, hour, lane, seat, minutes FROM busy WHERE minutes != 0")
    return unique, held(busy)


def _claims_of(states: Any) -> tuple[set[Unique], tuple[Exclusive, ...]]:
    claims = [claim for state in states for claim in state.claims]
    busy: dict[tuple[str, int, int, int], int] = {}
    for claim in claims:
        if isinstance(claim, Exclusive):
            for hour, mask in hours(claim.interval):
                place = claim.resource, hour, claim.lane, claim.seat
                busy[place] = busy.get(place, 0) | mask
    unique = {claim for claim in claims if isinstance(claim, Unique)}
    return unique, held((*place, mask) for place, mask in busy.items())


def test_stored_claims_are_those_of_the_stored_states(filled: SqlStorage, scene: Any) -> None:
    """What is held is the union of what the stored states claim."""
    assert _stored_claims(filled) == _claims_of(scene())


def test_a_unique_claim_is_held_once(filled: SqlStorage, committing: Any) -> None:
    """The second with one value is told which claim is taken, and nothing of them is stored."""
    before = filled.digest()
    other = Client(id=ids.ClientId("cli_new"), given_name="N", external_id="x-1")
    twin = Account(id=ids.AccountId("acc_new"), email="lea@EXAMPLE.org", password="p")
    with filled.open(PRACTICE) as work:
        assert work.commit(committing(other)) == Taken("external_id")
        assert work.commit(committing(twin)) == Taken("email_taken")
    assert filled.digest() == before


def test_claims_are_told_by_the_first_and_the_last_of_a_commit(
    filled: SqlStorage, committing: Any
) -> None:
    """Several changes of one state in a commit free and take what the last one comes to."""
    with filled.open(PRACTICE) as work:
        lea, max_ = work.read((Get(Client, LEA), Get(Client, MAX)))
        steps = (
            Change(None, (evolve(lea, external_id="x-9"),)),
            Change(None, (evolve(max_, external_id="x-1"), evolve(lea, external_id="x-2"))),
        )
        assert work.commit(Commit(steps)) is None
    with filled.open(PRACTICE) as work:
        found = work.read((q.ClientsByExternalId(("x-1", "x-2", "x-9")),))[0]
    assert [(each.id, each.external_id) for each in found] == [(LEA, "x-2"), (MAX, "x-1")]


def test_an_access_frees_its_claim_unseen(filled: SqlStorage, committing: Any, scene: Any) -> None:
    """Ending a client's own access lets another account become it, though members are not seen."""
    own = next(
        each for each in scene() if isinstance(each, Access) and each.is_own and each.is_live
    )
    mum = ids.AccountId("acc_mum")
    with filled.open(PRACTICE) as work:
        (client,) = work.read((Get(Client, LEA),))
        other = Access(client_id=LEA, account_id=mum, since=own.since)
        assert work.commit(committing(client, other)) == Taken("own_account")
        assert work.commit(committing(client, other, evolve(own, ended_at=own.since))) is None
    unique, _ = _stored_claims(filled)
    assert Unique("own_account", LEA) in unique
    assert _rows(filled, "SELECT owner FROM claim WHERE name = 'own_account'") == [(other.id,)]


def _moved(appointment: Appointment, minutes: int) -> Appointment:
    by = timedelta(minutes=minutes)
    interval = appointment.interval
    return evolve(appointment, interval=Interval(interval.start + by, interval.end + by))


def test_time_is_held_once(filled: SqlStorage, committing: Any) -> None:
    """A meeting that overlaps another by a minute is refused; one that touches it is not."""
    with filled.open(PRACTICE) as work:
        (booked,) = work.read((Get(Appointment, APPOINTMENT),))
    plain = evolve(booked, buffers=type(booked.buffers)(), id=ids.AppointmentId("apt_new"))
    for minutes, result in ((-84, Taken("slot_taken")), (79, Taken("slot_taken")), (-85, None)):
        before = filled.digest()
        with filled.open(PRACTICE) as work:
            assert work.commit(committing(_moved(plain, minutes))) == result
        assert (filled.digest() == before) is (result is not None)


def test_time_is_free_again(filled: SqlStorage, committing: Any, scene: Any) -> None:
    """A move within one's own time works, and cancelling frees exactly what was held."""
    others = [each for each in scene() if each.id != APPOINTMENT]
    with filled.open(PRACTICE) as work:
        (booked,) = work.read((Get(Appointment, APPOINTMENT),))
        moved = _moved(booked, -30)
        assert work.commit(committing(moved)) is None
    assert _stored_claims(filled) == _claims_of([*others, moved])
    with filled.open(PRACTICE) as work:
        work.read((Get(Appointment, APPOINTMENT),))
        gone = evolve(moved, status=AppointmentStatus.CANCELLED)
        assert work.commit(committing(gone)) is None
    assert _stored_claims(filled) == _claims_of([*others, gone])
