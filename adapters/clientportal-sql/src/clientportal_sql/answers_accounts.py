"""Answers about accounts, their sessions and the portals they open (INV-8, INV-9, PPL-5)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access, Account, Session, Throttle
from clientportal.domain.ids import PracticeId
from clientportal.domain.people import StaffMember
from clientportal.domain.relationships import Relationship
from clientportal.domain.texts import folded
from clientportal.policies.accounts import OpenPortal, SessionFacts, SignInFacts
from clientportal.ports import queries as q
from clientportal_sql.joins import alias, ask, bound, holder
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement

_account, _session, _staff = alias(Account), alias(Session), alias(StaffMember)
_access, _bond = alias(Access), alias(Relationship)
_tries, _origin = alias(Throttle, "tries"), alias(Throttle, "origin_tries")

_SIGN_IN: Final = Picked(account=_account, tries=_tries, origin_tries=_origin)
_asked = sa.select(P.label("practice_id")).subquery("asked")
_SIGN_IN_FACTS: Final = Statement(
    sa.select(*_SIGN_IN.columns).select_from(
        _asked.outerjoin(
            _account.table,
            _account.here(_account.c.id == holder("email_taken", bound("email"))),
        )
        .outerjoin(_tries.table, _tries.here(_tries.c.id == bound("tries")))
        .outerjoin(_origin.table, _origin.here(_origin.c.id == bound("origin")))
    )
)


def sign_in_facts_of(practice_id: PracticeId, need: q.SignInFactsOf) -> Asked:
    """Answers `SignInFactsOf`."""

    def build(rows: Rows, seen: Seen) -> SignInFacts:
        account, tries, origin = _SIGN_IN.take(rows[0], seen, "account", "tries", "origin_tries")
        return SignInFacts(account=account, tries=tries, origin_tries=origin)

    return ask(
        _SIGN_IN_FACTS,
        practice_id,
        build,
        email=folded(need.email),
        tries=need.tries_id,
        origin=need.origin_id,
    )


_SESSION: Final = Picked(
    session=_session, account=_account, staff=_staff, access=_access, relationship=_bond
)
_SESSION_FACTS: Final = Statement(
    sa.select(*_SESSION.columns)
    .select_from(
        _session.table.join(_account.table, _account.here(_account.c.id == _session.c.account_id))
        .outerjoin(_staff.table, _staff.here(_staff.c.id == _account.c.staff_id))
        .outerjoin(_access.table, _access.here(_access.c.account_id == _account.c.id))
        .outerjoin(_bond.table, _bond.here(_bond.c.id == _access.c.relationship_id))
    )
    .where(_session.here(_session.c.id == holder("session", bound("digest"))))
    .order_by(_access.c.client_id)
)


def _portals(picked: Picked, rows: Rows) -> tuple[OpenPortal, ...]:
    found = [picked.take(row, None, "access", "relationship") for row in rows]
    return tuple(
        OpenPortal(access=access, relationship=bond) for access, bond in found if access is not None
    )


def session_facts_of(practice_id: PracticeId, need: q.SessionFactsOf) -> Asked:
    """Answers `SessionFactsOf`."""

    def facts(row: Row, rows: Rows, seen: Seen) -> SessionFacts:
        session, account, staff = _SESSION.take(row, seen, "session", "account", "staff")
        portals = _portals(_SESSION, rows)
        return SessionFacts(session=session, account=account, staff=staff, portals=portals)

    def build(rows: Rows, seen: Seen) -> SessionFacts | None:
        return facts(rows[0], rows, seen) if rows else None

    return ask(_SESSION_FACTS, practice_id, build, digest=need.digest)


_PORTALS: Final = Picked(access=_access, relationship=_bond)
_PORTALS_OF: Final = Statement(
    sa.select(*_PORTALS.columns)
    .select_from(
        _access.table.outerjoin(_bond.table, _bond.here(_bond.c.id == _access.c.relationship_id))
    )
    .where(_access.here(_access.c.account_id == bound("account")))
    .order_by(_access.c.client_id)
)


def portals_of(practice_id: PracticeId, need: q.PortalsOf) -> Asked:
    """Answers `PortalsOf`."""

    def build(rows: Rows, _: Seen) -> tuple[OpenPortal, ...]:
        return _portals(_PORTALS, rows)

    return ask(_PORTALS_OF, practice_id, build, account=need.account_id)
