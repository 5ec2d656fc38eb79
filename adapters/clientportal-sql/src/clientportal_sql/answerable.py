"""The rule about answering as a condition: its table is given, its columns computed (MSG-11)."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import sqlalchemy as sa

from clientportal.domain.conversations import Participant
from clientportal.domain.moments import microseconds
from clientportal.domain.people import Assignment, StaffMember
from clientportal.policies.messaging import Assigned, Situation
from clientportal.policies.selecting import Answerable
from clientportal_sql.joins import FIRST, ONE, ZERO, alias, bound, listed, word
from clientportal_sql.nouns import Alias
from clientportal_sql.readers import is_kept, is_served, misses_a_client, on_roster
from clientportal_sql.tables import WHOLE

_CLOSED = (Situation.AUTO_CLOSED.value, Situation.CLOSED_BY_STAFF.value)


def _situation(talk: Alias) -> Any:
    waiting = talk.c.waiting_since
    return sa.case(
        (talk.c.is_locked == ONE, word(Situation.LOCKED.value)),
        (talk.c.closed_at.is_not(None), word(Situation.CLOSED_BY_STAFF.value)),
        (waiting <= bound("closed_upto", WHOLE), word(Situation.AUTO_CLOSED.value)),
        else_=word(Situation.OPEN.value),
    )


def _on_any(person: Any) -> Any:
    entry = alias(Assignment, "on_any")
    return sa.exists(
        sa.select(ONE).where(entry.here(entry.c.client_id == person, entry.c.until.is_(None)))
    )


def _any_on_any(talk: Alias) -> Any:
    part = alias(Participant, "rostered")
    current = (part.c.conversation_id == talk.c.id, part.c.side == word("client"))
    here = part.here(*current, part.c.until.is_(None), _on_any(part.c.person))
    return sa.exists(sa.select(ONE).where(here))


def _assigned(talk: Alias, *, by_staff: bool) -> Any:
    if by_staff:
        this, other = ~misses_a_client(talk.c.id, bound("person")), _any_on_any(talk)
    else:
        part, keeper = alias(Participant, "mates"), alias(StaffMember, "mate")
        is_staff = keeper.here(keeper.c.id == part.c.person, keeper.c.status == word("active"))
        here = part.here(part.c.conversation_id == talk.c.id, part.c.until.is_(None))
        joined = part.table.join(keeper.table, is_staff)
        mate = sa.select(ONE).select_from(joined)
        this = sa.exists(mate.where(here, on_roster(bound("me"), keeper.c.id)))
        other = _on_any(bound("me"))
    return sa.case(
        (this, word(Assigned.THIS.value)),
        (other, word(Assigned.OTHER.value)),
        else_=word(Assigned.NONE.value),
    )


def _could_start(talk: Alias) -> Any:
    """Whether the client might start with somebody who takes part instead (MSG-9)."""
    ready = is_kept(
        talk.c.id,
        name="starts",
        takes=lambda _, keeper: keeper.c.takes_messages == ONE,
        met=lambda _, keeper: sa.or_(
            bound("starts_by_roster", WHOLE) == ZERO, on_roster(bound("me"), keeper.c.id)
        ),
    )
    return sa.or_(_situation(talk).not_in([word(each) for each in _CLOSED]), ready)


def is_answerable(talk: Alias, *, by_staff: bool) -> Any:
    """Whether the actor may answer, their own standing apart: preconditions, then the table."""
    initiated = sa.case((talk.c.is_staff_initiated == ONE, word("1")), else_=word("0"))
    parts = (_assigned(talk, by_staff=by_staff), initiated, _situation(talk))
    allowed = reduce(_joined, parts).in_(listed("allowed"))
    of_clients = sa.and_(is_kept(talk.c.id), is_served(talk.c.id), allowed)
    if not by_staff:
        return sa.and_(of_clients, _could_start(talk))
    others = is_kept(talk.c.id, besides=bound("person"), name="others")
    own = is_kept(talk.c.id, name="own", is_me=lambda part, _: part.c.person == bound("person"))
    among = sa.and_(talk.c.is_among_staff == ONE, talk.c.is_locked == ZERO, others)
    return sa.and_(own, sa.or_(among, sa.and_(talk.c.is_among_staff == ZERO, of_clients)))


def _joined(one: Any, two: Any) -> Any:
    return one.op("||")(word("/")).op("||")(two)


def told(rule: Answerable) -> dict[str, Any]:
    """What a statement is told of the rule: the table as texts, and the moment of closing."""
    allowed = sorted(
        f"{each.assigned.value}/{int(each.staff_initiated)}/{each.situation.value}"
        for each in rule.allowed
    )
    upto = rule.closed_upto
    return {
        "allowed": json.dumps(allowed),
        "closed_upto": FIRST if upto is None else microseconds(upto),
        "starts_by_roster": int(rule.starts_by_roster),
    }
