"""Every decision table as rows, generated from the policies themselves.

The reference pages, the command line and the tests read these rows; nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import product
from typing import Final, TypeAlias

from attrs import evolve

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.appointments import Appointment, AppointmentStatus
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    InviteId,
    PracticeId,
    ServiceId,
    StaffId,
)
from clientportal.domain.invites import LIFE, Invite
from clientportal.domain.moments import Interval
from clientportal.domain.people import OWNER_PERMISSIONS, Client, ClientStatus, StaffMember
from clientportal.domain.practices import (
    DEFAULT_POLICY,
    AnyPolicy,
    CancelTerms,
    MessagingPolicy,
    Outside,
    PolicySince,
    Practice,
    UnknownPolicy,
)
from clientportal.policies.appointments import (
    MAY_BOOK,
    MAY_REQUEST,
    OBSTACLES,
    AppointmentFacts,
    may_cancel_appointment,
)
from clientportal.policies.decision import Decision
from clientportal.policies.invites import InvitingFacts, may_send_invite
from clientportal.policies.messaging import Point, Situation, decide, points
from clientportal.policies.standing import Standing

Row: TypeAlias = Mapping[str, str | bool | None]

POLICIES: Final[tuple[AnyPolicy, ...]] = (*MessagingPolicy, UnknownPolicy("unknown"))

_NOW: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
_START: Final = _NOW + timedelta(days=30)
_PRACTICE: Final = Practice(
    id=PracticeId("prc_table"), name="Table", policies=(PolicySince(DEFAULT_POLICY, _NOW),)
)
_STAFF: Final = StaffMember(
    id=StaffId("stf_table"), name="Staff", role="owner", permissions=OWNER_PERMISSIONS
)
_CLIENT: Final = Client(
    id=ClientId("cli_table"),
    given_name="Client",
    email="client@example.org",
    birth_date=date(1990, 1, 1),
)
_ACCESS: Final = Access(client_id=_CLIENT.id, account_id=AccountId("acc_table"), since=_NOW)
_BY_STAFF: Final = Actor(practice_id=_PRACTICE.id, capacity=Capacity.STAFF, staff_id=_STAFF.id)
_BY_CLIENT: Final = Actor(practice_id=_PRACTICE.id, capacity=Capacity.CLIENT, client_id=_CLIENT.id)


def _answer(decision: Decision) -> Row:
    return {"allowed": decision.allowed, "reason": decision.reason.code}


def messaging_rows() -> tuple[Row, ...]:
    """Who may start and answer under each policy: one row per combination (MSG-11).

    *reachable* tells whether a practice can come to it at all.
    """
    return tuple(_messaging_row(point) for point in points(POLICIES))


def _messaging_row(point: Point) -> Row:
    is_new = point.situation is Situation.NEW
    return {
        "table": "messaging",
        "policy": getattr(point.policy, "value", "unknown"),
        "actor": "staff" if point.by_staff else "client",
        "assigned": point.assigned.value,
        "staff_initiated": point.staff_initiated,
        "situation": point.situation.value,
        "action": "start" if is_new else "reply",
        "reachable": is_new == (point.staff_initiated is None),
        **_answer(decide(point)),
    }


#: When somebody cancels: how long before the start, and how long after booking.
_MOMENTS: Final[Mapping[str, tuple[timedelta, timedelta]]] = {
    "in_time": (timedelta(hours=24), timedelta(days=7)),
    "within_regret": (timedelta(hours=2), timedelta(minutes=14)),
    "outside_notice": (timedelta(hours=2), timedelta(days=7)),
    "started": (timedelta(0), timedelta(days=7)),
}


def cancellation_rows() -> tuple[Row, ...]:
    """What cancelling comes to, by side, status, moment and the practice's terms (APT-8)."""
    sides = {"staff": _BY_STAFF, "client": _BY_CLIENT}
    combinations = product(sides, AppointmentStatus, _MOMENTS, Outside)
    return tuple(
        {
            "table": "cancellation",
            "actor": side,
            "status": status.value,
            "moment": moment,
            "outside_notice": outside.value,
            **_answer(_cancelling(sides[side], status, moment, outside)),
        }
        for side, status, moment, outside in combinations
    )


def _cancelling(actor: Actor, status: AppointmentStatus, moment: str, outside: Outside) -> Decision:
    ahead, since_made = _MOMENTS[moment]
    now = _START - ahead
    standing = Standing(
        practice=_PRACTICE, client=_CLIENT, actor=actor, staff=_STAFF, access=_ACCESS
    )
    appointment = Appointment(
        id=AppointmentId("apt_table"),
        client_id=_CLIENT.id,
        staff_id=_STAFF.id,
        service_id=ServiceId("svc_table"),
        interval=Interval(_START, _START + timedelta(minutes=50)),
        status=status,
        made_at=now - since_made,
        terms=CancelTerms(outside=outside),
    )
    return may_cancel_appointment(AppointmentFacts(standing=standing, appointment=appointment), now)


def booking_rows() -> tuple[Row, ...]:
    """What a client's booking comes to, by what stands in its way (APT-3, APT-5, APT-6)."""
    blocked = ((found.value, decision) for found, decision in OBSTACLES.items())
    free = (("none, auto-accept", MAY_BOOK), ("none", MAY_REQUEST))
    return tuple(
        {"table": "booking", "obstacle": name, **_answer(decision)}
        for name, decision in (*free, *blocked)
    )


def _invited() -> Iterator[tuple[str, InvitingFacts]]:
    """One client for each outcome of an invite (INV-1)."""
    ready = InvitingFacts(practice=_PRACTICE, actor=_BY_STAFF, staff=_STAFF, client=_CLIENT)
    live = Invite(
        id=InviteId("inv_table"),
        email="client@example.org",
        client_id=_CLIENT.id,
        sent_at=_NOW,
        expires_at=_NOW + LIFE,
    )
    yield "ready", ready
    yield "without an email", evolve(ready, client=evolve(_CLIENT, email=None))
    yield "with access already", evolve(ready, access=_ACCESS)
    yield "archived", evolve(ready, client=evolve(_CLIENT, status=ClientStatus.ARCHIVED))
    yield "invited a moment ago", evolve(ready, live=live)
    young = evolve(_CLIENT, birth_date=date(2015, 1, 1))
    yield "too young for an own account", evolve(ready, client=young)
    yield "without a birth date", evolve(ready, client=evolve(_CLIENT, birth_date=None))


def invite_rows() -> tuple[Row, ...]:
    """What inviting a client comes to, one by one and in bulk (INV-1, INV-3)."""
    return tuple(
        {
            "table": "invite",
            "client": name,
            "in_bulk": in_bulk,
            **_answer(may_send_invite(facts, _NOW, in_bulk=in_bulk)),
        }
        for in_bulk in (False, True)
        for name, facts in _invited()
    )


TABLES: Final[Mapping[str, Callable[[], tuple[Row, ...]]]] = {
    "messaging": messaging_rows,
    "booking": booking_rows,
    "cancellation": cancellation_rows,
    "invite": invite_rows,
}
