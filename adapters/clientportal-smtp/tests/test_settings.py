"""Settings of the mailer: TLS unless the server is this machine, and no half a login."""

from __future__ import annotations

import socket
from typing import Any, Final

import pytest

from clientportal.domain.accounts import Secret
from clientportal.errors import AdapterError, ConfigurationError
from clientportal.plugins import discover
from clientportal.ports.mail import Mail, Mailer
from clientportal_smtp import SmtpMailer

MAIL: Final = Mail(
    message_id="1@clientportal",
    sender="portal@riverside.example",
    recipient="ann@example.org",
    subject="Hello",
    text="Hello\n",
)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"url": "smtp://mail.example.org"}, ("mail.example.org", 587, "starttls", None)),
        ({"url": "smtp://mail.example.org:2525"}, ("mail.example.org", 2525, "starttls", None)),
        ({"url": "smtps://mail.example.org"}, ("mail.example.org", 465, "implicit", None)),
        ({"url": "smtp://localhost", "tls": "none"}, ("localhost", 25, "none", None)),
        ({"url": "smtp://127.0.0.2:26", "tls": "none"}, ("127.0.0.2", 26, "none", None)),
        ({"url": "smtp://[::1]:26", "tls": "none"}, ("::1", 26, "none", None)),
        (
            {"url": "smtp://ann:p%40ss@mail.example.org"},
            ("mail.example.org", 587, "starttls", "ann"),
        ),
        (
            {"url": "smtp://mail.example.org", "username": "ann", "password": Secret("p@ss")},
            ("mail.example.org", 587, "starttls", "ann"),
        ),
    ],
)
def test_settings_say_how_to_connect(settings: dict[str, Any], expected: tuple[Any, ...]) -> None:
    """The scheme says which TLS, and TLS says which port, unless told otherwise."""
    mailer = SmtpMailer.from_settings(settings)
    assert (mailer.host, mailer.port, mailer.tls, mailer.username) == expected
    if mailer.username is not None:
        assert mailer.password is not None
        assert mailer.password.reveal() == "p@ss"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({}, "invalid_setting"),
        ({"url": ""}, "invalid_setting"),
        ({"url": "mail.example.org"}, "invalid_setting"),
        ({"url": "http://mail.example.org"}, "invalid_setting"),
        ({"url": "smtp://"}, "invalid_setting"),
        ({"url": "smtp://mail.example.org:x"}, "invalid_setting"),
        ({"url": "smtp://mail.example.org:99999"}, "invalid_setting"),
        ({"url": "smtp://[::1"}, "invalid_setting"),
        ({"url": "smtp://mail.example.org", "tls": "some"}, "invalid_setting"),
        ({"url": "smtp://mail.example.org", "username": "ann"}, "invalid_setting"),
        ({"url": "smtp://mail.example.org", "password": "p"}, "invalid_setting"),
        ({"url": "smtp://mail.example.org", "timeout": "soon"}, "invalid_setting"),
        ({"url": "smtp://mail.example.org", "timeout": 0}, "invalid_setting"),
        ({"url": "smtp://mail.example.org", "timeout": float("nan")}, "invalid_setting"),
        ({"url": "smtp://mail.example.org", "tls": "none"}, "insecure_mail"),
        ({"url": "smtp://192.168.1.10", "tls": "none"}, "insecure_mail"),
        ({"url": "smtp://localhost.example.org", "tls": "none"}, "insecure_mail"),
    ],
)
def test_wrong_settings_are_refused(settings: dict[str, Any], code: str) -> None:
    """Before anything is sent: what cannot work, and what would send mail in the clear."""
    with pytest.raises(ConfigurationError) as caught:
        SmtpMailer.from_settings(settings)
    assert caught.value.code == code


def test_a_login_is_not_shown() -> None:
    """The repr of a mailer holds neither user name nor password."""
    mailer = SmtpMailer.from_settings({"url": "smtp://ann:canary@mail.example.org"})
    assert "ann" not in repr(mailer)
    assert "canary" not in repr(mailer)


@pytest.mark.parametrize("name", ["smtp", "smtps"])
def test_the_mailer_is_found_by_the_scheme_of_its_url(name: str) -> None:
    """The adapter registers under both schemes."""
    mailer = discover().choose(Mailer, name).build({"url": f"{name}://mail.example.org"})
    assert isinstance(mailer, SmtpMailer)


def test_nobody_there_is_tried_again() -> None:
    """A port that nobody listens on is `mail_unreachable`."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(AdapterError) as caught:
        SmtpMailer(host="127.0.0.1", port=port, tls="none", timeout=5).deliver(MAIL)
    assert (caught.value.code, caught.value.retryable) == ("mail_unreachable", True)
    assert isinstance(caught.value.__cause__, OSError)
