"""Relating people to clients, and who sees what (REL-1, REL-2, REL-5, REL-6)."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from attrs import evolve, field, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.ids import ClientId, ContactId, RelationshipId
from clientportal.domain.people import Client
from clientportal.domain.relationships import (
    Contact,
    Relationship,
    RelationshipChanged,
    RelationshipEnded,
    RelationshipMade,
    Scope,
    after_ending,
)
from clientportal.domain.texts import line
from clientportal.flows import Change, Flow, Get, Outcome, Shown, State, fetch
from clientportal.policies.documents import Readership, is_shared_with, may_list_documents
from clientportal.policies.people import may_view_client
from clientportal.policies.relationships import (
    may_change_relationship,
    may_relate,
    may_relate_to,
    may_view_relationships,
)
from clientportal.policies.standing import NOT_PERMITTED, Standing
from clientportal.ports.queries import (
    AccessesThrough,
    DocumentsOf,
    Filed,
    LiveInvitesOf,
    Related,
    RelationshipFactsOf,
    RelationshipsOf,
    StandingOf,
)
from clientportal.usecases.command import Context, replaced
from clientportal.usecases.documentation import DocumentSeen, seen
from clientportal.usecases.invites import revoked

Whom: TypeAlias = Contact | ClientId | ContactId


@frozen(kw_only=True)
class Relate:
    """Relate a client to a person: a new contact, a known one, or another client (REL-1).

    The three facts are independent; *scopes* empty is no portal access.
    """

    name: ClassVar[str] = "relationship.make"
    looks_up: ClassVar[str] = "client_id"
    tests_secret: ClassVar[bool] = False
    relationship_id: RelationshipId
    client_id: ClientId
    contact: Contact | None = None
    person: ContactId | ClientId | None = None
    kind: str = field(validator=line(60))
    scopes: frozenset[Scope] = frozenset()
    shares_information: bool = False
    is_emergency_contact: bool = False

    def flow(self, context: Context) -> Flow[Outcome]:
        """One-way, and made by staff who may edit the client."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_relate(standing)
        if not decision:
            return Outcome(decision, about=self.client_id)
        made = yield from self._person(standing)
        if made is None:
            return Outcome(NOT_PERMITTED, about=self.client_id)
        bond = Relationship(
            id=self.relationship_id,
            client_id=self.client_id,
            person=made.id,
            kind=self.kind,
            scopes=self.scopes,
            shares_information=self.shares_information,
            is_emergency_contact=self.is_emergency_contact,
            since=context.now,
        )
        new: tuple[State, ...] = () if self.contact is None else (self.contact,)
        event = RelationshipMade(relationship_id=bond.id)
        change = Change(event, (*new, standing.client, bond), made=(*new, bond))
        return Outcome(decision, (change,), about=self.client_id)

    def _person(self, standing: Standing) -> Flow[Contact | Client | None]:
        """The person, or None for one whom the actor may not know of."""
        if self.contact is not None:
            return self.contact
        if isinstance(self.person, ClientId):
            other = yield from fetch(StandingOf(self.person, standing.actor))
            return other.client if may_view_client(other) else None
        contact, related = yield from fetch(
            Get(Contact, self.person or ""), RelationshipsOf(self.client_id)
        )
        known = any(each.relationship.person == contact.id for each in related)
        return contact if may_relate_to(standing, known=known) else None


@frozen(kw_only=True)
class ChangeRelationship:
    """Change any of the three facts of a relationship (REL-1); None leaves one as it is."""

    name: ClassVar[str] = "relationship.change"
    tests_secret: ClassVar[bool] = False
    relationship_id: RelationshipId
    scopes: frozenset[Scope] | None = None
    shares_information: bool | None = None
    is_emergency_contact: bool | None = None

    def flow(self, context: Context) -> Flow[Outcome]:
        """Effective at once, for whoever acts through it."""
        facts = yield from fetch(RelationshipFactsOf(self.relationship_id, context.actor))
        decision = may_change_relationship(facts)
        client = facts.standing.client
        if not decision:
            return Outcome(decision, about=client.id)
        changed = replaced(
            facts.relationship,
            scopes=self.scopes,
            shares_information=self.shares_information,
            is_emergency_contact=self.is_emergency_contact,
        )
        event = RelationshipChanged(relationship_id=changed.id)
        return Outcome(decision, (Change(event, (client, changed)),), about=client.id)


@frozen(kw_only=True)
class EndRelationship:
    """End a relationship, and all access through it at once (REL-6)."""

    name: ClassVar[str] = "relationship.end"
    tests_secret: ClassVar[bool] = False
    relationship_id: RelationshipId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Accesses that rest on it end, and links that it justified die."""
        facts, accesses = yield from fetch(
            RelationshipFactsOf(self.relationship_id, context.actor),
            AccessesThrough(self.relationship_id),
        )
        client = facts.standing.client
        decision = may_change_relationship(facts)
        if not decision:
            return Outcome(decision, about=client.id)
        live = yield from fetch(LiveInvitesOf((client.id,)))
        event = RelationshipEnded(relationship_id=self.relationship_id, at=context.now)
        ended: tuple[Access, ...] = tuple(evolve(a, ended_at=context.now) for a in accesses)
        change = Change(event, (client, after_ending(facts.relationship, event), *ended))
        dead = revoked(i for i in live if i.relationship_id == self.relationship_id)
        return Outcome(decision, (change, *dead), about=client.id)


@frozen(kw_only=True)
class RelatedPerson:
    """A person related to the client, and what is shared with them now (REL-5).

    *documents* is empty to staff who may not view the client's documentation (PPL-3).
    """

    relationship: Relationship
    person_name: str = field(repr=False)
    documents: tuple[DocumentSeen, ...] = field(repr=False)


@frozen(kw_only=True)
class SeeRelationships:
    """The people related to a client, and the documentation shared with each (GUIDE-13, REL-5)."""

    name: ClassVar[str] = "relationship.list"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[tuple[RelatedPerson, ...]]]:
        """The client and staff who may view them; related people see only what is theirs."""
        standing, related = yield from fetch(
            StandingOf(self.client_id, context.actor), RelationshipsOf(self.client_id)
        )
        decision = may_view_relationships(standing)
        if not decision:
            return Shown(decision, about=self.client_id)
        current = tuple(each for each in related if each.relationship.is_current)
        filed: tuple[Filed, ...] = ()
        if may_list_documents(standing):
            filed = yield from fetch(
                DocumentsOf(self.client_id, reader=_informed(current), limit=1000)
            )
        people = tuple(_person(each, filed) for each in current)
        return Shown(decision, people, about=self.client_id)


def _informed(related: tuple[Related, ...]) -> Readership:
    """Everybody among *related* with whom information is shared, as readers (REL-1)."""
    bonds = (each.relationship for each in related)
    return Readership(readers=tuple(bond.person for bond in bonds if bond.shares_information))


def _person(related: Related, filed: tuple[Filed, ...]) -> RelatedPerson:
    bond = related.relationship
    documents = tuple(
        seen(each.document)
        for each in filed
        if bond.shares_information and is_shared_with(each.document, each.shares, bond.person)
    )
    return RelatedPerson(relationship=bond, person_name=related.person.name, documents=documents)
