"""Mailers that need no service: a folder of .eml files, and a list in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from attrs import define, field, frozen

from clientportal.errors import AdapterError, ConfigurationError
from clientportal.ports.mail import Mail, message_of


@frozen
class FolderMailer:
    """Writes each mail into *folder* as one file, whole or not at all.

    The file is named after the Message-ID, so delivering a mail again changes nothing (OUT-1).
    """

    folder: Path = field(converter=Path)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> FolderMailer:
        """The mailer for ``path``, a folder that is made when the first mail comes."""
        if not settings.get("path"):
            raise ConfigurationError("missing_setting", "give the mailer `folder` a `path`")
        return cls(settings["path"])

    def deliver(self, mail: Mail) -> None:
        """Write *mail* down. Raises `AdapterError` (`mail_folder`, to be tried again)."""
        name = sha256(mail.message_id.encode()).hexdigest()[:32]
        path = self.folder / f"{name}.eml"
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():
                _write(path, bytes(message_of(mail)))
        except OSError as error:
            raise AdapterError("mail_folder", retryable=True) from error


def _write(path: Path, text: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink(missing_ok=True)
        raise


@define
class MemoryMailer:
    """Keeps what was delivered, in order, each Message-ID once."""

    delivered: list[Mail] = field(factory=list, repr=False)

    def deliver(self, mail: Mail) -> None:
        """Keep *mail*."""
        if all(mail.message_id != other.message_id for other in self.delivered):
            self.delivered.append(mail)
