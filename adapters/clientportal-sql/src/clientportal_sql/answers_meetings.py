"""Answers about meetings: an appointment, and who has come to it (APT-12)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import PracticeId
from clientportal.domain.meetings import Meeting
from clientportal.domain.people import StaffMember
from clientportal.policies.joining import MeetingFacts
from clientportal.ports import queries as q
from clientportal_sql.joins import StandingJoins, alias, ask, bound, only, standing_in, who
from clientportal_sql.statements import Asked, Picked, Rows, Seen, Statement

_appointment, _meeting = alias(Appointment), alias(Meeting)
_host = alias(StaffMember, "host")
_of_it = (
    _meeting.c.appointment_id == _appointment.c.id,
    _meeting.c.sequence == _appointment.c.sequence,
)
_joins: Final = StandingJoins(_appointment.c.client_id)
_FACTS: Final = Picked(**_joins.parts, appointment=_appointment, meeting=_meeting, host=_host)
_FACTS_OF: Final = Statement(
    sa.select(*_FACTS.columns)
    .select_from(
        _joins.around(_appointment.table)
        .join(_host.table, _host.here(_host.c.id == _appointment.c.staff_id))
        .outerjoin(_meeting.table, _meeting.here(*_of_it))
    )
    .where(_appointment.here(_appointment.c.id == bound("appointment")))
)


def meeting_facts_of(practice_id: PracticeId, need: q.MeetingFactsOf) -> Asked:
    """Answers `MeetingFactsOf`."""

    def build(rows: Rows, seen: Seen) -> MeetingFacts:
        row = only(rows, need, need.appointment_id)
        appointment, meeting, host = _FACTS.take(row, seen, "appointment", "meeting", "host")
        return MeetingFacts(
            standing=standing_in(_FACTS, row, seen, need.actor),
            appointment=appointment,
            meeting=meeting
            or Meeting(appointment_id=appointment.id, sequence=appointment.sequence),
            host=host,
        )

    named = {"appointment": need.appointment_id, **who(need.actor)}
    return ask(_FACTS_OF, practice_id, build, **named)
