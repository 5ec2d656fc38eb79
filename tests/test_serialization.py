"""JSON in and out: strict when reading, canonical and without secrets when writing."""

from __future__ import annotations

import json
import typing
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from io import BytesIO
from pkgutil import iter_modules
from time import perf_counter
from typing import Any, Final

import attrs
import pytest
from attrs import field, frozen
from attrs.validators import ge, instance_of
from hypothesis import given
from hypothesis import strategies as st

import clientportal.domain
import clientportal.usecases
from clientportal.domain.accounts import Secret
from clientportal.domain.conversations import MessageSent
from clientportal.domain.documents import Content
from clientportal.domain.ids import AccountId, ClientId, ConversationId, Id, MessageId, StaffId
from clientportal.domain.moments import Interval
from clientportal.domain.practices import (
    AnyPolicy,
    BookingRules,
    MessagingPolicy,
    UnknownPolicy,
)
from clientportal.domain.relationships import Scope
from clientportal.errors import MalformedError, Problem
from clientportal.serialization import (
    EVENTS,
    WIRE_NAMES,
    event_of,
    loads,
    make_converter,
    structure,
    wire_of,
)

CONVERTER: Final = make_converter()
DEEP: Final = 10**5


def modules_of(package: Any) -> list[Any]:
    """The modules of a package."""
    return [
        import_module(f"{package.__name__}.{each.name}") for each in iter_modules(package.__path__)
    ]


def problems(read: Callable[[], object]) -> list[tuple[str, str]]:
    """The path and code of everything that is wrong."""
    with pytest.raises(MalformedError) as caught:
        read()
    return [(problem.path, problem.code) for problem in caught.value.problems]


def found(cls: Any, value: object) -> list[tuple[str, str]]:
    """What is wrong with *value* as a *cls*."""
    return problems(lambda: structure(cls, value, converter=CONVERTER))


@frozen(kw_only=True)
class Inner:
    """Something with a validator that names its own path."""

    count: int = field(validator=[instance_of(int), ge(1)])
    scopes: frozenset[Scope] = frozenset()


def _after_start(self: Outer, attribute: Any, value: datetime) -> None:
    if value <= self.start:
        msg = f"{attribute.name} is early"
        raise ValueError(msg)


def _shortened(value: str) -> str:
    if len(value) > 10:
        raise MalformedError(Problem("elsewhere", "text_too_long", "give less"))
    return value.strip()


@frozen(kw_only=True)
class Outer:
    """A value with a field of every kind."""

    name: str
    flag: bool = False
    number: int = 0
    ratio: float = 0.0
    start: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    end: datetime = field(default=datetime(2190, 1, 1, tzinfo=UTC), validator=_after_start)
    day: date | None = None
    span: timedelta = timedelta(0)
    client_id: ClientId | None = None
    author: StaffId | ClientId | AccountId | None = None
    policy: AnyPolicy = MessagingPolicy.REPLY_ONLY
    inner: Inner | None = None
    many: tuple[Inner, ...] = ()
    pairs: tuple[tuple[str, int], ...] = ()
    scopes: frozenset[Scope] = frozenset()
    either: Inner | Interval | None = None
    _hidden: int = 0
    short: str = field(default="", converter=_shortened)
    raw: bytes | None = None
    stream: Content | None = None


GOOD: Final[dict[str, Any]] = {
    "name": "ann",
    "flag": True,
    "number": 7,
    "ratio": 0.5,
    "start": "2026-03-01T12:00:00+01:00",
    "day": "2026-02-28",
    "span": 3600,
    "client_id": "cli_1",
    "author": "stf_1",
    "policy": "all_clients",
    "inner": {"count": 1, "scopes": ["join"]},
    "many": [{"count": 2}],
    "pairs": [["a", 1]],
    "scopes": ["messages", "join"],
}


def test_every_kind_of_value_is_read() -> None:
    """Every declared type has one way to be written in JSON."""
    outer = structure(Outer, GOOD)
    assert outer == Outer(
        name="ann",
        flag=True,
        number=7,
        ratio=0.5,
        start=datetime(2026, 3, 1, 11, tzinfo=UTC),
        day=date(2026, 2, 28),
        span=timedelta(hours=1),
        client_id=ClientId("cli_1"),
        author=StaffId("stf_1"),
        policy=MessagingPolicy.ALL_CLIENTS,
        inner=Inner(count=1, scopes=frozenset({Scope.JOIN})),
        many=(Inner(count=2),),
        pairs=(("a", 1),),
        scopes=frozenset({Scope.JOIN, Scope.MESSAGES}),
    )
    assert outer.start.tzinfo is UTC
    assert type(outer.author) is StaffId


def test_what_is_written_reads_back() -> None:
    """Writing gives JSON types, sets in order; reading them gives the value again."""
    outer = structure(Outer, GOOD)
    written = CONVERTER.unstructure(outer)
    assert written["scopes"] == ["join", "messages"]
    assert written["span"] == 3600
    assert written["start"] == "2026-03-01T11:00:00+00:00"
    assert structure(Outer, json.loads(json.dumps(written))) == outer


def test_a_policy_of_a_newer_version_is_kept() -> None:
    """A policy nobody here knows is read and written as it is, and denies every write."""
    newer = structure(Outer, {"name": "a", "policy": "newer"})
    assert newer.policy == UnknownPolicy("newer")
    assert CONVERTER.unstructure(newer)["policy"] == "newer"


def test_a_span_finer_than_seconds_is_told_apart() -> None:
    """Two values that differ are never written the same."""
    spans = (timedelta(seconds=1), timedelta(seconds=1, microseconds=1))
    assert len({repr(CONVERTER.unstructure(span)) for span in spans}) == 2


NAN: Final = float("nan")
WRONG: Final[tuple[tuple[str, Any, str], ...]] = (
    ("name", 5, "invalid_argument"),
    ("name", None, "invalid_argument"),
    ("name", ["a"], "invalid_argument"),
    ("flag", 1, "invalid_argument"),
    ("flag", "true", "invalid_argument"),
    ("number", True, "invalid_argument"),
    ("number", 1.0, "invalid_argument"),
    ("number", "1", "invalid_argument"),
    ("number", NAN, "invalid_argument"),
    ("number", 2**53 + 1, "invalid_argument"),
    ("number", 2**63, "invalid_argument"),
    ("number", 10**5000, "invalid_argument"),
    ("number", -(10**5000), "invalid_argument"),
    ("ratio", True, "invalid_argument"),
    ("ratio", NAN, "invalid_argument"),
    ("ratio", float("inf"), "invalid_argument"),
    ("ratio", 10**5000, "invalid_argument"),
    ("ratio", "0.5", "invalid_argument"),
    ("start", "2026-03-01T12:00:00", "invalid_moment"),
    ("start", "2026-03-01", "invalid_moment"),
    ("start", datetime(2026, 3, 1), "invalid_moment"),  # noqa: DTZ001 - naive is the fault
    ("start", date(2026, 3, 1), "invalid_moment"),
    ("start", "9999-12-31T23:59:59-14:00", "invalid_moment"),
    ("start", "0001-01-01T00:00:00+14:00", "invalid_moment"),
    ("start", "now", "invalid_moment"),
    ("start", "", "invalid_moment"),
    ("start", "\ud800", "invalid_moment"),
    ("start", "\uff12\uff10\uff12\uff16-03-01T12:00:00Z", "invalid_moment"),
    ("start", 1772366400, "invalid_moment"),
    ("start", True, "invalid_moment"),
    ("day", "2026-02-29", "invalid_date"),
    ("day", "28.02.2026", "invalid_date"),
    ("day", "2026-02-28T00:00:00Z", "invalid_date"),
    ("day", datetime(2026, 2, 28, tzinfo=UTC), "invalid_date"),
    ("day", 5, "invalid_date"),
    ("span", 1.5, "invalid_argument"),
    ("span", True, "invalid_argument"),
    ("span", "PT1H", "invalid_argument"),
    ("span", 2**52, "invalid_argument"),
    ("client_id", "stf_1", "invalid_id"),
    ("client_id", StaffId("stf_1"), "invalid_id"),
    ("client_id", "cli_A", "invalid_id"),
    ("client_id", "", "invalid_id"),
    ("client_id", "cli_" + "a" * 64, "invalid_id"),
    ("client_id", "cli_\u0661", "invalid_id"),
    ("client_id", 5, "invalid_id"),
    ("author", "inv_1", "invalid_id"),
    ("author", "stf_", "invalid_id"),
    ("author", 5, "invalid_id"),
    ("author", ["stf_1"], "invalid_id"),
    ("policy", 5, "invalid_argument"),
    ("policy", {"raw": "x"}, "invalid_argument"),
    ("short", "a" * 11, "text_too_long"),
    ("raw", "aa", "invalid_argument"),
    ("raw", b"aa", "invalid_argument"),
    ("stream", "aa", "invalid_argument"),
    ("inner", [], "invalid_argument"),
    ("inner", "x", "invalid_argument"),
    ("many", {"count": 1}, "invalid_argument"),
    ("many", "ab", "invalid_argument"),
    ("many", None, "invalid_argument"),
    ("scopes", "join", "invalid_argument"),
    ("either", {"count": 1}, "invalid_argument"),
    ("either", {"_type": "Inner", "count": 1}, "invalid_argument"),
)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [pytest.param(*row, id=f"{row[0]} {n}") for n, row in enumerate(WRONG)],
)
def test_a_wrong_value_is_refused_with_its_path(name: str, value: Any, code: str) -> None:
    """Nothing is guessed or converted: a wrong type is a problem at its path (B2, B15, B19)."""
    assert found(Outer, {"name": "ann", name: value}) == [(name, code)]


@pytest.mark.parametrize("name", ["author", "either", "client_id", "day", "inner", "stream"])
def test_nothing_is_a_value_where_it_may_be(name: str) -> None:
    """Null is read where the type says so, also beside several kinds."""
    outer = structure(Outer, {"name": "ann", name: None}, converter=CONVERTER)
    assert getattr(outer, name) is None


def test_converters_of_fields_are_heard() -> None:
    """What a class makes of its own field is made, and content passes as the stream it is."""
    content = Content(BytesIO())
    outer = structure(Outer, {"name": "ann", "short": " a ", "stream": content})
    assert outer.short == "a"
    assert outer.stream is content


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param(
            {"name": "a", "inner": {"count": "x"}},
            [("inner.count", "invalid_argument")],
            id="a field of a field",
        ),
        pytest.param(
            {"name": "a", "inner": {"count": 0}},
            [("inner.count", "invalid_argument")],
            id="a validator of a field's field",
        ),
        pytest.param(
            {"name": "a", "many": [{"count": 1}, {"count": 0}, {}, 5]},
            [
                ("many[1].count", "invalid_argument"),
                ("many[2].count", "missing_field"),
                ("many[3]", "invalid_argument"),
            ],
            id="items of a list",
        ),
        pytest.param(
            {"name": "a", "pairs": [["a"], ["a", "b"], ["a", 1, 2], 5]},
            [
                ("pairs[0]", "invalid_argument"),
                ("pairs[1][1]", "invalid_argument"),
                ("pairs[2]", "invalid_argument"),
                ("pairs[3]", "invalid_argument"),
            ],
            id="lists of lists",
        ),
        pytest.param(
            {"name": "a", "inner": {"count": 1, "scopes": ["join", "all", 5]}},
            [("inner.scopes[1]", "invalid_argument"), ("inner.scopes[2]", "invalid_argument")],
            id="members of a set",
        ),
        pytest.param(
            {"name": 5, "number": True, "end": "1990-01-01T00:00:00Z", "x": 1},
            [
                ("name", "invalid_argument"),
                ("number", "invalid_argument"),
                ("x", "unknown_field"),
            ],
            id="a validator that needs what is missing is silent",
        ),
        pytest.param(
            {
                "name": "a",
                "start": "2026-03-01T12:00:00Z",
                "end": "2026-03-01T12:00:00Z",
                "flag": 1,
            },
            [("flag", "invalid_argument"), ("end", "invalid_argument")],
            id="a validator speaks beside other problems",
        ),
        pytest.param({}, [("name", "missing_field")], id="nothing"),
        pytest.param([], [("", "invalid_argument")], id="a list"),
        pytest.param(None, [("", "invalid_argument")], id="null"),
    ],
)
def test_all_problems_are_found_at_once(value: Any, expected: list[tuple[str, str]]) -> None:
    """Who fills in a form learns of everything that is wrong, each with its dotted path."""
    assert found(Outer, value) == expected


@pytest.mark.parametrize(
    ("key", "path"),
    [
        ("extra", "extra"),
        ("__class__", "__class__"),
        ("__init__", "__init__"),
        ("_hidden", "_hidden"),
        ("_type", "_type"),
        ("Name", "Name"),
        ("name ", "?"),
        ("", "?"),
        ("ann@example.org", "?"),
        ("x" * 65, "?"),
        ("\x1b[31m", "?"),
        (5, "?"),
        (None, "?"),
        (("a",), "?"),
    ],
)
def test_no_field_is_added(key: Any, path: str) -> None:
    """Keys that are no field are refused, and repeated only if they look like a name (B18, B19)."""
    assert found(Outer, {"name": "ann", key: 1}) == [(path, "unknown_field")]


def test_problems_are_bounded() -> None:
    """However much is wrong, what is told of it stays readable."""
    assert len(found(Outer, {"name": "a", "many": [{}] * DEEP})) == 100
    assert len(found(Outer, {"name": "a", **{f"f{n}": n for n in range(1000)}})) == 100


def _nested(levels: int) -> Any:
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize("name", [each.name.lstrip("_") for each in attrs.fields(Outer)])
def test_no_depth_is_too_deep(name: str) -> None:
    """A value nested 10^5 levels is refused wherever it stands, never a RecursionError (B18)."""
    deep = _nested(DEEP)
    assert found(Outer, {"name": "a", name: deep})
    assert found(Outer, {"name": "a", name: {"count": deep}})


def test_nothing_of_the_value_is_repeated() -> None:
    """No problem holds what was given: it may be personal (G25)."""
    with pytest.raises(MalformedError) as caught:
        structure(Outer, {**dict.fromkeys(GOOD, "canary@x"), "canary@y": 1, "number": "canary"})
    assert "canary" not in str(caught.value) + repr(caught.value)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda each: st.lists(each) | st.dictionaries(st.text() | st.sampled_from([*GOOD]), each),
        max_leaves=20,
    )
)
def test_whatever_comes_only_our_error_goes(value: Any) -> None:
    """Any value is a proper one or a `MalformedError`, for every class that is read."""
    for cls in (Outer, Inner, Interval, BookingRules, MessageSent):
        with suppress(MalformedError):
            assert type(structure(cls, value, converter=CONVERTER)) is cls


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "invalid_json"),
        ("{", "invalid_json"),
        ("{'a': 1}", "invalid_json"),
        ('{"a": 1,}', "invalid_json"),
        ("[1] [2]", "invalid_json"),
        ('{"a": 1, "a": 2}', "duplicate_field"),
        ('[{"b": {"a": 1, "a": 1}}]', "duplicate_field"),
        ("NaN", "invalid_argument"),
        ("[Infinity]", "invalid_argument"),
        ('{"a": -Infinity}', "invalid_argument"),
        ("1e999", "invalid_argument"),
        ("-1e999", "invalid_argument"),
        ("9" * 5000, "invalid_argument"),
        ('{"a": ' + "9" * 5000 + "}", "invalid_argument"),
        ("[" * DEEP, "invalid_argument"),
        ("[" * DEEP + "]" * DEEP, "invalid_argument"),
        ('{"a":' * DEEP + "1" + "}" * DEEP, "invalid_argument"),
        (b"\xff", "invalid_json"),
        ('{"a": 1}'.encode("utf-16"), "invalid_json"),
        ('{"a": 1}'.encode("utf-8-sig"), "invalid_json"),
        (b"\x80\x04N.", "invalid_json"),
    ],
)
def test_json_is_strict(text: str | bytes, code: str) -> None:
    """Duplicates, numbers that are none, endless digits and depth are refused (B18, B20)."""
    assert problems(lambda: loads(text)) == [("", code)]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    )
)
def test_proper_json_is_read(value: Any) -> None:
    """What JSON can say is read as it is, from text and from UTF-8."""
    assert loads(json.dumps(value)) == value
    assert loads(json.dumps(value, ensure_ascii=True).encode()) == value


def test_a_secret_is_read_and_never_written() -> None:
    """A password may come in; neither it nor content ever goes out."""

    @frozen(kw_only=True)
    class Holds:
        name: typing.ClassVar[str] = "holds.it"
        password: Secret
        old: Secret | None = None
        content: Content | None = None
        other: int = 1

    typing.get_type_hints(Holds, globals())
    given_ = structure(Holds, {"password": "canary", "old": "canary"})
    assert given_.password.reveal() == "canary"
    assert CONVERTER.unstructure(given_) == {"other": 1}
    assert wire_of()(given_) == ("holds.it", '{"other":1}')
    assert found(Holds, {"password": 5}) == [("password", "invalid_argument")]
    assert found(Holds, {"password": "a", "content": "bytes"}) == [("content", "invalid_argument")]


@pytest.mark.parametrize("value", [Secret("canary"), Content(BytesIO(b"canary"))])
def test_a_secret_by_itself_is_refused(value: object) -> None:
    """Where nothing hides them, writing a secret or content fails instead of telling."""
    with pytest.raises(TypeError) as caught:
        CONVERTER.unstructure({"a": (value,)})
    assert "canary" not in str(caught.value)


def test_converters_are_fresh() -> None:
    """Hooks that an adapter adds to its converter are nobody else's."""
    mine = make_converter()
    mine.register_unstructure_hook(ClientId, lambda _: "mine")
    assert mine.unstructure(ClientId("cli_1")) == "mine"
    assert make_converter().unstructure(ClientId("cli_1")) == "cli_1"


def events() -> set[type[Any]]:
    """Every class of every union of events in the domain."""
    unions = [
        value
        for module in modules_of(clientportal.domain)
        for name, value in vars(module).items()
        if name.endswith("Event") and typing.get_args(value)
    ]
    assert len(unions) >= 9
    return {cls for union in unions for cls in typing.get_args(union)}


def test_every_event_has_a_wire_name() -> None:
    """The table has every event of the domain and nothing else."""
    assert set(WIRE_NAMES) == events()


def test_wire_names_are_nouns_and_verbs() -> None:
    """`noun.verbed`, each once."""
    assert len(set(WIRE_NAMES.values())) == len(WIRE_NAMES) == len(EVENTS)
    for name in WIRE_NAMES.values():
        noun, verbed = name.split(".")
        assert noun.isidentifier()
        assert verbed.isidentifier()
        assert name == name.lower()


def test_wire_names_are_never_changed() -> None:
    """What was once on the wire stays: stored events and subscribers rely on it."""
    assert sorted(EVENTS) == [
        "account.signed_in",
        "account.signed_out",
        "appointment.accepted",
        "appointment.booked",
        "appointment.cancelled",
        "appointment.declined",
        "appointment.imported",
        "appointment.lapsed",
        "appointment.requested",
        "attendee.admitted",
        "attendee.left",
        "availability.set",
        "busy_times.imported",
        "client.added",
        "client.archived",
        "client.assigned",
        "client.changed",
        "client.unassigned",
        "conversation.closed",
        "conversation.read",
        "conversation.reopened",
        "conversation.taken_over",
        "conversation.unlocked",
        "document.added",
        "document.shared",
        "document.withdrawn",
        "feed.made",
        "feed.revoked",
        "invite.accepted",
        "invite.revoked",
        "invite.sent",
        "meeting.ended",
        "meeting.started",
        "message.retracted",
        "message.sent",
        "messaging_policy.set",
        "participant.added",
        "participant.removed",
        "practice.changed",
        "practice.opened",
        "relationship.changed",
        "relationship.ended",
        "relationship.made",
        "service.added",
        "slot.held",
        "slot.released",
        "staff_member.added",
        "staff_member.changed",
        "waiting_room.entered",
    ]


MOMENTS: Final = st.datetimes(
    datetime(1902, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    datetime(2190, 1, 1),  # noqa: DTZ001 - hypothesis adds the zone
    timezones=st.just(UTC),
)
CLEAN: Final = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=50)


def _id_of(cls: type[Id]) -> st.SearchStrategy[Any]:
    return st.from_regex(r"[0-9a-z][0-9a-z-]{0,62}", fullmatch=True).map(cls.of)


def _made(hint: Any) -> st.SearchStrategy[Any]:
    if typing.get_args(hint):
        return st.one_of(*(_made(each) for each in typing.get_args(hint)))
    if isinstance(hint, type) and issubclass(hint, Id):
        return _id_of(hint)
    simple = {datetime: MOMENTS, str: CLEAN, int: st.integers(0, 2**53), bool: st.booleans()}
    return simple[hint] if hint in simple else st.from_type(hint)


EVENT: Final = st.sampled_from(sorted(WIRE_NAMES, key=lambda cls: WIRE_NAMES[cls])).flatmap(
    lambda cls: st.builds(cls, **{n: _made(h) for n, h in typing.get_type_hints(cls).items()})
)
WIRE: Final = wire_of()


@given(EVENT)
def test_every_event_comes_back(event: Any) -> None:
    """Written and read, an event is the same, and written again it is the same text."""
    name, body = WIRE(event)
    assert name == WIRE_NAMES[type(event)]
    again = event_of(name, body, converter=CONVERTER)
    assert again == event
    assert type(again) is type(event)
    assert WIRE(again) == wire_of()(again) == (name, body)


def test_the_text_of_an_event_is_canonical() -> None:
    """Sorted keys, no spaces, UTF-8 as it is, UTC: the same everywhere."""
    event = MessageSent(
        conversation_id=ConversationId("cnv_1"),
        message_id=MessageId("msg_1"),
        sequence=3,
        is_by_staff=True,
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )
    body = (
        '{"at":"2026-03-01T12:00:00+00:00","conversation_id":"cnv_1","is_by_staff":true,'
        '"message_id":"msg_1","sequence":3}'
    )
    assert WIRE(event) == ("message.sent", body)


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("MessageSent", "{}", "unknown_event"),
        ("message.deleted", "{}", "unknown_event"),
        ("", "{}", "unknown_event"),
        ("message.sent", "{", "invalid_json"),
        ("message.sent", "{}", "missing_field"),
        ("message.sent", "[]", "invalid_argument"),
        ("account.signed_out", '{"session_id":"ses_1","account_id":"acc_1"}', "unknown_field"),
    ],
)
def test_what_is_no_event_is_refused(name: str, body: str, code: str) -> None:
    """A name or body that no event has is a `MalformedError`."""
    with pytest.raises(MalformedError) as caught:
        event_of(name, body)
    assert caught.value.code == code


def test_events_are_written_in_microseconds() -> None:
    """Writing an event costs far less than storing it."""
    event = MessageSent(
        conversation_id=ConversationId("cnv_1"),
        message_id=MessageId("msg_1"),
        sequence=3,
        is_by_staff=True,
        at=datetime(2026, 3, 1, 12, tzinfo=UTC),
    )

    def taken() -> float:
        start = perf_counter()
        for _ in range(1000):
            WIRE(event)
        return (perf_counter() - start) / 1000

    assert min(taken() for _ in range(5)) < 50e-6


def commands() -> list[type[Any]]:
    """Every command and view: a class with a name and a flow."""
    found = {
        value
        for module in modules_of(clientportal.usecases)
        for value in vars(module).values()
        if attrs.has(value) and isinstance(getattr(value, "name", None), str)
    }
    return sorted(found, key=lambda cls: cls.__name__)


def test_every_command_can_be_written_and_read() -> None:
    """Each field of a command or view has a type that is known here, and no other field passes."""
    converter = make_converter()
    found = commands()
    assert len(found) > 40
    for cls in found:
        converter.get_unstructure_hook(cls)
        with pytest.raises(MalformedError) as caught:
            structure(cls, {"?": 1}, converter=converter)
        assert ("?", "unknown_field") in {problem[:2] for problem in caught.value.problems}
        for one in attrs.fields(cls):
            converter.get_structure_hook(typing.get_type_hints(cls)[one.name])
