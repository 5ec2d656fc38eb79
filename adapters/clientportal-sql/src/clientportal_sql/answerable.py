"""The rule about answering as a condition: its table is given, its columns computed (MSG-11)."""

from __future__ import annotations

import json
from functools import reduce
from typing import Any

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor
from clientportal.domain.moments import microseconds
from clientportal.domain.people import Client
from clientportal.domain.relationships import Relationship
from clientportal.policies.messaging import Assigned, Situation
from clientportal.policies.selecting import Answerable
from clientportal_sql.joins import (
    FIRST,
    ONE,
    ZERO,
    alias,
    bound,
    is_on_any_roster,
    is_on_roster,
    is_way_in,
    listed,
    there_is,
    word,
)
from clientportal_sql.nouns import Alias
from clientportal_sql.readers import (
    besides,
    has_client,
    has_staff,
    is_kept,
    is_served,
    misses_a_client,
)
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


def _assigned(talk: Alias, *, by_staff: bool) -> Any:
    if by_staff:
        this = ~misses_a_client(talk.c.id, bound("person"))
        other = has_client(
            talk.c.id, lambda part, _: is_on_any_roster(part.c.person), name="rostered"
        )
    else:
        this = has_staff(talk.c.id, _has_me, name="mates")
        other = is_on_any_roster(bound("me"))
    return sa.case(
        (this, word(Assigned.THIS.value)),
        (other, word(Assigned.OTHER.value)),
        else_=word(Assigned.NONE.value),
    )


def _has_me(_: Alias, keeper: Alias) -> Any:
    return is_on_roster(bound("me"), keeper.c.id)


def _takes(_: Alias, keeper: Alias) -> Any:
    return keeper.c.takes_messages == ONE


def _meets(part: Alias, keeper: Alias) -> Any:
    return sa.or_(bound("starts_by_roster", WHOLE) == ZERO, _has_me(part, keeper))


def _is_me(part: Alias, _: Alias) -> Any:
    return part.c.person == bound("person")


def _could_start(talk: Alias) -> Any:
    """Whether the client might start with somebody who takes part instead (MSG-9)."""
    ready = is_kept(talk.c.id, _takes, _meets, name="starts")
    return sa.or_(_situation(talk).not_in([word(each) for each in _CLOSED]), ready)


def _stands() -> Any:
    """Whether a client is active with a way in of their own; a proxy, through a grant of messages.

    It is asked once, not for each conversation.
    """
    client, way = alias(Client, "my_client"), alias(Access, "my_way")
    bond = alias(Relationship, "my_bond")
    active = there_is(
        client.table,
        client.here(client.c.id == bound("me"), client.c.status == word("active")),
        among=(client,),
    )
    through = way.c.relationship_id.is_not_distinct_from(bound("through"))
    open_ = (is_way_in(way, bound("me")), way.c.ended_at.is_(None), through)
    granted = there_is(
        bond.table,
        bond.here(bond.c.id == bound("through"), bond.c.until.is_(None)),
        bond.c.scopes.contains(word('"messages"')),
        among=(bond,),
    )
    way_in = there_is(way.table, *open_, among=(way,))
    return sa.and_(active, way_in, sa.or_(bound("through").is_(None), granted))


def is_answerable(talk: Alias, *, by_staff: bool) -> Any:
    """Whether the actor may answer: preconditions, then the table."""
    initiated = sa.case((talk.c.is_staff_initiated == ONE, word("1")), else_=word("0"))
    parts = (_assigned(talk, by_staff=by_staff), initiated, _situation(talk))
    allowed = reduce(_joined, parts).in_(listed("allowed"))
    of_clients = sa.and_(is_kept(talk.c.id), is_served(talk.c.id), allowed)
    if not by_staff:
        shut = sa.and_(bound("through").is_not(None), talk.c.is_closed_to_proxies == ONE)
        return sa.and_(_stands(), ~shut, of_clients, _could_start(talk))
    others = has_staff(talk.c.id, besides(bound("person")), name="others")
    own = is_kept(talk.c.id, _is_me, name="own")
    among = sa.and_(talk.c.is_among_staff == ONE, talk.c.is_locked == ZERO, others)
    return sa.and_(own, sa.or_(among, sa.and_(talk.c.is_among_staff == ZERO, of_clients)))


def _joined(one: Any, two: Any) -> Any:
    return one.op("||")(word("/")).op("||")(two)


def told(rule: Answerable, actor: Actor) -> dict[str, Any]:
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
        "through": actor.relationship_id,
    }
