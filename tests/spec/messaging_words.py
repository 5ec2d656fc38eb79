"""Short words to tell what happened, in hours."""

from typing import Any

from tests.spec import messaging_spec as spec
from tests.spec.messaging_spec import (
    HOUR,
    Client,
    Decision,
    Message,
    Proxy,
    Scene,
    Staff,
    Switch,
)


def at(hours: float) -> int:
    """Microseconds from hours."""
    return round(hours * HOUR)


def talk(*turns: tuple[str, float]) -> tuple[Message, ...]:
    """Messages from turns like `("S", 0)`, in sequence."""
    sides = {"S": "staff", "C": "client", "P": "proxy", "auto": "automatic"}
    return tuple(Message(at(hours), sides[who], n) for n, (who, hours) in enumerate(turns, 1))


def policies(*turns: tuple[float, str]) -> tuple[Switch, ...]:
    """A policy history in hours."""
    return tuple(Switch(at(hours), value) for hours, value in turns)


def told(hours: float, *turns: tuple[str, float], **more: Any) -> Scene:
    """A client would answer at this hour, unless `more` says otherwise."""
    base = Scene(
        *("reply", "client", "c", at(hours)),
        messages=talk(*turns),
        clients=(Client("c"),),
        staff=(Staff("s"),),
    )
    scene = base._replace(**more)
    assert spec.possible(scene)
    return scene


def answer(hours: float, *turns: tuple[str, float], **more: Any) -> Decision:
    """What a client hears who answers at this hour."""
    return spec.decide(told(hours, *turns, **more))


def by_proxy(**more: Any) -> dict[str, Any]:
    """A proxy of the client asks instead."""
    return {"side": "proxy", "actor": "p", "proxy": Proxy("p", "c")._replace(**more)}


BY_STAFF: dict[str, Any] = {"side": "staff", "actor": "s"}
AMONG_STAFF: dict[str, Any] = BY_STAFF | {"clients": (), "staff": (Staff("s"), Staff("t"))}
