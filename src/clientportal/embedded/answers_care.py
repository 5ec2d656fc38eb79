"""How memory answers questions about appointments, documents and the outbox."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from clientportal.domain.accounts import Access
from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Service
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import Document, Share
from clientportal.domain.meetings import Meeting
from clientportal.domain.people import StaffMember
from clientportal.domain.relationships import Relationship
from clientportal.embedded.answers_access import person_of, standing_of
from clientportal.embedded.room import Look
from clientportal.policies.appointments import AppointmentFacts
from clientportal.policies.documents import DocumentFacts, Readership, is_shared_with
from clientportal.policies.joining import MeetingFacts
from clientportal.policies.relationships import RelationshipFacts
from clientportal.ports import queries as q


def _catalogue(work: Look, _: q.CatalogueOf) -> q.Catalogue:
    staff = tuple(each for each in work.room.all(StaffMember) if each.is_active)
    return q.Catalogue(services=tuple(work.room.all(Service)), staff=staff)


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
