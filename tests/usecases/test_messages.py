"""Taking messages back, drafts, and what staff see of reading (MSG-4, MSG-15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from tests.usecases.talks import (
    HOUR,
    MISSING,
    NEW,
    adds,
    changed,
    code,
    numbers,
    owner,
    removes,
    says,
    start,
)

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ConversationId, MessageId
from clientportal.domain.people import Permissions
from clientportal.flows import Change, run
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    MOTHER,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    dora,
)
from clientportal.usecases.command import Context
from clientportal.usecases.conversations import CloseConversation, MarkRead, SendMessage
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.messages import KeepDraft, RetractMessage
from clientportal.usecases.relationships import EndRelationship

MINUTES, TICK = timedelta(minutes=5), timedelta(microseconds=1)


def retract(number: int, talk: ConversationId = NEW) -> RetractMessage:
    """That message *number* is taken back."""
    return RetractMessage(conversation_id=talk, message_id=MessageId(f"msg_{number}"))


def texts(world: World, who: Actor) -> list[str | None]:
    """The texts that *who* reads, newest first; None of what was taken back."""
    seen = world.look(SeeConversation(conversation_id=NEW), who)
    return [each.text for each in seen.messages]


def wait(world: World, span: timedelta) -> None:
    """So much time passes."""
    world.pass_time(span)


@pytest.fixture
def talk(either: World) -> World:
    """Olga wrote to Ann (90), who answered (91)."""
    either.done(start(staff_ids=(PRACTITIONER,)), owner(either))
    assert says(either, either.client(ANN), 91) == "may_reply"
    return either


@pytest.mark.parametrize(
    ("span", "heard"),
    [
        (timedelta(0), "may_retract"),
        (MINUTES - TICK, "may_retract"),
        (MINUTES, "too_late_to_retract"),  # half-open, as every interval is
        (1000 * HOUR, "too_late_to_retract"),
    ],
)
def test_the_author_takes_it_back_within_five_minutes(
    talk: World, span: timedelta, heard: str
) -> None:
    """MSG-15: up to and including five minutes, to the microsecond."""
    wait(talk, span)
    assert code(talk, retract(91), talk.client(ANN)) == heard


def test_a_clock_set_back_leaves_it_retractable(talk: World) -> None:
    """MSG-15, B43: an hour before it was written is not later than five minutes after."""
    wait(talk, -HOUR)
    assert code(talk, retract(91), talk.client(ANN)) == "may_retract"


def test_staff_withdraw_later_and_of_others(talk: World) -> None:
    """MSG-15: staff who take part, at any time; their own within five minutes are retracted."""
    olga, pia = owner(talk), talk.staff(PRACTITIONER)
    assert code(talk, retract(90), olga) == "may_retract"
    wait(talk, 1000 * HOUR)
    says(talk, olga, 92)
    wait(talk, MINUTES + TICK)
    assert code(talk, retract(92), olga) == "may_withdraw_message"
    assert code(talk, retract(91), pia) == "may_withdraw_message"
    assert texts(talk, talk.client(ANN)) == [None, None, None]


@pytest.mark.parametrize("state", ["closed", "locked", "auto_closed", "removed", "not_viewing"])
def test_authorship_alone_counts(talk: World, state: str) -> None:
    """MSG-15: also when closed or locked, or when its author takes part no more."""
    olga, pia = owner(talk), talk.staff(PRACTITIONER)
    wait(talk, 50 * HOUR if state == "auto_closed" else timedelta(0))
    says(talk, pia, 92)
    if state in ("closed", "locked"):
        talk.done(CloseConversation(conversation_id=NEW, lock=state == "locked"), olga)
    if state == "removed":
        removes(talk, olga, PRACTITIONER)
    if state == "not_viewing":
        talk.done(changed(PRACTITIONER, Permissions()), olga)
    assert code(talk, retract(92), pia) == "may_retract"
    assert texts(talk, talk.client(ANN))[0] is None


def test_an_author_who_left_is_too_late_as_all_are(talk: World) -> None:
    """MSG-15: after five minutes who takes part no more withdraws nothing, staff or client."""
    olga, pia, ann = owner(talk), talk.staff(PRACTITIONER), talk.client(ANN)
    says(talk, pia, 92)
    removes(talk, olga, PRACTITIONER, ANN)
    wait(talk, MINUTES + TICK)
    for number, who in ((92, pia), (91, ann)):
        assert code(talk, retract(number), who) == "too_late_to_retract"
    assert code(talk, retract(91), pia) == code(talk, retract(92), ann) == "not_found"


def test_clients_take_back_their_own_alone(talk: World) -> None:
    """MSG-15: another's message is not theirs; of what they see they are told so."""
    assert code(talk, retract(90), talk.client(ANN)) == "not_the_author"


def test_to_outsiders_no_message_exists(talk: World) -> None:
    """MSG-2, MSG-15: nor does one of another conversation, or one that never was."""
    for who in (talk.client(BEN), dora(talk), talk.visitor(), talk.staff(RECEPTION)):
        for number in (90, 91, 999):
            assert code(talk, retract(number), who) == "not_found"
    assert code(talk, retract(999), owner(talk)) == "not_found"
    assert code(talk, retract(1), owner(talk)) == "not_found"
    assert code(talk, retract(91, ConversationId("cnv_1")), talk.client(ANN)) == "not_found"


def test_to_a_proxy_what_was_written_before_does_not_exist(either: World) -> None:
    """MSG-20: hidden and absent are alike for who sees the conversation from joining on."""
    olga, mother = owner(either), dora(either)
    either.done(start(client_ids=(CAT,), proxies=()), olga)
    says(either, olga, 91)
    either.done(retract(91), olga)
    adds(either, olga, MOTHER)
    says(either, olga, 92)
    assert [code(either, retract(n), mother) for n in (90, 91, 92)] == [
        "not_found",
        "not_found",
        "not_the_author",
    ]


def test_a_proxy_takes_back_what_she_wrote(either: World) -> None:
    """MSG-15, MSG-20: authorship alone, also once the grant has ended."""
    olga, mother = owner(either), dora(either)
    either.done(start(client_ids=(CAT,)), olga)
    says(either, mother, 91)
    says(either, mother, 92)
    assert code(either, retract(91), mother) == "may_retract"
    either.done(EndRelationship(relationship_id=MOTHER), olga)
    assert code(either, retract(92), mother) == "may_retract"
    assert texts(either, olga) == [None, None, "How are you?"]


def test_a_tombstone_has_no_text_anywhere(talk: World) -> None:
    """MSG-15: it stays in its place and says who wrote when, to nobody what."""
    olga, ann = owner(talk), talk.client(ANN)
    receipt = talk.done(retract(91), ann)
    assert "No. 91" not in repr(receipt)
    for who in (olga, ann, talk.staff(PRACTITIONER)):
        opened = talk.look(SeeConversation(conversation_id=NEW), who)
        inbox = talk.look(SeeInbox(), who)
        latest = next(each.latest for each in inbox if each.conversation.id == NEW)
        for seen in (opened.messages[0], latest):
            assert (seen.text, seen.is_withdrawn, seen.author) == (None, True, ANN)
        assert all("No. 91" not in text for text in _texts_in(opened))
        assert all("No. 91" not in text for text in _texts_in(inbox))
        assert numbers(talk, who) == [2, 1]


def _texts_in(value: Any) -> list[str]:
    """Every text in *value*, all the way down."""
    import attrs

    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple | list | frozenset):
        return [text for each in value for text in _texts_in(each)]
    if attrs.has(type(value)):
        return [t for f in attrs.fields(type(value)) for t in _texts_in(getattr(value, f.name))]
    return []


def test_taking_it_back_twice_changes_nothing(talk: World) -> None:
    """MSG-15: whoever does it second; the first stays on record."""
    olga, ann = owner(talk), talk.client(ANN)
    assert len(talk.done(retract(91), ann).events) == 1
    for who in (ann, olga, talk.staff(PRACTITIONER)):
        again = talk.done(retract(91), who)
        assert (again.reason, again.events) == ("already_withdrawn", ())


def test_retraction_changes_no_clock(either: World) -> None:
    """MSG-4: the 48 hours run from what was written, by either side, also once it is gone."""
    olga, ann = owner(either), either.client(ANN)
    either.done(start(), olga)
    until = either.clock.at + 48 * HOUR
    either.done(retract(90), olga)
    assert either.look(SeeInbox(), ann)[0].deadline == until
    wait(either, 40 * HOUR)
    assert says(either, ann, 91) == "may_reply"
    either.done(retract(91), ann)
    wait(either, 100 * HOUR)
    assert either.look(SeeInbox(), ann)[0].deadline is None
    assert says(either, ann, 92) == "may_reply"


def test_a_message_that_was_taken_back_keeps_its_number(talk: World) -> None:
    """MSG-15: append-only and gapless; unread counts what was written."""
    ann = talk.client(ANN)
    talk.done(retract(91), ann)
    assert says(talk, ann, 92) == "may_reply"
    assert numbers(talk, ann) == [3, 2, 1]
    assert talk.look(SeeInbox(), talk.staff(PRACTITIONER))[0].unread == 3
    again = SendMessage(conversation_id=NEW, message_id=MessageId("msg_91"), text="again")
    assert talk.do(again, ann) == Denied("ConflictError", "id_used")


def draft(world: World, who: Actor) -> str | None:
    """What *who* has begun to write there."""
    text: str | None = world.look(SeeConversation(conversation_id=NEW), who).draft
    return text


def test_a_draft_survives_a_refusal_and_goes_when_sent(either: World) -> None:
    """MSG-15: it is kept with its author until they send something, or throw it away."""
    olga, ann = owner(either), either.client(ANN)
    either.done(start(), olga)
    keep = KeepDraft(conversation_id=NEW, text="I wanted to say")
    assert either.done(keep, ann).events == ()
    either.done(MarkRead(conversation_id=NEW, sequence=1), ann)
    wait(either, 48 * HOUR)
    assert says(either, ann, 91) == "auto_closed"
    assert draft(either, ann) == "I wanted to say"
    says(either, olga, 92)
    assert draft(either, ann) == "I wanted to say"
    assert says(either, ann, 93) == "may_reply"
    assert draft(either, ann) is None
    either.done(keep, ann)
    either.done(KeepDraft(conversation_id=NEW, text=None), ann)
    assert draft(either, ann) is None


def test_a_draft_is_kept_while_one_may_not_write(talk: World) -> None:
    """MSG-5, MSG-15: whoever reads may keep one, also where it is closed or locked."""
    ann = talk.client(ANN)
    talk.done(CloseConversation(conversation_id=NEW, lock=True), owner(talk))
    assert code(talk, KeepDraft(conversation_id=NEW, text="Later"), ann) == "may_read"
    assert draft(talk, ann) == "Later"


def test_keeping_what_is_kept_writes_nothing(either: World) -> None:
    """MSG-15: an editor that saves every few seconds costs a record, never a write."""
    either.done(start(), owner(either))
    ann, keep = either.client(ANN), KeepDraft(conversation_id=NEW, text="Later")

    def changes() -> tuple[Change, ...]:
        context = Context(actor=ann, now=either.clock())
        with either.portal.storage.open(ann.practice_id) as work:
            return run(keep.flow(context), work.read).changes

    assert len(changes()) == 1
    either.done(keep, ann)
    assert changes() == ()


def test_nobody_else_sees_a_draft(talk: World) -> None:
    """MSG-15: neither staff a client's, nor a client or another of the staff a staff member's."""
    olga, pia, ann = owner(talk), talk.staff(PRACTITIONER), talk.client(ANN)
    own = {who: f"draft of {who.who}" for who in (olga, ann)}
    for who, text in own.items():
        talk.done(KeepDraft(conversation_id=NEW, text=text), who)
    for who in (olga, pia, ann):
        opened = talk.look(SeeConversation(conversation_id=NEW), who)
        assert opened.draft == own.get(who)
        seen = _texts_in((opened, talk.look(SeeInbox(), who)))
        assert {text for text in seen if text.startswith("draft of")} <= {own.get(who)}
    assert talk.look(SeeInbox(), pia)[0].unread == 2


def test_outsiders_keep_no_drafts(talk: World) -> None:
    """MSG-2: to them the conversation does not exist."""
    for who in (talk.client(BEN), dora(talk), talk.visitor(), talk.staff(RECEPTION)):
        assert talk.do(KeepDraft(conversation_id=NEW, text="x"), who) == MISSING


def test_two_who_act_for_one_client_keep_drafts_of_their_own(either: World) -> None:
    """MSG-15, MSG-20: a draft is its author's, not the client's."""
    olga, mother = owner(either), dora(either)
    either.done(start(client_ids=(CAT, ANN)), olga)
    either.done(KeepDraft(conversation_id=NEW, text="hers"), mother)
    assert (draft(either, mother), draft(either, either.client(ANN))) == ("hers", None)


def test_staff_see_how_far_clients_have_read_and_clients_see_nothing(talk: World) -> None:
    """MSG-15: of clients and proxies alone; nobody sees how far staff have read."""
    olga, ann = owner(talk), talk.client(ANN)
    says(talk, olga, 92)

    def read(who: Actor) -> dict[str, int | None]:
        people = talk.look(SeeConversation(conversation_id=NEW), who).people
        return {each.person: each.has_read for each in people}

    assert read(olga) == {ANN: 2, OWNER: None, PRACTITIONER: None}
    assert set(read(ann).values()) == {None}
    talk.done(MarkRead(conversation_id=NEW, sequence=3), ann)
    assert read(talk.staff(PRACTITIONER)) == {ANN: 3, OWNER: None, PRACTITIONER: None}
    assert set(read(ann).values()) == {None}


def test_looking_reads_nothing(talk: World) -> None:
    """MSG-15: only marking and writing do; staff are not misled by a glance."""
    ann = talk.client(ANN)
    says(talk, owner(talk), 92)
    for _ in range(2):
        talk.look(SeeConversation(conversation_id=NEW), ann)
        assert talk.look(SeeInbox(), ann)[0].unread == 1
