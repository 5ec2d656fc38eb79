"""What the relay reads and writes: events not delivered, and what became of them (OUT-1)."""

from __future__ import annotations

from typing import ClassVar

from attrs import evolve, field, frozen

from clientportal.domain.deliveries import Delivery
from clientportal.domain.ids import InviteId
from clientportal.flows import Change, Flow, Outcome, Shown, fetch
from clientportal.policies.deliveries import may_deliver
from clientportal.policies.invites import InviteFacts
from clientportal.ports.queries import DeliveryOf, InviteFactsOf, Pending, PendingEvents
from clientportal.ports.queries_access import PAGE, limited
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class SeePending:
    """The events that the relay has not delivered yet, oldest first, past position *after*."""

    name: ClassVar[str] = "delivery.pending"
    after: int = 0
    limit: int = field(default=PAGE, validator=limited)

    def flow(self, context: Context) -> Flow[Shown[tuple[Pending, ...]]]:
        """The practice's own machinery only."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        pending = yield from fetch(PendingEvents(self.limit, after=self.after))
        return Shown(decision, pending)


@frozen(kw_only=True)
class SeeInviteToMail:
    """What the mail of an invite needs, or None where its link would open nothing any more."""

    name: ClassVar[str] = "delivery.invite"
    invite_id: InviteId
    generation: int

    def flow(self, context: Context) -> Flow[Shown[InviteFacts | None]]:
        """A newer generation, a revocation or an acceptance makes the mail needless (INV-3)."""
        decision = may_deliver(context.actor)
        if not decision:
            return Shown(decision)
        facts = yield from fetch(InviteFactsOf(self.invite_id))
        invite = None if facts is None else facts.invite
        live = (
            invite is not None
            and invite.is_pending
            and invite.generation == self.generation
            and not invite.is_expired(context.now)
        )
        return Shown(decision, facts if live else None)


@frozen(kw_only=True)
class RecordDelivery:
    """What became of one event: delivered, or failed with *fault*, to be tried again.

    *done* are the consumers that have it now; those of earlier tries stay.
    """

    name: ClassVar[str] = "delivery.record"
    tests_secret: ClassVar[bool] = False
    position: int
    done: tuple[str, ...] = ()
    fault: str | None = None

    def flow(self, context: Context) -> Flow[Outcome]:
        """Bookkeeping: the fact was published when it happened."""
        decision = may_deliver(context.actor)
        if not decision:
            return Outcome(decision)
        found = yield from fetch(DeliveryOf(self.position))
        before = found or Delivery(position=self.position)
        after = evolve(
            before,
            attempts=before.attempts + 1,
            done=tuple(dict.fromkeys((*before.done, *self.done))),
            delivered_at=context.now if self.fault is None else None,
            fault=self.fault,
        )
        return Outcome(decision, (Change(None, (after,)),))
