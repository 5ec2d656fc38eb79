"""How SQLite goes about the statements of messaging: nothing is sorted, counted or gone through."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

import pytest

from clientportal_sql import (
    answers_conversations,
    answers_custody,
    answers_foresight,
    answers_messages,
    answers_recipients,
    answers_reminders,
    answers_slots,
    batch,
    follows,
)
from clientportal_sql.nouns import NOUNS
from clientportal_sql.statements import Statement
from clientportal_sql.storage import SqlStorage

MESSAGING: Final = (
    answers_conversations,
    answers_custody,
    answers_foresight,
    answers_messages,
    answers_recipients,
)
#: What is read and written while somebody waits.
ON_REQUEST: Final = (answers_conversations, answers_messages, answers_recipients)
#: What is looked at now and then, by how it finds its page.
BY_KEY: Final = {
    answers_custody: r"USING PRIMARY KEY \(practice_id=\? AND id>\?\)",
    answers_foresight: r"USING PRIMARY KEY \(practice_id=\? AND id>\?\)|"
    r"USING INDEX conversation_waiting \(practice_id=\? AND \(waiting_since,id\)>\(\?,\?\)\)",
}
WRITTEN: Final = ("Conversation", "Message", "Participant", "Reading", "Tombstone")


def held(module: Any) -> list[Statement]:
    """The statements that *module* holds ready."""
    found = list(vars(module).values())
    found += [value for each in found if isinstance(each, dict) for value in each.values()]
    return [each for each in found if isinstance(each, Statement)]


def of_messaging() -> list[Statement]:
    """Every statement of messaging, those that write its nouns and its records included."""
    nouns = [noun for kind, noun in NOUNS.items() if kind.__name__ in WRITTEN]
    return [each for where in (*MESSAGING, *nouns, batch, follows) for each in held(where)]


def plan(storage: SqlStorage, statement: Statement) -> list[str]:
    """The steps of SQLite."""
    with storage._sqlite.connection() as connection:
        values = [None] * len(statement.names)
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", values)
        return [detail for *_, detail in rows]


def gone_through(steps: Iterable[str]) -> set[str]:
    """What is sorted or read as a whole; a page that was cut and a list that was given are not."""
    return {
        each
        for each in steps
        if "TEMP B-TREE" in each or re.match(r"SCAN (?!page$|CONSTANT ROW)(?!.*VIRTUAL)", each)
    }


def test_nothing_is_skipped_or_counted() -> None:
    """MSG-13: no statement of messaging skips rows or counts them, however far one has paged."""
    statements = of_messaging()
    assert len(statements) > 30
    for each in statements:
        assert set(re.findall(r"OFFSET (\S+?)\)?(?:\s|$)", each.text)) <= {"0"}, each.text
        assert not re.search(r"\b(?:count|sum|total|avg)\s*\(", each.text, re.IGNORECASE), each.text


@pytest.mark.parametrize("module", ON_REQUEST, ids=lambda each: each.__name__.split(".")[1])
def test_nobody_waits_for_sorting(storage: SqlStorage, module: Any) -> None:
    """MSG-13: inbox, timeline, sending, starting and recipients sort nothing and scan nothing."""
    statements = held(module)
    assert statements
    for each in statements:
        assert gone_through(plan(storage, each)) == set(), each.text


def test_what_can_be_booked_is_found_by_key(storage: SqlStorage) -> None:
    """APT-3: of one staff member or of anybody, nothing is sorted and no table gone through."""
    statements = held(answers_slots)
    assert len(statements) == 2
    for each in statements:
        steps = plan(storage, each)
        assert gone_through(steps) == set(), steps
        found = [step for step in steps if re.match(r"SEARCH (of_staff|of_client) ", step)]
        assert len(found) == 2
        assert all("resource=? AND hour>? AND hour<?" in step for step in found), found


def test_writing_finds_its_rows_by_key(storage: SqlStorage) -> None:
    """MSG-2: what is written along with a message is found by its key."""
    for each in (*held(follows), *(s for n in WRITTEN for s in _of_noun(n))):
        assert gone_through(plan(storage, each)) == set(), each.text


def _of_noun(name: str) -> list[Statement]:
    return next(held(noun) for kind, noun in NOUNS.items() if kind.__name__ == name)


@pytest.mark.parametrize("module", BY_KEY, ids=lambda each: each.__name__.split(".")[1])
def test_administrative_views_go_by_key(storage: SqlStorage, module: Any) -> None:
    """MSG-16, MSG-18: the unowned, closings and foreseen go on from a key, and sort nothing."""
    for each in held(module):
        steps = plan(storage, each)
        assert [step for step in steps if step.startswith("SEARCH talk ")], each.text
        for step in steps:
            assert not step.startswith("SEARCH talk ") or re.search(BY_KEY[module], step), step
        assert gone_through(steps) == set(), each.text


def test_reminders_are_found_by_when_it_starts(storage: SqlStorage) -> None:
    """APT-14: the relay goes on from a key through what is near, and sorts and scans nothing."""
    starting, one = answers_reminders._STARTING, answers_reminders._ATTENDANCE
    found = r"SEARCH near USING (COVERING )?INDEX appointment_starting \(practice_id=\? AND \("
    assert [step for step in plan(storage, starting) if re.match(found, step)]
    for each in (starting, one):
        steps = plan(storage, each)
        assert gone_through(steps) == set(), steps
        assert not [step for step in steps if "AUTOMATIC" in step], steps


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM message WHERE practice_id = ? ORDER BY text",
        "SELECT * FROM message WHERE text = ?",
    ],
)
def test_the_check_sees_what_is_sorted_and_scanned(storage: SqlStorage, sql: str) -> None:
    """A statement that sorts, and one that goes through the table, are found."""
    with storage._sqlite.connection() as connection:
        steps = [detail for *_, detail in connection.execute(f"EXPLAIN QUERY PLAN {sql}", [None])]
    assert gone_through(steps)
