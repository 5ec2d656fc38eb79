"""Coming to a video appointment: waiting, starting, letting in, going (APT-12)."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.ids import AppointmentId, RelationshipId
from clientportal.domain.meetings import (
    Attendee,
    AttendeeAdmitted,
    AttendeeLeft,
    MeetingEnded,
    MeetingEvent,
    MeetingStarted,
    WaitingRoomEntered,
    after,
)
from clientportal.domain.moments import Moment
from clientportal.domain.relationships import Scope
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.decision import Decision
from clientportal.policies.joining import (
    NOT_WAITING,
    Door,
    MeetingFacts,
    door_of,
    join_window,
    may_admit,
    may_end_meeting,
    may_enter_waiting_room,
    may_leave_meeting,
    may_see_meeting,
    may_start_meeting,
)
from clientportal.ports.queries import MeetingFactsOf, RelationshipsOf
from clientportal.ports.work import LinkInto
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class Comer:
    """Somebody who has come, by name, for the host: since when, and since when they are in."""

    attendee: Attendee
    name: str = field(repr=False)
    since: Moment
    admitted_at: Moment | None


@frozen(kw_only=True)
class MeetingSeen:
    """The door of a meeting as one attendee sees it, at any moment (APT-12).

    The *link* is there exactly while the door is *admitted*. *comers* are the host's to see.
    """

    door: Door
    opens_at: Moment
    closes_at: Moment
    link: str | None = field(default=None, repr=False)
    comers: tuple[Comer, ...] = ()


def _outcome(facts: MeetingFacts, decision: Decision, *events: MeetingEvent) -> Outcome:
    """*events* one after another; the appointment is rewritten, so cancelling it comes between."""
    changes, meeting = [], facts.meeting
    for event in events:
        meeting = after(meeting, event)
        changes.append(Change(event, (facts.appointment, meeting)))
    return Outcome(decision, tuple(changes), about=facts.standing.client.id)


def _admitted(facts: MeetingFacts, attendee: Attendee, now: Moment) -> AttendeeAdmitted:
    return AttendeeAdmitted(appointment_id=facts.appointment.id, attendee=attendee, at=now)


def _comers(facts: MeetingFacts) -> Flow[tuple[Comer, ...]]:
    """Who has come and still may be there: whose relationship ended is gone (REL-6)."""
    there, client = facts.meeting.there, facts.standing.client
    names: dict[Attendee, str] = {client.id: client.name}
    if any(isinstance(each.attendee, RelationshipId) for each in there):
        related = yield from fetch(RelationshipsOf(client.id))
        joining = (each for each in related if each.relationship.grants(Scope.JOIN))
        names |= {each.relationship.id: each.person.name for each in joining}
    return tuple(
        Comer(
            attendee=each.attendee,
            name=names[each.attendee],
            since=each.since,
            admitted_at=each.admitted_at,
        )
        for each in there
        if each.attendee in names
    )


@frozen(kw_only=True)
class EnterWaitingRoom:
    """Come to a video appointment, and wait for the host; a second time changes nothing.

    Where the practice admits by itself and the host is there, one is let in at once.
    """

    name: ClassVar[str] = "waiting_room.enter"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """The client, or a proxy who may join."""
        facts = yield from fetch(MeetingFactsOf(self.appointment_id, context.actor))
        decision = may_enter_waiting_room(facts, context.now)
        me = facts.attendee
        if not decision or me is None or facts.attendance is not None:
            return _outcome(facts, decision)
        entered = WaitingRoomEntered(
            appointment_id=self.appointment_id, attendee=me, at=context.now
        )
        if not facts.is_hosted or not facts.standing.practice.booking.auto_admit:
            return _outcome(facts, decision, entered)
        return _outcome(facts, decision, entered, _admitted(facts, me, context.now))


@frozen(kw_only=True)
class StartMeeting:
    """Start a video appointment as its host, or start it once more; twice changes nothing.

    Where the practice admits by itself, whoever waits is let in.
    """

    name: ClassVar[str] = "meeting.start"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """The staff member whose appointment it is."""
        facts = yield from fetch(MeetingFactsOf(self.appointment_id, context.actor))
        decision = may_start_meeting(facts, context.now)
        if not decision or facts.meeting.is_running:
            return _outcome(facts, decision)
        started = MeetingStarted(appointment_id=self.appointment_id, at=context.now)
        if not facts.standing.practice.booking.auto_admit:
            return _outcome(facts, decision, started)
        comers = yield from _comers(facts)
        admitted = (_admitted(facts, each.attendee, context.now) for each in comers)
        return _outcome(facts, decision, started, *admitted)


@frozen(kw_only=True)
class AdmitAttendee:
    """Let somebody in who waits; a second time changes nothing."""

    name: ClassVar[str] = "attendee.admit"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId
    attendee: Attendee

    def flow(self, context: Context) -> Flow[Outcome]:
        """By the host, while the meeting runs; nobody who may not join any more."""
        facts = yield from fetch(MeetingFactsOf(self.appointment_id, context.actor))
        decision = may_admit(facts, self.attendee, context.now)
        if not decision:
            return _outcome(facts, decision)
        comers = yield from _comers(facts)
        found = next((each for each in comers if each.attendee == self.attendee), None)
        if found is None:
            return _outcome(facts, NOT_WAITING)
        if found.admitted_at is not None:
            return _outcome(facts, decision)
        return _outcome(facts, decision, _admitted(facts, self.attendee, context.now))


@frozen(kw_only=True)
class LeaveMeeting:
    """Wait no more, or go out; one may come again. Who is not there stays away."""

    name: ClassVar[str] = "meeting.leave"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """The client, or a proxy who may join."""
        facts = yield from fetch(MeetingFactsOf(self.appointment_id, context.actor))
        decision = may_leave_meeting(facts, context.now)
        came = facts.attendance
        if not decision or came is None:
            return _outcome(facts, decision)
        left = AttendeeLeft(appointment_id=self.appointment_id, attendee=came.attendee)
        return _outcome(facts, decision, left)


@frozen(kw_only=True)
class EndMeeting:
    """End a video appointment as its host: everybody is out, and may come and wait again."""

    name: ClassVar[str] = "meeting.end"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """What does not run stays as it is."""
        facts = yield from fetch(MeetingFactsOf(self.appointment_id, context.actor))
        decision = may_end_meeting(facts, context.now)
        if not decision or not facts.meeting.is_running:
            return _outcome(facts, decision)
        ended = MeetingEnded(appointment_id=self.appointment_id, at=context.now)
        return _outcome(facts, decision, ended)


@frozen(kw_only=True)
class SeeMeeting:
    """The door of a video appointment as its attendees see it, and the link while they are in.

    A cancelled appointment has no door, and a moved one another room behind it.
    """

    name: ClassVar[str] = "meeting.see"
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Shown[MeetingSeen]]:
        """No link before the host has started, and none to whom the host has not let in."""
        facts = yield from fetch(MeetingFactsOf(self.appointment_id, context.actor))
        decision, about = may_see_meeting(facts, context.now), facts.standing.client.id
        if not decision:
            return Shown(decision, about=about)
        door = door_of(facts, context.now)
        opens_at, closes_at = join_window(facts)
        by_host = context.actor.is_staff
        comers: tuple[Comer, ...] = ()
        if by_host and door is not Door.CLOSED:
            comers = yield from _comers(facts)
        link = None
        if door is Door.ADMITTED:
            link = yield from fetch(_link(facts))
        seen = MeetingSeen(
            door=door, opens_at=opens_at, closes_at=closes_at, link=link, comers=comers
        )
        return Shown(decision, seen, about=about)


def _link(facts: MeetingFacts) -> LinkInto:
    opens_at, closes_at = join_window(facts)
    return LinkInto(
        practice_id=facts.standing.practice.id,
        appointment_id=facts.appointment.id,
        sequence=facts.appointment.sequence,
        is_host=facts.standing.actor.is_staff,
        opens_at=opens_at,
        closes_at=closes_at,
    )
