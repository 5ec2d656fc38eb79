"""Whom a mail about a conversation goes to, and when: checked where it is sent (MSG-14, MSG-17)."""

from __future__ import annotations

from typing import Final

from attrs import evolve, field, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import Participant, Person, Side, side_of
from clientportal.domain.ids import ClientId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.notices import CLOSING_SOON, Notice
from clientportal.domain.relationships import Relationship
from clientportal.policies.conversations import may_send_message
from clientportal.policies.correspondence import WritingFacts, sender_of
from clientportal.policies.extra import Rules, narrowed
from clientportal.policies.foresight import closes_at


@frozen(kw_only=True)
class Addressee:
    """Somebody who takes part, where mail reaches them, and what they have seen and been told."""

    participant: Participant
    email: str | None = field(repr=False)
    access: Access | None = None
    bond: Relationship | None = None
    has_read: int = 0
    notice: Notice | None = None

    @property
    def person(self) -> Person:
        """As whom they take part."""
        return self.participant.person


_CAPACITIES: Final = {
    Side.STAFF: Capacity.STAFF,
    Side.CLIENT: Capacity.CLIENT,
    Side.PROXY: Capacity.PROXY,
}


def as_addressee(facts: WritingFacts, one: Addressee) -> WritingFacts:
    """The facts as they are to *one* of those who take part."""
    side, person, bond = side_of(one.person), one.person, one.bond
    account_id = None if one.access is None else one.access.account_id
    actor = Actor(
        practice_id=facts.actor.practice_id,
        capacity=_CAPACITIES[side],
        account_id=account_id,
        staff_id=person if isinstance(person, StaffId) else None,
        client_id=_client_of(one),
        relationship_id=None if bond is None else bond.id,
    )
    own = one.participant if side is Side.PROXY else None
    return evolve(facts, actor=actor, access=one.access, bond=bond, participant=own)


def _client_of(one: Addressee) -> ClientId | None:
    if one.bond is not None:
        return one.bond.client_id
    return one.person if isinstance(one.person, ClientId) else None


def is_told(facts: WritingFacts, one: Addressee, sequence: int, author: Person) -> bool:
    """Whether *one* is mailed about the message *sequence*: one mail until it is read.

    Never the author, nobody without an address, who may not read it or is archived (OUT-5), none
    who was told already.
    """
    told = 0 if one.notice is None else one.notice.sequence
    begins = one.participant.from_sequence
    if one.person == author or one.email is None or sequence <= max(one.has_read, begins):
        return False
    return told <= one.has_read and sender_of(as_addressee(facts, one)) is None


def is_warned(facts: WritingFacts, one: Addressee, now: Moment, rules: Rules = ()) -> bool:
    """Whether *one*, who may still answer, also by *rules*, is mailed that it closes soon."""
    at, talk = closes_at(facts, now), facts.conversation
    if one.email is None or side_of(one.person) is Side.STAFF or at is None or talk is None:
        return False
    warned = one.notice is not None and one.notice.warned_of == talk.waiting_since
    if warned or at - now > CLOSING_SOON:
        return False
    theirs = as_addressee(facts, one)
    return bool(narrowed(may_send_message(theirs, now), theirs, now, rules))
