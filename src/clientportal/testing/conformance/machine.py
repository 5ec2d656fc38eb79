"""The machine: random commands to a storage and to memory side by side.

Whatever is commanded, both say the same and hold the same; what is asked is what is done; what is
refused changes nothing; what is committed was still allowed at that moment.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final, NamedTuple, TypeAlias

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from clientportal.domain.accounts import Session, Throttle
from clientportal.domain.conversations import Conversation
from clientportal.domain.ids import PracticeId, SessionId
from clientportal.domain.messages import Message
from clientportal.domain.practices import MessagingPolicy
from clientportal.embedded.clock import SettableClock
from clientportal.embedded.memory import MemoryStorage
from clientportal.embedded.room import Room
from clientportal.policies.decision import Decision
from clientportal.policies.documents import CONTENT_FAULTS
from clientportal.ports.storage import Storage
from clientportal.receipts import Receipt
from clientportal.serialization import wire_of
from clientportal.testing.builders import MONDAY, PRACTICE, Answered, Denied, World
from clientportal.testing.cast import OWNER, populate, token_of
from clientportal.testing.conformance import (
    deck_care,
    deck_invites,
    deck_messages,
    deck_people,
)
from clientportal.testing.conformance.faces import Interrupted
from clientportal.testing.conformance.picks import Lots, Move, Picks
from clientportal.testing.conformance.reach import Reach
from clientportal.testing.conformance.rivals import FIRST, rival
from clientportal.testing.conformance.sights import Sights
from clientportal.usecases.practices import SetMessagingPolicy

ELSEWHERE: Final = PracticeId("prc_2")
DECK: Final = {**deck_people.DECK, **deck_invites.DECK, **deck_care.DECK, **deck_messages.DECK}
SEEDS: Final = st.integers(0, 2**32 - 1)
SPANS: Final = (1, 4, 5, 6, 31, 60, 600, 2879, 2880, 7 * 1440, 7 * 1440, 40 * 1440, -3)

#: What only a commit, or work that asking leaves out, can say (MSG-13).
ONLY_DONE: Final = frozenset(CONTENT_FAULTS) | {
    "slot_taken",
    "external_id_taken",
    "id_used",
    "stale",
}


class Pair(NamedTuple):
    """One practice twice: on memory, the *reference*, and on the storage that is *tried*."""

    reference: World
    tried: World

    @property
    def room(self) -> Room:
        """What the reference stores."""
        storage = self.reference.storage
        assert isinstance(storage, MemoryStorage)
        return storage.rooms[self.reference.practice_id]


Deed: TypeAlias = Callable[[Picks], None]


class Keyed(NamedTuple):
    """A command that was done under an idempotency key."""

    pair: Pair
    move: Move
    key: str
    receipt: Receipt


class SideBySide(RuleBasedStateMachine):
    """Whatever is commanded, both storages say the same and hold the same.

    *make* gives a fresh storage, *records* how many audit records it has of a practice, or None.
    Plays of another *number* draw other commands.
    """

    def __init__(
        self,
        make: Callable[[], Storage],
        reach: Reach,
        records: Callable[[Storage, PracticeId], int | None] = lambda _, __: None,
        *,
        number: int = 0,
    ) -> None:
        super().__init__()
        self.reach, self.records, self.play_number = reach, records, number
        self.keyed, self.count = list[Keyed](), 0
        self.clock, wire = SettableClock(MONDAY), wire_of()
        stores = MemoryStorage(), make()

        def pair(practice_id: PracticeId) -> Pair:
            return Pair(*(World(each, practice_id, self.clock, wire) for each in stores))

        self.here, self.elsewhere = pair(PRACTICE), pair(ELSEWHERE)
        for world in (*self.here, *self.elsewhere):
            populate(world)
        others = self.command_elsewhere, self.again, self.enter, self.glance, self.time_passes
        self.deeds: tuple[Deed, ...] = (*[self.command] * 12, *[self.interleave] * 4, *others)

    @initialize(policy=st.sampled_from(MessagingPolicy))
    def begin(self, policy: MessagingPolicy) -> None:
        """Under one of the four policies."""
        command = SetMessagingPolicy(policy=policy)
        self.play(self.here, Move(command, self.here.reference.staff(OWNER)))

    def play(self, pair: Pair, move: Move, key: str | None = None) -> Answered:
        """Ask and do the same in both worlds, and compare what they say."""
        note(f"{move.actor.who} at {self.clock.at}: {move.command}")
        command, actor, origin = move
        before = _stored(pair.room), len(pair.room.audit)
        secret = command.tests_secret
        asked = None if secret else self.same(move, lambda w: w.ask(command, actor, origin=origin))

        def do(world: World) -> Answered:
            _rewind(move)
            return world.do(command, actor, key=key, origin=origin)

        answer: Answered = self.same(move, do)
        self.reach.count(command.name, _code(answer))
        if asked is not None:
            _asked_is_done(move, asked, answer)
        assert len(pair.room.audit) == before[1] + 1, f"{move}: one record for each command"
        if isinstance(answer, Denied):
            assert _stored(pair.room) == before[0], f"{move}: a refused command changed something"
        elif key is not None:
            self.keyed.append(Keyed(pair, move, key, answer))
        return answer

    def same(self, what: object, of: Callable[[World], Any], pair: Pair | None = None) -> Any:
        """What both worlds say, if it is the same."""
        one, other = (of(world) for world in (pair or self._pair_of(what)))
        assert one == other, f"{what}\nmemory says {one}\nthe storage says {other}"
        return one

    def _pair_of(self, what: object) -> Pair:
        actor = what.actor if isinstance(what, Move) else None
        home = actor is None or actor.practice_id == PRACTICE
        return self.here if home else self.elsewhere

    def _picks(self, seed: int, pair: Pair) -> Picks:
        """What *seed* draws; zeros, which hypothesis tries first, draw something else each time."""
        self.count += 1
        return Picks(Lots(f"{self.play_number} {seed or -self.count}"), pair.reference)

    @rule(seed=SEEDS)
    def step(self, seed: int) -> None:
        """One deed, drawn from *seed*: hypothesis leaves rules out of a play, this does not."""
        picks = self._picks(seed, self.here)
        picks.one(*self.deeds)(picks)

    def command(self, picks: Picks) -> None:
        """A command, now and then under an idempotency key."""
        group = picks.one(*DECK, "writing", "writing", "meetings", "meetings")
        self._drawn(picks, group, self.here)

    def command_elsewhere(self, picks: Picks) -> None:
        """The same ids, in the other practice."""
        there = Picks(picks.lots, self.elsewhere.reference)
        self._drawn(there, there.one(*DECK), self.elsewhere)

    def _drawn(self, picks: Picks, group: str, pair: Pair) -> None:
        move = picks.one(*DECK[group])(picks)
        key = f"key {len(self.keyed)}" if picks.seldom(6) else None
        self.play(pair, move, key)

    def time_passes(self, picks: Picks) -> None:
        """Up to forty days; now and then a clock is set back."""
        self.clock.advance(timedelta(minutes=picks.one(*SPANS)))

    def again(self, picks: Picks) -> None:
        """What was done under a key is not done again; another body under it is refused."""
        if not self.keyed:
            return
        pair, move, key, receipt = picks.one(*self.keyed)
        before = _stored(pair.room), len(pair.room.audit)
        _rewind(move)

        def do(world: World) -> Answered:
            _rewind(move)
            return world.do(move.command, move.actor, key=key, origin=move.origin)

        answer = self.same(move, do)
        self.reach.count("again", _code(answer) if isinstance(answer, Denied) else "same receipt")
        assert answer in (receipt, Denied("ConflictError", "key_expired")), f"{move}: {answer}"
        assert (_stored(pair.room), len(pair.room.audit)) == before, f"{move}: done twice"

    def enter(self, picks: Picks) -> None:
        """What a session opens."""
        found = [each.id for each in self.here.room.all(Session)] or [SessionId.of("none")]
        token = token_of(picks.one(*found))
        entered = self.same(token, lambda world: world.enter(token))
        self.reach.count("enter", _code(entered) if isinstance(entered, Denied) else "entered")

    def glance(self, picks: Picks) -> None:
        """Something of everything that can be seen."""
        reference, tried = (Sights(self.here.room, world) for world in self.here)
        needs, looks = tuple(reference.needs()), tuple(reference.looks())
        for need in (picks.one(*needs) for _ in range(5)):
            _equal(need, reference.answer(need), tried.answer(need))
        look = picks.one(*looks)
        _equal(look, reference.seen(look), tried.seen(look))

    def interleave(self, picks: Picks) -> None:
        """One command reads, another is done, the first commits: it must still be allowed then."""
        first = picks.one(*FIRST)(picks)
        second = rival(picks, first)
        note(f"{first.actor.who} {first.command}\nmeanwhile {second.actor.who} {second.command}")
        reads, fresh = picks.one(1, 2, 99), list[object]()

        def do(world: World) -> Answered:
            def deed() -> None:
                world.do(second.command, second.actor)
                if not first.command.tests_secret:
                    fresh.append(world.ask(first.command, first.actor))

            through = Interrupted(world.storage, deed, reads)
            return world.do(first.command, first.actor, through=through)

        answer = self.same(first, do)
        self.reach.count("interleave", f"{first.command.name} {_code(answer)}")
        for asked in fresh if isinstance(answer, Receipt) else ():
            _asked_is_done(first, asked, answer)

    @invariant()
    def claims_follow_from_states(self) -> None:
        """Stored claims are the claims of the stored states, and no two of them meet."""
        for pair in (self.here, self.elsewhere):
            rows = pair.room.rows.values()
            assert {c for _, state in rows for c in state.claims} == set(pair.room.claims)

    @invariant()
    def sequences_have_no_gap(self) -> None:
        """The messages of a conversation are numbered from 1 on."""
        room = self.here.room
        numbers: dict[str, list[int]] = {each.id: [] for each in room.all(Conversation)}
        for message in room.all(Message):
            numbers[message.conversation_id].append(message.sequence)
        for found in numbers.values():
            assert sorted(found) == list(range(1, len(found) + 1))

    def teardown(self) -> None:
        """At the end, every query has one answer, and thirty views show the same."""
        for pair in (self.here, self.elsewhere):
            reference, tried = (Sights(pair.room, world) for world in pair)
            for need in reference.needs():
                _equal(need, reference.answer(need), tried.answer(need))
            picks, looks = self._picks(0, pair), tuple(reference.looks())
            for look in (picks.one(*looks) for _ in range(30)):
                _equal(look, reference.seen(look), tried.seen(look))
            counted = self.records(pair.tried.storage, pair.tried.practice_id)
            assert counted in (None, len(pair.room.audit)), f"{counted} audit records"


def _stored(room: Room) -> Any:
    """All that a refused command must leave as it is: counters of tries are not of it."""
    rows = {key: row for key, row in room.rows.items() if key[0] is not Throttle}
    return rows, dict(room.claims), len(room.outbox), len(room.keys)


def _equal(what: object, one: object, other: object) -> None:
    assert one == other, f"{what}\nmemory shows {one}\nthe storage shows {other}"


def _rewind(move: Move) -> None:
    content = getattr(move.command, "content", None)
    if content is not None:
        content.stream.seek(0)


def _code(answer: Receipt | Denied | object) -> str:
    if isinstance(answer, Denied):
        return f"!{answer.code}"
    return str(getattr(answer, "reason", answer))


def _asked_is_done(move: Move, asked: object, answer: Answered) -> None:
    """`ask` equals `do`, apart from what only doing can say."""
    done = answer.code if isinstance(answer, Denied) else answer.reason
    if done in ONLY_DONE:
        return
    said = asked.reason.code if isinstance(asked, Decision) else getattr(asked, "code", "")
    assert said == done, f"{move}: asked {said}, done {done}"
    allowed = isinstance(asked, Decision) and asked.allowed
    assert allowed == isinstance(answer, Receipt), f"{move}: asked {said}, done {answer}"
