"""Every question to storage, and the one function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias, cast

from clientportal.domain.ids import PracticeId
from clientportal.errors import NotFoundError
from clientportal.flows import Get, Need
from clientportal.ports import queries as q
from clientportal_sql import (
    answers_accounts,
    answers_appointments,
    answers_booking,
    answers_calendars,
    answers_conversations,
    answers_custody,
    answers_documents,
    answers_feeds,
    answers_foresight,
    answers_invites,
    answers_meetings,
    answers_messages,
    answers_notices,
    answers_people,
    answers_recipients,
    answers_reminders,
    answers_search,
    answers_slots,
)
from clientportal_sql.nouns import NOUNS
from clientportal_sql.statements import Asked, Rows, Seen

Answer: TypeAlias = Callable[[PracticeId, Any], Asked]

ANSWERS: Final[Mapping[type, Answer]] = {
    q.PracticeFactsOf: answers_people.practice_facts_of,
    q.StandingOf: answers_people.standing_of,
    q.AssignmentOf: answers_people.assignment_of,
    q.ClientsByExternalId: answers_people.clients_by_external_id,
    q.ClientsOf: answers_people.clients_of,
    q.OthersWithSettings: answers_people.others_with_settings,
    q.InvitingFactsOf: answers_invites.inviting_facts_of,
    q.InvitingRelatedOf: answers_invites.inviting_related_of,
    q.InvitingStaffOf: answers_invites.inviting_staff_of,
    q.InvitingFactsFor: answers_invites.inviting_facts_for,
    q.LiveInvitesOf: answers_invites.live_invites_of,
    q.InviteFactsOf: answers_invites.invite_facts_of,
    q.SignInFactsOf: answers_accounts.sign_in_facts_of,
    q.SessionFactsOf: answers_accounts.session_facts_of,
    q.PortalsOf: answers_accounts.portals_of,
    q.CatalogueOf: answers_appointments.catalogue_of,
    q.BookingFactsOf: answers_slots.booking_facts_of,
    q.SearchFactsOf: answers_slots.search_facts_of,
    q.NeighboursOf: answers_booking.neighbours_of,
    q.AppointmentFactsOf: answers_appointments.appointment_facts_of,
    q.MeetingFactsOf: answers_meetings.meeting_facts_of,
    q.AppointmentsOf: answers_appointments.appointments_of,
    q.AppointmentsNamed: answers_calendars.appointments_named,
    q.CalendarOf: answers_calendars.calendar_of,
    q.CalendarPageOf: answers_calendars.calendar_page_of,
    q.StaffNamed: answers_calendars.staff_named,
    q.AttendanceOf: answers_reminders.attendance_of,
    q.StartingWithin: answers_reminders.starting_within,
    q.FeedOf: answers_feeds.feed_of,
    q.FeedFactsOf: answers_feeds.feed_facts_of,
    q.FeedEntriesOf: answers_feeds.feed_entries_of,
    q.WritingFactsOf: answers_conversations.writing_facts_of,
    q.StartingFactsOf: answers_recipients.starting_facts_of,
    q.RecipientsOf: answers_recipients.recipients_of,
    q.ProxiesOf: answers_recipients.proxies_of,
    q.InboxOf: answers_messages.inbox_of,
    q.ConversationsAbout: answers_messages.conversations_about,
    q.MessagesOf: answers_messages.messages_of,
    q.TombstoneOf: answers_messages.tombstone_of,
    q.UnownedOf: answers_custody.unowned_of,
    q.AddresseesOf: answers_notices.addressees_of,
    q.SearchOf: answers_search.search_of,
    q.AttachedOf: answers_documents.attached_of,
    q.ClosingsOf: answers_foresight.closings_of,
    q.ForeseenOf: answers_foresight.foreseen_of,
    q.ParticipantsOf: answers_messages.participants_of,
    q.DocumentFactsOf: answers_documents.document_facts_of,
    q.DocumentsOf: answers_documents.documents_of,
    q.RelationshipsOf: answers_documents.relationships_of,
    q.RelationshipFactsOf: answers_documents.relationship_facts_of,
    q.AccessesThrough: answers_documents.accesses_through,
    q.DeliveryOf: answers_documents.delivery_of,
    q.PendingEvents: answers_documents.pending_events,
}


def _got(practice_id: PracticeId, need: Get[Any]) -> Asked:
    noun = NOUNS[need.kind]
    key = noun.key_of(need.id)

    def build(rows: Rows, seen: Seen) -> Any:
        if not rows or key is None:
            raise NotFoundError(need.kind.__name__.lower(), need.id)
        return noun.take(rows[0], 0, seen)

    named = {**dict.fromkeys(noun.get.names), **(key or {}), "practice": practice_id}
    return Asked(noun.get.text, noun.get.values(named), build)


def answer_of(practice_id: PracticeId, need: Need[Any]) -> Asked:
    """The one statement that answers *need*, and how its rows become the answer."""
    if isinstance(need, Get):
        return _got(practice_id, need)
    return ANSWERS[type(need)](practice_id, cast("Any", need))
