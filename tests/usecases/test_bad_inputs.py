"""Bad inputs to messaging: a typed error with a stable code, and nothing is stored (B10 to B20).

Cursors are typed keys here, not sealed texts (B16): one of another query or person is well formed,
and only says where to begin; what is no key at all is malformed. Keys expire after 30 days (B14).
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import product
from typing import Any, Final, TypeAlias

import pytest
from attrs import evolve
from tests.usecases.talks import HOUR, NEW, owner, says, start

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, ConversationId, MessageId, PracticeId
from clientportal.domain.practices import MessagingPolicy, PolicySince, Practice, UnknownPolicy
from clientportal.errors import ClientPortalError
from clientportal.flows import Change, Get
from clientportal.receipts import Commit
from clientportal.testing.builders import World
from clientportal.testing.cast import ANN, BEN, PRACTITIONER, populate
from clientportal.usecases.conversations import (
    CloseConversation,
    MarkRead,
    SendMessage,
)
from clientportal.usecases.custody import SeeUnowned
from clientportal.usecases.foresight import SeeFlips, SeeUpcoming, WhatWouldChange
from clientportal.usecases.inbox import SeeConversation, SeeInbox
from clientportal.usecases.messages import KeepDraft, RetractMessage
from clientportal.usecases.participants import AddParticipants, RemoveParticipants
from clientportal.usecases.people import ArchiveClient
from clientportal.usecases.practices import SetMessagingPolicy

ANNS, BENS = ConversationId("cnv_1"), ConversationId("cnv_2")
EVERYBODY, NEVER = MessagingPolicy.ALL_CLIENTS, MessagingPolicy.NEVER_INITIATE
MESSAGE: Final = MessageId("msg_bad")
#: Something before, then what is tried.
Try: TypeAlias = Callable[[World], Any]


def digest(world: World) -> Any:
    """What changes exactly when something stored changes."""
    storage: Any = world.storage
    if hasattr(storage, "digest"):
        return storage.digest()
    room = storage.rooms[world.practice_id]
    return dict(room.rows), dict(room.claims), list(room.outbox)


def nothing(_: World) -> None:
    """Nothing happens before."""


def do(make: Callable[[], Any], who: Callable[[World], Actor] = owner, key: str = "") -> Try:
    """That a command is done, also where it cannot even be built."""
    return lambda world: world.portal.do(make(), actor=who(world), key=key or None)


def look(make: Callable[[], Any], who: Callable[[World], Actor] = owner) -> Try:
    """That something is looked at."""
    return lambda world: world.portal.look(make(), actor=who(world))


def ann(world: World) -> Actor:
    """Ann, a client."""
    return world.client(ANN)


def ben(world: World) -> Actor:
    """Ben, another."""
    return world.client(BEN)


def send(text: Any = "x", talk: Any = ANNS, message_id: Any = MESSAGE) -> SendMessage:
    """A message."""
    return SendMessage(conversation_id=talk, message_id=message_id, text=text)


def stored_unknown(world: World) -> None:
    """A newer version stored a policy that this one does not know."""
    with world.storage.open(world.practice_id) as work:
        (practice,) = work.read((Get(Practice, world.practice_id),))
        since = PolicySince(UnknownPolicy("v9"), world.clock.at)
        changed = evolve(practice, policies=(*practice.policies, since))
        assert work.commit(Commit((Change(None, (changed,)),))) is None


def stricter(world: World) -> None:
    """Ann drafted while she might start; then the owner set the strictest policy."""
    world.done(SetMessagingPolicy(policy=EVERYBODY), owner(world))
    world.done(KeepDraft(conversation_id=ANNS, text="Soon"), ann(world))
    assert world.ask(start(staff_ids=(PRACTITIONER,)), ann(world))
    world.done(SetMessagingPolicy(policy=NEVER), owner(world))


def expired(world: World) -> None:
    """Bens conversation closed by itself."""
    world.pass_time(48 * HOUR)


def closed(world: World, *, lock: bool = False) -> None:
    """Ann's conversation was closed by hand."""
    world.done(CloseConversation(conversation_id=ANNS, lock=lock), owner(world))


def locked(world: World) -> None:
    """And locked."""
    closed(world, lock=True)


def archived(world: World) -> None:
    """Ann is served no more."""
    world.done(ArchiveClient(client_id=ANN), owner(world))


def used(world: World) -> None:
    """The key was used for a message."""
    world.portal.do(send("first"), actor=ann(world), key="k")


def used_long_ago(world: World) -> None:
    """The key was used 31 days ago."""
    used(world)
    world.pass_time(timedelta(days=31))


MALFORMED, REFUSED, CONFLICT, MISSING = (
    "MalformedError",
    "RefusedError",
    "ConflictError",
    "NotFoundError",
)
TEXTS: Final[dict[str, tuple[Any, str]]] = {
    "empty": ("", "text_empty"),
    "blank": (" \n\t\u2003", "text_empty"),
    "one too many": ("x" * 5001, "text_too_long"),
    "a megabyte and one": ("x" * (2**20 + 1), "text_too_long"),
    "combining marks": ("e" + "\u0301" * 10**5, "text_too_long"),
    "fewer marks": ("e" + "\u0301" * 4000, "invalid_text"),
    "lone surrogate": ("a\ud800", "invalid_text"),
    "nul": ("a\0b", "invalid_text"),
    "escape": ("a\x1b[2J", "invalid_text"),
    "c1": ("a\x85b", "invalid_text"),
    "bytes": (b"\xff\xfe", "invalid_text"),
    "number": (5, "invalid_text"),
    "none": (None, "invalid_text"),
    "pickle": (pickle.dumps("x"), "invalid_text"),
}
POLICIES: Final = ("", None, "p1 ", "ALL_CLIENTS", "all_clients", 4, UnknownPolicy("v9"))
LIMITS: Final = (-1, 0, 10**9, 2**63, True, "5", None, 1.0)
IDS: Final = (b"cnv_1", 1, None, ClientId("cli_1"), pickle.dumps(ANNS), ["cnv_1"])
CURSORS: Final = ((), ("x", "y"), (datetime(2026, 1, 1), ANNS), "cnv_1", 5, b"\x80\x04N.")  # noqa: DTZ001 - naive on purpose
NO_IDS: Final = (5, b"x", ANN, "cnv_1")
CROWDS: Final = ((), (ANN, ANN), [ANN], ANN, (b"x",), (None,), ("cli_1",), (MESSAGE,))
PAGED: Final[dict[str, Callable[..., Any]]] = {
    "inbox": SeeInbox,
    "upcoming": SeeUpcoming,
    "unowned": SeeUnowned,
    "conversation": lambda **given: SeeConversation(conversation_id=ANNS, **given),
    "change": lambda **given: WhatWouldChange(policy=EVERYBODY, **given),
}


Row: TypeAlias = tuple[str, Callable[[World], None], Try, str, str]


def of_states() -> Iterator[Row]:
    """What is no policy; what the practice's state refuses."""
    for bad in POLICIES:
        for verb, what in ((do, SetMessagingPolicy), (look, WhatWouldChange)):
            tried = verb(lambda what=what, bad=bad: what(policy=bad))
            yield f"B10 {what.__name__} {bad!r}", nothing, tried, MALFORMED, "invalid_argument"
    for who in (owner, ann):
        newer = f"B10 of a newer version {who.__name__}"
        yield newer, stored_unknown, do(send, who), REFUSED, "policy_unknown"
    begin = do(lambda: start(staff_ids=(PRACTITIONER,)), ann)
    yield "B11", stricter, begin, REFUSED, "client_may_not_start"
    bens = do(lambda: send(talk=BENS), ben)
    yield "B12 closed by itself", expired, bens, REFUSED, "auto_closed"
    yield "B12 closed", closed, do(send, ann), REFUSED, "closed_by_staff"
    yield "B12 locked", locked, do(send, owner), REFUSED, "locked"
    yield "B12 archived", archived, do(send, ann), REFUSED, "sender_inactive"
    yield "B12 another's", nothing, do(send, ben), MISSING, "not_found"
    yield "B12 nobody's", nothing, do(lambda: send(talk=NEW), ann), MISSING, "not_found"


def of_texts() -> Iterator[Row]:
    """Texts that are none, or too much."""
    for name, (bad, code) in TEXTS.items():
        for what in (send, lambda text: start(text=text)):
            tried = do(lambda what=what, bad=bad: what(bad))
            yield f"B12 B13 {name}", nothing, tried, MALFORMED, code
    yield "B13 subject", nothing, do(lambda: start(subject="a\nb")), MALFORMED, "invalid_text"
    for bad, code in (("a\0", "invalid_text"), ("x" * 5001, "text_too_long")):
        tried = do(lambda bad=bad: KeepDraft(conversation_id=ANNS, text=bad))
        yield f"B13 draft {code}", nothing, tried, MALFORMED, code


def of_keys() -> Iterator[Row]:
    """Idempotency keys, the keys of pages, and their limits."""
    first, other = (lambda: send("first")), (lambda: send("second"))
    yield "B14 other body", used, do(other, ann, "k"), CONFLICT, "key_mismatch"
    yield "B14 expired", used_long_ago, do(first, ann, "k"), CONFLICT, "key_expired"
    yield "B14 other person", used, do(first, owner, "k"), CONFLICT, "id_used"
    yield "B14 no text", nothing, do(send, ann, "\0"), MALFORMED, "invalid_text"
    pairs = (*product(("inbox", "upcoming"), CURSORS), *product(("unowned", "change"), NO_IDS))
    for view, bad in pairs:
        tried = look(lambda view=view, bad=bad: PAGED[view](after=bad))
        yield f"B16 {view} {bad!r:.20}", nothing, tried, MALFORMED, ""
    for view, bad in product(PAGED, LIMITS):
        tried = look(lambda view=view, bad=bad: PAGED[view](limit=bad))
        yield f"B17 {view} {bad!r}", nothing, tried, MALFORMED, "invalid_argument"


def of_payloads() -> Iterator[Row]:
    """Bytes, and values of another kind."""
    for bad, named in product(IDS, (SeeConversation, SeeFlips, MarkRead, RetractMessage)):
        yield f"B20 {named.__name__} {bad!r:.20}", nothing, _about(named, bad), MALFORMED, ""
    for crowd, named in product(CROWDS, (AddParticipants, RemoveParticipants)):
        tried = do(lambda named=named, crowd=crowd: named(conversation_id=ANNS, people=crowd))
        yield f"B20 {named.__name__} {crowd!r:.30}", nothing, tried, MALFORMED, ""


def table() -> list[Any]:
    """Every row: what happens before, what is tried, and what is heard."""
    rows = (*of_states(), *of_texts(), *of_keys(), *of_payloads())
    return [pytest.param(*row[1:], id=row[0]) for row in rows]


def _about(named: type[Any], talk: Any) -> Try:
    """*named* about a conversation that is none."""
    more: dict[type[Any], dict[str, Any]] = {
        MarkRead: {"sequence": 1},
        RetractMessage: {"message_id": MESSAGE},
    }
    verb = do if hasattr(named, "tests_secret") else look
    if named is SeeFlips and talk is None:  # then it is about starting
        return look(lambda: SeeFlips(client_id=b"x"))
    return verb(lambda: named(conversation_id=talk, **more.get(named, {})))


@pytest.mark.parametrize(("before", "tried", "error", "code"), table())
def test_a_bad_input_is_told_and_nothing_is_stored(
    world: World, before: Callable[[World], None], tried: Try, error: str, code: str
) -> None:
    """B10 to B14, B16, B17, B20: its row of the table, and the digest is the same."""
    before(world)
    stored = digest(world)
    with pytest.raises(ClientPortalError) as caught:
        tried(world)
    assert type(caught.value).__name__ == error
    assert caught.value.code == (code or caught.value.code)
    assert caught.value.code.isidentifier()
    assert len(str(caught.value)) < 1000
    assert digest(world) == stored


def test_bad_inputs_are_told_alike_by_a_file(either: World) -> None:
    """B10 to B14, B16, B17, B20: rows that change nothing before, one after another."""
    stored = digest(either)
    for row in table():
        before, tried, error, _ = row.values
        if before is nothing:
            with pytest.raises(ClientPortalError) as caught:
                tried(either)
            assert type(caught.value).__name__ == error, row.id
    assert digest(either) == stored


def test_the_same_key_and_body_again_is_the_same_result(either: World) -> None:
    """B14: once stored, twice told; another person's, and another practice's, is independent."""
    one = either.portal.do(send("first"), actor=ann(either), key="k")
    stored = digest(either)
    assert either.portal.do(send("first"), actor=ann(either), key="k") == one
    assert digest(either) == stored
    other = either.portal.do(send("x", message_id=MessageId("msg_o")), actor=owner(either), key="k")
    assert other != one
    second = populate(World(either.storage, practice_id=PracticeId("prc_2"), wire=either.wire))
    again = second.portal.do(send("first"), actor=second.client(ANN), key="k")
    assert [each.name for each in again.events] == [each.name for each in one.events]


@pytest.mark.parametrize(
    "moment",
    [
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=12))),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=14))),
    ],
)
def test_a_key_from_elsewhere_only_says_where_to_begin(either: World, moment: datetime) -> None:
    """B16: of another's list, of no list at all, or at the ends of time, it shows nothing more."""
    whole = {each.conversation.id for each in either.look(SeeInbox(), ann(either))}
    for talk in (BENS, ConversationId("cnv_none")):
        page = either.look(SeeInbox(after=(moment, talk)), ann(either))
        assert {each.conversation.id for each in page} <= whole
        coming = either.look(SeeUpcoming(after=(moment, talk)), ann(either))
        assert {each.conversation_id for each in coming} <= whole


def test_a_key_of_what_has_moved_goes_on_where_it_was(either: World) -> None:
    """B16: replayed after what it named has gone from its place, nothing is shown twice."""
    for number in (91, 92, 93):
        either.pass_time(HOUR)
        talk, message_id = ConversationId(f"cnv_{number}"), MessageId(f"msg_{number}")
        either.done(start(conversation_id=talk, message_id=message_id), owner(either))
    page = either.look(SeeInbox(limit=2), ann(either))
    after = (page[-1].conversation.last_at, page[-1].conversation.id)
    either.pass_time(HOUR)
    assert says(either, owner(either), 94, talk=page[-1].conversation.id) == "staff_may_write"
    rest = either.look(SeeInbox(after=after), ann(either))
    assert [each.conversation.id for each in rest] == ["cnv_91", ANNS]


def test_secrets_are_not_pickled() -> None:
    """B20: what opens something never leaves the process as bytes of that kind."""
    world = World()
    for secret in (Secret("a long enough password"), world.workshop.keys, world.workshop):
        with pytest.raises(TypeError):
            pickle.dumps(secret)
