"""How an actor stands to the practice and to a client (PPL-3 to PPL-6, INV-7, REL-2, REL-6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.policies.facts import (
    ALL,
    AS_BEN,
    AS_DORA,
    AS_PIA,
    DAY,
    NONE,
    NOW,
    OUTSIDERS,
    OWN,
    SYSTEM,
    VISITOR,
    by_ann,
    by_dora,
    by_staff,
    outsider,
    practice_facts,
    said,
)

from clientportal.domain.people import Permissions, Reach
from clientportal.domain.relationships import Scope
from clientportal.policies.decision import Decision, Kind, allow, deny, in_order
from clientportal.policies.standing import (
    PracticeFacts,
    Standing,
    may_act,
    may_edit,
    may_run,
    may_view,
)


def view(permissions: Permissions) -> Reach:
    """Clients, to look at."""
    return permissions.view_clients


def edit(permissions: Permissions) -> Reach:
    """Clients, to change."""
    return permissions.edit_clients


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(by_staff(), (True, "present"), id="staff who work here are present"),
        pytest.param(
            by_staff(left=True), (False, "left_the_practice"), id="staff who left are not"
        ),
        pytest.param(
            outsider(AS_PIA), (False, "left_the_practice"), id="unknown staff are as if they left"
        ),
        pytest.param(by_ann(), (True, "present"), id="a client with access is present"),
        pytest.param(by_ann(ended=True), (False, "no_portal_access"), id="revoked access is none"),
        pytest.param(
            outsider(AS_BEN), (False, "not_yours"), id="another client's record is not mine"
        ),
        pytest.param(
            by_dora(Scope.JOIN), (True, "present"), id="a proxy is present by a grant and access"
        ),
        pytest.param(by_dora(), (False, "not_granted"), id="a proxy without a grant is nobody"),
        pytest.param(
            by_dora(ended=True), (False, "not_granted"), id="an ended relationship ends it"
        ),
        pytest.param(by_dora(revoked=True), (False, "not_granted"), id="so does ended access"),
        pytest.param(
            outsider(AS_DORA), (False, "not_granted"), id="a proxy without either is nobody"
        ),
        pytest.param(outsider(VISITOR), (False, "not_yours"), id="a visitor is nobody"),
        pytest.param(outsider(SYSTEM), (False, "not_yours"), id="the machinery reads no records"),
    ],
)
def test_may_act(standing: Standing, expected: tuple[bool, str]) -> None:
    """PPL-3, INV-7, REL-6: whoever signed in must still be who they were then."""
    assert said(may_act(standing)) == expected


def test_a_proxy_acts_for_the_client_of_their_session_only() -> None:
    """PPL-5: the portals of one account are never mixed."""
    from attrs import evolve
    from tests.policies.facts import BEN, client

    assert said(may_act(evolve(by_dora(*Scope), client=client(BEN)))) == (False, "not_yours")
    assert said(may_act(evolve(by_ann(), client=client(BEN)))) == (False, "not_yours")


@pytest.mark.parametrize(
    ("reach", "assigned", "expected"),
    [
        pytest.param(NONE, True, "not_permitted", id="none reaches nobody, not even the roster"),
        pytest.param(OWN, False, "not_permitted", id="assigned ends at the roster"),
        pytest.param(OWN, True, "permitted", id="assigned reaches the roster"),
        pytest.param(ALL, False, "permitted", id="everything reaches everybody"),
    ],
)
def test_reach(reach: Reach, assigned: bool, expected: str) -> None:
    """PPL-3: none, assigned, everything; what is out of reach is hidden."""
    decision = may_view(by_staff(assigned=assigned, view_clients=reach), view, Scope.PROFILE)
    assert decision.reason.code == expected
    assert decision.allowed or decision.reason.kind is Kind.HIDDEN


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(by_ann(), (True, "own_record"), id="clients see their own record"),
        pytest.param(by_ann(ended=True), (False, "no_portal_access"), id="not without access"),
        pytest.param(
            by_dora(Scope.JOIN), (True, "granted"), id="a proxy sees what is in the grant"
        ),
        pytest.param(by_dora(Scope.EXPORT), (False, "not_granted"), id="and nothing beside it"),
    ],
)
def test_may_view(standing: Standing, expected: tuple[bool, str]) -> None:
    """PPL-5, REL-2: clients see their own, proxies what is granted."""
    assert said(may_view(standing, view, Scope.JOIN)) == expected


@pytest.mark.parametrize(
    ("standing", "expected", "kind"),
    [
        pytest.param(
            by_staff(view_clients=ALL, edit_clients=ALL), "permitted", None, id="edit reaches"
        ),
        pytest.param(
            by_staff(view_clients=ALL, edit_clients=OWN),
            "may_only_view",
            Kind.REFUSED,
            id="who may only view hears so",
        ),
        pytest.param(
            by_staff(edit_clients=ALL),
            "not_permitted",
            Kind.HIDDEN,
            id="edit without view is hidden",
        ),
        pytest.param(by_ann(), "staff_only", Kind.REFUSED, id="clients hear that staff do this"),
        pytest.param(by_dora(*Scope), "staff_only", Kind.REFUSED, id="so do proxies"),
        pytest.param(outsider(AS_BEN), "not_yours", Kind.HIDDEN, id="other clients hear nothing"),
    ],
)
def test_may_edit(standing: Standing, expected: str, kind: Kind | None) -> None:
    """PPL-3: staff with edit; a refusal is spoken only to who may view."""
    decision = may_edit(standing, edit, view)
    assert decision.reason.code == expected
    assert decision.allowed or decision.reason.kind is kind


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(practice_facts(practice_settings=True), (True, "permitted"), id="permitted"),
        pytest.param(practice_facts(), (False, "permission_needed"), id="without the permission"),
        pytest.param(
            practice_facts(left=True, practice_settings=True), (False, "staff_left"), id="who left"
        ),
        pytest.param(practice_facts(known=False), (False, "staff_left"), id="unknown staff"),
        pytest.param(practice_facts(SYSTEM), (True, "permitted"), id="the command line"),
        pytest.param(practice_facts(AS_BEN), (False, "staff_only"), id="a client"),
        pytest.param(practice_facts(AS_DORA), (False, "staff_only"), id="a proxy"),
        pytest.param(practice_facts(VISITOR), (False, "staff_only"), id="a visitor"),
    ],
)
def test_may_run(facts: PracticeFacts, expected: tuple[bool, str]) -> None:
    """PPL-3, PPL-6: what concerns the practice is for permitted staff and the command line."""
    assert said(may_run(facts, lambda p: p.practice_settings)) == expected


@pytest.mark.parametrize("standing", OUTSIDERS)
@pytest.mark.parametrize(
    "rule",
    [
        pytest.param(lambda s: may_view(s, view, Scope.PROFILE), id="view"),
        pytest.param(lambda s: may_edit(s, edit, view), id="edit"),
    ],
)
def test_outsiders_never(standing: Standing, rule: Callable[[Standing], Decision]) -> None:
    """PPL-3, PPL-5, REL-6: who has nothing to do with a client may nothing."""
    assert not rule(standing)


def test_in_order_gives_the_first_denial_else_the_last_with_the_earliest_moment() -> None:
    """MSG-13: one request gets one stable reason, and holds until the first of its moments."""
    yes, no, other = (
        allow("yes", "x", "PPL-1"),
        deny("no", "x", "PPL-1"),
        deny("other", "x", "PPL-1"),
    )
    assert in_order(yes, no, other) is no
    assert in_order(yes, yes) is yes
    until = (
        Decision(True, yes.reason, holds_until=NOW + DAY),
        Decision(True, yes.reason, holds_until=NOW),
    )
    assert in_order(*until, yes) == Decision(True, yes.reason, holds_until=NOW)
    assert bool(yes)
    assert not bool(no)
