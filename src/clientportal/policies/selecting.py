"""One rule in three forms: decide one, select from many, a predicate for storage (MSG-11, MSG-14).

The forms are written apart, each as its place wants it, and proved equal by test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from attrs import field, frozen

from clientportal.domain.conversations import REPLY_WITHIN
from clientportal.domain.moments import Moment
from clientportal.domain.practices import AnyPolicy, MessagingPolicy, PolicySince
from clientportal.policies.messaging import Assigned, Point, Situation, decide, points

Select: TypeAlias = Callable[[Iterable[Point]], list[Point]]

_NEW, _LOCKED, _THIS = Situation.NEW, Situation.LOCKED, Assigned.THIS
_OPEN, _REOPENED = Situation.OPEN, Situation.REOPENED


def _reply_only(many: Iterable[Point]) -> list[Point]:
    return [
        p
        for p in many
        if (p[1] and p[4] is not _LOCKED) or (p[3] and (p[4] is _OPEN or p[4] is _REOPENED))
    ]


def _never_initiate(many: Iterable[Point]) -> list[Point]:
    return [p for p in many if (p[1] and p[4] is not _LOCKED) or p[4] is _OPEN or p[4] is _REOPENED]


def _assigned_clients_only(many: Iterable[Point]) -> list[Point]:
    return [p for p in many if p[2] is _THIS and p[4] is not _LOCKED]


def _all_clients(many: Iterable[Point]) -> list[Point]:
    return [p for p in many if p[4] is not _LOCKED]


def _none(_: Iterable[Point]) -> list[Point]:
    return []


SELECT: Final[Mapping[AnyPolicy, Select]] = {
    MessagingPolicy.REPLY_ONLY: _reply_only,
    MessagingPolicy.NEVER_INITIATE: _never_initiate,
    MessagingPolicy.ASSIGNED_CLIENTS_ONLY: _assigned_clients_only,
    MessagingPolicy.ALL_CLIENTS: _all_clients,
}


def select_of(policy: AnyPolicy) -> Select:
    """What picks, of many points under *policy*, those that allow; of an unknown one none."""
    return SELECT.get(policy, _none)


def closed_upto(history: Sequence[PolicySince], now: Moment) -> Moment | None:
    """A conversation that waits since this moment or earlier has closed by itself (MSG-4, MSG-9).

    The same as `auto_closed_at`, as one comparison; None where nothing can have closed.
    """
    ends = [*(entry.since for entry in history[1:]), now]
    cuts = (
        min(end, now) - REPLY_WITHIN
        for entry, end in zip(history, ends, strict=True)
        if entry.policy is MessagingPolicy.REPLY_ONLY
        if entry.since + REPLY_WITHIN <= min(end, now)
    )
    return max(cuts, default=None)


class Standpoint(NamedTuple):
    """A point as storage tells it, without the policy and the side: it knows them beforehand."""

    assigned: Assigned
    staff_initiated: bool
    situation: Situation


@frozen(kw_only=True)
class Answerable:
    """What storage is told to find the conversations that the actor may answer *at* a moment.

    *allowed* are the standpoints that the table allows, *closed_upto* tells which closed by
    themselves, and of a closed one, whether the client must be on a roster to start anew.
    """

    at: Moment
    by_staff: bool
    allowed: frozenset[Standpoint] = field(repr=False)
    closed_upto: Moment | None
    starts_by_roster: bool


def answerable_of(history: Sequence[PolicySince], now: Moment, *, by_staff: bool) -> Answerable:
    """The rule of the policy in force, as a predicate over what storage keeps."""
    policy = history[-1].policy
    return Answerable(
        at=now,
        by_staff=by_staff,
        allowed=frozenset(
            Standpoint(point.assigned, point.staff_initiated, point.situation)
            for point in points((policy,))
            if point.by_staff is by_staff and point.staff_initiated is not None
            if point.situation is not _REOPENED and decide(point)
        ),
        closed_upto=closed_upto(history, now),
        starts_by_roster=policy is MessagingPolicy.ASSIGNED_CLIENTS_ONLY,
    )


@frozen(kw_only=True)
class Startable:
    """What storage is told to find whom a client may start with (MSG-14).

    *by_roster*: only staff who have the client on their roster; *nobody*: none at all.
    """

    nobody: bool
    by_roster: bool


def startable_of(policy: AnyPolicy) -> Startable:
    """The rule of *policy* for starting by clients, as a predicate over staff."""
    new = (p for p in points((policy,)) if p.situation is _NEW and not p.by_staff)
    starts = {point.assigned: bool(decide(point)) for point in new}
    return Startable(nobody=not any(starts.values()), by_roster=not starts[Assigned.OTHER])
