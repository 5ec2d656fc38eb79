"""The engine of a practice's client portal.

Three verbs: `Portal.ask` (may I?), `Portal.do` (do it), `Portal.look` (show me). What can be done
is in `clientportal.commands`, what can be shown in `clientportal.views`; `open_portal` puts all of
it together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clientportal.parts import Parts as Parts
    from clientportal.parts import open_portal as open_portal
    from clientportal.plugins import discover as discover
    from clientportal.portal import AsyncPortal as AsyncPortal
    from clientportal.portal import Portal as Portal
    from clientportal.relay import Relay as Relay

__version__ = "0.1.0"

_FACE = {
    "AsyncPortal": "clientportal.portal",
    "Parts": "clientportal.parts",
    "Portal": "clientportal.portal",
    "Relay": "clientportal.relay",
    "discover": "clientportal.plugins",
    "open_portal": "clientportal.parts",
}

__all__ = ["AsyncPortal", "Parts", "Portal", "Relay", "discover", "open_portal"]


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name in _FACE:
        return getattr(import_module(_FACE[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
