"""When a reminder is due: so long before the start, moved out of the quiet hours (APT-14)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

from attrs import Attribute, field, frozen

from clientportal.domain.bounds import each_once, whole
from clientportal.domain.moments import MINUTE, Moment
from clientportal.errors import MalformedError, Problem

if TYPE_CHECKING:
    from datetime import tzinfo

LONGEST_OFFSET: Final = timedelta(days=30)
MOST_OFFSETS: Final = 5
#: So long before the start a late reminder is of no use any more.
TOO_LATE: Final = timedelta(hours=1)
#: Quiet hours move a reminder back by less than so much, also where clocks change.
LONGEST_MOVE: Final = timedelta(hours=26)


@frozen(kw_only=True)
class QuietHours:
    """From *start* up to *end*, in minutes of the local day; over midnight, or none if equal."""

    start: int = field(default=21 * 60, validator=whole(0, 24 * 60 - 1))
    end: int = field(default=8 * 60, validator=whole(0, 24 * 60 - 1))

    def covers(self, local: datetime) -> bool:
        """Whether the wall clock of *local* shows a time among them."""
        minute = local.hour * 60 + local.minute
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


def _offsets(_: Any, attribute: Attribute[Any], value: tuple[timedelta, ...]) -> None:
    for each in value:
        if not MINUTE <= each <= LONGEST_OFFSET or each % MINUTE:
            advice = "give whole minutes, up to 30 days"
            raise MalformedError(Problem(attribute.name, "invalid_interval", advice))


@frozen(kw_only=True)
class ReminderRules:
    """How long before an appointment its client is reminded, and when they are left in peace."""

    offsets: tuple[timedelta, ...] = field(
        default=(timedelta(hours=48), timedelta(hours=2)),
        validator=[each_once(MOST_OFFSETS, least=0), _offsets],
    )
    quiet: QuietHours = QuietHours()

    @property
    def reach(self) -> timedelta:
        """How long before its start something about an appointment may be due at the earliest."""
        return max(self.offsets, default=timedelta()) + LONGEST_MOVE


def due_at(start: Moment, offset: timedelta, quiet: QuietHours, zone: tzinfo) -> Moment:
    """When the reminder *offset* before *start* is due: in quiet hours, the minute before them.

    A whole minute before, so that a relay that runs every minute sends it while it is not quiet.
    """
    at = start - offset
    while quiet.covers(at.astimezone(zone)):
        at = min(at, _begin(at, quiet, zone)) - MINUTE
    return at


def _begin(at: Moment, quiet: QuietHours, zone: tzinfo) -> Moment:
    """When the quiet hours around *at* began; the second of two where clocks are set back."""
    local = at.astimezone(zone)
    today = local.hour * 60 + local.minute >= quiet.start
    day = local.date() if today else local.date() - timedelta(days=1)
    clock = datetime.combine(day, time(quiet.start // 60, quiet.start % 60))
    return max(clock.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))


def last_call(start: Moment, offset: timedelta) -> Moment:
    """From when on a reminder found late is not sent: an hour before the start.

    Of one that is itself due within two hours: half of its offset before the start.
    """
    return start - min(TOO_LATE, offset / 2)
