"""Ann's hour with Pia, and what Pia offers: facts for the tables about appointments."""

from __future__ import annotations

from typing import Any, Final

from tests.policies.facts import ALL, ANN, DAY, HOUR, NOW, PIA, P, by_staff, practice, staff

from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.availability import Availability, Modality, Service, Window
from clientportal.domain.claims import Exclusive, merged
from clientportal.domain.ids import AppointmentId, ServiceId
from clientportal.domain.moments import Interval
from clientportal.domain.practices import BookingRules
from clientportal.domain.slots import Offer
from clientportal.policies.appointments import AppointmentFacts, BookingFacts
from clientportal.policies.rescheduling import MoveFacts
from clientportal.policies.standing import Standing

START: Final = NOW + 3 * DAY
TALK: Final = Service(id=ServiceId("svc_1"), name="Talk", duration=60, step=15)
ALWAYS: Final = Availability(
    practice_id=P, weekly=tuple(Window(weekday=day, start=0, end=0) for day in range(7))
)
DESK: Final = by_staff(edit_calendar=ALL)


def meeting(
    standing: Standing, status: AppointmentStatus = AppointmentStatus.BOOKED, **given: Any
) -> AppointmentFacts:
    """Ann's hour with Pia in three days, made a day ago."""
    start = {
        "id": AppointmentId("apt_1"),
        "client_id": ANN,
        "staff_id": PIA,
        "service_id": TALK.id,
        "interval": Interval(START, START + HOUR),
        "status": status,
        "made_at": NOW - DAY,
        "modality": Modality.VIDEO,
    }
    return AppointmentFacts(standing=standing, appointment=Appointment(**{**start, **given}))


def moving(
    facts: AppointmentFacts,
    *,
    held: tuple[Exclusive, ...] = (),
    service: Service = TALK,
    levels: tuple[Availability, ...] = (ALWAYS,),
    left: bool = False,
    **rules: Any,
) -> MoveFacts:
    """The same, before what Pia offers: its own time is held, and *held* beside it."""
    of = practice(booking=BookingRules(**rules))
    own = [each for each in facts.appointment.claims if isinstance(each, Exclusive)]
    offer = Offer(
        practice=of,
        service=service,
        staff=staff(PIA, left=left),
        levels=levels,
        held=merged((*own, *held)),
    )
    return MoveFacts(of=facts, booking=BookingFacts(standing=facts.standing, offer=offer))
