"""Times to choose from: of one staff member, and the first of anyone (GUIDE-5, APT-3)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.availability import Service, Window
from clientportal.domain.ids import AppointmentId, ServiceId, StaffId
from clientportal.domain.moments import Interval
from clientportal.domain.people import Permissions, Reach, StaffMember, StaffStatus
from clientportal.domain.practices import BookingRules
from clientportal.domain.relationships import Scope
from clientportal.domain.slots import Slot
from clientportal.flows import run
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    CAT,
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
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.availability import AddService, SetAvailability
from clientportal.usecases.command import Context
from clientportal.usecases.people import ArchiveClient, ChangeStaffMember
from clientportal.usecases.practices import ChangePractice
from clientportal.usecases.relationships import ChangeRelationship
from clientportal.usecases.slots import SeeSlots

MINUTE: Final = timedelta(minutes=1)
HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
EVERYBODY: Final = (OWNER, PRACTITIONER, RECEPTION, TRAINEE)


def see(world: World, staff_id: StaffId | None = None, **given: Any) -> SeeSlots:
    """Ann looks for a talk from now on."""
    base = {"client_id": ANN, "staff_id": staff_id, "service_id": TALK, "start": world.clock.at}
    return SeeSlots(**{**base, **given})


def pages(world: World, view: SeeSlots, who: Any = None) -> list[Slot]:
    """All that is offered, page by page."""
    seen: list[Slot] = []
    viewer = who or world.client(ANN)
    while page := world.look(view, viewer):
        seen += page
        view = evolve(view, after=(page[-1].interval.start, page[-1].staff_id))
    return seen


def keys(found: list[Slot] | tuple[Slot, ...]) -> list[tuple[datetime, StaffId]]:
    """What orders them."""
    return [(each.interval.start, each.staff_id) for each in found]


def book(world: World, slot: Slot, number: int = 9) -> BookAppointment:
    """Ann takes what is offered."""
    return BookAppointment(
        appointment_id=AppointmentId(f"apt_{number}"),
        client_id=ANN,
        staff_id=slot.staff_id,
        service_id=TALK,
        start=slot.interval.start,
    )


def test_what_is_asked_is_what_is_done(either: World) -> None:
    """MSG-13, APT-3: of one or of anyone, offered equals bookable; every start is tried."""
    world, ann = either, either.client(ANN)
    world.done(ChangePractice(booking=BookingRules(min_notice=5 * HOUR)), world.staff(OWNER))
    view = see(world, days=2)
    offered = set(keys(pages(world, view)))
    assert {staff_id for _, staff_id in offered} == set(EVERYBODY)
    for staff_id in EVERYBODY:
        own = keys(pages(world, evolve(view, staff_id=staff_id)))
        assert set(own) == {each for each in offered if each[1] == staff_id}
    for minutes in range(0, 48 * 60, 70):
        for staff_id in (OWNER, PRACTITIONER):
            start = world.clock.at + minutes * MINUTE
            slot = Slot(Interval(start, start + 50 * MINUTE), staff_id)
            allowed = bool(world.ask(book(world, slot), ann))
            assert allowed is ((start, staff_id) in offered), (start, staff_id)


def test_the_first_of_anyone_who_offers_it(either: World) -> None:
    """APT-3: in the order of time, then staff; the first is free with that one, then no longer."""
    world, ann = either, either.client(ANN)
    found = pages(world, see(world, days=1))
    assert keys(found) == sorted(set(keys(found)))
    first = found[0]
    assert world.done(book(world, first), ann)
    again = world.look(see(world, days=1), ann)
    assert again[0].interval.start >= first.interval.end  # Ann is there herself
    assert keys(pages(world, see(world, days=1, client_id=CAT), world.staff(OWNER)))[0] == (
        first.interval.start,
        next(each for each in EVERYBODY if each not in {first.staff_id, OWNER}),
    )


def test_pages_go_on_where_the_last_one_ended(either: World) -> None:
    """APT-3: any page size gives the same list; never more than 50 at once."""
    view = see(either, days=2)
    assert len(either.look(evolve(view, limit=2**53), either.client(ANN))) == 50
    assert len(either.look(evolve(view, limit=-3), either.client(ANN))) == 1
    whole = pages(either, evolve(view, days=1))
    assert keys(pages(either, evolve(view, days=1, limit=7))) == keys(whole)
    assert len(whole) > 300


@pytest.mark.parametrize("days", [0, -5, 40, 2**53])
def test_searches_are_bounded(world: World, days: int) -> None:
    """APT-3, APT-5: at least a day, at most a year, never beyond the horizon."""
    daily = tuple(Window(weekday=day, start=720, end=780) for day in range(7))
    world.done(SetAvailability(staff_id=TRAINEE, weekly=daily), world.staff(OWNER))
    view = see(world, TRAINEE, days=days)
    lasts = pages(world, view)[-1].interval.start - world.clock.at
    most = {0: 1, -5: 1, 40: 40}.get(days, 366) * DAY
    assert most - 2 * DAY < lasts < most
    rules = BookingRules(horizon_months=1)
    world.done(ChangePractice(booking=rules), world.staff(OWNER))
    assert pages(world, view)[-1].interval.start - world.clock.at <= min(most, 31 * DAY)


@pytest.mark.parametrize("year", [1901, 2025, 2198])
def test_nothing_is_offered_far_away(world: World, year: int) -> None:
    """APT-5: what is over, and what no horizon reaches, is an empty page, not an error."""
    for staff_id in (None, PRACTITIONER):
        far = see(world, staff_id, start=datetime(year, 1, 1, tzinfo=UTC), days=366)
        assert world.look(far, world.client(ANN)) == ()
        late = see(world, staff_id, after=(datetime(2198, 1, 1, tzinfo=UTC), OWNER))
        assert world.look(late, world.client(ANN)) == ()


def test_nothing_is_offered_that_cannot_be_booked(world: World) -> None:
    """APT-1, APT-3: not what is not online, not to the archived, not with who left."""
    owner, ann = world.staff(OWNER), world.client(ANN)

    def offered(service_id: ServiceId, staff_id: StaffId | None) -> set[StaffId]:
        view = see(world, staff_id, service_id=service_id)
        return {each.staff_id for each in world.look(view, ann)}

    (slot, *_) = world.look(see(world, TRAINEE), ann)
    assert offered(TALK, TRAINEE) == {TRAINEE}
    assert offered(WALK, TRAINEE) == offered(WALK, None) == set()
    walk = evolve(book(world, slot), service_id=WALK)
    assert world.do(walk, ann) == Denied("RefusedError", "not_bookable_online")
    assert TRAINEE in offered(TALK, None)
    left = StaffMember(id=TRAINEE, name="Tom", status=StaffStatus.LEFT)
    world.done(ChangeStaffMember(staff=left), owner)
    assert offered(TALK, TRAINEE) == set()
    assert TRAINEE not in offered(TALK, None) != set()
    assert world.do(book(world, slot), ann) == Denied("RefusedError", "staff_not_bookable")
    world.done(ArchiveClient(client_id=ANN), owner)
    assert offered(TALK, PRACTITIONER) == offered(TALK, None) == set()
    again = evolve(book(world, slot), staff_id=PRACTITIONER)
    assert world.do(again, ann) == Denied("RefusedError", "client_not_served")


def test_who_offers_a_service(either: World) -> None:
    """APT-1: whoever has windows for it, by any of the four levels; the most specific counts."""
    world, owner = either, either.staff(OWNER)
    yoga = Service(id=ServiceId("svc_9"), name="Yoga", duration=60)
    noon = tuple(Window(weekday=day, start=720, end=840) for day in range(7))
    world.done(AddService(service=yoga), owner)

    def who() -> set[StaffId]:
        found = pages(world, see(world, service_id=yoga.id, days=7))
        return {each.staff_id for each in found}

    def level(**given: Any) -> None:
        world.done(SetAvailability(**given), owner)

    assert who() == set(EVERYBODY)  # the practice is open day and night
    level(service_id=yoga.id, weekly=())
    assert who() == {OWNER}  # who has hours of her own
    level(staff_id=OWNER, service_id=yoga.id, weekly=())
    assert who() == set()
    level(staff_id=TRAINEE, service_id=yoga.id, weekly=noon)
    level(staff_id=RECEPTION, weekly=noon)
    assert who() == {TRAINEE, RECEPTION}


def test_staff_see_the_calendars_in_their_reach(world: World) -> None:
    """PPL-3, APT-3: one's own, everybody's, or none; what is hidden is not counted."""
    tom, owner = world.staff(TRAINEE), world.staff(OWNER)

    def reach(**given: Reach) -> None:
        rights = Permissions(view_clients=Reach.EVERYTHING, **given)
        changed = StaffMember(id=TRAINEE, name="Tom", permissions=rights)
        world.done(ChangeStaffMember(staff=changed), owner)

    reach(view_calendar=Reach.ASSIGNED, edit_calendar=Reach.ASSIGNED)
    assert {each.staff_id for each in world.look(see(world), tom)} == {TRAINEE}
    reach(view_calendar=Reach.EVERYTHING, edit_calendar=Reach.EVERYTHING)
    assert {each.staff_id for each in pages(world, see(world, days=1), tom)} == set(EVERYBODY)
    reach(view_calendar=Reach.ASSIGNED)
    assert world.look(see(world), tom) == Denied("RefusedError", "may_only_view")
    reach()
    assert world.look(see(world), tom).error == "NotFoundError"


def test_a_proxy_looks_with_the_scope_to_book(world: World) -> None:
    """REL-2: without it they learn nothing of when anybody is free."""
    view, mother = see(world, client_id=CAT), dora(world)
    assert len(world.look(view, mother)) == 50
    only_join = ChangeRelationship(relationship_id=MOTHER, scopes=frozenset({Scope.JOIN}))
    world.done(only_join, world.staff(OWNER))
    assert world.look(view, mother).error == "NotFoundError"
    assert world.look(view, world.client(ANN)).error == "NotFoundError"
    assert world.look(see(world, service_id=MEETING), world.client(ANN))


def reads(world: World, view: SeeSlots) -> list[Any]:
    """The questions that a look takes, one a round trip."""
    asked: list[Any] = []

    def answer(needs: Any) -> Any:
        asked.extend(needs)
        with world.storage.open(world.practice_id) as work:
            return work.read(needs)

    run(view.flow(Context(actor=world.client(ANN), now=world.clock.at)), answer)
    return asked


def test_the_first_page_does_not_read_the_year(world: World) -> None:
    """APT-3: one question while the page is full with it; then ever longer ones, to the horizon."""
    for staff_id in (None, PRACTITIONER):
        (one,) = reads(world, see(world, staff_id, days=366))
        assert one.within.end - one.within.start <= 14 * DAY
    world.done(SetAvailability(service_id=TALK, weekly=()), world.staff(OWNER))
    spans = [each.within for each in reads(world, see(world, PRACTITIONER, days=366))]
    assert [(each.end - each.start).days for each in spans] == [14, 28, 56, 112, 156]
    assert all(a.end == b.start for a, b in pairwise(spans))
    world.done(ChangePractice(booking=BookingRules(horizon_months=1)), world.staff(OWNER))
    assert len(reads(world, see(world, PRACTITIONER, days=366))) == 2
