"""Mail: what a mail may hold, how it is written, and the mailers that need no service (OUT-2)."""

from __future__ import annotations

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, Final

import pytest
from attrs import evolve

from clientportal.embedded.mail import FolderMailer, MemoryMailer
from clientportal.errors import AdapterError, ConfigurationError, MalformedError
from clientportal.ports.mail import Mail, message_of

MAIL: Final = Mail(
    message_id="prc_1.17@clientportal",
    sender="portal@riverside.example",
    recipient="ann@example.org",
    subject="Riverside: your client portal",
    text="Grüße\n\nhttps://portal.example/" + "x" * 300 + "\n",
    html="<p>Grüße</p>\n",
    at=datetime(2026, 3, 1, 12, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("subject", "Hello\r\nBcc: eve@example.org", "invalid_text"),
        ("subject", "Hello\nthere", "invalid_text"),
        ("subject", "Hello\x00", "invalid_text"),
        ("subject", "Hello\x85there", "invalid_text"),
        ("subject", "Hello\u2028there", "invalid_text"),
        ("subject", "", "text_empty"),
        ("subject", "x" * 201, "text_too_long"),
        ("recipient", "ann@example.org, eve@example.org", "invalid_email"),
        ("recipient", "ann@example.org\nBcc: eve@example.org", "invalid_email"),
        ("recipient", "ann@example.org\n", "invalid_email"),
        ("recipient", "Ann <ann@example.org>", "invalid_email"),
        ("recipient", "", "invalid_email"),
        ("sender", "portal", "invalid_email"),
        ("text", "bell \x07", "invalid_text"),
        ("text", "\x1b[31mred", "invalid_text"),
        ("html", "<p>\x00</p>", "invalid_text"),
        ("message_id", "a b@c", "invalid_id"),
        ("message_id", "a@b\r\nX: y", "invalid_id"),
        ("message_id", "a", "invalid_id"),
        ("message_id", None, "invalid_id"),
        ("message_id", "é@b", "invalid_id"),
        ("at", datetime(2026, 3, 1), "invalid_moment"),  # noqa: DTZ001 - naive is the fault
    ],
)
def test_a_mail_is_clean(field: str, value: Any, code: str) -> None:
    """One recipient, one line of subject, no control characters anywhere (OUT-2)."""
    with pytest.raises(MalformedError) as caught:
        evolve(MAIL, **{field: value})
    assert caught.value.code == code


def test_brackets_of_a_message_id_are_dropped() -> None:
    """With or without angle brackets it is the same Message-ID."""
    assert evolve(MAIL, message_id="<prc_1.17@clientportal>") == MAIL


def test_a_mail_is_not_shown() -> None:
    """The repr of a mail holds its id and date, nothing of the person."""
    assert "ann" not in repr(MAIL)
    assert "Gr" not in repr(MAIL)


def test_a_message_reads_back() -> None:
    """Text and HTML, one recipient, the stable Message-ID, no line above 998 octets."""
    written = bytes(message_of(MAIL))
    read = message_from_bytes(written, policy=policy.default)
    assert read["Message-ID"] == "<prc_1.17@clientportal>"
    assert read.get_all("To") == ["ann@example.org"]
    assert read["Subject"] == MAIL.subject
    assert read["Date"] == "Sun, 01 Mar 2026 12:00:00 +0000"
    assert read["Auto-Submitted"] == "auto-generated"
    text, html = read.get_body(("plain",)), read.get_body(("html",))
    assert text is not None
    assert html is not None
    assert text.get_content().replace("\r\n", "\n") == MAIL.text
    assert html.get_content().replace("\r\n", "\n") == MAIL.html
    assert max(len(line) for line in written.splitlines()) <= 998


def test_a_message_is_the_same_bytes_each_time() -> None:
    """Made again, it is the same mail to the last byte (OUT-1)."""
    assert bytes(message_of(MAIL)) == bytes(message_of(evolve(MAIL)))
    assert bytes(message_of(evolve(MAIL, html=None, at=None))).count(b"Content-Type") == 1


def test_a_folder_gets_one_file_for_each_mail(tmp_path: Path) -> None:
    """One .eml file for each Message-ID, however often it is delivered (OUT-1)."""
    mailer = FolderMailer(tmp_path / "new" / "mail")
    mailer.deliver(MAIL)
    mailer.deliver(evolve(MAIL, subject="Something else"))
    mailer.deliver(evolve(MAIL, message_id="prc_1.18@clientportal"))
    files = sorted((tmp_path / "new" / "mail").iterdir())
    assert len(files) == 2
    assert {file.suffix for file in files} == {".eml"}
    assert bytes(message_of(MAIL)) in {file.read_bytes() for file in files}
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    """What the system refuses is an `AdapterError` that says to try again, and leaves nothing."""
    (tmp_path / "mail").write_text("a file, no folder")
    with pytest.raises(AdapterError) as caught:
        FolderMailer(tmp_path / "mail").deliver(MAIL)
    assert (caught.value.code, caught.value.retryable) == ("mail_folder", True)
    assert [path.name for path in tmp_path.iterdir()] == ["mail"]


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """A mail that does not fit is tried again, and no half of it stays."""
    resource = pytest.importorskip("resource", reason="this system has no limits for files")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(AdapterError, match="mail_folder"):
            FolderMailer(tmp_path).deliver(MAIL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert list(tmp_path.iterdir()) == []


def test_the_folder_must_be_named(tmp_path: Path) -> None:
    """A mailer without its folder is a wrong setting."""
    assert FolderMailer.from_settings({"path": str(tmp_path)}) == FolderMailer(tmp_path)
    with pytest.raises(ConfigurationError, match="missing_setting"):
        FolderMailer.from_settings({})


def test_memory_keeps_each_mail_once() -> None:
    """In the order of delivery, each Message-ID once."""
    mailer = MemoryMailer()
    other = evolve(MAIL, message_id="prc_1.18@clientportal")
    for mail in (MAIL, other, MAIL):
        mailer.deliver(mail)
    assert mailer.delivered == [MAIL, other]
