"""The mail port: one mail to one address, handed to the outside world (OUT-1, OUT-2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, Protocol

from attrs import Attribute, field, frozen
from attrs.validators import optional

from clientportal.domain.moments import Moment, is_moment
from clientportal.domain.texts import is_email, line, prose
from clientportal.errors import MalformedError, Problem

if TYPE_CHECKING:
    from email.message import EmailMessage

_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9._+=/-]{1,120}@[A-Za-z0-9.-]{1,120}\Z", re.ASCII)


def _unbracketed(value: str) -> str:
    return str(value).removeprefix("<").removesuffix(">")


def _is_message_id(_: Any, attribute: Attribute[Any], value: str) -> None:
    if not _MESSAGE_ID.match(value):
        advice = "give something unique, an @ and a domain"
        raise MalformedError(Problem(attribute.name, "invalid_id", advice))


@frozen(kw_only=True)
class Mail:
    """One mail to one *recipient*, as text and optionally as *html* too (OUT-2).

    *message_id* is the same whenever the same mail is delivered again (OUT-1); angle brackets
    around it are dropped. *at* is its date, where known. Control characters are refused:
    `MalformedError` with `invalid_email`, `invalid_text`, `invalid_id`.
    """

    message_id: str = field(converter=_unbracketed, validator=_is_message_id)
    sender: str = field(validator=is_email, repr=False)
    recipient: str = field(validator=is_email, repr=False)
    subject: str = field(validator=line(200), repr=False)
    text: str = field(validator=prose(100_000), repr=False)
    html: str | None = field(default=None, validator=optional(prose(500_000)), repr=False)
    at: Moment | None = field(default=None, validator=optional(is_moment))


class Mailer(Protocol):
    """Hands a mail to the outside world."""

    def deliver(self, mail: Mail) -> None:
        """Deliver *mail*, or raise `AdapterError`; the same Message-ID again is the same mail."""
        ...


def message_of(mail: Mail) -> EmailMessage:
    """*mail* as an RFC 5322 message, the same bytes each time: what every mailer sends."""
    from email import policy
    from email.message import EmailMessage
    from email.utils import format_datetime

    is_ascii = (mail.sender + mail.recipient).isascii()
    message = EmailMessage(policy=policy.SMTP if is_ascii else policy.SMTPUTF8)
    message["Message-ID"] = f"<{mail.message_id}>"
    message["From"] = mail.sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    if mail.at is not None:
        message["Date"] = format_datetime(mail.at)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    if mail.html is not None:
        message.add_alternative(mail.html, subtype="html")
        # made from the id, so that delivering again writes the same bytes
        message.set_boundary(f"=_{mail.message_id.encode().hex()[:48]}")
    return message
