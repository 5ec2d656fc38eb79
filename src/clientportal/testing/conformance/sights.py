"""Everything that can be seen of a world: each view to several people, each query's answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from attrs import evolve, frozen

from clientportal.domain.accounts import Account, Secret, Session, Throttle
from clientportal.domain.actors import Actor
from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Service
from clientportal.domain.conversations import REPLY_WITHIN, Conversation
from clientportal.domain.documents import Document
from clientportal.domain.feeds import Feed
from clientportal.domain.ids import AppointmentId, ClientId, ConversationId, DocumentId
from clientportal.domain.invites import Invite
from clientportal.domain.messages import Message
from clientportal.domain.moments import Interval
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.practices import MessagingPolicy, Practice
from clientportal.domain.relationships import Contact, Relationship
from clientportal.embedded.room import Room
from clientportal.errors import NotFoundError
from clientportal.flows import Get, Need
from clientportal.policies.documents import Readership
from clientportal.policies.selecting import answerable_of, startable_of
from clientportal.ports import queries as q
from clientportal.testing.builders import PRACTICE, World
from clientportal.testing.cast import ANN, OWNER, PRACTITIONER, TALK, account_of, dora
from clientportal.testing.conformance.deck_feeds import FEED_TOKENS
from clientportal.testing.conformance.sights_times import Look, looks_at_reminders, looks_at_times
from clientportal.usecases import (
    accepting,
    accounts,
    availability,
    calendars,
    custody,
    dashboard,
    days,
    deliveries,
    documentation,
    feeds,
    foresight,
    inbox,
    joining,
    notices,
    people,
    practices,
    recipients,
    relationships,
    rescheduling,
    searching,
    settings,
    slots,
)
from clientportal.usecases.command import View


@frozen
class Sights:
    """What there is to see in *room*, the reference's, and how to ask any *world* for it."""

    room: Room
    world: World

    def ids(self, kind: type[Any]) -> list[Any]:
        """The ids of all states of *kind*."""
        return [each.id for each in self.room.all(kind)]

    def viewers(self) -> tuple[Actor, ...]:
        """The owner, who sees most, and some who see less."""
        world = self.world
        return world.staff(OWNER), world.staff(PRACTITIONER), world.client(ANN), dora(world)

    def looks(self) -> Iterator[Look]:
        """Every view to every viewer."""
        for viewer in self.viewers():
            yield from ((view, viewer) for view in self._views())
        yield from self._special()

    def _views(self) -> Iterator[View[Any]]:
        yield from (practices.SeePractice(), people.SeeClients(), people.SeeClients(limit=1))
        yield from (inbox.SeeInbox(), inbox.SeeInbox(limit=1), availability.SeeCatalogue())
        yield from (inbox.SeeInbox(answerable=True), custody.SeeUnowned(), foresight.SeeUpcoming())
        yield foresight.SeeUpcoming(everybody=True)
        yield from (searching.SearchMessages(words=each) for each in ("hello", "How are", "eé"))
        yield from (foresight.WhatWouldChange(policy=each) for each in MessagingPolicy)
        day = self.world.clock.at.date()
        for each in (OWNER, PRACTITIONER):
            yield days.SeeCalendar(staff_ids=(each,), day=day, days=7)
        both = (PRACTITIONER, OWNER)
        yield days.SeeCalendar(staff_ids=both, day=day, days=31, limit=2)
        yield accounts.SeePortals()
        yield from self._of_records()

    def _of_records(self) -> Iterator[View[Any]]:
        for client_id in self.ids(Client):
            yield people.SeeClient(client_id=client_id)
            yield dashboard.SeeDashboard(client_id=client_id)
            yield dashboard.SeeAppointments(client_id=client_id, upcoming=False, limit=2)
            yield documentation.SeeDocuments(client_id=client_id)
            yield documentation.SeeDocuments(client_id=client_id, limit=1)
            yield relationships.SeeRelationships(client_id=client_id)
            yield settings.SeeSettings(client_id=client_id)
            yield recipients.SeeRecipients(client_id=client_id)
            yield recipients.ExplainClient(client_id=client_id)
            yield foresight.SeeFlips(client_id=client_id, staff_ids=(PRACTITIONER,))
            yield foresight.SeeFlips(client_id=client_id, staff_ids=(OWNER,), as_client=True)
        for conversation_id in self.ids(Conversation):
            yield inbox.SeeConversation(conversation_id=conversation_id)
            yield foresight.SeeFlips(conversation_id=conversation_id)
        for document_id in self.ids(Document):
            yield documentation.DownloadDocument(document_id=document_id)
        for appointment_id in self.ids(Appointment):
            yield calendars.SeeAppointmentFile(appointment_id=appointment_id)
            yield joining.SeeMeeting(appointment_id=appointment_id)
            yield rescheduling.SeeTimesToMove(
                appointment_id=appointment_id, start=self.world.clock.at, days=1, limit=5
            )

    def _special(self) -> Iterator[Look]:
        world = self.world
        yield notices.SeeClosingSoon(), world.system()
        yield from looks_at_reminders(self.room, self.world)
        for message in self.room.all(Message):
            talk_id = message.conversation_id
            to_tell = notices.SeeNoticesToMail(conversation_id=talk_id, message_id=message.id)
            yield to_tell, world.system()
            yield notices.SeeWarningsToMail(conversation_id=talk_id), world.system()
        yield deliveries.SeePending(limit=1000), world.system()
        for invite in self.room.all(Invite):
            yield accepting.SeeInvite(), world.visitor(invite.id, invite.generation)
            to_mail = deliveries.SeeInviteToMail(invite_id=invite.id, generation=invite.generation)
            yield to_mail, world.system()
        for staff_id in (None, PRACTITIONER):
            first = slots.SeeSlots(
                client_id=ANN, staff_id=staff_id, service_id=TALK, start=world.clock.at, days=20
            )
            yield first, world.client(ANN)
            yield evolve(first, after=(world.clock.at, OWNER), limit=3), world.staff(PRACTITIONER)
        for token in (*FEED_TOKENS, "none"):
            yield feeds.SeeCalendarFeed(token=Secret(token)), world.portal.visitor(PRACTICE)
        yield from looks_at_times(self.room, self.world)

    def seen(self, look: Look) -> Any:
        """What the world shows."""
        view, actor = look
        return self.world.look(view, actor)

    def needs(self) -> Iterator[Need[Any]]:
        """Every query about everything there is, and about something that is not."""
        owner, own = self.world.staff(OWNER), self.world.client(ANN)
        near = Interval(self.world.clock.at, self.world.clock.at + timedelta(days=3))
        yield from (q.StartingWithin(near), q.StartingWithin(near, limit=1))
        yield from (q.AttendanceOf(each) for each in self.ids(Appointment))
        yield from (q.PracticeFactsOf(owner), q.CatalogueOf(), q.PendingEvents(1000))
        yield from (q.PendingEvents(3), q.StandingOf(type(ANN).of("none"), owner))
        yield q.ClientsByExternalId(("x2", "x1", "none"))
        yield q.LiveInvitesOf(tuple(self.ids(Client)))
        yield q.InvitingFactsOf((*reversed(self.ids(Client)), type(ANN).of("none")), owner)
        for actor in (owner, own, dora(self.world)):
            yield from self._of_clients(actor)
            yield from self._of_others(actor)
        yield from self._of_people()
        yield from self._of_secrets()
        for position in range(1, len(self.room.outbox) + 2, 5):
            yield q.DeliveryOf(position)

    def _of_clients(self, actor: Actor) -> Iterator[Need[Any]]:
        at = self.world.clock.at
        for client_id in self.ids(Client):
            yield q.StandingOf(client_id, actor)
            yield q.RecipientsOf(client_id, actor)
            yield from (
                q.RecipientsOf(
                    client_id, self.world.client(client_id), startable=startable_of(each)
                )
                for each in MessagingPolicy
            )
            yield q.StartingFactsOf((client_id, ANN), (OWNER, PRACTITIONER), actor)
            yield q.StartingFactsOf((client_id,), (), actor)
            yield q.ProxiesOf((client_id, ANN))
            yield q.ConversationsAbout(client_id, actor)
            yield q.AppointmentsOf(client_id, at, upcoming=True, limit=2)
            yield q.AppointmentsOf(client_id, at, upcoming=False)
            yield q.DocumentsOf(client_id, reader=None, limit=2)
            own = Readership(readers=(client_id,), authors=(client_id,))
            yield q.DocumentsOf(client_id, reader=own, limit=1)
            yield q.RelationshipsOf(client_id)
            within = Interval(at, at + timedelta(days=2))
            yield q.BookingFactsOf(client_id, PRACTITIONER, TALK, within, actor, at)
            yield q.SearchFactsOf(client_id, TALK, within, actor, at)
            yield q.NeighboursOf(client_id, PRACTITIONER, within)

    def _of_others(self, actor: Actor) -> Iterator[Need[Any]]:
        for appointment_id in self.ids(Appointment):
            yield q.AppointmentFactsOf(appointment_id, actor)
            yield q.MeetingFactsOf(appointment_id, actor)
        yield from (q.DocumentFactsOf(each, actor) for each in self.ids(Document))
        for relationship_id in self.ids(Relationship):
            yield q.RelationshipFactsOf(relationship_id, actor)
            yield q.AccessesThrough(relationship_id)
            yield q.InvitingRelatedOf(relationship_id, actor)
        for invite_id in self.ids(Invite):
            yield q.InvitingFactsFor(invite_id, actor)
            yield q.InviteFactsOf(invite_id)
        for conversation_id in self.ids(Conversation):
            yield q.WritingFactsOf(conversation_id, actor)
            yield q.MessagesOf(conversation_id, before=3, limit=2)
            yield q.MessagesOf(conversation_id)
            yield q.MessagesOf(conversation_id, after=1)
            yield q.ParticipantsOf(conversation_id)
            yield q.AddresseesOf(conversation_id)
        yield from (q.TombstoneOf(each) for each in self.ids(Message))
        yield from self._of_practice(actor)

    def _of_practice(self, actor: Actor) -> Iterator[Need[Any]]:
        at = self.world.clock.at
        policies = self.room.all(Practice)[0].policies
        rule = answerable_of(policies, at, by_staff=actor.is_staff)
        yield from (q.InboxOf(actor, answerable=rule), q.InboxOf(actor, answerable=rule, limit=1))
        yield from (q.SearchOf(actor, (each,)) for each in ("hello", "well", "how"))
        yield q.SearchOf(actor, ("are", "how"), limit=1)
        yield q.AttachedOf((*self.ids(Document), DocumentId("doc_none")), actor)
        yield from (q.UnownedOf(actor), q.UnownedOf(actor, limit=1), q.ForeseenOf(actor))
        yield from (q.UnownedOf(actor, without=each) for each in self.ids(StaffMember))
        yield q.ForeseenOf(actor, after=ConversationId("cnv_1"), limit=2)
        yield from (q.ClosingsOf(actor), q.ClosingsOf(actor, everybody=True))
        yield q.ClosingsOf(actor, everybody=True, limit=1)
        for upto in (at, at - REPLY_WITHIN, at - timedelta(days=30)):
            yield from (q.UnownedOf(actor, closed_upto=upto), q.ClosingsOf(actor, closed_upto=upto))
            yield q.ClosingsOf(actor, everybody=True, closed_upto=upto)

    def _of_people(self) -> Iterator[Need[Any]]:
        owner = self.world.staff(OWNER)
        for staff_id in self.ids(StaffMember):
            yield Get(StaffMember, staff_id)
            yield q.OthersWithSettings(staff_id)
            yield q.InvitingStaffOf(staff_id, self.world.staff(staff_id))
            yield q.InboxOf(self.world.staff(staff_id), limit=2)
            yield q.ClientsOf(staff_id, everybody=True, limit=2)
            yield q.ClientsOf(staff_id, everybody=False, after=ANN)
            yield from (q.AssignmentOf(client_id, staff_id) for client_id in self.ids(Client))
        yield q.StartingFactsOf((), (OWNER, PRACTITIONER), owner)
        yield q.InboxOf(dora(self.world))
        for client_id in self.ids(Client):
            yield q.InboxOf(self.world.client(client_id))
        yield q.AppointmentsNamed((*reversed(self.ids(Appointment)), AppointmentId("apt_none")))
        yield q.StaffNamed((*reversed(self.ids(StaffMember)), PRACTITIONER))
        yield from self._of_calendars()
        for person in (*self.ids(Client), *self.ids(StaffMember)):
            yield q.FeedEntriesOf(person, self.world.clock.at - timedelta(days=1))
            yield q.FeedEntriesOf(person, self.world.clock.at, limit=1)
        for kind in (Client, Contact, Service, Session, Appointment):
            yield from (Get(kind, each) for each in (*self.ids(kind), "none"))

    def _of_calendars(self) -> Iterator[Need[Any]]:
        at, own = self.world.clock.at, self.world.staff(PRACTITIONER)
        for staff_id in (*self.ids(StaffMember), type(OWNER).of("none")):
            for span in (1, 60):
                within = Interval(at - timedelta(days=span), at + timedelta(days=span))
                yield q.CalendarOf(staff_id, within)
                for lasting in (True, False):
                    page = q.CalendarPageOf(staff_id, within, at, own, lasting=lasting)
                    yield from (page, evolve(page, limit=1))

    def _of_secrets(self) -> Iterator[Need[Any]]:
        throttles = self.ids(Throttle) or ["account/none"]
        for feed in self.room.all(Feed):
            yield from (q.FeedOf(feed.person), q.FeedFactsOf(feed.digest))
        yield from (q.FeedOf(ClientId("cli_none")), q.FeedFactsOf("0" * 64))
        for account in self.room.all(Account):
            yield q.PortalsOf(account.id)
            yield q.SignInFactsOf(account.email.lower(), throttles[0], throttles[-1])
        yield q.SignInFactsOf("nobody@example.org", "account/none", None)
        yield q.PortalsOf(account_of("none"))
        for session in self.room.all(Session):
            yield q.SessionFactsOf(session.digest)
        yield q.SessionFactsOf("0" * 64)

    def answer(self, need: Need[Any]) -> Any:
        """What the world's storage answers; of what is not there, the noun that is missing."""
        with self.world.storage.open(self.world.practice_id) as work:
            try:
                return work.read((need,))[0]
            except NotFoundError as error:
                return "not found", error.kind
