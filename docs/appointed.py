"""How an appointment moves between its statuses, tried out on `after`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import attrs

from clientportal.domain import appointments as life
from clientportal.domain import moves
from clientportal.domain.appointments import Appointment, AppointmentStatus, after
from clientportal.domain.ids import AppointmentId, ClientId, ServiceId, StaffId
from clientportal.domain.moments import Interval

_AT: Final = datetime(2026, 1, 1, 9, tzinfo=UTC)
_ID: Final = AppointmentId("apt_1")
_VALUES: Final[Mapping[str, object]] = {
    "appointment_id": _ID,
    "start": _AT,
    "end": _AT + timedelta(hours=1),
    "at": _AT,
    "is_late": False,
}

#: Each event in words.
WORDS: Final[Mapping[type[Any], str]] = {
    life.AppointmentRequested: "a client asks for it",
    life.AppointmentBooked: "booked outright",
    life.AppointmentAccepted: "staff accept it",
    life.AppointmentDeclined: "staff decline it",
    life.AppointmentCancelled: "it is cancelled",
    life.AppointmentLapsed: "nobody answered, and its time is given away",
    moves.AppointmentMoved: "it is moved",
    moves.AppointmentMoveProposed: "a client asks to move it",
    moves.AppointmentMoveAccepted: "staff accept the move",
    moves.AppointmentMoveDeclined: "staff decline the move",
    moves.AppointmentMoveWithdrawn: "the move is withdrawn",
    moves.AppointmentConfirmed: "the client confirms it",
    moves.AppointmentFulfilled: "staff note it took place",
    moves.AppointmentMissed: "staff note a no-show",
    moves.AppointmentReopened: "staff take that back",
    moves.AppointmentRestored: "staff restore it",
}


class Step(NamedTuple):
    """What brings an appointment from one status to another, in words."""

    before: AppointmentStatus
    what: str
    then: AppointmentStatus


def steps() -> tuple[Step, ...]:
    """Every move of the table but importing, which is no life; cancelling goes two ways."""
    lived = ((before, kind) for before, kind in life.TRANSITIONS if kind in WORDS)
    return tuple(step for before, kind in lived for step in _of(before, kind))


def _of(before: AppointmentStatus, kind: type[Any]) -> Iterator[Step]:
    start = Appointment(
        id=_ID,
        client_id=ClientId("cli_1"),
        staff_id=StaffId("stf_1"),
        service_id=ServiceId("svc_1"),
        interval=Interval(_AT, _AT + timedelta(hours=1)),
        status=before,
        made_at=_AT,
    )
    event = kind(**{each.name: _VALUES[each.name] for each in attrs.fields(kind)})
    yield Step(before, WORDS[kind], after(start, event).status)
    if kind is life.AppointmentCancelled and before is AppointmentStatus.BOOKED:
        late = after(start, attrs.evolve(event, is_late=True)).status
        yield Step(before, "a client cancels it late", late)
