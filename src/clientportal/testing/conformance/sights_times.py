"""What there is to see of times: why one cannot be had, and who is to be told of an appointment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, TypeAlias

from clientportal.domain.actors import Actor
from clientportal.domain.appointment_notices import Topic
from clientportal.domain.appointments import Appointment
from clientportal.embedded.room import Room
from clientportal.testing.builders import World
from clientportal.testing.cast import ANN, OWNER, TALK
from clientportal.usecases import booking, reminders
from clientportal.usecases.command import View

Look: TypeAlias = tuple[View[Any], Actor]


def looks_at_times(room: Room, world: World) -> Iterator[Look]:
    """Why a time near each appointment of *room* cannot be had."""
    for each in room.all(Appointment):
        why_not = booking.SeeWhyNot(
            client_id=ANN,
            staff_id=each.staff_id,
            service_id=TALK,
            start=each.interval.start - timedelta(hours=1),
        )
        yield why_not, world.client(ANN)
        yield why_not, world.staff(OWNER)


def looks_at_reminders(room: Room, world: World) -> Iterator[Look]:
    """What is due, and who is told of each appointment of *room*."""
    system, at = world.system(), world.clock.at
    yield from ((reminders.SeeDueReminders(limit=each), system) for each in (1, 100))
    for each in room.all(Appointment):
        yield reminders.SeeRemindersToMail(appointment_id=each.id), system
        for topic in (Topic.BOOKED, Topic.CANCELLED):
            told = reminders.SeeAppointmentToMail(
                appointment_id=each.id, topic=topic, at=at, who=OWNER
            )
            yield told, system
