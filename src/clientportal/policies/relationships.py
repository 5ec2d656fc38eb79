"""Who may relate people to a client and see the relations (REL-1, REL-5, REL-6)."""

from __future__ import annotations

from typing import Final

from attrs import frozen

from clientportal.domain.people import Permissions, Reach
from clientportal.domain.relationships import Relationship, Scope
from clientportal.policies.decision import Decision, deny
from clientportal.policies.standing import NOT_GRANTED, NOT_PERMITTED, Standing, may_edit, may_view

ALREADY_ENDED: Final = deny("already_ended", "relationship", "REL-6")


@frozen(kw_only=True)
class RelationshipFacts:
    """A relationship, and how the actor stands to its client."""

    standing: Standing
    relationship: Relationship


def _view(permissions: Permissions) -> Reach:
    return permissions.view_clients


def _edit(permissions: Permissions) -> Reach:
    return permissions.edit_clients


def may_view_relationships(standing: Standing) -> Decision:
    """Whether the actor sees who is related to the client: the client and staff (REL-5)."""
    decision = may_view(standing, _view, Scope.PROFILE)
    own = standing.actor.is_staff or standing.actor.is_client
    return decision if own or not decision else NOT_GRANTED


def may_relate(standing: Standing) -> Decision:
    """Whether the actor may make and end relationships: staff with client edit (REL-1)."""
    return may_edit(standing, _edit, _view)


def may_relate_to(standing: Standing, *, known: bool) -> Decision:
    """Whether the actor may relate the client to a contact on file, and so read their name.

    Whom the client is related to already is known to whoever may edit the client; all others only
    to staff who may view everybody (REL-7).
    """
    decision = may_relate(standing)
    if not decision or known or _sees_everybody(standing):
        return decision
    return NOT_PERMITTED


def _sees_everybody(standing: Standing) -> bool:
    staff = standing.staff
    return staff is not None and staff.permissions.view_clients is Reach.EVERYTHING


def may_change_relationship(facts: RelationshipFacts) -> Decision:
    """Whether the actor may change or end this relationship (REL-1, REL-6)."""
    decision = may_relate(facts.standing)
    if not decision:
        return decision
    return decision if facts.relationship.is_current else ALREADY_ENDED
