"""Questions about appointments, documents, relationships and the outbox."""

from __future__ import annotations

from attrs import field, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Service
from clientportal.domain.deliveries import Delivery
from clientportal.domain.documents import Document, Share
from clientportal.domain.holds import Occupant
from clientportal.domain.ids import (
    AppointmentId,
    ClientId,
    DocumentId,
    RelationshipId,
    ServiceId,
    StaffId,
)
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.relationships import Contact, Relationship
from clientportal.flows import Query
from clientportal.policies.appointments import AppointmentFacts, BookingFacts
from clientportal.policies.documents import DocumentFacts, Readership
from clientportal.policies.joining import MeetingFacts
from clientportal.policies.relationships import RelationshipFacts
from clientportal.ports.queries_access import PAGE, limited
from clientportal.receipts import Published


@frozen(kw_only=True)
class Catalogue:
    """What the practice offers: its services and its active staff, each by id."""

    services: tuple[Service, ...]
    staff: tuple[StaffMember, ...]


@frozen
class CatalogueOf(Query[Catalogue]):
    """All that can be booked, and with whom."""

    subject = "practice"


@frozen
class BookingFactsOf(Query[BookingFacts]):
    """What decides whether the service can be had from the staff member within *within*.

    The offer's levels are the up to four that apply; *held* is what is held of the staff member
    and the client in hours that touch *within* two days on either side, as `merged` gives it;
    *upcoming* counts the client's appointments that are upcoming at *now*.

    *yielding* are requests that have lapsed and holds that have expired at *now* and are not
    released, of the staff member or the client, beginning within three days on either side of
    *within*; and the client's own hold, wherever it is. Requests come first, each kind by id. They
    are remembered, and the time they hold is no part of *held*.
    *busy* what of the staff member's calendars outside touches the same time, by start and end.
    """

    subject = "client"
    client_id: ClientId
    staff_id: StaffId
    service_id: ServiceId
    within: Interval
    actor: Actor
    now: Moment


@frozen
class NeighboursOf(Query[tuple[Occupant, ...]]):
    """What holds time of the staff member or the client around *within*, by (start, id).

    Requested or booked, or a hold not released, beginning within three days on either side.
    """

    subject = "client"
    client_id: ClientId
    staff_id: StaffId
    within: Interval


@frozen
class AppointmentFactsOf(Query[AppointmentFacts]):
    """An appointment, and how *actor* stands to its client."""

    subject = "appointment"
    appointment_id: AppointmentId
    actor: Actor


@frozen
class MeetingFactsOf(Query[MeetingFacts]):
    """As `AppointmentFactsOf`, with its host, and the meeting of its version of now.

    An empty one where nobody has come to that version yet.
    """

    subject = "appointment"
    appointment_id: AppointmentId
    actor: Actor


@frozen
class AppointmentsOf(Query[tuple[Appointment, ...]]):
    """A page of a client's appointments, by (start, id).

    Upcoming: requested or booked, ending after *now* and, if requested, not lapsed; ascending.
    Past: all the others; descending. *after* is the key of the last one seen.
    """

    subject = "client"
    client_id: ClientId
    now: Moment
    upcoming: bool = field(kw_only=True)
    after: tuple[Moment, AppointmentId] | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen
class DocumentFactsOf(Query[DocumentFacts]):
    """A document, its shares by reader (ended ones too), and how *actor* stands to its client."""

    subject = "document"
    document_id: DocumentId
    actor: Actor


@frozen
class AttachedOf(Query[tuple[DocumentFacts, ...]]):
    """As `DocumentFactsOf` of several documents, by id; what is not there is left out."""

    subject = "document"
    document_ids: tuple[DocumentId, ...]
    actor: Actor


@frozen(kw_only=True)
class Filed:
    """A document and its shares, as a list holds them."""

    document: Document
    shares: tuple[Share, ...] = field(repr=False)


@frozen
class DocumentsOf(Query[tuple[Filed, ...]]):
    """A page of a client's documents, newest first by (made_at, id); shares by reader.

    Only what is shared now with one of the readers of *reader*, or by one of its authors, counts
    and is in the page: status shared, and a share that has not ended. All where *reader* is None.
    """

    subject = "client"
    client_id: ClientId
    reader: Readership | None = field(kw_only=True)
    after: tuple[Moment, DocumentId] | None = field(default=None, kw_only=True)
    limit: int = field(default=200, validator=limited, kw_only=True)


@frozen(kw_only=True)
class Related:
    """A relationship, and the person it is with."""

    relationship: Relationship
    person: Contact | Client


@frozen
class RelationshipsOf(Query[tuple[Related, ...]]):
    """A client's relationships, ended ones too, by id."""

    subject = "client"
    client_id: ClientId


@frozen
class RelationshipFactsOf(Query[RelationshipFacts]):
    """A relationship, and how *actor* stands to its client."""

    subject = "relationship"
    relationship_id: RelationshipId
    actor: Actor


@frozen
class AccessesThrough(Query[tuple[Access, ...]]):
    """The live accesses that rest on a relationship."""

    subject = "relationship"
    relationship_id: RelationshipId


@frozen(kw_only=True)
class Pending:
    """An event of the outbox that has not been delivered; *position* orders a practice's events.

    *delivery* tells of earlier tries, *who* did it and *at* what moment, as the audit has it.
    """

    position: int
    event: Published
    delivery: Delivery | None
    who: str
    at: Moment


@frozen
class PendingEvents(Query[tuple[Pending, ...]]):
    """The events not delivered yet at positions past *after*, oldest first."""

    subject = "practice"
    limit: int = field(default=PAGE, validator=limited)
    after: int = field(default=0, kw_only=True)


@frozen
class DeliveryOf(Query[Delivery | None]):
    """What became of the event at a position so far, remembered."""

    subject = "event"
    position: int
