"""Commands about invites and sessions: inviting, taking up, signing in and out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from attrs import evolve

from clientportal.domain.accounts import Account, Secret, Session
from clientportal.domain.ids import AccountId, ClientId, InviteId, RelationshipId, SessionId
from clientportal.domain.invites import Invite
from clientportal.domain.people import Client
from clientportal.domain.relationships import Relationship
from clientportal.testing.cast import CAT, DAN, PASSWORD, token_of
from clientportal.testing.conformance.picks import BIRTHS, Draw, Move, Picks
from clientportal.usecases.accepting import AcceptInvite, RenewInvite
from clientportal.usecases.accounts import SignIn, SignOut
from clientportal.usecases.invites import (
    InviteRelated,
    InviteStaff,
    ResendInvite,
    RevokeInvite,
    SendInvite,
    SendInvites,
)


def send_invite(p: Picks) -> Move:
    """Invite a client, as a rule one who has no account yet."""
    client_id = p.one(DAN, DAN, CAT, p.id(ClientId, Client), p.id(ClientId, Client))
    command = SendInvite(invite_id=p.fresh(InviteId, Invite), client_id=client_id)
    return Move(command, p.owner())


def invite_related(p: Picks) -> Move:
    """Invite a related person."""
    bond = p.id(RelationshipId, Relationship)
    command = InviteRelated(invite_id=p.fresh(InviteId, Invite), relationship_id=bond)
    return Move(command, p.by_staff())


def invite_staff(p: Picks) -> Move:
    """Invite a staff member."""
    command = InviteStaff(invite_id=p.fresh(InviteId, Invite), staff_id=p.staff_id())
    return Move(command, p.anybody())


def send_invites(p: Picks) -> Move:
    """Invite several clients."""
    found = [each.id for each in p.room.all(Client)]
    who = p.some(*found, ClientId.of("none")) or (ClientId.of("none"),)
    named = tuple((InviteId.of(f"m{len(p.room.audit)}-{n}"), c) for n, c in enumerate(who))
    return Move(SendInvites(invites=named), p.anybody())


def resend(p: Picks) -> Move:
    """Send an invite again."""
    return Move(ResendInvite(invite_id=_pending(p)), p.owner())


def revoke(p: Picks) -> Move:
    """Take an invite back."""
    return Move(RevokeInvite(invite_id=_pending(p)), p.owner())


def _pending(p: Picks) -> InviteId:
    """A pending invite, as a rule."""
    found = [each.id for each in p.room.all(Invite) if each.is_pending]
    return p.one(*found) if found and not p.seldom(3) else p.id(InviteId, Invite)


def renew(p: Picks) -> Move:
    """Ask for a fresh link."""
    row = p.room.rows.get((Invite, _pending(p)))
    return Move(RenewInvite(), p.holder(None if row is None else row[1]))


def accept(p: Picks) -> Move:
    """Take up an invite, well or badly."""
    pending = [each for each in p.room.all(Invite) if each.is_pending]
    invite = p.one(*pending) if pending and not p.seldom(6) else p.state(Invite)
    command = AcceptInvite(
        account_id=p.fresh(AccountId, Account),
        password=p.one(*[Secret(PASSWORD)] * 6, Secret("short"), Secret("long" * 300), None),
        birth_date=_on_file(p, invite) if not p.seldom(4) else p.one(*BIRTHS),
        email=p.one(*[None] * 9, "eve@example.org"),
    )
    return Move(command, p.holder(invite))


def _on_file(p: Picks, invite: Invite | None) -> date | None:
    row = None if invite is None else p.room.rows.get((Client, invite.client_id or ""))
    return None if row is None else row[1].birth_date


def sign_in(p: Picks) -> Move:
    """Sign in, with the right password or a wrong one."""
    account = p.state(Account)
    email = "nobody@example.org" if account is None or p.seldom(6) else account.email
    session_id = p.fresh(SessionId, Session)
    command = SignIn(
        session_id=session_id,
        email=p.one(email, email.upper()),
        password=Secret(p.one(PASSWORD, "wrong")),
        token=Secret(token_of(session_id)),
    )
    return Move(command, p.world.visitor(), p.one(None, "192.0.2.1"))


def sign_out(p: Picks) -> Move:
    """End a session, one's own as a rule."""
    found = p.state(Session)
    session_id = p.id(SessionId, Session) if found is None else found.id
    account_id = None if found is None or p.seldom(6) else found.account_id
    return Move(SignOut(session_id=session_id), evolve(p.world.visitor(), account_id=account_id))


DECK: Final[Mapping[str, tuple[Draw, ...]]] = {
    "invites": (send_invite, invite_related, invite_staff, send_invites, resend, revoke, renew),
    "accounts": (accept, accept, sign_in, sign_in, sign_out),
}
