"""How memory answers questions about conversations, who takes part, and messages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import evolve

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant, Person, Side, side_of
from clientportal.domain.ids import ClientId, RelationshipId, StaffId
from clientportal.domain.messages import Message, Reading, Tombstone
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal.domain.relationships import Contact, Relationship, Scope
from clientportal.embedded.answers_access import access_of, bond_of, is_assigned, practice_of
from clientportal.embedded.room import Look
from clientportal.policies.conversations import may_send_message
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.ports import queries as q


def _counterpart(work: Look, client_id: ClientId) -> Counterpart:
    client = work.get(Client, client_id, "client")
    entries = work.room.all(Assignment)
    return Counterpart(
        client_id=client.id,
        name=client.name,
        is_active=client.is_active,
        is_on_a_roster=any(e.client_id == client_id and e.is_current for e in entries),
    )


def _correspondent(work: Look, staff_id: StaffId, client_ids: Iterable[ClientId]) -> Correspondent:
    staff = work.get(StaffMember, staff_id, "client")
    return Correspondent(
        staff_id=staff.id,
        name=staff.name,
        is_active=staff.is_active,
        takes_messages=staff.takes_messages,
        views=staff.permissions.view_clients,
        assigned=frozenset(each for each in client_ids if is_assigned(work, each, staff_id)),
    )


def _facts(
    work: Look, actor: Actor, client_ids: Iterable[ClientId], staff_ids: Iterable[StaffId]
) -> WritingFacts:
    clients, mine = sorted(client_ids), actor.client_id
    access = None if mine is None else access_of(work, mine, actor)
    return WritingFacts(
        actor=actor,
        policies=practice_of(work).policies,
        clients={each: _counterpart(work, each) for each in clients},
        staff={each: _correspondent(work, each, clients) for each in sorted(staff_ids)},
        access=access,
        bond=None if access is None else bond_of(work, access.relationship_id),
    )


def participants_in(work: Look, conversation: Conversation) -> list[Participant]:
    """Everybody who takes part or did."""
    entries = work.room.all(Participant)
    return [each for each in entries if each.conversation_id == conversation.id]


def about(work: Look, conversation: Conversation, actor: Actor) -> WritingFacts:
    """What decides about writing in *conversation*, for *actor*."""
    entries = participants_in(work, conversation)
    people: list[Any] = [each.person for each in entries if each.is_current]
    own = (each for each in entries if each.person == actor.person)
    mine = next((each for each in own if actor.is_proxy or not each.is_current), None)
    clients = [each for each in people if side_of(each) is Side.CLIENT]
    left = mine is not None and isinstance(mine.person, StaffId)
    facts = _facts(work, actor, clients, [e for e in people if side_of(e) is Side.STAFF])
    return evolve(
        facts,
        conversation=conversation,
        participant=mine,
        reading=work.find(Reading, f"{conversation.id}/{actor.person}"),
        former=_correspondent(work, StaffId(mine.person), clients) if mine and left else None,
    )


def _writing(work: Look, query: q.WritingFactsOf) -> WritingFacts:
    conversation = work.get(Conversation, query.conversation_id, "conversation")
    return about(work, conversation, query.actor)


def _starting(work: Look, query: q.StartingFactsOf) -> WritingFacts:
    return _facts(work, query.actor, set(query.client_ids), set(query.staff_ids))


def _recipients(work: Look, query: q.RecipientsOf) -> WritingFacts:
    staff_ids = [each.id for each in work.room.all(StaffMember) if each.is_active]
    facts, rule = _facts(work, query.actor, [query.client_id], staff_ids), query.startable
    if rule is None:
        return facts
    among = {
        each.staff_id: each
        for each in facts.staff.values()
        if not rule.nobody and each.takes_messages and facts.reads(each)
        if not rule.by_roster or query.client_id in each.assigned
    }
    return evolve(facts, staff=among)


def _proxies(work: Look, query: q.ProxiesOf) -> tuple[Relationship, ...]:
    bonds = work.room.all(Relationship)
    named = (each for each in bonds if each.client_id in query.client_ids)
    return tuple(each for each in named if each.grants(Scope.MESSAGES))


def _latest_first(conversations: Iterable[Conversation]) -> list[Conversation]:
    return sorted(conversations, key=lambda each: (each.last_at, each.id), reverse=True)


def takes_part(work: Look, conversation: Conversation, person: Person | None) -> bool:
    """Whether *person* takes part now."""
    entries = participants_in(work, conversation)
    return any(each.person == person and each.is_current for each in entries)


def _inbox(work: Look, query: q.InboxOf) -> tuple[q.InboxItem, ...]:
    person = query.actor.person
    mine = [each for each in work.room.all(Conversation) if takes_part(work, each, person)]
    if query.after is not None:
        mine = [each for each in mine if (each.last_at, each.id) < query.after]
    if query.answerable is not None:
        at = query.answerable.at
        mine = [e for e in mine if may_send_message(about(work, e, query.actor), at)]
    return tuple(
        q.InboxItem(
            facts=about(work, each, query.actor),
            latest=_messages(work, q.MessagesOf(each.id, limit=1))[0],
        )
        for each in _latest_first(mine)[: query.limit]
    )


def _conversations_about(work: Look, query: q.ConversationsAbout) -> tuple[WritingFacts, ...]:
    client = query.client_id
    found = (each for each in work.room.all(Conversation) if takes_part(work, each, client))
    latest = _latest_first(found)[: query.limit]
    return tuple(about(work, each, query.actor) for each in latest)


def _posted(work: Look, message: Message) -> q.Posted:
    row = work.room.rows.get((Tombstone, message.id))
    return q.Posted(message=message, tombstone=None if row is None else row[1])


def _messages(work: Look, query: q.MessagesOf) -> tuple[q.Posted, ...]:
    found = [
        each
        for each in work.room.all(Message)
        if each.conversation_id == query.conversation_id
        and query.after < each.sequence < query.before
    ]
    latest = sorted(found, key=lambda each: -each.sequence)[: query.limit]
    return tuple(_posted(work, each) for each in latest)


def _tombstone(work: Look, query: q.TombstoneOf) -> Tombstone | None:
    row = work.room.rows.get((Tombstone, query.message_id))
    return None if row is None else row[1]


def _name(work: Look, person: Any) -> str:
    kind = {StaffId: StaffMember, ClientId: Client}.get(type(person), Contact)
    row = work.room.rows.get((kind, person))
    return "" if row is None else row[1].name


def _participants_of(work: Look, query: q.ParticipantsOf) -> tuple[q.TakesPart, ...]:
    conversation = work.get(Conversation, query.conversation_id, "conversation")
    return tuple(_taking(work, each) for each in participants_in(work, conversation))


def _taking(work: Look, entry: Participant) -> q.TakesPart:
    is_proxy = isinstance(entry.person, RelationshipId)
    bond = bond_of(work, entry.person) if is_proxy else None
    row = work.room.rows.get((Reading, entry.id))
    return q.TakesPart(
        participant=entry,
        name=_name(work, entry.person if bond is None else bond.person),
        acts_for=None if bond is None else bond.client_id,
        on_behalf_of=None if bond is None else _name(work, bond.client_id),
        has_read=0 if row is None else row[1].sequence,
    )


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.WritingFactsOf: _writing,
    q.StartingFactsOf: _starting,
    q.RecipientsOf: _recipients,
    q.ProxiesOf: _proxies,
    q.InboxOf: _inbox,
    q.ConversationsAbout: _conversations_about,
    q.MessagesOf: _messages,
    q.TombstoneOf: _tombstone,
    q.ParticipantsOf: _participants_of,
}
