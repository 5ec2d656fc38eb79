"""Who may have a feed of their appointments, and what its token opens (APT-15)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from clientportal.domain.accounts import Access
from clientportal.domain.feeds import Feed
from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.domain.practices import Practice
from clientportal.policies.decision import Decision, Kind, allow, deny
from clientportal.policies.standing import PracticeFacts, Standing, may_act, may_run

MAY_HAVE_FEED: Final = allow("may_have_feed", "feed", "APT-15")
FEED_SHOWN: Final = allow("feed_shown", "feed", "APT-15")

FEED_FOR_ONESELF: Final = deny("feed_for_oneself", "feed", "APT-15")
FEED_UNKNOWN: Final = deny("feed_unknown", "feed", "APT-15", Kind.HIDDEN)


@frozen(kw_only=True)
class FeedFacts:
    """A feed and whose it is: *access* is a client's own live one, *staff* a staff member's."""

    practice: Practice
    feed: Feed
    access: Access | None = None
    staff: StaffMember | None = None


def _own_calendar(permissions: Permissions) -> bool:
    return (permissions.view_calendar, permissions.edit_calendar) != (Reach.NONE, Reach.NONE)


def may_have_feed(standing: Standing) -> Decision:
    """Whether a client may have a feed: of their own appointments, and nobody's else."""
    present = may_act(standing)
    if not present:
        return present
    return MAY_HAVE_FEED if standing.actor.is_client else FEED_FOR_ONESELF


def may_have_feed_of_calendar(facts: PracticeFacts) -> Decision:
    """Whether a staff member may have a feed of their own calendar (PPL-3)."""
    if not facts.actor.is_staff:
        return FEED_FOR_ONESELF
    present = may_run(facts, _own_calendar)
    return MAY_HAVE_FEED if present else present


def may_see_feed(facts: FeedFacts | None) -> Decision:
    """Whether a token opens a feed now: live, and its owner still may see what is in it (INV-7).

    What was never there, what was revoked and whose owner has left are answered alike.
    """
    if facts is None or not facts.feed.is_live:
        return FEED_UNKNOWN
    staff = facts.staff
    if staff is not None:
        opens = staff.is_active and _own_calendar(staff.permissions)
    else:
        opens = facts.access is not None and facts.access.is_live and facts.access.is_own
    return FEED_SHOWN if opens else FEED_UNKNOWN
