"""Proxies, groups and staff among themselves, on memory and in a file (MSG-2, MSG-20, MSG-21)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ConversationId, MessageId, RelationshipId
from clientportal.domain.practices import MessagingPolicy
from clientportal.domain.relationships import Scope
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    MOTHER,
    OWNER,
    PARTNER,
    PRACTITIONER,
    RECEPTION,
    TRAINEE,
    dora,
    populate,
)
from clientportal.usecases.conversations import (
    CloseConversation,
    MarkRead,
    ReopenConversation,
    SendMessage,
    StartConversation,
)
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.recipients import SeeRecipients
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship
from clientportal_sql.storage import SqlStorage

NEW: Final = ConversationId("cnv_9")
HOUR: Final = timedelta(hours=1)


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The cast, alive, on one storage and the other."""
    if request.param == "memory":
        yield populate(World())
        return
    storage = SqlStorage.at(tmp_path / "portal.db")
    storage.create()
    yield populate(World(storage))
    storage.close()


def start(**given: Any) -> StartConversation:
    """A new conversation about Cat, unless told otherwise."""
    base = {
        "conversation_id": NEW,
        "message_id": MessageId("msg_90"),
        "client_ids": (CAT,),
        "text": "How is she?",
    }
    return StartConversation(**{**base, **given})


def says(world: World, who: Actor, number: int = 91) -> str:
    """The code with which *who* writes in it, asked and done alike."""
    command = SendMessage(
        conversation_id=NEW, message_id=MessageId(f"msg_{number}"), text=f"No. {number}"
    )
    asked, answer = world.ask(command, who), world.do(command, who)
    code = answer.code if isinstance(answer, Denied) else answer.reason
    if isinstance(asked, Denied):
        assert asked == answer
    else:
        assert asked.reason.code == code
    return code


def numbers(world: World, who: Actor) -> list[int]:
    """The sequences of the messages that *who* reads in it."""
    seen = world.look(SeeConversation(conversation_id=NEW), who)
    return [each.sequence for each in seen.messages]


def held_by(world: World, who: Actor) -> list[str]:
    """The conversations in the inbox of *who*."""
    return [each.conversation.id for each in world.look(SeeInbox(), who)]


def knows_nothing(world: World, who: Actor) -> bool:
    """Whether the conversation does not exist for *who*, however they ask."""
    seen = world.look(SeeConversation(conversation_id=NEW), who)
    read = world.do(MarkRead(conversation_id=NEW, sequence=1), who)
    inbox = world.look(SeeInbox(), who)
    missing = Denied("NotFoundError", "not_found")
    listed = inbox != missing and NEW in [each.conversation.id for each in inbox]
    return says(world, who, 99) == "not_found" and seen == read == missing and not listed


def test_a_mother_writes_for_her_child_where_she_takes_part(world: World) -> None:
    """MSG-20: she reads and answers in her own name, on behalf of the child; it is a reply."""
    owner, mother = world.staff(OWNER), dora(world)
    assert world.done(start(), owner).reason == "staff_may_write"
    (seen,) = world.look(SeeInbox(), mother)
    assert (seen.with_clients, seen.with_staff, seen.unread) == (("Cat",), ("Olga",), 1)
    assert seen.may_write.holds_until == seen.deadline == world.clock.at + 48 * HOUR
    assert says(world, mother) == "may_reply"
    opened = world.look(SeeConversation(conversation_id=NEW), owner)
    assert [each.author for each in opened.messages] == [MOTHER, OWNER]
    people = {each.person: (each.name, each.on_behalf_of) for each in opened.people}
    assert people == {CAT: ("Cat", None), MOTHER: ("Dora", "Cat"), OWNER: ("Olga", None)}
    assert {each.person: each.has_read for each in opened.people} == {
        CAT: 0,
        MOTHER: 2,
        OWNER: None,
    }
    assert (opened.deadline, world.look(SeeInbox(), owner)[0].unread) == (None, 1)
    hers = world.look(SeeConversation(conversation_id=NEW), mother).people
    assert {each.has_read for each in hers} == {None}
    assert knows_nothing(world, world.client(BEN))


def test_a_proxy_follows_the_practice_s_policy_as_the_client_does(world: World) -> None:
    """MSG-11, MSG-20: the clock runs for her, and she may start where the client might."""
    mother, owner = dora(world), world.staff(OWNER)
    named = start(staff_ids=(OWNER,))
    assert world.do(named, mother) == Denied("RefusedError", "client_may_not_start")
    earlier = start(conversation_id=ConversationId("cnv_8"), message_id=MessageId("msg_89"))
    world.done(earlier, owner)
    world.pass_time(48 * HOUR)
    late = SendMessage(
        conversation_id=ConversationId("cnv_8"), message_id=MessageId("msg_x"), text="Late."
    )
    assert world.do(late, mother) == Denied("RefusedError", "auto_closed")
    world.done(SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS), owner)
    listed = world.look(SeeRecipients(client_id=CAT), mother)
    assert OWNER in [each.staff_id for each in listed]
    about_another = start(client_ids=(ANN,), staff_ids=(OWNER,), message_id=MessageId("msg_92"))
    assert world.do(about_another, mother).error == "NotFoundError"
    assert world.done(named, mother).reason == "any_client"
    assert held_by(world, mother) == [NEW, "cnv_8"]


def test_staff_choose_which_proxies_take_part(world: World) -> None:
    """MSG-20: all that may by default, or those named; who is unknown does not exist."""
    owner, mother = world.staff(OWNER), dora(world)
    for other in (PARTNER, RelationshipId("rel_none")):
        assert world.do(start(proxies=(other,)), owner) == Denied("NotFoundError", "not_found")
    world.done(start(proxies=()), owner)
    assert knows_nothing(world, mother)
    named = start(
        conversation_id=ConversationId("cnv_8"),
        message_id=MessageId("msg_92"),
        proxies=(MOTHER,),
    )
    world.done(named, owner)
    assert held_by(world, mother) == ["cnv_8"]


def test_a_conversation_closed_to_proxies_does_not_exist_for_her(world: World) -> None:
    """MSG-20: neither as a mother who might read nor as one who might be named."""
    owner, mother = world.staff(OWNER), dora(world)
    closed = start(is_closed_to_proxies=True)
    named = start(is_closed_to_proxies=True, proxies=(MOTHER,))
    assert world.do(named, owner) == Denied("RefusedError", "closed_to_proxies")
    world.done(SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS), owner)
    by_her = start(is_closed_to_proxies=True, staff_ids=(OWNER,))
    assert world.do(by_her, mother) == Denied("RefusedError", "closed_to_proxies")
    world.done(closed, owner)
    assert knows_nothing(world, mother)
    people = world.look(SeeConversation(conversation_id=NEW), owner).people
    assert [each.person for each in people] == [CAT, OWNER]


def test_a_grant_that_ends_is_like_being_removed(world: World) -> None:
    """MSG-20, REL-6: at once, and whatever she held before; what she wrote stays."""
    owner, mother = world.staff(OWNER), dora(world)
    world.done(start(), owner)
    assert says(world, mother) == "may_reply"
    without = frozenset(Scope) - {Scope.MESSAGES}
    world.done(ChangeRelationship(relationship_id=MOTHER, scopes=without), owner)
    assert says(world, mother, 92) == "not_in_grant"
    assert world.look(SeeConversation(conversation_id=NEW), mother) == Denied(
        "RefusedError", "not_in_grant"
    )
    assert held_by(world, mother) == []
    world.done(ChangeRelationship(relationship_id=MOTHER, scopes=frozenset(Scope)), owner)
    assert numbers(world, mother) == [2, 1]
    world.done(EndRelationship(relationship_id=MOTHER), owner)
    assert knows_nothing(world, mother)
    assert numbers(world, owner) == [2, 1]


def test_in_a_group_each_client_reads_and_answers_and_nobody_else(world: World) -> None:
    """MSG-2, MSG-20: several clients take part alike; to all others it does not exist."""
    owner, ann, ben = world.staff(OWNER), world.client(ANN), world.client(BEN)
    world.done(start(client_ids=(ANN, BEN), staff_ids=(PRACTITIONER,)), owner)
    for number, who in enumerate((ann, ben), start=91):
        assert held_by(world, who)[0] == NEW
        assert world.look(SeeInbox(), who)[0].with_clients == ("Ann", "Ben")
        world.done(
            SendMessage(conversation_id=NEW, message_id=MessageId(f"msg_{number}"), text="x"), who
        )
    assert says(world, world.staff(PRACTITIONER), 93) == "staff_may_write"
    for who in (ann, ben, owner):
        assert numbers(world, who) == [4, 3, 2, 1]
    others = (world.staff(RECEPTION), world.staff(TRAINEE), world.visitor(), dora(world))
    assert all(knows_nothing(world, who) for who in others)
    by_client = start(
        conversation_id=ConversationId("cnv_8"),
        message_id=MessageId("msg_94"),
        client_ids=(ANN, BEN),
        staff_ids=(OWNER,),
    )
    world.done(SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS), owner)
    assert world.do(by_client, ann) == Denied("NotFoundError", "not_found")


def test_one_answer_of_a_group_stops_the_clock_for_all(world: World) -> None:
    """MSG-4: whoever of the clients answers, staff owe the next message."""
    ann, ben = world.client(ANN), world.client(BEN)
    world.done(start(client_ids=(ANN, BEN)), world.staff(OWNER))
    world.pass_time(47 * HOUR)
    assert says(world, ben, 91) == "may_reply"
    world.pass_time(100 * HOUR)
    assert says(world, ann, 92) == "may_reply"


@pytest.mark.parametrize("policy", list(MessagingPolicy))
def test_staff_among_themselves_know_no_policy_and_no_clock(
    world: World, policy: MessagingPolicy
) -> None:
    """MSG-2: under every policy alike, however long nobody answers; clients hear nothing of it."""
    owner, pia = world.staff(OWNER), world.staff(PRACTITIONER)
    world.done(SetMessagingPolicy(policy=policy), owner)
    alone = start(client_ids=())
    assert world.do(alone, owner) == Denied("RefusedError", "nobody_to_read")
    among = start(client_ids=(), staff_ids=(PRACTITIONER, TRAINEE))
    assert world.done(among, owner).reason == "staff_among_themselves"
    world.pass_time(10_000 * HOUR)
    (seen, *_) = world.look(SeeInbox(), pia)
    assert (seen.conversation.id, seen.with_clients, seen.unread) == (NEW, (), 1)
    assert (seen.deadline, seen.may_write.holds_until) == (None, None)
    assert says(world, pia) == says(world, world.staff(TRAINEE), 92) == "staff_among_themselves"
    others = (world.staff(RECEPTION), world.client(ANN), dora(world), world.visitor())
    assert all(knows_nothing(world, who) for who in others)
    assert world.do(among, world.client(ANN)) == Denied("NotFoundError", "not_found")


def test_staff_among_themselves_start_no_clock_by_reopening(world: World) -> None:
    """MSG-2, MSG-10: what staff closed by hand and reopened waits for no client."""
    owner, pia = world.staff(OWNER), world.staff(PRACTITIONER)
    world.done(start(client_ids=(), staff_ids=(PRACTITIONER,)), owner)
    world.done(CloseConversation(conversation_id=NEW), pia)
    world.done(ReopenConversation(conversation_id=NEW), pia)
    world.pass_time(100 * HOUR)
    (seen, *_) = world.look(SeeInbox(), owner)
    assert (seen.conversation.waiting_since, seen.deadline) == (None, None)
    assert world.do(ReopenConversation(conversation_id=NEW), pia) == Denied(
        "RefusedError", "not_closed"
    )
