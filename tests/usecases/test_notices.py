"""Mails about messages, through the relay: whom, when, how often, and what they say (MSG-17)."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any, Final

import pytest
from attrs import define, evolve, field

from clientportal import Relay
from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Person
from clientportal.domain.ids import ConversationId, MessageId
from clientportal.domain.notices import CLOSING_SOON
from clientportal.domain.people import Permissions
from clientportal.domain.practices import MessagingPolicy, MessagingTexts
from clientportal.domain.relationships import Scope
from clientportal.embedded.mail import MemoryMailer
from clientportal.embedded.memory import MemoryStorage
from clientportal.errors import AdapterError
from clientportal.ports.mail import Mail
from clientportal.serialization import event_of
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    MOTHER,
    OWNER,
    PRACTITIONER,
    STAFF,
    TRAINEE,
    populate,
)
from clientportal.usecases.conversations import (
    CloseConversation,
    MarkRead,
    ReopenConversation,
    SendMessage,
    StartConversation,
)
from clientportal.usecases.inbox import SeeConversation
from clientportal.usecases.messages import RetractMessage
from clientportal.usecases.notices import (
    RecordNotice,
    SeeClosingSoon,
    SeeNoticesToMail,
    SeeWarningsToMail,
)
from clientportal.usecases.participants import AddParticipants, RemoveParticipants
from clientportal.usecases.people import ArchiveClient, ChangeStaffMember
from clientportal.usecases.practices import ChangePractice, SetMessagingPolicy
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship

NEW: Final = ConversationId("cnv_9")
INSTANT: Final = timedelta(microseconds=1)
HOUR: Final = timedelta(hours=1)
LIFE: Final = 48 * HOUR
OLGAS, PIAS, ANNS, BENS, DORAS = (
    f"{name}@example.org" for name in ("olga", "pia", "ann", "ben", "dora")
)
CLOSES: Final = "a conversation closes soon"


@define
class Post:
    """A mailer that fails for some addresses, and whose answer may be lost once it has the mail."""

    unreachable: frozenset[str] = frozenset()
    is_cut_off: bool = False
    given: list[Mail] = field(factory=list)

    def deliver(self, mail: Mail) -> None:
        """Take *mail*, or fail as a server does."""
        if mail.recipient in self.unreachable:
            raise AdapterError("mail_refused", retryable=False)
        self.given.append(mail)
        if self.is_cut_off:
            raise AdapterError("mail_unreachable", retryable=True)


@define
class Desk:
    """A world, the relay that runs over it, and what it mailed."""

    world: World
    mailer: MemoryMailer = field(factory=MemoryMailer)
    _number: Callable[[], int] = field(factory=lambda: count(90).__next__, init=False)

    def relay(self, mailer: Any = None) -> Relay:
        """The relay, with its usual mailer or another."""
        return Relay(
            portal=self.world.portal,
            mailer=self.mailer if mailer is None else mailer,
            sign_link=self.world.workshop.sign_link,
            event_of=event_of,
            sender="portal@riverside.example",
            link_base="https://portal.example/i/",
        )

    def mailed(self) -> list[str]:
        """Who is mailed when the relay runs now."""
        return [mail.recipient for mail in self.post()]

    def post(self) -> list[Mail]:
        """What goes out when the relay runs now."""
        before = len(self.mailer.delivered)
        self.relay().deliver(self.world.practice_id)
        return self.mailer.delivered[before:]

    def start(self, *people: Person, **given: Any) -> None:
        """The owner starts a conversation with clients, about Ann unless told otherwise."""
        base = {
            "conversation_id": NEW,
            "message_id": MessageId(f"msg_{self._number()}"),
            "client_ids": people or (ANN,),
            "text": "How are you?",
        }
        self.world.done(StartConversation(**{**base, **given}), self.owner)

    def say(self, who: Actor, text: str = "Well.") -> MessageId:
        """Somebody writes in it."""
        sent = MessageId(f"msg_{self._number()}")
        self.world.done(SendMessage(conversation_id=NEW, message_id=sent, text=text), who)
        return sent

    @property
    def owner(self) -> Actor:
        """The practice's owner."""
        return self.world.staff(OWNER)


@pytest.fixture
def desk(either: World) -> Desk:
    """The cast, what was to be mailed before already mailed; nothing waits for anybody."""
    made = Desk(either)
    close = CloseConversation(conversation_id=ConversationId("cnv_2"))
    either.done(close, either.staff(PRACTITIONER))
    made.post()
    return made


def test_one_mail_until_it_is_read_and_one_after(desk: Desk) -> None:
    """MSG-17: one mail per conversation until it is read, however much is written."""
    ann = desk.world.client(ANN)
    desk.start()
    assert desk.mailed() == [ANNS]
    desk.say(desk.owner)
    assert desk.mailed() == []
    desk.say(desk.owner)
    desk.world.done(MarkRead(conversation_id=NEW, sequence=3), ann)
    assert desk.mailed() == []
    desk.say(desk.owner)
    desk.say(desk.owner)
    assert desk.mailed() == [ANNS]
    assert desk.mailed() == []


def test_what_was_read_before_the_relay_came_is_not_mailed(desk: Desk) -> None:
    """MSG-17: who has read it needs no mail, and hears of the next message."""
    desk.start()
    desk.world.done(MarkRead(conversation_id=NEW, sequence=1), desk.world.client(ANN))
    assert desk.mailed() == []
    desk.say(desk.owner)
    assert desk.mailed() == [ANNS]


def test_one_mail_for_several_messages_that_wait_together(desk: Desk) -> None:
    """MSG-17: the relay comes late to three messages, and each reader is told once."""
    desk.start(ANN, BEN, staff_ids=(PRACTITIONER,))
    desk.say(desk.owner)
    desk.say(desk.owner)
    assert desk.mailed() == [ANNS, BENS, PIAS]


def test_the_author_is_not_told_and_staff_are(desk: Desk) -> None:
    """MSG-17, OUT-5: each hears of the others' messages, never of their own; writing reads."""
    ann, ben = desk.world.client(ANN), desk.world.client(BEN)
    desk.start(ANN, BEN, staff_ids=(PRACTITIONER,))
    assert desk.mailed() == [ANNS, BENS, PIAS]
    desk.say(ann)
    assert desk.mailed() == [OLGAS]
    desk.say(ben)
    assert desk.mailed() == [ANNS]
    desk.say(desk.world.staff(PRACTITIONER))
    assert desk.mailed() == [BENS]


def test_staff_among_themselves_are_mailed_alike(desk: Desk) -> None:
    """MSG-2, MSG-17: who works there and has an address is told; nothing ever closes soon."""
    desk.start(client_ids=(), staff_ids=(PRACTITIONER, TRAINEE))
    assert desk.mailed() == [PIAS]
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == []


def test_who_has_no_access_is_not_mailed(desk: Desk) -> None:
    """MSG-17, INV-7: Dan was invited and has no account: his address on record gets nothing."""
    desk.start(DAN, CAT, proxies=())
    assert desk.mailed() == []
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == []


@pytest.mark.parametrize("how", ["archived", "removed"])
def test_who_stopped_taking_part_is_not_mailed(desk: Desk, how: str) -> None:
    """MSG-14, OUT-5: checked where the mail is sent, after what happened since the message."""
    desk.start(ANN, BEN)
    gone = {
        "archived": ArchiveClient(client_id=ANN),
        "removed": RemoveParticipants(conversation_id=NEW, people=(ANN,)),
    }
    desk.world.done(gone[how], desk.owner)
    assert desk.mailed() == [BENS]
    desk.say(desk.owner)
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == [BENS]


def test_staff_who_may_not_view_the_client_are_not_mailed(desk: Desk) -> None:
    """MSG-2, PPL-3: a permission that was taken away ends mails at once, and giving it back."""
    desk.start(ANN, staff_ids=(PRACTITIONER,))
    blind = evolve(STAFF[0], permissions=Permissions())
    desk.world.done(ChangeStaffMember(staff=blind), desk.owner)
    assert desk.mailed() == [ANNS]
    desk.world.done(ChangeStaffMember(staff=STAFF[0]), desk.owner)
    desk.say(desk.world.client(ANN))
    assert desk.mailed() == [OLGAS, PIAS]


def test_a_mother_is_mailed_where_she_takes_part(desk: Desk) -> None:
    """MSG-20: by her own address, not where it is closed to proxies or she was not named."""
    desk.start(CAT)
    assert desk.mailed() == [DORAS]
    closed = {"conversation_id": ConversationId("cnv_10"), "is_closed_to_proxies": True}
    desk.start(CAT, **closed)
    desk.start(CAT, conversation_id=ConversationId("cnv_11"), proxies=())
    assert desk.mailed() == []


@pytest.mark.parametrize("how", ["scope", "end"])
def test_a_grant_that_ended_ends_the_mails(desk: Desk, how: str) -> None:
    """MSG-20: like being removed, checked where the mail is sent."""
    desk.start(CAT)
    ended = {
        "scope": ChangeRelationship(
            relationship_id=MOTHER, scopes=frozenset(Scope) - {Scope.MESSAGES}
        ),
        "end": EndRelationship(relationship_id=MOTHER),
    }
    desk.world.done(ended[how], desk.owner)
    assert desk.mailed() == []
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == []


def test_a_proxy_is_mailed_only_from_joining_on(desk: Desk) -> None:
    """MSG-20: not about a message before it, even where the relay comes after she joined."""
    desk.start(CAT, proxies=())
    desk.say(desk.owner)
    desk.world.done(AddParticipants(conversation_id=NEW, people=(MOTHER,)), desk.owner)
    assert desk.mailed() == []
    desk.say(desk.owner)
    assert desk.mailed() == [DORAS]


def test_who_is_added_sees_all_and_is_mailed_about_the_next_message(desk: Desk) -> None:
    """MSG-21, MSG-17: Ben is told of what is written once he takes part."""
    desk.start()
    assert desk.mailed() == [ANNS]
    desk.world.done(AddParticipants(conversation_id=NEW, people=(BEN,)), desk.owner)
    assert desk.mailed() == []
    desk.say(desk.owner)
    assert desk.mailed() == [BENS]


def words(mail: Mail) -> set[str]:
    """Every word of what a mail says, in lower case."""
    return set(re.findall(r"\w+", f"{mail.subject}\n{mail.text}".lower()))


def test_a_mail_tells_nothing_that_was_written_and_nobody_s_name(desk: Desk) -> None:
    """MSG-17, OUT-2: no word of the message, no subject, no name; one template for everybody."""
    said = "Zebra Quartz {practice} %s"
    desk.start(ANN, BEN, CAT, staff_ids=(TRAINEE,), subject="Walnut {until}", text=said)
    first = desk.post()
    desk.world.pass_time(LIFE - CLOSING_SOON)
    soon = desk.post()
    assert sorted(mail.recipient for mail in first) == [ANNS, BENS, DORAS]
    assert sorted(mail.recipient for mail in soon) == [ANNS, BENS, DORAS]
    desk.say(desk.world.client(ANN), said)
    first += desk.post()
    assert first[-1].recipient == OLGAS
    names = {"ann", "ben", "cat", "dan", "dora", "olga", "pia", "rob", "tom", "mother"}
    secret = {"zebra", "quartz", "walnut", "s", *names}
    for batch in (first, soon):
        assert all(words(mail).isdisjoint(secret) for mail in batch)
        assert len({(mail.subject, mail.text, mail.sender) for mail in batch}) == 1
    assert "Zebra" not in repr(desk.relay())


def test_texts_of_the_practice_stand_in_the_mail_and_beside_the_conversation(desk: Desk) -> None:
    """MSG-17: what is no emergency line, and whom to call, in both and for both sides."""
    ann = desk.world.client(ANN)
    texts = MessagingTexts(not_for_emergencies="Call 112 {now}.", contact="Desk: +1 555 0100")
    desk.world.done(ChangePractice(texts=texts), desk.owner)
    desk.start()
    (first,) = desk.post()
    desk.world.pass_time(LIFE - CLOSING_SOON)
    (soon,) = desk.post()
    for mail in (first, soon):
        assert mail.text.endswith("\nCall 112 {now}.\nDesk: +1 555 0100\n")
        assert mail.subject.startswith("Riverside: ")
    desk.world.pass_time(CLOSING_SOON)
    for who in (ann, desk.owner):
        assert desk.world.look(SeeConversation(conversation_id=NEW), who).texts == texts
    desk.world.done(ChangePractice(texts=MessagingTexts()), desk.owner)
    opened = desk.world.look(SeeConversation(conversation_id=NEW), ann)
    assert (opened.texts, bool(opened.may_write)) == (MessagingTexts(), False)


def test_a_mail_that_is_sent_again_is_the_same_mail(desk: Desk) -> None:
    """OUT-1: a crash between sending and noting it repeats the mail, Message-ID and all."""
    desk.start()
    desk.world.pass_time(LIFE - CLOSING_SOON)
    post = Post(is_cut_off=True)
    desk.relay(post).deliver(desk.world.practice_id)
    desk.world.pass_time(HOUR)
    desk.relay(post).deliver(desk.world.practice_id)
    message, closing, message_again, closing_again = post.given
    assert (message, closing) == (message_again, closing_again)
    assert message.message_id != closing.message_id
    post.is_cut_off = False
    desk.relay(post).deliver(desk.world.practice_id)
    assert len(post.given) == 6
    desk.relay(post).deliver(desk.world.practice_id)
    assert len(post.given) == 6
    assert len({mail.message_id for mail in post.given}) == 2


def test_one_address_that_refuses_keeps_the_mail_from_nobody(desk: Desk) -> None:
    """OUT-1: the others are told, once; who could not be reached is tried the next time."""
    desk.start(ANN, BEN, CAT)
    desk.world.pass_time(LIFE - CLOSING_SOON)
    post = Post(unreachable=frozenset({ANNS}))
    for _ in range(3):
        desk.relay(post).deliver(desk.world.practice_id)
    assert [mail.recipient for mail in post.given] == [BENS, DORAS] * 2
    post.unreachable = frozenset()
    desk.relay(post).deliver(desk.world.practice_id)
    assert [mail.recipient for mail in post.given[4:]] == [ANNS] * 2
    desk.relay(post).deliver(desk.world.practice_id)
    assert len(post.given) == 6


def test_any_failure_of_a_mailer_holds_up_nothing(desk: Desk) -> None:
    """OUT-1: also what is no error of ours is tried the next time."""

    @define
    class Torn:
        def deliver(self, mail: Mail) -> None:
            raise OSError(mail.recipient)

    desk.start()
    desk.world.pass_time(LIFE - HOUR)
    desk.relay(Torn()).deliver(desk.world.practice_id)
    assert desk.mailed() == [ANNS, ANNS]


def test_that_it_closes_is_told_twelve_hours_before(desk: Desk) -> None:
    """MSG-17: not an instant earlier; once, though the first mail was never read."""
    desk.start()
    assert desk.mailed() == [ANNS]
    desk.world.pass_time(LIFE - CLOSING_SOON - INSTANT)
    assert desk.mailed() == []
    desk.world.pass_time(INSTANT)
    (mail,) = desk.post()
    assert (mail.recipient, mail.subject) == (ANNS, f"Riverside: {CLOSES}")
    assert "2026-03-04 09:00 (America/New_York)" in mail.text
    assert mail.at == desk.world.clock.at
    desk.world.pass_time(HOUR)
    assert desk.mailed() == []


def test_what_closes_soon_is_told_until_the_instant_it_closes(desk: Desk) -> None:
    """MSG-17, MSG-4: a relay that comes late still tells; after the deadline there is nothing."""
    desk.start()
    desk.start(BEN, conversation_id=ConversationId("cnv_10"))
    assert sorted(desk.mailed()) == [ANNS, BENS]
    desk.world.pass_time(LIFE - INSTANT)
    assert sorted(desk.mailed()) == [ANNS, BENS]
    desk.start(conversation_id=ConversationId("cnv_11"))
    assert desk.mailed() == [ANNS]
    desk.world.pass_time(LIFE)
    assert desk.mailed() == []


def test_only_who_may_still_answer_is_warned(desk: Desk) -> None:
    """MSG-17: of a group those who are active and have access; staff never."""
    desk.start(ANN, BEN, staff_ids=(PRACTITIONER,))
    assert sorted(desk.mailed()) == [ANNS, BENS, PIAS]
    desk.world.done(ArchiveClient(client_id=ANN), desk.owner)
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == [BENS]


def test_nobody_is_warned_who_hears_that_nobody_reads(desk: Desk) -> None:
    """MSG-16, MSG-17: while it is unowned a client cannot answer, so there is no hurry."""
    desk.start()
    leave = RemoveParticipants(conversation_id=NEW, people=(OWNER,), leave_unowned=True)
    assert desk.mailed() == [ANNS]
    desk.world.done(leave, desk.owner)
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == []


def test_a_new_waiting_is_warned_of_anew(desk: Desk) -> None:
    """MSG-4, MSG-17: once per waiting: an answer ends it, the next staff message begins one."""
    desk.start()
    desk.mailed()
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == [ANNS]
    desk.say(desk.world.client(ANN))
    assert desk.mailed() == [OLGAS]
    desk.world.pass_time(LIFE)
    assert desk.mailed() == []
    desk.say(desk.owner)
    assert desk.mailed() == [ANNS]
    desk.world.pass_time(LIFE - CLOSING_SOON)
    (mail,) = desk.post()
    assert mail.subject.endswith(CLOSES)


@pytest.mark.parametrize("how", ["answered", "closed", "switched", "taken back"])
def test_what_does_not_close_by_itself_any_more_is_not_told(desk: Desk, how: str) -> None:
    """MSG-9, MSG-10, MSG-17: an answer, a hand or another policy takes the closing away.

    Taking the message back does not, for it changes no clock (MSG-15).
    """
    desk.start()
    sent = desk.say(desk.owner)
    desk.mailed()
    if how == "answered":
        desk.say(desk.world.client(ANN))
        desk.mailed()
    else:
        commands: dict[str, Any] = {
            "closed": CloseConversation(conversation_id=NEW),
            "switched": SetMessagingPolicy(policy=MessagingPolicy.NEVER_INITIATE),
            "taken back": RetractMessage(conversation_id=NEW, message_id=sent),
        }
        desk.world.done(commands[how], desk.owner)
    desk.world.pass_time(LIFE - HOUR)
    assert desk.mailed() == ([ANNS] if how == "taken back" else [])


def test_reopening_and_switching_back_move_what_is_told(desk: Desk) -> None:
    """MSG-9, MSG-10: the notice is 12 hours before the deadline there is, not the one there was."""
    desk.start()
    desk.mailed()
    desk.world.done(SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS), desk.owner)
    desk.world.pass_time(100 * HOUR)
    desk.world.done(SetMessagingPolicy(policy=MessagingPolicy.REPLY_ONLY), desk.owner)
    desk.world.pass_time(LIFE - CLOSING_SOON - INSTANT)
    assert desk.mailed() == []
    desk.world.pass_time(INSTANT)
    assert desk.mailed() == [ANNS]
    desk.world.done(CloseConversation(conversation_id=NEW), desk.owner)
    desk.world.done(ReopenConversation(conversation_id=NEW), desk.owner)
    desk.world.pass_time(LIFE - CLOSING_SOON - INSTANT)
    assert desk.mailed() == []
    desk.world.pass_time(INSTANT)
    assert desk.mailed() == [ANNS]


def test_more_than_a_page_of_closings_is_told(desk: Desk) -> None:
    """MSG-17: the relay walks through all that close soon, longest waiting first."""
    for number in range(105):
        desk.start(conversation_id=ConversationId(f"cnv_x{number:03}"))
        desk.world.pass_time(INSTANT)
    assert len(desk.mailed()) == 105
    desk.world.pass_time(LIFE - CLOSING_SOON)
    assert len(desk.mailed()) == 105
    assert desk.mailed() == []


Told = tuple[list[Any], list[Any]]


def seen_by(world: World, who: Actor) -> list[Any]:
    """What somebody sees of both conversations, and whether they may write."""
    views = (SeeConversation(conversation_id=each) for each in (NEW, ConversationId("cnv_2")))
    return [world.look(view, who) for view in views]


def lived(every: timedelta | None) -> Told:
    """Three days of a practice, the relay running *every* so often: refusals, and what is seen."""
    desk = Desk(populate(World(MemoryStorage())))
    ann, ben = desk.world.client(ANN), desk.world.client(BEN)
    desk.start(ANN, BEN)
    answers: list[Any] = []

    def until(span: timedelta) -> None:
        ends = desk.world.clock.at + span
        while every is not None and desk.world.clock.at + every < ends:
            desk.world.pass_time(every)
            desk.relay().deliver(desk.world.practice_id)
        desk.world.clock.at = ends

    def tried(number: int, who: Actor) -> None:
        sent = SendMessage(conversation_id=NEW, message_id=MessageId(f"msg_t{number}"), text="x")
        answers.extend((desk.world.ask(sent, who), desk.world.do(sent, who)))

    until(LIFE - INSTANT)
    tried(1, ann)
    tried(2, desk.owner)
    until(LIFE)
    tried(3, ben)
    tried(4, desk.owner)
    until(5 * HOUR)
    tried(5, ben)
    answers = [
        each if isinstance(each, Denied) else getattr(each, "reason", each) for each in answers
    ]
    return answers, [seen_by(desk.world, who) for who in (ann, ben, desk.owner)]


def test_nothing_but_mails_depends_on_how_often_the_relay_runs() -> None:
    """OUT-3: every minute, once in a while or never: the same conversations and refusals."""
    never = lived(None)
    assert lived(timedelta(minutes=1)) == lived(timedelta(hours=30)) == never
    assert Denied("RefusedError", "auto_closed") in never[0]


def test_notices_are_the_practice_s_own_machinery(desk: Desk) -> None:
    """PPL-6: nobody else sees whom to mail, or notes that they were."""
    desk.start()
    missing = Denied("NotFoundError", "not_found")
    views = (
        SeeNoticesToMail(conversation_id=NEW, message_id=MessageId("msg_90")),
        SeeWarningsToMail(conversation_id=NEW),
        SeeClosingSoon(),
    )
    for who in (desk.owner, desk.world.client(ANN), desk.world.visitor()):
        assert [desk.world.look(view, who) for view in views] == [missing] * 3
        noted = RecordNotice(conversation_id=NEW, person=ANN, sequence=9)
        assert desk.world.do(noted, who) == missing
    assert desk.mailed() == [ANNS]


def test_what_is_noted_never_goes_backwards(desk: Desk) -> None:
    """MSG-17: an older note changes nothing, nor does one about who left."""
    system = desk.world.system()
    desk.start()
    desk.say(desk.owner)
    for sequence in (2, 1):
        noted = RecordNotice(conversation_id=NEW, person=ANN, sequence=sequence)
        desk.world.done(noted, system)
    desk.world.done(MarkRead(conversation_id=NEW, sequence=1), desk.world.client(ANN))
    assert desk.mailed() == []
    desk.world.done(RecordNotice(conversation_id=NEW, person=DAN, sequence=1), system)
    assert desk.world.do(
        RecordNotice(conversation_id=ConversationId("cnv_none"), person=ANN), system
    ) == Denied("NotFoundError", "not_found")
