"""How memory answers questions about feeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from clientportal.domain.accounts import Access
from clientportal.domain.appointments import Appointment
from clientportal.domain.feeds import Feed
from clientportal.domain.people import StaffMember
from clientportal.embedded.answers_access import practice_of
from clientportal.embedded.room import Look
from clientportal.policies.feeds import FeedFacts
from clientportal.ports import queries as q


def _facts(work: Look, query: q.FeedFactsOf) -> FeedFacts | None:
    found = (each for each in work.room.all(Feed) if each.is_live and each.digest == query.digest)
    feed = next(found, None)
    if feed is None:
        return None
    own = (
        each
        for each in work.room.all(Access)
        if each.client_id == feed.person and each.is_own and each.is_live
    )
    return FeedFacts(
        practice=practice_of(work),
        feed=work.remember(feed),
        access=next(own, None),
        staff=work.find(StaffMember, feed.person),
    )


def _entries(work: Look, query: q.FeedEntriesOf) -> tuple[Appointment, ...]:
    found = [
        each
        for each in work.room.all(Appointment)
        if query.person in (each.client_id, each.staff_id) and each.interval.start > query.since
    ]
    found.sort(key=lambda each: (each.interval.start, each.id), reverse=True)
    return tuple(found[: query.limit])


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.FeedOf: lambda work, query: work.find(Feed, query.person),
    q.FeedFactsOf: _facts,
    q.FeedEntriesOf: _entries,
}
