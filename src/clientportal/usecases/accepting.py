"""What the holder of a link can do: open it, take it up, ask for a fresh one (INV-3 to INV-6)."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.accounts import Access, Account, Secret, Throttle
from clientportal.domain.ids import AccountId
from clientportal.domain.invites import (
    InviteAccepted,
    InviteSent,
    after,
)
from clientportal.domain.moments import Moment
from clientportal.flows import Change, Flow, Outcome, Shown, State, fetch
from clientportal.policies.invites import (
    LINK_INVALID,
    WRONG_BIRTH_DATE,
    Answers,
    InviteFacts,
    may_accept_invite,
    may_open_link,
    may_renew_invite,
)
from clientportal.ports.queries import (
    InviteFactsOf,
)
from clientportal.ports.work import HashPassword, JudgePassword
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class RenewInvite:
    """Ask for a fresh link with an expired one; it goes to the address on file only (INV-4)."""

    name: ClassVar[str] = "invite.renew"
    tests_secret: ClassVar[bool] = True

    def flow(self, context: Context) -> Flow[Outcome]:
        """The holder of the current generation's link may."""
        if context.actor.link is None:
            return Outcome(LINK_INVALID)
        facts = yield from fetch(InviteFactsOf(context.actor.link.invite_id))
        if facts is None:
            return Outcome(LINK_INVALID)
        decision = may_renew_invite(facts, context.actor, context.now)
        if not decision:
            return Outcome(decision, about=facts.invite.client_id)
        invite, now = facts.invite, context.now
        event = InviteSent(invite_id=invite.id, generation=invite.generation + 1, at=now)
        return Outcome(decision, (Change(event, (after(invite, event),)),), about=invite.client_id)


@frozen(kw_only=True)
class AcceptInvite:
    """Take up the invite whose link the actor holds (INV-3 to INV-5).

    Without an account: *account_id* names the new one, *password* opens it. With one that has the
    invited address: the actor is signed in to it, and the record is linked to it.
    """

    name: ClassVar[str] = "invite.accept"
    tests_secret: ClassVar[bool] = True
    account_id: AccountId
    password: Secret | None = None
    birth_date: date | None = None
    email: str | None = field(default=None, repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """The password is judged and hashed while nothing is locked; one of many wins."""
        if context.actor.link is None:
            return Outcome(LINK_INVALID)
        fault = None
        if self.password is not None:
            fault = yield from fetch(JudgePassword(self.password))
        facts = yield from fetch(InviteFactsOf(context.actor.link.invite_id))
        if facts is None:
            return Outcome(LINK_INVALID)
        decision = may_accept_invite(facts, context.actor, self._given(facts, fault), context.now)
        about = facts.invite.client_id
        if decision == WRONG_BIRTH_DATE:
            return Outcome(decision, (_tried(facts, context.now),), about=about)
        if not decision:
            return Outcome(decision, about=about)
        account = facts.account
        if account is None:  # then a password was given: the policy asks for one
            hashed = yield from fetch(HashPassword(self.password or Secret("")))
            account = Account(id=self.account_id, email=facts.invite.email, password=hashed)
        return Outcome(decision, (_accepted(facts, account, context.now),), about=about)

    def _given(self, facts: InviteFacts, fault: str | None) -> Answers:
        own = facts.client is not None and facts.relationship is None
        asked = own and facts.practice.invites.asks_birth_date
        on_file = None if facts.client is None else facts.client.birth_date
        return Answers(
            email=self.email,
            birth_date_matches=not asked or (on_file is not None and on_file == self.birth_date),
            has_password=self.password is not None,
            password_fault=fault,
        )


def _throttle(facts: InviteFacts, now: Moment) -> Throttle:
    return facts.throttle or Throttle(id=f"invite/{facts.invite.id}", last_at=now)


def _tried(facts: InviteFacts, now: Moment) -> Change:
    return Change(None, (_throttle(facts, now).failed(now),))


def _accepted(facts: InviteFacts, account: Account, now: Moment) -> Change:
    """The invite taken up, the account, and what it opens; the client is rewritten with it."""
    event = InviteAccepted(invite_id=facts.invite.id, account_id=account.id, at=now)
    # the counter too: whoever guessed wrong meanwhile makes this one decide again
    states: list[State] = [after(facts.invite, event), _throttle(facts, now)]
    if facts.staff is not None:
        return Change(event, (*states, evolve(account, staff_id=facts.staff.id)))
    states.append(account)
    if facts.client is not None:
        bond = None if facts.relationship is None else facts.relationship.id
        access = Access(
            client_id=facts.client.id, account_id=account.id, relationship_id=bond, since=now
        )
        states += [facts.client, access]
    return Change(event, tuple(states))


@frozen(kw_only=True)
class OpenedInvite:
    """What the page behind a link shows: to whom, by whom, and what will be asked for."""

    practice_name: str
    email: str = field(repr=False)
    asks_birth_date: bool
    has_account: bool
    expires_at: Moment


@frozen(kw_only=True)
class SeeInvite:
    """Open a link without using it up (INV-4)."""

    name: ClassVar[str] = "invite.see"

    def flow(self, context: Context) -> Flow[Shown[OpenedInvite]]:
        """Only the holder of a valid link may learn that its account exists (INV-6)."""
        if context.actor.link is None:
            return Shown(LINK_INVALID)
        facts = yield from fetch(InviteFactsOf(context.actor.link.invite_id))
        if facts is None:
            return Shown(LINK_INVALID)
        decision = may_open_link(facts, context.actor, context.now)
        if not decision:
            return Shown(decision)
        own = facts.client is not None and facts.relationship is None
        return Shown(
            decision,
            OpenedInvite(
                practice_name=facts.practice.name,
                email=facts.invite.email,
                asks_birth_date=own and facts.practice.invites.asks_birth_date,
                has_account=facts.account is not None,
                expires_at=facts.invite.expires_at,
            ),
        )
