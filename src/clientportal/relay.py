"""The relay: after the commit, events become effects, and effects go out through ports (OUT-1).

At least once, and each consumer by itself: an event is marked as delivered only when the mail and
every subscriber have it, and who has it already is not bothered again because another failed. Every
mail carries a Message-ID made from the event, so that a repetition can be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from attrs import field, frozen

from clientportal.appointment_mails import appointment_mail
from clientportal.domain.actors import Actor, Link
from clientportal.domain.appointment_notices import NoticeStatus
from clientportal.domain.ids import AppointmentId, ConversationId, PracticeId
from clientportal.domain.moments import microseconds
from clientportal.errors import ClientPortalError, ConfigurationError
from clientportal.mails import invite_mail, message_mail
from clientportal.policies.invites import InviteFacts
from clientportal.policies.reminders import Addressed
from clientportal.ports.hookspecs import Heard, Subscriber
from clientportal.ports.queries import Pending
from clientportal.usecases.deliveries import RecordDelivery, SeeInviteToMail, SeePending
from clientportal.usecases.effects import MailAppointment, MailInvite, MailMessage, effects_of
from clientportal.usecases.notices import (
    NoticesToMail,
    RecordNotice,
    SeeClosingSoon,
    SeeNoticesToMail,
    SeeWarningsToMail,
    Told,
)
from clientportal.usecases.reminders import (
    AppointmentToMail,
    RecordAppointmentNotice,
    SeeAppointmentToMail,
    SeeDueReminders,
    SeeRemindersToMail,
)

if TYPE_CHECKING:
    from clientportal.portal import Portal
    from clientportal.ports.mail import Mailer

MAIL: Final = "mail"

Consumer: TypeAlias = tuple[str, Callable[[], None]]


def _distinct(_: object, __: object, subscribers: tuple[Subscriber, ...]) -> None:
    """What a subscriber has is noted under its name, so no two may share one."""
    names = [each.name for each in subscribers]
    if len(set(names)) < len(names):
        raise ConfigurationError("subscriber_duplicate", "give every subscriber its own name")


@frozen(kw_only=True)
class Relay:
    """Delivers what a practice's events ask for, oldest first.

    *sign_link* makes the text of an invite link, *link_base* is what it is appended to; *event_of*
    reads an event back from its wire name and body; *sender* is the address mails come from.
    Raises `ConfigurationError` where two *subscribers* have the same name.
    """

    portal: Portal
    mailer: Mailer
    sign_link: Callable[[PracticeId, Link], str] = field(repr=False)
    event_of: Callable[[str, str], object] = field(repr=False)
    sender: str = field(repr=False)
    link_base: str
    subscribers: tuple[Subscriber, ...] = field(default=(), validator=_distinct)

    def deliver(self, practice_id: PracticeId) -> int:
        """Deliver all that is pending; the number of events that went out.

        What fails stays pending, with its fault, for the next time; the rest goes on.
        """
        system = self.portal.system_actor(practice_id)
        delivered = after = 0
        while block := self.portal.look(SeePending(after=after), actor=system):
            delivered += sum(self._delivered(pending, system) for pending in block)
            after = block[-1].position
        self._warn(system)
        self._remind(system)
        return delivered

    def _warn(self, system: Actor) -> None:
        """Mail those who may still answer in what closes within 12 hours (MSG-17).

        What fails is tried the next time: nothing but the mails depends on how often this runs.
        """
        after = None
        while soon := self.portal.look(SeeClosingSoon(after=after), actor=system):
            for _, conversation_id in soon:
                _fault(partial(self._mail_closing, conversation_id, system))
            after = soon[-1]

    def _mail_closing(self, conversation_id: ConversationId, system: Actor) -> None:
        view = SeeWarningsToMail(conversation_id=conversation_id)
        self._tell(self.portal.look(view, actor=system), "closing", system)

    def _remind(self, system: Actor) -> None:
        """Remind of what starts soon, after what was booked or accepted is told (APT-14)."""
        near = self.portal.look(SeeDueReminders(), actor=system)
        while near.last is not None:
            for appointment_id in near.due:
                _fault(partial(self._mail_reminder, appointment_id, system))
            near = self.portal.look(SeeDueReminders(after=near.last), actor=system)

    def _mail_reminder(self, appointment_id: AppointmentId, system: Actor) -> None:
        view = SeeRemindersToMail(appointment_id=appointment_id)
        self._tell_of(self.portal.look(view, actor=system), system)

    def _delivered(self, pending: Pending, system: Actor) -> bool:
        before = () if pending.delivery is None else pending.delivery.done
        waiting = (each for each in self._consumers(pending, system) if each[0] not in before)
        faults = {name: _fault(consume) for name, consume in waiting}
        done = tuple(name for name, fault in faults.items() if fault is None)
        fault = next((fault for fault in faults.values() if fault is not None), None)
        record = RecordDelivery(position=pending.position, done=done, fault=fault)
        self.portal.do(record, actor=system)
        return fault is None

    def _consumers(self, pending: Pending, system: Actor) -> Iterator[Consumer]:
        """Who wants the event, by the name it is noted under, and how it gets it."""
        yield MAIL, partial(self._mail, pending, system)
        heard = Heard(
            practice_id=system.practice_id, position=pending.position, event=pending.event
        )
        for subscriber in self.subscribers:
            if subscriber.wants(pending.event.name):
                yield f"subscriber:{subscriber.name}", partial(subscriber.hear, heard)

    def _mail(self, pending: Pending, system: Actor) -> None:
        event = self.event_of(pending.event.name, pending.event.body)
        for effect in effects_of(event):
            PERFORMED[type(effect)](self, effect, pending, system)

    def _mail_invite(self, effect: MailInvite, pending: Pending, system: Actor) -> None:
        view = SeeInviteToMail(invite_id=effect.invite_id, generation=effect.generation)
        facts = self.portal.look(view, actor=system)
        if facts is not None:
            message_id = f"{system.practice_id}.{pending.position}@clientportal"
            link = f"{self.link_base}{self._link(facts, system.practice_id)}"
            self.mailer.deliver(
                invite_mail(facts, link=link, sender=self.sender, message_id=message_id)
            )

    def _mail_message(self, effect: MailMessage, pending: Pending, system: Actor) -> None:
        view = SeeNoticesToMail(
            conversation_id=effect.conversation_id, message_id=effect.message_id
        )
        self._tell(self.portal.look(view, actor=system), str(pending.position), system)

    def _mail_appointment(self, effect: MailAppointment, pending: Pending, system: Actor) -> None:
        view = SeeAppointmentToMail(
            appointment_id=effect.appointment_id,
            topic=effect.topic,
            who=pending.who,
            at=pending.at,
        )
        self._tell_of(self.portal.look(view, actor=system), system)

    def _tell(self, found: NoticesToMail, occasion: str, system: Actor) -> None:
        _all(partial(self._tell_one, found, told, occasion, system) for told in found.told)

    def _tell_of(self, found: AppointmentToMail, system: Actor) -> None:
        _all(partial(self._tell_attendant, found, told, system) for told in found.told)

    def _tell_attendant(self, found: AppointmentToMail, told: Addressed, system: Actor) -> None:
        """Mail one, unless it is too late, and note it down at once."""
        if told.status is NoticeStatus.SENT:
            self.mailer.deliver(appointment_mail(found.facts, told, sender=self.sender))
        appointment = found.facts.appointment
        noted = RecordAppointmentNotice(
            appointment_id=appointment.id,
            sequence=appointment.sequence,
            topic=told.topic,
            minutes=told.minutes,
            person=told.person,
            status=told.status,
            at=told.at,
        )
        self.portal.do(noted, actor=system)

    def _tell_one(self, found: NoticesToMail, told: Told, occasion: str, system: Actor) -> None:
        """Mail one, and note it down at once: who was told is not told again."""
        waits = "" if told.waiting_since is None else f".{microseconds(told.waiting_since)}"
        stem = f"{system.practice_id}.{found.conversation_id}.{occasion}{waits}.{told.person}"
        self.mailer.deliver(message_mail(found, told, sender=self.sender, stem=stem))
        noted = RecordNotice(
            conversation_id=found.conversation_id,
            person=told.person,
            sequence=told.sequence,
            warned_of=told.waiting_since,
        )
        self.portal.do(noted, actor=system)

    def _link(self, facts: InviteFacts, practice_id: PracticeId) -> str:
        invite = facts.invite
        link = Link(invite_id=invite.id, generation=invite.generation, expires_at=invite.expires_at)
        return self.sign_link(practice_id, link)


def _all(tell: Iterable[Callable[[], None]]) -> None:
    """Tell each who is to be told; raises what failed first, once the others have theirs."""
    failed: Exception | None = None
    for each in tell:
        try:
            each()
        except Exception as error:  # noqa: BLE001 - an address that refuses stops nobody
            failed = failed or error
    if failed is not None:
        raise failed


def _fault(consume: Callable[[], None]) -> str | None:
    """Let a consumer have its event: None, or the code of why it has it not.

    Only our own errors have codes; what else an exception says may be personal.
    """
    try:
        consume()
    except ClientPortalError as error:
        return error.code
    except Exception:  # noqa: BLE001 - a subscriber may raise anything; the others go on
        return "failed"
    return None


#: How each kind of effect is performed.
PERFORMED: Final[Mapping[type, Callable[[Relay, Any, Pending, Actor], None]]] = {
    MailInvite: Relay._mail_invite,
    MailMessage: Relay._mail_message,
    MailAppointment: Relay._mail_appointment,
}
