"""The first thing a client sees (GUIDE-4, GUIDE-5, DASH-1, DASH-2)."""

from __future__ import annotations

from typing import ClassVar, TypeAlias

from attrs import evolve, field, frozen

from clientportal.domain.appointments import Appointment
from clientportal.domain.days import zones_of
from clientportal.domain.ids import AppointmentId, ClientId
from clientportal.domain.moments import Moment
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.appointments import (
    AppointmentFacts,
    may_cancel_appointment,
    may_list_appointments,
    may_view_appointment,
)
from clientportal.policies.decision import Decision
from clientportal.policies.joining import join_window, may_join_appointment
from clientportal.policies.standing import Standing
from clientportal.ports.queries import (
    PAGE,
    AppointmentsOf,
    InboxItem,
    InboxOf,
    StandingOf,
)
from clientportal.usecases.command import Context
from clientportal.usecases.documentation import DocumentSeen, readable
from clientportal.usecases.pages import full_page

After: TypeAlias = tuple[Moment, AppointmentId] | None


@frozen(kw_only=True)
class AppointmentSeen:
    """An appointment as a screen shows it, with its decisions and what is tied to it (DASH-1).

    *zones* are those to show it in, the first one first: in person the practice's, else the
    client's (APT-16).
    """

    appointment: Appointment
    zones: tuple[str, ...]
    opens_at: Moment
    closes_at: Moment
    may_cancel: Decision
    may_join: Decision
    documents: tuple[DocumentSeen, ...] = field(repr=False)


@frozen(kw_only=True)
class Dashboard:
    """A client's history with their practitioners, and what waits for them (DASH-1, DASH-2).

    *unread* counts conversations with something new, among the latest 1,000.
    """

    upcoming: tuple[AppointmentSeen, ...]
    past: tuple[AppointmentSeen, ...]
    unread: int


@frozen(kw_only=True)
class SeeDashboard:
    """The dashboard of one client; portals are never mixed on one page (DASH-3).

    Unread is counted over the latest 1,000 conversations; the newest 1,000 documents that the
    viewer may read are shown with their appointments.
    """

    name: ClassVar[str] = "dashboard.see"
    client_id: ClientId

    def flow(self, context: Context) -> Flow[Shown[Dashboard]]:
        """The counts come from the tabs' own queries, so they never disagree."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_list_appointments(standing)
        if not decision:
            return Shown(decision, about=self.client_id)
        ahead = AppointmentsOf(self.client_id, context.now, upcoming=True)
        upcoming = yield from _seen_of(standing, ahead)
        past = yield from _seen_of(standing, evolve(ahead, upcoming=False))
        items: tuple[InboxItem, ...] = ()
        if context.actor.is_client:
            items = yield from fetch(InboxOf(context.actor, limit=1000))
        documents = yield from readable(standing)
        dashboard = Dashboard(
            upcoming=_seen(upcoming, standing, documents, context.now),
            past=_seen(past, standing, documents, context.now),
            unread=sum(1 for item in items if item.unread > 0),
        )
        return Shown(decision, dashboard, about=self.client_id)


def _seen(
    appointments: tuple[Appointment, ...],
    standing: Standing,
    documents: tuple[DocumentSeen, ...],
    now: Moment,
) -> tuple[AppointmentSeen, ...]:
    """Each of *appointments* with what is shared of it."""
    facts = (AppointmentFacts(standing=standing, appointment=each) for each in appointments)
    return tuple(_one(each, documents, now) for each in facts)


def _one(
    facts: AppointmentFacts, documents: tuple[DocumentSeen, ...], now: Moment
) -> AppointmentSeen:
    appointment, standing = facts.appointment, facts.standing
    opens_at, closes_at = join_window(facts)
    practice, client = standing.practice.timezone, standing.client.timezone
    return AppointmentSeen(
        appointment=appointment,
        zones=zones_of(appointment.modality, practice, client),
        opens_at=opens_at,
        closes_at=closes_at,
        may_cancel=may_cancel_appointment(facts, now),
        may_join=may_join_appointment(facts, now),
        documents=tuple(d for d in documents if d.appointment_id == appointment.id),
    )


@frozen(kw_only=True)
class SeeAppointments:
    """A page of a client's appointments, by key: upcoming ascending, past descending (DASH-1)."""

    name: ClassVar[str] = "appointment.list"
    client_id: ClientId
    upcoming: bool = True
    after: After = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[AppointmentSeen, ...]]]:
        """Full pages of what the viewer may see, each with the documents that they may read."""
        standing = yield from fetch(StandingOf(self.client_id, context.actor))
        decision = may_list_appointments(standing)
        if not decision:
            return Shown(decision, about=self.client_id)
        page = AppointmentsOf(self.client_id, context.now, upcoming=self.upcoming, limit=self.limit)
        found = yield from _seen_of(standing, page, self.after)
        documents = yield from readable(standing)
        return Shown(decision, _seen(found, standing, documents, context.now), about=self.client_id)


def _seen_of(
    standing: Standing, page: AppointmentsOf, after: After = None
) -> Flow[tuple[Appointment, ...]]:
    """A page of those that the actor may see: staff only what is on calendars in their reach."""
    return full_page(
        lambda last: evolve(page, after=last),
        lambda each: may_view_appointment(AppointmentFacts(standing=standing, appointment=each)),
        lambda each: (each.interval.start, each.id),
        after=after,
        limit=page.limit,
    )
