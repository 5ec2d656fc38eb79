"""The guide on the dashboard and on appointments: lines 4 and 5."""

from __future__ import annotations

from datetime import datetime, timedelta
from io import BytesIO
from typing import Final

from clientportal.cli.guide_access import Looked
from clientportal.cli.stage import Anybody, Stage
from clientportal.domain.documents import Content
from clientportal.domain.ids import AppointmentId, DocumentId
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
)
from clientportal.usecases.dashboard import AppointmentSeen, SeeDashboard
from clientportal.usecases.documents import ShareDocument, UploadFile, WriteNote
from clientportal.usecases.joining import EnterWaitingRoom, SeeMeeting, StartMeeting
from clientportal.usecases.slots import SeeSlots

MINUTE: Final = timedelta(minutes=1)
FILE: Final = b"%PDF-1.7\n% a letter, as somebody scanned it\n"


def history(stage: Stage) -> None:
    """What lies behind Ann when she first signs in: a meeting, a shared note, a draft."""
    olive = stage.cast.olive
    meeting = book(stage, olive, stage.now + timedelta(hours=1))
    for title, shared in (("After our first talk", True), ("Thoughts not meant for Ann", False)):
        note(stage, title, meeting, shared=shared)
    ahead = book(stage, olive, stage.now + timedelta(days=28, hours=1))
    letter = upload(stage, olive, "To prepare.pdf", ahead)
    stage.do(olive, ShareDocument(document_id=letter))


def book(stage: Stage, by: Anybody, start: datetime) -> AppointmentId:
    """Ann's meeting with Olive, booked by *by*. Raises as `Portal.do`."""
    appointment_id = stage.new(AppointmentId)
    command = BookAppointment(
        appointment_id=appointment_id,
        client_id=stage.cast.ann.id,
        staff_id=stage.cast.olive.id,
        service_id=stage.cast.service,
        start=start,
    )
    stage.do(by, command)
    return appointment_id


def note(stage: Stage, title: str, appointment_id: AppointmentId, *, shared: bool) -> DocumentId:
    """Olive's note on Ann's appointment, shared with Ann or not."""
    command = WriteNote(
        document_id=stage.new(DocumentId),
        client_id=stage.cast.ann.id,
        title=title,
        text=f"{title}: rest, walk, write it down.",
        appointment_id=appointment_id,
    )
    stage.do(stage.cast.olive, command)
    if shared:
        stage.do(stage.cast.olive, ShareDocument(document_id=command.document_id))
    return command.document_id


def upload(
    stage: Stage, by: Anybody, name: str, appointment_id: AppointmentId | None = None
) -> DocumentId:
    """A file about Ann, uploaded by *by*. Raises as `Portal.do`."""
    command = UploadFile(
        document_id=stage.new(DocumentId),
        client_id=stage.cast.ann.id,
        file_name=name,
        size=len(FILE),
        content=Content(BytesIO(FILE)),
        appointment_id=appointment_id,
    )
    stage.do(by, command)
    return command.document_id


def dashboard(stage: Stage) -> Looked:
    """GUIDE-4: appointments past and to come, each with what is shared of it."""
    ann, ben = stage.cast.ann, stage.cast.ben
    seen = stage.look(ann, SeeDashboard(client_id=ann.id))
    for name, page, title in (
        ("past", seen.past, "After our first talk"),
        ("future", seen.upcoming, "To prepare.pdf"),
    ):
        titles = [document.title for each in page for document in each.documents]
        yield len(page) == 1, f"Ann sees {len(page)} {name} appointment"
        yield titles == [title], f"with its documents: {', '.join(titles)}"
    yield stage.hidden(ben, SeeDashboard(client_id=ann.id)) == "not_found", "Ben sees none of it"
    own = stage.look(ben, SeeDashboard(client_id=ben.id))
    yield not (own.past or own.upcoming), "Ben's own dashboard is empty"


def appointments(stage: Stage) -> Looked:
    """GUIDE-5: view, book, cancel, join."""
    ann = stage.cast.ann
    tomorrow = stage.now + timedelta(days=1)
    offer = SeeSlots(
        client_id=ann.id,
        staff_id=stage.cast.olive.id,
        service_id=stage.cast.service,
        start=tomorrow,
    )
    slots = stage.look(ann, offer)
    yield bool(slots), f"Ann is offered {len(slots)} times"
    kept, dropped = (book(stage, ann, slot.interval.start) for slot in (slots[0], slots[-1]))
    found = [each.appointment.id for each in _upcoming(stage)]
    yield {kept, dropped} < set(found), f"she books two; to come are {len(found)}"
    said = stage.tried(stage.cast.olive, AcceptAppointment(appointment_id=kept))
    yield said == "may_answer_request", f"Olive accepts one: `{said}`"
    said = stage.tried(ann, CancelAppointment(appointment_id=dropped))
    yield said == "may_cancel", f"Ann cancels the other: `{said}`"
    found = [each.appointment.id for each in _upcoming(stage)]
    yield kept in found and dropped not in found, f"to come are {len(found)}"
    yield from _join(stage, kept)


def _upcoming(stage: Stage) -> tuple[AppointmentSeen, ...]:
    ann = stage.cast.ann
    return stage.look(ann, SeeDashboard(client_id=ann.id)).upcoming


def _join(stage: Stage, appointment_id: AppointmentId) -> Looked:
    """From 15 minutes before the start until 30 minutes after the end (APT-12)."""
    olive, ann, ben = stage.cast.olive, stage.cast.ann, stage.cast.ben
    come = EnterWaitingRoom(appointment_id=appointment_id)
    door = SeeMeeting(appointment_id=appointment_id)
    (seen,) = (each for each in _upcoming(stage) if each.appointment.id == appointment_id)
    stage.until(seen.opens_at - MINUTE)
    early = stage.tried(ann, come)
    yield early == "not_yet_open", f"16 minutes before the start Ann joins: `{early}`"
    stage.until(seen.opens_at)
    stage.do(ann, come)
    shown = stage.look(ann, door)
    yield shown.link is None, f"15 minutes before the start she joins: `{shown.door.value}`"
    names = [each.name for each in stage.look(olive, door).comers]
    yield names == [ann.name], f"Olive sees who waits: {', '.join(names)}"
    stage.do(olive, StartMeeting(appointment_id=appointment_id))
    links = {stage.look(each, door).link for each in (ann, olive)}
    yield len(links) == 1 and None not in links, "Olive starts, and both have the link"
    hidden = stage.tried(ben, come)
    yield hidden == "not_found", f"Ben joins: `{hidden}`"
    stage.until(seen.closes_at)
    late = stage.tried(ann, come)
    yield late == "no_longer_open", f"30 minutes after the end Ann joins: `{late}`"
