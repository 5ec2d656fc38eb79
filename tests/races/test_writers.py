"""Many processes on one file: no message is lost or reordered, no right outlives its end."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import product, repeat
from multiprocessing import get_context
from pathlib import Path
from threading import Barrier
from time import monotonic
from typing import Any, Final
from uuid import uuid4

import pytest
from attrs import evolve

from clientportal.domain.ids import ConversationId, MessageId, StaffId
from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.domain.practices import MessagingPolicy
from clientportal.domain.relationships import Scope
from clientportal.embedded.clock import SettableClock
from clientportal.testing.builders import MONDAY, Denied, World
from clientportal.testing.cast import ANN, BEN, CAT, MOTHER, OWNER, RECEPTION, dora, populate
from clientportal.usecases.command import Command
from clientportal.usecases.conversations import SendMessage, StartConversation
from clientportal.usecases.inbox import SeeConversation
from clientportal.usecases.participants import AddParticipants, RemoveParticipants
from clientportal.usecases.people import (
    AddStaffMember,
    AssignClient,
    ChangeStaffMember,
    UnassignClient,
)
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.relationships import ChangeRelationship
from clientportal_sql.storage import SqlStorage

pytestmark = pytest.mark.ci

WRITERS, WORDS, TALKS = 16, 500, 8
READ_EVERY, TRIES, SECONDS = 50, 400, 900
TALK_IDS: Final = tuple(ConversationId(f"cnv_r{n}") for n in range(TALKS))
#: What a writer may be told who came too late: to try again.
LATER: Final = {("ConflictError", "stale")}


def opened(path: Path) -> World:
    """The world in the file, as another process sees it: its records have ids of their own."""
    world = World(SqlStorage.at(path), clock=SettableClock(MONDAY))
    world.portal = evolve(world.portal, new_id=lambda: uuid4().hex)
    return world


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with eight conversations of Ann, Ben, Cat, her mother, and sixteen of the staff."""
    storage = SqlStorage.at(tmp_path / "writers.db")
    storage.create()
    world = populate(World(storage))
    owner = world.staff(OWNER)
    world.done(SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS), owner)
    for n in range(WRITERS):
        world.done(AddStaffMember(staff=_writer(n)), owner)
    staff_ids = tuple(_writer(n).id for n in range(WRITERS))
    for n, talk in enumerate(TALK_IDS):
        start = StartConversation(
            conversation_id=talk,
            message_id=MessageId(f"msg_r{n}"),
            client_ids=(ANN, BEN, CAT),
            staff_ids=staff_ids,
            text="Begin.",
        )
        world.done(start, owner)
    storage.close()
    return tmp_path / "writers.db"


def _writer(number: int) -> StaffMember:
    sees = Permissions(view_clients=Reach.EVERYTHING)
    return StaffMember(id=StaffId(f"stf_w{number}"), name="Wim", permissions=sees)


def whole(world: World, talk: ConversationId, writer: int) -> list[tuple[int, str]]:
    """All that was written there, oldest first, page by page."""
    found: list[tuple[int, str]] = []
    before = 2**53
    while True:
        view = SeeConversation(conversation_id=talk, before=before, limit=1000)
        page: Any = world.look(view, world.staff(_writer(writer).id))
        if not page.messages:
            return found[::-1]
        found += [(each.sequence, each.message_id) for each in page.messages]
        before = found[-1][0]


def write(
    path: Path, number: int
) -> tuple[dict[ConversationId, list[str]], Counter[Any], list[Any]]:
    """What one writer was told is sent, how often it was told to try again, what it read."""
    world, told, again = opened(path), {talk: list[str]() for talk in TALK_IDS}, Counter[Any]()
    read = []
    who = world.staff(_writer(number).id)
    for n in range(WORDS):
        talk = TALK_IDS[(number + n) % TALKS]
        message_id = MessageId(f"msg_w{number}-{n}")
        send = SendMessage(conversation_id=talk, message_id=message_id, text="x")
        for _ in range(TRIES):
            answer = world.do(send, who)
            if not isinstance(answer, Denied):
                told[talk].append(message_id)
                break
            again[tuple(answer)] += 1
        if n % READ_EVERY == number % READ_EVERY:
            read.append((talk, whole(world, talk, number)))
    world.storage.close()
    return told, again, read


def test_sixteen_processes_write_in_eight_conversations(path: Path, record_property: Any) -> None:
    """G9: what was told is sent is there once, in order, gapless; each read is a prefix."""
    began = monotonic()
    with get_context("spawn").Pool(WRITERS) as pool:
        waiting = pool.starmap_async(write, product((path,), range(WRITERS)))
        outcomes = waiting.get(SECONDS)
    record_property("seconds", monotonic() - began)
    world = opened(path)
    final = {talk: whole(world, talk, 0) for talk in TALK_IDS}
    for talk, messages in final.items():
        assert [sequence for sequence, _ in messages] == list(range(1, len(messages) + 1))
        ids = [message_id for _, message_id in messages[1:]]
        assert sorted(ids) == sorted(m for told, _, _ in outcomes for m in told[talk])
        for told, _, _ in outcomes:
            mine = set(told[talk])
            assert [each for each in ids if each in mine] == told[talk]
    assert sum(len(each) for each in final.values()) == WRITERS * WORDS + TALKS
    for _, again, read in outcomes:
        assert set(again) <= LATER
        for talk, seen in read:
            assert seen == final[talk][: len(seen)]


#: How often each right is taken, and in how many threads it is tried then.
REVOKED, THREADS = 80, 32


def _revocation(how: str, talk: ConversationId) -> tuple[tuple[Command, ...], Command, str]:
    """What gives somebody the right to write there, what takes it, and what they hear then."""
    if how == "grant":
        whole, less = frozenset(Scope), frozenset(Scope) - {Scope.MESSAGES}
        given, taken = (ChangeRelationship(relationship_id=MOTHER, scopes=s) for s in (whole, less))
        return (given,), taken, "not_in_grant"
    add = AddParticipants(conversation_id=talk, people=(RECEPTION,))
    if how == "removed":
        return (add,), RemoveParticipants(conversation_id=talk, people=(RECEPTION,)), "not_found"
    if how == "permission":
        blind = StaffMember(id=RECEPTION, name="Rob", permissions=Permissions())
        return (_seeing(), add), ChangeStaffMember(staff=blind), "not_found"
    assigns = tuple(AssignClient(client_id=each, staff_id=RECEPTION) for each in (ANN, BEN, CAT))
    policy = SetMessagingPolicy(policy=MessagingPolicy.ASSIGNED_CLIENTS_ONLY)
    owners = (AssignClient(client_id=each, staff_id=OWNER) for each in (ANN, BEN, CAT))
    return (
        (policy, *owners, *assigns, add),
        UnassignClient(client_id=BEN, staff_id=RECEPTION),
        "not_on_roster",
    )


def _seeing() -> Command:
    sees = Permissions(view_clients=Reach.EVERYTHING)
    return ChangeStaffMember(staff=StaffMember(id=RECEPTION, name="Rob", permissions=sees))


@pytest.mark.parametrize("how", ["permission", "removed", "unassigned", "grant"])
def test_a_right_ends_for_everybody_at_once(path: Path, how: str) -> None:
    """G6: the next call after the commit is refused, in each of many threads and every time."""
    here, there = opened(path), opened(path)
    owner = here.staff(OWNER)
    writer = dora(there) if how == "grant" else there.staff(RECEPTION)
    together = Barrier(THREADS)

    def asked(late: SendMessage) -> str:
        together.wait(SECONDS)
        answer = there.ask(late, writer)
        return answer.code if isinstance(answer, Denied) else answer.reason.code

    with ThreadPoolExecutor(THREADS) as pool:
        for number in range(REVOKED):
            give, take, expected = _revocation(how, TALK_IDS[number % TALKS])
            for each in give:
                here.done(each, owner)
            first, second = (_message(number, when) for when in ("before", "after"))
            assert expected not in set(pool.map(asked, repeat(first, THREADS)))
            assert not isinstance(there.do(first, writer), Denied)
            here.done(take, owner)
            assert set(pool.map(asked, repeat(second, THREADS))) == {expected}
            answer = there.do(second, writer)
            assert isinstance(answer, Denied)
            assert answer.code == expected
    for world in (here, there):
        world.storage.close()


def _message(number: int, when: str) -> SendMessage:
    return SendMessage(
        conversation_id=TALK_IDS[number % TALKS],
        message_id=MessageId(f"msg_{when}{number}"),
        text="Hello.",
    )
