"""What would reverse an answer, as each actor sees it through the portal (MSG-13, MSG-22)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Final

import pytest
from attrs import evolve

from clientportal.domain.actors import Actor
from clientportal.domain.ids import AccountId, ClientId, ConversationId, MessageId, StaffId
from clientportal.domain.people import Reach, StaffMember
from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.flips import Flip, Flips, Turn
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    STAFF,
    TRAINEE,
    dora,
)
from clientportal.usecases.conversations import CloseConversation, StartConversation
from clientportal.usecases.foresight import Explanation, SeeFlips
from clientportal.usecases.people import AssignClient, ChangeStaffMember
from clientportal.usecases.practices import SetMessagingPolicy

ANNS, BENS, GROUP = (ConversationId(f"cnv_{n}") for n in (1, 2, 9))
HIDDEN: Final = Denied("NotFoundError", "not_found")
DONE_BY_STAFF: Final = {Turn.POLICY, Turn.ASSIGN, Turn.RESTORE_ACCESS}
LATER: Final = (timedelta(0), timedelta(hours=60))


def seen(world: World, view: SeeFlips, actor: Actor) -> Explanation:
    """What somebody sees who may."""
    shown = world.look(view, actor)
    assert isinstance(shown, Explanation), shown
    return shown


def turns(flips: Flips) -> set[Turn]:
    """The kinds of change in *flips*."""
    return {flip.turn for each in flips for flip in each}


def assign(client_id: ClientId, staff_id: StaffId) -> Flip:
    """That a client comes onto a roster."""
    return Flip(turn=Turn.ASSIGN, client_id=client_id, staff_id=staff_id)


def policy(world: World, value: MessagingPolicy) -> None:
    """The owner sets it."""
    world.done(SetMessagingPolicy(policy=value), world.staff(OWNER))


def asked_by_clients(world: World) -> Iterator[tuple[SeeFlips, Actor]]:
    """Whatever clients and a proxy can ask of what is theirs."""
    for client_id, talk in ((ANN, ANNS), (BEN, BENS)):
        me = world.client(client_id)
        yield SeeFlips(conversation_id=talk), me
        yield SeeFlips(conversation_id=talk, client_id=client_id, as_client=True), me
        for staff_id in (OWNER, PRACTITIONER, TRAINEE):
            yield SeeFlips(client_id=client_id, staff_ids=(staff_id,)), me
    yield SeeFlips(client_id=CAT, staff_ids=(OWNER,)), dora(world)
    yield SeeFlips(client_id=CAT, staff_ids=(OWNER, PRACTITIONER)), dora(world)


@pytest.mark.parametrize("value", MessagingPolicy)
@pytest.mark.parametrize("later", LATER)
def test_a_client_sees_only_what_clients_can_ask_for(
    world: World, value: MessagingPolicy, later: timedelta
) -> None:
    """MSG-13: no client and no proxy ever sees a policy, a roster or access as what would help."""
    policy(world, value)
    world.pass_time(later)
    for view, actor in asked_by_clients(world):
        assert not turns(seen(world, view, actor).flips) & DONE_BY_STAFF, view


def test_a_client_sees_that_staff_could_write(world: World) -> None:
    """MSG-13: of a closed conversation its client sees that staff could write, or reopen it."""
    world.pass_time(timedelta(hours=60))
    shown = seen(world, SeeFlips(conversation_id=BENS), world.client(BEN))
    assert shown.answer.reason.code == "auto_closed"
    assert shown.flips == {
        frozenset({Flip(turn=Turn.STAFF_WRITES)}),
        frozenset({Flip(turn=Turn.REOPEN)}),
    }


def test_a_client_sees_that_it_could_be_unlocked(world: World) -> None:
    """MSG-10, MSG-13: locked, it takes unlocking and one thing more."""
    close = CloseConversation(conversation_id=BENS, lock=True)
    world.done(close, world.staff(PRACTITIONER))
    shown = seen(world, SeeFlips(conversation_id=BENS), world.client(BEN))
    assert shown.answer.reason.code == "locked"
    unlock = Flip(turn=Turn.UNLOCK)
    assert shown.flips == {
        frozenset({unlock, Flip(turn=Turn.STAFF_WRITES)}),
        frozenset({unlock, Flip(turn=Turn.REOPEN)}),
    }


def test_the_owner_sees_what_owners_can_change(world: World) -> None:
    """MSG-13, MSG-22: asked for a client, who sets policies and edits sees both."""
    view = SeeFlips(client_id=BEN, staff_ids=(OWNER,), as_client=True)
    shown = seen(world, view, world.staff(OWNER))
    assert shown.answer.reason.code == "client_may_not_start"
    assert shown.flips == {
        frozenset({Flip(turn=Turn.POLICY, policy=MessagingPolicy.ALL_CLIENTS)}),
        frozenset(
            {
                Flip(turn=Turn.POLICY, policy=MessagingPolicy.ASSIGNED_CLIENTS_ONLY),
                assign(BEN, OWNER),
            }
        ),
    }


def test_staff_who_signed_in_hear_the_same_of_a_client(world: World) -> None:
    """MSG-22: with what account staff came in says nothing about the client's own access."""
    policy(world, MessagingPolicy.ALL_CLIENTS)
    view = SeeFlips(client_id=BEN, staff_ids=(OWNER,), as_client=True)
    signed_in = evolve(world.staff(OWNER), account_id=AccountId("acc_olga"))
    assert seen(world, view, signed_in) == seen(world, view, world.staff(OWNER))
    assert seen(world, view, signed_in).answer.reason.code == "any_client"


@pytest.mark.parametrize("staff_id", [PRACTITIONER, RECEPTION, TRAINEE])
def test_who_does_not_set_policies_sees_none(world: World, staff_id: StaffId) -> None:
    """MSG-13, PPL-3: the answer is shown to who may view the client, its policies are not."""
    view = SeeFlips(client_id=BEN, staff_ids=(OWNER,), as_client=True)
    shown = seen(world, view, world.staff(staff_id))
    assert shown.answer.reason.code == "client_may_not_start"
    assert shown.flips == frozenset()


def test_who_edits_the_client_sees_that_access_is_missing(world: World) -> None:
    """MSG-13, MSG-22: that a client has no access is told, and to who edits that it can be given.

    Also of a conversation that the client could not read themselves.
    """
    policy(world, MessagingPolicy.ALL_CLIENTS)
    start = SeeFlips(client_id=DAN, staff_ids=(OWNER,), as_client=True)
    for staff_id, expected in ((OWNER, {Turn.RESTORE_ACCESS}), (RECEPTION, set())):
        shown = seen(world, start, world.staff(staff_id))
        assert shown.answer.reason.code == "sender_without_access"
        assert turns(shown.flips) == expected
    begin(world, world.staff(OWNER), (DAN,))
    talk = SeeFlips(conversation_id=GROUP, client_id=DAN, as_client=True)
    shown = seen(world, talk, world.staff(OWNER))
    assert shown.flips == {frozenset({Flip(turn=Turn.RESTORE_ACCESS)})}


def test_without_access_one_asks_nothing_for_oneself(world: World) -> None:
    """MSG-2, MSG-13: a client without access is refused; staff ask for them."""
    start = SeeFlips(client_id=DAN, staff_ids=(OWNER,))
    assert world.look(start, world.client(DAN)) == Denied("RefusedError", "sender_without_access")


def begin(
    world: World,
    actor: Actor,
    clients: tuple[ClientId, ...],
    staff_ids: tuple[StaffId, ...] = (),
) -> None:
    """A conversation with these clients."""
    start = StartConversation(
        conversation_id=GROUP,
        message_id=MessageId("msg_90"),
        client_ids=clients,
        staff_ids=staff_ids,
        text="Hello",
    )
    world.done(start, actor)


def reception(reach: Reach) -> StaffMember:
    """Reception, who may edit clients this far."""
    one = next(each for each in STAFF if each.id == RECEPTION)
    return evolve(one, permissions=evolve(one.permissions, edit_clients=reach))


@pytest.mark.parametrize(
    ("reach", "expected"),
    [
        pytest.param(Reach.NONE, set(), id="edits nobody"),
        pytest.param(Reach.ASSIGNED, set(), id="edits the other client only"),
        pytest.param(Reach.EVERYTHING, {assign(BEN, RECEPTION)}, id="edits both"),
    ],
)
@pytest.mark.parametrize("client_id", [None, ANN, BEN])
def test_a_roster_is_shown_to_who_edits_that_client(
    world: World, reach: Reach, expected: set[Flip], client_id: ClientId | None
) -> None:
    """MSG-13: in a group, whom to assign is shown to who may edit that one, whoever is named."""
    owner = world.staff(OWNER)
    begin(world, owner, (ANN, BEN), (RECEPTION,))
    world.done(AssignClient(client_id=ANN, staff_id=RECEPTION), owner)
    world.done(ChangeStaffMember(staff=reception(reach)), owner)
    policy(world, MessagingPolicy.ASSIGNED_CLIENTS_ONLY)
    view = SeeFlips(conversation_id=GROUP, client_id=client_id)
    shown = seen(world, view, world.staff(RECEPTION))
    assert shown.answer.reason.code == "not_on_roster"
    assert {flip for each in shown.flips for flip in each} == expected


@pytest.mark.parametrize("staff_id", [OWNER, RECEPTION, TRAINEE])
def test_to_staff_who_take_no_part_there_is_nothing(world: World, staff_id: StaffId) -> None:
    """MSG-21: whatever their permissions, of a conversation of others they hear nothing."""
    actor = world.staff(staff_id)
    for as_client in (False, True):
        view = SeeFlips(conversation_id=BENS, client_id=BEN, as_client=as_client)
        assert world.look(view, actor) == HIDDEN


def test_nobody_asks_for_whom_they_may_not_view(world: World) -> None:
    """MSG-2, MSG-22: to staff without permission to view the client, and to other clients."""
    own = SeeFlips(client_id=DAN, staff_ids=(OWNER,), as_client=True)
    assert world.look(own, world.staff(PRACTITIONER)) == HIDDEN
    assert world.look(evolve(own, client_id=None), world.staff(OWNER)) == HIDDEN
    assert world.look(evolve(own, client_id=BEN), world.client(ANN)) == HIDDEN
    talk = SeeFlips(conversation_id=BENS, client_id=ANN, as_client=True)
    assert world.look(talk, world.staff(PRACTITIONER)) == HIDDEN
    assert world.look(talk, world.visitor()) == HIDDEN
