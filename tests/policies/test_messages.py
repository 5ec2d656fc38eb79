"""Who may take a message back, and until when; who may withdraw one (MSG-15)."""

from __future__ import annotations

from typing import Any

import pytest
from tests.policies.facts import (
    ANN,
    AS_ANN,
    AS_BEN,
    AS_DORA,
    AS_PIA,
    AS_ROB,
    BEGAN,
    BOND,
    HOUR,
    INSTANT,
    NONE,
    NOW,
    PIA,
    ROB,
    VISITOR,
    access,
    bond,
    correspondent,
    counterpart,
    said,
)

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Conversation, Participant
from clientportal.domain.ids import ConversationId, MessageId
from clientportal.domain.messages import RETRACT_WITHIN, Message
from clientportal.domain.practices import MessagingPolicy, PolicySince
from clientportal.domain.relationships import Scope
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.messages import may_retract_message

TALK = ConversationId("cnv_1")


def talk(**given: Any) -> Conversation:
    """A conversation of three messages."""
    return Conversation(
        **{
            "id": TALK,
            "last_sequence": 3,
            "last_at": NOW,
            "waiting_since": NOW,
            "is_staff_initiated": True,
            **given,
        }
    )


def before(who: Actor = AS_ANN, **given: Any) -> WritingFacts:
    """Somebody in a conversation of Ann's with Pia."""
    start = {
        "actor": who,
        "policies": (PolicySince(MessagingPolicy.REPLY_ONLY, BEGAN),),
        "clients": {ANN: counterpart()},
        "staff": {PIA: correspondent()},
        "access": access(through=BOND if who.is_proxy else None),
        "bond": bond(Scope.MESSAGES),
        "conversation": talk(),
        "participant": dora() if who.is_proxy else None,
    }
    return WritingFacts(**{**start, **given})


def dora(**given: Any) -> Participant:
    """That Dora takes part since the first message."""
    start = {"conversation_id": TALK, "person": BOND, "since": BEGAN, "from_sequence": 1}
    return Participant(**{**start, **given})


def message(author: Any = ANN, **given: Any) -> Message:
    """The third message, a moment ago."""
    start = {"id": MessageId("msg_1"), "conversation_id": TALK, "sequence": 3, "at": NOW}
    return Message(**{**start, "author": author, "text": "x", **given})


OLD: dict[str, Any] = {"at": NOW - RETRACT_WITHIN}
MAY = (True, "may_retract")
WITHDRAWS = (True, "may_withdraw_message")
OTHERS = (False, "not_the_author")
LATE = (False, "too_late_to_retract")
STRANGER = (False, "not_a_participant")
NOWHERE = (False, "not_in_conversation")
GONE = {"until": NOW - HOUR, "until_sequence": 2}


@pytest.mark.parametrize(
    ("facts", "one", "expected"),
    [
        pytest.param(before(), message(), MAY, id="a client, their own"),
        pytest.param(before(), message(at=NOW - RETRACT_WITHIN + INSTANT), MAY, id="just in time"),
        pytest.param(before(), message(**OLD), LATE, id="five minutes later"),
        pytest.param(before(), message(PIA), OTHERS, id="a client, of staff"),
        pytest.param(before(), message(BOND), OTHERS, id="a client, of their proxy"),
        pytest.param(before(AS_DORA), message(BOND), MAY, id="a proxy, their own"),
        pytest.param(before(AS_DORA), message(ANN), OTHERS, id="a proxy, of the client"),
        pytest.param(
            before(AS_DORA), message(ANN, sequence=1), NOWHERE, id="a proxy, before they joined"
        ),
        pytest.param(
            before(AS_DORA), message(ANN, sequence=2), OTHERS, id="a proxy, the first they see"
        ),
        pytest.param(
            before(AS_DORA), message(BOND, sequence=1), MAY, id="a proxy who rejoined, their own"
        ),
        pytest.param(before(AS_PIA), message(PIA), MAY, id="staff, their own"),
        pytest.param(before(AS_PIA), message(PIA, **OLD), WITHDRAWS, id="staff, their own, later"),
        pytest.param(before(AS_PIA), message(ANN), WITHDRAWS, id="staff, of a client, at once"),
        pytest.param(before(AS_PIA), message(ROB, **OLD), WITHDRAWS, id="staff, of others, later"),
        pytest.param(before(AS_ROB), message(ANN), STRANGER, id="staff who take no part"),
        pytest.param(before(AS_ROB), message(ROB), MAY, id="staff who left it, their own"),
        pytest.param(before(AS_ROB), message(ROB, **OLD), LATE, id="staff who left it, later"),
        pytest.param(
            before(AS_PIA, staff={PIA: correspondent(view=NONE)}),
            message(ANN),
            (False, "client_not_visible"),
            id="staff who may not view the client",
        ),
        pytest.param(
            before(AS_PIA, staff={PIA: correspondent(left=True)}),
            message(ANN),
            (False, "sender_inactive"),
            id="staff who left the practice, of others",
        ),
        pytest.param(
            before(AS_PIA, staff={PIA: correspondent(left=True)}),
            message(PIA),
            MAY,
            id="staff who left the practice, their own",
        ),
        pytest.param(before(access=None), message(), MAY, id="authorship alone: without access"),
        pytest.param(
            before(access=None),
            message(PIA),
            (False, "sender_without_access"),
            id="without access, of others",
        ),
        pytest.param(
            before(AS_DORA, participant=dora(**GONE)),
            message(BOND),
            MAY,
            id="a proxy who left, their own",
        ),
        pytest.param(
            before(AS_DORA, participant=dora(**GONE)),
            message(ANN, sequence=2),
            STRANGER,
            id="a proxy who left, of others",
        ),
        pytest.param(
            before(AS_DORA, participant=dora(**GONE)),
            message(ANN, sequence=3),
            NOWHERE,
            id="a proxy who left, after that",
        ),
        pytest.param(before(AS_BEN), message(), STRANGER, id="another client"),
        pytest.param(before(VISITOR), message(), STRANGER, id="a visitor"),
        pytest.param(
            before(conversation=talk(id=ConversationId("cnv_2"))),
            message(),
            NOWHERE,
            id="of another conversation",
        ),
        pytest.param(before(conversation=None), message(), NOWHERE, id="of no conversation"),
        pytest.param(
            before(conversation=talk(closed_at=NOW, is_locked=True)),
            message(),
            MAY,
            id="a lock does not matter",
        ),
    ],
)
def test_may_retract(facts: WritingFacts, one: Message, expected: tuple[bool, str]) -> None:
    """MSG-15: by authorship alone within five minutes; staff who take part withdraw any."""
    assert said(may_retract_message(facts, one, NOW, is_withdrawn=False)) == expected


@pytest.mark.parametrize(
    ("facts", "one", "expected"),
    [
        pytest.param(before(), message(), "already_withdrawn", id="their own"),
        pytest.param(before(), message(**OLD), "already_withdrawn", id="their own, later"),
        pytest.param(before(), message(PIA), "already_withdrawn", id="of others"),
        pytest.param(before(AS_PIA), message(), "already_withdrawn", id="staff"),
        pytest.param(before(AS_ROB), message(), "not_a_participant", id="an outsider"),
    ],
)
def test_twice_changes_nothing(facts: WritingFacts, one: Message, expected: str) -> None:
    """MSG-15: what is withdrawn is withdrawn; to outsiders it does not exist."""
    assert may_retract_message(facts, one, NOW, is_withdrawn=True).reason.code == expected


def test_the_author_hears_until_when() -> None:
    """MSG-13, MSG-15: five minutes from writing, to the microsecond; no other answer ends."""
    end = NOW + RETRACT_WITHIN
    mine = may_retract_message(before(), message(), NOW, is_withdrawn=False)
    assert mine.holds_until == end
    last = may_retract_message(before(), message(), end - INSTANT, is_withdrawn=False)
    assert (said(last), last.holds_until) == (MAY, end)
    late = may_retract_message(before(), message(), end, is_withdrawn=False)
    assert (said(late), late.holds_until) == (LATE, None)
