"""What happens between reading and writing: whoever decided on an older state decides again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from attrs import define, evolve

from clientportal.commands import (
    AcceptInvite,
    AddClient,
    ArchiveClient,
    ChangeClient,
    ChangePractice,
    ChangeProfile,
    ImportClients,
    InviteRelated,
    Relate,
    SendInvite,
    SetLanguage,
    SignIn,
    SignOut,
    WriteNote,
)
from clientportal.domain.accounts import Secret
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    DocumentId,
    InviteId,
    PracticeId,
    RelationshipId,
    SessionId,
)
from clientportal.domain.people import Client
from clientportal.domain.practices import InviteRules
from clientportal.domain.relationships import Contact, Scope
from clientportal.errors import MalformedError, NotFoundError
from clientportal.receipts import Receipt
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    DORA,
    OWNER,
    PASSWORD,
    PRACTITIONER,
    invite_of,
)
from clientportal.usecases.imports import ImportRow
from clientportal.views import SeeClient, SeeClients, SeeSettings

WRONG = Secret("not at all the password")


@define
class Meanwhile:
    """Storage in front of another: something else is done just before the first commit."""

    inner: Any
    act: Callable[[], object] | None

    @contextmanager
    def open(self, practice_id: PracticeId) -> Iterator[Any]:
        """A unit of work of the storage behind, watched."""
        with self.inner.open(practice_id) as work:
            yield MeanwhileWork(self, work)


@define
class MeanwhileWork:
    """The unit of work of `Meanwhile`."""

    meanwhile: Meanwhile
    work: Any

    def read(self, needs: Any) -> Any:
        """As the storage behind."""
        return self.work.read(needs)

    def recall(self, key: str) -> Any:
        """As the storage behind."""
        return self.work.recall(key)

    def commit(self, commit: Any) -> Any:
        """As the storage behind, after what happens meanwhile."""
        act, self.meanwhile.act = self.meanwhile.act, None
        if act is not None:
            act()
        return self.work.commit(commit)


def between(world: World, act: Callable[[], object]) -> Any:
    """Storage in which *act* comes between the next command's reading and its commit."""
    return Meanwhile(world.storage, act)


def sign_in(number: int, password: Secret) -> SignIn:
    """A try to sign in as Ann."""
    return SignIn(
        session_id=SessionId(f"ses_m{number}"),
        email="ann@example.org",
        password=password,
        token=Secret(f"token {number}"),
    )


def test_wrong_guesses_meanwhile_stop_the_right_one(world: World) -> None:
    """INV-8: the counter is part of the decision, also where there was none yet."""

    def guess() -> None:
        for number in range(5):
            world.do(sign_in(number, WRONG), world.visitor())

    right = sign_in(9, Secret(PASSWORD))
    assert world.do(right, world.visitor(), through=between(world, guess)).code == "too_many_tries"


def test_wrong_birth_dates_meanwhile_lock_the_right_one_out(world: World) -> None:
    """INV-5: five wrong birth dates lock the invite, also for a guess that was under way."""
    owner = world.staff(OWNER)
    world.done(ChangePractice(invites=InviteRules(asks_birth_date=True)), owner)
    born = world.look(SeeClient(client_id=DAN), owner).birth_date
    accept = AcceptInvite(account_id=AccountId("acc_m"), password=Secret(PASSWORD), birth_date=born)
    holder = world.visitor(invite_of(DAN))

    def guess() -> None:
        for day in range(1, 6):
            world.do(evolve(accept, birth_date=born.replace(year=1900, day=day)), holder)

    assert world.do(accept, holder, through=between(world, guess)).code == "invite_locked"


def test_a_failure_a_day_ago_is_forgotten(world: World) -> None:
    """INV-8: back-off is for guessing, not for life."""
    for number in range(5):
        world.do(sign_in(number, WRONG), world.visitor())
    world.pass_time(timedelta(days=1))
    assert world.do(sign_in(6, WRONG), world.visitor()).code == "not_recognised"
    assert isinstance(world.do(sign_in(7, Secret(PASSWORD)), world.visitor()), Receipt)


def test_a_note_decided_again_is_sealed_once(world: World) -> None:
    """DOC-5: nothing is left behind of a try that came to nothing."""
    note = WriteNote(document_id=DocumentId("doc_m"), client_id=ANN, title="T", text="Once.")
    files: Any = world.workshop.files
    before = len(files.kept)
    languages = iter(("fr", "de"))

    def change() -> None:
        world.done(SetLanguage(client_id=ANN, language=next(languages)), world.client(ANN))

    places = evolve(world.workshop, random_bytes=os.urandom)  # another place at each sealing
    portal = evolve(world.portal, storage=between(world, change), workshop=places)
    assert isinstance(portal.do(note, actor=world.client(ANN)), Receipt)
    assert len(files.kept) == before + 1


@pytest.mark.parametrize("change", ["archived", "another address"])
def test_an_invite_sent_meanwhile_dies_too(world: World, change: str) -> None:
    """INV-3: archiving and a new address kill links, also one that was just being sent."""
    owner = world.staff(OWNER)
    eve = Client(id=ClientId("cli_m"), given_name="Eve", email="eve@m.example")
    world.done(AddClient(client=eve, invite_id=InviteId("inv_m0")), owner)
    send = SendInvite(invite_id=InviteId("inv_m"), client_id=eve.id)
    ends = {
        "archived": ArchiveClient(client_id=eve.id),
        "another address": ChangeClient(client=evolve(eve, email="eve2@m.example")),
    }
    through = between(world, lambda: world.done(send, owner))
    assert isinstance(world.do(ends[change], owner, through=through), Receipt)
    world.done(ChangeClient(client=eve), owner)
    accept = AcceptInvite(account_id=AccountId("acc_m"), password=Secret(PASSWORD))
    assert world.do(accept, world.visitor(InviteId("inv_m"))).code == "link_invalid"


def test_two_imports_at_once_come_to_one(world: World) -> None:
    """PPL-7: the second finds what the first brought in; nothing is refused."""
    eve = Client(id=ClientId("cli_m"), external_id="m1", given_name="Eve")
    command = ImportClients(
        rows=(ImportRow(client=eve, invite_id=InviteId("inv_m")),), fields=("given_name",)
    )
    owner = world.staff(OWNER)
    twin = evolve(
        command, rows=(evolve(command.rows[0], client=evolve(eve, id=ClientId("cli_n"))),)
    )
    receipt = world.do(command, owner, through=between(world, lambda: world.done(twin, owner)))
    assert isinstance(receipt, Receipt)
    assert [row.code for row in receipt.results] == ["unchanged"]


def test_a_contact_of_others_is_not_to_be_found(world: World) -> None:
    """REL-7: who may not view everybody relates a client to contacts of that client only."""
    relate = Relate(
        relationship_id=RelationshipId("rel_m"), client_id=ANN, person=DORA, kind="friend"
    )
    assert world.do(relate, world.staff(PRACTITIONER)).error == "NotFoundError"
    assert isinstance(world.do(relate, world.staff(OWNER)), Receipt)
    again = evolve(relate, relationship_id=RelationshipId("rel_m2"))
    assert isinstance(world.do(again, world.staff(PRACTITIONER)), Receipt)


def test_one_way_into_a_portal_is_enough(world: World) -> None:
    """INV-5: an account that opens the portal already is not linked to it a second time."""
    owner = world.staff(OWNER)
    relate = Relate(
        relationship_id=RelationshipId("rel_m"),
        client_id=ANN,
        contact=Contact(id=type(DORA)("con_m"), name="Ann herself", email="ann@example.org"),
        kind="self",
        scopes=frozenset({Scope.JOIN}),
    )
    world.done(relate, owner)
    invite = InviteId("inv_m")
    world.done(InviteRelated(invite_id=invite, relationship_id=relate.relationship_id), owner)
    ann = next(
        each.account_id
        for kind, (_, each) in world.storage.rooms[world.practice_id].rows.items()
        if kind[0].__name__ == "Access" and each.client_id == ANN and each.is_own
    )
    accept = AcceptInvite(account_id=AccountId("acc_m"))
    holder = world.visitor(invite, account_id=ann)
    assert world.do(accept, holder) == Denied("RefusedError", "already_active")


def test_what_is_not_there_is_named_by_what_was_looked_up(world: World) -> None:
    """MSG-2: the id in the answer is the one that was looked for, not the one to be made."""
    note = WriteNote(document_id=DocumentId("doc_m"), client_id=CAT, title="T", text="x")
    with pytest.raises(NotFoundError) as caught:
        world.portal.do(note, actor=world.client(BEN))
    assert (caught.value.kind, caught.value.id) == ("client", CAT)


def test_a_profile_field_can_be_emptied(world: World) -> None:
    """SET-1: what is None stays, what is to be cleared is emptied."""
    ann = world.client(ANN)
    world.done(ChangeProfile(client_id=ANN, phone="555-0100", display_name="Annie"), ann)
    world.done(ChangeProfile(client_id=ANN, clear=("phone",)), ann)
    settings = world.look(SeeSettings(client_id=ANN), ann)
    assert (settings.phone, settings.display_name) == (None, "Annie")


def test_signing_out_needs_no_id(world: World) -> None:
    """INV-9: the session one is in is the one that ends."""
    world.done(sign_in(1, Secret(PASSWORD)), world.visitor())
    here = world.enter("token 1")
    assert not isinstance(here, Denied)
    world.done(SignOut(), here)
    assert world.enter("token 1") == Denied("UnauthenticatedError", "session_ended")


def test_a_token_opens_one_session(world: World) -> None:
    """INV-9: a token that was used is a conflict, and no other try would help."""
    world.done(sign_in(1, Secret(PASSWORD)), world.visitor())
    again = evolve(sign_in(2, Secret(PASSWORD)), token=Secret("token 1"))
    assert world.do(again, world.visitor()) == Denied("ConflictError", "id_used")


def test_a_page_of_clients_leaves_a_record_of_each(world: World) -> None:
    """OUT-4: one record for each client shown, all in one commit."""
    audit = world.storage.rooms[world.practice_id].audit
    before = len(audit)
    page = world.look(SeeClients(), world.staff(OWNER))
    assert [entry.about for entry in audit[before:]] == [each.client.id for each in page]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda p, a: p.do(SeeClients(), actor=a), id="a view is not done"),
        pytest.param(lambda p, a: p.ask(SeeClients(), actor=a), id="nor asked"),
        pytest.param(lambda p, a: p.look(SignOut(), actor=a), id="a command is not shown"),
        pytest.param(lambda p, a: p.do(None, actor=a), id="nothing is no command"),
        pytest.param(lambda p, a: p.do(SignOut(), actor="me"), id="text is no actor"),
        pytest.param(lambda p, a: p.do(SignOut(), actor=a, key="\ud800"), id="a broken key"),
        pytest.param(lambda p, a: p.do(SignOut(), actor=a, key=5), id="a number as key"),
        pytest.param(lambda p, a: p.do(SignOut(), actor=a, origin="\ud800"), id="a broken origin"),
        pytest.param(lambda p, a: p.actor(None, practice_id=a.practice_id), id="no token"),
        pytest.param(lambda p, a: p.visitor(a.practice_id, link=b""), id="bytes as link"),
    ],
)
def test_what_the_portal_does_not_take(world: World, call: Callable[[Any, Any], object]) -> None:
    """B2, B13: a call that makes no sense is malformed, and never another error."""
    with pytest.raises(MalformedError):
        call(world.portal, world.staff(OWNER))
