"""Hypothesis strategies for the values of the domain: for who tests policies of their own.

from hypothesis import given
from clientportal.testing import strategies as some

@given(some.writing_facts(), some.moments())
def test_mine_is_total(facts, now):
    assert my_policy(facts, now).reason
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from attrs import evolve
from hypothesis import strategies as st

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant, Person
from clientportal.domain.ids import (
    ClientId,
    ConversationId,
    MessageId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.messages import Message, Reading
from clientportal.domain.people import (
    Reach,
)
from clientportal.domain.practices import (
    MessagingPolicy,
    UnknownPolicy,
)
from clientportal.domain.relationships import Relationship
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.policies.messaging import Point, points
from clientportal.policies.participants import AddingFacts
from clientportal.policies.standing import PracticeFacts, Standing
from clientportal.testing.builders import World
from clientportal.testing.cast import OWNER, populate
from clientportal.testing.values import (
    PRACTICE,
    START,
    ZONES,
    accesses,
    actors,
    clients,
    ids,
    intervals,
    moments,
    permissions,
    policies,
    practices,
    relationships,
    spans,
    staff_members,
    texts,
)
from clientportal.usecases.practices import SetMessagingPolicy

__all__ = [
    "PRACTICE",
    "START",
    "ZONES",
    "accesses",
    "actors",
    "adding_facts",
    "clients",
    "conversations",
    "correspondents",
    "counterparts",
    "ids",
    "intervals",
    "messages",
    "moments",
    "people",
    "permissions",
    "policies",
    "practice_facts",
    "practices",
    "readings",
    "relationships",
    "spans",
    "staff_members",
    "standings",
    "table_points",
    "texts",
    "worlds",
    "writing_facts",
]


@st.composite
def conversations(draw: st.DrawFn, *, is_among_staff: bool = False) -> Conversation:
    """A conversation in any situation: waiting, answered, closed, locked, among staff."""
    last = draw(moments(60))
    closed = draw(st.none() | st.just(last))
    return Conversation(
        id=draw(ids(ConversationId)),
        last_sequence=draw(st.integers(1, 9)),
        last_at=last,
        is_staff_initiated=draw(st.booleans()),
        waiting_since=None if is_among_staff else draw(st.none() | st.just(last)),
        closed_at=closed,
        is_locked=closed is not None and draw(st.booleans()),
        is_among_staff=is_among_staff,
        is_closed_to_proxies=draw(st.booleans()),
    )


def readings() -> st.SearchStrategy[Reading]:
    """How far somebody has read."""
    return st.builds(
        Reading,
        conversation_id=ids(ConversationId),
        person=people(),
        sequence=st.integers(0, 9),
    )


def people() -> st.SearchStrategy[Person]:
    """Staff, clients and proxies, as they take part in a conversation."""
    return st.one_of(ids(StaffId), ids(ClientId), ids(RelationshipId))


@st.composite
def counterparts(draw: st.DrawFn) -> Counterpart:
    """A client who takes part."""
    return Counterpart(
        client_id=draw(ids(ClientId)),
        name=draw(texts()),
        is_active=draw(st.booleans()),
        is_on_a_roster=draw(st.booleans()),
    )


@st.composite
def correspondents(draw: st.DrawFn, clients: frozenset[ClientId]) -> Correspondent:
    """A staff member who takes part, with some of *clients* on their roster."""
    among = st.frozensets(st.sampled_from(sorted(clients))) if clients else st.just(frozenset())
    return Correspondent(
        staff_id=draw(ids(StaffId)),
        name=draw(texts()),
        is_active=draw(st.booleans()),
        takes_messages=draw(st.booleans()),
        views=draw(st.sampled_from(Reach)),
        assigned=draw(among),
    )


@st.composite
def writing_facts(draw: st.DrawFn) -> WritingFacts:
    """What the messaging rules look at, the likely and the unlikely alike."""
    among = draw(st.lists(counterparts(), max_size=2, unique_by=lambda each: each.client_id))
    clients = tuple(sorted(among, key=lambda each: each.client_id))
    named = correspondents(frozenset(each.client_id for each in clients))
    staff = draw(st.lists(named, max_size=3, unique_by=lambda each: each.staff_id))
    actor = draw(actors())
    if clients and actor.client_id is not None and draw(st.booleans()):
        actor = evolve(actor, client_id=clients[0].client_id)
    if staff and actor.staff_id is not None and draw(st.booleans()):
        actor = evolve(actor, staff_id=staff[0].staff_id)
    facts = WritingFacts(
        actor=actor,
        policies=draw(practices()).policies,
        clients={each.client_id: each for each in clients},
        staff={each.staff_id: each for each in staff},
    )
    whose = actor.client_id or ClientId("cli_other")
    return evolve(
        facts,
        access=draw(st.none() | accesses(whose)),
        bond=draw(_bonds(actor)) if actor.is_proxy else None,
        **(draw(_begun(facts)) if draw(st.booleans()) else {}),
    )


@st.composite
def _bonds(draw: st.DrawFn, actor: Actor) -> Relationship | None:
    """The relationship a proxy acts through, more often than another or none."""
    bond = draw(st.none() | relationships(actor.client_id or ClientId("cli_other")))
    mine = actor.relationship_id
    if bond is None or mine is None or draw(st.booleans()):
        return bond
    return evolve(bond, id=mine)


@st.composite
def _begun(draw: st.DrawFn, facts: WritingFacts) -> dict[str, Any]:
    """A conversation that *facts* may be about, and how the actor takes part in it."""
    conversation, me = draw(conversations(is_among_staff=not facts.clients)), facts.actor.person
    took = Participant(
        conversation_id=conversation.id,
        person=me or ClientId("cli_other"),
        since=START,
        from_sequence=draw(st.integers(0, 3)),
        until=draw(st.none() | st.just(START + timedelta(days=1))),
    )
    return {
        "conversation": conversation,
        "participant": draw(st.none() | st.just(took)) if me is not None else None,
        "reading": draw(st.none() | readings()),
    }


@st.composite
def messages(draw: st.DrawFn, facts: WritingFacts) -> Message:
    """A message of a conversation, or of another, by anybody who could have written it."""
    talk, me = facts.conversation, facts.actor.person
    somebody = people() if me is None else people() | st.just(me)
    return Message(
        id=draw(ids(MessageId)),
        conversation_id=draw(ids(ConversationId) if talk is None else _often(talk.id)),
        sequence=draw(st.integers(1, 9)),
        author=draw(somebody),
        text=draw(texts()),
        at=draw(moments(60)),
    )


def _often(conversation_id: ConversationId) -> st.SearchStrategy[ConversationId]:
    return st.just(conversation_id) | ids(ConversationId)


@st.composite
def practice_facts(draw: st.DrawFn, actor: Actor | None = None) -> PracticeFacts:
    """Anybody, or *actor*, before the practice as a whole."""
    who = draw(actors()) if actor is None else actor
    staff = draw(st.none() | staff_members()) if who.is_staff else None
    if staff is not None and who.staff_id is not None:
        staff = evolve(staff, id=who.staff_id)
    return PracticeFacts(practice=draw(practices()), actor=who, staff=staff)


@st.composite
def adding_facts(draw: st.DrawFn, facts: WritingFacts) -> AddingFacts:
    """Some to take part besides those who do, with whoever asks among them."""
    named = draw(st.lists(counterparts(), max_size=2, unique_by=lambda each: each.client_id))
    clients = {each.client_id: each for each in named} | dict(facts.clients)
    some = correspondents(frozenset(clients))
    more = draw(st.lists(some, max_size=2, unique_by=lambda each: each.staff_id))
    me = facts.actor.staff_id
    mine = {} if me is None else {me: evolve(draw(some), staff_id=me)}
    fresh = {each.staff_id: each for each in more}
    proxies = draw(st.frozensets(ids(RelationshipId), max_size=2))
    return AddingFacts(
        facts=facts,
        would=evolve(
            facts, conversation=None, clients=clients, staff={**mine, **fresh, **facts.staff}
        ),
        staff=frozenset(fresh),
        clients=frozenset(each.client_id for each in named),
        proxies=proxies,
        known=draw(st.just(proxies) | st.frozensets(ids(RelationshipId))),
    )


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """How anybody stands to a client."""
    client, someone = draw(clients()), draw(actors())
    actor = (
        evolve(someone, client_id=client.id)
        if someone.client_id and draw(st.booleans())
        else someone
    )
    staff = draw(st.none() | staff_members()) if actor.is_staff else None
    if staff is not None and actor.staff_id is not None:
        staff = evolve(staff, id=actor.staff_id)
    return Standing(
        practice=draw(practices()),
        client=client,
        actor=actor,
        staff=staff,
        assigned=draw(st.booleans()),
        access=draw(st.none() | accesses(client.id)),
        relationship=draw(st.none() | relationships(client.id)),
    )


def table_points() -> st.SearchStrategy[Point]:
    """The rows of the messaging table, those of an unknown policy among them."""
    return st.sampled_from(points((*MessagingPolicy, UnknownPolicy("of_tomorrow"))))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A populated world on memory, under one of the four policies, some time after it began."""
    world = populate(World())
    policy = draw(st.sampled_from(MessagingPolicy))
    world.done(SetMessagingPolicy(policy=policy), world.staff(OWNER))
    world.pass_time(draw(spans()))
    return world
