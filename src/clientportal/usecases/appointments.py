"""Booking, answering requests, and cancelling (APT-3 to APT-8)."""

from __future__ import annotations

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
from clientportal.domain.ids import AppointmentId
from clientportal.domain.moments import Moment
from clientportal.domain.texts import prose
from clientportal.flows import Change, Flow, Outcome, fetch
from clientportal.policies.appointments import (
    ALREADY_CANCELLED,
    MAY_CANCEL_LATE,
    MAY_REQUEST,
    BookingFacts,
    may_answer_request,
    may_book_appointment,
)
from clientportal.policies.cancelling import may_cancel_because
from clientportal.ports.queries import AppointmentFactsOf
from clientportal.usecases.booking import Wish, counted, replaced_by
from clientportal.usecases.command import Context
from clientportal.usecases.rescheduling import answer_move, changed


@frozen(kw_only=True)
class BookAppointment(Wish):
    """Book a time, or request it, as the practice has set (APT-3, APT-6, APT-7).

    Staff may *overbook*: the time of the staff member is not asked for, nor held (APT-5).
    """

    name: ClassVar[str] = "appointment.book"
    looks_up: ClassVar[str] = "client_id"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId
    overbook: bool = False

    def flow(self, context: Context) -> Flow[Outcome]:
        """Storage's constraint decides between two who book at once."""
        facts = yield from self.facts(context)
        decision = may_book_appointment(facts, self.start, context.now, overbook=self.overbook)
        decision = yield from self.told(decision, facts)
        if not decision:
            return Outcome(decision, about=self.client_id)
        requested = decision.reason == MAY_REQUEST.reason
        event: AppointmentEvent = (
            AppointmentRequested(appointment_id=self.appointment_id)
            if requested
            else AppointmentBooked(appointment_id=self.appointment_id)
        )
        made = after(self._request(facts, context.now), event)
        change = Change(event, (made, *counted(facts)), made=(made,))
        changes = (change, *replaced_by(made, facts))
        return Outcome(decision, changes, about=self.client_id)

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
            is_overbooked=self.overbook,
            is_by_staff=facts.standing.actor.is_staff,
            move_terms=offer.practice.booking.move,
        )


@frozen(kw_only=True)
class AcceptAppointment:
    """Accept a client's request, or the time that a client asked to move to (APT-6, APT-9)."""

    name: ClassVar[str] = "appointment.accept"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """The time was occupied since the request, so nothing can have come between."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        if facts.appointment.proposed is not None:
            return answer_move(facts, context.now, accepting=True)
        event = AppointmentAccepted(appointment_id=self.appointment_id)
        return changed(facts, event, may_answer_request(facts, context.now))


@frozen(kw_only=True)
class DeclineAppointment:
    """Decline a client's request, or a move: the time is free again (APT-6, APT-9)."""

    name: ClassVar[str] = "appointment.decline"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """What is booked stays at its old time."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        if facts.appointment.proposed is not None:
            return answer_move(facts, context.now, accepting=False)
        event = AppointmentDeclined(appointment_id=self.appointment_id)
        return changed(facts, event, may_answer_request(facts, context.now))


@frozen(kw_only=True)
class CancelAppointment:
    """Cancel an appointment or a request; a second time changes nothing (APT-8).

    A *reason* is needed where the practice asks for one.
    """

    name: ClassVar[str] = "appointment.cancel"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId
    reason: str | None = field(default=None, validator=optional(prose(500)), repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """By the terms of the first booking; by staff never late."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision = may_cancel_because(facts, self.reason, context.now)
        if not decision or decision == ALREADY_CANCELLED:
            return Outcome(decision, about=facts.appointment.client_id)
        late = decision.reason == MAY_CANCEL_LATE.reason
        event = AppointmentCancelled(appointment_id=self.appointment_id, is_late=late)
        cancelled = evolve(after(facts.appointment, event), reason=self.reason)
        about = facts.appointment.client_id
        return Outcome(decision, (Change(event, (cancelled,)),), about=about)
