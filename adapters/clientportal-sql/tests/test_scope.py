"""Every statement that a unit of work sends is scoped to its practice (PPL-1)."""

from __future__ import annotations

import re
from typing import Any

from clientportal.domain.ids import PracticeId
from clientportal_sql import (
    answers_accounts,
    answers_appointments,
    answers_calendars,
    answers_conversations,
    answers_custody,
    answers_documents,
    answers_foresight,
    answers_invites,
    answers_messages,
    answers_people,
    answers_recipients,
    batch,
    follows,
)
from clientportal_sql.nouns import NOUNS
from clientportal_sql.schema import metadata
from clientportal_sql.statements import Statement
from clientportal_sql.storage import SqlStorage

PRACTICE = PracticeId("prc_riverside")
MODULES = (
    answers_accounts,
    answers_appointments,
    answers_calendars,
    answers_conversations,
    answers_custody,
    answers_documents,
    answers_foresight,
    answers_invites,
    answers_messages,
    answers_people,
    answers_recipients,
    batch,
    follows,
)


#: What a practice has few of.
FEW = {"practice", "staff_member", "service"}


def _statements() -> list[Statement]:
    held = [value for module in MODULES for value in vars(module).values()]
    held += [value for noun in NOUNS.values() for value in vars(noun).values()]
    held += [value for each in held if isinstance(each, dict) for value in each.values()]
    return [each for each in held if isinstance(each, Statement)]


def _unscoped(sql: str, tables: set[str]) -> set[str]:
    """The names under which *sql* uses one of *tables* without saying of what practice."""
    flat = re.sub(r"\s+", " ", sql.replace('"', ""))
    if flat.startswith("INSERT") and " SELECT " not in flat:
        return set() if "(practice_id," in flat else {"insert"}
    used = re.findall(r"(?:FROM|JOIN|UPDATE|INTO) (\w+)(?: AS (\w+))?", flat)
    used += re.findall(r", (\w+) AS (\w+)(?= WHERE)", flat)
    names = {alias or table for table, alias in used if table in tables}
    return {name for name in names if f"{name}.practice_id = ?" not in flat}


def test_every_table_in_every_statement_is_scoped() -> None:
    """Each use of a table in any statement of ours is narrowed to one practice."""
    tables, statements = set(metadata().tables), _statements()
    assert len(statements) > 100
    for statement in statements:
        assert _unscoped(statement.text, tables) == set(), statement.text
        assert "practice" in statement.names


def test_the_check_sees_an_unscoped_table() -> None:
    """A join that forgets the practice is found."""
    joined = "client JOIN access AS a ON a.client_id = client.id"
    sql = f"SELECT 1 FROM {joined} WHERE client.practice_id = ?"  # noqa: S608 - never sent
    assert _unscoped(sql, {"client", "access"}) == {"a"}


def test_every_key_begins_with_the_practice() -> None:
    """Keys, indexes and references begin with the practice, so tables can be distributed by it."""
    for table in metadata().tables.values():
        lists = [list(table.primary_key.columns), *(list(i.columns) for i in table.indexes)]
        lists += [list(reference.columns) for reference in table.foreign_key_constraints]
        assert {columns[0].name for columns in lists} == {"practice_id"}


def test_what_is_sent_is_what_was_checked(storage: SqlStorage, scene: Any, committing: Any) -> None:
    """A unit of work sends nothing but the statements that are held ready, and bookkeeping."""
    texts = {each.text for each in _statements()}
    steps = batch.batch_of(PRACTICE, {}, committing(*scene()))
    assert {text for text, *_ in steps} <= texts
    assert all(PRACTICE in values for _, values, *_ in steps)


def test_looking_finds_its_rows_by_an_index(filled: SqlStorage) -> None:
    """No statement reads the whole of a table: what every practice stores makes none slower."""
    with filled._sqlite.connection() as connection:
        for statement in _statements():
            if statement.text.startswith("INSERT"):
                continue  # its plan shows what it seeks only while a reference is open
            values = [None] * len(statement.names)
            plan = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", values).fetchall()
            for *_, detail in plan:
                assert not re.match(
                    r"SCAN (?!page|asked|CONSTANT ROW)(?!.*VIRTUAL TABLE)", detail
                ), statement.text
                whole = re.match(
                    r"SEARCH (\w+) USING PRIMARY KEY \(practice_id=\?\)(?: LEFT-JOIN)?$", detail
                )
                assert whole is None or whole[1] in FEW, statement.text


INBOX = re.compile(r"participant AS paged|FROM message\b")


def test_a_page_of_an_inbox_is_cut_by_one_index(filled: SqlStorage) -> None:
    """MSG-13: whoever has ten thousand conversations waits no longer: nothing is sorted, scanned.

    What is read of the page itself is as long as the page.
    """
    inbox = [each.text for each in _statements() if INBOX.search(each.text)]
    paged = [each for each in inbox if "paged" in each]
    assert len(set(paged)) == 6
    cut = "(practice_id=? AND person=? AND (last_at,conversation_id)<(?,?))"
    with filled._sqlite.connection() as connection:
        for text in inbox:
            values = [None] * text.count("?")
            plan = connection.execute(f"EXPLAIN QUERY PLAN {text}", values).fetchall()
            steps = [detail for *_, detail in plan]
            assert [each for each in steps if "TEMP B-TREE" in each] == []
            scans = {each for each in steps if "SCAN" in each and "VIRTUAL TABLE" not in each}
            assert scans <= {"SCAN page"}  # a virtual table is a list that was given
            found = [each for each in steps if " paged " in each]
            by_index = [f"SEARCH paged USING INDEX participant_latest {cut}"]
            assert found == (by_index if text in paged else [])
