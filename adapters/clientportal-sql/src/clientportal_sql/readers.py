"""Conditions that several statements share: who reads a conversation, who is on whose roster."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from clientportal.domain.conversations import Participant
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal_sql.joins import ONE, alias, word
from clientportal_sql.nouns import Alias


def on_roster(client_id: Any, staff_id: Any) -> Any:
    """Whether a client is on a staff member's roster now, told apart from all other uses."""
    entry = Alias(alias(Assignment).noun, "on_roster")
    met = (entry.c.client_id == client_id, entry.c.staff_id == staff_id, entry.c.until.is_(None))
    return sa.exists(sa.select(ONE).where(entry.here(*met)))


def _clients_in(talk_id: Any, name: str, *conditions: Any) -> tuple[Alias, Any]:
    part = alias(Participant, name)
    current = (part.c.conversation_id == talk_id, part.c.side == word("client"))
    return part, part.here(*current, part.c.until.is_(None), *conditions)


def views_all(keeper: Alias, talk_id: Any) -> Any:
    """Whether a staff member may view every client who takes part (MSG-2)."""
    part, current = _clients_in(talk_id, "viewed")
    views = keeper.c.permissions_view_clients
    seen = sa.and_(views == word("assigned"), on_roster(part.c.person, keeper.c.id))
    unseen = sa.exists(sa.select(ONE).where(current, ~seen))
    return sa.or_(views == word("everything"), ~unseen)


def is_kept(talk_id: Any, *, besides: Any = None, name: str = "keeps", **more: Any) -> Any:
    """Whether an active, permitted staff member takes part (MSG-16).

    *more* are further conditions, each made of the participant and the staff member.
    """
    part, keeper = alias(Participant, name), alias(StaffMember, f"{name}_keeper")
    conditions = [condition(part, keeper) for condition in more.values()]
    if besides is not None:
        conditions.append(part.c.person != besides)
    is_staff = keeper.here(keeper.c.id == part.c.person, keeper.c.status == word("active"))
    here = part.here(part.c.conversation_id == talk_id, part.c.until.is_(None), *conditions)
    joined = part.table.join(keeper.table, is_staff)
    return sa.exists(sa.select(ONE).select_from(joined).where(here, views_all(keeper, talk_id)))


def is_served(talk_id: Any) -> Any:
    """Whether an active client takes part."""
    part, current = _clients_in(talk_id, "served")
    client = alias(Client, "served_client")
    active = client.here(client.c.id == part.c.person, client.c.status == word("active"))
    return sa.exists(
        sa.select(ONE).select_from(part.table.join(client.table, active)).where(current)
    )


def misses_a_client(talk_id: Any, staff_id: Any) -> Any:
    """Whether an active client who takes part is not on the staff member's roster (MSG-7)."""
    part, current = _clients_in(talk_id, "missed")
    client = alias(Client, "missed_client")
    active = client.here(client.c.id == part.c.person, client.c.status == word("active"))
    unmet = ~on_roster(part.c.person, staff_id)
    joined = part.table.join(client.table, active)
    return sa.exists(sa.select(ONE).select_from(joined).where(current, unmet))
