"""Documents sent along with messages (MSG-11, MSG-15, DOC-1, REL-1)."""

from __future__ import annotations

from datetime import timedelta
from itertools import count
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, ConversationId, DocumentId, MessageId
from clientportal.domain.messages import MOST_ATTACHMENTS
from clientportal.domain.people import Permissions, Reach
from clientportal.domain.practices import MessagingPolicy
from clientportal.domain.relationships import Scope
from clientportal.errors import MalformedError
from clientportal.receipts import Receipt
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DORA,
    MOTHER,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    STAFF,
    TRAINEE,
    dora,
)
from clientportal.usecases.attachments import AttachmentSeen
from clientportal.usecases.conversations import (
    CloseConversation,
    ReopenConversation,
    SendMessage,
    StartConversation,
)
from clientportal.usecases.documentation import DownloadDocument, SeeDocuments
from clientportal.usecases.documents import ShareDocument, WithdrawDocument, WriteNote
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.messages import RetractMessage
from clientportal.usecases.participants import AddParticipants
from clientportal.usecases.people import ArchiveClient, ChangeStaffMember
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.relationships import ChangeRelationship

NEW: Final = ConversationId("cnv_9")
LIFE: Final = timedelta(hours=48)
#: Ann's is shared with her, Ben's is a draft; the third is nobody's.
ANNS, BENS, NONE = DocumentId("doc_1"), DocumentId("doc_2"), DocumentId("doc_none")
MISSING: Final = Denied("NotFoundError", "not_found")
_NUMBERS: Final = count(100)


def start(world: World, *clients: ClientId, **given: Any) -> None:
    """The owner starts a conversation with clients."""
    base = {
        "conversation_id": NEW,
        "message_id": MessageId("msg_90"),
        "client_ids": clients,
        "text": "How are you?",
    }
    world.done(StartConversation(**{**base, **given}), world.staff(OWNER))


def sends(*documents: DocumentId, text: str = "Look.") -> SendMessage:
    """A message with documents."""
    number = MessageId(f"msg_{next(_NUMBERS)}")
    return SendMessage(conversation_id=NEW, message_id=number, attachments=documents, text=text)


def note(world: World, who: Actor, number: int = 9, client_id: ClientId = ANN) -> DocumentId:
    """A note that somebody writes."""
    made = DocumentId(f"doc_{number}")
    written = WriteNote(document_id=made, client_id=client_id, title=f"Note {number}", text="x")
    world.done(written, who)
    return made


def seen(world: World, who: Actor) -> list[tuple[str, ...]]:
    """What came with each message, as somebody sees it, newest first."""
    opened = world.look(SeeConversation(conversation_id=NEW), who)
    return [tuple(one.document_id for one in each.attachments) for each in opened.messages]


def listed(world: World, who: Actor, client_id: ClientId) -> list[str]:
    """The documents about a client that somebody sees."""
    return [each.id for each in world.look(SeeDocuments(client_id=client_id), who)]


def everything(world: World) -> list[Any]:
    """What all see of messages and documents: to tell that nothing was changed."""
    people = [world.staff(OWNER), world.client(ANN), world.client(BEN), dora(world)]
    views = [SeeInbox(), SeeConversation(conversation_id=NEW)]
    views += [SeeDocuments(client_id=each) for each in (ANN, BEN, CAT)]
    return [world.look(view, who) for view in views for who in people]


def test_staff_who_attach_a_draft_share_it_with_its_client(either: World) -> None:
    """MSG-11, DOC-1: by the message it is Ben's to read, list and download."""
    owner, ben = either.staff(OWNER), either.client(BEN)
    start(either, BEN)
    assert listed(either, ben, BEN) == []
    receipt = either.done(sends(BENS), owner)
    assert [each.name for each in receipt.events] == ["message.sent", "document.shared"]
    (message, _) = either.look(SeeConversation(conversation_id=NEW), ben).messages
    (came,) = message.attachments
    assert came == AttachmentSeen(
        document_id=BENS, title="Plan", media_type=came.media_type, size=len("Rest.")
    )
    assert "Plan" not in repr(came)
    assert listed(either, ben, BEN) == [BENS]
    assert either.look(DownloadDocument(document_id=BENS), ben)[1] == b"Rest."


def test_a_conversation_starts_with_an_attachment_too(either: World) -> None:
    """MSG-11: the first message is a message; what may not go with it starts nothing."""
    ben = either.client(BEN)
    given = {"conversation_id": NEW, "message_id": MessageId("msg_90"), "text": ""}
    wrong = StartConversation(client_ids=(ANN,), attachments=(BENS,), **given)
    assert either.do(wrong, either.staff(OWNER)) == MISSING
    assert either.look(SeeConversation(conversation_id=NEW), either.staff(OWNER)) == MISSING
    right = StartConversation(client_ids=(BEN,), attachments=(BENS,), **given)
    either.done(right, either.staff(OWNER))
    assert seen(either, ben) == [(BENS,)]


def test_what_the_client_reads_already_is_not_shared_again(either: World) -> None:
    """DOC-1: attaching it says nothing new; sent twice, it stands at both messages."""
    owner = either.staff(OWNER)
    start(either, ANN)
    for _ in range(2):
        receipt = either.done(sends(ANNS), owner)
        assert [each.name for each in receipt.events] == ["message.sent"]
    assert seen(either, either.client(ANN)) == [(ANNS,), (ANNS,), ()]


def test_others_in_a_group_see_the_message_and_not_the_document(either: World) -> None:
    """MSG-10, MSG-11: nobody sees another client's record, whoever attaches from it."""
    owner, ann, ben = either.staff(OWNER), either.client(ANN), either.client(BEN)
    start(either, ANN, BEN)
    either.done(sends(ANNS, BENS), owner)
    own = note(either, ann)
    either.done(sends(own), ann)
    assert seen(either, owner) == [(own,), (ANNS, BENS), ()]
    assert seen(either, ann) == [(own,), (ANNS,), ()]
    assert seen(either, ben) == [(), (BENS,), ()]
    for hidden in (ANNS, own):
        assert either.look(DownloadDocument(document_id=hidden), ben) == MISSING
    assert listed(either, ben, BEN) == [BENS]
    before = everything(either)
    for theirs in (ANNS, own):
        assert either.do(sends(theirs), ben) == MISSING
    assert everything(either) == before


def test_staff_see_attachments_as_far_as_they_may_view_documents(either: World) -> None:
    """DOC-1, PPL-3: Rob reads the conversation and no document; he cannot attach one either."""
    start(either, ANN, staff_ids=(RECEPTION, PRACTITIONER))
    either.done(sends(ANNS), either.staff(OWNER))
    assert seen(either, either.staff(PRACTITIONER)) == [(ANNS,), ()]
    assert seen(either, either.staff(RECEPTION)) == [(), ()]
    assert either.do(sends(ANNS), either.staff(RECEPTION)) == MISSING


@pytest.mark.parametrize("documents", [(BENS,), (NONE,), (ANNS, BENS), (NONE, ANNS)])
@pytest.mark.parametrize("who", ["owner", "ann"])
def test_what_is_not_there_for_one_cannot_be_attached(
    either: World, documents: tuple[DocumentId, ...], who: str
) -> None:
    """DOC-1, MSG-2: a client who takes no part, or no document: the same, and nothing changes."""
    actor = {"owner": either.staff(OWNER), "ann": either.client(ANN)}[who]
    start(either, ANN)
    before = everything(either)
    command = sends(*documents)
    assert either.ask(command, actor) == either.do(command, actor) == MISSING
    assert everything(either) == before


def test_a_client_cannot_attach_a_draft_about_them(either: World) -> None:
    """DOC-1: unshared is absent, from the attachments too, until it is shared."""
    owner, ann = either.staff(OWNER), either.client(ANN)
    draft = note(either, owner)
    start(either, ANN)
    assert either.do(sends(draft), ann) == MISSING
    either.done(ShareDocument(document_id=draft), owner)
    either.done(sends(draft), ann)
    assert seen(either, ann)[0] == (draft,)


def test_staff_who_may_only_view_documents_share_none(either: World) -> None:
    """PPL-3: attaching is sharing, so it takes the permission to edit; the refusal says so."""
    learns = Permissions(view_clients=Reach.ASSIGNED, view_documentation=Reach.ASSIGNED)
    start(either, BEN, staff_ids=(PRACTITIONER,))
    either.done(AddParticipants(conversation_id=NEW, people=(TRAINEE,)), either.staff(OWNER))
    tom = either.staff(TRAINEE)
    before = everything(either)
    assert either.do(sends(BENS), tom) == Denied("RefusedError", "may_only_view")
    assert everything(either) == before
    change = ChangeStaffMember(staff=evolve(STAFF[0], permissions=learns))
    either.done(change, either.staff(OWNER))
    refused = either.do(sends(BENS), either.staff(PRACTITIONER))
    assert refused == Denied("RefusedError", "may_only_view")


def test_a_mother_sends_what_she_brought_and_sees_what_is_shared_with_her(either: World) -> None:
    """REL-1, MSG-20: attaching shares with the child; what she reads is shared with herself."""
    owner, mother = either.staff(OWNER), dora(either)
    start(either, CAT)
    hers = note(either, mother, client_id=CAT)
    either.done(sends(hers), mother)
    ours = note(either, owner, 10, client_id=CAT)
    either.done(sends(ours), owner)
    assert seen(either, owner) == [(ours,), (hers,), ()]
    assert seen(either, mother) == [(), (hers,), ()]
    assert either.do(sends(ours), mother) == MISSING
    either.done(ShareDocument(document_id=ours, reader=DORA), owner)
    assert seen(either, mother) == [(ours,), (hers,), ()]
    without = ChangeRelationship(relationship_id=MOTHER, scopes=frozenset({Scope.MESSAGES}))
    either.done(without, owner)
    assert seen(either, mother) == [(), (), ()]
    assert either.do(sends(hers), mother) == MISSING


SITUATIONS: Final = ("open", "auto_closed", "closed", "locked", "reopened", "archived")


def moved(world: World, situation: str) -> None:
    """Bring the conversation there."""
    owner = world.staff(OWNER)
    if situation == "auto_closed":
        world.pass_time(LIFE)
    if situation in ("closed", "reopened"):
        world.done(CloseConversation(conversation_id=NEW), owner)
    if situation == "locked":
        world.done(CloseConversation(conversation_id=NEW, lock=True), owner)
    if situation == "reopened":
        world.done(ReopenConversation(conversation_id=NEW), owner)
    if situation == "archived":
        world.done(ArchiveClient(client_id=ANN), owner)


@pytest.mark.parametrize("policy", list(MessagingPolicy))
@pytest.mark.parametrize("situation", SITUATIONS)
def test_an_attachment_is_allowed_exactly_when_its_message_is(
    world: World, policy: MessagingPolicy, situation: str
) -> None:
    """MSG-11: under every policy, in every situation, for each side: the same answer."""
    owner, ann, pia = world.staff(OWNER), world.client(ANN), world.staff(PRACTITIONER)
    own = note(world, ann)
    start(world, ANN, staff_ids=(PRACTITIONER,))
    world.done(SetMessagingPolicy(policy=policy), owner)
    moved(world, situation)
    for who, document in ((ann, own), (ann, ANNS), (owner, ANNS), (pia, own)):
        plain, full = sends(), sends(document)
        assert world.ask(full, who) == world.ask(plain, who)
        answer = world.do(full, who)
        asked = world.ask(plain, who) if isinstance(answer, Denied) else None
        if asked is not None:
            assert not isinstance(asked, Denied)
            assert (bool(asked), asked.reason.code) == (False, answer.code)


@pytest.mark.parametrize("policy", list(MessagingPolicy))
def test_a_start_is_allowed_exactly_when_it_is_without_attachment(
    world: World, policy: MessagingPolicy
) -> None:
    """MSG-11: also for starting, by clients and staff."""
    world.done(SetMessagingPolicy(policy=policy), world.staff(OWNER))
    for who in (world.client(ANN), world.staff(OWNER), world.staff(PRACTITIONER)):
        for staff_id in (OWNER, PRACTITIONER, TRAINEE):
            plain = StartConversation(
                conversation_id=NEW,
                message_id=MessageId("msg_90"),
                client_ids=(ANN,),
                staff_ids=(staff_id,),
                text="x",
            )
            assert world.ask(evolve(plain, attachments=(ANNS,)), who) == world.ask(plain, who)


def test_a_denied_message_says_nothing_of_its_attachment(world: World) -> None:
    """MSG-2: the message comes first: whether a document is there is no matter then."""
    start(world, ANN)
    world.pass_time(LIFE)
    for document in (ANNS, BENS, NONE):
        answer = world.do(sends(document), world.client(ANN))
        assert answer == Denied("RefusedError", "auto_closed")


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_empty_text_needs_an_attachment(either: World, text: str) -> None:
    """MSG-15: a document speaks for itself; nothing at all is no message."""
    start(either, ANN)
    with pytest.raises(MalformedError):
        sends(text=text)
    either.done(sends(ANNS, text=text), either.staff(OWNER))
    (latest, _) = either.look(SeeConversation(conversation_id=NEW), either.client(ANN)).messages
    assert (latest.text, len(latest.attachments)) == ("", 1)


def test_what_is_withdrawn_vanishes_from_the_conversation(either: World) -> None:
    """DOC-1: the message stays, its document is the staff's again, until it is sent anew."""
    owner, ben = either.staff(OWNER), either.client(BEN)
    start(either, BEN)
    either.done(sends(BENS), owner)
    either.done(WithdrawDocument(document_id=BENS), owner)
    assert seen(either, ben) == [(), ()]
    assert seen(either, owner) == [(BENS,), ()]
    assert either.do(sends(BENS), ben) == MISSING
    receipt = either.done(sends(BENS), owner)
    assert [each.name for each in receipt.events] == ["message.sent", "document.shared"]
    assert seen(either, ben) == [(BENS,), (BENS,), ()]


def test_a_tombstone_shows_no_attachment(either: World) -> None:
    """MSG-15: to nobody; the document itself stays shared, for sharing has its own undoing."""
    owner, ben = either.staff(OWNER), either.client(BEN)
    start(either, BEN)
    sent = sends(BENS)
    either.done(sent, owner)
    retract = RetractMessage(conversation_id=NEW, message_id=sent.message_id)
    either.done(retract, owner)
    for who in (owner, ben):
        (stone, _) = either.look(SeeConversation(conversation_id=NEW), who).messages
        assert (stone.is_withdrawn, stone.text, stone.attachments) == (True, None, ())
    assert listed(either, ben, BEN) == [BENS]


def test_a_message_has_at_most_twenty_attachments(either: World) -> None:
    """MSG-15: 20 go with it, in the order given; one more, or one twice, is no command."""
    owner, ann = either.staff(OWNER), either.client(ANN)
    start(either, ANN)
    many = [note(either, owner, 130 - number) for number in range(MOST_ATTACHMENTS + 1)]
    assert MOST_ATTACHMENTS == 20
    for wrong in (many, [many[0], many[0]]):
        with pytest.raises(MalformedError):
            sends(*wrong)
        with pytest.raises(MalformedError):
            start(either, ANN, attachments=tuple(wrong))
    receipt = either.done(sends(*many[:20]), owner)
    assert isinstance(receipt, Receipt)
    assert seen(either, ann)[0] == tuple(many[:20])
