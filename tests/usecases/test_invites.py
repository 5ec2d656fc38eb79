"""The life of an invite, from sending to the portal it opens (GUIDE-1 to 3, INV-1 to 6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor, Link
from clientportal.domain.availability import Service
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    InviteId,
    PracticeId,
    ServiceId,
    SessionId,
    StaffId,
)
from clientportal.domain.invites import Invite
from clientportal.domain.people import Client, Permissions, StaffMember, StaffStatus
from clientportal.domain.practices import InviteRules
from clientportal.errors import RefusedError
from clientportal.receipts import Receipt
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
    PASSWORD,
    PRACTITIONER,
    RECEPTION,
    TRAINEE,
    account_of,
    invite_of,
    token_of,
)
from clientportal.usecases.accepting import AcceptInvite, RenewInvite, SeeInvite
from clientportal.usecases.accounts import SignIn
from clientportal.usecases.custody import Custody
from clientportal.usecases.deliveries import SeeInviteToMail, SeePending
from clientportal.usecases.effects import MailInvite, effects_of
from clientportal.usecases.imports import ImportClients, ImportRow
from clientportal.usecases.invites import (
    InviteRelated,
    InviteStaff,
    ResendInvite,
    RevokeInvite,
    SendInvite,
    SendInvites,
)
from clientportal.usecases.people import (
    AddClient,
    AddStaffMember,
    ArchiveClient,
    ChangeClient,
    ChangeStaffMember,
    SeeClients,
)
from clientportal.usecases.practices import ChangePractice, OpenPractice
from clientportal.usecases.relationships import EndRelationship

MINUTE: Final = timedelta(minutes=1)
WEEK: Final = timedelta(days=7)
DANS: Final = invite_of(DAN)


def accept(**given: Any) -> AcceptInvite:
    """Accepting with a password, as a new account."""
    return AcceptInvite(
        **{"account_id": AccountId("acc_new"), "password": Secret(PASSWORD), **given}
    )


def signed_in(world: World, email: str, session: str = "ses_9") -> Actor:
    """Who signs in with the password of the cast."""
    session_id = SessionId(session)
    token = Secret(token_of(session_id))
    sign = SignIn(session_id=session_id, email=email, password=Secret(PASSWORD), token=token)
    world.done(sign, world.visitor())
    return world.portal.actor(token_of(session_id), practice_id=world.practice_id)


def record(world: World, client_id: ClientId) -> Client:
    """A client's record."""
    storage: Any = world.storage
    found: Client = storage.rooms[world.practice_id].rows[Client, client_id][1]
    return found


def asked(world: World, **rules: Any) -> None:
    """The practice invites by these rules from now on."""
    world.done(ChangePractice(invites=InviteRules(**rules)), world.staff(OWNER))


def test_from_sending_to_the_portal(world: World) -> None:
    """GUIDE-1 to GUIDE-3: sent to the address on file, opened by looking, accepted once."""
    holder = world.visitor(DANS)
    for _ in range(2):
        seen = world.look(SeeInvite(), holder)
        assert (seen.practice_name, seen.email, seen.has_account) == (
            "Riverside",
            "dan@example.org",
            False,
        )
        assert seen.expires_at == world.clock.at + WEEK
    assert world.done(accept(), holder).reason == "may_accept"
    assert world.do(accept(), holder) == Denied("RefusedError", "invite_used")
    assert world.look(SeeInvite(), holder) == Denied("RefusedError", "invite_used")
    actor = signed_in(world, "DAN@example.org")
    assert (actor.client_id, actor.is_client) == (DAN, True)
    listed = world.look(SeeClients(), world.staff(OWNER))
    assert {each.client.id: each.has_access for each in listed}[DAN]


def test_sending_again_kills_the_older_link(world: World) -> None:
    """INV-3: the next generation; not more often than every 5 minutes."""
    owner = world.staff(OWNER)
    world.pass_time(5 * MINUTE - timedelta(microseconds=1))
    for again in (
        ResendInvite(invite_id=DANS),
        SendInvite(invite_id=InviteId("inv_x"), client_id=DAN),
    ):
        assert world.do(again, owner) == Denied("ThrottledError", "recently_sent")
    world.pass_time(timedelta(microseconds=1))
    assert world.done(ResendInvite(invite_id=DANS), owner).reason == "sent"
    assert world.do(accept(), world.visitor(DANS, 1)) == Denied("RefusedError", "link_invalid")
    world.pass_time(5 * MINUTE)
    assert world.done(SendInvite(invite_id=InviteId("inv_x"), client_id=DAN), owner)
    assert world.look(SeeInvite(), world.visitor(InviteId("inv_x"))) == Denied(
        "RefusedError", "link_invalid"
    )
    assert world.done(accept(), world.visitor(DANS, 3))


def test_revoking(world: World) -> None:
    """INV-3: revoking kills the link, once; a fresh invite can follow at once."""
    owner = world.staff(OWNER)
    assert world.done(RevokeInvite(invite_id=DANS), owner).reason == "may_revoke"
    for command in (RevokeInvite(invite_id=DANS), ResendInvite(invite_id=DANS)):
        assert world.do(command, owner) == Denied("RefusedError", "invite_not_pending")
    assert world.do(accept(), world.visitor(DANS)) == Denied("RefusedError", "link_invalid")
    assert world.done(SendInvite(invite_id=InviteId("inv_x"), client_id=DAN), owner)
    assert world.done(accept(), world.visitor(InviteId("inv_x")))


def test_expired_says_so_and_is_renewed_by_mail_only(world: World) -> None:
    """INV-4: the holder of the expired link may have a fresh one sent to the address on file."""
    holder = world.visitor(DANS)
    assert world.do(RenewInvite(), holder) == Denied("ThrottledError", "recently_sent")
    world.pass_time(WEEK)
    for command in (accept(),):
        assert world.do(command, holder) == Denied("RefusedError", "invite_expired")
    assert world.look(SeeInvite(), holder) == Denied("RefusedError", "invite_expired")
    renewed = world.done(RenewInvite(), holder)
    assert renewed.reason == "sent"
    assert [event.name for event in renewed.events] == ["invite.sent"]
    assert '"generation":2' in renewed.events[0].body
    for stale in (accept(), RenewInvite()):
        assert world.do(stale, holder) == Denied("RefusedError", "link_invalid")
    facts = world.look(SeeInviteToMail(invite_id=DANS, generation=2), world.system())
    assert facts.invite.email == "dan@example.org"
    assert world.look(SeeInviteToMail(invite_id=DANS, generation=1), world.system()) is None
    assert world.done(accept(), world.visitor(DANS, 2))


def test_links_that_were_tampered_with(world: World) -> None:
    """INV-3, INV-4: changed, cut, foreign, another practice's: one and the same refusal."""
    link = Link(invite_id=DANS, generation=1, expires_at=world.clock.at + WEEK)
    text = world.workshop.sign_link(world.practice_id, link)
    other = World(storage=world.storage, practice_id=PracticeId("prc_2"))
    foreign = (
        world.workshop.sign_link(other.practice_id, link),
        other.workshop.sign_link(world.practice_id, link),
    )
    refusals = set()
    for bad in (text[:-1], text + "A", text[1:], text.swapcase(), "", "x" * 9999, "é", *foreign):
        with pytest.raises(RefusedError) as caught:
            world.portal.visitor(world.practice_id, link=bad)
        refusals.add((caught.value.code, str(caught.value)))
    assert refusals == {("link_invalid", "refused: invite `link_invalid` (INV-4)")}
    assert world.portal.visitor(world.practice_id, link=text).link == link
    without = world.visitor()
    nobodys = world.visitor(InviteId("inv_none"))
    for who in (without, nobodys):
        for command in (accept(), RenewInvite()):
            assert world.do(command, who) == Denied("RefusedError", "link_invalid")
        assert world.look(SeeInvite(), who) == Denied("RefusedError", "link_invalid")


@pytest.mark.parametrize("how", ["email", "archived", "imported", "archived by import"])
def test_what_kills_a_link(world: World, how: str) -> None:
    """INV-3: another address on the record, archiving; by hand or by import."""
    owner, dan = world.staff(OWNER), record(world, DAN)
    keyed = evolve(dan, external_id="x9")
    world.done(ChangeClient(client=keyed), owner)
    moved = evolve(keyed, email="dan@elsewhere.example")
    archive = evolve(keyed, status=type(dan.status).ARCHIVED)
    commands = {
        "email": ChangeClient(client=moved),
        "archived": ArchiveClient(client_id=DAN),
        "imported": ImportClients(rows=(row(moved),), fields=("email",)),
        "archived by import": ImportClients(rows=(row(archive),), fields=("status",)),
    }
    assert world.look(SeeInvite(), world.visitor(DANS)).email == "dan@example.org"
    receipt = world.done(commands[how], owner)
    assert "invite.revoked" in [event.name for event in receipt.events]
    assert world.do(accept(), world.visitor(DANS)) == Denied("RefusedError", "link_invalid")
    world.pass_time(WEEK)
    assert world.do(RenewInvite(), world.visitor(DANS)) == Denied("RefusedError", "link_invalid")


def row(client: Client) -> ImportRow:
    """A row of a list."""
    return ImportRow(client=client, invite_id=InviteId("inv_row"))


def test_what_does_not_kill_a_link(world: World) -> None:
    """INV-3: the inviter's leaving does not, nor another spelling of the address."""
    owner, dan = world.staff(OWNER), record(world, DAN)
    world.done(
        ChangeClient(client=evolve(dan, email="DAN@EXAMPLE.org", given_name="Daniel")), owner
    )
    left = StaffMember(id=PRACTITIONER, name="Pia", status=type(STATUS).LEFT)
    world.done(ChangeStaffMember(staff=left, custody=Custody(leave_unowned=True)), owner)
    assert world.done(accept(), world.visitor(DANS)).reason == "may_accept"


STATUS: Any = StaffMember(id=PRACTITIONER, name="Pia").status


def test_an_ended_relationship_kills_its_links(world: World) -> None:
    """INV-3, REL-6: what justified the invite is gone."""
    owner = world.staff(OWNER)
    invite = InviteId("inv_ben")
    world.done(InviteRelated(invite_id=invite, relationship_id=PARTNER), owner)
    assert world.look(SeeInvite(), world.visitor(invite)).email == "ben@example.org"
    world.pass_time(5 * MINUTE)
    world.done(ResendInvite(invite_id=invite), owner)
    receipt = world.done(EndRelationship(relationship_id=PARTNER), owner)
    assert [event.name for event in receipt.events] == ["relationship.ended", "invite.revoked"]
    assert world.do(accept(), world.visitor(invite, 2)) == Denied("RefusedError", "link_invalid")
    again = InviteRelated(invite_id=InviteId("inv_b2"), relationship_id=PARTNER)
    assert world.do(again, owner) == Denied("RefusedError", "no_portal_grant")


def test_birth_dates(world: World) -> None:
    """INV-5: asked where the practice requires it; five wrong ones lock the invite."""
    asked(world, asks_birth_date=True)
    holder = world.visitor(DANS)
    assert world.look(SeeInvite(), holder).asks_birth_date
    wrong = (accept(), *(accept(birth_date=date(1980, 1, day)) for day in range(2, 5)))
    for command in wrong:
        assert world.do(command, holder) == Denied("RefusedError", "wrong_birth_date")
    right = accept(birth_date=date(1980, 1, 1))
    storage: Any = world.storage
    assert isinstance(storage.rooms[world.practice_id].rows[Invite, DANS][1], Invite)
    assert world.do(accept(birth_date=date(1980, 1, 9)), holder) == Denied(
        "RefusedError", "wrong_birth_date"
    )
    assert world.do(right, holder) == Denied("RefusedError", "invite_locked")
    assert world.look(SeeInvite(), holder) == Denied("RefusedError", "invite_locked")
    world.done(RevokeInvite(invite_id=DANS), world.staff(OWNER))
    world.done(SendInvite(invite_id=InviteId("inv_x"), client_id=DAN), world.staff(OWNER))
    assert world.done(right, world.visitor(InviteId("inv_x")))


def test_a_related_person_is_not_asked_for_the_clients_birth_date(world: World) -> None:
    """INV-5: the birth date is the invited client's own."""
    asked(world, asks_birth_date=True)
    invite = InviteId("inv_ben")
    world.done(InviteRelated(invite_id=invite, relationship_id=PARTNER), world.staff(OWNER))
    assert not world.look(SeeInvite(), world.visitor(invite)).asks_birth_date


def test_an_account_that_exists_signs_in_first_and_is_then_linked(world: World) -> None:
    """INV-5, PPL-5: accepting links the record and never overwrites a credential."""
    owner = world.staff(OWNER)
    invite = InviteId("inv_ben")
    world.done(InviteRelated(invite_id=invite, relationship_id=PARTNER), owner)
    assert world.look(SeeInvite(), world.visitor(invite)).has_account
    other = Secret("another long password")
    for who in (world.visitor(invite), world.visitor(invite, account_id=account_of(ANN))):
        assert world.do(accept(password=other), who) == Denied(
            "UnauthenticatedError", "sign_in_first"
        )
    signed_in(world, "ben@example.org")
    text = world.workshop.sign_link(
        world.practice_id, Link(invite_id=invite, generation=1, expires_at=world.clock.at + WEEK)
    )
    both = world.portal.visitor(world.practice_id, link=text, token=token_of(SessionId("ses_9")))
    assert both.account_id == account_of(BEN)
    assert world.done(accept(password=None), both).reason == "may_accept"
    own = world.portal.actor(token_of(SessionId("ses_9")), practice_id=world.practice_id)
    proxy = world.portal.actor(
        token_of(SessionId("ses_9")), practice_id=world.practice_id, acting_as=ANN
    )
    assert (own.client_id, own.capacity.value) == (BEN, "client")
    assert (proxy.client_id, proxy.capacity.value, proxy.relationship_id) == (ANN, "proxy", PARTNER)


def test_the_address_is_the_invited_one(world: World) -> None:
    """INV-5: any other is refused as if the link were none, the same in another spelling taken."""
    holder = world.visitor(DANS)
    assert world.do(accept(email="eve@example.org"), holder) == Denied(
        "RefusedError", "link_invalid"
    )
    assert world.do(accept(password=None), holder) == Denied("RefusedError", "password_needed")
    assert world.do(accept(password=Secret("short")), holder) == Denied(
        "RefusedError", "password_too_short"
    )
    assert world.do(accept(password=Secret("x" * 1025)), holder) == Denied(
        "RefusedError", "password_too_long"
    )
    assert world.done(accept(email="Dan@Example.ORG"), holder)


def test_bulk_says_what_became_of_each(world: World) -> None:
    """INV-1: a result per client, never all or nothing; hidden and absent are alike."""
    owner = world.staff(OWNER)
    for number, given in enumerate(
        (
            {"birth_date": date(1990, 1, 1)},
            {"email": "e@example.org"},
            {"email": "f@example.org", "birth_date": date(2020, 1, 1)},
            {"email": "g@example.org", "birth_date": date(1990, 1, 1)},
            {"email": "h@example.org", "birth_date": date(1990, 1, 1)},
        ),
        start=5,
    ):
        client = Client(id=ClientId(f"cli_{number}"), given_name="X", **given)  # type: ignore[arg-type] # by name
        world.done(AddClient(client=client, invite_id=InviteId(f"inv_unused{number}")), owner)
    world.done(ArchiveClient(client_id=ClientId("cli_8")), owner)
    ids = (ANN, DAN, *(ClientId(f"cli_{number}") for number in (5, 6, 7, 8, 9, 99)))
    bulk = SendInvites(
        invites=tuple((InviteId(f"inv_{n}"), client_id) for n, client_id in enumerate(ids))
    )
    receipt = world.done(bulk, owner)
    assert [result.code for result in receipt.results] == [
        "already_active",
        "recently_sent",
        "no_email",
        "no_birth_date",
        "needs_proxy",
        "archived",
        "sent",
        "not_found",
    ]
    assert [event.name for event in receipt.events] == ["invite.sent"]
    theirs = world.done(bulk, world.staff(PRACTITIONER))
    assert [result.code for result in theirs.results] == ["already_active", *["not_found"] * 7]
    assert world.do(bulk, world.staff(RECEPTION)) == Denied("RefusedError", "permission_needed")
    assert world.do(bulk, world.client(ANN)) == Denied("RefusedError", "staff_only")


def test_automatic_invites(world: World) -> None:
    """INV-2: when on, adding a client with an address invites them, unless they are too young."""
    asked(world, automatic=True)
    owner = world.staff(OWNER)
    adult = Client(
        id=ClientId("cli_5"), given_name="E", email="e@example.org", birth_date=date(1990, 1, 1)
    )
    child = evolve(adult, id=ClientId("cli_6"), email="f@example.org", birth_date=date(2020, 1, 1))
    nowhere = evolve(adult, id=ClientId("cli_7"), email=None)
    names = []
    for client in (adult, child, nowhere):
        add = AddClient(client=client, invite_id=InviteId.of(client.id.replace("_", "-")))
        names.append([event.name for event in world.done(add, owner).events])
    assert names == [["client.added", "invite.sent"], ["client.added"], ["client.added"]]
    assert world.done(accept(), world.visitor(InviteId("inv_cli-5")))
    listed = evolve(adult, id=ClientId("cli_8"), external_id="x8", email="i@example.org")
    imported = world.done(ImportClients(rows=(row(listed),), fields=("email",)), owner)
    assert [event.name for event in imported.events] == ["client.added", "invite.sent"]


def test_staff_are_invited_like_clients(world: World) -> None:
    """PPL-8: by staff with practice settings; the account then opens the staff member's portal."""
    owner, invite = world.staff(OWNER), InviteId("inv_pia")
    command = InviteStaff(invite_id=invite, staff_id=PRACTITIONER)
    assert world.do(command, world.staff(RECEPTION)) == Denied("RefusedError", "permission_needed")
    world.done(command, owner)
    world.done(accept(account_id=AccountId("acc_pia")), world.visitor(invite))
    assert signed_in(world, "pia@example.org").staff_id == PRACTITIONER
    again = InviteStaff(invite_id=InviteId("inv_p2"), staff_id=PRACTITIONER)
    assert world.do(again, owner) == Denied("RefusedError", "already_active")
    nowhere = InviteStaff(invite_id=InviteId("inv_t"), staff_id=TRAINEE)
    assert world.do(nowhere, owner) == Denied("RefusedError", "no_email")


def test_a_new_address_or_leaving_kills_the_link_of_a_staff_member(world: World) -> None:
    """INV-3: changing the address kills the link for good; who left is not invited."""
    owner, invite = world.staff(OWNER), InviteId("inv_rob")
    world.done(InviteStaff(invite_id=invite, staff_id=RECEPTION), owner)
    assert world.do(ResendInvite(invite_id=invite), owner).code == "recently_sent"
    rob = StaffMember(id=RECEPTION, name="Rob", email="rob@elsewhere.example")
    world.done(ChangeStaffMember(staff=rob), owner)
    world.done(ChangeStaffMember(staff=evolve(rob, email="rob@example.org")), owner)
    assert world.do(accept(), world.visitor(invite)) == Denied("RefusedError", "link_invalid")
    world.done(ChangeStaffMember(staff=evolve(rob, status=StaffStatus.LEFT)), owner)
    again = InviteStaff(invite_id=InviteId("inv_rob2"), staff_id=RECEPTION)
    assert world.do(again, owner) == Denied("RefusedError", "staff_not_active")


def test_a_practice_opens_with_an_invite_to_its_owner(world: World) -> None:
    """PPL-8: one command; the same practice is not opened twice."""
    second = World(storage=world.storage, practice_id=PracticeId("prc_2"), clock=world.clock)
    opening = OpenPractice(
        practice_id=second.practice_id,
        practice_name="Hillside",
        owner_id=StaffId("stf_1"),
        owner_name="Otto",
        owner_email="otto@example.org",
        invite_id=InviteId("inv_1"),
    )
    receipt = second.done(opening, second.system())
    assert [event.name for event in receipt.events] == [
        "practice.opened",
        "staff_member.added",
        "invite.sent",
    ]
    assert second.do(opening, second.system()) == Denied("ConflictError", "id_used")
    assert second.do(opening, world.staff(OWNER)) == Denied("RefusedError", "staff_only")
    assert second.done(accept(), second.visitor(InviteId("inv_1")))


def test_what_an_invite_has_mailed(world: World) -> None:
    """GUIDE-2, OUT-1: sending mails the link of its generation; other events mail nothing."""
    from clientportal.domain.invites import InviteRevoked, InviteSent

    sent = InviteSent(invite_id=DANS, generation=3, at=world.clock.at)
    assert effects_of(sent) == (MailInvite(invite_id=DANS, generation=3),)
    assert effects_of(InviteRevoked(invite_id=DANS)) == ()
    system = world.system()
    assert world.look(SeeInviteToMail(invite_id=DANS, generation=1), system).invite.id == DANS
    assert world.look(SeeInviteToMail(invite_id=InviteId("inv_none"), generation=1), system) is None
    world.done(accept(), world.visitor(DANS))
    assert world.look(SeeInviteToMail(invite_id=DANS, generation=1), system) is None
    assert (
        world.look(SeeInviteToMail(invite_id=DANS, generation=1), world.staff(OWNER)).error
        == "NotFoundError"
    )
    assert world.look(SeePending(), world.staff(OWNER)).error == "NotFoundError"


def test_only_the_related_person_with_the_link_becomes_the_proxy(world: World) -> None:
    """REL-2: the mother signs in as herself and acts for her child."""
    actor = signed_in(world, "dora@example.org")
    assert (actor.client_id, actor.relationship_id, actor.account_id) == (
        CAT,
        MOTHER,
        account_of(DORA),
    )
    again = InviteRelated(invite_id=InviteId("inv_d2"), relationship_id=MOTHER)
    assert world.do(again, world.staff(OWNER)) == Denied("RefusedError", "already_active")


def test_new_staff_and_services_are_told_apart_by_id(world: World) -> None:
    """PPL-8, APT-1: an id that is used is a conflict, whatever it is used for."""
    owner = world.staff(OWNER)
    twice = AddStaffMember(
        staff=StaffMember(id=PRACTITIONER, name="Other", permissions=Permissions())
    )
    assert world.do(twice, owner) == Denied("ConflictError", "id_used")
    from clientportal.usecases.availability import AddService

    service = Service(id=ServiceId("svc_1"), name="Other", duration=5)
    assert world.do(AddService(service=service), owner) == Denied("ConflictError", "id_used")
    assert isinstance(
        world.do(AddService(service=evolve(service, id=ServiceId("svc_9"))), owner), Receipt
    )
