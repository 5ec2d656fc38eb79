"""What one may not know of is as if it were not there (PPL-1, MSG-2, REL-7)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import attrs
import pytest
from attrs import evolve
from tests.usecases.everything import ALL, VIEWS, good

from clientportal.domain.accounts import Throttle
from clientportal.domain.actors import Actor
from clientportal.domain.ids import (
    AppointmentId,
    ClientId,
    ContactId,
    ConversationId,
    DocumentId,
    Id,
    InviteId,
    MessageId,
    PracticeId,
    RelationshipId,
    SessionId,
)
from clientportal.errors import ClientPortalError
from clientportal.testing.builders import World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    DORA,
    MOTHER,
    OWNER,
    PRACTITIONER,
    TRAINEE,
    account_of,
    dora,
    invite_of,
    populate,
)
from clientportal.usecases.conversations import SendMessage
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.inbox import SeeInbox
from clientportal.usecases.people import SeeClients
from clientportal.usecases.relationships import EndRelationship

#: What exists of each noun that may be hidden: Ann's, whom Ben, Dora and Tom may not know of.
HIDDEN: Final[dict[type[Id], Id]] = {
    ClientId: ANN,
    AppointmentId: AppointmentId("apt_1"),
    ConversationId: ConversationId("cnv_1"),
    DocumentId: DocumentId("doc_1"),
    RelationshipId: RelationshipId("rel_2"),
    InviteId: invite_of(ANN),
    SessionId: SessionId("ses_1"),
    ContactId: DORA,
}


def revoked(world: World) -> Actor:
    """The mother, once the relationship ended."""
    world.done(EndRelationship(relationship_id=MOTHER), world.staff(OWNER))
    return dora(world)


VIEWERS: Final[dict[str, Callable[[World], Actor]]] = {
    "another client": lambda world: world.client(BEN),
    "another client's account": lambda world: evolve(world.client(BEN), account_id=account_of(BEN)),
    "a proxy of another": dora,
    "a proxy no longer": revoked,
    "a visitor": lambda world: world.visitor(),
    "who holds another's link": lambda world: world.visitor(invite_of(DAN)),
    "staff without permission": lambda world: world.staff(TRAINEE),
}


def hideable() -> list[Any]:
    """Every id of everything that names what may be hidden."""
    found = []
    for cls in ALL:
        for each in attrs.fields(cls):
            if type(getattr(good(cls), each.name)) in HIDDEN:
                found.append(pytest.param(cls, each.name, id=f"{cls.__name__}.{each.name}"))
    return found


def answer(world: World, verb: str, value: Any, who: Actor) -> tuple[str, str, str]:
    """What is heard: the error, its code, its text; or that it was done."""
    try:
        getattr(world.portal, verb)(value, actor=who)
    except ClientPortalError as error:
        return type(error).__name__, error.code, str(error)
    return "", "", ""


@pytest.mark.parametrize("viewer", VIEWERS)
@pytest.mark.parametrize(("cls", "name"), hideable())
def test_hidden_is_as_absent(cls: type[Any], name: str, viewer: str, world: World) -> None:
    """MSG-2, PPL-1, DOC-1: hidden and absent are answered alike, to the byte."""
    who = VIEWERS[viewer](world)
    there = HIDDEN[type(getattr(good(cls), name))]
    absent = type(there).of("x" * len(there[len(there.prefix) :]))
    verbs = ("look",) if cls in VIEWS else ("ask", "do")
    for verb in verbs:
        heard = [answer(world, verb, good(cls, **{name: each}), who) for each in (there, absent)]
        if heard[0][1] == "id_used":  # an id that the caller makes, and that storage knows
            continue
        first, second = (
            (*told[:2], told[2].replace(there, "…").replace(absent, "…")) for told in heard
        )
        assert first == second


def test_two_practices_with_the_same_ids() -> None:
    """PPL-1: nothing crosses from one practice to another, whatever the ids."""
    first = populate(World())
    second = populate(
        World(storage=first.storage, practice_id=PracticeId("prc_2"), clock=first.clock)
    )
    before = first.look(SeeDashboard(client_id=ANN), first.client(ANN))
    message = SendMessage(
        conversation_id=ConversationId("cnv_1"), message_id=_MESSAGE, text="Only here"
    )
    second.done(message, second.client(ANN))
    second.done(EndRelationship(relationship_id=MOTHER), second.staff(OWNER))
    assert first.look(SeeDashboard(client_id=ANN), first.client(ANN)) == before
    latest = [
        world.look(SeeInbox(), world.staff(OWNER))[0].latest.text for world in (first, second)
    ]
    assert latest == ["Well.", "Only here"]
    assert first.look(SeeDashboard(client_id=CAT), dora(first)).upcoming == ()
    storage: Any = first.storage
    rooms = [storage.rooms[world.practice_id] for world in (first, second)]
    assert {entry.practice_id for entry in rooms[0].audit} == {first.practice_id}
    assert len(rooms[0].outbox) < len(rooms[1].outbox)


_MESSAGE: Final = MessageId("msg_77")


def test_a_practice_that_is_not_there() -> None:
    """PPL-1: everything in it is absent; at most failed tries are counted."""
    world = World()
    for cls in ALL:
        verb = "look" if cls in VIEWS else "do"
        for who in (world.staff(OWNER), world.client(ANN), world.visitor()):
            assert answer(world, verb, good(cls), who)[0], cls
    storage: Any = world.storage
    assert {kind for kind, _ in storage.rooms[world.practice_id].rows} <= {Throttle}


def test_lists_hold_only_what_one_may_see(world: World) -> None:
    """REL-7, PPL-3: two worlds that differ only in what a viewer may not see look alike."""
    other = populate(World(wire=world.wire))
    other.done(
        SendMessage(conversation_id=ConversationId("cnv_1"), message_id=_MESSAGE, text="!"),
        other.staff(OWNER),
    )
    other.done(EndRelationship(relationship_id=MOTHER), other.staff(OWNER))
    for view, who in (
        (SeeInbox(), "client"),
        (SeeDashboard(client_id=BEN), "client"),
        (SeeInbox(), "staff"),
        (SeeClients(), "staff"),
    ):
        seen = [
            each.look(view, each.client(BEN) if who == "client" else each.staff(PRACTITIONER))
            for each in (world, other)
        ]
        assert seen[0] == seen[1]
