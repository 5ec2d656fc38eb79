"""Many at once: one link makes one account, one time one appointment, no word is lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from clientportal.domain.accounts import Secret
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ConversationId,
    InviteId,
    MessageId,
)
from clientportal.domain.people import Client
from clientportal.domain.practices import MessagingPolicy
from clientportal.receipts import Receipt
from clientportal.testing.builders import Answered, Denied, World
from clientportal.testing.cast import ANN, OWNER, PASSWORD, PRACTITIONER, TALK, populate
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.accounts import SeePortals
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.conversations import SendMessage
from clientportal.usecases.inbox import SeeConversation
from clientportal.usecases.invites import SendInvite
from clientportal.usecases.people import AddClient
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal_sql.storage import SqlStorage

pytestmark = pytest.mark.ci

ACCEPTS, ROUNDS = 32, 200
BOOKERS, SLOTS = 16, 60
WRITERS, WORDS = 8, 40


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A populated practice in a SQLite file."""
    storage = SqlStorage.at(tmp_path / "races.db")
    storage.create()
    yield populate(World(storage))
    storage.close()


def at_once(many: int, deed: Callable[[int], Answered]) -> list[Answered]:
    """What *deed* comes to for each of *many* who begin together."""
    gate = Barrier(many)

    def one(number: int) -> Answered:
        gate.wait()
        return deed(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def won(answers: list[Answered]) -> list[int]:
    """Who got a receipt."""
    return [number for number, answer in enumerate(answers) if isinstance(answer, Receipt)]


def test_one_link_makes_one_account(world: World) -> None:
    """Of 32 who take up one link at once, one gets an account; the others hear `invite_used`."""
    owner = world.staff(OWNER)
    for number in range(ROUNDS):
        client_id, invite_id = ClientId.of(f"r{number}"), InviteId.of(f"r{number}")
        client = Client(id=client_id, given_name="Ria", email=f"r{number}@example.org")
        world.done(AddClient(client=client, invite_id=InviteId.of(f"s{number}")), owner)
        world.done(SendInvite(invite_id=invite_id, client_id=client_id), owner)
        holder = world.visitor(invite_id)

        def accept(n: int, number: int = number, holder: object = holder) -> Answered:
            account_id = AccountId.of(f"r{number}-{n}")
            command = AcceptInvite(account_id=account_id, password=Secret(PASSWORD))
            return world.do(command, holder)  # type: ignore[arg-type] # bound early

        answers = at_once(ACCEPTS, accept)
        (winner,) = won(answers)
        losers = Counter(answer for n, answer in enumerate(answers) if n != winner)
        assert losers == {Denied("RefusedError", "invite_used"): ACCEPTS - 1}
        portals = [
            world.look(
                SeePortals(), world.visitor(invite_id, account_id=AccountId.of(f"r{number}-{n}"))
            )
            for n in range(ACCEPTS)
        ]
        assert [n for n, found in enumerate(portals) if found] == [winner]


def test_one_time_makes_one_appointment(world: World) -> None:
    """Of 16 who book overlapping times at once, one gets it; the others hear `slot_taken`."""
    owner = world.staff(OWNER)
    for n in range(BOOKERS):
        client = Client(id=ClientId.of(f"b{n}"), given_name="Bo")
        world.done(AddClient(client=client, invite_id=InviteId.of(f"b{n}")), owner)
    for number in range(SLOTS):
        start = world.clock.at + timedelta(days=3, hours=2 * number)

        def book(n: int, number: int = number, start: object = start) -> Answered:
            command = BookAppointment(
                appointment_id=AppointmentId.of(f"r{number}-{n}"),
                client_id=ClientId.of(f"b{n}"),
                staff_id=PRACTITIONER,
                service_id=TALK,
                start=start + timedelta(minutes=n),  # type: ignore[operator] # bound early
            )
            return world.do(command, owner)

        answers = at_once(BOOKERS, book)
        assert len(won(answers)) == 1
        losers = Counter(answer for answer in answers if isinstance(answer, Denied))
        assert losers == {Denied("RefusedError", "slot_taken"): BOOKERS - 1}


def test_no_message_is_lost(world: World) -> None:
    """What writers at once were told is sent is there once, numbered without a gap."""
    world.done(SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS), world.staff(OWNER))
    conversation_id, told = ConversationId("cnv_1"), list[str]()

    def write(n: int) -> Answered:
        answer: Answered = Denied("", "")
        for word in range(WORDS):
            message_id = MessageId.of(f"r{n}-{word}")
            send = SendMessage(conversation_id=conversation_id, message_id=message_id, text="x")
            answer = world.do(send, world.client(ANN) if n % 2 else world.staff(OWNER))
            if isinstance(answer, Receipt):
                told.append(message_id)
            else:
                assert answer == Denied("ConflictError", "stale")
        return answer

    at_once(WRITERS, write)
    seen = world.look(
        SeeConversation(conversation_id=conversation_id, limit=1000), world.client(ANN)
    )
    assert not isinstance(seen, Denied | tuple)
    found = [
        message.message_id for message in seen.messages if message.message_id.startswith("msg_r")
    ]
    assert sorted(found) == sorted(told)
    assert len(told) >= WRITERS * WORDS // 2
    numbers = [message.sequence for message in seen.messages]
    assert numbers == list(range(len(numbers), 0, -1))
