"""`clientportal import-appointments` (APT-16)."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from clientportal.cli.practices import practice_named
from clientportal.cli.premises import bare, read_file, refused_rows
from clientportal.cli.progress import Progress
from clientportal.cli.tables import table
from clientportal.histories import (
    HistoryReport,
    StaffList,
    import_history,
    read_history,
    read_staff_list,
)

if TYPE_CHECKING:
    from argparse import Namespace


def import_appointments(arguments: Namespace) -> int:
    """Bring past visits into a practice from a file."""
    parts = bare(arguments.store)
    history = read_file(arguments.file, read_history)
    staff = StaffList() if arguments.staff is None else read_file(arguments.staff, read_staff_list)
    practice_id = practice_named(arguments, parts)
    system = parts.portal.system_actor(practice_id)
    progress = Progress(sys.stderr, "importing visits")
    report = import_history(parts.portal, system, history, staff, progress=progress)
    if arguments.json:
        print(json.dumps(_told(report, staff), ensure_ascii=False, indent=2))
    else:
        _print(report, staff, (*history.ignored, *staff.ignored))
    return 0


def _told(report: HistoryReport, staff: StaffList) -> dict[str, object]:
    return {
        "added": report.added,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "refused": refused_rows(report.refused),
        "staff": {"added": report.staff, "refused": refused_rows(staff.refused)},
        "services": {"added": report.services},
    }


def _print(report: HistoryReport, staff: StaffList, ignored: tuple[str, ...]) -> None:
    numbers = (report.added, report.updated, report.unchanged, len(report.refused))
    print("The past visits\n")
    print(table(("added", "updated", "unchanged", "refused"), [numbers]))
    print(f"\n  made for them: {report.staff} staff members who left, {report.services} services")
    if ignored:
        print(f"\n  columns not read: {', '.join(ignored)}")
    for title, refused in (("row", report.refused), ("row of the staff list", staff.refused)):
        if refused:
            rows = [(each.row, each.key, each.field, each.code) for each in refused]
            print(f"\n{table((title, 'external_id', 'field', 'refused because'), rows)}")
    print()
