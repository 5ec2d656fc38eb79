"""How memory answers when something can be had, and what stands in the way (APT-3, APT-6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final

from clientportal.domain.appointments import OCCUPYING, Appointment, AppointmentStatus
from clientportal.domain.availability import Availability, Service
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.claims import Exclusive, merged, without
from clientportal.domain.holds import Hold, Occupant, time_of
from clientportal.domain.moments import Interval
from clientportal.domain.people import StaffMember
from clientportal.domain.slots import AROUND, Offer, Upcoming
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
    return whole_hours(Interval(within.start - reach, within.end + reach))


def whole_hours(within: Interval) -> Interval:
    """The whole hours that touch *within*."""
    first, last = within.start, within.end
    start = first.replace(minute=0, second=0, microsecond=0)
    floor = last.replace(minute=0, second=0, microsecond=0)
    return Interval(start, floor if floor == last else floor + HOUR)


def held_in(work: Look, resources: set[str], span: Interval) -> tuple[Exclusive, ...]:
    """What is held of *resources* within *span*."""
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


def _upcoming(work: Look, query: q.BookingFactsOf | q.SearchFactsOf) -> Upcoming:
    ahead = [
        each
        for each in work.room.all(Appointment)
        if each.client_id == query.client_id and each.is_upcoming(query.now)
    ]
    alike = sum(1 for each in ahead if each.service_id == query.service_id)
    return Upcoming(total=len(ahead), alike=alike)


def _around(within: Interval, occupant: Occupant) -> bool:
    return within.start - AROUND <= occupant.interval.start < within.end + AROUND


def _neighbours(work: Look, query: q.NeighboursOf) -> tuple[Occupant, ...]:
    meetings = (each for each in work.room.all(Appointment) if each.status in OCCUPYING)
    holds = (each for each in work.room.all(Hold) if not each.is_released)
    everybody: tuple[Occupant, ...] = (*meetings, *holds)
    found = (
        each
        for each in everybody
        if _around(query.within, each)
        and (each.staff_id == query.staff_id or each.client_id == query.client_id)
    )
    return tuple(sorted(found, key=lambda each: (each.interval.start, each.id)))


def _yielding(
    work: Look, query: q.BookingFactsOf | q.SearchFactsOf, staff_ids: set[str]
) -> tuple[Occupant, ...]:
    """What gives way to the client at anybody of *staff_ids*."""
    requests = (
        each
        for each in work.room.all(Appointment)
        if each.status is AppointmentStatus.REQUESTED
        and each.has_lapsed(query.now)
        and _around(query.within, each)
        and (each.staff_id in staff_ids or each.client_id == query.client_id)
    )
    holds = (
        each
        for each in work.room.all(Hold)
        if not each.is_released
        and (
            each.client_id == query.client_id
            or (
                each.has_expired(query.now)
                and _around(query.within, each)
                and each.staff_id in staff_ids
            )
        )
    )
    return (*requests, *holds)


def _busy(work: Look, staff: StaffMember, within: Interval) -> tuple[Interval, ...]:
    calendars = (each for each in work.room.all(BusyCalendar) if each.staff_id == staff.id)
    span = held_within(within)
    found = {each for one in calendars for each in one.intervals if each.overlaps(span)}
    return tuple(sorted(found, key=lambda each: (each.start, each.end)))


def _offers(
    work: Look,
    query: q.BookingFactsOf | q.SearchFactsOf,
    standing: Standing,
    whom: Iterable[StaffMember],
    *,
    yielding: Iterable[Occupant],
) -> tuple[Offer, ...]:
    everybody, client_id, upcoming = tuple(whom), standing.client.id, _upcoming(work, query)
    service = work.get(Service, query.service_id, "client")
    held = held_in(work, {client_id, *(each.id for each in everybody)}, held_within(query.within))
    left = without(held, (time for each in yielding for time in time_of(each)))
    levels = [each for each in work.room.all(Availability) if each.service_id in (None, service.id)]
    return tuple(
        Offer(
            practice=standing.practice,
            service=service,
            staff=staff,
            levels=tuple(each for each in levels if each.staff_id in (None, staff.id)),
            held=tuple(each for each in left if each.resource in (staff.id, client_id)),
            upcoming=upcoming,
            busy=_busy(work, staff, query.within),
        )
        for staff in everybody
    )


def _booking(work: Look, query: q.BookingFactsOf) -> BookingFacts:
    standing = standing_of(work, query.client_id, query.actor)
    staff = work.get(StaffMember, query.staff_id, "client")
    yielding = tuple(map(work.remember, _yielding(work, query, {staff.id})))
    (offer,) = _offers(work, query, standing, (staff,), yielding=yielding)
    return BookingFacts(standing=standing, offer=offer, yielding=yielding)


def _search(work: Look, query: q.SearchFactsOf) -> SearchFacts:
    standing = standing_of(work, query.client_id, query.actor)
    service = work.get(Service, query.service_id, "client")
    active = [work.remember(each) for each in work.room.all(StaffMember) if each.is_active]
    yielding = _yielding(work, query, {each.id for each in active})
    offers = _offers(work, query, standing, active, yielding=yielding)
    return SearchFacts(standing=standing, service=service, offers=offers)


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.BookingFactsOf: _booking,
    q.SearchFactsOf: _search,
    q.NeighboursOf: _neighbours,
}
