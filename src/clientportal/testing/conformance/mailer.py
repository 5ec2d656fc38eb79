"""The kit for mailers: what each must do with a mail.

An adapter writes this, and nothing else::

    class TestMine(MailerKit):
        @pytest.fixture
        def mailer(self): ...

        @pytest.fixture
        def received(self): return lambda: [...]  # what arrived, as bytes, in any order

        @pytest.fixture
        def broken(self): ...  # a mailer whose outside world is out of reach, or None
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar, Final, TypeAlias

import pytest
from attrs import evolve

from clientportal.errors import AdapterError, MalformedError
from clientportal.ports.mail import Mail, Mailer

Received: TypeAlias = Callable[[], Sequence[bytes]]

MAIL: Final = Mail(
    message_id="inv_1.1@riverside.example",
    sender="portal@riverside.example",
    recipient="ann@example.org",
    subject="Your portal",
    text="Welcome.\n\nhttps://riverside.example/i/abc",
    at=datetime(2026, 3, 2, 14, tzinfo=UTC),
)
UNICODE: Final = "Zo\u00eb \u2013 \u05e9\u05dc\u05d5\u05dd \U0001f9d1\u200d\u2695\ufe0f"


class MailerKit:
    """What a mailer must pass.

    *repeats* is whether the same Message-ID delivered again may arrive again; the outside world
    tells them apart by it (OUT-1).
    """

    repeats: ClassVar[bool] = False

    def test_delivered_once(self, mailer: Mailer, received: Received) -> None:
        """One call is one mail to one recipient, with its subject, text and Message-ID."""
        mailer.deliver(MAIL)
        (message,) = _messages(received)
        assert message["To"] == MAIL.recipient
        assert message["From"] == MAIL.sender
        assert message["Subject"] == MAIL.subject
        assert message["Message-ID"] == f"<{MAIL.message_id}>"
        assert parsedate_to_datetime(message["Date"]) == MAIL.at
        assert _text(message) == MAIL.text
        assert {"Cc", "Bcc", "Reply-To"}.isdisjoint(message)

    def test_each_mail_arrives(self, mailer: Mailer, received: Received) -> None:
        """Mails of different Message-IDs are different mails, however alike."""
        names = [f"m{n}@riverside.example" for n in range(5)]
        for name in names:
            mailer.deliver(evolve(MAIL, message_id=name))
        assert sorted(m["Message-ID"] for m in _messages(received)) == [f"<{n}>" for n in names]

    def test_the_same_again(self, mailer: Mailer, received: Received) -> None:
        """Delivering again is the same mail: it arrives once, or as its own twin (OUT-1)."""
        for _ in range(3):
            mailer.deliver(MAIL)
        found = _messages(received)
        assert len(found) == (3 if self.repeats else 1)
        assert len({(m["Message-ID"], m["Subject"], _text(m)) for m in found}) == 1

    @pytest.mark.parametrize(
        "text", [UNICODE, "x" * 5_000, ".\n..\n.x", "From here\n>From", "\ttab"]
    )
    def test_text_arrives_as_it_was_written(
        self, mailer: Mailer, received: Received, text: str
    ) -> None:
        """Letters of all scripts, long lines, lonely dots and ``From`` come through unharmed."""
        mailer.deliver(evolve(MAIL, text=text, subject=UNICODE))
        (message,) = _messages(received)
        assert _text(message) == text
        assert message["Subject"] == UNICODE

    def test_html_is_beside_the_text(self, mailer: Mailer, received: Received) -> None:
        """A mail with HTML has its plain text too (OUT-2)."""
        mailer.deliver(evolve(MAIL, html=f"<p>{UNICODE}</p>"))
        (message,) = _messages(received)
        html = message.get_body(("html",))
        assert html is not None
        assert html.get_content().strip() == f"<p>{UNICODE}</p>"
        assert _text(message) == MAIL.text

    @pytest.mark.parametrize("field", ["subject", "sender", "recipient", "message_id"])
    @pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x00", "\x0b", "\u2028", "\x85"])
    def test_no_header_is_smuggled_in(self, field: str, end: str) -> None:
        """What would begin a header of its own never becomes a mail (OUT-2)."""
        with pytest.raises(MalformedError):
            _with(**{field: f"{getattr(MAIL, field)}{end}Bcc: eve@example.org"})

    def test_a_body_makes_no_headers(self, mailer: Mailer, received: Received) -> None:
        """Text that looks like headers stays text."""
        mailer.deliver(evolve(MAIL, text="Bcc: eve@example.org\nSubject: no\n\nx"))
        (message,) = _messages(received)
        assert "Bcc" not in message
        assert message.get_all("Subject") == [MAIL.subject]

    def test_failures_are_told(self, broken: Mailer | None) -> None:
        """What cannot be delivered raises `AdapterError`, with a code and nothing personal."""
        if broken is None:
            pytest.skip("this mailer cannot fail")
        with pytest.raises(AdapterError) as raised:
            broken.deliver(MAIL)
        told = f"{raised.value!s} {raised.value!r}"
        assert raised.value.code
        assert MAIL.recipient not in told
        assert MAIL.subject not in told


def _with(**fields: Any) -> Mail:
    return evolve(MAIL, **fields)


def _messages(received: Received) -> list[EmailMessage]:
    return [message_from_bytes(each, policy=policy.default) for each in received()]


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").removesuffix("\n")
