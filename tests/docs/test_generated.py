"""The reference pages that are made from the code say what the code says, and leave nothing out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest
from docs.generate import FOLDER, PAGES, main, pages, stale
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


@pytest.mark.parametrize("name", PAGES)
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
    before = {name: (FOLDER / name).stat().st_mtime_ns for name in PAGES}
    assert main(["--check"]) == 0
    assert main(["--nonsense"]) == 2
    assert {name: (FOLDER / name).stat().st_mtime_ns for name in PAGES} == before


@pytest.mark.parametrize(("name", "expected"), NAMES.items(), ids=NAMES)
def test_the_reference_leaves_nothing_out(name: str, expected: Iterable[str]) -> None:
    """Every command, view, event, error, code, reason, port and transition is in the reference."""
    page = (FOLDER / name).read_text("utf-8")
    assert [each for each in expected if each not in page] == []


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
