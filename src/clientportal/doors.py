"""In which capacity somebody who is signed in acts (PPL-5, PPL-6)."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import AccountId, ClientId, PracticeId, RelationshipId, StaffId
from clientportal.errors import MalformedError, Problem, UnauthenticatedError
from clientportal.policies.accounts import SessionFacts
from clientportal.policies.standing import NO_PORTAL_ACCESS


def actors_of(facts: SessionFacts, practice_id: PracticeId) -> Iterator[Actor]:
    """Every actor that a session may be: staff member, then own record, then proxies."""
    anybody = Actor(
        practice_id=practice_id,
        capacity=Capacity.VISITOR,
        account_id=facts.account.id,
        session_id=facts.session.id,
        factors=facts.session.factors,
    )
    if facts.staff is not None and facts.staff.is_active:
        yield evolve(anybody, capacity=Capacity.STAFF, staff_id=facts.staff.id)
    for portal in sorted(facts.portals, key=lambda each: not each.access.is_own):
        if portal.is_open:
            yield evolve(
                anybody,
                capacity=Capacity.CLIENT if portal.access.is_own else Capacity.PROXY,
                client_id=portal.access.client_id,
                relationship_id=portal.access.relationship_id,
            )


def capacity_of(
    facts: SessionFacts, practice_id: PracticeId, acting_as: StaffId | ClientId | None
) -> Actor:
    """The actor in the capacity named, else the first there is.

    Raises `UnauthenticatedError` (`no_portal_access`) where the account has none.
    """
    for actor in actors_of(facts, practice_id):
        if acting_as in (None, actor.staff_id, actor.client_id):
            return actor
    raise UnauthenticatedError(NO_PORTAL_ACCESS)


def capacity_vouched_for(
    staff_id: StaffId | None,
    client_id: ClientId | None,
    account_id: AccountId | None,
    relationship_id: RelationshipId | None,
) -> Capacity:
    """The capacity of an actor whom the host application vouches for.

    Raises `MalformedError` unless it names staff, or a client, or of a proxy the client, their
    account and the relationship through which they act.
    """
    proxied = relationship_id is None or (client_id is not None and account_id is not None)
    if (staff_id is None) == (client_id is None) or not proxied:
        advice = "name staff or client; of a proxy, client, account and relationship"
        raise MalformedError(Problem("actor", "invalid_argument", advice))
    if staff_id is not None:
        return Capacity.STAFF
    return Capacity.CLIENT if relationship_id is None else Capacity.PROXY
