"""Video rooms of a service that opens in the browser, and what stands in where there is none."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

from attrs import Attribute, field, frozen

from clientportal.errors import AdapterError, ConfigurationError
from clientportal.ports.video import Seat

_PLAIN: Final = re.compile(r"[!-~]{1,1000}\Z", re.ASCII)
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _is_base(_: Any, __: Attribute[Any], value: object) -> None:
    """A room's name put after it must not end up in the host's name, nor travel in the clear."""
    advice = "give an https address that ends in / or =, such as https://meet.example/"
    if not isinstance(value, str) or not _PLAIN.match(value) or value[-1] not in "/=":
        raise ConfigurationError("invalid_video_base", advice)
    try:
        parts = urlsplit(value)
        host, named = parts.hostname, parts.username
    except ValueError:
        raise ConfigurationError("invalid_video_base", advice) from None
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _HERE)
    if not safe or not host or named is not None or not parts.path.startswith("/"):
        raise ConfigurationError("invalid_video_base", advice)


@frozen
class BrowserRooms:
    """Links to rooms of a service that makes a room of any name, such as a Jitsi Meet.

    A link is *base* and the name, the same for everybody: who is let in is decided before it is
    given, and the name cannot be guessed.
    """

    base: str = field(validator=_is_base)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> BrowserRooms:
        """The rooms under ``path``, such as ``browser:https://meet.example/``."""
        if not settings.get("path"):
            raise ConfigurationError("missing_setting", "give the video `browser` an address")
        return cls(settings["path"])

    def link(self, seat: Seat) -> str:
        """As `Video.link`; nothing is asked of the service."""
        return self.base + seat.room


@frozen
class NoRooms:
    """Where no video service is named: all else works, and nobody is sent anywhere."""

    def link(self, seat: Seat) -> str:  # noqa: ARG002 - there is no room to take a seat in
        """Raises `AdapterError` (`no_video_service`)."""
        raise AdapterError("no_video_service")
