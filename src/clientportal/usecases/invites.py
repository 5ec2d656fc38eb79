"""Inviting, sending again, revoking (INV-1 to INV-3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final

from attrs import evolve, field, frozen

from clientportal.domain.bounds import each_once
from clientportal.domain.ids import ClientId, InviteId, RelationshipId, StaffId
from clientportal.domain.invites import (
    LIFE,
    Invite,
    InviteRevoked,
    InviteSent,
    after,
)
from clientportal.domain.moments import Moment
from clientportal.domain.people import Client
from clientportal.flows import Change, Flow, Outcome, RowResult, fetch
from clientportal.policies.decision import Decision
from clientportal.policies.invites import (
    InvitingFacts,
    may_invite_in_bulk,
    may_invite_staff,
    may_revoke_invite,
    may_send_invite,
)
from clientportal.policies.standing import PracticeFacts
from clientportal.ports.queries import (
    InvitingFactsFor,
    InvitingFactsOf,
    InvitingRelatedOf,
    InvitingStaffOf,
    PracticeFactsOf,
)
from clientportal.usecases.command import Context

MOST_AT_ONCE: Final = 500


def sending(facts: InvitingFacts, invite_id: InviteId, now: Moment) -> Change:
    """The invite sent: the live one again with its next generation, else a new one (INV-3)."""
    live = facts.live
    generation = 1 if live is None else live.generation + 1
    email = facts.email or ""
    invite = (
        evolve(live, email=email)
        if live
        else Invite(
            id=invite_id,
            email=email,
            client_id=None if facts.client is None else facts.client.id,
            relationship_id=None if facts.relationship is None else facts.relationship.id,
            staff_id=None if facts.invited is None else facts.invited.id,
            sent_at=now,
            expires_at=now + LIFE,
        )
    )
    event = InviteSent(invite_id=invite.id, generation=generation, at=now)
    sent = after(invite, event)
    if live:
        return Change(event, (sent,))
    # the owner too: what ends links for their client or staff member must see this one
    owners = tuple(each for each in (facts.client, facts.invited) if each is not None)
    return Change(event, (sent, *owners), made=(sent,))


def revoked(invites: Iterable[Invite]) -> tuple[Change, ...]:
    """Each of *invites* taken back."""
    events = ((invite, InviteRevoked(invite_id=invite.id)) for invite in invites)
    return tuple(Change(event, (after(invite, event),)) for invite, event in events)


def automatic_invite(
    facts: PracticeFacts, client: Client, invite_id: InviteId, context: Context
) -> tuple[Change, ...]:
    """The invite of a client just added, where the practice invites by itself (INV-2)."""
    if not facts.practice.invites.automatic:
        return ()
    inviting = InvitingFacts(
        practice=facts.practice,
        actor=context.actor,
        staff=facts.staff,
        client=client,
        assigned=True,  # by the time of the commit, who added the client may edit them
    )
    sent = may_send_invite(inviting, context.now, in_bulk=True)
    return (sending(inviting, invite_id, context.now),) if sent else ()


def _sent(
    decision: Decision, facts: InvitingFacts, invite_id: InviteId, context: Context
) -> Outcome:
    about = None if facts.client is None else facts.client.id
    if not decision:
        return Outcome(decision, about=about)
    return Outcome(decision, (sending(facts, invite_id, context.now),), about=about)


@frozen(kw_only=True)
class SendInvite:
    """Invite a client to their portal; sends a pending invite again (INV-1, INV-3)."""

    name: ClassVar[str] = "invite.send"
    looks_up: ClassVar[str] = "client_id"
    tests_secret: ClassVar[bool] = False
    invite_id: InviteId
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Outcome]:
        """From the client list or the client's record: the same command (GUIDE-1)."""
        found = yield from fetch(InvitingFactsOf((self.client_id,), context.actor, required=True))
        decision = may_send_invite(found[0], context.now, in_bulk=False)
        return _sent(decision, found[0], self.invite_id, context)


@frozen(kw_only=True)
class InviteRelated:
    """Invite a person related to a client, from the relationship (INV-1)."""

    name: ClassVar[str] = "invite.send_related"
    looks_up: ClassVar[str] = "relationship_id"
    tests_secret: ClassVar[bool] = False
    invite_id: InviteId
    relationship_id: RelationshipId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Under the same rules; the relationship must grant portal access."""
        facts = yield from fetch(InvitingRelatedOf(self.relationship_id, context.actor))
        decision = may_send_invite(facts, context.now, in_bulk=False)
        return _sent(decision, facts, self.invite_id, context)


@frozen(kw_only=True)
class InviteStaff:
    """Invite a staff member to an account (PPL-8)."""

    name: ClassVar[str] = "invite.send_staff"
    looks_up: ClassVar[str] = "staff_id"
    tests_secret: ClassVar[bool] = False
    invite_id: InviteId
    staff_id: StaffId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Staff with practice settings, and the command line, may."""
        practice = yield from fetch(PracticeFactsOf(context.actor))
        allowed = may_invite_staff(practice)
        if not allowed:
            return Outcome(allowed)
        facts = yield from fetch(InvitingStaffOf(self.staff_id, context.actor))
        decision = may_send_invite(facts, context.now, in_bulk=False)
        return _sent(decision, facts, self.invite_id, context)


@frozen(kw_only=True)
class SendInvites:
    """Invite many clients; a result for each, never all or nothing (INV-1).

    *invites* pairs the id of each new invite with its client; at most 500, each client once.
    """

    name: ClassVar[str] = "invite.send_many"
    tests_secret: ClassVar[bool] = False
    invites: tuple[tuple[InviteId, ClientId], ...] = field(
        validator=[
            each_once(MOST_AT_ONCE, key=lambda pair: pair[0]),
            each_once(MOST_AT_ONCE, key=lambda pair: pair[1]),
        ]
    )

    def flow(self, context: Context) -> Flow[Outcome]:
        """Clients whom the actor may not see, or who are not there, are `not_found` alike."""
        asked = InvitingFactsOf(tuple(client for _, client in self.invites), context.actor)
        practice, found = yield from fetch(PracticeFactsOf(context.actor), asked)
        decision = may_invite_in_bulk(practice)
        if not decision:
            return Outcome(decision)
        facts = {each.client.id: each for each in found if each.client is not None}
        changes: list[Change] = []
        results: list[RowResult] = []
        for invite_id, client_id in self.invites:
            one = facts.get(client_id)
            code = "not_found"
            if one is not None:
                each = may_send_invite(one, context.now, in_bulk=True)
                code = "not_found" if each.reason.kind.value == "hidden" else each.reason.code
                changes += [sending(one, invite_id, context.now)] if each else []
            results.append(RowResult(key=client_id, code=code))
        return Outcome(decision, tuple(changes), results=tuple(results))


@frozen(kw_only=True)
class ResendInvite:
    """Send a pending invite again; the older link dies (INV-3)."""

    name: ClassVar[str] = "invite.resend"
    tests_secret: ClassVar[bool] = False
    invite_id: InviteId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Not more often than every 5 minutes."""
        facts = yield from fetch(InvitingFactsFor(self.invite_id, context.actor))
        decision = may_revoke_invite(facts)
        if decision:
            decision = may_send_invite(facts, context.now, in_bulk=False)
        return _sent(decision, facts, self.invite_id, context)


@frozen(kw_only=True)
class RevokeInvite:
    """Take an invite back; its link dies (INV-3)."""

    name: ClassVar[str] = "invite.revoke"
    tests_secret: ClassVar[bool] = False
    invite_id: InviteId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Whoever may invite may revoke."""
        facts = yield from fetch(InvitingFactsFor(self.invite_id, context.actor))
        decision = may_revoke_invite(facts)
        about = None if facts.client is None else facts.client.id
        if not decision or facts.live is None:
            return Outcome(decision, about=about)
        return Outcome(decision, revoked((facts.live,)), about=about)
