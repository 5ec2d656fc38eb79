"""The first tables: those of every noun, and those of claims, outbox, audit and keys.

What is released stays as it is here, so the tables are named once more: a column ends in ``*`` if
it is part of the key, ``#`` if it is a whole number, ``%`` if it is bytes, ``?`` if it may be
null. Every table and key begins with the practice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

revision = "clientportal_0001"
down_revision = None
branch_labels = ("clientportal",)
depends_on = None

WHOLE: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

TABLES: Final = """
audit: id* at# who capacity name about? is_allowed# reason
busy: resource* hour*# lane*# seat*# minutes#
claim: name* value* owner
client: id* version# given_name family_name? display_name? external_id? email? phone?
    birth_date? address_street? address_city? address_region? address_postal_code?
    address_country? emergency_contact_name? emergency_contact_phone? language? timezone? status
    extra
contact: id* version# name email? phone?
delivery: position*# version# attempts# done delivered_at#? fault?
feed: person* version# digest made_at# ended_at#?
idempotency: key* fingerprint reason events results at#
outbox: position*# entry_id? name body is_pending#
practice: id* version# name policies timezone language booking_auto_accept# booking_min_notice#
    booking_horizon_months# booking_upcoming_limit#?
    booking_upcoming_limit_per_service#? booking_hold# booking_buffers booking_cancel_notice#
    booking_cancel_outside booking_cancel_regret# booking_join_before# booking_join_after#
    booking_auto_admit# invites_automatic# invites_asks_birth_date# invites_own_account_from#
    texts_not_for_emergencies texts_contact? reminders_offsets reminders_quiet_start#
    reminders_quiet_end#
service: id* version# name duration# buffer_before# buffer_after# seats# modality price#?
    currency? is_bookable_online# step#? from_midnight#
staff_member: id* version# name email? role permissions_view_clients permissions_edit_clients
    permissions_view_documentation permissions_edit_documentation permissions_view_calendar
    permissions_edit_calendar permissions_billing# permissions_practice_settings#
    takes_messages# status
throttle: id* version# failures# last_at#
account: id* version# email password staff_id?
appointment: id* version# client_id staff_id service_id interval_start# interval_end#
    buffers_before# buffers_after# buffers_rule modality status sequence# made_at# terms_notice#
    terms_outside terms_regret# reason? is_overbooked# is_history#
appointment_notice: appointment_id* sequence*# topic* minutes*# medium* person* version# status at#
hold: id* version# client_id staff_id service_id interval_start# interval_end# buffers_before#
    buffers_after# buffers_rule expires_at# is_released#
assignment: client_id* staff_id* since# until#?
availability: id* staff_id? service_id? timezone? weekly? exceptions?
conversation: id* version# subject? last_sequence# last_at# is_staff_initiated# waiting_since#?
    closed_at#? is_locked# is_among_staff# is_closed_to_proxies#
document: id* version# client_id kind title author content_place content_size# content_digest
    content_wrapped_key% content_media_type status made_at# appointment_id?
invite: id* version# email client_id? relationship_id? staff_id? generation# sent_at#
    expires_at# status accepted_by? folded_email
relationship: id* client_id person kind scopes shares_information# is_emergency_contact# since#
    until#?
busy_calendar: staff_id* source* intervals imported_at#
access: client_id* account_id* relationship_id? since# ended_at#?
meeting: appointment_id* sequence*# started_at#? ended_at#? there
message: id* conversation_id sequence# author attachments text at# words
participant: conversation_id* person* since# from_sequence# until#? until_sequence#? side last_at#?
notice: conversation_id* person* version# sequence# warned_of#?
reading: conversation_id* person* version# sequence# draft?
session: id* version# account_id digest created_at# seen_at# ended_at#? factors
share: document_id* reader* since# until#?
tombstone: message_id* conversation_id by at#
"""

#: Which columns name what other noun.
REFERENCES: Final = """
account: staff_id>staff_member
appointment: client_id>client service_id>service staff_id>staff_member
appointment_notice: appointment_id>appointment
hold: client_id>client service_id>service staff_id>staff_member
assignment: client_id>client staff_id>staff_member
availability: service_id>service staff_id>staff_member
document: client_id>client
invite: client_id>client staff_id>staff_member
relationship: client_id>client
busy_calendar: staff_id>staff_member
access: account_id>account client_id>client
meeting: appointment_id>appointment
message: conversation_id>conversation
notice: conversation_id>conversation
participant: conversation_id>conversation
reading: conversation_id>conversation
session: account_id>account
share: document_id>document
tombstone: conversation_id>conversation message_id>message
"""

#: Index, table, the columns after the practice, and which rows.
INDEXES: Final = """
claim_owner: claim owner
outbox_pending: outbox position | is_pending = 1
appointment_client: appointment client_id interval_start id
appointment_starting: appointment interval_start id | status = 'booked'
appointment_staff: appointment staff_id interval_start id
appointment_lasting: appointment staff_id interval_start id |
    interval_end - interval_start > 86400000000
hold_client: hold client_id | is_released = 0
hold_staff: hold staff_id interval_start | is_released = 0
assignment_staff: assignment staff_id client_id | until IS NULL
document_client: document client_id made_at id
invite_client: invite client_id sent_at | client_id IS NOT NULL
relationship_client: relationship client_id
access_account: access account_id
access_relationship: access relationship_id | relationship_id IS NOT NULL
message_sequence: message conversation_id sequence unique
conversation_waiting: conversation waiting_since id |
    waiting_since IS NOT NULL AND closed_at IS NULL
participant_latest: participant person last_at conversation_id | until IS NULL
"""


def _lines(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\n    ", " ").strip().splitlines():
        name, _, rest = line.partition(": ")
        yield name, rest


def _column(word: str) -> sa.Column[Any]:
    name = word.rstrip("*#%?")
    type_: Any = WHOLE if "#" in word else sa.LargeBinary() if "%" in word else sa.Text()
    key = "*" in word
    return sa.Column(name, type_, primary_key=key, nullable="?" in word, autoincrement=False)


def _reference(word: str) -> sa.ForeignKeyConstraint:
    column, _, noun = word.partition(">")
    return sa.ForeignKeyConstraint(
        ["practice_id", column],
        [f"{noun}.practice_id", f"{noun}.id"],
        deferrable=True,
        initially="DEFERRED",
    )


def upgrade() -> None:
    """Create every table and index."""
    references = dict(_lines(REFERENCES))
    for name, words in _lines(TABLES):
        checks = [sa.CheckConstraint("minutes >= 0", name="slot_taken")] if name == "busy" else []
        op.create_table(
            name,
            _column("practice_id*"),
            *map(_column, words.split()),
            *map(_reference, references.get(name, "").split()),
            *checks,
            sqlite_strict=True,
            sqlite_with_rowid=False,
        )
    for name, described in _lines(INDEXES):
        listed, _, which = described.partition(" | ")
        table, *columns = listed.removesuffix(" unique").split()
        where = sa.text(which) if which else None
        partly: dict[str, Any] = {"sqlite_where": where, "postgresql_where": where}
        unique = listed.endswith(" unique")
        op.create_index(name, table, ["practice_id", *columns], unique=unique, **partly)
