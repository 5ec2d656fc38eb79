"""Answers about whom mail about an appointment reaches, and which are near (APT-14)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access, Account
from clientportal.domain.appointment_notices import AppointmentNotice
from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import microseconds
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Relationship
from clientportal.policies.reminders import AttendanceFacts, Attendant
from clientportal.ports import queries as q
from clientportal_sql.joins import ZERO, alias, ask, bound, only, word
from clientportal_sql.statements import Asked, P, Picked, Rows, Seen, Statement, grouped
from clientportal_sql.tables import WHOLE

_appointment, _practice, _client = alias(Appointment), alias(Practice), alias(Client)
_staff, _access, _account = alias(StaffMember), alias(Access), alias(Account)
_bond, _notice = alias(Relationship), alias(AppointmentNotice)
_FACTS: Final = Picked(
    practice=_practice,
    client=_client,
    staff=_staff,
    appointment=_appointment,
    access=_access,
    email=_account.c.email,
    bond=_bond,
    notice=_notice,
)
_live = (_access.c.client_id == _appointment.c.client_id, _access.c.ended_at.is_(None))
_present = (
    _notice.c.appointment_id == _appointment.c.id,
    _notice.c.sequence == _appointment.c.sequence,
    sa.or_(_notice.c.person == _access.c.account_id, _notice.c.person == _appointment.c.staff_id),
)


def _around(source: Any) -> Any:
    """The joins around the appointments in *source*: a row for each account and notice."""
    return (
        source.join(_practice.table, _practice.here(_practice.c.id == P))
        .join(_client.table, _client.here(_client.c.id == _appointment.c.client_id))
        .join(_staff.table, _staff.here(_staff.c.id == _appointment.c.staff_id))
        .outerjoin(_access.table, _access.here(*_live))
        .outerjoin(_account.table, _account.here(_account.c.id == _access.c.account_id))
        .outerjoin(_bond.table, _bond.here(_bond.c.id == _access.c.relationship_id))
        .outerjoin(_notice.table, _notice.here(*_present))
    )


_ATTENDANCE: Final = Statement(
    sa.select(*_FACTS.columns)
    .select_from(_around(_appointment.table))
    .where(_appointment.here(_appointment.c.id == bound("appointment")))
)


def _attendants(rows: Rows) -> tuple[Attendant, ...]:
    found: dict[str, Attendant] = {}
    for row in rows:
        access, email, bond = _FACTS.take(row, None, "access", "email", "bond")
        if access is not None:
            found[access.id] = Attendant(access=access, email=email, bond=bond)
    return tuple(found[each] for each in sorted(found))


def _facts(rows: Rows, seen: Seen | None) -> AttendanceFacts:
    names = ("practice", "client", "staff", "appointment")
    practice, client, staff, appointment = _FACTS.take(rows[0], None, *names)
    if seen is not None:
        _FACTS.take(rows[0], seen, "practice", "appointment")
    notices = {e.id: e for row in rows for e in _FACTS.take(row, seen, "notice") if e is not None}
    return AttendanceFacts(
        practice=practice,
        client=client,
        staff=staff,
        appointment=appointment,
        attendants=_attendants(rows),
        notices=tuple(notices[each] for each in sorted(notices)),
    )


def attendance_of(practice_id: PracticeId, need: q.AttendanceOf) -> Asked:
    """Answers `AttendanceOf`."""

    def build(rows: Rows, seen: Seen) -> AttendanceFacts:
        only(rows, need, need.appointment_id)
        return _facts(rows, seen)

    return ask(_ATTENDANCE, practice_id, build, appointment=need.appointment_id)


_near = alias(Appointment, "near")
_start = _near.c.interval_start
_page = (
    sa.select(_near.c.id)
    .where(
        _near.here(
            _near.c.status == word("booked"),
            sa.tuple_(_start, _near.c.id)
            > sa.tuple_(bound("after_at", WHOLE), bound("after_id", sa.Text)),
            _start < bound("end", WHOLE),
        )
    )
    .order_by(_start, _near.c.id)
    .limit(bound("limit", WHOLE))
    .offset(ZERO)
    .subquery("page")
)
_STARTING: Final = Statement(
    sa.select(*_FACTS.columns).select_from(
        _around(_page.join(_appointment.table, _appointment.here(_appointment.c.id == _page.c.id)))
    )
)
_columns = [column.name for column in _appointment.columns]
#: Where a row tells what the page is ordered by.
_KEY: Final = [_FACTS.at("appointment") + _columns.index(name) for name in ("interval_start", "id")]


def starting_within(practice_id: PracticeId, need: q.StartingWithin) -> Asked:
    """Answers `StartingWithin`."""
    first = (microseconds(need.within.start), "")
    seen_last = first if need.after is None else (microseconds(need.after[0]), need.after[1])
    at, id_ = max(first, seen_last)

    def build(rows: Rows, _: Seen) -> tuple[AttendanceFacts, ...]:
        return tuple(_facts(each, None) for each in grouped(rows, *_KEY))

    return ask(
        _STARTING,
        practice_id,
        build,
        after_at=at,
        after_id=id_,
        end=microseconds(need.within.end),
        limit=need.limit,
    )
