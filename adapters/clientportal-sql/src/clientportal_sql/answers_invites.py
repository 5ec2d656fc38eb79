"""Answers about invites: who may be invited, and what a link opens (INV-1 to INV-5)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access, Account, Throttle
from clientportal.domain.actors import Actor
from clientportal.domain.ids import PracticeId
from clientportal.domain.invites import Invite
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Contact, Relationship
from clientportal.errors import NotFoundError
from clientportal.policies.invites import InviteFacts, InvitingFacts
from clientportal.ports import queries as q
from clientportal_sql.joins import (
    alias,
    as_list,
    ask,
    bound,
    holder,
    is_on_roster,
    listed,
    only,
    word,
)
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement

_practice, _client, _staff = alias(Practice), alias(Client), alias(StaffMember, "actor_staff")
_bond, _contact, _related = alias(Relationship), alias(Contact), alias(Client, "related")
_invited, _account, _access = alias(StaffMember, "invited"), alias(Account), alias(Access)
_live, _invite, _throttle = alias(Invite, "live"), alias(Invite), alias(Throttle)
_through = alias(Access, "through")

_own_access = sa.and_(
    _access.c.relationship_id.is_(None), _bond.c.id.is_(None), _access.c.ended_at.is_(None)
)
_first_through = (
    sa.select(sa.func.min(_through.c.account_id))
    .where(
        _through.here(
            _through.c.client_id == _client.c.id,
            _through.c.relationship_id == _bond.c.id,
            _through.c.ended_at.is_(None),
        )
    )
    .scalar_subquery()
)
_access_through = sa.and_(
    _access.c.relationship_id == _bond.c.id, _access.c.account_id == _first_through
)

_INVITING: Final = Picked(
    practice=_practice,
    client=_client,
    actor_staff=_staff,
    assigned=is_on_roster(_client.c.id, bound("staff")),
    relationship=_bond,
    contact=_contact,
    related=_related,
    invited=_invited,
    live=_live,
    access=_access,
    account=_account,
)


def _person(source: Any) -> Any:
    """The one a relationship is with: a contact or another client."""
    return source.outerjoin(
        _contact.table, _contact.here(_contact.c.id == _bond.c.person)
    ).outerjoin(_related.table, _related.here(_related.c.id == _bond.c.person))


def _inviting(source: Any, subject: Any, *which: Any) -> Statement:
    """The statement around *source*, which tells client, relationship and invited."""
    joined = (
        _person(source)
        .outerjoin(_staff.table, _staff.here(_staff.c.id == bound("staff")))
        .outerjoin(_live.table, _live.here(_live.c.id == subject))
        .outerjoin(
            _access.table,
            _access.here(_access.c.client_id == _client.c.id, sa.or_(_own_access, _access_through)),
        )
        .outerjoin(
            _account.table, _account.here(_account.c.id == holder("staff_account", _invited.c.id))
        )
    )
    return Statement(
        sa.select(*_INVITING.columns)
        .select_from(joined)
        .where(_practice.here(_practice.c.id == P, *which))
    )


def _around(client: Any, bond: Any, invited: Any, source: Any = None) -> Any:
    """Practice, client, relationship and invited staff, each on what tells it."""
    start = _practice.table if source is None else source
    return (
        start.outerjoin(_bond.table, _bond.here(bond))
        .outerjoin(_client.table, _client.here(client))
        .outerjoin(_invited.table, _invited.here(invited))
    )


def _facts(row: Row, seen: Seen, actor: Actor) -> InvitingFacts:
    found = _INVITING.take(
        row, seen, "practice", "client", "actor_staff", "assigned", "relationship", "contact",
        "related", "invited", "live", "access", "account",
    )  # fmt: skip
    practice, client, staff, assigned, bond, contact, related, invited, live, access, account = (
        found
    )
    return InvitingFacts(
        practice=practice,
        actor=actor,
        staff=staff,
        client=client,
        assigned=bool(assigned),
        relationship=bond,
        person=contact or related,
        invited=invited,
        live=live if live is not None and live.is_pending else None,
        access=access,
        account=account,
    )


def _one(statement: Statement, practice_id: PracticeId, need: Any, id: str) -> Asked:  # noqa: A002 - the word of the domain
    def build(rows: Rows, seen: Seen) -> InvitingFacts:
        return _facts(only(rows, need, id), seen, need.actor)

    return ask(statement, practice_id, build, id=id, staff=need.actor.staff_id)


_no_bond, _no_client, _not_invited = (
    noun.c.id == word("") for noun in (_bond, _client, _invited)
)  # a look-up that finds nothing, where a constant would read all rows
_LIVE_OF: Final = "live_invite"
_MANY: Final = _inviting(
    _around(_client.c.id.in_(listed("clients")), _no_bond, _not_invited),
    holder(_LIVE_OF, _client.c.id),
    _client.c.id.is_not(None),
)
_RELATED: Final = _inviting(
    _around(_client.c.id == _bond.c.client_id, _bond.c.id == bound("id"), _not_invited),
    holder(_LIVE_OF, _bond.c.id),
    _bond.c.id.is_not(None),
    _client.c.id.is_not(None),
)
_STAFF: Final = _inviting(
    _around(_no_client, _no_bond, _invited.c.id == bound("id")),
    holder(_LIVE_OF, _invited.c.id),
    _invited.c.id.is_not(None),
)
_told = _practice.table.join(_invite.table, _invite.here(_invite.c.id == bound("id")))
_whose = _client.c.id == sa.func.coalesce(_bond.c.client_id, _invite.c.client_id)
_FOR: Final = _inviting(
    _around(
        _whose, _bond.c.id == _invite.c.relationship_id, _invited.c.id == _invite.c.staff_id, _told
    ),
    _invite.c.id,
)


def inviting_facts_of(practice_id: PracticeId, need: q.InvitingFactsOf) -> Asked:
    """Answers `InvitingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> tuple[InvitingFacts, ...]:
        facts = [_facts(row, seen, need.actor) for row in rows]
        found = {each.client.id: each for each in facts if each.client is not None}
        missing = [each for each in need.client_ids if each not in found]
        if missing and need.required:
            raise NotFoundError(need.subject, missing[0])
        return tuple(found[each] for each in need.client_ids if each in found)

    named = {"clients": as_list(need.client_ids), "staff": need.actor.staff_id}
    return ask(_MANY, practice_id, build, **named)


def inviting_related_of(practice_id: PracticeId, need: q.InvitingRelatedOf) -> Asked:
    """Answers `InvitingRelatedOf`."""
    return _one(_RELATED, practice_id, need, need.relationship_id)


def inviting_staff_of(practice_id: PracticeId, need: q.InvitingStaffOf) -> Asked:
    """Answers `InvitingStaffOf`."""
    return _one(_STAFF, practice_id, need, need.staff_id)


def inviting_facts_for(practice_id: PracticeId, need: q.InvitingFactsFor) -> Asked:
    """Answers `InvitingFactsFor`."""
    return _one(_FOR, practice_id, need, need.invite_id)


_INVITE: Final = Picked(invite=_invite)
_LIVE_INVITES: Final = Statement(
    sa.select(*_INVITE.columns)
    .where(
        _invite.here(
            _invite.c.client_id.in_(listed("clients")), _invite.c.status == word("pending")
        )
    )
    .order_by(_invite.c.id)
)


def live_invites_of(practice_id: PracticeId, need: q.LiveInvitesOf) -> Asked:
    """Answers `LiveInvitesOf`."""

    def build(rows: Rows, seen: Seen) -> tuple[Invite, ...]:
        return tuple(_INVITE.take(row, seen, "invite")[0] for row in rows)

    return ask(_LIVE_INVITES, practice_id, build, clients=as_list(need.client_ids))


_opens = alias(Access, "opens")
_OPENED: Final = Picked(
    practice=_practice,
    invite=_invite,
    client=_client,
    relationship=_bond,
    contact=_contact,
    related=_related,
    staff=_invited,
    account=_account,
    access=_opens,
    throttle=_throttle,
)
_address = holder("email_taken", _invite.c.folded_email)
_OPENED_BY: Final = Statement(
    sa.select(*_OPENED.columns)
    .select_from(
        _person(
            _around(
                _client.c.id == _invite.c.client_id,
                _bond.c.id == _invite.c.relationship_id,
                _invited.c.id == _invite.c.staff_id,
                _told,
            )
        )
        .outerjoin(_account.table, _account.here(_account.c.id == _address))
        .outerjoin(
            _opens.table,
            _opens.here(_opens.c.client_id == _client.c.id, _opens.c.account_id == _account.c.id),
        )
        .outerjoin(_throttle.table, _throttle.here(_throttle.c.id == bound("throttle")))
    )
    .where(_practice.here(_practice.c.id == P))
)


def invite_facts_of(practice_id: PracticeId, need: q.InviteFactsOf) -> Asked:
    """Answers `InviteFactsOf`."""

    def build(rows: Rows, seen: Seen) -> InviteFacts | None:
        if not rows:
            return None
        practice, invite, client, bond, contact, related = _OPENED.take(
            rows[0], seen, "practice", "invite", "client", "relationship", "contact", "related"
        )
        staff, account, access, throttle = _OPENED.take(
            rows[0], seen, "staff", "account", "access", "throttle"
        )
        return InviteFacts(
            practice=practice,
            invite=invite,
            client=client,
            relationship=bond,
            person=contact or related,
            staff=staff,
            account=account,
            access=access,
            throttle=throttle,
        )

    throttle = f"invite/{need.invite_id}"
    return ask(_OPENED_BY, practice_id, build, id=need.invite_id, throttle=throttle)
