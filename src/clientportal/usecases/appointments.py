"""Booking, answering requests, cancelling and joining (APT-3 to APT-12)."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from attrs import evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.appointments import (
    Appointment,
    AppointmentAccepted,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentDeclined,
    AppointmentEvent,
    AppointmentRequested,
    after,
)
from clientportal.domain.ids import AppointmentId, ClientId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment, to_utc
from clientportal.domain.texts import prose
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.appointments import (
    ALREADY_CANCELLED,
    MAY_CANCEL_LATE,
    MAY_REQUEST,
    AppointmentFacts,
    BookingFacts,
    join_window,
    may_answer_request,
    may_book_appointment,
    may_cancel_appointment,
    may_join_appointment,
)
from clientportal.policies.decision import Decision
from clientportal.ports.queries import AppointmentFactsOf, BookingFactsOf
from clientportal.ports.work import RoomOf
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class BookAppointment:
    """Book a time, or request it, as the practice has set (APT-3, APT-6, APT-7)."""

    name: ClassVar[str] = "appointment.book"
    looks_up: ClassVar[str] = "client_id"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId
    client_id: ClientId
    staff_id: StaffId
    service_id: ServiceId
    start: Moment = field(converter=to_utc)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Storage's constraint decides between two who book at once."""
        within = Interval(self.start, self.start + timedelta(minutes=1))
        facts = yield from fetch(
            BookingFactsOf(self.client_id, self.staff_id, self.service_id, within, context.actor)
        )
        decision = may_book_appointment(facts, self.start, context.now)
        if not decision:
            return Outcome(decision, about=self.client_id)
        requested = decision.reason == MAY_REQUEST.reason
        event: AppointmentEvent = (
            AppointmentRequested(appointment_id=self.appointment_id)
            if requested
            else AppointmentBooked(appointment_id=self.appointment_id)
        )
        made = after(self._request(facts, context.now), event)
        return Outcome(decision, (Change(event, (made,), made=(made,)),), about=self.client_id)

    def _request(self, facts: BookingFacts, now: Moment) -> Appointment:
        offer = facts.offer
        return Appointment(
            id=self.appointment_id,
            client_id=self.client_id,
            staff_id=self.staff_id,
            service_id=self.service_id,
            interval=offer.interval(self.start),
            buffers=offer.buffers,
            modality=offer.service.modality,
            made_at=now,
            terms=offer.practice.booking.cancel,
        )


def _changed(facts: AppointmentFacts, event: AppointmentEvent, decision: Decision) -> Outcome:
    change = Change(event, (after(facts.appointment, event),))
    return Outcome(decision, (change,), about=facts.appointment.client_id)


@frozen(kw_only=True)
class AcceptAppointment:
    """Accept a client's request (APT-6)."""

    name: ClassVar[str] = "appointment.accept"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """The time was occupied since the request, so nothing can have come between."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision = may_answer_request(facts, context.now)
        if not decision:
            return Outcome(decision, about=facts.appointment.client_id)
        return _changed(facts, AppointmentAccepted(appointment_id=self.appointment_id), decision)


@frozen(kw_only=True)
class DeclineAppointment:
    """Decline a client's request; the time is free again (APT-6)."""

    name: ClassVar[str] = "appointment.decline"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """Requests only."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision = may_answer_request(facts, context.now)
        if not decision:
            return Outcome(decision, about=facts.appointment.client_id)
        return _changed(facts, AppointmentDeclined(appointment_id=self.appointment_id), decision)


@frozen(kw_only=True)
class CancelAppointment:
    """Cancel an appointment or a request; a second time changes nothing (APT-8)."""

    name: ClassVar[str] = "appointment.cancel"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId
    reason: str | None = field(default=None, validator=optional(prose(500)), repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """By the terms of the first booking; by staff never late."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision = may_cancel_appointment(facts, context.now)
        if not decision or decision == ALREADY_CANCELLED:
            return Outcome(decision, about=facts.appointment.client_id)
        late = decision.reason == MAY_CANCEL_LATE.reason
        event = AppointmentCancelled(appointment_id=self.appointment_id, is_late=late)
        cancelled = evolve(after(facts.appointment, event), reason=self.reason)
        about = facts.appointment.client_id
        return Outcome(decision, (Change(event, (cancelled,)),), about=about)


@frozen(kw_only=True)
class Room:
    """Where a session is held, and when its door is open (APT-12)."""

    name: str = field(repr=False)
    opens_at: Moment
    closes_at: Moment


@frozen(kw_only=True)
class JoinAppointment:
    """The door of a session, for its attendees, while it is open (APT-12)."""

    name: ClassVar[str] = "appointment.join"
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Shown[Room]]:
        """A cancelled or moved appointment has another room, so an old link is dead at once."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision = may_join_appointment(facts, context.now)
        about = facts.appointment.client_id
        if not decision:
            return Shown(decision, about=about)
        room = yield from fetch(
            RoomOf(
                practice_id=facts.standing.practice.id,
                appointment_id=self.appointment_id,
                sequence=facts.appointment.sequence,
            )
        )
        opens_at, closes_at = join_window(facts)
        return Shown(decision, Room(name=room, opens_at=opens_at, closes_at=closes_at), about=about)
