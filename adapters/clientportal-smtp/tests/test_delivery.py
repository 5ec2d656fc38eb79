"""Delivery to a real server: what arrives, and what each of its answers means."""

from __future__ import annotations

import socket
import ssl
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from attrs import evolve
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from clientportal.domain.accounts import Secret
from clientportal.errors import AdapterError
from clientportal.ports.mail import Mail
from clientportal_smtp import SmtpMailer

pytestmark = pytest.mark.ci

HOST: Final = "127.0.0.1"
MAIL: Final = Mail(
    message_id="prc_1.17@clientportal",
    sender="portal@riverside.example",
    recipient="canary@example.org",
    subject="Riverside: your client portal — welcome",
    text="Grüße\n.\n..\nFrom here\n",
    html="<p>Grüße</p>\n",
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
)


class Post:
    """Keeps what arrives; answers each step as it was told."""

    def __init__(self, **answers: str) -> None:
        self.answers = answers
        self.arrived: list[Any] = []

    async def handle_MAIL(self, *args: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Answer the sender."""
        _, _, envelope, address, options = args
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("mail", "250 OK")

    async def handle_RCPT(self, *args: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Answer the recipient."""
        _, _, envelope, address, _ = args
        envelope.rcpt_tos.append(address)
        return self.answers.get("rcpt", "250 OK")

    async def handle_DATA(self, *args: Any) -> str:  # noqa: N802 - the name that aiosmtpd calls
        """Answer the mail itself."""
        self.arrived.append(args[2])
        return self.answers.get("data", "250 OK")


@contextmanager
def serving(post: Post, **settings: Any) -> Iterator[int]:
    """A server on a free port of this machine."""
    with closing(socket.create_server((HOST, 0))) as free:
        port = free.getsockname()[1]
    controller = Controller(post, hostname=HOST, port=port, **settings)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def plain(port: int) -> SmtpMailer:
    """A mailer to this machine without TLS."""
    return SmtpMailer(host=HOST, port=port, tls="none", timeout=10)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for this machine and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, HOST)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    path.write_bytes(
        key.private_bytes(pem, private, serialization.NoEncryption()) + made.public_bytes(pem)
    )
    return path


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    """How the server speaks TLS."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    """Trusts that server."""
    return ssl.create_default_context(cafile=str(certificate))


def test_a_mail_arrives_as_it_was() -> None:
    """One recipient, both bodies, and the same Message-ID each time (OUT-1, OUT-2)."""
    post = Post()
    with serving(post) as port:
        plain(port).deliver(MAIL)
        plain(port).deliver(MAIL)
    first, second = post.arrived
    assert first.rcpt_tos == ["canary@example.org"]
    assert first.mail_from == "portal@riverside.example"
    assert first.content == second.content
    message = message_from_bytes(first.content, policy=policy.default)
    assert message["Message-ID"] == "<prc_1.17@clientportal>"
    assert message["Subject"] == MAIL.subject
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().replace("\r\n", "\n") == MAIL.html


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
@pytest.mark.parametrize(
    ("answer", "code", "retryable"),
    [
        ("421 try later", "mail_deferred", True),
        ("450 canary@example.org is busy", "mail_deferred", True),
        ("452 full", "mail_deferred", True),
        ("550 no such person canary@example.org", "mail_refused", False),
        ("554 canary@example.org: spam", "mail_refused", False),
    ],
)
def test_what_the_server_answers_decides_about_trying_again(
    step: str, answer: str, code: str, retryable: bool
) -> None:
    """4xx is worth another try, 5xx is not; and no error repeats the address (G25)."""
    with serving(Post(**{step: answer})) as port, pytest.raises(AdapterError) as caught:
        plain(port).deliver(MAIL)
    assert (caught.value.code, caught.value.retryable) == (code, retryable)
    assert caught.value.__cause__ is not None
    assert "canary" not in "".join(traceback.format_exception(caught.value))


def test_an_international_address_needs_the_server(certificate: Path) -> None:
    """It arrives where the server speaks SMTPUTF8; elsewhere `mail_unsupported`."""
    mail = evolve(MAIL, recipient="änn@example.org")
    post = Post()
    with serving(post, enable_SMTPUTF8=True) as port:
        plain(port).deliver(mail)
    assert post.arrived[0].rcpt_tos == ["änn@example.org"]
    with serving(Post(), enable_SMTPUTF8=False) as port, pytest.raises(AdapterError) as caught:
        plain(port).deliver(mail)
    assert (caught.value.code, caught.value.retryable) == ("mail_unsupported", False)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_goes_over_tls_with_a_login(
    tls: str, server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    """Both kinds of TLS, the login after it; a wrong password is not tried again."""
    seen: list[bytes] = []

    def authenticate(*args: Any) -> AuthResult:
        seen.append(args[4].password)
        return AuthResult(success=args[4].password == b"right", handled=False)

    settings: dict[str, Any] = (
        {"tls_context": server_tls, "require_starttls": True, "auth_required": True}
        if tls == "starttls"
        else {"ssl_context": server_tls, "auth_require_tls": False}
    )
    post = Post()
    mailer = SmtpMailer(
        host=HOST,
        port=1,
        tls=tls,
        context=client_tls,
        username="portal",
        password=Secret("right"),
        timeout=10,
    )
    with serving(post, authenticator=authenticate, **settings) as port:
        evolve(mailer, port=port).deliver(MAIL)
        with pytest.raises(AdapterError) as caught:
            evolve(mailer, port=port, password=Secret("wrong")).deliver(MAIL)
    assert len(post.arrived) == 1
    assert (caught.value.code, caught.value.retryable) == ("mail_login_refused", False)
    assert set(seen) == {b"right", b"wrong"}


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_a_certificate_must_be_trusted(tls: str, server_tls: ssl.SSLContext) -> None:
    """A server that anybody could have put there gets neither mail nor password."""
    post = Post()
    settings: dict[str, Any] = (
        {"tls_context": server_tls} if tls == "starttls" else {"ssl_context": server_tls}
    )
    mailer = SmtpMailer(
        host=HOST, port=1, tls=tls, username="a", password=Secret("canary"), timeout=10
    )
    with serving(post, **settings) as port, pytest.raises(AdapterError) as caught:
        evolve(mailer, port=port).deliver(MAIL)
    assert (caught.value.code, caught.value.retryable) == ("mail_untrusted", False)
    assert post.arrived == []


def test_starttls_is_not_optional() -> None:
    """A server that does not offer it gets no mail."""
    post = Post()
    mailer = SmtpMailer(host=HOST, port=1, timeout=10)
    with serving(post) as port, pytest.raises(AdapterError) as caught:
        evolve(mailer, port=port).deliver(MAIL)
    assert (caught.value.code, caught.value.retryable) == ("mail_unsupported", False)
    assert post.arrived == []


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(b"", id="hangs up at once"),
        pytest.param(b"220 hello\r\n", id="hangs up after its greeting"),
        pytest.param(b"421 busy\r\n", id="is busy"),
        pytest.param(b"HTTP/1.1 400 Bad Request\r\n\r\n", id="speaks something else"),
    ],
)
def test_a_connection_that_breaks_is_tried_again(said: bytes) -> None:
    """Whatever the network does, the mail may be taken later."""
    with socket.create_server((HOST, 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(said)

        beside = threading.Thread(target=serve)
        beside.start()
        with pytest.raises(AdapterError) as caught:
            plain(server.getsockname()[1]).deliver(MAIL)
        beside.join()
    assert caught.value.retryable
    assert caught.value.code in {"mail_unreachable", "mail_deferred"}


def test_a_server_that_says_nothing_costs_the_timeout() -> None:
    """Nobody waits for ever."""
    with socket.create_server((HOST, 0)) as server, pytest.raises(AdapterError) as caught:
        evolve(plain(server.getsockname()[1]), timeout=0.2).deliver(MAIL)
    assert (caught.value.code, caught.value.retryable) == ("mail_unreachable", True)
