"""Feeds of appointments for the calendars that people keep outside (APT-15)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.accounts import Secret
from clientportal.domain.calendars import MOST_ENTRIES, CalendarFile, Method, entry_of
from clientportal.domain.feeds import BACK, Feed, FeedMade, FeedOwner, FeedRevoked
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.decision import Decision
from clientportal.policies.feeds import (
    may_have_feed,
    may_have_feed_of_calendar,
    may_see_feed,
)
from clientportal.ports.queries import (
    FeedEntriesOf,
    FeedFactsOf,
    FeedOf,
    PracticeFactsOf,
    StandingOf,
)
from clientportal.ports.work import DigestToken
from clientportal.usecases.command import Context


def _allowed(context: Context) -> Flow[tuple[Decision, FeedOwner | None]]:
    """Whether the actor may have a feed, and in whose name: always their own."""
    actor = context.actor
    if actor.client_id is not None:
        standing = yield from fetch(StandingOf(actor.client_id, actor))
        return may_have_feed(standing), actor.client_id
    facts = yield from fetch(PracticeFactsOf(actor))
    return may_have_feed_of_calendar(facts), actor.staff_id


@frozen(kw_only=True)
class MakeCalendarFeed:
    """Have a feed of one's own appointments under *token*; an older token opens nothing more.

    The caller makes the random *token* (256 bits) and hands it out once, in an address to
    subscribe to; here only its digest stays (APT-15).
    """

    name: ClassVar[str] = "feed.make"
    tests_secret: ClassVar[bool] = False
    token: Secret = field(repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """One feed for a person, so that one act revokes it."""
        decision, person = yield from _allowed(context)
        if not decision or person is None:
            return Outcome(decision)
        digest = yield from fetch(DigestToken(self.token))
        yield from fetch(FeedOf(person))  # whoever makes one meanwhile makes this one decide again
        feed = Feed(person=person, digest=digest, made_at=context.now)
        return Outcome(decision, (Change(FeedMade(person=person), (feed,)),))


@frozen(kw_only=True)
class RevokeCalendarFeed:
    """End one's feed: its token opens nothing more. A second time changes nothing (APT-15)."""

    name: ClassVar[str] = "feed.revoke"
    tests_secret: ClassVar[bool] = False

    def flow(self, context: Context) -> Flow[Outcome]:
        """One's own only."""
        decision, person = yield from _allowed(context)
        if not decision or person is None:
            return Outcome(decision)
        feed = yield from fetch(FeedOf(person))
        if feed is None or not feed.is_live:
            return Outcome(decision)
        ended = evolve(feed, ended_at=context.now)
        return Outcome(decision, (Change(FeedRevoked(person=person), (ended,)),))


@frozen(kw_only=True)
class SeeCalendarFeed:
    """What a feed's token opens: the appointments to come, and of the last 90 days.

    The thousand latest; those that are off are among them as cancelled, so that whoever follows
    the feed drops them. A calendar port writes it as bytes (APT-15).
    """

    name: ClassVar[str] = "feed.see"
    token: Secret = field(repr=False)

    def flow(self, context: Context) -> Flow[Shown[CalendarFile]]:
        """The token is all that is asked for: a calendar signs in nowhere."""
        digest = yield from fetch(DigestToken(self.token))
        facts = yield from fetch(FeedFactsOf(digest))
        decision = may_see_feed(facts)
        if not decision or facts is None:
            return Shown(decision)
        since = context.now - BACK
        found = yield from fetch(FeedEntriesOf(facts.feed.person, since, limit=MOST_ENTRIES))
        practice = facts.practice
        file = CalendarFile(
            method=Method.PUBLISH,
            organizer=practice.name,
            stamp=context.now,
            entries=tuple(entry_of(each, practice, context.now) for each in reversed(found)),
        )
        return Shown(decision, file)
