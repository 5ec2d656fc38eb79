"""An id is used once: what is made never writes over what is there (architecture: ids)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from attrs import evolve
from tests.usecases.everything import MONDAY

from clientportal.commands import (
    AddClient,
    AddService,
    AddStaffMember,
    BookAppointment,
    ImportClients,
    Relate,
    StartConversation,
    WriteNote,
)
from clientportal.domain.availability import Service
from clientportal.domain.ids import AppointmentId, ConversationId, DocumentId, InviteId, MessageId
from clientportal.domain.people import Client, StaffMember
from clientportal.domain.relationships import Contact
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DORA,
    MOTHER,
    OWNER,
    PRACTITIONER,
    TALK,
)
from clientportal.usecases.command import Command
from clientportal.usecases.imports import ImportRow

USED = Denied("ConflictError", "id_used")
FREE = InviteId("inv_free")


def _row(client: Client) -> ImportRow:
    return ImportRow(client=client, invite_id=FREE)


@pytest.mark.parametrize(
    "command",
    [
        AddClient(client=Client(id=ANN, given_name="Mallory"), invite_id=FREE),
        AddStaffMember(staff=StaffMember(id=OWNER, name="The actor's own id")),
        AddStaffMember(staff=StaffMember(id=PRACTITIONER, name="A colleague's id")),
        AddService(service=Service(id=TALK, name="Other", duration=10)),
        Relate(
            relationship_id=MOTHER,
            client_id=BEN,
            person=CAT,
            kind="friend",
        ),
        Relate(
            relationship_id=type(MOTHER)("rel_free"),
            client_id=BEN,
            contact=Contact(id=DORA, name="Mallory"),
            kind="friend",
        ),
        WriteNote(document_id=DocumentId("doc_1"), client_id=BEN, title="Over", text="it"),
        StartConversation(
            conversation_id=ConversationId("cnv_1"),
            message_id=MessageId("msg_free"),
            client_ids=(BEN,),
            text="over it",
        ),
        StartConversation(
            conversation_id=ConversationId("cnv_free"),
            message_id=MessageId("msg_1"),
            client_ids=(BEN,),
            text="over it",
        ),
        BookAppointment(
            appointment_id=AppointmentId("apt_1"),
            client_id=BEN,
            staff_id=OWNER,
            service_id=TALK,
            start=MONDAY + timedelta(days=200),
        ),
    ],
    ids=lambda command: f"{command.name} {getattr(command, 'relationship_id', '')}".strip(),
)
def test_what_is_made_never_writes_over_what_is_there(world: World, command: Command) -> None:
    """A used id is one and the same conflict, read before or not, and changes nothing."""
    room = world.storage.rooms[world.practice_id]
    before = dict(room.rows)
    assert world.do(command, world.staff(OWNER)) == USED
    assert room.rows == before


def test_a_list_cannot_write_over_a_client_that_another_row_names(world: World) -> None:
    """PPL-7: a new row under the id of a client that is there is a conflict, not an update."""
    owner = world.staff(OWNER)
    first = Client(id=type(ANN)("cli_z1"), external_id="z1", given_name="First")
    made = ImportClients(rows=(_row(first),), fields=("given_name",))
    world.done(made, owner)
    before = dict(world.storage.rooms[world.practice_id].rows)
    sly = evolve(first, external_id="z2", given_name="Sly")
    rows = (
        _row(evolve(first, id=type(ANN)("cli_z9"))),
        ImportRow(client=sly, invite_id=InviteId("inv_free2")),
    )
    again = ImportClients(rows=rows, fields=("given_name",))
    assert isinstance(world.do(again, owner), Denied)
    assert world.storage.rooms[world.practice_id].rows == before
