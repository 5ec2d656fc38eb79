"""How memory answers lists over conversations: searches, closings, custody, whom mail reaches."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from clientportal.domain.accounts import Access, Account
from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant, Person
from clientportal.domain.ids import RelationshipId, StaffId
from clientportal.domain.messages import Message, Reading, Tombstone, words_of
from clientportal.domain.moments import Moment
from clientportal.domain.notices import Notice
from clientportal.domain.people import StaffMember
from clientportal.embedded.answers_access import bond_of
from clientportal.embedded.answers_messages import about, participants_in, takes_part
from clientportal.embedded.room import Look
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.foresight import Foreseen
from clientportal.policies.notices import Addressee
from clientportal.ports import queries as q


def _is_kept(work: Look, conversation: Conversation, query: q.UnownedOf) -> bool:
    """Whether somebody but *without* keeps it; what *without* takes no part in is left alone."""
    probe = Look(work.practice_id, work.room)  # only what is found is remembered
    facts, apart = about(probe, conversation, query.actor), query.without
    if apart is not None and apart not in facts.staff:
        return True
    others = (each for each in facts.staff.values() if each.staff_id != apart)
    return any(map(facts.reads, others))


def _unowned(work: Look, query: q.UnownedOf) -> tuple[WritingFacts, ...]:
    found = [
        each
        for each in work.room.all(Conversation)
        if each.closed_at is None
        and not each.is_among_staff
        and each.id > (query.after or "")
        and _still_waits(each, query.closed_upto)
        and not _is_kept(work, each, query)
    ]
    page = map(work.remember, found[: query.limit])
    return tuple(about(work, each, query.actor) for each in page)


def _still_waits(each: Conversation, closed_upto: Moment | None) -> bool:
    """Whether it has not closed by itself."""
    waiting = each.waiting_since
    return waiting is None or closed_upto is None or waiting > closed_upto


def _waits(each: Conversation) -> tuple[Any, str]:
    return each.waiting_since, each.id


def _closings(work: Look, query: q.ClosingsOf) -> tuple[WritingFacts, ...]:
    person = query.actor.person
    waiting = [
        each
        for each in work.room.all(Conversation)
        if each.waiting_since is not None and each.closed_at is None
        if _still_waits(each, query.closed_upto)
    ]
    if not query.everybody:
        waiting = [each for each in waiting if takes_part(work, each, person)]
    if query.after is not None:
        waiting = [each for each in waiting if _waits(each) > query.after]
    found = sorted(waiting, key=_waits)[: query.limit]
    return tuple(about(work, each, query.actor) for each in found)


def _may_find(work: Look, message: Message, actor: Actor) -> WritingFacts | None:
    """What decides about the conversation of *message*, if the actor may see it there now."""
    conversation = work.room.rows[Conversation, message.conversation_id][1]
    entries = participants_in(work, conversation)
    own = next((e for e in entries if e.person == actor.person and e.is_current), None)
    if own is None or message.sequence <= own.from_sequence:
        return None
    facts = about(work, conversation, actor)
    return facts if facts.mine is None or facts.shows(facts.mine) else None


def _search(work: Look, query: q.SearchOf) -> tuple[q.Found, ...]:
    def key(each: Message) -> tuple[Any, str]:
        return each.at, each.id

    wanted = set(query.words)
    hits = [e for e in work.room.all(Message) if wanted <= set(words_of(e.text))]
    hits = [each for each in hits if (Tombstone, each.id) not in work.room.rows]
    if query.after is not None:
        hits = [each for each in hits if key(each) < query.after]
    judged = ((e, _may_find(work, e, query.actor)) for e in sorted(hits, key=key, reverse=True))
    found = (q.Found(facts=f, posted=q.Posted(message=m)) for m, f in judged if f is not None)
    return tuple(islice(found, query.limit))


def _foreseen(work: Look, query: q.ForeseenOf) -> tuple[Foreseen, ...]:
    talks = (each for each in work.room.all(Conversation) if not each.is_among_staff)
    found = [each for each in talks if each.id > (query.after or "")][: query.limit]
    return tuple(_foreseen_of(work, about(work, each, query.actor)) for each in found)


def _foreseen_of(work: Look, facts: WritingFacts) -> Foreseen:
    own = (each for each in work.room.all(Access) if each.is_own and each.is_live)
    accesses = tuple(each for each in own if each.client_id in facts.clients)
    return Foreseen(facts=facts, accesses=accesses)


def _addressees(work: Look, query: q.AddresseesOf) -> tuple[Addressee, ...]:
    conversation = work.get(Conversation, query.conversation_id, "conversation")
    current = (each for each in participants_in(work, conversation) if each.is_current)
    return tuple(_addressee(work, each) for each in current)


def _addressee(work: Look, entry: Participant) -> Addressee:
    person = entry.person
    bond = bond_of(work, person) if isinstance(person, RelationshipId) else None
    client_id = person if bond is None else bond.client_id
    through = None if bond is None else bond.id
    live = (each for each in work.room.all(Access) if each.is_live and each.client_id == client_id)
    access = next((each for each in live if each.relationship_id == through), None)
    read = work.room.rows.get((Reading, entry.id))
    return Addressee(
        participant=entry,
        email=_email(work, person, access),
        access=access,
        bond=bond,
        has_read=0 if read is None else read[1].sequence,
        notice=work.find(Notice, entry.id),
    )


def _email(work: Look, person: Person, access: Access | None) -> str | None:
    if isinstance(person, StaffId):
        staff: StaffMember = work.room.rows[StaffMember, person][1]
        return staff.email
    account = None if access is None else work.room.rows[Account, access.account_id][1]
    return None if account is None else account.email


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.UnownedOf: _unowned,
    q.SearchOf: _search,
    q.ClosingsOf: _closings,
    q.ForeseenOf: _foreseen,
    q.AddresseesOf: _addressees,
}
