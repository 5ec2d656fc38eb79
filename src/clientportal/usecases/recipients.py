"""Whom one may write to, and why a client can or cannot (MSG-14, MSG-22)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.ids import ClientId, ConversationId, StaffId
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.conversations import may_read_conversation
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.messaging import NOT_A_PARTICIPANT
from clientportal.policies.people import may_view_client
from clientportal.policies.selecting import startable_of
from clientportal.ports.queries import ConversationsAbout, RecipientsOf, StandingOf
from clientportal.usecases.command import Context
from clientportal.usecases.writing import may_send, may_start


@frozen(kw_only=True)
class Recipient:
    """A staff member, and whether one may start with them (MSG-14)."""

    staff_id: StaffId
    staff_name: str = field(repr=False)
    may_start: Decision


@frozen(kw_only=True)
class SeeRecipients:
    """Whom the actor may start with about a client: those for whom the decision allows (MSG-14)."""

    name: ClassVar[str] = "recipient.list"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[tuple[Recipient, ...]]]:
        """The filter of the decision over everybody."""
        actor, startable = context.actor, None
        if not actor.is_staff:
            standing = yield from fetch(StandingOf(self.client_id, actor))
            startable = startable_of(standing.practice.policy)
        facts = yield from fetch(RecipientsOf(self.client_id, actor, startable=startable))
        decision = may_read_conversation(facts)
        if not decision:
            return Shown(decision, about=self.client_id)
        everybody = _starts(facts, context)
        found = tuple(each for each in everybody if each.may_start)
        return Shown(decision, found, about=self.client_id)


def _starts(facts: WritingFacts, context: Context) -> tuple[Recipient, ...]:
    """Each correspondent, as the only one started with (a staff actor takes part besides)."""
    mine = facts.mine
    out: list[Recipient] = []
    for one in facts.staff.values():
        pair = {each.staff_id: each for each in (mine, one) if each is not None}
        decision = may_start(evolve(facts, staff=pair), context)
        out.append(Recipient(staff_id=one.staff_id, staff_name=one.name, may_start=decision))
    return tuple(out)


@frozen(kw_only=True)
class Explained:
    """Why a client can or cannot write, and the policy that decides (MSG-22).

    *starts* tells of each staff member, *answers* of each conversation.
    """

    policy: str
    starts: tuple[Recipient, ...]
    answers: tuple[tuple[ConversationId, Decision], ...]


@frozen(kw_only=True)
class ExplainClient:
    """Staff ask why a client can or cannot write, per staff member and conversation (MSG-22).

    Conversations are the client's latest 1,000.
    """

    name: ClassVar[str] = "client.explain"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[Explained]]:
        """Staff who may view the client; conversations they take no part in are not explained."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_view_client(standing)
        if not decision or not context.actor.is_staff:
            return Shown(decision if not decision else NOT_A_PARTICIPANT, about=self.client_id)
        as_client = context.actor.as_client(self.client_id)
        facts, about = yield from fetch(
            RecipientsOf(self.client_id, as_client),
            ConversationsAbout(self.client_id, as_client, limit=1000),
        )
        me = context.actor.staff_id
        mine = (each for each in about if each.keeps(me))
        answers = tuple(
            (each.conversation.id, may_send(each, context))
            for each in mine
            if each.conversation is not None
        )
        policy = getattr(standing.practice.policy, "value", "unknown")
        explained = Explained(policy=policy, starts=_starts(facts, context), answers=answers)
        return Shown(decision, explained, about=self.client_id)
