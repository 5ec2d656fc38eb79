"""What several answers share: the joins around a client and an actor, and what becomes of a row."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import Moment, microseconds
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Relationship
from clientportal.errors import NotFoundError
from clientportal.flows import Query
from clientportal.policies.standing import Standing
from clientportal_sql.nouns import NOUNS, Alias
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement
from clientportal_sql.tables import BUSY, CLAIM, WHOLE

Build = Callable[[Rows, Seen], Any]
FIRST: Final = -(2**63)
LAST: Final = 2**63 - 1
ZERO: Final[Any] = sa.literal_column("0")
ONE: Final[Any] = sa.literal_column("1")


def bound(name: str, type_: Any = None) -> Any:
    """A value that the statement is given under *name*."""
    return sa.bindparam(name, type_=type_)


def moment_or(moment: Moment | None, other: int) -> int:
    """*moment* as it is stored, or *other* where there is none."""
    return other if moment is None else microseconds(moment)


def word(text: str) -> Any:
    """A constant of ours, written into the statement."""
    return sa.literal_column(f"'{text}'")


def alias(kind: type, name: str | None = None) -> Alias:
    """A use of the table of *kind* in a statement."""
    return Alias(NOUNS[kind], name or NOUNS[kind].name)


def listed(name: str) -> Any:
    """The texts of a JSON array given under *name*, one a row."""
    rows = sa.func.json_each(bound(name)).table_valued("value")
    return sa.select(rows.c.value)


def gathered(noun: Alias, *conditions: Any) -> Any:
    """The rows of *noun* that meet *conditions* as one JSON array, in a single cell."""
    rows = sa.select(sa.func.json_group_array(sa.func.json_array(*noun.columns)))
    return rows.where(noun.here(*conditions)).scalar_subquery()


def states_in(cell: str, noun: Alias, seen: Seen | None = None) -> list[Any]:
    """The states that `gathered` put into *cell*; owners among them go into *seen*."""
    return [noun.noun.take(tuple(row), 0, seen) for row in json.loads(cell)]


def there_is(source: Any, *conditions: Any, among: tuple[Alias, ...]) -> Any:
    """Whether *source* has a row that meets *conditions*; all but *among* are of statements around.

    Said outright: SQLAlchemy by itself looks one statement up, and joins the rest anew.
    """
    own = [each.table for each in among]
    found = sa.select(ONE).select_from(source).where(*conditions)
    return sa.exists(found.correlate_except(*own))


def holder(claim: str, value: Any) -> Any:
    """The id of whoever holds a unique claim: the claims are the index of what exists once."""
    table = CLAIM.alias()
    found = (table.c.practice_id == P, table.c.name == word(claim), table.c.value == value)
    return sa.select(table.c.owner).where(*found).scalar_subquery()


def time_held(resource: Any, name: str = "busy") -> Any:
    """What is held of *resource*, in the hours given, as `masks.held` reads it.

    *name* tells one use of the table from another of the same statement.
    """
    busy = BUSY.alias(name)
    cells = (busy.c.resource, busy.c.hour, busy.c.lane, busy.c.seat, busy.c.minutes)
    return (
        sa.select(sa.func.json_group_array(sa.func.json_array(*cells)))
        .where(
            busy.c.practice_id == P,
            busy.c.resource == resource,
            busy.c.hour >= bound("first_hour", WHOLE),
            busy.c.hour < bound("end_hour", WHOLE),
            busy.c.minutes != ZERO,
        )
        .scalar_subquery()
    )


def ask(statement: Statement, practice_id: PracticeId, build: Build, **named: Any) -> Asked:
    """*statement* with its values, for one practice."""
    named["practice"] = practice_id
    return Asked(statement.text, statement.values(named), build)


def as_list(ids: Iterable[str]) -> str:
    """*ids* as `listed` takes them."""
    return json.dumps(list(ids))


def only(rows: Rows, need: Query[Any], id: str) -> Row:  # noqa: A002 - the word of the domain
    """The first row. Raises `NotFoundError` of the subject where there is none."""
    if not rows:
        raise NotFoundError(need.subject, id)
    return rows[0]


def is_on_roster(client_id: Any, staff_id: Any) -> Any:
    """Whether a client is on a staff member's roster now (PPL-4)."""
    entry = alias(Assignment, "on_roster")
    met = (entry.c.client_id == client_id, entry.c.staff_id == staff_id, entry.c.until.is_(None))
    return there_is(entry.table, entry.here(*met), among=(entry,))


def is_on_any_roster(client_id: Any) -> Any:
    """Whether a client is on anybody's roster now (MSG-7)."""
    entry = alias(Assignment, "on_any_roster")
    met = (entry.c.client_id == client_id, entry.c.until.is_(None))
    return there_is(entry.table, entry.here(*met), among=(entry,))


def who(actor: Actor) -> dict[str, Any]:
    """What statements are told of an actor: nothing that their capacity does not carry."""
    return {
        "staff": actor.staff_id if actor.is_staff else None,
        "roster": actor.staff_id,
        **way_in(actor),
    }


def way_in(actor: Actor) -> dict[str, Any]:
    """What statements are told of an actor to find their access, as `is_way_in` asks for it."""
    return {
        "account": actor.account_id,
        "by_client": int(actor.is_client and actor.account_id is None),
    }


def is_way_in(access: Alias, client_id: Any) -> Any:
    """Whether *access* is the actor's account's; of a client without, the client's own live one."""
    own = (access.c.relationship_id.is_(None), access.c.ended_at.is_(None))
    found = sa.or_(
        access.c.account_id == bound("account"), sa.and_(bound("by_client", WHOLE) == ONE, *own)
    )
    return access.here(access.c.client_id == client_id, found)


class StandingJoins:
    """How an actor stands to the client called *client_id*: the joins, and their columns."""

    names = ("practice", "client", "actor_staff", "actor_assigned", "access", "relationship")

    def __init__(self, client_id: Any) -> None:
        self.practice, self.client = alias(Practice), alias(Client)
        self.staff, self.access = alias(StaffMember, "actor_staff"), alias(Access)
        self.bond = alias(Relationship)
        self._client_id = client_id
        assigned = is_on_roster(self.client.c.id, bound("roster"))
        columns = (self.practice, self.client, self.staff, assigned, self.access, self.bond)
        self.parts = dict(zip(self.names, columns, strict=True))

    def around(self, source: Any | None = None) -> Any:
        """The joins, beginning at *source* where the client is told by it."""
        practice, client, staff, access, bond = (
            self.practice, self.client, self.staff, self.access, self.bond
        )  # fmt: skip
        here = practice.here(practice.c.id == P)
        start = practice.table if source is None else source.join(practice.table, here)
        return (
            start.join(client.table, client.here(client.c.id == self._client_id))
            .outerjoin(staff.table, staff.here(staff.c.id == bound("staff")))
            .outerjoin(access.table, is_way_in(access, client.c.id))
            .outerjoin(bond.table, bond.here(bond.c.id == access.c.relationship_id))
        )


def standing_in(picked: Picked, row: Row, seen: Seen, actor: Actor) -> Standing:
    """How *actor* stands to the client in *row*."""
    found = picked.take(row, seen, *StandingJoins.names)
    practice, client, staff, assigned, access, bond = found
    return Standing(
        practice=practice,
        client=client,
        actor=actor,
        staff=staff,
        assigned=bool(assigned),
        access=access,
        relationship=bond,
    )
