"""Clients, staff, rosters, relationships, settings, imports, deliveries (PPL, REL, SET)."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.ids import ClientId, ContactId, InviteId, RelationshipId, StaffId
from clientportal.domain.people import (
    Address,
    Client,
    EmergencyContact,
    Permissions,
    Reach,
    StaffMember,
    StaffStatus,
)
from clientportal.domain.relationships import Contact, Relationship, Scope
from clientportal.errors import MalformedError
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    DORA,
    MOTHER,
    OWNER,
    PARTNER,
    PRACTITIONER,
    RECEPTION,
    TRAINEE,
    account_of,
    dora,
)
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.deliveries import RecordDelivery, SeePending
from clientportal.usecases.imports import ImportClients, ImportRow
from clientportal.usecases.people import (
    AddClient,
    AddStaffMember,
    ArchiveClient,
    AssignClient,
    ChangeClient,
    ChangeStaffMember,
    SeeClient,
    SeeClients,
    UnassignClient,
)
from clientportal.usecases.practices import ChangePractice, SeePractice
from clientportal.usecases.relationships import (
    ChangeRelationship,
    EndRelationship,
    Relate,
    SeeRelationships,
)
from clientportal.usecases.settings import (
    ChangeProfile,
    SeeSettings,
    SetLanguage,
    SetTimezone,
)

FEW: Final = Permissions(view_clients=Reach.ASSIGNED, edit_clients=Reach.ASSIGNED)


def events(world: World, command: Any, who: Any) -> list[str]:
    """What a command publishes."""
    return [event.name for event in world.done(command, who).events]


def seen(world: World, client_id: ClientId, who: Any) -> Any:
    """A client's record as somebody sees it."""
    return world.look(SeeClient(client_id=client_id), who)


def test_adding_a_client(world: World) -> None:
    """PPL-2, PPL-4: who may edit only their own clients gets this one; ids are used once."""
    eve = Client(id=ClientId("cli_9"), given_name="Eve", external_id="x9")
    add = AddClient(client=eve, invite_id=InviteId("inv_9"))
    assert world.do(add, world.staff(RECEPTION)) == Denied("RefusedError", "permission_needed")
    assert world.do(add, world.client(ANN)) == Denied("RefusedError", "staff_only")
    assert events(world, add, world.staff(PRACTITIONER)) == ["client.added", "client.assigned"]
    assert seen(world, eve.id, world.staff(PRACTITIONER)) == eve
    assert world.do(add, world.staff(OWNER)) == Denied("ConflictError", "id_used")
    twin = AddClient(client=evolve(eve, id=ClientId("cli_10")), invite_id=InviteId("inv_10"))
    assert world.do(twin, world.staff(OWNER)) == Denied("RefusedError", "external_id_taken")


def test_changing_and_archiving(world: World) -> None:
    """PPL-2: a record is replaced, its status too; archiving twice is once; the record stays."""
    owner, ann = world.staff(OWNER), seen(world, ANN, world.staff(OWNER))
    gone = evolve(ann, status=type(ann.status).ARCHIVED, given_name="Anna")
    assert events(world, ChangeClient(client=gone), owner) == ["client.changed"]
    assert seen(world, ANN, owner) == gone
    world.done(ChangeClient(client=ann), owner)
    taken = ChangeClient(client=evolve(ann, external_id="x1"))
    assert world.do(taken, owner) == Denied("RefusedError", "external_id_taken")
    archive = ArchiveClient(client_id=ANN)
    assert [events(world, archive, owner) for _ in range(2)] == [["client.archived"], []]
    assert not seen(world, ANN, owner).is_active
    assert world.do(archive, world.staff(RECEPTION)) == Denied("RefusedError", "may_only_view")


def test_permissions_take_effect_at_once(world: World) -> None:
    """PPL-3, PPL-4: at the next request, not at the next sign-in."""
    owner, tom = world.staff(OWNER), world.staff(TRAINEE)
    assert seen(world, ANN, tom).error == "NotFoundError"
    assert events(world, AssignClient(client_id=ANN, staff_id=TRAINEE), owner) == [
        "client.assigned"
    ]
    assert events(world, AssignClient(client_id=ANN, staff_id=TRAINEE), owner) == []
    assert seen(world, ANN, tom).id == ANN
    assert events(world, UnassignClient(client_id=ANN, staff_id=TRAINEE), owner) == [
        "client.unassigned"
    ]
    assert events(world, UnassignClient(client_id=ANN, staff_id=TRAINEE), owner) == []
    assert events(world, UnassignClient(client_id=DAN, staff_id=TRAINEE), owner) == []
    assert seen(world, ANN, tom).error == "NotFoundError"
    everything = Permissions(view_clients=Reach.EVERYTHING)
    world.done(
        ChangeStaffMember(staff=StaffMember(id=TRAINEE, name="Tom", permissions=everything)), owner
    )
    assert seen(world, ANN, tom).id == ANN
    left = StaffMember(id=TRAINEE, name="Tom", permissions=everything, status=StaffStatus.LEFT)
    world.done(ChangeStaffMember(staff=left), owner)
    assert not isinstance(seen(world, ANN, tom), Client)
    assert (
        world.do(AssignClient(client_id=ANN, staff_id=StaffId("stf_99")), owner).error
        == "NotFoundError"
    )
    assert (
        world.do(AssignClient(client_id=DAN, staff_id=TRAINEE), world.staff(PRACTITIONER)).error
        == "NotFoundError"
    )


def test_the_last_with_settings_keeps_them(world: World) -> None:
    """PPL-8: the last staff member with practice settings cannot be removed, nor leave."""
    owner = world.staff(OWNER)
    poorer = ChangeStaffMember(staff=StaffMember(id=OWNER, name="Olga", permissions=FEW))
    assert world.do(poorer, owner) == Denied("RefusedError", "last_with_settings")
    gone = StaffMember(
        id=OWNER,
        name="Olga",
        status=StaffStatus.LEFT,
        permissions=Permissions(practice_settings=True),
    )
    assert world.do(ChangeStaffMember(staff=gone), owner) == Denied(
        "RefusedError", "last_with_settings"
    )
    heir = StaffMember(
        id=StaffId("stf_9"), name="Ida", permissions=Permissions(practice_settings=True)
    )
    assert events(world, AddStaffMember(staff=heir), owner) == ["staff_member.added"]
    assert events(world, poorer, owner) == ["staff_member.changed"]
    assert world.do(poorer, owner) == Denied("RefusedError", "permission_needed")
    assert world.do(AddStaffMember(staff=heir), owner) == Denied(
        "RefusedError", "permission_needed"
    )
    nobody = ChangeStaffMember(staff=StaffMember(id=StaffId("stf_99"), name="?"))
    assert world.do(nobody, world.staff(StaffId("stf_9"))).error == "NotFoundError"


def test_the_client_list(world: World) -> None:
    """PPL-3: all clients, or one's roster; with the invite and whether it was taken up."""
    everybody = world.look(SeeClients(), world.staff(OWNER))
    assert [each.client.id for each in everybody] == [ANN, BEN, CAT, DAN]
    assert [each.has_access for each in everybody] == [True, True, False, False]
    assert [each.invite is None for each in everybody] == [False, False, True, False]
    assert [each.client.id for each in world.look(SeeClients(), world.staff(PRACTITIONER))] == [
        ANN,
        BEN,
    ]
    page = world.look(SeeClients(limit=2, after=ANN), world.staff(OWNER))
    assert [each.client.id for each in page] == [BEN, CAT]
    assert world.look(SeeClients(), world.client(ANN)) == Denied("RefusedError", "staff_only")


def test_settings_of_the_practice(world: World) -> None:
    """PPL-3: what is None stays; staff see them."""
    owner = world.staff(OWNER)
    world.done(ChangePractice(practice_name="Lakeside"), owner)
    world.done(ChangePractice(language="es", timezone="Europe/Madrid"), owner)
    shown = world.look(SeePractice(), world.staff(TRAINEE))
    assert (shown.practice.name, shown.practice.language, shown.practice.timezone) == (
        "Lakeside",
        "es",
        "Europe/Madrid",
    )
    assert world.look(SeePractice(), world.client(ANN)) == Denied("RefusedError", "staff_only")
    assert world.do(ChangePractice(), world.staff(TRAINEE)) == Denied(
        "RefusedError", "permission_needed"
    )
    for bad in (ChangePractice(practice_name=""), ChangePractice(language="??")):
        assert world.do(bad, owner).error == "MalformedError"


# --- Relationships -------------------------------------------------------------------------------


def relate(number: int = 9, **given: Any) -> Relate:
    """Relating Dan to somebody."""
    base = {"relationship_id": RelationshipId(f"rel_{number}"), "client_id": DAN, "kind": "friend"}
    return Relate(**{**base, **given})


def bond(world: World, relationship_id: RelationshipId) -> Relationship:
    """A relationship as it is stored."""
    storage: Any = world.storage
    found: Relationship = storage.rooms[world.practice_id].rows[Relationship, relationship_id][1]
    return found


def test_relating(world: World) -> None:
    """REL-1: a new contact, a known one, another client; one-way; never oneself or nobody."""
    owner = world.staff(OWNER)
    new = Contact(id=ContactId("con_9"), name="Gil", phone="555-0100")
    world.done(relate(1 + 10, contact=new), owner)
    world.done(relate(12, person=DORA), owner)
    world.done(relate(13, person=ANN), owner)
    names = [each.person_name for each in world.look(SeeRelationships(client_id=DAN), owner)]
    assert names == ["Gil", "Dora", "Ann"]
    assert len(world.look(SeeRelationships(client_id=ANN), owner)) == 1
    for missing in (
        relate(),
        relate(person=ContactId("con_99")),
        relate(person=ClientId("cli_99")),
    ):
        assert world.do(missing, owner).error == "NotFoundError"
    assert world.do(relate(person=DAN), owner).error == "MalformedError"
    assert world.do(relate(person=DORA, client_id=ANN), world.client(ANN)) == Denied(
        "RefusedError", "staff_only"
    )


def test_a_client_one_may_not_view_cannot_be_related(world: World) -> None:
    """PPL-3, MSG-2: their name would show; hidden and absent are alike."""
    pia = world.staff(PRACTITIONER)
    for person in (DAN, ClientId("cli_99")):
        assert world.do(relate(client_id=ANN, person=person), pia).error == "NotFoundError"
    assert world.done(relate(client_id=ANN, person=BEN), pia)


def test_the_three_facts_are_independent(world: World) -> None:
    """REL-1: portal access, information sharing, emergency contact; None leaves one as it is."""
    owner = world.staff(OWNER)
    before = bond(world, MOTHER)
    for given in (
        {"is_emergency_contact": True},
        {"shares_information": False},
        {"scopes": frozenset({Scope.JOIN})},
    ):
        world.done(ChangeRelationship(relationship_id=MOTHER, **given), owner)
        after = bond(world, MOTHER)
        assert after == evolve(before, **given)
        before = after
    assert before.is_emergency_contact


def test_an_emergency_contact_alone_grants_nothing(world: World) -> None:
    """REL-1: with no scope the portal is not even there."""
    owner = world.staff(OWNER)
    bare = ChangeRelationship(relationship_id=MOTHER, scopes=frozenset(), is_emergency_contact=True)
    world.done(bare, owner)
    assert world.look(SeeDashboard(client_id=CAT), dora(world)).error == "NotFoundError"


def test_ending(world: World) -> None:
    """REL-6: access ends at once; ended twice is refused; the client no longer sees them."""
    owner = world.staff(OWNER)
    assert world.look(SeeDashboard(client_id=CAT), dora(world)).upcoming == ()
    end = EndRelationship(relationship_id=MOTHER)
    assert world.do(end, dora(world)) == Denied("RefusedError", "staff_only")
    assert world.do(end, world.client(ANN)).error == "NotFoundError"
    assert events(world, end, owner) == ["relationship.ended"]
    assert world.look(SeeDashboard(client_id=CAT), dora(world)).error == "NotFoundError"
    for command in (end, ChangeRelationship(relationship_id=MOTHER, scopes=frozenset())):
        assert world.do(command, owner) == Denied("RefusedError", "already_ended")
    assert world.look(SeeRelationships(client_id=CAT), owner) == ()


def test_who_sees_relationships(world: World) -> None:
    """REL-5, REL-6: the client and staff; related people never learn of each other."""
    assert [
        each.relationship.id
        for each in world.look(SeeRelationships(client_id=ANN), world.client(ANN))
    ] == [PARTNER]
    assert world.look(SeeRelationships(client_id=CAT), dora(world)).error == "NotFoundError"
    partner = world.proxy(ANN, account_of(BEN), PARTNER)
    assert world.look(SeeRelationships(client_id=ANN), partner).error == "NotFoundError"


# --- Settings ------------------------------------------------------------------------------------


def test_profile_language_and_timezone(world: World) -> None:
    """SET-1, SET-2, GUIDE-14: what is None stays; the same again publishes nothing."""
    ann = world.client(ANN)
    change = ChangeProfile(
        client_id=ANN,
        display_name="Annie",
        phone="+1 555 0100",
        address=Address(city="Troy"),
        emergency_contact=EmergencyContact(name="Bo", phone="555-0101"),
    )
    for command in (
        change,
        SetLanguage(client_id=ANN, language="es"),
        SetTimezone(client_id=ANN, timezone="UTC"),
    ):
        assert [events(world, command, ann) for _ in range(2)] == [["client.changed"], []]
    world.done(ChangeProfile(client_id=ANN, phone="+1 555 0199"), ann)
    shown = world.look(SeeSettings(client_id=ANN), ann)
    assert (shown.display_name, shown.phone, shown.address.city) == ("Annie", "+1 555 0199", "Troy")
    assert (shown.language, shown.timezone, shown.email) == ("es", "UTC", "ann@example.org")
    assert shown.emergency_contact == EmergencyContact(name="Bo", phone="555-0101")
    with pytest.raises(MalformedError):
        SetTimezone(client_id=ANN, timezone="Mars/Olympus")


def test_settings_fall_back_to_the_practices(world: World) -> None:
    """PPL-2: without a timezone or language the practice's holds."""
    shown = world.look(SeeSettings(client_id=ANN), world.client(ANN))
    assert (shown.language, shown.timezone) == ("en", "America/New_York")


def test_who_may_change_a_profile(world: World) -> None:
    """SET-1: the client, and staff who may edit them."""
    command = SetLanguage(client_id=ANN, language="fr")
    assert world.done(command, world.staff(PRACTITIONER))
    assert world.do(command, world.staff(RECEPTION)) == Denied("RefusedError", "may_only_view")
    for who in (
        world.client(BEN),
        world.staff(TRAINEE),
        world.visitor(),
        world.proxy(ANN, account_of(BEN), PARTNER),
    ):
        assert world.do(command, who).error == "NotFoundError"
        assert world.look(SeeSettings(client_id=ANN), who).error == "NotFoundError"


# --- Imports -------------------------------------------------------------------------------------


def row(number: int, **given: Any) -> ImportRow:
    """A row keyed by its number."""
    base = {
        "id": ClientId(f"cli_{100 + number}"),
        "given_name": f"N{number}",
        "external_id": f"x{number}",
    }
    return ImportRow(client=Client(**{**base, **given}), invite_id=InviteId(f"inv_{100 + number}"))


def codes(
    world: World, *rows: ImportRow, fields: tuple[str, ...] = ("given_name",)
) -> dict[str, str]:
    """What became of each row."""
    receipt = world.done(ImportClients(rows=rows, fields=fields), world.staff(OWNER))
    return {result.key: result.code for result in receipt.results}


def test_importing(world: World) -> None:
    """PPL-7: added, updated, unchanged, keyed by external id; twice changes nothing."""
    first = (row(1, given_name="Benjamin"), row(7), row(8, email="n8@example.org"))
    assert codes(world, *first) == {"x1": "updated", "x7": "added", "x8": "added"}
    assert codes(world, *first) == {"x1": "unchanged", "x7": "unchanged", "x8": "unchanged"}
    ben = seen(world, BEN, world.staff(OWNER))
    assert (ben.given_name, ben.email, ben.timezone) == ("Benjamin", "ben@example.org", "UTC")
    assert seen(world, ClientId("cli_108"), world.staff(OWNER)).email == "n8@example.org"


def test_columns_that_are_not_in_the_list_stay(world: World) -> None:
    """PPL-7: unknown columns are kept as extra fields; what the list lacks stays as it is."""
    owner = world.staff(OWNER)

    def imported(fields: tuple[str, ...], columns: tuple[str, ...], **given: Any) -> Any:
        block = ImportClients(rows=(row(1, **given),), fields=fields, extra=columns)
        world.done(block, owner)
        return seen(world, BEN, owner)

    ben = imported((), ("plan", "vip"), extra=(("plan", "=cmd()"), ("vip", "no")))
    assert ben.extra == (("plan", "=cmd()"), ("vip", "no"))
    ben = imported(
        ("city",), ("vip",), address=Address(city="Troy", street="x"), birth_date=date(1990, 1, 1)
    )
    assert (ben.extra, ben.birth_date, ben.given_name) == ((("plan", "=cmd()"),), None, "Ben")
    assert ben.address == Address(city="Troy")
    ben = imported((), (), extra=(("plan", "other"),))
    assert ben.extra == (("plan", "other"),)


def test_what_cannot_be_imported(world: World) -> None:
    """PPL-7: no key, a key twice, no row, an unknown field, an id twice."""
    same_id = ImportRow(client=evolve(row(3).client, external_id="x4"), invite_id=InviteId("inv_z"))
    same_invite = evolve(row(5), invite_id=row(6).invite_id)
    for build in (
        lambda: row(1, external_id=None),
        lambda: ImportClients(rows=(row(1), row(1)), fields=()),
        lambda: ImportClients(rows=(), fields=()),
        lambda: ImportClients(rows=(row(1),), fields=("id",)),
        lambda: ImportClients(rows=(row(3), same_id), fields=()),
        lambda: ImportClients(rows=(row(6), same_invite), fields=()),
    ):
        with pytest.raises(MalformedError):
            build()
    block = ImportClients(rows=(row(1),), fields=())
    assert world.do(block, world.staff(PRACTITIONER)) == Denied("RefusedError", "permission_needed")
    assert events(world, block, world.system()) == []


# --- Deliveries ----------------------------------------------------------------------------------


def test_the_relay_marks_what_it_delivered(world: World) -> None:
    """OUT-1: oldest first, until delivered; a failure is counted and tried again."""
    system = world.system()
    pending = world.look(SeePending(limit=3), system)
    assert [each.position for each in pending] == [1, 2, 3]
    assert pending[0].event.name == "practice.opened"
    world.done(RecordDelivery(position=1), system)
    world.done(RecordDelivery(position=2, fault="mail_refused"), system)
    world.done(RecordDelivery(position=2, fault="mail_refused"), system)
    after = world.look(SeePending(limit=2), system)
    assert [each.position for each in after] == [2, 3]
    assert (after[0].delivery.attempts, after[0].delivery.fault) == (2, "mail_refused")
    world.done(RecordDelivery(position=2), system)
    assert world.look(SeePending(limit=1), system)[0].position == 3
    assert world.do(RecordDelivery(position=3), world.staff(OWNER)).error == "NotFoundError"
