"""What the outside must do once something happened (OUT-1): pure, one table, one page.

The relay performs effects through ports after the commit, at least once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

from attrs import frozen

from clientportal.domain.appointment_notices import Topic
from clientportal.domain.appointments import (
    AppointmentAccepted,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentDeclined,
    AppointmentRequested,
)
from clientportal.domain.conversations import MessageSent
from clientportal.domain.ids import AppointmentId, ConversationId, InviteId, MessageId
from clientportal.domain.invites import InviteSent


@frozen(kw_only=True)
class MailInvite:
    """Mail the link of this generation of an invite to the address it was made for (GUIDE-2)."""

    invite_id: InviteId
    generation: int


@frozen(kw_only=True)
class MailMessage:
    """Mail those who take part that there is a message, without a word of it (MSG-17)."""

    conversation_id: ConversationId
    message_id: MessageId


@frozen(kw_only=True)
class MailAppointment:
    """Mail the others what somebody did to an appointment, without a clinical word (OUT-5)."""

    appointment_id: AppointmentId
    topic: Topic


Effect: TypeAlias = MailInvite | MailMessage | MailAppointment


def _mail_invite(event: Any) -> tuple[Effect, ...]:
    return (MailInvite(invite_id=event.invite_id, generation=event.generation),)


def _mail_message(event: Any) -> tuple[Effect, ...]:
    return (MailMessage(conversation_id=event.conversation_id, message_id=event.message_id),)


def _mail_appointment(topic: Topic) -> Callable[[Any], tuple[Effect, ...]]:
    return lambda event: (MailAppointment(appointment_id=event.appointment_id, topic=topic),)


EFFECTS: Final[Mapping[type, Callable[[Any], tuple[Effect, ...]]]] = {
    InviteSent: _mail_invite,
    MessageSent: _mail_message,
    AppointmentRequested: _mail_appointment(Topic.REQUESTED),
    AppointmentBooked: _mail_appointment(Topic.BOOKED),
    AppointmentAccepted: _mail_appointment(Topic.ACCEPTED),
    AppointmentDeclined: _mail_appointment(Topic.DECLINED),
    AppointmentCancelled: _mail_appointment(Topic.CANCELLED),
}


def effects_of(event: object) -> tuple[Effect, ...]:
    """What must be done outside because of *event*: nothing, for most."""
    rule = EFFECTS.get(type(event))
    return () if rule is None else rule(event)
