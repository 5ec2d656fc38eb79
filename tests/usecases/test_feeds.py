"""Feeds: one's own appointments, under a token that can be revoked (APT-15)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.accounts import Access, Secret
from clientportal.domain.actors import Actor
from clientportal.domain.calendars import CalendarFile, EntryStatus, Method
from clientportal.domain.feeds import Feed
from clientportal.domain.ids import AccountId, AppointmentId, RelationshipId, StaffId
from clientportal.domain.people import Permissions, Reach, StaffMember, StaffStatus
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice
from clientportal.policies.feeds import FEED_SHOWN, FEED_UNKNOWN, FeedFacts, may_see_feed
from clientportal.testing.builders import MONDAY, PRACTICE, Denied, World
from clientportal.testing.cast import ANN, BEN, OWNER, PRACTITIONER, TALK, dora
from clientportal.usecases.appointments import BookAppointment, CancelAppointment
from clientportal.usecases.custody import Custody
from clientportal.usecases.feeds import MakeCalendarFeed, RevokeCalendarFeed, SeeCalendarFeed
from clientportal.usecases.people import ChangeStaffMember

DAY: Final = timedelta(days=1)
TOKEN: Final = "0123456789abcdef" * 4
UNKNOWN: Final = Denied("NotFoundError", "not_found")


def make(world: World, who: Actor, token: str = TOKEN) -> Any:
    """Have a feed."""
    return world.do(MakeCalendarFeed(token=Secret(token)), who)


def see(world: World, token: str = TOKEN) -> Any:
    """What somebody sees who knows nothing but the token."""
    visitor = world.portal.visitor(world.practice_id)
    return world.look(SeeCalendarFeed(token=Secret(token)), visitor)


def feed(world: World, token: str = TOKEN) -> CalendarFile:
    """The feed that opens."""
    found = see(world, token)
    assert isinstance(found, CalendarFile), found
    return found


def uids(file: CalendarFile) -> list[str]:
    """Which appointments are in it."""
    return [each.uid for each in file.entries]


def book(world: World, number: int, after: timedelta) -> AppointmentId:
    """Ann's talk with Pia, booked by Pia."""
    command = BookAppointment(
        appointment_id=AppointmentId(f"apt_{number}"),
        client_id=ANN,
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=world.clock.at + after,
    )
    world.done(command, world.staff(PRACTITIONER))
    return command.appointment_id


def test_a_token_opens_ones_own_appointments(world: World) -> None:
    """APT-15: those of the client, or of the staff member, and nobody's name."""
    make(world, world.client(ANN))
    make(world, world.staff(PRACTITIONER), "b" * 64)
    anns, pias = feed(world), feed(world, "b" * 64)
    assert uids(anns) == ["apt_1@prc_1"]
    assert set(uids(anns)) <= set(uids(pias))
    for file in (anns, pias):
        assert (file.method, file.organizer, file.attendee) == (Method.PUBLISH, "Riverside", None)
        assert {each.summary for each in file.entries} == {"Riverside: Appointment"}


def test_a_feed_follows_what_changes(world: World) -> None:
    """APT-15: what is called off stays in it as cancelled, with the next sequence."""
    make(world, world.client(ANN))
    world.done(CancelAppointment(appointment_id=AppointmentId("apt_1")), world.client(ANN))
    (entry,) = feed(world).entries
    assert (entry.status, entry.sequence) == (EntryStatus.CANCELLED, 1)


def test_a_feed_reaches_ninety_days_back(world: World) -> None:
    """APT-15: in order of time; what started longer ago is not in it."""
    make(world, world.staff(PRACTITIONER))
    late, soon = book(world, 8, 40 * DAY), book(world, 9, 2 * DAY)
    start = world.clock.at
    assert [each for each in uids(feed(world)) if each[4] in "89"] == [
        f"{soon}@prc_1",
        f"{late}@prc_1",
    ]
    for passed, expected in ((92 * DAY - DAY, True), (92 * DAY, False)):
        world.clock.at = start + passed
        assert (f"{soon}@prc_1" in uids(feed(world))) is expected
        assert f"{late}@prc_1" in uids(feed(world))


def test_a_feed_holds_the_thousand_latest(world: World) -> None:
    """APT-15: bounded, whoever asks; the oldest are left out."""
    make(world, world.client(ANN))
    for number in range(1001):
        book(world, 1000 + number, 3 * DAY + number * timedelta(hours=2))
    found = uids(feed(world))
    assert len(found) == 1000
    assert (found[0], found[-1]) == ("apt_1001@prc_1", "apt_2000@prc_1")


def test_only_the_digest_is_kept(world: World) -> None:
    """INV-9, APT-15: what is stored opens nothing."""
    make(world, world.client(ANN))
    storage: Any = world.storage
    kept: Feed = storage.rooms[world.practice_id].rows[Feed, ANN][1]
    assert TOKEN not in f"{kept} {kept.digest}"
    assert see(world, kept.digest) == UNKNOWN


def test_a_new_token_ends_the_old_one(world: World) -> None:
    """APT-15: one feed for a person; the older address opens nothing more."""
    ann = world.client(ANN)
    make(world, ann)
    make(world, ann, "c" * 64)
    assert see(world) == UNKNOWN
    assert uids(feed(world, "c" * 64)) == ["apt_1@prc_1"]


def test_a_revoked_feed_opens_nothing(world: World) -> None:
    """APT-15: at once, as if it had never been; revoking again changes nothing."""
    ann = world.client(ANN)
    make(world, ann)
    assert world.done(RevokeCalendarFeed(), ann).events
    assert see(world) == see(world, "d" * 64) == UNKNOWN
    assert not world.done(RevokeCalendarFeed(), ann).events
    make(world, ann)
    assert uids(feed(world)) == ["apt_1@prc_1"]


@pytest.mark.parametrize(
    "change",
    [
        {"permissions": Permissions(view_calendar=Reach.NONE, edit_calendar=Reach.NONE)},
        {"status": StaffStatus.LEFT},
    ],
)
def test_who_has_left_has_no_feed(world: World, change: Any) -> None:
    """PPL-3: whether they still may see their calendar is looked at whenever the feed is."""
    make(world, world.staff(PRACTITIONER))
    assert uids(feed(world))
    storage: Any = world.storage
    pia: StaffMember = storage.rooms[world.practice_id].rows[StaffMember, PRACTITIONER][1]
    left = ChangeStaffMember(staff=evolve(pia, **change), custody=Custody(leave_unowned=True))
    world.done(left, world.staff(OWNER))
    assert see(world) == UNKNOWN


def test_a_feed_is_as_open_as_the_portal() -> None:
    """INV-7: a client without access of their own now has no feed either, nor has a proxy's."""
    facts = FeedFacts(
        practice=Practice(
            id=PRACTICE, name="R", policies=(PolicySince(MessagingPolicy.REPLY_ONLY, MONDAY),)
        ),
        feed=Feed(person=ANN, digest="0" * 64, made_at=MONDAY),
        access=Access(client_id=ANN, account_id=AccountId("acc_1"), since=MONDAY),
    )
    assert may_see_feed(facts) == FEED_SHOWN
    assert facts.access is not None
    for access in (
        None,
        evolve(facts.access, ended_at=MONDAY),
        evolve(facts.access, relationship_id=RelationshipId("rel_1")),
    ):
        assert may_see_feed(evolve(facts, access=access)) == FEED_UNKNOWN
    ended = evolve(facts.feed, ended_at=MONDAY)
    assert may_see_feed(evolve(facts, feed=ended)) == may_see_feed(None) == FEED_UNKNOWN


def test_nobody_has_anybody_elses(world: World) -> None:
    """REL-2, APT-15: a proxy, a visitor and the system have none; a token of two is refused."""
    for who in (dora(world), world.system(), world.portal.visitor(world.practice_id)):
        assert make(world, who) == Denied("RefusedError", "feed_for_oneself"), who
    make(world, world.client(ANN))
    assert make(world, world.client(BEN)).error == "ConflictError"
    assert uids(feed(world)) == ["apt_1@prc_1"]


@pytest.mark.parametrize("staff_id", [StaffId("stf_9")])
def test_no_member_no_feed(world: World, staff_id: StaffId) -> None:
    """PPL-3: somebody who does not work here has none."""
    assert make(world, world.staff(staff_id)) == Denied("UnauthenticatedError", "staff_left")
