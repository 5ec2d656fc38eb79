"""Signing in and out, and what a session opens (INV-6, INV-8, INV-9, PPL-5)."""

from __future__ import annotations

from hashlib import sha256
from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.accounts import (
    TOUCH_EVERY,
    Secret,
    Session,
    SignedIn,
    SignedOut,
    Throttle,
)
from clientportal.domain.actors import Factor
from clientportal.domain.ids import SessionId
from clientportal.domain.moments import Moment
from clientportal.domain.texts import folded, is_email
from clientportal.flows import Change, Flow, Get, Outcome, Shown, fetch
from clientportal.policies.accounts import (
    OpenPortal,
    SessionFacts,
    SignInFacts,
    may_list_portals,
    may_sign_in,
    may_sign_out,
    may_try,
    may_use_session,
)
from clientportal.ports.queries import PortalsOf, PracticeFactsOf, SessionFactsOf, SignInFactsOf
from clientportal.ports.work import DigestToken, VerifyPassword
from clientportal.usecases.command import Context


def throttle_id(kind: str, what: str) -> str:
    """The id of the counter that protects *what*; it names no address."""
    return f"{kind}/{sha256(what.encode()).hexdigest()[:32]}"


@frozen(kw_only=True)
class SignIn:
    """Open a session with an address and a password (INV-8, INV-9).

    The caller makes the random *token* (256 bits) and keeps it; here only its digest stays.
    Whoever is refused hears the same in the same time, account or not (INV-6).
    """

    name: ClassVar[str] = "account.sign_in"
    tests_secret: ClassVar[bool] = True
    session_id: SessionId
    email: str = field(validator=is_email, repr=False)
    password: Secret
    token: Secret

    def flow(self, context: Context) -> Flow[Outcome]:
        """Count, verify, count again or open."""
        tries = throttle_id("account", folded(self.email))
        origin = None if context.origin is None else throttle_id("origin", context.origin)
        _, facts = yield from fetch(
            PracticeFactsOf(context.actor), SignInFactsOf(folded(self.email), tries, origin)
        )
        free = may_try(facts, context.now)
        if not free:
            return Outcome(free)
        stored = None if facts.account is None else facts.account.password
        verified, digest = yield from fetch(
            VerifyPassword(self.password, stored), DigestToken(self.token)
        )
        decision = may_sign_in(facts, verified=verified)
        if not decision or facts.account is None:
            failed = _failed(facts, tries, origin, context.now)
            return Outcome(decision, (Change(None, failed),))
        session = Session(
            id=self.session_id,
            account_id=facts.account.id,
            digest=digest,
            created_at=context.now,
            seen_at=context.now,
            factors=(Factor(name="password", at=context.now),),
        )
        event = SignedIn(account_id=facts.account.id, session_id=session.id)
        # written also where there was none: whoever failed meanwhile makes this one decide again
        cleared = evolve(facts.tries or Throttle(id=tries, last_at=context.now), failures=0)
        return Outcome(decision, (Change(event, (session, cleared), made=(session,)),))


def _failed(
    facts: SignInFacts, tries: str, origin: str | None, now: Moment
) -> tuple[Throttle, ...]:
    mine = (facts.tries or Throttle(id=tries, last_at=now)).failed(now)
    if origin is None:
        return (mine,)
    return mine, (facts.origin_tries or Throttle(id=origin, last_at=now)).failed(now)


@frozen(kw_only=True)
class SignOut:
    """End a session, the actor's present one by default; its token opens nothing more (INV-9)."""

    name: ClassVar[str] = "account.sign_out"
    tests_secret: ClassVar[bool] = False
    session_id: SessionId | None = None

    def flow(self, context: Context) -> Flow[Outcome]:
        """One's own sessions only; ending twice changes nothing."""
        session_id = self.session_id or context.actor.session_id
        session = yield from fetch(Get(Session, session_id or ""))
        decision = may_sign_out(session, context.actor)
        if not decision or session.ended_at is not None:
            return Outcome(decision)
        ended = evolve(session, ended_at=context.now)
        return Outcome(decision, (Change(SignedOut(session_id=session.id), (ended,)),))


@frozen(kw_only=True)
class UseSession:
    """What a session's token opens now; remembers that it was used (INV-9)."""

    name: ClassVar[str] = "session.use"
    digest: str = field(repr=False)

    def flow(self, context: Context) -> Flow[tuple[Shown[SessionFacts], tuple[Change, ...]]]:
        """The session, and the bookkeeping to commit once a minute."""
        facts = yield from fetch(SessionFactsOf(self.digest))
        decision = may_use_session(facts, context.now)
        if not decision or facts is None:
            return Shown(decision), ()
        stale = context.now - facts.session.seen_at >= TOUCH_EVERY
        seen = evolve(facts.session, seen_at=context.now)
        return Shown(decision, facts), (Change(None, (seen,)),) if stale else ()


@frozen(kw_only=True)
class SeePortals:
    """The portals that the actor's account opens (PPL-5, DASH-3)."""

    name: ClassVar[str] = "account.portals"

    def flow(self, context: Context) -> Flow[Shown[tuple[OpenPortal, ...]]]:
        """One's own account only."""
        decision = may_list_portals(context.actor)
        if not decision or context.actor.account_id is None:
            return Shown(decision)
        portals = yield from fetch(PortalsOf(context.actor.account_id))
        return Shown(decision, tuple(each for each in portals if each.is_open))
