"""What works with no service: memory, folders, development keys, rooms in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clientportal.embedded.files import FolderFiles, MemoryFiles
from clientportal.embedded.keys import DevelopmentKeys
from clientportal.embedded.mail import FolderMailer, MemoryMailer
from clientportal.embedded.video import BrowserRooms, NoRooms
from clientportal.ports.files import Files
from clientportal.ports.hookspecs import Adapter, hookimpl
from clientportal.ports.keys import Keys
from clientportal.ports.mail import Mailer
from clientportal.ports.storage import Storage
from clientportal.ports.video import Video


def _memory_storage(_: Mapping[str, Any]) -> Storage:
    from clientportal.embedded.memory import MemoryStorage

    return MemoryStorage()


@hookimpl
def clientportal_adapters() -> list[Adapter[Any]]:
    """What comes with the library."""
    return [
        Adapter(Storage, "memory", _memory_storage),
        Adapter(Mailer, "folder", FolderMailer.from_settings),
        Adapter(Mailer, "memory", lambda _: MemoryMailer()),
        Adapter(Files, "folder", FolderFiles.from_settings),
        Adapter(Files, "memory", lambda _: MemoryFiles()),
        Adapter(Keys, "development", DevelopmentKeys.from_settings),
        Adapter(Video, "browser", BrowserRooms.from_settings),
        Adapter(Video, "none", lambda _: NoRooms()),
    ]
