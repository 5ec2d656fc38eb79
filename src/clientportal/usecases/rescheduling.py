"""Moving an appointment, answering a move, taking a cancellation back (APT-7 to APT-9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from itertools import islice
from typing import ClassVar, Final

from attrs import evolve, field, frozen

from clientportal.domain.appointments import AppointmentEvent, after
from clientportal.domain.ids import AppointmentId
from clientportal.domain.moments import MINUTE, Interval, Moment, to_utc
from clientportal.domain.moves import (
    AppointmentMoveAccepted,
    AppointmentMoved,
    AppointmentMoveDeclined,
    AppointmentMoveProposed,
    AppointmentMoveWithdrawn,
    AppointmentRestored,
)
from clientportal.domain.slots import Slot, slots
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.appointments import AppointmentFacts, may_manage, may_view_appointment
from clientportal.policies.cancelling import may_restore
from clientportal.policies.decision import Decision, Reason, in_order
from clientportal.policies.rescheduling import (
    MAY_ASK_TO_MOVE,
    MAY_ASK_TO_MOVE_LATE,
    MAY_MOVE,
    MAY_MOVE_LATE,
    MAY_WITHDRAW_MOVE,
    MoveFacts,
    may_answer_move,
    may_move,
    may_reschedule,
)
from clientportal.ports.queries import PAGE, AppointmentFactsOf, BookingFactsOf
from clientportal.usecases.booking import replaced_by
from clientportal.usecases.command import Context

LONGEST_SEARCH: Final = 62


def changed(facts: AppointmentFacts, event: AppointmentEvent, decision: Decision) -> Outcome:
    """What an *event* of an appointment comes to, if the *decision* allows it."""
    one = facts.appointment
    if not decision:
        return Outcome(decision, about=one.client_id)
    return Outcome(decision, (Change(event, (after(one, event),)),), about=one.client_id)


def offered(facts: AppointmentFacts, within: Interval, context: Context) -> Flow[MoveFacts]:
    """What is offered for an appointment *within*."""
    one = facts.appointment
    who = (one.client_id, one.staff_id, one.service_id)
    found = yield from fetch(BookingFactsOf(*who, within, context.actor, context.now))
    return MoveFacts(of=facts, booking=found)


def _in_place(whole: MoveFacts, event: AppointmentEvent, decision: Decision) -> Outcome:
    """What an *event* that takes another time comes to: what gives way is released (APT-6)."""
    outcome, moved = changed(whole.of, event, decision), after(whole.of.appointment, event)
    return evolve(outcome, changes=(*outcome.changes, *replaced_by(moved, whole.booking)))


def _at(start: Moment) -> Interval:
    return Interval(start, start + MINUTE)


@frozen(kw_only=True)
class RescheduleAppointment:
    """Move an appointment to another start, or ask staff to (APT-8, APT-9).

    It keeps its id, its length and the terms of its first booking. The start that it has already
    changes nothing; of who asked for another time, it says that the old one will do.
    """

    name: ClassVar[str] = "appointment.reschedule"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId
    start: Moment = field(converter=to_utc)

    def flow(self, context: Context) -> Flow[Outcome]:
        """Its own time is left out where it is tested, and held as one where both are claimed."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        movable = in_order(may_view_appointment(facts), may_manage(facts))
        if not movable:
            return Outcome(movable, about=facts.appointment.client_id)
        whole = yield from offered(facts, _at(self.start), context)
        decision = may_reschedule(whole, self.start, context.now)
        make = _MOVES.get(decision.reason)
        if make is None:
            return Outcome(decision, about=facts.appointment.client_id)
        end = self.start + facts.appointment.interval.duration
        event = make(self.appointment_id, Interval(self.start, end), context.now)
        return _in_place(whole, event, decision)


def _moved(*, is_late: bool) -> Callable[[AppointmentId, Interval, Moment], AppointmentEvent]:
    return lambda appointment_id, to, at: AppointmentMoved(
        appointment_id=appointment_id, start=to.start, end=to.end, at=at, is_late=is_late
    )


def _proposed(*, is_late: bool) -> Callable[[AppointmentId, Interval, Moment], AppointmentEvent]:
    return lambda appointment_id, to, _: AppointmentMoveProposed(
        appointment_id=appointment_id, start=to.start, end=to.end, is_late=is_late
    )


#: What each answer makes happen; any other changes nothing.
_MOVES: Final[Mapping[Reason, Callable[[AppointmentId, Interval, Moment], AppointmentEvent]]] = {
    MAY_MOVE.reason: _moved(is_late=False),
    MAY_MOVE_LATE.reason: _moved(is_late=True),
    MAY_ASK_TO_MOVE.reason: _proposed(is_late=False),
    MAY_ASK_TO_MOVE_LATE.reason: _proposed(is_late=True),
    MAY_WITHDRAW_MOVE.reason: lambda appointment_id, _, __: AppointmentMoveWithdrawn(
        appointment_id=appointment_id
    ),
}


def answer_move(facts: AppointmentFacts, now: Moment, *, accepting: bool) -> Outcome:
    """What accepting or declining a move that waits comes to; both times were held meanwhile."""
    decision, one = may_answer_move(facts, now, accepting=accepting), facts.appointment
    if not decision or one.proposed is None:
        return Outcome(decision, about=one.client_id)
    if not accepting:
        return changed(facts, AppointmentMoveDeclined(appointment_id=one.id), decision)
    to = one.proposed
    accepted = AppointmentMoveAccepted(
        appointment_id=one.id, start=to.start, end=to.end, at=now, is_late=one.is_proposed_late
    )
    return changed(facts, accepted, decision)


@frozen(kw_only=True)
class RestoreAppointment:
    """Take back a cancellation before its start, if the time is still free (APT-7)."""

    name: ClassVar[str] = "appointment.restore"
    tests_secret: ClassVar[bool] = False
    appointment_id: AppointmentId

    def flow(self, context: Context) -> Flow[Outcome]:
        """It is booked then, whatever it was; storage decides between two who want the time."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        seen, about = may_view_appointment(facts), facts.appointment.client_id
        if not seen:
            return Outcome(seen, about=about)
        whole = yield from offered(facts, _at(facts.appointment.interval.start), context)
        decision = may_restore(whole, context.now)
        if not decision:
            return Outcome(decision, about=about)
        restored = AppointmentRestored(appointment_id=self.appointment_id)
        return _in_place(whole, restored, decision)


@frozen(kw_only=True)
class SeeTimesToMove:
    """The next times an appointment could be moved to, from *start* on (APT-3, APT-9).

    At most *limit* of them within *days*, at its own length; its own time does not block it.
    """

    name: ClassVar[str] = "slot.list_to_move"
    appointment_id: AppointmentId
    start: Moment = field(converter=to_utc)
    days: int = 14
    limit: int = PAGE

    def flow(self, context: Context) -> Flow[Shown[tuple[Slot, ...]]]:
        """Exactly the starts that `RescheduleAppointment` would take of a client now."""
        facts = yield from fetch(AppointmentFactsOf(self.appointment_id, context.actor))
        decision, one = may_move(facts, context.now), facts.appointment
        if not decision:
            return Shown(decision, about=one.client_id)
        span = timedelta(days=min(max(self.days, 1), LONGEST_SEARCH))
        within = Interval(self.start, self.start + span)
        whole = yield from offered(facts, within, context)
        page = tuple(islice(_times(whole, within, context.now), max(self.limit, 1)))
        return Shown(decision, page, about=one.client_id)


def _times(facts: MoveFacts, within: Interval, now: Moment) -> Iterator[Slot]:
    """The starts that are offered, but for the one it has."""
    standing, offer = facts.of.standing, facts.whereto.offer
    if not (standing.client.is_active and offer.staff.is_active):
        return
    if not offer.service.is_bookable_online:
        return
    stands = facts.of.appointment.interval
    found = slots(offer, standing.client.id, within, now)
    yield from (slot for slot in found if slot.interval != stands)
