"""Answers about whom mail about a conversation reaches (MSG-17)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access, Account
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import PracticeId
from clientportal.domain.messages import Reading
from clientportal.domain.notices import Notice
from clientportal.domain.people import StaffMember
from clientportal.domain.relationships import Relationship
from clientportal.policies.notices import Addressee
from clientportal.ports import queries as q
from clientportal_sql.joins import alias, ask, bound, only
from clientportal_sql.statements import Asked, Picked, Row, Rows, Seen, Statement

_talk, _part, _staff = alias(Conversation), alias(Participant), alias(StaffMember)
_bond, _read, _notice = alias(Relationship), alias(Reading), alias(Notice)
_own, _through = alias(Access, "own_access"), alias(Access, "through")
_account = alias(Account)
_PEOPLE: Final = Picked(
    talk=_talk,
    participant=_part,
    staff_email=_staff.c.email,
    bond=_bond,
    own=_own,
    through=_through,
    account_email=_account.c.email,
    has_read=_read.c.sequence,
    notice=_notice,
)
_here, _who = _part.c.conversation_id == _talk.c.id, _part.c.person
_joined = (
    _talk.table.outerjoin(_part.table, _part.here(_here, _part.c.until.is_(None)))
    .outerjoin(_staff.table, _staff.here(_staff.c.id == _who))
    .outerjoin(_bond.table, _bond.here(_bond.c.id == _who))
    .outerjoin(
        _own.table,
        _own.here(
            _own.c.client_id == _who, _own.c.relationship_id.is_(None), _own.c.ended_at.is_(None)
        ),
    )
    .outerjoin(
        _through.table,
        _through.here(
            _through.c.client_id == _bond.c.client_id,
            _through.c.relationship_id == _bond.c.id,
            _through.c.ended_at.is_(None),
        ),
    )
    .outerjoin(
        _account.table,
        _account.here(_account.c.id == sa.func.coalesce(_own.c.account_id, _through.c.account_id)),
    )
    .outerjoin(
        _read.table, _read.here(_read.c.conversation_id == _talk.c.id, _read.c.person == _who)
    )
    .outerjoin(
        _notice.table,
        _notice.here(_notice.c.conversation_id == _talk.c.id, _notice.c.person == _who),
    )
)
_ADDRESSEES: Final = Statement(
    sa.select(*_PEOPLE.columns)
    .select_from(_joined)
    .where(_talk.here(_talk.c.id == bound("conversation")))
    .order_by(_who)
)


def _addressee(row: Row, seen: Seen) -> Addressee | None:
    participant, bond, own, through = _PEOPLE.take(
        row, seen, "participant", "bond", "own", "through"
    )
    if participant is None:
        return None
    at_work, at_home, read, notice = _PEOPLE.take(
        row, seen, "staff_email", "account_email", "has_read", "notice"
    )
    return Addressee(
        participant=participant,
        email=at_work or at_home,
        access=own or through,
        bond=bond,
        has_read=read or 0,
        notice=notice,
    )


def addressees_of(practice_id: PracticeId, need: q.AddresseesOf) -> Asked:
    """Answers `AddresseesOf`."""

    def build(rows: Rows, seen: Seen) -> tuple[Addressee, ...]:
        _PEOPLE.take(only(rows, need, need.conversation_id), seen, "talk")
        found = (_addressee(row, seen) for row in rows)
        return tuple(each for each in found if each is not None)

    return ask(_ADDRESSEES, practice_id, build, conversation=need.conversation_id)
