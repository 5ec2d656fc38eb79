"""The relay: after the commit, events become effects, and effects go out through ports (OUT-1).

At least once: an event is marked as delivered only when all that it asks for was done, and every
mail carries a Message-ID made from the event, so that a repetition can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from clientportal.domain.actors import Actor, Link
from clientportal.domain.ids import PracticeId
from clientportal.mails import invite_mail
from clientportal.policies.invites import InviteFacts
from clientportal.ports.hookspecs import Heard, Subscriber
from clientportal.ports.queries import Pending
from clientportal.usecases.deliveries import RecordDelivery, SeeInviteToMail, SeePending
from clientportal.usecases.effects import Effect, effects_of

if TYPE_CHECKING:
    from clientportal.portal import Portal
    from clientportal.ports.mail import Mailer

BLOCK: Final = 50


@frozen(kw_only=True)
class Relay:
    """Delivers what a practice's events ask for, oldest first.

    *sign_link* makes the text of an invite link, *link_base* is what it is appended to; *event_of*
    reads an event back from its wire name and body; *sender* is the address mails come from.
    """

    portal: Portal
    mailer: Mailer
    sign_link: Callable[[PracticeId, Link], str] = field(repr=False)
    event_of: Callable[[str, str], object] = field(repr=False)
    sender: str = field(repr=False)
    link_base: str
    subscribers: tuple[Subscriber, ...] = ()

    def deliver(self, practice_id: PracticeId) -> int:
        """Deliver all that is pending; the number of events that went out.

        What fails stays pending, with its fault, for the next time; the rest goes on.
        """
        system = self.portal.system_actor(practice_id)
        delivered = 0
        seen: set[int] = set()
        while fresh := [p for p in self._pending(system) if p.position not in seen]:
            for pending in fresh:
                seen.add(pending.position)
                delivered += self._delivered(pending, system)
        return delivered

    def _pending(self, system: Actor) -> Iterable[Pending]:
        return self.portal.look(SeePending(limit=BLOCK), actor=system)

    def _delivered(self, pending: Pending, system: Actor) -> bool:
        fault = None
        try:
            self._perform(pending, system)
        except Exception as error:  # noqa: BLE001 - a subscriber may raise anything; others go on
            fault = str(getattr(error, "code", "failed"))
        record = RecordDelivery(position=pending.position, fault=fault)
        self.portal.do(record, actor=system)
        return fault is None

    def _perform(self, pending: Pending, system: Actor) -> None:
        event = self.event_of(pending.event.name, pending.event.body)
        for effect in effects_of(event):
            self._mail(effect, pending, system)
        heard = Heard(
            practice_id=system.practice_id, position=pending.position, event=pending.event
        )
        for subscriber in self.subscribers:
            if subscriber.wants(pending.event.name):
                subscriber.hear(heard)

    def _mail(self, effect: Effect, pending: Pending, system: Actor) -> None:
        view = SeeInviteToMail(invite_id=effect.invite_id, generation=effect.generation)
        facts = self.portal.look(view, actor=system)
        if facts is not None:
            message_id = f"{system.practice_id}.{pending.position}@clientportal"
            link = f"{self.link_base}{self._link(facts, system.practice_id)}"
            self.mailer.deliver(
                invite_mail(facts, link=link, sender=self.sender, message_id=message_id)
            )

    def _link(self, facts: InviteFacts, practice_id: PracticeId) -> str:
        invite = facts.invite
        link = Link(invite_id=invite.id, generation=invite.generation, expires_at=invite.expires_at)
        return self.sign_link(practice_id, link)
