"""A mailer over SMTP: one connection, one mail, and what went wrong in words of ours."""

from __future__ import annotations

import ipaddress
import smtplib
import ssl
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from attrs import field, frozen

from clientportal.domain.accounts import Secret
from clientportal.errors import AdapterError, ConfigurationError
from clientportal.ports.mail import Mail, message_of

Connect: TypeAlias = Callable[["SmtpMailer"], smtplib.SMTP]

_PORTS: Final = {"starttls": 587, "implicit": 465, "none": 25}
_LONGEST_TIMEOUT: Final = 3600
_TEMPORARY: Final = range(400, 500)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _parts_of(text: str) -> tuple[SplitResult, str, int | None]:
    """The URL taken apart, its host and its port."""
    try:
        url = urlsplit(text)
        host, port = url.hostname, url.port
    except ValueError:
        url, host, port = urlsplit(""), None, None
    if not host or url.scheme not in ("smtp", "smtps"):
        raise ConfigurationError("invalid_setting", "give a `url` such as smtp://host:587")
    return url, host, port


def _seconds(value: Any) -> float:
    if type(value) not in (int, float) or not 0 < value <= _LONGEST_TIMEOUT:
        raise ConfigurationError("invalid_setting", "give `timeout` in seconds, an hour at most")
    return float(value)


@frozen(kw_only=True)
class SmtpMailer:
    """Delivers each mail over a connection of its own to *host* and *port*.

    *tls* is ``starttls``, ``implicit``, or ``none``, which only a loopback address may have;
    *context* says which certificates are trusted. *timeout* in seconds holds for every step.
    """

    host: str
    port: int
    tls: str = "starttls"
    username: str | None = field(default=None, repr=False)
    password: Secret | None = field(default=None, repr=False)
    timeout: float = 15.0
    context: ssl.SSLContext | None = field(default=None, repr=False)

    def __attrs_post_init__(self) -> None:
        """Raise `ConfigurationError` for a combination that would send secrets in the clear."""
        if self.tls not in _PORTS:
            raise ConfigurationError("invalid_setting", "give `tls` as starttls, implicit or none")
        if self.tls == "none" and not _is_loopback(self.host):
            raise ConfigurationError("insecure_mail", "use TLS, or a server on this machine")
        if (self.username is None) != (self.password is None):
            raise ConfigurationError("invalid_setting", "give `username` and `password`, or none")

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> SmtpMailer:
        """The mailer for ``url``, such as ``smtp://mail.example.org`` or ``smtps://...``.

        ``tls``, ``username``, ``password`` (text or `Secret`), ``timeout`` and ``context`` may be
        given beside it; a login may also stand in the URL. ``smtp`` means STARTTLS and port 587,
        ``smtps`` implicit TLS and port 465. Raises `ConfigurationError`.
        """
        url, host, port = _parts_of(str(settings.get("url", "")))
        tls = settings.get("tls") or ("implicit" if url.scheme == "smtps" else "starttls")
        username = settings.get("username") or (unquote(url.username) if url.username else None)
        password = settings.get("password") or (unquote(url.password) if url.password else None)
        return cls(
            host=host,
            port=port or _PORTS.get(tls, 0),
            tls=tls,
            username=username,
            password=Secret(password) if isinstance(password, str) else password,
            timeout=_seconds(settings.get("timeout", 15.0)),
            context=settings.get("context"),
        )

    def deliver(self, mail: Mail) -> None:
        """Hand *mail* to the server.

        Raises `AdapterError`, retryable where the same mail may be taken later: `mail_deferred`,
        `mail_unreachable`; not so: `mail_refused`, `mail_login_refused`, `mail_unsupported`,
        `mail_untrusted`. What the server said is not kept, for it repeats the address.
        """
        fault: AdapterError | None = None
        cause: Exception | None = None
        try:
            self._send(mail)
        except (OSError, smtplib.SMTPException) as error:
            fault, cause = _fault_of(error), _without_words(error)
        if fault is not None:
            raise fault from cause

    def _send(self, mail: Mail) -> None:
        connection = _CONNECT[self.tls](self)
        try:
            if self.username is not None and self.password is not None:
                connection.login(self.username, self.password.reveal())
            connection.sendmail(
                mail.sender, [mail.recipient], bytes(message_of(mail)), _options(mail, connection)
            )
        except BaseException:
            connection.close()
            raise
        _part(connection)


def _options(mail: Mail, connection: smtplib.SMTP) -> tuple[str, ...]:
    """What the server must be told of addresses that are not ASCII, if it knows of such."""
    if (mail.sender + mail.recipient).isascii():
        return ()
    connection.ehlo_or_helo_if_needed()
    if not connection.has_extn("smtputf8"):
        raise smtplib.SMTPNotSupportedError
    return "SMTPUTF8", "BODY=8BITMIME"


def _part(connection: smtplib.SMTP) -> None:
    """Say goodbye; the mail was taken, so a server that does not answer any more is no fault."""
    try:
        connection.quit()
    except (OSError, smtplib.SMTPException):
        connection.close()


def _plain(mailer: SmtpMailer) -> smtplib.SMTP:
    return smtplib.SMTP(mailer.host, mailer.port, timeout=mailer.timeout)


def _starttls(mailer: SmtpMailer) -> smtplib.SMTP:
    connection = _plain(mailer)
    try:
        connection.starttls(context=mailer.context or ssl.create_default_context())
    except BaseException:
        connection.close()
        raise
    return connection


def _implicit(mailer: SmtpMailer) -> smtplib.SMTP:
    context = mailer.context or ssl.create_default_context()
    return smtplib.SMTP_SSL(mailer.host, mailer.port, timeout=mailer.timeout, context=context)


_CONNECT: Final[Mapping[str, Connect]] = {
    "starttls": _starttls,
    "implicit": _implicit,
    "none": _plain,
}


def _code_of(error: Exception) -> int | None:
    """The number a server answered with, if it answered."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((int(code) for code, _ in error.recipients.values()), None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _fault_of(error: Exception) -> AdapterError:
    """What *error* means to whoever wants to deliver."""
    code = _code_of(error)
    if code is not None and code in _TEMPORARY:
        return AdapterError("mail_deferred", retryable=True)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return AdapterError("mail_login_refused")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return AdapterError("mail_unsupported")
    if isinstance(error, ssl.SSLCertVerificationError):
        return AdapterError("mail_untrusted")
    if code is not None and code > 0:
        return AdapterError("mail_refused")
    return AdapterError("mail_unreachable", retryable=True)


def _without_words(error: Exception) -> Exception:
    """The same kind of error with its number only."""
    code = _code_of(error)
    if code is not None:
        return smtplib.SMTPResponseException(code, type(error).__name__)
    if isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException):
        return OSError(error.errno, type(error).__name__)
    return smtplib.SMTPException(type(error).__name__)
