"""Ids, texts, moments, intervals, zones, addresses: checked when built (B1, B2, B5, B13, B15)."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any, Final

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st

from clientportal.domain import ids
from clientportal.domain.accounts import Account, Secret, Session, Throttle
from clientportal.domain.appointments import Appointment
from clientportal.domain.availability import Exceptional, Service, Window
from clientportal.domain.bounds import each_once, flag, one_of, whole
from clientportal.domain.claims import Exclusive, Unique, merged
from clientportal.domain.documents import Content, media_type_of, sanitised
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ConversationId,
    Id,
    MessageId,
    PracticeId,
    RelationshipId,
    ServiceId,
    SessionId,
    StaffId,
)
from clientportal.domain.messages import Message
from clientportal.domain.moments import (
    EPOCH,
    Interval,
    age_on,
    check_moment,
    local_day,
    microseconds,
    moment_of,
    zone_of,
)
from clientportal.domain.people import Address, Assignment, Client, EmergencyContact, StaffMember
from clientportal.domain.practices import (
    BookingRules,
    CancelTerms,
    InviteRules,
    MessagingPolicy,
    PolicySince,
    Practice,
    UnknownPolicy,
    policy_of,
)
from clientportal.domain.relationships import Relationship
from clientportal.domain.texts import check_text, composed, folded, is_email, is_language, is_phone
from clientportal.errors import MalformedError

NOW: Final = datetime(2026, 3, 2, 14, tzinfo=UTC)
HOUR: Final = timedelta(hours=1)
NOUNS: Final = tuple(
    one
    for one in vars(ids).values()
    if isinstance(one, type) and issubclass(one, Id) and one is not Id
)


def malformed(build: Callable[[], object]) -> str:
    """The code with which building fails."""
    with pytest.raises(MalformedError) as caught:
        build()
    assert caught.value.problems[0].advice
    return caught.value.code


# --- Ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("noun", NOUNS)
def test_an_id_is_its_prefix_and_up_to_63_plain_characters(noun: type[Id]) -> None:
    """B15: the prefix of its noun, then 0-9, a-z and -, the first no dash."""
    for tail in ("1", "a", "0-9", "z" * 63, "018f-4c2a"):
        made = noun(noun.prefix + tail)
        assert made == noun.prefix + tail == noun.of(tail) == noun.stored(noun.prefix + tail)
        assert noun(made) is made
        assert type(pickle.loads(pickle.dumps(made))) is noun  # noqa: S301


@pytest.mark.parametrize("noun", NOUNS)
def test_other_texts_are_no_ids(noun: type[Id]) -> None:
    """B15: wrong prefix, upper case, empty, too long, unicode digits, controls, other types."""
    p = noun.prefix
    bad = [
        "",
        p,
        "x" + p + "1",
        p + "A",
        p.upper() + "1",
        p + "z" * 64,
        p + "-1",
        p + "1_2",
        p + "1 ",
    ]
    bad += [
        p + "1\n",
        p + "1\x00",
        p + "٣",
        p + "①",
        p + "é",
        p + "1/2",
        p + "../1",
        p[:-1] + "1",
        " " + p + "1",
    ]
    wrong: list[Any] = [*bad, None, 1, True, 2**63, b"cli_1", 1.5, ["cli_1"], object()]
    assert {malformed(lambda value=value: noun(value)) for value in wrong} == {"invalid_id"}


def test_the_id_of_another_noun_is_none() -> None:
    """B15: a ClientId where a ConversationId is due fails when built, also in a disguise."""
    for noun in NOUNS:
        for other in NOUNS:
            if other is not noun:
                assert malformed(lambda noun=noun, other=other: noun(other.of("1"))) == "invalid_id"

    class Disguised(Id):
        __slots__ = ()
        prefix = "cli_"

    assert malformed(lambda: ClientId(Disguised("cli_1"))) == "invalid_id"


def test_prefixes_are_unique() -> None:
    """B15: the prefix says the noun."""
    assert len({noun.prefix for noun in NOUNS}) == len(NOUNS) >= 14


# --- Text ----------------------------------------------------------------------------------------

CONTROLS: Final = [chr(n) for n in (*range(0x20), *range(0x7F, 0xA0)) if chr(n) not in "\n\t"]


@pytest.mark.parametrize("lines", [True, False])
def test_controls_and_lone_surrogates_are_refused(lines: bool) -> None:
    """B13: NUL, C0 and C1 controls but newline and tab, lone surrogates."""
    for bad in (*CONTROLS, "\ud800", "\udfff", "a\ud83d"):
        assert (
            malformed(lambda bad=bad: check_text(f"a{bad}b", "x", most=9, lines=lines))
            == "invalid_text"
        )


def test_newlines_only_where_there_are_lines() -> None:
    """B13: tab is text everywhere, a newline only in prose."""
    assert check_text("a\tb", "x", most=9) == "a\tb"
    assert check_text("a\nb", "x", most=9, lines=True) == "a\nb"
    for bad in ("a\nb", "a\rb", "a\u2028b", "a\u2029b", "a\x85b"):
        assert malformed(lambda bad=bad: check_text(bad, "x", most=9)) == "invalid_text"


@pytest.mark.parametrize(
    "text",
    [
        "a\u200cb",
        "👩\u200d👩\u200d👧",
        "\u202eabc\u202c",
        "\u2066x\u2069",
        "\u200f",
        "=cmd()",
        "a\u0301" * 400,
        "𐍈",
    ],
)
def test_joiners_and_direction_marks_are_text(text: str) -> None:
    """B13: ZWJ, ZWNJ and bidi marks are legal, and kept as given."""
    assert check_text(text, "x", most=5000) == text


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "text_empty"),
        ("   ", "text_empty"),
        ("\t", "text_empty"),
        ("\u00a0\u2003", "text_empty"),
        ("x" * 10, "text_too_long"),
        ("x" * 10**6, "text_too_long"),
        (None, "invalid_text"),
        (1, "invalid_text"),
        (b"x", "invalid_text"),
        (True, "invalid_text"),
    ],
)
def test_text_that_is_none(value: object, code: str) -> None:
    """B13: empty, blank, too long, no text."""
    assert malformed(lambda: check_text(value, "x", most=9, lines=True)) == code


def test_megabytes_and_piles_of_marks_cost_nothing() -> None:
    """B13: 1 MB and 10^5 combining marks are refused or composed at once."""
    begun = time.perf_counter()
    for text, code in (
        ("x" * 10**6, "text_too_long"),
        ("a" + "\u0301" * 10**5, "text_too_long"),
        ("a" + "\u0316\u0301" * 49_000, "invalid_text"),
        ("a" + "\u0301" * 1001, "invalid_text"),
    ):
        assert malformed(lambda text=text: composed(text)) == code
        assert len(sanitised(text)) <= 150
    assert len(composed(("a" + "\u0316\u0301" * 500) * 20)) == 20_000
    assert time.perf_counter() - begun < 5


def test_messages_are_composed_and_trimmed_before_they_are_counted() -> None:
    """MSG-15: up to 5,000 code points after NFC and trimming."""
    assert composed("  e\u0301  ") == "é"
    assert malformed(lambda: composed(5)) == "invalid_text"
    assert malformed(lambda: composed("x" * 100_001)) == "text_too_long"

    def written(text: str) -> Message:
        ids_of = {"id": MessageId("msg_1"), "conversation_id": ConversationId("cnv_1")}
        return Message(**ids_of, sequence=1, author=StaffId("stf_1"), text=text, at=NOW)  # type: ignore[arg-type] # ids

    assert len(written("e\u0301" * 5000 + "\n").text) == 5000
    assert malformed(lambda: written("é" * 5001)) == "text_too_long"
    assert malformed(lambda: written(" \n ")) == "text_empty"


def judged(validator: Callable[..., None], value: object) -> str | None:
    """The code with which a validator refuses, or None."""

    @frozen
    class Holder:
        it: Any = field(validator=validator)

    try:
        Holder(value)
    except MalformedError as error:
        return error.code
    return None


@pytest.mark.parametrize(
    ("validator", "good", "bad"),
    [
        pytest.param(
            is_email,
            ["ann@example.org", "a+b@x.y", "ann@münchen.example", "ännchen@example.org", "a@b"],
            [
                "",
                "ann",
                "@x",
                "a@",
                "a b@c",
                "a@b@c",
                "a,b@c",
                "<a@b>",
                "a@b\n",
                "a@b\x00",
                "a\ud800@b",
                5,
                None,
                "x" * 65 + "@b",
                "a@" + "x" * 300,
            ],
            id="email",
        ),
        pytest.param(
            is_language,
            ["en", "en-GB", "zh-Hant-TW", "gsw", "de-CH-1996"],
            ["", "e", "english", "en_GB", "en-", "e1", "en-GB\n", "ën", 5, None],
            id="language",
        ),
        pytest.param(
            is_phone,
            ["+1 (555) 010-9999", "0151/234567", "555-0100 x12", "*31#5550"],
            ["", "12", "+1\n555", "<script>", "٣٣٣", "1" * 41, 5, None],
            id="phone",
        ),
        pytest.param(whole(1, 5), [1, 5], [0, 6, True, 1.0, "1", None], id="whole number"),
        pytest.param(flag, [True, False], [0, 1, None, "true"], id="flag"),
        pytest.param(
            one_of("a", "b"), [(), ("a",), ("b", "a")], [("c",), "a", None, ["a"], 5], id="choices"
        ),
        pytest.param(
            each_once(2),
            [(1,), (1, 2)],
            [(), (1, 1), (1, 2, 3), [1], None, 5, ([],)],
            id="each once",
        ),
    ],
)
def test_validators(validator: Any, good: list[Any], bad: list[Any]) -> None:
    """B2, B13: what fits is kept, all else is malformed and nothing worse."""
    assert [judged(validator, value) for value in good] == [None] * len(good)
    assert None not in [judged(validator, value) for value in bad]


@given(st.emails(), st.emails())
def test_addresses_are_compared_folded(a: str, b: str) -> None:
    """PPL-5: two spellings of one address are one, and folding twice is folding once."""
    assert folded(a.upper()) == folded(a.lower()) or not a.isascii()
    assert folded(folded(a)) == folded(a)
    assert (folded(a) == folded(b)) == (a.casefold() == b.casefold()) or not (a + b).isascii()


# --- Moments and intervals -----------------------------------------------------------------------


class Nowhere(tzinfo):
    """A zone that knows no offset."""

    def __repr__(self) -> str:
        return "Nowhere()"

    def utcoffset(self, _: datetime | None) -> None:
        """None."""


BAD_MOMENTS: Final[list[Any]] = [
    datetime(2026, 1, 1),  # noqa: DTZ001 - naive on purpose
    datetime(2026, 1, 1, tzinfo=Nowhere()),
    date(2026, 1, 1),
    True,
    0,
    1.5,
    float("nan"),
    "2026-01-01T00:00:00Z",
    None,
    datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
    datetime(9999, 12, 31, 23, 59, tzinfo=timezone(timedelta(hours=-12))),
    datetime.min.replace(tzinfo=UTC),
    datetime.max.replace(tzinfo=UTC),
]


@pytest.mark.parametrize("value", BAD_MOMENTS, ids=repr)
def test_what_is_no_moment(value: Any) -> None:
    """B2: naive, date, bool, number, text, and years 1 and 9999 with an offset."""
    assert malformed(lambda: check_moment(value, "at")) == "invalid_moment"
    assert malformed(lambda: Interval(value, NOW)) == "invalid_moment"
    if getattr(value, "tzinfo", None) is not UTC:  # what is in UTC already was checked before
        assert malformed(lambda: PolicySince(MessagingPolicy.REPLY_ONLY, value)) == "invalid_moment"


def test_a_moment_is_in_utc() -> None:
    """APT-2: any zone comes in, UTC is kept; a state takes UTC only."""
    berlin = datetime(2026, 3, 2, 15, tzinfo=zone_of("Europe/Berlin"))
    assert check_moment(berlin, "at") == NOW
    assert check_moment(berlin, "at").tzinfo is UTC
    assert malformed(lambda: PolicySince(MessagingPolicy.REPLY_ONLY, berlin)) == "invalid_moment"
    other_utc = NOW.replace(tzinfo=zone_of("UTC"))
    assert PolicySince(MessagingPolicy.REPLY_ONLY, other_utc).since == NOW


@pytest.mark.parametrize(
    "length",
    [timedelta(0), -HOUR, timedelta(days=-9000)],
)
def test_an_interval_ends_after_it_starts(length: timedelta) -> None:
    """B1: empty and backward intervals are malformed."""
    assert malformed(lambda: Interval(NOW, NOW + length)) == "invalid_interval"


@pytest.mark.parametrize(
    ("length", "offset"),
    [(25 * HOUR, timedelta(0)), (HOUR, timedelta(seconds=1)), (HOUR, timedelta(microseconds=1))],
)
def test_an_appointment_is_whole_minutes_up_to_a_day(length: timedelta, offset: timedelta) -> None:
    """B1, APT-2: at most 24 hours, in whole minutes."""

    def booked(start: datetime, span: timedelta) -> Appointment:
        return Appointment(
            id=AppointmentId("apt_1"),
            client_id=ClientId("cli_1"),
            staff_id=StaffId("stf_1"),
            service_id=ServiceId("svc_1"),
            interval=Interval(start, start + span),
            made_at=NOW,
        )

    assert malformed(lambda: booked(NOW + offset, length)) == "invalid_interval"
    assert booked(NOW, 24 * HOUR).interval.duration == 24 * HOUR


moments: Final = st.integers(min_value=0, max_value=10**6).map(lambda n: NOW + timedelta(minutes=n))


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    """A short interval."""
    start = NOW + timedelta(minutes=draw(st.integers(min_value=0, max_value=60)))
    return Interval(start, start + timedelta(minutes=draw(st.integers(min_value=1, max_value=30))))


@given(intervals(), intervals())
def test_overlap_is_a_common_minute(a: Interval, b: Interval) -> None:
    """APT-2: half-open: they overlap exactly if they share a minute; touching is no overlap."""

    def minutes(one: Interval) -> set[datetime]:
        count = one.duration // timedelta(minutes=1)
        return {one.start + timedelta(minutes=n) for n in range(count)}

    assert a.overlaps(b) is b.overlaps(a) is bool(minutes(a) & minutes(b))
    assert a.within(b) is (minutes(a) <= minutes(b))


@given(st.datetimes(min_value=datetime(1902, 1, 1), max_value=datetime(2198, 1, 1)))  # noqa: DTZ001
def test_microseconds_and_back(naive: datetime) -> None:
    """OUT-1: a moment is stored as microseconds without loss."""
    at = naive.replace(tzinfo=UTC)
    assert moment_of(microseconds(at)) == at
    assert microseconds(EPOCH) == 0


@pytest.mark.parametrize(
    "name",
    [
        "Mars/Olympus",
        "../../etc/passwd",
        "/etc/localtime",
        "",
        "europe",
        "Europe/Berlin\x00",
        "A" * 500,
        "Europe/",
        ".",
    ],
)
def test_unknown_zones(name: str) -> None:
    """B5: no such zone, and no path to a file either."""
    assert malformed(lambda: zone_of(name)) == "unknown_timezone"
    assert (
        malformed(lambda: Client(id=ClientId("cli_1"), given_name="Ann", timezone=name))
        == "unknown_timezone"
    )


def test_zones() -> None:
    """SET-2: IANA names, cached; anything but text is none."""
    assert zone_of("Europe/Berlin") is zone_of("Europe/Berlin")
    assert local_day(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), "Europe/Berlin") == date(2026, 3, 3)
    for good in ("UTC", None, "America/Argentina/Buenos_Aires", "Etc/GMT+5"):
        assert Client(id=ClientId("cli_1"), given_name="Ann", timezone=good).timezone == good
    wrong: Any = 5
    assert (
        malformed(lambda: Client(id=ClientId("cli_1"), given_name="Ann", timezone=wrong))
        == "unknown_timezone"
    )


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2008, 3, 2), date(2026, 3, 1), 17),
        (date(2008, 3, 2), date(2026, 3, 2), 18),
    ],
)
def test_ages(born: date, day: date, age: int) -> None:
    """REL-4: full years; who was born on 29 February turns on 1 March."""
    assert age_on(born, day) == age


# --- Claims --------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.sampled_from("ab"), intervals(), st.integers(0, 1)), max_size=8))
def test_merged_claims_hold_the_same_time(given_claims: list[tuple[str, Interval, int]]) -> None:
    """APT-7: the same minutes of the same lanes, by claims that neither touch nor overlap."""
    claims = [Exclusive(resource, interval, lane) for resource, interval, lane in given_claims]

    def minutes(many: Any) -> set[tuple[str, int, datetime]]:
        return {
            (one.resource, one.lane, one.interval.start + timedelta(minutes=n))
            for one in many
            for n in range(one.interval.duration // timedelta(minutes=1))
        }

    fewer = merged(claims)
    assert minutes(fewer) == minutes(claims)
    assert merged(reversed(claims)) == fewer == merged(fewer)
    for one in fewer:
        apart = [
            o for o in fewer if o is not one and (o.resource, o.lane) == (one.resource, one.lane)
        ]
        assert all(
            o.interval.end < one.interval.start or one.interval.end < o.interval.start
            for o in apart
        )
    assert all(sum(one.meets(other) for other in fewer) == 1 for one in fewer)


def test_what_claims_what() -> None:
    """INV-3, PPL-5, PPL-7: what may exist once is a property of state."""
    mine = Account(
        id=AccountId("acc_1"), email="ANN@example.org", password="x", staff_id=StaffId("stf_1")
    )
    assert mine.claims == (
        Unique("email_taken", "ann@example.org"),
        Unique("staff_account", "stf_1"),
    )
    keyed = Client(id=ClientId("cli_1"), given_name="Ann", external_id="x1")
    assert keyed.claims == (Unique("external_id", "x1"),)
    seat = Exclusive("stf_1", Interval(NOW, NOW + HOUR))
    assert not seat.meets(Exclusive("stf_1", Interval(NOW, NOW + HOUR), seat=1))


# --- Secrets, sessions, throttles ----------------------------------------------------------------


def test_a_secret_is_never_shown_compared_or_stored() -> None:
    """INV-8: no repr, no equality, no pickle, no copy."""
    one, same = Secret("hunter2hunter2"), Secret("hunter2hunter2")
    assert "hunter2" not in f"{one!r} {one} {[one]} {vars(Holder(one))}"
    assert one != same
    assert len({one, same, one}) == 2
    assert one.reveal() == same.reveal()
    for forbidden in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            forbidden(one)
    wrong: Any = None
    assert malformed(lambda: Secret(wrong)) == "invalid_text"
    assert "secret" not in repr(Content(open_nothing()))


class Holder:
    """Something that holds a secret."""

    def __init__(self, secret: Secret) -> None:
        self.secret = secret


def open_nothing() -> Any:
    """An empty stream with a telling name."""
    from io import BytesIO

    return BytesIO(b"secret")


def test_a_session_keeps_a_digest_only() -> None:
    """INV-9: 64 hex digits; no token fits."""
    made: dict[str, Any] = {"id": SessionId("ses_1"), "account_id": AccountId("acc_1")}
    for digest in ("token", "", "0" * 63):
        code = malformed(lambda d=digest: Session(**made, digest=d, created_at=NOW, seen_at=NOW))
        assert code == "invalid_token"


@given(st.integers(min_value=0, max_value=200), st.integers(min_value=-100, max_value=100))
def test_a_counter_never_forgets(failures: int, seconds: int) -> None:
    """INV-8: one more failure counts one more; a clock set back moves nothing back."""
    before = Throttle(id="account/x", failures=failures, last_at=NOW)
    after = before.failed(NOW + timedelta(seconds=seconds))
    assert (after.failures, after.id) == (failures + 1, before.id)
    assert after.last_at >= before.last_at
    assert after.belongs_to is None
    assert after.claims == ()


# --- People, practices, services -----------------------------------------------------------------


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(lambda: Client(id=ClientId("cli_1"), given_name=""), id="no name"),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A\nB"), id="a name in two lines"
        ),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A", birth_date=NOW),
            id="a datetime for a date",
        ),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A", birth_date=date(1849, 1, 1)),
            id="too old",
        ),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A", extra=(("k", "v"),) * 101),
            id="too many",
        ),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A", extra=(("", "v"),)),
            id="an extra unnamed",
        ),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A", extra=(("k", "\0"),)),
            id="a bad extra",
        ),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A", extra=5), id="extra of no shape"
        ),
        pytest.param(
            lambda: Client(id=ClientId("cli_1"), given_name="A", extra=((1,),)),
            id="extra of another",
        ),
        pytest.param(lambda: Address(street="x" * 201), id="a long street"),
        pytest.param(lambda: EmergencyContact(name="Bo", phone="?"), id="no phone"),
        pytest.param(
            lambda: StaffMember(id=StaffId("stf_1"), name="P", takes_messages=1), id="1 is not true"
        ),
        pytest.param(
            lambda: Assignment(client_id=ClientId("cli_1"), staff_id=StaffId("stf_1"), since=None),
            id="no since",
        ),
        pytest.param(
            lambda: Practice(id=PracticeId("prc_1"), name="R", policies=()), id="no policy"
        ),
        pytest.param(
            lambda: Practice(
                id=PracticeId("prc_1"),
                name="R",
                policies=(since(NOW), since(NOW - HOUR)),
            ),
            id="history out of order",
        ),
        pytest.param(lambda: BookingRules(min_notice=-HOUR), id="negative notice"),
        pytest.param(lambda: BookingRules(min_notice=5), id="a number for a span"),
        pytest.param(lambda: BookingRules(horizon_months=0), id="no horizon"),
        pytest.param(lambda: BookingRules(join_before=timedelta.max), id="a span beyond time"),
        pytest.param(lambda: CancelTerms(notice=timedelta.max), id="a notice beyond time"),
        pytest.param(lambda: InviteRules(own_account_from=-1), id="an age below zero"),
        pytest.param(
            lambda: Service(id=ServiceId("svc_1"), name="T", duration=0), id="no duration"
        ),
        pytest.param(
            lambda: Service(id=ServiceId("svc_1"), name="T", duration=True), id="true minutes"
        ),
        pytest.param(
            lambda: Service(id=ServiceId("svc_1"), name="T", duration=1441), id="longer than a day"
        ),
        pytest.param(
            lambda: Service(id=ServiceId("svc_1"), name="T", duration=9, currency="EURO"),
            id="currency",
        ),
        pytest.param(lambda: Window(weekday=7, start=0, end=0), id="an eighth day"),
        pytest.param(lambda: Window(weekday=0, start=1440, end=0), id="beyond midnight"),
        pytest.param(
            lambda: Exceptional(day=NOW.date(), windows=((0, 1441),)),
            id="an exception beyond its day",
        ),
        pytest.param(lambda: Exceptional(day=NOW.date(), windows=((0,),)), id="half a window"),
        pytest.param(lambda: Exceptional(day=NOW.date(), windows=5), id="no window"),
        pytest.param(
            lambda: Relationship(
                id=RelationshipId("rel_1"),
                client_id=ClientId("cli_1"),
                person=ClientId("cli_1"),
                kind="self",
                since=NOW,
            ),
            id="related to oneself",
        ),
    ],
)
def test_what_cannot_be_built(build: Callable[[], object]) -> None:
    """B1, B2, B13: a value that is wrong is malformed when built, never later."""
    assert malformed(build)


def since(at: datetime) -> PolicySince:
    """Reply only from then on."""
    return PolicySince(MessagingPolicy.REPLY_ONLY, at)


def test_names_and_ids_of_states() -> None:
    """PPL-2, SET-1: the name as displayed; a member's id is its pair."""
    ann = Client(id=ClientId("cli_1"), given_name="Ann", family_name="Lee")
    assert ann.name == "Ann Lee"
    assert Client(id=ClientId("cli_1"), given_name="Ann", display_name="Annie").name == "Annie"
    entry = Assignment(client_id=ann.id, staff_id=StaffId("stf_1"), since=NOW)
    assert (entry.id, entry.belongs_to) == ("cli_1/stf_1", ann.id)


def test_policies_of_tomorrow_are_kept_as_they_are() -> None:
    """MSG-1: what is not known is kept as it was stored, exactly."""
    assert policy_of("reply_only") is MessagingPolicy.REPLY_ONLY
    for raw in ("Reply_Only", "", "reply_only ", "anyone"):
        assert policy_of(raw) == UnknownPolicy(raw)


# --- Files ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"%PDF-1.7", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"RIFF1234WEBP", "image/webp"),
        (b"RIFF1234WAVE\x00", None),
        (b"plain text", "text/plain; charset=utf-8"),
        ("grüße".encode(), "text/plain; charset=utf-8"),
        ("grü".encode()[:-1], "text/plain; charset=utf-8"),
        (b"\xc3(ab", None),
        (b"", None),
        (b"a\x00b", None),
        (b"  <HTML>", None),
        (b"<?xml version='1.0'?>", None),
        (b"x <svg onload=1>", None),
        (b"PK\x03\x04\x00", None),
        (b"MZ\x90\x00", None),
    ],
)
def test_the_type_is_decided_by_content(head: bytes, media_type: str | None) -> None:
    """DOC-5: an allow-list, by content; markup is not plain text."""
    assert media_type_of(head) == media_type


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\x.doc", "x.doc"),
        ('a<b>:"|?*.txt', "a_b______.txt"),
        (" .hidden. ", "hidden"),
        ("...", "file"),
        ("/", "file"),
        ("a\nb\x00c", "a_b_c"),
        ("x" * 400, "x" * 150),
        ("\u202egnp.exe", "_gnp.exe"),
    ],
)
def test_names_of_files(name: str, clean: str) -> None:
    """DOC-5: no path, no controls, nothing that a system stumbles over."""
    assert sanitised(name) == clean
