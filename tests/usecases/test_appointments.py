"""Booking, answering, cancelling (GUIDE-4, GUIDE-5, APT-3 to APT-8, DASH-1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from attrs import asdict

from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Exceptional, Window
from clientportal.domain.ids import AppointmentId, ClientId, DocumentId, ServiceId, StaffId
from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.domain.practices import BookingRules, CancelTerms, Outside
from clientportal.domain.relationships import Scope
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    EVERY_DAY,
    MEETING,
    MOTHER,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    TALK,
    TRAINEE,
    WALK,
    dora,
)
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.availability import SeeCatalogue, SetAvailability
from clientportal.usecases.dashboard import SeeAppointments, SeeDashboard
from clientportal.usecases.documents import ShareDocument, WriteNote
from clientportal.usecases.people import ChangeStaffMember
from clientportal.usecases.practices import ChangePractice
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship
from clientportal.usecases.settings import SetTimezone
from clientportal.usecases.slots import SeeSlots

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
INSTANT: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)
ANNS, BENS = AppointmentId("apt_1"), AppointmentId("apt_2")


def book(world: World, after: timedelta, number: int = 9, **given: Any) -> BookAppointment:
    """Ann's talk with Pia, so long after now."""
    start = {
        "appointment_id": AppointmentId(f"apt_{number}"),
        "client_id": ANN,
        "staff_id": PRACTITIONER,
        "service_id": TALK,
        "start": world.clock.at + after,
    }
    return BookAppointment(**{**start, **given})


def found(world: World, appointment_id: AppointmentId) -> Appointment:
    """An appointment as it is stored."""
    storage: Any = world.storage
    state: Appointment = storage.rooms[world.practice_id].rows[Appointment, appointment_id][1]
    return state


def ruled(world: World, **rules: Any) -> None:
    """The practice books by these rules from now on."""
    world.done(ChangePractice(booking=BookingRules(**rules)), world.staff(OWNER))


def test_a_clients_booking_is_a_request_that_staff_answer(world: World) -> None:
    """APT-6: it occupies the time; accepting books it, declining frees it."""
    ann, pia = world.client(ANN), world.staff(PRACTITIONER)
    assert found(world, ANNS).status is AppointmentStatus.REQUESTED
    assert world.do(book(world, DAY), ann) == Denied("RefusedError", "slot_taken")
    assert world.done(AcceptAppointment(appointment_id=ANNS), pia).reason == "may_answer_request"
    assert found(world, ANNS).status is AppointmentStatus.BOOKED
    for answer in (AcceptAppointment, DeclineAppointment):
        assert world.do(answer(appointment_id=ANNS), pia) == Denied("RefusedError", "not_requested")
        assert world.do(answer(appointment_id=ANNS), ann) == Denied("RefusedError", "staff_only")
    world.done(book(world, 2 * DAY), ann)
    declined = world.done(DeclineAppointment(appointment_id=AppointmentId("apt_9")), pia)
    assert [event.name for event in declined.events] == ["appointment.declined"]
    assert world.done(book(world, 2 * DAY, 10), ann)


def test_a_request_lapses_at_its_start(world: World) -> None:
    """APT-6: told by time alone."""
    world.pass_time(DAY)
    pia = world.staff(PRACTITIONER)
    assert world.do(AcceptAppointment(appointment_id=ANNS), pia) == Denied("RefusedError", "lapsed")
    assert world.do(CancelAppointment(appointment_id=ANNS), world.client(ANN)) == Denied(
        "RefusedError", "already_started"
    )
    assert ANNS in [
        each.appointment.id
        for each in world.look(SeeDashboard(client_id=ANN), world.client(ANN)).past
    ]


def test_auto_accept_books_outright(world: World) -> None:
    """APT-6: a practice setting, default off."""
    ruled(world, auto_accept=True)
    receipt = world.done(book(world, 2 * DAY), world.client(ANN))
    assert (receipt.reason, [event.name for event in receipt.events]) == (
        "may_book",
        ["appointment.booked"],
    )
    assert found(world, AppointmentId("apt_9")).status is AppointmentStatus.BOOKED


def test_cancelling_in_time_and_late(world: World) -> None:
    """APT-8: exactly 24 h is in time, a microsecond later is late; both change and say so once."""
    ann, pia = world.client(ANN), world.staff(PRACTITIONER)
    for number, (wait, status, event) in enumerate(
        (
            (DAY, AppointmentStatus.CANCELLED, '"is_late":false'),
            (DAY + INSTANT, AppointmentStatus.LATE_CANCELLED, '"is_late":true'),
        ),
        start=20,
    ):
        start = world.clock.at + 2 * DAY
        start = start.replace(second=0, microsecond=0)
        world.done(book(world, start - world.clock.at, number), ann)
        mine = AppointmentId(f"apt_{number}")
        world.done(AcceptAppointment(appointment_id=mine), pia)
        world.pass_time(start - world.clock.at - 2 * DAY + wait)
        receipt = world.done(CancelAppointment(appointment_id=mine, reason="ill"), ann)
        assert event in receipt.events[0].body
        assert found(world, mine).status is status
        second = world.done(CancelAppointment(appointment_id=mine), ann)
        assert (second.reason, second.events) == ("already_cancelled", ())
        assert found(world, mine).sequence == 2
        assert world.done(book(world, start - world.clock.at, number + 50), ann)


def test_terms_are_those_of_the_booking(world: World) -> None:
    """APT-8: the policy that applied at booking applies; regret beats refuse."""
    ann = world.client(ANN)
    ruled(world, auto_accept=True, cancel=CancelTerms(outside=Outside.REFUSE))
    world.done(book(world, 2 * HOUR), ann)
    ruled(world, auto_accept=True, cancel=CancelTerms(notice=timedelta(0)))
    mine = AppointmentId("apt_9")
    world.pass_time(15 * MINUTE - INSTANT)
    assert world.ask(CancelAppointment(appointment_id=mine), ann).reason.code == "may_cancel"
    world.pass_time(INSTANT)
    assert world.do(CancelAppointment(appointment_id=mine), ann) == Denied(
        "RefusedError", "too_late_to_cancel"
    )
    world.pass_time(2 * HOUR)
    assert world.do(CancelAppointment(appointment_id=mine), ann) == Denied(
        "RefusedError", "already_started"
    )
    by_staff = world.done(CancelAppointment(appointment_id=mine), world.staff(PRACTITIONER))
    assert by_staff.reason == "may_cancel"
    assert found(world, mine).status is AppointmentStatus.CANCELLED


def test_availability_takes_effect_at_once(world: World) -> None:
    """APT-1: a level with its owner; exceptions; what is not there is not found."""
    pia, owner, ann = world.staff(PRACTITIONER), world.staff(OWNER), world.client(ANN)
    levels = (
        SetAvailability(weekly=()),
        SetAvailability(service_id=TALK, weekly=EVERY_DAY),
        SetAvailability(staff_id=PRACTITIONER, weekly=EVERY_DAY),
        SetAvailability(staff_id=PRACTITIONER, service_id=TALK, timezone="Europe/Berlin"),
    )
    for level in levels:
        assert world.done(level, owner).events[0].name == "availability.set"
    assert world.ask(book(world, 2 * DAY), ann)
    tomorrow = (world.clock.at + 2 * DAY).date()
    closed = SetAvailability(
        staff_id=PRACTITIONER, weekly=EVERY_DAY, exceptions=(Exceptional(day=tomorrow),)
    )
    assert world.done(closed, pia)
    assert world.ask(book(world, 2 * DAY), ann).reason.code == "outside_window"
    assert world.do(SetAvailability(staff_id=OWNER), pia) == Denied(
        "RefusedError", "permission_needed"
    )
    assert (
        world.do(SetAvailability(weekly=(Window(weekday=0, start=0, end=0),)), ann).code
        == "staff_only"
    )
    for missing in (
        SetAvailability(staff_id=StaffId("stf_9")),
        SetAvailability(service_id=ServiceId("svc_9")),
        SetAvailability(staff_id=StaffId("stf_9"), service_id=TALK),
        SetAvailability(staff_id=OWNER, service_id=ServiceId("svc_9")),
    ):
        assert world.do(missing, owner).error == "NotFoundError"
    catalogue = world.look(SeeCatalogue(), ann)
    assert [service.id for service in catalogue.services] == [TALK, MEETING, WALK]
    assert len(catalogue.staff) == 4


def test_the_catalogue_shows_names_to_whoever_has_access(world: World) -> None:
    """APT-1, INV-7, REL-6: ids and names of staff, and nothing once access has ended."""
    ann, mother, owner = world.client(ANN), dora(world), world.staff(OWNER)
    everybody = {"Olga", "Pia", "Rob", "Tom"}
    for who in (ann, mother, owner, world.staff(TRAINEE)):
        staff = world.look(SeeCatalogue(), who).staff
        assert {each.name for each in staff} == everybody
        assert all(asdict(each).keys() == {"staff_id", "name"} for each in staff)
    world.done(EndRelationship(relationship_id=MOTHER), owner)
    assert world.look(SeeCatalogue(), mother).error == "NotFoundError"
    assert world.look(SeeCatalogue(), world.client(DAN)) == Denied(
        "UnauthenticatedError", "no_portal_access"
    )
    assert world.look(SeeCatalogue(), ann).staff


def test_the_dashboard(world: World) -> None:
    """DASH-1, GUIDE-4: upcoming and past, each with its decisions and what is shared of it."""
    pia, ann = world.staff(PRACTITIONER), world.client(ANN)
    for number, title in ((7, "Plan"), (8, "Draft")):
        note = WriteNote(
            document_id=DocumentId(f"doc_{number}"),
            client_id=ANN,
            title=title,
            text="x",
            appointment_id=ANNS,
        )
        world.done(note, pia)
    world.done(ShareDocument(document_id=DocumentId("doc_7")), pia)
    world.done(SetTimezone(client_id=ANN, timezone="Asia/Tokyo"), ann)
    world.done(book(world, 3 * DAY, service_id=MEETING), ann)
    board = world.look(SeeDashboard(client_id=ANN), ann)
    assert [each.appointment.id for each in board.upcoming] == [ANNS, "apt_9"]
    first, second = board.upcoming
    assert [document.title for document in first.documents] == ["Plan"]
    assert (first.zones, second.zones) == (
        ("Asia/Tokyo", "America/New_York"),
        ("America/New_York", "Asia/Tokyo"),
    )
    assert (first.may_cancel.allowed, first.may_join.reason.code) == (True, "not_booked")
    assert len(world.look(SeeDashboard(client_id=ANN), pia).upcoming[0].documents) == 2
    world.done(CancelAppointment(appointment_id=AppointmentId("apt_9")), ann)
    again = world.look(SeeDashboard(client_id=ANN), ann)
    assert [each.appointment.id for each in again.past] == ["apt_9"]


def test_pages_of_appointments(world: World) -> None:
    """DASH-1: upcoming ascending, past descending, by key; together they are all, once."""
    ann = world.client(ANN)
    for number in range(5):
        world.done(book(world, (3 + number) * DAY, 10 + number), ann)

    def pages(limit: int, **given: Any) -> list[Any]:
        seen: list[Any] = []
        after = None
        while page := world.look(
            SeeAppointments(client_id=ANN, after=after, limit=limit, **given), ann
        ):
            seen += page
            after = (page[-1].appointment.interval.start, page[-1].appointment.id)
        return [each.appointment.id for each in seen]

    assert pages(2) == pages(100) == [ANNS, *(f"apt_{10 + n}" for n in range(5))]
    world.pass_time(30 * DAY)
    assert (
        pages(2, upcoming=False)
        == pages(100, upcoming=False)
        == [f"apt_{14 - n}" for n in range(5)] + [ANNS]
    )
    bad = SeeAppointments(client_id=ANN, limit=0)
    assert world.look(bad, ann).error == "MalformedError"


def test_a_proxy_sees_and_books_what_is_granted(world: World) -> None:
    """REL-2, REL-3: scope by scope, effective at once."""
    owner, mother = world.staff(OWNER), dora(world)
    cats = book(world, 2 * DAY, client_id=CAT, staff_id=OWNER, service_id=MEETING)
    assert world.done(cats, mother).reason == "may_request"
    assert len(world.look(SeeDashboard(client_id=CAT), mother).upcoming) == 1
    only_read = ChangeRelationship(
        relationship_id=MOTHER, scopes=frozenset({Scope.VIEW_APPOINTMENTS})
    )
    world.done(only_read, owner)
    cancel = CancelAppointment(appointment_id=AppointmentId("apt_9"))
    assert world.do(cancel, mother) == Denied("RefusedError", "not_in_grant")
    world.done(ChangeRelationship(relationship_id=MOTHER, scopes=frozenset({Scope.JOIN})), owner)
    assert world.do(cancel, mother).error == "NotFoundError"
    assert world.look(SeeAppointments(client_id=CAT), mother) == ()


def test_staff_without_client_or_calendar_learn_nothing(world: World) -> None:
    """PPL-3, MSG-2: a client who is out of reach is as one who never was, here too."""
    hidden, absent = DAN, ClientId("cli_99")
    desk = Permissions(view_calendar=Reach.ASSIGNED, edit_calendar=Reach.ASSIGNED)
    world.done(
        ChangeStaffMember(staff=StaffMember(id=TRAINEE, name="Tom", permissions=desk)),
        world.staff(OWNER),
    )
    tom = world.staff(TRAINEE)
    for view in (SeeDashboard, SeeAppointments):
        assert world.look(view(client_id=hidden), tom) == world.look(view(client_id=absent), tom)
    for client_id in (hidden, absent):
        slots = SeeSlots(
            client_id=client_id, staff_id=TRAINEE, service_id=TALK, start=world.clock.at
        )
        assert world.look(slots, tom).error == "NotFoundError"
        assert (
            world.do(book(world, DAY, client_id=client_id, staff_id=TRAINEE), tom).error
            == "NotFoundError"
        )
    assert world.look(SeeDashboard(client_id=hidden), world.staff(RECEPTION)).upcoming == ()


def test_two_worlds_of_time(world: World) -> None:
    """APT-7: the same time of another practice, another client, another staff member is free."""
    assert world.done(
        book(
            world, DAY, 30, client_id=BEN, staff_id=PRACTITIONER, start=world.clock.at + 26 * HOUR
        ),
        world.client(BEN),
    )
    assert world.do(
        book(world, DAY, 31, client_id=BEN, staff_id=TRAINEE, start=world.clock.at + 26 * HOUR),
        world.client(BEN),
    ) == Denied("RefusedError", "slot_taken")
    assert world.done(book(world, 26 * HOUR, 32, staff_id=TRAINEE), world.client(ANN))
