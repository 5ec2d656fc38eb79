"""Answers about documents, relationships and the outbox (DOC-1, REL-1, OUT-1)."""

from __future__ import annotations

from itertools import groupby
from typing import Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import Document, Share
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import moment_of
from clientportal.domain.people import Client
from clientportal.domain.relationships import Contact, Relationship
from clientportal.policies.documents import DocumentFacts, Readership
from clientportal.policies.relationships import RelationshipFacts
from clientportal.ports import queries as q
from clientportal.receipts import Published
from clientportal_sql.joins import (
    LAST,
    ONE,
    StandingJoins,
    alias,
    as_list,
    ask,
    bound,
    listed,
    only,
    standing_in,
    who,
    word,
)
from clientportal_sql.pages import SEEN_LAST, begin, key, page
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement, grouped
from clientportal_sql.tables import AUDIT, OUTBOX, WHOLE

_document, _share, _access = alias(Document), alias(Share), alias(Access)
_bond, _contact, _related = alias(Relationship, "bond"), alias(Contact), alias(Client, "related")
_delivery = alias(Delivery)
_shared = _share.here(_share.c.document_id == _document.c.id)

_joins: Final = StandingJoins(_document.c.client_id)
_FACTS: Final = Picked(**_joins.parts, document=_document, share=_share)
_FACTS_OF: Final = Statement(
    sa.select(*_FACTS.columns)
    .select_from(_joins.around(_document.table).outerjoin(_share.table, _shared))
    .where(_document.here(_document.c.id == bound("document")))
    .order_by(_share.c.reader)
)


def _shares(picked: Picked, rows: Rows) -> tuple[Share, ...]:
    found = [picked.take(row, None, "share")[0] for row in rows]
    return tuple(share for share in found if share is not None)


def document_facts_of(practice_id: PracticeId, need: q.DocumentFactsOf) -> Asked:
    """Answers `DocumentFactsOf`."""

    def build(rows: Rows, seen: Seen) -> DocumentFacts:
        row = only(rows, need, need.document_id)
        (document,) = _FACTS.take(row, seen, "document")
        standing = standing_in(_FACTS, row, seen, need.actor)
        return DocumentFacts(standing=standing, document=document, shares=_shares(_FACTS, rows))

    named = {"document": need.document_id, **who(need.actor)}
    return ask(_FACTS_OF, practice_id, build, **named)


_ATTACHED: Final = Statement(
    sa.select(*_FACTS.columns)
    .select_from(_joins.around(_document.table).outerjoin(_share.table, _shared))
    .where(_document.here(_document.c.id.in_(listed("documents"))))
    .order_by(_document.c.id, _share.c.reader)
)


def attached_of(practice_id: PracticeId, need: q.AttachedOf) -> Asked:
    """Answers `AttachedOf`."""
    at = _FACTS.at("document") + 1

    def one(rows: Rows, seen: Seen) -> DocumentFacts:
        (document,) = _FACTS.take(rows[0], seen, "document")
        standing = standing_in(_FACTS, rows[0], seen, need.actor)
        return DocumentFacts(standing=standing, document=document, shares=_shares(_FACTS, rows))

    def build(rows: Rows, seen: Seen) -> tuple[DocumentFacts, ...]:
        return tuple(one(each, seen) for each in grouped(rows, at))

    return ask(
        _ATTACHED, practice_id, build, documents=as_list(need.document_ids), **who(need.actor)
    )


_FILED: Final = Picked(document=_document, share=_share)
_paged, _let = alias(Document, "paged"), alias(Share, "let")
_is_shared = sa.exists(
    sa.select(ONE).where(
        _let.here(
            _let.c.document_id == _paged.c.id,
            _let.c.until.is_(None),
            _let.c.reader.in_(listed("readers")),
        )
    )
)
_is_read = sa.or_(
    bound("everything", WHOLE) == ONE,
    _paged.c.author.in_(listed("authors")),
    sa.and_(_paged.c.status == word("shared"), _is_shared),
)
_before = key(_paged.c.made_at, _paged.c.id) < SEEN_LAST
_page = page(
    sa.select(_paged.c.id)
    .where(_paged.here(_paged.c.client_id == bound("client"), _before, _is_read))
    .order_by(_paged.c.made_at.desc(), _paged.c.id.desc())
).subquery("page")
_DOCUMENTS_OF: Final = Statement(
    sa.select(*_FILED.columns)
    .select_from(
        _page.join(_document.table, _document.here(_document.c.id == _page.c.id)).outerjoin(
            _share.table, _shared
        )
    )
    .order_by(_document.c.made_at.desc(), _document.c.id.desc(), _share.c.reader)
)


def documents_of(practice_id: PracticeId, need: q.DocumentsOf) -> Asked:
    """Answers `DocumentsOf`."""

    def filed(rows: Rows) -> q.Filed:
        (document,) = _FILED.take(rows[0], None, "document")
        return q.Filed(document=document, shares=_shares(_FILED, rows))

    def build(rows: Rows, _: Seen) -> tuple[q.Filed, ...]:
        at = _FILED.at("document") + 1
        return tuple(filed(list(group)) for _, group in groupby(rows, key=lambda row: row[at]))

    reader = need.reader or Readership()
    return ask(
        _DOCUMENTS_OF,
        practice_id,
        build,
        client=need.client_id,
        everything=int(need.reader is None),
        readers=as_list(reader.readers),
        authors=as_list(reader.authors),
        **begin(need.after, LAST),
        limit=need.limit,
    )


_RELATED: Final = Picked(relationship=_bond, contact=_contact, related=_related)
_RELATIONSHIPS_OF: Final = Statement(
    sa.select(*_RELATED.columns)
    .select_from(
        _bond.table.outerjoin(
            _contact.table, _contact.here(_contact.c.id == _bond.c.person)
        ).outerjoin(_related.table, _related.here(_related.c.id == _bond.c.person))
    )
    .where(_bond.here(_bond.c.client_id == bound("client")))
    .order_by(_bond.c.id)
)


def relationships_of(practice_id: PracticeId, need: q.RelationshipsOf) -> Asked:
    """Answers `RelationshipsOf`."""

    def related(row: Row) -> q.Related:
        bond, contact, other = _RELATED.take(row, None, "relationship", "contact", "related")
        return q.Related(relationship=bond, person=contact or other)

    def build(rows: Rows, _: Seen) -> tuple[q.Related, ...]:
        return tuple(map(related, rows))

    return ask(_RELATIONSHIPS_OF, practice_id, build, client=need.client_id)


_bond_joins: Final = StandingJoins(_bond.c.client_id)
_BOND: Final = Picked(**_bond_joins.parts, bond=_bond)
_BOND_OF: Final = Statement(
    sa.select(*_BOND.columns)
    .select_from(_bond_joins.around(_bond.table))
    .where(_bond.here(_bond.c.id == bound("id")))
)


def relationship_facts_of(practice_id: PracticeId, need: q.RelationshipFactsOf) -> Asked:
    """Answers `RelationshipFactsOf`."""

    def build(rows: Rows, seen: Seen) -> RelationshipFacts:
        row = only(rows, need, need.relationship_id)
        (bond,) = _BOND.take(row, seen, "bond")
        standing = standing_in(_BOND, row, seen, need.actor)
        return RelationshipFacts(standing=standing, relationship=bond)

    return ask(_BOND_OF, practice_id, build, id=need.relationship_id, **who(need.actor))


_ACCESS: Final = Picked(access=_access)
_ACCESSES: Final = Statement(
    sa.select(*_ACCESS.columns)
    .where(_access.here(_access.c.relationship_id == bound("id"), _access.c.ended_at.is_(None)))
    .order_by(_access.c.client_id, _access.c.account_id)
)


def accesses_through(practice_id: PracticeId, need: q.AccessesThrough) -> Asked:
    """Answers `AccessesThrough`."""

    def build(rows: Rows, _: Seen) -> tuple[Access, ...]:
        return tuple(_ACCESS.take(row, None, "access")[0] for row in rows)

    return ask(_ACCESSES, practice_id, build, id=need.relationship_id)


_PENDING: Final = Picked(
    position=OUTBOX.c.position,
    name=OUTBOX.c.name,
    body=OUTBOX.c.body,
    delivery=_delivery,
    who=AUDIT.c.who,
    at=AUDIT.c.at,
)
_tried = _delivery.here(_delivery.c.position == OUTBOX.c.position)
_PENDING_EVENTS: Final = Statement(
    page(
        sa.select(*_PENDING.columns)
        .select_from(
            OUTBOX.join(
                AUDIT, sa.and_(AUDIT.c.practice_id == P, AUDIT.c.id == OUTBOX.c.entry_id)
            ).outerjoin(_delivery.table, _tried)
        )
        .where(OUTBOX.c.practice_id == P, OUTBOX.c.is_pending == ONE)
        .where(OUTBOX.c.position > bound("after", WHOLE))
        .order_by(OUTBOX.c.position)
    )
)


_DELIVERY: Final = Picked(delivery=_delivery)
_DELIVERY_OF: Final = Statement(
    sa.select(*_DELIVERY.columns).where(_delivery.here(_delivery.c.position == bound("position")))
)


def delivery_of(practice_id: PracticeId, need: q.DeliveryOf) -> Asked:
    """Answers `DeliveryOf`."""

    def build(rows: Rows, seen: Seen) -> Delivery | None:
        found: Delivery | None = _DELIVERY.take(rows[0], seen, "delivery")[0] if rows else None
        return found

    return ask(_DELIVERY_OF, practice_id, build, position=need.position)


def pending_events(practice_id: PracticeId, need: q.PendingEvents) -> Asked:
    """Answers `PendingEvents`."""

    def pending(row: Row) -> q.Pending:
        position, name, body, delivery = _PENDING.take(
            row, None, "position", "name", "body", "delivery"
        )
        whose, at = _PENDING.take(row, None, "who", "at")
        return q.Pending(
            position=position,
            event=Published(name=name, body=body),
            delivery=delivery,
            who=whose,
            at=moment_of(at),
        )

    def build(rows: Rows, _: Seen) -> tuple[q.Pending, ...]:
        return tuple(map(pending, rows))

    return ask(_PENDING_EVENTS, practice_id, build, after=need.after, limit=need.limit)
