"""`clientportal decisions`: every decision table, generated from the code."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from clientportal.cli.tables import table
from clientportal.decisions import TABLES

if TYPE_CHECKING:
    from argparse import Namespace


def decisions(arguments: Namespace) -> int:
    """Print the tables for people, or all rows as JSON."""
    if arguments.json:
        rows = [row for rows_of in TABLES.values() for row in rows_of()]
        print(json.dumps(rows, indent=0))
        return 0
    for name, rows_of in TABLES.items():
        found = rows_of()
        columns = [column for column in found[0] if column != "table"]
        cells = [[_cell(row[column]) for column in columns] for row in found]
        print(f"{name}, {len(found)} rows\n\n{table(columns, cells)}\n")
    return 0


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "-" if value is None else str(value)
