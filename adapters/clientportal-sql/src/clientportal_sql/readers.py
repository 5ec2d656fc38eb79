"""Conditions that several statements share: who takes part in a conversation, and who keeps it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import sqlalchemy as sa

from clientportal.domain.conversations import Participant
from clientportal.domain.people import Client, StaffMember
from clientportal_sql.joins import alias, is_on_roster, there_is, word
from clientportal_sql.nouns import Alias

#: A further condition on a participant and the staff member they are.
Further: TypeAlias = Callable[[Alias, Alias], Any]


def has_client(talk_id: Any, such: Callable[[Alias, Alias], Any], *, name: str) -> Any:
    """Whether a client takes part who is *such*: a condition on the participant and the client."""
    part, client = alias(Participant, name), alias(Client, f"{name}_client")
    is_it = client.here(client.c.id == part.c.person)
    current = (part.c.conversation_id == talk_id, part.c.side == word("client"))
    here = part.here(*current, part.c.until.is_(None), such(part, client))
    return there_is(part.table.join(client.table, is_it), here, among=(part, client))


def views_all(keeper: Alias, talk_id: Any) -> Any:
    """Whether a staff member may view every client who takes part (MSG-2).

    Who may view none sees what is among staff alone, not what clients have left.
    """
    views = keeper.c.permissions_view_clients

    def unseen(part: Alias, _: Alias) -> Any:
        return ~is_on_roster(part.c.person, keeper.c.id)

    of_some = sa.and_(views == word("assigned"), ~has_client(talk_id, unseen, name="viewed"))
    of_none = sa.and_(views == word("none"), ~_had_client(talk_id))
    return sa.or_(views == word("everything"), of_some, of_none)


def _had_client(talk_id: Any) -> Any:
    """Whether a client takes part, or did."""
    part = alias(Participant, "ever")
    ever = part.here(part.c.conversation_id == talk_id, part.c.side == word("client"))
    return there_is(part.table, ever, among=(part,))


def has_staff(talk_id: Any, *such: Further, name: str = "keeps") -> Any:
    """Whether an active staff member takes part who is *such*."""
    part, keeper = alias(Participant, name), alias(StaffMember, f"{name}_staff")
    is_it = keeper.here(keeper.c.id == part.c.person, keeper.c.status == word("active"))
    conditions = [each(part, keeper) for each in such]
    here = part.here(part.c.conversation_id == talk_id, part.c.until.is_(None), *conditions)
    return there_is(part.table.join(keeper.table, is_it), here, among=(part, keeper))


def is_kept(talk_id: Any, *such: Further, name: str = "keeps") -> Any:
    """Whether an active, permitted staff member takes part who is *such* (MSG-16)."""
    return has_staff(talk_id, lambda _, keeper: views_all(keeper, talk_id), *such, name=name)


def besides(person: Any) -> Further:
    """Somebody other than *person*."""
    return lambda part, _: part.c.person != person


def is_served(talk_id: Any) -> Any:
    """Whether an active client takes part."""
    return has_client(talk_id, lambda _, c: c.c.status == word("active"), name="served")


def misses_a_client(talk_id: Any, staff_id: Any) -> Any:
    """Whether an active client who takes part is not on the staff member's roster (MSG-7)."""

    def missed(part: Alias, client: Alias) -> Any:
        return sa.and_(client.c.status == word("active"), ~is_on_roster(part.c.person, staff_id))

    return has_client(talk_id, missed, name="missed")
