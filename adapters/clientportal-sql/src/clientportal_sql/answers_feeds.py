"""Answers about feeds of appointments (APT-15)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.appointments import Appointment
from clientportal.domain.feeds import Feed
from clientportal.domain.ids import PracticeId, StaffId
from clientportal.domain.moments import microseconds
from clientportal.domain.people import StaffMember
from clientportal.domain.practices import Practice
from clientportal.policies.feeds import FeedFacts
from clientportal.ports import queries as q
from clientportal_sql.joins import ZERO, alias, ask, bound, holder
from clientportal_sql.statements import Asked, P, Picked, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_feed, _practice, _access = alias(Feed), alias(Practice), alias(Access)
_staff, _appointment = alias(StaffMember), alias(Appointment)

_FEED: Final = Picked(feed=_feed)
_FEED_OF: Final = Statement(
    sa.select(*_FEED.columns).where(_feed.here(_feed.c.person == bound("person")))
)


def feed_of(practice_id: PracticeId, need: q.FeedOf) -> Asked:
    """Answers `FeedOf`."""

    def build(rows: Rows, seen: Seen) -> Feed | None:
        return _FEED.take(rows[0], seen, "feed")[0] if rows else None

    return ask(_FEED_OF, practice_id, build, person=need.person)


_own = (
    _access.c.client_id == _feed.c.person,
    _access.c.relationship_id.is_(None),
    _access.c.ended_at.is_(None),
)
_FACTS: Final = Picked(feed=_feed, practice=_practice, access=_access, staff=_staff)
_FACTS_OF: Final = Statement(
    sa.select(*_FACTS.columns)
    .select_from(
        _feed.table.join(_practice.table, _practice.here(_practice.c.id == P))
        .outerjoin(_access.table, _access.here(*_own))
        .outerjoin(_staff.table, _staff.here(_staff.c.id == _feed.c.person))
    )
    .where(_feed.here(_feed.c.person == holder("feed", bound("digest"))))
)


def feed_facts_of(practice_id: PracticeId, need: q.FeedFactsOf) -> Asked:
    """Answers `FeedFactsOf`."""

    def build(rows: Rows, seen: Seen) -> FeedFacts | None:
        if not rows:
            return None
        feed, practice, access, staff = _FACTS.take(
            rows[0], seen, "feed", "practice", "access", "staff"
        )
        return FeedFacts(practice=practice, feed=feed, access=access, staff=staff)

    return ask(_FACTS_OF, practice_id, build, digest=need.digest)


_ENTRY: Final = Picked(appointment=_appointment)
_start, _id = _appointment.c.interval_start, _appointment.c.id


def _latest(whose: Any) -> Statement:
    mine = whose == bound("person")
    return Statement(
        sa.select(*_ENTRY.columns)
        .where(_appointment.here(mine, _start > bound("since", WHOLE)))
        .order_by(_start.desc(), _id.desc())
        .limit(bound("limit", WHOLE))
        .offset(ZERO)
    )


_ENTRIES: Final = {
    True: _latest(_appointment.c.staff_id),
    False: _latest(_appointment.c.client_id),
}


def feed_entries_of(practice_id: PracticeId, need: q.FeedEntriesOf) -> Asked:
    """Answers `FeedEntriesOf`."""

    def build(rows: Rows, _: Seen) -> tuple[Appointment, ...]:
        return tuple(_ENTRY.take(row, None, "appointment")[0] for row in rows)

    return ask(
        _ENTRIES[isinstance(need.person, StaffId)],
        practice_id,
        build,
        person=need.person,
        since=microseconds(need.since),
        limit=need.limit,
    )
