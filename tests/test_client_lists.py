"""Reading a client list, and bringing a practice up to date with it (PPL-7)."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from itertools import count
from pathlib import Path

import pytest
from attrs import evolve

from clientportal.client_lists import (
    ClientList,
    import_clients,
    read_client_list,
)
from clientportal.csv_lists import RefusedRow
from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, InviteId, PracticeId, StaffId
from clientportal.embedded.clock import SettableClock
from clientportal.embedded.mail import MemoryMailer
from clientportal.errors import MalformedError
from clientportal.parts import Parts
from clientportal.ports.mail import Mail
from clientportal.relay import Relay
from clientportal.security.passwords import Argon2Parameters
from clientportal.serialization import event_of
from clientportal.usecases.invites import SendInvites
from clientportal.usecases.people import ArchiveClient, SeeClients
from clientportal.usecases.practices import OpenPractice

PRACTICE = PracticeId("prc_list")
OWNER = StaffId("stf_owner")
HEADER = b"external_id,given_name,email,birth_date,status,timezone,phone,city,shoe size\n"


def read(raw: bytes) -> ClientList:
    """The list in *raw*, with ids that count."""
    tails = count(1)
    return read_client_list(raw, lambda: f"{next(tails):06}")


@pytest.mark.parametrize(
    ("raw", "code", "where"),
    [
        pytest.param(b"", "empty_list", "file", id="an empty file"),
        pytest.param(b"\n\r\n\n", "empty_list", "file", id="blank lines only"),
        pytest.param(b"\xef\xbb\xbf", "empty_list", "file", id="a BOM only"),
        pytest.param(b"external_id,given_name\n1,J\xf6rg\n", "not_utf8", "byte 26", id="Latin-1"),
        pytest.param("external_id".encode("utf-16"), "not_utf8", "byte 0", id="UTF-16"),
        pytest.param(b"given_name\nAnn\n", "missing_column", "external_id", id="no key"),
        pytest.param(b"external_id,email\n1,\n", "missing_column", "given_name", id="no name"),
        pytest.param(
            b"external_id;given_name\n1;A\n", "missing_column", "external_id", id="; for ,"
        ),
        pytest.param(
            b"external_id,given_name,email,email\n",
            "duplicate_column",
            "email",
            id="a column twice",
        ),
        pytest.param(
            b"external_id,given_name,\n1,A,\n", "unnamed_column", "column 3", id="a column unnamed"
        ),
        pytest.param(
            b"external_id,given_name,a\0b\n", "invalid_text", "column 3", id="NUL in a name"
        ),
        pytest.param(
            b"external_id,given_name," + b",".join(b"x%d" % n for n in range(101)),
            "too_many_columns",
            "file",
            id="101 unknown columns",
        ),
        pytest.param(
            b'external_id,given_name\n1,"Ann\n2,Ben\n',
            "unclosed_quote",
            "row 2",
            id="an open quote",
        ),
    ],
)
def test_a_faulty_file_is_refused_whole(raw: bytes, code: str, where: str) -> None:
    """What is wrong with the file refuses all of it, and says where."""
    with pytest.raises(MalformedError) as caught:
        read(raw)
    assert (caught.value.code, caught.value.problems[0].path) == (code, where)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        pytest.param(b",Ann,,,,,,,", "missing_external_id", "external_id", id="no id"),
        pytest.param(b"  ,Ann,,,,,,,", "missing_external_id", "external_id", id="a blank id"),
        pytest.param(b"x" * 101 + b",Ann,,,,,,,", "text_too_long", "external_id", id="a long id"),
        pytest.param(b"1,,,,,,,,", "missing_name", "given_name", id="no name"),
        pytest.param(b"1,Ann,,,,,,", "wrong_cell_count", "row", id="a cell too few"),
        pytest.param(b"1,Ann,,,,,,,,", "wrong_cell_count", "row", id="a cell too many"),
        pytest.param(b"1,Ann,a@b@c.org,,,,,,", "invalid_email", "email", id="two @"),
        pytest.param(b"1,Ann,a b@c.org,,,,,,", "invalid_email", "email", id="a space in an email"),
        pytest.param(b"1,A\0nn,,,,,,,", "invalid_text", "given_name", id="NUL"),
        pytest.param(b"1,A\x1b[2Jnn,,,,,,,", "invalid_text", "given_name", id="an escape"),
        pytest.param(b'1,"A\nnn",,,,,,,', "invalid_text", "given_name", id="a newline in a name"),
        pytest.param(b"1,Ann,,2020-02-30,,,,,", "invalid_date", "birth_date", id="30 February"),
        pytest.param(b"1,Ann,,20200228,,,,,", "invalid_date", "birth_date", id="no dashes"),
        pytest.param(b"1,Ann,,28.02.2020,,,,,", "invalid_date", "birth_date", id="dots"),
        pytest.param(b"1,Ann,,0001-01-01,,,,,", "invalid_date", "birth_date", id="the year 1"),
        pytest.param(b"1,Ann,,,gone,,,,", "unknown_status", "status", id="an unknown status"),
        pytest.param(b"1,Ann,,,,Mars/Base,,,", "unknown_timezone", "timezone", id="no such zone"),
        pytest.param(b"1,Ann,,,,../etc,,,", "unknown_timezone", "timezone", id="a path as zone"),
        pytest.param(b"1,Ann,,,,,;,,", "invalid_phone", "phone", id="a phone without digits"),
        pytest.param(b"1,Ann,,,,,," + b"c" * 101 + b",", "text_too_long", "city", id="a long city"),
        pytest.param(
            b"1," + b"a" * 1_000_000 + b",,,,,,,",
            "text_too_long",
            "given_name",
            id="a cell of 1 MB",
        ),
        pytest.param(
            b'1,Ann,,,,,,,"' + b"a\n" * 500_000 + b'"', "text_too_long", "shoe size", id="in quotes"
        ),
        pytest.param(b'1,"Ann"x,,,,,,,', "invalid_quotes", "row", id="text after a quote"),
    ],
)
def test_a_faulty_row_is_refused_alone(row: bytes, code: str, field: str) -> None:
    """What is wrong with a row refuses that row, naming its number and field; the rest goes in."""
    limit = csv.field_size_limit()
    found = read(HEADER + b"0,Zoe,,,,,,,\r\n" + row + b"\n9,Ben,,,,,,,\n")
    assert [(each.row, each.code, each.field) for each in found.refused] == [(3, code, field)]
    assert [each.client.external_id for each in found.rows] == ["0", "9"]
    assert csv.field_size_limit() == limit


def test_every_row_of_a_duplicated_id_is_refused() -> None:
    """Which of two rows is right cannot be known, so neither goes in."""
    found = read(b"external_id,given_name\n1,Ann\n2,Ben\n1,Anna\n")
    assert [each.client.given_name for each in found.rows] == ["Ben"]
    assert found.refused == tuple(
        RefusedRow(row=row, key="1", code="duplicate_id", field="external_id") for row in (2, 4)
    )


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["no BOM", "BOM"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
@pytest.mark.parametrize("last", [True, False], ids=["newline at the end", "none"])
def test_the_spelling_of_a_file_does_not_matter(bom: bytes, end: bytes, last: bool) -> None:
    """With or without BOM, LF or CRLF, blank lines or none: the same rows."""
    lines = [
        b"external_id,given_name,note",
        b'1,Ann,"a, ""b""' + end + b'c"',
        b"",
        b"2,J\xc3\xb6rg,",
    ]
    found = read(bom + end.join(lines) + (end if last else b""))
    assert [each.client.name for each in found.rows] == ["Ann", "Jörg"]
    assert [each.client.extra for each in found.rows] == [(("note", 'a, "b"\nc'),), ()]
    assert (found.refused, found.extra_columns, found.fields) == (
        (),
        ("note",),
        ("given_name",),
    )


def test_text_is_stored_as_given() -> None:
    """A formula is legal text, in known columns and in unknown ones."""
    found = read_client_list(
        BytesIO(b"external_id,given_name,=x\n=1,=cmd()|' /C calc'!A0,@SUM(1)\n"), lambda: "1"
    )
    client = found.rows[0].client
    assert (client.external_id, client.given_name) == ("=1", "=cmd()|' /C calc'!A0")
    assert client.extra == (("=x", "@SUM(1)"),)


@pytest.fixture(params=["memory", "sqlite"])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    """A practice that has its owner, on each storage, on 23 November 2026."""
    made = Parts(
        url="memory:" if request.param == "memory" else f"sqlite:///{tmp_path / 'list.db'}",
        mail="memory:",
        clock=SettableClock(datetime(2026, 11, 23, 15, tzinfo=UTC)),
        argon2=Argon2Parameters(memory=64, passes=1, lanes=1),
    )
    getattr(made.storage, "create", lambda: None)()
    command = OpenPractice(
        practice_id=PRACTICE,
        practice_name="The Mill",
        timezone="America/Chicago",
        owner_id=OWNER,
        owner_name="Owner",
        owner_email="owner@mill.example",
        invite_id=InviteId("inv_owner"),
    )
    made.portal.do(command, actor=made.portal.system_actor(PRACTICE))
    yield made
    getattr(made.storage, "close", lambda: None)()


@pytest.fixture
def owner(parts: Parts) -> Actor:
    """The owner."""
    return parts.portal.trusted_actor(PRACTICE, staff_id=OWNER)


def stored(parts: Parts) -> object:
    """All that is stored, but records."""
    if hasattr(parts.storage, "digest"):
        return parts.storage.digest()
    room = parts.storage.rooms[PRACTICE]  # type: ignore[attr-defined] # of memory storage
    return dict(room.rows), dict(room.claims), list(room.outbox)


def counts(parts: Parts, owner: Actor, found: ClientList, block: int = 10_000) -> tuple[int, ...]:
    """Added, updated, unchanged, refused."""
    report = import_clients(parts.portal, owner, found, block=block)
    return report.added, report.updated, report.unchanged, len(report.refused)


@pytest.mark.parametrize("block", [7, 10_000])
def test_importing_twice_changes_nothing(
    parts: Parts, owner: Actor, shared_data: Path, block: int
) -> None:
    """Every row of the list is accounted for; the second time all of them are unchanged."""
    raw = (shared_data / "clients.csv").read_bytes()
    heard: list[tuple[int, int]] = []
    first = read_client_list(raw, parts.new_id)
    report = import_clients(
        parts.portal, owner, first, block=block, progress=lambda *done: heard.append(done)
    )
    assert (report.added, report.updated, report.unchanged, report.refused) == (120, 0, 0, ())
    assert heard == [(min(n, 120), 120) for n in range(block, 120 + block, block)]
    before = stored(parts)
    assert counts(parts, owner, read_client_list(raw, parts.new_id), block) == (0, 0, 120, 0)
    assert stored(parts) == before


def test_a_list_is_the_word_on_its_columns_only(parts: Parts, owner: Actor) -> None:
    """What changed is updated; columns that a list does not have stay as they are."""
    whole = b"external_id,given_name,email,room\n1,Ann,ann@example.org,7\n2,Ben,,8\n"
    assert counts(parts, owner, read_client_list(whole, parts.new_id)) == (2, 0, 0, 0)
    less = b"external_id,given_name\n1,Anna\n2,Ben\n3,Cleo\n,Nobody\n"
    assert counts(parts, owner, read_client_list(less, parts.new_id)) == (1, 1, 1, 1)
    page = parts.portal.look(SeeClients(), actor=owner)
    clients = {each.client.external_id: each.client for each in page}
    assert clients["1"].given_name == "Anna"
    assert (clients["1"].email, clients["1"].extra) == ("ann@example.org", (("room", "7"),))


def test_a_list_without_rows_changes_nothing(parts: Parts, owner: Actor) -> None:
    """A header alone is a list of nobody."""
    empty = read_client_list(b"external_id,given_name\n", parts.new_id)
    assert counts(parts, owner, empty) == (0, 0, 0, 0)


def test_blocks_are_resumed_after_a_crash(parts: Parts, owner: Actor) -> None:
    """What a block has brought in stays; importing the whole list again adds the rest."""
    rows = b"".join(b"%d,Client %d\n" % (n, n) for n in range(10))
    found = read_client_list(b"external_id,given_name\n" + rows, parts.new_id)
    assert counts(parts, owner, evolve(found, rows=found.rows[:4])) == (4, 0, 0, 0)
    again = read_client_list(b"external_id,given_name\n" + rows, parts.new_id)
    assert counts(parts, owner, again, block=4) == (6, 0, 4, 0)


def test_minors_get_no_invite_in_bulk(parts: Parts, owner: Actor, shared_data: Path) -> None:
    """Own accounts are from 18: a bulk invite skips the minors, and they are not mailed."""
    raw = (shared_data / "clients.csv").read_bytes()
    found = read_client_list(raw, parts.new_id)
    import_clients(parts.portal, owner, found)
    clients = {each.client.id: each.client for each in found.rows}
    invites = tuple((InviteId.of(parts.new_id()), each) for each in clients)
    receipt = parts.portal.do(SendInvites(invites=invites), actor=owner)
    by_code: dict[str, list[ClientId]] = {}
    for each in receipt.results:
        by_code.setdefault(each.code, []).append(ClientId(each.key))
    minors = by_code["needs_proxy"]
    assert len(minors) == 16
    born = [clients[each].birth_date or date.min for each in minors]
    assert min(born) > date(2008, 11, 23)
    deliver(parts)
    mailed = {mail.recipient for mail in delivered(parts)} - {"owner@mill.example"}
    assert mailed == {clients[each].email for each in by_code["sent"]}
    assert not mailed & {clients[each].email for each in minors}
    assert sum(map(len, by_code.values())) == 120


def test_archiving_by_hand_is_undone_only_by_a_list_that_says_so(
    parts: Parts, owner: Actor
) -> None:
    """A list without a status column leaves the status; one that says active restores it."""
    raw = b"external_id,given_name\n1,Ann\n"
    found = read_client_list(raw, parts.new_id)
    counts(parts, owner, found)
    parts.portal.do(ArchiveClient(client_id=found.rows[0].client.id), actor=owner)
    assert counts(parts, owner, read_client_list(raw, parts.new_id)) == (0, 0, 1, 0)
    says_so = read_client_list(b"external_id,given_name,status\n1,Ann,active\n", parts.new_id)
    assert counts(parts, owner, says_so) == (0, 1, 0, 0)


def delivered(parts: Parts) -> list[Mail]:
    """The mails that went out."""
    assert isinstance(parts.mailer, MemoryMailer)
    return list(parts.mailer.delivered)


def deliver(parts: Parts) -> None:
    """Let the relay run."""
    relay = Relay(
        portal=parts.portal,
        mailer=parts.mailer,
        sign_link=parts.workshop.sign_link,
        event_of=event_of,
        sender="portal@mill.example",
        link_base="https://portal.example/i/",
    )
    relay.deliver(PRACTICE)


def test_a_list_with_one_part_of_the_address_keeps_the_others(parts: Parts, owner: Actor) -> None:
    """PPL-7: what the list has no column for stays as it is; an emptied cell empties the field."""
    whole = b"external_id,given_name,address_line,city,shoe\n1,Ann,Main Street 1,Ghent,38\n"
    place = b"external_id,given_name,city,shoe\n1,Ann,Bruges,\n"
    for raw in (whole, place):
        counts(parts, owner, read_client_list(raw, parts.new_id))
    listed = parts.portal.look(SeeClients(), actor=owner)
    (ann,) = (each.client for each in listed if each.client.external_id == "1")
    assert (ann.address.street, ann.address.city, ann.extra) == ("Main Street 1", "Bruges", ())
