"""The reasons to deny, in the order in which the rules name them, and the answers they give."""

from collections.abc import Callable
from typing import NamedTuple

from tests.spec.messaging_clock import (
    ALL_CLIENTS,
    ASSIGNED,
    AUTO_CLOSED,
    CLIENT_SIDE,
    CLIENTS_MAY_START,
    CLOSED_BY_STAFF,
    HIDDEN,
    KNOWN,
    REPLY_ONLY,
    Clock,
    Scene,
    Staff,
    clock_now,
    closing,
    deadline,
    pass_time,
    staff_only,
)

ACTIONS = ("start", "reply", "read")


class Decision(NamedTuple):
    """The answer; a hidden one says nothing else."""

    allowed: bool
    reason: str | None
    hidden: bool = False
    closed_at: int | None = None
    holds_until: int | None = None


# --- Who is asking -------------------------------------------------------------------------------


def is_client(scene: Scene) -> bool:
    """The actor is on the client's side: a client, or a proxy for one."""
    return scene.side in CLIENT_SIDE


def client_of(scene: Scene) -> str | None:
    """The client whose roster and policy count: the actor, or whom the proxy acts for."""
    if scene.side == "proxy":
        return None if scene.proxy is None else scene.proxy.client
    return scene.actor


def client_starts(scene: Scene) -> bool:
    """A client or proxy wants to start."""
    return is_client(scene) and scene.action == "start"


def client_replies(scene: Scene) -> bool:
    """A client or proxy wants to answer."""
    return is_client(scene) and scene.action == "reply"


def on_roster(scene: Scene, client: str | None, staff: str) -> bool:
    """This client is assigned to this staff member now."""
    return (client, staff) in scene.roster


def views_all(scene: Scene, one: Staff) -> bool:
    """This staff member may view every client who takes part (MSG-7, MSG-10)."""
    return not scene.clients or (
        one.permitted and not any(client.id in one.blind_to for client in scene.clients)
    )


# --- The reasons to deny -------------------------------------------------------------------------


def hidden_from_staff(scene: Scene) -> bool:
    """Staff who do not take part, or may not view a client who does; a start needs no part."""
    if scene.action != "start" and not scene.participant:
        return True
    unseen = [name for one in scene.staff if one.id == scene.actor for name in one.blind_to]
    blind = any(one.id in unseen for one in scene.clients)
    return blind or (bool(scene.clients) and not scene.may_view)


def hidden_from_client_side(scene: Scene) -> bool:
    """Whose client does not take part, or is not alone in a start (nobody sees another's)."""
    named = [one.id for one in scene.clients]
    client = client_of(scene)
    if client not in named or not scene.may_view:
        return True
    return scene.action == "start" and set(named) != {client}


def hidden_from_proxy(scene: Scene) -> bool:
    """A relationship that ended, no part in it, or a conversation closed to proxies (MSG-20)."""
    proxy = scene.proxy
    if proxy is None or proxy.id != scene.actor or not proxy.current or scene.closed_to_proxies:
        return True
    return scene.action != "start" and not proxy.participant


def hidden(scene: Scene, clock: Clock) -> bool:
    """No such thing for this actor (MSG-2): words nobody knows are nothing either."""
    if scene.side not in ("staff", *CLIENT_SIDE) or scene.action not in ACTIONS:
        return True
    if scene.action != "start" and not clock.begun:
        return True
    if scene.side == "staff":
        return hidden_from_staff(scene)
    if scene.side == "proxy" and hidden_from_proxy(scene):
        return True
    outside = scene.side == "client" and scene.action != "start" and not scene.participant
    return outside or hidden_from_client_side(scene)


def sender_inactive(scene: Scene, _clock: Clock) -> bool:
    """The sender has left, or is archived or stands for an archived client; those may read."""
    if not is_client(scene):
        return not scene.staff_active
    archived = not any(one.id == client_of(scene) and one.active for one in scene.clients)
    return archived and scene.action != "read"


def sender_without_access(scene: Scene, _clock: Clock) -> bool:
    """A client, or a proxy themselves, has no portal access."""
    if scene.side == "proxy":
        return scene.proxy is not None and not scene.proxy.access
    return scene.side == "client" and not scene.portal_access


def not_in_grant(scene: Scene, _clock: Clock) -> bool:
    """A proxy without the messages scope."""
    return scene.side == "proxy" and scene.proxy is not None and not scene.proxy.in_scope


def locked(_scene: Scene, clock: Clock) -> bool:
    """Locked binds everybody."""
    return clock.locked


def nobody_to_read(scene: Scene, _clock: Clock) -> bool:
    """Nobody on the other side; of those a client names in a start, each must be there."""
    if staff_only(scene):
        return not any(one.active and one.id != scene.actor for one in scene.staff)
    there = [one.active and views_all(scene, one) for one in scene.staff]
    if client_starts(scene):
        return not there or not all(there)
    if is_client(scene):
        return not any(there)
    return not any(one.active for one in scene.clients)


def not_taking_messages(scene: Scene, _clock: Clock) -> bool:
    """A client names somebody who may not be started with."""
    return client_starts(scene) and any(not one.takes_messages for one in scene.staff)


def policy_unknown(scene: Scene, clock: Clock) -> bool:
    """Nobody knows what the policy means; staff among themselves need none."""
    return clock.policy not in KNOWN and not staff_only(scene)


def client_may_not_start(scene: Scene, clock: Clock) -> bool:
    """Reply only and never initiate leave starting to staff."""
    return client_starts(scene) and clock.policy not in CLIENTS_MAY_START


def no_assigned_staff(scene: Scene, clock: Clock) -> bool:
    """Assigned clients only, and the client is on nobody's roster."""
    nobody = all(client != client_of(scene) for client, _ in scene.roster)
    return clock.policy == ASSIGNED and is_client(scene) and nobody


def not_on_roster(scene: Scene, clock: Clock) -> bool:
    """Assigned clients only: staff need all active clients, an answer one, a start each named."""
    if clock.policy != ASSIGNED:
        return False
    if not is_client(scene):
        active = [one.id for one in scene.clients if one.active]
        return not all(on_roster(scene, client, scene.actor) for client in active)
    client = client_of(scene)
    if client_starts(scene):
        return not all(on_roster(scene, client, one.id) for one in scene.staff)
    return not any(on_roster(scene, client, one.id) for one in scene.staff if one.active)


def somebody_to_start_with(scene: Scene, clock: Clock) -> bool:
    """The client may start with at least one of the staff in this conversation (MSG-9)."""
    there = [one for one in scene.staff if one.active and views_all(scene, one)]
    ready = [one for one in there if one.takes_messages]
    if clock.policy == ASSIGNED:
        return any(on_roster(scene, client_of(scene), one.id) for one in ready)
    return clock.policy == ALL_CLIENTS and bool(ready)


def stays_closed(how: str) -> Callable[[Scene, Clock], bool]:
    """The client answers a conversation closed in this way, and may not start one instead."""

    def holds(scene: Scene, clock: Clock) -> bool:
        closed = clock.closed_how == how
        return client_replies(scene) and closed and not somebody_to_start_with(scene, clock)

    return holds


def not_staff_initiated(scene: Scene, clock: Clock) -> bool:
    """Reply only, and staff never wrote here."""
    return client_replies(scene) and clock.policy == REPLY_ONLY and not clock.staff_initiated


DENIALS: tuple[tuple[str, Callable[[Scene, Clock], bool]], ...] = (
    (HIDDEN, hidden),
    ("sender_inactive", sender_inactive),
    ("sender_without_access", sender_without_access),
    ("not_in_grant", not_in_grant),
    ("locked", locked),
    ("nobody_to_read", nobody_to_read),
    ("not_taking_messages", not_taking_messages),
    ("policy_unknown", policy_unknown),
    ("client_may_not_start", client_may_not_start),
    ("no_assigned_staff", no_assigned_staff),
    ("not_on_roster", not_on_roster),
    (CLOSED_BY_STAFF, stays_closed(CLOSED_BY_STAFF)),
    (AUTO_CLOSED, stays_closed(AUTO_CLOSED)),
    ("not_staff_initiated", not_staff_initiated),
)
DENY_READING = (HIDDEN, "sender_inactive", "sender_without_access", "not_in_grant")


def first_reason(scene: Scene, clock: Clock) -> str | None:
    """The first reason to deny, if there is one."""
    for reason, holds in DENIALS:
        asked = scene.action != "read" or reason in DENY_READING
        if asked and holds(scene, clock):
            return reason
    return None


def decide(scene: Scene) -> Decision:
    """The answer now, and the first later instant that has another if nobody does anything."""
    clock = clock_now(scene)
    reason = first_reason(scene, clock)
    if reason == HIDDEN:
        return Decision(allowed=False, reason=HIDDEN, hidden=True)
    if scene.action == "start":
        return Decision(allowed=reason is None, reason=reason)
    end = deadline(clock)
    if end is not None and first_reason(scene, pass_time(clock, end)) == reason:
        end = None
    return Decision(reason is None, reason, closed_at=clock.closed_at, holds_until=end)


def upcoming(scene: Scene) -> int | None:
    """What `closing` says, to whom the conversation exists (MSG-20)."""
    seen = scene._replace(action="read")
    return None if hidden(seen, clock_now(seen)) else closing(seen)


def viewing(scene: Scene) -> Scene:
    """Whether an acting staff member may view the clients who are named now, and no others."""
    mine = [views_all(scene, one) for one in scene.staff if one.id == scene.actor]
    return scene._replace(may_view=all(mine)) if mine else scene


def recipients(scene: Scene) -> frozenset[str]:
    """With whom of those named the actor may start, each taken alone (MSG-14)."""
    asked = scene._replace(action="start", messages=(), by_hand=())
    if is_client(scene):
        alone = [(one.id, asked._replace(staff=(one,))) for one in scene.staff]
    else:
        alone = [(one.id, viewing(asked._replace(clients=(one,)))) for one in scene.clients]
    return frozenset(name for name, start in alone if decide(start).allowed)
