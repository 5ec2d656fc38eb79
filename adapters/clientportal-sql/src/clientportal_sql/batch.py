"""The whole of a commit as one ordered batch of statements, each saying what its failure means.

Pure: what to send is decided here, a driver only sends it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeAlias

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from clientportal.domain.claims import Claim, Exclusive, Unique
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import EPOCH, microseconds, moment_of
from clientportal.errors import IntegrityError
from clientportal.flows import RowResult, State
from clientportal.receipts import (
    Commit,
    Entry,
    KeyUsed,
    Published,
    Receipt,
    Result,
    Stale,
    Taken,
)
from clientportal_sql.follows import FOLLOWS
from clientportal_sql.joins import ONE, bound
from clientportal_sql.masks import hours
from clientportal_sql.nouns import ID_USED, NOUNS, RANKS
from clientportal_sql.statements import P, Rows, Seen, Statement
from clientportal_sql.tables import AUDIT, BUSY, CLAIM, IDEMPOTENCY, OUTBOX, WHOLE

Key: TypeAlias = tuple[type, str]

_ALL_MINUTES: Final = (1 << 60) - 1
_KEY_USED: Final = KeyUsed("", Receipt(reason=""), EPOCH)
_SLOT_TAKEN: Final = Taken("slot_taken")
_STALE: Final = Stale()


#: One statement of a batch: its text, its values, and what it means when it finds nothing or
#: breaks a constraint.
Step: TypeAlias = tuple[str, tuple[Any, ...], Result, Result]


def _row(table: sa.Table) -> dict[str, Any]:
    return {c.name: P if c.name == "practice_id" else bound(c.name) for c in table.c}


_TAKE: Final = Statement(CLAIM.insert().values(_row(CLAIM)))
_mine = sa.and_(CLAIM.c.practice_id == P, CLAIM.c.owner == bound("owner"))
_FREE: Final = Statement(
    CLAIM.delete().where(_mine, CLAIM.c.name == bound("name"), CLAIM.c.value == bound("value"))
)
_FREE_ALL: Final = Statement(CLAIM.delete().where(_mine))
_occupied = insert(BUSY).values(_row(BUSY))
_minutes, _wanted = BUSY.c.minutes, _occupied.excluded.minutes
_OCCUPY: Final = Statement(
    _occupied.on_conflict_do_update(
        index_elements=[c.name for c in BUSY.primary_key],
        set_={
            "minutes": sa.case(
                (
                    _minutes.bitwise_and(_wanted) == sa.literal_column("0"),
                    _minutes.bitwise_or(_wanted),
                ),
                else_=sa.literal_column("-1"),
            )
        },
    )
)
_VACATE: Final = Statement(
    BUSY.update()
    .where(
        BUSY.c.practice_id == P,
        BUSY.c.resource == bound("resource"),
        BUSY.c.hour == bound("hour"),
        BUSY.c.lane == bound("lane"),
        BUSY.c.seat == bound("seat"),
    )
    .values(minutes=_minutes.bitwise_and(bound("others", WHOLE)))
)
_next = sa.func.coalesce(sa.func.max(OUTBOX.c.position), sa.literal_column("0")) + ONE
_EMIT: Final = Statement(
    OUTBOX.insert().from_select(
        ["practice_id", "position", "entry_id", "name", "body", "is_pending"],
        sa.select(P, _next, bound("entry_id"), bound("name"), bound("body"), ONE).where(
            OUTBOX.c.practice_id == P
        ),
    )
)
_AUDIT: Final = Statement(AUDIT.insert().values(_row(AUDIT)))
_KEEP: Final = Statement(IDEMPOTENCY.insert().values(_row(IDEMPOTENCY)))
RECALL: Final = Statement(
    sa.select(*list(IDEMPOTENCY.c)[2:]).where(
        IDEMPOTENCY.c.practice_id == P, IDEMPOTENCY.c.key == bound("key")
    )
)


def recalled(rows: Rows) -> KeyUsed | None:
    """What was committed under the key whose row this is."""
    if not rows:
        return None
    fingerprint, reason, events, results, at = rows[0]
    receipt = Receipt(
        reason=reason,
        events=tuple(Published(name=name, body=body) for name, body in json.loads(events)),
        results=tuple(
            RowResult(key=key, code=code, field=field) for key, code, field in json.loads(results)
        ),
    )
    return KeyUsed(fingerprint, receipt, moment_of(at))


def batch_of(practice_id: PracticeId, seen: Seen, commit: Commit) -> tuple[Step, ...]:
    """Key, versions, states, claims, events, record: in this order, in one transaction.

    What was read is written first, so that stale is told before taken; then what others refer to.
    Raises `IntegrityError` for a member that is written without its owner: a bug of the caller.
    """
    final = {(type(s), s.id): s for change in commit.changes for s in change.states}
    made = {(type(s), s.id) for change in commit.changes for s in change.made}
    _check_owners(final)
    named = {"practice": practice_id}
    ordered = sorted(final, key=lambda key: (key not in seen, RANKS[key[0]]))
    steps = _kept(named, commit)
    if final or _is_done(commit):
        steps += [_check(practice_id, key, *was) for key, was in seen.items() if key not in final]
    for key in ordered:
        is_new = key in made
        version = 0 if is_new or key not in seen else seen[key][0]
        steps.append(_write(practice_id, final[key], version, is_new=is_new))
    steps += [_followed(practice_id, s) for (kind, _), s in final.items() if kind in FOLLOWS]
    steps += _claims(named, seen, final, made)
    steps += _records(named, commit)
    return tuple(steps)


def _is_done(commit: Commit) -> bool:
    """Whether a command was allowed: it must still be, also where it changes nothing."""
    entry = commit.entry
    return commit.receipt is not None and entry is not None and entry.allowed


def _check_owners(final: Mapping[Key, State]) -> None:
    ids = {id_ for _, id_ in final}
    for state in final.values():
        owner = state.belongs_to
        if owner is not None and owner not in ids:
            raise IntegrityError("member without its owner")


def _kept(named: dict[str, Any], commit: Commit) -> list[Step]:
    """The key under which a command is remembered, if it came with one."""
    entry, receipt = commit.entry, commit.receipt
    if entry is None or receipt is None or entry.key is None or not entry.allowed:
        return []
    row = {
        **named,
        "key": entry.key,
        "fingerprint": entry.fingerprint or "",
        "reason": receipt.reason,
        "events": json.dumps([(e.name, e.body) for e in receipt.events], ensure_ascii=False),
        "results": json.dumps(
            [(r.key, r.code, r.field) for r in receipt.results], ensure_ascii=False
        ),
        "at": microseconds(entry.at),
    }
    return [(_KEEP.text, _KEEP.values(row), None, _KEY_USED)]


def _check(practice_id: PracticeId, key: Key, version: int, _: object) -> Step:
    """That an owner which was read, and is not written, still is as it was."""
    noun = NOUNS[key[0]]
    return noun.check.text, noun.checked(practice_id, key[1], version), _STALE, None


def _write(practice_id: PracticeId, state: State, version: int, *, is_new: bool) -> Step:
    """*state* in its row: raised, added, or, for a member, put in place of what was there."""
    noun = NOUNS[type(state)]
    if version:
        values = noun.written_as(noun.update, practice_id, state, version)
        return noun.update.text, values, _STALE, None
    if noun.is_owner or noun.is_append_only or is_new:
        values = noun.written_as(noun.insert, practice_id, state)
        return noun.insert.text, values, None, noun.clash
    return noun.upsert.text, noun.written_as(noun.upsert, practice_id, state), None, None


def _followed(practice_id: PracticeId, state: State) -> Step:
    """What else is written with *state*."""
    statement, named = FOLLOWS[type(state)](state)
    return statement.text, statement.values({"practice": practice_id, **named}), None, None


def _claims(
    named: dict[str, Any], seen: Seen, final: Mapping[Key, State], made: set[Key]
) -> list[Step]:
    """What the claims of states became: all releases, then all takes."""
    freed: list[Step] = []
    taken: list[Step] = []
    for key, state in final.items():
        noun = NOUNS[key[0]]
        if not noun.has_claims:
            continue
        now = state.claims
        was = None if key in made else seen.get(key)
        if was is not None and was[1] is None:
            raise IntegrityError("claims of what was read in part")
        then: tuple[Claim, ...] = () if was is None else was[1].claims
        if not noun.is_owner:
            owned = _FREE_ALL.values({**named, "owner": state.id})
            freed.append((_FREE_ALL.text, owned, None, None))
        freed += [s for c in _ordered(then, now) for s in _released(named, c, state.id)]
        taken += [s for c in _ordered(now, then) for s in _held(named, c, state.id)]
    return freed + taken


def _ordered(claims: tuple[Claim, ...], others: tuple[Claim, ...]) -> list[Claim]:
    """The *claims* that are not among *others*, in the one order that everybody takes them in."""
    if claims == others:
        return []
    return sorted((c for c in claims if c not in others), key=_place)


def _place(claim: Claim) -> tuple[Any, ...]:
    if isinstance(claim, Unique):
        return (0, claim.name, claim.value)
    return (1, claim.resource, claim.lane, claim.seat, claim.interval.start)


def _cells(named: dict[str, Any], claim: Exclusive) -> Iterator[dict[str, Any]]:
    place = {"resource": claim.resource, "lane": claim.lane, "seat": claim.seat}
    for hour, mask in hours(claim.interval):
        yield {**named, **place, "hour": hour, "minutes": mask, "others": _ALL_MINUTES ^ mask}


def _released(named: dict[str, Any], claim: Claim, owner: str) -> Iterator[Step]:
    if isinstance(claim, Unique):
        row = {**named, "name": claim.name, "value": claim.value, "owner": owner}
        yield _FREE.text, _FREE.values(row), None, None
        return
    for cell in _cells(named, claim):
        yield _VACATE.text, _VACATE.values(cell), None, None


def _held(named: dict[str, Any], claim: Claim, owner: str) -> Iterator[Step]:
    if isinstance(claim, Unique):
        row = {**named, "name": claim.name, "value": claim.value, "owner": owner}
        yield _TAKE.text, _TAKE.values(row), None, Taken(claim.name)
        return
    for cell in _cells(named, claim):
        yield _OCCUPY.text, _OCCUPY.values(cell), None, _SLOT_TAKEN


def _records(named: dict[str, Any], commit: Commit) -> Iterator[Step]:
    """The events for the outside, and who did what."""
    entry, receipt = commit.entry, commit.receipt
    if entry is None:
        return
    for event in receipt.events if receipt is not None and entry.allowed else ():
        row = {**named, "entry_id": entry.id, "name": event.name, "body": event.body}
        yield _EMIT.text, _EMIT.values(row), None, None
    for each in (entry, *commit.others):
        yield _AUDIT.text, _AUDIT.values(_audited(each)), None, ID_USED


def _audited(entry: Entry) -> dict[str, Any]:
    return {
        "practice": entry.practice_id,
        "id": entry.id,
        "at": microseconds(entry.at),
        "who": entry.who,
        "capacity": entry.capacity,
        "name": entry.name,
        "about": entry.about,
        "is_allowed": int(entry.allowed),
        "reason": entry.reason,
    }
