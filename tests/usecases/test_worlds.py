"""Lists equal the filter of the decision over everything, in worlds at random (G5, MSG-13, 14)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve, frozen
from tests.usecases.worlds import CLIENTS, STAFF, TALKS, Drawn

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation
from clientportal.domain.ids import ClientId, ConversationId, MessageId, StaffId
from clientportal.domain.messages import Reading
from clientportal.domain.people import StaffMember
from clientportal.embedded.clock import SettableClock
from clientportal.embedded.memory import MemoryStorage
from clientportal.errors import ClientPortalError
from clientportal.flows import run
from clientportal.policies.selecting import answerable_of, startable_of
from clientportal.portal import Portal
from clientportal.ports.queries import InboxOf, RecipientsOf
from clientportal.testing.builders import MONDAY, World
from clientportal.usecases.command import Context
from clientportal.usecases.conversations import SendMessage, StartConversation
from clientportal.usecases.foresight import SeeUpcoming
from clientportal.usecases.inbox import ConversationSeen, SeeConversation, SeeInbox
from clientportal.usecases.recipients import SeeRecipients
from clientportal_sql.storage import SqlStorage

DEFAULT, BLOCK, BLOCKS, CI_BLOCKS = 100, 1000, 20, 2
#: What is wrong with the actor, whatever the conversation: storage is not asked about it.
STANDING: Final = {"sender_inactive", "sender_without_access", "not_in_grant"}
UNKNOWN: Final = MessageId("msg_unknown")


@frozen
class Pair:
    """One portal on memory and one on a file."""

    memory: Portal
    sqlite: Portal

    def put(self, world: Drawn) -> None:
        """The world, on both."""
        self.memory.storage.rooms.clear()  # type: ignore[attr-defined] # it is memory's
        for portal in (self.memory, self.sqlite):
            world.put(portal.storage)

    def both(self, heard: Callable[[Portal], Any]) -> Any:
        """What is heard of both, which is the same."""
        first, second = heard(self.memory), heard(self.sqlite)
        assert first == second
        return first


@pytest.fixture
def pair(wire: Callable[[object], tuple[str, str]], tmp_path: Path) -> Iterator[Pair]:
    """Both storages, empty."""
    storage = SqlStorage.at(tmp_path / "worlds.db")
    storage.create()
    clock = SettableClock(MONDAY)
    portal = World(MemoryStorage(), clock=clock, wire=wire).portal
    yield Pair(portal, evolve(portal, storage=storage))
    storage.close()


def shown(portal: Portal, view: Any, who: Actor) -> Any:
    """What is shown, or the code of a denial; without the record, which is slow to write."""
    try:
        with portal.storage.open(who.practice_id) as work:
            seen = run(view.flow(Context(actor=who, now=MONDAY)), work.read)
    except ClientPortalError as error:
        return error.code
    return seen.value if seen.decision else seen.decision.reason.code


def look(pair: Pair, view: Any, who: Actor) -> Any:
    """What both storages show."""
    return pair.both(lambda portal: shown(portal, view, who))


def ask(pair: Pair, command: Any, who: Actor) -> Any:
    """What both storages decide."""
    return pair.both(lambda portal: decided(portal, command, who))


def decided(portal: Portal, command: Any, who: Actor) -> Any:
    """The decision; of a denial its code."""
    try:
        return portal.ask(command, actor=who)
    except ClientPortalError as error:
        return error.code


def ids_of(inbox: Any) -> list[ConversationId]:
    """The conversations of an inbox; none of one that is denied."""
    return [] if isinstance(inbox, str) else [each.conversation.id for each in inbox]


def in_pages(pair: Pair, who: Actor, *, answerable: bool) -> list[ConversationId]:
    """The inbox, read two at a time."""
    found: list[ConversationSeen] = []
    while True:
        after = (found[-1].conversation.last_at, found[-1].conversation.id) if found else None
        page = look(pair, SeeInbox(answerable=answerable, after=after, limit=2), who)
        if isinstance(page, str) or not page:
            return ids_of(found)
        found += page


def check_inbox(pair: Pair, world: Drawn, who: Actor) -> None:
    """What one may answer is what the decision allows, of all there is; pages are the whole."""
    inbox = look(pair, SeeInbox(), who)
    answerable = ids_of(look(pair, SeeInbox(answerable=True), who))
    listed = {} if isinstance(inbox, str) else {each.conversation.id: each for each in inbox}
    allowed = set()
    for talk in world.states_of(Conversation):
        send = SendMessage(conversation_id=talk.id, message_id=UNKNOWN, text="x")
        decision = ask(pair, send, who)
        if not isinstance(decision, str) and decision:
            allowed.add(talk.id)
        if talk.id in listed:
            assert decision == listed[talk.id].may_write
            check_unread(pair, world, listed[talk.id], who)
    assert [each for each in listed if each in allowed] == answerable
    assert allowed == set(answerable)
    if listed and all(each.may_write.reason.code not in STANDING for each in listed.values()):
        check_found(pair, world, who, answerable)
    assert in_pages(pair, who, answerable=False) == list(listed)
    assert in_pages(pair, who, answerable=True) == answerable


def check_found(pair: Pair, world: Drawn, who: Actor, answerable: list[ConversationId]) -> None:
    """Storage itself finds what is answerable and no more, where the actor's standing is good."""
    rule = answerable_of(world.states[0].policies, MONDAY, by_staff=who.is_staff)  # type: ignore[attr-defined] # the practice
    query = InboxOf(who, answerable=rule)
    found = pair.both(lambda portal: read(portal, world, query))
    assert [each.facts.conversation.id for each in found] == answerable


def read(portal: Portal, world: Drawn, need: Any) -> Any:
    """What storage answers."""
    with portal.storage.open(world.practice_id) as work:
        return work.read((need,))[0]


def check_unread(pair: Pair, world: Drawn, listed: ConversationSeen, who: Actor) -> None:
    """Unread is how many of the messages one sees are newer than the last one read (MSG-15)."""
    opened = look(pair, SeeConversation(conversation_id=listed.conversation.id), who)
    seen = sorted(each.sequence for each in opened.messages)
    readings = world.states_of(Reading)
    mine = (listed.conversation.id, who.person)
    read = next((e.sequence for e in readings if (e.conversation_id, e.person) == mine), 0)
    assert listed.unread == sum(1 for each in seen if each > read)
    assert (listed.latest is None) is (not seen)
    assert listed.latest is None or listed.latest == opened.messages[0]
    assert (listed.may_write, listed.deadline) == (opened.may_write, opened.deadline)


def check_recipients(pair: Pair, world: Drawn, who: Actor) -> None:
    """Whom one may start with are those for whom the decision allows, over all staff (MSG-14)."""
    for n in range(CLIENTS):
        client_id = world.id(ClientId, n)
        rule = startable_of(world.states[0].policies[-1].policy)  # type: ignore[attr-defined] # the practice
        query = RecipientsOf(client_id, who, startable=rule)
        pair.both(lambda portal, query=query: read(portal, world, query).staff)  # type: ignore[misc] # bound early
        shown = look(pair, SeeRecipients(client_id=client_id), who)
        may = []
        for staff_id in sorted(world.id(StaffId, n) for n in range(STAFF)):
            start = StartConversation(
                conversation_id=ConversationId("cnv_unknown"),
                message_id=UNKNOWN,
                client_ids=(client_id,),
                staff_ids=(staff_id,),
                text="x",
            )
            decision = ask(pair, start, who)
            if not isinstance(decision, str) and decision:
                may.append((staff_id, decision))
        if isinstance(shown, str):
            assert may == []
        else:
            listed = [(each.staff_id, each.may_start) for each in shown]
            active = {e.id for e in world.states_of(StaffMember) if e.is_active}
            assert listed == [each for each in may if each[0] in active]


def told(pair: Pair, world: Drawn) -> list[Any]:
    """All that is listed in a world, in words that know no id and no order."""
    numbers: dict[str, int] = {}
    for kind, most in ((ConversationId, TALKS), (StaffId, STAFF)):
        numbers |= {world.id(kind, n): n for n in range(most)}
    out: list[Any] = []
    for who in world.actors():
        out.append(
            _words(
                look(pair, SeeInbox(), who),
                lambda e: (numbers[e.conversation.id], e.unread, e.may_write, e.deadline),
            )
        )
        out.append(
            _words(look(pair, SeeUpcoming(), who), lambda e: (numbers[e.conversation_id], e.at))
        )
        for n in range(CLIENTS):
            shown = look(pair, SeeRecipients(client_id=world.id(ClientId, n)), who)
            out.append(_words(shown, lambda e: (numbers[e.staff_id], e.may_start)))
    return out


def _words(shown: Any, words: Callable[[Any], tuple[Any, ...]]) -> Any:
    """What each of *shown* comes to, in no order; of a denial its code."""
    return shown if isinstance(shown, str) else sorted(map(words, shown), key=repr)


def check_world(pair: Pair, seed: int) -> None:
    """Everything that must hold in the world of *seed*, for two of those who ask."""
    world = Drawn(seed)
    pair.put(world)
    actors = list(world.actors())
    for who in (actors[seed % STAFF], actors[STAFF + seed % (len(actors) - STAFF)]):
        check_inbox(pair, world, who)
        check_recipients(pair, world, who)


def check_renamed(pair: Pair, seed: int) -> None:
    """Other names and another order change nothing that is told."""
    world = Drawn(seed)
    pair.put(world)
    before = told(pair, world)
    renamed = Drawn(seed, names=lambda n: f"{'zya'[n % 3]}{97 - n}", turned=True)
    renamed.practice_id = type(world.practice_id)(f"{world.practice_id}-renamed")
    renamed.states[0] = evolve(renamed.states[0], id=renamed.practice_id)  # type: ignore[misc] # the practice
    pair.put(renamed)
    assert told(pair, renamed) == before


@pytest.mark.parametrize("block", range(3))
def test_lists_equal_the_filter_of_the_decision(pair: Pair, block: int) -> None:
    """G5, MSG-13, MSG-14: inbox, pages, unread and recipients, on memory and in a file alike."""
    for seed in range(block * DEFAULT, (block + 1) * DEFAULT):
        check_world(pair, seed)


def test_names_and_order_change_nothing(pair: Pair) -> None:
    """G5: ids renamed by a bijection, and states inserted in another order, tell the same."""
    for seed in range(0, 3 * DEFAULT, 10):
        check_renamed(pair, seed)


@pytest.mark.parametrize(
    "block",
    [
        pytest.param(each, marks=pytest.mark.ci if each < CI_BLOCKS else pytest.mark.soak)
        for each in range(BLOCKS)
    ],
)
def test_many_worlds(pair: Pair, block: int) -> None:
    """G5: 20,000 worlds in blocks of 1,000, each checked; every tenth also renamed.

    The first blocks run in `-m ci`, a tenth of them all; the others are soaked.
    """
    for seed in range(block * BLOCK, (block + 1) * BLOCK):
        check_world(pair, seed)
        if seed % 10 == 0:
            check_renamed(pair, seed + BLOCK * BLOCKS)
