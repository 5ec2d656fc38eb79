"""Proofs about the rules of messaging: of the table as it stands, and of whole answers (MSG-11).

Each law is proved for every cell at once, and fails once a single row is planted wrong.
"""

from __future__ import annotations

from enum import Enum
from functools import cache
from itertools import islice, product
from typing import Any, Final

import pytest
import z3
from tests.policies.facts import (
    ANN,
    AS_ANN,
    AS_DORA,
    AS_PIA,
    BEGAN,
    BOND,
    HOUR,
    NOW,
    PIA,
    ROB,
    access,
    bond,
    correspondent,
    counterpart,
)
from tests.policies.scenes import TALK
from tests.policies.solver import (
    TRUTH,
    Answer,
    Axes,
    Cell,
    Law,
    Row,
    Rows,
    allows,
    any_cell,
    counterexample,
    has,
    says,
    with_value,
)
from tests.spec import messaging_spec as spec

from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.practices import MessagingPolicy, PolicySince, UnknownPolicy
from clientportal.domain.relationships import Scope
from clientportal.policies.conversations import may_send_message
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import TABLE, Assigned, Point, Situation, decide, points

UNKNOWN: Final = UnknownPolicy("of_tomorrow")
POLICIES: Final = (*MessagingPolicy, UNKNOWN)


def word(value: Any) -> Any:
    """What a value is called in both readings; a truth is itself."""
    if isinstance(value, UnknownPolicy):
        return value.raw
    return value.value if isinstance(value, Enum) else value


def words(values: Any) -> tuple[str, ...]:
    """What all of them are called."""
    return tuple(map(word, values))


def answer(decision: Decision) -> Answer:
    """Verdict and reason to deny."""
    return decision.allowed, "" if decision else decision.reason.code


# --- The table (MSG-11) --------------------------------------------------------------------------

POINT: Final[Axes] = {
    "policy": words(POLICIES),
    "by_staff": TRUTH,
    "assigned": words(Assigned),
    "staff_initiated": TRUTH,
    "situation": words(Situation),
}


def row_of(point: Point) -> Row:
    """A point in words."""
    return tuple(map(word, point))


@cache
def table() -> Rows:
    """The table that decides, and what it says of a policy that nobody knows."""
    decided = {**TABLE, **{point: decide(point) for point in points((UNKNOWN,))}}
    return {row_of(point): answer(each) for point, each in decided.items()}


@cache
def specified() -> Rows:
    """The table written out a second time, over the same points."""
    return {row_of(point): by_spec(point) for point in points(POLICIES)}


def by_spec(point: Point) -> Answer:
    """What the specification's table says."""
    action = "start" if point.situation is Situation.NEW else "reply"
    side = "staff" if point.by_staff else "client"
    allowed, reason = spec.table_row(
        word(point.policy),
        side,
        point.assigned.value,
        bool(point.staff_initiated),
        point.situation.value,
        action,
    )
    return allowed, reason or ""


def equals_the_specification(rows: Rows, cell: Cell) -> Any:
    """Verdict and reason are the same in every cell."""
    reasons = {reason for _, reason in (*rows.values(), *specified().values())}
    same = [
        says(POINT, rows, cell, each) == says(POINT, specified(), cell, each) for each in reasons
    ]
    return z3.And(allows(POINT, rows, cell) == allows(POINT, specified(), cell), *same)


def one_answer_each(rows: Rows, cell: Cell) -> Any:
    """Every cell is a row, and no cell has two answers."""
    reasons = {reason for allowed, reason in rows.values() if not allowed}
    each = [allows(POINT, rows, cell), *(says(POINT, rows, cell, reason) for reason in reasons)]
    return z3.PbEq([(one, 1) for one in each], 1)


def starts_monotone(rows: Rows, cell: Cell) -> Any:
    """Reply only = never initiate <= assigned clients only <= all clients, for starting."""
    one, two, three, four = (
        allows(POINT, rows, with_value(POINT, cell, "policy", word(policy)))
        for policy in MessagingPolicy
    )
    starts = has(POINT, cell, by_staff=False, situation="new")
    ordered = z3.And(one == two, z3.Implies(two, three), z3.Implies(three, four))
    return z3.Implies(starts, ordered)


def unknown_never(rows: Rows, cell: Cell) -> Any:
    """An unknown policy allows nobody anything."""
    unknown = has(POINT, cell, policy=UNKNOWN.raw)
    return z3.Implies(unknown, z3.Not(allows(POINT, rows, cell)))


def locked_wins(rows: Rows, cell: Cell) -> Any:
    """What is locked is locked to everybody, under every policy, and says so."""
    return has(POINT, cell, situation="locked") == says(POINT, rows, cell, "locked")


def assigning_never_denies(rows: Rows, cell: Cell) -> Any:
    """Who may write with the client on another's roster or on none may with them on this one."""
    this = with_value(POINT, cell, "assigned", Assigned.THIS.value)
    return z3.Implies(allows(POINT, rows, cell), allows(POINT, rows, this))


def reopened_is_open(rows: Rows, cell: Cell) -> Any:
    """What was reopened is as if it had never closed."""
    opened = with_value(POINT, cell, "situation", "open")
    reopened = has(POINT, cell, situation="reopened")
    return z3.Implies(reopened, allows(POINT, rows, cell) == allows(POINT, rows, opened))


def closing_never_allows(rows: Rows, cell: Cell) -> Any:
    """Whoever may write in what is closed may write in it open, who began it being equal."""
    opened = with_value(POINT, cell, "situation", "open")
    closed = z3.Or(*(has(POINT, cell, situation=each) for each in spec.CLOSED_SITUATIONS))
    allowed = z3.And(closed, allows(POINT, rows, cell))
    return z3.Implies(allowed, allows(POINT, rows, opened))


def _row(policy: Any, *, by_staff: bool = False, situation: str = "new", **given: Any) -> Row:
    """One row to plant wrong; by a client, with the client on this roster."""
    initiated = None if situation == "new" else given.get("initiated", True)
    return word(policy), by_staff, given.get("assigned", "this"), initiated, situation


REPLY, NEVER, ASSIGNED, EVERYBODY = MessagingPolicy
ALLOWED: Final[Answer] = (True, "")

#: Each law, and one row with an answer that breaks it.
LAWS: Final[dict[str, tuple[Law, Row, Answer]]] = {
    "equals the specification": (
        equals_the_specification,
        _row(REPLY, situation="open", initiated=False),
        (False, "auto_closed"),
    ),
    "one answer each": (one_answer_each, (word(REPLY), True, "this", None, None), (False, "odd")),
    "monotone for starting (MSG-19)": (starts_monotone, _row(NEVER), ALLOWED),
    "an unknown policy never (MSG-1)": (unknown_never, _row(UNKNOWN, by_staff=True), ALLOWED),
    "locked wins (MSG-10)": (locked_wins, _row(EVERYBODY, situation="locked"), ALLOWED),
    "assigning never denies (MSG-7)": (
        assigning_never_denies,
        _row(EVERYBODY, situation="open"),
        (False, "not_on_roster"),
    ),
    "reopened is open (MSG-10)": (
        reopened_is_open,
        _row(REPLY, situation="reopened"),
        (False, "auto_closed"),
    ),
    "closing never allows (MSG-5)": (
        closing_never_allows,
        _row(REPLY, situation="closed_by_staff", initiated=False),
        ALLOWED,
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_a_law_of_the_table_is_proved(law: str) -> None:
    """MSG-11: it holds in every cell of the table that decides, and the solver finds no other."""
    claim, _, _ = LAWS[law]
    assert counterexample(claim(table(), any_cell(POINT))) is None


@pytest.mark.parametrize("law", LAWS)
def test_a_wrong_row_breaks_the_proof(law: str) -> None:
    """MSG-11: with one row planted wrong the solver finds the cell."""
    claim, row, wrong = LAWS[law]
    planted = {**table(), row: wrong}
    assert counterexample(claim(planted, any_cell(POINT))) is not None


def test_any_wrong_row_parts_the_readings() -> None:
    """MSG-11: whichever row is turned round, the two tables are no longer equal."""
    for row, (allowed, _) in islice(table().items(), 0, None, 17):
        turned = (False, "turned") if allowed else ALLOWED
        claim = equals_the_specification({**table(), row: turned}, any_cell(POINT))
        assert counterexample(claim) is not None, row


# --- Whole answers, preconditions included (MSG-2) -----------------------------------------------

SIDES: Final = {"staff": AS_PIA, "client": AS_ANN, "proxy": AS_DORA}
WRITING: Final[Axes] = {
    "side": tuple(SIDES),
    "policy": words(POLICIES),
    "takes_part": TRUTH,
    "has_access": TRUTH,
    "is_active": TRUTH,
    "is_granted": TRUTH,
    "is_locked": TRUTH,
    "is_closed": TRUTH,
    "is_assigned": TRUTH,
    "staff_initiated": TRUTH,
}
FLAGS: Final = tuple(axis for axis, each in WRITING.items() if each is TRUTH)
NAMED: Final = {word(policy): policy for policy in POLICIES}


def facts_of(side: str, policy: str, **flag: bool) -> WritingFacts:
    """What storage would answer about Ann's conversation with Pia and Rob, and Dora for her."""
    among = flag["takes_part"]
    ann = counterpart(archived=not flag["is_active"], rostered=flag["is_assigned"])
    roster = (ANN,) if flag["is_assigned"] else ()
    pia = correspondent(PIA, *roster, left=not flag["is_active"])
    outside = not among and side == "staff"
    proxy = side == "proxy"
    through = BOND if proxy else None
    part = Participant(conversation_id=TALK, person=BOND, since=BEGAN)
    return WritingFacts(
        actor=SIDES[side],
        policies=(PolicySince(NAMED[policy], BEGAN),),
        clients={} if not among and side == "client" else {ANN: ann},
        staff={ROB: correspondent(ROB, *roster)} | ({} if outside else {PIA: pia}),
        access=None if side == "staff" else access(ended=not flag["has_access"], through=through),
        bond=bond(*((Scope.MESSAGES,) if flag["is_granted"] else ())) if proxy else None,
        conversation=talk(**flag),
        participant=part if among and proxy else None,
    )


def talk(**flag: bool) -> Conversation:
    """A conversation in which staff owe nothing, or are waiting since an hour ago."""
    return Conversation(
        id=TALK,
        last_at=NOW - HOUR,
        last_sequence=2,
        is_staff_initiated=flag["staff_initiated"],
        waiting_since=NOW - HOUR if flag["staff_initiated"] else None,
        closed_at=NOW if flag["is_closed"] or flag["is_locked"] else None,
        is_locked=flag["is_locked"],
    )


@cache
def answers() -> Rows:
    """Every combination, decided by the rule that runs."""
    rows = product(*(each or (True, False) for each in WRITING.values()))
    return {row: answer(may_send_message(facts_of_row(row), NOW)) for row in rows}


def facts_of_row(row: Row) -> WritingFacts:
    """The same, of a row."""
    side, policy, *flags = row
    return facts_of(str(side), str(policy), **dict(zip(FLAGS, map(bool, flags), strict=True)))


def never(**wanted: Any) -> Law:
    """Nobody writes where this is so."""

    def law(rows: Rows, cell: Cell) -> Any:
        here = has(WRITING, cell, **wanted)
        return z3.Implies(here, z3.Not(allows(WRITING, rows, cell)))

    return law


def never_less(axis: str, **wanted: Any) -> Law:
    """Who may write without it may write with it."""

    def law(rows: Rows, cell: Cell) -> Any:
        more = allows(WRITING, rows, with_value(WRITING, cell, axis, value=True))
        here = z3.And(has(WRITING, cell, **wanted), allows(WRITING, rows, cell))
        return z3.Implies(here, more)

    return law


def proxies_within_clients(rows: Rows, cell: Cell) -> Any:
    """Whatever a proxy may write, the client they act for may write with access of their own."""
    client = with_value(WRITING, cell, "side", "client")
    proxy = z3.And(has(WRITING, cell, side="proxy"), allows(WRITING, rows, cell))
    return z3.Implies(proxy, allows(WRITING, rows, client))


def said_first(reason: str, **wanted: Any) -> Law:
    """Where this is so and nothing comes before it, the reason is this one."""

    def law(rows: Rows, cell: Cell) -> Any:
        return z3.Implies(has(WRITING, cell, **wanted), says(WRITING, rows, cell, reason))

    return law


def fine(side: str = "client", policy: Any = EVERYBODY, **other: bool) -> Row:
    """A row in which nothing stands in the way, but for what is *other*."""
    flags = dict.fromkeys(FLAGS, True) | {"is_locked": False, "is_closed": False} | other
    return side, word(policy), *flags.values()


THERE: Final = {"takes_part": True, "is_active": True, "has_access": True, "is_granted": True}

WHOLE: Final[dict[str, tuple[Law, Row, Answer]]] = {
    "outsiders never (MSG-19)": (never(takes_part=False), fine(takes_part=False), ALLOWED),
    "inactive never (MSG-2)": (never(is_active=False), fine("staff", is_active=False), ALLOWED),
    "clients without access never (MSG-2)": (
        never(side="client", has_access=False),
        fine(has_access=False),
        ALLOWED,
    ),
    "proxies without access never (MSG-2)": (
        never(side="proxy", has_access=False),
        fine("proxy", has_access=False),
        ALLOWED,
    ),
    "proxies without the scope never (MSG-2)": (
        never(side="proxy", is_granted=False),
        fine("proxy", is_granted=False),
        ALLOWED,
    ),
    "an explicit deny wins (MSG-10)": (never(is_locked=True), fine(is_locked=True), ALLOWED),
    "an unknown policy never (MSG-1)": (
        never(policy=UNKNOWN.raw),
        fine("staff", UNKNOWN),
        ALLOWED,
    ),
    "a lock is named before any policy (MSG-2)": (
        said_first("locked", **THERE, is_locked=True),
        fine("staff", UNKNOWN, is_locked=True),
        (False, "policy_unknown"),
    ),
    "an outsider hears nothing else (MSG-2)": (
        said_first("not_a_participant", takes_part=False),
        fine(takes_part=False, is_locked=True),
        (False, "locked"),
    ),
    "assigning never denies (MSG-7)": (
        never_less("is_assigned"),
        fine(policy=EVERYBODY),
        (False, "not_on_roster"),
    ),
    "a staff message never denies (MSG-3)": (
        never_less("staff_initiated"),
        fine(policy=NEVER),
        (False, "not_staff_initiated"),
    ),
    "proxies never more than clients (MSG-20)": (
        proxies_within_clients,
        fine("proxy", REPLY, staff_initiated=False),
        ALLOWED,
    ),
}


@pytest.mark.parametrize("law", WHOLE)
def test_a_law_of_whole_answers_is_proved(law: str) -> None:
    """MSG-2, MSG-11: it holds for every side, policy and standing, as what runs decides."""
    claim, _, _ = WHOLE[law]
    assert counterexample(claim(answers(), any_cell(WRITING))) is None


@pytest.mark.parametrize("law", WHOLE)
def test_a_wrong_answer_breaks_the_proof(law: str) -> None:
    """MSG-2, MSG-11: with one answer planted wrong the solver finds the cell."""
    claim, row, wrong = WHOLE[law]
    assert answers()[row] != wrong
    assert counterexample(claim({**answers(), row: wrong}, any_cell(WRITING))) is not None


def test_the_answers_tell_something() -> None:
    """MSG-11: each side may write somewhere and is denied elsewhere, so that no law is empty."""
    told = {(row[0], allowed) for row, (allowed, _) in answers().items()}
    assert told == set(product(SIDES, (True, False)))
    assert len(answers()) == len(SIDES) * len(POLICIES) * 2 ** len(FLAGS)
