"""The reference pages that are made from the code say what the code says, and leave nothing out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import pytest
from docs.appointed import WORDS, steps
from docs.generate import FOLDER, main, pages, stale
from docs.moved import SITUATIONS, moves
from docs.reflected import codes, commands, errors, events, protocols, reasons, views

from clientportal import errors as error_module
from clientportal.domain import appointments, documents, invites
from clientportal.policies import messaging
from clientportal.serialization import WIRE_NAMES
from clientportal.usecases.accounts import SignIn, UseSession
from clientportal.usecases.inbox import SeeInbox

NAMES: Final = {
    "commands.md": [doc.wire for doc in commands()] + [doc.wire for doc in views()],
    "errors.md": [doc.name for doc in errors()] + [code for _, code in codes()],
    "events.md": list(WIRE_NAMES.values()),
    "ports.md": [doc.name for doc in protocols()],
    "reasons.md": [reason.code for _, reason, _ in reasons()],
    "states.md": [
        event.__name__
        for moves in (invites.TRANSITIONS, appointments.TRANSITIONS, documents.TRANSITIONS)
        for _, event in moves
    ],
}


TEXTS: Final = pages()


def test_the_generated_pages_are_fresh() -> None:
    """What the code says now is what the pages say; `python -m docs.generate` writes them."""
    assert stale(TEXTS) == ()


@pytest.mark.parametrize("name", TEXTS)
def test_a_changed_page_is_found(name: str, tmp_path: Path) -> None:
    """A page that somebody edited, or forgot, is stale."""
    for each, text in TEXTS.items():
        (tmp_path / each).write_text(text, "utf-8")
    assert stale(TEXTS, tmp_path) == ()
    (tmp_path / name).write_text(TEXTS[name] + "\nMore.\n", "utf-8")
    assert stale(TEXTS, tmp_path) == (name,)
    (tmp_path / name).unlink()
    assert stale(TEXTS, tmp_path) == (name,)


def test_checking_writes_nothing() -> None:
    """With `--check` the pages are compared only; any other argument is refused."""
    before = {name: (FOLDER / name).stat().st_mtime_ns for name in TEXTS}
    assert main(["--check"]) == 0
    assert main(["--nonsense"]) == 2
    assert {name: (FOLDER / name).stat().st_mtime_ns for name in TEXTS} == before


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=NAMES)
def test_the_reference_leaves_nothing_out(name: str, expected: Iterable[str]) -> None:
    """Every command, view, event, error, code, reason, port and transition is in the reference."""
    page = (FOLDER / name).read_text("utf-8")
    assert [each for each in expected if each not in page] == []


def test_the_picture_shows_every_move_and_every_situation() -> None:
    """MSG-4, MSG-10: an arrow for each pair, a box for each situation, a row for each move."""
    drawn, listed = TEXTS["conversation.svg"], TEXTS["states.md"]
    found = moves()
    pairs = {(move.before, move.then) for move in found if move.before is not move.then}
    shapes = [each.tag.rpartition("}")[2] for each in ElementTree.fromstring(drawn).iter()]  # noqa: S314 - our own
    assert shapes.count("line") == len(pairs)
    assert shapes.count("rect") == len(SITUATIONS) + 1
    assert {move.before for move in found} == set(SITUATIONS)
    for move in found:
        assert f"| `{move.before.value}` | {move.what} | `{move.then.value}` |" in listed


def test_the_picture_of_an_appointment_shows_every_transition() -> None:
    """APT-6, APT-8, APT-13: a box for each status, an arrow for each pair, all words said."""
    drawn, found = TEXTS["appointment.svg"], steps()
    pairs = {(step.before, step.then) for step in found if step.before is not step.then}
    shapes = [each.tag.rpartition("}")[2] for each in ElementTree.fromstring(drawn).iter()]  # noqa: S314 - our own
    assert shapes.count("line") == len(pairs)
    assert shapes.count("rect") == len(appointments.AppointmentStatus) + 1
    lived = [
        event
        for _, event in appointments.TRANSITIONS
        if event is not appointments.AppointmentImported
    ]
    assert set(WORDS) == set(lived)
    assert len(found) == len(lived) + 1
    assert {step.what for step in found if step.before is step.then} <= {
        text.removeprefix("stays: ")
        for text in ElementTree.fromstring(drawn).itertext()  # noqa: S314 - our own
    }


def test_the_moves_are_those_of_the_rules() -> None:
    """MSG-4, MSG-5, MSG-9, MSG-10: who closes, opens, locks and unlocks, and what time does."""
    said = {(move.before.value, move.then.value): set[str]() for move in moves()}
    for move in moves():
        said[move.before.value, move.then.value].add(move.what)
    starts = "a client writes under assigned clients only, all clients"
    assert said["new", "open"] == {"staff write", starts}
    assert said["open", "auto_closed"] == {"48 hours pass under reply only"}
    for closed in ("auto_closed", "closed_by_staff"):
        assert said[closed, "open"] == {"staff write", starts, "staff reopen it"}
    assert said["locked", "closed_by_staff"] == {"staff unlock it"}
    assert ("locked", "open") not in said


def test_reflection_finds_what_is_known() -> None:
    """Commands, views, events, errors and reasons are found, and a door is none of them."""
    found = {doc.wire for doc in commands()}
    assert {"invite.accept", "appointment.book", "message.send"} <= found
    assert SignIn.name in found
    looked = {doc.wire for doc in views()}
    assert SeeInbox.name in looked
    assert UseSession.name not in found | looked
    assert {doc.name for doc in events()} == {cls.__name__ for cls in WIRE_NAMES}
    assert error_module.RefusedError.__name__ in {doc.name for doc in errors()}
    assert messaging.AUTO_CLOSED.reason in {reason for _, reason, _ in reasons()}


def test_no_reason_code_means_two_things() -> None:
    """A reason code is unique: its noun and rule are the same wherever it is given."""
    listed = [reason.code for _, reason, _ in reasons()]
    assert len(listed) == len(set(listed))
    assert all(reason.rule and reason.noun for _, reason, _ in reasons())
