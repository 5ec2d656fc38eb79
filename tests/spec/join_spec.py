"""Who may join, when, and where they come in: APT-12 once more, as an oracle for tests.

Written from the text of the rules and importing nothing of the library.

Read as: from `opens_at` on, and until `closes_at` without that instant (half-open, APT-2).
Read as: a room to join is one of a video appointment.
Read as: only cancelling and moving kill a link; fulfilled and no-show leave it until it closes, a
request has none yet, and a move that waits has not moved anything.
Read as: the host is the staff member of the appointment, is bound by the same times, and never
waits; who does not attend learns nothing else.
"""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

BEFORE = timedelta(minutes=15)
AFTER = timedelta(minutes=30)

HIDDEN = "hidden"
NOT_VIDEO = "not_video"
LINK_DEAD = "link_dead"
NOT_BOOKED = "not_booked"
TOO_EARLY = "too_early"
TOO_LATE = "too_late"
WAITING_ROOM = "waiting_room"
ROOM = "room"


class Session(NamedTuple):
    """The appointment as it stands; `moving` says that a move of it waits."""

    start: datetime
    end: datetime
    staff: str
    attendees: frozenset[str]
    version: int = 1
    status: str = "booked"
    moving: bool = False
    modality: str = "video"
    host_started_at: datetime | None = None


class Knock(NamedTuple):
    """Somebody with a link of some version wants to come in."""

    who: str
    now: datetime
    version: int = 1


def instant(moment: datetime) -> datetime:
    """The same moment, so that it compares as an instant."""
    return moment.astimezone(UTC)


def opens_at(session: Session) -> datetime:
    """15 minutes before the start."""
    return instant(session.start) - BEFORE


def closes_at(session: Session) -> datetime:
    """30 minutes after the end."""
    return instant(session.end) + AFTER


def hidden(session: Session, knock: Knock) -> bool:
    """Only attendees and the host."""
    return knock.who != session.staff and knock.who not in session.attendees


def not_video(session: Session, knock: Knock) -> bool:
    """There is no room."""
    return session.modality != "video"


def link_dead(session: Session, knock: Knock) -> bool:
    """Cancelled, or moved since the link was made."""
    ended = session.status in ("cancelled", "late_cancelled", "declined", "lapsed")
    return ended or knock.version != session.version


def not_booked(session: Session, knock: Knock) -> bool:
    """A request that nobody accepted."""
    return session.status == "requested" and not session.moving


def too_early(session: Session, knock: Knock) -> bool:
    """Before it opens."""
    return instant(knock.now) < opens_at(session)


def too_late(session: Session, knock: Knock) -> bool:
    """It is closed."""
    return instant(knock.now) >= closes_at(session)


DENIALS = (hidden, not_video, link_dead, not_booked, too_early, too_late)


def reasons(session: Session, knock: Knock) -> list[str]:
    """Every reason not to let them in, the first of which is told."""
    return [one.__name__ for one in DENIALS if one(session, knock)]


def join(session: Session, knock: Knock) -> str:
    """A reason, or the waiting room until the host starts, or the room."""
    why = reasons(session, knock)
    if why:
        return why[0]
    host = session.host_started_at
    begun = host is not None and instant(host) <= instant(knock.now)
    return ROOM if begun or knock.who == session.staff else WAITING_ROOM
