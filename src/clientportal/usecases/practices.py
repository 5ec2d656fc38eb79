"""Opening a practice and setting it up (PPL-8, MSG-1)."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.ids import InviteId, PracticeId, StaffId
from clientportal.domain.invites import LIFE, Invite, InviteSent
from clientportal.domain.moments import is_timezone
from clientportal.domain.people import OWNER_PERMISSIONS, StaffAdded, StaffMember
from clientportal.domain.practices import (
    DEFAULT_POLICY,
    BookingRules,
    InviteRules,
    MessagingPolicy,
    MessagingTexts,
    PolicySet,
    PolicySince,
    Practice,
    PracticeChanged,
    PracticeOpened,
    after_policy,
)
from clientportal.domain.reminders import ReminderRules
from clientportal.domain.texts import is_email, is_language, line
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.practices import may_change_settings, may_open_practice
from clientportal.policies.standing import PracticeFacts, may_run
from clientportal.ports.queries import PracticeFactsOf
from clientportal.usecases.command import Context, replaced


@frozen(kw_only=True)
class OpenPractice:
    """Create a practice and invite its owner; the command line may (PPL-8)."""

    name: ClassVar[str] = "practice.open"
    tests_secret: ClassVar[bool] = False
    practice_id: PracticeId
    practice_name: str = field(validator=line(200))
    timezone: str = field(default="UTC", validator=is_timezone)
    language: str = field(default="en", validator=is_language)
    owner_id: StaffId
    owner_name: str = field(validator=line(200), repr=False)
    owner_email: str = field(validator=is_email, repr=False)
    invite_id: InviteId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Decide, create; an id that exists is a conflict."""
        yield from ()
        decision = may_open_practice(context.actor)
        if not decision:
            return Outcome(decision)
        practice = Practice(
            id=self.practice_id,
            name=self.practice_name,
            timezone=self.timezone,
            language=self.language,
            policies=(PolicySince(DEFAULT_POLICY, context.now),),
        )
        opened = Change(PracticeOpened(practice_id=practice.id), (practice,), made=(practice,))
        return Outcome(decision, (opened, *self._owner(context)))

    def _owner(self, context: Context) -> tuple[Change, Change]:
        owner = StaffMember(
            id=self.owner_id,
            name=self.owner_name,
            email=self.owner_email,
            role="owner",
            permissions=OWNER_PERMISSIONS,
        )
        invite = Invite(
            id=self.invite_id,
            email=self.owner_email,
            staff_id=owner.id,
            sent_at=context.now,
            expires_at=context.now + LIFE,
        )
        sent = InviteSent(invite_id=invite.id, generation=1, at=context.now)
        added = Change(StaffAdded(staff_id=owner.id), (owner,), made=(owner,))
        return added, Change(sent, (invite,), made=(invite,))


@frozen(kw_only=True)
class SetMessagingPolicy:
    """Set who may write to whom, from this moment on (MSG-1)."""

    name: ClassVar[str] = "practice.set_messaging_policy"
    tests_secret: ClassVar[bool] = False
    policy: MessagingPolicy

    def flow(self, context: Context) -> Flow[Outcome]:
        """Setting the same value again changes nothing (MSG-9)."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_change_settings(facts)
        if not decision or facts.practice.policy is self.policy:
            return Outcome(decision)
        event = PolicySet(practice_id=facts.practice.id, policy=self.policy, at=context.now)
        return Outcome(decision, (Change(event, (after_policy(facts.practice, event),)),))


@frozen(kw_only=True)
class ChangePractice:
    """Change the settings of the practice; what is None stays as it is."""

    name: ClassVar[str] = "practice.change"
    tests_secret: ClassVar[bool] = False
    practice_name: str | None = None
    timezone: str | None = field(default=None, validator=is_timezone)
    language: str | None = None
    booking: BookingRules | None = None
    invites: InviteRules | None = None
    texts: MessagingTexts | None = None
    reminders: ReminderRules | None = None

    def flow(self, context: Context) -> Flow[Outcome]:
        """Staff with practice settings may."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_change_settings(facts)
        if not decision:
            return Outcome(decision)
        changed = replaced(
            facts.practice,
            name=self.practice_name,
            timezone=self.timezone,
            language=self.language,
            booking=self.booking,
            invites=self.invites,
            texts=self.texts,
            reminders=self.reminders,
        )
        event = PracticeChanged(practice_id=changed.id)
        return Outcome(decision, (Change(event, (changed,)),))


@frozen(kw_only=True)
class SeePractice:
    """The practice's settings, for its staff."""

    name: ClassVar[str] = "practice.see"

    def flow(self, context: Context) -> Flow[Shown[PracticeFacts]]:
        """Every staff member may see them."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_run(facts, lambda _: True)
        return Shown(decision, facts if decision else None)
