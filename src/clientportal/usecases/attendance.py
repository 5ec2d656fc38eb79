"""Confirming an appointment, and noting whether it took place (APT-6, APT-13)."""

from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from clientportal.domain.ids import AppointmentId
from clientportal.domain.moves import (
    AppointmentConfirmed,
    AppointmentFulfilled,
    AppointmentMissed,
    AppointmentReopened,
)
from clientportal.flows import Flow, Outcome, fetch
from clientportal.policies.attendance import (
    MAY_CONFIRM,
    may_confirm,
    may_note_attendance,
    may_undo_fulfilment,
    may_undo_no_show,
)
from clientportal.ports.queries import AppointmentFactsOf
from clientportal.usecases.command import Context
from clientportal.usecases.rescheduling import changed


@frozen(kw_only=True)
class ConfirmAppointment:
    """Say that one will come, to what staff made; a second time changes nothing (APT-13)."""

    name: ClassVar[str] = "appointment.confirm"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """By the client, or a proxy who may book."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision = may_confirm(facts, context.now)
        if decision.reason != MAY_CONFIRM.reason:
            return Outcome(decision, about=facts.appointment.client_id)
        event = AppointmentConfirmed(appointment_id=self.appointment_id, at=context.now)
        return changed(facts, event, decision)


@frozen(kw_only=True)
class FulfilAppointment:
    """Note that an appointment took place, once it began (APT-6)."""

    name: ClassVar[str] = "appointment.fulfil"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """By staff who change that calendar."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        event = AppointmentFulfilled(appointment_id=self.appointment_id)
        return changed(facts, event, may_note_attendance(facts, context.now))


@frozen(kw_only=True)
class UndoFulfilment:
    """Take back that an appointment took place; it is booked as before (APT-6)."""

    name: ClassVar[str] = "appointment.undo_fulfilment"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """It kept its time, so nothing can have come between."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        event = AppointmentReopened(appointment_id=self.appointment_id)
        return changed(facts, event, may_undo_fulfilment(facts))


@frozen(kw_only=True)
class MarkNoShow:
    """Note that the client did not come, once the appointment began; never by itself (APT-13)."""

    name: ClassVar[str] = "appointment.mark_no_show"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """By staff who change that calendar."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        event = AppointmentMissed(appointment_id=self.appointment_id)
        return changed(facts, event, may_note_attendance(facts, context.now))


@frozen(kw_only=True)
class UndoNoShow:
    """Take back that the client did not come; it is booked as before (APT-13)."""

    name: ClassVar[str] = "appointment.undo_no_show"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """It kept its time, so nothing can have come between."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        event = AppointmentReopened(appointment_id=self.appointment_id)
        return changed(facts, event, may_undo_no_show(facts))
