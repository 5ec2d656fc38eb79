"""The `clientportal` command, from outside."""

from __future__ import annotations

import json
from email import message_from_bytes, policy
from pathlib import Path
from subprocess import PIPE, run
from sys import executable

import pytest
from attrs import frozen

from clientportal.cli import main
from clientportal.cli.demo import status_of
from clientportal.cli.guide import GUIDE, LATER, played
from clientportal.domain.accounts import Secret
from clientportal.domain.ids import AccountId, PracticeId, SessionId
from clientportal.parts import Parts
from clientportal.security.passwords import Argon2Parameters
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.accounts import SignIn

VISITS = (
    b"external_id,client_external_id,staff_external_id,start,end,type,room\n"
    b"v1,1,d1,2020-01-02T09:00:07Z,2020-01-02T10:00:00Z,Talk,7\n"
    b"v2,1,d2,2020-01-02T09:00:07Z,2020-01-02T10:00:00Z,Talk,7\n"
)
LIST = b"external_id,given_name,room\n1,Ann,7\n2,=cmd(),8\n2,Ben,9\n"


@frozen
class Done:
    """How a command ended."""

    status: int
    out: str
    err: str


class Command:
    """The command, run in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self.capsys = capsys

    def __call__(self, *argv: object) -> Done:
        """Run it with *argv*."""
        try:
            status = main([str(each) for each in argv])
        except SystemExit as end:
            status = int(end.code or 0)
        told = self.capsys.readouterr()
        return Done(status, told.out, told.err)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    """The command."""
    return Command(capsys)


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Where a practice may be made."""
    return f"sqlite:///{tmp_path / 'riverside.db'}"


def made(command: Command, store: str, *more: object) -> dict[str, str]:
    """What `init` printed, by its first word."""
    done = command("init", "--store", store, *more)
    assert (done.status, done.err) == (0, "")
    return dict(line.split(maxsplit=1) for line in done.out.splitlines())


def test_init_lets_the_owner_in(command: Command, store: str, tmp_path: Path) -> None:
    """The link that is printed makes the owner's account; it is in the mail as well."""
    told = made(
        command, store, "--mail", tmp_path / "mail", "--owner-email", "o@mill.example",
        "--owner-name", "Olive", "--name", "The Mill", "--timezone", "Europe/Berlin",
    )  # fmt: skip
    (path,) = (tmp_path / "mail").glob("*.eml")
    mail = message_from_bytes(path.read_bytes(), policy=policy.default)
    body = mail.get_body()
    assert mail["To"] == "o@mill.example"
    assert body is not None
    assert told["link"] in body.get_content()
    practice_id = PracticeId(told["practice"])
    portal = Parts(url=store, argon2=Argon2Parameters(memory=64, passes=1, lanes=1)).portal
    visitor = portal.visitor(practice_id, link=told["link"].rpartition("/")[2])
    password = Secret("fifteen characters or more")
    portal.do(AcceptInvite(account_id=AccountId("acc_o"), password=password), actor=visitor)
    signing_in = SignIn(
        session_id=SessionId("ses_o"),
        email="o@mill.example",
        password=password,
        token=Secret("a token"),
    )
    portal.do(signing_in, actor=portal.visitor(practice_id))
    assert portal.actor("a token", practice_id=practice_id).is_staff
    assert "Europe/Berlin" in told["until"]


def test_a_list_is_imported_into_the_practice_named(
    command: Command, store: str, tmp_path: Path
) -> None:
    """The report counts every row; the second time all that went in is unchanged."""
    practice = made(command, store)["practice"]
    path = tmp_path / "list.csv"
    path.write_bytes(LIST)
    first = command("import-clients", path, "--store", store, "--practice", practice, "--json")
    refused = [
        {"row": row, "key": "2", "code": "duplicate_id", "field": "external_id"} for row in (3, 4)
    ]
    assert json.loads(first.out) == {"added": 1, "updated": 0, "unchanged": 0, "refused": refused}
    again = command("import-clients", path, "--store", store, "--practice", practice, "--json")
    assert json.loads(again.out) == {"added": 0, "updated": 0, "unchanged": 1, "refused": refused}
    people = command("import-clients", path, "--store", store, "--practice", practice)
    assert people.out.count("duplicate_id") == 2
    assert "kept as extra fields: room" in people.out


def test_past_visits_are_imported(command: Command, store: str, tmp_path: Path) -> None:
    """APT-16: the report says what became of every row, and what was made for them."""
    made(command, store)
    files = [tmp_path / name for name in ("list.csv", "visits.csv", "staff.csv")]
    files[0].write_bytes(LIST)
    files[1].write_bytes(VISITS)
    files[2].write_bytes(b"external_id,given_name,desk\nd1,Ida,4\nd2,,5\n")
    command("import-clients", files[0], "--store", store)
    argv = ("import-appointments", files[1], "--staff", files[2], "--store", store)
    people = command(*argv)
    assert (people.status, people.err) == (0, "")
    for words in ("unknown_staff", "missing_name", "columns not read: room, desk", "1 services"):
        assert words in people.out
    assert json.loads(command(*argv, "--json").out) == {
        "added": 0,
        "updated": 0,
        "unchanged": 1,
        "refused": [{"row": 3, "key": "v2", "code": "unknown_staff", "field": "staff_external_id"}],
        "staff": {
            "added": 0,
            "refused": [{"row": 3, "key": "d2", "code": "missing_name", "field": "given_name"}],
        },
        "services": {"added": 0},
    }


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("init", "--store", "{store}", "--timezone", "Mars/Base"), "unknown_timezone"),
        (("init", "--store", "{store}", "--owner-email", "a@b@c"), "invalid_email"),
        (("init", "--store", "{store}", "--name", ""), "text_empty"),
        (("init", "--store", "nosuch:thing"), "unknown_adapter"),
        (("init", "--store", "sqlite:///{folder}"), "storage"),
        (("import-clients", "{folder}/none.csv", "--store", "{store}"), "file_unreadable"),
        (("import-clients", "{folder}", "--store", "{store}"), "file_unreadable"),
        (
            ("import-clients", "{list}", "--store", "{store}", "--practice", "prc_1"),
            "storage_unreachable",
        ),
        (("import-clients", "{list}", "--store", "{store}", "--practice", "x"), "invalid_id"),
        (("import-clients", "{bad}", "--store", "{store}", "--practice", "prc_1"), "not_utf8"),
        (("import-appointments", "{folder}/none.csv", "--store", "{store}"), "file_unreadable"),
        (("import-appointments", "{list}", "--store", "{store}"), "missing_column"),
        (("import-appointments", "{bad}", "--store", "{store}"), "not_utf8"),
        (("demo", "--clients", "{bad}"), "not_utf8"),
        (("demo", "--store", "nosuch:thing"), "unknown_adapter"),
        (("doctor", "--store", "nosuch:thing"), "unknown_adapter"),
    ],
)
def test_what_is_wrong_is_one_line(
    command: Command, store: str, tmp_path: Path, argv: tuple[str, ...], code: str
) -> None:
    """Exit status 1, one line with the code on stderr, nothing on stdout, nothing left behind."""
    (tmp_path / "list.csv").write_bytes(LIST)
    (tmp_path / "bad.csv").write_bytes(b"external_id,given_name\n1,\xff\n")
    before = sorted(tmp_path.iterdir())
    words = {
        "store": store,
        "folder": tmp_path,
        "list": tmp_path / "list.csv",
        "bad": tmp_path / "bad.csv",
    }
    done = command(*(each.format_map(words) for each in argv))
    assert (done.status, done.out, done.err.count("\n")) == (1, "", 1)
    assert done.err.startswith("clientportal: ")
    assert code in done.err
    assert "Traceback" not in done.err
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    "argv", [(), ("nosuch",), ("init",), ("import-clients",), ("import-appointments",)], ids=str
)
def test_wrong_usage_is_2(command: Command, argv: tuple[str, ...]) -> None:
    """Wrong usage is explained, with exit status 2."""
    done = command(*argv)
    assert (done.status, done.out) == (2, "")
    assert "usage: clientportal" in done.err


@pytest.mark.parametrize(
    "argv",
    [
        (),
        ("demo",),
        ("init",),
        ("import-clients",),
        ("import-appointments",),
        ("decisions",),
        ("doctor",),
    ],
    ids=str,
)
def test_help_is_there(command: Command, argv: tuple[str, ...]) -> None:
    """Every command explains itself."""
    done = command(*argv, "--help")
    assert (done.status, done.err) == (0, "")
    assert "usage: clientportal" in done.out


def test_the_practice_is_asked_for_where_it_is_not_known(
    command: Command, store: str, tmp_path: Path
) -> None:
    """With several practices in one store, a list needs the id of its own."""
    (tmp_path / "list.csv").write_bytes(LIST)
    for _ in range(2):
        made(command, store)
    done = command("import-clients", tmp_path / "list.csv", "--store", store)
    assert (done.status, done.out) == (1, "")
    assert "practice_needed" in done.err


def test_the_only_practice_needs_no_name(command: Command, store: str, tmp_path: Path) -> None:
    """Where a store keeps one practice, a list goes there."""
    (tmp_path / "list.csv").write_bytes(LIST)
    made(command, store)
    done = command("import-clients", tmp_path / "list.csv", "--store", store, "--json")
    assert (done.status, json.loads(done.out)["added"]) == (0, 1)


def test_a_store_that_holds_a_practice_is_no_stage(command: Command, store: str) -> None:
    """The demonstration plays on an empty store only, and leaves a real one as it is."""
    made(command, store)
    done = command("demo", "--store", store)
    assert (done.status, done.out) == (1, "")
    assert "store_in_use" in done.err


def test_decisions_are_rows(command: Command) -> None:
    """One JSON array of all rows; for people the same as tables."""
    rows = json.loads(command("decisions", "--json").out)
    assert sum(row["table"] == "messaging" for row in rows) == 330
    shown = command("decisions").out
    assert shown.count("\n") > len(rows)
    assert "messaging, 330 rows" in shown


def test_the_operator_is_told_what_to_change(command: Command, store: str, tmp_path: Path) -> None:
    """Adapters with their distribution; warnings are no errors, exposed keys and no store are."""
    absent = command("doctor", "--store", store)
    assert absent.status == 1
    assert "storage_unreachable" in absent.out
    assert list(tmp_path.iterdir()) == []
    made(command, store)
    fine = command("doctor", "--store", store)
    assert fine.status == 0
    for word in ("clientportal-sql", "development_keys", "uploads_not_scanned"):
        assert word in fine.out
    (tmp_path / "riverside.keys.json").chmod(0o644)
    exposed = command("doctor", "--store", store)
    assert exposed.status == 1
    assert "exposed_keys" in exposed.out


def test_a_false_line_is_said_and_told(command: Command) -> None:
    """A line of the guide that is not so makes it false, with what was seen instead."""
    stage = object()
    lines = tuple(
        played(
            stage,  # type: ignore[arg-type] # these lines look at nothing
            {
                1: ("right", lambda _: iter([(True, "as it should be")])),
                2: ("wrong", lambda _: iter([(True, "fine"), (False, "no mail")])),
                4: ("so far", lambda _: iter([(True, "all but forms")])),
                12: ("wrong so far", lambda _: iter([(False, "no note")])),
                13: ("nothing seen", lambda _: iter([])),
            },
        )
    )
    assert [line.holds for line in lines] == [True, False, "later", False, False]
    assert [line.seen for line in lines[1::2]] == ["NOT SO: no mail", "NOT SO: no note"]
    assert (status_of(lines), status_of(lines[::2][:2])) == (1, 0)


def test_what_comes_later_is_pinned() -> None:
    """Forms, multi-factor sign-in and payment methods are not there yet, and nothing else."""
    assert dict(LATER) == {4: ("forms",), 12: ("forms",), 14: ("mfa", "payment method")}
    assert list(GUIDE) == list(range(1, 15))


def test_the_demonstration_shows_every_tab(
    command: Command, store: str, tmp_path: Path, shared_data: Path
) -> None:
    """What each person sees, tab by tab, beside the import; it stays where it was asked to be."""
    clients = shared_data / "clients.csv"
    done = command("demo", "--clients", clients, "--store", store, "--mail", tmp_path / "mail")
    assert (done.status, done.err) == (0, "")
    for name in ("Olive Marsh", "Sam Ortiz", "Ann Lee", "Ben Núñez", "Bob Lee"):
        assert f"What {name} sees" in done.out
    assert "begins (Europe/Madrid)" in done.out
    for tab in (
        "Dashboard",
        "Calendar",
        "To book",
        "Inbox",
        "Documentation",
        "Relationships",
        "Settings",
    ):
        assert done.out.count(f"\n  {tab}") >= 2
    assert "kept as extra fields: sex" in done.out
    assert "Europe/Madrid" in done.out
    mails = [each.read_text("utf-8") for each in (tmp_path / "mail").glob("*.eml")]
    assert sum("Open this link to create your account" in each for each in mails) == 5
    assert sum("a new message" in each for each in mails) > 0
    assert (tmp_path / "riverside.db").exists()


def test_the_demonstration_reports_the_import(command: Command, shared_data: Path) -> None:
    """`--json` is one object: the guide, and what became of each row."""
    done = command("demo", "--json", "--store", "memory:", "--clients", shared_data / "clients.csv")
    told = json.loads(done.out)
    assert set(told) == {"guide", "import"}
    assert told["import"] == {"added": 120, "updated": 0, "unchanged": 0, "refused": []}


def test_the_module_is_the_command() -> None:
    """`python -m clientportal` is the same command."""
    done = run([executable, "-m", "clientportal", "--help"], stdout=PIPE, text=True, check=True)
    assert done.stdout.startswith("usage: clientportal")
