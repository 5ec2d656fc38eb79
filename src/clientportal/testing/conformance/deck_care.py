"""Commands about availability, appointments, documents, and what the relay keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Final

from clientportal.domain.appointment_notices import NoticeStatus, Topic
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Exceptional, Modality, Service, Window
from clientportal.domain.documents import Content, Document
from clientportal.domain.holds import Hold
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ContactId,
    DocumentId,
    HoldId,
    ServiceId,
    StaffId,
)
from clientportal.domain.moments import Interval
from clientportal.domain.people import StaffMember
from clientportal.testing.cast import (
    ANN,
    BEN,
    DORA,
    EVERY_DAY,
    MEETING,
    OWNER,
    PRACTITIONER,
    TALK,
    account_of,
)
from clientportal.testing.conformance import deck_meetings
from clientportal.testing.conformance.deck_feeds import import_busy_times, make_feed, revoke_feed
from clientportal.testing.conformance.deck_moves import (
    answer_move,
    attend,
    by_calendar,
    reschedule,
    restore_appointment,
)
from clientportal.testing.conformance.picks import Draw, Move, Picks
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.availability import AddService, SetAvailability
from clientportal.usecases.deliveries import RecordDelivery
from clientportal.usecases.documents import (
    ShareDocument,
    UploadFile,
    WithdrawDocument,
    WriteNote,
)
from clientportal.usecases.histories import ImportAppointments, PastAppointment
from clientportal.usecases.holds import HoldSlot
from clientportal.usecases.reminders import RecordAppointmentNotice

PAST: Final = (timedelta(0), timedelta(days=1), timedelta(days=-1))
FILES: Final = (b"plain text", b"%PDF-1.7 x", b"<html>", b"", b"\x00\x01")


def add_service(p: Picks) -> Move:
    """Offer a service."""
    service = Service(
        id=p.fresh(ServiceId, Service),
        name="Course",
        duration=p.one(15, 60, 61, 24 * 60),
        buffer_before=p.one(0, 10),
        step=p.one(None, 15),
        modality=p.one(*Modality),
        from_midnight=p.seldom(2),
    )
    return Move(AddService(service=service), p.anybody())


def set_availability(p: Picks) -> Move:
    """Set when can be booked, at one of the levels."""
    day = (p.world.clock.at + timedelta(days=1)).date()
    evening = (Window(weekday=2, start=22 * 60, end=120), Window(weekday=4, start=540, end=1020))
    command = SetAvailability(
        staff_id=p.one(None, None, PRACTITIONER, OWNER),
        service_id=p.one(None, None, p.id(ServiceId, Service)),
        timezone=p.one(None, "Europe/Madrid"),
        weekly=p.one(None, EVERY_DAY, EVERY_DAY, evening),
        exceptions=p.one(None, None, (Exceptional(day=day, windows=((600, 720),)),)),
    )
    return Move(command, p.anybody())


def book(p: Picks) -> Move:
    """Book or request a time, often just after another meeting of the same people."""
    client_id = p.one(ANN, BEN, p.client_id())
    staff_id = p.one(OWNER, PRACTITIONER, PRACTITIONER, p.staff_id())
    start, ahead = (
        p.start(),
        [e for e in p.room.all(Appointment) if e.is_upcoming(p.world.clock.at)],
    )
    if ahead and p.seldom(2):
        near = p.one(*ahead)
        staff_id, client_id = near.staff_id, p.one(near.client_id, client_id)
        start = near.interval.end + timedelta(minutes=p.one(0, 5, 10, 15, 15, -5))
    command = BookAppointment(
        appointment_id=p.fresh(AppointmentId, Appointment),
        client_id=client_id,
        staff_id=staff_id,
        service_id=p.one(TALK, MEETING, p.id(ServiceId, Service)),
        start=start,
        overbook=p.seldom(6),
    )
    owner = p.world.staff(OWNER)
    return Move(
        command, p.one(p.of_client(client_id), p.by_staff(), owner, p.world.staff(staff_id))
    )


def import_appointments(p: Picks) -> Move:
    """Bring in a few past visits, known and new, of people who are there and who are not."""
    at = p.world.clock.at
    ida = StaffMember(id=StaffId.of("ida"), name="Ida")
    course = Service(id=ServiceId.of("past"), name="Past", duration=30, is_bookable_online=False)
    appointments = tuple(
        PastAppointment(
            external_id=key,
            client_external_id=p.one("x1", "x2", "x2", "none"),
            appointment_id=AppointmentId.of(f"past-{key}"),
            staff_id=p.one(ida.id, PRACTITIONER, StaffId.of("none")),
            service_id=p.one(course.id, TALK),
            interval=Interval(at - timedelta(days=p.one(3, 40), seconds=7), at - p.one(*PAST)),
            modality=p.one(*Modality),
        )
        for key in p.some("v1", "v2", "v3") or ("v4",)
    )
    command = ImportAppointments(
        appointments=appointments, services=(course,), practitioners=(ida,)
    )
    return Move(command, p.one(p.world.system(), p.owner(), p.anybody()))


def hold(p: Picks) -> Move:
    """Hold a time, as a rule one that is near what is booked."""
    booked: BookAppointment = book(p).command  # type: ignore[assignment] # as it is made above
    command = HoldSlot(
        hold_id=p.fresh(HoldId, Hold),
        client_id=booked.client_id,
        staff_id=booked.staff_id,
        service_id=booked.service_id,
        start=booked.start,
    )
    return Move(command, p.one(p.of_client(booked.client_id), p.world.staff(OWNER)))


def accept_appointment(p: Picks) -> Move:
    """Accept a request."""
    appointment_id = _requested(p)
    return Move(AcceptAppointment(appointment_id=appointment_id), by_calendar(p, appointment_id))


def decline_appointment(p: Picks) -> Move:
    """Decline a request."""
    appointment_id = _requested(p)
    return Move(DeclineAppointment(appointment_id=appointment_id), by_calendar(p, appointment_id))


def cancel_appointment(p: Picks) -> Move:
    """Cancel an appointment."""
    appointment_id = p.id(AppointmentId, Appointment)
    command = CancelAppointment(appointment_id=appointment_id, reason=p.one(None, "ill"))
    return Move(command, by_calendar(p, appointment_id))


def _requested(p: Picks) -> AppointmentId:
    """An appointment that waits for an answer, as a rule."""
    waiting = AppointmentStatus.REQUESTED
    found = [each.id for each in p.room.all(Appointment) if each.status is waiting]
    return p.one(*found) if found and not p.seldom(3) else p.id(AppointmentId, Appointment)


def write_note(p: Picks) -> Move:
    """Write a note."""
    client_id = p.client_id()
    command = WriteNote(
        document_id=p.fresh(DocumentId, Document),
        client_id=client_id,
        title="Note",
        text=p.text(),
        appointment_id=p.one(None, p.id(AppointmentId, Appointment)),
    )
    return Move(command, p.one(p.of_client(client_id), p.by_staff(), p.anybody(client_id)))


def upload(p: Picks) -> Move:
    """Upload a file, sometimes one that is not taken."""
    client_id, content = p.client_id(), p.one(*FILES)
    command = UploadFile(
        document_id=p.fresh(DocumentId, Document),
        client_id=client_id,
        file_name=p.one("a.txt", "../b.pdf", "\u00e7.pdf"),
        size=len(content) + p.one(0, 0, 0, 1),
        content=Content(BytesIO(content)),
    )
    return Move(command, p.one(p.of_client(client_id), p.by_staff()))


def share(p: Picks) -> Move:
    """Share a document with somebody."""
    reader: ClientId | ContactId | None = p.one(None, None, DORA, BEN, ClientId.of("none"))
    command = ShareDocument(document_id=p.id(DocumentId, Document), reader=reader)
    return Move(command, p.one(p.by_staff(), p.anybody(ANN)))


def withdraw(p: Picks) -> Move:
    """Take a document back."""
    return Move(WithdrawDocument(document_id=p.id(DocumentId, Document)), p.anybody(ANN))


def record_delivery(p: Picks) -> Move:
    """Note what became of an event."""
    position = 1 + p.lots.below(len(p.room.outbox))
    command = RecordDelivery(position=position, fault=p.one(None, None, "mail_refused"))
    return Move(command, p.one(p.world.system(), p.world.system(), p.by_staff()))


def record_appointment_notice(p: Picks) -> Move:
    """Note down that somebody was told of an appointment."""
    meeting = p.state(Appointment)
    among: tuple[AccountId | StaffId, ...] = (account_of(ANN), account_of(BEN), PRACTITIONER)
    command = RecordAppointmentNotice(
        appointment_id=AppointmentId.of("none") if meeting is None else meeting.id,
        sequence=p.one(0, 0, 1) if meeting is None else p.one(meeting.sequence, 0),
        topic=p.one(*Topic),
        minutes=p.one(0, 120),
        person=p.one(*among),
        status=p.one(*NoticeStatus),
        at=p.world.clock.at,
    )
    return Move(command, p.one(p.world.system(), p.world.system(), p.by_staff()))


DECK: Final[Mapping[str, tuple[Draw, ...]]] = {
    "offers": (add_service, set_availability, import_busy_times),
    "meetings": (
        *(book, book, book, hold, book, book),
        *(accept_appointment, decline_appointment, decline_appointment, cancel_appointment),
        *(reschedule, reschedule, answer_move, restore_appointment, attend, attend),
    ),
    **deck_meetings.DECK,
    "papers": (
        *(write_note, upload, share, withdraw, record_delivery, import_appointments),
        *(make_feed, revoke_feed, record_appointment_notice, record_appointment_notice),
    ),
}
