"""Who may be invited, and what a link opens (INV-1 to INV-5)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from clientportal.domain.accounts import Access, Account, Throttle
from clientportal.domain.actors import Actor
from clientportal.domain.invites import RESEND_WAIT, WRONG_BIRTH_DATES, Invite, InviteStatus
from clientportal.domain.moments import Moment, age_on, local_day
from clientportal.domain.people import Client, Reach, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Contact, Relationship
from clientportal.domain.texts import folded
from clientportal.policies.decision import Decision, Kind, allow, deny
from clientportal.policies.standing import (
    MAY_ONLY_VIEW,
    NOT_PERMITTED,
    STAFF_ONLY,
    PracticeFacts,
    may_run,
)

SENT: Final = allow("sent", "invite", "INV-1")
MAY_REVOKE: Final = allow("may_revoke", "invite", "INV-3")
MAY_ACCEPT: Final = allow("may_accept", "invite", "INV-4")
MAY_OPEN: Final = allow("may_open", "invite", "INV-4")

NO_EMAIL: Final = deny("no_email", "client", "INV-1")
ALREADY_ACTIVE: Final = deny("already_active", "account", "INV-1")
ARCHIVED: Final = deny("archived", "client", "INV-1")
STAFF_NOT_ACTIVE: Final = deny("staff_not_active", "staff_member", "INV-1")
NO_PORTAL_GRANT: Final = deny("no_portal_grant", "relationship", "INV-1")
NEEDS_PROXY: Final = deny("needs_proxy", "client", "INV-1")
NO_BIRTH_DATE: Final = deny("no_birth_date", "client", "INV-1")
RECENTLY_SENT: Final = deny("recently_sent", "invite", "INV-3", Kind.THROTTLED)
INVITE_NOT_PENDING: Final = deny("invite_not_pending", "invite", "INV-3")

LINK_INVALID: Final = deny("link_invalid", "invite", "INV-4")
INVITE_EXPIRED: Final = deny("invite_expired", "invite", "INV-4")
INVITE_USED: Final = deny("invite_used", "invite", "INV-4")
INVITE_LOCKED: Final = deny("invite_locked", "invite", "INV-5")
WRONG_BIRTH_DATE: Final = deny("wrong_birth_date", "invite", "INV-5")
SIGN_IN_FIRST: Final = deny("sign_in_first", "account", "INV-5", Kind.UNAUTHENTICATED)
PASSWORD_NEEDED: Final = deny("password_needed", "account", "INV-5")
PASSWORD_TOO_SHORT: Final = deny("password_too_short", "account", "INV-8")
PASSWORD_TOO_LONG: Final = deny("password_too_long", "account", "INV-8")


@frozen(kw_only=True)
class InvitingFacts:
    """One who may be invited, as the inviter stands to them.

    A client, or (*relationship* and *person*) somebody related to them, or (*invited*) a staff
    member. *live* is the pending invite, *access* or *account* what would make it pointless.
    """

    practice: Practice
    actor: Actor
    staff: StaffMember | None = None
    client: Client | None = None
    assigned: bool = False
    relationship: Relationship | None = None
    person: Contact | Client | None = None
    invited: StaffMember | None = None
    live: Invite | None = None
    access: Access | None = None
    account: Account | None = None

    @property
    def email(self) -> str | None:
        """The address the invite goes to: the one on the record (GUIDE-2)."""
        subject = self.person or self.invited or self.client
        return None if subject is None else subject.email


def may_send_invite(facts: InvitingFacts, now: Moment, *, in_bulk: bool) -> Decision:
    """Whether this one may be invited now; automatic and bulk invites skip minors (INV-1)."""
    for denied in (_inviter(facts), _subject(facts), _age(facts, now, in_bulk=in_bulk)):
        if denied is not None:
            return denied
    if facts.live is not None and now - facts.live.sent_at < RESEND_WAIT:
        again = facts.live.sent_at + RESEND_WAIT
        return Decision(False, RECENTLY_SENT.reason, holds_until=again)
    return SENT


def _inviter(facts: InvitingFacts) -> Decision | None:
    if facts.actor.is_system:
        return None
    if not facts.actor.is_staff:
        own = facts.client is not None and facts.client.id == facts.actor.client_id
        return STAFF_ONLY if own else NOT_PERMITTED
    if facts.client is None:
        decision = may_invite_staff(_practice(facts))
        return None if decision else decision
    if facts.staff is None or not facts.staff.is_active:
        return NOT_PERMITTED
    permissions = facts.staff.permissions
    if permissions.edit_clients.covers(assigned=facts.assigned):
        return None
    seen = permissions.view_clients.covers(assigned=facts.assigned)
    return MAY_ONLY_VIEW if seen else NOT_PERMITTED


def _practice(facts: InvitingFacts) -> PracticeFacts:
    return PracticeFacts(practice=facts.practice, actor=facts.actor, staff=facts.staff)


def _subject(facts: InvitingFacts) -> Decision | None:
    bond = facts.relationship
    if facts.client is not None and not facts.client.is_active:
        return ARCHIVED
    if bond is not None and not (bond.is_current and bond.scopes):
        return NO_PORTAL_GRANT
    if facts.access is not None and facts.access.is_live:
        return ALREADY_ACTIVE
    if facts.invited is not None and not facts.invited.is_active:
        return STAFF_NOT_ACTIVE
    if facts.account is not None:
        return ALREADY_ACTIVE
    return NO_EMAIL if facts.email is None else None


def _age(facts: InvitingFacts, now: Moment, *, in_bulk: bool) -> Decision | None:
    client, rules = facts.client, facts.practice.invites
    if client is None or facts.relationship is not None:
        return None
    if client.birth_date is None:
        return NO_BIRTH_DATE if in_bulk or rules.asks_birth_date else None
    age = age_on(client.birth_date, local_day(now, facts.practice.timezone))
    return NEEDS_PROXY if in_bulk and age < rules.own_account_from else None


def may_invite_staff(facts: PracticeFacts) -> Decision:
    """Whether the actor may invite staff (PPL-8)."""
    return may_run(facts, lambda permissions: permissions.practice_settings)


def may_invite_in_bulk(facts: PracticeFacts) -> Decision:
    """Whether the actor may invite anybody at all; each client is decided by itself (INV-1)."""
    return may_run(facts, lambda permissions: permissions.edit_clients is not Reach.NONE)


def may_revoke_invite(facts: InvitingFacts) -> Decision:
    """Whether the actor may take the live invite back (INV-3)."""
    denied = _inviter(facts)
    if denied is not None:
        return denied
    return INVITE_NOT_PENDING if facts.live is None else MAY_REVOKE


@frozen(kw_only=True)
class InviteFacts:
    """What a link opens: the invite, its subject as they stand now, the account of its address.

    *access* is what that account already has to the client.
    """

    practice: Practice
    invite: Invite
    client: Client | None = None
    relationship: Relationship | None = None
    person: Contact | Client | None = None
    staff: StaffMember | None = None
    account: Account | None = None
    access: Access | None = None
    throttle: Throttle | None = None

    @property
    def email(self) -> str | None:
        """The address on the record now."""
        subject = self.person or self.staff or self.client
        return None if subject is None else subject.email


def may_open_link(facts: InviteFacts, actor: Actor, now: Moment) -> Decision:
    """What the holder of a link hears: open, expired, used, locked, or nothing at all (INV-4)."""
    link, invite = actor.link, facts.invite
    if link is None or link.invite_id != invite.id or link.generation != invite.generation:
        return LINK_INVALID
    if invite.status is InviteStatus.ACCEPTED:
        return INVITE_USED
    if not invite.is_pending or not _justified(facts):
        return LINK_INVALID
    if facts.throttle is not None and facts.throttle.failures >= WRONG_BIRTH_DATES:
        return INVITE_LOCKED
    if invite.is_expired(now):
        return INVITE_EXPIRED
    return Decision(True, MAY_OPEN.reason, holds_until=invite.expires_at)


def _justified(facts: InviteFacts) -> bool:
    """Whether what justified the invite still holds: its subject, and the address (INV-3)."""
    client, bond, staff = facts.client, facts.relationship, facts.staff
    if client is not None and not client.is_active:
        return False
    if bond is not None and not (bond.is_current and bond.scopes):
        return False
    if staff is not None and not staff.is_active:
        return False
    return facts.email is not None and folded(facts.email) == folded(facts.invite.email)


@frozen(kw_only=True)
class Answers:
    """What somebody accepting an invite gave. Faults of the password are judged by security."""

    email: str | None = None
    birth_date_matches: bool = True
    has_password: bool = False
    password_fault: str | None = None


_FAULTS: Final = {"too_short": PASSWORD_TOO_SHORT, "too_long": PASSWORD_TOO_LONG}


def may_accept_invite(facts: InviteFacts, actor: Actor, given: Answers, now: Moment) -> Decision:
    """Whether the holder of the link may take the invite up with these answers (INV-5)."""
    opened = may_open_link(facts, actor, now)
    if not opened:
        return opened
    if given.email is not None and folded(given.email) != folded(facts.invite.email):
        return LINK_INVALID
    if not given.birth_date_matches:
        return WRONG_BIRTH_DATE
    if facts.account is not None:
        return _may_link(facts, facts.account, actor)
    if not given.has_password:
        return PASSWORD_NEEDED
    fault = given.password_fault
    return MAY_ACCEPT if fault is None else _FAULTS.get(fault, PASSWORD_TOO_SHORT)


def _may_link(facts: InviteFacts, account: Account, actor: Actor) -> Decision:
    """Whether the record is linked to an account that is there; one way in is enough (INV-5)."""
    if actor.account_id != account.id:
        return SIGN_IN_FIRST
    return ALREADY_ACTIVE if facts.access is not None and facts.access.is_live else MAY_ACCEPT


def may_renew_invite(facts: InviteFacts, actor: Actor, now: Moment) -> Decision:
    """Whether the holder of an expired link may have a fresh one mailed to the address on file."""
    opened = may_open_link(facts, actor, now)
    if opened.reason == INVITE_EXPIRED.reason:
        return SENT
    if not opened:
        return opened
    return Decision(False, RECENTLY_SENT.reason, holds_until=facts.invite.expires_at)
