"""How memory answers questions about the practice, its people, their invites and accounts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from clientportal.domain.accounts import Access, Account, Session, Throttle
from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId
from clientportal.domain.invites import Invite
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Contact, Relationship
from clientportal.domain.texts import folded
from clientportal.embedded.room import Look
from clientportal.policies.accounts import OpenPortal, SessionFacts, SignInFacts
from clientportal.policies.invites import InviteFacts, InvitingFacts
from clientportal.policies.standing import PracticeFacts, Standing
from clientportal.ports import queries as q


def practice_of(work: Look) -> Practice:
    """The practice, remembered."""
    return work.get(Practice, work.practice_id, "practice")


def _me(work: Look, actor: Actor) -> StaffMember | None:
    return None if actor.staff_id is None else work.find(StaffMember, actor.staff_id)


def _practice_facts(work: Look, query: q.PracticeFactsOf) -> PracticeFacts:
    practice = practice_of(work)
    return PracticeFacts(practice=practice, actor=query.actor, staff=_me(work, query.actor))


def _entry(work: Look, client_id: str, staff_id: str) -> Assignment | None:
    row = work.room.rows.get((Assignment, f"{client_id}/{staff_id}"))
    return None if row is None else row[1]


def is_assigned(work: Look, client_id: str, staff_id: str | None) -> bool:
    """Whether the client is on that staff member's roster."""
    entry = None if staff_id is None else _entry(work, client_id, staff_id)
    return entry is not None and entry.is_current


def access_of(work: Look, client_id: ClientId, actor: Actor) -> Access | None:
    """The actor's account's; of a client who names no account, the client's own live one."""
    mine = [each for each in work.room.all(Access) if each.client_id == client_id]
    if actor.account_id is not None:
        return next((each for each in mine if each.account_id == actor.account_id), None)
    own = (each for each in mine if each.is_own and each.is_live)
    return next(own, None) if actor.is_client else None


def bond_of(work: Look, relationship_id: str | None) -> Relationship | None:
    """The relationship under that id, if there is one."""
    row = work.room.rows.get((Relationship, relationship_id or ""))
    return None if row is None else row[1]


def standing_of(work: Look, client_id: ClientId, actor: Actor, subject: str = "client") -> Standing:
    """How *actor* stands to the client."""
    client = work.get(Client, client_id, subject)
    access = access_of(work, client_id, actor)
    resting = None if access is None else access.relationship_id
    return Standing(
        practice=practice_of(work),
        client=client,
        actor=actor,
        staff=_me(work, actor) if actor.is_staff else None,
        assigned=is_assigned(work, client_id, actor.staff_id),
        access=access,
        relationship=bond_of(work, resting),
    )


def _by_external_id(work: Look, query: q.ClientsByExternalId) -> tuple[Client, ...]:
    wanted = set(query.external_ids)
    found = (each for each in work.room.all(Client) if each.external_id in wanted)
    return tuple(work.remember(each) for each in found)


def _clients(work: Look, query: q.ClientsOf) -> tuple[q.ListedClient, ...]:
    out: list[q.ListedClient] = []
    for client in work.room.all(Client):
        assigned = is_assigned(work, client.id, query.staff_id)
        beyond = query.after is not None and client.id <= query.after
        if beyond or not (query.everybody or assigned):
            continue
        invites = [
            each
            for each in work.room.all(Invite)
            if each.client_id == client.id and each.relationship_id is None
        ]
        latest = max(invites, key=lambda each: (each.sent_at, each.id), default=None)
        item = q.ListedClient(
            client=client,
            assigned=assigned,
            invite=latest,
            has_access=_own_access(work, client.id) is not None,
        )
        out.append(item)
    return tuple(out[: query.limit])


def _own_access(work: Look, client_id: str) -> Access | None:
    own = (
        each
        for each in work.room.all(Access)
        if each.client_id == client_id and each.is_own and each.is_live
    )
    return next(own, None)


def _others_with_settings(work: Look, query: q.OthersWithSettings) -> bool:
    return any(
        each.is_active and each.permissions.practice_settings and each.id != query.than
        for each in work.room.all(StaffMember)
    )


def _live(work: Look, subject: str) -> Invite | None:
    pending = (each for each in work.room.all(Invite) if each.is_pending)
    found = next((each for each in pending if each.subject == subject), None)
    return None if found is None else work.remember(found)


def _inviting(work: Look, query: q.InvitingFactsOf) -> tuple[InvitingFacts, ...]:
    out: list[InvitingFacts] = []
    for client_id in query.client_ids:
        client = work.find(Client, client_id)
        if client is None and query.required:
            work.get(Client, client_id, "client")
        if client is None:
            continue
        facts = InvitingFacts(
            practice=practice_of(work),
            actor=query.actor,
            staff=_me(work, query.actor),
            client=client,
            assigned=is_assigned(work, client_id, query.actor.staff_id),
            live=_live(work, client_id),
            access=_own_access(work, client_id),
        )
        out.append(facts)
    return tuple(out)


def person_of(work: Look, bond: Relationship) -> Contact | Client:
    """Whom a relationship is with."""
    if isinstance(bond.person, ClientId):
        return work.get(Client, bond.person, "relationship")
    return work.get(Contact, bond.person, "relationship")


def _inviting_related(work: Look, query: q.InvitingRelatedOf) -> InvitingFacts:
    bond = work.get(Relationship, query.relationship_id, "relationship")
    client = work.get(Client, bond.client_id, "relationship")
    through = (
        each for each in work.room.all(Access) if each.relationship_id == bond.id and each.is_live
    )
    return InvitingFacts(
        practice=practice_of(work),
        actor=query.actor,
        staff=_me(work, query.actor),
        client=client,
        assigned=is_assigned(work, client.id, query.actor.staff_id),
        relationship=bond,
        person=person_of(work, bond),
        live=_live(work, bond.id),
        access=next(through, None),
    )


def _inviting_staff(work: Look, query: q.InvitingStaffOf) -> InvitingFacts:
    invited = work.get(StaffMember, query.staff_id, "staff_member")
    accounts = (each for each in work.room.all(Account) if each.staff_id == invited.id)
    account = next(accounts, None)
    return InvitingFacts(
        practice=practice_of(work),
        actor=query.actor,
        staff=_me(work, query.actor),
        invited=invited,
        live=_live(work, invited.id),
        account=None if account is None else work.remember(account),
    )


def _inviting_for(work: Look, query: q.InvitingFactsFor) -> InvitingFacts:
    invite = work.get(Invite, query.invite_id, "invite")
    if invite.relationship_id is not None:
        related = q.InvitingRelatedOf(invite.relationship_id, query.actor)
        facts = _inviting_related(work, related)
    elif invite.staff_id is not None:
        facts = _inviting_staff(work, q.InvitingStaffOf(invite.staff_id, query.actor))
    else:
        client_id = invite.client_id or ClientId("cli_0")
        facts = _inviting(work, q.InvitingFactsOf((client_id,), query.actor, required=True))[0]
    from attrs import evolve

    return evolve(facts, live=invite if invite.is_pending else None)


def _live_invites(work: Look, query: q.LiveInvitesOf) -> tuple[Invite, ...]:
    return tuple(
        work.remember(each)
        for each in work.room.all(Invite)
        if each.client_id in query.client_ids and each.is_pending
    )


def _account_of(work: Look, email: str) -> Account | None:
    found = (each for each in work.room.all(Account) if folded(each.email) == folded(email))
    account = next(found, None)
    return None if account is None else work.remember(account)


def _invite_facts(work: Look, query: q.InviteFactsOf) -> InviteFacts | None:
    invite = work.find(Invite, query.invite_id)
    if invite is None:
        return None
    bond = bond_of(work, invite.relationship_id)
    account = _account_of(work, invite.email)
    place = f"{invite.client_id}/{'' if account is None else account.id}"
    access = work.room.rows.get((Access, place))
    return InviteFacts(
        practice=practice_of(work),
        invite=invite,
        client=None if invite.client_id is None else work.find(Client, invite.client_id),
        relationship=bond,
        person=None if bond is None else person_of(work, bond),
        staff=None if invite.staff_id is None else work.find(StaffMember, invite.staff_id),
        account=account,
        access=None if access is None else access[1],
        throttle=work.find(Throttle, f"invite/{invite.id}"),
    )


def _sign_in(work: Look, query: q.SignInFactsOf) -> SignInFacts:
    return SignInFacts(
        account=_account_of(work, query.email),
        tries=work.find(Throttle, query.tries_id),
        origin_tries=None if query.origin_id is None else work.find(Throttle, query.origin_id),
    )


def _portals(work: Look, query: q.PortalsOf) -> tuple[OpenPortal, ...]:
    return tuple(
        OpenPortal(access=each, relationship=bond_of(work, each.relationship_id))
        for each in work.room.all(Access)
        if each.account_id == query.account_id
    )


def _session(work: Look, query: q.SessionFactsOf) -> SessionFacts | None:
    found = (each for each in work.room.all(Session) if each.digest == query.digest)
    session = next(found, None)
    if session is None:
        return None
    account = work.get(Account, session.account_id)
    return SessionFacts(
        session=work.remember(session),
        account=account,
        staff=None if account.staff_id is None else work.find(StaffMember, account.staff_id),
        portals=_portals(work, q.PortalsOf(account.id)),
    )


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.PracticeFactsOf: _practice_facts,
    q.StandingOf: lambda work, query: standing_of(work, query.client_id, query.actor),
    q.AssignmentOf: lambda work, query: _entry(work, query.client_id, query.staff_id),
    q.ClientsByExternalId: _by_external_id,
    q.ClientsOf: _clients,
    q.OthersWithSettings: _others_with_settings,
    q.InvitingFactsOf: _inviting,
    q.InvitingRelatedOf: _inviting_related,
    q.InvitingStaffOf: _inviting_staff,
    q.InvitingFactsFor: _inviting_for,
    q.LiveInvitesOf: _live_invites,
    q.InviteFactsOf: _invite_facts,
    q.SignInFactsOf: _sign_in,
    q.SessionFactsOf: _session,
    q.PortalsOf: _portals,
}
