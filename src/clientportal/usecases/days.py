"""A practitioner's day and week (APT-16, PPL-3)."""

from __future__ import annotations

from datetime import date
from itertools import chain
from typing import ClassVar, Final

from attrs import field, frozen

from clientportal.domain.appointments import AppointmentStatus
from clientportal.domain.availability import Modality
from clientportal.domain.bounds import each_once, whole
from clientportal.domain.days import free_time, is_day, local_days, zones_of
from clientportal.domain.ids import AppointmentId, ClientId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment
from clientportal.flows import Flow, Shown, fetch, fetch_all
from clientportal.policies.calendars import may_name_client, may_see_calendar
from clientportal.policies.decision import in_order
from clientportal.policies.standing import PracticeFacts
from clientportal.ports.queries import (
    Calendar,
    CalendarItem,
    CalendarOf,
    CalendarPageOf,
    PracticeFactsOf,
)
from clientportal.usecases.command import Context

PAGE: Final = 200


@frozen(kw_only=True)
class CalendarEntry:
    """An appointment on a calendar; *client_id* and *client_name* only where one may view them.

    *zones* are those to show it in, the first one first (APT-16). *has_lapsed* tells a request
    whose start has come, *is_overlapping* that another one takes the same time of the same person.
    """

    appointment_id: AppointmentId
    staff_id: StaffId
    service_id: ServiceId
    service_name: str = field(repr=False)
    interval: Interval
    zones: tuple[str, ...]
    modality: Modality
    status: AppointmentStatus
    has_lapsed: bool
    is_overlapping: bool
    is_history: bool
    client_id: ClientId | None
    client_name: str | None = field(repr=False)


@frozen(kw_only=True)
class StaffTime:
    """Whose time it is, and the open part of it that nothing holds, buffers and holds included."""

    staff_id: StaffId
    name: str = field(repr=False)
    free: tuple[Interval, ...]


@frozen(kw_only=True)
class CalendarSeen:
    """Some days of some staff: *days* are local ones of *timezone*, the practice's."""

    timezone: str
    days: tuple[Interval, ...]
    staff: tuple[StaffTime, ...]
    appointments: tuple[CalendarEntry, ...]


@frozen(kw_only=True)
class SeeCalendar:
    """The calendar of one or several staff, for some local days of the practice (APT-16).

    All that touches those days, cancelled and overlapping appointments and history too, by (start,
    id); *after* is the key of the last one seen.
    """

    name: ClassVar[str] = "calendar.see"
    staff_ids: tuple[StaffId, ...] = field(validator=each_once(20))
    day: date = field(validator=is_day)
    days: int = field(default=1, validator=whole(1, 31))
    after: tuple[Moment, AppointmentId] | None = None
    limit: int = field(default=PAGE, validator=whole(1, 1000))

    def flow(self, context: Context) -> Flow[Shown[CalendarSeen]]:
        """Whether one may see them is decided before anything of them is read."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = in_order(*(may_see_calendar(facts, each) for each in self.staff_ids))
        if not decision:
            return Shown(decision)
        days = local_days(self.day, self.days, facts.practice.timezone)
        within = Interval(days[0].start, days[-1].end)
        calendars = yield from fetch_all(CalendarOf(each, within) for each in self.staff_ids)
        items = yield from self._items(within, context)
        entries = tuple(_entry(each, facts, context.now) for each in items)
        seen = CalendarSeen(
            timezone=facts.practice.timezone,
            days=days,
            staff=tuple(_time(each, within, facts) for each in calendars),
            appointments=entries,
        )
        named = dict.fromkeys(e.client_id for e in entries if e.client_id is not None)
        return Shown(decision, seen, also=tuple(named))

    def _items(self, within: Interval, context: Context) -> Flow[tuple[CalendarItem, ...]]:
        pages = yield from fetch_all(
            CalendarPageOf(
                each,
                within,
                context.now,
                context.actor,
                lasting=lasting,
                after=self.after,
                limit=self.limit,
            )
            for each in self.staff_ids
            for lasting in (False, True)
        )
        found = sorted(chain.from_iterable(pages), key=lambda item: item.key)
        return tuple(found[: self.limit])


def _time(calendar: Calendar, within: Interval, facts: PracticeFacts) -> StaffTime:
    held = (claim.interval for claim in calendar.held)
    free = free_time(calendar.levels, facts.practice.timezone, held, within)
    staff = calendar.staff
    return StaffTime(staff_id=staff.id, name=staff.name, free=free if staff.is_active else ())


def _entry(item: CalendarItem, facts: PracticeFacts, now: Moment) -> CalendarEntry:
    appointment = item.appointment
    named = bool(may_name_client(facts, assigned=item.assigned))
    client = item.client if named else None
    timezone = None if client is None else client.timezone
    return CalendarEntry(
        appointment_id=appointment.id,
        staff_id=appointment.staff_id,
        service_id=appointment.service_id,
        service_name=item.service_name,
        interval=appointment.interval,
        zones=zones_of(appointment.modality, facts.practice.timezone, timezone),
        modality=appointment.modality,
        status=appointment.status,
        has_lapsed=appointment.has_lapsed(now),
        is_overlapping=item.is_overlapping,
        is_history=appointment.is_history,
        client_id=None if client is None else client.id,
        client_name=None if client is None else client.name,
    )
