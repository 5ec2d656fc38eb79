"""What happens by itself, what would change, and what would reverse an answer (MSG-13, MSG-18)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, frozen

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation
from clientportal.domain.ids import ClientId, ConversationId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy, Practice
from clientportal.flows import Flow, Shown, fetch, fetch_all
from clientportal.policies.conversations import may_read_conversation
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision, Kind
from clientportal.policies.flips import Flips, Turn, answer_of, flips_of, seen_by
from clientportal.policies.foresight import Flipped, closes_at, flipped_by
from clientportal.policies.messaging import MAY_READ, NOT_A_PARTICIPANT
from clientportal.policies.people import may_view_client
from clientportal.policies.practices import may_change_settings
from clientportal.policies.selecting import closed_upto
from clientportal.policies.standing import PracticeFacts, Standing
from clientportal.ports.queries import (
    PAGE,
    ClosingsOf,
    ForeseenOf,
    PracticeFactsOf,
    StandingOf,
    StartingFactsOf,
    WritingFactsOf,
)
from clientportal.usecases.command import Context
from clientportal.usecases.inbox import present
from clientportal.usecases.pages import full_page, waiting_of


@frozen(kw_only=True)
class Upcoming:
    """That a conversation closes by itself at *at* if nobody does anything (OUT-3)."""

    conversation_id: ConversationId
    at: Moment
    waiting_since: Moment


@frozen(kw_only=True)
class SeeUpcoming:
    """Every closing to come, the next one first (MSG-4, OUT-3).

    Everybody sees those of the conversations they take part in; the practice's own machinery, and
    with *everybody* staff with practice settings, all. *after* is the waiting since and the id of
    the last one seen.
    """

    name: ClassVar[str] = "upcoming.see"
    everybody: bool = False
    after: tuple[Moment, ConversationId] | None = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[Upcoming, ...]]]:
        """What one may not read is not listed either."""
        actor = context.actor
        everybody = self.everybody or actor.is_system
        decision, practice = yield from _listed(context, everybody=everybody)
        if not decision:
            return Shown(decision)
        upto = closed_upto(practice.policies, context.now)
        asked = ClosingsOf(actor, everybody=everybody, closed_upto=upto, limit=self.limit)
        visible = yield from full_page(
            lambda after: evolve(asked, after=after),
            _anything if everybody else may_read_conversation,
            waiting_of,
            after=self.after,
            limit=self.limit,
        )
        also = {one for each in visible for one in each.clients if not actor.is_client}
        shown = tuple(_upcoming(each, context.now) for each in visible)
        closing = tuple(each for each in shown if each is not None)
        return Shown(decision, closing, about=actor.client_id, also=tuple(sorted(also)))


def _listed(context: Context, *, everybody: bool) -> Flow[tuple[Decision, Practice]]:
    """Whether the actor may see the list, and the practice: their own, as the inbox is."""
    if everybody:
        facts = yield from fetch(PracticeFactsOf(context.actor))
        return may_change_settings(facts), facts.practice
    decision, practice = yield from present(context)
    if context.actor.person is None:
        return NOT_A_PARTICIPANT, practice
    return (MAY_READ if decision else decision), practice


def _anything(_: WritingFacts) -> bool:
    return True


def _upcoming(facts: WritingFacts, now: Moment) -> Upcoming | None:
    conversation, at = facts.conversation, closes_at(facts, now)
    if conversation is None or conversation.waiting_since is None or at is None:
        return None
    return Upcoming(
        conversation_id=conversation.id, at=at, waiting_since=conversation.waiting_since
    )


@frozen(kw_only=True)
class Affected:
    """What a switch of policy would flip in one conversation."""

    conversation: Conversation
    flipped: tuple[Flipped, ...]


@frozen(kw_only=True)
class WouldChange:
    """A page of what a switch would change, with its counts.

    *seen* conversations were looked at, up to *last*; give it as *after* for the next page, until
    it is None.
    """

    affected: tuple[Affected, ...]
    conversations: int
    clients: int
    seen: int
    last: ConversationId | None


@frozen(kw_only=True)
class WhatWouldChange:
    """Whose start or answer *policy* would flip, now or at the next deadline (MSG-18).

    Computed on live data, before it is set, for who could set it.
    """

    name: ClassVar[str] = "messaging_policy.what_would_change"
    policy: MessagingPolicy
    after: ConversationId | None = None
    limit: int = 1000

    def flow(self, context: Context) -> Flow[Shown[WouldChange]]:
        """Every conversation with clients, each client in it."""
        practice = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_change_settings(practice)
        if not decision:
            return Shown(decision)
        page = yield from fetch(ForeseenOf(context.actor, after=self.after, limit=self.limit))
        now, rules = context.now, context.rules
        judged = ((each, tuple(flipped_by(each, self.policy, now, rules))) for each in page)
        affected = tuple(
            Affected(conversation=each.facts.conversation, flipped=flipped)
            for each, flipped in judged
            if flipped and each.facts.conversation is not None
        )
        clients = sorted({one.client_id for each in affected for one in each.flipped})
        last = page[-1].facts.conversation if len(page) == self.limit else None
        shown = WouldChange(
            affected=affected,
            conversations=len(affected),
            clients=len(clients),
            seen=len(page),
            last=None if last is None else last.id,
        )
        return Shown(decision, shown, also=tuple(clients))


@frozen(kw_only=True)
class Explanation:
    """The answer about writing, and the sets of changes that would reverse it."""

    answer: Decision
    flips: Flips


@frozen(kw_only=True)
class SeeFlips:
    """What would reverse the answer about writing in a conversation, or starting one (MSG-13).

    Without a conversation it is about starting with *client_id* and *staff_ids*. Staff may ask for
    a client they may view. Each actor sees only changes that they can make or ask for.
    """

    name: ClassVar[str] = "flips.see"
    client_id: ClientId | None = None
    staff_ids: tuple[StaffId, ...] = ()
    conversation_id: ConversationId | None = None
    as_client: bool = False

    def flow(self, context: Context) -> Flow[Shown[Explanation]]:
        """The facts of the question, as whoever it is asked for."""
        standing: Standing | None = None
        if self.client_id is not None:
            standing = yield from fetch(StandingOf(self.client_id, context.actor))
        actor = context.actor
        if self.as_client and actor.is_staff:
            if standing is None or not may_view_client(standing):
                return Shown(NOT_A_PARTICIPANT, about=self.client_id)
            actor = actor.as_client(standing.client.id)
        facts = yield from self._facts(actor)
        practice = yield from fetch(PracticeFactsOf(context.actor))
        decision = self._may_see(facts, context.actor)
        if not decision:
            return Shown(decision, about=facts.about)
        found = flips_of(facts, context.now, context.rules)
        edited = yield from _edited(found, facts, context.actor)
        flips = seen_by(found, _turns(practice, facts, edited), edited)
        answer = answer_of((facts, context.now), context.rules)
        shown = Explanation(answer=answer, flips=flips)
        return Shown(decision, shown, about=facts.about)

    def _may_see(self, facts: WritingFacts, actor: Actor) -> Decision:
        """Who reads; for a client, staff who take part, also where the client lacks access."""
        decision = may_read_conversation(facts)
        if facts.actor == actor or decision.reason.kind is Kind.HIDDEN:
            return decision
        is_strange = self.conversation_id is not None and not facts.keeps(actor.staff_id)
        return NOT_A_PARTICIPANT if is_strange else MAY_READ

    def _facts(self, actor: Actor) -> Flow[WritingFacts]:
        if self.conversation_id is not None:
            return (yield from fetch(WritingFactsOf(self.conversation_id, actor)))
        clients = () if self.client_id is None else (self.client_id,)
        me = () if actor.staff_id is None else (actor.staff_id,)
        named = tuple(sorted({*self.staff_ids, *me}))
        return (yield from fetch(StartingFactsOf(clients, named, actor)))


_ASKED_FOR = frozenset({Turn.STAFF_WRITES, Turn.REOPEN, Turn.UNLOCK, Turn.WAIT_UNTIL})


def _turns(
    practice: PracticeFacts, facts: WritingFacts, edited: frozenset[ClientId]
) -> frozenset[Turn]:
    """What can be done or asked for: rosters and access by who edits, policies by settings."""
    turns = set(_ASKED_FOR)
    if edited:
        turns.add(Turn.ASSIGN)
    if facts.actor.client_id in edited:
        turns.add(Turn.RESTORE_ACCESS)
    if may_change_settings(practice):
        turns.add(Turn.POLICY)
    return frozenset(turns)


def _edited(found: Flips, facts: WritingFacts, actor: Actor) -> Flow[frozenset[ClientId]]:
    """Those of the clients whom *found* is about whose record a staff *actor* may edit."""
    if not actor.is_staff:
        return frozenset()
    named = {facts.actor.client_id, *(flip.client_id for each in found for flip in each)}
    asked = (StandingOf(each, actor) for each in sorted(filter(None, named)))
    standings = yield from fetch_all(asked)
    reached = (each for each in standings if each.reaches(lambda granted: granted.edit_clients))
    return frozenset(each.client.id for each in reached)
