"""Every query is answered, and answered as memory answers it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from clientportal.domain import ids
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import MessageId
from clientportal.domain.moments import Interval
from clientportal.embedded.memory import MemoryStorage
from clientportal.errors import NotFoundError
from clientportal.flows import Get, Need, Query
from clientportal.policies.documents import Readership
from clientportal.ports import queries as q
from clientportal_sql.answers import ANSWERS
from clientportal_sql.nouns import NOUNS
from clientportal_sql.storage import SqlStorage

PRACTICE = ids.PracticeId("prc_riverside")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
STAFF = tuple(ids.StaffId(f"stf_{name}") for name in ("ann", "bob", "cy", "nobody"))
CLIENTS = tuple(ids.ClientId(f"cli_{name}") for name in ("lea", "max", "old", "nobody"))
BONDS = tuple(ids.RelationshipId(f"rel_{name}") for name in ("mum", "sis", "nobody"))
CONVERSATIONS = tuple(ids.ConversationId(f"cnv_{n}") for n in (1, 2, 3, 4, 9))
DOCUMENTS = tuple(ids.DocumentId(f"doc_{name}") for name in ("note", "scan", "own", "none"))
INVITES = tuple(
    ids.InviteId(f"inv_{name}") for name in ("lea1", "lea2", "max", "mum", "bob", "none")
)
ACCOUNTS = tuple(ids.AccountId(f"acc_{name}") for name in ("lea", "mum", "ann", "none"))
SERVICES = tuple(ids.ServiceId(f"svc_{name}") for name in ("talk", "yoga", "none"))
APPOINTMENTS = tuple(ids.AppointmentId(f"apt_{n}") for n in (0, 4, 6, 9))
WEEK = Interval(NOW - timedelta(days=3), NOW + timedelta(days=4))
READERSHIPS = (
    None,
    Readership(),
    Readership(readers=CLIENTS[:2]),
    Readership(readers=(ids.ContactId("con_mum"),), authors=ACCOUNTS[1:2]),
    Readership(readers=CLIENTS[:1], authors=(CLIENTS[0], ACCOUNTS[0])),
)


def _actor(capacity: Capacity, **who: Any) -> Actor:
    return Actor(practice_id=PRACTICE, capacity=capacity, **who)


ACTORS = (
    *(_actor(Capacity.STAFF, staff_id=each) for each in STAFF),
    _actor(Capacity.STAFF, staff_id=STAFF[0], account_id=ACCOUNTS[2]),
    _actor(Capacity.CLIENT, client_id=CLIENTS[0], account_id=ACCOUNTS[0]),
    _actor(Capacity.CLIENT, client_id=CLIENTS[0]),
    _actor(Capacity.CLIENT, client_id=CLIENTS[1]),
    _actor(Capacity.PROXY, client_id=CLIENTS[0], account_id=ACCOUNTS[1], relationship_id=BONDS[0]),
    _actor(Capacity.PROXY, client_id=CLIENTS[0], account_id=ACCOUNTS[0], relationship_id=BONDS[0]),
    _actor(Capacity.PROXY, client_id=CLIENTS[0], account_id=ACCOUNTS[1], relationship_id=BONDS[1]),
    _actor(Capacity.VISITOR),
    _actor(Capacity.SYSTEM),
)


def _for_actor(actor: Actor) -> list[Need[Any]]:
    within = Interval(NOW + timedelta(minutes=13), NOW + timedelta(hours=7, minutes=1))
    return [
        q.PracticeFactsOf(actor),
        *(q.StandingOf(each, actor) for each in CLIENTS),
        q.InvitingFactsOf(CLIENTS[::-1], actor),
        q.InvitingFactsOf(CLIENTS[:2], actor, required=True),
        q.InvitingFactsOf(CLIENTS, actor, required=True),
        *(q.InvitingRelatedOf(each, actor) for each in BONDS),
        *(q.InvitingStaffOf(each, actor) for each in STAFF),
        *(q.InvitingFactsFor(each, actor) for each in INVITES),
        *(
            q.BookingFactsOf(client, staff, service, within, actor, NOW)
            for client in CLIENTS[1:]
            for staff in (*STAFF[:2], STAFF[3])
            for service in SERVICES
        ),
        *(
            q.SearchFactsOf(client, service, within, actor, NOW)
            for client in CLIENTS[1:]
            for service in SERVICES
        ),
        *(q.AppointmentFactsOf(each, actor) for each in APPOINTMENTS),
        *(q.MeetingFactsOf(each, actor) for each in APPOINTMENTS),
        *(q.WritingFactsOf(each, actor) for each in CONVERSATIONS),
        *(q.StartingFactsOf(CLIENTS[:n], STAFF[:m], actor) for n in range(5) for m in range(5)),
        q.StartingFactsOf(CLIENTS[3:], STAFF[:1], actor),
        *(q.RecipientsOf(each, actor) for each in CLIENTS),
        q.InboxOf(actor),
        q.InboxOf(actor, limit=1),
        q.InboxOf(actor, after=(NOW - timedelta(hours=8) + _TICK, CONVERSATIONS[1])),
        *(q.ConversationsAbout(each, actor) for each in CLIENTS),
        *(q.DocumentFactsOf(each, actor) for each in DOCUMENTS),
        *(q.RelationshipFactsOf(each, actor) for each in BONDS),
    ]


_TICK = timedelta(microseconds=1)


def _for_anybody() -> list[Need[Any]]:
    early = NOW + timedelta(minutes=30)
    return [
        *(q.AssignmentOf(client, staff) for client in CLIENTS for staff in STAFF),
        *(
            q.NeighboursOf(client, staff, Interval(NOW + ago, NOW + ago + timedelta(hours=1)))
            for client in CLIENTS
            for staff in STAFF
            for ago in (timedelta(0), timedelta(days=-9))
        ),
        q.ClientsByExternalId(("x-2", "x-1", "x-9")),
        q.ClientsByExternalId(()),
        *(q.ClientsOf(staff, everybody=all_) for staff in STAFF for all_ in (True, False)),
        q.ClientsOf(STAFF[0], everybody=True, after=CLIENTS[0], limit=1),
        *(q.OthersWithSettings(each) for each in STAFF),
        q.LiveInvitesOf(CLIENTS),
        q.LiveInvitesOf(CLIENTS[1:2]),
        *(q.InviteFactsOf(each) for each in INVITES),
        q.SignInFactsOf("lea@EXAMPLE.org", "invite/inv_max", "origin/10.0.0.1"),
        q.SignInFactsOf("nobody@example.org", "account/none", None),
        *(q.SessionFactsOf(each * 64) for each in "abc"),
        *(q.FeedFactsOf(each * 64) for each in "abcd"),
        *(q.FeedOf(each) for each in (*CLIENTS, *STAFF)),
        *(
            q.FeedEntriesOf(each, NOW - timedelta(days=days), limit=limit)
            for each in (*CLIENTS, *STAFF)
            for days, limit in ((400, 1000), (400, 1), (0, 1000))
        ),
        *(q.PortalsOf(each) for each in ACCOUNTS),
        q.CatalogueOf(),
        *(
            q.AppointmentsOf(client, NOW, upcoming=upcoming)
            for client in CLIENTS
            for upcoming in (True, False)
        ),
        q.AppointmentsOf(CLIENTS[0], NOW, upcoming=True, after=(early, APPOINTMENTS[0]), limit=1),
        q.AppointmentsOf(CLIENTS[0], NOW, upcoming=False, after=(early, APPOINTMENTS[0]), limit=2),
        *(q.CalendarOf(each, WEEK) for each in STAFF),
        *(
            q.CalendarPageOf(staff, WEEK, NOW, actor, lasting=lasting, after=after, limit=limit)
            for staff in STAFF
            for actor in ACTORS[:3]
            for lasting in (True, False)
            for after in (None, (early, APPOINTMENTS[0]))
            for limit in (1, 50)
        ),
        q.AppointmentsNamed(APPOINTMENTS[::-1]),
        q.StaffNamed((*STAFF, STAFF[0])),
        *(q.AttendanceOf(each) for each in APPOINTMENTS[:3]),
        *(
            q.StartingWithin(Interval(NOW, NOW + timedelta(hours=hours)), limit=limit)
            for hours in (15, 26, 27)
            for limit in (1, 9)
        ),
        q.StartingWithin(
            Interval(NOW, NOW + timedelta(hours=50)),
            after=(NOW + timedelta(hours=15), APPOINTMENTS[2]),
        ),
        *(q.MessagesOf(each) for each in CONVERSATIONS),
        *(q.UnownedOf(each) for each in ACTORS),
        *(q.UnownedOf(ACTORS[0], without=each) for each in STAFF),
        *(
            q.ClosingsOf(each, everybody=everybody)
            for each in ACTORS
            for everybody in (True, False)
        ),
        *(
            q.ClosingsOf(ACTORS[0], everybody=True, closed_upto=NOW - timedelta(hours=hours))
            for hours in range(0, 80, 4)
        ),
        *(
            q.UnownedOf(ACTORS[0], closed_upto=NOW - timedelta(hours=hours))
            for hours in range(0, 80, 4)
        ),
        *(q.ForeseenOf(each) for each in ACTORS),
        *(q.SearchOf(each, words) for each in ACTORS for words in (("hello",), ("a", "b"), ("x",))),
        *(q.AddresseesOf(each) for each in CONVERSATIONS),
        *(q.AttachedOf(DOCUMENTS, each) for each in ACTORS),
        *(q.TombstoneOf(MessageId(f"msg_{n}")) for n in range(1, 9)),
        q.MessagesOf(CONVERSATIONS[0], before=3, limit=1),
        q.MessagesOf(CONVERSATIONS[0], after=1, limit=1),
        *(q.ParticipantsOf(each) for each in CONVERSATIONS),
        *(q.ProxiesOf(CLIENTS[:n]) for n in range(5)),
        *(q.DocumentsOf(each, reader=reader) for each in CLIENTS for reader in READERSHIPS),
        *(q.DocumentsOf(CLIENTS[0], reader=reader, limit=1) for reader in READERSHIPS),
        q.DocumentsOf(CLIENTS[0], reader=None, limit=2),
        q.DocumentsOf(
            CLIENTS[0], reader=None, after=(NOW - timedelta(hours=3) + _TICK, DOCUMENTS[1])
        ),
        *(q.RelationshipsOf(each) for each in CLIENTS),
        *(q.AccessesThrough(each) for each in BONDS),
        q.PendingEvents(),
        q.PendingEvents(1),
        q.PendingEvents(after=1),
        *(q.DeliveryOf(position) for position in (1, 2, 3)),
    ]


NEEDS = [*_for_anybody(), *(need for actor in ACTORS for need in _for_actor(actor))]
PAGES = (
    q.ClientsOf,
    q.InboxOf,
    q.ConversationsAbout,
    q.PortalsOf,
    q.DocumentsOf,
    q.RelationshipsOf,
    q.ClosingsOf,
    q.SearchOf,
    q.StartingWithin,
    q.ForeseenOf,
)


def _answer(storage: Any, need: Need[Any], practice_id: ids.PracticeId = PRACTICE) -> Any:
    """The answer, and the owners that were remembered with their versions."""
    with storage.open(practice_id) as work:
        try:
            (answer,) = work.read((need,))
        except NotFoundError as error:
            return ("not found", error.kind), None
    seen = work.seen if isinstance(storage, MemoryStorage) else work._seen
    owners = {key: version for key, (version, _) in seen.items() if key[0].belongs_to is None}
    return answer, owners


def test_every_query_is_answered() -> None:
    """Each query of the port has exactly one function that answers it."""
    assert set(ANSWERS) == set(Query.__subclasses__())
    assert {type(need) for need in NEEDS} == set(ANSWERS)


def test_sql_says_what_memory_says(filled: SqlStorage, in_memory: MemoryStorage) -> None:
    """A query has one answer, whatever keeps the states; what decides is remembered alike."""
    for need in NEEDS:
        said, seen = _answer(filled, need)
        meant, expected = _answer(in_memory, need)
        assert said == meant, need
        if not isinstance(need, PAGES):
            assert seen == expected, need


def test_another_practice_sees_nothing(filled: SqlStorage) -> None:
    """Nothing of one practice answers a question of another (PPL-1)."""
    elsewhere = ids.PracticeId("prc_elsewhere")
    empty = MemoryStorage()
    for need in NEEDS:
        assert _answer(filled, need, elsewhere)[0] == _answer(empty, need, elsewhere)[0], need


def test_a_page_goes_on_where_the_last_one_ended(filled: SqlStorage) -> None:
    """Pages of one, put together, are the whole list."""
    whole, _ = _answer(filled, q.AppointmentsOf(CLIENTS[0], NOW, upcoming=False))
    found, after = [], None
    for _ in whole:
        need = q.AppointmentsOf(CLIENTS[0], NOW, upcoming=False, after=after, limit=1)
        (one,), _ = _answer(filled, need)
        found.append(one)
        after = (one.interval.start, one.id)
    assert tuple(found) == whole


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: kind.__name__)
def test_a_state_comes_back_as_it_was(filled: SqlStorage, scene: Any, kind: Any) -> None:
    """What is stored of any kind is got back equal, and an owner is remembered."""
    states = [state for state in scene() if type(state) is kind]
    assert states
    for state in states:
        got, seen = _answer(filled, Get(kind, state.id))
        assert got == state
        assert list(seen) == ([(kind, state.id)] if state.belongs_to is None else [])


@pytest.mark.parametrize("kind", NOUNS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("id_", ["", "/", "cli_x", "a/b", "99", "٣", "cli_lea/stf_ann/x"])
def test_what_is_not_there_is_not_found(filled: SqlStorage, kind: type, id_: str) -> None:
    """An id under which nothing is stored, or that cannot be one, is not found."""
    assert _answer(filled, Get(kind, id_)) == (("not found", kind.__name__.lower()), None)


def test_needs_of_one_yield_are_of_one_moment(filled: SqlStorage) -> None:
    """Several needs are answered in one transaction, in their order."""
    with filled.open(PRACTICE) as work:
        assert work.read(()) == ()
        answers = work.read((q.MessagesOf(CONVERSATIONS[1]), q.OthersWithSettings(STAFF[1])))
    assert len(answers[0]) == 1
    assert answers[1] is True
