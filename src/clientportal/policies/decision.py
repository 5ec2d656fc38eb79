"""What a policy answers: whether something may happen, and always why."""

from __future__ import annotations

from enum import Enum

from attrs import evolve, field, frozen

from clientportal.domain.moments import Moment


class Kind(Enum):
    """What the portal raises for a denial."""

    REFUSED = "refused"
    UNAUTHENTICATED = "unauthenticated"
    THROTTLED = "throttled"
    HIDDEN = "hidden"


@frozen
class Reason:
    """Why: a *code* that is never reworded, the *noun* it is about, the *rule* that decided."""

    code: str
    noun: str
    rule: str
    kind: Kind = Kind.REFUSED


@frozen
class Decision:
    """Whether something may happen, and why.

    A decision always carries its reason, also when it allows. It is true when it allows, so that
    `if may_send(x):` cannot fail open. *holds_until* is when the answer may change if time alone
    changes it; *since* is when a state that time brought about began.
    """

    allowed: bool
    reason: Reason
    holds_until: Moment | None = field(default=None, kw_only=True)
    since: Moment | None = field(default=None, kw_only=True)

    def __bool__(self) -> bool:
        return self.allowed


def allow(code: str, noun: str, rule: str) -> Decision:
    """A constant that allows."""
    return Decision(True, Reason(code, noun, rule))


def deny(code: str, noun: str, rule: str, kind: Kind = Kind.REFUSED) -> Decision:
    """A constant that denies."""
    return Decision(False, Reason(code, noun, rule, kind))


def in_order(*decisions: Decision) -> Decision:
    """The first that denies; else the last, holding until the earliest of their moments."""
    for decision in decisions:
        if not decision:
            return decision
    last = decisions[-1]
    moments = [d.holds_until for d in decisions if d.holds_until is not None]
    return evolve(last, holds_until=min(moments)) if moments else last
