"""Answers about the practice, its people, and how an actor stands to them (PPL-2 to PPL-8)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.ids import PracticeId
from clientportal.domain.invites import Invite
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.policies.standing import PracticeFacts, Standing
from clientportal.ports import queries as q
from clientportal_sql.joins import (
    ONE,
    StandingJoins,
    alias,
    as_list,
    ask,
    bound,
    holder,
    is_on_roster,
    listed,
    only,
    standing_in,
    who,
    word,
)
from clientportal_sql.pages import first, page
from clientportal_sql.statements import Asked, P, Picked, Rows, Seen, Statement
from clientportal_sql.tables import CLAIM

_practice, _client, _staff = alias(Practice), alias(Client), alias(StaffMember)

_FACTS: Final = Picked(practice=_practice, staff=_staff)
_FACTS_OF: Final = Statement(
    sa.select(*_FACTS.columns)
    .select_from(
        _practice.table.outerjoin(_staff.table, _staff.here(_staff.c.id == bound("staff")))
    )
    .where(_practice.here(_practice.c.id == P))
)


def practice_facts_of(practice_id: PracticeId, need: q.PracticeFactsOf) -> Asked:
    """Answers `PracticeFactsOf`."""

    def build(rows: Rows, seen: Seen) -> PracticeFacts:
        row = only(rows, need, practice_id)
        practice, staff = _FACTS.take(row, seen, "practice", "staff")
        return PracticeFacts(practice=practice, actor=need.actor, staff=staff)

    return ask(_FACTS_OF, practice_id, build, staff=need.actor.staff_id)


_joins: Final = StandingJoins(bound("client"))
_STANDING: Final = Picked(**_joins.parts)
_STANDING_OF: Final = Statement(
    sa.select(*_STANDING.columns)
    .select_from(_joins.around())
    .where(_joins.practice.here(_joins.practice.c.id == P))
)


def standing_of(practice_id: PracticeId, need: q.StandingOf) -> Asked:
    """Answers `StandingOf`."""

    def build(rows: Rows, seen: Seen) -> Standing:
        return standing_in(_STANDING, only(rows, need, need.client_id), seen, need.actor)

    return ask(_STANDING_OF, practice_id, build, client=need.client_id, **who(need.actor))


_assignment = alias(Assignment)
_ASSIGNMENT: Final = Picked(assignment=_assignment)
_ASSIGNMENT_OF: Final = Statement(
    sa.select(*_ASSIGNMENT.columns).where(
        _assignment.here(
            _assignment.c.client_id == bound("client"), _assignment.c.staff_id == bound("staff")
        )
    )
)


def assignment_of(practice_id: PracticeId, need: q.AssignmentOf) -> Asked:
    """Answers `AssignmentOf`."""

    def build(rows: Rows, seen: Seen) -> Assignment | None:
        found: Assignment | None = None
        for row in rows:
            (found,) = _ASSIGNMENT.take(row, seen, "assignment")
        return found

    return ask(_ASSIGNMENT_OF, practice_id, build, client=need.client_id, staff=need.staff_id)


_CLIENT: Final = Picked(client=_client)
_named = sa.select(CLAIM.c.owner).where(
    CLAIM.c.practice_id == P,
    CLAIM.c.name == word("external_id"),
    CLAIM.c.value.in_(listed("external_ids")),
)
_BY_EXTERNAL_ID: Final = Statement(
    sa.select(*_CLIENT.columns).where(_client.here(_client.c.id.in_(_named))).order_by(_client.c.id)
)


def clients_by_external_id(practice_id: PracticeId, need: q.ClientsByExternalId) -> Asked:
    """Answers `ClientsByExternalId`."""

    def build(rows: Rows, seen: Seen) -> tuple[Client, ...]:
        return tuple(_CLIENT.take(row, seen, "client")[0] for row in rows)

    return ask(_BY_EXTERNAL_ID, practice_id, build, external_ids=as_list(need.external_ids))


_invite, _older, _rostered = alias(Invite), alias(Invite, "older"), alias(Assignment, "rostered")
_latest = first(
    sa.select(_older.c.id)
    .where(_older.here(_older.c.client_id == _client.c.id, _older.c.relationship_id.is_(None)))
    .order_by(_older.c.sent_at.desc(), _older.c.id.desc())
).scalar_subquery()
_on_roster = is_on_roster(_client.c.id, bound("staff"))
_has_access = holder("own_account", _client.c.id).is_not(None)
_LISTED: Final = Picked(client=_client, assigned=_on_roster, invite=_invite, has_access=_has_access)


def _listed(*condition: Any) -> Statement:
    found = (
        sa.select(*_LISTED.columns)
        .select_from(_client.table.outerjoin(_invite.table, _invite.here(_invite.c.id == _latest)))
        .where(_client.here(_client.c.id > bound("after"), *condition))
    )
    return Statement(page(found.order_by(_client.c.id)))


_roster = sa.select(_rostered.c.client_id).where(
    _rostered.here(_rostered.c.staff_id == bound("staff"), _rostered.c.until.is_(None))
)
_CLIENTS_OF: Final = {True: _listed(), False: _listed(_client.c.id.in_(_roster))}


def clients_of(practice_id: PracticeId, need: q.ClientsOf) -> Asked:
    """Answers `ClientsOf`."""

    def listed_client(row: Any) -> q.ListedClient:
        client, assigned, invite, has = _LISTED.take(
            row, None, "client", "assigned", "invite", "has_access"
        )
        return q.ListedClient(
            client=client, assigned=bool(assigned), invite=invite, has_access=bool(has)
        )

    def build(rows: Rows, _: Seen) -> tuple[q.ListedClient, ...]:
        return tuple(map(listed_client, rows))

    return ask(
        _CLIENTS_OF[need.everybody],
        practice_id,
        build,
        staff=need.staff_id,
        after=need.after or "",
        limit=need.limit,
    )


_other = _staff.here(
    _staff.c.id != bound("than"),
    _staff.c.status == word("active"),
    _staff.c.permissions_practice_settings == ONE,
)
_OTHERS: Final = Statement(first(sa.select(_staff.c.id).where(_other)))


def others_with_settings(practice_id: PracticeId, need: q.OthersWithSettings) -> Asked:
    """Answers `OthersWithSettings`."""
    return ask(_OTHERS, practice_id, lambda rows, _: bool(rows), than=need.than)
