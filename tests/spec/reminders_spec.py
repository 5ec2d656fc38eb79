"""When which reminder is sent: APT-14 once more, as an oracle for tests.

Written from the text of the rules and importing nothing of the library. Quiet hours are found by
stepping back minute by minute. All times given are aware.

Read as: an offset is elapsed time before the start.
Read as: quiet hours are half-open on the wall (21:00 is quiet, 08:00 is not); what falls into them
is due when they began, so at 21:00.
Read as: due is the moment after moving earlier; booked exactly then is not later than due.
Read as: booked is the moment from which this version stands, so for a moved one when it was moved.
Read as: late is any moment after due, and what is found late needs more than one hour to the start.
Read as: only what is booked at that moment is reminded of, a request is not.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
OFFSETS = (timedelta(hours=48), timedelta(hours=2))
QUIET = (21 * 60, 8 * 60)

NONE = "none"
WAITING = "waiting"
SENT = "sent"
SKIPPED = "skipped"

Key = tuple[str, int, timedelta, str]


class Version(NamedTuple):
    """One version of an appointment: its start, and from when to when it stood."""

    id: str
    version: int
    start: datetime
    booked_at: datetime
    void_at: datetime | None = None


class Settings(NamedTuple):
    """Offsets, channels, and quiet hours in minutes of the client's day."""

    offsets: tuple[timedelta, ...] = OFFSETS
    channels: tuple[str, ...] = ("mail",)
    quiet: tuple[int, int] | None = QUIET
    zone: str = "UTC"


class Reminder(NamedTuple):
    """What is due when."""

    key: Key
    due: datetime


def instant(moment: datetime) -> datetime:
    """The same moment, so that it compares as an instant."""
    return moment.astimezone(UTC)


def is_quiet(moment: datetime, settings: Settings) -> bool:
    """The client's wall shows quiet hours; equal ends mean that there are none."""
    if settings.quiet is None:
        return False
    wall = moment.astimezone(ZoneInfo(settings.zone))
    minute = wall.hour * 60 + wall.minute
    first, last = settings.quiet
    if first <= last:
        return first <= minute < last
    return minute >= first or minute < last


def due(start: datetime, offset: timedelta, settings: Settings) -> datetime:
    """The offset before the start, or when the quiet hours began in which that falls."""
    moment = instant(start) - offset
    if not is_quiet(moment, settings):
        return moment
    moment = moment.replace(second=0, microsecond=0)
    while is_quiet(moment - MINUTE, settings):
        moment -= MINUTE
    return moment


def reminders(one: Version, settings: Settings) -> list[Reminder]:
    """Those this version can have; booked later than due, there is none."""
    planned = [
        Reminder((one.id, one.version, offset, channel), due(one.start, offset, settings))
        for offset in settings.offsets
        for channel in settings.channels
    ]
    return [each for each in planned if instant(one.booked_at) <= each.due]


def stands(one: Version, now: datetime) -> bool:
    """This version is booked and neither moved nor cancelled at `now`."""
    begun = instant(one.booked_at) <= instant(now)
    return begun and (one.void_at is None or instant(now) < instant(one.void_at))


def belongs(one: Version, reminder: Reminder) -> bool:
    """It is of this version, and that was not booked later than due."""
    return reminder.key[:2] == (one.id, one.version) and instant(one.booked_at) <= reminder.due


def fate(one: Version, reminder: Reminder, now: datetime) -> str:
    """What becomes of a reminder that is first looked at `now`."""
    if not stands(one, now) or not belongs(one, reminder):
        return NONE
    if instant(now) < reminder.due:
        return WAITING
    if instant(now) == reminder.due:
        return SENT
    return SENT if instant(one.start) - instant(now) > timedelta(hours=1) else SKIPPED


def record(
    versions: list[Version], settings: Settings, looks: list[datetime]
) -> dict[Key, tuple[datetime, str]]:
    """What is sent or skipped when somebody looks at these moments: each key once."""
    done: dict[Key, tuple[datetime, str]] = {}
    for now in sorted(looks, key=instant):
        for one in versions:
            for reminder in reminders(one, settings):
                what = fate(one, reminder, now)
                if what in (SENT, SKIPPED) and reminder.key not in done:
                    done[reminder.key] = (now, what)
    return done
