"""Commands about conversations: writing, closing by hand, taking part, taking back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from clientportal.domain.conversations import Conversation, Participant, Person
from clientportal.domain.documents import Document
from clientportal.domain.ids import ConversationId, DocumentId, MessageId, StaffId
from clientportal.domain.messages import Message
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    MOTHER,
    OWNER,
    PARTNER,
    PRACTITIONER,
)
from clientportal.testing.conformance.picks import Draw, Move, Picks
from clientportal.usecases.command import Command
from clientportal.usecases.conversations import (
    CloseConversation,
    MarkRead,
    ReopenConversation,
    SendMessage,
    StartConversation,
    UnlockConversation,
)
from clientportal.usecases.messages import KeepDraft, RetractMessage
from clientportal.usecases.notices import RecordNotice
from clientportal.usecases.participants import (
    AddParticipants,
    JoinConversation,
    RemoveParticipants,
)


def start_conversation(p: Picks) -> Move:
    """Start a conversation: with one client mostly, with several, with a proxy, among staff."""
    client_id = p.client_id()
    named = p.some(OWNER, PRACTITIONER, StaffId("stf_4")) or (p.staff_id(),)
    among = p.one((client_id,), (client_id,), (client_id,), (client_id,), (), (ANN, BEN), (CAT,))
    command = StartConversation(
        conversation_id=p.fresh(ConversationId, Conversation),
        message_id=p.fresh(MessageId, Message),
        client_ids=among,
        staff_ids=named,
        proxies=p.one(None, None, None, (), (MOTHER,)),
        is_closed_to_proxies=p.seldom(6),
        subject=p.one(None, "Plan"),
        text=p.text(),
    )
    client = p.of_client(among[0]) if among else p.by_staff()
    return Move(command, p.one(client, p.by_staff(), p.by_staff(), p.anybody(client_id)))


def send_message(p: Picks) -> Move:
    """Write in a conversation: whoever is waited for, as a rule."""
    conversation = p.conversation()
    conversation_id = ConversationId.of("none") if conversation is None else conversation.id
    command = SendMessage(
        conversation_id=conversation_id,
        message_id=p.fresh(MessageId, Message),
        attachments=p.one((), (), (), (p.id(DocumentId, Document),)),
        text=p.text(),
    )
    return Move(command, p.writer(conversation))


def mark_read(p: Picks) -> Move:
    """Read up to somewhere."""
    conversation = p.state(Conversation)
    conversation_id = ConversationId.of("none") if conversation is None else conversation.id
    command = MarkRead(conversation_id=conversation_id, sequence=p.one(0, 1, 2, 3, 99))
    return Move(command, p.writer(conversation))


def by_hand(p: Picks) -> Move:
    """Close, lock, reopen or unlock by hand."""
    conversation = p.state(Conversation)
    conversation_id = ConversationId.of("none") if conversation is None else conversation.id
    close = CloseConversation(conversation_id=conversation_id, lock=p.seldom(2))
    reopen = ReopenConversation(conversation_id=conversation_id)
    unlock = UnlockConversation(conversation_id=conversation_id)
    likely: Command = close
    if conversation is not None and conversation.closed_at is not None:
        likely = unlock if conversation.is_locked else reopen
    command = p.one(likely, likely, close, reopen, unlock)
    return Move(command, p.one(p.writer(conversation), p.world.staff(OWNER)))


def _talk(p: Picks) -> tuple[Conversation | None, ConversationId]:
    found = p.state(Conversation)
    return found, ConversationId.of("none") if found is None else found.id


def add_participants(p: Picks) -> Move:
    """Let others take part."""
    conversation, conversation_id = _talk(p)
    people: tuple[Person, ...] = (p.staff_id(), p.client_id(), MOTHER, PARTNER, CAT)
    chosen = p.some(*dict.fromkeys(people)) or (p.staff_id(),)
    chosen = p.one(chosen, chosen[:1], (p.staff_id(),))
    command = AddParticipants(conversation_id=conversation_id, people=chosen)
    return Move(command, p.one(p.writer(conversation), p.world.staff(OWNER)))


def remove_participants(p: Picks) -> Move:
    """Let somebody take part no more, often the last of the staff."""
    conversation, conversation_id = _talk(p)
    entries = [e for e in p.room.all(Participant) if e.conversation_id == conversation_id]
    present = [each.person for each in entries if each.is_current] or [p.staff_id()]
    command = RemoveParticipants(
        conversation_id=conversation_id,
        people=(p.one(*present, p.staff_id()),),
        successor=p.one(None, None, PRACTITIONER, p.staff_id()),
        leave_unowned=p.seldom(3),
    )
    return Move(command, p.one(p.writer(conversation), p.world.staff(OWNER)))


def join(p: Picks) -> Move:
    """Join a conversation, perhaps one that nobody keeps."""
    _, conversation_id = _talk(p)
    return Move(JoinConversation(conversation_id=conversation_id), p.one(p.by_staff(), p.anybody()))


def retract(p: Picks) -> Move:
    """Take a message back: one's own as a rule."""
    message = p.state(Message)
    if message is None or p.seldom(12):
        command = RetractMessage(conversation_id=_talk(p)[1], message_id=MessageId.of("none"))
        return Move(command, p.anybody())
    command = RetractMessage(conversation_id=message.conversation_id, message_id=message.id)
    return Move(command, p.one(p.as_person(message.author), p.as_person(message.author), p.owner()))


def keep_draft(p: Picks) -> Move:
    """Put a draft aside, or throw it away."""
    conversation, conversation_id = _talk(p)
    command = KeepDraft(conversation_id=conversation_id, text=p.one(None, p.text()))
    return Move(command, p.writer(conversation))


def record_notice(p: Picks) -> Move:
    """Note down that somebody was mailed."""
    conversation, conversation_id = _talk(p)
    since = None if conversation is None else conversation.waiting_since
    people: tuple[Person, ...] = (p.staff_id(), p.client_id(), MOTHER)
    command = RecordNotice(
        conversation_id=conversation_id,
        person=p.one(*people),
        sequence=p.one(0, 1, 2),
        warned_of=p.one(None, since),
    )
    return Move(command, p.one(p.world.system(), p.world.system(), p.by_staff()))


DECK: Final[Mapping[str, tuple[Draw, ...]]] = {
    "writing": (start_conversation, send_message, send_message, mark_read, by_hand, by_hand),
    "taking_part": (
        add_participants,
        remove_participants,
        join,
        retract,
        keep_draft,
        record_notice,
    ),
}
