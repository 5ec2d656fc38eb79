"""What could come between the reading and the commit of a command, and make it wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve

from clientportal.domain.accounts import Secret
from clientportal.domain.appointments import Appointment
from clientportal.domain.conversations import Conversation
from clientportal.domain.ids import AccountId, AppointmentId, MessageId
from clientportal.domain.messages import Message
from clientportal.domain.people import Client
from clientportal.domain.practices import MessagingPolicy
from clientportal.testing.cast import ANN, OWNER, PASSWORD
from clientportal.testing.conformance import deck_care as care
from clientportal.testing.conformance import deck_invites as invites
from clientportal.testing.conformance import deck_messages as messages
from clientportal.testing.conformance import deck_people as people
from clientportal.testing.conformance.deck_moves import reschedule
from clientportal.testing.conformance.picks import Draw, Move, Picks
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.conversations import (
    CloseConversation,
    SendMessage,
    StartConversation,
)
from clientportal.usecases.documents import ShareDocument, WithdrawDocument
from clientportal.usecases.invites import ResendInvite, RevokeInvite, SendInvite
from clientportal.usecases.participants import (
    AddParticipants,
    JoinConversation,
    RemoveParticipants,
)
from clientportal.usecases.people import ArchiveClient, ChangeClient, UnassignClient
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.rescheduling import RescheduleAppointment
from clientportal.usecases.settings import SetLanguage, SetTimezone

FIRST: Final[tuple[Draw, ...]] = (
    messages.send_message,
    messages.send_message,
    messages.start_conversation,
    care.book,
    care.book,
    care.accept_appointment,
    care.cancel_appointment,
    reschedule,
    care.share,
    messages.by_hand,
    messages.add_participants,
    messages.remove_participants,
    messages.join,
    invites.accept,
    invites.send_invite,
    people.change_client,
    people.set_language,
    people.change_staff,
    people.assign,
)


def rival(p: Picks, first: Move) -> Move:
    """A command that gets in the way of *first*; now and then one that does not."""
    found = _RIVALS.get(type(first.command))
    others = () if found is None else tuple(found(p, first))
    if not others or p.seldom(6):
        return p.one(
            *(each for group in (*care.DECK.values(), *messages.DECK.values()) for each in group)
        )(p)
    return p.one(*others)


def _of_writing(p: Picks, first: Move) -> Iterator[Move]:
    command: SendMessage = first.command  # type: ignore[assignment] # by the table
    owner = p.world.staff(OWNER)
    again = evolve(command, message_id=p.fresh(MessageId, Message), text="Meanwhile.")
    yield Move(again, first.actor)
    yield Move(evolve(again, message_id=MessageId.of(f"r{len(p.room.audit)}")), first.actor)
    yield Move(CloseConversation(conversation_id=command.conversation_id, lock=True), owner)
    row = p.room.rows.get((Conversation, command.conversation_id))
    if row is not None:
        yield from _of_roster(p, p.client_in(row[1]) or ANN, first)


def _of_taking_part(p: Picks, first: Move) -> Iterator[Move]:
    talk_id = first.command.conversation_id  # type: ignore[attr-defined] # by the table
    owner = p.world.staff(OWNER)
    yield Move(RemoveParticipants(conversation_id=talk_id, people=(p.staff_id(),)), owner)
    yield Move(JoinConversation(conversation_id=talk_id), p.by_staff())
    yield Move(CloseConversation(conversation_id=talk_id), owner)
    yield from _of_roster(p, p.client_id(), first)


def _of_roster(p: Picks, client_id: Any, first: Move) -> Iterator[Move]:
    owner = p.world.staff(OWNER)
    staff_id = first.actor.staff_id or p.staff_id()
    yield Move(UnassignClient(client_id=client_id, staff_id=staff_id), owner)
    yield Move(UnassignClient(client_id=client_id, staff_id=p.staff_id()), owner)
    yield Move(ArchiveClient(client_id=client_id), owner)
    yield Move(SetMessagingPolicy(policy=p.one(*MessagingPolicy)), owner)


def _of_starting(p: Picks, first: Move) -> Iterator[Move]:
    command: StartConversation = first.command  # type: ignore[assignment] # by the table
    yield from _of_roster(p, (*command.client_ids, ANN)[0], first)
    yield people.change_staff(p)


def _of_booking(p: Picks, first: Move) -> Iterator[Move]:
    command: BookAppointment = first.command  # type: ignore[assignment] # by the table
    other = AppointmentId.of(f"r{len(p.room.audit)}")
    yield Move(evolve(command, appointment_id=other), p.by_staff())
    yield Move(evolve(command, appointment_id=other, client_id=p.client_id()), p.by_staff())
    yield care.set_availability(p)
    yield people.change_practice(p)
    yield Move(ArchiveClient(client_id=command.client_id), p.world.staff(OWNER))


def _of_meeting(p: Picks, first: Move) -> Iterator[Move]:
    appointment_id = first.command.appointment_id  # type: ignore[attr-defined] # by the table
    owner = p.world.staff(OWNER)
    for kind in (AcceptAppointment, DeclineAppointment, CancelAppointment):
        yield Move(kind(appointment_id=appointment_id), owner)


def _of_moving(p: Picks, first: Move) -> Iterator[Move]:
    yield from _of_meeting(p, first)
    appointment_id = first.command.appointment_id  # type: ignore[attr-defined] # by the table
    row, owner = p.room.rows.get((Appointment, appointment_id)), p.world.staff(OWNER)
    if row is not None:
        start = getattr(first.command, "start", row[1].interval.start)
        for other in p.room.all(Appointment):
            yield Move(RescheduleAppointment(appointment_id=other.id, start=start), owner)


def _of_accepting(p: Picks, first: Move) -> Iterator[Move]:
    held, owner = first.actor.link, p.world.staff(OWNER)
    if held is None:
        return
    again = AcceptInvite(
        account_id=AccountId.of(f"r{len(p.room.audit)}"), password=Secret(PASSWORD)
    )
    yield Move(again, first.actor)
    yield Move(RevokeInvite(invite_id=held.invite_id), owner)
    yield Move(ResendInvite(invite_id=held.invite_id), owner)


def _of_inviting(p: Picks, first: Move) -> Iterator[Move]:
    command: SendInvite = first.command  # type: ignore[assignment] # by the table
    other = evolve(command, invite_id=type(command.invite_id).of(f"r{len(p.room.audit)}"))
    yield Move(other, p.world.staff(OWNER))
    yield Move(ArchiveClient(client_id=command.client_id), p.world.staff(OWNER))


def _of_record(p: Picks, first: Move) -> Iterator[Move]:
    found = getattr(first.command, "client", None)
    client_id = found.id if isinstance(found, Client) else getattr(first.command, "client_id", None)
    if client_id is None:
        return
    row = p.room.rows.get((Client, client_id))
    if row is not None:
        changed = evolve(row[1], email="moved@example.org")
        yield Move(ChangeClient(client=changed), p.world.staff(OWNER))
    yield Move(SetTimezone(client_id=client_id, timezone="Asia/Kathmandu"), p.of_client(client_id))


def _of_papers(p: Picks, first: Move) -> Iterator[Move]:
    command: ShareDocument = first.command  # type: ignore[assignment] # by the table
    yield Move(WithdrawDocument(document_id=command.document_id), p.world.staff(OWNER))
    yield people.end_relationship(p)
    yield people.change_relationship(p)


_RIVALS: Final[Mapping[type, Callable[[Picks, Move], Iterator[Move]]]] = {
    SendMessage: _of_writing,
    StartConversation: _of_starting,
    AddParticipants: _of_taking_part,
    RemoveParticipants: _of_taking_part,
    JoinConversation: _of_taking_part,
    BookAppointment: _of_booking,
    AcceptAppointment: _of_meeting,
    CancelAppointment: _of_meeting,
    RescheduleAppointment: _of_moving,
    AcceptInvite: _of_accepting,
    SendInvite: _of_inviting,
    ChangeClient: _of_record,
    SetLanguage: _of_record,
    ShareDocument: _of_papers,
}
