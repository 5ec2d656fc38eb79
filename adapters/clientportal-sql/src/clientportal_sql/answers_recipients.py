"""Answers about whom one may write to: those named, everybody, and proxies (MSG-14, MSG-20)."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.ids import ClientId, PracticeId
from clientportal.domain.relationships import Relationship, Scope
from clientportal.errors import NotFoundError
from clientportal.policies.correspondence import WritingFacts
from clientportal.ports import queries as q
from clientportal_sql.answers_conversations import (
    ABOUT,
    around,
    bond,
    client,
    facts_of,
    myself,
    practice,
    staff,
)
from clientportal_sql.joins import ONE, ZERO, as_list, ask, bound, is_on_roster, listed, word
from clientportal_sql.statements import Asked, P, Picked, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE


def _with(*members: Any) -> dict[bool, Statement]:
    """What decides about writing to some clients, with the staff that *members* tells."""
    named = client.here(client.c.id.in_(listed("client_ids")))
    joined = practice.table.outerjoin(client.table, named)
    joined = joined.outerjoin(staff.table, staff.here(*members))
    return {
        by_staff: Statement(
            sa.select(*picked.columns)
            .select_from(around(joined, by_staff=by_staff))
            .where(practice.here(practice.c.id == P))
        )
        for by_staff, picked in ABOUT.items()
    }


_STARTING: Final = _with(staff.c.id.in_(listed("staff_ids")))
_active: Final = staff.c.status == word("active")
_met: Final = is_on_roster(bound("me"), staff.c.id)
_views: Final = staff.c.permissions_view_clients
_RECIPIENTS: Final = _with(_active)
#: Whom a client may start with, as the policy says.
_STARTABLE: Final = _with(
    _active,
    bound("nobody", WHOLE) == ZERO,
    staff.c.takes_messages == ONE,
    sa.or_(_views == word("everything"), sa.and_(_views == word("assigned"), _met)),
    sa.or_(bound("by_roster", WHOLE) == ZERO, _met),
)


def _checked(facts: WritingFacts, clients: tuple[ClientId, ...], missing: str) -> WritingFacts:
    if len(facts.clients) != len(set(clients)):
        raise NotFoundError(missing, clients[0])
    return facts


def starting_facts_of(practice_id: PracticeId, need: q.StartingFactsOf) -> Asked:
    """Answers `StartingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> WritingFacts:
        if not rows:
            raise NotFoundError("practice", practice_id)
        facts = facts_of(ABOUT[need.actor.is_staff], rows, seen, need.actor)
        if len(facts.staff) != len(set(need.staff_ids)):
            raise NotFoundError(need.subject, next(iter(need.client_ids), ""))
        return _checked(facts, need.client_ids, need.subject)

    named = {"client_ids": as_list(need.client_ids), "staff_ids": as_list(need.staff_ids)}
    return ask(_STARTING[need.actor.is_staff], practice_id, build, **named, **myself(need.actor))


def recipients_of(practice_id: PracticeId, need: q.RecipientsOf) -> Asked:
    """Answers `RecipientsOf`."""

    def build(rows: Rows, seen: Seen) -> WritingFacts:
        if not rows:
            raise NotFoundError("practice", practice_id)
        facts = facts_of(ABOUT[need.actor.is_staff], rows, seen, need.actor)
        return _checked(facts, (need.client_id,), need.subject)

    named = {"client_ids": as_list((need.client_id,)), **myself(need.actor)}
    rule = need.startable
    if rule is None:
        return ask(_RECIPIENTS[need.actor.is_staff], practice_id, build, **named)
    told = {"nobody": int(rule.nobody), "by_roster": int(rule.by_roster), "me": need.client_id}
    return ask(_STARTABLE[need.actor.is_staff], practice_id, build, **{**named, **told})


_by_id: Final = attrgetter("id")
_GRANTED: Final = Picked(bond=bond)
_PROXIES: Final = Statement(
    sa.select(*_GRANTED.columns).where(
        bond.here(bond.c.client_id.in_(listed("client_ids")), bond.c.until.is_(None))
    )
)


def proxies_of(practice_id: PracticeId, need: q.ProxiesOf) -> Asked:
    """Answers `ProxiesOf`."""

    def build(rows: Rows, _: Seen) -> tuple[Relationship, ...]:
        found = sorted((_GRANTED.take(row, None, "bond")[0] for row in rows), key=_by_id)
        return tuple(each for each in found if each.grants(Scope.MESSAGES))

    return ask(_PROXIES, practice_id, build, client_ids=as_list(need.client_ids))
