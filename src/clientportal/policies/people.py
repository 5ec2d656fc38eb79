"""Who may see, add and change clients, staff and rosters (PPL-2 to PPL-4, PPL-7)."""

from __future__ import annotations

from typing import Final

from clientportal.domain.people import Permissions, Reach, StaffMember
from clientportal.domain.relationships import Scope
from clientportal.policies.decision import Decision, deny
from clientportal.policies.standing import (
    GRANTED,
    NOT_GRANTED,
    OWN_RECORD,
    STAFF_ONLY,
    PracticeFacts,
    Standing,
    may_act,
    may_edit,
    may_run,
    may_view,
)

LAST_WITH_SETTINGS: Final = deny("last_with_settings", "staff_member", "PPL-8")
EXTERNAL_ID_TAKEN: Final = deny("external_id_taken", "client", "PPL-7")


def _view(permissions: Permissions) -> Reach:
    return permissions.view_clients


def _edit(permissions: Permissions) -> Reach:
    return permissions.edit_clients


def may_view_client(standing: Standing) -> Decision:
    """Whether the actor may see the client's record, administrative fields too: staff (PPL-3)."""
    if standing.actor.is_staff:
        return may_view(standing, _view, Scope.PROFILE)
    present = may_act(standing)
    return STAFF_ONLY if present else present


def may_edit_client(standing: Standing, *, key_taken: bool = False) -> Decision:
    """Whether the actor may change the client's record, roster and relationships (PPL-3).

    *key_taken*: another client has the external id that the record would get (PPL-7).
    """
    decision = may_edit(standing, _edit, _view)
    return EXTERNAL_ID_TAKEN if decision and key_taken else decision


def may_view_profile(standing: Standing) -> Decision:
    """Whether the actor may see what belongs to the client: clients, staff, proxies (SET-1)."""
    return may_view(standing, _view, Scope.PROFILE)


def may_change_profile(standing: Standing) -> Decision:
    """Whether the actor may change what belongs to the client: clients and staff (SET-1)."""
    if standing.actor.is_staff:
        return may_edit_client(standing)
    present = may_act(standing)
    if not present:
        return present
    if standing.actor.is_client:
        return OWN_RECORD
    return GRANTED if standing.grants(Scope.PROFILE) else NOT_GRANTED


def may_add_client(facts: PracticeFacts, *, key_taken: bool = False) -> Decision:
    """Whether the actor may add a client to the list, under an external id of their own (PPL-2)."""
    decision = may_run(facts, lambda permissions: permissions.edit_clients is not Reach.NONE)
    return EXTERNAL_ID_TAKEN if decision and key_taken else decision


def may_import_clients(facts: PracticeFacts) -> Decision:
    """Whether the actor may import a client list: it may touch every record (PPL-7)."""
    return may_run(facts, lambda permissions: permissions.edit_clients is Reach.EVERYTHING)


def may_list_clients(facts: PracticeFacts) -> Decision:
    """Whether the actor may see the client list, as far as their permission reaches (PPL-3)."""
    if facts.actor.is_system:  # the command line has no roster and no reach of its own
        return STAFF_ONLY
    return may_run(facts, lambda permissions: permissions.view_clients is not Reach.NONE)


def may_change_staff(facts: PracticeFacts) -> Decision:
    """Whether the actor may add staff and set their permissions (PPL-8)."""
    return may_run(facts, lambda permissions: permissions.practice_settings)


def keeps_settings(staff: StaffMember, after: StaffMember, *, others: bool) -> Decision | None:
    """The denial where *after* would leave nobody with practice settings, else None (PPL-8)."""
    had, has = (each.is_active and each.permissions.practice_settings for each in (staff, after))
    return LAST_WITH_SETTINGS if had and not has and not others else None
