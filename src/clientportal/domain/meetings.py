"""Meetings: who has come to a video appointment, and whom the host let in (APT-12)."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.bounds import whole
from clientportal.domain.ids import AppointmentId, ClientId, RelationshipId
from clientportal.domain.moments import Moment, is_moment

Attendee: TypeAlias = ClientId | RelationshipId


@frozen(kw_only=True)
class Attendance:
    """Somebody who has come: they wait since *since*, or were let in at *admitted_at*."""

    attendee: Attendee
    since: Moment = field(validator=is_moment)
    admitted_at: Moment | None = field(default=None, validator=optional(is_moment))


@frozen(kw_only=True)
class Meeting:
    """What happens at the door of one version of an appointment. Belongs to the appointment.

    *sequence* is the appointment's when the first one came: once it is moved or cancelled, nobody
    waits and nobody is let in any more, whatever happened before. *there* are in order of coming.
    """

    appointment_id: AppointmentId
    sequence: int = field(validator=whole(0, 2**53))
    started_at: Moment | None = field(default=None, validator=optional(is_moment))
    ended_at: Moment | None = field(default=None, validator=optional(is_moment))
    there: tuple[Attendance, ...] = ()

    claims = ()

    @property
    def id(self) -> str:
        """The appointment, and which version of it."""
        return f"{self.appointment_id}/{self.sequence}"

    @property
    def belongs_to(self) -> AppointmentId:
        """The appointment is rewritten with it, so nobody is let in while it is cancelled."""
        return self.appointment_id

    @property
    def is_running(self) -> bool:
        """Whether the host has started it and not ended it; no clock is asked."""
        return self.started_at is not None and self.ended_at is None

    def attendance(self, attendee: Attendee | None) -> Attendance | None:
        """How *attendee* has come, if they have."""
        return next((each for each in self.there if each.attendee == attendee), None)

    def without(self, attendee: Attendee) -> tuple[Attendance, ...]:
        """Everybody there but *attendee*."""
        return tuple(each for each in self.there if each.attendee != attendee)


@frozen(kw_only=True)
class WaitingRoomEntered:
    """Somebody has come, and waits to be let in."""

    appointment_id: AppointmentId
    attendee: Attendee
    at: Moment


@frozen(kw_only=True)
class MeetingStarted:
    """The host has come."""

    appointment_id: AppointmentId
    at: Moment


@frozen(kw_only=True)
class AttendeeAdmitted:
    """Somebody who waited was let in."""

    appointment_id: AppointmentId
    attendee: Attendee
    at: Moment


@frozen(kw_only=True)
class AttendeeLeft:
    """Somebody waits no more, or has gone out."""

    appointment_id: AppointmentId
    attendee: Attendee


@frozen(kw_only=True)
class MeetingEnded:
    """The host has ended it; everybody is out."""

    appointment_id: AppointmentId
    at: Moment


MeetingEvent: TypeAlias = (
    WaitingRoomEntered | MeetingStarted | AttendeeAdmitted | AttendeeLeft | MeetingEnded
)


def after(meeting: Meeting, event: MeetingEvent) -> Meeting:
    """The meeting as it stands once *event* has happened."""
    match event:
        case WaitingRoomEntered(attendee=who, at=at):
            came = Attendance(attendee=who, since=at)
            return evolve(meeting, there=(*meeting.without(who), came))
        case MeetingStarted(at=at):
            return evolve(meeting, started_at=at, ended_at=None)
        case AttendeeAdmitted(attendee=who, at=at):
            there = (_admitted(each, who, at) for each in meeting.there)
            return evolve(meeting, there=tuple(there))
        case AttendeeLeft(attendee=who):
            return evolve(meeting, there=meeting.without(who))
        case MeetingEnded(at=at):
            return evolve(meeting, ended_at=at, there=())
        case _:
            assert_never(event)


def _admitted(attendance: Attendance, attendee: Attendee, at: Moment) -> Attendance:
    return evolve(attendance, admitted_at=at) if attendance.attendee == attendee else attendance
