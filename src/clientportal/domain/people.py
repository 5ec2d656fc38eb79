"""Clients, staff, and who is assigned to whom (PPL-2 to PPL-4)."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, TypeAlias

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.bounds import flag
from clientportal.domain.claims import Claim, Unique
from clientportal.domain.ids import (
    ClientId,
    StaffId,
)
from clientportal.domain.moments import Moment, is_moment, is_timezone
from clientportal.domain.texts import check_text, is_email, is_language, is_phone, line
from clientportal.errors import MalformedError, Problem


class ClientStatus(Enum):
    """Whether a client is served."""

    ACTIVE = "active"
    ARCHIVED = "archived"


_SERVED = ClientStatus.ACTIVE  # looked up once: decisions ask for it all the time


@frozen(kw_only=True)
class Address:
    """Where somebody lives; every part is optional."""

    street: str | None = field(default=None, validator=optional(line(200)), repr=False)
    city: str | None = field(default=None, validator=optional(line(100)), repr=False)
    region: str | None = field(default=None, validator=optional(line(100)), repr=False)
    postal_code: str | None = field(default=None, validator=optional(line(20)), repr=False)
    country: str | None = field(default=None, validator=optional(line(60)), repr=False)


@frozen(kw_only=True)
class EmergencyContact:
    """Whom to call, as the client tells it (SET-1); grants nothing."""

    name: str = field(validator=line(200), repr=False)
    phone: str = field(validator=is_phone, repr=False)


def _birth_date(_: Any, attribute: Attribute[Any], value: object) -> None:
    if type(value) is not date or not 1850 <= value.year < 2200:  # noqa: PLR2004 - people's lives
        raise MalformedError(Problem(attribute.name, "invalid_date", "give a date as YYYY-MM-DD"))


def _extra(_: Any, attribute: Attribute[Any], value: Any) -> None:
    pairs = isinstance(value, tuple) and all(isinstance(each, tuple) for each in value)
    if not pairs or any(len(each) != 2 for each in value):  # noqa: PLR2004 - name and text
        raise MalformedError(Problem(attribute.name, "invalid_argument", "give pairs of text"))
    if len(value) > 100:  # noqa: PLR2004 - columns of a list, not a store
        advice = "give at most 100 extra fields"
        raise MalformedError(Problem(attribute.name, "limit_exceeded", advice))
    for key, text in value:
        check_text(key, attribute.name, most=100)
        check_text(text, f"{attribute.name}.{key}", most=2000, lines=True)


@frozen(kw_only=True)
class Client:
    """The person a practice serves (PPL-2). All but the name is optional."""

    id: ClientId
    given_name: str = field(validator=line(100), repr=False)
    family_name: str | None = field(default=None, validator=optional(line(100)), repr=False)
    display_name: str | None = field(default=None, validator=optional(line(200)), repr=False)
    external_id: str | None = field(default=None, validator=optional(line(100)), repr=False)
    email: str | None = field(default=None, validator=optional(is_email), repr=False)
    phone: str | None = field(default=None, validator=optional(is_phone), repr=False)
    birth_date: date | None = field(default=None, validator=optional(_birth_date), repr=False)
    address: Address = field(default=Address(), repr=False)
    emergency_contact: EmergencyContact | None = field(default=None, repr=False)
    language: str | None = field(default=None, validator=optional(is_language))
    timezone: str | None = field(default=None, validator=is_timezone)
    status: ClientStatus = ClientStatus.ACTIVE
    extra: tuple[tuple[str, str], ...] = field(default=(), validator=_extra, repr=False)

    belongs_to = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """An external id names one client."""
        return () if self.external_id is None else (Unique("external_id", self.external_id),)

    @property
    def name(self) -> str:
        """The name as displayed."""
        return self.display_name or " ".join(filter(None, (self.given_name, self.family_name)))

    @property
    def is_active(self) -> bool:
        """Whether the client is served; archived counts as inactive (MSG-2)."""
        return self.status is _SERVED


class Reach(Enum):
    """How far a permission goes (PPL-3); of a calendar, *assigned* means one's own."""

    NONE = "none"
    ASSIGNED = "assigned"
    EVERYTHING = "everything"

    def covers(self, *, assigned: bool) -> bool:
        """Whether it reaches somebody who is, or is not, on one's roster."""
        return self is _EVERYTHING or (self is _ASSIGNED and assigned)


_EVERYTHING, _ASSIGNED = Reach.EVERYTHING, Reach.ASSIGNED


@frozen(kw_only=True)
class Permissions:
    """What a staff member may do (PPL-3). The default is nothing."""

    view_clients: Reach = Reach.NONE
    edit_clients: Reach = Reach.NONE
    view_documentation: Reach = Reach.NONE
    edit_documentation: Reach = Reach.NONE
    view_calendar: Reach = Reach.NONE
    edit_calendar: Reach = Reach.NONE
    billing: bool = False
    practice_settings: bool = False


OWNER_PERMISSIONS = Permissions(
    view_clients=Reach.EVERYTHING,
    edit_clients=Reach.EVERYTHING,
    view_documentation=Reach.EVERYTHING,
    edit_documentation=Reach.EVERYTHING,
    view_calendar=Reach.EVERYTHING,
    edit_calendar=Reach.EVERYTHING,
    billing=True,
    practice_settings=True,
)


class StaffStatus(Enum):
    """Whether somebody works here."""

    ACTIVE = "active"
    LEFT = "left"


_WORKING = StaffStatus.ACTIVE


@frozen(kw_only=True)
class StaffMember:
    """Somebody who works for the practice (PPL-3); a *Practitioner* is one who sees clients."""

    id: StaffId
    name: str = field(validator=line(200), repr=False)
    email: str | None = field(default=None, validator=optional(is_email), repr=False)
    role: str = field(default="practitioner", validator=line(60))
    permissions: Permissions = Permissions()
    takes_messages: bool = field(default=True, validator=flag)
    status: StaffStatus = StaffStatus.ACTIVE

    belongs_to = None
    claims = ()

    @property
    def is_active(self) -> bool:
        """Whether they still work here."""
        return self.status is _WORKING


@frozen(kw_only=True)
class Assignment:
    """That a client is on a staff member's roster (PPL-4). Belongs to the client."""

    client_id: ClientId
    staff_id: StaffId
    since: Moment = field(validator=is_moment)
    until: Moment | None = field(default=None, validator=optional(is_moment))

    claims = ()

    @property
    def id(self) -> str:
        """The pair."""
        return f"{self.client_id}/{self.staff_id}"

    @property
    def belongs_to(self) -> ClientId:
        """The client is rewritten whenever their roster changes."""
        return self.client_id

    @property
    def is_current(self) -> bool:
        """Whether the client is on the roster now."""
        return self.until is None


@frozen(kw_only=True)
class ClientAdded:
    """A client joined the list."""

    client_id: ClientId


@frozen(kw_only=True)
class ClientChanged:
    """A client's record or settings changed."""

    client_id: ClientId


@frozen(kw_only=True)
class ClientArchived:
    """A client is no longer served."""

    client_id: ClientId


@frozen(kw_only=True)
class StaffAdded:
    """A staff member joined."""

    staff_id: StaffId


@frozen(kw_only=True)
class StaffChanged:
    """A staff member's permissions, role or openness to messages changed."""

    staff_id: StaffId


@frozen(kw_only=True)
class ClientAssigned:
    """A client came onto a staff member's roster."""

    client_id: ClientId
    staff_id: StaffId
    at: Moment


@frozen(kw_only=True)
class ClientUnassigned:
    """A client left a staff member's roster."""

    client_id: ClientId
    staff_id: StaffId
    at: Moment


PeopleEvent: TypeAlias = (
    ClientAdded
    | ClientChanged
    | ClientArchived
    | StaffAdded
    | StaffChanged
    | ClientAssigned
    | ClientUnassigned
)


def after_archiving(client: Client, _: ClientArchived) -> Client:
    """The client once archived."""
    return evolve(client, status=ClientStatus.ARCHIVED)
