"""Questions at random, odd ones too: crowds, proxies, switches and hands around 48 hours.

A scene follows from its `random.Random`. What happened is added one by one where the rules let it
happen, so that `possible` holds; an odd draw (an empty roster, a blind participant, a policy that
nobody knows) is as legal as any other.
"""

import random
from collections.abc import Sequence

from tests.spec.messaging_clock import (
    HOUR,
    KNOWN,
    LIMIT,
    ByHand,
    Client,
    Clock,
    Event,
    Message,
    Proxy,
    Scene,
    Staff,
    Switch,
    after,
    clock_now,
    could_happen,
    pass_time,
    possible,
)
from tests.spec.messaging_reasons import views_all

YEAR_2025 = 1_735_689_600_000_000
YEAR = 365 * 24 * HOUR
EDGES = (0, 1, LIMIT - 1, LIMIT, LIMIT + 1)
ODD_POLICIES = ("unknown", "ALL_CLIENTS", "all_clients ", "", None)
CLIENTS = ("c1", "c2", "c3")
STAFF = ("s1", "s2", "s3", "s4")
PAIRS = tuple((client, one) for client in CLIENTS for one in STAFF)
KINDS = {
    "staff": 5,
    "client": 3,
    "proxy": 2,
    "automatic": 1,
    "policy": 3,
    "closed": 2,
    "reopened": 1,
    "unlocked": 1,
    "taken_over": 1,
}
WRITERS = ("staff", "client", "proxy", "automatic")


def gap(rng: random.Random) -> int:
    """Time until the next thing: an edge, some hours to the microsecond, or a long while."""
    if rng.random() < 0.4:
        return rng.choice(EDGES)
    return rng.randrange(1, rng.choice((HOUR, LIMIT, 3 * LIMIT, YEAR)))


def a_policy(rng: random.Random) -> str | None:
    """One of the four, or now and then something else."""
    return rng.choice(KNOWN if rng.random() < 0.9 else ODD_POLICIES)


# --- Who is there --------------------------------------------------------------------------------


def a_staff_member(rng: random.Random, name: str) -> Staff:
    """Mostly active, permitted and ready."""
    return Staff(
        name,
        active=rng.random() < 0.93,
        permitted=rng.random() < 0.95,
        takes_messages=rng.random() < 0.85,
        blind_to=frozenset(rng.sample(CLIENTS, rng.choice((0, 0, 0, 0, 0, 0, 0, 0, 1, 3)))),
    )


def crowd(rng: random.Random, sizes: Sequence[int]) -> Scene:
    """Clients, staff and a roster; who acts is still open."""
    clients = rng.sample(CLIENTS, rng.choice(sizes))
    density = rng.choice((0, 0.3, 0.6, 0.9, 1))
    return Scene(
        *("reply", "staff", "nobody", 0),
        clients=tuple(Client(name, active=rng.random() < 0.9) for name in clients),
        staff=tuple(
            a_staff_member(rng, name) for name in rng.sample(STAFF, rng.choice((1, 1, 2, 3)))
        ),
        roster=frozenset(pair for pair in PAIRS if rng.random() < density),
        closed_to_proxies=rng.random() < 0.06,
    )


def asked_by_staff(rng: random.Random, action: str) -> Scene:
    """By one of the participants; or by somebody else, who may have every permission."""
    scene = crowd(rng, (0, 1, 1, 1, 2, 3))._replace(action=action)
    if action != "start" and rng.random() < 0.08:
        return scene._replace(actor="s9", participant=False, may_view=rng.random() < 0.7)
    one = rng.choice(scene.staff)
    return scene._replace(actor=one.id, staff_active=one.active, may_view=views_all(scene, one))


def asked_by_client(rng: random.Random, action: str) -> Scene:
    """By one of the clients, or by one who does not take part."""
    scene = crowd(rng, (1,) if action == "start" else (1, 1, 2, 3))
    scene = scene._replace(action=action, side="client", portal_access=rng.random() < 0.9)
    if action != "start" and rng.random() < 0.08:
        return scene._replace(actor="c9", participant=False)
    return scene._replace(actor=rng.choice(scene.clients).id)


def asked_by_proxy(rng: random.Random, action: str) -> Scene:
    """For one of the clients, or for one who does not take part."""
    scene = crowd(rng, (1,) if action == "start" else (1, 1, 2, 3))
    stranger = action != "start" and rng.random() < 0.03
    proxy = Proxy(
        "p1",
        "c9" if stranger else rng.choice(scene.clients).id,
        participant=not stranger and (action == "start" or rng.random() < 0.93),
        access=rng.random() < 0.9,
        in_scope=rng.random() < 0.9,
        current=rng.random() < 0.95,
    )
    return scene._replace(action=action, side="proxy", actor=proxy.id, proxy=proxy)


# --- What happened -------------------------------------------------------------------------------


def an_event(rng: random.Random, scene: Scene, now: int) -> Event:
    """Something that might happen now."""
    kind = rng.choices(list(KINDS), list(KINDS.values()))[0]
    last = scene.messages[-1] if scene.messages else None
    if last is None and rng.random() < 0.7:
        kind = rng.choice(WRITERS[:2])
    if kind in WRITERS:
        return Message(now, kind, 1 if last is None else last.sequence + 1)
    if kind == "policy":
        return Switch(now, a_policy(rng))
    follows = last is not None and last.time_us == now and rng.random() < 0.5
    return ByHand(
        now,
        kind,
        locked=kind == "closed" and rng.random() < 0.3,
        after=last.sequence if last is not None and follows else None,
    )


def with_event(scene: Scene, event: Event) -> Scene:
    """The same, and this happened too."""
    if isinstance(event, Message):
        return scene._replace(messages=(*scene.messages, event))
    if isinstance(event, Switch):
        return scene._replace(policy=(*scene.policy, event))
    return scene._replace(by_hand=(*scene.by_hand, event))


def out_of_place(scene: Scene, event: Event) -> bool:
    """An automatic message begins nothing, and a proxy writes where proxies may be."""
    if not isinstance(event, Message):
        return False
    first = event.side == "automatic" and not scene.messages
    return first or (event.side == "proxy" and scene.closed_to_proxies)


def one_more(scene: Scene, clock: Clock, event: Event) -> tuple[Scene, Clock]:
    """With this event if it could happen; at one instant, the whole is looked at again."""
    later = with_event(scene, event)._replace(now=event.time_us)
    if out_of_place(scene, event):
        return scene, clock
    if event.time_us > scene.now:
        could = could_happen(pass_time(clock, event.time_us), event)
        return (later, after(clock, event)) if could else (scene, clock)
    return (later, clock_now(later)) if possible(later) else (scene, clock)


def with_history(rng: random.Random, scene: Scene, now: int) -> Scene:
    """A policy or none, then up to nine things that happen, and some time after the last."""
    policy = (Switch(now, a_policy(rng)),) if rng.random() < 0.8 else ()
    scene = scene._replace(policy=policy, now=now)
    clock = clock_now(scene)
    for _ in range(rng.randrange(1, 10)):
        now += gap(rng)
        scene, clock = one_more(scene, clock, an_event(rng, scene, now))
    return scene._replace(now=now + gap(rng))


def with_policies(rng: random.Random, scene: Scene, now: int) -> Scene:
    """A start has only policies behind it."""
    for _ in range(rng.randrange(4)):
        scene = scene._replace(policy=(*scene.policy, Switch(now, a_policy(rng))))
        now += gap(rng)
    return scene._replace(now=now)


def random_scene(rng: random.Random) -> Scene:
    """Any question, with a history that the rules could have led to."""
    action = rng.choice(("start", "start", "reply", "reply", "reply", "read"))
    asked = rng.choice((asked_by_staff, asked_by_client, asked_by_proxy))(rng, action)
    now = YEAR_2025 + rng.randrange(YEAR)
    if action == "start":
        return with_policies(rng, asked._replace(closed_to_proxies=False), now)
    return with_history(rng, asked, now)
