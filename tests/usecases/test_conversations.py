"""Writing, closing, reading, the inbox, through the portal (GUIDE-6 to 11, MSG-1 to 22)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from clientportal.domain.ids import ClientId, ConversationId, MessageId, StaffId
from clientportal.domain.people import Permissions, Reach, StaffMember, StaffStatus
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice, UnknownPolicy
from clientportal.errors import MalformedError, RefusedError
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import ANN, BEN, DAN, OWNER, PRACTITIONER, RECEPTION, TRAINEE, dora
from clientportal.usecases.conversations import (
    CloseConversation,
    MarkRead,
    ReopenConversation,
    SendMessage,
    StartConversation,
    UnlockConversation,
)
from clientportal.usecases.custody import Custody
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.people import (
    ArchiveClient,
    AssignClient,
    ChangeStaffMember,
    UnassignClient,
)
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.recipients import ExplainClient, SeeRecipients

REPLY, NEVER, ASSIGNED, EVERYBODY = MessagingPolicy
HOUR: Final = timedelta(hours=1)
NEW: Final = ConversationId("cnv_9")
ANNS, BENS = ConversationId("cnv_1"), ConversationId("cnv_2")


class Talk:
    """Ann and her practitioner, by the hour; a fresh conversation."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.began = world.clock.at
        self.number = 100
        self.started = False

    def at(self, hour: float) -> None:
        """The clock shows so many hours."""
        self.world.clock.at = self.began + hour * HOUR

    def policy(self, hour: float, policy: MessagingPolicy) -> None:
        """The owner sets a policy."""
        self.at(hour)
        self.world.done(SetMessagingPolicy(policy=policy), self.world.staff(OWNER))

    def says(self, who: str, hour: float) -> str:
        """S or C writes; the first message starts. The reason."""
        self.at(hour)
        self.number += 1
        actor = self.world.staff(PRACTITIONER) if who == "S" else self.world.client(ANN)
        message_id = MessageId(f"msg_{self.number}")
        command: Any = (
            SendMessage(conversation_id=NEW, message_id=message_id, text="x")
            if self.started
            else StartConversation(
                conversation_id=NEW,
                message_id=message_id,
                client_ids=(ANN,),
                staff_ids=(PRACTITIONER,),
                text="x",
            )
        )
        asked = self.world.ask(command, actor)
        answer = self.world.do(command, actor)
        code = answer.code if isinstance(answer, Denied) else answer.reason
        assert asked.reason.code == code
        self.started = self.started or not isinstance(answer, Denied)
        return code

    def closed_at(self, hour: float) -> float | None:
        """When it closed, as a refused client hears at *hour*."""
        self.at(hour)
        command = SendMessage(conversation_id=NEW, message_id=MessageId("msg_ask"), text="x")
        decision = self.world.ask(command, self.world.client(ANN))
        return None if decision.since is None else (decision.since - self.began) / HOUR


@pytest.mark.parametrize(
    "script",
    [
        pytest.param("S0 C47.99=may_reply C100=may_reply", id="staff owe the answer"),
        pytest.param(
            "S0 C48=auto_closed @48=48 S60 C107.9=may_reply", id="a staff message reopens until 108"
        ),
        pytest.param(
            "S0 C48=auto_closed S60 C108=auto_closed @108=108", id="and closes again at 108"
        ),
        pytest.param("S0 S40 C87.9=may_reply", id="the latest staff message counts"),
        pytest.param("S0 S40 C88=auto_closed @90=88", id="to the hour"),
        pytest.param(
            "S0 C1=may_reply S2 C49.9=may_reply", id="the next staff message starts it afresh"
        ),
        pytest.param("S0 C1=may_reply S2 C50=auto_closed @60=50", id="closes at 50"),
        pytest.param(
            "all0 C0=any_client reply5 C6=not_staff_initiated S10 C57.9=may_reply",
            id="client starts",
        ),
        pytest.param("all0 C0=any_client reply5 S10 C58=auto_closed @58=58", id="until 58"),
        pytest.param("all0 S0 reply500 C547.9=may_reply", id="a switch gives 48 hours"),
        pytest.param("all0 S0 reply500 C548=auto_closed @600=548", id="open until 548"),
        pytest.param("S0 all60 reply70 C71=auto_closed @71=48", id="a leftover is still closed"),
        pytest.param(
            "S0 all60 C61=any_client reply70 C200=may_reply", id="unless who may start wrote"
        ),
        pytest.param(
            "C0=client_may_not_start never1 C2=client_may_not_start", id="starting is for staff"
        ),
    ],
)
def test_worked_times(world: World, script: str) -> None:
    """MSG-12: the worked times, with real commands at those hours."""
    talk = Talk(world)
    names = {"all": EVERYBODY, "reply": REPLY, "never": NEVER, "assigned": ASSIGNED}
    for step in script.split():
        head, _, expected = step.partition("=")
        who = head.rstrip("0123456789.")
        hour = float(head[len(who) :])
        if who in names:
            talk.policy(hour, names[who])
        elif who == "@":
            assert talk.closed_at(hour) == float(expected)
        else:
            assert talk.says(who, hour) == (expected or "staff_may_write")


def test_rosters_bind_both_sides_at_once(world: World) -> None:
    """MSG-7, GUIDE-10: unassigning makes it read-only for that pair, assigning restores it."""
    talk, owner = Talk(world), world.staff(OWNER)
    sees = Permissions(view_clients=Reach.EVERYTHING)
    world.done(
        ChangeStaffMember(staff=StaffMember(id=PRACTITIONER, name="Pia", permissions=sees)), owner
    )
    talk.policy(0, ASSIGNED)
    assert talk.says("C", 0) == talk.says("S", 1) == "assigned"
    world.done(UnassignClient(client_id=ANN, staff_id=PRACTITIONER), owner)
    assert talk.says("C", 2) == "no_assigned_staff"
    again = AssignClient(client_id=ANN, staff_id=OWNER)
    world.done(again, owner)
    assert talk.says("C", 3) == "not_on_roster"
    world.done(AssignClient(client_id=ANN, staff_id=PRACTITIONER), owner)
    assert talk.says("S", 4) == talk.says("C", 5) == "assigned"
    hidden = SendMessage(conversation_id=ANNS, message_id=MessageId("msg_x"), text="x")
    world.done(UnassignClient(client_id=ANN, staff_id=OWNER), owner)
    assert world.do(hidden, owner) == Denied("RefusedError", "not_on_roster")


def test_closing_locking_and_reopening(world: World) -> None:
    """MSG-10: by hand at any time; a lock binds staff; unlocking leaves it closed."""
    talk, pia, ann = Talk(world), world.staff(PRACTITIONER), world.client(ANN)
    talk.says("S", 0)
    close = CloseConversation(conversation_id=NEW)
    reopen, unlock = (
        ReopenConversation(conversation_id=NEW),
        UnlockConversation(conversation_id=NEW),
    )
    assert world.do(close, ann) == Denied("RefusedError", "staff_closes")
    assert world.do(close, world.staff(OWNER)).error == "NotFoundError"
    assert world.do(reopen, pia) == Denied("RefusedError", "not_closed")
    assert world.do(unlock, pia) == Denied("RefusedError", "not_locked")
    talk.at(10)
    world.done(close, pia)
    assert (talk.says("C", 11), talk.closed_at(11)) == ("closed_by_staff", 10)
    world.done(CloseConversation(conversation_id=NEW, lock=True), pia)
    world.done(close, pia)
    assert talk.closed_at(12) is None
    assert talk.says("C", 13) == talk.says("S", 13) == "locked"
    assert world.do(reopen, pia) == Denied("RefusedError", "locked")
    world.done(unlock, pia)
    assert (talk.says("C", 14), talk.closed_at(14)) == ("closed_by_staff", 10)
    talk.at(20)
    world.done(reopen, pia)
    assert talk.says("C", 67.9) == "may_reply"


def test_what_closed_by_itself_closed_then(world: World) -> None:
    """MSG-10: closed_at is the earlier of the closing by hand and the deadline."""
    talk = Talk(world)
    talk.says("S", 0)
    talk.at(60)
    world.done(CloseConversation(conversation_id=NEW), world.staff(PRACTITIONER))
    assert (talk.says("C", 61), talk.closed_at(61)) == ("closed_by_staff", 48)


def test_an_unknown_policy_denies_everybody(world: World) -> None:
    """MSG-1: every start and answer, by staff too; reading stays; nothing closes meanwhile."""
    talk = Talk(world)
    talk.says("S", 0)
    storage: Any = world.storage
    rows = storage.rooms[world.practice_id].rows
    version, old = rows[Practice, world.practice_id]
    unknown = PolicySince(UnknownPolicy("v9"), talk.began + HOUR)
    from attrs import evolve

    rows[Practice, world.practice_id] = (
        version + 1,
        evolve(old, policies=(*old.policies, unknown)),
    )
    assert talk.says("S", 100) == talk.says("C", 100) == "policy_unknown"
    assert len(world.look(SeeConversation(conversation_id=NEW), world.client(ANN)).messages) == 1
    assert world.look(ExplainClient(client_id=ANN), world.staff(PRACTITIONER)).policy == "unknown"
    talk.policy(200, REPLY)
    assert talk.says("C", 247.9) == "may_reply"


def test_setting_a_policy(world: World) -> None:
    """MSG-1, MSG-9: by staff with practice settings; the same value again is no switch."""
    command = SetMessagingPolicy(policy=EVERYBODY)
    assert world.do(command, world.staff(PRACTITIONER)) == Denied(
        "RefusedError", "permission_needed"
    )
    assert world.do(command, world.client(ANN)) == Denied("RefusedError", "staff_only")
    owner = world.staff(OWNER)
    assert [len(world.done(command, owner).events) for _ in range(2)] == [1, 0]


def start(**given: Any) -> StartConversation:
    """Ann starts with her practitioner."""
    base = {
        "conversation_id": NEW,
        "message_id": MessageId("msg_99"),
        "client_ids": (ANN,),
        "staff_ids": (PRACTITIONER,),
        "text": "Hello",
    }
    return StartConversation(**{**base, **given})


def test_starting(world: World) -> None:
    """MSG-10, MSG-14, PPL-3: a client names staff, each of whom must pass; never another client."""
    ann, owner = world.client(ANN), world.staff(OWNER)
    world.done(SetMessagingPolicy(policy=EVERYBODY), owner)
    assert world.do(start(staff_ids=()), ann) == Denied("RefusedError", "nobody_to_read")
    assert world.do(start(staff_ids=(PRACTITIONER, TRAINEE)), ann) == Denied(
        "RefusedError", "nobody_to_read"
    )
    assert world.do(start(staff_ids=(StaffId("stf_99"),)), ann).error == "NotFoundError"
    assert world.do(start(client_ids=(BEN,)), ann).error == "NotFoundError"
    assert world.do(start(client_ids=(ClientId("cli_99"),)), ann).error == "NotFoundError"
    assert world.do(start(), world.visitor()).error == "NotFoundError"
    assert world.do(start(client_ids=(BEN,)), dora(world)).error == "NotFoundError"
    with pytest.raises(MalformedError):
        start(staff_ids=(PRACTITIONER, PRACTITIONER))
    assert world.done(start(), ann).reason == "any_client"
    assert world.do(start(), ann) == Denied("ConflictError", "id_used")
    shy = StaffMember(
        id=TRAINEE,
        name="Tom",
        permissions=Permissions(view_clients=Reach.EVERYTHING),
        takes_messages=False,
    )
    world.done(ChangeStaffMember(staff=shy), owner)
    assert world.do(
        start(conversation_id=ConversationId("cnv_8"), staff_ids=(TRAINEE,)), ann
    ).code == ("not_taking_messages")


@pytest.mark.parametrize("policy", list(MessagingPolicy))
def test_recipients_are_those_for_whom_the_decision_allows(
    world: World, policy: MessagingPolicy
) -> None:
    """MSG-14: the list equals the filter of the decision over everybody."""
    world.done(SetMessagingPolicy(policy=policy), world.staff(OWNER))
    for who in (world.client(ANN), world.client(BEN)):
        shown = world.look(SeeRecipients(client_id=who.client_id), who)
        may = [
            staff_id
            for staff_id in (OWNER, PRACTITIONER, RECEPTION, TRAINEE)
            if world.ask(start(client_ids=(who.client_id,), staff_ids=(staff_id,)), who)
        ]
        assert [each.staff_id for each in shown] == may
    mine = world.look(SeeRecipients(client_id=ANN), world.staff(PRACTITIONER))
    assert len(mine) == 4
    assert world.look(SeeRecipients(client_id=BEN), world.client(ANN)).error == "NotFoundError"


def test_the_inbox(world: World) -> None:
    """MSG-13, MSG-15, GUIDE-6: one's own conversations, unread by two sequences, with decisions."""
    ann, pia, owner = world.client(ANN), world.staff(PRACTITIONER), world.staff(OWNER)
    world.pass_time(HOUR)
    world.done(start(), pia)
    latest, older = world.look(SeeInbox(), ann)
    assert (latest.conversation.id, older.conversation.id) == (NEW, ANNS)
    assert (latest.unread, older.unread) == (1, 0)
    assert (latest.with_clients, latest.with_staff) == (("Ann",), ("Pia",))
    assert latest.latest.text == "Hello"
    assert latest.deadline == latest.may_write.holds_until == world.clock.at + 48 * HOUR
    assert older.deadline is None
    assert [each.conversation.id for each in world.look(SeeInbox(), pia)] == [NEW, BENS]
    assert [each.conversation.id for each in world.look(SeeInbox(), owner)] == [ANNS]
    assert world.look(SeeInbox(), dora(world)) == ()
    page = world.look(SeeInbox(limit=1), ann)
    after = (page[0].conversation.last_at, page[0].conversation.id)
    assert world.look(SeeInbox(limit=1, after=after), ann) == (older,)
    assert world.look(SeeInbox(), world.visitor()).error == "NotFoundError"
    assert world.look(SeeInbox(), world.client(DAN)) == Denied(
        "UnauthenticatedError", "no_portal_access"
    )
    world.pass_time(60 * HOUR)
    closed = world.look(SeeInbox(), ann)[0]
    assert (closed.may_write.reason.code, closed.deadline) == ("auto_closed", None)
    by_staff = world.look(SeeInbox(), pia)[0]
    assert (bool(by_staff.may_write), by_staff.deadline) == (True, None)


def test_no_deadline_is_shown_of_what_is_closed(world: World) -> None:
    """MSG-9: a leftover has no new deadline after returning to reply only, for staff too."""
    talk = Talk(world)
    talk.says("S", 0)
    talk.policy(60, EVERYBODY)
    talk.policy(70, REPLY)
    assert {each.deadline for each in world.look(SeeInbox(), world.staff(PRACTITIONER))} == {None}


def test_reading(world: World) -> None:
    """MSG-15: never backwards, never beyond the last; writing reads."""
    ben, pia = world.client(BEN), world.staff(PRACTITIONER)

    def unread() -> list[int]:
        return [world.look(SeeInbox(), who)[0].unread for who in (ben, pia)]

    assert unread() == [1, 0]
    events = [
        len(world.done(MarkRead(conversation_id=BENS, sequence=upto), ben).events)
        for upto in (-5, 0, 1, 99, 1)
    ]
    assert events == [0, 0, 1, 0, 0]
    assert unread() == [0, 0]
    world.done(SendMessage(conversation_id=BENS, message_id=MessageId("msg_8"), text="Yes"), ben)
    assert unread() == [0, 1]
    for stranger in (world.client(ANN), world.staff(OWNER), world.visitor(), dora(world)):
        assert (
            world.do(MarkRead(conversation_id=BENS, sequence=1), stranger).error == "NotFoundError"
        )


def test_pages_of_a_conversation(world: World) -> None:
    """MSG-5, MSG-15: newest first, gapless, also when closed; strangers find nothing."""
    talk, ann = Talk(world), world.client(ANN)
    for hour in range(5):
        talk.says("SC"[hour % 2], hour)
    talk.at(100)
    page = world.look(SeeConversation(conversation_id=NEW, limit=2), ann)
    rest = world.look(SeeConversation(conversation_id=NEW, before=page.messages[-1].sequence), ann)
    assert [message.sequence for message in (*page.messages, *rest.messages)] == [5, 4, 3, 2, 1]
    assert page.may_write.reason.code == "auto_closed"
    for stranger in (world.client(BEN), world.staff(OWNER), world.visitor(), world.system()):
        assert world.look(SeeConversation(conversation_id=NEW), stranger).error == "NotFoundError"


def test_a_clock_set_back_never_reorders_messages(world: World) -> None:
    """MSG-15: a message is never earlier than the one before it."""
    talk = Talk(world)
    talk.says("S", 10)
    talk.says("C", 5)
    shown = world.look(SeeConversation(conversation_id=NEW), world.client(ANN))
    assert len({message.at for message in shown.messages}) == 1


def test_who_left_and_who_is_archived(world: World) -> None:
    """MSG-2, MSG-16, PPL-3: at once; the archived still read."""
    talk, owner, ann = Talk(world), world.staff(OWNER), world.client(ANN)
    talk.says("S", 0)
    left = StaffMember(
        id=PRACTITIONER,
        name="Pia",
        status=StaffStatus.LEFT,
        permissions=Permissions(view_clients=Reach.EVERYTHING),
    )
    world.done(ChangeStaffMember(staff=left, custody=Custody(leave_unowned=True)), owner)
    assert talk.says("C", 1) == "nobody_to_read"
    assert talk.says("S", 1) == "sender_inactive"
    assert world.look(SeeInbox(), world.staff(PRACTITIONER)) == Denied(
        "UnauthenticatedError", "staff_left"
    )
    world.done(ArchiveClient(client_id=ANN), owner)
    assert talk.says("C", 2) == "sender_inactive"
    answer = SendMessage(conversation_id=ANNS, message_id=MessageId("msg_x"), text="x")
    assert world.do(answer, owner) == Denied("RefusedError", "nobody_to_read")
    assert len(world.look(SeeConversation(conversation_id=NEW), ann).messages) == 1


def test_staff_ask_why(world: World) -> None:
    """MSG-22, GUIDE-7: per staff member and conversation, as the client would hear it."""
    pia, ann = world.staff(PRACTITIONER), world.client(ANN)
    world.done(start(), pia)
    explained = world.look(ExplainClient(client_id=ANN), pia)
    assert explained.policy == "reply_only"
    assert [(each.staff_id, each.may_start.reason.code) for each in explained.starts] == [
        (OWNER, "client_may_not_start"),
        (PRACTITIONER, "client_may_not_start"),
        (RECEPTION, "client_may_not_start"),
        (TRAINEE, "nobody_to_read"),
    ]
    command = SendMessage(conversation_id=NEW, message_id=MessageId("msg_x"), text="x")
    assert explained.answers == ((NEW, world.ask(command, ann)),)
    assert world.look(ExplainClient(client_id=DAN), pia).error == "NotFoundError"
    assert world.look(ExplainClient(client_id=ANN), ann).code == "staff_only"
    assert world.look(ExplainClient(client_id=ANN), world.client(BEN)).error == "NotFoundError"


def test_counts_go_beyond_a_page(world: World) -> None:
    """DASH-2, MSG-22: more conversations than a page of the inbox holds are all counted."""
    pia, ann = world.staff(PRACTITIONER), world.client(ANN)
    before = world.look(SeeDashboard(client_id=ANN), ann).unread
    for number in range(60):
        world.done(
            StartConversation(
                conversation_id=ConversationId(f"cnv_{100 + number}"),
                client_ids=(ANN,),
                staff_ids=(PRACTITIONER,),
                message_id=MessageId(f"msg_{100 + number}"),
                text="x",
            ),
            pia,
        )
    assert world.look(SeeDashboard(client_id=ANN), ann).unread == before + 60
    assert len(world.look(ExplainClient(client_id=ANN), pia).answers) >= 60


def test_texts(world: World) -> None:
    """MSG-15, B13: composed and trimmed, up to 5,000, as given else; bad ones never arrive."""
    kept = SendMessage(
        conversation_id=BENS, message_id=MessageId("msg_8"), text=" <b>e\u0301 \u202e</b>\n"
    )
    world.done(kept, world.client(BEN))
    shown = world.look(SeeConversation(conversation_id=BENS), world.client(BEN))
    assert shown.messages[0].text == "<b>é \u202e</b>"
    for bad in ("", " \n", "a\x00", "\ud800", "x" * 5001):
        with pytest.raises(MalformedError):
            SendMessage(conversation_id=BENS, message_id=MessageId("msg_9"), text=bad)


def test_a_refusal_carries_its_decision(world: World) -> None:
    """MSG-13: reason, rule and moment come with the error; its text holds codes only."""
    world.pass_time(48 * HOUR)
    answer = SendMessage(conversation_id=BENS, message_id=MessageId("msg_8"), text="private")
    with pytest.raises(RefusedError) as caught:
        world.portal.do(answer, actor=world.client(BEN))
    assert caught.value.decision.since == world.clock.at
    assert str(caught.value) == "refused: conversation `auto_closed` (MSG-5)"
