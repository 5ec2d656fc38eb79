"""How SQLite finds a week of a calendar: by staff member and time, whatever else is there."""

from __future__ import annotations

from typing import Final

import pytest

from clientportal_sql import answers_calendars
from clientportal_sql.statements import Statement
from clientportal_sql.storage import SqlStorage

WEEK: Final = "(practice_id=? AND staff_id=? AND (interval_start,id)>(?,?) AND interval_start<?)"


def plan(storage: SqlStorage, statement: Statement) -> list[str]:
    """The steps of SQLite."""
    with storage._sqlite.connection() as connection:
        values = [None] * len(statement.names)
        rows = connection.execute(f"EXPLAIN QUERY PLAN {statement.text}", values)
        return [detail for *_, detail in rows]


@pytest.mark.parametrize(
    ("lasting", "index"), [(False, "appointment_staff"), (True, "appointment_lasting")]
)
def test_a_week_is_cut_by_one_index(storage: SqlStorage, lasting: bool, index: str) -> None:
    """APT-16: nothing is sorted or gone through; those that last for weeks have their own index."""
    steps = plan(storage, answers_calendars._PAGES[lasting])
    assert [each for each in steps if "TEMP B-TREE" in each or each.startswith("SCAN")] == []
    assert f"SEARCH appointment USING INDEX {index} {WEEK}" in steps
    (other,) = (each for each in steps if each.startswith("SEARCH other"))
    assert "appointment_staff (practice_id=? AND staff_id=? AND interval_start>?" in other


def test_held_time_is_found_by_its_hours(storage: SqlStorage) -> None:
    """APT-16: free time reads no more than the hours asked for."""
    steps = plan(storage, answers_calendars._CALENDAR_OF)
    assert [each for each in steps if "SCAN" in each or "TEMP" in each] == []
    key = "(practice_id=? AND resource=? AND hour>? AND hour<?)"
    assert f"SEARCH busy USING PRIMARY KEY {key}" in steps
