"""The indexes beside the keys: one for each way that statements look for rows."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from clientportal.domain.accounts import Access
from clientportal.domain.appointments import Appointment
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.documents import Document
from clientportal.domain.holds import Hold
from clientportal.domain.invites import Invite
from clientportal.domain.messages import Message
from clientportal.domain.people import Assignment
from clientportal.domain.relationships import Relationship
from clientportal_sql.nouns import NOUNS


def _index(name: str, kind: type, *columns: str, unique: bool = False, where: str = "") -> sa.Index:
    table = NOUNS[kind].table
    partly: dict[str, Any] = {"sqlite_where": sa.text(where)} if where else {}
    listed = [table.c[column] for column in ("practice_id", *columns)]
    return sa.Index(name, *listed, unique=unique, **partly)


INDEXES: Final = (
    _index("assignment_staff", Assignment, "staff_id", "client_id", where="until IS NULL"),
    _index("access_account", Access, "account_id"),
    _index("access_relationship", Access, "relationship_id", where="relationship_id IS NOT NULL"),
    _index("invite_client", Invite, "client_id", "sent_at", where="client_id IS NOT NULL"),
    _index("appointment_client", Appointment, "client_id", "interval_start", "id"),
    _index("appointment_starting", Appointment, "interval_start", "id", where="status = 'booked'"),
    _index("appointment_staff", Appointment, "staff_id", "interval_start", "id"),
    _index(
        "appointment_lasting",
        Appointment,
        "staff_id",
        "interval_start",
        "id",
        where="interval_end - interval_start > 86400000000",  # a day of microseconds
    ),
    _index("hold_client", Hold, "client_id", where="is_released = 0"),
    _index("hold_staff", Hold, "staff_id", "interval_start", where="is_released = 0"),
    _index(
        "participant_latest",
        Participant,
        "person",
        "last_at",
        "conversation_id",
        where="until IS NULL",
    ),
    _index(
        "conversation_waiting",
        Conversation,
        "waiting_since",
        "id",
        where="waiting_since IS NOT NULL AND closed_at IS NULL",
    ),
    _index("message_sequence", Message, "conversation_id", "sequence", unique=True),
    _index("relationship_client", Relationship, "client_id"),
    _index("document_client", Document, "client_id", "made_at", "id"),
)
