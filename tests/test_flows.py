"""Flows: needs are yielded, answers sent back; both drivers agree (PPL-7, MSG-13)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from attrs import frozen

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor, Capacity, Link
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ContactId,
    ConversationId,
    InviteId,
    MessageId,
    PracticeId,
    StaffId,
)
from clientportal.domain.invites import Invite
from clientportal.domain.messages import Message
from clientportal.domain.people import Client, Reach, StaffMember
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice
from clientportal.domain.relationships import Contact
from clientportal.flows import (
    Change,
    Flow,
    Get,
    Need,
    Outcome,
    RowResult,
    Shown,
    Work,
    arun,
    fetch,
    run,
)
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts
from clientportal.policies.decision import allow
from clientportal.policies.invites import InviteFacts
from clientportal.policies.standing import PracticeFacts
from clientportal.ports.queries import (
    InboxItem,
    InboxOf,
    InviteFactsOf,
    Posted,
    PracticeFactsOf,
    WritingFactsOf,
)
from clientportal.ports.work import HashPassword, JudgePassword
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.command import Context, replaced
from clientportal.usecases.conversations import CloseConversation
from clientportal.usecases.inbox import SeeInbox

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
YES: Final = allow("yes", "x", "PPL-1")
PRACTICE: Final = Practice(
    id=PracticeId("prc_1"), name="R", policies=(PolicySince(MessagingPolicy.REPLY_ONLY, NOW),)
)
PIA: Final = Actor(practice_id=PRACTICE.id, capacity=Capacity.STAFF, staff_id=StaffId("stf_1"))


@frozen
class Ask(Need[int]):
    """A number."""

    number: int


def adding() -> Flow[int]:
    """One need alone, then two at once."""
    first = yield from fetch(Ask(1))
    second, third = yield from fetch(Ask(2), Ask(3))
    return first + second + third


def answered(needs: Any) -> Any:
    """Ten times each number."""
    return tuple(need.number * 10 for need in needs)


async def answered_later(needs: Any) -> Any:
    """The same, awaited."""
    return await asyncio.to_thread(answered, needs)


def test_both_drivers_agree() -> None:
    """One body for both colours."""
    assert run(adding(), answered) == asyncio.run(arun(adding(), answered_later)) == 60


def test_one_yield_is_one_round_trip() -> None:
    """What is asked together is answered together."""
    asked: list[int] = []

    def counting(needs: Any) -> Any:
        asked.append(len(needs))
        return answered(needs)

    run(adding(), counting)
    assert asked == [1, 2]


def test_what_an_answer_raises_reaches_the_caller() -> None:
    """An error while reading ends the flow."""

    def broken(_: Any) -> Any:
        msg = "no such thing"
        raise LookupError(msg)

    async def broken_later(_: Any) -> Any:
        return broken(None)

    with pytest.raises(LookupError):
        run(adding(), broken)
    with pytest.raises(LookupError):
        asyncio.run(arun(adding(), broken_later))


def test_the_values_that_flows_return() -> None:
    """An outcome may change, tell results and name the client; a view may show others besides."""
    outcome = Outcome(
        YES, (Change(None, ()),), results=(RowResult(key="k", code="c"),), about=ClientId("cli_1")
    )
    assert (outcome.changes[0].states, outcome.results[0].field) == ((), None)
    assert Shown(YES, 5, also=(ClientId("cli_2"),)).value == 5
    assert Get(Client, "cli_1") == Get(Client, "cli_1")
    assert Work.stand_in is None


def test_what_is_not_given_stays() -> None:
    """SET-1: None leaves a field as it is."""
    ann = Client(id=ClientId("cli_1"), given_name="Ann", phone="555-0100")
    assert replaced(ann, phone=None, given_name="Anna").phone == "555-0100"
    actor = Actor(practice_id=PracticeId("prc_1"), capacity=Capacity.SYSTEM)
    assert Context(actor=actor, now=NOW).origin is None


@pytest.mark.parametrize(
    ("given", "who"),
    [
        ({"capacity": Capacity.SYSTEM}, "system"),
        ({"capacity": Capacity.VISITOR}, "visitor"),
        ({"capacity": Capacity.CLIENT, "client_id": ClientId("cli_1")}, "cli_1"),
    ],
)
def test_who_is_on_record(given: dict[str, Any], who: str) -> None:
    """OUT-4: the id that audit names, else the capacity."""
    actor = Actor(practice_id=PracticeId("prc_1"), **given)
    assert actor.who == who
    assert (actor.is_staff, actor.is_client, actor.is_system) == (
        False,
        actor.capacity is Capacity.CLIENT,
        actor.capacity is Capacity.SYSTEM,
    )


def facts(**given: Any) -> WritingFacts:
    """Pia, who may view everybody, and Ann, without a conversation."""
    pia = Correspondent(staff_id=StaffId("stf_1"), name="Pia", views=Reach.EVERYTHING)
    ann = Counterpart(client_id=ClientId("cli_1"), name="Ann")
    return WritingFacts(
        actor=PIA,
        policies=PRACTICE.policies,
        clients={ann.client_id: ann},
        staff={pia.staff_id: pia},
        **given,
    )


def told(flow: Any, answers: dict[type, Any]) -> Any:
    """What a flow comes to when its needs are answered from a dictionary."""
    return run(flow, lambda needs: tuple(answers[type(need)] for need in needs))


def test_without_a_conversation_nothing_is_changed_or_shown() -> None:
    """MSG-3: none exists without a first message; a flow makes none up."""
    context = Context(actor=PIA, now=NOW)
    conversation_id = ConversationId("cnv_1")
    closed = told(
        CloseConversation(conversation_id=conversation_id).flow(context), {WritingFactsOf: facts()}
    )
    assert (bool(closed.decision), closed.changes) == (True, ())
    message = Message(
        id=MessageId("msg_1"),
        conversation_id=conversation_id,
        sequence=1,
        author=StaffId("stf_1"),
        text="x",
        at=NOW,
    )
    item = InboxItem(facts=facts(), latest=Posted(message=message))
    seen = told(
        SeeInbox().flow(context),
        {
            PracticeFactsOf: PracticeFacts(
                practice=PRACTICE, actor=PIA, staff=StaffMember(id=StaffId("stf_1"), name="Pia")
            ),
            InboxOf: (item,),
        },
    )
    assert seen.value == ()


def test_an_invite_without_a_client_opens_no_portal() -> None:
    """INV-5: accepting makes the account and nothing else."""
    link = Link(invite_id=InviteId("inv_1"), generation=1, expires_at=NOW + timedelta(days=1))
    holder = Actor(practice_id=PRACTICE.id, capacity=Capacity.VISITOR, link=link)
    invite = Invite(
        id=link.invite_id, email="a@b.c", sent_at=NOW, expires_at=NOW + timedelta(days=1)
    )
    someone = Contact(id=ContactId("con_1"), name="Gil", email="a@b.c")
    accept = AcceptInvite(account_id=AccountId("acc_1"), password=Secret("a long enough password"))
    outcome = told(
        accept.flow(Context(actor=holder, now=NOW)),
        {
            JudgePassword: None,
            HashPassword: "phc",
            InviteFactsOf: InviteFacts(practice=PRACTICE, invite=invite, person=someone),
        },
    )
    assert [type(state).__name__ for state in outcome.changes[0].states] == [
        "Invite",
        "Throttle",
        "Account",
    ]
