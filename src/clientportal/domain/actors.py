"""Who is asking, in which capacity (PPL-6)."""

from __future__ import annotations

from enum import Enum

from attrs import field, frozen

from clientportal.domain.ids import (
    AccountId,
    ClientId,
    InviteId,
    PracticeId,
    RelationshipId,
    SessionId,
    StaffId,
)
from clientportal.domain.moments import Moment, is_moment


class Capacity(Enum):
    """How an actor acts (PPL-6)."""

    STAFF = "staff"
    CLIENT = "client"
    PROXY = "proxy"
    VISITOR = "visitor"
    SYSTEM = "system"


# Looked up once: decisions ask all the time.
_STAFF, _CLIENT, _PROXY = Capacity.STAFF, Capacity.CLIENT, Capacity.PROXY


@frozen(kw_only=True)
class Link:
    """What a genuine invite link says; its signature has been checked (INV-3)."""

    invite_id: InviteId
    generation: int
    expires_at: Moment = field(validator=is_moment)


@frozen(kw_only=True)
class Factor:
    """A factor shown when signing in, such as ``password`` or ``totp``, and when (PPL-6)."""

    name: str
    at: Moment = field(validator=is_moment)


@frozen(kw_only=True)
class Actor:
    """Who is asking, in one capacity (PPL-6).

    Minted by the portal from a session or a link, or by the host through `Portal.trusted_actor`;
    never built from a request.
    """

    practice_id: PracticeId
    capacity: Capacity
    account_id: AccountId | None = None
    staff_id: StaffId | None = None
    client_id: ClientId | None = None
    relationship_id: RelationshipId | None = None
    session_id: SessionId | None = None
    link: Link | None = field(default=None, repr=False)
    factors: tuple[Factor, ...] = ()

    @property
    def is_staff(self) -> bool:
        """Whether they act as a staff member."""
        return self.capacity is _STAFF

    @property
    def is_client(self) -> bool:
        """Whether they act as a client, for themselves."""
        return self.capacity is _CLIENT

    @property
    def is_system(self) -> bool:
        """Whether the practice's own machinery acts: relay, provider events, command line."""
        return self.capacity is Capacity.SYSTEM

    @property
    def is_proxy(self) -> bool:
        """Whether they act for a client, through a relationship."""
        return self.capacity is _PROXY

    @property
    def person(self) -> StaffId | ClientId | RelationshipId | None:
        """Who they are in a conversation: staff member, client, or proxy by their relationship."""
        if self.is_staff:
            return self.staff_id
        if self.is_client:
            return self.client_id
        return self.relationship_id if self.is_proxy else None

    def as_client(self, client_id: ClientId) -> Actor:
        """The client in place of the actor, to tell what the client may do (MSG-18, MSG-22)."""
        return Actor(practice_id=self.practice_id, capacity=_CLIENT, client_id=client_id)

    @property
    def who(self) -> str:
        """The id that audit names: staff member, account, client or invite, else the capacity."""
        held = None if self.link is None else self.link.invite_id
        return self.staff_id or self.account_id or self.client_id or held or self.capacity.value
