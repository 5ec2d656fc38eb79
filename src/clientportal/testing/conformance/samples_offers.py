"""Samples of what is offered: a service with every field set, and when it can be had."""

from __future__ import annotations

from datetime import date
from typing import Final

from clientportal.domain.availability import Availability, Exceptional, Modality, Service, Window
from clientportal.domain.ids import ServiceId
from clientportal.testing.conformance.desk import PRACTICE, TEXT

SERVICE: Final = Service(
    id=ServiceId("svc_9"),
    name=TEXT,
    duration=61,
    buffer_before=1,
    buffer_after=2,
    seats=9,
    modality=Modality.PHONE,
    price=0,
    currency="EUR",
    is_bookable_online=False,
    step=7,
    from_midnight=True,
)
WINDOWS: Final = (Window(weekday=6, start=0, end=0), Window(weekday=0, start=1439, end=1))
AVAILABILITY: Final = Availability(
    practice_id=PRACTICE,
    service_id=SERVICE.id,
    timezone="Europe/Madrid",
    weekly=WINDOWS,
    exceptions=(
        Exceptional(day=date(2026, 3, 8)),
        Exceptional(day=date(2026, 3, 9), windows=((1, 2),)),
    ),
)
