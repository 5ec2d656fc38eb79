"""Answers about conversations: who may write, what was written, what is read (MSG-2 to MSG-15)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Message, Participant, Reading
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import microseconds
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.errors import NotFoundError
from clientportal.policies.conversations import Correspondent, WritingFacts
from clientportal.ports import queries as q
from clientportal_sql.joins import (
    LAST,
    ZERO,
    alias,
    as_list,
    ask,
    bound,
    is_on_any_roster,
    is_on_roster,
    is_way_in,
    listed,
    only,
    way_in,
    word,
)
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_practice, _client, _staff, _access = (
    alias(Practice), alias(Client), alias(StaffMember), alias(Access)
)  # fmt: skip
_conversation, _participant = alias(Conversation), alias(Participant)
_message, _reading = alias(Message), alias(Reading)

_parts: Final = {
    "staff": _staff,
    "assigned": is_on_roster(_client.c.id, _staff.c.id),
    "practice": _practice,
    "client": _client,
    "access": _access,
    "on_a_roster": is_on_any_roster(_client.c.id),
}
_ABOUT: Final = Picked(**_parts)
_begun: Final = {**_parts, "conversation": _conversation, "reading": _reading}
_WRITING: Final = Picked(**_begun)


_BEGUN: Final = ("conversation", "reading")
_read = sa.and_(
    _reading.c.conversation_id == _conversation.c.id, _reading.c.person == bound("person")
)


def _around(source: Any) -> Any:
    """Whom *source*, which holds the client, is about: the practice, and the actor's access."""
    return source.join(_practice.table, _practice.here(_practice.c.id == P)).outerjoin(
        _access.table, is_way_in(_access, _client.c.id)
    )


def _taking_part(source: Any) -> Any:
    """*source*, which holds the conversation, with its client and all who take part now."""
    here = _participant.here(
        _participant.c.conversation_id == _conversation.c.id, _participant.c.until.is_(None)
    )
    whose = _client.here(_client.c.id == _conversation.c.client_id)
    return (
        _around(source.join(_client.table, whose))
        .outerjoin(_participant.table, here)
        .outerjoin(_staff.table, _staff.here(_staff.c.id == _participant.c.staff_id))
        .outerjoin(_reading.table, _reading.here(_read))
    )


def _correspondents(picked: Picked, rows: Iterable[Row], seen: Seen | None) -> Any:
    found = [picked.take(row, seen, "staff", "assigned") for row in rows]
    return tuple(
        Correspondent(staff=staff, assigned=bool(assigned))
        for staff, assigned in found
        if staff is not None
    )


def _facts(picked: Picked, rows: Rows, seen: Seen | None, actor: Actor) -> WritingFacts:
    names = ("practice", "client", "access", "on_a_roster")
    practice, client, access, on_a_roster = picked.take(rows[0], seen, *names)
    begun = (None, None) if picked is _ABOUT else picked.take(rows[0], seen, *_BEGUN)
    return WritingFacts(
        actor=actor,
        practice=practice,
        client=client,
        correspondents=_correspondents(picked, rows, seen),
        on_a_roster=bool(on_a_roster),
        access=access,
        conversation=begun[0],
        reading=begun[1],
    )


_WRITING_OF: Final = Statement(
    sa.select(*_WRITING.columns)
    .select_from(_taking_part(_conversation.table))
    .where(_conversation.here(_conversation.c.id == bound("conversation")))
    .order_by(_staff.c.id)
)


def writing_facts_of(practice_id: PracticeId, need: q.WritingFactsOf) -> Asked:
    """Answers `WritingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> WritingFacts:
        only(rows, need, need.conversation_id)
        return _facts(_WRITING, rows, seen, need.actor)

    named = {"conversation": need.conversation_id, "person": need.actor.person or ""}
    return ask(_WRITING_OF, practice_id, build, **named, **way_in(need.actor))


def _with(*staff: Any) -> Statement:
    """What decides about writing to a client, with the staff that *staff* tells."""
    joined = (
        _practice.table.outerjoin(_client.table, _client.here(_client.c.id == bound("client")))
        .outerjoin(_access.table, is_way_in(_access, _client.c.id))
        .outerjoin(_staff.table, _staff.here(*staff))
    )
    return Statement(
        sa.select(*_ABOUT.columns)
        .select_from(joined)
        .where(_practice.here(_practice.c.id == P))
        .order_by(_staff.c.id)
    )


_STARTING: Final = _with(_staff.c.id.in_(listed("staff_ids")))
_RECIPIENTS: Final = _with(_staff.c.status == word("active"))


def _facts_about(
    rows: Rows, seen: Seen, need: q.StartingFactsOf | q.RecipientsOf, practice_id: PracticeId
) -> WritingFacts:
    """The facts of a new conversation; the practice's absence is the practice's own."""
    if not rows:
        raise NotFoundError("practice", practice_id)
    if _ABOUT.take(rows[0], None, "client") == (None,):
        raise NotFoundError(need.subject, need.client_id)
    return _facts(_ABOUT, rows, seen, need.actor)


def starting_facts_of(practice_id: PracticeId, need: q.StartingFactsOf) -> Asked:
    """Answers `StartingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> WritingFacts:
        facts = _facts_about(rows, seen, need, practice_id)
        if len(facts.correspondents) != len(set(need.staff_ids)):
            raise NotFoundError(need.subject, need.client_id)
        return facts

    return ask(
        _STARTING,
        practice_id,
        build,
        client=need.client_id,
        staff_ids=as_list(need.staff_ids),
        **way_in(need.actor),
    )


def recipients_of(practice_id: PracticeId, need: q.RecipientsOf) -> Asked:
    """Answers `RecipientsOf`."""

    def build(rows: Rows, seen: Seen) -> WritingFacts:
        return _facts_about(rows, seen, need, practice_id)

    named = {"client": need.client_id, **way_in(need.actor)}
    return ask(_RECIPIENTS, practice_id, build, **named)


_paged = alias(Conversation, "paged")
_taken = alias(Participant, "taken")
_takes_part = _paged.c.id.in_(
    sa.select(_taken.c.conversation_id).where(
        _taken.here(_taken.c.staff_id == bound("person"), _taken.c.until.is_(None))
    )
)
_before = sa.tuple_(_paged.c.last_at, _paged.c.id) < sa.tuple_(
    bound("after_at", WHOLE), bound("after_id", sa.Text)
)


def _page(picked: Picked, whose: Any, *more: tuple[Any, Any]) -> Statement:
    """A page of the conversations that *whose* tells, latest first, with all who take part."""
    page = (
        sa.select(_paged.c.id)
        .where(_paged.here(whose, _before))
        .order_by(_paged.c.last_at.desc(), _paged.c.id.desc())
        .limit(bound("limit", WHOLE))
        .offset(ZERO)
        .subquery("page")
    )
    joined = _taking_part(
        page.join(_conversation.table, _conversation.here(_conversation.c.id == page.c.id))
    )
    for noun, found in more:
        joined = joined.outerjoin(noun.table, noun.here(found))
    latest_first = (_conversation.c.last_at.desc(), _conversation.c.id.desc(), _staff.c.id)
    return Statement(sa.select(*picked.columns).select_from(joined).order_by(*latest_first))


_INBOX: Final = Picked(**_begun, latest=_message)
_last = sa.and_(
    _message.c.conversation_id == _conversation.c.id,
    _message.c.sequence == _conversation.c.last_sequence,
)
_OF_CLIENT: Final = _page(_INBOX, _paged.c.client_id == bound("person"), (_message, _last))
_OF_STAFF: Final = _page(_INBOX, _takes_part, (_message, _last))
_ABOUT_CLIENT: Final = _page(_WRITING, _paged.c.client_id == bound("client"))


def _by_conversation(picked: Picked, rows: Rows) -> Iterable[Rows]:
    """The rows of each conversation: they lie side by side."""
    at = picked.at("conversation") + 1
    return (list(group) for _, group in groupby(rows, key=lambda row: row[at]))


def _item(rows: Rows, actor: Actor) -> q.InboxItem | None:
    (latest,) = _INBOX.take(rows[0], None, "latest")
    if latest is None:
        return None
    return q.InboxItem(facts=_facts(_INBOX, rows, None, actor), latest=latest)


def inbox_of(practice_id: PracticeId, need: q.InboxOf) -> Asked:
    """Answers `InboxOf`."""

    def build(rows: Rows, _: Seen) -> tuple[q.InboxItem, ...]:
        items = (_item(group, need.actor) for group in _by_conversation(_INBOX, rows))
        return tuple(item for item in items if item is not None)

    after = need.after
    return ask(
        _OF_STAFF if need.actor.is_staff else _OF_CLIENT,
        practice_id,
        build,
        person=need.actor.person or "",
        **way_in(need.actor),
        after_at=LAST if after is None else microseconds(after[0]),
        after_id="" if after is None else after[1],
        limit=need.limit,
    )


def conversations_about(practice_id: PracticeId, need: q.ConversationsAbout) -> Asked:
    """Answers `ConversationsAbout`."""

    def build(rows: Rows, _: Seen) -> tuple[WritingFacts, ...]:
        groups = _by_conversation(_WRITING, rows)
        return tuple(_facts(_WRITING, group, None, need.actor) for group in groups)

    return ask(
        _ABOUT_CLIENT,
        practice_id,
        build,
        client=need.client_id,
        person=need.actor.person or "",
        **way_in(need.actor),
        after_at=LAST,
        after_id="",
        limit=need.limit,
    )
