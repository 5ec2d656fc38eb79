"""What is stored about reminders, for every storage to keep."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from clientportal.domain.appointment_notices import AppointmentNotice, NoticeStatus, Topic
from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import AccountId
from clientportal.domain.reminders import QuietHours, ReminderRules

REMINDERS: Final = ReminderRules(
    offsets=(timedelta(days=7), timedelta(minutes=1)), quiet=QuietHours(start=0, end=1)
)


def reminded(appointment: Appointment, person: AccountId) -> AppointmentNotice:
    """That *person* was to be reminded of *appointment*, and it was too late."""
    return AppointmentNotice(
        appointment_id=appointment.id,
        sequence=appointment.sequence,
        topic=Topic.REMINDER,
        minutes=2880,
        person=person,
        status=NoticeStatus.SKIPPED,
        at=appointment.made_at,
    )
