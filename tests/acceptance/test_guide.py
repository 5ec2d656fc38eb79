"""The guide, line by line, on memory and on SQLite."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.acceptance.world import ANN, BEN, DORA, EMIL, FILE, HOUR, MONDAY, PRACTICE, TALK, World

from clientportal.domain.ids import ContactId, InviteId, RelationshipId
from clientportal.domain.moments import MICROSECOND
from clientportal.domain.practices import MessagingPolicy
from clientportal.domain.relationships import Contact, Scope
from clientportal.errors import RefusedError, UnauthenticatedError
from clientportal.usecases.accepting import SeeInvite
from clientportal.usecases.appointments import (
    CancelAppointment,
)
from clientportal.usecases.conversations import StartConversation
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.documentation import DownloadDocument, SeeDocuments
from clientportal.usecases.documents import ShareDocument
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.invites import InviteRelated, SendInvite, SendInvites
from clientportal.usecases.joining import EnterWaitingRoom, SeeMeeting, StartMeeting
from clientportal.usecases.people import (
    AssignClient,
    ChangeClient,
    SeeClient,
    SeeClients,
    UnassignClient,
)
from clientportal.usecases.practices import SeePractice, SetMessagingPolicy
from clientportal.usecases.recipients import ExplainClient, SeeRecipients
from clientportal.usecases.relationships import Relate, SeeRelationships
from clientportal.usecases.settings import ChangeProfile, SeeSettings, SetLanguage, SetTimezone
from clientportal.usecases.slots import SeeSlots


@pytest.fixture(params=["memory", "sqlite"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """The practice, on each storage; nobody but staff is in yet."""
    made = World("memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'guide.db'}")
    yield made
    made.close()


@pytest.fixture
def inside(world: World) -> World:
    """The practice once both clients have taken up their invites."""
    world.let_in(ANN, "ann@example.org")
    world.let_in(BEN, "ben@example.org")
    return world


def inbox(world: World, who: Any) -> Any:
    """The inbox of *who*."""
    return world.look(who, SeeInbox())


def dashboard(world: World, who: Any) -> Any:
    """Ann's dashboard as *who* sees it."""
    return world.look(who, SeeDashboard(client_id=ANN))


def titles(world: World, who: Any) -> set[str]:
    """The titles of Ann's documents that *who* sees."""
    return {each.title for each in world.look(who, SeeDocuments(client_id=ANN))}


def policy(world: World, value: MessagingPolicy) -> None:
    """Set the messaging policy."""
    world.do(DORA, SetMessagingPolicy(policy=value))


def started(world: World, who: Any, client: Any, staff: Any) -> StartConversation:
    """The command with which *who* started a conversation."""
    command: StartConversation = world.start(client, staff)
    world.do(who, command)
    return command


def test_guide_1(world: World) -> None:
    """GUIDE-1: Staff invite a client from the list, or from the record; both are one command."""
    listed = {each.client.given_name: each.client.id for each in world.look(DORA, SeeClients())}
    from_list = SendInvite(invite_id=world.new(InviteId), client_id=listed["Ann"])
    record = world.look(DORA, SeeClient(client_id=BEN))
    from_record = SendInvite(invite_id=world.new(InviteId), client_id=record.id)
    assert [world.do(DORA, each) for each in (from_list, from_record)] == ["sent", "sent"]
    assert all(each.invite is not None for each in world.look(DORA, SeeClients()))


def test_guide_1_by_many(world: World) -> None:
    """GUIDE-1: From the client list many are invited at once, with a result for each."""
    pairs = tuple((world.new(InviteId), client) for client in (ANN, BEN))
    receipt = world.portal.do(SendInvites(invites=pairs), actor=world.actor(DORA))
    assert [(each.key, each.code) for each in receipt.results] == [(ANN, "sent"), (BEN, "sent")]


def test_guide_2(world: World) -> None:
    """GUIDE-2: The client gets the invite at the email address on their record, as it is now."""
    world.do(DORA, SendInvite(invite_id=world.new(InviteId), client_id=ANN))
    world.deliver()
    before = len(world.mails)
    assert world.mails[-1].recipient == "ann@example.org"
    moved = world.look(DORA, SeeClient(client_id=ANN))
    world.do(
        DORA, ChangeClient(client=type(moved)(id=ANN, given_name="Ann", email="a@new.example"))
    )
    world.clock.advance(HOUR)
    world.do(DORA, SendInvite(invite_id=world.new(InviteId), client_id=ANN))
    world.deliver()
    assert [mail.recipient for mail in world.mails[before:]] == ["a@new.example"]


def test_guide_3(world: World) -> None:
    """GUIDE-3: The link leads to an account; after that, and not before, the client signs in."""
    world.do(DORA, SendInvite(invite_id=world.new(InviteId), client_id=ANN))
    world.deliver()
    with pytest.raises(UnauthenticatedError, match="not_recognised"):
        world.sign_in("ann@example.org")
    visitor = world.portal.visitor(PRACTICE, link=world.link("ann@example.org"))
    for _ in range(3):
        assert world.portal.look(SeeInvite(), actor=visitor).email == "ann@example.org"
    world.accept("ann@example.org")
    assert world.sign_in("ann@example.org").client_id == ANN
    with pytest.raises(RefusedError, match="invite_used"):
        world.accept("ann@example.org")


def test_guide_4(inside: World) -> None:
    """GUIDE-4: The dashboard shows past and future appointments with notes and documents."""
    past = inside.book(DORA, MONDAY + 2 * HOUR)
    future = inside.book(DORA, MONDAY + timedelta(days=3))
    inside.note(DORA, "What we said", shared=True, at=past)
    inside.note(DORA, "What I thought", at=past)
    inside.do(DORA, ShareDocument(document_id=inside.upload(DORA, "plan.pdf", at=future)))
    inside.clock.advance(timedelta(days=1))
    seen = dashboard(inside, ANN)
    shown = {
        each.appointment.id: [document.title for document in each.documents]
        for each in (*seen.past, *seen.upcoming)
    }
    assert shown == {past: ["What we said"], future: ["plan.pdf"]}
    assert [len(page) for page in (seen.past, seen.upcoming)] == [1, 1]
    assert inside.hidden(BEN, SeeDashboard(client_id=ANN)) == "not_found"


def test_guide_5_book_and_cancel(inside: World) -> None:
    """GUIDE-5: From the dashboard the client views, books and cancels appointments."""
    offer = SeeSlots(client_id=ANN, staff_id=DORA, service_id=TALK, start=MONDAY)
    starts = [slot.interval.start for slot in inside.look(ANN, offer)]
    booked = inside.book(ANN, starts[3], accepted=False)
    (seen,) = dashboard(inside, ANN).upcoming
    assert (seen.appointment.id, seen.appointment.status.value) == (booked, "requested")
    assert seen.may_cancel
    assert starts[3] not in [slot.interval.start for slot in inside.look(ANN, offer)]
    assert inside.do(ANN, CancelAppointment(appointment_id=booked)) == "may_cancel"
    assert dashboard(inside, ANN).upcoming == ()
    assert inside.do(ANN, CancelAppointment(appointment_id=booked)) == "already_cancelled"


def test_guide_5_join(inside: World) -> None:
    """GUIDE-5: A session is joined from 15 minutes before its start to 30 minutes after its end."""
    start = MONDAY + timedelta(days=1, hours=1)
    appointment_id = inside.book(ANN, start)
    come, door = (each(appointment_id=appointment_id) for each in (EnterWaitingRoom, SeeMeeting))
    for at, said in (
        (start - timedelta(minutes=15) - MICROSECOND, "not_yet_open"),
        (start - timedelta(minutes=15), "may_join"),
        (start + timedelta(minutes=90) - MICROSECOND, "may_join"),
        (start + timedelta(minutes=90), "no_longer_open"),
    ):
        inside.clock.at = at
        assert inside.code(ANN, come) == said
        assert inside.code(BEN, come) == "not_found"
    inside.clock.at = start
    assert inside.look(ANN, door).link is None
    assert inside.do(DORA, StartMeeting(appointment_id=appointment_id)) == "may_start_meeting"
    links = {inside.look(who, door).link for who in (ANN, DORA)}
    assert len(links) == 1
    assert links.pop().startswith("https://video.example/")
    assert inside.hidden(BEN, door) == "not_found"


def test_guide_6(inside: World) -> None:
    """GUIDE-6: In the inbox the client reads the practice's messages, and nobody else does."""
    command = started(inside, DORA, ANN, DORA)
    (seen,) = inbox(inside, ANN)
    assert (seen.unread, seen.latest.text) == (1, "Hello")
    view = SeeConversation(conversation_id=command.conversation_id)
    assert [each.text for each in inside.look(ANN, view).messages] == ["Hello"]
    assert inbox(inside, BEN) == ()
    assert inside.hidden(BEN, view) == "not_found"
    assert inside.hidden(EMIL, view) == "not_found"


@pytest.mark.parametrize("value", MessagingPolicy, ids=lambda each: each.value)
def test_guide_7(inside: World, value: MessagingPolicy) -> None:
    """GUIDE-7: Clients are told why they may not write; staff look up the same for that client."""
    started(inside, DORA, ANN, DORA)
    policy(inside, value)
    said = inside.code(ANN, inside.start(ANN, DORA))
    explained = inside.look(EMIL, ExplainClient(client_id=ANN))
    starts = {each.staff_id: each.may_start.reason.code for each in explained.starts}
    assert starts[DORA] == said
    assert explained.policy == value.value


def test_guide_8(inside: World) -> None:
    """GUIDE-8: Reply only is the default; it closes after 48 hours without a client reply."""
    assert inside.look(DORA, SeePractice()).practice.policy is MessagingPolicy.REPLY_ONLY
    assert inside.code(ANN, inside.start(ANN, DORA)) == "client_may_not_start"
    conversation = started(inside, DORA, ANN, DORA).conversation_id
    closes = inside.clock() + 48 * HOUR
    inside.clock.at = closes - MICROSECOND
    assert inbox(inside, ANN)[0].deadline == closes
    assert inside.portal.ask(inside.reply(conversation), actor=inside.actor(ANN))
    inside.clock.at = closes
    assert inside.code(ANN, inside.reply(conversation)) == "auto_closed"
    assert inbox(inside, ANN)[0].may_write.since == closes
    assert inside.do(DORA, inside.reply(conversation)) == "staff_may_write"
    assert inside.do(ANN, inside.reply(conversation)) == "may_reply"
    inside.clock.advance(100 * HOUR)
    assert inside.do(ANN, inside.reply(conversation)) == "may_reply"


def test_guide_9(inside: World) -> None:
    """GUIDE-9: Never initiate: clients start nothing, and answer what is open at any time."""
    policy(inside, MessagingPolicy.NEVER_INITIATE)
    conversation = started(inside, DORA, ANN, DORA).conversation_id
    inside.clock.advance(1000 * HOUR)
    assert inside.code(ANN, inside.start(ANN, DORA)) == "client_may_not_start"
    assert inside.look(ANN, SeeRecipients(client_id=ANN)) == ()
    assert inside.do(ANN, inside.reply(conversation)) == "may_reply_any_time"


def test_guide_10(inside: World) -> None:
    """GUIDE-10: Assigned clients only: communication is limited to each staff member's roster."""
    inside.do(DORA, AssignClient(client_id=ANN, staff_id=DORA))
    policy(inside, MessagingPolicy.ASSIGNED_CLIENTS_ONLY)
    conversation = started(inside, ANN, ANN, DORA).conversation_id
    assert inside.code(ANN, inside.start(ANN, EMIL)) == "not_on_roster"
    assert inside.code(BEN, inside.start(BEN, DORA)) == "no_assigned_staff"
    assert inside.code(DORA, inside.start(BEN, DORA)) == "not_on_roster"
    assert [each.staff_id for each in inside.look(ANN, SeeRecipients(client_id=ANN))] == [DORA]
    inside.do(DORA, UnassignClient(client_id=ANN, staff_id=DORA))
    assert inside.code(ANN, inside.reply(conversation)) == "no_assigned_staff"
    assert inside.code(DORA, inside.reply(conversation)) == "not_on_roster"


def test_guide_11(inside: World) -> None:
    """GUIDE-11: All clients: any client starts a direct conversation with staff at any time."""
    policy(inside, MessagingPolicy.ALL_CLIENTS)
    for hours, client, staff in ((0, ANN, DORA), (7, ANN, EMIL), (13, BEN, DORA), (99, BEN, EMIL)):
        inside.clock.advance(hours * HOUR)
        assert inside.do(client, inside.start(client, staff)) == "any_client"
    assert {each.with_clients for each in inbox(inside, EMIL)} == {("Ann",), ("Ben",)}


def test_guide_12(inside: World) -> None:
    """GUIDE-12: The client sees what is shared, uploads, writes notes, and downloads both."""
    inside.note(DORA, "Shared", shared=True)
    draft = inside.note(DORA, "Draft")
    assert titles(inside, ANN) == {"Shared"}
    assert inside.hidden(ANN, DownloadDocument(document_id=draft)) == "not_found"
    uploaded, written = inside.upload(ANN, "../letter.pdf"), inside.note(ANN, "Mine")
    assert titles(inside, ANN) == {"Shared", "letter.pdf", "Mine"}
    assert titles(inside, DORA) == {"Shared", "Draft", "letter.pdf", "Mine"}
    for document_id, content in ((uploaded, FILE), (written, b"Text.")):
        download = inside.look(ANN, DownloadDocument(document_id=document_id))
        assert b"".join(download.chunks) == content
    assert inside.hidden(BEN, DownloadDocument(document_id=uploaded)) == "not_found"


def test_guide_13(inside: World) -> None:
    """GUIDE-13: The client sees who is related to them, and the documentation shared with each."""
    carl, bond = ContactId("con_carl"), RelationshipId("rel_carl")
    related = Relate(
        relationship_id=bond,
        client_id=ANN,
        contact=Contact(id=carl, name="Carl", email="carl@example.org"),
        kind="brother",
        scopes=frozenset({Scope.READ_DOCUMENTS}),
        shares_information=True,
    )
    inside.do(DORA, related)
    inside.do(
        DORA, ShareDocument(document_id=inside.note(DORA, "For Carl", shared=True), reader=carl)
    )
    inside.note(DORA, "For Ann", shared=True)
    (seen,) = inside.look(ANN, SeeRelationships(client_id=ANN))
    assert (seen.person_name, seen.relationship.kind) == ("Carl", "brother")
    assert [each.title for each in seen.documents] == ["For Carl"]
    inside.do(DORA, InviteRelated(invite_id=inside.new(InviteId), relationship_id=bond))
    inside.deliver()
    inside.accept("carl@example.org")
    assert titles(inside, "carl@example.org") == {"For Carl"}


def test_guide_14(inside: World) -> None:
    """GUIDE-14: In settings the client updates their profile, and sets language and timezone."""
    inside.book(ANN, MONDAY + timedelta(days=1))
    before = [each.appointment for each in dashboard(inside, ANN).upcoming]
    inside.do(ANN, ChangeProfile(client_id=ANN, display_name="Annie", phone="+49 30 1"))
    inside.do(ANN, SetLanguage(client_id=ANN, language="de"))
    inside.do(ANN, SetTimezone(client_id=ANN, timezone="Asia/Tokyo"))
    seen = inside.look(ANN, SeeSettings(client_id=ANN))
    assert (seen.display_name, seen.phone) == ("Annie", "+49 30 1")
    assert (seen.language, seen.timezone) == ("de", "Asia/Tokyo")
    assert [each.appointment for each in dashboard(inside, ANN).upcoming] == before


def test_the_demonstration_plays_every_line(tmp_path: Path) -> None:
    """`clientportal demo --json` finds no line of the guide false, and names what is to come."""
    command = [sys.executable, "-m", "clientportal", "demo", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    guide = json.loads(done.stdout)["guide"]
    later = {"4": ["forms"], "12": ["forms"], "14": ["mfa", "payment method"]}
    assert {number: line["later"] for number, line in guide.items() if line["later"]} == later
    assert {n: line["holds"] for n, line in guide.items()} == {
        str(n): "later" if str(n) in later else True for n in range(1, 15)
    }
    assert list(tmp_path.iterdir()) == []
