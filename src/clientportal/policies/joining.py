"""Who may come to a video appointment, start it and let others in, and when (APT-12)."""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import evolve, frozen

from clientportal.domain.appointments import AppointmentStatus
from clientportal.domain.availability import Modality
from clientportal.domain.meetings import Attendance, Attendee, Meeting
from clientportal.domain.moments import Moment
from clientportal.domain.people import StaffMember
from clientportal.domain.relationships import Scope
from clientportal.policies.appointments import CLIENT_NOT_SERVED, NOT_BOOKED, AppointmentFacts
from clientportal.policies.decision import Decision, allow, deny
from clientportal.policies.standing import (
    GRANTED,
    NOT_IN_GRANT,
    NOT_PERMITTED,
    OWN_RECORD,
    PERMITTED,
    may_act,
)

MAY_JOIN: Final = allow("may_join", "appointment", "APT-12")
MAY_SEE_MEETING: Final = allow("may_see_meeting", "meeting", "APT-12")
MAY_START_MEETING: Final = allow("may_start_meeting", "meeting", "APT-12")
MAY_ADMIT: Final = allow("may_admit", "meeting", "APT-12")
MAY_LEAVE_MEETING: Final = allow("may_leave_meeting", "meeting", "APT-12")
MAY_END_MEETING: Final = allow("may_end_meeting", "meeting", "APT-12")

NOT_YET_OPEN: Final = deny("not_yet_open", "appointment", "APT-12")
NO_LONGER_OPEN: Final = deny("no_longer_open", "appointment", "APT-12")
NOT_ONLINE: Final = deny("not_online", "appointment", "APT-12")
HOST_ONLY: Final = deny("host_only", "meeting", "APT-12")
HOST_STARTS: Final = deny("host_starts", "meeting", "APT-12")
NOT_STARTED: Final = deny("not_started", "meeting", "APT-12")
NOT_WAITING: Final = deny("not_waiting", "meeting", "APT-12")


@frozen(kw_only=True)
class MeetingFacts(AppointmentFacts):
    """An appointment, its meeting and host, and how the actor stands to its client."""

    meeting: Meeting
    host: StaffMember

    @property
    def attendee(self) -> Attendee | None:
        """As whom the actor comes; the host comes as nobody's client."""
        actor = self.standing.actor
        return actor.relationship_id if actor.is_proxy else actor.client_id

    @property
    def attendance(self) -> Attendance | None:
        """How the actor has come, if they have."""
        return self.meeting.attendance(self.attendee)

    @property
    def is_hosted(self) -> bool:
        """Whether the host has started it, and is staff still."""
        return self.meeting.is_running and self.host.is_active


class Door(Enum):
    """What the door of a meeting is to whoever looks at it.

    *open* to come in, or of the host to start; *waiting* to be let in; *admitted*: the link is
    there; *ended* by the host, who may start once more; *closed* for good.
    """

    NOT_YET_OPEN = "not_yet_open"
    OPEN = "open"
    WAITING = "waiting"
    ADMITTED = "admitted"
    ENDED = "ended"
    CLOSED = "closed"


def join_window(facts: AppointmentFacts) -> tuple[Moment, Moment]:
    """`opens_at` and `closes_at` of joining, in elapsed time."""
    rules, interval = facts.standing.practice.booking, facts.appointment.interval
    return interval.start - rules.join_before, interval.end + rules.join_after


def may_see_meeting(facts: AppointmentFacts, now: Moment) -> Decision:
    """Whether somebody may see how things stand at the door: attendees, of what is booked.

    It holds until the door opens or closes.
    """
    attends = _attends(facts)
    if not attends:
        return attends
    if not facts.standing.client.is_active:
        return CLIENT_NOT_SERVED
    if facts.appointment.status is not AppointmentStatus.BOOKED:
        return NOT_BOOKED
    if facts.appointment.modality is not Modality.VIDEO:
        return NOT_ONLINE
    ahead = [at for at in join_window(facts) if now < at]
    return evolve(MAY_SEE_MEETING, holds_until=min(ahead, default=None))


def _attends(facts: AppointmentFacts) -> Decision:
    """The staff member whose appointment it is, the client, a proxy who may join; nobody else."""
    standing = facts.standing
    present = may_act(standing)
    if not present:
        return present
    if standing.actor.is_staff:
        mine = standing.actor.staff_id == facts.appointment.staff_id
        return PERMITTED if mine else NOT_PERMITTED
    if standing.actor.is_client:
        return OWN_RECORD
    if standing.grants(Scope.JOIN):
        return GRANTED
    return NOT_IN_GRANT if standing.grants(Scope.VIEW_APPOINTMENTS) else NOT_PERMITTED


def may_join_appointment(facts: AppointmentFacts, now: Moment) -> Decision:
    """Whether an attendee may come to the door now, from it opens until it closes."""
    seen = may_see_meeting(facts, now)
    if not seen:
        return seen
    opens_at, closes_at = join_window(facts)
    if now < opens_at:
        return evolve(NOT_YET_OPEN, holds_until=opens_at)
    return evolve(MAY_JOIN, holds_until=closes_at) if now < closes_at else NO_LONGER_OPEN


def may_enter_waiting_room(facts: MeetingFacts, now: Moment) -> Decision:
    """Whether somebody may come and wait; the host does not wait but starts."""
    if may_see_meeting(facts, now) and _hosts(facts):
        return HOST_STARTS
    return may_join_appointment(facts, now)


def may_start_meeting(facts: MeetingFacts, now: Moment) -> Decision:
    """Whether the host may let the meeting begin, or begin once more."""
    return _by_host(facts, now, MAY_START_MEETING)


def may_admit(facts: MeetingFacts, attendee: Attendee, now: Moment) -> Decision:
    """Whether the host may let *attendee* in: one who waits, once the host is there."""
    by_host = _by_host(facts, now, MAY_ADMIT)
    if not by_host:
        return by_host
    if not facts.meeting.is_running:
        return NOT_STARTED
    return by_host if facts.meeting.attendance(attendee) is not None else NOT_WAITING


def _by_host(facts: MeetingFacts, now: Moment, allowed: Decision) -> Decision:
    seen, joins = may_see_meeting(facts, now), may_join_appointment(facts, now)
    if not seen:
        return seen
    if not _hosts(facts):
        return HOST_ONLY
    return evolve(allowed, holds_until=joins.holds_until) if joins else joins


def may_leave_meeting(facts: MeetingFacts, now: Moment) -> Decision:
    """Whether somebody may go, at any time; the host goes by ending it."""
    seen = may_see_meeting(facts, now)
    if not seen:
        return seen
    return HOST_STARTS if _hosts(facts) else MAY_LEAVE_MEETING


def may_end_meeting(facts: MeetingFacts, now: Moment) -> Decision:
    """Whether the host may end it, at any time."""
    seen = may_see_meeting(facts, now)
    if not seen:
        return seen
    return MAY_END_MEETING if _hosts(facts) else HOST_ONLY


def _hosts(facts: AppointmentFacts) -> bool:
    return facts.standing.actor.is_staff


def door_of(facts: MeetingFacts, now: Moment) -> Door:
    """What the door is to an attendee: closed before and after its time, whatever happened."""
    opens_at, closes_at = join_window(facts)
    if now < opens_at:
        return Door.NOT_YET_OPEN
    if now >= closes_at:
        return Door.CLOSED
    if _hosts(facts) and facts.is_hosted:
        return Door.ADMITTED
    return _within(facts)


def _within(facts: MeetingFacts) -> Door:
    """Nobody is in before the host has started, and nobody whom the host has not let in."""
    meeting, came = facts.meeting, facts.attendance
    if came is not None:
        is_in = facts.is_hosted and came.admitted_at is not None
        return Door.ADMITTED if is_in else Door.WAITING
    return Door.OPEN if meeting.ended_at is None else Door.ENDED
