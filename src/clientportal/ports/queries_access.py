"""Questions about the practice, its people, their invites and accounts."""

from __future__ import annotations

from typing import Final

from attrs import field, frozen

from clientportal.domain.actors import Actor
from clientportal.domain.bounds import whole
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    InviteId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.invites import Invite
from clientportal.domain.people import Assignment, Client
from clientportal.flows import Query
from clientportal.policies.accounts import OpenPortal, SessionFacts, SignInFacts
from clientportal.policies.invites import InviteFacts, InvitingFacts
from clientportal.policies.standing import PracticeFacts, Standing

PAGE: Final = 50
limited: Final = whole(1, 1000)


@frozen
class PracticeFactsOf(Query[PracticeFacts]):
    """The practice, and the staff member who asks (None for other capacities, or if unknown)."""

    subject = "practice"
    actor: Actor


@frozen
class StandingOf(Query[Standing]):
    """How *actor* stands to the client."""

    subject = "client"
    client_id: ClientId
    actor: Actor


@frozen
class AssignmentOf(Query[Assignment | None]):
    """The roster entry of a client and a staff member, ended or not."""

    subject = "client"
    client_id: ClientId
    staff_id: StaffId


@frozen
class ClientsByExternalId(Query[tuple[Client, ...]]):
    """The clients with one of these external ids, remembered; in the order of their ids."""

    subject = "client"
    external_ids: tuple[str, ...] = field(repr=False)


@frozen(kw_only=True)
class ListedClient:
    """A client as the client list shows them: *invite* the latest, *has_access* as of now."""

    client: Client
    assigned: bool
    invite: Invite | None
    has_access: bool


@frozen
class ClientsOf(Query[tuple[ListedClient, ...]]):
    """The clients a staff member may view, by id after *after*: all, or their roster."""

    subject = "client"
    staff_id: StaffId
    everybody: bool = field(kw_only=True)
    after: ClientId | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen
class OthersWithSettings(Query[bool]):
    """Whether another active staff member has practice settings (PPL-8)."""

    subject = "staff_member"
    than: StaffId


@frozen
class InvitingFactsOf(Query[tuple[InvitingFacts, ...]]):
    """What decides whether each of these clients may be invited, in the order given.

    A client that is not there is left out; with *required*, `NotFoundError`. The pending invites
    are remembered.
    """

    subject = "client"
    client_ids: tuple[ClientId, ...]
    actor: Actor
    required: bool = field(default=False, kw_only=True)


@frozen
class InvitingRelatedOf(Query[InvitingFacts]):
    """What decides whether a person related to a client may be invited."""

    subject = "relationship"
    relationship_id: RelationshipId
    actor: Actor


@frozen
class InvitingStaffOf(Query[InvitingFacts]):
    """What decides whether a staff member may be invited; *account* is theirs."""

    subject = "staff_member"
    staff_id: StaffId
    actor: Actor


@frozen
class InvitingFactsFor(Query[InvitingFacts]):
    """As the three above, for the subject of an invite; *live* is that invite while pending."""

    subject = "invite"
    invite_id: InviteId
    actor: Actor


@frozen
class LiveInvitesOf(Query[tuple[Invite, ...]]):
    """The pending invites of clients and of those related to them, by id, remembered."""

    subject = "client"
    client_ids: tuple[ClientId, ...]


@frozen
class InviteFactsOf(Query[InviteFacts | None]):
    """What a link opens, or None.

    *account* is whoever has the invited address now, *access* what they already have to the
    client, *throttle* the one called ``invite/<id>``.
    """

    subject = "invite"
    invite_id: InviteId


@frozen
class SignInFactsOf(Query[SignInFacts]):
    """The account with *email* (as `folded` compares), and the two throttles by their ids."""

    subject = "account"
    email: str = field(repr=False)
    tries_id: str
    origin_id: str | None


@frozen
class SessionFactsOf(Query[SessionFacts | None]):
    """The session with that token digest, its account, and all it may be used for, or None."""

    subject = "session"
    digest: str = field(repr=False)


@frozen
class PortalsOf(Query[tuple[OpenPortal, ...]]):
    """The portals that an account opens, live or not, by client id."""

    subject = "account"
    account_id: AccountId
