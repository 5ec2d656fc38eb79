"""What runs a portal, put together from URLs: the composition root."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from attrs import Factory, field, frozen

from clientportal.embedded.clock import RANDOM_BYTES, utc_now, uuid7
from clientportal.plugins import Plugins, discover
from clientportal.ports.clock import Clock
from clientportal.ports.files import Files
from clientportal.ports.keys import Keys
from clientportal.ports.mail import Mailer
from clientportal.ports.storage import Storage
from clientportal.ports.video import Video
from clientportal.security.passwords import Argon2Parameters, Passwords
from clientportal.workshop import Workshop

if TYPE_CHECKING:
    from clientportal.portal import Portal
    from clientportal.relay import Relay

T = TypeVar("T")

Spec: TypeAlias = str | Mapping[str, Any]


def _beside(url: str, suffix: str) -> str | None:
    """A path beside the SQLite file of *url*, named after it; None where there is no such file."""
    scheme, _, file = url.partition("?")[0].partition(":///")
    path = PurePath(file)
    is_file = scheme == "sqlite" and path.name != "" and path.name[0] != ":"
    return str(path.with_name(path.stem + suffix)) if is_file else None


@frozen(kw_only=True)
class Parts:
    """What runs a portal, put together from URLs: storage, mailer, workshop, and the portal.

    *url* names the storage, such as ``sqlite:///riverside.db`` or ``memory:``. *mail*, *files* and
    *keys* are such as ``folder:mail``, or settings with that as ``url``; left out, they lie beside
    the file of ``sqlite:///``: ``riverside-mail/``, ``riverside-files/``, ``riverside.keys.json``;
    with every other storage they are in memory. *video* is such as
    ``browser:https://meet.example/``; left out, there are no rooms (`no_video_service`).
    Raises `ConfigurationError`.
    """

    url: str = field(repr=False)  # it may say who signs in, and how
    mail: Spec | None = field(default=None, repr=False)
    files: Spec | None = field(default=None, repr=False)
    keys: Spec | None = field(default=None, repr=False)
    video: Spec | None = field(default=None, repr=False)
    clock: Clock = field(default=utc_now, repr=False)
    random_bytes: Callable[[int], bytes] = field(default=os.urandom, repr=False)
    argon2: Argon2Parameters = Argon2Parameters()
    plugins: Plugins = field(factory=discover, repr=False)
    storage: Storage = field(
        init=False, repr=False, default=Factory(lambda self: self._storage(), takes_self=True)
    )
    mailer: Mailer = field(
        init=False, repr=False, default=Factory(lambda self: self._mailer(), takes_self=True)
    )
    workshop: Workshop = field(
        init=False, repr=False, default=Factory(lambda self: self._workshop(), takes_self=True)
    )
    portal: Portal = field(
        init=False, repr=False, default=Factory(lambda self: self._portal(), takes_self=True)
    )

    def _storage(self) -> Storage:
        return self._built(Storage, self.url)

    def _mailer(self) -> Mailer:
        return self._built(Mailer, self.mail or self._usual("-mail"))

    def _workshop(self) -> Workshop:
        usual = _beside(self.url, ".keys.json") or ""
        return Workshop(
            passwords=Passwords(parameters=self.argon2, random_bytes=self.random_bytes),
            keys=self._built(Keys, self.keys or f"development:{usual}"),
            files=self._built(Files, self.files or self._usual("-files")),
            video=self._built(Video, self.video or "none:"),
            random_bytes=self.random_bytes,
        )

    def _portal(self) -> Portal:
        from clientportal.portal import Portal
        from clientportal.serialization import wire_of

        return Portal(
            storage=self.storage,
            clock=self.clock,
            new_id=self.new_id,
            wire=wire_of(),
            workshop=self.workshop,
            rules=self.plugins.rules,
        )

    def relay(self, *, sender: str, link_base: str) -> Relay:
        """The relay that delivers what the portal brings about (OUT-1).

        Mails come from the address *sender*; the text of an invite's link is put after
        *link_base*, such as ``https://portal.example/invite/``.
        """
        from clientportal.relay import Relay
        from clientportal.serialization import event_of, make_converter

        return Relay(
            portal=self.portal,
            mailer=self.mailer,
            sign_link=self.workshop.sign_link,
            event_of=partial(event_of, converter=make_converter()),
            sender=sender,
            link_base=link_base,
            subscribers=self.plugins.subscribers,
        )

    def new_id(self) -> str:
        """The tail of a fresh id: a UUID of version 7."""
        return uuid7(self.clock(), self.random_bytes(RANDOM_BYTES))

    def _usual(self, suffix: str) -> str:
        path = _beside(self.url, suffix)
        return "memory:" if path is None else f"folder:{path}"

    def _built(self, port: Callable[..., T], spec: Spec) -> T:
        settings = {"url": spec} if isinstance(spec, str) else dict(spec)
        name, _, rest = str(settings.get("url", "")).partition(":")
        own = {"path": rest, "random_bytes": self.random_bytes}
        return self.plugins.choose(port, name).build({**own, **settings})


def open_portal(url: str, *, create: bool = False, **parts: Any) -> Portal:
    """The portal over the storage at *url*, such as ``sqlite:///riverside.db`` or ``memory:``.

    With *create*, the storage is made ready first: a new file, or one of an older version. The
    other *parts* are the arguments of `Parts`.
    """
    made = Parts(url=url, **parts)
    if create:
        made.storage.create()
    return made.portal
