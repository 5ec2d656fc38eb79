"""Commands about the practice, its people, their relationships, and what clients set."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from attrs import evolve

from clientportal.domain.ids import (
    ClientId,
    ContactId,
    InviteId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.invites import Invite
from clientportal.domain.people import (
    OWNER_PERMISSIONS,
    Address,
    Client,
    EmergencyContact,
    Permissions,
    Reach,
    StaffMember,
    StaffStatus,
)
from clientportal.domain.practices import (
    BookingRules,
    BufferRule,
    CancelTerms,
    InviteRules,
    MessagingPolicy,
    Outside,
)
from clientportal.domain.relationships import Contact, Relationship, Scope
from clientportal.domain.reminders import ReminderRules
from clientportal.testing.cast import OWNER
from clientportal.testing.conformance.picks import BIRTHS, Draw, Move, Picks
from clientportal.usecases.imports import ImportClients, ImportRow
from clientportal.usecases.people import (
    AddClient,
    AddStaffMember,
    ArchiveClient,
    AssignClient,
    ChangeClient,
    ChangeStaffMember,
    UnassignClient,
)
from clientportal.usecases.practices import ChangePractice, OpenPractice, SetMessagingPolicy
from clientportal.usecases.relationships import ChangeRelationship, EndRelationship, Relate
from clientportal.usecases.settings import ChangeProfile, SetLanguage, SetTimezone

EMAILS: Final = (
    None,
    "gus@example.org",
    "hal@example.org",
    "ann@example.org",
    "eve@example.org",
    "\u00c9va@example.org",
    "fay@example.org",
)
ZONES: Final = ("Europe/Madrid", "America/New_York", "UTC", "Asia/Kathmandu")
LATE: Final = CancelTerms(notice=timedelta(hours=48), outside=Outside.REFUSE)


def _client(p: Picks, client_id: ClientId) -> Client:
    return Client(
        id=client_id,
        given_name=p.one("Eve", "Fay", "\u0141ukasz"),
        family_name=p.one(None, "Ng"),
        external_id=p.one(None, None, "x1", "x2", "x3"),
        email=p.one(*EMAILS),
        birth_date=p.one(*BIRTHS),
        address=p.one(Address(), Address(city="York")),
        extra=p.one((), (("plan", "A"),)),
    )


def _permissions(p: Picks) -> Permissions:
    everything, nothing = OWNER_PERMISSIONS, Permissions()
    reach = p.one(*Reach)
    mixed = Permissions(
        view_clients=p.one(Reach.ASSIGNED, Reach.EVERYTHING),
        edit_clients=reach,
        view_documentation=reach,
        view_calendar=p.one(*Reach),
        practice_settings=p.seldom(2),
    )
    return p.one(everything, nothing, mixed, mixed)


def _member(p: Picks, staff_id: StaffId) -> StaffMember:
    return StaffMember(
        id=staff_id,
        name="Uma",
        email=p.one(None, "uma@example.org"),
        permissions=_permissions(p),
        takes_messages=p.one(True, True, False),
        status=p.one(StaffStatus.ACTIVE, StaffStatus.ACTIVE, StaffStatus.LEFT),
    )


def add_client(p: Picks) -> Move:
    """Add a client."""
    client = _client(p, p.fresh(ClientId, Client))
    command = AddClient(client=client, invite_id=p.fresh(InviteId, Invite))
    return Move(command, p.anybody())


def change_client(p: Picks) -> Move:
    """Replace a record, wholly or in part."""
    before = p.state(Client)
    client = _client(p, p.client_id())
    if before is not None and p.seldom(2):
        client = evolve(before, email=p.one(before.email, "new@example.org"), phone="+1 555 01")
    return Move(ChangeClient(client=client), p.anybody(client.id))


def archive_client(p: Picks) -> Move:
    """Archive, more seldom than others are added."""
    actor = p.by_staff() if p.seldom(2) else p.anybody()
    return Move(ArchiveClient(client_id=p.id(ClientId, Client)), actor)


def add_staff(p: Picks) -> Move:
    """Add a staff member."""
    return Move(AddStaffMember(staff=_member(p, p.fresh(StaffId, StaffMember))), p.anybody())


def change_staff(p: Picks) -> Move:
    """Change what somebody may do; the owner more seldom."""
    found = p.state(StaffMember)
    member = _member(p, StaffId.of("none") if found is None else found.id)
    if found is not None and (found.id != OWNER or not p.seldom(12)):
        member = evolve(found, permissions=_permissions(p)) if found.id != OWNER else found
    return Move(ChangeStaffMember(staff=member), p.by_staff())


def assign(p: Picks) -> Move:
    """Put on a roster."""
    client_id = p.client_id()
    return Move(AssignClient(client_id=client_id, staff_id=p.staff_id()), p.anybody(client_id))


def unassign(p: Picks) -> Move:
    """Take off a roster."""
    client_id = p.client_id()
    return Move(UnassignClient(client_id=client_id, staff_id=p.staff_id()), p.by_staff())


def import_clients(p: Picks) -> Move:
    """Import a few rows, known and new."""
    rows = tuple(
        ImportRow(
            client=evolve(_client(p, ClientId.of(f"i{key}")), external_id=key),
            invite_id=InviteId.of(f"i{key}"),
        )
        for key in p.some("x1", "x2", "x4", "x5") or ("x3",)
    )
    fields = p.some("given_name", "email", "birth_date", "city", "status")
    extra = p.some("sex")
    return Move(ImportClients(rows=rows, fields=fields, extra=extra), p.anybody())


def open_practice(p: Picks) -> Move:
    """Open the practice a second time, which nobody can."""
    command = OpenPractice(
        practice_id=p.world.practice_id,
        practice_name="Again",
        owner_id=p.fresh(StaffId, StaffMember),
        owner_name="Uma",
        owner_email="uma@example.org",
        invite_id=p.fresh(InviteId, Invite),
    )
    return Move(command, p.one(p.world.system(), p.by_staff()))


def set_policy(p: Picks) -> Move:
    """Set who may write to whom."""
    return Move(SetMessagingPolicy(policy=p.one(*MessagingPolicy)), p.anybody())


SOON: Final = ReminderRules(offsets=(timedelta(hours=5), timedelta(hours=30)))


def change_practice(p: Picks) -> Move:
    """Change how is booked and invited."""
    booking = BookingRules(
        auto_accept=p.seldom(2),
        min_notice=timedelta(hours=p.one(0, 0, 0, 24)),
        buffers=p.one(*BufferRule),
        cancel=p.one(CancelTerms(), LATE),
    )
    rules = InviteRules(automatic=p.seldom(2), asks_birth_date=p.seldom(2))
    command = ChangePractice(
        timezone=p.one(None, *ZONES),
        booking=p.one(None, booking),
        invites=p.one(None, rules),
        reminders=p.one(None, None, SOON),
    )
    return Move(command, p.anybody())


def relate(p: Picks) -> Move:
    """Relate a client to a contact, a known one or another client."""
    contact_id = p.fresh(ContactId, Contact)
    contact = Contact(id=contact_id, name="Gil", email=p.one(None, "gil@example.org"))
    among: tuple[ContactId | ClientId, ...] = (
        p.id(ContactId, Contact),
        ClientId("cli_2"),
        ClientId.of("none"),
    )
    known = p.one(*among)
    new, client_id = p.seldom(2), p.one(ClientId("cli_1"), ClientId("cli_3"), p.client_id())
    command = Relate(
        relationship_id=p.fresh(RelationshipId, Relationship),
        client_id=client_id,
        contact=contact if new or known == client_id else None,
        person=None if new or known == client_id else known,
        kind="friend",
        scopes=frozenset(p.some(*Scope)),
        shares_information=p.seldom(2),
    )
    return Move(command, p.owner())


def change_relationship(p: Picks) -> Move:
    """Change one of the three facts."""
    command = ChangeRelationship(
        relationship_id=p.id(RelationshipId, Relationship),
        scopes=p.one(None, frozenset(), frozenset(Scope)),
        shares_information=p.one(None, True, False),
    )
    return Move(command, p.anybody())


def end_relationship(p: Picks) -> Move:
    """End a relationship."""
    return Move(EndRelationship(relationship_id=p.id(RelationshipId, Relationship)), p.by_staff())


def change_profile(p: Picks) -> Move:
    """Change what is the client's own."""
    client_id = p.client_id()
    command = ChangeProfile(
        client_id=client_id,
        display_name=p.one(None, "Dr \u00d8."),
        emergency_contact=p.one(None, EmergencyContact(name="Hal", phone="+1 555 02")),
    )
    return Move(command, p.one(p.of_client(client_id), p.anybody(client_id)))


def set_language(p: Picks) -> Move:
    """Set a language."""
    client_id = p.client_id()
    return Move(
        SetLanguage(client_id=client_id, language=p.one("en", "pt-BR")), p.of_client(client_id)
    )


def set_timezone(p: Picks) -> Move:
    """Set a zone."""
    client_id = p.client_id()
    command = SetTimezone(client_id=client_id, timezone=p.one(*ZONES))
    return Move(command, p.one(p.of_client(client_id), p.anybody(client_id)))


DECK: Final[Mapping[str, tuple[Draw, ...]]] = {
    "people": (
        add_client,
        add_client,
        change_client,
        archive_client,
        assign,
        unassign,
        import_clients,
    ),
    "practice": (add_staff, change_staff, set_policy, set_policy, change_practice, open_practice),
    "records": (
        relate,
        change_relationship,
        end_relationship,
        change_profile,
        set_language,
        set_timezone,
    ),
}
