"""Holding a time while a form is filled in (APT-6)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, frozen

from clientportal.domain.holds import Hold, SlotHeld, expiry
from clientportal.domain.ids import HoldId
from clientportal.flows import Change, Flow, Outcome
from clientportal.policies.appointments import BookingFacts
from clientportal.policies.booking import may_hold
from clientportal.usecases.booking import Wish, replaced_by
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class HoldSlot(Wish):
    """Keep a time for a client for some minutes; booking it, or anything else, ends the hold.

    A client has one hold: holding another time lets go of the former one (APT-6).
    """

    name: ClassVar[str] = "slot.hold"
    looks_up: ClassVar[str] = "client_id"
    tests_secret: ClassVar[bool] = False
    hold_id: HoldId

    def flow(self, context: Context) -> Flow[Outcome]:
        """What can be booked can be held, and is then taken for everybody else."""
        facts = yield from self.facts(context)
        decision = may_hold(facts, self.start, context.now)
        decision = yield from self.told(decision, facts)
        if not decision:
            return Outcome(decision, about=self.client_id)
        hold = self._hold(facts, context)
        event = SlotHeld(hold_id=self.hold_id)
        changes = (Change(event, (hold,), made=(hold,)), *replaced_by(hold, facts))
        return Outcome(decision, changes, about=self.client_id)

    def _hold(self, facts: BookingFacts, context: Context) -> Hold:
        offer, now = facts.offer, context.now
        hold = Hold(
            id=self.hold_id,
            client_id=self.client_id,
            staff_id=self.staff_id,
            service_id=self.service_id,
            interval=offer.interval(self.start),
            buffers=offer.buffers,
            expires_at=now + offer.practice.booking.hold,
        )
        return evolve(hold, expires_at=expiry(hold, facts.yielding, now))
