"""Answers about when a service can be had: of one staff member, of anybody (APT-1, APT-3)."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa
from attrs import frozen

from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Availability, Service
from clientportal.domain.buffers import LONGEST
from clientportal.domain.busy import BusyCalendar
from clientportal.domain.claims import Exclusive, without
from clientportal.domain.holds import Occupant, time_of
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import Interval, microseconds, moment_of
from clientportal.domain.people import StaffMember
from clientportal.domain.slots import Offer, Upcoming
from clientportal.policies.appointments import BookingFacts
from clientportal.policies.slots import SearchFacts
from clientportal.policies.standing import Standing
from clientportal.ports import queries as q
from clientportal_sql.answers_booking import around, yielding_in, yielding_to
from clientportal_sql.cells import cell_of
from clientportal_sql.joins import (
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
from clientportal_sql.statements import Asked, P, Picked, Row, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_service, _staff = alias(Service), alias(StaffMember)
_LEVELS: Final = ("practice_level", "service_level", "staff_level", "both_level")
_levels: Final = {name: alias(Availability, name) for name in _LEVELS}
#: The id of each level; that of nobody in particular is a star.
_IDS: Final = {
    "practice_level": word("*/*"),
    "service_level": word("*/").concat(_service.c.id),
    "staff_level": _staff.c.id.concat(word("/*")),
    "both_level": _staff.c.id.concat(word("/")).concat(_service.c.id),
}


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
    .where(_outside.here(_outside.c.staff_id == _staff.c.id))
    .scalar_subquery()
)
_intervals: Final[Any] = cell_of(tuple[Interval, ...]).back
_YIELDING: Final = yielding_to(_staff.c.id)
_joins: Final = StandingJoins(bound("client"))
_FACTS: Final = Picked(
    **_joins.parts,
    service=_service,
    with_staff=_staff,
    held=time_held(_staff.c.id, "of_staff"),
    held_of_client=time_held(bound("client"), "of_client"),
    busy=_busy,
    upcoming=_upcoming_count,
    **_YIELDING,
    **_levels,
)


def _statement(whom: Any, *, is_outer: bool) -> Statement:
    """A row for each staff member of *whom*."""
    joined = _joins.around().join(_service.table, _service.here(_service.c.id == bound("service")))
    joined = joined.join(_staff.table, _staff.here(whom), isouter=is_outer)
    for name, level in _levels.items():
        joined = joined.outerjoin(level.table, level.here(level.c.id == _IDS[name]))
    which = _joins.practice.here(_joins.practice.c.id == P)
    return Statement(sa.select(*_FACTS.columns).select_from(joined).where(which))


_OF_ONE: Final = _statement(_staff.c.id == bound("with_staff"), is_outer=False)
_OF_ANYBODY: Final = _statement(_staff.c.status == word("active"), is_outer=True)


@frozen(kw_only=True)
class _Shared:
    """What all the offers have in common."""

    need: q.BookingFactsOf | q.SearchFactsOf
    standing: Standing
    upcoming: Upcoming
    of_client: tuple[Exclusive, ...]


def _busy_in(cells: str, within: Interval) -> tuple[Interval, ...]:
    """What of the calendars outside touches the hours that are looked at."""
    first, end = hours_around(within)
    span = Interval(moment_of(first * HOUR), moment_of(end * HOUR))
    found = {each for cell in json.loads(cells) for each in _intervals(cell)}
    near = (each for each in found if each.overlaps(span))
    return tuple(sorted(near, key=lambda each: (each.start, each.end)))


def _offer(row: Row, seen: Seen, shared: _Shared) -> Offer:
    service, staff, cells, busy, *levels = _FACTS.take(
        row, seen, "service", "with_staff", "held", "busy", *_LEVELS
    )
    one, other = sorted((held(json.loads(cells)), shared.of_client), key=_resource)
    gone = (time for each in _gives_way(row, None) for time in time_of(each))
    return Offer(
        practice=shared.standing.practice,
        service=service,
        staff=staff,
        levels=tuple(level for level in levels if level is not None),
        held=without(one + other, gone),
        upcoming=shared.upcoming,
        busy=_busy_in(busy, shared.need.within),
    )


def _gives_way(row: Row, seen: Seen | None) -> tuple[Occupant, ...]:
    return yielding_in(_FACTS.take(row, None, *_YIELDING), seen)


def _resource(claims: tuple[Exclusive, ...]) -> str:
    return claims[0].resource if claims else ""


def _answer(rows: Rows, seen: Seen, need: q.BookingFactsOf | q.SearchFactsOf) -> SearchFacts:
    """What all the rows say: the standing and the service by the first, an offer by each."""
    first = only(rows, need, need.client_id)
    standing = standing_in(_FACTS, first, seen, need.actor)
    service, cells, ahead = _FACTS.take(first, seen, "service", "held_of_client", "upcoming")
    total, alike = json.loads(ahead)
    shared = _Shared(
        need=need,
        standing=standing,
        upcoming=Upcoming(total=total, alike=int(alike)),
        of_client=held(json.loads(cells)),
    )
    place = _FACTS.at("with_staff")
    offers = (_offer(row, seen, shared) for row in rows if row[place] is not None)
    by_id = sorted(offers, key=lambda offer: offer.staff.id)
    return SearchFacts(standing=standing, service=service, offers=tuple(by_id))


def _named(need: q.BookingFactsOf | q.SearchFactsOf) -> dict[str, Any]:
    first, end = hours_around(need.within)
    return {
        **who(need.actor),
        **around(need.within),
        "client": need.client_id,
        "service": need.service_id,
        "first_hour": first,
        "end_hour": end,
        "now": microseconds(need.now),
        "a_day_before": microseconds(need.now - LONGEST),
    }


def booking_facts_of(practice_id: PracticeId, need: q.BookingFactsOf) -> Asked:
    """Answers `BookingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> BookingFacts:
        found = _answer(rows, seen, need)
        yielding = _gives_way(rows[0], seen)
        return BookingFacts(standing=found.standing, offer=found.offers[0], yielding=yielding)

    return ask(_OF_ONE, practice_id, build, with_staff=need.staff_id, **_named(need))


def search_facts_of(practice_id: PracticeId, need: q.SearchFactsOf) -> Asked:
    """Answers `SearchFactsOf`."""

    def build(rows: Rows, seen: Seen) -> SearchFacts:
        return _answer(rows, seen, need)

    return ask(_OF_ANYBODY, practice_id, build, **_named(need))
