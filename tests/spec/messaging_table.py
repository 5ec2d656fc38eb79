"""The table (MSG-11), written out a second time."""

from tests.spec.messaging_clock import (
    ASSIGNED,
    AUTO_CLOSED,
    CLIENTS_MAY_START,
    CLOSED_BY_STAFF,
    HIDDEN,
    KNOWN,
    REPLY_ONLY,
)

ASSIGNMENTS = ("this", "other", "none")
SITUATIONS = ("new", "open", "auto_closed", "closed_by_staff", "locked", "reopened")
CLOSED_SITUATIONS = (AUTO_CLOSED, CLOSED_BY_STAFF)


def table_reason(actor: str, policy: str, assigned: str) -> str | None:
    """What policy and roster say whatever the conversation; the same for start and answer."""
    if policy not in KNOWN:
        return "policy_unknown"
    if policy != ASSIGNED or assigned == "this":
        return None
    nobody = actor != "staff" and assigned == "none"
    return "no_assigned_staff" if nobody else "not_on_roster"


def table_client(policy: str, situation: str, action: str, *, staff_initiated: bool) -> str | None:
    """The client's column, where policy and roster do not deny."""
    if policy in CLIENTS_MAY_START:
        return None
    if action == "start":
        return "client_may_not_start"
    if situation in CLOSED_SITUATIONS:
        return situation
    return "not_staff_initiated" if policy == REPLY_ONLY and not staff_initiated else None


def table_row(
    policy: str, actor: str, assigned: str, staff_initiated: bool, situation: str, action: str
) -> tuple[bool, str | None]:
    """One cell: `locked` denies all writing first; an answer to nothing is hidden.

    A start looks at no conversation, so that it is the same in every situation but `locked`. A
    proxy is in the client's column. Reading is allowed wherever there is something to read.
    """
    if action == "read":
        return (False, HIDDEN) if situation == "new" else (True, None)
    if situation == "locked":
        return False, "locked"
    if situation == "new" and action == "reply":
        return False, HIDDEN
    reason = table_reason(actor, policy, assigned)
    if reason is None and actor != "staff":
        reason = table_client(policy, situation, action, staff_initiated=staff_initiated)
    return reason is None, reason
