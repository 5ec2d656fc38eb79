"""The 48 hours are elapsed time, whatever clocks and calendars do (MSG-4, MSG-12, B43)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from tests.usecases.talks import HOUR, NEW, code, owner, says, start

from clientportal.domain.ids import MessageId
from clientportal.domain.practices import MessagingPolicy
from clientportal.testing.builders import World
from clientportal.testing.cast import ANN, BEN, PRACTITIONER, RECEPTION
from clientportal.usecases.conversations import CloseConversation, SendMessage
from clientportal.usecases.custody import SeeUnowned
from clientportal.usecases.foresight import SeeUpcoming
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.participants import JoinConversation, RemoveParticipants
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.settings import SetTimezone

TICK, YEAR = timedelta(microseconds=1), timedelta(days=365)
REPLY, _, _, EVERYBODY = MessagingPolicy

#: A day or so before something happens to clocks or calendars.
MOMENTS: Final = {
    "New York springs forward": datetime(2026, 3, 7, 12, tzinfo=UTC),
    "New York falls back": datetime(2026, 10, 31, 12, tzinfo=UTC),
    "Europe springs forward": datetime(2027, 3, 27, 12, tzinfo=UTC),
    "Lord Howe moves by half an hour": datetime(2027, 4, 3, 0, tzinfo=UTC),
    "a leap day": datetime(2028, 2, 28, 23, 59, tzinfo=UTC),
    "no leap day": datetime(2027, 2, 28, 12, tzinfo=UTC),
    "the year ends": datetime(2026, 12, 31, 0, tzinfo=UTC),
    "a leap second might": datetime(2035, 6, 29, 23, 59, 59, 999_999, tzinfo=UTC),
    "an epoch ends": datetime(2038, 1, 18, 3, 14, 7, tzinfo=UTC),
}
#: The worked times of MSG-12: who says what at which hour, and what is heard.
SCRIPTS: Final = (
    "S0 C47.99=may_reply C100=may_reply",
    "S0 C48=auto_closed S60 C107.9=may_reply",
    "S0 C48=auto_closed S60 C108=auto_closed",
    "S0 S40 C87.9=may_reply",
    "S0 S40 C88=auto_closed",
    "S0 C1=may_reply S2 C50=auto_closed",
    "S0 all0 reply500 C547.9=may_reply",
    "S0 all0 reply500 C548=auto_closed",
    "S0 all60 reply70 C71=auto_closed",
)


def play(world: World, script: str) -> None:
    """The script, from the moment that the clock shows."""
    began = world.clock.at
    for number, step in enumerate(script.split(), start=100):
        head, _, expected = step.partition("=")
        who = head.rstrip("0123456789.")
        world.clock.at = began + float(head[len(who) :]) * HOUR
        if who in ("all", "reply"):
            policy = REPLY if who == "reply" else EVERYBODY
            world.done(SetMessagingPolicy(policy=policy), owner(world))
        elif number == 100:
            world.done(start(), world.staff(PRACTITIONER))
        else:
            actor = world.staff(PRACTITIONER) if who == "S" else world.client(ANN)
            assert says(world, actor, number) == (expected or "staff_may_write")


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize("moment", MOMENTS)
def test_worked_times_hold_wherever_they_fall(world: World, moment: str, script: str) -> None:
    """MSG-12, B43: the same answers while clocks change, on leap days, at ends of years."""
    world.clock.at = MOMENTS[moment]
    play(world, script)


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Madrid", "Australia/Lord_Howe"])
def test_it_closes_after_48_hours_for_clients_of_any_zone(
    world: World, moment: str, zone: str
) -> None:
    """MSG-4: to the microsecond, in elapsed time; the client's zone changes nothing."""
    world.done(SetTimezone(client_id=ANN, timezone=zone), world.client(ANN))
    world.clock.at = began = MOMENTS[moment]
    world.done(start(), world.staff(PRACTITIONER))
    send = SendMessage(conversation_id=NEW, message_id=MessageId("msg_ask"), text="x")
    ann = world.client(ANN)
    assert world.look(SeeInbox(), ann)[0].deadline == began + 48 * HOUR
    world.clock.at = began + 48 * HOUR - TICK
    assert world.ask(send, ann)
    world.clock.at = began + 48 * HOUR
    assert world.ask(send, ann).since == began + 48 * HOUR


def test_a_year_later_it_closed_at_its_deadline(either: World) -> None:
    """MSG-4, B43: the moment of closing is the deadline, not when somebody noticed."""
    began, ann = either.clock.at, either.client(ANN)
    either.done(start(), either.staff(PRACTITIONER))
    either.pass_time(YEAR)
    send = SendMessage(conversation_id=NEW, message_id=MessageId("msg_ask"), text="x")
    assert either.ask(send, ann).since == began + 48 * HOUR
    assert either.look(SeeUpcoming(), either.system()) == ()
    either.done(CloseConversation(conversation_id=NEW), either.staff(PRACTITIONER))
    assert either.ask(send, ann).since == began + 48 * HOUR


def test_a_clock_that_stands_still_changes_nothing(either: World) -> None:
    """B43: many at one moment are in order, and nothing closes."""
    ann, pia = either.client(ANN), either.staff(PRACTITIONER)
    either.done(start(), pia)
    for number in range(91, 99):
        assert says(either, (ann, pia)[number % 2], number).startswith(("may_", "staff_"))
    opened = either.look(SeeConversation(conversation_id=NEW), ann)
    assert [each.sequence for each in opened.messages] == list(range(9, 0, -1))


def test_a_clock_an_hour_back_reorders_nothing(either: World) -> None:
    """MSG-15, B43: what follows is never earlier, and the deadline never moves to before."""
    ann, pia = either.client(ANN), either.staff(PRACTITIONER)
    either.pass_time(10 * HOUR)
    began = either.clock.at
    either.done(start(), pia)
    either.pass_time(-HOUR)
    assert says(either, pia, 91) == "staff_may_write"
    assert either.look(SeeInbox(), ann)[0].deadline == began + 48 * HOUR
    assert says(either, ann, 92) == "may_reply"
    opened = either.look(SeeConversation(conversation_id=NEW), ann)
    assert {each.at for each in opened.messages} == {began}


def test_a_clock_an_hour_back_undoes_no_switch(either: World) -> None:
    """MSG-9, B43: a policy set while the clock shows an earlier moment is in force at once."""
    olga, ann, pia = owner(either), either.client(ANN), either.staff(PRACTITIONER)
    either.pass_time(5 * HOUR)
    either.done(SetMessagingPolicy(policy=EVERYBODY), olga)
    either.pass_time(-HOUR)
    either.done(SetMessagingPolicy(policy=REPLY), olga)
    assert code(either, start(staff_ids=(PRACTITIONER,)), ann) == "client_may_not_start"
    either.done(start(), pia)
    either.pass_time(48 * HOUR)
    assert says(either, ann, 91) == "may_reply"  # the switch was at the later of both moments
    either.done(SetMessagingPolicy(policy=EVERYBODY), olga)
    assert code(either, start(staff_ids=(PRACTITIONER,), **_other()), ann) == "any_client"


def _other() -> dict[str, object]:
    return {"conversation_id": type(NEW)("cnv_8"), "message_id": MessageId("msg_80")}


def test_a_clock_an_hour_back_removes_nobody_before_they_came(either: World) -> None:
    """MSG-21, B43: joining and leaving at moments out of order, and taking over, still hold."""
    rob, pia, ann = either.staff(RECEPTION), either.staff(PRACTITIONER), either.client(ANN)
    either.done(start(client_ids=(ANN, BEN)), pia)
    either.pass_time(-HOUR)
    leave = RemoveParticipants(conversation_id=NEW, people=(PRACTITIONER,), leave_unowned=True)
    either.done(leave, pia)
    assert [each.conversation.id for each in either.look(SeeUnowned(), owner(either))] == [NEW]
    until = either.look(SeeInbox(), ann)[0].deadline
    either.done(JoinConversation(conversation_id=NEW), rob)
    assert either.look(SeeInbox(), ann)[0].deadline == until
    people = either.look(SeeConversation(conversation_id=NEW), rob).people
    assert all(each.until is None or each.until >= each.since for each in people)
