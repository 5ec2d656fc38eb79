"""Signing in, and what a session opens (INV-6, INV-8, INV-9, PPL-5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ANNS,
    AS_ANN,
    AS_DORA,
    AS_PIA,
    BOND,
    INSTANT,
    NOW,
    VISITOR,
    access,
    bond,
    said,
)

from clientportal.domain.accounts import ABSOLUTE, IDLE, Account, Session, Throttle
from clientportal.domain.ids import SessionId
from clientportal.domain.relationships import Scope
from clientportal.policies.accounts import (
    OpenPortal,
    SessionFacts,
    SignInFacts,
    may_list_portals,
    may_sign_in,
    may_sign_out,
    may_try,
    may_use_session,
)
from clientportal.policies.decision import Kind

ACCOUNT = Account(id=ANNS, email="ann@example.org", password="phc")


def tried(failures: int) -> Throttle:
    """So many failures, the last one now."""
    return Throttle(id="account/x", failures=failures, last_at=NOW)


@pytest.mark.parametrize(
    ("mine", "origins", "seconds"),
    [
        pytest.param(0, 0, 0, id="nothing failed"),
        pytest.param(4, 49, 0, id="below both limits"),
        pytest.param(5, 0, 30, id="five failures of an account: half a minute"),
        pytest.param(6, 0, 60, id="six: a minute"),
        pytest.param(12, 0, 3600, id="twelve: an hour"),
        pytest.param(10**6, 0, 3600, id="never more than an hour"),
        pytest.param(0, 50, 30, id="fifty failures of an origin"),
        pytest.param(5, 51, 60, id="the longer of the two"),
    ],
)
def test_back_off(mine: int, origins: int, seconds: int) -> None:
    """INV-8: 5 per account and 50 per network address, then back-off."""
    facts = SignInFacts(tries=tried(mine), origin_tries=tried(origins))
    decision = may_try(facts, NOW)
    assert bool(decision) is (seconds == 0)
    if seconds:
        until = NOW + timedelta(seconds=seconds)
        assert (decision.reason.kind, decision.holds_until) == (Kind.THROTTLED, until)
        assert not may_try(facts, until - INSTANT)
        assert may_try(facts, until)


def test_who_was_never_tried_may_try() -> None:
    """INV-6: an address that nobody has is treated alike."""
    assert may_try(SignInFacts(), NOW) == may_try(SignInFacts(account=ACCOUNT), NOW)


@pytest.mark.parametrize(
    ("facts", "verified", "expected"),
    [
        pytest.param(
            SignInFacts(account=ACCOUNT), True, (True, "signed_in"), id="the right password"
        ),
        pytest.param(
            SignInFacts(account=ACCOUNT), False, (False, "not_recognised"), id="a wrong one"
        ),
        pytest.param(SignInFacts(), False, (False, "not_recognised"), id="nobody's address"),
        pytest.param(SignInFacts(), True, (False, "not_recognised"), id="whatever verifying said"),
    ],
)
def test_may_sign_in(facts: SignInFacts, verified: bool, expected: tuple[bool, str]) -> None:
    """INV-6: one answer for every failure."""
    assert said(may_sign_in(facts, verified=verified)) == expected


def session(age: timedelta, idle: timedelta, *, ended: bool = False) -> SessionFacts:
    """Ann's session."""
    one = Session(
        id=SessionId("ses_1"),
        account_id=ANNS,
        digest="0" * 64,
        created_at=NOW - age,
        seen_at=NOW - idle,
        ended_at=NOW if ended else None,
    )
    return SessionFacts(session=one, account=ACCOUNT)


@pytest.mark.parametrize(
    ("facts", "live"),
    [
        pytest.param(None, False, id="no such session"),
        pytest.param(session(timedelta(0), timedelta(0)), True, id="a new one"),
        pytest.param(session(ABSOLUTE, timedelta(0)), False, id="twelve hours old"),
        pytest.param(session(ABSOLUTE - INSTANT, timedelta(0)), True, id="a moment less"),
        pytest.param(session(IDLE, IDLE), False, id="idle for half an hour"),
        pytest.param(session(IDLE, IDLE - INSTANT), True, id="a moment less idle"),
        pytest.param(session(IDLE, timedelta(0), ended=True), False, id="ended"),
        pytest.param(
            session(-INSTANT, -INSTANT), False, id="begun later than now: the clock was set back"
        ),
    ],
)
def test_may_use_session(facts: SessionFacts | None, live: bool) -> None:
    """INV-9: 12 h absolute and 30 min idle, half-open; a clock set back revives nothing."""
    decision = may_use_session(facts, NOW)
    assert said(decision) == ((True, "session_live") if live else (False, "session_ended"))
    if decision.holds_until is not None:
        assert may_use_session(facts, decision.holds_until - INSTANT)
        assert not may_use_session(facts, decision.holds_until)


@pytest.mark.parametrize(
    ("portal", "is_open"),
    [
        pytest.param(OpenPortal(access=access()), True, id="one's own"),
        pytest.param(OpenPortal(access=access(ended=True)), False, id="ended"),
        pytest.param(
            OpenPortal(access=access(through=BOND), relationship=bond(Scope.JOIN)),
            True,
            id="through a grant",
        ),
        pytest.param(
            OpenPortal(access=access(through=BOND), relationship=bond()),
            False,
            id="through no grant",
        ),
        pytest.param(
            OpenPortal(access=access(through=BOND), relationship=bond(Scope.JOIN, ended=True)),
            False,
            id="that ended",
        ),
    ],
)
def test_portals(portal: OpenPortal, is_open: bool) -> None:
    """PPL-5, REL-2, REL-6: a portal is open by one's own access or a grant that holds."""
    assert portal.is_open is is_open


@given(
    st.integers(min_value=0, max_value=10**4),
    st.integers(min_value=0, max_value=10**4),
    st.integers(min_value=0, max_value=10**4),
)
def test_more_failures_never_let_in_sooner(mine: int, more: int, seconds: int) -> None:
    """INV-8: total and monotone: whoever failed more often waits at least as long."""
    now = NOW + timedelta(seconds=seconds)
    fewer, often = SignInFacts(tries=tried(mine)), SignInFacts(tries=tried(mine + more))
    assert bool(may_try(often, now)) <= bool(may_try(fewer, now))


def test_ones_own_sessions_and_portals() -> None:
    """INV-9, DASH-3: one ends one's own sessions only, and chooses only with an account."""
    mine = session(timedelta(0), timedelta(0)).session
    assert said(may_sign_out(mine, AS_ANN)) == (True, "signed_out")
    for who in (AS_DORA, AS_PIA, VISITOR):
        assert may_sign_out(mine, who).reason.kind is Kind.HIDDEN
    assert said(may_list_portals(AS_DORA)) == (True, "signed_in")
    assert said(may_list_portals(AS_PIA)) == (False, "session_ended")
