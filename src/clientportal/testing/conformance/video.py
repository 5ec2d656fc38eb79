"""The kit for video services: what the links of each must do.

An adapter writes this, and nothing else::

    class TestMine(VideoKit):
        @pytest.fixture
        def video(self): ...  # each time it is asked for, the same service

        @pytest.fixture
        def room_of(self): return lambda link: ...  # what tells rooms apart

        @pytest.fixture
        def broken(self): ...  # one whose service is out of reach, or None
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias
from urllib.parse import urlsplit

import pytest
from attrs import evolve

from clientportal.errors import AdapterError
from clientportal.ports.video import Seat, Video

RoomOf: TypeAlias = Callable[[str], str]

OPENS: Final = datetime(2026, 3, 2, 14, 45, tzinfo=UTC)
ROOM: Final = "abcdefghijklmnopqrstuvwxyz234567"
SEAT: Final = Seat(
    room=ROOM, is_host=False, opens_at=OPENS, closes_at=OPENS + timedelta(minutes=95)
)
HOST: Final = evolve(SEAT, is_host=True)
LONGEST: Final = 2_000


def others() -> tuple[str, ...]:
    """Names that differ from the first one in a single place, each in another."""
    return tuple(
        f"{ROOM[:at]}{'a' if ROOM[at] != 'a' else 'b'}{ROOM[at + 1 :]}" for at in range(len(ROOM))
    )


class VideoKit:
    """What a video service must pass."""

    def test_host_and_client_meet(self, video: Video, room_of: RoomOf) -> None:
        """One room has one place, whoever comes and whenever they ask (APT-12)."""
        later = evolve(SEAT, closes_at=SEAT.closes_at + timedelta(hours=1))
        rooms = {room_of(video.link(each)) for each in (SEAT, HOST, SEAT, later)}
        assert len(rooms) == 1

    def test_asking_again_closes_nothing(self, video: Video, room_of: RoomOf) -> None:
        """What others were given before still leads where it led."""
        first = room_of(video.link(SEAT))
        for name in others():
            video.link(evolve(SEAT, room=name))
        assert room_of(video.link(HOST)) == first

    def test_every_letter_of_the_name_counts(self, video: Video, room_of: RoomOf) -> None:
        """Another name is another room: none is cut short, folded or reused (APT-12)."""
        names = (ROOM, *others())
        rooms = {room_of(video.link(evolve(SEAT, room=name))) for name in names}
        assert len(rooms) == len(names)

    @pytest.mark.parametrize("seat", [SEAT, HOST], ids=["client", "host"])
    def test_a_link_opens_in_a_browser(self, video: Video, seat: Seat) -> None:
        """An https address in plain ASCII, without a name and password in it."""
        link = video.link(seat)
        parts = urlsplit(link)
        assert (parts.scheme, parts.username, parts.password) == ("https", None, None)
        assert parts.hostname
        assert ROOM not in parts.netloc
        assert link.isascii()
        assert link.isprintable()
        assert " " not in link
        assert len(link) <= LONGEST

    def test_a_room_is_not_told_by_accident(self, video: Video) -> None:
        """Whoever knows the name gets in: neither seat nor service shows it when printed."""
        video.link(SEAT)
        assert ROOM not in f"{SEAT!r} {video!r}"

    def test_failures_are_told(self, broken: Video | None) -> None:
        """No link is no guess: `AdapterError`, with a code and without the room."""
        if broken is None:
            pytest.skip("this service is always within reach")
        with pytest.raises(AdapterError) as raised:
            broken.link(SEAT)
        assert raised.value.code
        assert ROOM not in f"{raised.value!s} {raised.value!r}"
