"""How memory answers questions about appointments, documents and the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from clientportal.domain.accounts import Access
from clientportal.domain.appointments import OCCUPYING, Appointment, AppointmentStatus
from clientportal.domain.availability import Availability, Service
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.claims import Exclusive, merged, without
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import Document, Share
from clientportal.domain.holds import Hold, Occupant, time_of
from clientportal.domain.meetings import Meeting
from clientportal.domain.moments import Interval
from clientportal.domain.people import StaffMember
from clientportal.domain.relationships import Relationship
from clientportal.domain.slots import AROUND, Offer, Upcoming
from clientportal.embedded.answers_access import person_of, standing_of
from clientportal.embedded.room import Look
from clientportal.policies.appointments import AppointmentFacts, BookingFacts
from clientportal.policies.documents import DocumentFacts, Readership, is_shared_with
from clientportal.policies.joining import MeetingFacts
from clientportal.policies.relationships import RelationshipFacts
from clientportal.ports import queries as q

HOUR: Final = timedelta(hours=1)


def _catalogue(work: Look, _: q.CatalogueOf) -> q.Catalogue:
    staff = tuple(each for each in work.room.all(StaffMember) if each.is_active)
    return q.Catalogue(services=tuple(work.room.all(Service)), staff=staff)


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


def _upcoming(work: Look, query: q.BookingFactsOf) -> Upcoming:
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


def _yielding(work: Look, query: q.BookingFactsOf) -> tuple[Occupant, ...]:
    waiting = AppointmentStatus.REQUESTED
    requests = (
        each
        for each in work.room.all(Appointment)
        if each.status is waiting
        and each.has_lapsed(query.now)
        and _around(query.within, each)
        and (each.staff_id == query.staff_id or each.client_id == query.client_id)
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
                and each.staff_id == query.staff_id
            )
        )
    )
    found: tuple[Occupant, ...] = (*requests, *holds)
    return tuple(map(work.remember, found))


def _busy(work: Look, staff: StaffMember, within: Interval) -> set[Interval]:
    calendars = (each for each in work.room.all(BusyCalendar) if each.staff_id == staff.id)
    span = held_within(within)
    return {each for one in calendars for each in one.intervals if each.overlaps(span)}


def _booking(work: Look, query: q.BookingFactsOf) -> BookingFacts:
    standing = standing_of(work, query.client_id, query.actor)
    staff = work.get(StaffMember, query.staff_id, "client")
    service = work.get(Service, query.service_id, "client")
    levels = tuple(
        each
        for each in work.room.all(Availability)
        if each.staff_id in (None, staff.id) and each.service_id in (None, service.id)
    )
    yielding = _yielding(work, query)
    held = held_in(work, {staff.id, standing.client.id}, held_within(query.within))
    offer = Offer(
        practice=standing.practice,
        service=service,
        staff=staff,
        levels=levels,
        held=without(held, (time for each in yielding for time in time_of(each))),
        upcoming=_upcoming(work, query),
        busy=tuple(
            sorted(_busy(work, staff, query.within), key=lambda each: (each.start, each.end))
        ),
    )
    return BookingFacts(standing=standing, offer=offer, yielding=yielding)


def _appointment(work: Look, query: q.AppointmentFactsOf) -> AppointmentFacts:
    appointment = work.get(Appointment, query.appointment_id, "appointment")
    standing = standing_of(work, appointment.client_id, query.actor, "appointment")
    return AppointmentFacts(standing=standing, appointment=appointment)


def _meeting(work: Look, query: q.MeetingFactsOf) -> MeetingFacts:
    facts = _appointment(work, q.AppointmentFactsOf(query.appointment_id, query.actor))
    empty = Meeting(appointment_id=facts.appointment.id, sequence=facts.appointment.sequence)
    _, meeting = work.room.rows.get((Meeting, empty.id), (0, empty))
    host = work.get(StaffMember, facts.appointment.staff_id, "appointment")
    return MeetingFacts(
        standing=facts.standing, appointment=facts.appointment, meeting=meeting, host=host
    )


def _appointments(work: Look, query: q.AppointmentsOf) -> tuple[Appointment, ...]:
    def key(each: Appointment) -> tuple[Any, str]:
        return each.interval.start, each.id

    found = [
        each
        for each in work.room.all(Appointment)
        if each.client_id == query.client_id and each.is_upcoming(query.now) is query.upcoming
    ]
    after = query.after
    if after is not None:
        found = [e for e in found if (key(e) > after if query.upcoming else key(e) < after)]
    return tuple(sorted(found, key=key, reverse=not query.upcoming)[: query.limit])


def _shares(work: Look, document: Document) -> tuple[Share, ...]:
    return tuple(each for each in work.room.all(Share) if each.document_id == document.id)


def _document(work: Look, query: q.DocumentFactsOf) -> DocumentFacts:
    document = work.get(Document, query.document_id, "document")
    standing = standing_of(work, document.client_id, query.actor, "document")
    return DocumentFacts(standing=standing, document=document, shares=_shares(work, document))


def _attached(work: Look, query: q.AttachedOf) -> tuple[DocumentFacts, ...]:
    there = (e for e in sorted(set(query.document_ids)) if (Document, e) in work.room.rows)
    return tuple(_document(work, q.DocumentFactsOf(each, query.actor)) for each in there)


def _is_read_by(filed: q.Filed, reader: Readership | None) -> bool:
    if reader is None or filed.document.author in reader.authors:
        return True
    return any(is_shared_with(filed.document, filed.shares, each) for each in reader.readers)


def _documents(work: Look, query: q.DocumentsOf) -> tuple[q.Filed, ...]:
    found = [each for each in work.room.all(Document) if each.client_id == query.client_id]
    if query.after is not None:
        found = [each for each in found if (each.made_at, each.id) < query.after]
    found.sort(key=lambda each: (each.made_at, each.id), reverse=True)
    filed = (q.Filed(document=each, shares=_shares(work, each)) for each in found)
    return tuple(islice((e for e in filed if _is_read_by(e, query.reader)), query.limit))


def _relationships(work: Look, query: q.RelationshipsOf) -> tuple[q.Related, ...]:
    return tuple(
        q.Related(relationship=each, person=person_of(work, each))
        for each in work.room.all(Relationship)
        if each.client_id == query.client_id
    )


def _relationship(work: Look, query: q.RelationshipFactsOf) -> RelationshipFacts:
    bond = work.get(Relationship, query.relationship_id, "relationship")
    standing = standing_of(work, bond.client_id, query.actor, "relationship")
    return RelationshipFacts(standing=standing, relationship=bond)


def _through(work: Look, query: q.AccessesThrough) -> tuple[Access, ...]:
    accesses = work.room.all(Access)
    return tuple(e for e in accesses if e.relationship_id == query.relationship_id and e.is_live)


def _pending(work: Look, query: q.PendingEvents) -> tuple[q.Pending, ...]:
    out: list[q.Pending] = []
    room = work.room
    for position, (event, source) in enumerate(zip(room.outbox, room.sources, strict=True), 1):
        if position <= query.after:
            continue
        row = room.rows.get((Delivery, str(position)))
        delivery: Delivery | None = None if row is None else row[1]
        if delivery is None or delivery.delivered_at is None:
            out.append(
                q.Pending(
                    position=position,
                    event=event,
                    delivery=delivery,
                    who=source.who,
                    at=source.at,
                )
            )
    return tuple(out[: query.limit])


ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    q.CatalogueOf: _catalogue,
    q.BookingFactsOf: _booking,
    q.NeighboursOf: _neighbours,
    q.AppointmentFactsOf: _appointment,
    q.MeetingFactsOf: _meeting,
    q.AppointmentsOf: _appointments,
    q.DocumentFactsOf: _document,
    q.AttachedOf: _attached,
    q.DocumentsOf: _documents,
    q.RelationshipsOf: _relationships,
    q.RelationshipFactsOf: _relationship,
    q.AccessesThrough: _through,
    q.PendingEvents: _pending,
    q.DeliveryOf: lambda work, query: work.find(Delivery, str(query.position)),
}
