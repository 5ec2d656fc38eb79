"""A week as people see it: what a practitioner has before them, and what a client may book."""

from __future__ import annotations

from itertools import groupby
from typing import Final

from clientportal.cli.stage import Anybody, Stage
from clientportal.cli.tables import table, when
from clientportal.domain.moments import local_day, zone_of
from clientportal.usecases.appointments import SeeSlots
from clientportal.usecases.days import SeeCalendar

DAYS: Final = 7


def calendar(stage: Stage, staff: Anybody, timezone: str) -> str:
    """The appointments of *staff* in a week from today, in the zone each is shown in (APT-16)."""
    view = SeeCalendar(staff_ids=(staff.id,), day=local_day(stage.now, timezone), days=DAYS)
    rows = [
        (when(each.interval.start, each.zones[0]), each.client_name, each.service_name,
         each.modality.value, "lapsed" if each.has_lapsed else each.status.value)
        for each in stage.look(staff, view).appointments
    ]  # fmt: skip
    return table(("when", "with", "what", "how", "status"), rows)


def slots(stage: Stage, client: Anybody, timezone: str) -> str:
    """The times Olive offers *client* in a week from now, day by day, on the client's clocks."""
    view = SeeSlots(
        client_id=client.id,
        staff_id=stage.cast.olive.id,
        service_id=stage.cast.service,
        start=stage.now,
        days=DAYS,
        limit=500,
    )
    zone = zone_of(timezone)
    starts = [each.interval.start.astimezone(zone) for each in stage.look(client, view)]
    rows = [
        (f"{day:%a %Y-%m-%d}", ", ".join(f"{at:%H:%M}" for at in times))
        for day, times in groupby(starts, key=lambda at: at.date())
    ]
    return table(("day", f"begins ({timezone})"), rows)
