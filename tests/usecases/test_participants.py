"""Who takes part: adding, removing, joining, custody (MSG-7, MSG-16, MSG-20, MSG-21)."""

from __future__ import annotations

import pytest
from tests.usecases.talks import (
    HOUR,
    MISSING,
    NEW,
    adds,
    changed,
    code,
    held_by,
    joins,
    left,
    numbers,
    owner,
    removes,
    says,
    start,
    taking_part,
)

from clientportal.domain.ids import ClientId, ConversationId, MessageId, RelationshipId, StaffId
from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.domain.practices import MessagingPolicy
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    MOTHER,
    OWNER,
    PARTNER,
    PRACTITIONER,
    RECEPTION,
    TRAINEE,
    dora,
)
from clientportal.usecases.conversations import CloseConversation
from clientportal.usecases.custody import MOST_HANDED_OVER, Custody, SeeUnowned
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.participants import (
    AddParticipants,
    JoinConversation,
    RemoveParticipants,
)
from clientportal.usecases.people import AddStaffMember, AssignClient, UnassignClient
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.searching import SearchMessages

ASSIGNED = MessagingPolicy.ASSIGNED_CLIENTS_ONLY


def unowned(world: World, **given: object) -> list[str]:
    """The conversations that nobody keeps."""
    seen = world.look(SeeUnowned(**given), owner(world))  # type: ignore[arg-type] # named by tests
    return [each.conversation.id for each in seen]


def orphaned(world: World) -> None:
    """A conversation of Ann's with Pia alone, whom she has left."""
    world.done(start(), world.staff(PRACTITIONER))
    assert removes(world, owner(world), PRACTITIONER, leave_unowned=True)
    assert unowned(world) == [NEW]


def test_staff_who_take_part_or_have_practice_settings_change_who_takes_part(
    either: World,
) -> None:
    """MSG-21: they add and remove; other staff find nothing, and clients and proxies never may."""
    pia, rob = either.staff(PRACTITIONER), either.staff(RECEPTION)
    either.done(start(client_ids=(ANN,)), pia)
    assert adds(either, rob, RECEPTION) == "not_found"
    assert removes(either, rob, ANN) == "not_found"
    assert adds(either, either.client(ANN), RECEPTION) == "participants_by_staff"
    assert removes(either, either.client(ANN), PRACTITIONER) == "participants_by_staff"
    for stranger in (either.client(BEN), dora(either), either.visitor()):
        assert adds(either, stranger, RECEPTION) == "not_found"
    assert adds(either, pia, RECEPTION) == "may_change_participants"
    assert adds(either, rob, TRAINEE) == "staff_may_not_view"
    assert removes(either, owner(either), RECEPTION) == "may_change_participants"
    assert adds(either, owner(either), OWNER) == "may_change_participants"
    assert taking_part(either, pia) == [ANN, OWNER, PRACTITIONER]


def test_a_proxy_who_takes_part_changes_nobody(either: World) -> None:
    """MSG-21: whoever acts for a client may no more than the client."""
    either.done(start(client_ids=(CAT,)), owner(either))
    assert adds(either, dora(either), RECEPTION) == "participants_by_staff"
    assert removes(either, dora(either), OWNER) == "participants_by_staff"


def test_who_is_added_sees_the_whole_conversation_and_a_proxy_from_joining_on(
    either: World,
) -> None:
    """MSG-20, MSG-21: staff and clients see all that was written, a proxy what follows."""
    olga, mother, ben = owner(either), dora(either), either.client(BEN)
    either.done(start(client_ids=(CAT,), proxies=()), olga)
    assert says(either, olga, 91) == "staff_may_write"
    assert (numbers(either, mother), held_by(either, mother)) == ([], [])
    assert adds(either, olga, MOTHER, BEN, RECEPTION) == "may_change_participants"
    assert numbers(either, ben) == numbers(either, either.staff(RECEPTION)) == [2, 1]
    assert numbers(either, mother) == []
    (first,) = either.look(SeeInbox(), mother)
    assert (first.latest, first.unread) == (None, 0)
    assert says(either, either.staff(RECEPTION), 92) == "staff_may_write"
    (seen,) = either.look(SeeInbox(), mother)
    assert (numbers(either, mother), seen.unread, seen.latest.text) == ([3], 1, "No. 92")
    assert says(either, mother, 93) == "may_reply"
    assert numbers(either, mother) == [4, 3]


def test_who_takes_part_already_stays_as_they_are(either: World) -> None:
    """MSG-21: adding twice and joining twice change nothing; what a proxy sees stays too."""
    olga, mother = owner(either), dora(either)
    either.done(start(client_ids=(CAT,)), olga)
    again = AddParticipants(conversation_id=NEW, people=(CAT, MOTHER, OWNER))
    assert either.done(again, olga).events == ()
    assert either.done(JoinConversation(conversation_id=NEW), olga).events == ()
    assert numbers(either, mother) == [1]


def test_who_leaves_reads_up_to_leaving_and_writes_nothing(either: World) -> None:
    """MSG-21: staff and clients alike; what follows is not for them, nor in their inbox."""
    olga, rob, ben = owner(either), either.staff(RECEPTION), either.client(BEN)
    either.done(start(client_ids=(ANN, BEN), staff_ids=(RECEPTION,)), olga)
    assert removes(either, olga, RECEPTION, BEN) == "may_change_participants"
    assert says(either, olga, 91) == "staff_may_write"
    for who, number in ((rob, 92), (ben, 93)):
        assert numbers(either, who) == [1]
        assert NEW not in held_by(either, who)
        assert says(either, who, number) == "not_found"
    assert removes(either, olga, RECEPTION) == "does_not_take_part"
    assert removes(either, rob, OWNER) == adds(either, rob, PRACTITIONER) == "not_found"
    assert numbers(either, olga) == [2, 1]


def test_who_left_and_is_added_again_sees_everything(either: World) -> None:
    """MSG-21: staff and clients see the whole conversation again, a proxy from joining anew."""
    olga, mother, ben = owner(either), dora(either), either.client(BEN)
    either.done(start(client_ids=(CAT, BEN)), olga)
    removes(either, olga, MOTHER, BEN)
    says(either, olga, 91)
    assert (numbers(either, mother), numbers(either, ben)) == ([1], [1])
    adds(either, olga, MOTHER, BEN)
    says(either, olga, 92)
    assert (numbers(either, mother), numbers(either, ben)) == ([3], [3, 2, 1])


def test_staff_leave_by_themselves(either: World) -> None:
    """MSG-21: removing oneself is leaving; what one wrote stays."""
    olga, rob = owner(either), either.staff(RECEPTION)
    either.done(start(staff_ids=(RECEPTION,)), olga)
    assert says(either, rob, 91) == "staff_may_write"
    assert removes(either, rob, RECEPTION) == "may_change_participants"
    assert removes(either, rob, RECEPTION) == "not_found"
    assert numbers(either, olga) == numbers(either, rob) == [2, 1]


def test_no_clients_come_into_a_conversation_that_began_without(either: World) -> None:
    """MSG-21: staff among themselves stay so; another of the staff may be added."""
    olga = owner(either)
    either.done(start(client_ids=(), staff_ids=(PRACTITIONER,)), olga)
    assert adds(either, olga, ANN) == "began_without_clients"
    assert adds(either, olga, MOTHER) == "began_without_clients"
    assert adds(either, either.staff(PRACTITIONER), TRAINEE) == "may_change_participants"
    assert joins(either, either.staff(RECEPTION)) == "not_found"
    assert removes(either, olga, OWNER, PRACTITIONER, TRAINEE) == "may_change_participants"
    assert unowned(either) == []


def test_what_is_closed_to_proxies_takes_none(either: World) -> None:
    """MSG-20: it was so from its start and stays so, for good."""
    olga = owner(either)
    either.done(start(client_ids=(CAT,), is_closed_to_proxies=True), olga)
    assert adds(either, olga, MOTHER) == "closed_to_proxies"
    assert (numbers(either, dora(either)), held_by(either, dora(either))) == ([], [])


def test_only_proxies_of_those_who_take_part_are_added(either: World) -> None:
    """MSG-20: whose relationship grants messages about one of the clients; others do not exist."""
    olga = owner(either)
    either.done(start(), olga)
    for other in (MOTHER, PARTNER, RelationshipId("rel_none")):
        assert adds(either, olga, other) == "not_found"
    assert adds(either, olga, CAT, MOTHER) == "may_change_participants"


def test_who_is_not_there_is_not_added(either: World) -> None:
    """MSG-2: ids that never existed are as unknown here as everywhere."""
    olga = owner(either)
    either.done(start(), olga)
    for nobody in (ClientId("cli_none"), StaffId("stf_none")):
        assert adds(either, olga, nobody) == "not_found"
        assert removes(either, olga, nobody) == "does_not_take_part"


def test_who_may_not_view_a_client_is_not_added_and_adds_none(either: World) -> None:
    """MSG-2, MSG-21: staff see every client in it, whoever is added and whoever adds."""
    pia = either.staff(PRACTITIONER)
    either.done(start(), pia)
    assert adds(either, pia, TRAINEE) == "staff_may_not_view"
    assert adds(either, pia, DAN) == "not_found"
    either.done(AssignClient(client_id=ANN, staff_id=TRAINEE), owner(either))
    assert adds(either, pia, TRAINEE) == "may_change_participants"


def test_adding_a_client_leaves_nobody_behind(either: World) -> None:
    """MSG-16, MSG-21: a client whom none of its staff may view would leave it unowned."""
    olga = owner(either)
    either.done(start(), either.staff(PRACTITIONER))
    assert adds(either, olga, CAT) == "staff_may_not_view"
    assert says(either, either.staff(PRACTITIONER), 91) == "staff_may_write"
    assert adds(either, olga, CAT, OWNER) == "may_change_participants"
    assert unowned(either) == []


def test_under_assigned_clients_the_added_need_the_same_assignments(either: World) -> None:
    """MSG-7: staff need every client on their roster, and so does who adds a client."""
    pia, olga = either.staff(PRACTITIONER), owner(either)
    either.done(SetMessagingPolicy(policy=ASSIGNED), olga)
    either.done(changed(RECEPTION), olga)
    assert code(either, start(), pia) == "assigned"
    assert adds(either, pia, RECEPTION) == "not_on_roster"
    either.done(AssignClient(client_id=ANN, staff_id=RECEPTION), olga)
    assert adds(either, pia, RECEPTION) == "may_change_participants"
    assert adds(either, either.staff(RECEPTION), BEN) == "not_on_roster"
    either.done(AssignClient(client_id=BEN, staff_id=RECEPTION), olga)
    assert adds(either, either.staff(RECEPTION), BEN) == "may_change_participants"
    assert says(either, pia, 91) == says(either, either.client(BEN), 92) == "assigned"


def test_under_assigned_clients_joining_needs_the_roster(either: World) -> None:
    """MSG-7, MSG-21: whoever may view the client but not write does not join either."""
    olga = owner(either)
    either.done(SetMessagingPolicy(policy=ASSIGNED), olga)
    either.done(start(), either.staff(PRACTITIONER))
    assert joins(either, olga) == "not_on_roster"
    either.done(AssignClient(client_id=ANN, staff_id=OWNER), olga)
    assert joins(either, olga) == "may_join_conversation"


def test_joining_is_for_staff_who_may_view_and_the_client_sees_it(either: World) -> None:
    """MSG-21: staff who take no part see nothing, except by joining, which the client sees."""
    rob, ann = either.staff(RECEPTION), either.client(ANN)
    either.done(start(), either.staff(PRACTITIONER))
    assert (numbers(either, rob), held_by(either, rob)) == ([], [])
    for stranger in (either.staff(TRAINEE), either.client(BEN), dora(either), ann):
        assert joins(either, stranger) == "not_found"
    assert taking_part(either, ann) == [ANN, PRACTITIONER]
    either.pass_time(HOUR)
    receipt = either.done(JoinConversation(conversation_id=NEW), rob)
    assert [each.name for each in receipt.events] == ["participant.added"]
    opened = either.look(SeeConversation(conversation_id=NEW), ann)
    names = {each.person: (each.name, each.since) for each in opened.people}
    assert names[RECEPTION] == ("Rob", either.clock.at)
    assert (numbers(either, rob), says(either, rob, 91)) == ([1], "staff_may_write")


def test_an_open_conversation_is_handed_to_a_successor_or_left_on_purpose(
    either: World,
) -> None:
    """MSG-16: the last who keeps it names who follows, or says that nobody shall."""
    pia, rob = either.staff(PRACTITIONER), either.staff(RECEPTION)
    either.done(start(), pia)
    assert removes(either, pia, PRACTITIONER) == "successor_needed"
    assert removes(either, pia, PRACTITIONER, successor=TRAINEE) == "staff_may_not_view"
    assert removes(either, pia, PRACTITIONER, successor=RECEPTION) == "may_change_participants"
    assert taking_part(either, rob) == [ANN, RECEPTION]
    assert (numbers(either, pia), says(either, rob, 91)) == ([1], "staff_may_write")
    assert removes(either, rob, RECEPTION, leave_unowned=True) == "may_change_participants"
    assert says(either, either.client(ANN), 92) == "nobody_to_read"


def test_nobody_succeeds_themselves(either: World) -> None:
    """MSG-16: a successor who leaves with the others, or is the one who leaves, keeps nothing."""
    pia, olga = either.staff(PRACTITIONER), owner(either)
    either.done(start(staff_ids=(PRACTITIONER,)), pia)
    assert removes(either, pia, PRACTITIONER, successor=PRACTITIONER) == "successor_needed"
    himself = Custody(successor=PRACTITIONER)
    assert code(either, left(PRACTITIONER, custody=himself), olga) == "successor_needed"
    assert unowned(either) == []


def test_a_successor_who_takes_part_already_stays_as_they_are(either: World) -> None:
    """MSG-16, MSG-21: naming one of those who take part adds nobody a second time."""
    olga = owner(either)
    either.done(start(staff_ids=(RECEPTION,)), olga)
    before = either.look(SeeConversation(conversation_id=NEW), olga).people
    either.pass_time(HOUR)
    assert removes(either, olga, OWNER, successor=RECEPTION) == "may_change_participants"
    people = either.look(SeeConversation(conversation_id=NEW), either.staff(RECEPTION)).people
    kept = [next(e for e in each if e.person == RECEPTION) for each in (before, people)]
    assert kept[0] == kept[1]


def test_what_is_closed_needs_no_successor(either: World) -> None:
    """MSG-16: custody is of open conversations; by hand or by itself, closed ones are left."""
    pia = either.staff(PRACTITIONER)
    either.done(start(), pia)
    either.done(CloseConversation(conversation_id=NEW), pia)
    assert removes(either, pia, PRACTITIONER) == "may_change_participants"
    other = start(conversation_id=ConversationId("cnv_8"), message_id=MessageId("msg_80"))
    either.done(other, pia)
    either.pass_time(48 * HOUR)
    leave = RemoveParticipants(conversation_id=ConversationId("cnv_8"), people=(PRACTITIONER,))
    assert code(either, leave, pia) == "may_change_participants"
    assert unowned(either) == []


def test_taking_over_gives_at_least_48_hours(either: World) -> None:
    """MSG-16: while unowned a client hears `nobody_to_read`; taking over is a switch."""
    ann, rob = either.client(ANN), either.staff(RECEPTION)
    orphaned(either)
    either.pass_time(47 * HOUR)
    assert says(either, ann, 91) == "nobody_to_read"
    assert joins(either, rob) == "may_join_conversation"
    (seen, *_) = either.look(SeeInbox(), ann)
    assert seen.deadline == seen.may_write.holds_until == either.clock.at + 48 * HOUR
    either.pass_time(48 * HOUR)
    assert says(either, ann, 92) == "auto_closed"


def test_adding_somebody_takes_over_as_joining_does(either: World) -> None:
    """MSG-16, MSG-21: who has practice settings may put somebody in charge."""
    orphaned(either)
    either.pass_time(40 * HOUR)
    assert adds(either, owner(either), RECEPTION) == "may_change_participants"
    (seen, *_) = either.look(SeeInbox(), either.client(ANN))
    assert seen.deadline == either.clock.at + 48 * HOUR
    assert unowned(either) == []


@pytest.mark.parametrize("leaves", ["conversation", "practice"])
def test_who_succeeds_where_nobody_kept_it_takes_over(either: World, leaves: str) -> None:
    """MSG-16: a successor of one who may no longer view the client has 48 hours, too."""
    either.done(start(), either.staff(PRACTITIONER))
    either.done(changed(PRACTITIONER, permissions=Permissions()), owner(either))
    assert NEW in unowned(either)
    either.pass_time(40 * HOUR)
    if leaves == "practice":
        either.done(left(PRACTITIONER, custody=Custody(successor=RECEPTION)), owner(either))
    else:
        assert removes(either, owner(either), PRACTITIONER, successor=RECEPTION)
    (seen, *_) = either.look(SeeInbox(), either.client(ANN))
    assert seen.deadline == either.clock.at + 48 * HOUR
    assert NEW not in unowned(either)


def test_taking_over_never_reopens_what_has_closed(either: World) -> None:
    """MSG-16: what closed by itself while nobody kept it stays closed until staff write."""
    ann, rob = either.client(ANN), either.staff(RECEPTION)
    orphaned(either)
    either.pass_time(48 * HOUR)
    assert unowned(either) == []
    assert joins(either, rob) == "may_join_conversation"
    assert says(either, ann, 91) == "auto_closed"
    assert says(either, rob, 92) == "staff_may_write"
    assert says(either, ann, 93) == "may_reply"


def test_taking_over_starts_no_clock_that_stood(either: World) -> None:
    """MSG-4, MSG-16: while staff owe the answer nothing closes, whoever takes over."""
    ann, pia = either.client(ANN), either.staff(PRACTITIONER)
    either.done(start(), pia)
    assert says(either, ann, 91) == "may_reply"
    assert removes(either, pia, PRACTITIONER, leave_unowned=True)
    assert joins(either, either.staff(RECEPTION)) == "may_join_conversation"
    either.pass_time(1000 * HOUR)
    assert says(either, ann, 92) == "may_reply"


def test_joining_what_is_kept_changes_no_clock(either: World) -> None:
    """MSG-16: only what nobody kept is taken over."""
    either.done(start(), either.staff(PRACTITIONER))
    until = either.clock.at + 48 * HOUR
    either.pass_time(40 * HOUR)
    assert joins(either, either.staff(RECEPTION)) == "may_join_conversation"
    assert either.look(SeeInbox(), either.client(ANN))[0].deadline == until


@pytest.mark.parametrize("how", ["left", "permission", "roster"])
def test_what_time_and_permissions_leave_behind_is_listed(either: World, how: str) -> None:
    """MSG-16: who has practice settings sees what nobody keeps, in pages; nobody else does."""
    olga = owner(either)
    talks = [NEW, ConversationId("cnv_91"), ConversationId("cnv_92")]
    for number, talk in enumerate(talks, start=90):
        command = start(conversation_id=talk, message_id=MessageId(f"msg_{number}"))
        either.done(command, either.staff(PRACTITIONER))
    bens = ConversationId("cnv_2")
    leave = {
        "left": (left(PRACTITIONER, custody=Custody(leave_unowned=True)), [bens, *talks]),
        "permission": (changed(PRACTITIONER, Permissions()), [bens, *talks]),
        "roster": (UnassignClient(client_id=ANN, staff_id=PRACTITIONER), talks),
    }
    command, found = leave[how]
    assert unowned(either) == []
    either.done(command, olga)
    assert unowned(either) == sorted(found)
    paged = unowned(either, limit=2)
    assert paged + unowned(either, after=paged[-1]) == sorted(found)
    assert either.look(SeeUnowned(), either.staff(RECEPTION)) == Denied(
        "RefusedError", "permission_needed"
    )
    assert either.look(SeeUnowned(), either.client(ANN)) == Denied("RefusedError", "staff_only")


def test_who_leaves_the_practice_hands_everything_over(either: World) -> None:
    """MSG-16: each open conversation that they alone keep, or none of it happens."""
    olga, rob = owner(either), either.staff(RECEPTION)
    either.done(start(client_ids=(ANN, BEN)), either.staff(PRACTITIONER))
    assert code(either, left(PRACTITIONER), olga) == "successor_needed"
    unfit = left(PRACTITIONER, custody=Custody(successor=TRAINEE))
    assert code(either, unfit, olga) == "staff_may_not_view"
    assert held_by(either, rob) == []
    fit = left(PRACTITIONER, custody=Custody(successor=RECEPTION))
    assert code(either, fit, olga) == "permitted"
    assert sorted(held_by(either, rob)) == ["cnv_2", NEW]
    assert taking_part(either, rob) == [ANN, BEN, PRACTITIONER, RECEPTION]
    assert (unowned(either), says(either, either.client(BEN), 91)) == ([], "may_reply")


def test_a_shared_conversation_needs_no_successor(either: World) -> None:
    """MSG-16: somebody else who is active and may view the clients keeps it."""
    either.done(start(staff_ids=(PRACTITIONER, TRAINEE), client_ids=(BEN,)), owner(either))
    olga = owner(either)
    assert removes(either, olga, OWNER) == "may_change_participants"
    assert removes(either, either.staff(PRACTITIONER), PRACTITIONER) == "may_change_participants"
    assert removes(either, either.staff(TRAINEE), TRAINEE) == "successor_needed"


def test_a_client_who_is_removed_leaves_the_rest_as_they_were(either: World) -> None:
    """MSG-2, MSG-21: to the client left behind nothing is lost; without any, nobody is written."""
    olga, ann = owner(either), either.client(ANN)
    either.done(start(client_ids=(ANN, BEN)), olga)
    assert removes(either, olga, BEN) == "may_change_participants"
    assert (says(either, ann, 91), taking_part(either, ann)) == ("may_reply", [ANN, OWNER])
    assert removes(either, olga, ANN) == "may_change_participants"
    assert says(either, olga, 92) == "nobody_to_read"
    assert says(either, ann, 93) == "not_found"


def test_strangers_change_nothing(either: World) -> None:
    """MSG-2: to whoever takes no part it is as if it were not there, whatever they try."""
    either.done(start(), either.staff(PRACTITIONER))
    absent = ConversationId("cnv_none")
    for who in (either.client(BEN), dora(either), either.visitor(), either.staff(TRAINEE)):
        for talk in (NEW, absent):
            for command in (
                AddParticipants(conversation_id=talk, people=(TRAINEE,)),
                RemoveParticipants(conversation_id=talk, people=(ANN,)),
                JoinConversation(conversation_id=talk),
            ):
                assert either.do(command, who) == MISSING
    assert taking_part(either, either.client(ANN)) == [ANN, PRACTITIONER]


def test_many_at_once_are_too_many(either: World) -> None:
    """MSG-10, MSG-21: at most 20 of the staff besides who began, at most 50 clients."""
    olga = owner(either)
    either.done(start(), olga)
    staff_ids = tuple(StaffId(f"stf_many{n}") for n in range(21))
    for each in staff_ids:
        either.done(_employed(each), olga)
    assert adds(either, olga, *staff_ids) == "too_many_participants"
    assert adds(either, olga, *staff_ids[:20]) == "may_change_participants"
    assert adds(either, olga, staff_ids[20]) == "too_many_participants"


def _employed(staff_id: StaffId) -> AddStaffMember:
    """Somebody more who may view everybody."""
    sees = Permissions(view_clients=Reach.EVERYTHING)
    return AddStaffMember(staff=StaffMember(id=staff_id, name="Moe", permissions=sees))


def test_what_closed_by_itself_hides_no_open_one(either: World) -> None:
    """MSG-16: a page of what nobody keeps holds open ones, however many have closed before."""
    pia, olga = either.staff(PRACTITIONER), owner(either)
    for number in range(41, 45):
        talk, message_id = ConversationId(f"cnv_{number}"), MessageId(f"msg_{number}")
        either.done(start(conversation_id=talk, message_id=message_id), pia)
    either.pass_time(48 * HOUR)
    either.done(start(), pia)
    either.done(left(PRACTITIONER, custody=Custody(leave_unowned=True)), olga)
    assert unowned(either, limit=2) == [NEW]


def test_with_a_client_go_those_who_act_for_them(either: World) -> None:
    """MSG-20, MSG-21: a proxy reads no further than the client, and comes back only when added."""
    olga, mother = owner(either), dora(either)
    either.done(start(client_ids=(BEN, CAT)), olga)
    assert removes(either, olga, CAT) == "may_change_participants"
    assert says(either, olga, 91) == "staff_may_write"
    assert (numbers(either, mother), held_by(either, mother)) == ([1], [])
    assert says(either, mother, 92) == "not_found"
    assert taking_part(either, olga) == [BEN, OWNER]
    assert adds(either, olga, MOTHER) == "not_found"
    assert adds(either, olga, CAT) == "may_change_participants"
    assert numbers(either, mother) == [1]
    assert adds(either, olga, MOTHER) == "may_change_participants"
    assert removes(either, olga, CAT, MOTHER) == "may_change_participants"


def test_who_left_is_told_nothing_of_what_follows(either: World) -> None:
    """MSG-21: neither messages nor how many, nor a deadline, a closing, or who came later."""
    olga, rob, ben = owner(either), either.staff(RECEPTION), either.client(BEN)
    either.done(start(client_ids=(ANN, BEN), staff_ids=(RECEPTION,)), olga)
    assert removes(either, olga, RECEPTION, BEN) == "may_change_participants"
    view = SeeConversation(conversation_id=NEW)
    before = [either.look(view, who) for who in (rob, ben)]
    assert [(each.conversation.last_sequence, each.deadline) for each in before] == [(1, None)] * 2
    either.pass_time(HOUR)
    assert says(either, either.client(ANN), 91) == "may_reply"
    assert says(either, olga, 92) == "staff_may_write"
    assert adds(either, olga, DAN) == removes(either, olga, ANN) == "may_change_participants"
    assert code(either, CloseConversation(conversation_id=NEW, lock=True), olga) == "may_close"
    assert [either.look(view, who) for who in (rob, ben)] == before


@pytest.mark.parametrize("others", [(), (BEN,)], ids=["alone", "group"])
def test_what_a_client_left_behind_is_no_more_open_than_before(
    either: World, others: tuple[ClientId, ...]
) -> None:
    """MSG-2, MSG-21: who might not view a client who left neither joins nor is added nor follows.

    They would see the whole conversation, what that client wrote too.
    """
    olga, tom = owner(either), either.staff(TRAINEE)
    either.done(start(client_ids=(ANN, *others)), olga)
    assert says(either, either.client(ANN), 91) == "may_reply"
    assert joins(either, tom) == "not_found"
    assert removes(either, olga, ANN) == "may_change_participants"
    assert joins(either, tom) == "not_found"
    assert adds(either, olga, TRAINEE) == "staff_may_not_view"
    assert removes(either, olga, OWNER, successor=TRAINEE) == "staff_may_not_view"
    assert numbers(either, tom) == []
    assert joins(either, either.staff(PRACTITIONER)) == "may_join_conversation"


def test_who_leaves_the_practice_hands_nothing_of_a_former_client_on(either: World) -> None:
    """MSG-16, MSG-21: a successor in the practice may view them too, or does not follow."""
    olga = owner(either)
    either.done(start(client_ids=(ANN, BEN)), either.staff(PRACTITIONER))
    assert removes(either, olga, ANN) == "may_change_participants"
    unfit = left(PRACTITIONER, custody=Custody(successor=TRAINEE))
    assert code(either, unfit, olga) == "staff_may_not_view"
    fit = left(PRACTITIONER, custody=Custody(successor=RECEPTION))
    assert code(either, fit, olga) == "permitted"


def test_no_permission_shows_nothing_once_the_clients_left(either: World) -> None:
    """MSG-2: staff who may view nobody find nothing, though no client takes part any more."""
    olga, rob = owner(either), either.staff(RECEPTION)
    either.done(start(staff_ids=(RECEPTION,)), olga)
    either.done(changed(RECEPTION, Permissions()), olga)
    assert removes(either, olga, ANN) == "may_change_participants"
    assert (numbers(either, rob), held_by(either, rob)) == ([], [])
    assert either.look(SearchMessages(words="how"), rob) == ()
    assert either.look(SeeInbox(answerable=True), rob) == ()


def test_a_successor_takes_over_what_nobody_owned(either: World) -> None:
    """MSG-16: by removing and by leaving the practice, as by joining: at least 48 hours."""
    olga, ann = owner(either), either.client(ANN)
    other = ConversationId("cnv_8")
    either.done(start(), either.staff(RECEPTION))
    both = start(conversation_id=other, message_id=MessageId("msg_80"))
    either.done(both, either.staff(RECEPTION))
    either.done(changed(RECEPTION, Permissions()), olga)
    either.pass_time(47 * HOUR)
    handed = removes(either, olga, RECEPTION, successor=OWNER)
    assert handed == "may_change_participants"
    leaves = left(RECEPTION, custody=Custody(successor=OWNER))
    assert code(either, leaves, olga) == "permitted"
    seen = {each.conversation.id: each.deadline for each in either.look(SeeInbox(), ann)}
    assert seen[NEW] == seen[other] == either.clock.at + 48 * HOUR


def test_who_kept_nothing_needs_no_successor(either: World) -> None:
    """MSG-16: what nobody owned before is not left behind by their leaving; it stays listed."""
    olga = owner(either)
    either.done(start(), either.staff(RECEPTION))
    either.done(changed(RECEPTION, Permissions()), olga)
    assert code(either, left(RECEPTION), olga) == "permitted"
    assert unowned(either) == [NEW]


@pytest.mark.parametrize("either", ["sqlite"], indirect=True)  # memory copies all on every commit
def test_no_more_are_handed_over_than_one_commit_takes(either: World) -> None:
    """MSG-16: a page at most goes to the successor; of more, none, and nobody leaves then."""
    olga = owner(either)

    def more(first: int, last: int) -> None:
        for number in range(first, last):
            ids = ConversationId(f"cnv_m{number}"), MessageId(f"msg_m{number}")
            one = start(conversation_id=ids[0], message_id=ids[1])
            either.done(one, either.staff(RECEPTION))

    more(0, MOST_HANDED_OVER)
    leaves = left(RECEPTION, custody=Custody(successor=OWNER))
    assert either.ask(leaves, olga).reason.code == "permitted"
    more(MOST_HANDED_OVER, MOST_HANDED_OVER + 1)
    assert code(either, leaves, olga) == "too_many_to_hand_over"
    assert code(either, left(RECEPTION), olga) == "successor_needed"
    either.done(changed(RECEPTION, Permissions(view_clients=Reach.ASSIGNED)), olga)
    either.done(AssignClient(client_id=BEN, staff_id=RECEPTION), olga)
    last = ConversationId("cnv_z"), MessageId("msg_z")
    bens = start(conversation_id=last[0], message_id=last[1], client_ids=(BEN,))
    either.done(bens, either.staff(RECEPTION))  # the only one they keep, behind all the others
    assert code(either, left(RECEPTION), olga) == "successor_needed"
    assert code(either, left(RECEPTION, custody=Custody(leave_unowned=True)), olga) == "permitted"
