"""What somebody was mailed about an appointment, so that nobody is told twice (APT-14, OUT-1)."""

from __future__ import annotations

from enum import Enum
from typing import Final

from attrs import field, frozen

from clientportal.domain.bounds import whole
from clientportal.domain.ids import AccountId, AppointmentId, StaffId
from clientportal.domain.moments import Moment, is_moment

#: The only channel in 1.0 (OUT-6).
MAIL: Final = "mail"


class Topic(Enum):
    """What a mail about an appointment is about (OUT-5)."""

    REQUESTED = "requested"
    BOOKED = "booked"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    REMINDER = "reminder"


class NoticeStatus(Enum):
    """Whether it went out, or was found when it was of no use any more."""

    SENT = "sent"
    SKIPPED = "skipped"


@frozen(kw_only=True)
class AppointmentNotice:
    """That *person* was told of one version of an appointment, the one of *sequence*.

    *minutes* is how many minutes before the start a reminder is for. *at* is the moment that it was
    about: when it happened, or when the reminder was due. Moving or cancelling raises the sequence,
    so what was told before is void.
    """

    appointment_id: AppointmentId
    sequence: int
    topic: Topic
    minutes: int = field(default=0, validator=whole(0, 30 * 24 * 60))
    medium: str = MAIL
    person: AccountId | StaffId
    status: NoticeStatus = NoticeStatus.SENT
    at: Moment = field(validator=is_moment)

    belongs_to = None
    claims = ()

    @property
    def id(self) -> str:
        """What it is about, how, and to whom."""
        topic, told = self.topic.value, f"{self.medium}/{self.person}"
        return f"{self.appointment_id}/{self.sequence}/{topic}/{self.minutes}/{told}"
