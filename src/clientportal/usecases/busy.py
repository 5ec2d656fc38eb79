"""Keeping when staff are busy by calendars outside (APT-15)."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.availability import BusyTimesImported
from clientportal.domain.busy import BusyCalendar, kept
from clientportal.domain.calendars import BusyTimes
from clientportal.domain.moments import Interval
from clientportal.domain.texts import line
from clientportal.flows import Change, Flow, Outcome, RowResult, fetch
from clientportal.policies.availability import may_import_busy_times
from clientportal.ports.queries import PracticeFactsOf
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class ImportBusyTimes:
    """Replace one's own busy times by the calendar called *source* (APT-15).

    A calendar port has read *busy*. What has passed, or lies more than 24 months ahead, is left
    out. The results name the events that could not be read by their place: `event_unreadable`.
    """

    name: ClassVar[str] = "busy_times.import"
    tests_secret: ClassVar[bool] = False
    source: str = field(validator=line(60))
    busy: BusyTimes = field(repr=False)

    def flow(self, context: Context) -> Flow[Outcome]:
        """The staff member is rewritten, so that a booking under way is decided again."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_import_busy_times(facts)
        if not decision or facts.staff is None:
            return Outcome(decision)
        whole = kept(context.now)
        near = (each for each in self.busy.intervals if each.overlaps(whole))
        calendar = BusyCalendar(
            staff_id=facts.staff.id,
            source=self.source,
            intervals=tuple(
                Interval(max(each.start, whole.start), min(each.end, whole.end)) for each in near
            ),
            imported_at=context.now,
        )
        told = (RowResult(key=str(at), code="event_unreadable") for at in self.busy.unreadable)
        change = Change(BusyTimesImported(staff_id=facts.staff.id), (facts.staff, calendar))
        return Outcome(decision, (change,), results=tuple(told))
