"""Answers about what can be booked, and what is (APT-1 to APT-7)."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Availability, Service
from clientportal.domain.buffers import LONGEST
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.claims import without
from clientportal.domain.holds import Occupant, time_of
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import Interval, microseconds, moment_of
from clientportal.domain.people import StaffMember
from clientportal.domain.slots import Offer, Upcoming
from clientportal.policies.appointments import AppointmentFacts, BookingFacts
from clientportal.ports import queries as q
from clientportal_sql.answers_booking import YIELDING, around, yielding_in
from clientportal_sql.cells import cell_of
from clientportal_sql.joins import (
    FIRST,
    LAST,
    ONE,
    ZERO,
    StandingJoins,
    alias,
    ask,
    bound,
    only,
    standing_in,
    time_held,
    who,
    word,
)
from clientportal_sql.masks import HOUR, held, hours_around
from clientportal_sql.nouns import Alias
from clientportal_sql.pages import SEEN_LAST, begin, key, page
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_service, _staff, _appointment = alias(Service), alias(StaffMember), alias(Appointment)


def _nothing(noun: Alias) -> list[Any]:
    return [sa.cast(sa.null(), column.type) for column in noun.columns]


_CATALOGUE: Final = Picked(service=_service, staff=_staff)
_CATALOGUE_OF: Final = Statement(
    sa.union_all(
        sa.select(*_service.columns, *_nothing(_staff)).where(_service.here()),
        sa.select(*_nothing(_service), *_staff.columns).where(
            _staff.here(_staff.c.status == word("active"))
        ),
    )
)


def _by_id(states: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted((each for each in states if each is not None), key=lambda each: each.id))


def catalogue_of(practice_id: PracticeId, _: q.CatalogueOf) -> Asked:
    """Answers `CatalogueOf`."""

    def build(rows: Rows, _: Seen) -> q.Catalogue:
        found = [_CATALOGUE.take(row, None, "service", "staff") for row in rows]
        services, staff = [one for one, _ in found], [one for _, one in found]
        return q.Catalogue(services=_by_id(services), staff=_by_id(staff))

    return ask(_CATALOGUE_OF, practice_id, build)


_LEVELS: Final = ("practice_level", "service_level", "staff_level", "both_level")
_levels: Final = {name: alias(Availability, name) for name in _LEVELS}
_held: Final = time_held("busy_staff", "busy_client")
_ahead = alias(Appointment, "ahead")
_upcoming_then: Final = sa.or_(
    sa.and_(_ahead.c.status == word("booked"), _ahead.c.interval_end > bound("now", WHOLE)),
    sa.and_(_ahead.c.status == word("requested"), _ahead.c.interval_start > bound("now", WHOLE)),
)
_alike = sa.case((_ahead.c.service_id == bound("service"), ONE), else_=ZERO)
_upcoming_count = (
    sa.select(sa.func.json_array(sa.func.count(), sa.func.total(_alike)))
    .select_from(_ahead.table)
    .where(
        _ahead.here(
            _ahead.c.client_id == bound("client"),
            _ahead.c.interval_start > bound("a_day_before", WHOLE),
            _upcoming_then,
        )
    )
    .scalar_subquery()
)
_outside: Final = alias(BusyCalendar)
_busy = (
    sa.select(sa.func.json_group_array(_outside.c.intervals))
    .where(_outside.here(_outside.c.staff_id == bound("busy_staff")))
    .scalar_subquery()
)
_intervals: Final[Any] = cell_of(tuple[Interval, ...]).back
_booking_joins: Final = StandingJoins(bound("client"))
_BOOKING: Final = Picked(
    **_booking_joins.parts,
    service=_service,
    with_staff=_staff,
    held=_held,
    busy=_busy,
    upcoming=_upcoming_count,
    **YIELDING,
    **_levels,
)


def _booking() -> Statement:
    joined = (
        _booking_joins.around()
        .join(_service.table, _service.here(_service.c.id == bound("service")))
        .join(_staff.table, _staff.here(_staff.c.id == bound("with_staff")))
    )
    for name, level in _levels.items():
        joined = joined.outerjoin(level.table, level.here(level.c.id == bound(name)))
    practice = _booking_joins.practice
    which = practice.here(practice.c.id == P)
    return Statement(sa.select(*_BOOKING.columns).select_from(joined).where(which))


_BOOKING_OF: Final = _booking()


def _busy_in(cells: str, need: q.BookingFactsOf) -> tuple[Interval, ...]:
    """What of the calendars outside touches the hours that are looked at."""
    first, end = hours_around(need.within)
    span = Interval(moment_of(first * HOUR), moment_of(end * HOUR))
    found = {each for cell in json.loads(cells) for each in _intervals(cell)}
    near = (each for each in found if each.overlaps(span))
    return tuple(sorted(near, key=lambda each: (each.start, each.end)))


def _offer(
    row: Row, seen: Seen, practice: Any, *, need: q.BookingFactsOf, yielding: tuple[Occupant, ...]
) -> Offer:
    service, staff, cells, outside, ahead, *levels = _BOOKING.take(
        row, seen, "service", "with_staff", "held", "busy", "upcoming", *_LEVELS
    )
    total, alike = json.loads(ahead)
    return Offer(
        practice=practice,
        service=service,
        staff=staff,
        levels=tuple(level for level in levels if level is not None),
        held=without(
            held(json.loads(cells)), (time for each in yielding for time in time_of(each))
        ),
        busy=_busy_in(outside, need),
        upcoming=Upcoming(total=total, alike=int(alike)),
    )


def _levels_of(staff: str, service: str) -> dict[str, str]:
    """The ids of the levels that apply, from the least specific."""
    levels = ("*/*", f"*/{service}", f"{staff}/*", f"{staff}/{service}")
    return dict(zip(_LEVELS, levels, strict=True))


def booking_facts_of(practice_id: PracticeId, need: q.BookingFactsOf) -> Asked:
    """Answers `BookingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> BookingFacts:
        row = only(rows, need, need.client_id)
        standing = standing_in(_BOOKING, row, seen, need.actor)
        yielding = yielding_in(_BOOKING.take(row, None, *YIELDING), seen)
        offer = _offer(row, seen, standing.practice, need=need, yielding=yielding)
        return BookingFacts(standing=standing, offer=offer, yielding=yielding)

    first, end = hours_around(need.within)
    named = {
        **who(need.actor),
        **_levels_of(need.staff_id, need.service_id),
        "client": need.client_id,
        "service": need.service_id,
        "with_staff": need.staff_id,
        "busy_staff": need.staff_id,
        "busy_client": need.client_id,
        "first_hour": first,
        "end_hour": end,
        "now": microseconds(need.now),
        **around(need.within),
        "a_day_before": microseconds(need.now - LONGEST),
    }
    return ask(_BOOKING_OF, practice_id, build, **named)


_joins: Final = StandingJoins(_appointment.c.client_id)
_FACTS: Final = Picked(**_joins.parts, appointment=_appointment)
_FACTS_OF: Final = Statement(
    sa.select(*_FACTS.columns)
    .select_from(_joins.around(_appointment.table))
    .where(_appointment.here(_appointment.c.id == bound("appointment")))
)


def appointment_facts_of(practice_id: PracticeId, need: q.AppointmentFactsOf) -> Asked:
    """Answers `AppointmentFactsOf`."""

    def build(rows: Rows, seen: Seen) -> AppointmentFacts:
        row = only(rows, need, need.appointment_id)
        (appointment,) = _FACTS.take(row, seen, "appointment")
        standing = standing_in(_FACTS, row, seen, need.actor)
        return AppointmentFacts(standing=standing, appointment=appointment)

    named = {"appointment": need.appointment_id, **who(need.actor)}
    return ask(_FACTS_OF, practice_id, build, **named)


_APPOINTMENT: Final = Picked(appointment=_appointment)
_start, _id = _appointment.c.interval_start, _appointment.c.id
_now = bound("now", WHOLE)
_upcoming = sa.or_(
    sa.and_(_appointment.c.status == word("booked"), _appointment.c.interval_end > _now),
    sa.and_(_appointment.c.status == word("requested"), _start > _now),
)


def _page(condition: Any, after: Any, *order: Any) -> Statement:
    whose = _appointment.c.client_id == bound("client")
    found = sa.select(*_APPOINTMENT.columns).where(_appointment.here(whose, condition, after))
    return Statement(page(found.order_by(*order)))


_key = key(_start, _id)
_PAGES: Final = {
    True: _page(_upcoming, _key > SEEN_LAST, _start, _id),
    False: _page(sa.not_(_upcoming), _key < SEEN_LAST, _start.desc(), _id.desc()),
}


def appointments_of(practice_id: PracticeId, need: q.AppointmentsOf) -> Asked:
    """Answers `AppointmentsOf`."""

    def build(rows: Rows, _: Seen) -> tuple[Appointment, ...]:
        return tuple(_APPOINTMENT.take(row, None, "appointment")[0] for row in rows)

    return ask(
        _PAGES[need.upcoming],
        practice_id,
        build,
        client=need.client_id,
        now=microseconds(need.now),
        **begin(need.after, FIRST if need.upcoming else LAST),
        limit=need.limit,
    )
