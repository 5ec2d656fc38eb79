"""JSON as this library writes and reads it, and the names of events on the wire."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from clientportal.domain import (
    accounts,
    appointments,
    availability,
    conversations,
    documents,
    feeds,
    holds,
    invites,
    meetings,
    people,
    practices,
    relationships,
)
from clientportal.errors import MalformedError, Problem

#: Renaming a class does not rewrite history: a name is never changed, nor given to another event.
WIRE_NAMES: Final[Mapping[type[Any], str]] = {
    practices.PracticeOpened: "practice.opened",
    practices.PracticeChanged: "practice.changed",
    practices.PolicySet: "messaging_policy.set",
    people.ClientAdded: "client.added",
    people.ClientChanged: "client.changed",
    people.ClientArchived: "client.archived",
    people.ClientAssigned: "client.assigned",
    people.ClientUnassigned: "client.unassigned",
    people.StaffAdded: "staff_member.added",
    people.StaffChanged: "staff_member.changed",
    accounts.SignedIn: "account.signed_in",
    accounts.SignedOut: "account.signed_out",
    invites.InviteSent: "invite.sent",
    invites.InviteAccepted: "invite.accepted",
    invites.InviteRevoked: "invite.revoked",
    availability.ServiceAdded: "service.added",
    availability.AvailabilitySet: "availability.set",
    availability.BusyTimesImported: "busy_times.imported",
    appointments.AppointmentRequested: "appointment.requested",
    appointments.AppointmentBooked: "appointment.booked",
    appointments.AppointmentAccepted: "appointment.accepted",
    appointments.AppointmentDeclined: "appointment.declined",
    appointments.AppointmentCancelled: "appointment.cancelled",
    appointments.AppointmentImported: "appointment.imported",
    meetings.WaitingRoomEntered: "waiting_room.entered",
    meetings.MeetingStarted: "meeting.started",
    meetings.AttendeeAdmitted: "attendee.admitted",
    meetings.AttendeeLeft: "attendee.left",
    meetings.MeetingEnded: "meeting.ended",
    appointments.AppointmentLapsed: "appointment.lapsed",
    holds.SlotHeld: "slot.held",
    holds.SlotReleased: "slot.released",
    feeds.FeedMade: "feed.made",
    feeds.FeedRevoked: "feed.revoked",
    conversations.MessageSent: "message.sent",
    conversations.ConversationClosed: "conversation.closed",
    conversations.ConversationReopened: "conversation.reopened",
    conversations.ConversationUnlocked: "conversation.unlocked",
    conversations.ConversationTakenOver: "conversation.taken_over",
    conversations.ParticipantAdded: "participant.added",
    conversations.ParticipantRemoved: "participant.removed",
    conversations.ConversationRead: "conversation.read",
    conversations.MessageRetracted: "message.retracted",
    relationships.RelationshipMade: "relationship.made",
    relationships.RelationshipChanged: "relationship.changed",
    relationships.RelationshipEnded: "relationship.ended",
    documents.DocumentAdded: "document.added",
    documents.DocumentShared: "document.shared",
    documents.DocumentWithdrawn: "document.withdrawn",
}

EVENTS: Final[Mapping[str, type[Any]]] = {name: cls for cls, name in WIRE_NAMES.items()}

#: Canonical: the same value has the same text, wherever and whenever it is written.
encode: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
).encode


def _refuse(advice: str, code: str = "invalid_argument") -> NoReturn:
    raise MalformedError(Problem("", code, advice))


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        _refuse("name each field once", "duplicate_field")
    return found


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse("give a finite number")


def _no_number(_: str) -> NoReturn:
    _refuse("give a finite number")


def loads(text: str | bytes) -> Any:
    """What strict JSON says; bytes are UTF-8.

    Raises `MalformedError`: `invalid_json`, `duplicate_field`, and `invalid_argument` for numbers
    that are none, numbers of thousands of digits and nesting thousands deep.
    """
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(
            decoded, object_pairs_hook=_once_each, parse_float=_finite, parse_constant=_no_number
        )
    except (json.JSONDecodeError, UnicodeDecodeError):
        _refuse("give JSON in UTF-8", "invalid_json")
    except (ValueError, RecursionError):
        _refuse("give smaller numbers and less nesting")
