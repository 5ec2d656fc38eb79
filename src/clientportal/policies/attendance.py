"""Who may confirm an appointment, and who notes whether it took place (APT-6, APT-13)."""

from __future__ import annotations

from typing import Final

from attrs import evolve

from clientportal.domain.appointments import AppointmentStatus
from clientportal.domain.moments import Moment
from clientportal.policies.appointments import (
    ALREADY_STARTED,
    NOT_BOOKED,
    AppointmentFacts,
    may_manage,
    may_view_appointment,
)
from clientportal.policies.decision import Decision, allow, deny, in_order
from clientportal.policies.standing import STAFF_ONLY

MAY_CONFIRM: Final = allow("may_confirm", "appointment", "APT-13")
ALREADY_CONFIRMED: Final = allow("already_confirmed", "appointment", "APT-13")
MAY_NOTE_ATTENDANCE: Final = allow("may_note_attendance", "appointment", "APT-13")
MAY_REOPEN_APPOINTMENT: Final = allow("may_reopen_appointment", "appointment", "APT-13")

CLIENT_ONLY: Final = deny("client_only", "appointment", "APT-13")
NOT_MADE_BY_STAFF: Final = deny("not_made_by_staff", "appointment", "APT-13")
NOT_BEGUN: Final = deny("not_begun", "appointment", "APT-13")
NOT_FULFILLED: Final = deny("not_fulfilled", "appointment", "APT-6")
NOT_MISSED: Final = deny("not_missed", "appointment", "APT-13")


def may_confirm(facts: AppointmentFacts, now: Moment) -> Decision:
    """Whether the client, or a proxy who may book, may confirm what staff made, until it starts."""
    appointment = facts.appointment
    actor = in_order(may_view_appointment(facts), may_manage(facts))
    if not actor or facts.standing.actor.is_staff:
        return CLIENT_ONLY if actor else actor
    if appointment.status is not AppointmentStatus.BOOKED:
        return NOT_BOOKED
    if not appointment.is_by_staff:
        return NOT_MADE_BY_STAFF
    if now >= appointment.interval.start:
        return ALREADY_STARTED
    known = appointment.confirmed_at is not None
    return evolve(
        ALREADY_CONFIRMED if known else MAY_CONFIRM, holds_until=appointment.interval.start
    )


def may_note_attendance(facts: AppointmentFacts, now: Moment) -> Decision:
    """Whether the actor may note that it took place, or that the client did not come."""
    staff = _staff(facts)
    if not staff:
        return staff
    if facts.appointment.status is not AppointmentStatus.BOOKED:
        return NOT_BOOKED
    start = facts.appointment.interval.start
    return evolve(NOT_BEGUN, holds_until=start) if now < start else MAY_NOTE_ATTENDANCE


def may_undo_fulfilment(facts: AppointmentFacts) -> Decision:
    """Whether the actor may take back that it took place; a past visit did (APT-16)."""
    appointment = facts.appointment
    fulfilled = appointment.status is AppointmentStatus.FULFILLED and not appointment.is_history
    return in_order(_staff(facts), MAY_REOPEN_APPOINTMENT if fulfilled else NOT_FULFILLED)


def may_undo_no_show(facts: AppointmentFacts) -> Decision:
    """Whether the actor may take back that the client did not come."""
    missed = facts.appointment.status is AppointmentStatus.NO_SHOW
    return in_order(_staff(facts), MAY_REOPEN_APPOINTMENT if missed else NOT_MISSED)


def _staff(facts: AppointmentFacts) -> Decision:
    """Staff who change that calendar; a client hears that it is not for them."""
    seen = may_view_appointment(facts)
    if not seen:
        return seen
    return may_manage(facts) if facts.standing.actor.is_staff else STAFF_ONLY
