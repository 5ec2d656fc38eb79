"""An invite and a relationship with something in every field, for the samples."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from clientportal.domain.ids import ClientId, InviteId, RelationshipId
from clientportal.domain.invites import Invite, InviteStatus
from clientportal.domain.relationships import Relationship, Scope
from clientportal.testing.conformance.desk import AT, LOGIN

LATER: Final = AT + timedelta(hours=5, microseconds=7)
TEXT: Final = "na\u00efve \U0001f9d1\u200d\U0001f4bb '; drop \u05e9\u05dc\u05d5\u05dd"
NEW: Final = ClientId("cli_9")

INVITE: Final = Invite(
    id=InviteId("inv_9"),
    email="Ann.\u00c9@example.org",
    client_id=NEW,
    relationship_id=RelationshipId("rel_9"),
    generation=12,
    sent_at=AT,
    expires_at=LATER,
    status=InviteStatus.ACCEPTED,
    accepted_by=LOGIN,
)
RELATIONSHIP: Final = Relationship(
    id=RelationshipId("rel_9"),
    client_id=NEW,
    person=ClientId("cli_1"),
    kind=TEXT[:20],
    scopes=frozenset(Scope),
    shares_information=True,
    is_emergency_contact=True,
    since=AT,
    until=LATER,
)
