"""A week as people see it: what a practitioner has before them, and what a client may book."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from attrs import evolve

from clientportal.cli.stage import Anybody, Stage
from clientportal.cli.tables import table, when
from clientportal.domain.moments import local_day, zone_of
from clientportal.domain.slots import Slot
from clientportal.usecases.days import SeeCalendar
from clientportal.usecases.slots import SeeSlots

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


def _every(stage: Stage, client: Anybody, view: SeeSlots) -> Iterator[Slot]:
    """What is offered, page by page."""
    while page := stage.look(client, view):
        yield from page
        view = evolve(view, after=(page[-1].interval.start, page[-1].staff_id))


def slots(stage: Stage, client: Anybody, timezone: str) -> str:
    """The times Olive offers *client* in a week from now, day by day, on the client's clocks."""
    view = SeeSlots(
        client_id=client.id,
        staff_id=stage.cast.olive.id,
        service_id=stage.cast.service,
        start=stage.now,
        days=DAYS,
    )
    zone = zone_of(timezone)
    found = _every(stage, client, view)
    starts = [each.interval.start.astimezone(zone) for each in found]
    rows = [
        (f"{day:%a %Y-%m-%d}", ", ".join(f"{at:%H:%M}" for at in times))
        for day, times in groupby(starts, key=lambda at: at.date())
    ]
    return table(("day", f"begins ({timezone})"), rows)
