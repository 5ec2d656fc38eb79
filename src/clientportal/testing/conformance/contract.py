"""What a commit is: versions, owners of sets, ids, claims; all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, TypeAlias

import pytest
from attrs import evolve, fields

from clientportal.domain.accounts import Access, Throttle
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.appointment_notices import AppointmentNotice
from clientportal.domain.deliveries import Delivery
from clientportal.domain.feeds import Feed
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ConversationId,
    InviteId,
    MessageId,
    SessionId,
)
from clientportal.domain.invites import LIFE, Invite
from clientportal.domain.messages import Message, Reading, Tombstone
from clientportal.domain.notices import Notice
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.errors import IntegrityError, NotFoundError
from clientportal.flows import Get
from clientportal.ports import queries as q
from clientportal.ports.storage import Storage
from clientportal.receipts import Stale, Taken
from clientportal.testing.conformance import samples as s
from clientportal.testing.conformance.desk import (
    ANN,
    AT,
    BEN,
    LOGIN,
    OTHER,
    PIA,
    PRACTICE,
    Desk,
    account,
    client,
    meeting,
    practice,
    reread,
)

Factory: TypeAlias = Callable[[], Storage]

STAFF: Final = Actor(practice_id=PRACTICE, capacity=Capacity.STAFF, staff_id=PIA)
HOUR: Final = timedelta(hours=1)


def _written(storage: Factory) -> Desk:
    """A desk at which every sample was written."""
    desk = Desk.at(storage())
    assert desk.put(events=("client.added",)) is None
    for state in s.SAMPLES:
        assert desk.put(state) is None, state
    for owner, member in s.MEMBERS:
        assert desk.put(owner, member, seen=(Get(type(owner), owner.id),)) is None, member
    return desk


def _invite(tail: str, **fields: Any) -> Invite:
    until = AT + LIFE
    return Invite(
        id=InviteId.of(tail), email="a@example.org", sent_at=AT, expires_at=until, **fields
    )


TWICE: Final = (
    ("email_taken", account(AccountId.of("n1"), "e@x.org"), account(AccountId.of("n2"), "E@X.org")),
    (
        "staff_account",
        account(AccountId.of("n1"), "e@x.org", staff_id=PIA),
        account(AccountId.of("n2"), "f@x.org", staff_id=PIA),
    ),
    (
        "external_id",
        client(ClientId.of("n1"), external_id="x"),
        client(ClientId.of("n2"), external_id="x"),
    ),
    ("live_invite", _invite("n1", client_id=ANN), _invite("n2", client_id=ANN)),
    ("session", s.SESSION, evolve(s.SESSION, id=SessionId.of("n2"))),
    ("slot_taken", meeting("n1", AT, 30), meeting("n2", AT, 30)),
)


class CommitContract:
    """What `read` and `commit` must do, whatever is behind them."""

    def test_what_was_written_is_read(self, storage: Factory) -> None:
        """Every state is read as it was written, field by field."""
        desk = _written(storage)
        for state in (*s.SAMPLES, *(member for _, member in s.MEMBERS)):
            assert desk.ask(Get(type(state), state.id)) == state

    def test_a_practice_is_read_as_it_was_written(self, storage: Factory) -> None:
        """A practice keeps its settings, and the name of a policy that nobody knows yet."""
        desk = Desk.at(storage())
        changed = {each.name: getattr(s.PRACTICE_FULL, each.name) for each in fields(Practice)}
        assert desk.change(practice(PRACTICE), **changed) is None
        assert desk.ask(q.PracticeFactsOf(STAFF)).practice == s.PRACTICE_FULL

    @pytest.mark.parametrize(
        "need",
        [
            pytest.param(Get(Client, "cli_none"), id="get"),
            pytest.param(q.StandingOf(ClientId.of("none"), STAFF), id="query"),
            pytest.param(q.WritingFactsOf(ConversationId.of("none"), STAFF), id="conversation"),
            pytest.param(
                q.StartingFactsOf((ANN,), (type(PIA).of("none"),), STAFF), id="other noun"
            ),
        ],
    )
    def test_what_is_not_there(self, storage: Factory, need: Any) -> None:
        """The absence of anything is the absence of the subject."""
        with pytest.raises(NotFoundError) as raised:
            Desk.at(storage()).ask(need)
        assert raised.value.kind == getattr(need, "subject", "client")

    def test_stale(self, storage: Factory) -> None:
        """Who has read what changed meanwhile changes nothing."""
        desk = Desk.at(storage())
        with desk.open() as work:
            seen = reread(work, Get(Client, ANN))
            assert desk.change(seen, given_name="First") is None
            assert work.commit(desk.commit(evolve(seen, given_name="Second"))) == Stale()
        assert desk.ask(Get(Client, ANN)).given_name == "First"

    def test_stale_by_what_is_not_written(self, storage: Factory) -> None:
        """What was only read counts as much as what is written."""
        desk = Desk.at(storage())
        with desk.open() as work:
            work.read((Get(Client, ANN), Get(StaffMember, PIA)))
            assert desk.change(desk.ask(Get(StaffMember, PIA)), name="New") is None
            assert work.commit(desk.commit(client(ANN, email="n@x.org"))) == Stale()

    def test_the_first_reading_counts(self, storage: Factory) -> None:
        """What was decided on an earlier reading is not saved by reading once more."""
        desk = Desk.at(storage())
        with desk.open() as work:
            seen = reread(work, Get(Client, ANN))
            assert desk.change(seen, given_name="First") is None
            again = reread(work, Get(Client, ANN))
            assert work.commit(desk.commit(evolve(again, email="n@x.org"))) == Stale()

    def test_a_refusal_is_recorded_although_something_changed(self, storage: Factory) -> None:
        """A commit without states has nothing to be stale about."""
        desk = Desk.at(storage())
        with desk.open() as work:
            assert desk.change(reread(work, Get(Client, ANN)), given_name="First") is None
            assert work.commit(desk.commit(allowed=False)) is None

    def test_pages_are_not_remembered(self, storage: Factory) -> None:
        """A list shown is no reason to decide again."""
        desk = Desk.at(storage())
        with desk.open() as work:
            work.read((q.ClientsOf(PIA, everybody=True), q.CatalogueOf()))
            assert desk.change(desk.ask(Get(Client, ANN)), given_name="First") is None
            assert work.commit(desk.commit(client(ClientId.of("n1")))) is None

    @pytest.mark.parametrize(("owner", "member"), s.MEMBERS, ids=lambda each: type(each).__name__)
    def test_a_set_belongs_to_its_owner(self, storage: Factory, owner: Any, member: Any) -> None:
        """Whoever has read the owner is stale once a member was written."""
        desk = _written(storage)
        get = Get(type(owner), owner.id)
        with desk.open() as work:
            work.read((get,))
            assert desk.put(owner, _next(member), seen=(get,)) is None
            assert work.commit(desk.commit(client(ClientId.of("n1")))) == Stale()

    def test_no_member_without_its_owner(self, storage: Factory) -> None:
        """A member that is written alone would change a set unseen: a bug of ours."""
        desk = Desk.at(storage())
        with pytest.raises(IntegrityError):
            desk.put(Assignment(client_id=ANN, staff_id=PIA, since=AT))

    @pytest.mark.parametrize("state", s.SAMPLES, ids=lambda each: type(each).__name__)
    def test_an_id_is_used_once(self, storage: Factory, state: Any) -> None:
        """Who makes a thing anew under a used id is told; a counter's first maker has won."""
        desk = _written(storage)
        kinds = Throttle | Reading | Notice | AppointmentNotice | Delivery | Feed
        natural = isinstance(state, kinds)
        assert desk.put(state) == (Stale() if natural else Taken("id_used"))

    @pytest.mark.parametrize(("code", "first", "second"), TWICE, ids=[code for code, *_ in TWICE])
    def test_claims(self, storage: Factory, code: str, first: Any, second: Any) -> None:
        """What may exist once does; the other is told which claim was in the way."""
        desk = Desk.at(storage())
        assert desk.put(first) is None
        assert desk.put(second) == Taken(code)
        with pytest.raises(NotFoundError):
            desk.ask(Get(type(second), second.id))

    def test_an_own_account_each(self, storage: Factory) -> None:
        """A client has one own account; once it has ended, there may be another."""
        desk = Desk.at(storage())
        other = account(AccountId.of("n1"), "o@x.org")
        mine = Access(client_id=ANN, account_id=LOGIN, since=AT)
        theirs = evolve(mine, account_id=other.id)
        seen = (Get(Client, ANN),)
        assert desk.put(other, client(ANN), mine, seen=seen) is None
        assert desk.put(client(ANN), theirs, seen=seen) == Taken("own_account")
        assert desk.put(client(ANN), evolve(mine, ended_at=AT), seen=seen) is None
        assert desk.put(client(ANN), theirs, seen=seen) is None

    def test_all_or_nothing(self, storage: Factory) -> None:
        """A commit of which one part fails leaves no part behind: no state, no event, no claim."""
        desk = Desk.at(storage())
        assert desk.put(meeting("n1", AT, 30)) is None
        fresh = client(ClientId.of("n1"), external_id="x")
        failed = desk.put(fresh, meeting("n2", AT, 30), events=("client.added",), key="k")
        assert failed == Taken("slot_taken")
        assert desk.ask(q.PendingEvents()) == ()
        assert desk.recall("k") is None
        with pytest.raises(NotFoundError):
            desk.ask(Get(Client, fresh.id))
        assert desk.put(fresh, meeting("n2", AT + HOUR, 30)) is None

    def test_the_last_state_of_a_commit_counts(self, storage: Factory) -> None:
        """Two changes of one thing in one commit are one writing of the last."""
        desk = Desk.at(storage())
        first, last = client(BEN, external_id="x"), client(BEN, external_id="y")
        assert desk.put(first, last, seen=(Get(Client, BEN),)) is None
        assert desk.ask(Get(Client, BEN)) == last
        assert desk.put(client(ClientId.of("n1"), external_id="x")) is None

    def test_practices_do_not_meet(self, storage: Factory) -> None:
        """The same ids, addresses and hours in two practices are two worlds (PPL-1)."""
        store = storage()
        here, there = Desk.at(store), Desk.at(store, OTHER)
        for desk in (here, there):
            for _, state, _ in TWICE[1:]:
                assert desk.put(state) is None, state
        assert here.change(client(ANN), given_name="Here") is None
        assert there.ask(Get(Client, ANN)).given_name == "Ann"
        with pytest.raises(NotFoundError):
            Desk(store, type(PRACTICE).of("none")).ask(Get(Client, ANN))


def _next(member: Any) -> Any:
    """*member* written again; what never changes is followed by another."""
    if isinstance(member, Tombstone):
        return evolve(member, message_id=MessageId("msg_8"))
    if isinstance(member, Message):
        return evolve(member, id=MessageId.of("n1"), sequence=member.sequence + 2)
    return member
