"""Conversations that nobody keeps: handing them over, and seeing them (MSG-16)."""

from __future__ import annotations

from typing import ClassVar, Final

from attrs import evolve, field, frozen

from clientportal.domain.conversations import Conversation
from clientportal.domain.ids import ClientId, ConversationId, StaffId
from clientportal.domain.practices import Practice
from clientportal.flows import Change, Flow, Shown, fetch
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import SUCCESSOR_NEEDED, TOO_MANY_TO_HAND_OVER
from clientportal.policies.participants import fault_of_added, is_owned
from clientportal.policies.practices import may_change_settings
from clientportal.policies.selecting import closed_upto
from clientportal.ports.queries import (
    PAGE,
    ParticipantsOf,
    PracticeFactsOf,
    StartingFactsOf,
    UnownedOf,
)
from clientportal.usecases.command import Context
from clientportal.usecases.participants import clients_ever, passed_on

#: One less than the longest page: of a full one there may be more.
MOST_HANDED_OVER: Final = 999


@frozen(kw_only=True)
class Custody:
    """What becomes of the conversations that a leaving staff member alone keeps."""

    successor: StaffId | None = None
    leave_unowned: bool = False


def handed_over(
    staff_id: StaffId, custody: Custody, practice: Practice, context: Context
) -> Flow[tuple[Decision | None, tuple[Change, ...]]]:
    """Why *staff_id* may not leave yet, or the changes that hand their conversations over."""
    upto = closed_upto(practice.policies, context.now)
    most = MOST_HANDED_OVER + 1
    still = yield from fetch(
        UnownedOf(context.actor, without=staff_id, closed_upto=upto, limit=most)
    )
    if custody.successor is None:  # of more than are read, one may be theirs
        is_bound = len(still) == most or any(map(is_owned, still))
        return (SUCCESSOR_NEEDED if is_bound and not custody.leave_unowned else None), ()
    if not still:
        return None, ()
    if custody.successor == staff_id:
        return SUCCESSOR_NEEDED, ()
    if len(still) == most:
        return TOO_MANY_TO_HAND_OVER, ()
    return (yield from _passed_to(custody.successor, still, context))


def _passed_to(
    successor: StaffId, still: tuple[WritingFacts, ...], context: Context
) -> Flow[tuple[Decision | None, tuple[Change, ...]]]:
    """All of them or, where the successor may not take one, none."""
    ever = yield from _clients_ever_in(still)
    clients = tuple(sorted({one for whole in ever for one in whole}))
    would = yield from fetch(StartingFactsOf(clients, (successor,), context.actor))
    handed: list[Change] = []
    for each, whole in zip(still, ever, strict=True):
        among = evolve(would, clients=each.clients, conversation=each.conversation)
        former = whole - each.clients.keys()
        fault = fault_of_added(among, successor, former)
        if fault is not None:
            return fault, ()
        handed += passed_on(each, among, successor, context.now)
    return None, tuple(handed)


def _clients_ever_in(still: tuple[WritingFacts, ...]) -> Flow[list[frozenset[ClientId]]]:
    """The clients who take part or did, of each conversation: in one round trip."""
    talks = (each.conversation.id for each in still if each.conversation is not None)
    answers = yield tuple(map(ParticipantsOf, talks))
    return [clients_ever(each) for each in answers]


@frozen(kw_only=True)
class Unowned:
    """An open conversation that no active, permitted staff member keeps."""

    conversation: Conversation
    with_clients: tuple[str, ...] = field(repr=False)


@frozen(kw_only=True)
class SeeUnowned:
    """What time or changes of permission left behind: who has practice settings sees it (MSG-16).

    *after* is the id of the last one seen.
    """

    name: ClassVar[str] = "conversation.unowned"
    after: ConversationId | None = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[Unowned, ...]]]:
        """Joining takes one over."""
        practice = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_change_settings(practice)
        if not decision:
            return Shown(decision)
        upto = closed_upto(practice.practice.policies, context.now)
        still = yield from fetch(
            UnownedOf(context.actor, after=self.after, closed_upto=upto, limit=self.limit)
        )
        page = tuple(
            Unowned(
                conversation=each.conversation,
                with_clients=tuple(one.name for one in each.clients.values()),
            )
            for each in still
            if each.conversation is not None
        )
        also = tuple(sorted({one for each in still for one in each.clients}))
        return Shown(decision, page, also=also)
