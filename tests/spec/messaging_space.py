"""Every question of a small world: one staff member, one client or two, one proxy, three edges.

A question is who asks (`askers`) put to what happened (`pasts`). Of what happened, only what
`possible` allows is kept; a start begins a conversation and so has nothing behind it but policies.
"""

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from tests.spec.messaging_clock import (
    ALL_CLIENTS,
    HOUR,
    KNOWN,
    LIMIT,
    ByHand,
    Client,
    Message,
    Proxy,
    Scene,
    Staff,
    Switch,
    possible,
)

NOW = 1000 * HOUR
UNKNOWN = "unknown"
SINCE = (0, LIMIT - 1, LIMIT, LIMIT + 1, 400 * HOUR)
SWITCHED = (None, HOUR, 49 * HOUR)
GROUPS = ("one", "two", "staff_only")
SIDES = ("staff", "client", "proxy")
BOTH = (True, False)

ROSTERS: dict[str, tuple[frozenset[tuple[str, str]], ...]] = {
    "one": (frozenset({("c", "s")}), frozenset({("c", "t")}), frozenset({("d", "s")})),
    "two": (
        frozenset({("c", "s"), ("d", "s")}),
        frozenset({("c", "s")}),
        frozenset({("c", "t"), ("d", "s")}),
        frozenset({("d", "s")}),
    ),
    "staff_only": (frozenset(),),
}


# --- What happened -------------------------------------------------------------------------------


class Past(NamedTuple):
    """What happened up to now."""

    policy: tuple[Switch, ...]
    messages: tuple[Message, ...] = ()
    by_hand: tuple[ByHand, ...] = ()


def policies() -> Iterator[tuple[Switch, ...]]:
    """None set; each value, always or since a switch from all clients."""
    yield ()
    for value, ago in product((*KNOWN, UNKNOWN), SWITCHED):
        if ago is None:
            yield (Switch(0, value),)
        else:
            yield (Switch(0, ALL_CLIENTS), Switch(NOW - ago, value))


def hands(since: int) -> Iterator[tuple[ByHand, ...]]:
    """Not closed; closed before 48 hours were over, and after; each locked or not."""
    yield ()
    last = NOW - since
    moments = [min(last + HOUR, NOW)] + [NOW] * (since >= LIMIT)
    for moment, locked in product(moments, BOTH):
        yield (ByHand(moment, "closed", locked=locked),)


def talks(group: str) -> Iterator[tuple[tuple[Message, ...], tuple[ByHand, ...]]]:
    """Started by one, an hour later the last message by another, then perhaps closed."""
    alone = group == "staff_only"
    starters, writers = (SIDES[:1], SIDES[:1]) if alone else (SIDES[:2], SIDES)
    for first, last, since in product(starters, writers, SINCE):
        moment = NOW - since
        messages = (Message(moment - HOUR, first, 1), Message(moment, last, 2))
        for by_hand in hands(since):
            yield messages, by_hand


def pasts(action: str, group: str) -> Iterator[Past]:
    """What could have happened before this action in such a conversation."""
    if action == "start":
        yield from (Past(policy) for policy in policies())
        return
    named = () if group == "staff_only" else (Client("c"),)
    for policy, (messages, by_hand) in product(policies(), talks(group)):
        past = Past(policy, messages, by_hand)
        if possible(Scene("reply", "staff", "s", NOW, *past, clients=named)):
            yield past


# --- Who asks ------------------------------------------------------------------------------------


class Asker(NamedTuple):
    """Two-valued things about who asks and whom they meet.

    `there` is the client, or among staff the other one, being active.
    """

    staff_active: bool
    access: bool
    view: bool
    participant: bool
    there: bool


def askers(action: str, side: str, group: str) -> Iterator[Asker]:
    """All combinations that make a difference to be seen; who starts takes part."""
    for one in map(Asker._make, product(BOTH, repeat=5)):
        outside_start = action == "start" and not one.participant
        if not outside_start and (one.access or group != "staff_only"):
            yield one


def met(group: str, asker: Asker, *, outside: bool) -> Scene:
    """The participants; whoever may not view a group may not view its second client."""
    blind = frozenset({"d"}) if group == "two" and not asker.view else frozenset[str]()
    permitted = asker.view or group == "two"
    active = asker.staff_active or outside
    staff = (Staff("s", active=active, permitted=permitted, blind_to=blind),)
    clients: tuple[Client, ...] = (Client("c", active=asker.there),)
    if group == "two":
        clients = (*clients, Client("d"))
    if group == "staff_only":
        clients = ()
        staff = (*staff, Staff("t", active=asker.there))
    return Scene("reply", "staff", "s", NOW, staff=staff, clients=clients)


def by_staff(group: str, asker: Asker) -> Iterator[Scene]:
    """A staff member asks."""
    outside = not asker.participant
    yield met(group, asker, outside=outside)._replace(
        actor="x" if outside else "s",
        participant=asker.participant,
        may_view=asker.view,
        staff_active=asker.staff_active,
        portal_access=asker.access,
    )


def by_client(group: str, asker: Asker) -> Iterator[Scene]:
    """A client asks, of staff who take new messages or not."""
    scene = met(group, asker, outside=False)
    for takes in BOTH:
        yield scene._replace(
            side="client",
            actor="c" if asker.participant else "x",
            participant=asker.participant,
            portal_access=asker.access,
            staff=tuple(one._replace(takes_messages=takes) for one in scene.staff),
        )


def by_proxy(group: str, asker: Asker) -> Iterator[Scene]:
    """A proxy asks; a grant that ended, and quiet staff, only where all else is well."""
    proxy = Proxy("p", "c", asker.participant, asker.access)
    scene = met(group, asker, outside=False)._replace(side="proxy", actor="p", proxy=proxy)
    yield scene
    yield scene._replace(proxy=proxy._replace(in_scope=False))
    if all(asker):
        yield scene._replace(proxy=proxy._replace(current=False))
        yield scene._replace(staff=tuple(one._replace(takes_messages=False) for one in scene.staff))


ASKING = {"staff": by_staff, "client": by_client, "proxy": by_proxy}


def questions(action: str, side: str, group: str) -> Iterator[Scene]:
    """Who asks, with each roster, and nothing that happened."""
    for asker, roster in product(askers(action, side, group), ROSTERS[group]):
        for scene in ASKING[side](group, asker):
            yield scene._replace(action=action, roster=roster)


def could_ask(action: str, side: str, group: str) -> bool:
    """Clients and proxies start for one client, and are never among staff only."""
    return side == "staff" or group == "one" or (group == "two" and action != "start")


def space() -> Iterator[Scene]:
    """Every question, 1,703,526 in all, always in the same order."""
    for action, side, group in product(("start", "reply"), SIDES, GROUPS):
        if not could_ask(action, side, group):
            continue
        asked = list(questions(action, side, group))
        for past in pasts(action, group):
            changed = past._asdict()
            for scene in asked:
                yield scene._replace(**changed)
