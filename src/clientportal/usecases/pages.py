"""Pages that are full although some of what storage finds is not for the actor to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, TypeVar

from clientportal.domain.ids import ConversationId
from clientportal.domain.moments import Moment
from clientportal.flows import Flow, Query, fetch
from clientportal.policies.correspondence import WritingFacts

T = TypeVar("T")
K = TypeVar("K")
After: TypeAlias = tuple[Moment, ConversationId] | None


def full_page(
    query: Callable[[K | None], Query[tuple[T, ...]]],
    keep: Callable[[T], object],
    key: Callable[[T], K | None],
    *,
    after: K | None,
    limit: int,
) -> Flow[tuple[T, ...]]:
    """The first *limit* to *keep* of what *query* finds after a key; fewer only at the end."""
    found: list[T] = []
    while True:
        page = yield from fetch(query(after))
        found += filter(keep, page)
        if len(page) < limit or len(found) >= limit:
            return tuple(found[:limit])
        after = key(page[-1])


def latest_of(facts: WritingFacts) -> After:
    """Where a conversation stands among the latest first."""
    talk = facts.conversation
    return None if talk is None else (talk.last_at, talk.id)


def waiting_of(facts: WritingFacts) -> After:
    """Where a conversation stands among the longest waiting first."""
    talk = facts.conversation
    return None if talk is None or talk.waiting_since is None else (talk.waiting_since, talk.id)
