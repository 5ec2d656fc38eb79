"""How booking is decided, and why a time cannot be had (APT-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar, Final

from attrs import field, frozen

from clientportal.domain.appointments import Buffers
from clientportal.domain.holds import Occupant, released
from clientportal.domain.ids import AppointmentId, ClientId, HoldId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment, to_utc
from clientportal.domain.slots import Obstacle, Upcoming
from clientportal.flows import Change, Flow, Shown, State, fetch
from clientportal.policies.appointments import (
    IN_THE_PAST,
    LIMIT_REACHED,
    OBSTACLES,
    SLOT_TAKEN,
    BookingFacts,
    may_book_online,
)
from clientportal.policies.booking import blocking, giving_way, may_see_why_not, told_apart
from clientportal.policies.decision import Decision
from clientportal.ports.queries import BookingFactsOf, NeighboursOf
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class Wish:
    """Who wants what from whom, and when."""

    client_id: ClientId
    staff_id: StaffId
    service_id: ServiceId
    start: Moment = field(converter=to_utc)

    def facts(self, context: Context) -> Flow[BookingFacts]:
        """All that decides about it."""
        return (
            yield from fetch(
                BookingFactsOf(
                    self.client_id,
                    self.staff_id,
                    self.service_id,
                    self.within,
                    context.actor,
                    context.now,
                )
            )
        )

    @property
    def within(self) -> Interval:
        """The minute of the start."""
        return Interval(self.start, self.start + timedelta(minutes=1))

    def neighbours(self, decision: Decision) -> Flow[tuple[Occupant, ...]]:
        """What may stand in the way, read only where something does."""
        if decision.reason != SLOT_TAKEN.reason:
            return ()
        return (yield from fetch(NeighboursOf(self.client_id, self.staff_id, self.within)))

    def told(self, decision: Decision, facts: BookingFacts) -> Flow[Decision]:
        """*decision*, a time that is taken told from one that is too close (APT-4)."""
        neighbours = yield from self.neighbours(decision)
        return told_apart(decision, facts, self.start, neighbours)


def replaced_by(new: Occupant, facts: BookingFacts) -> tuple[Change, ...]:
    """The release of what gives way to *new*, in the same commit (APT-6)."""
    gone = (released(each) for each in giving_way(facts, new))
    return tuple(Change(event, (state,)) for event, state in gone)


def counted(facts: BookingFacts) -> tuple[State, ...]:
    """What is written with one more appointment, so that no two are counted as one.

    Where the practice limits what a client may have ahead, the client's version tells of it.
    """
    return (facts.standing.client,) if facts.offer.is_limited else ()


@frozen(kw_only=True)
class Blocking:
    """What stands in the way, as staff see it who may view that calendar; never whose it is."""

    id: AppointmentId | HoldId
    staff_id: StaffId
    interval: Interval
    buffers: Buffers


@frozen(kw_only=True)
class WhyNot:
    """What the client hears who books a start by themself, and the rule that blocks it (APT-3).

    *blocking* and *upcoming* are for staff: which appointments, and how many the client has ahead
    where a limit is reached.
    """

    decision: Decision
    obstacle: Obstacle | None
    blocking: tuple[Blocking, ...] = ()
    upcoming: Upcoming | None = None


_RULES: Final = {
    IN_THE_PAST.reason: Obstacle.NOTICE,
    **{decision.reason: found for found, decision in OBSTACLES.items()},
}


@frozen(kw_only=True)
class SeeWhyNot(Wish):
    """Why a client cannot book a start, or that they can (APT-3).

    Clients hear the rule; staff who may view the calendar see what is in the way.
    """

    name: ClassVar[str] = "slot.why_not"

    def flow(self, context: Context) -> Flow[Shown[WhyNot]]:
        """Decided as booking is, whoever asks."""
        facts = yield from self.facts(context)
        allowed = may_see_why_not(facts)
        if not allowed:
            return Shown(allowed, about=self.client_id)
        decision = may_book_online(facts, self.start, context.now)
        neighbours = yield from self.neighbours(decision)
        told = told_apart(decision, facts, self.start, neighbours)
        by_staff = context.actor.is_staff and told.reason == LIMIT_REACHED.reason
        answer = WhyNot(
            decision=told,
            obstacle=_RULES.get(told.reason),
            blocking=tuple(map(_shown, blocking(facts, self.start, neighbours))),
            upcoming=facts.offer.upcoming if by_staff else None,
        )
        return Shown(allowed, answer, about=self.client_id)


def _shown(found: Occupant) -> Blocking:
    return Blocking(
        id=found.id, staff_id=found.staff_id, interval=found.interval, buffers=found.buffers
    )
