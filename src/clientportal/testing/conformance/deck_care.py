"""Commands about availability, appointments, documents, and what the relay keeps."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Exceptional, Modality, Service, Window
from clientportal.domain.documents import Content, Document
from clientportal.domain.ids import (
    AppointmentId,
    ClientId,
    ContactId,
    DocumentId,
    ServiceId,
)
from clientportal.testing.cast import (
    ANN,
    BEN,
    DORA,
    EVERY_DAY,
    MEETING,
    OWNER,
    PRACTITIONER,
    TALK,
)
from clientportal.testing.conformance.picks import Draw, Move, Picks
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.attendance import (
    ConfirmAppointment,
    FulfilAppointment,
    MarkNoShow,
    UndoFulfilment,
    UndoNoShow,
)
from clientportal.usecases.availability import AddService, SetAvailability
from clientportal.usecases.deliveries import RecordDelivery
from clientportal.usecases.documents import (
    ShareDocument,
    UploadFile,
    WithdrawDocument,
    WriteNote,
)
from clientportal.usecases.rescheduling import RescheduleAppointment, RestoreAppointment

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
    )
    owner = p.world.staff(OWNER)
    return Move(
        command, p.one(p.of_client(client_id), p.by_staff(), owner, p.world.staff(staff_id))
    )


def accept_appointment(p: Picks) -> Move:
    """Accept a request."""
    appointment_id = _requested(p)
    return Move(AcceptAppointment(appointment_id=appointment_id), _by_calendar(p, appointment_id))


def decline_appointment(p: Picks) -> Move:
    """Decline a request."""
    appointment_id = _requested(p)
    return Move(DeclineAppointment(appointment_id=appointment_id), _by_calendar(p, appointment_id))


def cancel_appointment(p: Picks) -> Move:
    """Cancel an appointment."""
    appointment_id = p.id(AppointmentId, Appointment)
    command = CancelAppointment(appointment_id=appointment_id, reason=p.one(None, "ill"))
    return Move(command, _by_calendar(p, appointment_id))


def reschedule(p: Picks) -> Move:
    """Move an appointment, often by less than its length, now and then to where it is."""
    appointment_id = p.id(AppointmentId, Appointment)
    start, row = p.start(), p.room.rows.get((Appointment, appointment_id))
    if row is not None:
        near: Appointment = row[1]
        start = near.interval.start + timedelta(minutes=p.one(-60, -20, 0, 10, 30, 50, 1440))
    command = RescheduleAppointment(appointment_id=appointment_id, start=start)
    return Move(command, _by_calendar(p, appointment_id))


def answer_move(p: Picks) -> Move:
    """Accept or decline a time that a client asked for; where nobody did, ask for one."""
    waiting = [each for each in p.room.all(Appointment) if each.proposed is not None]
    booked = [e for e in p.room.all(Appointment) if e.is_upcoming(p.world.clock.at)]
    if waiting:
        one = p.one(*waiting)
        answer: type[Any] = p.one(AcceptAppointment, DeclineAppointment)
        actor = p.one(p.world.staff(one.staff_id), p.of_client(one.client_id))
        return Move(answer(appointment_id=one.id), actor)
    if not booked:
        return reschedule(p)
    one = p.one(*booked)
    start = one.interval.start + timedelta(minutes=p.one(-20, 10, 30, 1440))
    asked = RescheduleAppointment(appointment_id=one.id, start=start)
    return Move(asked, p.world.client(one.client_id))


def restore_appointment(p: Picks) -> Move:
    """Take a cancellation back, as a rule of something cancelled that is still ahead."""
    off = (AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED)
    found = [each for each in p.room.all(Appointment) if each.status in off]
    ahead = [each for each in found if each.interval.start > p.world.clock.at]
    if ahead and not p.seldom(4):
        one = p.one(*ahead)
        command = RestoreAppointment(appointment_id=one.id)
        return Move(command, p.one(p.world.staff(one.staff_id), p.world.staff(OWNER)))
    appointment_id = p.id(AppointmentId, Appointment)
    return Move(RestoreAppointment(appointment_id=appointment_id), _by_calendar(p, appointment_id))


_DEEDS: Final[Mapping[AppointmentStatus, tuple[type[Any], ...]]] = {
    AppointmentStatus.BOOKED: (FulfilAppointment, MarkNoShow),
    AppointmentStatus.FULFILLED: (UndoFulfilment,),
    AppointmentStatus.NO_SHOW: (UndoNoShow,),
}


def attend(p: Picks) -> Move:
    """Confirm, note what took place or was missed, and take that back."""
    now, meetings = p.world.clock.at, p.room.all(Appointment)
    begun = [e for e in meetings if e.interval.start <= now and e.status in _DEEDS]
    if begun and not p.seldom(4):
        one = p.one(*begun)
        kind: type[Any] = p.one(*_DEEDS[one.status])
        return Move(kind(appointment_id=one.id), p.world.staff(one.staff_id))
    appointment_id = p.id(AppointmentId, Appointment)
    deeds = (FulfilAppointment, UndoFulfilment, MarkNoShow, UndoNoShow)
    deed: type[Any] = p.one(ConfirmAppointment, ConfirmAppointment, *deeds)
    return Move(deed(appointment_id=appointment_id), _by_calendar(p, appointment_id))


def _requested(p: Picks) -> AppointmentId:
    """An appointment that waits for an answer, as a rule."""
    waiting = AppointmentStatus.REQUESTED
    found = [each.id for each in p.room.all(Appointment) if each.status is waiting]
    return p.one(*found) if found and not p.seldom(3) else p.id(AppointmentId, Appointment)


def _by_calendar(p: Picks, appointment_id: AppointmentId) -> Actor:
    row = p.room.rows.get((Appointment, appointment_id))
    if row is None:
        return p.anybody()
    meeting: Appointment = row[1]
    mine = p.world.staff(meeting.staff_id)
    return p.one(mine, p.by_staff(), p.of_client(meeting.client_id), p.anybody())


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


DECK: Final[Mapping[str, tuple[Draw, ...]]] = {
    "offers": (add_service, set_availability),
    "meetings": (
        *(book, book, book, accept_appointment, decline_appointment, cancel_appointment),
        *(reschedule, reschedule, answer_move, restore_appointment, attend, attend),
    ),
    "papers": (write_note, upload, share, withdraw, record_delivery),
}
