"""The small policies: people, practices, availability, relationships, deliveries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st
from tests.policies.facts import (
    ALL,
    AS_ANN,
    AS_BEN,
    AS_DORA,
    AS_PIA,
    NONE,
    OUTSIDERS,
    OWN,
    PIA,
    ROB,
    SYSTEM,
    VISITOR,
    bond,
    by_ann,
    by_dora,
    by_staff,
    practice_facts,
    said,
    staff,
)

from clientportal.domain.actors import Actor
from clientportal.domain.people import Permissions, Reach
from clientportal.domain.relationships import Scope
from clientportal.policies.availability import may_see_catalogue, may_set_availability
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.deliveries import may_deliver
from clientportal.policies.people import (
    keeps_settings,
    may_add_client,
    may_change_profile,
    may_change_staff,
    may_edit_client,
    may_import_clients,
    may_list_clients,
    may_view_client,
)
from clientportal.policies.practices import may_change_settings, may_open_practice
from clientportal.policies.relationships import (
    RelationshipFacts,
    may_change_relationship,
    may_relate,
    may_view_relationships,
)
from clientportal.policies.standing import PracticeFacts, Standing

EVERYBODY: Final = (AS_PIA, AS_ANN, AS_BEN, AS_DORA, VISITOR, SYSTEM)
PracticeRule = Callable[[PracticeFacts], Decision]
RecordRule = Callable[[Standing], Decision]


@pytest.mark.parametrize(
    ("rule", "may"),
    [
        pytest.param(
            may_add_client, {"edit_clients": OWN}, id="adding a client needs edit of some"
        ),
        pytest.param(may_import_clients, {"edit_clients": ALL}, id="importing needs edit of all"),
        pytest.param(may_list_clients, {"view_clients": OWN}, id="the list needs view of some"),
        pytest.param(
            may_change_staff, {"practice_settings": True}, id="staff need practice settings"
        ),
        pytest.param(may_change_settings, {"practice_settings": True}, id="so do settings"),
    ],
)
def test_practice_wide(rule: PracticeRule, may: dict[str, Any]) -> None:
    """PPL-2, PPL-3, PPL-7, PPL-8, MSG-1: by the one permission each needs, and no other."""
    rest = {
        "view_clients": ALL,
        "edit_clients": ALL,
        "view_documentation": ALL,
        "edit_documentation": ALL,
        "view_calendar": ALL,
        "edit_calendar": ALL,
        "billing": True,
        "practice_settings": True,
    }
    without = {name: value for name, value in rest.items() if name not in may}
    assert said(rule(practice_facts(**may))) == (True, "permitted")
    assert said(rule(practice_facts(**without))) == (False, "permission_needed")
    assert said(rule(practice_facts(left=True, **may))) == (False, "staff_left")
    machinery = (False, "staff_only") if rule is may_list_clients else (True, "permitted")
    assert said(rule(practice_facts(SYSTEM))) == machinery
    for who in (AS_ANN, AS_DORA, VISITOR):
        assert said(rule(practice_facts(who))) == (False, "staff_only")


def test_importing_needs_more_than_a_roster() -> None:
    """PPL-7: an import may touch every record."""
    assert not may_import_clients(practice_facts(edit_clients=OWN))


@pytest.mark.parametrize("who", EVERYBODY)
def test_only_the_machinery_opens_and_delivers(who: Actor) -> None:
    """PPL-6, PPL-8, OUT-1: the command line opens a practice, the relay delivers, nobody else."""
    assert bool(may_open_practice(who)) is bool(may_deliver(who)) is who.is_system
    assert may_open_practice(who).reason.code in ("may_open_practice", "staff_only")
    assert may_deliver(who).reason.code in ("may_deliver", "relay_only")
    assert may_deliver(who) or may_deliver(who).reason.kind is Kind.HIDDEN


@pytest.mark.parametrize(
    ("may", "own", "others", "practices"),
    [
        pytest.param({"edit_calendar": ALL}, True, True, True, id="everybody's calendar"),
        pytest.param({"edit_calendar": OWN}, True, False, False, id="one's own"),
        pytest.param({"practice_settings": True}, True, True, True, id="practice settings"),
        pytest.param({"view_calendar": ALL}, False, False, False, id="view alone"),
    ],
)
def test_availability(may: dict[str, Any], own: bool, others: bool, practices: bool) -> None:
    """APT-1, PPL-3: one's own with calendar edit, all else with everybody's or settings."""
    facts = practice_facts(**may)
    assert [bool(may_set_availability(facts, level)) for level in (PIA, ROB, None)] == [
        own,
        others,
        practices,
    ]
    assert not may_set_availability(practice_facts(AS_ANN), None)


@pytest.mark.parametrize(
    ("facts", "standing", "expected"),
    [
        pytest.param(practice_facts(), None, (True, "offered"), id="any staff"),
        pytest.param(practice_facts(left=True), None, (False, "staff_left"), id="not who left"),
        pytest.param(practice_facts(AS_ANN), by_ann(), (True, "offered"), id="clients"),
        pytest.param(
            practice_facts(AS_ANN),
            by_ann(ended=True),
            (False, "no_portal_access"),
            id="not without access",
        ),
        pytest.param(practice_facts(AS_ANN), None, (False, "not_yours"), id="nor without a client"),
        pytest.param(practice_facts(AS_DORA), by_dora(Scope.JOIN), (True, "offered"), id="proxies"),
        pytest.param(practice_facts(SYSTEM), None, (True, "permitted"), id="the machinery"),
        pytest.param(practice_facts(VISITOR), None, (False, "not_yours"), id="not visitors"),
    ],
)
def test_the_catalogue(
    facts: PracticeFacts, standing: Standing | None, expected: tuple[bool, str]
) -> None:
    """APT-1, INV-7: staff, and whoever has access to a portal, see what is offered."""
    assert said(may_see_catalogue(facts, standing)) == expected


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        pytest.param(by_ann(), (True, "own_record"), id="the client"),
        pytest.param(by_ann(ended=True), (False, "no_portal_access"), id="not without access"),
        pytest.param(by_dora(*Scope), (True, "granted"), id="a proxy with the profile"),
        pytest.param(by_dora(Scope.JOIN), (False, "not_granted"), id="no other proxy"),
        pytest.param(
            by_staff(view_clients=ALL, edit_clients=ALL), (True, "permitted"), id="staff with edit"
        ),
        pytest.param(by_staff(view_clients=ALL), (False, "may_only_view"), id="staff who view"),
    ],
)
def test_profiles(standing: Standing, expected: tuple[bool, str]) -> None:
    """SET-1: what is the client's own is changed by the client, and by staff with edit."""
    assert said(may_change_profile(standing)) == expected


@pytest.mark.parametrize(
    ("had", "has", "others", "kept"),
    [
        pytest.param(True, False, False, False, id="the last one keeps them"),
        pytest.param(True, False, True, True, id="not if another has them"),
        pytest.param(True, True, False, True, id="who keeps them may change else"),
        pytest.param(False, False, False, True, id="who never had them too"),
    ],
)
def test_the_last_with_settings(had: bool, has: bool, others: bool, kept: bool) -> None:
    """PPL-8: the last staff member with practice settings cannot be removed."""
    denied = keeps_settings(
        staff(practice_settings=had), staff(practice_settings=has), others=others
    )
    assert (denied is None) is kept
    assert denied is None or said(denied) == (False, "last_with_settings")


@pytest.mark.parametrize(
    ("standing", "view", "relate"),
    [
        pytest.param(by_ann(), "own_record", "staff_only", id="the client sees, staff make"),
        pytest.param(
            by_staff(view_clients=ALL, edit_clients=ALL),
            "permitted",
            "permitted",
            id="staff with edit",
        ),
        pytest.param(by_staff(view_clients=ALL), "permitted", "may_only_view", id="staff who view"),
        pytest.param(by_staff(), "not_permitted", "not_permitted", id="staff without"),
        pytest.param(
            by_dora(*Scope), "not_granted", "staff_only", id="a proxy does not see the others"
        ),
    ],
)
def test_relationships(standing: Standing, view: str, relate: str) -> None:
    """REL-1, REL-5: staff with client edit make them; the client sees them, related people not."""
    assert may_view_relationships(standing).reason.code == view
    assert may_relate(standing).reason.code == relate
    facts = RelationshipFacts(standing=standing, relationship=bond())
    assert may_change_relationship(facts) == may_relate(standing)


def test_what_ended_is_changed_no_more() -> None:
    """REL-6: a relationship ends once."""
    facts = RelationshipFacts(
        standing=by_staff(view_clients=ALL, edit_clients=ALL), relationship=bond(ended=True)
    )
    assert said(may_change_relationship(facts)) == (False, "already_ended")


ON_RECORDS: Final[tuple[RecordRule, ...]] = (
    may_view_client,
    may_edit_client,
    may_change_profile,
    may_view_relationships,
    may_relate,
)
ON_PRACTICE: Final[tuple[PracticeRule, ...]] = (
    may_add_client,
    may_import_clients,
    may_list_clients,
    may_change_staff,
    may_change_settings,
)


@pytest.mark.parametrize("standing", OUTSIDERS)
@pytest.mark.parametrize("rule", ON_RECORDS)
def test_outsiders_never(rule: RecordRule, standing: Standing) -> None:
    """PPL-3, PPL-5, REL-6: visitors, other clients, ended proxies and staff who left never."""
    assert not rule(standing)


permissions: Final = st.builds(
    dict,
    view_clients=st.sampled_from(Reach),
    edit_clients=st.sampled_from(Reach),
    edit_calendar=st.sampled_from(Reach),
    practice_settings=st.booleans(),
)


@given(
    permissions, st.booleans(), st.sampled_from(Permissions.__attrs_attrs__).map(lambda a: a.name)
)
def test_less_is_not_more(may: dict[str, Any], assigned: bool, dropped: str) -> None:
    """PPL-3: without a permission or an assignment nothing more is allowed."""
    fewer = {**may, dropped: False if dropped in ("billing", "practice_settings") else NONE}
    for rule in ON_RECORDS:
        whole = rule(by_staff(assigned=assigned, **may))
        assert whole.reason.rule
        assert bool(rule(by_staff(assigned=assigned, **fewer))) <= bool(whole)
        assert bool(rule(by_staff(**may))) <= bool(rule(by_staff(assigned=True, **may)))
    for other in (*ON_PRACTICE, lambda facts: may_set_availability(facts, PIA)):
        assert bool(other(practice_facts(**fewer))) <= bool(other(practice_facts(**may)))
    nobody = evolve(practice_facts(**may), staff=None)
    assert not any(other(nobody) for other in ON_PRACTICE)
