"""Who may move an appointment, whereto, and who answers a move that waits (APT-8, APT-9)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from attrs import evolve, frozen

from clientportal.domain.appointments import OCCUPYING, Appointment, AppointmentStatus
from clientportal.domain.claims import Exclusive, without
from clientportal.domain.moments import Moment
from clientportal.domain.practices import Outside
from clientportal.domain.slots import Offer, Upcoming
from clientportal.policies.appointments import (
    ALREADY_STARTED,
    LAPSED,
    MAY_REQUEST,
    NOT_BOOKED,
    AppointmentFacts,
    BookingFacts,
    may_have,
    may_manage,
    may_view_appointment,
)
from clientportal.policies.decision import Decision, allow, deny, in_order
from clientportal.policies.standing import STAFF_ONLY

MAY_MOVE: Final = allow("may_move", "appointment", "APT-9")
MAY_MOVE_LATE: Final = allow("may_move_late", "appointment", "APT-9")
MAY_ASK_TO_MOVE: Final = allow("may_ask_to_move", "appointment", "APT-9")
MAY_ASK_TO_MOVE_LATE: Final = allow("may_ask_to_move_late", "appointment", "APT-9")
MAY_WITHDRAW_MOVE: Final = allow("may_withdraw_move", "appointment", "APT-9")
MOVE_ALREADY_WAITS: Final = allow("move_already_waits", "appointment", "APT-9")
ALREADY_AT_THAT_TIME: Final = allow("already_at_that_time", "appointment", "APT-9")
MAY_ANSWER_MOVE: Final = allow("may_answer_move", "appointment", "APT-9")

TOO_LATE_TO_MOVE: Final = deny("too_late_to_move", "appointment", "APT-8")
NO_MOVE_WAITS: Final = deny("no_move_waits", "appointment", "APT-9")

#: A move that staff must accept first, by what it would be if they need not.
_ASKED: Final[Mapping[Decision, Decision]] = {
    MAY_MOVE: MAY_ASK_TO_MOVE,
    MAY_MOVE_LATE: MAY_ASK_TO_MOVE_LATE,
}


@frozen(kw_only=True)
class MoveFacts:
    """An appointment, how the actor stands to its client, and what is offered for it."""

    of: AppointmentFacts
    booking: BookingFacts

    @property
    def whereto(self) -> BookingFacts:
        """What decides about another time of the same appointment.

        It keeps its length and its buffers, whatever the service has become, and the time that it
        holds itself is free to it.
        """
        found = self.booking
        return evolve(found, offer=own(found.offer, self.of.appointment))


def own(offer: Offer, appointment: Appointment) -> Offer:
    """*offer* as it is for *appointment* itself, which is not counted beside itself."""
    buffers = appointment.buffers
    service = evolve(
        offer.service,
        duration=appointment.interval.duration // timedelta(minutes=1),
        step=offer.service.interval_minutes,
        buffer_before=buffers.before,
        buffer_after=buffers.after,
    )
    rules = evolve(offer.practice.booking, buffers=buffers.rule)
    held = without(offer.held, (e for e in appointment.claims if isinstance(e, Exclusive)))
    practice, ahead = evolve(offer.practice, booking=rules), offer.upcoming
    others = Upcoming(total=max(ahead.total - 1, 0), alike=max(ahead.alike - 1, 0))
    return evolve(offer, practice=practice, service=service, held=held, upcoming=others)


def may_move(facts: AppointmentFacts, now: Moment) -> Decision:
    """Whether the actor may move the appointment at all, and whether it would be late (APT-8)."""
    actor, appointment = in_order(may_view_appointment(facts), may_manage(facts)), facts.appointment
    if not actor:
        return actor
    if appointment.status not in OCCUPYING:
        return NOT_BOOKED
    if facts.standing.actor.is_staff:
        return LAPSED if appointment.has_lapsed(now) else _until_it_lapses(appointment)
    return _in_time(appointment, now)


def _until_it_lapses(appointment: Appointment) -> Decision:
    """Staff need no notice; what is booked can be moved even once it began."""
    requested = appointment.status is AppointmentStatus.REQUESTED
    return evolve(MAY_MOVE, holds_until=appointment.interval.start if requested else None)


def _in_time(appointment: Appointment, now: Moment) -> Decision:
    """A client's move against the clock, the old start and the terms of the first booking."""
    start, terms = appointment.interval.start, appointment.move_terms
    if now >= start:
        return ALREADY_STARTED
    if appointment.status is AppointmentStatus.REQUESTED:
        return evolve(MAY_MOVE, holds_until=start)
    by_notice = start - terms.notice
    by_regret = min(appointment.regret_from + appointment.terms.regret, start)
    if now <= by_notice or now < by_regret:
        return evolve(MAY_MOVE, holds_until=max(by_notice, by_regret))
    if terms.outside is Outside.REFUSE:
        return TOO_LATE_TO_MOVE
    return evolve(MAY_MOVE_LATE, holds_until=start)


def may_reschedule(facts: MoveFacts, start: Moment, now: Moment) -> Decision:
    """Whether the actor may move the appointment to *start*: notice first, then what is offered."""
    movable, stands = may_move(facts.of, now), facts.of.appointment.interval.start
    if start == stands and (movable or movable == TOO_LATE_TO_MOVE):
        stays = ALREADY_AT_THAT_TIME if not _may_withdraw(facts.of) else MAY_WITHDRAW_MOVE
        return evolve(stays, holds_until=movable.holds_until if movable else stands)
    if not movable:
        return movable
    given = may_have(facts.whereto, start, now)
    return _to(facts.of.appointment, start, movable, given) if given else given


def _may_withdraw(facts: AppointmentFacts) -> bool:
    """Who asked for another time may be content with the old one; staff decline instead."""
    return facts.appointment.proposed is not None and not facts.standing.actor.is_staff


def _to(appointment: Appointment, start: Moment, movable: Decision, given: Decision) -> Decision:
    """What a move that is offered comes to: done, or asked for where staff must accept it."""
    moves, proposed = evolve(movable, holds_until=None), appointment.proposed
    if given.reason == MAY_REQUEST.reason and appointment.status is AppointmentStatus.BOOKED:
        waits = proposed is not None and proposed.start == start
        moves = MOVE_ALREADY_WAITS if waits else _ASKED[moves]
    ends = (at for at in (movable.holds_until, given.holds_until, start) if at is not None)
    return evolve(moves, holds_until=min(ends))


def may_answer_move(facts: AppointmentFacts, now: Moment, *, accepting: bool) -> Decision:
    """Whether the actor may accept, or decline, the time that a client asked for (APT-9).

    It lapses at the earlier of both starts; what lapsed can still be declined, to free its time.
    """
    seen = may_view_appointment(facts)
    if not seen or not facts.standing.actor.is_staff:
        return STAFF_ONLY if seen else seen
    calendar, until = may_manage(facts), facts.appointment.move_lapses_at()
    if not calendar:
        return calendar
    if until is None:
        return NO_MOVE_WAITS
    if not accepting:
        return MAY_ANSWER_MOVE
    return LAPSED if now >= until else evolve(MAY_ANSWER_MOVE, holds_until=until)
