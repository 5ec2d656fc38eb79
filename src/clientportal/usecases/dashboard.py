"""The first thing a client sees (GUIDE-4, GUIDE-5, DASH-1, DASH-2)."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import AppointmentId, ClientId
from clientportal.domain.moments import Moment
from clientportal.flows import Flow, Shown, fetch
from clientportal.policies.appointments import (
    AppointmentFacts,
    join_window,
    may_cancel_appointment,
    may_join_appointment,
    may_list_appointments,
    may_view_appointment,
)
from clientportal.policies.attendance import may_confirm
from clientportal.policies.decision import Decision
from clientportal.policies.rescheduling import may_move
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


@frozen(kw_only=True)
class AppointmentSeen:
    """An appointment as a screen shows it, with its decisions and what is tied to it (DASH-1).

    *timezone* is the zone to show it in first: the practice's in person, else the client's
    (APT-16).
    """

    appointment: Appointment
    timezone: str
    opens_at: Moment
    closes_at: Moment
    may_cancel: Decision
    may_move: Decision
    may_confirm: Decision
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
        standing, upcoming, past = yield from fetch(
            StandingOf(self.client_id, context.actor),
            AppointmentsOf(self.client_id, context.now, upcoming=True),
            AppointmentsOf(self.client_id, context.now, upcoming=False),
        )
        decision = may_list_appointments(standing)
        if not decision:
            return Shown(decision, about=self.client_id)
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
    """Those of *appointments* that the actor may see, each with what is shared of it."""
    out: list[AppointmentSeen] = []
    for appointment in appointments:
        facts = AppointmentFacts(standing=standing, appointment=appointment)
        if may_view_appointment(facts):
            out.append(_one(facts, documents, now))
    return tuple(out)


def _one(
    facts: AppointmentFacts, documents: tuple[DocumentSeen, ...], now: Moment
) -> AppointmentSeen:
    appointment, standing = facts.appointment, facts.standing
    opens_at, closes_at = join_window(facts)
    practice = standing.practice.timezone
    in_person = appointment.modality.value == "in_person"
    return AppointmentSeen(
        appointment=appointment,
        timezone=practice if in_person else standing.client.timezone or practice,
        opens_at=opens_at,
        closes_at=closes_at,
        may_cancel=may_cancel_appointment(facts, now),
        may_move=may_move(facts, now),
        may_confirm=may_confirm(facts, now),
        may_join=may_join_appointment(facts, now),
        documents=tuple(d for d in documents if d.appointment_id == appointment.id),
    )


@frozen(kw_only=True)
class SeeAppointments:
    """A page of a client's appointments, by key: upcoming ascending, past descending (DASH-1)."""

    name: ClassVar[str] = "appointment.list"
    client_id: ClientId
    upcoming: bool = True
    after: tuple[Moment, AppointmentId] | None = None
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[AppointmentSeen, ...]]]:
        """Each with the documents tied to it that the viewer may read."""
        page = AppointmentsOf(
            self.client_id,
            context.now,
            upcoming=self.upcoming,
            after=self.after,
            limit=self.limit,
        )
        standing, found = yield from fetch(StandingOf(self.client_id, context.actor), page)
        decision = may_list_appointments(standing)
        if not decision:
            return Shown(decision, about=self.client_id)
        documents = yield from readable(standing)
        return Shown(decision, _seen(found, standing, documents, context.now), about=self.client_id)
