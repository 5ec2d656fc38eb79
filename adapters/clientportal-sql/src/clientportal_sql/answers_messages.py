"""Answers about the inbox, who takes part, and what was written (MSG-15, MSG-21)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import ConversationId, PracticeId
from clientportal.domain.messages import Message, Reading, Tombstone
from clientportal.domain.moments import Moment
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.relationships import Contact, Relationship
from clientportal.policies.correspondence import WritingFacts
from clientportal.ports import queries as q
from clientportal_sql.answerable import is_answerable, told
from clientportal_sql.answers_conversations import (
    TALK_AT,
    begun,
    conversation,
    facts_of,
    myself,
    taking_part,
)
from clientportal_sql.joins import LAST, alias, ask, bound, only
from clientportal_sql.pages import SEEN_LAST, begin, key, page
from clientportal_sql.statements import Asked, Picked, Row, Rows, Seen, Statement, grouped
from clientportal_sql.tables import WHOLE

_message, _tombstone = alias(Message), alias(Tombstone)
_posted: Final = {"message": _message, "tombstone": _tombstone}


def _with_tombstones(source: Any) -> Any:
    gone = _tombstone.here(_tombstone.c.message_id == _message.c.id)
    return source.outerjoin(_tombstone.table, gone)


_MESSAGE: Final = Picked(**_posted)
_between = _message.here(
    _message.c.conversation_id == bound("conversation"),
    _message.c.sequence > bound("after", WHOLE),
    _message.c.sequence < bound("before", WHOLE),
)
_MESSAGES_OF: Final = Statement(
    page(
        sa.select(*_MESSAGE.columns)
        .select_from(_with_tombstones(_message.table))
        .where(_between)
        .order_by(_message.c.sequence.desc())
    )
)


def _taken(picked: Picked, row: Row) -> q.Posted | None:
    message, tombstone = picked.take(row, None, "message", "tombstone")
    return None if message is None else q.Posted(message=message, tombstone=tombstone)


def messages_of(practice_id: PracticeId, need: q.MessagesOf) -> Asked:
    """Answers `MessagesOf`."""

    def build(rows: Rows, _: Seen) -> tuple[q.Posted, ...]:
        found = (_taken(_MESSAGE, row) for row in rows)
        return tuple(each for each in found if each is not None)

    return ask(
        _MESSAGES_OF,
        practice_id,
        build,
        conversation=need.conversation_id,
        after=need.after,
        before=need.before,
        limit=need.limit,
    )


_STONE: Final = Picked(tombstone=_tombstone)
_TOMBSTONE_OF: Final = Statement(
    sa.select(*_STONE.columns).where(_tombstone.here(_tombstone.c.message_id == bound("message")))
)


def tombstone_of(practice_id: PracticeId, need: q.TombstoneOf) -> Asked:
    """Answers `TombstoneOf`."""

    def build(rows: Rows, _: Seen) -> Tombstone | None:
        found: Tombstone | None = _STONE.take(rows[0], None, "tombstone")[0] if rows else None
        return found

    return ask(_TOMBSTONE_OF, practice_id, build, message=need.message_id)


_paged, _talk = alias(Participant, "paged"), alias(Conversation, "talk")
_before = key(_paged.c.last_at, _paged.c.conversation_id) < SEEN_LAST
_LATEST: Final = (_paged.c.last_at.desc(), _paged.c.conversation_id.desc())


def _page(picked: Picked, *, by_staff: bool, latest: bool, answerable: bool = False) -> Statement:
    """A page of the conversations in which somebody takes part, latest first.

    The page is cut by an index on who takes part alone; everything else is looked up for its rows,
    which come in no order.
    """
    theirs = _paged.here(_paged.c.person == bound("whose"), _paged.c.until.is_(None), _before)
    found = sa.select(_paged.c.conversation_id).where(theirs)
    if answerable:
        is_about = _talk.here(_talk.c.id == _paged.c.conversation_id)
        found = found.select_from(_paged.table.join(_talk.table, is_about))
        found = found.where(is_answerable(_talk, by_staff=by_staff))
    cut = page(found.order_by(*_LATEST)).subquery("page")
    is_it = conversation.here(conversation.c.id == cut.c.conversation_id)
    joined = taking_part(cut.join(conversation.table, is_it), by_staff=by_staff)
    if latest:
        last = (
            _message.c.conversation_id == conversation.c.id,
            _message.c.sequence == conversation.c.last_sequence,
        )
        joined = _with_tombstones(joined.outerjoin(_message.table, _message.here(*last)))
    return Statement(sa.select(*picked.columns).select_from(joined))


_SIDES: Final = (True, False)
_INBOX: Final = {side: begun(by_staff=side, **_posted) for side in _SIDES}
_WRITING: Final = {side: begun(by_staff=side) for side in _SIDES}
_OF_INBOX: Final = {s: _page(_INBOX[s], by_staff=s, latest=True) for s in _SIDES}
_ANSWERABLE: Final = {s: _page(_INBOX[s], by_staff=s, latest=True, answerable=True) for s in _SIDES}
_OF_CLIENT: Final = {s: _page(_WRITING[s], by_staff=s, latest=False) for s in _SIDES}


def _latest_first(picked: Picked, rows: Rows) -> list[Rows]:
    """The rows of each conversation of a page."""
    first = picked.at("conversation")
    return grouped(rows, *(first + place for place in TALK_AT), latest_first=True)


def inbox_of(practice_id: PracticeId, need: q.InboxOf) -> Asked:
    """Answers `InboxOf`."""
    by_staff, picked = need.actor.is_staff, _INBOX[need.actor.is_staff]

    def item(rows: Rows) -> q.InboxItem | None:
        latest = _taken(picked, rows[0])
        if latest is None:
            return None
        facts = facts_of(picked, rows, None, need.actor)
        return q.InboxItem(facts=facts, latest=latest)

    def build(rows: Rows, _: Seen) -> tuple[q.InboxItem, ...]:
        items = map(item, _latest_first(picked, rows))
        return tuple(each for each in items if each is not None)

    rule = need.answerable
    named = {**({} if rule is None else told(rule, need.actor)), **_from(need.after, need.limit)}
    statement = _OF_INBOX[by_staff] if rule is None else _ANSWERABLE[by_staff]
    me = myself(need.actor)
    return ask(statement, practice_id, build, **me, **named, whose=need.actor.person or "")


def _from(after: tuple[Moment, ConversationId] | None, limit: int) -> dict[str, Any]:
    """Where a page begins, and how long it is."""
    return {**begin(after, LAST), "limit": limit}


def conversations_about(practice_id: PracticeId, need: q.ConversationsAbout) -> Asked:
    """Answers `ConversationsAbout`."""
    by_staff, picked = need.actor.is_staff, _WRITING[need.actor.is_staff]

    def build(rows: Rows, _: Seen) -> tuple[WritingFacts, ...]:
        groups = _latest_first(picked, rows)
        return tuple(facts_of(picked, each, None, need.actor) for each in groups)

    return ask(
        _OF_CLIENT[by_staff],
        practice_id,
        build,
        **myself(need.actor),
        **_from(None, need.limit),
        whose=need.client_id,
    )


_taking, _read = alias(Participant), alias(Reading)
_bond, _staff = alias(Relationship), alias(StaffMember)
_self, _for = alias(Client, "client_self"), alias(Client, "client_for")
_contact, _related = alias(Contact), alias(Client, "client_related")
_PEOPLE: Final = Picked(
    version=conversation.c.version,
    participant=_taking,
    read=_read.c.sequence,
    staff=_staff,
    own=_self,
    contact=_contact,
    related=_related,
    on_behalf_of=_for,
)
_joined = (
    conversation.table.outerjoin(
        _taking.table, _taking.here(_taking.c.conversation_id == conversation.c.id)
    )
    .outerjoin(
        _read.table,
        _read.here(
            _read.c.conversation_id == conversation.c.id, _read.c.person == _taking.c.person
        ),
    )
    .outerjoin(_staff.table, _staff.here(_staff.c.id == _taking.c.person))
    .outerjoin(_self.table, _self.here(_self.c.id == _taking.c.person))
    .outerjoin(_bond.table, _bond.here(_bond.c.id == _taking.c.person))
    .outerjoin(_contact.table, _contact.here(_contact.c.id == _bond.c.person))
    .outerjoin(_related.table, _related.here(_related.c.id == _bond.c.person))
    .outerjoin(_for.table, _for.here(_for.c.id == _bond.c.client_id))
)
_PARTICIPANTS: Final = Statement(
    sa.select(*_PEOPLE.columns)
    .select_from(_joined)
    .where(conversation.here(conversation.c.id == bound("conversation")))
    .order_by(_taking.c.person)
)


def _takes_part(row: Row) -> q.TakesPart:
    taken = _PEOPLE.take(row, None, *("participant", "read", "on_behalf_of"))
    named = _PEOPLE.take(row, None, *("staff", "own", "contact", "related"))
    participant, read, behalf = taken
    return q.TakesPart(
        participant=participant,
        name=next((each.name for each in named if each is not None), ""),
        acts_for=None if behalf is None else behalf.id,
        on_behalf_of=None if behalf is None else behalf.name,
        has_read=read or 0,
    )


def participants_of(practice_id: PracticeId, need: q.ParticipantsOf) -> Asked:
    """Answers `ParticipantsOf`."""

    def build(rows: Rows, seen: Seen) -> tuple[q.TakesPart, ...]:
        version = only(rows, need, need.conversation_id)[0]
        seen.setdefault((Conversation, need.conversation_id), (version, None))
        return tuple(_takes_part(row) for row in rows if row[1] is not None)

    return ask(_PARTICIPANTS, practice_id, build, conversation=need.conversation_id)
