"""What the types promise, checked by mypy and never run.

An unused ignore is an error, so each line with one proves that the type checker objects there.
"""

from __future__ import annotations

from typing import assert_type

from clientportal.domain.appointments import Appointment
from clientportal.domain.ids import ClientId, InviteId
from clientportal.domain.people import Client
from clientportal.flows import Flow, Get, Outcome, fetch
from clientportal.policies.decision import Decision
from clientportal.policies.standing import PracticeFacts
from clientportal.ports.queries import PracticeFactsOf
from clientportal.usecases.command import Context


def one(context: Context) -> Flow[PracticeFacts]:
    """One question has one answer, of the type that the question names."""
    facts = yield from fetch(PracticeFactsOf(context.actor))
    assert_type(facts, PracticeFacts)
    return facts


def two(client_id: ClientId, appointment_id: str) -> Flow[Client]:
    """Several questions have a tuple of answers, in the order of the questions."""
    both = yield from fetch(Get(Client, client_id), Get(Appointment, appointment_id))
    assert_type(both, tuple[Client, Appointment])
    return both[0]


def forgotten(context: Context) -> Flow[PracticeFacts]:
    """Forgetting `yield from` is an error: a flow is not its answer."""
    yield ()
    facts = fetch(PracticeFactsOf(context.actor))
    return facts  # type: ignore[return-value]  # the answer was never asked for


def unread(context: Context) -> Flow[str]:
    """A flow has none of the attributes of its answer."""
    yield ()
    facts = fetch(PracticeFactsOf(context.actor))
    return facts.practice.name  # type: ignore[attr-defined, no-any-return]  # the answer was never asked for


def refused(decision: Decision) -> Outcome:
    """A decision may be tested: it is true when it allows."""
    if not decision:
        return Outcome(decision)
    return Outcome(decision, ())


def silent(allowed: bool) -> Outcome:
    """A bare yes or no is no decision: the reason is never missing."""
    return Outcome(allowed)  # type: ignore[arg-type]  # no reason


def unexplained() -> Decision:
    """A decision without a reason cannot be made."""
    return Decision(allowed=True)  # type: ignore[call-arg]  # no reason


def mistaken(invite_id: InviteId) -> ClientId:
    """The id of one noun is not the id of another."""
    return invite_id  # type: ignore[return-value]  # another noun's
