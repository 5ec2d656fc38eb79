"""Finding messages by their words: what one may read, and nothing else (MSG-20, MSG-21)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ConversationId, MessageId
from clientportal.domain.messages import words_of
from clientportal.domain.people import Permissions, Reach
from clientportal.domain.practices import MessagingPolicy
from clientportal.domain.relationships import Scope
from clientportal.errors import MalformedError
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    MOTHER,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    STAFF,
    TRAINEE,
    dora,
    populate,
)
from clientportal.usecases.conversations import CloseConversation, SendMessage, StartConversation
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.messages import RetractMessage
from clientportal.usecases.participants import (
    AddParticipants,
    JoinConversation,
    RemoveParticipants,
)
from clientportal.usecases.people import ArchiveClient, ChangeStaffMember
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.relationships import ChangeRelationship
from clientportal.usecases.searching import SearchMessages
from clientportal_sql.storage import SqlStorage

NEW: Final = ConversationId("cnv_9")
MISSING: Final = Denied("NotFoundError", "not_found")
INSTANT: Final = timedelta(microseconds=1)


def start(world: World, text: str, **given: Any) -> None:
    """The owner starts a conversation about Ann, unless told otherwise."""
    base = {"conversation_id": NEW, "message_id": MessageId("msg_90"), "client_ids": (ANN,)}
    world.done(StartConversation(text=text, **{**base, **given}), world.staff(OWNER))


def say(world: World, who: Actor, number: int, text: str) -> None:
    """Somebody writes in it."""
    sent = MessageId(f"msg_{number}")
    world.done(SendMessage(conversation_id=NEW, message_id=sent, text=text), who)


def found(world: World, who: Actor, words: str, **given: Any) -> list[str]:
    """The ids of the messages that somebody finds."""
    return [e.message.message_id for e in world.look(SearchMessages(words=words, **given), who)]


WORDS: Final = (
    ("walk", True),
    ("WALK", True),
    ("Böse", True),
    ("bose", True),
    ("Bo\N{COMBINING DIAERESIS}SE", True),
    ("strasse", True),
    ("STRAßE", True),
    ("naive", True),
    ("\N{GREEK SMALL LETTER PHI}ως", True),
    ("ΦΩΣ", True),
    ("42", True),
    ("five", True),
    ("walk 42 bose", True),
    ("bose, walk! walk", True),
    ("wal", False),
    ("alk", False),
    ("walks", False),
    ("4", False),
    ("walk never", False),
    ("fiv_", False),
    ("%", None),
    ("w%", False),
)


@pytest.mark.parametrize(("words", "expected"), WORDS)
def test_every_word_must_stand_in_it_whole(
    either: World, words: str, expected: bool | None
) -> None:
    """MSG-20: without case and accents, in any order; a part of a word is not a word."""
    start(either, "A naïve WALK,\nböse Straße (42): \N{FULLWIDTH DIGIT FIVE}. Φως! ﬁve")
    if expected is None:
        with pytest.raises(MalformedError):
            SearchMessages(words=words)
        return
    for who in (either.client(ANN), either.staff(OWNER)):
        assert found(either, who, words) == (["msg_90"] if expected else [])


def test_a_found_message_says_where_it_stands(either: World) -> None:
    """MSG-20: with its conversation and that one's subject, which is not searched itself."""
    start(either, "Zebra", subject="Walnut")
    ann = either.client(ANN)
    (one,) = either.look(SearchMessages(words="zebra"), ann)
    assert (one.conversation_id, one.subject, one.message.text) == (NEW, "Walnut", "Zebra")
    assert (one.message.author, one.message.sequence) == (OWNER, 1)
    assert found(either, ann, "walnut") == []
    assert "Walnut" not in repr(one)
    assert "zebra" not in repr(SearchMessages(words="zebra")).lower()


def test_nothing_is_found_by_who_takes_no_part(either: World) -> None:
    """MSG-2, MSG-21: whatever their permission; a visitor and the machinery find nothing."""
    start(either, "Zebra", client_ids=(ANN,))
    for who in (either.client(BEN), either.staff(PRACTITIONER), either.staff(RECEPTION)):
        assert found(either, who, "zebra") == []
    for who in (either.visitor(), either.system()):
        assert either.look(SearchMessages(words="zebra"), who) == MISSING
    either.done(JoinConversation(conversation_id=NEW), either.staff(RECEPTION))
    assert found(either, either.staff(RECEPTION), "zebra") == ["msg_90"]


def test_a_proxy_finds_what_was_written_from_joining_on(either: World) -> None:
    """MSG-20: nothing before it, and nothing where it is closed to proxies."""
    owner, mother = either.staff(OWNER), dora(either)
    start(either, "Zebra one", client_ids=(CAT,), proxies=())
    assert found(either, mother, "zebra") == []
    either.done(AddParticipants(conversation_id=NEW, people=(MOTHER,)), owner)
    assert found(either, mother, "zebra") == []
    either.pass_time(INSTANT)
    say(either, owner, 91, "Zebra two")
    closed = {"conversation_id": ConversationId("cnv_10"), "message_id": MessageId("msg_92")}
    start(either, "Zebra", client_ids=(CAT,), is_closed_to_proxies=True, **closed)
    assert found(either, mother, "zebra") == ["msg_91"]
    assert found(either, owner, "zebra") == ["msg_92", "msg_91", "msg_90"]
    without = frozenset(Scope) - {Scope.MESSAGES}
    either.done(ChangeRelationship(relationship_id=MOTHER, scopes=without), owner)
    assert found(either, mother, "zebra") == []


def test_who_is_added_finds_all_and_who_was_removed_nothing(either: World) -> None:
    """MSG-21: search is of what one takes part in now; reading on is by the conversation."""
    owner, ben = either.staff(OWNER), either.client(BEN)
    start(either, "Zebra one")
    either.done(AddParticipants(conversation_id=NEW, people=(BEN,)), owner)
    assert found(either, ben, "zebra") == ["msg_90"]
    either.done(RemoveParticipants(conversation_id=NEW, people=(BEN,)), owner)
    assert found(either, ben, "zebra") == []
    assert len(either.look(SeeConversation(conversation_id=NEW), ben).messages) == 1


def test_staff_who_may_not_view_the_clients_find_nothing(either: World) -> None:
    """PPL-3: at once, and again once they may."""
    pia = either.staff(PRACTITIONER)
    start(either, "Zebra", client_ids=(ANN, BEN), staff_ids=(PRACTITIONER,))
    assert found(either, pia, "zebra") == ["msg_90"]
    blind = ChangeStaffMember(staff=evolve(STAFF[0], permissions=Permissions()))
    either.done(blind, either.staff(OWNER))
    assert found(either, pia, "zebra") == []
    either.done(ChangeStaffMember(staff=STAFF[0]), either.staff(OWNER))
    assert found(either, pia, "zebra") == ["msg_90"]


def test_what_was_taken_back_is_not_found(either: World) -> None:
    """MSG-15: a tombstone has no words, to nobody."""
    owner = either.staff(OWNER)
    start(either, "Zebra one")
    say(either, owner, 91, "Zebra two")
    retract = RetractMessage(conversation_id=NEW, message_id=MessageId("msg_90"))
    either.done(retract, owner)
    for who in (owner, either.client(ANN)):
        assert found(either, who, "zebra") == ["msg_91"]
        assert found(either, who, "one") == []


def test_a_closed_conversation_is_searched_too(either: World) -> None:
    """MSG-5: closed stays readable, so it stays found."""
    start(either, "Zebra")
    either.done(CloseConversation(conversation_id=NEW, lock=True), either.staff(OWNER))
    assert found(either, either.client(ANN), "zebra") == ["msg_90"]


def pages(world: World, who: Actor, words: str, limit: int) -> Iterator[str]:
    """What somebody finds, page by page."""
    after = None
    while page := world.look(SearchMessages(words=words, after=after, limit=limit), who):
        assert len(page) <= limit
        yield from (each.message.message_id for each in page)
        after = (page[-1].message.at, page[-1].message.message_id)


@pytest.mark.parametrize("limit", [1, 2, 3, 50])
def test_pages_are_without_gaps_and_repetitions(either: World, limit: int) -> None:
    """MSG-20: the latest first, also of messages of one instant, which follow their ids."""
    owner = either.staff(OWNER)
    start(either, "Zebra")
    for number in range(91, 97):
        say(either, owner, number, "zebra" if number != 93 else "other")
        if number % 2:
            either.pass_time(INSTANT)
    expected = ["msg_96", "msg_95", "msg_94", "msg_92", "msg_91", "msg_90"]
    assert list(pages(either, owner, "zebra", limit)) == expected
    assert list(pages(either, either.client(ANN), "zebra", limit)) == expected


TEN: Final = " ".join(f"w{number}" for number in range(10))
ACCENT: Final = "\N{COMBINING ACUTE ACCENT}"
BAD: Final = ("", " ", "...", ACCENT, f"{TEN} more", "a\x00b", "a\nb", 5, None)


@pytest.mark.parametrize("words", [*BAD, "x" * 201])
def test_what_is_no_search_is_no_command(words: Any) -> None:
    """MSG-20: no word, more than ten, controls, and what is no text at all."""
    with pytest.raises(MalformedError):
        SearchMessages(words=words)


def test_ten_words_are_searched_and_one_said_twice_counts_once(either: World) -> None:
    """MSG-20: the bound is on different words."""
    start(either, f"more of {TEN}")
    assert found(either, either.client(ANN), TEN) == ["msg_90"]
    assert found(either, either.client(ANN), f"{TEN} W0 w9") == ["msg_90"]


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_page_of_found_messages_is_limited(either: World, limit: int) -> None:
    """A page holds 1 to 1000 messages."""
    with pytest.raises(MalformedError):
        either.portal.look(SearchMessages(words="zebra", limit=limit), actor=either.client(ANN))


VOCABULARY: Final = ("walk", "Wálk", "rest", "böse", "42", "walks", "straße", "STRASSE")
CLIENT_IDS: Final = (ANN, BEN, CAT, DAN)
STAFF_IDS: Final = (OWNER, PRACTITIONER, RECEPTION, TRAINEE)


def actors(world: World) -> tuple[Actor, ...]:
    """Everybody who writes and searches."""
    clients = (world.client(each) for each in (ANN, BEN))
    return (*map(world.staff, STAFF_IDS), *clients, dora(world))


def _begun(random: Random, number: int) -> StartConversation:
    closed = random.random() < 0.2
    return StartConversation(
        conversation_id=ConversationId(f"cnv_r{number}"),
        message_id=MessageId(f"msg_r{number}"),
        client_ids=tuple(random.sample(CLIENT_IDS, random.randint(0, 2))),
        staff_ids=tuple(random.sample(STAFF_IDS, random.randint(0, 2))),
        proxies=None if closed else random.choice((None, ())),
        is_closed_to_proxies=closed,
        text=" ".join(random.choices(VOCABULARY, k=3)),
    )


def step(random: Random, number: int) -> Any:
    """Something that changes what somebody may find."""
    talk = ConversationId(f"cnv_r{random.randint(0, number)}")
    person = random.choice((*CLIENT_IDS, *STAFF_IDS, MOTHER))
    permissions = Permissions(view_clients=random.choice(list(Reach)))
    text = " ".join(random.choices(VOCABULARY, k=3))
    sent = MessageId(f"msg_r{number}")
    old = MessageId(f"msg_r{random.randint(0, number)}")
    writes = SendMessage(conversation_id=talk, message_id=sent, text=text)
    return random.choice(
        (
            _begun(random, number),
            _begun(random, number),
            *(writes,) * 6,
            RetractMessage(conversation_id=talk, message_id=old),
            AddParticipants(conversation_id=talk, people=(person,)),
            RemoveParticipants(conversation_id=talk, people=(person,), leave_unowned=True),
            JoinConversation(conversation_id=talk),
            ChangeStaffMember(staff=evolve(random.choice(STAFF), permissions=permissions)),
            SetMessagingPolicy(policy=random.choice(list(MessagingPolicy))),
            ChangeRelationship(
                relationship_id=MOTHER,
                scopes=frozenset(random.sample(list(Scope), random.randint(1, len(Scope)))),
            ),
            *((ArchiveClient(client_id=BEN),) if random.random() < 0.2 else ()),
        )
    )


def everything(world: World, who: Actor) -> list[tuple[Any, str, set[str]]] | Denied:
    """All that somebody may read, by the conversations in their inbox, latest first."""
    inbox = world.look(SeeInbox(limit=1000), who)
    if isinstance(inbox, Denied):
        return inbox
    out = []
    for each in inbox:
        view = SeeConversation(conversation_id=each.conversation.id, limit=1000)
        for one in world.look(view, who).messages:
            if one.text is not None:
                out.append((one.at, one.message_id, set(words_of(one.text))))
    return sorted(out, key=lambda each: each[:2], reverse=True)


@pytest.mark.parametrize("seed", range(6))
def test_a_search_is_a_filter_over_everything(
    seed: int, tmp_path: Path, wire: Callable[[object], tuple[str, str]]
) -> None:
    """MSG-20, MSG-21: in random worlds, for everybody, on memory and SQLite alike."""
    storage = SqlStorage.at(tmp_path / "portal.db")
    storage.create()
    worlds = (populate(World(wire=wire)), populate(World(storage, wire=wire)))
    random = Random(seed)
    for number in range(70):
        command, who = step(random, number), random.randrange(7)
        who = who if isinstance(command, SendMessage) else random.choice((0, 0, who))
        answers = [world.do(command, actors(world)[who]) for world in worlds]
        assert answers[0] == answers[1]
        span = timedelta(microseconds=random.choice((0, 1, 3_600_000_000)))
        for world in worlds:
            world.pass_time(span)
    hits = 0
    for who in range(7):
        for words in ("walk", "rest bose", "strasse", "42 walks walk", "gone"):
            for world in worlds:
                hits += _compared(world, actors(world)[who], words)
    assert hits
    storage.close()


def _compared(world: World, who: Actor, words: str) -> int:
    """How many messages were found, after comparing them with the filter."""
    readable, wanted = everything(world, who), set(words_of(words))
    if isinstance(readable, Denied):
        assert world.look(SearchMessages(words=words), who) == readable
        return 0
    expected = [message_id for _, message_id, said in readable if wanted <= said]
    assert found(world, who, words, limit=1000) == expected
    assert list(pages(world, who, words, 3)) == expected
    return len(expected)
