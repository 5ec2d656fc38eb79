"""Answers about what can be booked, and what is (APT-1 to APT-7)."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Availability, Service
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import Interval, microseconds, moment_of
from clientportal.domain.people import StaffMember
from clientportal.domain.slots import Offer
from clientportal.policies.appointments import AppointmentFacts, BookingFacts
from clientportal.ports import queries as q
from clientportal_sql.cells import cell_of
from clientportal_sql.joins import (
    FIRST,
    LAST,
    ZERO,
    StandingJoins,
    alias,
    ask,
    bound,
    only,
    standing_in,
    who,
    word,
)
from clientportal_sql.masks import HOUR, held, hours_around
from clientportal_sql.nouns import Alias
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement
from clientportal_sql.tables import BUSY, WHOLE

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
_held = (
    sa.select(
        sa.func.json_group_array(
            sa.func.json_array(
                BUSY.c.resource, BUSY.c.hour, BUSY.c.lane, BUSY.c.seat, BUSY.c.minutes
            )
        )
    )
    .where(
        BUSY.c.practice_id == P,
        BUSY.c.resource.in_([bound("busy_staff"), bound("busy_client")]),
        BUSY.c.hour >= bound("first_hour", WHOLE),
        BUSY.c.hour < bound("end_hour", WHOLE),
        BUSY.c.minutes != ZERO,
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
    **_booking_joins.parts, service=_service, with_staff=_staff, held=_held, busy=_busy, **_levels
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


def _offer(row: Row, seen: Seen, practice: Any, need: q.BookingFactsOf) -> Offer:
    service, staff, cells, outside, *levels = _BOOKING.take(
        row, seen, "service", "with_staff", "held", "busy", *_LEVELS
    )
    return Offer(
        practice=practice,
        service=service,
        staff=staff,
        levels=tuple(level for level in levels if level is not None),
        held=held(json.loads(cells)),
        busy=_busy_in(outside, need),
    )


def booking_facts_of(practice_id: PracticeId, need: q.BookingFactsOf) -> Asked:
    """Answers `BookingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> BookingFacts:
        row = only(rows, need, need.client_id)
        standing = standing_in(_BOOKING, row, seen, need.actor)
        return BookingFacts(standing=standing, offer=_offer(row, seen, standing.practice, need))

    first, end = hours_around(need.within)
    staff, service = need.staff_id, need.service_id
    levels = ("*/*", f"*/{service}", f"{staff}/*", f"{staff}/{service}")
    named = {
        **who(need.actor),
        **dict(zip(_LEVELS, levels, strict=True)),
        "client": need.client_id,
        "service": service,
        "with_staff": staff,
        "busy_staff": staff,
        "busy_client": need.client_id,
        "first_hour": first,
        "end_hour": end,
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
    return Statement(
        sa.select(*_APPOINTMENT.columns)
        .where(_appointment.here(whose, condition, after))
        .order_by(*order)
        .limit(bound("limit", WHOLE))
        .offset(ZERO)
    )


_key = sa.tuple_(_start, _id)
_seen_last = sa.tuple_(bound("after_at", WHOLE), bound("after_id", sa.Text))
_PAGES: Final = {
    True: _page(_upcoming, _key > _seen_last, _start, _id),
    False: _page(sa.not_(_upcoming), _key < _seen_last, _start.desc(), _id.desc()),
}


def appointments_of(practice_id: PracticeId, need: q.AppointmentsOf) -> Asked:
    """Answers `AppointmentsOf`."""

    def build(rows: Rows, _: Seen) -> tuple[Appointment, ...]:
        return tuple(_APPOINTMENT.take(row, None, "appointment")[0] for row in rows)

    at, last = (FIRST if need.upcoming else LAST), ""
    if need.after is not None:
        at, last = microseconds(need.after[0]), need.after[1]
    return ask(
        _PAGES[need.upcoming],
        practice_id,
        build,
        client=need.client_id,
        now=microseconds(need.now),
        after_at=at,
        after_id=last,
        limit=need.limit,
    )
