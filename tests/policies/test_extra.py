"""A practice's own rules about writing can only narrow; whatever goes wrong in one denies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any, Final

import pytest
from attrs import define, evolve, field
from tests.policies.facts import ANN as HER
from tests.policies.facts import AS_ANN, NOW, PIA, access, correspondent, counterpart, practice

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ConversationId, DocumentId, MessageId
from clientportal.domain.moments import Moment
from clientportal.domain.practices import MessagingPolicy
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.decision import Decision, Kind, Reason, allow, deny
from clientportal.policies.extra import EXTRA_RULE_FAILED, ExtraRule, failing, narrowed
from clientportal.policies.messaging import AUTO_CLOSED, MAY_REPLY
from clientportal.policies.standing import NOT_PERMITTED
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import ANN, OWNER, PRACTITIONER, TRAINEE, dora, populate
from clientportal.usecases.conversations import (
    CloseConversation,
    MarkRead,
    ReopenConversation,
    SendMessage,
    StartConversation,
)
from clientportal.usecases.foresight import SeeFlips
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.messages import KeepDraft
from clientportal.usecases.practices import SetMessagingPolicy
from clientportal.usecases.recipients import ExplainClient, SeeRecipients

TALK: Final = ConversationId("cnv_1")
CLOSED: Final = deny("office_closed", "conversation", "MSG-1")
FULL: Final = deny("inbox_full", "conversation", "MSG-1")
LIFE: Final = timedelta(hours=48)

FACTS: Final = WritingFacts(
    actor=AS_ANN,
    policies=practice().policies,
    clients={HER: counterpart()},
    staff={PIA: correspondent()},
    access=access(),
)


@define
class Heard:
    """A rule that gives one answer, or raises it, and remembers what it was asked."""

    answer: Any = None
    asked: list[tuple[WritingFacts, Moment]] = field(factory=list)

    def judge(self, facts: WritingFacts, now: Moment) -> Any:
        """The answer."""
        self.asked.append((facts, now))
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def rule(self, name: str = "own") -> ExtraRule:
        """It, as a practice has it."""
        return ExtraRule(name=name, judge=self.judge)


def test_without_rules_the_answer_is_the_policy_s() -> None:
    """MSG-1: the very same decision, whether it allows or denies."""
    for decision in (MAY_REPLY, AUTO_CLOSED):
        assert narrowed(decision, FACTS, NOW, ()) is decision


@pytest.mark.parametrize("answer", [None, allow("open", "conversation", "MSG-1"), MAY_REPLY])
def test_what_a_rule_allows_changes_nothing(answer: Decision | None) -> None:
    """MSG-1: nothing said and an allowance are alike: the policy's own answer stays."""
    one = Heard(answer)
    assert narrowed(MAY_REPLY, FACTS, NOW, (one.rule(),)) is MAY_REPLY
    assert one.asked == [(FACTS, NOW)]


def test_a_rule_that_denies_is_heard_with_its_reason() -> None:
    """MSG-13: the practice's own reason, and the moment it names, come through unchanged."""
    until = evolve(CLOSED, holds_until=NOW + LIFE)
    assert narrowed(MAY_REPLY, FACTS, NOW, (Heard(until).rule(),)) is until


@pytest.mark.parametrize("denied", [AUTO_CLOSED, NOT_PERMITTED])
def test_nothing_is_asked_where_the_policy_denies(denied: Decision) -> None:
    """MSG-2, MSG-11: a rule opens no door and hears nothing of what is denied anyway."""
    one = Heard(allow("open", "conversation", "MSG-1"))
    assert narrowed(denied, FACTS, NOW, (one.rule(),)) is denied
    assert one.asked == []


def test_the_first_rule_that_denies_is_the_last_asked() -> None:
    """MSG-2: one reason only, in the order in which the rules are found."""
    rules = [Heard(None), Heard(CLOSED), Heard(FULL)]
    assert narrowed(MAY_REPLY, FACTS, NOW, [each.rule() for each in rules]) is CLOSED
    assert [len(each.asked) for each in rules] == [1, 1, 0]


WRONG: Final = (
    ValueError("cnv_1"),
    RecursionError(),
    False,
    True,
    0,
    "",
    "denied",
    (),
    CLOSED.reason,
    Decision,
    deny("secret", "conversation", "MSG-1", Kind.HIDDEN),
    Decision(True, Reason("secret", "conversation", "MSG-1", Kind.HIDDEN)),
    Decision(False, "office closed"),  # type: ignore[arg-type] # what a careless rule gives
    Decision("no", CLOSED.reason),  # type: ignore[arg-type] # what a careless rule gives
)


@pytest.mark.parametrize("answer", WRONG, ids=repr)
def test_whatever_goes_wrong_in_a_rule_denies(answer: Any) -> None:
    """MSG-1: an error, another type, half a decision, or one that would hide what is there."""
    assert narrowed(MAY_REPLY, FACTS, NOW, (Heard(answer).rule(),)) is EXTRA_RULE_FAILED
    assert (EXTRA_RULE_FAILED.allowed, EXTRA_RULE_FAILED.reason.kind) == (False, Kind.REFUSED)


def test_a_rule_that_could_not_be_had_denies() -> None:
    """MSG-1: what stands for it denies whatever it is asked, under its name."""
    rule = failing("office hours")
    assert (rule.name, rule.judge(FACTS, NOW)) == ("office hours", EXTRA_RULE_FAILED)
    assert narrowed(MAY_REPLY, FACTS, NOW, (rule,)) is EXTRA_RULE_FAILED


def ruled(*rules: Heard) -> World:
    """The cast, alive before the practice had rules of its own."""
    world = populate(World())
    world.portal = evolve(world.portal, rules=tuple(each.rule() for each in rules))
    return world


def says(number: int = 90, **given: Any) -> SendMessage:
    """An answer in the conversation that the owner and Ann have."""
    sent = MessageId(f"msg_{number}")
    return SendMessage(**{"conversation_id": TALK, "message_id": sent, "text": "x", **given})


def starts(who: Actor, **given: Any) -> StartConversation:
    """A conversation that somebody starts about their client."""
    base = {
        "conversation_id": ConversationId("cnv_9"),
        "message_id": MessageId("msg_91"),
        "client_ids": (who.client_id or ANN,),
        "staff_ids": (OWNER,),
        "text": "x",
    }
    return StartConversation(**{**base, **given})


def code(answer: Any) -> str:
    """The code of an answer, however it was got."""
    return answer.code if isinstance(answer, Denied) else getattr(answer, "reason", answer)


@pytest.mark.parametrize("answer", [CLOSED, ValueError(), "no", None], ids=repr)
def test_asking_is_doing_with_own_rules_too(answer: Any) -> None:
    """MSG-13: for writing and starting, by each side; what is refused changes nothing."""
    for policy in MessagingPolicy:
        for side in ("staff", "client", "proxy"):
            world = ruled(Heard(answer))
            who = {"staff": world.staff(OWNER), "client": world.client(ANN), "proxy": dora(world)}
            world.done(SetMessagingPolicy(policy=policy), world.staff(OWNER))
            before = world.look(SeeConversation(conversation_id=TALK), world.staff(OWNER))
            for command in (says(), starts(who[side])):
                asked, done = world.ask(command, who[side]), world.do(command, who[side])
                if isinstance(asked, Denied):
                    assert asked == done
                    continue
                assert asked.reason.code == code(done)
                assert bool(asked) is not isinstance(done, Denied)
                assert not (asked and answer is not None)
            after = world.look(SeeConversation(conversation_id=TALK), world.staff(OWNER))
            assert answer is None or before == after


def views(world: World, who: Actor) -> Iterator[Decision]:
    """What every view says about writing in the conversation."""
    for each in world.look(SeeInbox(), who):
        if each.conversation.id == TALK:
            yield each.may_write
    yield world.look(SeeConversation(conversation_id=TALK), who).may_write
    yield world.look(SeeFlips(conversation_id=TALK), who).answer
    if who.is_client:
        explained = world.look(ExplainClient(client_id=ANN), world.staff(OWNER))
        yield dict(explained.answers)[TALK]


@pytest.mark.parametrize("answer", [CLOSED, ValueError(), None], ids=repr)
@pytest.mark.parametrize("situation", ["open", "closed", "auto_closed"])
def test_views_say_what_asking_says(answer: Any, situation: str) -> None:
    """MSG-13, MSG-22: inbox, conversation, explanation and flips agree with the decision."""
    world = ruled(Heard(answer))
    owner, ann = world.staff(OWNER), world.client(ANN)
    if situation == "closed":
        world.done(CloseConversation(conversation_id=TALK), owner)
    if situation == "auto_closed":
        world.done(CloseConversation(conversation_id=TALK), owner)
        world.done(ReopenConversation(conversation_id=TALK), owner)
        world.pass_time(LIFE)
    for who in (owner, ann):
        asked = world.ask(says(), who)
        assert set(views(world, who)) == {asked}
        answerable = [e.conversation.id for e in world.look(SeeInbox(answerable=True), who)]
        assert (TALK in answerable) is bool(asked)


def test_what_an_own_rule_denies_no_change_of_ours_reverses() -> None:
    """MSG-13: flips are about the policy; where it allows and an own rule denies there are none."""
    world = ruled(Heard(CLOSED))
    shown = world.look(SeeFlips(conversation_id=TALK), world.client(ANN))
    assert (shown.answer, shown.flips) == (CLOSED, frozenset())
    world.portal = evolve(world.portal, rules=())
    shown = world.look(SeeFlips(conversation_id=TALK), world.client(ANN))
    assert shown.answer.allowed
    assert shown.flips


def test_recipients_are_the_filter_of_the_narrowed_decision() -> None:
    """MSG-14: whom one may start with, after the practice's own rule about one of the staff."""

    def judge(facts: WritingFacts, _: Moment) -> Decision | None:
        return CLOSED if PRACTITIONER in facts.staff else None

    world = populate(World())
    world.done(SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS), world.staff(OWNER))
    world.portal = evolve(world.portal, rules=(ExtraRule(name="away", judge=judge),))
    ann = world.client(ANN)
    listed = {each.staff_id for each in world.look(SeeRecipients(client_id=ANN), ann)}
    explained = world.look(ExplainClient(client_id=ANN), world.staff(OWNER)).starts
    for staff_id in (OWNER, PRACTITIONER, TRAINEE):
        asked = world.ask(starts(ann, staff_ids=(staff_id,)), ann)
        assert (staff_id in listed) is bool(asked)
        told = [each.may_start for each in explained if each.staff_id == staff_id]
        assert told == [asked]
    assert OWNER in listed
    assert PRACTITIONER not in listed


def test_an_idle_rule_costs_nothing() -> None:
    """MSG-2: it is not called where writing is denied already, nor for what is not writing."""
    one = Heard()
    world = ruled(one)
    owner, ann = world.staff(OWNER), world.client(ANN)
    world.done(CloseConversation(conversation_id=TALK), owner)
    for who, command in product((ann, world.visitor(), dora(world)), (says(), starts(ann))):
        assert not world.ask(command, who) or isinstance(world.ask(command, who), Denied)
        assert isinstance(world.do(command, who), Denied)
    for view in (SeeInbox(), SeeConversation(conversation_id=TALK)):
        world.look(view, ann)
    world.done(KeepDraft(conversation_id=TALK, text="x"), ann)
    world.done(MarkRead(conversation_id=TALK, sequence=2), ann)
    assert one.asked == []
    assert world.ask(says(), owner)
    assert len(one.asked) == 1


def test_an_own_rule_is_before_the_attachment() -> None:
    """MSG-11: an attachment is allowed exactly when its message is, own rules and all."""
    world = ruled(Heard(CLOSED))
    for document in ("doc_1", "doc_2", "doc_none"):
        command = says(attachments=(DocumentId(document),))
        assert world.do(command, world.client(ANN)) == Denied("RefusedError", "office_closed")
