"""Every command and view there is, found by reflection, and one good value of each."""

from __future__ import annotations

import importlib
import pkgutil
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

import attrs

import clientportal.usecases
from clientportal.domain.accounts import Secret
from clientportal.domain.appointment_notices import NoticeStatus, Topic
from clientportal.domain.availability import Exceptional, Service, Window
from clientportal.domain.calendars import BusyTimes
from clientportal.domain.documents import Content
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ContactId,
    ConversationId,
    DocumentId,
    HoldId,
    InviteId,
    MessageId,
    PracticeId,
    RelationshipId,
    ServiceId,
    SessionId,
    StaffId,
)
from clientportal.domain.moments import Interval
from clientportal.domain.people import Address, Client, EmergencyContact, StaffMember, StaffStatus
from clientportal.domain.practices import BookingRules, InviteRules, MessagingPolicy, MessagingTexts
from clientportal.domain.relationships import Contact, Scope
from clientportal.domain.reminders import ReminderRules
from clientportal.testing.builders import MONDAY
from clientportal.usecases import histories, imports
from clientportal.usecases.custody import Custody

#: Not for the portal's three verbs: the portal's own door.
INTERNAL: Final = {"UseSession"}


def _found() -> tuple[type[Any], ...]:
    classes: list[type[Any]] = []
    package = clientportal.usecases
    for each in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(each.name)
        classes += [
            one
            for one in vars(module).values()
            if isinstance(one, type) and one.__module__ == each.name and hasattr(one, "flow")
        ]
    concrete = (one for one in classes if attrs.has(one) and one.__name__ not in INTERNAL)
    return tuple(sorted(concrete, key=lambda one: one.__name__))


ALL: Final = _found()
COMMANDS: Final = tuple(one for one in ALL if hasattr(one, "tests_secret"))
VIEWS: Final = tuple(one for one in ALL if not hasattr(one, "tests_secret"))

_CLIENT: Final = Client(id=ClientId("cli_1"), given_name="Ann", external_id="x50")

#: A good value for each name of a field.
GOOD: Final[dict[str, Any]] = {
    "account_id": AccountId("acc_50"),
    "address": Address(city="Troy"),
    "after": None,
    "answerable": True,
    "as_client": True,
    "appointment_id": AppointmentId("apt_1"),
    "at": MONDAY,
    "attachments": (),
    "attendee": ClientId("cli_1"),
    "before": 5,
    "birth_date": None,
    "busy": BusyTimes(intervals=(Interval(MONDAY, MONDAY + timedelta(hours=1)),), unreadable=(3,)),
    "booking": BookingRules(),
    "client": _CLIENT,
    "clear": ("phone",),
    "done": ("mail",),
    "client_id": ClientId("cli_1"),
    "client_ids": (ClientId("cli_1"),),
    "contact": Contact(id=ContactId("con_50"), name="Gil"),
    "content": Content(BytesIO(b"x")),
    "conversation_id": ConversationId("cnv_1"),
    "custody": Custody(),
    "day": MONDAY.date(),
    "days": 2,
    "display_name": "Annie",
    "document_id": DocumentId("doc_1"),
    "email": "ann@example.org",
    "emergency_contact": EmergencyContact(name="Bo", phone="555-0100"),
    "everybody": True,
    "exceptions": (Exceptional(day=MONDAY.date(), windows=((0, 60),)),),
    "extra": ("plan",),
    "fault": "mail_refused",
    "fields": ("given_name",),
    "file_name": "scan.pdf",
    "generation": 1,
    "invite_id": InviteId("inv_cli-1"),
    "invites": InviteRules(),
    "is_closed_to_proxies": False,
    "is_emergency_contact": True,
    "kind": "friend",
    "language": "en",
    "leave_unowned": True,
    "hold_id": HoldId("hld_50"),
    "limit": 5,
    "overbook": False,
    "lock": True,
    "message_id": MessageId("msg_50"),
    "minutes": 120,
    "owner_email": "o@example.org",
    "owner_id": StaffId("stf_50"),
    "owner_name": "Otto",
    "practitioners": (StaffMember(id=StaffId("stf_51"), name="Ida", status=StaffStatus.LEFT),),
    "people": (StaffId("stf_2"),),
    "password": Secret("a long enough password"),
    "person": ClientId("cli_2"),
    "phone": "555-0100",
    "policy": MessagingPolicy.ALL_CLIENTS,
    "position": 1,
    "practice_id": PracticeId("prc_1"),
    "practice_name": "Riverside",
    "proxies": (),
    "reader": ClientId("cli_1"),
    "reason": "ill",
    "relationship_id": RelationshipId("rel_1"),
    "reminders": ReminderRules(),
    "rows": (imports.ImportRow(client=_CLIENT, invite_id=InviteId("inv_50")),),
    "scopes": frozenset({Scope.JOIN}),
    "sequence": 1,
    "services": (Service(id=ServiceId("svc_51"), name="Past", duration=30),),
    "service": Service(id=ServiceId("svc_50"), name="Talk", duration=50),
    "service_id": ServiceId("svc_1"),
    "session_id": SessionId("ses_1"),
    "shares_information": True,
    "size": 1,
    "source": "work",
    "staff": StaffMember(id=StaffId("stf_2"), name="Pia"),
    "staff_id": StaffId("stf_2"),
    "status": NoticeStatus.SENT,
    "staff_ids": (StaffId("stf_2"),),
    "start": MONDAY + timedelta(days=1),
    "subject": "Plan",
    "successor": StaffId("stf_2"),
    "text": "Hello",
    "texts": MessagingTexts(contact="555-0100"),
    "timezone": "Europe/Berlin",
    "title": "Plan",
    "token": Secret("token"),
    "topic": Topic.BOOKED,
    "upcoming": True,
    "words": "hello",
    "appointments": (
        histories.PastAppointment(
            external_id="v1",
            client_external_id="x1",
            appointment_id=AppointmentId("apt_51"),
            staff_id=StaffId("stf_51"),
            service_id=ServiceId("svc_51"),
            interval=Interval(MONDAY - timedelta(days=9), MONDAY - timedelta(days=7, seconds=1)),
        ),
    ),
    "warned_of": MONDAY,
    "who": "stf_1",
    "weekly": (Window(weekday=0, start=0, end=0),),
}
_BULK: Final = ((InviteId("inv_50"), ClientId("cli_1")),)


def good(cls: type[Any], **given: Any) -> Any:
    """A well-formed value of *cls*; a field without an example is a failure of this table."""
    values = {each.name: GOOD[each.name] for each in attrs.fields(cls)}
    if cls.__name__ == "SeePending":
        values["after"] = 0
    if cls.__name__ == "RecordAppointmentNotice":
        values["person"] = StaffId("stf_2")
    if cls.__name__ == "SendInvites":
        values["invites"] = _BULK
    return cls(**{**values, **given})
