"""Ids: a prefix per noun and a `str` beneath, checked when built.

A `ConversationId` where an `InviteId` is due fails at the edge, not in a query.
"""

from __future__ import annotations

import re
from typing import ClassVar, Final, Self

from clientportal.errors import MalformedError, Problem

_TAIL: Final = re.compile(r"[0-9a-z][0-9a-z-]{0,62}\Z", re.ASCII)


class Id(str):
    """What identifies one thing within a practice: a prefix, then 1 to 63 of ``0-9 a-z -``.

    Raises `MalformedError` (`invalid_id`) when built from anything else.
    """

    __slots__ = ()
    prefix: ClassVar[str]
    noun: ClassVar[str]

    def __init_subclass__(cls) -> None:
        """The noun an id names is told by its class: `StaffId` names a staff member."""
        name = cls.__name__.removesuffix("Id").lower()
        cls.noun = {"staff": "staff_member"}.get(name, name)

    def __new__(cls, value: str) -> Self:
        """The id that *value* spells, or is."""
        if type(value) is cls:
            return value
        if isinstance(value, Id) or not cls._fits(value):
            advice = f"give `{cls.prefix}` and up to 63 of 0-9, a-z and -"
            raise MalformedError(Problem(cls.__name__, "invalid_id", advice))
        return str.__new__(cls, value)

    @classmethod
    def _fits(cls, value: str) -> bool:
        text: object = value  # whatever the caller's annotations promise
        if not isinstance(text, str) or not text.startswith(cls.prefix):
            return False
        return _TAIL.match(value, len(cls.prefix)) is not None

    @classmethod
    def stored(cls, value: str) -> Self:
        """The id in *value*, which this library checked when it stored it."""
        return str.__new__(cls, value)

    @classmethod
    def of(cls, tail: str) -> Self:
        """The id whose part after the prefix is *tail*, as `new_id` makes it."""
        return cls(f"{cls.prefix}{tail}")


class PracticeId(Id):
    """Identifies a practice."""

    __slots__ = ()
    prefix = "prc_"


class ClientId(Id):
    """Identifies a client."""

    __slots__ = ()
    prefix = "cli_"


class StaffId(Id):
    """Identifies a staff member."""

    __slots__ = ()
    prefix = "stf_"


class AccountId(Id):
    """Identifies an account."""

    __slots__ = ()
    prefix = "acc_"


class SessionId(Id):
    """Identifies a session, a stay between signing in and out."""

    __slots__ = ()
    prefix = "ses_"


class InviteId(Id):
    """Identifies an invite."""

    __slots__ = ()
    prefix = "inv_"


class ServiceId(Id):
    """Identifies a service."""

    __slots__ = ()
    prefix = "svc_"


class HoldId(Id):
    """Identifies a hold, a time kept for a client while they fill in a form."""

    __slots__ = ()
    prefix = "hld_"


class AppointmentId(Id):
    """Identifies an appointment."""

    __slots__ = ()
    prefix = "apt_"


class ConversationId(Id):
    """Identifies a conversation."""

    __slots__ = ()
    prefix = "cnv_"


class MessageId(Id):
    """Identifies a message."""

    __slots__ = ()
    prefix = "msg_"


class DocumentId(Id):
    """Identifies a document."""

    __slots__ = ()
    prefix = "doc_"


class ContactId(Id):
    """Identifies a contact, a person who is no client."""

    __slots__ = ()
    prefix = "con_"


class RelationshipId(Id):
    """Identifies a relationship."""

    __slots__ = ()
    prefix = "rel_"


class EntryId(Id):
    """Identifies an audit record."""

    __slots__ = ()
    prefix = "ent_"
