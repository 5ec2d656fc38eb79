"""The relay: at least once, oldest first, and one failure never stops the rest (OUT-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import get_args

import pytest
from attrs import define, evolve, field

from clientportal import Portal, Relay
from clientportal.domain.actors import Actor
from clientportal.domain.deliveries import Delivery
from clientportal.domain.ids import ClientId, InviteId, PracticeId, StaffId
from clientportal.domain.people import Client
from clientportal.embedded.clock import SettableClock
from clientportal.embedded.files import MemoryFiles
from clientportal.embedded.keys import DevelopmentKeys
from clientportal.embedded.memory import MemoryStorage
from clientportal.embedded.video import NoRooms
from clientportal.errors import (
    AdapterError,
    ConfigurationError,
    MalformedError,
    NotFoundError,
)
from clientportal.ports.hookspecs import Heard, Subscriber
from clientportal.ports.mail import Mail
from clientportal.relay import PERFORMED
from clientportal.security.passwords import Argon2Parameters, Passwords
from clientportal.serialization import event_of, wire_of
from clientportal.usecases.deliveries import RecordDelivery, SeePending
from clientportal.usecases.effects import Effect
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
    """A mailer that keeps what it is given; while told to, it fails, or its answer is lost."""

    kept: list[Mail] = field(factory=list)
    fails: bool = False
    is_cut_off: bool = False

    def deliver(self, mail: Mail) -> None:
        """Keep *mail*, or fail as a server that is away does."""
        if self.fails:
            raise AdapterError("mail_unreachable", retryable=True)
        self.kept.append(mail)
        if self.is_cut_off:
            raise AdapterError("mail_unreachable", retryable=True)


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
        video=NoRooms(),
        random_bytes=random,
    )
    portal = Portal(
        storage=MemoryStorage(),
        clock=clock,
        new_id=lambda: f"{next(ids):08}",
        wire=wire_of(),
        workshop=workshop,
    )
    post = Post()
    heard: list[Heard] = []
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
    scene.post.is_cut_off = True
    scene.relay.deliver(PRACTICE)
    scene.post.is_cut_off = False
    scene.relay.deliver(PRACTICE)
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
    assert names == ["practice.opened", "staff_member.added", "invite.sent", "client.added"]
    assert [each.position for each in scene.heard] == [1, 2, 3, 4]


def test_a_subscriber_that_fails_is_tried_again_and_stops_nobody(scene: Scene) -> None:
    """OUT-1: what a subscriber raises leaves its event pending; all others go out."""
    broken = [True]

    def hear(heard: Heard) -> None:
        if broken[0] and heard.event.name == "staff_member.added":
            raise ValueError

    relay = evolve(scene.relay, subscribers=(Subscriber(name="fragile", hear=hear),))
    assert relay.deliver(PRACTICE) == 3
    broken[0] = False
    assert relay.deliver(PRACTICE) == 1


def deaf(_: Heard) -> None:
    """A subscriber that never manages to hear, and has more to say than a code."""
    raise RuntimeError("ann@example.org")


@pytest.mark.parametrize("deaf_first", [True, False])
def test_a_failing_subscriber_repeats_nothing_for_the_others(
    scene: Scene, *, deaf_first: bool
) -> None:
    """OUT-1: who has an event is not given it again because another consumer failed."""
    both = (Subscriber(name="deaf", hear=deaf), *scene.relay.subscribers)
    relay = evolve(scene.relay, subscribers=both if deaf_first else both[::-1])
    assert [relay.deliver(PRACTICE) for _ in range(5)] == [0] * 5
    assert [mail.recipient for mail in scene.post.kept] == ["olga@riverside.example"]
    assert [each.position for each in scene.heard] == [1, 2, 3, 4]
    pending = scene.portal.look(SeePending(), actor=scene.portal.system_actor(PRACTICE))
    tries = {(p.delivery.attempts, p.delivery.fault) for p in pending if p.delivery is not None}
    assert tries == {(5, "failed")}
    healed = evolve(relay, subscribers=scene.relay.subscribers)
    assert healed.deliver(PRACTICE) == 4
    assert (len(scene.post.kept), len(scene.heard)) == (1, 4)


def test_a_mailer_that_is_away_repeats_nothing_for_a_subscriber(scene: Scene) -> None:
    """OUT-1: a mail that fails keeps its event from nobody, and is the only thing tried again."""
    scene.post.fails = True
    assert [scene.relay.deliver(PRACTICE) for _ in range(3)] == [3, 0, 0]
    scene.post.fails = False
    assert scene.relay.deliver(PRACTICE) == 1
    assert [each.position for each in scene.heard] == [1, 2, 3, 4]


def test_an_event_that_cannot_be_read_is_heard_nevertheless(scene: Scene) -> None:
    """OUT-1: subscribers get the wire text, whether or not it says anything to the mail."""

    def unread(name: str, body: str) -> object:
        raise LookupError(name, body)

    assert evolve(scene.relay, event_of=unread).deliver(PRACTICE) == 0
    assert [each.position for each in scene.heard] == [1, 2, 3, 4]
    assert scene.mails() == ["olga@riverside.example"]
    assert len(scene.heard) == 4


def test_events_that_keep_failing_hold_up_nothing_behind_them(scene: Scene) -> None:
    """OUT-1: the relay walks past what fails, however much of it, to the end of the outbox."""
    for n in range(60):
        person = Client(id=ClientId(f"cli_x{n}"), given_name="Bo", birth_date=date(1990, 1, 1))
        command = AddClient(client=person, invite_id=InviteId(f"inv_x{n}"))
        scene.portal.do(command, actor=scene.owner)
    scene.invite()
    events = frozenset({"client.added"})
    relay = evolve(scene.relay, subscribers=(Subscriber(name="deaf", hear=deaf, events=events),))
    for mailed in (2, 2):
        relay.deliver(PRACTICE)
        assert len(scene.post.kept) == mailed
    assert scene.post.kept[-1].recipient == "ann@example.org"


def test_subscribers_have_names_of_their_own(scene: Scene) -> None:
    """What a subscriber has is noted under its name, so two of one name are refused."""
    twice = scene.relay.subscribers * 2
    with pytest.raises(ConfigurationError) as refused:
        evolve(scene.relay, subscribers=twice)
    assert refused.value.code == "subscriber_duplicate"


def test_every_kind_of_effect_is_performed() -> None:
    """OUT-1: the relay's table knows each effect that an event may have."""
    assert set(PERFORMED) == set(get_args(Effect) or (Effect,))


def test_what_is_known_to_be_done_stays_so(scene: Scene) -> None:
    """OUT-1: what several tries got done adds up; only a try without a fault delivers."""
    system = scene.portal.system_actor(PRACTICE)
    for done, fault in ((("b",), "x"), (("a", "b"), "y")):
        scene.portal.do(RecordDelivery(position=1, done=done, fault=fault), actor=system)
    (first,) = scene.portal.look(SeePending(limit=1), actor=system)
    assert first.delivery == Delivery(position=1, attempts=2, done=("b", "a"), fault="y")
    scene.portal.do(RecordDelivery(position=1), actor=system)
    later = scene.portal.look(SeePending(after=2, limit=1), actor=system)
    assert [each.position for each in later] == [3]
    assert scene.portal.look(SeePending(limit=1), actor=system)[0].position == 2


@pytest.mark.parametrize("limit", [0, -1, 1001])
def test_a_look_at_the_outbox_is_limited(limit: int) -> None:
    """A page holds 1 to 1000 events."""
    with pytest.raises(MalformedError):
        SeePending(limit=limit)


def test_nobody_but_the_relay_reads_the_outbox(scene: Scene) -> None:
    """PPL-6: `system` has its own closed list of commands; to others the outbox does not exist."""
    with pytest.raises(NotFoundError):
        scene.portal.look(SeePending(), actor=scene.owner)
    with pytest.raises(NotFoundError):
        scene.portal.do(RecordDelivery(position=1), actor=scene.owner)
