"""Accounts, the portals they open, sessions, and counters of failed tries (PPL-5, INV-8, INV-9).

A login is not a client: merging, archiving or sharing an address never moves a record.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, TypeAlias

from attrs import Attribute, evolve, field, frozen
from attrs.validators import optional

from clientportal.domain.actors import Factor
from clientportal.domain.claims import Claim, Unique
from clientportal.domain.ids import AccountId, ClientId, RelationshipId, SessionId, StaffId
from clientportal.domain.moments import Moment, is_moment
from clientportal.domain.texts import folded, is_email
from clientportal.errors import MalformedError, Problem

SHORTEST_PASSWORD: Final = 15
LONGEST_PASSWORD: Final = 1024
ABSOLUTE: Final = timedelta(hours=12)
IDLE: Final = timedelta(minutes=30)
TOUCH_EVERY: Final = timedelta(minutes=1)
FREE_TRIES: Final = 5
FREE_TRIES_OF_ORIGIN: Final = 50
FIRST_BACK_OFF: Final = timedelta(seconds=30)
LONGEST_BACK_OFF: Final = timedelta(hours=1)
FORGOTTEN_AFTER: Final = timedelta(hours=24)


class Secret:
    """Text that must never be shown, compared or stored: no repr, no equality, no pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        if not isinstance(value, str):
            raise MalformedError(Problem("secret", "invalid_text", "give text"))
        self._value = value

    def reveal(self) -> str:
        """The text itself, for the one who computes with it."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)

    def __reduce__(self) -> Any:
        msg = "a secret is not pickled"
        raise TypeError(msg)


@frozen(kw_only=True)
class Account:
    """A login within one practice. *password* is a PHC string."""

    id: AccountId
    email: str = field(validator=is_email, repr=False)
    password: str = field(repr=False)
    staff_id: StaffId | None = None

    belongs_to = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """One account per address, and one per staff member."""
        email = Unique("email_taken", folded(self.email))
        return (
            (email,) if self.staff_id is None else (email, Unique("staff_account", self.staff_id))
        )


@frozen(kw_only=True)
class Access:
    """That an account opens a client's portal: as the client, or through a relationship as a proxy.

    Belongs to the client.
    """

    client_id: ClientId
    account_id: AccountId
    relationship_id: RelationshipId | None = None
    since: Moment = field(validator=is_moment)
    ended_at: Moment | None = field(default=None, validator=optional(is_moment))

    @property
    def id(self) -> str:
        """The pair."""
        return f"{self.client_id}/{self.account_id}"

    @property
    def belongs_to(self) -> ClientId:
        """The client is rewritten whenever who opens their portal changes."""
        return self.client_id

    @property
    def is_live(self) -> bool:
        """Whether it opens the portal now."""
        return self.ended_at is None

    @property
    def is_own(self) -> bool:
        """Whether it is the client's own."""
        return self.relationship_id is None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """A client has one own account."""
        return (Unique("own_account", self.client_id),) if self.is_live and self.is_own else ()


def is_digest(_: Any, attribute: Attribute[Any], value: str) -> None:
    """Attrs validator: the digest of a token."""
    if len(value) != 64:  # noqa: PLR2004 - SHA-256 in hex
        raise MalformedError(Problem(attribute.name, "invalid_token", "give a digest"))


@frozen(kw_only=True)
class Session:
    """A stay between signing in and out; its token is kept as a digest only (INV-9)."""

    id: SessionId
    account_id: AccountId
    digest: str = field(validator=is_digest, repr=False)
    created_at: Moment = field(validator=is_moment)
    seen_at: Moment = field(validator=is_moment)
    ended_at: Moment | None = field(default=None, validator=optional(is_moment))
    factors: tuple[Factor, ...] = ()

    belongs_to = None

    @property
    def claims(self) -> tuple[Claim, ...]:
        """A token opens one session."""
        return (Unique("session", self.digest),)

    def ends_at(self) -> Moment:
        """When it ends by itself if nobody comes back."""
        return min(self.created_at + ABSOLUTE, self.seen_at + IDLE)

    def is_live(self, now: Moment) -> bool:
        """Whether it opens anything at *now*; a clock set back revives nothing."""
        return self.ended_at is None and self.created_at <= now < self.ends_at()


@frozen(kw_only=True)
class Throttle:
    """How often something secret was tried in vain (INV-5, INV-8). Outside the state digest.

    *id* names what is protected: ``account/…``, ``origin/…``, ``invite/…``.
    """

    id: str
    failures: int = 0
    last_at: Moment = field(validator=is_moment)

    belongs_to = None
    claims = ()

    def retry_at(self, free: int) -> Moment | None:
        """When the next try is welcome: at once for the first *free*, then ever later."""
        if self.failures < free:
            return None
        doublings: int = 2 ** min(self.failures - free, 20)
        return self.last_at + min(FIRST_BACK_OFF * doublings, LONGEST_BACK_OFF)

    def failed(self, now: Moment) -> Throttle:
        """The counter after one more failure; what lies a day back is forgotten."""
        forgotten = now - self.last_at >= FORGOTTEN_AFTER
        failures = 1 if forgotten else self.failures + 1
        return evolve(self, failures=failures, last_at=max(now, self.last_at))


@frozen(kw_only=True)
class SignedIn:
    """Somebody signed in."""

    account_id: AccountId
    session_id: SessionId


@frozen(kw_only=True)
class SignedOut:
    """Somebody signed out."""

    session_id: SessionId


AccountEvent: TypeAlias = SignedIn | SignedOut
