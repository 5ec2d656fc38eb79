"""Mail for `clientportal` over SMTP."""

from __future__ import annotations

from typing import Any

from clientportal.ports.hookspecs import Adapter, hookimpl
from clientportal.ports.mail import Mailer
from clientportal_smtp.mailer import SmtpMailer

__all__ = ["SmtpMailer", "clientportal_adapters"]


@hookimpl
def clientportal_adapters() -> list[Adapter[Any]]:
    """The mailers called ``smtp`` and ``smtps``, after the schemes of their URLs."""
    return [Adapter(Mailer, name, SmtpMailer.from_settings) for name in ("smtp", "smtps")]
