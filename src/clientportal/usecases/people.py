"""The client list, staff and rosters (PPL-2 to PPL-4)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.ids import ClientId, InviteId, StaffId
from clientportal.domain.people import (
    Assignment,
    Client,
    ClientAdded,
    ClientArchived,
    ClientAssigned,
    ClientChanged,
    ClientUnassigned,
    Reach,
    StaffAdded,
    StaffChanged,
    StaffMember,
    after_archiving,
)
from clientportal.domain.texts import folded
from clientportal.flows import Change, Flow, Get, Outcome, Shown, fetch
from clientportal.policies.people import (
    keeps_settings,
    may_add_client,
    may_change_staff,
    may_edit_client,
    may_list_clients,
    may_view_client,
)
from clientportal.policies.standing import PracticeFacts
from clientportal.ports.queries import (
    PAGE,
    AssignmentOf,
    ClientsByExternalId,
    ClientsOf,
    InvitingStaffOf,
    ListedClient,
    LiveInvitesOf,
    OthersWithSettings,
    PracticeFactsOf,
    StandingOf,
)
from clientportal.usecases.command import Context
from clientportal.usecases.custody import Custody, handed_over
from clientportal.usecases.invites import automatic_invite, revoked


@frozen(kw_only=True)
class AddClient:
    """Add a client to the list; invites them where the practice does so by itself (INV-2).

    *invite_id* names that invite. Who may edit only their own clients gets this one.
    """

    name: ClassVar[str] = "client.add"
    tests_secret: ClassVar[bool] = False
    client: Client
    invite_id: InviteId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Read, decide, add, assign, invite."""
        facts, others = yield from fetch(
            PracticeFactsOf(context.actor), ClientsByExternalId(_key(self.client))
        )
        taken = any(each.id != self.client.id for each in others)
        decision = may_add_client(facts, key_taken=taken)
        if not decision:
            return Outcome(decision)
        added = Change(ClientAdded(client_id=self.client.id), (self.client,), made=(self.client,))
        assigned = _own(facts, self.client, context)
        invites = automatic_invite(facts, self.client, self.invite_id, context)
        return Outcome(decision, (added, *assigned, *invites), about=self.client.id)


def _key(client: Client) -> tuple[str, ...]:
    return () if client.external_id is None else (client.external_id,)


def _own(facts: PracticeFacts, client: Client, context: Context) -> tuple[Change, ...]:
    """The adder's own assignment, where their permission ends at their roster."""
    staff = facts.staff
    if staff is None or staff.permissions.edit_clients is Reach.EVERYTHING:
        return ()
    entry = Assignment(client_id=client.id, staff_id=staff.id, since=context.now)
    event = ClientAssigned(client_id=client.id, staff_id=staff.id, at=context.now)
    return (Change(event, (client, entry)),)


@frozen(kw_only=True)
class ChangeClient:
    """Replace a client's record, its status included.

    A new address kills the links sent to the old one, archiving kills them all (INV-3).
    """

    name: ClassVar[str] = "client.change"
    tests_secret: ClassVar[bool] = False
    client: Client

    def flow(self, context: Context) -> Flow[Outcome]:
        """The record as given; what it justified no more ends with it."""
        standing, live, others = yield from fetch(
            StandingOf(self.client.id, context.actor),
            LiveInvitesOf((self.client.id,)),
            ClientsByExternalId(_key(self.client)),
        )
        taken = any(each.id != self.client.id for each in others)
        decision = may_edit_client(standing, key_taken=taken)
        if not decision:
            return Outcome(decision, about=self.client.id)
        before = standing.client
        changed = Change(ClientChanged(client_id=before.id), (self.client,))
        moved = folded(before.email or "") != folded(self.client.email or "")
        archived = not self.client.is_active
        ended = revoked(i for i in live if archived or (moved and i.relationship_id is None))
        return Outcome(decision, (changed, *ended), about=before.id)


@frozen(kw_only=True)
class ArchiveClient:
    """Stop serving a client; the record stays, their links die (INV-3)."""

    name: ClassVar[str] = "client.archive"
    tests_secret: ClassVar[bool] = False
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Archiving twice changes nothing."""
        standing, live = yield from fetch(
            StandingOf(self.client_id, context.actor), LiveInvitesOf((self.client_id,))
        )
        decision = may_edit_client(standing)
        if not decision or not standing.client.is_active:
            return Outcome(decision, about=self.client_id)
        event = ClientArchived(client_id=self.client_id)
        archived = Change(event, (after_archiving(standing.client, event),))
        return Outcome(decision, (archived, *revoked(live)), about=self.client_id)


@frozen(kw_only=True)
class AddStaffMember:
    """Add somebody who works here; they are invited like clients (PPL-8)."""

    name: ClassVar[str] = "staff_member.add"
    tests_secret: ClassVar[bool] = False
    staff: StaffMember

    def flow(self, context: Context) -> Flow[Outcome]:
        """Staff with practice settings, and the command line, may."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_change_staff(facts)
        if not decision:
            return Outcome(decision)
        event = StaffAdded(staff_id=self.staff.id)
        return Outcome(decision, (Change(event, (self.staff,), made=(self.staff,)),))


@frozen(kw_only=True)
class ChangeStaffMember:
    """Replace a staff member's record and permissions, effective at once (PPL-3).

    The last who has practice settings keeps them (PPL-8). Who leaves hands over the open
    conversations that they alone keep, as *custody* says (MSG-16).
    """

    name: ClassVar[str] = "staff_member.change"
    tests_secret: ClassVar[bool] = False
    staff: StaffMember
    custody: Custody = Custody()

    def flow(self, context: Context) -> Flow[Outcome]:
        """The practice is rewritten, so that two cannot remove each other's settings at once.

        Who leaves, or gets another address, cannot use a link any more (INV-3).
        """
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_change_staff(facts)
        if not decision:
            return Outcome(decision)
        inviting, others = yield from fetch(
            InvitingStaffOf(self.staff.id, context.actor), OthersWithSettings(self.staff.id)
        )
        before = yield from fetch(Get(StaffMember, self.staff.id))
        denied = keeps_settings(before, self.staff, others=others)
        if denied is not None:
            return Outcome(denied)
        handed: tuple[Change, ...] = ()
        if before.is_active and not self.staff.is_active:
            denied, handed = yield from handed_over(
                self.staff.id, self.custody, facts.practice, context
            )
            if denied is not None:
                return Outcome(denied)
        event = StaffChanged(staff_id=self.staff.id)
        kept = self.staff.is_active and folded(before.email or "") == folded(self.staff.email or "")
        ended = () if kept or inviting.live is None else revoked((inviting.live,))
        return Outcome(decision, (*handed, Change(event, (self.staff, facts.practice)), *ended))


@frozen(kw_only=True)
class AssignClient:
    """Put a client on a staff member's roster, effective at once (PPL-4)."""

    name: ClassVar[str] = "roster.assign"
    tests_secret: ClassVar[bool] = False
    client_id: ClientId
    staff_id: StaffId

    def flow(self, context: Context) -> Flow[Outcome]:
        """The client is rewritten, so that whatever read the old roster is decided again."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_edit_client(standing)
        if not decision:
            return Outcome(decision, about=self.client_id)
        staff, entry = yield from fetch(
            Get(StaffMember, self.staff_id), AssignmentOf(self.client_id, self.staff_id)
        )
        if entry is not None and entry.is_current:
            return Outcome(decision, about=self.client_id)
        made = Assignment(client_id=self.client_id, staff_id=staff.id, since=context.now)
        event = ClientAssigned(client_id=self.client_id, staff_id=staff.id, at=context.now)
        return Outcome(decision, (Change(event, (standing.client, made)),), about=self.client_id)


@frozen(kw_only=True)
class UnassignClient:
    """Take a client off a staff member's roster, effective at once (PPL-4)."""

    name: ClassVar[str] = "roster.unassign"
    tests_secret: ClassVar[bool] = False
    client_id: ClientId
    staff_id: StaffId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Taking off who is not on it changes nothing."""
        standing, entry = yield from fetch(
            StandingOf(self.client_id, context.actor), AssignmentOf(self.client_id, self.staff_id)
        )
        decision = may_edit_client(standing)
        if not decision or entry is None or not entry.is_current:
            return Outcome(decision, about=self.client_id)
        ended = evolve(entry, until=max(context.now, entry.since))
        event = ClientUnassigned(client_id=self.client_id, staff_id=self.staff_id, at=context.now)
        return Outcome(decision, (Change(event, (standing.client, ended)),), about=self.client_id)


@frozen(kw_only=True)
class SeeClients:
    """A page of the client list, as far as the staff member's permission reaches (PPL-3)."""

    name: ClassVar[str] = "client.list"
    after: ClientId | None = None
    limit: int = field(default=PAGE)

    def flow(self, context: Context) -> Flow[Shown[tuple[ListedClient, ...]]]:
        """All clients, or those on the staff member's roster."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_list_clients(facts)
        if not decision or facts.staff is None:
            return Shown(decision)
        everybody = facts.staff.permissions.view_clients is Reach.EVERYTHING
        page = yield from fetch(
            ClientsOf(facts.staff.id, everybody=everybody, after=self.after, limit=self.limit)
        )
        return Shown(decision, page, also=tuple(each.client.id for each in page))


@frozen(kw_only=True)
class SeeClient:
    """One client's record."""

    name: ClassVar[str] = "client.see"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[Client]]:
        """Staff who may view the client, and the client."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_view_client(standing)
        return Shown(decision, standing.client if decision else None, about=self.client_id)
