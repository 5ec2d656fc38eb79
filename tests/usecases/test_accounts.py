"""Signing in, sessions, and the capacities of one account (INV-6 to INV-9, PPL-5, PPL-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.accounts import Account, Secret, Session
from clientportal.domain.actors import Factor
from clientportal.domain.ids import AccountId, InviteId, SessionId, StaffId
from clientportal.domain.people import StaffMember, StaffStatus
from clientportal.domain.relationships import Scope
from clientportal.errors import MalformedError, ThrottledError, UnauthenticatedError
from clientportal.receipts import Receipt
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DORA,
    MOTHER,
    OWNER,
    PARTNER,
    PASSWORD,
    account_of,
    token_of,
)
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.accounts import SeePortals, SignIn, SignOut, throttle_id
from clientportal.usecases.custody import Custody
from clientportal.usecases.invites import InviteRelated
from clientportal.usecases.people import ChangeStaffMember
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship
from clientportal.usecases.settings import SetLanguage

SECOND: Final = timedelta(seconds=1)
MINUTE: Final = timedelta(minutes=1)
FIRST: Final = SessionId("ses_1")
WRONG: Final = "a wrong long password"


def sign(
    email: str = "ann@example.org", password: str = PASSWORD, session: str = "ses_2"
) -> SignIn:
    """Signing in."""
    token = Secret(token_of(SessionId(session)))
    return SignIn(
        session_id=SessionId(session), email=email, password=Secret(password), token=token
    )


def row(world: World, kind: type, key: str) -> Any:
    """A stored state."""
    storage: Any = world.storage
    return storage.rooms[world.practice_id].rows[kind, key][1]


def test_signing_in_opens_a_session_that_keeps_no_token(world: World) -> None:
    """INV-8, INV-9: the right password; the token stays with the caller."""
    receipt = world.done(sign("ANN@example.org"), world.visitor())
    assert [event.name for event in receipt.events] == ["account.signed_in"]
    session = row(world, Session, "ses_2")
    assert session.digest == world.workshop.digest(token_of(SessionId("ses_2")))
    assert token_of(SessionId("ses_2")) not in repr(session)
    assert [factor.name for factor in session.factors] == ["password"]
    assert world.do(sign(session="ses_1"), world.visitor()) == Denied("ConflictError", "id_used")


@pytest.mark.parametrize("email", ["ann@example.org", "nobody@example.org"])
def test_the_same_answer_for_unknown_addresses(world: World, email: str) -> None:
    """INV-6, INV-8: five free tries, then back-off, whether the account exists or not."""
    visitor = world.visitor()
    for _ in range(5):
        assert world.do(sign(email, WRONG), visitor) == Denied(
            "UnauthenticatedError", "not_recognised"
        )
    with pytest.raises(ThrottledError) as caught:
        world.portal.do(sign(email), actor=visitor)
    assert caught.value.retry_at == world.clock.at + 30 * SECOND
    assert str(caught.value) == "refused: account `too_many_tries` (INV-8)"
    world.pass_time(30 * SECOND)
    assert world.do(sign(email, WRONG), visitor) == Denied("UnauthenticatedError", "not_recognised")
    world.pass_time(60 * SECOND - timedelta(microseconds=1))
    assert world.do(sign(email), visitor) == Denied("ThrottledError", "too_many_tries")


def test_success_clears_the_accounts_counter(world: World) -> None:
    """INV-8: who signs in starts to count anew."""
    visitor = world.visitor()
    for session in ("ses_2", "ses_3"):
        for _ in range(4):
            assert world.do(sign(password=WRONG), visitor) == Denied(
                "UnauthenticatedError", "not_recognised"
            )
        assert world.done(sign(session=session), visitor)


def test_an_origin_is_counted_too(world: World) -> None:
    """INV-8: 50 per network address, over all accounts; other origins are not held up."""
    for number in range(50):
        denied = world.do(
            sign(f"u{number}@example.org", WRONG), world.visitor(), origin="192.0.2.1"
        )
        assert denied == Denied("UnauthenticatedError", "not_recognised")
    assert world.do(sign(), world.visitor(), origin="192.0.2.1") == Denied(
        "ThrottledError", "too_many_tries"
    )
    assert world.done(sign(), world.visitor())
    assert "ann" not in throttle_id("account", "ann@example.org")


def test_a_session_lives_twelve_hours_and_half_an_hour_idle(world: World) -> None:
    """INV-9: absolute and idle; ended ones open nothing."""
    for _ in range(24):
        assert world.enter(token_of(FIRST)).client_id == ANN
        world.pass_time(30 * MINUTE - timedelta(microseconds=1))
    assert world.enter(token_of(FIRST)).client_id == ANN
    world.pass_time(24 * timedelta(microseconds=1))
    assert world.enter(token_of(FIRST)) == Denied("UnauthenticatedError", "session_ended")


def test_idle_for_half_an_hour_is_over(world: World) -> None:
    """INV-9: from exactly 30 minutes; nobody's token is the same."""
    world.pass_time(30 * MINUTE)
    for token in (token_of(FIRST), "nonsense", "", "\ud800", "x" * 10**5):
        assert world.enter(token) == Denied("UnauthenticatedError", "session_ended")


def test_a_session_is_noted_once_a_minute(world: World) -> None:
    """INV-9: so that reading does not write all the time."""
    started = world.clock.at
    world.pass_time(MINUTE - timedelta(microseconds=1))
    world.enter(token_of(FIRST))
    assert row(world, Session, FIRST).seen_at == started
    world.pass_time(timedelta(microseconds=1))
    world.enter(token_of(FIRST))
    assert row(world, Session, FIRST).seen_at == world.clock.at


def test_signing_out(world: World) -> None:
    """INV-9: one's own session only, twice is once; others' sessions are not there."""
    ann = world.enter(token_of(FIRST))
    for who in (world.client(ANN), world.client(BEN), world.staff(OWNER), world.visitor()):
        assert world.do(SignOut(session_id=FIRST), who).error == "NotFoundError"
    names = [len(world.done(SignOut(session_id=FIRST), ann).events) for _ in range(2)]
    assert names == [1, 0]
    assert world.enter(token_of(FIRST)) == Denied("UnauthenticatedError", "session_ended")
    with pytest.raises(UnauthenticatedError):
        world.portal.visitor(world.practice_id, token=token_of(FIRST))


def both_portals(world: World) -> None:
    """Ben also acts for Ann, and is staff besides."""
    world.done(
        InviteRelated(invite_id=InviteId("inv_b"), relationship_id=PARTNER), world.staff(OWNER)
    )
    mine = world.visitor(InviteId("inv_b"), account_id=account_of(BEN))
    world.done(AcceptInvite(account_id=AccountId("acc_unused")), mine)
    storage: Any = world.storage
    room = storage.rooms[world.practice_id]
    version, account = room.rows[Account, account_of(BEN)]
    room.rows[Account, account_of(BEN)] = (version, evolve(account, staff_id=StaffId("stf_2")))
    world.done(sign("ben@example.org"), world.visitor())


def test_one_account_in_several_capacities(world: World) -> None:
    """PPL-5, PPL-6, DASH-3: staff, own record, proxy; the first unless one is named."""
    both_portals(world)
    token = token_of(SessionId("ses_2"))

    def acting(as_whom: Any) -> tuple[Any, ...]:
        actor = world.portal.actor(token, practice_id=world.practice_id, acting_as=as_whom)
        return actor.capacity.value, actor.staff_id, actor.client_id, actor.account_id

    assert acting(None) == ("staff", "stf_2", None, account_of(BEN))
    assert acting(StaffId("stf_2")) == acting(None)
    assert acting(BEN) == ("client", None, BEN, account_of(BEN))
    assert acting(ANN) == ("proxy", None, ANN, account_of(BEN))
    for foreign in (CAT, OWNER):
        with pytest.raises(UnauthenticatedError) as caught:
            acting(foreign)
        assert caught.value.code == "no_portal_access"
    proxy = world.portal.actor(token, practice_id=world.practice_id, acting_as=ANN)
    portals = world.look(SeePortals(), proxy)
    assert sorted(each.access.client_id for each in portals) == [ANN, BEN]


def test_capacities_end_at_once(world: World) -> None:
    """PPL-3, REL-6, INV-7: leaving and ended relationships close the door at the next request."""
    both_portals(world)
    owner, token = world.staff(OWNER), token_of(SessionId("ses_2"))
    left = StaffMember(id=StaffId("stf_2"), name="Pia", status=StaffStatus.LEFT)
    world.done(ChangeStaffMember(staff=left, custody=Custody(leave_unowned=True)), owner)
    assert world.enter(token).client_id == BEN
    world.done(ChangeRelationship(relationship_id=PARTNER, scopes=frozenset()), owner)
    with pytest.raises(UnauthenticatedError):
        world.portal.actor(token, practice_id=world.practice_id, acting_as=ANN)
    world.done(ChangeRelationship(relationship_id=PARTNER, scopes=frozenset({Scope.JOIN})), owner)
    assert world.portal.actor(token, practice_id=world.practice_id, acting_as=ANN)
    world.done(EndRelationship(relationship_id=PARTNER), owner)
    with pytest.raises(UnauthenticatedError):
        world.portal.actor(token, practice_id=world.practice_id, acting_as=ANN)
    assert isinstance(
        world.do(SetLanguage(client_id=BEN, language="de"), world.enter(token)), Receipt
    )


def test_an_account_that_opens_nothing(world: World) -> None:
    """INV-7: a session without a portal is no way in."""
    world.done(sign("dora@example.org"), world.visitor())
    dora = world.enter(token_of(SessionId("ses_2")))
    assert (dora.client_id, dora.account_id) == (CAT, account_of(DORA))
    world.done(EndRelationship(relationship_id=MOTHER), world.staff(OWNER))
    assert world.enter(token_of(SessionId("ses_2"))) == Denied(
        "UnauthenticatedError", "no_portal_access"
    )
    assert world.look(SeePortals(), dora) == ()
    assert world.look(SeePortals(), world.staff(OWNER)) == Denied(
        "UnauthenticatedError", "session_ended"
    )


def test_actors_that_the_host_vouches_for(world: World) -> None:
    """PPL-6: one of staff and client; access is still checked; factors come along."""
    factor = Factor(name="sso", at=world.clock.at)
    trusted = world.portal.trusted_actor(world.practice_id, client_id=ANN, factors=(factor,))
    assert (trusted.client_id, trusted.factors) == (ANN, (factor,))
    assert world.done(SetLanguage(client_id=ANN, language="es"), trusted)
    uninvited = world.portal.trusted_actor(world.practice_id, client_id=CAT)
    command = SetLanguage(client_id=CAT, language="es")
    assert world.do(command, uninvited) == Denied("UnauthenticatedError", "no_portal_access")
    wrong: Any = "cli_1"
    for given in (
        {},
        {"staff_id": OWNER, "client_id": ANN},
        {"client_id": wrong},
        {"staff_id": ANN},
    ):
        with pytest.raises(MalformedError):
            world.portal.trusted_actor(world.practice_id, **given)


def test_a_command_that_tests_a_secret_is_never_merely_asked(world: World) -> None:
    """MSG-13: asking would be trying."""
    for command in (sign(), AcceptInvite(account_id=AccountId("acc_9"))):
        assert world.ask(command, world.visitor()) == Denied("MalformedError", "no_ask")
