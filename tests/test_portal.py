"""The portal: keys, retries, audit, what a denial changes, both colours (OUT-1, OUT-4)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final

import pytest
from attrs import define, evolve, field, frozen

from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Link
from clientportal.domain.conversations import ConversationRead
from clientportal.domain.ids import (
    AccountId,
    AppointmentId,
    ClientId,
    ConversationId,
    DocumentId,
    InviteId,
    MessageId,
    SessionId,
)
from clientportal.domain.people import Client
from clientportal.errors import (
    AdapterError,
    ClientPortalError,
    ConflictError,
    MalformedError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    StorageError,
    UnauthenticatedError,
)
from clientportal.flows import Change, Flow, Outcome
from clientportal.policies.standing import NOT_YOURS
from clientportal.portal import TRIES, AsyncPortal
from clientportal.receipts import Commit, Receipt, Result, Stale, Taken
from clientportal.records import KEYS_LIVE
from clientportal.serialization import wire_of
from clientportal.testing.builders import Denied, World
from clientportal.testing.cast import (
    ANN,
    BEN,
    CAT,
    DAN,
    MOTHER,
    OWNER,
    PASSWORD,
    PRACTITIONER,
    RECEPTION,
    TALK,
    account_of,
    dora,
    invite_of,
    populate,
    token_of,
)
from clientportal.usecases.accepting import AcceptInvite
from clientportal.usecases.accounts import SignIn
from clientportal.usecases.appointments import BookAppointment
from clientportal.usecases.command import Context
from clientportal.usecases.conversations import SendMessage
from clientportal.usecases.dashboard import SeeDashboard
from clientportal.usecases.documentation import DownloadDocument, SeeDocuments
from clientportal.usecases.documents import WriteNote
from clientportal.usecases.inbox import SeeInbox
from clientportal.usecases.people import AddClient, SeeClient, SeeClients
from clientportal.usecases.practices import SeePractice
from clientportal.usecases.settings import SetLanguage
from clientportal.usecases.slots import SeeSlots

WIRE: Final = wire_of()
BENS: Final = ConversationId("cnv_2")


@pytest.fixture
def world() -> World:
    """The cast, alive."""
    return populate(World(wire=WIRE))


def room(world: World) -> Any:
    """What is stored of the practice."""
    storage: Any = world.storage
    return storage.rooms[world.practice_id]


def message(text: str = "Hello", number: int = 9) -> SendMessage:
    """Ben writes."""
    return SendMessage(conversation_id=BENS, message_id=MessageId(f"msg_{number}"), text=text)


# --- Idempotency (OUT-1) -------------------------------------------------------------------------


def test_the_same_key_and_body_give_the_first_receipt(world: World) -> None:
    """OUT-1: done once, told twice."""
    ben = world.client(BEN)
    first = world.do(message(), ben, key="k")
    before = dict(room(world).rows)
    world.pass_time(timedelta(days=29))
    assert world.do(message(), ben, key="k") == first
    assert isinstance(first, Receipt)
    assert room(world).rows == before


def test_a_key_belongs_to_body_person_and_command(world: World) -> None:
    """OUT-1: another body is a mismatch; another person's or command's same key is another key."""
    ben, pia = world.client(BEN), world.staff(PRACTITIONER)
    world.do(message(), ben, key="k")
    assert world.do(message("Other"), ben, key="k") == Denied("ConflictError", "key_mismatch")
    assert isinstance(world.do(message("Mine", 10), pia, key="k"), Receipt)
    assert isinstance(world.do(SetLanguage(client_id=BEN, language="de"), ben, key="k"), Receipt)
    assert isinstance(world.do(SetLanguage(client_id=BEN, language="fr"), ben, key="k2"), Receipt)


def test_a_key_lives_thirty_days(world: World) -> None:
    """OUT-1: from then on it is refused, never done again."""
    ben = world.client(BEN)
    world.do(SetLanguage(client_id=BEN, language="de"), ben, key="k")
    world.pass_time(KEYS_LIVE - timedelta(microseconds=1))
    assert isinstance(world.do(SetLanguage(client_id=BEN, language="de"), ben, key="k"), Receipt)
    world.pass_time(timedelta(microseconds=1))
    assert world.do(SetLanguage(client_id=BEN, language="de"), ben, key="k") == Denied(
        "ConflictError", "key_expired"
    )


def test_what_was_refused_stores_no_key(world: World) -> None:
    """OUT-1: the same key may succeed later."""
    ben = world.client(BEN)
    world.pass_time(timedelta(hours=48))
    assert world.do(message(), ben, key="k") == Denied("RefusedError", "auto_closed")
    world.done(
        SendMessage(conversation_id=BENS, message_id=MessageId("msg_8"), text="?"),
        world.staff(PRACTITIONER),
    )
    assert isinstance(world.do(message(), ben, key="k"), Receipt)


def test_what_would_now_be_refused_is_told_again(world: World) -> None:
    """OUT-1: a repeated acceptance gets its receipt, though the invite is used by now."""
    accept = AcceptInvite(account_id=AccountId("acc_9"), password=Secret("a long enough password"))
    holder = world.visitor(invite_of(DAN))
    first = world.do(accept, holder, key="k")
    assert isinstance(first, Receipt)
    assert world.do(accept, holder, key="k") == first
    assert world.do(accept, holder) == Denied("RefusedError", "invite_used")
    other = AcceptInvite(account_id=AccountId("acc_10"))
    assert world.do(other, holder, key="k") == Denied("RefusedError", "invite_used")


def test_a_used_key_gives_no_wrong_password_away(world: World) -> None:
    """INV-8: a wrong secret is another body: it is refused and counted, whatever the key."""
    right = SignIn(
        session_id=SessionId("ses_key"),
        email="ann@example.org",
        password=Secret(PASSWORD),
        token=Secret("token of this session"),
    )
    first = world.do(right, world.visitor(), key="k")
    assert isinstance(first, Receipt)
    assert world.do(right, world.visitor(), key="k") == first
    wrong = evolve(right, password=Secret("another long password"))
    denied = Denied("UnauthenticatedError", "not_recognised")
    assert [world.do(wrong, world.visitor(), key="k") for _ in range(5)] == [denied] * 5
    assert world.do(wrong, world.visitor(), key="k") == Denied("ThrottledError", "too_many_tries")


# --- Retries -------------------------------------------------------------------------------------


@define
class Fussy:
    """Storage in front of another that answers commits by a script, then as usual."""

    inner: Any
    script: list[Result | Exception] = field(factory=list)
    opened: int = 0

    @contextmanager
    def open(self, practice_id: Any) -> Iterator[Any]:
        """A unit of work with the script before it."""
        self.opened += 1
        with self.inner.open(practice_id) as work:
            yield FussyWork(self, work)


@define
class FussyWork:
    """The unit of work of `Fussy`."""

    fussy: Fussy
    work: Any

    def read(self, needs: Any) -> Any:
        """As usual."""
        return self.work.read(needs)

    def recall(self, key: str) -> Any:
        """As usual."""
        return self.work.recall(key)

    def commit(self, commit: Commit) -> Result:
        """The next of the script, if something is to be changed."""
        if self.fussy.script and commit.changes:
            told = self.fussy.script.pop(0)
            if isinstance(told, Exception):
                raise told
            return told
        result: Result = self.work.commit(commit)
        return result


def test_what_changed_meanwhile_is_decided_again(world: World) -> None:
    """OUT-1: with a fresh now, a few times; the work is done once."""
    fussy = Fussy(world.storage, [Stale()] * (TRIES - 1))
    assert isinstance(world.do(message(), world.client(BEN), through=fussy), Receipt)
    assert fussy.opened == TRIES


def test_too_many_changes_are_a_conflict(world: World) -> None:
    """OUT-1: the caller hears that it is stale; nothing was done, nothing is left behind."""
    ann = world.client(ANN)
    fussy = Fussy(world.storage, [Stale()] * TRIES)
    note = WriteNote(document_id=DocumentId("doc_9"), client_id=ANN, title="x", text="y")
    files: Any = world.workshop.files
    before = dict(files.kept) if hasattr(files, "kept") else None
    assert world.do(note, ann, through=fussy) == Denied("ConflictError", "stale")
    assert fussy.opened == TRIES
    if before is not None:
        assert dict(files.kept) == before
    assert isinstance(world.do(note, ann), Receipt)


def test_claims_of_others(world: World) -> None:
    """APT-7: a taken slot is a refusal, a used id a conflict; other claims are decided again."""
    ben = world.client(BEN)
    cases: list[tuple[str, Denied]] = [
        ("slot_taken", Denied("RefusedError", "slot_taken")),
        ("id_used", Denied("ConflictError", "id_used")),
    ]
    for code, denied in cases:
        assert world.do(message(), ben, through=Fussy(world.storage, [Taken(code)])) == denied
        record = room(world).audit[-1]
        assert (record.allowed, record.reason, record.key) == (False, denied.code, None)
    assert isinstance(
        world.do(message(), ben, through=Fussy(world.storage, [Taken("live_invite")])), Receipt
    )


@pytest.mark.parametrize("error", [StorageError("full"), AdapterError("file_missing")])
def test_what_storage_raises_reaches_the_caller(world: World, error: Exception) -> None:
    """OUT-1: nothing was done."""
    ben = world.client(BEN)
    before = dict(room(world).rows)
    denied = world.do(message(), ben, through=Fussy(world.storage, [error]))
    assert denied == Denied(type(error).__name__, getattr(error, "code", ""))
    assert room(world).rows == before


# --- Audit (OUT-4) -------------------------------------------------------------------------------


def told(world: World, act: Callable[[], object]) -> list[tuple[str, str | None, str, bool]]:
    """The records an act leaves: name, client, reason, verdict."""
    before = len(room(world).audit)
    act()
    return [(one.name, one.about, one.reason, one.allowed) for one in room(world).audit[before:]]


def test_one_record_for_each_doing_allowed_or_denied(world: World) -> None:
    """OUT-4: with the true reason, also where the caller hears that nothing is there."""
    ben, ann = world.client(BEN), world.client(ANN)
    assert told(world, lambda: world.do(message(), ben)) == [
        ("message.send", BEN, "may_reply", True)
    ]
    assert told(world, lambda: world.do(message(), ann)) == [
        ("message.send", ANN, "not_a_participant", False)
    ]
    absent = SendMessage(
        conversation_id=ConversationId("cnv_x"), message_id=MessageId("msg_x"), text="x"
    )
    assert told(world, lambda: world.do(absent, ann)) == [
        ("message.send", None, "not_found", False)
    ]
    record = room(world).audit[-1]
    assert (record.who, record.capacity, record.practice_id) == (ANN, "client", world.practice_id)


def test_asking_leaves_none(world: World) -> None:
    """OUT-4: nor do decisions inside of views, nor what never became a command."""
    assert told(world, lambda: world.ask(message(), world.client(BEN))) == []
    wrong: Any = "cli_1"
    command = SeeClient(client_id=wrong)
    assert told(world, lambda: world.look(command, world.staff(OWNER))) == []


def test_looks_at_others_are_recorded_ones_own_are_not(world: World) -> None:
    """OUT-4: one per client and view."""
    ann, owner, mother = world.client(ANN), world.staff(OWNER), dora(world)
    assert told(world, lambda: world.look(SeeDashboard(client_id=ANN), ann)) == []
    assert told(world, lambda: world.look(SeeInbox(), ann)) == []
    assert told(world, lambda: world.look(SeePractice(), owner)) == []
    assert told(world, lambda: world.look(SeeDashboard(client_id=ANN), owner)) == [
        ("dashboard.see", ANN, "permitted", True)
    ]
    assert told(world, lambda: world.look(SeeDocuments(client_id=CAT), mother)) == [
        ("document.list", CAT, "granted", True)
    ]
    listed = told(world, lambda: world.look(SeeClients(), owner))
    assert [about for _, about, _, _ in listed] == [ANN, BEN, CAT, DAN]
    refused = told(world, lambda: world.look(SeeClient(client_id=BEN), ann))
    assert refused == [("client.see", BEN, "not_yours", False)]


def test_a_record_holds_ids_and_codes_never_contents(world: World) -> None:
    """OUT-4: not what was written, not a name, not an address, not a key."""
    ben = world.client(BEN)
    world.do(message("a very private text"), ben, key="a-private-key")
    sign = SignIn(
        session_id=SessionId("ses_9"),
        email="ben@example.org",
        password=Secret("a long enough password"),
        token=Secret("token"),
    )
    world.do(sign, world.visitor())
    spoken = repr(room(world).audit)
    for private in ("private text", "a-private-key", "ben@example.org", "long enough", "Ben"):
        assert private not in spoken
    outside = repr(room(world).outbox)
    assert "private text" not in outside
    assert "ben@example.org" not in outside


# --- Refused means unchanged ---------------------------------------------------------------------


def test_a_denial_changes_nothing_but_counters(world: World) -> None:
    """OUT-1: what is refused publishes nothing and changes no state."""
    before, published = dict(room(world).rows), len(room(world).outbox)
    denied: list[tuple[Any, Any]] = [
        (message(), world.client(ANN)),
        (
            AddClient(
                client=Client(id=ClientId("cli_9"), given_name="X"), invite_id=InviteId("inv_9")
            ),
            world.staff(RECEPTION),
        ),
        (book(world), world.client(ANN)),
        (SetLanguage(client_id=ANN, language="de"), world.client(BEN)),
    ]
    for command, who in denied:
        assert isinstance(world.do(command, who), Denied)
        assert isinstance(world.do(command, who, key="k"), Denied)
    assert (room(world).rows, len(room(world).outbox)) == (before, published)


def book(world: World) -> BookAppointment:
    """The time Ann has already asked for."""
    return BookAppointment(
        appointment_id=AppointmentId("apt_9"),
        client_id=ANN,
        staff_id=PRACTITIONER,
        service_id=TALK,
        start=world.clock.at + timedelta(days=1),
    )


def test_asking_changes_nothing(world: World) -> None:
    """MSG-13: whatever is asked, nothing is done, no work either."""
    before = (dict(room(world).rows), len(room(world).audit), len(room(world).outbox))
    note = WriteNote(document_id=DocumentId("doc_9"), client_id=ANN, title="x", text="y")
    for command, who in (
        (message(), world.client(BEN)),
        (book(world), world.client(ANN)),
        (note, world.client(ANN)),
    ):
        world.ask(command, who)
    assert (dict(room(world).rows), len(room(world).audit), len(room(world).outbox)) == before


def test_a_clock_without_a_zone_is_malformed(world: World) -> None:
    """B2: the portal takes aware moments only."""
    naive = evolve(world.portal, clock=lambda: datetime(2026, 3, 2))  # noqa: DTZ001 - naive on purpose
    with pytest.raises(MalformedError):
        naive.do(message(), actor=world.client(BEN))
    zoned = evolve(world.portal, clock=lambda: datetime(2026, 3, 2, 14, tzinfo=UTC))
    assert zoned.ask(message(), actor=world.client(BEN))


# --- The other colour ----------------------------------------------------------------------------


@define
class Awaited:
    """The memory's storage in the asynchronous colour."""

    inner: Any

    @asynccontextmanager
    async def open(self, practice_id: Any) -> AsyncIterator[Any]:
        """A unit of work."""
        with self.inner.open(practice_id) as work:
            yield AwaitedWork(work)


@define
class AwaitedWork:
    """The unit of work of `Awaited`."""

    work: Any

    async def read(self, needs: Any) -> Any:
        """As in the other colour."""
        return self.work.read(needs)

    async def recall(self, key: str) -> Any:
        """As in the other colour."""
        return self.work.recall(key)

    async def commit(self, commit: Commit) -> Any:
        """As in the other colour."""
        return self.work.commit(commit)


def coloured(world: World, storage: Any) -> AsyncPortal:
    """The same portal, asynchronous."""
    return AsyncPortal(
        storage=Awaited(storage),
        clock=world.portal.clock,
        new_id=world.portal.new_id,
        wire=world.portal.wire,
        workshop=world.portal.workshop,
    )


def test_both_colours_agree(world: World) -> None:
    """OUT-1: one body, the same receipts, decisions, views and errors."""
    other = populate(World(wire=WIRE))
    portal = coloured(other, other.storage)

    async def awaited(verb: str, value: Any, who: Any, **more: Any) -> Any:
        return await getattr(portal, verb)(value, actor=who, **more)

    ben, ann = world.client(BEN), world.client(ANN)
    slots = SeeSlots(
        client_id=ANN, staff_id=PRACTITIONER, service_id=TALK, start=world.clock.at, limit=3
    )
    note = WriteNote(document_id=DocumentId("doc_9"), client_id=ANN, title="x", text="y")
    for verb, value, who, more in (
        ("ask", message(), ben, {}),
        ("do", message(), ben, {"key": "k"}),
        ("do", message(), ben, {"key": "k"}),
        ("look", slots, ann, {}),
        ("do", note, ann, {}),
        ("look", SeeInbox(), ben, {}),
    ):
        sync = getattr(world.portal, verb)(value, actor=who, **more)
        assert asyncio.run(awaited(verb, value, who, **more)) == sync
    for error, verb, value, who, more in (
        (RefusedError, "do", book(world), ann, {}),
        (NotFoundError, "ask", message(), ann, {}),
        (NotFoundError, "look", SeeClient(client_id=BEN), ann, {}),
        (ConflictError, "do", message("Other"), ben, {"key": "k"}),
    ):
        with pytest.raises(error):
            asyncio.run(awaited(verb, value, who, **more))


def test_the_other_colour_gives_up_alike(world: World) -> None:
    """OUT-1: too many changes are a conflict, in either colour."""
    portal = coloured(world, Fussy(world.storage, [Stale()] * TRIES))

    async def awaited() -> Any:
        return await portal.do(message(), actor=world.client(BEN))

    with pytest.raises(ConflictError) as caught:
        asyncio.run(awaited())
    assert caught.value.code == "stale"


def test_who_enters_by_token_or_link_in_the_other_colour(world: World) -> None:
    """PPL-6: the same actors, the same refusals."""
    portal = coloured(world, world.storage)
    practice_id, token = world.practice_id, token_of(SessionId("ses_1"))
    link = Link(
        invite_id=invite_of(DAN), generation=1, expires_at=world.clock.at + timedelta(days=7)
    )
    text = world.workshop.sign_link(practice_id, link)

    async def entering() -> None:
        assert await portal.actor(token, practice_id=practice_id) == world.portal.actor(
            token, practice_id=practice_id
        )
        for given in ({}, {"link": text}, {"link": text, "token": token}):
            same = world.portal.visitor(practice_id, **given)
            assert await portal.visitor(practice_id, **given) == same
        with pytest.raises(UnauthenticatedError):
            await portal.actor("nonsense", practice_id=practice_id)
        with pytest.raises(RefusedError):
            await portal.visitor(practice_id, link="nonsense")

    asyncio.run(entering())


def test_a_repeated_acceptance_in_the_other_colour(world: World) -> None:
    """OUT-1: what would now be refused is told again."""
    portal = coloured(world, world.storage)
    accept = AcceptInvite(account_id=AccountId("acc_9"), password=Secret("a long enough password"))

    async def twice() -> list[Receipt]:
        holder = world.visitor(invite_of(DAN))
        return [await portal.do(accept, actor=holder, key="k") for _ in range(2)]

    first, second = asyncio.run(twice())
    assert first == second


# --- Work done in vain ---------------------------------------------------------------------------


def note() -> WriteNote:
    """Ann writes a note, whose content is sealed before anything is stored."""
    return WriteNote(document_id=DocumentId("doc_9"), client_id=ANN, title="x", text="y")


@pytest.mark.parametrize(
    ("script", "kept"),
    [
        pytest.param([], True, id="it is kept with its document"),
        pytest.param([StorageError("full")], False, id="nothing is kept of what failed"),
        pytest.param([Taken("id_used")], False, id="nor of what is refused by a claim"),
        pytest.param([OutcomeUnknownError(None)], True, id="unless nobody knows whether it failed"),
    ],
)
def test_sealed_content_of_what_failed_is_discarded(
    world: World, script: list[Any], kept: bool
) -> None:
    """DOC-5, OUT-1: nothing is left behind of a command that came to nothing."""
    seen: list[str] = []
    workshop = world.workshop

    class Watching:
        """The workshop, watched."""

        def __getattr__(self, name: str) -> Any:
            return getattr(workshop, name)

        def __call__(self, work: Any) -> Any:
            return workshop(work)

        def discard(self, content: Any) -> None:
            seen.append(content.place)
            workshop.discard(content)

    watched: Any = Watching()
    portal = evolve(world.portal, workshop=watched, storage=Fussy(world.storage, script))
    if script:
        with pytest.raises(ClientPortalError):
            portal.do(note(), actor=world.client(ANN))
    else:
        portal.do(note(), actor=world.client(ANN))
    assert (seen == []) is kept


def test_a_repetition_discards_its_own_content(world: World) -> None:
    """OUT-1, DOC-5: the first receipt, the first content, nothing besides."""
    ann = world.client(ANN)
    first = world.do(note(), ann, key="k")
    assert world.do(note(), ann, key="k") == first
    shown, body = world.look(DownloadDocument(document_id=DocumentId("doc_9")), ann)
    assert (body, shown.size) == (b"y", 1)


# --- Doors ---------------------------------------------------------------------------------------


def test_fresh_ids_and_trusted_proxies(world: World) -> None:
    """PPL-6: ids come from the portal; a host may vouch for a proxy by relationship and account."""
    assert world.portal.new(MessageId).startswith("msg_")
    account_id = account_of("con_1")
    proxy = world.portal.trusted_actor(
        world.practice_id, client_id=CAT, account_id=account_id, relationship_id=MOTHER
    )
    assert (proxy.capacity.value, proxy.client_id) == ("proxy", CAT)
    for given in ({"client_id": CAT}, {"staff_id": OWNER}):
        with pytest.raises(MalformedError):
            world.portal.trusted_actor(world.practice_id, relationship_id=MOTHER, **given)  # type: ignore[arg-type] # by name


@frozen(kw_only=True)
class Leak:
    """A command with a fault: it is refused, and publishes all the same."""

    name: ClassVar[str] = "leak.do"
    tests_secret: ClassVar[bool] = False

    def flow(self, context: Context) -> Flow[Outcome]:
        """Refuse, and change."""
        yield from ()
        event = ConversationRead(conversation_id=BENS, sequence=1)
        return Outcome(NOT_YOURS, (Change(event, ()),))


def test_a_refused_command_publishes_nothing(world: World) -> None:
    """OUT-1: it is a fault of ours, and stops there."""
    published = len(room(world).outbox)
    with pytest.raises(TypeError, match="publishes nothing"):
        world.portal.do(Leak(), actor=world.client(ANN))
    assert len(room(world).outbox) == published
