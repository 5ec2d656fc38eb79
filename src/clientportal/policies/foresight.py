"""What will happen by itself, and what another policy would change (MSG-4, MSG-9, MSG-18)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve, field, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.conversations import auto_closed_at, deadline_of
from clientportal.domain.ids import ClientId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy, switched
from clientportal.policies.conversations import may_send_message, may_start_conversation
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision
from clientportal.policies.extra import Rules, narrowed


def closes_at(facts: WritingFacts, now: Moment) -> Moment | None:
    """When an open conversation closes by itself if nobody does anything (MSG-4, MSG-9)."""
    conversation = facts.conversation
    if conversation is None or conversation.closed_at is not None:
        return None
    waiting, history = conversation.waiting_since, facts.policies
    closed = auto_closed_at(waiting, history, now) is not None
    return None if closed else deadline_of(waiting, history)


@frozen(kw_only=True)
class Foreseen:
    """A conversation, and the own accesses of the clients in it: what a switch is judged on."""

    facts: WritingFacts
    accesses: tuple[Access, ...] = field(repr=False)


@frozen(kw_only=True)
class Flipped:
    """What a client may do in a conversation, before a switch and after, at the moment *at*.

    *starts* is about starting with one of the staff who take part.
    """

    client_id: ClientId
    at: Moment
    answers: tuple[Decision, Decision]
    starts: tuple[Decision, Decision]

    @property
    def is_different(self) -> bool:
        """Whether an answer flips."""
        return any(bool(one) is not bool(two) for one, two in (self.answers, self.starts))


def under(facts: WritingFacts, policy: MessagingPolicy, now: Moment) -> WritingFacts:
    """The facts as if *policy* were set now; the same ones where nothing switches (MSG-18)."""
    policies = switched(facts.policies, policy, now)
    return facts if policies is facts.policies else evolve(facts, policies=policies)


def flipped_by(
    foreseen: Foreseen, policy: MessagingPolicy, now: Moment, rules: Rules = ()
) -> Iterator[Flipped]:
    """Each client in the conversation whose start or answer *policy* would flip (MSG-18).

    Now, or at the next deadline under either policy: the first of these moments that tells. The
    practice's own *rules* hold before and after.
    """
    for client_id in sorted(foreseen.facts.clients):
        facts = _as_client(foreseen, client_id)
        other = under(facts, policy, now)
        ends = (closes_at(facts, now), closes_at(other, now))
        for at in sorted({now, *(end for end in ends if end is not None)}):
            found = Flipped(
                client_id=client_id,
                at=at,
                answers=(_answer(facts, at, rules), _answer(other, at, rules)),
                starts=(_start(facts, at, rules), _start(other, at, rules)),
            )
            if found.is_different:
                yield found
                break


def _as_client(foreseen: Foreseen, client_id: ClientId) -> WritingFacts:
    facts = foreseen.facts
    actor = facts.actor.as_client(client_id)
    own = next((each for each in foreseen.accesses if each.client_id == client_id), None)
    return evolve(facts, actor=actor, access=own, bond=None, participant=None)


def _answer(facts: WritingFacts, at: Moment, rules: Rules) -> Decision:
    return narrowed(may_send_message(facts, at), facts, at, rules)


def _start(facts: WritingFacts, at: Moment, rules: Rules) -> Decision:
    """Whether the client may start with one of the staff who take part: the best answer."""
    me = facts.me
    alone = {} if me is None else {me.client_id: me}
    fresh = evolve(facts, conversation=None, reading=None, clients=alone)
    alike = [evolve(fresh, staff={each: one}) for each, one in facts.staff.items()]
    asked = alike or [evolve(fresh, staff={})]
    found = [narrowed(may_start_conversation(each, at), each, at, rules) for each in asked]
    return next((each for each in found if each), found[0])
