"""Conversations as tests of messaging begin them, and what is heard and seen of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ConversationId, MessageId, StaffId
from clientportal.domain.people import Permissions, Reach, StaffMember, StaffStatus
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import ANN, OWNER
from clientportal.usecases.command import Command
from clientportal.usecases.conversations import SendMessage, StartConversation
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.participants import (
    AddParticipants,
    JoinConversation,
    RemoveParticipants,
)
from clientportal.usecases.people import ChangeStaffMember

NEW: Final = ConversationId("cnv_9")
HOUR: Final = timedelta(hours=1)
MISSING: Final = Denied("NotFoundError", "not_found")
EVERYTHING: Final = Permissions(view_clients=Reach.EVERYTHING)


def start(**given: Any) -> StartConversation:
    """A new conversation about Ann, unless told otherwise."""
    base = {
        "conversation_id": NEW,
        "message_id": MessageId("msg_90"),
        "client_ids": (ANN,),
        "text": "How are you?",
    }
    return StartConversation(**{**base, **given})


def code(world: World, command: Command, who: Actor) -> str:
    """The code with which *command* is answered, asked and done alike."""
    asked, answer = world.ask(command, who), world.do(command, who)
    if isinstance(asked, Denied):
        assert asked == answer
        return asked.code
    heard = answer.code if isinstance(answer, Denied) else answer.reason
    assert asked.reason.code == heard
    return heard


def says(world: World, who: Actor, number: int, *, talk: ConversationId = NEW) -> str:
    """The code with which *who* writes message *number*."""
    message_id = MessageId(f"msg_{number}")
    command = SendMessage(conversation_id=talk, message_id=message_id, text=f"No. {number}")
    return code(world, command, who)


def adds(world: World, who: Actor, *people: Any) -> str:
    """The code with which *who* adds *people*."""
    return code(world, AddParticipants(conversation_id=NEW, people=people), who)


def removes(world: World, who: Actor, *people: Any, **custody: Any) -> str:
    """The code with which *who* removes *people*."""
    return code(world, RemoveParticipants(conversation_id=NEW, people=people, **custody), who)


def joins(world: World, who: Actor) -> str:
    """The code with which *who* joins."""
    return code(world, JoinConversation(conversation_id=NEW), who)


def numbers(world: World, who: Actor) -> list[int]:
    """The sequences of the messages that *who* reads in it, none where it does not exist."""
    seen = world.look(SeeConversation(conversation_id=NEW), who)
    return [] if seen == MISSING else [each.sequence for each in seen.messages]


def taking_part(world: World, who: Actor) -> list[str]:
    """Who takes part now, as *who* sees it."""
    seen = world.look(SeeConversation(conversation_id=NEW), who)
    return [each.person for each in seen.people if each.until is None]


def held_by(world: World, who: Actor) -> list[str]:
    """The conversations in the inbox of *who*."""
    return [each.conversation.id for each in world.look(SeeInbox(), who)]


def changed(staff_id: StaffId, permissions: Permissions = EVERYTHING, **given: Any) -> Command:
    """That a staff member may something else."""
    staff = StaffMember(id=staff_id, name="Changed", permissions=permissions)
    return ChangeStaffMember(staff=staff, **given)


def left(staff_id: StaffId, **given: Any) -> Command:
    """That a staff member leaves."""
    staff = StaffMember(id=staff_id, name="Left", status=StaffStatus.LEFT, permissions=EVERYTHING)
    return ChangeStaffMember(staff=staff, **given)


def owner(world: World) -> Actor:
    """Olga, who may everything."""
    return world.staff(OWNER)
