"""How an actor stands to the practice and to one client; shared by the policies of every noun.

Staff reach by their permissions and the roster, clients their own record, proxies what a current
relationship grants (PPL-3 to PPL-6). All else is answered as if it did not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from attrs import frozen

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.people import Client, Permissions, Reach, StaffMember
from clientportal.domain.practices import Practice
from clientportal.domain.relationships import Relationship, Scope
from clientportal.policies.decision import Decision, Kind, allow, deny

PRESENT: Final = allow("present", "actor", "PPL-6")
PERMITTED: Final = allow("permitted", "staff_member", "PPL-3")
OWN_RECORD: Final = allow("own_record", "client", "PPL-5")
GRANTED: Final = allow("granted", "relationship", "REL-2")

NOT_PERMITTED: Final = deny("not_permitted", "staff_member", "PPL-3", Kind.HIDDEN)
NOT_YOURS: Final = deny("not_yours", "client", "PPL-5", Kind.HIDDEN)
NOT_GRANTED: Final = deny("not_granted", "relationship", "REL-2", Kind.HIDDEN)
MAY_ONLY_VIEW: Final = deny("may_only_view", "staff_member", "PPL-3")
PERMISSION_NEEDED: Final = deny("permission_needed", "staff_member", "PPL-3")
NOT_IN_GRANT: Final = deny("not_in_grant", "relationship", "REL-2")
STAFF_ONLY: Final = deny("staff_only", "practice", "PPL-6")
LEFT_THE_PRACTICE: Final = deny("left_the_practice", "staff_member", "PPL-3", Kind.HIDDEN)
STAFF_LEFT: Final = deny("staff_left", "staff_member", "PPL-3", Kind.UNAUTHENTICATED)
NO_PORTAL_ACCESS: Final = deny("no_portal_access", "account", "INV-7", Kind.UNAUTHENTICATED)

Area: TypeAlias = Callable[[Permissions], Reach]


@frozen(kw_only=True)
class PracticeFacts:
    """Who asks something of the practice as a whole; *staff* is the actor, where they are staff."""

    practice: Practice
    actor: Actor
    staff: StaffMember | None = None


@frozen(kw_only=True)
class Standing:
    """Who asks, and how they stand to one client.

    *staff* and *assigned* are of a staff actor; *access* and *relationship* of an account's.
    """

    practice: Practice
    client: Client
    actor: Actor
    staff: StaffMember | None = None
    assigned: bool = False
    access: Access | None = None
    relationship: Relationship | None = None

    def reaches(self, area: Area) -> bool:
        """Whether the staff member's permission in *area* covers this client."""
        reach = Reach.NONE if self.staff is None else area(self.staff.permissions)
        return reach.covers(assigned=self.assigned)

    def grants(self, scope: Scope) -> bool:
        """Whether the proxy's relationship grants *scope* now."""
        return self.relationship is not None and self.relationship.grants(scope)


def may_act(standing: Standing) -> Decision:
    """Whether the actor still is who they were when they signed in (PPL-3, INV-7)."""
    rule = _PRESENCE.get(standing.actor.capacity)
    return NOT_YOURS if rule is None else rule(standing)


def _staff_present(standing: Standing) -> Decision:
    staff = standing.staff
    return PRESENT if staff is not None and staff.is_active else LEFT_THE_PRACTICE


def _client_present(standing: Standing) -> Decision:
    if standing.actor.client_id != standing.client.id:
        return NOT_YOURS
    access = standing.access
    live = access is not None and access.is_live and access.is_own
    return PRESENT if live else NO_PORTAL_ACCESS


def _proxy_present(standing: Standing) -> Decision:
    if standing.actor.client_id != standing.client.id:
        return NOT_YOURS
    access, bond = standing.access, standing.relationship
    if access is None or not access.is_live or bond is None or not bond.is_current:
        return NOT_GRANTED
    named = standing.actor.relationship_id == bond.id  # through another one they are no proxy
    return PRESENT if named and bond.scopes else NOT_GRANTED


def _never(_: Standing) -> Decision:
    return NOT_YOURS


_PRESENCE: Final[Mapping[Capacity, Callable[[Standing], Decision]]] = {
    Capacity.STAFF: _staff_present,
    Capacity.CLIENT: _client_present,
    Capacity.PROXY: _proxy_present,
    Capacity.SYSTEM: _never,
    Capacity.VISITOR: _never,
}


def may_view(standing: Standing, area: Area, scope: Scope) -> Decision:
    """Whether the actor may see this part of the client's record; a denial is hidden."""
    present = may_act(standing)
    if not present:
        return present
    if standing.actor.is_staff:
        return PERMITTED if standing.reaches(area) else NOT_PERMITTED
    if standing.actor.is_client:
        return OWN_RECORD
    return GRANTED if standing.grants(scope) else NOT_GRANTED


def may_edit(standing: Standing, area: Area, seen: Area) -> Decision:
    """Whether a staff member may change this part of the record; hidden where not even *seen*."""
    if not standing.actor.is_staff:
        present = may_act(standing)
        return STAFF_ONLY if present else present
    visible = may_view(standing, seen, Scope.PROFILE)
    if not visible:
        return visible
    return PERMITTED if standing.reaches(area) else MAY_ONLY_VIEW


def may_run(facts: PracticeFacts, granted: Callable[[Permissions], bool]) -> Decision:
    """Whether the actor may do something that concerns the practice as a whole."""
    if facts.actor.is_system:
        return PERMITTED
    if not facts.actor.is_staff:
        return STAFF_ONLY
    if facts.staff is None or not facts.staff.is_active:
        return STAFF_LEFT
    return PERMITTED if granted(facts.staff.permissions) else PERMISSION_NEEDED
