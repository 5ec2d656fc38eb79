"""What stands in the way of a booking, and what gives way to one (APT-3, APT-4, APT-6)."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.appointments import Appointment
from clientportal.domain.holds import Hold, Occupant
from clientportal.domain.ids import PracticeId
from clientportal.domain.moments import Interval, microseconds
from clientportal.domain.slots import AROUND
from clientportal.ports import queries as q
from clientportal_sql.joins import ZERO, alias, ask, bound, gathered, states_in, word
from clientportal_sql.nouns import Alias
from clientportal_sql.statements import Asked, Rows, Seen, Statement
from clientportal_sql.tables import WHOLE

_NOW: Final = bound("now", WHOLE)
_STAFF: Final = bound("with_staff")


def around(within: Interval) -> dict[str, int]:
    """What statements are told of the days around *within*."""
    return {
        "first_start": microseconds(within.start - AROUND),
        "last_start": microseconds(within.end + AROUND),
    }


def _near(noun: Alias) -> Any:
    start = noun.c.interval_start
    return sa.and_(start >= bound("first_start", WHOLE), start < bound("last_start", WHOLE))


def _of_either(noun: Alias, staff_id: Any) -> Any:
    return sa.or_(noun.c.staff_id == staff_id, noun.c.client_id == bound("client"))


_stale, _stale_hold = alias(Appointment, "stale"), alias(Hold, "stale_hold")


def yielding_to(staff_id: Any) -> dict[str, Any]:
    """The cells of what gives way to a booking of the client with *staff_id*."""
    return {
        "lapsed": gathered(
            _stale,
            _stale.c.status == word("requested"),
            _stale.c.interval_start <= _NOW,
            _near(_stale),
            _of_either(_stale, staff_id),
        ),
        "expired": gathered(
            _stale_hold,
            _stale_hold.c.is_released == ZERO,
            sa.or_(
                _stale_hold.c.client_id == bound("client"),
                sa.and_(
                    _stale_hold.c.staff_id == staff_id,
                    _stale_hold.c.expires_at <= _NOW,
                    _near(_stale_hold),
                ),
            ),
        ),
    }


def yielding_in(cells: tuple[str, ...], seen: Seen | None) -> tuple[Occupant, ...]:
    """What gives way, of those *cells*, remembered where *seen* is given."""
    found = zip(cells, (_stale, _stale_hold), strict=True)
    by_id = (sorted(states_in(c, n, seen), key=lambda each: str(each.id)) for c, n in found)
    return tuple(each for kind in by_id for each in kind)


_meeting, _hold = alias(Appointment, "meeting"), alias(Hold, "held")
_NEIGHBOURS_OF: Final = Statement(
    sa.select(
        gathered(
            _meeting,
            _meeting.c.status.in_((word("requested"), word("booked"))),
            _near(_meeting),
            _of_either(_meeting, _STAFF),
        ),
        gathered(_hold, _hold.c.is_released == ZERO, _near(_hold), _of_either(_hold, _STAFF)),
    )
)


def neighbours_of(practice_id: PracticeId, need: q.NeighboursOf) -> Asked:
    """Answers `NeighboursOf`."""

    def build(rows: Rows, _: Seen) -> tuple[Occupant, ...]:
        meetings, holds = rows[0]
        found = [*states_in(meetings, _meeting), *states_in(holds, _hold)]
        return tuple(sorted(found, key=lambda each: (each.interval.start, each.id)))

    named = {"with_staff": need.staff_id, "client": need.client_id, **around(need.within)}
    return ask(_NEIGHBOURS_OF, practice_id, build, **named)
