"""Video rooms in a browser: which addresses they take, and what a seat holds (APT-12)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import pytest

from clientportal.embedded.video import BrowserRooms, NoRooms
from clientportal.errors import AdapterError, ConfigurationError, MalformedError
from clientportal.parts import Parts
from clientportal.ports.video import Seat
from clientportal.security.passwords import Argon2Parameters

NAME: Final = "abcdefghijklmnopqrstuvwxyz234567"
NOON: Final = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEAT: Final = Seat(room=NAME, is_host=False, opens_at=NOON, closes_at=NOON)


@pytest.mark.parametrize(
    "base",
    [
        "https://meet.example/",
        "https://meet.example/riverside/",
        "https://meet.example:8443/",
        "https://meet.example/join?room=",
        "https://meet.example/#/rooms/",
        "http://localhost:8000/room/",
        "http://127.0.0.1/",
        "http://[::1]:8000/",
    ],
)
def test_the_name_is_put_after_the_address(base: str) -> None:
    """APT-12: an https address; one of this machine for development."""
    assert BrowserRooms(base).link(SEAT) == base + NAME


@pytest.mark.parametrize(
    "base",
    [
        "",
        "meet.example/",
        "https://meet.example",
        "https://meet.example/room",
        "https:///",
        "https://?room=",
        "http://meet.example/",
        "http://localhost.example/",
        "ftp://meet.example/",
        "javascript:alert(1)//",
        "https://ann:secret@meet.example/",
        "https://ann@meet.example/",
        "https://meet.example/\n/",
        "https://meet.example/ /",
        "https://mee\u0442.example/",
        "https://[/",
        f"https://meet.example/{'x' * 1000}/",
        None,
        7,
    ],
)
def test_an_address_that_could_lead_elsewhere_is_none(base: Any) -> None:
    """APT-12: not in the clear, and no name of a room in the name of a host."""
    with pytest.raises(ConfigurationError) as caught:
        BrowserRooms(base)
    assert caught.value.code == "invalid_video_base"


@pytest.mark.parametrize(
    "room", ["", NAME[1:], f"{NAME}a", NAME.upper(), f"{NAME[1:]}/", f"{NAME[1:]}1", f"{NAME}\n", 7]
)
def test_a_seat_is_in_a_room_that_nobody_guesses(room: Any) -> None:
    """APT-12: 32 characters of base32, as the library makes them; nothing that changes a link."""
    with pytest.raises(MalformedError):
        Seat(room=room, is_host=False, opens_at=NOON, closes_at=NOON)


def test_without_a_service_there_is_no_link() -> None:
    """APT-12: an error with a code, and no guess."""
    with pytest.raises(AdapterError, match="no_video_service"):
        NoRooms().link(SEAT)


def test_the_service_is_chosen_by_its_url() -> None:
    """`browser:` and an address; without one it is missing; none at all is none."""
    cheap = Argon2Parameters(memory=8, passes=1, lanes=1)
    named = Parts(url="memory:", video="browser:https://meet.example/", argon2=cheap)
    assert named.workshop.video == BrowserRooms("https://meet.example/")
    assert Parts(url="memory:", argon2=cheap).workshop.video == NoRooms()
    for spec, code in (
        ("browser:", "missing_setting"),
        ("browser:http://meet.example/", "invalid_video_base"),
        ("pigeon:loft", "unknown_adapter"),
    ):
        with pytest.raises(ConfigurationError) as caught:
            Parts(url="memory:", video=spec, argon2=cheap).workshop  # noqa: B018 - made when named
        assert caught.value.code == code
