"""The decision tables, as generated."""

from __future__ import annotations

from itertools import product

import pytest
from tests.acceptance.world import ANN, DORA, HOUR, World

from clientportal.decisions import TABLES, messaging_rows
from clientportal.domain.practices import MessagingPolicy
from clientportal.usecases.conversations import CloseConversation, ReopenConversation
from clientportal.usecases.inbox import SeeInbox
from clientportal.usecases.practices import SetMessagingPolicy

POLICIES = ("reply_only", "never_initiate", "assigned_clients_only", "all_clients", "unknown")
SITUATIONS = ("open", "auto_closed", "closed_by_staff", "locked", "reopened")


def test_the_messaging_table_is_complete() -> None:
    """One row per combination: 5 policies, 2 sides, 3 rosters, 1 + 2 * 5 situations; 330."""
    rows = messaging_rows()
    columns = ("policy", "actor", "assigned", "situation", "staff_initiated")
    found = [tuple(row[column] for column in columns) for row in rows]
    situations = [("new", None), *product(SITUATIONS, (True, False))]
    expected = {
        (*pair, *situation)
        for pair in product(POLICIES, ("staff", "client"), ("this", "other", "none"))
        for situation in situations
    }
    assert len(rows) == len(expected) == 330
    assert set(found) == expected


def test_starting_is_what_one_does_with_a_new_conversation() -> None:
    """`start` exactly with `new`; all else is a reply."""
    assert all(
        (row["action"] == "start") == (row["situation"] == "new") for row in messaging_rows()
    )
    assert {row["action"] for row in messaging_rows()} == {"start", "reply"}


@pytest.mark.parametrize(
    ("where", "allowed", "reasons"),
    [
        ({"policy": "unknown"}, False, {"policy_unknown", "locked"}),
        ({"situation": "locked"}, False, {"locked"}),
        (
            {"policy": "reply_only", "actor": "client", "situation": "auto_closed"},
            False,
            {"auto_closed"},
        ),
        (
            {"policy": "never_initiate", "actor": "client", "action": "start"},
            False,
            {"client_may_not_start"},
        ),
        (
            {"policy": "assigned_clients_only", "actor": "staff", "assigned": "other"},
            False,
            {"not_on_roster", "locked"},
        ),
        (
            {"policy": "assigned_clients_only", "actor": "client", "assigned": "none"},
            False,
            {"no_assigned_staff", "locked"},
        ),
        ({"policy": "all_clients", "actor": "client", "situation": "new"}, True, {"any_client"}),
        (
            {"policy": "never_initiate", "actor": "client", "situation": "open"},
            True,
            {"may_reply_any_time"},
        ),
    ],
    ids=lambda each: "-".join(each.values()) if isinstance(each, dict) else None,
)
def test_the_rows_say_what_the_truth_table_says(
    where: dict[str, str], allowed: bool, reasons: set[str]
) -> None:
    """MSG-11, spot by spot."""
    rows = [row for row in messaging_rows() if where.items() <= row.items()]
    assert rows
    assert {row["allowed"] for row in rows} == {allowed}
    assert {row["reason"] for row in rows} == reasons


def test_what_looks_impossible_is_reachable() -> None:
    """A conversation that staff never wrote in closes by itself once staff reopened it by hand."""
    assert all(row["reachable"] for row in messaging_rows())
    world = World("memory:")
    world.let_in(ANN, "ann@example.org")
    world.do(DORA, SetMessagingPolicy(policy=MessagingPolicy.ALL_CLIENTS))
    command = world.start(ANN, DORA)
    world.do(ANN, command)
    world.do(DORA, CloseConversation(conversation_id=command.conversation_id))
    world.do(DORA, ReopenConversation(conversation_id=command.conversation_id))
    world.do(DORA, SetMessagingPolicy(policy=MessagingPolicy.REPLY_ONLY))
    world.clock.advance(48 * HOUR)
    (seen,) = world.look(ANN, SeeInbox())
    assert not seen.conversation.is_staff_initiated
    assert seen.may_write.reason.code == "auto_closed"


def test_every_row_names_its_table_and_its_reason() -> None:
    """All tables are rows of one shape: what was asked, whether it is allowed, and why."""
    for name, rows_of in TABLES.items():
        rows = rows_of()
        assert {row["table"] for row in rows} == {name}
        assert {frozenset(row) for row in rows} == {frozenset(rows[0])}
        assert all(row["reason"] and isinstance(row["allowed"], bool) for row in rows)


def test_the_other_tables_are_counted() -> None:
    """How many rows each has."""
    counted = {name: len(rows_of()) for name, rows_of in TABLES.items()}
    assert counted == {"messaging": 330, "booking": 8, "cancellation": 128, "invite": 14}
