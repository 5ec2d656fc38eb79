"""Answers about what stands in the way of a booking (APT-3, APT-4)."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import microseconds
from clientportal.domain.slots import AROUND
from clientportal.ports import queries as q
from clientportal_sql.joins import alias, ask, bound, word
from clientportal_sql.statements import Asked, Picked, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_meeting = alias(Appointment)
_MEETING: Final = Picked(meeting=_meeting)
_OCCUPYING: Final = (word("requested"), word("booked"))


def _near(column: str, name: str) -> sa.Select[tuple[str]]:
    """The ids of what holds the time of one of the two, each found by its own index."""
    one = alias(Appointment, f"by_{name}")
    near = one.here(
        one.c[column] == bound(name),
        one.c.interval_start >= bound("first", WHOLE),
        one.c.interval_start < bound("last", WHOLE),
        one.c.status.in_(_OCCUPYING),
    )
    return sa.select(one.c.id).where(near)


_of_either = _near("staff_id", "staff").union(_near("client_id", "client"))
_NEIGHBOURS_OF: Final = Statement(
    sa.select(*_MEETING.columns).where(_meeting.here(_meeting.c.id.in_(_of_either)))
)


def neighbours_of(practice_id: PracticeId, need: q.NeighboursOf) -> Asked:
    """Answers `NeighboursOf`."""

    def build(rows: Rows, _: Seen) -> tuple[Appointment, ...]:
        found = [_MEETING.take(row, None, "meeting")[0] for row in rows]
        return tuple(sorted(found, key=lambda each: (each.interval.start, each.id)))

    return ask(
        _NEIGHBOURS_OF,
        practice_id,
        build,
        staff=need.staff_id,
        client=need.client_id,
        first=microseconds(need.within.start - AROUND),
        last=microseconds(need.within.end + AROUND),
    )
