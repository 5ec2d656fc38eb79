"""Who takes part in a conversation: adding, removing, joining, taking over (MSG-16, MSG-21)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Final, TypeVar

from attrs import evolve, field, frozen

from clientportal.domain.bounds import each_once
from clientportal.domain.conversations import (
    Conversation,
    ConversationTakenOver,
    Participant,
    ParticipantAdded,
    ParticipantRemoved,
    Person,
    Side,
    after,
    side_of,
)
from clientportal.domain.ids import ClientId, ConversationId, RelationshipId, StaffId
from clientportal.domain.moments import Moment
from clientportal.flows import Change, Flow, Outcome, fetch
from clientportal.policies.correspondence import WritingFacts, situation_of
from clientportal.policies.messaging import MAY_CHANGE_PARTICIPANTS, SUCCESSOR_NEEDED, Situation
from clientportal.policies.participants import (
    AddingFacts,
    is_owned,
    may_add_participants,
    may_change_participants,
    may_join_conversation,
    may_remove_participants,
)
from clientportal.ports.queries import (
    ParticipantsOf,
    PracticeFactsOf,
    ProxiesOf,
    StartingFactsOf,
    TakesPart,
    WritingFactsOf,
)
from clientportal.usecases.command import Context

AnyPerson = TypeVar("AnyPerson", ClientId, StaffId, RelationshipId)

MOST: Final = 50


def _of(kind: type[AnyPerson], people: Iterable[Person]) -> frozenset[AnyPerson]:
    return frozenset(each for each in people if isinstance(each, kind))


def clients_ever(entries: Iterable[TakesPart]) -> frozenset[ClientId]:
    """The clients who take part or did."""
    return _of(ClientId, (each.participant.person for each in entries))


def _adding(
    facts: WritingFacts, people: tuple[Person, ...], entries: Iterable[TakesPart]
) -> Flow[AddingFacts]:
    """What decides whether *people* may take part besides; *entries* are all who do or did."""
    clients, staff = _of(ClientId, people), _of(StaffId, people)
    everybody = tuple(sorted({*facts.clients, *clients}))
    me = (facts.actor.staff_id,) if facts.actor.staff_id is not None else ()
    former = clients_ever(entries) - set(everybody)
    whole, bonds = yield from fetch(
        StartingFactsOf(
            (*everybody, *sorted(former)), tuple(sorted({*facts.staff, *staff, *me})), facts.actor
        ),
        ProxiesOf(everybody),
    )
    return AddingFacts(
        facts=facts,
        would=evolve(whole, clients={each: whole.clients[each] for each in everybody}),
        staff=staff,
        clients=clients,
        proxies=_of(RelationshipId, people),
        known=frozenset(bond.id for bond in bonds),
        former=former,
    )


def _entered(
    adding: AddingFacts, conversation: Conversation, fresh: Iterable[Person], now: Moment
) -> tuple[Conversation, tuple[Change, ...]]:
    """That *fresh* people take part: they see all of it, proxies from here on (MSG-20, MSG-21)."""
    owned, taken = taken_over(adding.facts, adding.after, conversation, now)
    return owned, (*taken, *(joined(owned, each, now) for each in fresh))


def passed_on(
    facts: WritingFacts, would: WritingFacts, staff_id: StaffId, now: Moment
) -> tuple[Change, ...]:
    """That *staff_id* follows, as in *would*; what nobody owned is taken over (MSG-16)."""
    conversation: Conversation = facts.conversation  # type: ignore[assignment] # one that is handed over
    owned, taken = taken_over(facts, would, conversation, now)
    return (*taken, joined(owned, staff_id, now))


def joined(conversation: Conversation, person: Person, now: Moment) -> Change:
    """That *person* takes part from now on."""
    begins = conversation.last_sequence if side_of(person) is Side.PROXY else 0
    takes_part = Participant(
        conversation_id=conversation.id, person=person, since=now, from_sequence=begins
    )
    event = ParticipantAdded(conversation_id=conversation.id, person=person, at=now)
    return Change(event, (after(conversation, event), takes_part))


def taken_over(
    facts: WritingFacts, would: WritingFacts, conversation: Conversation, now: Moment
) -> tuple[Conversation, tuple[Change, ...]]:
    """An open conversation that nobody owned, and somebody will: its clock restarts (MSG-16)."""
    is_open = situation_of(facts, now) is Situation.OPEN
    if not is_open or is_owned(facts) or not is_owned(evolve(would, conversation=conversation)):
        return conversation, ()
    event = ConversationTakenOver(conversation_id=conversation.id, at=now)
    owned = after(conversation, event)
    return owned, (Change(event, (owned,)),)


@frozen(kw_only=True)
class AddParticipants:
    """Let others take part: staff, clients, or proxies by their relationship (MSG-20, MSG-21)."""

    name: ClassVar[str] = "conversation.add_participants"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    people: tuple[Person, ...] = field(validator=each_once(MOST))

    def flow(self, context: Context) -> Flow[Outcome]:
        """Who takes part already stays as they are."""
        facts, practice = yield from fetch(
            WritingFactsOf(self.conversation_id, context.actor), PracticeFactsOf(context.actor)
        )
        decision = may_change_participants(facts, practice)
        conversation = facts.conversation
        if not decision or conversation is None:
            return Outcome(decision, about=facts.about)
        present = yield from fetch(ParticipantsOf(self.conversation_id))
        adding = yield from _adding(facts, self.people, present)
        decision = may_add_participants(adding)
        if not decision:
            return Outcome(decision, about=facts.about)
        there = {each.participant.person for each in present if each.participant.is_current}
        fresh = [each for each in self.people if each not in there]
        _, changes = _entered(adding, conversation, fresh, context.now)
        return Outcome(decision, changes, about=facts.about)


@frozen(kw_only=True)
class RemoveParticipants:
    """Let some take part no more; they read up to here (MSG-21).

    With a client go those who act for them. Staff leave a conversation this way too. One that is
    open and would have no active, permitted staff member is handed to a *successor*, or left
    unowned on purpose; a successor to what nobody owned takes it over (MSG-16).
    """

    name: ClassVar[str] = "conversation.remove_participants"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    people: tuple[Person, ...] = field(validator=each_once(MOST))
    successor: StaffId | None = None
    leave_unowned: bool = False

    def flow(self, context: Context) -> Flow[Outcome]:
        """The successor takes part before anybody leaves."""
        facts, practice, everybody = yield from fetch(
            WritingFactsOf(self.conversation_id, context.actor),
            PracticeFactsOf(context.actor),
            ParticipantsOf(self.conversation_id),
        )
        decision = may_change_participants(facts, practice)
        conversation = facts.conversation
        if not decision or conversation is None:
            return Outcome(decision, about=facts.about)
        entries = {e.participant.person: e.participant for e in everybody}
        present = frozenset(one for one, entry in entries.items() if entry.is_current)
        leaving = frozenset[object](self.people)
        decision = may_remove_participants(facts, leaving, present, context.now)
        handed: tuple[Change, ...] = ()
        follows, needed = self._who_follows(), decision.reason == SUCCESSOR_NEEDED.reason
        if follows and (needed or decision.allowed):
            adding = yield from _adding(facts, follows, everybody)
            decision = may_add_participants(adding)
            fresh = [each for each in follows if each not in present]
            conversation, handed = _entered(adding, conversation, fresh, context.now)
        elif needed and self.leave_unowned:
            decision = MAY_CHANGE_PARTICIPANTS
        if not decision:
            return Outcome(decision, about=facts.about)
        proxies = (e.participant.person for e in everybody if e.acts_for in leaving)
        leavers = dict.fromkeys((*self.people, *(each for each in proxies if each in present)))
        gone = (_left(conversation, entries[each], context.now) for each in leavers)
        return Outcome(decision, (*handed, *gone), about=facts.about)

    def _who_follows(self) -> tuple[StaffId, ...]:
        """The successor, unless they leave with the others."""
        successor = self.successor
        return () if successor is None or successor in self.people else (successor,)


def _left(conversation: Conversation, entry: Participant, now: Moment) -> Change:
    ended = evolve(entry, until=max(now, entry.since), until_sequence=conversation.last_sequence)
    event = ParticipantRemoved(conversation_id=conversation.id, person=entry.person, at=now)
    return Change(event, (after(conversation, event), ended))


@frozen(kw_only=True)
class JoinConversation:
    """Take part in a client's conversation, which the client sees (MSG-21).

    One that nobody owned is taken over: its clock restarts (MSG-16).
    """

    name: ClassVar[str] = "conversation.join"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Who takes part already changes nothing."""
        facts, everybody = yield from fetch(
            WritingFactsOf(self.conversation_id, context.actor),
            ParticipantsOf(self.conversation_id),
        )
        me, conversation = context.actor.staff_id, facts.conversation
        named = tuple(sorted({*facts.staff, *((me,) if me is not None else ())}))
        clients = tuple(sorted(clients_ever(everybody)))
        would = yield from fetch(StartingFactsOf(clients, named, context.actor))
        decision = may_join_conversation(facts, would)
        if not decision or me is None or conversation is None or facts.mine is not None:
            return Outcome(decision, about=facts.about)
        owned, taken = taken_over(facts, would, conversation, context.now)
        changes = (*taken, joined(owned, me, context.now))
        return Outcome(decision, changes, about=facts.about)
