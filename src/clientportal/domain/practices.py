"""A practice: the tenant, its settings, and the history of its messaging policy.

Every id, key, query, constraint and audit record carries its practice (PPL-1). Numbers that a
practice may want different are settings here, with the default of the rules.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum
from itertools import pairwise
from typing import Any, Final, TypeAlias

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.bounds import whole
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import Moment, is_moment, is_timezone
from clientportal.domain.reminders import ReminderRules
from clientportal.domain.texts import is_language, line
from clientportal.errors import MalformedError, Problem


class MessagingPolicy(Enum):
    """Who may write to whom within a practice (MSG-1)."""

    __hash__ = object.__hash__  # members are one of a kind; the inherited one runs Python

    REPLY_ONLY = "reply_only"
    NEVER_INITIATE = "never_initiate"
    ASSIGNED_CLIENTS_ONLY = "assigned_clients_only"
    ALL_CLIENTS = "all_clients"


@frozen
class UnknownPolicy:
    """A policy that a newer version may have stored; here it denies every write (MSG-1)."""

    raw: str


AnyPolicy: TypeAlias = MessagingPolicy | UnknownPolicy


def policy_of(raw: str) -> AnyPolicy:
    """The policy stored as *raw*."""
    try:
        return MessagingPolicy(raw)
    except ValueError:
        return UnknownPolicy(raw)


@frozen
class PolicySince:
    """One entry of the history of policies: *policy* holds from *since* on."""

    policy: AnyPolicy
    since: Moment = field(validator=is_moment)


class BufferRule(Enum):
    """How the buffers of two neighbours add up (APT-4)."""

    LARGER = "larger"
    SUM = "sum"
    RESERVED = "reserved"


class Outside(Enum):
    """What cancelling outside the notice does (APT-8)."""

    REFUSE = "refuse"
    ALLOW_AS_LATE = "allow_as_late"


LONGEST_SPAN: Final = timedelta(days=366)


def _span(_: Any, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, timedelta) or not timedelta(0) <= value <= LONGEST_SPAN:
        advice = "give a span of up to 366 days"
        raise MalformedError(Problem(attribute.name, "invalid_interval", advice))


@frozen(kw_only=True)
class CancelTerms:
    """The terms that applied when an appointment was made (APT-8). Spans are elapsed time."""

    notice: timedelta = field(default=timedelta(hours=24), validator=_span)
    outside: Outside = Outside.ALLOW_AS_LATE
    regret: timedelta = field(default=timedelta(minutes=15), validator=_span)


@frozen(kw_only=True)
class BookingRules:
    """What booking in this practice obeys (APT-4, APT-5, APT-6, APT-8, APT-12).

    *upcoming_limit* is how many appointments a client may have ahead who books by themself,
    *upcoming_limit_per_service* how many of one service, *hold* how long a time is kept for them
    while they fill in a form.
    With *auto_admit*, whoever waits is let in once the host has started; else the host admits each.
    """

    auto_accept: bool = False
    min_notice: timedelta = field(default=timedelta(0), validator=_span)
    horizon_months: int = field(default=12, validator=whole(1, 60))
    upcoming_limit: int | None = field(default=None, validator=optional(whole(1, 1000)))
    upcoming_limit_per_service: int | None = field(default=None, validator=optional(whole(1, 1000)))
    hold: timedelta = field(default=timedelta(minutes=10), validator=_span)
    buffers: BufferRule = BufferRule.LARGER
    cancel: CancelTerms = CancelTerms()
    join_before: timedelta = field(default=timedelta(minutes=15), validator=_span)
    join_after: timedelta = field(default=timedelta(minutes=30), validator=_span)
    auto_admit: bool = True


@frozen(kw_only=True)
class InviteRules:
    """How this practice invites (INV-1, INV-2, INV-5). Ages are full years."""

    automatic: bool = False
    asks_birth_date: bool = False
    own_account_from: int = field(default=18, validator=whole(0, 120))


@frozen(kw_only=True)
class MessagingTexts:
    """What stands beside every inbox, and with every refusal to write (MSG-17)."""

    not_for_emergencies: str = field(
        default="Messages are not read around the clock: in an emergency call emergency services.",
        validator=line(300),
    )
    contact: str | None = field(default=None, validator=optional(line(300)))


def _starts_somewhere(_: Any, attribute: Attribute[Any], value: tuple[PolicySince, ...]) -> None:
    if not value or any(a.since > b.since for a, b in pairwise(value)):
        advice = "give at least one entry, oldest first"
        raise MalformedError(Problem(attribute.name, "invalid_history", advice))


@frozen(kw_only=True)
class Practice:
    """The tenant."""

    id: PracticeId
    name: str = field(validator=line(200))
    policies: tuple[PolicySince, ...] = field(validator=_starts_somewhere)
    timezone: str = field(default="UTC", validator=is_timezone)
    language: str = field(default="en", validator=is_language)
    booking: BookingRules = BookingRules()
    invites: InviteRules = InviteRules()
    texts: MessagingTexts = MessagingTexts()
    reminders: ReminderRules = ReminderRules()

    belongs_to = None
    claims = ()

    @property
    def policy(self) -> AnyPolicy:
        """The messaging policy in force."""
        return self.policies[-1].policy


@frozen(kw_only=True)
class PracticeOpened:
    """A practice came to be."""

    practice_id: PracticeId


@frozen(kw_only=True)
class PolicySet:
    """The messaging policy changed (MSG-1)."""

    practice_id: PracticeId
    policy: MessagingPolicy
    at: Moment


@frozen(kw_only=True)
class PracticeChanged:
    """Settings of the practice changed."""

    practice_id: PracticeId


PracticeEvent: TypeAlias = PracticeOpened | PolicySet | PracticeChanged

DEFAULT_POLICY: Final = MessagingPolicy.REPLY_ONLY


def after_policy(practice: Practice, event: PolicySet) -> Practice:
    """The practice under its new policy; the same one where nothing switched."""
    policies = switched(practice.policies, event.policy, event.at)
    return practice if policies is practice.policies else evolve(practice, policies=policies)


def switched(
    history: tuple[PolicySince, ...], policy: MessagingPolicy, at: Moment
) -> tuple[PolicySince, ...]:
    """*history* with *policy* set at *at*; the same value again is no switch (MSG-9)."""
    if history[-1].policy is policy:
        return history
    since = max(at, history[-1].since)  # a clock set back never reorders history
    return (*history, PolicySince(policy, since))
