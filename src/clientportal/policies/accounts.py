"""Who may sign in, and what a session opens (INV-6, INV-8, INV-9, PPL-5, PPL-6)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from clientportal.domain.accounts import (
    FREE_TRIES,
    FREE_TRIES_OF_ORIGIN,
    Access,
    Account,
    Session,
    Throttle,
)
from clientportal.domain.actors import Actor
from clientportal.domain.moments import Moment
from clientportal.domain.people import StaffMember
from clientportal.domain.relationships import Relationship
from clientportal.policies.decision import Decision, Kind, allow, deny

SIGNED_IN: Final = allow("signed_in", "account", "INV-8")
SIGNED_OUT: Final = allow("signed_out", "session", "INV-9")
SESSION_LIVE: Final = allow("session_live", "session", "INV-9")

NOT_RECOGNISED: Final = deny("not_recognised", "account", "INV-6", Kind.UNAUTHENTICATED)
TOO_MANY_TRIES: Final = deny("too_many_tries", "account", "INV-8", Kind.THROTTLED)
SESSION_ENDED: Final = deny("session_ended", "session", "INV-9", Kind.UNAUTHENTICATED)
NOT_YOUR_SESSION: Final = deny("not_your_session", "session", "INV-9", Kind.HIDDEN)


@frozen(kw_only=True)
class SignInFacts:
    """Whose address it may be, and how often it was tried; None where nobody's."""

    account: Account | None = None
    tries: Throttle | None = None
    origin_tries: Throttle | None = None


def may_try(facts: SignInFacts, now: Moment) -> Decision:
    """Whether another password may be tried now; the same for unknown addresses (INV-6, INV-8)."""
    waits = [
        tries.retry_at(free)
        for tries, free in (
            (facts.tries, FREE_TRIES),
            (facts.origin_tries, FREE_TRIES_OF_ORIGIN),
        )
        if tries is not None
    ]
    until = max((at for at in waits if at is not None), default=None)
    if until is not None and now < until:
        return Decision(False, TOO_MANY_TRIES.reason, holds_until=until)
    return SIGNED_IN


def may_sign_in(facts: SignInFacts, *, verified: bool) -> Decision:
    """Whether the password opens the account; one answer for every failure (INV-6)."""
    return SIGNED_IN if facts.account is not None and verified else NOT_RECOGNISED


@frozen(kw_only=True)
class OpenPortal:
    """One portal that an account opens: its access, and the relationship it may rest on."""

    access: Access
    relationship: Relationship | None = None

    @property
    def is_open(self) -> bool:
        """Whether it opens now."""
        bond = self.relationship
        return self.access.is_live and (bond is None or (bond.is_current and bool(bond.scopes)))


@frozen(kw_only=True)
class SessionFacts:
    """A session, whose it is, and every capacity it may be used in."""

    session: Session
    account: Account
    staff: StaffMember | None = None
    portals: tuple[OpenPortal, ...] = ()


def may_use_session(facts: SessionFacts | None, now: Moment) -> Decision:
    """Whether a session's token opens anything now (INV-9)."""
    if facts is None or not facts.session.is_live(now):
        return SESSION_ENDED
    until = facts.session.ends_at()
    return Decision(True, SESSION_LIVE.reason, holds_until=until)


def may_sign_out(session: Session, actor: Actor) -> Decision:
    """Whether the session is the actor's own to end (INV-9)."""
    return SIGNED_OUT if session.account_id == actor.account_id else NOT_YOUR_SESSION


def may_list_portals(actor: Actor) -> Decision:
    """Whether the actor has an account whose portals they may choose from (DASH-3)."""
    return SIGNED_IN if actor.account_id is not None else SESSION_ENDED
