"""Who may change who takes part, join, and leave an open conversation (MSG-16, MSG-20, MSG-21)."""

from __future__ import annotations

from typing import Final

from attrs import evolve, field, frozen

from clientportal.domain.conversations import deadline_of
from clientportal.domain.ids import ClientId, RelationshipId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.correspondence import (
    WritingFacts,
    has_all,
    outside,
    situation_of,
    staff_fault,
)
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import (
    BEGAN_WITHOUT_CLIENTS,
    CLIENT_NOT_VISIBLE,
    CLOSED_TO_PROXIES,
    DOES_NOT_TAKE_PART,
    MAY_CHANGE_PARTICIPANTS,
    MAY_JOIN_CONVERSATION,
    NOT_A_PARTICIPANT,
    NOT_ON_ROSTER,
    PARTICIPANTS_BY_STAFF,
    PROXY_UNKNOWN,
    STAFF_MAY_NOT_VIEW,
    SUCCESSOR_NEEDED,
    TOO_MANY_PARTICIPANTS,
    Situation,
)
from clientportal.policies.standing import PracticeFacts, may_run

MOST_STAFF: Final = 20
MOST_CLIENTS: Final = 50
_ASSIGNED_ONLY: Final = MessagingPolicy.ASSIGNED_CLIENTS_ONLY


@frozen(kw_only=True)
class AddingFacts:
    """A conversation with those who would take part besides, and the actor, in *would*.

    *staff*, *clients* and *proxies* are whom to add; *known* the proxies whose grant lets them.
    *former* are the clients who left: what they wrote is still there to be read.
    """

    facts: WritingFacts
    would: WritingFacts
    staff: frozenset[StaffId] = frozenset()
    clients: frozenset[ClientId] = frozenset()
    proxies: frozenset[RelationshipId] = field(default=frozenset(), repr=False)
    known: frozenset[RelationshipId] = field(default=frozenset(), repr=False)
    former: frozenset[ClientId] = field(default=frozenset(), repr=False)

    @property
    def after(self) -> WritingFacts:
        """The facts once those added take part, and nobody else."""
        named = sorted({*self.facts.staff, *self.staff})
        staff = {each: self.would.staff[each] for each in named}
        return evolve(self.would, staff=staff, conversation=self.facts.conversation)


def may_change_participants(facts: WritingFacts, practice: PracticeFacts) -> Decision:
    """Whether the actor may add and remove: staff who take part or have practice settings."""
    if not facts.actor.is_staff:
        denied = outside(facts)
        return PARTICIPANTS_BY_STAFF if denied is None else denied
    denied = staff_fault(facts, facts.mine)
    if denied is None:
        return MAY_CHANGE_PARTICIPANTS
    manages = may_run(practice, lambda permissions: permissions.practice_settings)
    return MAY_CHANGE_PARTICIPANTS if manages else denied


def may_add_participants(adding: AddingFacts) -> Decision:
    """Whether these may take part: they would see the whole conversation (MSG-7, MSG-21)."""
    would, begun = adding.would, adding.facts.conversation
    if would.mine is None or not would.mine.sees_all(would.clients):
        return CLIENT_NOT_VISIBLE
    if adding.facts.is_among_staff and (adding.clients or adding.proxies):
        return BEGAN_WITHOUT_CLIENTS
    if adding.proxies and begun is not None and begun.is_closed_to_proxies:
        return CLOSED_TO_PROXIES
    if not adding.proxies <= adding.known:
        return PROXY_UNKNOWN
    if len(would.staff) > MOST_STAFF + 1 or len(would.clients) > MOST_CLIENTS:
        return TOO_MANY_PARTICIPANTS
    fault = _fault_of_added(adding)
    return MAY_CHANGE_PARTICIPANTS if fault is None else fault


def _fault_of_added(adding: AddingFacts) -> Decision | None:
    """What keeps one of the staff to be added out; adding needs the assignments of writing."""
    would, me = adding.would, adding.would.actor.staff_id
    fresh, former = adding.staff - adding.facts.staff.keys(), adding.former
    faults = (
        fault_of_added(would, each, former if each in fresh else frozenset())
        for each in sorted(adding.staff)
    )
    fault = next((each for each in faults if each is not None), None)
    if fault is None and is_owned(adding.facts) and not is_owned(adding.after):
        return STAFF_MAY_NOT_VIEW  # who keeps it may not view a client to be added
    if fault is not None or would.mine is None or me not in adding.facts.staff:
        return fault
    bound = would.policy is not _ASSIGNED_ONLY or has_all(would.mine, would)
    return None if bound else NOT_ON_ROSTER


def fault_of_added(
    would: WritingFacts, staff_id: StaffId, former: frozenset[ClientId]
) -> Decision | None:
    """What keeps a staff member out: permission, or a roster under assigned clients only.

    Who is added sees the whole conversation, what its *former* clients wrote too (MSG-21).
    """
    one = would.staff[staff_id]
    if not (would.reads(one) and one.sees_all(former)):
        return STAFF_MAY_NOT_VIEW
    free = would.policy is not _ASSIGNED_ONLY or has_all(one, would)
    return None if free else NOT_ON_ROSTER


def may_join_conversation(facts: WritingFacts, would: WritingFacts) -> Decision:
    """Whether a staff member may join: who may view the clients, under the policy's roster.

    *would* has the actor among the staff, and every client who takes part or did: they would see
    the whole conversation. What is among staff is theirs alone.
    """
    if not facts.actor.is_staff or facts.is_among_staff:
        return NOT_A_PARTICIPANT
    if would.mine is None:
        return NOT_A_PARTICIPANT
    denied = staff_fault(would, would.mine)
    if denied is not None:
        return denied
    if would.policy is _ASSIGNED_ONLY and not has_all(would.mine, facts):
        return NOT_ON_ROSTER
    return MAY_JOIN_CONVERSATION


def is_owned(facts: WritingFacts) -> bool:
    """Whether an active, permitted staff member takes part; among staff nobody is asked for."""
    return facts.is_among_staff or any(map(facts.reads, facts.staff.values()))


def may_remove_participants(
    facts: WritingFacts, leaving: frozenset[object], present: frozenset[object], now: Moment
) -> Decision:
    """Whether they may be removed from who is *present*; an open conversation stays owned.

    With a successor, or what is left unowned on purpose, custody is not asked for (MSG-16).
    """
    if not leaving <= present:
        return DOES_NOT_TAKE_PART
    staying = {key: each for key, each in facts.staff.items() if key not in leaving}
    left = evolve(facts, staff=staying)
    talk, is_open = facts.conversation, situation_of(facts, now) is Situation.OPEN
    if talk is None or not is_open or is_owned(left) or not is_owned(facts):
        return MAY_CHANGE_PARTICIPANTS
    end = deadline_of(talk.waiting_since, facts.policies)
    return evolve(SUCCESSOR_NEEDED, holds_until=end)
