"""Answers about histories and calendars (APT-16, PPL-3)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import PracticeId
from clientportal.domain.people import StaffMember
from clientportal.ports import queries as q
from clientportal_sql.joins import Build, alias, as_list, ask, listed
from clientportal_sql.nouns import Alias
from clientportal_sql.statements import Asked, Picked, Rows, Seen, Statement

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
