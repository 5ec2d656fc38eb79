"""Tables for people."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import pytest

from clientportal.cli.progress import Progress
from clientportal.cli.tables import shown, table, when, width


@pytest.mark.parametrize(
    ("text", "columns"),
    [("Ann", 3), ("", 0), ("Zoë", 3), ("Zoe\u0308", 3), ("犬山", 4), ("ｱ", 1), ("a\u200db", 2)],
)
def test_width_is_what_a_terminal_gives(text: str, columns: int) -> None:
    """Wide characters take two columns, combining marks and joiners none."""
    assert width(text) == columns


def test_columns_stand_below_each_other() -> None:
    """Every column begins where its heading does, whatever the script; numbers end there."""
    rows = [("Ann", 7, "x"), ("犬山", 12, "y"), ("Zoe\u0308", 1, None)]
    lines = table(("name", "age", "end"), rows).splitlines()
    assert lines == [
        "  name  age  end",
        "  ────  ───  ───",
        "  Ann     7  x",
        "  犬山   12  y",
        "  Zoe\u0308     1",
    ]


def test_no_rows_are_said_to_be_none() -> None:
    """An empty table says so."""
    assert table(("name",), []) == "  (nothing)"


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a\x1b[2Jb", "a [2Jb"),
        ("two\nlines", "two lines"),
        ("אבג", "\u2068אבג\u2069"),
        (None, ""),
    ],
    ids=["an escape", "a newline", "right to left", "nothing"],
)
def test_a_cell_cannot_spoil_the_table(text: str | None, safe: str) -> None:
    """Controls become spaces; text of the other direction is kept apart."""
    assert shown(text) == safe


def test_a_time_names_its_zone() -> None:
    """A moment is shown on the clocks of a zone, with the zone."""
    at = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
    assert when(at, "America/New_York") == "Sun 2026-11-22 22:30 America/New_York"
    assert when(at, "Asia/Kolkata") == "Mon 2026-11-23 09:00 Asia/Kolkata"


class Terminal(StringIO):
    """A stream that somebody watches."""

    def isatty(self) -> bool:
        """Yes."""
        return True


def test_progress_is_for_whoever_watches() -> None:
    """A terminal sees one line drawn again, ended when all is done; a file sees nothing."""
    terminal, file = Terminal(), StringIO()
    for stream in (terminal, file):
        for done in (0, 500, 1000):
            Progress(stream, "importing")(done, 1000)
    drawn = terminal.getvalue()
    assert (drawn.count("\r"), drawn.count("\n"), file.getvalue()) == (3, 1, "")
    assert drawn.endswith("1,000 of 1,000\n")
