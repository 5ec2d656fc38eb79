"""Hypothesis strategies for plain values, people and practices; `strategies` has them all."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, TypeVar

from hypothesis import strategies as st

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    Id,
    PracticeId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.moments import Interval
from clientportal.domain.people import (
    Client,
    ClientStatus,
    Permissions,
    Reach,
    StaffMember,
    StaffStatus,
)
from clientportal.domain.practices import (
    AnyPolicy,
    MessagingPolicy,
    PolicySince,
    Practice,
    UnknownPolicy,
)
from clientportal.domain.relationships import Relationship, Scope

I = TypeVar("I", bound=Id)  # noqa: E741 - an id

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
ZONES: Final = ("UTC", "America/New_York", "Europe/Madrid", "Asia/Kathmandu", "Australia/Lord_Howe")
PRACTICE: Final = PracticeId("prc_1")


def ids(noun: type[I], most: int = 5) -> st.SearchStrategy[I]:
    """Ids of a *noun*, few enough to meet again."""
    return st.integers(1, most).map(lambda n: noun.of(str(n)))


def moments(days: int = 400) -> st.SearchStrategy[datetime]:
    """Aware UTC moments of about a year, often whole hours, to the microsecond at times."""
    hours = st.integers(0, days * 24).map(lambda n: timedelta(hours=n))
    exact = st.integers(0, days * 86_400_000_000).map(lambda n: timedelta(microseconds=n))
    return st.one_of(hours, exact).map(lambda span: START + span)


def spans() -> st.SearchStrategy[timedelta]:
    """Spans about the ones that matter: minutes, a day, 48 hours and a microsecond beside them."""
    near = st.sampled_from(
        (timedelta(0), timedelta(hours=24), timedelta(hours=48), timedelta(days=7))
    )
    return st.builds(
        lambda a, n: max(a + n * timedelta(microseconds=1), timedelta(0)), near, st.integers(-1, 1)
    )


def intervals() -> st.SearchStrategy[Interval]:
    """Half-open intervals of whole minutes, up to a day long."""
    return st.builds(
        lambda start, minutes: Interval(start, start + timedelta(minutes=minutes)),
        st.integers(0, 400 * 1440).map(lambda n: START + timedelta(minutes=n)),
        st.integers(1, 1440),
    )


def texts(most: int = 20) -> st.SearchStrategy[str]:
    """One line of clean text in any script."""
    letters = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))
    return st.text(letters, min_size=1, max_size=most).filter(lambda text: not text.isspace())


def policies() -> st.SearchStrategy[AnyPolicy]:
    """One of the four, or one that a newer version may have stored."""
    return st.one_of(st.sampled_from(MessagingPolicy), st.just(UnknownPolicy("of_tomorrow")))


@st.composite
def practices(draw: st.DrawFn) -> Practice:
    """A practice with a history of policies."""
    since = sorted(draw(st.lists(moments(30), min_size=1, max_size=4)))
    history = tuple(PolicySince(draw(policies()), at) for at in since)
    zone = draw(st.sampled_from(ZONES))
    return Practice(id=PRACTICE, name="Riverside", policies=history, timezone=zone)


def permissions() -> st.SearchStrategy[Permissions]:
    """Any permissions."""
    reach, flag = st.sampled_from(Reach), st.booleans()
    return st.builds(
        Permissions,
        view_clients=reach,
        edit_clients=reach,
        view_documentation=reach,
        edit_documentation=reach,
        view_calendar=reach,
        edit_calendar=reach,
        billing=flag,
        practice_settings=flag,
    )


def staff_members() -> st.SearchStrategy[StaffMember]:
    """Staff, also such as left."""
    return st.builds(
        StaffMember,
        id=ids(StaffId),
        name=texts(),
        permissions=permissions(),
        takes_messages=st.booleans(),
        status=st.sampled_from(StaffStatus),
    )


def clients(client_id: ClientId | None = None) -> st.SearchStrategy[Client]:
    """Clients, also archived ones; with little or much on record."""
    born = st.dates(date(1900, 1, 1), date(2026, 1, 1))
    return st.builds(
        Client,
        id=ids(ClientId) if client_id is None else st.just(client_id),
        given_name=texts(),
        family_name=st.none() | texts(),
        email=st.sampled_from((None, "ann@example.org", "\u00c9va@example.org")),
        birth_date=st.none() | born,
        timezone=st.none() | st.sampled_from(ZONES),
        status=st.sampled_from(ClientStatus),
    )


@st.composite
def actors(draw: st.DrawFn) -> Actor:
    """Anybody, in any capacity, with the ids that go with it."""
    capacity = draw(st.sampled_from(Capacity))
    named: dict[str, Any] = {}
    if capacity is Capacity.STAFF:
        named["staff_id"] = draw(ids(StaffId))
    if capacity in (Capacity.CLIENT, Capacity.PROXY):
        named["client_id"] = draw(ids(ClientId))
        named["account_id"] = draw(st.none() | ids(AccountId))
    if capacity is Capacity.PROXY:
        named["relationship_id"] = draw(ids(RelationshipId))
    return Actor(practice_id=PRACTICE, capacity=capacity, **named)


@st.composite
def accesses(draw: st.DrawFn, client_id: ClientId) -> Access:
    """What opens a client's portal, or did."""
    since = draw(moments(30))
    return Access(
        client_id=client_id,
        account_id=draw(ids(AccountId)),
        relationship_id=draw(st.none() | ids(RelationshipId)),
        since=since,
        ended_at=draw(st.none() | st.just(since + timedelta(days=1))),
    )


@st.composite
def relationships(draw: st.DrawFn, client_id: ClientId) -> Relationship:
    """A relationship of a client with another, or one that was."""
    since = draw(moments(30))
    return Relationship(
        id=draw(ids(RelationshipId)),
        client_id=client_id,
        person=ClientId("cli_other"),
        kind="parent",
        scopes=draw(st.frozensets(st.sampled_from(Scope))),
        shares_information=draw(st.booleans()),
        since=since,
        until=draw(st.none() | st.just(since + timedelta(days=1))),
    )
