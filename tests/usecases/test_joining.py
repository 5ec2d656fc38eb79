"""Coming to a video appointment: waiting, starting, letting in, going (GUIDE-5, APT-12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any, Final

import pytest
from attrs import define, evolve, field, frozen

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.ids import AppointmentId, InviteId, RelationshipId
from clientportal.domain.moments import Interval
from clientportal.domain.people import StaffMember, StaffStatus
from clientportal.domain.practices import BookingRules
from clientportal.domain.relationships import Scope
from clientportal.embedded.video import NoRooms
from clientportal.flows import Change, Get
from clientportal.policies.joining import Door
from clientportal.receipts import Commit
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    MOTHER,
    OWNER,
    PARTNER,
    PASSWORD,
    PRACTITIONER,
    RECEPTION,
    TALK,
    TRAINEE,
    account_of,
    dora,
    populate,
)
from clientportal.testing.conformance.faces import Interrupted
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
)
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.invites import InviteRelated
from clientportal.usecases.joining import (
    AdmitAttendee,
    EndMeeting,
    EnterWaitingRoom,
    LeaveMeeting,
    MeetingSeen,
    SeeMeeting,
    StartMeeting,
)
from clientportal.usecases.people import ArchiveClient, ChangeStaffMember
from clientportal.usecases.practices import ChangePractice
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship

MINUTE: Final = timedelta(minutes=1)
INSTANT: Final = timedelta(microseconds=1)
DAY: Final = timedelta(days=1)
APT: Final = AppointmentId("apt_7")
COMMANDS: Final = (EnterWaitingRoom, StartMeeting, LeaveMeeting, EndMeeting)
SEE: Final = SeeMeeting(appointment_id=APT)


@frozen
class Scene:
    """Cat's talk with Pia, whose door has just opened; her mother may join."""

    world: World
    mother: Actor
    pia: Actor

    def do(self, command: Any, who: Actor) -> str:
        """The code that *who* hears."""
        told = command(appointment_id=APT) if isinstance(command, type) else command
        answer = self.world.do(told, who)
        return answer.code if isinstance(answer, Denied) else answer.reason

    def see(self, who: Actor) -> MeetingSeen:
        """The door as *who* sees it."""
        seen: Any = self.world.look(SEE, who)
        assert isinstance(seen, MeetingSeen), seen
        return seen

    def door(self, who: Actor) -> Door:
        """What the door is to *who*; the link is there exactly for who is in."""
        seen = self.see(who)
        assert (seen.link is not None) is (seen.door is Door.ADMITTED)
        return seen.door

    def there(self) -> list[str]:
        """Who has come, by the host's list."""
        return [each.name for each in self.see(self.pia).comers]

    def appointment(self) -> Appointment:
        """As it is stored."""
        with self.world.storage.open(self.world.practice_id) as work:
            found: Appointment = work.read((Get(Appointment, APT),))[0]
        return found

    def become(self, **changes: Any) -> None:
        """The appointment changes by a command that is not here: moved, restored."""
        with self.world.storage.open(self.world.practice_id) as work:
            (found,) = work.read((Get(Appointment, APT),))
            changed = evolve(found, sequence=found.sequence + 1, **changes)
            assert work.commit(Commit((Change(None, (changed,)),))) is None

    def rules(self, **rules: Any) -> None:
        """The practice's own settings."""
        command = ChangePractice(booking=BookingRules(**rules))
        self.world.done(command, self.world.staff(OWNER))


def played(world: World) -> Scene:
    """The scene in *world*."""
    book = BookAppointment(
        appointment_id=APT,
        client_id=CAT,
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=world.clock.at + 3 * DAY,
    )
    world.done(book, world.staff(RECEPTION))
    world.pass_time(3 * DAY - 15 * MINUTE)
    return Scene(world, dora(world), world.staff(PRACTITIONER))


@pytest.fixture
def scene(either: World) -> Scene:
    """On either storage."""
    return played(either)


def test_the_client_waits_until_the_host_starts(scene: Scene) -> None:
    """APT-12: come, wait, be let in when the host starts; both have one link, and others none."""
    mother, pia = scene.mother, scene.pia
    assert scene.door(mother) is Door.OPEN
    assert scene.do(EnterWaitingRoom, mother) == "may_join"
    assert scene.door(mother) is Door.WAITING
    came = scene.world.clock.at
    scene.world.pass_time(7 * MINUTE)
    (comer,) = scene.see(pia).comers
    assert (comer.attendee, comer.name, comer.since, comer.admitted_at) == (
        MOTHER,
        "Dora",
        came,
        None,
    )
    assert scene.door(pia) is Door.OPEN
    assert scene.do(StartMeeting, pia) == "may_start_meeting"
    seen, hosted = scene.see(mother), scene.see(pia)
    assert seen.door is hosted.door is Door.ADMITTED
    assert seen.link == hosted.link
    assert (seen.link or "").startswith("https://video.example/")
    assert (seen.opens_at, seen.closes_at) == (came, came + 95 * MINUTE)
    assert seen.comers == ()
    assert hosted.comers[0].admitted_at == scene.world.clock.at


def test_who_comes_late_is_let_in_at_once(scene: Scene) -> None:
    """APT-12: the host is there, and the practice lets in by itself."""
    scene.do(StartMeeting, scene.pia)
    assert scene.door(scene.mother) is Door.OPEN
    receipt = scene.world.done(EnterWaitingRoom(appointment_id=APT), scene.mother)
    assert [event.name for event in receipt.events] == ["waiting_room.entered", "attendee.admitted"]
    assert scene.door(scene.mother) is Door.ADMITTED


def test_the_host_lets_in_one_by_one(scene: Scene) -> None:
    """APT-12: a practice may have its hosts admit each person themselves."""
    scene.rules(auto_admit=False)
    mother, pia = scene.mother, scene.pia
    admit = AdmitAttendee(appointment_id=APT, attendee=MOTHER)
    scene.do(EnterWaitingRoom, mother)
    assert scene.do(admit, pia) == "not_started"
    scene.do(StartMeeting, pia)
    assert scene.door(mother) is Door.WAITING
    assert scene.do(AdmitAttendee(appointment_id=APT, attendee=CAT), pia) == "not_waiting"
    assert scene.do(admit, mother) == "host_only"
    assert scene.do(admit, pia) == "may_admit"
    assert scene.door(mother) is Door.ADMITTED
    assert scene.world.done(admit, pia).events == ()


def test_a_second_time_changes_nothing(scene: Scene) -> None:
    """APT-12: nobody waits anew by coming twice, and nothing is published twice."""
    for command, who in (
        (EnterWaitingRoom, scene.mother),
        (StartMeeting, scene.pia),
        (EnterWaitingRoom, scene.mother),
        (LeaveMeeting, scene.mother),
        (EndMeeting, scene.pia),
    ):
        scene.world.done(command(appointment_id=APT), who)
        before = scene.see(scene.pia), scene.see(scene.mother)
        scene.world.pass_time(MINUTE)
        second = scene.world.done(command(appointment_id=APT), who)
        assert second.events == ()
        assert (scene.see(scene.pia), scene.see(scene.mother)) == before


def test_going_and_coming_again(scene: Scene) -> None:
    """APT-12: who goes has no link; who comes again waits, or is let in, as at first."""
    mother, pia = scene.mother, scene.pia
    scene.do(EnterWaitingRoom, mother)
    assert scene.do(LeaveMeeting, mother) == "may_leave_meeting"
    assert (scene.door(mother), scene.there()) == (Door.OPEN, [])
    scene.do(StartMeeting, pia)
    assert scene.door(mother) is Door.OPEN
    scene.do(EnterWaitingRoom, mother)
    link = scene.see(mother).link
    assert scene.do(EndMeeting, pia) == "may_end_meeting"
    assert (scene.door(mother), scene.door(pia), scene.there()) == (Door.ENDED, Door.ENDED, [])
    scene.do(EnterWaitingRoom, mother)
    assert (scene.door(mother), scene.there()) == (Door.WAITING, ["Dora"])
    scene.do(StartMeeting, pia)
    assert scene.see(mother).link == link


def test_the_door_closes_by_itself(scene: Scene) -> None:
    """APT-12: 30 minutes after the end there is no link for anybody, without any command."""
    scene.do(EnterWaitingRoom, scene.mother)
    scene.do(StartMeeting, scene.pia)
    scene.world.pass_time(95 * MINUTE - INSTANT)
    assert scene.door(scene.mother) is scene.door(scene.pia) is Door.ADMITTED
    scene.world.pass_time(INSTANT)
    assert scene.door(scene.mother) is scene.door(scene.pia) is Door.CLOSED
    assert scene.there() == []
    for command, who in ((EnterWaitingRoom, scene.mother), (StartMeeting, scene.pia)):
        assert scene.do(command, who) == "no_longer_open"


def test_nobody_is_in_before_the_door_opens(scene: Scene) -> None:
    """APT-12: told from when on, which is an answer and no refusal; nothing can be started."""
    scene.world.pass_time(-INSTANT)
    seen = scene.see(scene.mother)
    assert (seen.door, seen.link) == (Door.NOT_YET_OPEN, None)
    assert seen.opens_at == scene.world.clock.at + INSTANT
    for command, who in ((EnterWaitingRoom, scene.mother), (StartMeeting, scene.pia)):
        told = scene.world.ask(command(appointment_id=APT), who)
        assert (told.reason.code, told.holds_until) == ("not_yet_open", seen.opens_at)
        assert scene.do(command, who) == "not_yet_open"


def test_a_clock_set_back_lets_nobody_in_early(scene: Scene) -> None:
    """APT-12: the door is what its hours say; what happened inside stays as it was."""
    scene.do(EnterWaitingRoom, scene.mother)
    scene.world.pass_time(10 * MINUTE)
    scene.do(StartMeeting, scene.pia)
    scene.world.pass_time(-5 * MINUTE)
    assert scene.door(scene.mother) is Door.ADMITTED
    scene.do(LeaveMeeting, scene.mother)
    scene.do(EnterWaitingRoom, scene.mother)
    assert scene.door(scene.mother) is Door.ADMITTED
    scene.world.pass_time(-5 * MINUTE - INSTANT)
    assert scene.door(scene.mother) is scene.door(scene.pia) is Door.NOT_YET_OPEN
    scene.world.pass_time(INSTANT)
    assert scene.door(scene.mother) is Door.ADMITTED


def test_moving_cancelling_and_restoring_kill_every_link(scene: Scene) -> None:
    """APT-12: a room is given out for one version of the appointment, and never again."""
    mother, pia = scene.mother, scene.pia
    links: list[str | None] = []

    def met() -> None:
        scene.do(EnterWaitingRoom, mother)
        scene.do(StartMeeting, pia)
        assert scene.see(mother).link == scene.see(pia).link
        links.append(scene.see(mother).link)

    met()
    first = scene.appointment().interval
    later = Interval(first.start + 5 * MINUTE, first.end + 5 * MINUTE)
    for changes in ({"interval": later}, {"interval": first}, {"interval": later}):
        scene.world.pass_time(MINUTE)
        scene.become(**changes)
        assert (scene.see(mother).link, scene.see(pia).link, scene.there()) == (None, None, [])
        if scene.door(mother) is Door.NOT_YET_OPEN:
            scene.world.pass_time(5 * MINUTE)
        assert scene.door(mother) is scene.door(pia) is Door.OPEN
        met()
    assert scene.do(CancelAppointment(appointment_id=APT), pia) == "may_cancel"
    for who in (mother, pia):
        assert scene.world.look(SEE, who) == Denied("RefusedError", "not_booked")
        assert [scene.do(each, who) for each in COMMANDS] == ["not_booked"] * 4
    scene.become(status=AppointmentStatus.BOOKED)
    assert (scene.door(mother), scene.door(pia)) == (Door.OPEN, Door.OPEN)
    met()
    assert None not in links
    assert len(set(links)) == len(links) == 5


def test_outsiders_find_no_door(scene: Scene) -> None:
    """APT-12, PPL-3: another client, a colleague whatever they may, the system, a visitor."""
    world = scene.world
    scene.do(EnterWaitingRoom, scene.mother)
    scene.do(StartMeeting, scene.pia)
    admit = AdmitAttendee(appointment_id=APT, attendee=MOTHER)
    for who in (
        world.client(ANN),
        world.client(BEN),
        world.staff(OWNER),
        world.staff(RECEPTION),
        world.staff(TRAINEE),
        world.system(),
        world.visitor(),
        evolve(scene.mother, relationship_id=RelationshipId("rel_99")),
        evolve(scene.mother, client_id=ANN),
    ):
        assert world.look(SEE, who) == Denied("NotFoundError", "not_found")
        for command in (*(each(appointment_id=APT) for each in COMMANDS), admit):
            assert world.do(command, who) == Denied("NotFoundError", "not_found")
    nothing = AppointmentId("apt_99")
    for command in COMMANDS:
        assert world.do(command(appointment_id=nothing), scene.pia).error == "NotFoundError"


def _ended(scene: Scene) -> None:
    scene.world.done(EndRelationship(relationship_id=MOTHER), scene.world.staff(OWNER))


def _without_scope(scene: Scene) -> None:
    less = frozenset(Scope) - {Scope.JOIN}
    command = ChangeRelationship(relationship_id=MOTHER, scopes=less)
    scene.world.done(command, scene.world.staff(OWNER))


@pytest.mark.parametrize(
    ("withdraw", "code"), [(_ended, "not_found"), (_without_scope, "not_in_grant")]
)
@pytest.mark.parametrize("started", [False, True])
def test_who_may_no_longer_join_is_out_at_once(
    scene: Scene, withdraw: Callable[[Scene], None], code: str, started: bool
) -> None:
    """APT-12, REL-6: no link, no place in the host's list, nobody to let in."""
    scene.rules(auto_admit=False)
    scene.do(EnterWaitingRoom, scene.mother)
    if started:
        scene.do(StartMeeting, scene.pia)
        scene.do(AdmitAttendee(appointment_id=APT, attendee=MOTHER), scene.pia)
        assert scene.door(scene.mother) is Door.ADMITTED
    withdraw(scene)
    assert scene.world.look(SEE, scene.mother).code == code
    assert scene.do(EnterWaitingRoom, scene.mother) == code
    scene.do(StartMeeting, scene.pia)
    assert scene.there() == []
    admit = AdmitAttendee(appointment_id=APT, attendee=MOTHER)
    assert scene.do(admit, scene.pia) == "not_waiting"
    scene.rules(auto_admit=True)
    scene.do(EndMeeting, scene.pia)
    assert scene.world.done(StartMeeting(appointment_id=APT), scene.pia).events


def test_a_host_who_left_and_a_client_who_went(scene: Scene) -> None:
    """APT-12, PPL-3: nobody is in with staff who left; an archived client has no meeting."""
    world, owner = scene.world, scene.world.staff(OWNER)
    scene.do(EnterWaitingRoom, scene.mother)
    scene.do(StartMeeting, scene.pia)
    assert scene.door(scene.mother) is Door.ADMITTED
    left = StaffMember(id=PRACTITIONER, name="Pia", status=StaffStatus.LEFT)
    world.done(ChangeStaffMember(staff=left), owner)
    assert world.look(SEE, scene.pia) == Denied("NotFoundError", "not_found")
    assert world.do(EndMeeting(appointment_id=APT), scene.pia).error == "NotFoundError"
    assert scene.door(scene.mother) is Door.WAITING
    scene.do(LeaveMeeting, scene.mother)
    scene.do(EnterWaitingRoom, scene.mother)
    assert scene.door(scene.mother) is Door.WAITING
    world.done(ArchiveClient(client_id=CAT), owner)
    assert world.look(SEE, scene.mother) == Denied("RefusedError", "client_not_served")


def test_several_come(either: World) -> None:
    """APT-12: the client and who acts for them, each by themselves, in order of coming."""
    ann, pia, anns = either.client(ANN), either.staff(PRACTITIONER), AppointmentId("apt_1")
    either.done(AcceptAppointment(appointment_id=anns), pia)
    ben = partner(either)
    either.pass_time(DAY)
    for who in (ben, ann):
        either.done(EnterWaitingRoom(appointment_id=anns), who)
    see, start = SeeMeeting(appointment_id=anns), StartMeeting(appointment_id=anns)
    hosts: Any = either.look(see, pia)
    assert [(each.attendee, each.name) for each in hosts.comers] == [(PARTNER, "Ben"), (ANN, "Ann")]
    either.done(start, pia)
    seen: list[Any] = [either.look(see, who) for who in (ann, ben, pia)]
    assert {each.door for each in seen} == {Door.ADMITTED}
    assert len({each.link for each in seen}) == 1
    either.done(LeaveMeeting(appointment_id=anns), ben)
    seen = [either.look(see, who) for who in (ann, ben, pia)]
    assert [each.door.value for each in seen] == ["admitted", "open", "admitted"]
    admit = AdmitAttendee(appointment_id=anns, attendee=MOTHER)
    assert either.do(admit, pia) == Denied("RefusedError", "not_waiting")


def partner(world: World) -> Actor:
    """Ben, who may join for Ann."""
    owner, invite_id = world.staff(OWNER), InviteId("inv_partner")
    scopes = frozenset({Scope.JOIN})
    world.done(ChangeRelationship(relationship_id=PARTNER, scopes=scopes), owner)
    world.done(InviteRelated(invite_id=invite_id, relationship_id=PARTNER), owner)
    account_id = account_of(BEN)
    accept = AcceptInvite(account_id=account_id, password=Secret(PASSWORD))
    world.done(accept, world.visitor(invite_id, account_id=account_id))
    return world.proxy(ANN, account_id, PARTNER)


@pytest.mark.parametrize("command", COMMANDS)
def test_cancelled_meanwhile(scene: Scene, command: Any) -> None:
    """APT-12: who decided on an appointment that is cancelled before the commit decides again."""
    host = command in (StartMeeting, EndMeeting)
    scene.do(EnterWaitingRoom if host else StartMeeting, scene.mother if host else scene.pia)
    if command is EndMeeting:
        scene.do(StartMeeting, scene.pia)
    if command is LeaveMeeting:
        scene.do(EnterWaitingRoom, scene.mother)
    cancel = CancelAppointment(appointment_id=APT)
    face = Interrupted(scene.world.storage, lambda: scene.world.done(cancel, scene.pia))
    who = scene.pia if host else scene.mother
    answer = scene.world.do(command(appointment_id=APT), who, through=face)
    assert answer == Denied("RefusedError", "not_booked")


def test_host_and_client_come_at_once(scene: Scene) -> None:
    """APT-12: whichever comes first, the client is let in."""
    start = StartMeeting(appointment_id=APT)
    face = Interrupted(scene.world.storage, lambda: scene.world.done(start, scene.pia))
    scene.world.do(EnterWaitingRoom(appointment_id=APT), scene.mother, through=face)
    assert scene.door(scene.mother) is Door.ADMITTED


def test_the_dashboard_says_who_may_join(scene: Scene) -> None:
    """DASH-1: each appointment with its decisions and hours."""
    (seen,) = scene.world.look(SeeDashboard(client_id=CAT), scene.mother).upcoming
    assert (seen.may_join.reason.code, seen.opens_at) == ("may_join", scene.world.clock.at)


def test_no_link_is_written_down(scene: Scene) -> None:
    """APT-12: neither events nor what is printed tell the room, nor the name of who waits."""
    scene.do(EnterWaitingRoom, scene.mother)
    scene.do(StartMeeting, scene.pia)
    seen = scene.see(scene.pia)
    assert seen.link is not None
    assert seen.link not in repr(seen)
    assert "Dora" not in repr(seen)
    room = seen.link.rpartition("/")[2]
    for command, who in ((LeaveMeeting, scene.mother), (EndMeeting, scene.pia)):
        receipt = scene.world.done(command(appointment_id=APT), who)
        assert all(room not in event.body for event in receipt.events)


def test_without_a_video_service_all_else_works() -> None:
    """APT-12: a practice without rooms hears so when somebody would go in, and not before."""
    world = populate(World())
    shop = evolve(world.workshop, video=NoRooms())
    world.workshop, world.portal = shop, evolve(world.portal, workshop=shop)
    scene = played(world)
    scene.do(EnterWaitingRoom, scene.mother)
    assert scene.door(scene.mother) is Door.WAITING
    scene.do(StartMeeting, scene.pia)
    assert world.look(SEE, scene.mother) == Denied("AdapterError", "no_video_service")


@define
class Model:
    """What the rule says of one proxy and one host, as a few marks; played beside the portal."""

    scene: Scene
    running: bool = False
    came: bool = False
    let_in: bool = False
    auto: bool = True
    given: set[str | None] = field(factory=set)

    def come(self) -> None:
        """The mother comes."""
        self.scene.do(EnterWaitingRoom, self.scene.mother)
        self.let_in = self.let_in or (self.running and self.auto and not self.came)
        self.came = True

    def start(self) -> None:
        """Pia starts."""
        self.scene.do(StartMeeting, self.scene.pia)
        self.let_in = self.let_in or (self.came and self.auto and not self.running)
        self.running = True

    def admit(self) -> None:
        """Pia lets the mother in, if she may."""
        told = self.scene.do(AdmitAttendee(appointment_id=APT, attendee=MOTHER), self.scene.pia)
        assert (told == "may_admit") is (self.running and self.came)
        self.let_in = self.let_in or told == "may_admit"

    def leave(self) -> None:
        """The mother goes."""
        self.scene.do(LeaveMeeting, self.scene.mother)
        self.came = self.let_in = False

    def end(self) -> None:
        """Pia ends it."""
        self.scene.do(EndMeeting, self.scene.pia)
        if self.running:
            self.running = self.came = self.let_in = False

    def switch(self) -> None:
        """The practice sets how it admits."""
        self.auto = not self.auto
        self.scene.rules(auto_admit=self.auto)

    def move(self) -> None:
        """The appointment is moved by a minute, and the minute passes."""
        self.given |= {self.scene.see(self.scene.pia).link} - {None}
        interval = self.scene.appointment().interval
        self.scene.become(interval=Interval(interval.start + MINUTE, interval.end + MINUTE))
        self.scene.world.pass_time(MINUTE)
        self.running = self.came = self.let_in = False

    def check(self) -> None:
        """Links are had by whom the rule names, and none that was given before a move."""
        hosts, mothers = self.scene.see(self.scene.pia), self.scene.see(self.scene.mother)
        assert (hosts.link is not None) is self.running
        assert (mothers.link is not None) is (self.running and self.let_in)
        assert {hosts.link, mothers.link}.isdisjoint(self.given)
        assert [each.name for each in hosts.comers] == ["Dora"] * self.came


@pytest.mark.parametrize("seed", range(12))
def test_at_random_no_link_without_host_and_leave(either: World, seed: int) -> None:
    """APT-12: whatever happens, links are had by who came, was let in and has a host; no others."""
    model, rng = Model(played(either)), Random(seed)
    deeds = (model.come, model.start, model.admit, model.leave, model.end, model.switch, model.move)
    for _ in range(40):
        rng.choice((*deeds, model.come, model.start))()
        model.check()
