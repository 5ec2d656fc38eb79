"""Answers about who may write: to whom, in what, and with whom to start (MSG-2 to MSG-14).

These read only what the rules look at, a few columns of each noun: every message passes here.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import ClientId, PracticeId, StaffId
from clientportal.domain.messages import Reading
from clientportal.domain.people import Assignment, Client, Reach, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Relationship
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.ports import queries as q
from clientportal_sql.joins import (
    alias,
    ask,
    bound,
    is_on_any_roster,
    is_way_in,
    only,
    way_in,
    word,
)
from clientportal_sql.nouns import NOUNS
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement

practice, client, staff = alias(Practice), alias(Client), alias(StaffMember)
conversation, reading = alias(Conversation), alias(Reading)
access, bond = alias(Access), alias(Relationship)
took_part, of_client = alias(Participant, "took_part"), alias(Participant, "of_client")
mine, roster = alias(Participant, "mine"), alias(Assignment, "roster")

_practice: Final = (practice.c.version, practice.c.policies)
_client: Final = (
    client.c.version,
    client.c.id,
    client.c.given_name,
    client.c.family_name,
    client.c.display_name,
    client.c.status,
)
_staff: Final = (
    staff.c.version,
    staff.c.id,
    staff.c.name,
    staff.c.permissions_view_clients,
    staff.c.takes_messages,
    staff.c.status,
)
_people: Final = (*_client, *_staff, roster.c.client_id, is_on_any_roster(client.c.id))
#: Where in a row the client, the staff member, the rosters and what follows begin.
_STAFF_AT: Final = len(_client)
_ROSTER_AT: Final = _STAFF_AT + len(_staff)
_END = _PRACTICE_AT = len(_people)
_REACHES: Final = {each.value: each for each in Reach}
_policies: Any = next(leaf.cell.back for leaf in NOUNS[Practice].leaves if leaf.name == "policies")
_policies_of: Final = lru_cache(256)(_policies)


def _named(columns: tuple[Any, ...], prefix: str) -> dict[str, Any]:
    return {f"{prefix}{place}": column for place, column in enumerate(columns)}


#: Where among the columns of a conversation its latest moment and its id are.
TALK_AT: Final = tuple(NOUNS[Conversation].read.index(name) for name in ("last_at", "id"))
WAITS_AT: Final = tuple(NOUNS[Conversation].read.index(name) for name in ("waiting_since", "id"))
_WAY_IN: Final = {"access": access, "bond": bond}
#: What every statement about writing reads first, in this order; then, of others than staff, their
#: own way in.
_ABOUT: Final = {**_named(_people, "people_"), **_named(_practice, "practice_")}
ABOUT: Final = {True: Picked(**_ABOUT), False: Picked(**_ABOUT, **_WAY_IN)}


def begun(*, by_staff: bool, **more: Any) -> Picked:
    """What is read where there is a conversation: staff take part as one of those in its rows."""
    way_in, own = ({}, took_part) if by_staff else (_WAY_IN, mine)
    talk = {"conversation": conversation, "reading": reading}
    return Picked(**_ABOUT, **way_in, participant=own, left_at=own.c.until, **talk, **more)


def _counterpart(row: Row, seen: Seen | None) -> Counterpart:
    version, id_, given, family, displayed, status = row[:_STAFF_AT]
    if seen is not None:
        seen.setdefault((Client, id_), (version, None))
    return Counterpart(
        client_id=ClientId.stored(id_),
        name=displayed or " ".join(filter(None, (given, family))),
        is_active=status == "active",
        is_on_a_roster=bool(row[_END - 1]),
    )


def _correspondent(row: Row, assigned: list[ClientId], seen: Seen | None) -> Correspondent:
    version, id_, name, views, takes_messages, status = row[_STAFF_AT:_ROSTER_AT]
    if seen is not None:
        seen.setdefault((StaffMember, id_), (version, None))
    return Correspondent(
        staff_id=StaffId.stored(id_),
        name=name,
        is_active=status == "active",
        takes_messages=bool(takes_messages),
        views=_REACHES[views],
        assigned=frozenset(assigned),
    )


def _clients(rows: Rows, seen: Seen | None) -> dict[ClientId, Counterpart]:
    found = {row[1]: row for row in rows if row[1] is not None}
    return {ClientId.stored(id_): _counterpart(row, seen) for id_, row in sorted(found.items())}


def _staff_members(rows: Rows, seen: Seen | None) -> dict[StaffId, Correspondent]:
    """Each staff member, with those of the clients who are on their roster."""
    found: dict[str, tuple[Row, list[ClientId]]] = {}
    for row in rows:
        id_, assigned = row[_STAFF_AT + 1], row[_ROSTER_AT]
        if id_ is not None:
            _, theirs = found.setdefault(id_, (row, []))
            if assigned is not None:
                theirs.append(ClientId.stored(assigned))
    return {StaffId.stored(i): _correspondent(*met, seen) for i, met in sorted(found.items())}


def facts_of(picked: Picked, rows: Rows, seen: Seen | None, actor: Actor) -> WritingFacts:
    """What the rules look at, out of one row for each client with each staff member."""
    first = rows[0]
    version, policies = first[_PRACTICE_AT : _PRACTICE_AT + 2]
    if seen is not None:
        seen.setdefault((Practice, actor.practice_id), (version, None))
    members, participant = _staff_members(rows, seen), None
    talk = read = None
    if "conversation" in picked:
        talk, read = picked.take(first, seen, "conversation", "reading")
        participant = _own_part(picked, rows, actor)
    way = (None, None) if actor.is_staff else picked.take(first, seen, "access", "bond")
    return WritingFacts(
        actor=actor,
        policies=_policies_of(policies),
        clients=_clients(rows, seen),
        access=way[0],
        bond=way[1],
        conversation=talk,
        reading=read,
        participant=participant,
        former=members.pop(actor.staff_id, None) if participant and actor.staff_id else None,
        staff=members,
    )


def _own_part(picked: Picked, rows: Rows, actor: Actor) -> Participant | None:
    """How a proxy takes part, or how the actor did who left; of staff, their own among the rows."""
    me = actor.staff_id if actor.is_staff else None
    row = rows[0] if me is None else next((r for r in rows if r[_STAFF_AT + 1] == me), None)
    if row is None or (row[picked.at("left_at")] is None and not actor.is_proxy):
        return None
    part: Participant | None = picked.take(row, None, "participant")[0]
    return part


def around(source: Any, *, by_staff: bool) -> Any:
    """*source*, which holds clients and staff, with rosters and the actor's own way in."""
    met = (roster.c.client_id == client.c.id, roster.c.staff_id == staff.c.id)
    joined = source.outerjoin(roster.table, roster.here(*met, roster.c.until.is_(None)))
    if by_staff:
        return joined
    return joined.outerjoin(access.table, is_way_in(access, bound("me"))).outerjoin(
        bond.table, bond.here(bond.c.id == access.c.relationship_id)
    )


def taking_part(source: Any, *, by_staff: bool) -> Any:
    """*source*, which holds the conversation, with all who take part and how the actor does."""
    here, me = conversation.c.id, bound("person")
    now = sa.or_(took_part.c.until.is_(None), took_part.c.person == me)
    staff_part = (took_part.c.conversation_id == here, took_part.c.side == word("staff"), now)
    client_part = (of_client.c.conversation_id == here, of_client.c.side == word("client"))
    read = (reading.c.conversation_id == here, reading.c.person == me)
    joined = (
        source.join(practice.table, practice.here(practice.c.id == P))
        .outerjoin(took_part.table, took_part.here(*staff_part))
        .outerjoin(staff.table, staff.here(staff.c.id == took_part.c.person))
        .outerjoin(of_client.table, of_client.here(*client_part, of_client.c.until.is_(None)))
        .outerjoin(client.table, client.here(client.c.id == of_client.c.person))
        .outerjoin(reading.table, reading.here(*read))
    )
    own = mine.here(mine.c.conversation_id == here, mine.c.person == me)
    return around(joined if by_staff else joined.outerjoin(mine.table, own), by_staff=by_staff)


def myself(actor: Actor) -> dict[str, Any]:
    """What statements are told of an actor: who they are in a conversation, and their way in."""
    if actor.is_staff:
        return {"person": actor.staff_id or ""}
    return {"person": actor.person or "", "me": actor.client_id or "", **way_in(actor)}


_WRITING: Final = {each: begun(by_staff=each) for each in (True, False)}
_WRITING_OF: Final = {
    by_staff: Statement(
        sa.select(*picked.columns)
        .select_from(taking_part(conversation.table, by_staff=by_staff))
        .where(conversation.here(conversation.c.id == bound("conversation")))
    )
    for by_staff, picked in _WRITING.items()
}


def writing_facts_of(practice_id: PracticeId, need: q.WritingFactsOf) -> Asked:
    """Answers `WritingFactsOf`."""
    by_staff = need.actor.is_staff

    def build(rows: Rows, seen: Seen) -> WritingFacts:
        only(rows, need, need.conversation_id)
        return facts_of(_WRITING[by_staff], rows, seen, need.actor)

    named = {"conversation": need.conversation_id, **myself(need.actor)}
    return ask(_WRITING_OF[by_staff], practice_id, build, **named)
