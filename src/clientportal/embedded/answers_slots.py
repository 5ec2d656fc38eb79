"""How memory answers when something can be had: of one staff member, of anybody (APT-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from clientportal.domain.availability import Availability, Service
from clientportal.domain.claims import Exclusive, merged
from clientportal.domain.moments import Interval
from clientportal.domain.people import StaffMember
from clientportal.domain.slots import Offer
from clientportal.embedded.answers_access import standing_of
from clientportal.embedded.room import Look
from clientportal.policies.appointments import BookingFacts
from clientportal.policies.slots import SearchFacts
from clientportal.policies.standing import Standing
from clientportal.ports import queries as q

HOUR: Final = timedelta(hours=1)


def held_within(within: Interval) -> Interval:
    """The whole hours that touch *within* two days on either side."""
    reach = timedelta(days=2)
    first, last = within.start - reach, within.end + reach
    start = first.replace(minute=0, second=0, microsecond=0)
    floor = last.replace(minute=0, second=0, microsecond=0)
    return Interval(start, floor if floor == last else floor + HOUR)


def _held(work: Look, resources: set[str], within: Interval) -> tuple[Exclusive, ...]:
    span = held_within(within)
    clipped = (
        Exclusive(
            claim.resource,
            Interval(max(claim.interval.start, span.start), min(claim.interval.end, span.end)),
            claim.lane,
            claim.seat,
        )
        for claim in work.room.claims
        if isinstance(claim, Exclusive)
        and claim.resource in resources
        and claim.interval.overlaps(span)
    )
    return merged(clipped)


def _offers(
    work: Look,
    query: q.BookingFactsOf | q.SearchFactsOf,
    standing: Standing,
    whom: Iterable[StaffMember],
) -> tuple[Offer, ...]:
    everybody, client_id = tuple(whom), standing.client.id
    service = work.get(Service, query.service_id, "client")
    held = _held(work, {client_id, *(each.id for each in everybody)}, query.within)
    levels = work.room.all(Availability)
    known = [each for each in levels if each.service_id in (None, service.id)]
    return tuple(
        Offer(
            practice=standing.practice,
            service=service,
            staff=staff,
            levels=tuple(each for each in known if each.staff_id in (None, staff.id)),
            held=tuple(each for each in held if each.resource in (staff.id, client_id)),
        )
        for staff in everybody
    )


def _booking(work: Look, query: q.BookingFactsOf) -> BookingFacts:
    standing = standing_of(work, query.client_id, query.actor)
    staff = work.get(StaffMember, query.staff_id, "client")
    (offer,) = _offers(work, query, standing, (staff,))
    return BookingFacts(standing=standing, offer=offer)


def _search(work: Look, query: q.SearchFactsOf) -> SearchFacts:
    standing = standing_of(work, query.client_id, query.actor)
    service = work.get(Service, query.service_id, "client")
    active = [work.remember(each) for each in work.room.all(StaffMember) if each.is_active]
    offers = _offers(work, query, standing, active)
    return SearchFacts(standing=standing, service=service, offers=offers)


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.BookingFactsOf: _booking,
    q.SearchFactsOf: _search,
}
