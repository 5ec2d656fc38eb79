"""Times to choose from: of one staff member, or the first of anybody who offers it (APT-3)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import ClassVar, Final

from attrs import field, frozen

from clientportal.domain.ids import ClientId, ServiceId, StaffId
from clientportal.domain.moments import MICROSECOND, Interval, Moment, to_utc
from clientportal.domain.slots import Slot, first_free, horizon
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.slots import SearchFacts, may_search_slots, on_offer
from clientportal.policies.standing import NOT_PERMITTED
from clientportal.ports.queries import PAGE, BookingFactsOf, SearchFactsOf
from clientportal.usecases.command import Context

LONGEST_SEARCH: Final = 366
#: How far is read at first: of one staff member, of anyone.
FIRST_LOOK: Final = timedelta(days=14)
FIRST_LOOK_AT_MANY: Final = timedelta(days=4)
#: No horizon is further away: 60 months.
FARTHEST: Final = timedelta(days=5 * 366)


@frozen(kw_only=True)
class SeeSlots:
    """The next bookable times of a service, from *start* on, within so many *days* (APT-3).

    With one staff member, or with anyone who offers it. In the order of (start, staff id), at most
    50 at once; *after* is the key of the last one seen. What is offered can be booked.
    """

    name: ClassVar[str] = "slot.list"
    client_id: ClientId
    service_id: ServiceId
    staff_id: StaffId | None = None
    start: Moment = field(converter=to_utc)
    days: int = 14
    after: tuple[Moment, StaffId] | None = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[Slot, ...]]]:
        """Lazily: some days are read, then twice as many, until the page is full."""
        now, found, decision = context.now, list[Slot](), NOT_PERMITTED
        wanted = min(max(self.limit, 1), PAGE)
        for within in self._looks(now):
            facts = yield from self._facts(within, context)
            decision = may_search_slots(facts)
            if not decision:
                return Shown(decision, about=self.client_id)
            offers = on_offer(facts)
            slots = first_free(offers, self.client_id, within, now)
            found += islice(filter(self._is_beyond, slots), wanted - len(found))
            is_last = not offers or within.end > horizon(facts.standing.practice, now)
            if is_last or len(found) == wanted:
                break
        return Shown(decision, tuple(found), about=self.client_id)

    def _is_beyond(self, slot: Slot) -> bool:
        return self.after is None or (slot.interval.start, slot.staff_id) > self.after

    def _looks(self, now: Moment) -> Iterator[Interval]:
        """What is looked at, one after the other; an instant if nothing of it can be offered."""
        start = self.start if self.after is None else max(self.start, self.after[0])
        days = timedelta(days=min(max(self.days, 1), LONGEST_SEARCH))
        begin, end = max(start, now), min(self.start + days, now + FARTHEST)
        span = FIRST_LOOK if self.staff_id else FIRST_LOOK_AT_MANY
        if begin >= end:
            yield Interval(now, now + MICROSECOND)
        while begin < end:
            upto = min(begin + span, end)
            yield Interval(begin, upto)
            begin, span = upto, span * 2

    def _facts(self, within: Interval, context: Context) -> Flow[SearchFacts]:
        client_id, staff_id, service_id = self.client_id, self.staff_id, self.service_id
        actor, now = context.actor, context.now
        if staff_id is None:
            return (yield from fetch(SearchFactsOf(client_id, service_id, within, actor, now)))
        one = yield from fetch(BookingFactsOf(client_id, staff_id, service_id, within, actor, now))
        offer = one.offer
        return SearchFacts(standing=one.standing, service=offer.service, offers=(offer,))
