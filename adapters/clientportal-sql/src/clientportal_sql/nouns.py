"""How each kind of state is kept: its table, told by the fields of its class, and both ways."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access, Account, Session, Throttle
from clientportal.domain.appointment_notices import AppointmentNotice
from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Availability, Service
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.conversations import Conversation, Participant, side_of
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import Document, Share
from clientportal.domain.feeds import Feed
from clientportal.domain.holds import Hold
from clientportal.domain.ids import PracticeId
from clientportal.domain.invites import Invite
from clientportal.domain.meetings import Meeting
from clientportal.domain.messages import Message, Reading, Tombstone, words_of
from clientportal.domain.notices import Notice
from clientportal.domain.people import Assignment, Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Contact, Relationship
from clientportal.domain.texts import folded
from clientportal.flows import State
from clientportal.receipts import Stale, Taken
from clientportal_sql.cells import Cell
from clientportal_sql.leaves import dump_of, leaves_of, maker_of
from clientportal_sql.statements import P, Row, Seen, Statement
from clientportal_sql.tables import KEPT, META, WHOLE, practice_column

#: Rows that nearly every statement reads are made into values once; the same cells, the same value.
_ALIKE: Final = 256
#: The values that the check of most owners wants, in the order of its text.
_BY_ID: Final = ("practice", "key_id", "seen")
ID_USED: Final = Taken("id_used")


class Alias:
    """One use of a noun's table in a statement: its columns as they are read, and its own name."""

    def __init__(self, noun: Noun, name: str) -> None:
        self.noun = noun
        self.table = noun.table.alias(name)
        self.c = self.table.c
        self.columns = [self.c[column] for column in noun.read]

    def here(self, *conditions: Any) -> Any:
        """*conditions* within the practice the statement is for."""
        return sa.and_(self.c.practice_id == P, *conditions)


class Noun:
    """How one kind of state is kept.

    *key* are the fields that follow the practice in the primary key, *derived* what is kept
    beside the fields because statements look for it, *kept* columns that a batch keeps up to date
    by itself, *points_at* which columns name what other noun, *clash* what it means when its key is
    already there.
    """

    def __init__(
        self,
        kind: type,
        *key: str,
        derived: Mapping[str, Callable[[Any], str]] | None = None,
        kept: Mapping[str, Any] | None = None,
        points_at: Mapping[str, str] | None = None,
        clash: Stale | Taken = ID_USED,
    ) -> None:
        self.kind, self.key, self.clash, self.derived = kind, key, clash, dict(derived or {})
        self.name = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()
        self.is_owner = getattr(kind, "belongs_to", True) is None
        self.is_append_only = kind in (Message, Tombstone)
        self.has_claims = getattr(kind, "claims", ()) != ()
        self.leaves = tuple(leaves_of(kind))
        self.written = tuple(leaf for leaf in self.leaves if leaf.name != "practice_id")
        self.read = [*(["version"] if self.is_owner else []), *(leaf.name for leaf in self.leaves)]
        made = maker_of(kind, {leaf.path: self.read.index(leaf.name) for leaf in self.leaves})
        self._made = lru_cache(_ALIKE)(made) if kind in (Practice, StaffMember) else made
        self._dump = dump_of(self.written)
        self._flat = ["practice", "seen", *(leaf.name for leaf in self.written), *self.derived]
        self._picks: dict[str, Any] = {}  # by the text of a statement: where its values lie
        self._present = self.read.index(key[0]) if key[0] in self.read else 0
        self.table = self._table(points_at or {}, kept or {})
        self._statements()

    def _table(self, points_at: Mapping[str, str], kept: Mapping[str, Any]) -> sa.Table:
        columns = [sa.Column("version", WHOLE, nullable=False)] if self.is_owner else []
        columns += [self._column(leaf.name, leaf.cell) for leaf in self.written]
        columns += [self._column(name, Cell(sa.Text)) for name in self.derived]
        columns += [sa.Column(name, type_, nullable=True) for name, type_ in kept.items()]
        first = [c for name in self.key for c in columns if c.name == name]
        rest = [c for c in columns if c.name not in self.key]
        to = [
            sa.ForeignKeyConstraint(
                ["practice_id", column],
                [f"{noun}.practice_id", f"{noun}.id"],
                deferrable=True,
                initially="DEFERRED",
            )
            for column, noun in points_at.items()
        ]
        return sa.Table(self.name, META, practice_column(), *first, *rest, *to, **KEPT)

    def _column(self, name: str, cell: Cell) -> sa.Column[Any]:
        key = name in self.key
        nullable = cell.nullable and not key
        return sa.Column(name, cell.type, primary_key=key, nullable=nullable, autoincrement=False)

    def _statements(self) -> None:
        self._numbers = [isinstance(self.table.c[n].type, sa.BigInteger) for n in self.key]
        t, me = self.table, Alias(self, self.name)
        is_it = [me.c[name] == sa.bindparam(f"key_{name}") for name in self.key]
        self.get = Statement(sa.select(*me.columns).where(me.here(*is_it)))
        names = [leaf.name for leaf in self.written] + list(self.derived)
        values: dict[str, Any] = {name: sa.bindparam(name) for name in names}
        new = {"practice_id": P, **({"version": sa.literal_column("1")} if self.is_owner else {})}
        self.insert = Statement(t.insert().values({**new, **values}))
        others = {name: values[name] for name in names if name not in self.key}
        same = sa.and_(
            t.c.practice_id == P, *(t.c[n] == sa.bindparam(f"key_{n}") for n in self.key)
        )
        if self.is_owner:
            now = sa.and_(same, t.c.version == sa.bindparam("seen"))
            self.check = Statement(sa.select(sa.literal_column("1")).select_from(t).where(now))
            raised = {"version": t.c.version + sa.literal_column("1")}
            self.update = Statement(t.update().where(now).values({**raised, **others}))
        elif not self.is_append_only:
            self.upsert = Statement(_upsert(t, self.key, {**new, **values}, list(others)))

    def take(self, row: Row, at: int, seen: Seen | None = None) -> Any:
        """The state in *row* from column *at* on, or None where there is none."""
        if row[at + self._present] is None:
            return None
        state = self._made(row[at : at + len(self.read)])
        if seen is not None and self.is_owner:
            key = (self.kind, state.id)
            version, known = seen.get(key, (row[at], None))  # what was decided on first counts
            if known is None:
                seen[key] = (version, state)
        return state

    def written_as(
        self, statement: Statement, practice_id: PracticeId, state: State, version: int = 0
    ) -> tuple[Any, ...]:
        """The values of *statement*, one of `insert`, `update`, `upsert`, that write *state*."""
        pick = self._picks.get(statement.text)
        if pick is None:
            at = {name: place for place, name in enumerate(self._flat)}
            at |= {f"key_{name}": at[name] for name in self.key}
            pick = itemgetter(*[at[name] for name in statement.names])
            self._picks[statement.text] = pick
        derived = [turn(state) for turn in self.derived.values()] if self.derived else ()
        values: tuple[Any, ...] = pick((practice_id, version, *self._dump(state), *derived))
        return values

    def checked(self, practice_id: PracticeId, id: str, version: int) -> tuple[Any, ...]:  # noqa: A002
        """The values of `check`: that the owner under *id* still is at *version*."""
        if self.check.names == _BY_ID:
            return practice_id, id, version
        key = self.key_of(id) or {}
        return self.check.values({"practice": practice_id, "seen": version, **key})

    def key_of(self, id: str) -> dict[str, Any] | None:  # noqa: A002 - the word of the domain
        """The key columns that *id* says, or None where it cannot be an id of this noun."""
        parts = id.split("/", len(self.key) - 1) if len(self.key) > 1 else [id]
        if len(parts) != len(self.key) or any(
            n and not (p.isascii() and p.isdigit())
            for n, p in zip(self._numbers, parts, strict=True)
        ):
            return None
        typed = [int(p) if n else p for n, p in zip(self._numbers, parts, strict=True)]
        return {f"key_{name}": part for name, part in zip(self.key, typed, strict=True)}


def _upsert(table: sa.Table, key: tuple[str, ...], row: dict[str, Any], names: list[str]) -> Any:
    from sqlalchemy.dialects.sqlite import insert

    new = insert(table).values(row)
    index = ["practice_id", *key]
    if not names:
        return new.on_conflict_do_nothing(index_elements=index)
    return new.on_conflict_do_update(
        index_elements=index, set_={name: new.excluded[name] for name in names}
    )


def _level(availability: Availability) -> str:
    return availability.id


def _folded_email(invite: Invite) -> str:
    return folded(invite.email)


def _side(participant: Participant) -> str:
    return side_of(participant.person).value


def _words(message: Message) -> str:
    """Its words between blanks, so that a word is found and no part of one."""
    return f" {' '.join(words_of(message.text))} "


_CLIENT, _STAFF = {"client_id": "client"}, {"staff_id": "staff_member"}
_TALK: Final = {"conversation_id": "conversation"}

NOUNS: Final[Mapping[type, Noun]] = {
    noun.kind: noun
    for noun in (
        Noun(Practice, "id"),
        Noun(Client, "id"),
        Noun(StaffMember, "id"),
        Noun(Assignment, "client_id", "staff_id", points_at={**_CLIENT, **_STAFF}),
        Noun(Account, "id", points_at=_STAFF),
        Noun(Access, "client_id", "account_id", points_at={**_CLIENT, "account_id": "account"}),
        Noun(Session, "id", points_at={"account_id": "account"}),
        Noun(Throttle, "id", clash=Stale()),
        Noun(
            Invite, "id", derived={"folded_email": _folded_email}, points_at={**_CLIENT, **_STAFF}
        ),
        Noun(Service, "id"),
        Noun(
            Availability,
            "id",
            derived={"id": _level},
            points_at={**_STAFF, "service_id": "service"},
        ),
        Noun(Appointment, "id", points_at={**_CLIENT, **_STAFF, "service_id": "service"}),
        Noun(
            Meeting,
            "appointment_id",
            "sequence",
            points_at={"appointment_id": "appointment"},
        ),
        Noun(
            AppointmentNotice,
            "appointment_id",
            "sequence",
            "topic",
            "minutes",
            "medium",
            "person",
            clash=Stale(),
            points_at={"appointment_id": "appointment"},
        ),
        Noun(Hold, "id", points_at={**_CLIENT, **_STAFF, "service_id": "service"}),
        Noun(Conversation, "id"),
        Noun(
            Participant,
            "conversation_id",
            "person",
            derived={"side": _side},
            kept={"last_at": WHOLE},
            points_at=_TALK,
        ),
        Noun(Message, "id", derived={"words": _words}, points_at=_TALK),
        Noun(Tombstone, "message_id", points_at={**_TALK, "message_id": "message"}),
        Noun(Reading, "conversation_id", "person", clash=Stale(), points_at=_TALK),
        Noun(Notice, "conversation_id", "person", clash=Stale(), points_at=_TALK),
        Noun(Contact, "id"),
        Noun(Relationship, "id", points_at=_CLIENT),
        Noun(Document, "id", points_at=_CLIENT),
        Noun(Share, "document_id", "reader", points_at={"document_id": "document"}),
        Noun(BusyCalendar, "staff_id", "source", points_at=_STAFF),
        Noun(Feed, "person", clash=Stale()),
        Noun(Delivery, "position", clash=Stale()),
    )
}

_places = {table.name: place for place, table in enumerate(META.sorted_tables)}
#: The order in which nouns are written, so that what is referred to is there.
RANKS: Final[Mapping[type, int]] = {kind: _places[noun.name] for kind, noun in NOUNS.items()}
