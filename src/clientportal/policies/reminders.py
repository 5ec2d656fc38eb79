"""Who is mailed about an appointment, of what, and when they are reminded (APT-14, OUT-5).

Mails tell nobody what a look would refuse them, so who may see the appointment decides here too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from attrs import field, frozen

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.appointment_notices import AppointmentNotice, NoticeStatus, Topic
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.ids import AccountId, StaffId
from clientportal.domain.moments import MINUTE, Moment, zone_of
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Relationship
from clientportal.domain.reminders import due_at, last_call
from clientportal.policies.appointments import AppointmentFacts, may_view_appointment
from clientportal.policies.standing import Standing


@frozen(kw_only=True)
class Attendant:
    """An account that opens the client's portal, and where mail reaches it."""

    access: Access
    email: str = field(repr=False)
    bond: Relationship | None = None


@frozen(kw_only=True)
class AttendanceFacts:
    """An appointment, who might be told of it, and what they were told of this version of it."""

    practice: Practice
    client: Client
    staff: StaffMember
    appointment: Appointment
    attendants: tuple[Attendant, ...] = ()
    notices: tuple[AppointmentNotice, ...] = ()


@frozen(kw_only=True)
class Addressed:
    """Somebody to be told, and what to note down once they were.

    *at* is the date of the mail, the same whenever it is sent again.
    """

    person: AccountId | StaffId
    email: str = field(repr=False)
    topic: Topic
    minutes: int = 0
    status: NoticeStatus = NoticeStatus.SENT
    at: Moment

    @property
    def is_staff(self) -> bool:
        """Whether it is the staff member, whose zone and language are the practice's."""
        return isinstance(self.person, StaffId)


@frozen(kw_only=True)
class Deed:
    """What *who* did to an appointment at *at*, as the audit names them."""

    topic: Topic
    who: str | None
    at: Moment


@frozen(kw_only=True)
class Told:
    """What must still be so for a mail to be sent, and to whom it goes."""

    statuses: frozenset[AppointmentStatus]
    to_client: bool = True
    to_staff: bool = True
    after_start: bool = False


_BOOKED: Final = frozenset({AppointmentStatus.BOOKED})
_CALLED_OFF: Final = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED})

#: Of what an appointment is mailed about, who is told, as long as it is so (OUT-5).
TOLD: Final[Mapping[Topic, Told]] = {
    Topic.REQUESTED: Told(statuses=frozenset({AppointmentStatus.REQUESTED}), to_client=False),
    Topic.BOOKED: Told(statuses=_BOOKED),
    Topic.ACCEPTED: Told(statuses=_BOOKED, to_staff=False),
    Topic.DECLINED: Told(
        statuses=frozenset({AppointmentStatus.DECLINED}), to_staff=False, after_start=True
    ),
    Topic.CANCELLED: Told(statuses=_CALLED_OFF, after_start=True),
    Topic.REMINDER: Told(statuses=_BOOKED, to_staff=False),
}


def addressed(facts: AttendanceFacts, deed: Deed, now: Moment) -> tuple[Addressed, ...]:
    """Whom to tell of *deed*: the others, once, while it is still so (OUT-5).

    Who did it is not told; nor is anybody of what was overtaken by the start or by a later change.
    """
    rule, appointment, who = TOLD[deed.topic], facts.appointment, deed.who
    over = now >= appointment.interval.start and not rule.after_start
    if over or appointment.status not in rule.statuses:
        return ()
    people: tuple[tuple[AccountId | StaffId, str], ...] = (
        *(_reached(facts, who) if rule.to_client else ()),
        *(_practitioner(facts, who) if rule.to_staff else ()),
    )
    told = {each.person for each in facts.notices if each.topic is deed.topic}
    return tuple(
        Addressed(person=person, email=email, topic=deed.topic, at=deed.at)
        for person, email in people
        if person not in told
    )


def _reached(facts: AttendanceFacts, who: str | None = None) -> tuple[tuple[AccountId, str], ...]:
    """The client and those who act for them, as far as they may see it, but not *who*."""
    if not facts.client.is_active:
        return ()
    return tuple(
        (one.access.account_id, one.email) for one in facts.attendants if _is_told(facts, one, who)
    )


def _is_told(facts: AttendanceFacts, one: Attendant, who: str | None) -> bool:
    own = one.access.is_own
    if who is not None and who in (one.access.account_id, facts.client.id if own else None):
        return False
    actor = Actor(
        practice_id=facts.practice.id,
        capacity=Capacity.CLIENT if own else Capacity.PROXY,
        account_id=one.access.account_id,
        client_id=facts.client.id,
        relationship_id=one.access.relationship_id,
    )
    return _may_view(facts, actor, one)


def _may_view(facts: AttendanceFacts, actor: Actor, one: Attendant | None = None) -> bool:
    standing = Standing(
        practice=facts.practice,
        client=facts.client,
        actor=actor,
        staff=facts.staff if actor.is_staff else None,
        access=None if one is None else one.access,
        relationship=None if one is None else one.bond,
    )
    seen = AppointmentFacts(standing=standing, appointment=facts.appointment)
    return bool(may_view_appointment(seen))


def _practitioner(facts: AttendanceFacts, who: str | None) -> tuple[tuple[StaffId, str], ...]:
    staff = facts.staff
    actor = Actor(practice_id=facts.practice.id, capacity=Capacity.STAFF, staff_id=staff.id)
    if staff.email is None or who == staff.id or not _may_view(facts, actor):
        return ()
    return ((staff.id, staff.email),)


def reminders_due(facts: AttendanceFacts, now: Moment) -> tuple[Addressed, ...]:
    """Who is to be reminded of a booked appointment now, or was not and it is too late (APT-14).

    Nobody is who learned of the appointment, or got their access, after the reminder was due.
    """
    appointment, rules = facts.appointment, facts.practice.reminders
    start = appointment.interval.start
    if appointment.status not in TOLD[Topic.REMINDER].statuses or now >= start:
        return ()
    zone = zone_of(facts.client.timezone or facts.practice.timezone)
    dues = [(offset, due_at(start, offset, rules.quiet, zone)) for offset in rules.offsets]
    return tuple(
        Addressed(
            person=person,
            email=email,
            topic=Topic.REMINDER,
            minutes=offset // MINUTE,
            status=_fate(start, offset, now),
            at=at,
        )
        for person, email in _reached(facts)
        for offset, at in dues
        if at <= now and _is_owed(facts, person, offset, at)
    )


def _fate(start: Moment, offset: timedelta, now: Moment) -> NoticeStatus:
    return NoticeStatus.SENT if now < last_call(start, offset) else NoticeStatus.SKIPPED


def _is_owed(facts: AttendanceFacts, person: AccountId, offset: timedelta, at: Moment) -> bool:
    """Whether *person* knew of the appointment when it was due, and was not reminded yet."""
    theirs = [each for each in facts.notices if each.person == person]
    reminded = any(
        each.topic is Topic.REMINDER and each.minutes == offset // MINUTE for each in theirs
    )
    news = (each.at for each in theirs if each.topic is not Topic.REMINDER)
    access = next(each.access for each in facts.attendants if each.access.account_id == person)
    since = max(facts.appointment.regret_from, access.since, *news)
    return not reminded and since <= at
