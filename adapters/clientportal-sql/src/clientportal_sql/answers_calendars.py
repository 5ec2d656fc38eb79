"""Answers about histories and calendars (APT-16, PPL-3)."""

from __future__ import annotations

import json
from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Availability, Service
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import microseconds
from clientportal.domain.people import Client, StaffMember
from clientportal.ports import queries as q
from clientportal_sql.joins import (
    FIRST,
    ZERO,
    Build,
    alias,
    as_list,
    ask,
    bound,
    is_on_roster,
    listed,
    only,
    there_is,
    time_held,
    word,
)
from clientportal_sql.masks import held, hours_touching
from clientportal_sql.nouns import Alias
from clientportal_sql.statements import Asked, Picked, Row, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_appointment, _staff = alias(Appointment), alias(StaffMember)


def _named(noun: Alias) -> Statement:
    here = noun.here(noun.c.id.in_(listed("ids")))
    return Statement(sa.select(*noun.columns).where(here).order_by(noun.c.id))


def _all(noun: Alias) -> Build:
    picked = Picked(one=noun)

    def build(rows: Rows, seen: Seen) -> tuple[Any, ...]:
        return tuple(picked.take(row, seen, "one")[0] for row in rows)

    return build


_APPOINTMENTS_NAMED: Final = _named(_appointment)
_STAFF_NAMED: Final = _named(_staff)
_APPOINTMENTS, _STAFF = _all(_appointment), _all(_staff)


def appointments_named(practice_id: PracticeId, need: q.AppointmentsNamed) -> Asked:
    """Answers `AppointmentsNamed`."""
    ids = as_list(need.appointment_ids)
    return ask(_APPOINTMENTS_NAMED, practice_id, _APPOINTMENTS, ids=ids)


def staff_named(practice_id: PracticeId, need: q.StaffNamed) -> Asked:
    """Answers `StaffNamed`."""
    return ask(_STAFF_NAMED, practice_id, _STAFF, ids=as_list(need.staff_ids))


_levels: Final = {name: alias(Availability, name) for name in ("practice_level", "staff_level")}
_CALENDAR: Final = Picked(staff=_staff, held=time_held(bound("calendar")), **_levels)


def _calendar() -> Statement:
    joined: Any = _staff.table
    for name, level in _levels.items():
        joined = joined.outerjoin(level.table, level.here(level.c.id == bound(name)))
    which = _staff.here(_staff.c.id == bound("calendar"))
    return Statement(sa.select(*_CALENDAR.columns).select_from(joined).where(which))


_CALENDAR_OF: Final = _calendar()


def calendar_of(practice_id: PracticeId, need: q.CalendarOf) -> Asked:
    """Answers `CalendarOf`."""

    def build(rows: Rows, seen: Seen) -> q.Calendar:
        row = only(rows, need, need.staff_id)
        staff, cells, *levels = _CALENDAR.take(row, seen, "staff", "held", *_levels)
        there = tuple(level for level in levels if level is not None)
        return q.Calendar(staff=staff, levels=there, held=held(json.loads(cells)))

    first, end = hours_touching(need.within)
    return ask(
        _CALENDAR_OF,
        practice_id,
        build,
        calendar=need.staff_id,
        practice_level="*/*",
        staff_level=f"{need.staff_id}/*",
        first_hour=first,
        end_hour=end,
    )


_client, _service, _other = alias(Client), alias(Service), alias(Appointment, "other")
_DAY: Final[Any] = sa.literal_column("86400000000")
_start, _end, _id = (_appointment.c[name] for name in ("interval_start", "interval_end", "id"))
_key, _seen_last = (
    sa.tuple_(_start, _id),
    sa.tuple_(bound("after_at", WHOLE), bound("after_id", sa.Text)),
)


def _occupies(noun: Alias) -> Any:
    waits = sa.and_(noun.c.status == word("requested"), noun.c.interval_start > bound("now", WHOLE))
    return sa.or_(noun.c.status == word("booked"), waits)


_overlapping = sa.and_(
    _occupies(_appointment),
    there_is(
        _other.table,
        _other.here(
            _other.c.staff_id == _appointment.c.staff_id,
            _other.c.interval_start > _start - _DAY,
            _other.c.interval_start < _end,
            _other.c.interval_end > _start,
            _other.c.id != _id,
            _occupies(_other),
        ),
        among=(_other,),
    ),
)
_ITEM: Final = Picked(
    appointment=_appointment,
    client=_client,
    service_name=_service.c.name,
    assigned=is_on_roster(_client.c.id, bound("roster")),
    is_overlapping=_overlapping,
)


def _page(length: Any) -> Statement:
    """Those of one length; the shorter ones begin at most a day before, the others are few."""
    joined = _appointment.table.join(
        _client.table, _client.here(_client.c.id == _appointment.c.client_id)
    ).join(_service.table, _service.here(_service.c.id == _appointment.c.service_id))
    touches = (_start < bound("until", WHOLE), _end > bound("since", WHOLE))
    whose = _appointment.c.staff_id == bound("calendar")
    return Statement(
        sa.select(*_ITEM.columns)
        .select_from(joined)
        .where(_appointment.here(whose, *touches, length, _key > _seen_last))
        .order_by(_start, _id)
        .limit(bound("limit", WHOLE))
        .offset(ZERO)
    )


_PAGES: Final = {True: _page(_end - _start > _DAY), False: _page(_end - _start <= _DAY)}


def _item(row: Row) -> q.CalendarItem:
    names = ("appointment", "client", "service_name", "assigned", "is_overlapping")
    appointment, client, service_name, assigned, overlapping = _ITEM.take(row, None, *names)
    return q.CalendarItem(
        appointment=appointment,
        client=client,
        service_name=service_name,
        assigned=bool(assigned),
        is_overlapping=bool(overlapping),
    )


def calendar_page_of(practice_id: PracticeId, need: q.CalendarPageOf) -> Asked:
    """Answers `CalendarPageOf`."""
    since = microseconds(need.within.start)
    after = (FIRST, "") if need.after is None else (microseconds(need.after[0]), need.after[1])
    earliest = (FIRST if need.lasting else since - 86_400_000_000, "")
    at, last = max(after, earliest)
    return ask(
        _PAGES[need.lasting],
        practice_id,
        lambda rows, _: tuple(map(_item, rows)),
        calendar=need.staff_id,
        since=since,
        until=microseconds(need.within.end),
        now=microseconds(need.now),
        roster=need.actor.staff_id,
        after_at=at,
        after_id=last,
        limit=need.limit,
    )
