"""Who may see, book, answer and cancel an appointment (APT-3, APT-5 to APT-8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attrs import frozen

from clientportal.domain.appointments import (
    Appointment,
    AppointmentStatus,
)
from clientportal.domain.holds import Occupant
from clientportal.domain.moments import Moment
from clientportal.domain.people import Permissions, Reach
from clientportal.domain.practices import Outside
from clientportal.domain.relationships import Scope
from clientportal.domain.slots import Obstacle, Offer, is_busy, obstacle
from clientportal.policies.decision import Decision, allow, deny, in_order
from clientportal.policies.standing import (
    GRANTED,
    MAY_ONLY_VIEW,
    NOT_IN_GRANT,
    NOT_PERMITTED,
    OWN_RECORD,
    PERMITTED,
    STAFF_ONLY,
    Standing,
    may_act,
)

MAY_BOOK: Final = allow("may_book", "appointment", "APT-3")
MAY_OVERBOOK: Final = allow("may_overbook", "appointment", "APT-5")
MAY_REQUEST: Final = allow("may_request", "appointment", "APT-6")
MAY_ANSWER_REQUEST: Final = allow("may_answer_request", "appointment", "APT-6")
MAY_CANCEL: Final = allow("may_cancel", "appointment", "APT-8")
MAY_CANCEL_LATE: Final = allow("may_cancel_late", "appointment", "APT-8")
ALREADY_CANCELLED: Final = allow("already_cancelled", "appointment", "APT-8")

CLIENT_NOT_SERVED: Final = deny("client_not_served", "client", "APT-3")
NOT_BOOKABLE_ONLINE: Final = deny("not_bookable_online", "service", "APT-1")
STAFF_NOT_BOOKABLE: Final = deny("staff_not_bookable", "staff_member", "APT-3")
IN_THE_PAST: Final = deny("in_the_past", "appointment", "APT-5")
TOO_SOON: Final = deny("too_soon", "appointment", "APT-5")
TOO_FAR_AHEAD: Final = deny("too_far_ahead", "appointment", "APT-5")
TOO_CLOSE: Final = deny("too_close", "appointment", "APT-4")
LIMIT_REACHED: Final = deny("limit_reached", "client", "APT-5")
OUTSIDE_WINDOW: Final = deny("outside_window", "appointment", "APT-3")
SLOT_TAKEN: Final = deny("slot_taken", "appointment", "APT-7")
NOT_REQUESTED: Final = deny("not_requested", "appointment", "APT-6")
NOT_BOOKED: Final = deny("not_booked", "appointment", "APT-8")
LAPSED: Final = deny("lapsed", "appointment", "APT-6")
ALREADY_STARTED: Final = deny("already_started", "appointment", "APT-8")
TOO_LATE_TO_CANCEL: Final = deny("too_late_to_cancel", "appointment", "APT-8")

OBSTACLES: Final[Mapping[Obstacle, Decision]] = {
    Obstacle.NOTICE: TOO_SOON,
    Obstacle.HORIZON: TOO_FAR_AHEAD,
    Obstacle.WINDOW: OUTSIDE_WINDOW,
    Obstacle.BUFFER: TOO_CLOSE,
    Obstacle.BUSY: SLOT_TAKEN,
    Obstacle.LIMIT: LIMIT_REACHED,
}


@frozen(kw_only=True)
class BookingFacts:
    """Who books for whom, and all that decides when.

    *yielding* is what gives way to a booking, and no part of what the offer says is held: the
    client's own hold, those of others that have expired, requests that have lapsed (APT-6).
    """

    standing: Standing
    offer: Offer
    yielding: tuple[Occupant, ...] = ()


@frozen(kw_only=True)
class AppointmentFacts:
    """An appointment, and how the actor stands to its client."""

    standing: Standing
    appointment: Appointment


def _view_calendar(permissions: Permissions) -> Reach:
    return permissions.view_calendar


def _edit_calendar(permissions: Permissions) -> Reach:
    return permissions.edit_calendar


def _calendar(standing: Standing, staff_id: str) -> Decision:
    """Staff by their reach into the calendar of *staff_id*: hidden, visible or theirs to change."""
    staff = standing.staff
    present = may_act(standing)
    if not present or staff is None:
        return present
    own = staff.id == staff_id
    if _edit_calendar(staff.permissions).covers(assigned=own):
        return PERMITTED
    seen = _view_calendar(staff.permissions).covers(assigned=own)
    return MAY_ONLY_VIEW if seen else NOT_PERMITTED


def may_view_calendar(standing: Standing, staff_id: str) -> Decision:
    """Whether the actor, who is staff, may see what is in the calendar of *staff_id* (PPL-3)."""
    calendar = _calendar(standing, staff_id)
    return PERMITTED if calendar == MAY_ONLY_VIEW else calendar


def may_view_appointment(facts: AppointmentFacts) -> Decision:
    """Whether the actor may see the appointment (PPL-3, REL-2)."""
    standing = facts.standing
    if standing.actor.is_staff:
        return may_view_calendar(standing, facts.appointment.staff_id)
    return _by_client(standing, Scope.VIEW_APPOINTMENTS)


def _by_client(standing: Standing, scope: Scope) -> Decision:
    """The client themself, or a proxy whose grant has *scope*; others learn nothing."""
    present = may_act(standing)
    if not present:
        return present
    if standing.actor.is_client:
        return OWN_RECORD
    if standing.grants(scope):
        return GRANTED
    return NOT_IN_GRANT if standing.grants(Scope.VIEW_APPOINTMENTS) else NOT_PERMITTED


def may_list_appointments(standing: Standing) -> Decision:
    """Whether the actor may know that the client has appointments; each is decided by itself.

    Staff know of the clients they may view, and of everybody with everybody's calendar (PPL-3).
    """
    present, staff = may_act(standing), standing.staff
    if not present or staff is None:
        return present
    theirs = staff.permissions
    everybody = Reach.EVERYTHING in (theirs.view_calendar, theirs.edit_calendar)
    known = everybody or theirs.view_clients.covers(assigned=standing.assigned)
    return PERMITTED if known else NOT_PERMITTED


def may_see_slots(facts: BookingFacts) -> Decision:
    """Whether the actor may see when the service can be had (APT-3)."""
    standing, offer = facts.standing, facts.offer
    if standing.actor.is_staff:
        known = may_list_appointments(standing)
        return _calendar(standing, offer.staff.id) if known else known
    return _by_client(standing, Scope.BOOK_APPOINTMENTS)


def may_book_appointment(
    facts: BookingFacts, start: Moment, now: Moment, *, overbook: bool = False
) -> Decision:
    """Whether *start* can be booked now: exactly when it is offered as a slot (APT-3).

    Staff are not bound by notice, horizon and windows, only by time that is held; they alone may
    *overbook* their own side (APT-5).
    """
    seen = may_see_slots(facts)
    if not seen:
        return seen
    if facts.standing.actor.is_staff:
        served = _served(facts)
        return _by_staff(facts, start, now, overbook=overbook) if served else served
    return STAFF_ONLY if overbook else may_book_online(facts, start, now)


def _served(facts: BookingFacts) -> Decision:
    if not facts.standing.client.is_active:
        return CLIENT_NOT_SERVED
    return MAY_BOOK if facts.offer.staff.is_active else STAFF_NOT_BOOKABLE


def _by_staff(facts: BookingFacts, start: Moment, now: Moment, *, overbook: bool) -> Decision:
    if start <= now:
        return IN_THE_PAST
    if is_busy(facts.offer, facts.standing.client.id, start, overbook=overbook):
        return SLOT_TAKEN
    return MAY_OVERBOOK if overbook else MAY_BOOK


def may_book_online(facts: BookingFacts, start: Moment, now: Moment) -> Decision:
    """What the client hears who books *start* by themself, whoever asks (APT-3)."""
    offer, served = facts.offer, _served(facts)
    if not served:
        return served
    if not offer.service.is_bookable_online:
        return NOT_BOOKABLE_ONLINE
    if start <= now:
        return IN_THE_PAST
    found = obstacle(offer, facts.standing.client.id, start, now)
    if found is not None:
        return OBSTACLES[found]
    until = min(start - offer.practice.booking.min_notice, start)
    allowed = MAY_BOOK if offer.practice.booking.auto_accept else MAY_REQUEST
    return Decision(True, allowed.reason, holds_until=until)


def may_answer_request(facts: AppointmentFacts, now: Moment) -> Decision:
    """Whether the actor may accept or decline a request (APT-6)."""
    seen = may_view_appointment(facts)
    if not seen:
        return seen
    if not facts.standing.actor.is_staff:
        return STAFF_ONLY
    calendar = _calendar(facts.standing, facts.appointment.staff_id)
    if not calendar:
        return calendar
    if facts.appointment.has_lapsed(now):
        return LAPSED
    if facts.appointment.status is not AppointmentStatus.REQUESTED:
        return NOT_REQUESTED
    until = facts.appointment.interval.start
    return Decision(True, MAY_ANSWER_REQUEST.reason, holds_until=until)


_CANCELLED: Final = frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.LATE_CANCELLED})
_CANCELLABLE: Final = frozenset({AppointmentStatus.REQUESTED, AppointmentStatus.BOOKED})


def may_cancel_appointment(facts: AppointmentFacts, now: Moment) -> Decision:
    """Whether the actor may cancel, and whether it would be late (APT-8)."""
    by_staff, appointment = facts.standing.actor.is_staff, facts.appointment
    actor = in_order(may_view_appointment(facts), _may_manage(facts))
    if not actor:
        return actor
    if appointment.status in _CANCELLED:
        return ALREADY_CANCELLED
    if appointment.has_lapsed(now):
        return LAPSED if by_staff else ALREADY_STARTED
    if appointment.status not in _CANCELLABLE:
        return NOT_BOOKED
    return MAY_CANCEL if by_staff else _in_time(appointment, now)


def _may_manage(facts: AppointmentFacts) -> Decision:
    """Staff by their reach into the calendar; a client their own, a proxy by the grant."""
    if facts.standing.actor.is_staff:
        return _calendar(facts.standing, facts.appointment.staff_id)
    return _by_client(facts.standing, Scope.BOOK_APPOINTMENTS)


def _in_time(appointment: Appointment, now: Moment) -> Decision:
    """A client's cancellation against the clock and the terms of the first booking (APT-8)."""
    start, terms = appointment.interval.start, appointment.terms
    if now >= start:
        return ALREADY_STARTED
    if appointment.status is AppointmentStatus.REQUESTED:
        return Decision(True, MAY_CANCEL.reason, holds_until=start)
    by_notice, by_regret = start - terms.notice, min(appointment.made_at + terms.regret, start)
    if now <= by_notice or now < by_regret:
        return Decision(True, MAY_CANCEL.reason, holds_until=max(by_notice, by_regret))
    if terms.outside is Outside.REFUSE:
        return TOO_LATE_TO_CANCEL
    return Decision(True, MAY_CANCEL_LATE.reason, holds_until=start)
