"""Answers about what is offered, and what is booked (APT-1 to APT-7)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Service
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import microseconds
from clientportal.domain.people import StaffMember
from clientportal.policies.appointments import AppointmentFacts
from clientportal.ports import queries as q
from clientportal_sql.joins import (
    FIRST,
    LAST,
    StandingJoins,
    alias,
    ask,
    bound,
    only,
    standing_in,
    who,
    word,
)
from clientportal_sql.nouns import Alias
from clientportal_sql.pages import SEEN_LAST, begin, key, page
from clientportal_sql.statements import Asked, Picked, Rows, Seen, Statement
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
