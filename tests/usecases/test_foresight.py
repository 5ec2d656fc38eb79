"""What happens by itself, what would change, what would reverse an answer (MSG-13, 18, OUT-3)."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from attrs import evolve
from tests.usecases.talks import (
    HOUR,
    MISSING,
    NEW,
    changed,
    owner,
    removes,
    says,
    start,
)

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, ConversationId, MessageId, StaffId
from clientportal.domain.moments import Moment
from clientportal.domain.people import Permissions, Reach
from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision, deny
from clientportal.policies.extra import ExtraRule
from clientportal.policies.flips import Flip, Turn
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    MOTHER,
    OWNER,
    PRACTITIONER,
    RECEPTION,
    dora,
    populate,
)
from clientportal.usecases.conversations import (
    CloseConversation,
    ReopenConversation,
    SendMessage,
    StartConversation,
)
from clientportal.usecases.foresight import SeeFlips, SeeUpcoming, Upcoming, WhatWouldChange
from clientportal.usecases.inbox import SeeInbox
from clientportal.usecases.notices import SeeWarningsToMail
from clientportal.usecases.people import AssignClient, UnassignClient
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.recipients import ExplainClient, SeeRecipients
from clientportal.usecases.relationships import EndRelationship

ANNS, BENS = ConversationId("cnv_1"), ConversationId("cnv_2")
REPLY, NEVER, ASSIGNED, EVERYBODY = MessagingPolicy


def coming(world: World, who: Actor, **given: Any) -> list[str]:
    """The conversations that will close, as *who* sees them, the next first."""
    return [each.conversation_id for each in world.look(SeeUpcoming(**given), who)]


def begun(world: World, number: int, staff_id: StaffId, **given: Any) -> ConversationId:
    """A conversation that a staff member began an hour after all before."""
    world.pass_time(HOUR)
    talk = ConversationId(f"cnv_{number}")
    named = {"conversation_id": talk, "message_id": MessageId(f"msg_{number}"), **given}
    world.done(start(**named), world.staff(staff_id))
    return talk


def test_everybody_sees_what_closes_of_their_own(either: World) -> None:
    """OUT-3: the next first, with its moment; what others take part in is not listed."""
    began = either.clock.at
    talk = begun(either, 91, RECEPTION)
    (his,) = either.look(SeeUpcoming(), either.staff(RECEPTION))
    assert his == Upcoming(conversation_id=talk, at=began + 49 * HOUR, waiting_since=began + HOUR)
    assert coming(either, either.client(ANN)) == [talk]
    assert coming(either, either.client(BEN)) == [BENS]
    assert coming(either, either.staff(PRACTITIONER)) == [BENS]
    assert coming(either, owner(either)) == coming(either, dora(either)) == []
    assert either.look(SeeUpcoming(), either.visitor()) == MISSING


def test_the_machinery_and_settings_see_everything(either: World) -> None:
    """OUT-3: the practice's own machinery, and with *everybody* staff with practice settings."""
    talk = begun(either, 91, RECEPTION, is_closed_to_proxies=True, client_ids=(CAT,))
    everything = [BENS, talk]
    assert coming(either, either.system()) == everything
    assert coming(either, owner(either), everybody=True) == everything
    refused = Denied("RefusedError", "permission_needed")
    assert either.look(SeeUpcoming(everybody=True), either.staff(RECEPTION)) == refused
    for who in (either.client(ANN), dora(either)):
        assert either.look(SeeUpcoming(everybody=True), who) == Denied("RefusedError", "staff_only")


def test_what_is_closed_to_a_proxy_is_not_coming_for_her(either: World) -> None:
    """MSG-20: nor where she was never named, was removed, or holds no grant any more."""
    mother, olga = dora(either), owner(either)
    begun(either, 91, OWNER, client_ids=(CAT,), is_closed_to_proxies=True)
    begun(either, 92, OWNER, client_ids=(CAT,), proxies=())
    hers = begun(either, 9, OWNER, client_ids=(CAT,))
    assert coming(either, mother) == [hers]
    removes(either, olga, MOTHER)
    assert coming(either, mother) == []
    again = begun(either, 93, OWNER, client_ids=(CAT,))
    assert coming(either, mother) == [again]
    either.done(EndRelationship(relationship_id=MOTHER), olga)
    assert either.look(SeeUpcoming(), mother) == MISSING
    assert len(coming(either, olga)) == 4


def test_only_what_closes_by_itself_is_coming(either: World) -> None:
    """MSG-4, MSG-10: not what staff owe an answer, what is closed, or another policy keeps open."""
    rob, ann = either.staff(RECEPTION), either.client(ANN)
    begun(either, 9, RECEPTION)
    assert coming(either, ann) == [NEW]
    assert says(either, ann, 191) == "may_reply"
    assert coming(either, ann) == coming(either, rob) == []
    assert says(either, rob, 192) == "staff_may_write"
    assert coming(either, ann) == [NEW]
    either.done(CloseConversation(conversation_id=NEW), rob)
    assert coming(either, ann) == []
    late = begun(either, 91, RECEPTION)
    either.done(SetMessagingPolicy(policy=EVERYBODY), owner(either))
    assert coming(either, ann) == []
    either.pass_time(100 * HOUR)
    either.done(SetMessagingPolicy(policy=REPLY), owner(either))
    (seen,) = either.look(SeeUpcoming(), ann)
    assert (seen.conversation_id, seen.at) == (late, either.clock.at + 48 * HOUR)
    either.pass_time(48 * HOUR)
    assert coming(either, ann) == []


def test_nothing_of_staff_among_themselves_is_coming(either: World) -> None:
    """MSG-2: it never closes by itself."""
    begun(either, 9, OWNER, client_ids=(), staff_ids=(PRACTITIONER,))
    assert coming(either, either.system()) == [BENS]


def test_what_is_coming_in_pages(either: World) -> None:
    """OUT-3: pages one after the other are the whole, whoever looks, also of one moment."""
    for number in range(91, 98):
        begun(either, number, RECEPTION)
    at_once = [ConversationId(f"cnv_{n}") for n in (81, 82, 83)]
    for number, talk in enumerate(at_once, start=81):
        message_id = MessageId(f"msg_{number}")
        either.done(start(conversation_id=talk, message_id=message_id), either.staff(RECEPTION))
    viewers = ((either.client(ANN), False), (either.staff(RECEPTION), False))
    for who, everybody in (*viewers, (owner(either), True), (either.system(), False)):
        whole = either.look(SeeUpcoming(everybody=everybody), who)
        paged: list[Upcoming] = []
        while True:
            after = (paged[-1].waiting_since, paged[-1].conversation_id) if paged else None
            page = either.look(SeeUpcoming(everybody=everybody, after=after, limit=3), who)
            if not page:
                break
            paged += page
        assert len(whole) >= 10
        assert tuple(paged) == whole


def varied(world: World) -> World:
    """Conversations in all states, alone and in groups, with those on rosters and others."""
    world.done(SetMessagingPolicy(policy=EVERYBODY), owner(world))
    begins = StartConversation(
        conversation_id=ConversationId("cnv_80"),
        message_id=MessageId("msg_80"),
        client_ids=(BEN,),
        staff_ids=(RECEPTION,),
        text="By the client.",
    )
    world.done(begins, world.client(BEN))
    world.done(SetMessagingPolicy(policy=REPLY), owner(world))
    begun(world, 81, RECEPTION)
    begun(world, 82, OWNER, client_ids=(ANN, BEN), staff_ids=(PRACTITIONER,))
    closed = begun(world, 83, RECEPTION)
    world.done(CloseConversation(conversation_id=closed), world.staff(RECEPTION))
    locked = begun(world, 84, RECEPTION, client_ids=(BEN,))
    world.done(CloseConversation(conversation_id=locked, lock=True), world.staff(RECEPTION))
    begun(world, 85, OWNER, client_ids=(), staff_ids=(PRACTITIONER,))
    begun(world, 86, OWNER, client_ids=(CAT,))
    world.pass_time(45 * HOUR)
    begun(world, 87, PRACTITIONER)
    return world


def answers(world: World) -> dict[tuple[str, str], bool]:
    """Whether each client may write in each of their conversations, now."""
    found = {}
    for client_id in (ANN, BEN):
        who = world.client(client_id)
        for each in world.look(SeeInbox(), who):
            send = SendMessage(
                conversation_id=each.conversation.id, message_id=MessageId("msg_ask"), text="x"
            )
            found[each.conversation.id, client_id] = bool(world.ask(send, who))
    return found


@pytest.mark.parametrize("policy", list(MessagingPolicy))
@pytest.mark.parametrize("before", list(MessagingPolicy))
def test_what_would_change_equals_doing_it(
    before: MessagingPolicy, policy: MessagingPolicy
) -> None:
    """MSG-18: who may answer, now and at the next deadline, differs where foreseen and only there.

    The policy is set in a world that was made alike.
    """
    worlds = [varied(populate(World())) for _ in range(2)]
    for world in worlds:
        world.done(SetMessagingPolicy(policy=before), owner(world))
    here, there = worlds
    now = here.clock.at
    foreseen = here.look(WhatWouldChange(policy=policy), owner(here))
    there.done(SetMessagingPolicy(policy=policy), owner(there))
    told = {
        (each.conversation.id, one.client_id): one
        for each in foreseen.affected
        for one in each.flipped
    }
    assert (policy is before) <= (foreseen.affected == ())
    assert foreseen.seen == 9
    ends = deadlines(here, there)
    for pair in answers(here):
        one = told.get(pair)
        for moment in {now, *ends[pair]} if one is None else {one.at}:
            heard = tuple(_at(world, moment)[pair] for world in worlds)
            expected = heard[:1] * 2 if one is None else tuple(map(bool, one.answers))
            assert heard == expected


def deadlines(*worlds: World) -> dict[tuple[str, str], set[Moment]]:
    """When each conversation of each client closes by itself in one world or another."""
    found: dict[tuple[str, str], set[Moment]] = {}
    for world, client_id in product(worlds, (ANN, BEN)):
        for each in world.look(SeeInbox(), world.client(client_id)):
            ends = found.setdefault((each.conversation.id, client_id), set())
            ends |= {each.deadline} - {None}
    return found


def _at(world: World, moment: Moment) -> dict[tuple[str, str], bool]:
    """What `answers` come to at another moment."""
    before, world.clock.at = world.clock.at, moment
    try:
        return answers(world)
    finally:
        world.clock.at = before


@pytest.mark.parametrize("policy", list(MessagingPolicy))
def test_starts_that_would_flip_equal_doing_it(policy: MessagingPolicy) -> None:
    """MSG-14, MSG-18: whether a client may start with one of those who take part."""
    here, there = varied(populate(World())), varied(populate(World()))
    foreseen = here.look(WhatWouldChange(policy=policy), owner(here))
    there.done(SetMessagingPolicy(policy=policy), owner(there))
    for each in foreseen.affected:
        for one in each.flipped:
            if one.client_id == CAT:  # without a portal of her own
                continue
            inbox = here.look(SeeInbox(), here.client(one.client_id))
            names = next(i for i in inbox if i.conversation.id == each.conversation.id).with_staff
            may = [
                any(
                    r.staff_name in names
                    for r in world.look(
                        SeeRecipients(client_id=one.client_id), world.client(one.client_id)
                    )
                )
                for world in (here, there)
            ]
            assert [bool(decision) for decision in one.starts] == may


def test_what_would_change_in_pages_and_counts(either: World) -> None:
    """MSG-18: counts are of the page; pages one after the other are the whole."""
    olga = owner(varied(either))
    whole = either.look(WhatWouldChange(policy=EVERYBODY), olga)
    clients = {one.client_id for each in whole.affected for one in each.flipped}
    assert (whole.conversations, whole.clients) == (len(whole.affected), len(clients))
    assert (whole.seen, whole.last) == (9, None)
    found, seen, after = [], 0, None
    while True:
        page = either.look(WhatWouldChange(policy=EVERYBODY, after=after, limit=2), olga)
        found += page.affected
        seen, after = seen + page.seen, page.last
        if after is None:
            break
    assert (tuple(found), seen) == (whole.affected, whole.seen)


def test_both_storages_foresee_alike(tmp_path: Any) -> None:
    """MSG-18: memory and a file tell the same, for every policy."""
    from clientportal_sql.storage import SqlStorage

    storage = SqlStorage.at(tmp_path / "portal.db")
    storage.create()
    worlds = [varied(populate(World())), varied(populate(World(storage)))]
    for policy in MessagingPolicy:
        told = [each.look(WhatWouldChange(policy=policy), owner(each)) for each in worlds]
        assert told[0] == told[1]
    storage.close()


def test_what_would_change_is_for_who_could_set_it(either: World) -> None:
    """MSG-1, MSG-18: staff with practice settings; looking sets nothing."""
    view = WhatWouldChange(policy=EVERYBODY)
    refused = Denied("RefusedError", "permission_needed")
    assert either.look(view, either.staff(RECEPTION)) == refused
    assert either.look(view, either.client(ANN)) == Denied("RefusedError", "staff_only")
    assert either.look(view, owner(either)).conversations
    assert says(either, either.client(BEN), 91, talk=BENS) == "may_reply"


def flips(world: World, who: Actor, **given: Any) -> set[frozenset[Turn]]:
    """The kinds of changes that would reverse the answer, as *who* sees them."""
    shown = world.look(SeeFlips(**given), who)
    return {frozenset(flip.turn for flip in each) for each in shown.flips}


def test_what_would_reverse_a_refusal(either: World) -> None:
    """MSG-13: staff write or reopen; a client hears only what they can ask for."""
    ben, olga = either.client(BEN), owner(either)
    either.pass_time(48 * HOUR)
    shown = either.look(SeeFlips(conversation_id=BENS), ben)
    assert shown.answer.reason.code == "auto_closed"
    assert flips(either, ben, conversation_id=BENS) == {
        frozenset({Turn.REOPEN}),
        frozenset({Turn.STAFF_WRITES}),
    }
    says(either, either.staff(PRACTITIONER), 91, talk=BENS)
    shown = either.look(SeeFlips(conversation_id=BENS), ben)
    until = Flip(turn=Turn.WAIT_UNTIL, at=either.clock.at + 48 * HOUR)
    assert (bool(shown.answer), frozenset({until}) in shown.flips) == (True, True)
    assert either.look(SeeFlips(conversation_id=BENS), olga) == MISSING


def test_a_policy_that_is_shown_reverses_the_answer_when_it_is_set(either: World) -> None:
    """MSG-13: who has practice settings sees which policies would, and setting one does."""
    olga, pia = owner(either), either.staff(PRACTITIONER)
    either.done(changed(PRACTITIONER, _manages()), olga)
    either.pass_time(48 * HOUR)
    view = SeeFlips(conversation_id=BENS, client_id=BEN, as_client=True)
    shown = either.look(view, pia)
    assert not shown.answer
    policies = {next(iter(e)).policy for e in shown.flips if len(e) == 1} - {None}
    assert policies == {ASSIGNED, EVERYBODY}
    either.done(SetMessagingPolicy(policy=EVERYBODY), pia)
    assert either.look(view, pia).answer


def _manages() -> Permissions:
    """Whoever has settings and edits everybody."""
    everything = Reach.EVERYTHING
    return Permissions(view_clients=everything, edit_clients=everything, practice_settings=True)


def test_assigning_is_shown_to_who_may_assign(either: World) -> None:
    """MSG-7, MSG-13: a client is not shown rosters or policies; who edits and has settings is."""
    olga, ben = owner(either), either.client(BEN)
    either.done(SetMessagingPolicy(policy=ASSIGNED), olga)
    either.done(UnassignClient(client_id=BEN, staff_id=PRACTITIONER), olga)
    either.done(changed(PRACTITIONER, _manages()), olga)
    assert flips(either, ben, conversation_id=BENS) == set()
    seen = either.look(SeeFlips(conversation_id=BENS, client_id=BEN), either.staff(PRACTITIONER))
    assign = Flip(turn=Turn.ASSIGN, client_id=BEN, staff_id=PRACTITIONER)
    assert frozenset({assign}) in seen.flips
    either.done(AssignClient(client_id=BEN, staff_id=PRACTITIONER), olga)
    assert says(either, ben, 91, talk=BENS) == "assigned"


def test_flips_about_starting(either: World) -> None:
    """MSG-13: without a conversation the question is about starting with those named."""
    ann, olga = either.client(ANN), owner(either)
    named = {"client_id": ANN, "staff_ids": (RECEPTION,)}
    shown = either.look(SeeFlips(**named), ann)  # type: ignore[arg-type] # a table of its fields
    assert (shown.answer.reason.code, shown.flips) == ("client_may_not_start", frozenset())
    by_staff = either.look(SeeFlips(**named, as_client=True), olga)  # type: ignore[arg-type] # as above
    assert by_staff.answer == shown.answer
    assert {next(iter(e)).policy for e in by_staff.flips if len(e) == 1} == {EVERYBODY}


def test_flips_are_for_whoever_may_know(either: World) -> None:
    """MSG-2, MSG-13: strangers find nothing; staff ask for clients they view, where they are."""
    rob, pia = either.staff(RECEPTION), either.staff(PRACTITIONER)
    for who in (either.client(ANN), dora(either), either.visitor(), rob, owner(either)):
        for talk in (BENS, ConversationId("cnv_none")):
            assert either.look(SeeFlips(conversation_id=talk), who) == MISSING
    asked = {"conversation_id": BENS, "as_client": True}
    assert either.look(SeeFlips(client_id=BEN, **asked), rob) == MISSING  # type: ignore[arg-type] # as above
    assert either.look(SeeFlips(client_id=CAT, **asked), pia) == MISSING  # type: ignore[arg-type] # as above
    assert either.look(SeeFlips(client_id=ANN, **asked), pia) == MISSING  # type: ignore[arg-type] # as above
    assert either.look(SeeFlips(**asked), pia) == MISSING  # type: ignore[arg-type] # as above
    none = SeeFlips(client_id=ClientId("cli_none"), as_client=True)
    assert either.look(none, owner(either)) == MISSING
    assert either.look(SeeFlips(client_id=BEN, **asked), pia).answer  # type: ignore[arg-type] # as above


def test_what_has_closed_takes_no_place_in_what_is_coming(either: World) -> None:
    """MSG-4, OUT-3: however much has closed by itself, a page holds what is still to come."""
    rob = either.staff(RECEPTION)
    for number in range(61, 66):
        begun(either, number, RECEPTION)
    either.pass_time(48 * HOUR)
    late = [begun(either, number, RECEPTION) for number in (91, 92, 93)]
    for who, everybody in ((rob, False), (either.system(), False), (owner(either), True)):
        assert coming(either, who, everybody=everybody, limit=2) == late[:2]


def test_what_one_may_not_view_takes_no_place_either(either: World) -> None:
    """MSG-2, OUT-3: pages of the inbox and of what is coming are full, or they are the last."""
    olga, pia = owner(either), either.staff(PRACTITIONER)
    either.done(AssignClient(client_id=CAT, staff_id=PRACTITIONER), olga)
    talks = [
        begun(either, number, OWNER, client_ids=(client_id,), staff_ids=(PRACTITIONER,))
        for number, client_id in enumerate((ANN, CAT, CAT, CAT, ANN), start=91)
    ]
    either.done(UnassignClient(client_id=CAT, staff_id=PRACTITIONER), olga)
    assert coming(either, pia, limit=3) == [BENS, talks[0], talks[-1]]
    inbox = either.look(SeeInbox(limit=2), pia)
    assert [each.conversation.id for each in inbox] == [talks[-1], talks[0]]


def test_staff_explain_only_what_they_may_read(either: World) -> None:
    """MSG-2, MSG-22: a group with a client they may not view any more does not exist for them."""
    pia, group = either.staff(PRACTITIONER), ConversationId("cnv_group")
    both = start(conversation_id=group, client_ids=(ANN, BEN), staff_ids=(PRACTITIONER,))
    either.done(both, owner(either))
    view = SeeFlips(conversation_id=group, client_id=ANN, as_client=True)
    explain = ExplainClient(client_id=ANN)
    assert either.look(view, pia).answer
    assert [talk for talk, _ in either.look(explain, pia).answers] == [group]
    either.done(UnassignClient(client_id=BEN, staff_id=PRACTITIONER), owner(either))
    assert either.look(view, pia) == MISSING
    assert either.look(explain, pia).answers == ()


def test_the_upcoming_of_nobody_is_refused(either: World) -> None:
    """MSG-2: who has no way in hears of it here as in the inbox."""
    nobody = either.staff(StaffId("stf_none"))
    for who in (nobody, either.client(DAN), either.visitor()):
        assert either.look(SeeUpcoming(), who) == either.look(SeeInbox(), who)


def test_a_rule_of_the_practice_holds_in_what_is_foreseen(either: World) -> None:
    """MSG-13, MSG-17, MSG-18: flips, warnings and switches say what asking says."""
    closed = deny("office_hours", "conversation", "X-1")

    def clients_wait(facts: WritingFacts, _: Moment) -> Decision | None:
        return None if facts.actor.is_staff else closed

    rule = ExtraRule(name="office hours", judge=clients_wait)
    either.portal = evolve(either.portal, rules=(rule,))
    ben = either.client(BEN)
    assert says(either, ben, 91, talk=BENS) == "office_hours"
    shown = either.look(SeeFlips(conversation_id=BENS), ben)
    assert (shown.answer, shown.flips) == (closed, frozenset())
    change = either.look(WhatWouldChange(policy=EVERYBODY), owner(either))
    assert change.affected == ()
    either.pass_time(40 * HOUR)
    warned = either.look(SeeWarningsToMail(conversation_id=BENS), either.system())
    assert warned.told == ()


def test_a_clock_set_back_shortens_no_reopening(either: World) -> None:
    """MSG-4, MSG-10: reopened by hand counts as a staff message, which none before it follows."""
    pia = either.staff(PRACTITIONER)
    either.pass_time(10 * HOUR)
    says(either, pia, 91, talk=BENS)
    latest = either.clock.at
    either.done(CloseConversation(conversation_id=BENS), pia)
    either.pass_time(-9 * HOUR)
    either.done(ReopenConversation(conversation_id=BENS), pia)
    (seen,) = either.look(SeeInbox(), pia)
    assert seen.deadline == latest + 48 * HOUR
