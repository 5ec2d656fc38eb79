"""The rooms that come with the library pass the kit, and services with one defect each do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import pytest
from attrs import define, field, frozen

from clientportal.embedded.video import BrowserRooms, NoRooms
from clientportal.ports.video import Seat, Video
from clientportal.testing.conformance.video import SEAT, RoomOf, VideoKit

BASE: Final = "https://meet.example/"


def last(link: str) -> str:
    """The room of a link that ends in its name."""
    return link.rpartition("/")[2]


class TestBrowserRooms(VideoKit):
    """A service that makes a room of any name."""

    @pytest.fixture
    def video(self) -> BrowserRooms:
        """At one address."""
        return BrowserRooms(BASE)

    @pytest.fixture
    def room_of(self) -> RoomOf:
        """The address is the room."""
        return lambda link: link

    @pytest.fixture
    def broken(self) -> NoRooms:
        """Where no service is named."""
        return NoRooms()


@frozen
class Made:
    """A service that answers by *of*."""

    of: Callable[[Seat], str] = field(repr=False)

    def link(self, seat: Seat) -> str:
        """What *of* says."""
        return self.of(seat)


@define
class Counts:
    """A room for everybody who asks."""

    number: int = 0

    def link(self, seat: Seat) -> str:
        """The next one."""
        self.number += 1
        return f"{BASE}{seat.room}{self.number}"


@define
class Remembers:
    """Shows the rooms it gave out."""

    rooms: list[str] = field(factory=list)

    def link(self, seat: Seat) -> str:
        """As it should be, but kept where it is printed."""
        self.rooms.append(seat.room)
        return BASE + seat.room


DEFECTS: Final[dict[str, Callable[[], Video]]] = {
    "one room for all": lambda: Made(lambda _: f"{BASE}room"),
    "cut short": lambda: Made(lambda seat: BASE + seat.room[:31]),
    "cut at the front": lambda: Made(lambda seat: BASE + seat.room[1:]),
    "the host elsewhere": lambda: Made(lambda seat: f"{BASE}{seat.room}{seat.is_host}"),
    "told by the hour": lambda: Made(lambda seat: f"{BASE}{seat.room}{seat.closes_at:%H}"),
    "a new one each time": Counts,
    "in the clear": lambda: Made(lambda seat: f"http://meet.example/{seat.room}"),
    "no slash": lambda: Made(lambda seat: f"https://meet.example{seat.room}"),
    "a password": lambda: Made(lambda seat: f"https://a:b@meet.example/{seat.room}"),
    "a line break": lambda: Made(lambda seat: f"{BASE}{seat.room}\n"),
    "shown when printed": Remembers,
}


def _fails(video: Video) -> bool:
    """Whether a service fails a test of the kit."""
    kit: Any = VideoKit()
    checks: tuple[Callable[[], None], ...] = (
        lambda: kit.test_host_and_client_meet(video, last),
        lambda: kit.test_asking_again_closes_nothing(video, last),
        lambda: kit.test_every_letter_of_the_name_counts(video, last),
        lambda: kit.test_a_link_opens_in_a_browser(video, SEAT),
        lambda: kit.test_a_room_is_not_told_by_accident(video),
    )
    for check in checks:
        try:
            check()
        except AssertionError:
            return True
    return False


@pytest.mark.parametrize("defect", DEFECTS)
def test_the_kit_finds_it(defect: str) -> None:
    """APT-12: a service with one defect does not pass, and one without does."""
    assert _fails(DEFECTS[defect]())
    assert not _fails(BrowserRooms(BASE))
