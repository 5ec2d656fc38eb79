"""Questions about feeds of appointments."""

from __future__ import annotations

from attrs import field, frozen

from clientportal.domain.appointments import Appointment
from clientportal.domain.feeds import Feed, FeedOwner
from clientportal.domain.moments import Moment
from clientportal.flows import Query
from clientportal.policies.feeds import FeedFacts
from clientportal.ports.queries_access import limited


@frozen
class FeedOf(Query[Feed | None]):
    """Somebody's feed, ended or not, or None; remembered."""

    subject = "feed"
    person: FeedOwner


@frozen
class FeedFactsOf(Query[FeedFacts | None]):
    """The live feed with that token digest and whose it is, or None."""

    subject = "feed"
    digest: str = field(repr=False)


@frozen
class FeedEntriesOf(Query[tuple[Appointment, ...]]):
    """The appointments of a client or a staff member that start after *since*.

    The latest first by (start, id), in every status.
    """

    subject = "feed"
    person: FeedOwner
    since: Moment
    limit: int = field(default=1000, validator=limited, kw_only=True)
