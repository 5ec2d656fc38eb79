"""What a client's cancellation comes to: the rule APT-8 once more, as an oracle for tests.

Written from the text of the rules and importing nothing of the library. `outside` and the lengths
are those of the appointment's snapshot; `made_at` is when it was booked or last moved. Whatever
zone the times carry, they are compared as instants.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

CANCELLED = "cancelled"
LATE_CANCELLED = "late_cancelled"
ALREADY_CANCELLED = "already_cancelled"
ALREADY_STARTED = "already_started"
OUTSIDE_NOTICE = "outside_notice"
NOT_CANCELLABLE = "not_cancellable"

ALLOWED = (CANCELLED, LATE_CANCELLED, ALREADY_CANCELLED)


class Cancellation(NamedTuple):
    """One client's wish to cancel at `now`."""

    status: str
    start: datetime
    made_at: datetime
    now: datetime
    notice: timedelta = timedelta(hours=24)
    outside: str = "allow_as_late"
    regret: timedelta = timedelta(minutes=15)


def elapsed(first: datetime, last: datetime) -> timedelta:
    """The time that passes from one instant to another."""
    return last.astimezone(UTC) - first.astimezone(UTC)


def in_regret(case: Cancellation) -> bool:
    """Less than the regret window has passed since booking or moving (half-open)."""
    return timedelta(0) <= elapsed(case.made_at, case.now) < case.regret


def in_time(case: Cancellation) -> bool:
    """The notice is kept; exactly the notice is in time."""
    return elapsed(case.now, case.start) >= case.notice


def outcome(case: Cancellation) -> str:
    """The code: a new status, `already_cancelled`, or why not."""
    if case.status in (CANCELLED, LATE_CANCELLED):
        return ALREADY_CANCELLED
    if case.status == "lapsed":  # a request whose start came
        return ALREADY_STARTED
    if case.status not in ("requested", "booked"):
        return NOT_CANCELLABLE
    if elapsed(case.start, case.now) >= timedelta(0):
        return ALREADY_STARTED
    if case.status == "requested" or in_regret(case) or in_time(case):
        return CANCELLED
    return LATE_CANCELLED if case.outside == "allow_as_late" else OUTSIDE_NOTICE
