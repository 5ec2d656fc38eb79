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


def test_staff_who_attach_a_draft_share_it_with_its_client(anywhere: World) -> None:
    """MSG-11, DOC-1: by the message it is Ben's to read, list and download."""
    owner, ben = anywhere.staff(OWNER), anywhere.client(BEN)
    start(anywhere, BEN)
    assert listed(anywhere, ben, BEN) == []
    receipt = anywhere.done(sends(BENS), owner)
    assert [each.name for each in receipt.events] == ["message.sent", "document.shared"]
    (message, _) = anywhere.look(SeeConversation(conversation_id=NEW), ben).messages
    (came,) = message.attachments
    assert came == AttachmentSeen(
        document_id=BENS, title="Plan", media_type=came.media_type, size=len("Rest.")
    )
    assert "Plan" not in repr(came)
    assert listed(anywhere, ben, BEN) == [BENS]
    assert anywhere.look(DownloadDocument(document_id=BENS), ben)[1] == b"Rest."


def test_a_conversation_starts_with_an_attachment_too(anywhere: World) -> None:
    """MSG-11: the first message is a message; what may not go with it starts nothing."""
    ben = anywhere.client(BEN)
    given = {"conversation_id": NEW, "message_id": MessageId("msg_90"), "text": ""}
    wrong = StartConversation(client_ids=(ANN,), attachments=(BENS,), **given)
    assert anywhere.do(wrong, anywhere.staff(OWNER)) == MISSING
    assert anywhere.look(SeeConversation(conversation_id=NEW), anywhere.staff(OWNER)) == MISSING
    right = StartConversation(client_ids=(BEN,), attachments=(BENS,), **given)
    anywhere.done(right, anywhere.staff(OWNER))
    assert seen(anywhere, ben) == [(BENS,)]


def test_what_the_client_reads_already_is_not_shared_again(anywhere: World) -> None:
    """DOC-1: attaching it says nothing new; sent twice, it stands at both messages."""
    owner = anywhere.staff(OWNER)
    start(anywhere, ANN)
    for _ in range(2):
        receipt = anywhere.done(sends(ANNS), owner)
        assert [each.name for each in receipt.events] == ["message.sent"]
    assert seen(anywhere, anywhere.client(ANN)) == [(ANNS,), (ANNS,), ()]


def test_others_in_a_group_see_the_message_and_not_the_document(anywhere: World) -> None:
    """MSG-10, MSG-11: nobody sees another client's record, whoever attaches from it."""
    owner, ann, ben = anywhere.staff(OWNER), anywhere.client(ANN), anywhere.client(BEN)
    start(anywhere, ANN, BEN)
    anywhere.done(sends(ANNS, BENS), owner)
    own = note(anywhere, ann)
    anywhere.done(sends(own), ann)
    assert seen(anywhere, owner) == [(own,), (ANNS, BENS), ()]
    assert seen(anywhere, ann) == [(own,), (ANNS,), ()]
    assert seen(anywhere, ben) == [(), (BENS,), ()]
    for hidden in (ANNS, own):
        assert anywhere.look(DownloadDocument(document_id=hidden), ben) == MISSING
    assert listed(anywhere, ben, BEN) == [BENS]
    before = everything(anywhere)
    for theirs in (ANNS, own):
        assert anywhere.do(sends(theirs), ben) == MISSING
    assert everything(anywhere) == before


def test_staff_see_attachments_as_far_as_they_may_view_documents(anywhere: World) -> None:
    """DOC-1, PPL-3: Rob reads the conversation and no document; he cannot attach one either."""
    start(anywhere, ANN, staff_ids=(RECEPTION, PRACTITIONER))
    anywhere.done(sends(ANNS), anywhere.staff(OWNER))
    assert seen(anywhere, anywhere.staff(PRACTITIONER)) == [(ANNS,), ()]
    assert seen(anywhere, anywhere.staff(RECEPTION)) == [(), ()]
    assert anywhere.do(sends(ANNS), anywhere.staff(RECEPTION)) == MISSING


@pytest.mark.parametrize("documents", [(BENS,), (NONE,), (ANNS, BENS), (NONE, ANNS)])
@pytest.mark.parametrize("who", ["owner", "ann"])
def test_what_is_not_there_for_one_cannot_be_attached(
    anywhere: World, documents: tuple[DocumentId, ...], who: str
) -> None:
    """DOC-1, MSG-2: a client who takes no part, or no document: the same, and nothing changes."""
    actor = {"owner": anywhere.staff(OWNER), "ann": anywhere.client(ANN)}[who]
    start(anywhere, ANN)
    before = everything(anywhere)
    command = sends(*documents)
    assert anywhere.ask(command, actor) == anywhere.do(command, actor) == MISSING
    assert everything(anywhere) == before


def test_a_client_cannot_attach_a_draft_about_them(anywhere: World) -> None:
    """DOC-1: unshared is absent, from the attachments too, until it is shared."""
    owner, ann = anywhere.staff(OWNER), anywhere.client(ANN)
    draft = note(anywhere, owner)
    start(anywhere, ANN)
    assert anywhere.do(sends(draft), ann) == MISSING
    anywhere.done(ShareDocument(document_id=draft), owner)
    anywhere.done(sends(draft), ann)
    assert seen(anywhere, ann)[0] == (draft,)


def test_staff_who_may_only_view_documents_share_none(anywhere: World) -> None:
    """PPL-3: attaching is sharing, so it takes the permission to edit; the refusal says so."""
    learns = Permissions(view_clients=Reach.ASSIGNED, view_documentation=Reach.ASSIGNED)
    start(anywhere, BEN, staff_ids=(PRACTITIONER,))
    anywhere.done(AddParticipants(conversation_id=NEW, people=(TRAINEE,)), anywhere.staff(OWNER))
    tom = anywhere.staff(TRAINEE)
    before = everything(anywhere)
    assert anywhere.do(sends(BENS), tom) == Denied("RefusedError", "may_only_view")
    assert everything(anywhere) == before
    change = ChangeStaffMember(staff=evolve(STAFF[0], permissions=learns))
    anywhere.done(change, anywhere.staff(OWNER))
    refused = anywhere.do(sends(BENS), anywhere.staff(PRACTITIONER))
    assert refused == Denied("RefusedError", "may_only_view")


def test_a_mother_sends_what_she_brought_and_sees_what_is_shared_with_her(anywhere: World) -> None:
    """REL-1, MSG-20: attaching shares with the child; what she reads is shared with herself."""
    owner, mother = anywhere.staff(OWNER), dora(anywhere)
    start(anywhere, CAT)
    hers = note(anywhere, mother, client_id=CAT)
    anywhere.done(sends(hers), mother)
    ours = note(anywhere, owner, 10, client_id=CAT)
    anywhere.done(sends(ours), owner)
    assert seen(anywhere, owner) == [(ours,), (hers,), ()]
    assert seen(anywhere, mother) == [(), (hers,), ()]
    assert anywhere.do(sends(ours), mother) == MISSING
    anywhere.done(ShareDocument(document_id=ours, reader=DORA), owner)
    assert seen(anywhere, mother) == [(ours,), (hers,), ()]
    without = ChangeRelationship(relationship_id=MOTHER, scopes=frozenset({Scope.MESSAGES}))
    anywhere.done(without, owner)
    assert seen(anywhere, mother) == [(), (), ()]
    assert anywhere.do(sends(hers), mother) == MISSING


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
def test_empty_text_needs_an_attachment(anywhere: World, text: str) -> None:
    """MSG-15: a document speaks for itself; nothing at all is no message."""
    start(anywhere, ANN)
    with pytest.raises(MalformedError):
        sends(text=text)
    anywhere.done(sends(ANNS, text=text), anywhere.staff(OWNER))
    (latest, _) = anywhere.look(SeeConversation(conversation_id=NEW), anywhere.client(ANN)).messages
    assert (latest.text, len(latest.attachments)) == ("", 1)


def test_what_is_withdrawn_vanishes_from_the_conversation(anywhere: World) -> None:
    """DOC-1: the message stays, its document is the staff's again, until it is sent anew."""
    owner, ben = anywhere.staff(OWNER), anywhere.client(BEN)
    start(anywhere, BEN)
    anywhere.done(sends(BENS), owner)
    anywhere.done(WithdrawDocument(document_id=BENS), owner)
    assert seen(anywhere, ben) == [(), ()]
    assert seen(anywhere, owner) == [(BENS,), ()]
    assert anywhere.do(sends(BENS), ben) == MISSING
    receipt = anywhere.done(sends(BENS), owner)
    assert [each.name for each in receipt.events] == ["message.sent", "document.shared"]
    assert seen(anywhere, ben) == [(BENS,), (BENS,), ()]


def test_a_tombstone_shows_no_attachment(anywhere: World) -> None:
    """MSG-15: to nobody; the document itself stays shared, for sharing has its own undoing."""
    owner, ben = anywhere.staff(OWNER), anywhere.client(BEN)
    start(anywhere, BEN)
    sent = sends(BENS)
    anywhere.done(sent, owner)
    retract = RetractMessage(conversation_id=NEW, message_id=sent.message_id)
    anywhere.done(retract, owner)
    for who in (owner, ben):
        (stone, _) = anywhere.look(SeeConversation(conversation_id=NEW), who).messages
        assert (stone.is_withdrawn, stone.text, stone.attachments) == (True, None, ())
    assert listed(anywhere, ben, BEN) == [BENS]


def test_a_message_has_at_most_twenty_attachments(anywhere: World) -> None:
    """MSG-15: 20 go with it, in the order given; one more, or one twice, is no command."""
    owner, ann = anywhere.staff(OWNER), anywhere.client(ANN)
    start(anywhere, ANN)
    many = [note(anywhere, owner, 130 - number) for number in range(MOST_ATTACHMENTS + 1)]
    assert MOST_ATTACHMENTS == 20
    for wrong in (many, [many[0], many[0]]):
        with pytest.raises(MalformedError):
            sends(*wrong)
        with pytest.raises(MalformedError):
            start(anywhere, ANN, attachments=tuple(wrong))
    receipt = anywhere.done(sends(*many[:20]), owner)
    assert isinstance(receipt, Receipt)
    assert seen(anywhere, ann)[0] == tuple(many[:20])
