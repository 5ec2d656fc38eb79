"""Facts for tables: one of everybody, and how they stand to each other, without storage."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from attrs import evolve

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ContactId,
    PracticeId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.people import (
    Client,
    ClientStatus,
    Permissions,
    Reach,
    StaffMember,
    StaffStatus,
)
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice
from clientportal.domain.relationships import Relationship, Scope
from clientportal.policies.correspondence import Correspondent, Counterpart
from clientportal.policies.decision import Decision
from clientportal.policies.standing import PracticeFacts, Standing

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
BEGAN: Final = NOW - timedelta(days=400)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
INSTANT: Final = timedelta(microseconds=1)

P: Final = PracticeId("prc_1")
ANN, BEN = ClientId("cli_1"), ClientId("cli_2")
PIA, ROB, TOM = StaffId("stf_1"), StaffId("stf_2"), StaffId("stf_3")
ANNS, DORAS = AccountId("acc_1"), AccountId("acc_2")
DORA, BOND = ContactId("con_1"), RelationshipId("rel_1")

NOBODY: Final = Permissions()
ALL: Final = Reach.EVERYTHING
OWN: Final = Reach.ASSIGNED
NONE: Final = Reach.NONE


def practice(**given: Any) -> Practice:
    """A practice in UTC that is reply only since long ago."""
    since = (PolicySince(MessagingPolicy.REPLY_ONLY, BEGAN),)
    return Practice(**{"id": P, "name": "Riverside", "policies": since, **given})


def client(client_id: ClientId = ANN, *, archived: bool = False, **given: Any) -> Client:
    """A client, active unless archived."""
    status = ClientStatus.ARCHIVED if archived else ClientStatus.ACTIVE
    return Client(**{"id": client_id, "given_name": "Ann", "status": status, **given})


def staff(
    staff_id: StaffId = PIA, *, left: bool = False, takes_messages: bool = True, **may: Any
) -> StaffMember:
    """A staff member with exactly the permissions named."""
    status = StaffStatus.LEFT if left else StaffStatus.ACTIVE
    return StaffMember(
        id=staff_id,
        name="Pia",
        email="pia@example.org",
        permissions=Permissions(**may),
        takes_messages=takes_messages,
        status=status,
    )


def actor(capacity: Capacity, **given: Any) -> Actor:
    """Somebody in one capacity."""
    return Actor(practice_id=P, capacity=capacity, **given)


AS_PIA: Final = actor(Capacity.STAFF, staff_id=PIA)
AS_ANN: Final = actor(Capacity.CLIENT, client_id=ANN, account_id=ANNS)
AS_BEN: Final = actor(Capacity.CLIENT, client_id=BEN)
AS_ROB: Final = actor(Capacity.STAFF, staff_id=ROB)
AS_DORA: Final = actor(Capacity.PROXY, client_id=ANN, account_id=DORAS, relationship_id=BOND)
VISITOR: Final = actor(Capacity.VISITOR)
SYSTEM: Final = actor(Capacity.SYSTEM)


def access(*, ended: bool = False, through: RelationshipId | None = None) -> Access:
    """A way into Ann's portal: her own, or through a relationship."""
    account_id = ANNS if through is None else DORAS
    end = BEGAN if ended else None
    return Access(
        client_id=ANN, account_id=account_id, relationship_id=through, since=BEGAN, ended_at=end
    )


def bond(*scopes: Scope, ended: bool = False, informed: bool = False) -> Relationship:
    """Ann's relationship with Dora."""
    return Relationship(
        id=BOND,
        client_id=ANN,
        person=DORA,
        kind="mother",
        scopes=frozenset(scopes),
        shares_information=informed,
        since=BEGAN,
        until=NOW - DAY if ended else None,
    )


def counterpart(
    client_id: ClientId = ANN, *, archived: bool = False, rostered: bool = False
) -> Counterpart:
    """A client who takes part; *rostered* tells of anybody's roster."""
    return Counterpart(
        client_id=client_id, name="Ann", is_active=not archived, is_on_a_roster=rostered
    )


def correspondent(
    staff_id: StaffId = PIA,
    *assigned: ClientId,
    left: bool = False,
    view: Reach = ALL,
    takes_messages: bool = True,
) -> Correspondent:
    """A staff member who takes part, may view everybody, and has *assigned* on their roster."""
    return Correspondent(
        staff_id=staff_id,
        name="Pia",
        is_active=not left,
        takes_messages=takes_messages,
        views=view,
        assigned=frozenset(assigned),
    )


def by_staff(
    *, assigned: bool = False, left: bool = False, archived: bool = False, **may: Any
) -> Standing:
    """Pia with these permissions, before Ann."""
    return Standing(
        practice=practice(),
        client=client(archived=archived),
        actor=AS_PIA,
        staff=staff(left=left, **may),
        assigned=assigned,
    )


def by_ann(*, ended: bool = False, archived: bool = False) -> Standing:
    """Ann before her own record."""
    return Standing(
        practice=practice(),
        client=client(archived=archived),
        actor=AS_ANN,
        access=access(ended=ended),
    )


def by_dora(
    *scopes: Scope, ended: bool = False, informed: bool = False, revoked: bool = False
) -> Standing:
    """Dora before Ann's record, with these scopes."""
    return Standing(
        practice=practice(),
        client=client(),
        actor=AS_DORA,
        access=access(ended=revoked, through=BOND),
        relationship=bond(*scopes, ended=ended, informed=informed),
    )


def outsider(who: Actor) -> Standing:
    """Somebody who has nothing to do with Ann."""
    return Standing(practice=practice(), client=client(), actor=who)


OUTSIDERS: Final = (
    outsider(VISITOR),
    outsider(SYSTEM),
    outsider(AS_BEN),
    outsider(AS_ANN),
    outsider(AS_DORA),
    outsider(AS_PIA),
    evolve(by_staff(), staff=None),
    by_staff(
        left=True,
        assigned=True,
        view_clients=ALL,
        edit_clients=ALL,
        view_documentation=ALL,
        edit_documentation=ALL,
        view_calendar=ALL,
        edit_calendar=ALL,
        practice_settings=True,
    ),
    by_staff(assigned=True),
    by_ann(ended=True),
    by_dora(*Scope, ended=True, informed=True),
    by_dora(*Scope, informed=True, revoked=True),
)


def practice_facts(
    who: Actor = AS_PIA, *, left: bool = False, known: bool = True, **may: Any
) -> PracticeFacts:
    """Somebody before the practice as a whole; Pia has these permissions."""
    me = staff(left=left, **may) if who.is_staff and known else None
    return PracticeFacts(practice=practice(), actor=who, staff=me)


def said(decision: Decision) -> tuple[bool, str]:
    """Verdict and reason."""
    return decision.allowed, decision.reason.code


def born(year: int, month: int = 1, day: int = 1) -> date:
    """A birth date."""
    return date(year, month, day)
