"""The relay: at least once, oldest first, and one failure never stops the rest (OUT-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count

import pytest
from attrs import define, field

from clientportal import Portal, Relay
from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, InviteId, PracticeId, StaffId
from clientportal.domain.people import Client
from clientportal.embedded.clock import SettableClock
from clientportal.embedded.files import MemoryFiles
from clientportal.embedded.keys import DevelopmentKeys
from clientportal.embedded.memory import MemoryStorage
from clientportal.errors import AdapterError, NotFoundError
from clientportal.ports.hookspecs import Heard, Subscriber
from clientportal.ports.mail import Mail
from clientportal.security.passwords import Argon2Parameters, Passwords
from clientportal.serialization import event_of, wire_of
from clientportal.usecases.deliveries import RecordDelivery, SeePending
from clientportal.usecases.invites import ResendInvite, RevokeInvite, SendInvite
from clientportal.usecases.people import AddClient
from clientportal.usecases.practices import OpenPractice
from clientportal.workshop import Workshop

PRACTICE = PracticeId("prc_1")
OWNER = StaffId("stf_1")
ANN = ClientId("cli_1")
LINK_BASE = "https://portal.example/i/"


def counted_bytes() -> Callable[[int], bytes]:
    """Random bytes that are the same in every run."""
    numbers = count()

    def take(most: int) -> bytes:
        out = b""
        while len(out) < most:
            out += sha256(str(next(numbers)).encode()).digest()
        return out[:most]

    return take


@define
class Post:
    """A mailer that keeps what it is given, and fails while told to."""

    kept: list[Mail] = field(factory=list)
    fails: bool = False

    def deliver(self, mail: Mail) -> None:
        """Keep *mail*, or fail as a server that is away does."""
        if self.fails:
            raise AdapterError("mail_unreachable", retryable=True)
        self.kept.append(mail)


@define
class Scene:
    """A practice with an owner and one client, a mailer and a relay."""

    clock: SettableClock
    portal: Portal
    post: Post
    relay: Relay
    heard: list[Heard]

    @property
    def owner(self) -> Actor:
        """The practice's owner."""
        return self.portal.trusted_actor(PRACTICE, staff_id=OWNER)

    def invite(self) -> None:
        """Invite the client."""
        command = SendInvite(invite_id=InviteId("inv_ann"), client_id=ANN)
        self.portal.do(command, actor=self.owner)

    def mails(self) -> list[str]:
        """Who was written to, in order."""
        self.relay.deliver(PRACTICE)
        return [mail.recipient for mail in self.post.kept]


@pytest.fixture
def scene() -> Scene:
    """A practice just opened, its owner invited, one client on the list."""
    random = counted_bytes()
    clock, ids = SettableClock(datetime(2026, 3, 2, 9, tzinfo=UTC)), count(1)
    passwords = Passwords(
        parameters=Argon2Parameters(memory=8, passes=1, lanes=1), random_bytes=random
    )
    workshop = Workshop(
        passwords=passwords,
        keys=DevelopmentKeys.in_memory(random),
        files=MemoryFiles(),
        random_bytes=random,
    )
    portal = Portal(
        storage=MemoryStorage(),
        clock=clock,
        new_id=lambda: f"{next(ids):08}",
        wire=wire_of(),
        workshop=workshop,
    )
    post, heard = Post(), []
    relay = Relay(
        portal=portal,
        mailer=post,
        sign_link=workshop.sign_link,
        event_of=event_of,
        sender="portal@riverside.example",
        link_base=LINK_BASE,
        subscribers=(Subscriber(name="all", hear=heard.append),),
    )
    portal.do(
        OpenPractice(
            practice_id=PRACTICE,
            practice_name="Riverside",
            owner_id=OWNER,
            owner_name="Olga Owner",
            owner_email="olga@riverside.example",
            invite_id=InviteId("inv_owner"),
        ),
        actor=portal.system_actor(PRACTICE),
    )
    ann = Client(id=ANN, given_name="Ann", email="ann@example.org", birth_date=date(1990, 1, 1))
    scene = Scene(clock, portal, post, relay, heard)
    portal.do(AddClient(client=ann, invite_id=InviteId("inv_auto")), actor=scene.owner)
    return scene


def test_an_invite_is_mailed_to_the_address_on_record_with_a_link_that_opens(scene: Scene) -> None:
    """GUIDE-2, GUIDE-3: the mail holds a link whose text is genuine for that practice."""
    scene.invite()
    assert scene.mails() == ["olga@riverside.example", "ann@example.org"]
    text = scene.post.kept[1].text
    line = next(line for line in text.splitlines() if line.startswith(LINK_BASE))
    visitor = scene.portal.visitor(PRACTICE, link=line.removeprefix(LINK_BASE))
    assert visitor.link is not None
    assert visitor.link.invite_id == "inv_ann"


def test_delivering_again_sends_nothing_again(scene: Scene) -> None:
    """OUT-1: what was delivered is marked, so a second run finds nothing pending."""
    scene.invite()
    assert scene.mails() == scene.mails()
    assert scene.relay.deliver(PRACTICE) == 0


def test_a_mailer_that_is_away_delays_the_mail_and_loses_nothing(scene: Scene) -> None:
    """OUT-1: a failure stays pending with its fault; the next run delivers the same mail."""
    scene.invite()
    scene.post.fails = True
    assert scene.mails() == []
    pending = scene.portal.look(SeePending(), actor=scene.portal.system_actor(PRACTICE))
    faults = {p.delivery.fault for p in pending if p.delivery is not None}
    assert faults == {"mail_unreachable"}
    scene.post.fails = False
    assert scene.mails() == ["olga@riverside.example", "ann@example.org"]


def test_the_message_id_is_that_of_the_event_whatever_the_try(scene: Scene) -> None:
    """OUT-1: at least once, with a stable id by which a repetition can be told."""
    scene.relay.deliver(PRACTICE)
    again = Relay(
        portal=scene.portal,
        mailer=scene.post,
        sign_link=scene.relay.sign_link,
        event_of=event_of,
        sender="portal@riverside.example",
        link_base=LINK_BASE,
    )
    pending = scene.portal.look(SeePending(), actor=scene.portal.system_actor(PRACTICE))
    assert not pending
    system = scene.portal.system_actor(PRACTICE)
    position = 3
    scene.portal.do(RecordDelivery(position=position, fault="lost"), actor=system)
    again.deliver(PRACTICE)
    assert len(scene.post.kept) == 2
    assert len({mail.message_id for mail in scene.post.kept}) == 1


@pytest.mark.parametrize("revoked", [True, False], ids=["revoked", "sent again"])
def test_a_link_that_would_open_nothing_is_not_mailed(scene: Scene, *, revoked: bool) -> None:
    """INV-3: what was revoked or superseded before the relay came is not sent any more."""
    scene.invite()
    scene.clock.advance(timedelta(minutes=5))
    if revoked:
        scene.portal.do(RevokeInvite(invite_id=InviteId("inv_ann")), actor=scene.owner)
    else:
        scene.portal.do(ResendInvite(invite_id=InviteId("inv_ann")), actor=scene.owner)
    expected = 0 if revoked else 1
    assert scene.mails().count("ann@example.org") == expected


def test_a_subscriber_hears_every_event_in_order(scene: Scene) -> None:
    """OUT-1: host applications subscribe to events, by the same relay."""
    scene.relay.deliver(PRACTICE)
    names = [each.event.name for each in scene.heard]
    assert names == ["practice.opened", "staff.added", "invite.sent", "client.added"]
    assert [each.position for each in scene.heard] == [1, 2, 3, 4]


def test_a_subscriber_that_fails_is_tried_again_and_stops_nobody(scene: Scene) -> None:
    """OUT-1: what a subscriber raises leaves its event pending; all others go out."""
    broken = [True]

    def hear(heard: Heard) -> None:
        if broken[0] and heard.event.name == "staff.added":
            raise ValueError

    relay = Relay(
        portal=scene.portal,
        mailer=scene.post,
        sign_link=scene.relay.sign_link,
        event_of=event_of,
        sender="portal@riverside.example",
        link_base=LINK_BASE,
        subscribers=(Subscriber(name="fragile", hear=hear),),
    )
    assert relay.deliver(PRACTICE) == 3
    broken[0] = False
    assert relay.deliver(PRACTICE) == 1


def test_nobody_but_the_relay_reads_the_outbox(scene: Scene) -> None:
    """PPL-6: `system` has its own closed list of commands; to others the outbox does not exist."""
    with pytest.raises(NotFoundError):
        scene.portal.look(SeePending(), actor=scene.owner)
    with pytest.raises(NotFoundError):
        scene.portal.do(RecordDelivery(position=1), actor=scene.owner)
