"""The guide on getting in: lines 1 to 3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from clientportal.cli.stage import Anybody, Stage
from clientportal.domain.ids import InviteId
from clientportal.errors import ClientPortalError
from clientportal.usecases.accepting import SeeInvite
from clientportal.usecases.invites import SendInvite
from clientportal.usecases.people import SeeClient, SeeClients

Looked: TypeAlias = Iterator[tuple[bool, str]]
"""What somebody looked at: whether it is as the guide says, and what they saw."""


def invites(stage: Stage) -> Looked:
    """GUIDE-1: one client from the client list, the other from the record, by one command."""
    olive, ann, ben = stage.cast.olive, stage.cast.ann, stage.cast.ben
    listed = {each.client.id: each.client for each in stage.look(olive, SeeClients(limit=100))}
    yield ann.id in listed, f"the client list shows {ann.name}"
    from_list = SendInvite(invite_id=stage.new(InviteId), client_id=listed[ann.id].id)
    sent = stage.tried(olive, from_list)
    yield sent == "sent", f"invited from the client list: `{sent}`"
    record = stage.look(olive, SeeClient(client_id=ben.id))
    from_record = SendInvite(invite_id=stage.new(InviteId), client_id=record.id)
    sent = stage.tried(olive, from_record)
    yield sent == "sent", f"invited from the record: `{sent}`, both by `{from_record.name}`"
    invited = [each for each in stage.look(olive, SeeClients(limit=100)) if each.invite is not None]
    yield len(invited) == 2, f"the client list shows {len(invited)} invites"  # noqa: PLR2004 - two clients


def mails(stage: Stage) -> Looked:
    """GUIDE-2: one mail each, at the address on the record, with a link of its own."""
    stage.deliver()
    found: list[str] = []
    for person in (stage.cast.ann, stage.cast.ben):
        record = stage.look(stage.cast.olive, SeeClient(client_id=person.id))
        links = stage.links_to(person)
        found += links
        is_so = record.email == person.email and len(links) == 1
        yield is_so, f"{len(links)} mail with a link to {record.email}"
    yield len(set(found)) == len(found), "each with a link of its own"


def accounts(stage: Stage) -> Looked:
    """GUIDE-3: without an account nobody signs in; the link makes one, once."""
    ann, ben = stage.cast.ann, stage.cast.ben
    yield _code(stage.sign_in, ann) == "not_recognised", "before: nobody signs in as Ann"
    shown = stage.portal.look(SeeInvite(), actor=stage.holder(ann))
    yield shown.email == ann.email, f"the link shows an invite of {shown.practice_name}"
    for person in (ann, ben):
        accepted = _code(stage.accept, person)
        yield accepted == "may_accept", f"{person.name} makes an account: `{accepted}`"
        entered = _code(stage.sign_in, person)
        yield entered == "signed_in", f"and signs in: `{entered}`"
    again = _code(stage.accept, ann)
    yield again == "invite_used", f"the link a second time: `{again}`"
    capacity = stage.actor(ann).capacity.value
    yield stage.actor(ann).client_id == ann.id, f"Ann acts as `{capacity}`"


def _code(act: Callable[[Anybody], str], person: Anybody) -> str:
    try:
        return act(person)
    except ClientPortalError as error:
        return error.code
