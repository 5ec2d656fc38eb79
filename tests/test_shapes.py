"""Wrong types from outside: `MalformedError` and never anything else (B2, B13, B15, B18, B19).

For every command and view there is, every field is given what it must not be.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import attrs
import pytest
from attrs import frozen
from tests.usecases.everything import ALL, COMMANDS, VIEWS, good

from clientportal.domain.ids import ClientId, ContactId, StaffId
from clientportal.domain.people import Client
from clientportal.errors import MalformedError
from clientportal.portal import Portal
from clientportal.shapes import check
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import OWNER, populate

#: What no field of any command takes; each is of another kind.
WRONG: Final[tuple[Any, ...]] = (
    object(),
    3.7,
    float("nan"),
    b"bytes",
    ["cli_1"],
    {"id": "cli_1"},
    Decimal(1),
    2**70,
    -(2**70),
    ContactId,
    datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
    (object(),),
    ((1, 2, 3),),
    frozenset({object()}),
    SimpleNamespace(id="cli_1", external_id="x"),
    "\ud800",
    "nul\x00",
)


@pytest.fixture(scope="module")
def world() -> World:
    """The cast; nothing here may change it."""
    return populate(World())


def through(portal: Portal, value: Any, world: World) -> None:
    """Whatever the portal does with it."""
    if hasattr(value, "tests_secret"):
        portal.do(value, actor=world.staff(OWNER))
    else:
        portal.look(value, actor=world.staff(OWNER))


def cases() -> Iterator[Any]:
    """Every field of everything."""
    for cls in ALL:
        for each in attrs.fields(cls):
            yield pytest.param(cls, each.name, id=f"{cls.__name__}.{each.name}")


@pytest.mark.parametrize(("cls", "name"), tuple(cases()))
def test_every_field_of_everything_refuses_what_it_is_not(
    cls: type[Any], name: str, world: World
) -> None:
    """B2, B15: a typed error with a stable code, through do and look alike; nothing changes."""
    storage: Any = world.storage
    before = dict(storage.rooms[world.practice_id].rows)
    for wrong in WRONG:
        with pytest.raises(MalformedError) as caught:
            through(world.portal, good(cls, **{name: wrong}), world)
        assert caught.value.code
        assert caught.value.problems[0].path
        assert "nul" not in str(caught.value)
    assert storage.rooms[world.practice_id].rows == before


@pytest.mark.parametrize("cls", ALL)
def test_good_values_pass(cls: type[Any]) -> None:
    """B19: what has its declared types passes."""
    check(good(cls))


@pytest.mark.parametrize("cls", [cls for cls in COMMANDS if attrs.fields(cls)])
def test_asking_checks_as_doing_does(cls: type[Any], world: World) -> None:
    """MSG-13, B2: a command that is malformed is not asked either."""
    name = attrs.fields(cls)[0].name
    with pytest.raises(MalformedError):
        world.portal.ask(good(cls, **{name: object()}), actor=world.staff(OWNER))


def test_everything_is_found_and_named() -> None:
    """MSG-13: every command and view has a name of its own, noun before verb."""
    names = [cls.name for cls in ALL]
    assert len(names) == len(set(names)) > 50
    assert all(name.count(".") == 1 and name == name.lower() for name in names)
    assert len(COMMANDS) > 35
    assert len(VIEWS) > 15


@pytest.mark.parametrize("cls", ALL)
def test_only_malformed_or_denied_comes_of_good_values(cls: type[Any], world: World) -> None:
    """B2: with good types, whoever asks, nothing but this library's errors comes out."""
    other = populate(World())
    answer = other.do if cls in COMMANDS else other.look
    for who in (
        other.visitor(),
        other.system(),
        other.staff(OWNER),
        other.client(ClientId("cli_1")),
    ):
        assert answer(good(cls), who) != Denied("", "")


# --- The check itself ----------------------------------------------------------------------------


@frozen(kw_only=True)
class Shape:
    """One field of each kind."""

    name: str = "x"
    many: tuple[int, ...] = ()
    pair: tuple[int, str] = (1, "x")
    some: frozenset[str] = frozenset()
    at: datetime | None = None
    day: date | None = None
    flag: bool = False
    who: ClientId | StaffId | None = None
    client: Client | None = None
    span: timedelta = timedelta(0)
    anything: object = None
    whatever: Mapping[str, int] | None = None


NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given", "path", "code"),
    [
        ({"name": 1}, "name", "invalid_argument"),
        ({"name": "a\x07"}, "name", "invalid_text"),
        ({"many": (1, True)}, "many[1]", "invalid_argument"),
        ({"many": [1]}, "many", "invalid_argument"),
        ({"many": (2**53 + 1,)}, "many[0]", "invalid_argument"),
        ({"pair": (1,)}, "pair", "invalid_argument"),
        ({"pair": (1, 2)}, "pair[1]", "invalid_argument"),
        ({"some": {"x"}}, "some", "invalid_argument"),
        ({"at": datetime(2026, 1, 1)}, "at", "invalid_moment"),  # noqa: DTZ001 - naive on purpose
        ({"at": date(2026, 1, 1)}, "at", "invalid_moment"),
        ({"day": NOW}, "day", "invalid_argument"),
        ({"flag": 1}, "flag", "invalid_argument"),
        ({"who": "cli_1"}, "who", "invalid_id"),
        ({"who": ContactId("con_1")}, "who", "invalid_id"),
        ({"client": Client.__name__}, "client", "invalid_argument"),
        ({"span": 5}, "span", "invalid_argument"),
    ],
)
def test_problems_are_named_by_path(given: dict[str, Any], path: str, code: str) -> None:
    """B2: where, what, and what to do."""
    with pytest.raises(MalformedError) as caught:
        check(Shape(**given))
    problem = caught.value.problems[0]
    assert (problem.path, problem.code) == (path, code)
    assert problem.advice


def test_all_problems_at_once_all_the_way_down() -> None:
    """B19: also inside of values, each under its path."""
    ann = Client(id=ClientId("cli_1"), given_name="Ann")
    object.__setattr__(ann, "id", StaffId("stf_1"))
    object.__setattr__(ann, "given_name", 7)
    wrong: Any = 1
    with pytest.raises(MalformedError) as caught:
        check(Shape(client=ann, name=wrong))
    assert [problem.path for problem in caught.value.problems] == [
        "name",
        "client.id",
        "client.given_name",
    ]


def test_what_is_right() -> None:
    """B2: exact types, any zone, unions by any of their members; the rest is left alone."""
    berlin = timezone(timedelta(hours=1))
    check(
        Shape(
            many=(1, -(2**53)),
            some=frozenset({"x"}),
            at=datetime(2026, 1, 1, tzinfo=berlin),
            day=date(2026, 1, 1),
            flag=True,
            who=StaffId("stf_1"),
            client=Client(id=ClientId("cli_1"), given_name="Ann"),
            anything=object(),
            whatever=[5],
        )
    )
    check("nothing")
