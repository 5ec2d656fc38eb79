"""Who may change who takes part, join, and leave an open conversation (MSG-16, MSG-20, MSG-21)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from attrs import evolve
from tests.policies.facts import (
    ANN,
    AS_ANN,
    AS_BEN,
    AS_DORA,
    AS_PIA,
    AS_ROB,
    BEGAN,
    BEN,
    BOND,
    HOUR,
    INSTANT,
    NONE,
    NOW,
    OWN,
    PIA,
    ROB,
    SYSTEM,
    TOM,
    VISITOR,
    access,
    bond,
    correspondent,
    counterpart,
    practice_facts,
    said,
)

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import ClientId, ConversationId, RelationshipId, StaffId
from clientportal.domain.practices import MessagingPolicy, PolicySince, UnknownPolicy
from clientportal.domain.relationships import Scope
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.policies.participants import (
    AddingFacts,
    fault_of_added,
    is_owned,
    may_add_participants,
    may_change_participants,
    may_join_conversation,
    may_remove_participants,
)
from clientportal.policies.standing import PracticeFacts

TALK = ConversationId("cnv_1")
REPLY, NEVER, ASSIGNED, EVERYBODY = MessagingPolicy
ADDED = (True, "may_change_participants")
LIMIT = 48 * HOUR


def team(*people: Correspondent) -> dict[StaffId, Correspondent]:
    """Staff, by id."""
    return {each.staff_id: each for each in people}


def clients(*people: Counterpart) -> dict[ClientId, Counterpart]:
    """Clients, by id."""
    return {each.client_id: each for each in people}


def talk(**given: Any) -> Conversation:
    """Pia wrote an hour ago."""
    start = {
        "id": TALK,
        "last_sequence": 1,
        "last_at": NOW - HOUR,
        "is_staff_initiated": True,
        "waiting_since": NOW - HOUR,
    }
    return Conversation(**{**start, **given})


def taking_part(who: Actor = AS_PIA, policy: Any = REPLY, **given: Any) -> WritingFacts:
    """Pia with Ann, in a conversation."""
    proxy = who.is_proxy
    part = Participant(conversation_id=TALK, person=BOND, since=BEGAN) if proxy else None
    start = {
        "actor": who,
        "policies": (PolicySince(policy, BEGAN),),
        "clients": clients(counterpart()),
        "staff": team(correspondent(PIA)),
        "access": access(through=BOND if proxy else None),
        "bond": bond(Scope.MESSAGES),
        "conversation": talk(),
        "participant": part,
    }
    return WritingFacts(**{**start, **given})


AMONG: dict[str, Any] = {"clients": {}, "conversation": talk(is_among_staff=True)}
MANAGES = practice_facts(AS_ROB, practice_settings=True)
NO_PERMISSION = practice_facts(AS_ROB)

# --- Who may (MSG-21) ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "practice", "expected"),
    [
        pytest.param(taking_part(), practice_facts(), ADDED, id="staff who take part"),
        pytest.param(
            taking_part(AS_ROB), NO_PERMISSION, (False, "not_a_participant"), id="other staff"
        ),
        pytest.param(taking_part(AS_ROB), MANAGES, ADDED, id="other staff with practice settings"),
        pytest.param(
            taking_part(AS_ROB),
            practice_facts(AS_ROB, left=True, practice_settings=True),
            (False, "not_a_participant"),
            id="who left with practice settings",
        ),
        pytest.param(
            taking_part(AS_ROB),
            practice_facts(AS_ROB, known=False),
            (False, "not_a_participant"),
            id="staff nobody knows",
        ),
        pytest.param(
            taking_part(staff=team(correspondent(view=NONE))),
            practice_facts(),
            (False, "client_not_visible"),
            id="staff who may not view the client",
        ),
        pytest.param(
            taking_part(staff=team(correspondent(left=True))),
            practice_facts(left=True, practice_settings=True),
            (False, "sender_inactive"),
            id="a participant who left",
        ),
        pytest.param(
            taking_part(AS_ANN), practice_facts(AS_ANN), (False, "participants_by_staff"), id="Ann"
        ),
        pytest.param(
            taking_part(AS_ANN),
            evolve(MANAGES, actor=AS_ANN),
            (False, "participants_by_staff"),
            id="a client never",
        ),
        pytest.param(
            taking_part(AS_DORA),
            practice_facts(AS_DORA),
            (False, "participants_by_staff"),
            id="nor a proxy",
        ),
        pytest.param(
            taking_part(AS_BEN), practice_facts(AS_BEN), (False, "not_a_participant"), id="Ben"
        ),
        pytest.param(
            taking_part(VISITOR), practice_facts(VISITOR), (False, "not_a_participant"), id="nobody"
        ),
        pytest.param(
            taking_part(SYSTEM), practice_facts(SYSTEM), (False, "not_a_participant"), id="system"
        ),
    ],
)
def test_who_may_change(
    facts: WritingFacts, practice: PracticeFacts, expected: tuple[bool, str]
) -> None:
    """MSG-21: staff who take part, and staff with practice settings; clients never."""
    assert said(may_change_participants(facts, practice)) == expected


# --- Whom (MSG-7, MSG-20, MSG-21) ----------------------------------------------------------------


def adding(
    facts: WritingFacts | None = None,
    staff: Iterable[Correspondent] = (),
    named: Iterable[Counterpart] = (),
    **given: Any,
) -> AddingFacts:
    """Pia, or who asks in *facts*, adds these."""
    base, more, others = facts or taking_part(), team(*staff), clients(*named)
    me = {} if base.actor.staff_id in base.staff else team(correspondent(base.actor.staff_id))
    would = evolve(
        base,
        staff={**me, **base.staff, **more},
        clients={**base.clients, **others},
        conversation=None,
    )
    start = {"facts": base, "would": would, "staff": frozenset(more), "clients": frozenset(others)}
    return AddingFacts(**{**start, **given})


def many_staff(count: int) -> list[Correspondent]:
    """So many besides Pia."""
    return [correspondent(StaffId.of(str(100 + n))) for n in range(count)]


def many_clients(count: int) -> list[Counterpart]:
    """So many besides Ann."""
    return [counterpart(ClientId.of(str(100 + n))) for n in range(count)]


GRANTED: dict[str, Any] = {"proxies": frozenset({BOND}), "known": frozenset({BOND})}
UNDER = taking_part(policy=ASSIGNED, staff=team(correspondent(PIA, ANN, BEN)))
ROBS = correspondent(ROB, ANN)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        pytest.param(adding(), ADDED, id="nobody"),
        pytest.param(adding(staff=[correspondent(ROB)]), ADDED, id="staff who may view"),
        pytest.param(
            adding(staff=[correspondent(ROB, view=NONE)]),
            (False, "staff_may_not_view"),
            id="staff who may not view",
        ),
        pytest.param(
            adding(staff=[correspondent(ROB, view=OWN)]),
            (False, "staff_may_not_view"),
            id="staff who may view others only",
        ),
        pytest.param(adding(staff=[correspondent(ROB, ANN, view=OWN)]), ADDED, id="their own"),
        pytest.param(
            adding(staff=[correspondent(ROB, left=True)]),
            (False, "staff_may_not_view"),
            id="staff who left",
        ),
        pytest.param(
            adding(staff=[correspondent(ROB), correspondent(TOM, view=NONE)]),
            (False, "staff_may_not_view"),
            id="one of two",
        ),
        pytest.param(adding(named=[counterpart(BEN)]), ADDED, id="a client"),
        pytest.param(
            adding(
                taking_part(staff=team(correspondent(PIA, ANN, view=OWN))), (), [counterpart(BEN)]
            ),
            (False, "client_not_visible"),
            id="a client whom one may not view",
        ),
        pytest.param(
            adding(taking_part(**AMONG), named=[counterpart()]),
            (False, "began_without_clients"),
            id="a client among staff",
        ),
        pytest.param(
            adding(taking_part(**AMONG), **GRANTED),
            (False, "began_without_clients"),
            id="a proxy among staff",
        ),
        pytest.param(
            adding(taking_part(**AMONG), [correspondent(ROB)]), ADDED, id="staff among staff"
        ),
        pytest.param(adding(**GRANTED), ADDED, id="a proxy whose grant lets them"),
        pytest.param(
            adding(taking_part(conversation=None), **GRANTED), ADDED, id="a proxy, before it begins"
        ),
        pytest.param(
            adding(proxies=frozenset({BOND})), (False, "proxy_unknown"), id="a proxy without"
        ),
        pytest.param(
            adding(proxies=frozenset({BOND, RelationshipId("rel_9")}), known=frozenset({BOND})),
            (False, "proxy_unknown"),
            id="one of two proxies without",
        ),
        pytest.param(
            adding(taking_part(conversation=talk(is_closed_to_proxies=True)), **GRANTED),
            (False, "closed_to_proxies"),
            id="a proxy where it is closed to them",
        ),
        pytest.param(
            adding(taking_part(conversation=talk(is_closed_to_proxies=True)), [ROBS]),
            ADDED,
            id="staff where it is closed to proxies",
        ),
        pytest.param(adding(staff=many_staff(20)), ADDED, id="twenty staff and who asks"),
        pytest.param(
            adding(staff=many_staff(21)),
            (False, "too_many_participants"),
            id="one more",
        ),
        pytest.param(adding(named=many_clients(49)), ADDED, id="fifty clients"),
        pytest.param(
            adding(named=many_clients(50)),
            (False, "too_many_participants"),
            id="fifty-one",
        ),
        pytest.param(adding(UNDER, [ROBS]), ADDED, id="assigned-clients-only: who has the client"),
        pytest.param(
            adding(UNDER, [correspondent(ROB, BEN)]),
            (False, "not_on_roster"),
            id="assigned-clients-only: who has not",
        ),
        pytest.param(
            adding(UNDER, [ROBS], [counterpart(BEN)]),
            (False, "not_on_roster"),
            id="assigned-clients-only: who has one of two",
        ),
        pytest.param(
            adding(UNDER, [ROBS], [counterpart(BEN, archived=True)]),
            ADDED,
            id="assigned-clients-only: an archived client is skipped",
        ),
        pytest.param(
            adding(UNDER, (), [counterpart(BEN)]),
            ADDED,
            id="assigned-clients-only: a client of one",
        ),
        pytest.param(
            adding(evolve(UNDER, staff=team(correspondent(PIA, ANN))), (), [counterpart(BEN)]),
            (False, "not_on_roster"),
            id="assigned-clients-only: a client of others",
        ),
        pytest.param(
            adding(taking_part(AS_ROB, ASSIGNED), [correspondent(TOM, ANN)]),
            ADDED,
            id="assigned-clients-only: who manages and takes no part needs no roster",
        ),
        pytest.param(
            adding(taking_part(AS_ROB, ASSIGNED), [correspondent(TOM)]),
            (False, "not_on_roster"),
            id="assigned-clients-only: whom they add does",
        ),
        pytest.param(
            adding(taking_part(policy=UnknownPolicy("new")), [correspondent(ROB)]),
            ADDED,
            id="an unknown policy asks for no roster",
        ),
        pytest.param(
            adding(
                taking_part(AS_ROB, staff=team(correspondent(PIA, ANN, view=OWN))),
                (),
                [counterpart(BEN)],
            ),
            (False, "staff_may_not_view"),
            id="a client whom none of those who keep it may view",
        ),
        pytest.param(
            adding(
                taking_part(AS_ROB, staff=team(correspondent(PIA, view=NONE))),
                (),
                [counterpart(BEN)],
            ),
            ADDED,
            id="a client where nobody keeps it anyhow",
        ),
        pytest.param(
            adding(
                taking_part(AS_ROB, staff=team(correspondent(PIA, ANN, view=OWN))),
                [correspondent(TOM)],
                [counterpart(BEN)],
            ),
            ADDED,
            id="a client together with who keeps it then",
        ),
        pytest.param(
            adding(staff=[correspondent(ROB, ANN, view=OWN)], former=frozenset({BEN})),
            (False, "staff_may_not_view"),
            id="staff who may not view a client who left",
        ),
        pytest.param(
            adding(
                taking_part(staff=team(correspondent(PIA), correspondent(ROB, ANN, view=OWN))),
                [correspondent(ROB, ANN, view=OWN)],
                former=frozenset({BEN}),
            ),
            ADDED,
            id="who has seen it already",
        ),
    ],
)
def test_whom_one_may_add(asked: AddingFacts, expected: tuple[bool, str]) -> None:
    """MSG-7, MSG-20, MSG-21: whoever is added would see the whole conversation."""
    assert said(may_add_participants(asked)) == expected


def test_who_asks_is_among_those_who_would_take_part() -> None:
    """MSG-21: without being seen to view the clients nobody adds anybody."""
    asked = adding(staff=[correspondent(ROB)])
    alone = evolve(asked.would, staff=team(correspondent(ROB)))
    assert said(may_add_participants(evolve(asked, would=alone))) == (False, "client_not_visible")
    by_ann = evolve(asked.would, actor=AS_ANN)
    assert said(may_add_participants(evolve(asked, would=by_ann))) == (False, "client_not_visible")


def test_faults_are_told_in_the_order_of_ids() -> None:
    """MSG-13: of two who cannot be added the first by id is told of, always the same."""
    robs_fault = adding(UNDER, [correspondent(TOM), correspondent(ROB, ANN, view=NONE)])
    assert said(may_add_participants(robs_fault)) == (False, "staff_may_not_view")
    turned = adding(UNDER, [correspondent(TOM, view=NONE), correspondent(ROB)])
    assert said(may_add_participants(turned)) == (False, "not_on_roster")


def test_proxies_are_not_shown_in_a_log() -> None:
    """MSG-20: whom somebody is related to does not stand in what is printed of the facts."""
    known, proxies = (frozenset({RelationshipId(each)}) for each in ("rel_77", "rel_88"))
    former = frozenset({ClientId("cli_99")})
    told = repr(adding(known=known, proxies=proxies, former=former))
    assert "cli_99" not in told
    assert "rel_77" not in told
    assert "rel_88" not in told


def test_nothing_keeps_out_who_would_read_and_write() -> None:
    """MSG-7, MSG-21: who may view, and has the clients where the policy asks for it."""
    assert fault_of_added(adding(UNDER, [ROBS]).would, ROB, frozenset()) is None


# --- Joining (MSG-21) ----------------------------------------------------------------------------


def joining(one: Correspondent, facts: WritingFacts | None = None) -> tuple[bool, str]:
    """What Rob, as *one*, hears who would join."""
    base = facts or taking_part(AS_ROB)
    would = evolve(base, staff={**base.staff, one.staff_id: one})
    return said(may_join_conversation(base, would))


JOINED = (True, "may_join_conversation")


@pytest.mark.parametrize(
    ("one", "facts", "expected"),
    [
        pytest.param(correspondent(ROB), None, JOINED, id="who may view"),
        pytest.param(
            correspondent(ROB, view=NONE), None, (False, "client_not_visible"), id="who may not"
        ),
        pytest.param(
            correspondent(ROB, left=True), None, (False, "sender_inactive"), id="who left"
        ),
        pytest.param(
            correspondent(ROB),
            taking_part(AS_ROB, ASSIGNED),
            (False, "not_on_roster"),
            id="assigned-clients-only: not assigned",
        ),
        pytest.param(ROBS, taking_part(AS_ROB, ASSIGNED), JOINED, id="assigned-clients-only"),
        pytest.param(
            correspondent(ROB),
            taking_part(AS_ROB, **AMONG),
            (False, "not_a_participant"),
            id="among staff nobody joins",
        ),
        pytest.param(
            correspondent(ROB), taking_part(AS_ANN), (False, "not_a_participant"), id="a client"
        ),
        pytest.param(
            correspondent(ROB), taking_part(AS_DORA), (False, "not_a_participant"), id="a proxy"
        ),
        pytest.param(
            correspondent(ROB), taking_part(VISITOR), (False, "not_a_participant"), id="a visitor"
        ),
        pytest.param(
            correspondent(TOM), None, (False, "not_a_participant"), id="who is not among them"
        ),
        pytest.param(
            correspondent(ROB),
            taking_part(AS_ROB, conversation=talk(closed_at=NOW, is_locked=True)),
            JOINED,
            id="also what is locked",
        ),
    ],
)
def test_joining(
    one: Correspondent, facts: WritingFacts | None, expected: tuple[bool, str]
) -> None:
    """MSG-21: staff who may view the clients, under the policy's roster; never among staff."""
    assert joining(one, facts) == expected


# --- Leaving (MSG-16) ----------------------------------------------------------------------------

PRESENT: frozenset[object] = frozenset({PIA, ROB, ANN, BOND})
TWO = team(correspondent(PIA), correspondent(ROB))
NEEDED = (False, "successor_needed")


@pytest.mark.parametrize(
    ("facts", "leaving", "expected"),
    [
        pytest.param(taking_part(), {PIA}, NEEDED, id="the last staff member"),
        pytest.param(taking_part(staff=TWO), {PIA}, ADDED, id="one of two"),
        pytest.param(taking_part(staff=TWO), {PIA, ROB}, NEEDED, id="both"),
        pytest.param(
            taking_part(staff=team(correspondent(PIA), correspondent(ROB, left=True))),
            {PIA},
            NEEDED,
            id="the last who is active",
        ),
        pytest.param(
            taking_part(staff=team(correspondent(PIA), correspondent(ROB, view=NONE))),
            {PIA},
            NEEDED,
            id="the last who may view",
        ),
        pytest.param(
            taking_part(staff=team(correspondent(PIA, left=True))),
            {PIA},
            ADDED,
            id="what nobody owned before",
        ),
        pytest.param(taking_part(), {ANN}, ADDED, id="a client"),
        pytest.param(taking_part(), set(PRESENT), NEEDED, id="everybody"),
        pytest.param(taking_part(**AMONG), set(PRESENT), ADDED, id="everybody among staff"),
        pytest.param(taking_part(), {BOND}, ADDED, id="a proxy"),
        pytest.param(taking_part(), {BEN}, (False, "does_not_take_part"), id="who is not there"),
        pytest.param(taking_part(), {ANN, BEN}, (False, "does_not_take_part"), id="one of two not"),
        pytest.param(taking_part(**AMONG), {PIA}, ADDED, id="among staff"),
        pytest.param(
            taking_part(conversation=talk(closed_at=NOW)), {PIA}, ADDED, id="closed by hand"
        ),
        pytest.param(
            taking_part(conversation=talk(closed_at=NOW, is_locked=True)), {PIA}, ADDED, id="locked"
        ),
        pytest.param(
            taking_part(conversation=talk(waiting_since=NOW - LIMIT)), {PIA}, ADDED, id="run out"
        ),
        pytest.param(taking_part(conversation=None), {PIA}, ADDED, id="nothing begun"),
    ],
)
def test_leaving(facts: WritingFacts, leaving: set[object], expected: tuple[bool, str]) -> None:
    """MSG-16: an open conversation keeps an active, permitted staff member."""
    assert said(may_remove_participants(facts, frozenset(leaving), PRESENT, NOW)) == expected


def test_a_successor_is_needed_until_it_closes() -> None:
    """MSG-13, MSG-16: the refusal says when the conversation closes by itself."""
    needed = may_remove_participants(taking_part(), frozenset({PIA}), PRESENT, NOW)
    assert needed.holds_until == NOW - HOUR + LIMIT
    last = may_remove_participants(
        taking_part(), frozenset({PIA}), PRESENT, NOW - HOUR + LIMIT - INSTANT
    )
    assert said(last) == NEEDED
    forever = taking_part(policy=EVERYBODY)
    assert may_remove_participants(forever, frozenset({PIA}), PRESENT, NOW).holds_until is None


def test_owned() -> None:
    """MSG-16: by one active, permitted staff member; among staff nobody is asked for."""
    assert is_owned(taking_part())
    assert not is_owned(taking_part(staff={}))
    assert not is_owned(taking_part(staff=team(correspondent(view=NONE))))
    assert not is_owned(taking_part(staff=team(correspondent(left=True))))
    assert is_owned(taking_part(staff={}, **AMONG))
