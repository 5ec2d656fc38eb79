"""What the relay mails about appointments, and what it notes down of it (APT-14, OUT-5)."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.appointment_notices import AppointmentNotice, NoticeStatus, Topic
from clientportal.domain.bounds import whole
from clientportal.domain.ids import AccountId, AppointmentId, StaffId
from clientportal.domain.moments import MINUTE, Interval, Moment, to_utc
from clientportal.domain.reminders import LONGEST_OFFSET
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.deliveries import may_deliver
from clientportal.policies.reminders import (
    Addressed,
    AttendanceFacts,
    Deed,
    addressed,
    reminders_due,
)
from clientportal.ports.queries import (
    PAGE,
    AttendanceOf,
    PracticeFactsOf,
    StartingWithin,
)
from clientportal.ports.queries_access import limited
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class AppointmentToMail:
    """Who is to be told of an appointment, and what decides about what their mail says."""

    facts: AttendanceFacts
    told: tuple[Addressed, ...] = field(repr=False)


@frozen(kw_only=True)
class SeeAppointmentToMail:
    """Whom to mail that *who* did *topic* at *at* to an appointment: the others, once."""

    name: ClassVar[str] = "delivery.appointment"
    appointment_id: AppointmentId
    topic: Topic
    who: str | None = None
    at: Moment = field(converter=to_utc)

    def flow(self, context: Context) -> Flow[Shown[AppointmentToMail]]:
        """The practice's own machinery only."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        facts = yield from fetch(AttendanceOf(self.appointment_id))
        deed = Deed(topic=self.topic, who=self.who, at=self.at)
        told = addressed(facts, deed, context.now)
        return Shown(decision, AppointmentToMail(facts=facts, told=told))


@frozen(kw_only=True)
class NearAppointments:
    """The appointments of a page about which something is due, and the key of the last one."""

    due: tuple[AppointmentId, ...]
    last: tuple[Moment, AppointmentId] | None


@frozen(kw_only=True)
class SeeDueReminders:
    """The appointments whose clients are to be reminded now, a page of those that are near.

    What has started is not looked at: nobody can be reminded of it any more.
    """

    name: ClassVar[str] = "delivery.reminders_due"
    after: tuple[Moment, AppointmentId] | None = None
    limit: int = field(default=PAGE, validator=limited)

    def flow(self, context: Context) -> Flow[Shown[NearAppointments]]:
        """The practice's own machinery only."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        practice = yield from fetch(PracticeFactsOf(context.actor))
        within = Interval(context.now, context.now + practice.practice.reminders.reach)
        near = yield from fetch(StartingWithin(within, after=self.after, limit=self.limit))
        due = tuple(each.appointment.id for each in near if reminders_due(each, context.now))
        last = near[-1].appointment if near else None
        key = None if last is None else (last.interval.start, last.id)
        return Shown(decision, NearAppointments(due=due, last=key))


@frozen(kw_only=True)
class SeeRemindersToMail:
    """Whom to remind of an appointment now, and of whom it is too late to be reminded."""

    name: ClassVar[str] = "delivery.reminder"
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Shown[AppointmentToMail]]:
        """The practice's own machinery only."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        facts = yield from fetch(AttendanceOf(self.appointment_id))
        told = reminders_due(facts, context.now)
        return Shown(decision, AppointmentToMail(facts=facts, told=told))


@frozen(kw_only=True)
class RecordAppointmentNotice:
    """That somebody was told of a version of an appointment, so that they are not told twice."""

    name: ClassVar[str] = "appointment_notice.record"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId
    sequence: int
    topic: Topic
    minutes: int = field(default=0, validator=whole(0, LONGEST_OFFSET // MINUTE))
    person: AccountId | StaffId
    status: NoticeStatus = NoticeStatus.SENT
    at: Moment = field(converter=to_utc)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Bookkeeping of the practice's own machinery; of another version there is none."""
        decision = may_deliver(context.actor)
        if not decision:
            return Outcome(decision)
        facts = yield from fetch(AttendanceOf(self.appointment_id))
        notice = self._notice()
        noted = any(each.id == notice.id for each in facts.notices)
        known = (facts.staff.id, *(each.access.account_id for each in facts.attendants))
        if noted or self.person not in known or self.sequence != facts.appointment.sequence:
            return Outcome(decision)
        return Outcome(decision, (Change(None, (notice,)),))

    def _notice(self) -> AppointmentNotice:
        return AppointmentNotice(
            appointment_id=self.appointment_id,
            sequence=self.sequence,
            topic=self.topic,
            minutes=self.minutes,
            person=self.person,
            status=self.status,
            at=self.at,
        )
