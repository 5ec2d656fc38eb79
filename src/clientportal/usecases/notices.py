"""What the relay mails about conversations, and what it notes down of it (MSG-17)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.conversations import Person
from clientportal.domain.ids import ConversationId, MessageId
from clientportal.domain.messages import Message
from clientportal.domain.moments import Moment
from clientportal.domain.notices import CLOSING_SOON, Notice
from clientportal.domain.practices import Practice
from clientportal.flows import Change, Flow, Get, Outcome, Shown, fetch
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.deliveries import may_deliver
from clientportal.policies.foresight import closes_at
from clientportal.policies.notices import Addressee, is_told, is_warned
from clientportal.policies.selecting import closed_upto
from clientportal.ports.queries import (
    AddresseesOf,
    ClosingsOf,
    PracticeFactsOf,
    TombstoneOf,
    WritingFactsOf,
)
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class Told:
    """Somebody to mail about a conversation: the address, and what to note down once it is sent.

    *at* is the date of the mail, the same whenever it is sent again.
    """

    person: Person
    email: str = field(repr=False)
    sequence: int
    at: Moment
    closes_at: Moment | None = None
    waiting_since: Moment | None = None


@frozen(kw_only=True)
class NoticesToMail:
    """Who is to be mailed about a conversation, and for which practice."""

    practice: Practice
    conversation_id: ConversationId
    told: tuple[Told, ...] = field(repr=False)


@frozen(kw_only=True)
class SeeNoticesToMail:
    """Whom to mail about a message: all who take part, may read it, and were not told yet.

    Of one that was taken back meanwhile nobody is told.
    """

    name: ClassVar[str] = "delivery.message"
    conversation_id: ConversationId
    message_id: MessageId

    def flow(self, context: Context) -> Flow[Shown[NoticesToMail]]:
        """The practice's own machinery only."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        facts, people, practice = yield from _addressed(self.conversation_id, context)
        message, gone = yield from fetch(
            Get(Message, self.message_id), TombstoneOf(self.message_id)
        )
        told = tuple(
            Told(person=one.person, email=one.email or "", sequence=message.sequence, at=message.at)
            for one in people
            if gone is None and is_told(facts, one, message.sequence, message.author)
        )
        mails = NoticesToMail(practice=practice, conversation_id=self.conversation_id, told=told)
        return Shown(decision, mails)


def _addressed(
    conversation_id: ConversationId, context: Context
) -> Flow[tuple[WritingFacts, tuple[Addressee, ...], Practice]]:
    """A conversation's facts, who might be mailed about it, and for which practice."""
    facts, people, practice = yield from fetch(
        WritingFactsOf(conversation_id, context.actor),
        AddresseesOf(conversation_id),
        PracticeFactsOf(context.actor),
    )
    return facts, people, practice.practice


@frozen(kw_only=True)
class SeeClosingSoon:
    """The conversations that close within 12 hours, the next one first; page by *after*."""

    name: ClassVar[str] = "delivery.closing_soon"
    after: tuple[Moment, ConversationId] | None = None
    limit: int = 100

    def flow(self, context: Context) -> Flow[Shown[tuple[tuple[Moment, ConversationId], ...]]]:
        """The practice's own machinery only; each by its waiting since and id."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        practice = yield from fetch(PracticeFactsOf(context.actor))
        upto = closed_upto(practice.practice.policies, context.now)
        found = yield from fetch(
            ClosingsOf(
                context.actor, closed_upto=upto, everybody=True, after=self.after, limit=self.limit
            )
        )
        return Shown(decision, tuple(_soon(found, context.now)))


def _soon(found: tuple[WritingFacts, ...], now: Moment) -> list[tuple[Moment, ConversationId]]:
    out = []
    for each in found:
        talk, at = each.conversation, closes_at(each, now)
        if talk is not None and talk.waiting_since and at is not None and at - now <= CLOSING_SOON:
            out.append((talk.waiting_since, talk.id))
    return out


@frozen(kw_only=True)
class SeeWarningsToMail:
    """Whom to mail that a conversation closes soon: who may still answer, and was not told."""

    name: ClassVar[str] = "delivery.closing"
    conversation_id: ConversationId

    def flow(self, context: Context) -> Flow[Shown[NoticesToMail]]:
        """The practice's own machinery only."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        facts, people, practice = yield from _addressed(self.conversation_id, context)
        told = tuple(
            _warning(one, facts, context.now)
            for one in people
            if is_warned(facts, one, context.now, context.rules)
        )
        mails = NoticesToMail(practice=practice, conversation_id=self.conversation_id, told=told)
        return Shown(decision, mails)


def _warning(one: Addressee, facts: WritingFacts, now: Moment) -> Told:
    talk, closing = facts.conversation, closes_at(facts, now)
    return Told(
        person=one.person,
        email=one.email or "",
        sequence=0 if one.notice is None else one.notice.sequence,
        at=now if closing is None else closing - CLOSING_SOON,
        closes_at=closing,
        waiting_since=None if talk is None else talk.waiting_since,
    )


@frozen(kw_only=True)
class RecordNotice:
    """That somebody was mailed about a conversation, so that they are not told twice."""

    name: ClassVar[str] = "notice.record"
    tests_secret: ClassVar[bool] = False
    conversation_id: ConversationId
    person: Person
    sequence: int = 0
    warned_of: Moment | None = None

    def flow(self, context: Context) -> Flow[Outcome]:
        """Bookkeeping of the practice's own machinery; never backwards."""
        decision = may_deliver(context.actor)
        if not decision:
            return Outcome(decision)
        people = yield from fetch(AddresseesOf(self.conversation_id))
        one = next((each for each in people if each.person == self.person), None)
        if one is None:
            return Outcome(decision)
        before = one.notice or Notice(conversation_id=self.conversation_id, person=self.person)
        after = evolve(
            before,
            sequence=max(before.sequence, self.sequence),
            warned_of=self.warned_of or before.warned_of,
        )
        return Outcome(decision, () if after == before else (Change(None, (after,)),))
