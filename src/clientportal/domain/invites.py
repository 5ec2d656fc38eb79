"""Invites: the offer of access, made to one address, for one subject (INV-1 to INV-5).

*Expired* is not a status: time alone tells. Raising the generation kills every older link.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import Enum
from typing import Final, TypeAlias, assert_never

from attrs import evolve, field, frozen

from clientportal.domain.claims import Claim, Unique
from clientportal.domain.ids import AccountId, ClientId, InviteId, RelationshipId, StaffId
from clientportal.domain.moments import Moment, is_moment
from clientportal.domain.texts import is_email

LIFE: Final = timedelta(days=7)
RESEND_WAIT: Final = timedelta(minutes=5)
WRONG_BIRTH_DATES: Final = 5


class InviteStatus(Enum):
    """What became of an offer."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    REVOKED = "revoked"


@frozen(kw_only=True)
class Invite:
    """An offer of access: to a client's own portal, to it as a related person, or to staff."""

    id: InviteId
    email: str = field(validator=is_email, repr=False)
    client_id: ClientId | None = None
    relationship_id: RelationshipId | None = None
    staff_id: StaffId | None = None
    generation: int = 1
    sent_at: Moment = field(validator=is_moment)
    expires_at: Moment = field(validator=is_moment)
    status: InviteStatus = InviteStatus.PENDING
    accepted_by: AccountId | None = None

    belongs_to = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """At most one live invite per subject (INV-3)."""
        return (Unique("live_invite", self.subject),) if self.is_pending else ()

    @property
    def subject(self) -> str:
        """Who is invited to what."""
        return self.relationship_id or self.staff_id or self.client_id or self.id

    @property
    def is_pending(self) -> bool:
        """Whether it was neither accepted nor revoked; it may have expired."""
        return self.status is InviteStatus.PENDING

    def is_expired(self, now: Moment) -> bool:
        """Whether its latest link has run out."""
        return now >= self.expires_at


@frozen(kw_only=True)
class InviteSent:
    """An invite was made, or sent again with a new link."""

    invite_id: InviteId
    generation: int
    at: Moment


@frozen(kw_only=True)
class InviteAccepted:
    """An invite was taken up by an account."""

    invite_id: InviteId
    account_id: AccountId
    at: Moment


@frozen(kw_only=True)
class InviteRevoked:
    """An invite was taken back."""

    invite_id: InviteId


InviteEvent: TypeAlias = InviteSent | InviteAccepted | InviteRevoked

TRANSITIONS: Final[Mapping[tuple[InviteStatus, type[InviteEvent]], InviteStatus]] = {
    (InviteStatus.PENDING, InviteSent): InviteStatus.PENDING,
    (InviteStatus.PENDING, InviteAccepted): InviteStatus.ACCEPTED,
    (InviteStatus.PENDING, InviteRevoked): InviteStatus.REVOKED,
}


def after(invite: Invite, event: InviteEvent) -> Invite:
    """The invite as it stands once *event* has happened."""
    status = TRANSITIONS[invite.status, type(event)]
    match event:
        case InviteSent(generation=generation, at=at):
            return evolve(invite, generation=generation, sent_at=at, expires_at=at + LIFE)
        case InviteAccepted(account_id=account_id):
            return evolve(invite, status=status, accepted_by=account_id)
        case InviteRevoked():
            return evolve(invite, status=status)
        case _:
            assert_never(event)
