"""Relationships: three independent facts about a person near a client (REL-1, REL-2)."""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.ids import ClientId, ContactId, RelationshipId
from clientportal.domain.moments import Moment, is_moment
from clientportal.domain.texts import is_email, is_phone, line
from clientportal.errors import MalformedError, Problem


class Scope(Enum):
    """What a grant lets a proxy do (REL-2)."""

    VIEW_APPOINTMENTS = "view_appointments"
    BOOK_APPOINTMENTS = "book_appointments"
    JOIN = "join"
    MESSAGES = "messages"
    READ_DOCUMENTS = "read_documents"
    UPLOAD_DOCUMENTS = "upload_documents"
    FORMS = "forms"
    BILLING = "billing"
    PROFILE = "profile"
    EXPORT = "export"


@frozen(kw_only=True)
class Contact:
    """A person who is no client: somebody's parent, partner, lawyer."""

    id: ContactId
    name: str = field(validator=line(200), repr=False)
    email: str | None = field(default=None, validator=optional(is_email), repr=False)
    phone: str | None = field(default=None, validator=optional(is_phone), repr=False)

    belongs_to = None
    claims = ()


def _somebody_else(self: Relationship, attribute: Attribute[Any], value: object) -> None:
    if value == self.client_id:
        advice = "relate the client to somebody else"
        raise MalformedError(Problem(attribute.name, "invalid_relationship", advice))


@frozen(kw_only=True)
class Relationship:
    """A one-way bond of a client with a contact or another client. Belongs to the client.

    The three facts: *scopes* is the portal access it grants (none when empty), *shares_information*
    lets documents be shared with the person, *is_emergency_contact* grants nothing.
    """

    id: RelationshipId
    client_id: ClientId
    person: ContactId | ClientId = field(validator=_somebody_else)
    kind: str = field(validator=line(60))
    scopes: frozenset[Scope] = frozenset()
    shares_information: bool = False
    is_emergency_contact: bool = False
    since: Moment = field(validator=is_moment)
    until: Moment | None = field(default=None, validator=optional(is_moment))

    claims = ()

    @property
    def belongs_to(self) -> ClientId:
        """The client is rewritten whenever their relationships change."""
        return self.client_id

    @property
    def is_current(self) -> bool:
        """Whether it holds now."""
        return self.until is None

    def grants(self, scope: Scope) -> bool:
        """Whether it lets the person do that now."""
        return self.is_current and scope in self.scopes


@frozen(kw_only=True)
class RelationshipMade:
    """A client was related to somebody."""

    relationship_id: RelationshipId


@frozen(kw_only=True)
class RelationshipChanged:
    """One of the three facts changed."""

    relationship_id: RelationshipId


@frozen(kw_only=True)
class RelationshipEnded:
    """A relationship ended, and all access through it (REL-6)."""

    relationship_id: RelationshipId
    at: Moment


RelationshipEvent: TypeAlias = RelationshipMade | RelationshipChanged | RelationshipEnded


def after_ending(relationship: Relationship, event: RelationshipEnded) -> Relationship:
    """The relationship once it ended."""
    return evolve(relationship, until=event.at)
