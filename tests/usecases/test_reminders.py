"""Mails about appointments, and reminders, through the relay (APT-14, OUT-1, OUT-2, OUT-5)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any, Final

import pytest
from attrs import define, evolve, field

from clientportal import Relay
from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor
from clientportal.domain.appointment_notices import AppointmentNotice, NoticeStatus, Topic
from clientportal.domain.availability import Service
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ConversationId,
    ServiceId,
    StaffId,
)
from clientportal.domain.moments import Moment
from clientportal.domain.people import Permissions
from clientportal.domain.practices import BookingRules, MessagingTexts
from clientportal.domain.relationships import Scope
from clientportal.domain.reminders import QuietHours, ReminderRules
from clientportal.embedded.mail import MemoryMailer
from clientportal.embedded.memory import MemoryStorage
from clientportal.errors import AdapterError
from clientportal.ports.mail import Mail
from clientportal.ports.queries import AttendanceOf
from clientportal.serialization import event_of
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    DORA,
    MEETING,
    MOTHER,
    OWNER,
    PASSWORD,
    PRACTITIONER,
    RECEPTION,
    STAFF,
    TALK,
    account_of,
    dora,
    invite_of,
    populate,
)
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.appointments import (
    AcceptAppointment,
    BookAppointment,
    CancelAppointment,
    DeclineAppointment,
)
from clientportal.usecases.availability import AddService
from clientportal.usecases.conversations import CloseConversation
from clientportal.usecases.people import ArchiveClient, ChangeStaffMember
from clientportal.usecases.practices import ChangePractice
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship
from clientportal.usecases.reminders import (
    RecordAppointmentNotice,
    SeeAppointmentToMail,
    SeeDueReminders,
    SeeRemindersToMail,
)
from clientportal.usecases.settings import SetLanguage, SetTimezone

NEW: Final = AppointmentId("apt_9")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
#: An afternoon in New York, so that nothing is due in quiet hours.
AHEAD: Final = 5 * DAY + 5 * HOUR
OLGAS, PIAS, ANNS, BENS, DORAS = (
    f"{name}@example.org" for name in ("olga", "pia", "ann", "ben", "dora")
)


@define
class Post:
    """A mailer that fails for some addresses, and whose answer may be lost once it has the mail."""

    unreachable: frozenset[str] = frozenset()
    is_cut_off: bool = False
    given: list[Mail] = field(factory=list)

    def deliver(self, mail: Mail) -> None:
        """Take *mail*, or fail as a server does."""
        if mail.recipient in self.unreachable:
            raise AdapterError("mail_refused", retryable=False)
        self.given.append(mail)
        if self.is_cut_off:
            raise AdapterError("mail_unreachable", retryable=True)


@define
class Desk:
    """A world, the relay that runs over it, and what it mailed."""

    world: World
    mailer: MemoryMailer = field(factory=MemoryMailer)

    def relay(self, mailer: Any = None) -> Relay:
        """The relay, with its usual mailer or another."""
        return Relay(
            portal=self.world.portal,
            mailer=self.mailer if mailer is None else mailer,
            sign_link=self.world.workshop.sign_link,
            event_of=event_of,
            sender="portal@riverside.example",
            link_base="https://portal.example/i/",
        )

    def post(self) -> list[Mail]:
        """What goes out when the relay runs now."""
        before = len(self.mailer.delivered)
        self.relay().deliver(self.world.practice_id)
        return self.mailer.delivered[before:]

    def mailed(self) -> list[tuple[str, str]]:
        """Who is mailed of what when the relay runs now."""
        return [(mail.recipient, mail.subject.partition(": ")[2]) for mail in self.post()]

    def book(self, who: Actor, after: timedelta, **given: Any) -> Moment:
        """Somebody books a talk of Ann with Pia, so long after now; when it starts."""
        start = self.world.clock.at + after
        base = {
            "appointment_id": NEW,
            "client_id": ANN,
            "staff_id": PRACTITIONER,
            "service_id": TALK,
            "start": start,
        }
        self.world.done(BookAppointment(**{**base, **given}), who)
        return start

    def at(self, moment: Moment) -> list[tuple[str, str]]:
        """Who is mailed of what when the relay runs at *moment*."""
        self.world.clock.at = moment
        return self.mailed()

    def set(self, **given: Any) -> None:
        """Change the settings of the practice."""
        self.world.done(ChangePractice(**given), self.owner)

    @property
    def owner(self) -> Actor:
        """The practice's owner."""
        return self.world.staff(OWNER)

    def notices(self, appointment_id: AppointmentId = NEW) -> dict[tuple[str, int], NoticeStatus]:
        """What is noted down about an appointment, by person and minutes."""
        with self.world.storage.open(self.world.practice_id) as work:
            (facts,) = work.read((AttendanceOf(appointment_id),))
        noted: tuple[AppointmentNotice, ...] = facts.notices
        return {(each.person, each.minutes): each.status for each in noted}


def settled(world: World) -> Desk:
    """The cast, nothing ahead of them, and all that was to be mailed already mailed."""
    desk = Desk(world)
    close = CloseConversation(conversation_id=ConversationId("cnv_2"))
    world.done(close, world.staff(PRACTITIONER))
    desk.post()
    for number in (1, 2):
        cancel = CancelAppointment(appointment_id=AppointmentId(f"apt_{number}"))
        world.done(cancel, desk.owner)
    desk.post()
    return desk


@pytest.fixture
def desk(either: World) -> Desk:
    """A quiet day."""
    return settled(either)


REQUESTED, BOOKED = "an appointment was requested", "an appointment is booked"
ACCEPTED, DECLINED = "your appointment is accepted", "an appointment was declined"
CANCELLED, REMINDER = "an appointment was cancelled", "your appointment"


def test_a_request_is_mailed_to_whom_it_is_made_and_the_answer_to_who_asked(desk: Desk) -> None:
    """OUT-5: requested to the staff member, accepted to the client, cancelled to the others."""
    ann, pia = desk.world.client(ANN), desk.world.staff(PRACTITIONER)
    desk.book(ann, AHEAD)
    assert desk.mailed() == [(PIAS, REQUESTED)]
    desk.world.done(AcceptAppointment(appointment_id=NEW), pia)
    assert desk.mailed() == [(ANNS, ACCEPTED)]
    desk.world.done(CancelAppointment(appointment_id=NEW), ann)
    assert desk.mailed() == [(PIAS, CANCELLED)]
    assert desk.mailed() == []


def test_a_request_that_is_declined(desk: Desk) -> None:
    """OUT-5: the client hears of it, whoever of the staff declined."""
    desk.book(desk.world.client(ANN), AHEAD)
    desk.mailed()
    desk.world.done(DeclineAppointment(appointment_id=NEW), desk.owner)
    assert desk.mailed() == [(ANNS, DECLINED)]


@pytest.mark.parametrize(
    ("who", "told"),
    [
        (PRACTITIONER, [ANNS]),
        (RECEPTION, [ANNS, PIAS]),
    ],
)
def test_what_staff_book_and_cancel_is_told_to_the_others(
    desk: Desk, who: StaffId, told: list[str]
) -> None:
    """OUT-5: the client, and the staff member whose time it is; nobody of their own deed."""
    staff = desk.world.staff(who)
    desk.book(staff, AHEAD)
    assert desk.mailed() == [(each, BOOKED) for each in told]
    desk.world.done(CancelAppointment(appointment_id=NEW), staff)
    assert desk.mailed() == [(each, CANCELLED) for each in told]


def test_what_a_client_books_outright_is_told_to_staff(desk: Desk) -> None:
    """APT-6, OUT-5: under auto-accept the staff member hears that their time is taken."""
    desk.set(booking=BookingRules(auto_accept=True))
    desk.mailed()
    desk.book(desk.world.client(ANN), AHEAD)
    assert desk.mailed() == [(PIAS, BOOKED)]


def test_a_mother_is_told_in_her_child_s_place(desk: Desk) -> None:
    """REL-2, OUT-5: by her own address; not of what she did herself."""
    mother = dora(desk.world)
    desk.book(mother, AHEAD, client_id=CAT)
    assert desk.mailed() == [(PIAS, REQUESTED)]
    desk.world.done(AcceptAppointment(appointment_id=NEW), desk.world.staff(PRACTITIONER))
    assert desk.mailed() == [(DORAS, ACCEPTED)]
    start = desk.world.clock.at + AHEAD
    assert desk.at(start - 48 * HOUR) == [(DORAS, REMINDER)]
    desk.world.done(CancelAppointment(appointment_id=NEW), mother)
    assert desk.mailed() == [(PIAS, CANCELLED)]


@pytest.mark.parametrize("how", ["scope", "end"])
def test_a_grant_that_ended_ends_the_mails(desk: Desk, how: str) -> None:
    """REL-6, OUT-5: who may not see the appointment any more is not told of it."""
    desk.book(desk.owner, AHEAD, client_id=CAT)
    assert desk.mailed() == [(DORAS, BOOKED), (PIAS, BOOKED)]
    others = frozenset(Scope) - {Scope.VIEW_APPOINTMENTS}
    ended = {
        "scope": ChangeRelationship(relationship_id=MOTHER, scopes=others),
        "end": EndRelationship(relationship_id=MOTHER),
    }
    desk.world.done(ended[how], desk.owner)
    assert desk.at(desk.world.clock.at + 3 * DAY) == []
    desk.world.done(CancelAppointment(appointment_id=NEW), desk.owner)
    assert desk.mailed() == [(PIAS, CANCELLED)]


def test_nothing_goes_to_who_is_archived_or_has_no_account(desk: Desk) -> None:
    """OUT-5, INV-7: of Dan, who never took up his invite, only staff hear; archived ends it."""
    desk.book(desk.owner, AHEAD, client_id=DAN)
    start = desk.book(desk.owner, AHEAD + HOUR, appointment_id=AppointmentId("apt_10"))
    desk.world.done(ArchiveClient(client_id=ANN), desk.owner)
    assert desk.mailed() == [(PIAS, BOOKED)] * 2
    assert desk.at(start - 48 * HOUR) == []


def test_staff_who_may_not_see_the_calendar_are_not_told(desk: Desk) -> None:
    """PPL-3: a mail tells nobody what a look would refuse them."""
    blind = evolve(STAFF[0], permissions=Permissions())
    desk.world.done(ChangeStaffMember(staff=blind), desk.owner)
    desk.book(desk.world.client(ANN), AHEAD)
    assert desk.mailed() == []


def test_what_was_overtaken_is_not_told(desk: Desk) -> None:
    """OUT-1: a relay that comes late tells what is so now, and nothing of what has started."""
    ann = desk.world.client(ANN)
    desk.book(ann, AHEAD)
    desk.world.done(AcceptAppointment(appointment_id=NEW), desk.owner)
    assert desk.mailed() == [(ANNS, ACCEPTED)]
    desk.book(desk.owner, 6 * DAY, appointment_id=AppointmentId("apt_10"))
    desk.book(ann, 7 * DAY, appointment_id=AppointmentId("apt_11"))
    desk.world.done(CancelAppointment(appointment_id=AppointmentId("apt_10")), desk.owner)
    assert desk.at(desk.world.clock.at + 8 * DAY) == [(ANNS, CANCELLED), (PIAS, CANCELLED)]


def words(mail: Mail) -> set[str]:
    """Every word of what a mail says, in lower case."""
    return set(re.findall(r"\w+", f"{mail.subject}\n{mail.text}".lower()))


def test_a_mail_holds_no_clinical_word_and_nobody_s_name(desk: Desk) -> None:
    """OUT-2: no service, no reason, no name, no id; when it is, and where to sign in."""
    desk.set(texts=MessagingTexts(contact="Desk: +1 555 {when}"))
    desk.book(desk.world.client(ANN), AHEAD)
    desk.book(desk.owner, 6 * DAY, appointment_id=AppointmentId("apt_10"), service_id=MEETING)
    mails = desk.post()
    desk.world.done(AcceptAppointment(appointment_id=NEW), desk.owner)
    mails += desk.post()
    desk.world.done(CancelAppointment(appointment_id=NEW, reason="Walnut"), desk.owner)
    desk.world.pass_time(4 * DAY)
    mails += desk.post()
    secret = {"talk", "meeting", "walnut", "ann", "pia", "olga", "video", "apt", "cli", "stf"}
    assert len(mails) == 7
    for mail in mails:
        assert words(mail).isdisjoint(secret), mail.text
        assert mail.subject.startswith("Riverside: ")
        assert "2026-03-0" in mail.text
        assert not {"{", "}"} & set(mail.text.replace("{when}", ""))
        assert re.fullmatch(r"[0-9a-f]{64}@clientportal", mail.message_id)
    assert mails[-1].text.endswith("\nDesk: +1 555 {when}\n")


def test_times_and_words_are_the_reader_s(desk: Desk) -> None:
    """SET-2, APT-16: remote in the client's zone, in person the venue's first; in their language.

    To staff in the practice's.
    """
    ben = desk.world.client(BEN)
    desk.world.done(SetLanguage(client_id=BEN, language="es-MX"), ben)
    desk.world.done(SetTimezone(client_id=BEN, timezone="Europe/Madrid"), ben)
    desk.set(reminders=ReminderRules(offsets=()))
    desk.book(desk.owner, 2 * DAY, client_id=BEN)
    remote, staff = desk.post()
    assert (remote.recipient, remote.subject) == (BENS, "Riverside: cita reservada")
    assert "\n2026-03-04 15:00 (Europe/Madrid)\n" in remote.text
    assert (staff.recipient, staff.subject) == (PIAS, f"Riverside: {BOOKED}")
    assert "\n2026-03-04 09:00 (America/New_York)\n" in staff.text
    second = {"appointment_id": AppointmentId("apt_10"), "service_id": MEETING}
    desk.book(desk.owner, 3 * DAY, client_id=BEN, **second)
    venue = "2026-03-05 09:00 (America/New_York) / 2026-03-05 15:00 (Europe/Madrid)"
    in_person, staff = desk.post()
    assert f"\n{venue}\n" in in_person.text
    assert "Madrid" not in staff.text
    desk.set(language="es")
    desk.world.done(CancelAppointment(appointment_id=NEW), ben)
    assert [mail.subject for mail in desk.post()] == ["Riverside: cita cancelada"]


def test_two_days_and_two_hours_before(desk: Desk) -> None:
    """APT-14: once each, not a moment earlier, and never again."""
    start = desk.book(desk.owner, AHEAD)
    assert desk.mailed() == [(ANNS, BOOKED), (PIAS, BOOKED)]
    assert desk.at(start - 48 * HOUR - MINUTE) == []
    assert desk.at(start - 48 * HOUR) == [(ANNS, REMINDER)]
    assert desk.mailer.delivered[-1].at == start - 48 * HOUR
    assert desk.at(start - 2 * HOUR - MINUTE) == []
    assert desk.at(start - 2 * HOUR) == [(ANNS, REMINDER)]
    assert desk.mailed() == []
    assert desk.at(start) == []
    sent = NoticeStatus.SENT
    assert {k: v for k, v in desk.notices().items() if k[1]} == {
        (account_of(ANN), 2880): sent,
        (account_of(ANN), 120): sent,
    }


def test_the_night_before_instead_of_in_the_night(desk: Desk) -> None:
    """APT-14: of what starts at 9 in the client's zone, at one minute to 21 the evening before."""
    desk.world.done(SetTimezone(client_id=ANN, timezone="Europe/Madrid"), desk.world.client(ANN))
    start = desk.book(desk.owner, 4 * DAY - 6 * HOUR)
    desk.mailed()
    assert desk.at(start - 48 * HOUR - MINUTE) == []
    assert desk.at(start - 48 * HOUR) == [(ANNS, REMINDER)]
    assert desk.at(start - 12 * HOUR - 2 * MINUTE) == []
    assert desk.at(start - 12 * HOUR - MINUTE) == [(ANNS, REMINDER)]


def test_settings_of_the_practice(desk: Desk) -> None:
    """APT-14: other spans, no quiet hours, or no reminders at all."""
    start = desk.book(desk.owner, AHEAD)
    desk.mailed()
    desk.set(reminders=ReminderRules(offsets=()))
    assert desk.at(start - 40 * HOUR) == []
    awake = ReminderRules(offsets=(14 * HOUR, 30 * MINUTE), quiet=QuietHours(start=0, end=0))
    desk.set(reminders=awake)
    assert desk.at(start - 14 * HOUR) == [(ANNS, REMINDER)]
    assert desk.at(start - 30 * MINUTE) == [(ANNS, REMINDER)]


def test_requests_are_not_reminded_of_and_what_is_cancelled_is_void(desk: Desk) -> None:
    """APT-14: only what is booked, and only as it is now."""
    start = desk.book(desk.world.client(ANN), AHEAD)
    other = {"appointment_id": AppointmentId("apt_10")}
    desk.book(desk.owner, AHEAD + HOUR, **other)
    desk.mailed()
    desk.world.done(CancelAppointment(**other), desk.owner)
    desk.mailed()
    assert desk.at(start - 47 * HOUR) == []
    assert desk.at(start - 2 * HOUR) == []


@pytest.mark.parametrize("late", [timedelta(0), MINUTE])
def test_what_is_booked_later_than_due_is_not_reminded_of(desk: Desk, late: timedelta) -> None:
    """APT-14: who books within the two days was told enough; to the moment."""
    start = desk.book(desk.owner, 48 * HOUR - late)
    expected = [(ANNS, BOOKED), (PIAS, BOOKED), *([] if late else [(ANNS, REMINDER)])]
    assert desk.mailed() == expected
    assert desk.at(start - 2 * HOUR) == [(ANNS, REMINDER)]


def test_what_is_accepted_later_than_due_is_not_reminded_of(desk: Desk) -> None:
    """APT-14: the mail that it was accepted stands for the reminder that was due before."""
    start = desk.book(desk.world.client(ANN), AHEAD)
    desk.mailed()
    desk.world.clock.at = start - 47 * HOUR
    desk.world.done(AcceptAppointment(appointment_id=NEW), desk.world.staff(PRACTITIONER))
    assert desk.at(start - 46 * HOUR) == [(ANNS, ACCEPTED)]
    assert desk.at(start - 2 * HOUR) == [(ANNS, REMINDER)]


@pytest.mark.parametrize(
    ("before", "status"),
    [(HOUR + MINUTE, NoticeStatus.SENT), (HOUR, NoticeStatus.SKIPPED)],
    ids=["more than an hour", "an hour"],
)
def test_found_late(desk: Desk, before: timedelta, status: NoticeStatus) -> None:
    """APT-14: sent while the start is more than an hour away, else recorded as skipped."""
    start = desk.book(desk.owner, AHEAD)
    desk.mailed()
    sent = status is NoticeStatus.SENT
    assert desk.at(start - before) == ([(ANNS, REMINDER)] * 2 if sent else [])
    ann = account_of(ANN)
    noted = desk.notices()
    assert (noted[ann, 2880], noted[ann, 120]) == (status, status)
    assert desk.at(start - 48 * HOUR) == []
    assert desk.at(start - MINUTE) == []


def test_a_clock_that_jumps_reminds_nobody_twice(desk: Desk) -> None:
    """B43: an hour back, a year on and back again: each reminder once."""
    start = desk.book(desk.owner, AHEAD)
    desk.mailed()
    assert desk.at(start - 48 * HOUR) == [(ANNS, REMINDER)]
    assert desk.at(start - 49 * HOUR) == []
    assert desk.at(start + 365 * DAY) == []
    assert desk.at(start - 48 * HOUR) == []
    assert desk.at(start - 2 * HOUR) == [(ANNS, REMINDER)]
    assert desk.at(start - 3 * HOUR) == []
    assert desk.at(start - 2 * HOUR) == []


def told_by(every: timedelta) -> tuple[set[Any], dict[Any, Any], list[Any]]:
    """Six days of a practice whose relay runs *every* so often: reminders, notes, appointments."""
    desk = settled(populate(World(MemoryStorage())))
    start = desk.book(desk.owner, AHEAD)
    desk.mailed()
    sent: set[Any] = set()
    while desk.world.clock.at < start:
        desk.world.pass_time(every)
        sent |= {(mail.recipient, mail.message_id, mail.at) for mail in desk.post()}
    with desk.world.storage.open(desk.world.practice_id) as work:
        (facts,) = work.read((AttendanceOf(NEW),))
    return sent, desk.notices(), [facts.appointment, facts.client]


def test_how_often_the_relay_runs_changes_no_mail() -> None:
    """OUT-3: every ten minutes or now and then, the same mails with the same dates and ids."""
    often = told_by(10 * MINUTE)
    assert len(often[0]) == 2
    assert told_by(50 * MINUTE) == often


def test_a_relay_that_never_ran_changes_nothing_but_mails() -> None:
    """OUT-3: appointments and people are the same, and nothing is mailed of what is over."""
    desk = settled(populate(World(MemoryStorage())))
    start = desk.book(desk.owner, AHEAD)
    assert desk.at(start) == []
    assert told_by(10 * MINUTE)[2][0].sequence == 0


def test_two_relays_send_one_mail_each(desk: Desk) -> None:
    """OUT-1: what one has sent and noted down the other does not send."""
    start = desk.book(desk.owner, AHEAD)
    desk.mailed()
    desk.world.clock.at = start - 48 * HOUR
    first, second = Post(), Post()
    for post in (first, second, first):
        desk.relay(post).deliver(desk.world.practice_id)
    assert (len(first.given), len(second.given)) == (1, 0)


def test_a_mail_that_is_sent_again_is_the_same_mail(desk: Desk) -> None:
    """OUT-1: a crash between sending and noting it repeats the mail, Message-ID and all."""
    start = desk.book(desk.owner, AHEAD)
    post = Post(is_cut_off=True)
    desk.relay(post).deliver(desk.world.practice_id)
    desk.world.pass_time(HOUR)
    post.is_cut_off = False
    desk.relay(post).deliver(desk.world.practice_id)
    assert post.given[:2] == post.given[2:]
    desk.world.clock.at = start - 48 * HOUR
    post.is_cut_off = True
    desk.relay(post).deliver(desk.world.practice_id)
    desk.world.pass_time(HOUR)
    desk.relay(post).deliver(desk.world.practice_id)
    assert post.given[4] == post.given[5]
    assert len({mail.message_id for mail in post.given}) == 3


def test_one_address_that_refuses_keeps_the_mail_from_nobody(desk: Desk) -> None:
    """OUT-1: the others are told once; who could not be reached is tried until it is too late."""
    start = desk.book(desk.owner, AHEAD)
    post = Post(unreachable=frozenset({ANNS}))
    for _ in range(3):
        desk.relay(post).deliver(desk.world.practice_id)
    assert [mail.recipient for mail in post.given] == [PIAS]
    desk.world.clock.at = start - 3 * HOUR
    desk.relay(post).deliver(desk.world.practice_id)
    desk.world.clock.at = start - HOUR
    desk.relay(post).deliver(desk.world.practice_id)
    assert len(post.given) == 1
    assert desk.notices()[account_of(ANN), 2880] is NoticeStatus.SKIPPED


def test_more_than_a_page_of_appointments_is_reminded_of(world: World) -> None:
    """APT-14: the relay walks through all that start soon."""
    desk = settled(world)
    short = Service(id=ServiceId("svc_9"), name="Call", duration=5)
    world.done(AddService(service=short), desk.owner)
    for number in range(105):
        given = {"appointment_id": AppointmentId(f"apt_x{number:03}"), "service_id": short.id}
        start = desk.book(desk.owner, AHEAD + number * 5 * MINUTE, **given)
    assert len(desk.mailed()) == 210
    assert len(desk.at(start - 48 * HOUR)) == 105
    assert desk.mailed() == []


def test_reminders_are_the_practice_s_own_machinery(desk: Desk) -> None:
    """PPL-6: nobody else sees whom to mail, or notes that they were."""
    start = desk.book(desk.owner, AHEAD)
    missing = Denied("NotFoundError", "not_found")
    views = (
        SeeDueReminders(),
        SeeRemindersToMail(appointment_id=NEW),
        SeeAppointmentToMail(appointment_id=NEW, topic=Topic.BOOKED, at=start),
    )
    noted = RecordAppointmentNotice(
        appointment_id=NEW, sequence=0, topic=Topic.BOOKED, person=account_of(ANN), at=start
    )
    for who in (desk.owner, desk.world.client(ANN), desk.world.visitor()):
        assert [desk.world.look(view, who) for view in views] == [missing] * 3
        assert desk.world.do(noted, who) == missing
    assert desk.mailed() == [(ANNS, BOOKED), (PIAS, BOOKED)]


def test_what_is_noted_is_of_this_version_and_these_people(desk: Desk) -> None:
    """APT-14: of an earlier version, of somebody else and of nothing there is nothing to note."""
    at = desk.book(desk.owner, AHEAD)
    desk.mailed()
    before = desk.notices()
    base = RecordAppointmentNotice(
        appointment_id=NEW,
        sequence=0,
        topic=Topic.REMINDER,
        minutes=2880,
        person=account_of(ANN),
        at=at,
    )
    strangers: tuple[AccountId | StaffId, ...] = (account_of(BEN), account_of(DORA), OWNER)
    for each in (evolve(base, sequence=1), *(evolve(base, person=who) for who in strangers)):
        desk.world.done(each, desk.world.system())
    assert desk.notices() == before
    desk.world.done(base, desk.world.system())
    desk.world.done(evolve(base, status=NoticeStatus.SKIPPED), desk.world.system())
    assert desk.notices()[account_of(ANN), 2880] is NoticeStatus.SENT
    desk.world.done(CancelAppointment(appointment_id=NEW), desk.owner)
    assert desk.notices() == {}
    nothing = evolve(base, appointment_id=AppointmentId("apt_none"))
    missing = Denied("NotFoundError", "not_found")
    assert desk.world.do(nothing, desk.world.system()) == missing


def test_an_account_made_after_it_was_due_is_not_reminded(desk: Desk) -> None:
    """APT-14: a client who takes up their invite later is not reminded of what was due before."""
    start = desk.book(desk.owner, AHEAD, client_id=DAN)
    assert desk.at(start - 47 * HOUR) == [(PIAS, BOOKED)]
    accept = AcceptInvite(account_id=account_of(DAN), password=Secret(PASSWORD))
    desk.world.done(accept, desk.world.visitor(invite_of(DAN)))
    assert desk.mailed() == []
    assert desk.at(start - 2 * HOUR) == [("dan@example.org", REMINDER)]


def test_clients_are_named_once(desk: Desk) -> None:
    """APT-14: two appointments of two clients, each reminded of their own."""
    clients: tuple[ClientId, ...] = (ANN, BEN)
    for number, client_id in enumerate(clients):
        given = {"appointment_id": AppointmentId(f"apt_2{number}"), "client_id": client_id}
        start = desk.book(desk.owner, AHEAD + number * HOUR, **given)
    desk.mailed()
    assert desk.at(start - 48 * HOUR) == [(ANNS, REMINDER), (BENS, REMINDER)]
