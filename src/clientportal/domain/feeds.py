"""Feeds: somebody's appointments under an address that only they know (APT-15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, TypeAlias

from attrs import field, frozen
from attrs.validators import optional

from clientportal.domain.accounts import is_digest
from clientportal.domain.claims import Claim, Unique
from clientportal.domain.ids import ClientId, StaffId
from clientportal.domain.moments import Moment, is_moment

#: How far back a feed tells of appointments, so that whoever follows it hears what was called off.
BACK: Final = timedelta(days=90)

FeedOwner: TypeAlias = ClientId | StaffId


@frozen(kw_only=True)
class Feed:
    """Somebody's one feed; its token is kept as a digest only. A new token ends the old one."""

    person: FeedOwner
    digest: str = field(validator=is_digest, repr=False)
    made_at: Moment = field(validator=is_moment)
    ended_at: Moment | None = field(default=None, validator=optional(is_moment))

    belongs_to = None

    @property
    def id(self) -> str:
        """Whose it is: nobody has two."""
        return self.person

    @property
    def is_live(self) -> bool:
        """Whether its token opens anything."""
        return self.ended_at is None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """A token opens one feed."""
        return (Unique("feed", self.digest),) if self.is_live else ()


@frozen(kw_only=True)
class FeedMade:
    """Somebody has a feed, under a new token; an older one opens nothing more."""

    person: FeedOwner


@frozen(kw_only=True)
class FeedRevoked:
    """Somebody's feed opens nothing more."""

    person: FeedOwner


FeedEvent: TypeAlias = FeedMade | FeedRevoked
