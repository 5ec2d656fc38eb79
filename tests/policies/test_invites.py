"""Who may be invited, and what a link opens (INV-1 to INV-6, GUIDE-1 to GUIDE-3)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ALL,
    ANN,
    ANNS,
    AS_ANN,
    AS_BEN,
    AS_DORA,
    AS_PIA,
    BOND,
    DAY,
    DORA,
    DORAS,
    INSTANT,
    NOW,
    OWN,
    ROB,
    SYSTEM,
    VISITOR,
    access,
    bond,
    client,
    practice,
    practice_facts,
    said,
    staff,
)

from clientportal.domain.accounts import Account, Throttle
from clientportal.domain.actors import Actor, Link
from clientportal.domain.ids import InviteId
from clientportal.domain.invites import LIFE, RESEND_WAIT, Invite, InviteStatus
from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.practices import InviteRules
from clientportal.domain.relationships import Contact, Scope
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.invites import (
    Answers,
    InviteFacts,
    InvitingFacts,
    may_accept_invite,
    may_invite_in_bulk,
    may_invite_staff,
    may_open_link,
    may_renew_invite,
    may_revoke_invite,
    may_send_invite,
)

INVITE = InviteId("inv_1")
EMAIL = "ann@example.org"
ADULT, CHILD = date(1990, 1, 1), date(2015, 1, 1)
DORAS_CONTACT = Contact(id=DORA, name="Dora", email="dora@example.org")


def invite(**given: Any) -> Invite:
    """Ann's invite, sent an hour ago."""
    start = {
        "id": INVITE,
        "email": EMAIL,
        "client_id": ANN,
        "sent_at": NOW - timedelta(hours=1),
        "expires_at": NOW - timedelta(hours=1) + LIFE,
    }
    return Invite(**{**start, **given})


def account(**given: Any) -> Account:
    """An account with Ann's address."""
    return Account(**{"id": ANNS, "email": EMAIL, "password": "phc", **given})


def inviting(who: Actor = AS_PIA, **given: Any) -> InvitingFacts:
    """Pia, who may edit everybody, before Ann who has an address and an age."""
    start = {
        "practice": practice(),
        "actor": who,
        "staff": staff(view_clients=ALL, edit_clients=ALL) if who.is_staff else None,
        "client": client(email=EMAIL, birth_date=ADULT),
    }
    return InvitingFacts(**{**start, **given})


def related(**given: Any) -> InvitingFacts:
    """The same before Dora, who is related to Ann."""
    start = {"relationship": bond(Scope.JOIN), "person": DORAS_CONTACT}
    return inviting(**{**start, **given})


def of_staff(who: Actor = AS_PIA, *, settings: bool = True, **given: Any) -> InvitingFacts:
    """The same before Rob, who works here."""
    me = staff(practice_settings=settings) if who.is_staff else None
    return inviting(who, **{"client": None, "staff": me, "invited": staff(ROB), **given})


ASKING = practice(invites=InviteRules(asks_birth_date=True))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(inviting(), (True, "sent"), id="staff who may edit the client invite"),
        pytest.param(inviting(SYSTEM), (True, "sent"), id="so does the command line"),
        pytest.param(
            inviting(staff=staff(view_clients=ALL, edit_clients=OWN)),
            (False, "may_only_view"),
            id="who may only view hears so",
        ),
        pytest.param(
            inviting(staff=staff(view_clients=OWN, edit_clients=OWN), assigned=True),
            (True, "sent"),
            id="edit of the roster is enough for the roster",
        ),
        pytest.param(
            inviting(staff=staff()), (False, "not_permitted"), id="without either nothing is there"
        ),
        pytest.param(inviting(staff=None), (False, "not_permitted"), id="unknown staff"),
        pytest.param(
            inviting(staff=staff(left=True, edit_clients=ALL)),
            (False, "not_permitted"),
            id="staff who left",
        ),
        pytest.param(
            inviting(AS_ANN), (False, "staff_only"), id="a client hears that staff do this"
        ),
        pytest.param(inviting(AS_DORA), (False, "staff_only"), id="so does a proxy"),
        pytest.param(
            inviting(AS_BEN), (False, "not_permitted"), id="another client learns nothing"
        ),
        pytest.param(inviting(VISITOR), (False, "not_permitted"), id="nor does a visitor"),
        pytest.param(
            inviting(client=client(email=EMAIL, archived=True)), (False, "archived"), id="archived"
        ),
        pytest.param(
            inviting(access=access()), (False, "already_active"), id="who has access needs none"
        ),
        pytest.param(
            inviting(access=access(ended=True)),
            (True, "sent"),
            id="ended access can be invited anew",
        ),
        pytest.param(inviting(client=client()), (False, "no_email"), id="nowhere to send it"),
        pytest.param(
            inviting(client=client(email=EMAIL)), (True, "sent"), id="one by one no age is needed"
        ),
        pytest.param(
            inviting(practice=ASKING, client=client(email=EMAIL)),
            (False, "no_birth_date"),
            id="unless the practice will ask for the birth date",
        ),
        pytest.param(
            inviting(client=client(email=EMAIL, birth_date=CHILD)),
            (True, "sent"),
            id="one by one minors too",
        ),
        pytest.param(related(), (True, "sent"), id="a related person under the same rules"),
        pytest.param(
            related(relationship=bond()), (False, "no_portal_grant"), id="only with a grant"
        ),
        pytest.param(
            related(relationship=bond(Scope.JOIN, ended=True)),
            (False, "no_portal_grant"),
            id="that holds",
        ),
        pytest.param(
            related(person=evolve(DORAS_CONTACT, email=None)),
            (False, "no_email"),
            id="to their own address",
        ),
        pytest.param(
            related(practice=ASKING, client=client()),
            (True, "sent"),
            id="the client's birth date is not asked",
        ),
        pytest.param(of_staff(), (True, "sent"), id="staff with practice settings invite staff"),
        pytest.param(
            of_staff(SYSTEM), (True, "sent"), id="so does the command line that opens a practice"
        ),
        pytest.param(
            of_staff(settings=False), (False, "permission_needed"), id="other staff do not"
        ),
        pytest.param(of_staff(AS_ANN), (False, "not_permitted"), id="clients do not"),
        pytest.param(
            of_staff(account=account()), (False, "already_active"), id="who has an account"
        ),
        pytest.param(of_staff(invited=None), (False, "no_email"), id="nobody has no address"),
    ],
)
def test_may_send(facts: InvitingFacts, expected: tuple[bool, str]) -> None:
    """INV-1, PPL-8: who may invite whom, one by one."""
    assert said(may_send_invite(facts, NOW, in_bulk=False)) == expected


@pytest.mark.parametrize(
    ("birth_date", "expected"),
    [
        pytest.param(None, (False, "no_birth_date"), id="an unknown birth date is skipped"),
        pytest.param(date(2008, 3, 3), (False, "needs_proxy"), id="18 tomorrow is too young today"),
        pytest.param(date(2008, 3, 2), (True, "sent"), id="18 today is old enough"),
        pytest.param(date(2008, 2, 29), (True, "sent"), id="born on 29 February"),
        pytest.param(CHILD, (False, "needs_proxy"), id="a child needs a proxy"),
    ],
)
def test_bulk_and_automatic_invites_skip_minors(
    birth_date: date | None, expected: tuple[bool, str]
) -> None:
    """INV-1, INV-2: younger than the age of an own account, in the practice's zone."""
    facts = inviting(client=client(email=EMAIL, birth_date=birth_date))
    assert said(may_send_invite(facts, NOW, in_bulk=True)) == expected


def test_the_day_of_an_age_is_the_practices() -> None:
    """INV-1, REL-4: local midnight starts the birthday in the practice's zone."""
    facts = inviting(client=client(email=EMAIL, birth_date=date(2008, 3, 3)))
    east = evolve(facts, practice=practice(timezone="Pacific/Kiritimati"))
    assert not may_send_invite(facts, NOW, in_bulk=True)
    assert may_send_invite(east, NOW, in_bulk=True)


def test_not_more_often_than_every_five_minutes() -> None:
    """INV-3: exactly five minutes later is welcome, and the refusal says when."""
    facts = inviting(live=invite(sent_at=NOW))
    soon = may_send_invite(facts, NOW + RESEND_WAIT - INSTANT, in_bulk=False)
    assert said(soon) == (False, "recently_sent")
    assert (soon.reason.kind, soon.holds_until) == (Kind.THROTTLED, NOW + RESEND_WAIT)
    assert may_send_invite(facts, NOW + RESEND_WAIT, in_bulk=False)


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(
            inviting(live=invite()), (True, "may_revoke"), id="whoever may invite may revoke"
        ),
        pytest.param(inviting(), (False, "invite_not_pending"), id="only what is pending"),
        pytest.param(inviting(AS_ANN, live=invite()), (False, "staff_only"), id="not the client"),
        pytest.param(
            inviting(live=invite(), client=client(archived=True)),
            (True, "may_revoke"),
            id="archived or not",
        ),
    ],
)
def test_may_revoke(facts: InvitingFacts, expected: tuple[bool, str]) -> None:
    """INV-3: revoking needs what inviting needs."""
    assert said(may_revoke_invite(facts)) == expected


@pytest.mark.parametrize(
    ("may", "bulk", "of_colleagues"),
    [
        pytest.param({"edit_clients": OWN}, True, False, id="edit of any client"),
        pytest.param({"practice_settings": True}, False, True, id="practice settings"),
        pytest.param({"view_clients": ALL}, False, False, id="view alone"),
    ],
)
def test_in_general(may: dict[str, Any], bulk: bool, of_colleagues: bool) -> None:
    """INV-1, PPL-8: bulk needs edit of somebody, inviting staff needs practice settings."""
    assert bool(may_invite_in_bulk(practice_facts(**may))) is bulk
    assert bool(may_invite_staff(practice_facts(**may))) is of_colleagues


# --- Links ---------------------------------------------------------------------------------------


def holder(generation: int = 1, of: str = "inv_1", **given: Any) -> Actor:
    """A visitor who holds a genuine link."""
    link = Link(invite_id=InviteId(of), generation=generation, expires_at=NOW + DAY)
    return evolve(VISITOR, link=link, **given)


def opened(**given: Any) -> InviteFacts:
    """What Ann's link opens."""
    start = {"practice": practice(), "invite": invite(), "client": client(email=EMAIL)}
    return InviteFacts(**{**start, **given})


def to_dora(**given: Any) -> InviteFacts:
    """What Dora's link opens."""
    start = {
        "invite": invite(email="dora@example.org", relationship_id=BOND),
        "relationship": bond(Scope.JOIN),
        "person": DORAS_CONTACT,
    }
    return opened(**{**start, **given})


TRIED = Throttle(id="invite/inv_1", failures=5, last_at=NOW)


@pytest.mark.parametrize(
    ("facts", "who", "expected"),
    [
        pytest.param(opened(), holder(), (True, "may_open"), id="the current link opens"),
        pytest.param(opened(), VISITOR, (False, "link_invalid"), id="no link"),
        pytest.param(
            opened(), holder(of="inv_2"), (False, "link_invalid"), id="another invite's link"
        ),
        pytest.param(
            opened(invite=invite(generation=2)),
            holder(1),
            (False, "link_invalid"),
            id="an older generation",
        ),
        pytest.param(opened(), holder(2), (False, "link_invalid"), id="a later generation"),
        pytest.param(
            opened(invite=invite(status=InviteStatus.ACCEPTED)),
            holder(),
            (False, "invite_used"),
            id="used",
        ),
        pytest.param(
            opened(invite=invite(status=InviteStatus.ACCEPTED, generation=2)),
            holder(),
            (False, "link_invalid"),
            id="used says so to the current generation only",
        ),
        pytest.param(
            opened(invite=invite(status=InviteStatus.REVOKED)),
            holder(),
            (False, "link_invalid"),
            id="revoked",
        ),
        pytest.param(
            opened(invite=invite(expires_at=NOW)),
            holder(),
            (False, "invite_expired"),
            id="from its last moment on",
        ),
        pytest.param(
            opened(invite=invite(expires_at=NOW + INSTANT)),
            holder(),
            (True, "may_open"),
            id="and not before",
        ),
        pytest.param(
            opened(client=client(email=EMAIL, archived=True)),
            holder(),
            (False, "link_invalid"),
            id="archived",
        ),
        pytest.param(
            opened(client=client(email="new@example.org")),
            holder(),
            (False, "link_invalid"),
            id="another address",
        ),
        pytest.param(
            opened(client=client()), holder(), (False, "link_invalid"), id="no address any more"
        ),
        pytest.param(
            opened(client=client(email="ANN@Example.org")),
            holder(),
            (True, "may_open"),
            id="the same, spelled anew",
        ),
        pytest.param(
            opened(throttle=TRIED),
            holder(),
            (False, "invite_locked"),
            id="locked by wrong birth dates",
        ),
        pytest.param(
            opened(throttle=evolve(TRIED, failures=4)),
            holder(),
            (True, "may_open"),
            id="four were too few",
        ),
        pytest.param(to_dora(), holder(), (True, "may_open"), id="a related person's"),
        pytest.param(
            to_dora(relationship=bond(Scope.JOIN, ended=True)),
            holder(),
            (False, "link_invalid"),
            id="the relationship ended",
        ),
        pytest.param(
            to_dora(relationship=bond()),
            holder(),
            (False, "link_invalid"),
            id="it grants nothing now",
        ),
        pytest.param(
            opened(
                client=None, staff=staff(), invite=invite(client_id=None, email="pia@example.org")
            ),
            holder(),
            (True, "may_open"),
            id="a staff member's",
        ),
        pytest.param(
            opened(client=None, staff=staff(left=True), invite=invite(email="pia@example.org")),
            holder(),
            (False, "link_invalid"),
            id="who left",
        ),
        pytest.param(opened(client=None), holder(), (False, "link_invalid"), id="nobody's"),
    ],
)
def test_may_open(facts: InviteFacts, who: Actor, expected: tuple[bool, str]) -> None:
    """INV-3, INV-4, INV-5: expired and used say so, all else is one and the same refusal."""
    assert said(may_open_link(facts, who, NOW)) == expected


def test_every_invalid_link_gets_the_same_answer() -> None:
    """INV-4: one and the same refusal, with no moment in it that would tell."""
    bad = [
        may_open_link(opened(), VISITOR, NOW),
        may_open_link(opened(invite=invite(status=InviteStatus.REVOKED)), holder(), NOW),
        may_open_link(opened(), holder(2), NOW),
        may_accept_invite(opened(), holder(), Answers(email="eve@example.org"), NOW),
    ]
    assert len(set(bad)) == 1


@pytest.mark.parametrize(
    ("facts", "who", "given", "expected"),
    [
        pytest.param(
            opened(), holder(), Answers(has_password=True), "may_accept", id="with a password"
        ),
        pytest.param(opened(), holder(), Answers(), "password_needed", id="not without"),
        pytest.param(
            opened(),
            holder(),
            Answers(has_password=True, password_fault="too_short"),
            "password_too_short",
            id="short",
        ),
        pytest.param(
            opened(),
            holder(),
            Answers(has_password=True, password_fault="too_long"),
            "password_too_long",
            id="long",
        ),
        pytest.param(
            opened(),
            holder(),
            Answers(has_password=True, password_fault="?"),
            "password_too_short",
            id="any fault",
        ),
        pytest.param(
            opened(),
            holder(),
            Answers(has_password=True, email="ANN@example.org"),
            "may_accept",
            id="the address",
        ),
        pytest.param(
            opened(),
            holder(),
            Answers(has_password=True, email="eve@example.org"),
            "link_invalid",
            id="any other",
        ),
        pytest.param(
            opened(),
            holder(),
            Answers(has_password=True, birth_date_matches=False),
            "wrong_birth_date",
            id="a wrong birth date",
        ),
        pytest.param(
            opened(account=account()),
            holder(),
            Answers(has_password=True),
            "sign_in_first",
            id="an account exists",
        ),
        pytest.param(
            opened(account=account()),
            holder(account_id=ANNS),
            Answers(),
            "may_accept",
            id="signed in to it",
        ),
        pytest.param(
            opened(account=account()),
            holder(account_id=DORAS),
            Answers(),
            "sign_in_first",
            id="to another one",
        ),
        pytest.param(
            opened(invite=invite(expires_at=NOW)),
            holder(),
            Answers(),
            "invite_expired",
            id="expired",
        ),
    ],
)
def test_may_accept(facts: InviteFacts, who: Actor, given: Answers, expected: str) -> None:
    """INV-5: password, birth date, the invited address; an account is signed in to first."""
    assert may_accept_invite(facts, who, given, NOW).reason.code == expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(opened(invite=invite(expires_at=NOW)), (True, "sent"), id="expired"),
        pytest.param(opened(), (False, "recently_sent"), id="one that still opens needs none"),
        pytest.param(
            opened(invite=invite(status=InviteStatus.ACCEPTED)),
            (False, "invite_used"),
            id="a used one gives none",
        ),
        pytest.param(
            opened(invite=invite(expires_at=NOW), throttle=TRIED),
            (False, "invite_locked"),
            id="nor does a locked one",
        ),
        pytest.param(
            opened(invite=invite(expires_at=NOW), client=client(email="new@example.org")),
            (False, "link_invalid"),
            id="nor one to another address",
        ),
    ],
)
def test_may_renew(facts: InviteFacts, expected: tuple[bool, str]) -> None:
    """INV-4: the holder of an expired link of the current generation is offered a fresh one."""
    assert said(may_renew_invite(facts, holder(), NOW)) == expected


# --- Laws ----------------------------------------------------------------------------------------

people = st.sampled_from([AS_PIA, AS_ANN, AS_BEN, AS_DORA, VISITOR, SYSTEM])
reaches = st.sampled_from(Reach)
clients = st.sampled_from(
    [client(email=EMAIL, birth_date=ADULT), client(), client(email=EMAIL, archived=True)]
)
sent = st.integers(min_value=-600, max_value=600).map(lambda n: NOW + timedelta(seconds=n))


@st.composite
def inviters(draw: st.DrawFn) -> InvitingFacts:
    """Anybody before anybody."""
    who = draw(people)
    return InvitingFacts(
        practice=practice(invites=InviteRules(asks_birth_date=draw(st.booleans()))),
        actor=who,
        staff=staff(
            left=draw(st.booleans()), view_clients=draw(reaches), edit_clients=draw(reaches)
        )
        if who.is_staff
        else None,
        client=draw(clients),
        assigned=draw(st.booleans()),
        relationship=draw(st.sampled_from([None, bond(), bond(Scope.JOIN)])),
        person=DORAS_CONTACT,
        live=draw(st.none() | sent.map(lambda at: invite(sent_at=at))),
        access=draw(st.sampled_from([None, access()])),
    )


@given(inviters(), sent, st.booleans())
def test_sending_is_total_explained_and_holds(
    facts: InvitingFacts, now: Moment, in_bulk: bool
) -> None:
    """INV-1, MSG-13: some answer for every input, the same until its moment."""
    decision = may_send_invite(facts, now, in_bulk=in_bulk)
    assert decision.reason.rule
    assert may_send_invite(facts, now, in_bulk=in_bulk) == decision
    if decision.holds_until is not None:
        before = may_send_invite(facts, decision.holds_until - INSTANT, in_bulk=in_bulk)
        assert said(before) == said(decision)
        assert may_send_invite(facts, decision.holds_until, in_bulk=in_bulk)


@given(inviters(), sent)
def test_less_permission_never_invites_more(facts: InvitingFacts, now: Moment) -> None:
    """INV-1: dropping permission, assignment or relationship never allows; bulk allows no more."""
    whole = may_send_invite(facts, now, in_bulk=False)
    for less in (
        evolve(facts, staff=None),
        evolve(facts, assigned=False),
        evolve(facts, staff=facts.staff and evolve(facts.staff, permissions=staff().permissions)),
        evolve(
            facts,
            relationship=facts.relationship and evolve(facts.relationship, scopes=frozenset()),
        ),
    ):
        assert bool(may_send_invite(less, now, in_bulk=False)) <= bool(whole)
    assert bool(may_send_invite(facts, now, in_bulk=True)) <= bool(whole)


@given(inviters(), sent)
def test_outsiders_never_invite(facts: InvitingFacts, now: Moment) -> None:
    """INV-1: visitors, other clients and staff who left learn not even that the client is there."""
    outsider = facts.actor in (VISITOR, AS_BEN) or (
        facts.staff is not None and not facts.staff.is_active
    )
    if outsider:
        hidden: list[Decision] = [
            may_send_invite(facts, now, in_bulk=False),
            may_revoke_invite(facts),
        ]
        assert all(not each and each.reason.kind is Kind.HIDDEN for each in hidden)


@given(
    st.sampled_from(InviteStatus),
    sent,
    sent,
    st.integers(min_value=1, max_value=3),
    st.integers(min_value=0, max_value=6),
)
def test_opening_is_total_and_holds(
    status: InviteStatus, expires: Moment, now: Moment, generation: int, failures: int
) -> None:
    """INV-4: some answer for every link at every moment, the same until its moment."""
    facts = opened(
        invite=invite(status=status, expires_at=expires, generation=2),
        throttle=evolve(TRIED, failures=failures),
    )
    decision = may_open_link(facts, holder(generation), now)
    if decision.holds_until is not None:
        assert may_open_link(facts, holder(generation), decision.holds_until - INSTANT) == decision
        assert not may_open_link(facts, holder(generation), decision.holds_until)
    renewed = may_renew_invite(facts, holder(generation), now)
    assert not (decision and renewed)
