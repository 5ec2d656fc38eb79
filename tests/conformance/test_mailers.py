"""The mailers that need no service pass the kit that every mailer must pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from clientportal.embedded.mail import FolderMailer, MemoryMailer
from clientportal.ports.mail import message_of
from clientportal.testing.conformance.mailer import MailerKit, Received


class TestFolder(MailerKit):
    """A folder of files."""

    @pytest.fixture
    def mailer(self, tmp_path: Path) -> FolderMailer:
        """In a folder that is not there yet."""
        return FolderMailer(tmp_path / "mail")

    @pytest.fixture
    def received(self, tmp_path: Path) -> Received:
        """The files."""
        return lambda: [each.read_bytes() for each in (tmp_path / "mail").iterdir()]

    @pytest.fixture
    def broken(self, tmp_path: Path) -> FolderMailer:
        """Where a file is in the way of the folder."""
        (tmp_path / "file").write_text("x")
        return FolderMailer(tmp_path / "file")


class TestMemory(MailerKit):
    """A list."""

    @pytest.fixture
    def mailer(self) -> MemoryMailer:
        """An empty one."""
        return MemoryMailer()

    @pytest.fixture
    def received(self, mailer: MemoryMailer) -> Received:
        """What would have been sent."""
        return lambda: [bytes(message_of(each)) for each in mailer.delivered]

    @pytest.fixture
    def broken(self) -> None:
        """Memory is always within reach."""
        return
