"""The video port: the links into the rooms of a video service (APT-12)."""

from __future__ import annotations

import re
from typing import Any, Final, Protocol

from attrs import Attribute, field, frozen

from clientportal.domain.moments import Moment, is_moment
from clientportal.errors import MalformedError, Problem

_ROOM: Final = re.compile(r"[a-z2-7]{32}\Z", re.ASCII)


def _is_room(_: Any, attribute: Attribute[Any], value: object) -> None:
    if not isinstance(value, str) or not _ROOM.match(value):
        advice = "give 32 letters and digits of base32, lower case"
        raise MalformedError(Problem(attribute.name, "invalid_argument", advice))


@frozen(kw_only=True)
class Seat:
    """Somebody's place in a room, and from when to when its door is open.

    *room* is its name: 160 bits that nobody guesses, and a secret, for whoever knows it gets in.
    Nothing personal is here, so nothing personal reaches the service. Raises `MalformedError`.
    """

    room: str = field(validator=_is_room, repr=False)
    is_host: bool
    opens_at: Moment = field(validator=is_moment)
    closes_at: Moment = field(validator=is_moment)


class Video(Protocol):
    """A video service that runs in a browser."""

    def link(self, seat: Seat) -> str:
        """The address that opens the room for whoever takes *seat*, or raise `AdapterError`.

        Everybody who is given the same room meets there; asking again changes nothing. It is asked
        for each time somebody may go in, so it may be good for this once, and only until the door
        closes.
        """
        ...
