"""Reading lists of past visits, and bringing them into a practice (APT-16)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest
from attrs import evolve

from clientportal.client_lists import import_clients, read_client_list
from clientportal.csv_lists import RefusedRow
from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Modality
from clientportal.domain.ids import AppointmentId, InviteId, PracticeId, ServiceId, StaffId
from clientportal.domain.people import StaffMember, StaffStatus
from clientportal.embedded.clock import SettableClock
from clientportal.errors import MalformedError
from clientportal.flows import Get
from clientportal.histories import (
    History,
    HistoryReport,
    StaffList,
    id_of,
    import_history,
    read_history,
    read_staff_list,
    staff_id_of,
)
from clientportal.parts import Parts
from clientportal.security.passwords import Argon2Parameters
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.availability import SeeCatalogue
from clientportal.usecases.dashboard import AppointmentSeen, SeeAppointments
from clientportal.usecases.people import SeeClients
from clientportal.usecases.practices import OpenPractice

PRACTICE = PracticeId("prc_list")
OWNER = StaffId("stf_owner")
NOW = datetime(2026, 11, 23, 15, tzinfo=UTC)
HEADER = b"external_id,client_external_id,staff_external_id,start,end,class,type,status\n"
ROW: Final = (
    b"v1", b"c1", b"s1", b"2020-01-02T09:00:07-05:00", b"2020-01-02T10:00:00-05:00", b"AMB",
    b"Talk", b"finished",
)  # fmt: skip
CLIENTS = b"external_id,given_name\nc1,Ann\nc2,Ben\n"
STAFF = b"external_id,given_name,family_name,prefix\ns1,Ida,Wells,Dr.\ns2,Bo,,\n"


def row(**cells: bytes) -> bytes:
    """A good row, but for *cells*."""
    names = HEADER.decode().strip().split(",")
    good = dict(zip(names, ROW, strict=True))
    return b",".join({**good, **{f"{k}": v for k, v in cells.items()}}[name] for name in names)


def of_class(text: bytes, **more: bytes) -> bytes:
    """A row of another class, whose name Python keeps to itself."""
    return row(**{"class": text, **more})


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        pytest.param(b"", "empty_list", "file", id="an empty file"),
        pytest.param(HEADER + b"1,\xff\n", "not_utf8", f"byte {len(HEADER) + 2}", id="Latin-1"),
        pytest.param(HEADER.replace(b",end", b""), "missing_column", "end", id="no end"),
        pytest.param(HEADER.replace(b",type", b""), "missing_column", "type", id="no type"),
        pytest.param(HEADER.replace(b"class", b"end"), "duplicate_column", "end", id="end twice"),
        pytest.param(HEADER.replace(b"class", b""), "unnamed_column", "column 6", id="unnamed"),
        pytest.param(HEADER.replace(b"class", b"a\0"), "invalid_text", "column 6", id="NUL"),
        pytest.param(HEADER + b'"v1', "unclosed_quote", "row 2", id="an open quote"),
    ],
)
def test_a_faulty_file_is_refused_whole(raw: bytes, code: str, where: str) -> None:
    """APT-16, PPL-7: what is wrong with the file refuses all of it, and says where."""
    with pytest.raises(MalformedError) as caught:
        read_history(raw)
    assert (caught.value.code, caught.value.problems[0].path) == (code, where)


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        pytest.param(row(external_id=b""), "missing_external_id", "external_id", id="no id"),
        pytest.param(row(client_external_id=b" "), "missing_cell", "client_external_id", id="who"),
        pytest.param(row(staff_external_id=b""), "missing_cell", "staff_external_id", id="whom"),
        pytest.param(row(staff_external_id=b"stf_"), "invalid_id", "staff_external_id", id="stf_"),
        pytest.param(row(type=b""), "missing_cell", "type", id="no type"),
        pytest.param(row(type=b"x" * 201), "text_too_long", "type", id="a long type"),
        pytest.param(row(type=b"a\0b"), "invalid_text", "type", id="NUL in a type"),
        pytest.param(row(type=b"x" * 1_000_000), "text_too_long", "type", id="a cell of 1 MB"),
        pytest.param(row(start=b""), "missing_cell", "start", id="no start"),
        pytest.param(row(start=b"2020-01-02T09:00:00"), "invalid_moment", "start", id="no offset"),
        pytest.param(row(start=b"2020-02-30T09:00Z"), "invalid_moment", "start", id="30 February"),
        pytest.param(row(start=b"02.01.2020 9:00"), "invalid_moment", "start", id="dots"),
        pytest.param(row(start=b"1850-01-02T09:00Z"), "invalid_moment", "start", id="1850"),
        pytest.param(row(start=b"2020-W01-1T09:00Z"), "invalid_moment", "start", id="a week"),
        pytest.param(row(end=b"2020-01-02T14:00:07Z"), "invalid_interval", "end", id="no time"),
        pytest.param(row(end=b"2019-01-02T09:00Z"), "invalid_interval", "end", id="backwards"),
        pytest.param(of_class(b"XYZ"), "unknown_class", "class", id="an unknown class"),
        pytest.param(row(status=b"planned"), "unknown_status", "status", id="planned"),
        pytest.param(row(status=b"cancelled"), "unknown_status", "status", id="cancelled"),
        pytest.param(row() + b",x", "wrong_cell_count", "row", id="a cell too many"),
        pytest.param(b'"v1"x,' + row(), "invalid_quotes", "row", id="text after a quote"),
    ],
)
def test_a_faulty_row_is_refused_alone(line: bytes, code: str, field: str) -> None:
    """APT-16: the row and the field are named, and the rest goes in."""
    found = read_history(HEADER + row(external_id=b"v0") + b"\r\n" + line + b"\n")
    assert [(each.row, each.code, each.field) for each in found.refused] == [(3, code, field)]
    assert [(at, each.external_id) for at, each in found.appointments.items()] == [(2, "v0")]


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_what_spreadsheets_write_is_read(bom: bytes, end: bytes) -> None:
    """PPL-7: with or without BOM, CRLF or LF, quoted or not; text is kept as given."""
    lines = [
        HEADER.strip() + b",room", row(type=b'"=cmd(), ""x"""') + b",7",
        of_class(b"VR", external_id=b"v2", type=b"Talk") + b",",
        of_class(b"", external_id=b"v3", status=b"", start=b"2020-01-02 09:00+00:00") + b",",
    ]  # fmt: skip
    found = read_history(bom + end.join(lines))
    assert (found.refused, found.ignored) == ((), ("room",))
    assert [(each.name, each.modality) for each in found.services] == [
        ('=cmd(), "x"', Modality.IN_PERSON),
        ("Talk", Modality.VIDEO),
        ("Talk", Modality.IN_PERSON),
    ]
    assert not any(each.is_bookable_online for each in found.services)


def test_a_service_lasts_as_long_as_most_of_its_visits() -> None:
    """APT-16: from a minute to a day, whatever the visits."""
    ends = (b"2020-01-02T14:50:30Z", b"2020-01-02T14:50:59Z", b"2020-01-29T14:00:08Z")
    rows = [row(external_id=b"%d" % n, end=end) for n, end in enumerate(ends)]
    rows += [row(external_id=b"9", type=b"Stay", end=ends[2])]
    rows += [row(external_id=b"8", type=b"Blink", end=b"2020-01-02T14:00:08Z")]
    found = read_history(HEADER + b"\n".join(rows))
    assert {each.name: each.duration for each in found.services} == {
        "Talk": 50,
        "Stay": 1440,
        "Blink": 1,
    }


def test_ids_follow_from_the_list() -> None:
    """APT-16: the same every time, apart for every key and noun; a portal's own id is itself."""
    keys = ("1", "2", "=cmd()", "É", "x" * 100)
    made = {id_of(StaffId, each) for each in keys} | {id_of(StaffId, "1", "2")}
    assert len(made) == 6
    assert id_of(AppointmentId, "1") == id_of(AppointmentId, "1")
    assert staff_id_of("stf_owner") == OWNER


def test_a_staff_list_is_read_as_a_client_list_is() -> None:
    """APT-16: names as displayed; rows refused by number and field."""
    found = read_staff_list(STAFF + b"s3,,,\n,Al,,\ns4,A\0l,,\nstf_,Al,,\ns5,Al,,x,\n")
    assert [each.name for each in found.staff] == ["Dr. Ida Wells", "Bo"]
    assert [(each.row, each.code, each.field) for each in found.refused] == [
        (4, "missing_name", "given_name"),
        (5, "missing_external_id", "external_id"),
        (6, "invalid_text", "given_name"),
        (7, "invalid_id", "external_id"),
        (8, "wrong_cell_count", "row"),
    ]


@pytest.fixture(params=["memory", "sqlite"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    """A practice that has its owner, on each storage, on 23 November 2026."""
    made = Parts(
        url="memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'list.db'}",
        mail="memory:",
        clock=SettableClock(NOW),
        argon2=Argon2Parameters(memory=64, passes=1, lanes=1),
    )
    getattr(made.storage, "create", lambda: None)()
    command = OpenPractice(
        practice_id=PRACTICE,
        practice_name="The Mill",
        timezone="America/New_York",
        owner_id=OWNER,
        owner_name="Owner",
        owner_email="owner@mill.example",
        invite_id=InviteId("inv_owner"),
    )
    made.portal.do(command, actor=made.portal.system_actor(PRACTICE))
    yield made
    getattr(made.storage, "close", lambda: None)()


@pytest.fixture
def system(parts: Parts) -> Actor:
    """The command line."""
    return parts.portal.system_actor(PRACTICE)


def stored(parts: Parts) -> object:
    """All that is stored, but records."""
    if hasattr(parts.storage, "digest"):
        return parts.storage.digest()
    room = parts.storage.rooms[PRACTICE]  # type: ignore[attr-defined] # of memory storage
    return dict(room.rows), dict(room.claims), list(room.outbox)


def found(parts: Parts, kind: type, id: str) -> object:  # noqa: A002 - the word of the domain
    """A state as it is stored."""
    with parts.storage.open(PRACTICE) as work:
        return work.read((Get(kind, id),))[0]


def clients(parts: Parts, system: Actor, raw: bytes) -> None:
    """Bring a client list in."""
    report = import_clients(parts.portal, system, read_client_list(raw, parts.new_id))
    assert report.refused == ()


def brought(
    parts: Parts, system: Actor, *lines: bytes, staff: bytes = STAFF, **more: int
) -> HistoryReport:
    """Bring visits in."""
    history = read_history(HEADER + b"\n".join(lines))
    return import_history(parts.portal, system, history, read_staff_list(staff), **more)


def counts(report: HistoryReport) -> tuple[int, int, int, int]:
    """Added, updated, unchanged, refused."""
    return report.added, report.updated, report.unchanged, len(report.refused)


@pytest.mark.parametrize("block", [100, 10_000])
def test_a_real_history_goes_in_once(
    parts: Parts, system: Actor, shared_data: Path, block: int
) -> None:
    """APT-16: 1,215 visits that overlap, last for weeks and start off the minute; twice is once."""
    clients(parts, system, (shared_data / "clients.csv").read_bytes())
    history = read_history((shared_data / "encounters.csv").read_bytes())
    staff = read_staff_list((shared_data / "staff.csv").read_bytes())
    assert (history.refused, history.ignored, staff.refused) == ((), (), ())
    heard: list[tuple[int, int]] = []
    report = import_history(
        parts.portal, system, history, staff, block=block, progress=lambda *d: heard.append(d)
    )
    assert counts(report) == (1215, 0, 0, 0)
    assert (report.staff, report.services) == (39, 33)
    assert heard[-1] == (1215, 1215)
    before = stored(parts)
    again = import_history(parts.portal, system, history, staff, block=block)
    assert (counts(again), again.staff, again.services) == ((0, 0, 1215, 0), 0, 0)
    without = import_history(parts.portal, system, history)
    assert counts(without) == (0, 0, 1215, 0)
    assert stored(parts) == before


def test_the_whole_history_is_on_the_clients_pages(
    parts: Parts, system: Actor, shared_data: Path
) -> None:
    """DASH-1: past visits descend, by key, each as fulfilled, in the practice's zone first."""
    raw = (shared_data / "encounters.csv").read_bytes()
    clients(parts, system, (shared_data / "clients.csv").read_bytes())
    history = read_history(raw)
    staff = read_staff_list((shared_data / "staff.csv").read_bytes())
    import_history(parts.portal, system, history, staff)
    owner = parts.portal.trusted_actor(PRACTICE, staff_id=OWNER)
    most = Counter(each.client_external_id for each in history.appointments.values()).most_common(
        1
    )[0]
    listed = parts.portal.look(SeeClients(limit=1000), actor=owner)
    (client_id,) = (e.client.id for e in listed if e.client.external_id == most[0])
    seen: list[AppointmentSeen] = []
    while True:
        last = seen[-1].appointment if seen else None
        after = None if last is None else (last.interval.start, last.id)
        view = SeeAppointments(client_id=client_id, upcoming=False, after=after)
        page = parts.portal.look(view, actor=owner)
        if not page:
            break
        seen += page
    assert len(seen) == most[1] > 100
    starts = [each.appointment.interval.start for each in seen]
    assert starts == sorted(starts, reverse=True)
    assert {each.appointment.status for each in seen} == {AppointmentStatus.FULFILLED}
    assert not any(each.may_cancel or each.may_join for each in seen)


def test_who_held_visits_gets_no_powers(parts: Parts, system: Actor) -> None:
    """APT-16, PPL-3: they come in as staff who left, whom nobody can book, and stay as they are."""
    clients(parts, system, CLIENTS)
    assert counts(brought(parts, system, row())) == (1, 0, 0, 0)
    ida = found(parts, StaffMember, staff_id_of("s1"))
    assert ida == StaffMember(id=staff_id_of("s1"), name="Dr. Ida Wells", status=StaffStatus.LEFT)
    owner = parts.portal.trusted_actor(PRACTICE, staff_id=OWNER)
    seen = parts.portal.look(SeeCatalogue(), actor=owner)
    assert [each.staff_id for each in seen.staff] == [OWNER]
    assert [(each.name, each.is_bookable_online) for each in seen.services] == [("Talk", False)]
    renamed = STAFF.replace(b"Ida", b"Eve")
    report = brought(parts, system, row(), staff=renamed)
    assert (counts(report), report.staff) == ((0, 0, 1, 0), 0)
    assert found(parts, StaffMember, staff_id_of("s1")) == ida


def test_a_history_holds_nobodys_time(parts: Parts, system: Actor) -> None:
    """APT-16, APT-7: visits may overlap each other, and no booking meets them."""
    clients(parts, system, CLIENTS)
    rows = [row(external_id=b"%d" % n, staff_external_id=b"stf_owner") for n in range(3)]
    assert counts(brought(parts, system, *rows)) == (3, 0, 0, 0)
    owner = parts.portal.trusted_actor(PRACTICE, staff_id=OWNER)
    (ann, *_) = parts.portal.look(SeeClients(), actor=owner)
    booking = BookAppointment(
        appointment_id=AppointmentId("apt_1"),
        client_id=ann.client.id,
        staff_id=OWNER,
        service_id=id_of(ServiceId, "in_person", "Talk"),
        start=NOW + timedelta(hours=1),
    )
    assert parts.portal.do(booking, actor=owner).reason == "may_book"


def test_rows_that_do_not_fit_the_practice_are_refused(parts: Parts, system: Actor) -> None:
    """APT-16: each with its code and its field, beside those the file itself is at fault for."""
    clients(parts, system, CLIENTS)
    report = brought(
        parts, system, row(), row(external_id=b"v2", client_external_id=b"c9"),
        row(external_id=b"v3", staff_external_id=b"s9"), row(external_id=b"v4", start=b"x"),
        row(external_id=b"v5", end=b"2026-11-23T15:00:01Z"),
        row(external_id=b"v6", end=b"2026-11-23T15:00:00Z"),
    )  # fmt: skip
    assert counts(report)[:3] == (2, 0, 0)
    assert report.refused == (
        RefusedRow(row=3, key="v2", code="unknown_client", field="client_external_id"),
        RefusedRow(row=4, key="v3", code="unknown_staff", field="staff_external_id"),
        RefusedRow(row=5, key="v4", code="invalid_moment", field="start"),
        RefusedRow(row=6, key="v5", code="not_past", field="end"),
    )


def test_a_corrected_list_puts_visits_right(parts: Parts, system: Actor) -> None:
    """APT-16: a visit keeps its id, raises its sequence, and never moves to another record."""
    clients(parts, system, CLIENTS)
    brought(parts, system, row(), row(external_id=b"v2"))
    longer = of_class(b"phone", end=b"2020-01-03T10:00:00-05:00", staff_external_id=b"s2")
    moved = row(external_id=b"v2", client_external_id=b"c2")
    report = brought(parts, system, longer, moved)
    assert counts(report) == (0, 1, 0, 1)
    assert [(each.code, each.field) for each in report.refused] == [
        ("other_client", "client_external_id")
    ]
    visit = found(parts, Appointment, id_of(AppointmentId, "v1"))
    assert isinstance(visit, Appointment)
    assert (visit.sequence, visit.modality, visit.staff_id) == (
        1,
        Modality.PHONE,
        staff_id_of("s2"),
    )
    assert visit.interval.duration > timedelta(hours=24)
    assert counts(brought(parts, system, longer)) == (0, 0, 1, 0)


def test_blocks_are_resumed_after_a_crash(parts: Parts, system: Actor) -> None:
    """APT-16: what a block has brought in stays; importing it all again adds the rest."""
    clients(parts, system, CLIENTS)
    rows = [row(external_id=b"%d" % n) for n in range(10)]
    history = read_history(HEADER + b"\n".join(rows))
    some = evolve(history, appointments={n: history.appointments[n] for n in range(2, 6)})
    assert counts(import_history(parts.portal, system, some, read_staff_list(STAFF))) == (
        4,
        0,
        0,
        0,
    )
    assert counts(brought(parts, system, *rows, block=4)) == (6, 0, 4, 0)


def test_an_empty_history_changes_nothing(parts: Parts, system: Actor) -> None:
    """A header alone is a list of nothing."""
    before = stored(parts)
    empty = read_history(HEADER)
    assert empty == History(appointments={}, services=(), refused=(), ignored=())
    assert counts(import_history(parts.portal, system, empty, StaffList())) == (0, 0, 0, 0)
    assert stored(parts) == before
