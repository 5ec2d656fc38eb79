"""The strategies for those who test policies of their own give values that hold together."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given, settings

from clientportal.policies.conversations import (
    may_read_conversation,
    may_send_message,
    may_start_conversation,
)
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.messaging import Point, decide
from clientportal.policies.people import may_edit_client, may_view_client
from clientportal.policies.standing import Standing
from clientportal.testing import strategies as some
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import ANN
from clientportal.usecases.inbox import SeeInbox


@given(some.writing_facts(), some.moments())
def test_writing_is_decided_for_all_facts(facts: WritingFacts, now: datetime) -> None:
    """Whatever the facts, the messaging rules decide, and say why."""
    assert may_send_message(facts, now).reason.code
    assert may_start_conversation(facts, now).reason.code
    assert may_read_conversation(facts).reason.code


@given(some.standings())
def test_who_may_not_view_may_not_edit(standing: Standing) -> None:
    """Editing needs viewing, however an actor stands to a client."""
    assert may_view_client(standing) or not may_edit_client(standing)


@given(some.table_points())
def test_every_row_is_decided(point: Point) -> None:
    """Every row of the table has a decision with a reason."""
    assert decide(point).reason.code


@settings(max_examples=5)
@given(some.worlds())
def test_a_world_is_alive(world: World) -> None:
    """In every world a client has an inbox with a conversation in it."""
    seen = world.look(SeeInbox(), world.client(ANN))
    assert not isinstance(seen, Denied)
    assert len(seen) == 1
