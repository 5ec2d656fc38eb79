"""What both colours of the portal share: the steps of ask, do and look, as flows.

One try of a command is read, decide, commit; what the commit answers means something to the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, TypeVar

import attrs
from attrs import evolve, field, frozen

from clientportal.denials import absent, check_token, denied
from clientportal.domain.accounts import Secret
from clientportal.domain.actors import Actor, Capacity, Factor
from clientportal.domain.documents import Sealed
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    EntryId,
    Id,
    PracticeId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.moments import Moment, check_moment
from clientportal.doors import capacity_vouched_for
from clientportal.errors import (
    ClientPortalError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    RefusedError,
    UnauthenticatedError,
)
from clientportal.flows import Outcome, Work
from clientportal.policies.accounts import SessionFacts
from clientportal.policies.appointments import SLOT_TAKEN
from clientportal.policies.decision import Decision, Kind, deny
from clientportal.policies.extra import ExtraRule
from clientportal.policies.invites import LINK_INVALID
from clientportal.receipts import Commit, Entry, KeyUsed, Published, Receipt, Stale, Taken
from clientportal.records import (
    Idempotency,
    again,
    entry_of,
    idempotency_of,
    is_same,
    on_record,
)
from clientportal.shapes import checked
from clientportal.usecases.accounts import UseSession
from clientportal.usecases.command import Command, Context, View
from clientportal.workshop import Workshop

T = TypeVar("T")
AnyId = TypeVar("AnyId", bound=Id)

NOT_FOUND: Final = deny("not_found", "record", "PPL-3", Kind.HIDDEN)

#: What a claim that is held by another comes to; all others are decided again on what is there.
TAKEN: Final[Mapping[str, Decision]] = {"slot_taken": SLOT_TAKEN}
#: What no second try can have: an id, and the token of a session or a feed.
USED_UP: Final = frozenset({"id_used", "session", "feed"})


@frozen
class Repeated:
    """The receipt of the first time, under the same idempotency key; nothing was done now."""

    receipt: Receipt


@frozen
class Recall:
    """A question to storage that only the shell asks: what was done under an idempotency key."""

    key: str


@frozen(kw_only=True)
class Shell:
    """What both colours share: the steps of ask, do and look, as flows.

    *clock* gives aware UTC, *new_id* a fresh tail for an id, *wire* the name and JSON of an event
    or command, *rules* are the practice's own about writing.
    """

    clock: Callable[[], datetime] = field(repr=False)
    new_id: Callable[[], str] = field(repr=False)
    wire: Callable[[object], tuple[str, str]] = field(repr=False)
    workshop: Workshop = field(repr=False)
    rules: tuple[ExtraRule, ...] = field(default=(), repr=False)

    def now(self) -> Moment:
        """The moment, in UTC."""
        return check_moment(self.clock(), "clock")

    def new(self, kind: type[AnyId]) -> AnyId:
        """A fresh id of *kind*, for what a command is about to make."""
        return kind.of(self.new_id())

    def _context(self, actor: Actor, origin: str | None) -> Context:
        return Context(actor=actor, now=self.now(), origin=origin, rules=self.rules)

    def _entry_id(self) -> EntryId:
        return EntryId.of(self.new_id())

    def asking(
        self, command: Command, actor: Actor, origin: str | None
    ) -> Generator[Any, Any, Decision]:
        """The decision about *command*, or the one answer for what may not be known of."""
        context = self._context(actor, origin)
        decision = yield from _decided(command, context)
        if decision is None or decision.reason.kind is Kind.HIDDEN:
            raise absent(command)
        return decision

    def doing(
        self, command: Command, actor: Actor, key: str | None, origin: str | None
    ) -> Generator[Any, Any, Receipt | Repeated | Stale]:
        """One try: the flow, its commit, and what the result means to the caller."""
        context = self._context(actor, origin)
        outcome = yield from _outcome(command, context)
        once = None if key is None else self._once(command, actor, key)
        decision, about = outcome.decision, outcome.about
        entry = entry_of(self._entry_id(), command.name, context, decision, about=about, once=once)
        if once is not None and not decision:
            known = yield Recall(once.key)
            if known is not None and (is_same(known, entry) or not command.tests_secret):
                return Repeated(again(known, entry))
        receipt = self._receipt(outcome)
        result = yield Commit(outcome.changes, entry, receipt)
        match result:
            case KeyUsed():
                return Repeated(again(result, entry))
            case Taken():
                return (yield from self._taken(result, entry))
            case Stale():
                return result
        if not decision:
            raise denied(command, decision)
        return receipt

    def _once(self, command: Command, actor: Actor, key: str) -> Idempotency:
        """*key* and the body it belongs to, secrets included: a wrong one is another body."""
        name, body = self.wire(command)
        cls: type[Any] = type(command)
        values = (getattr(command, each.name) for each in attrs.fields(cls))
        marks = (self.workshop.mark(each) for each in values if isinstance(each, Secret))
        return idempotency_of(key, actor, name, "\0".join((body, *marks)))

    def _taken(self, taken: Taken, entry: Entry) -> Generator[Any, Any, Stale]:
        """A claim or an id is another's: refused, in conflict, or to be decided again."""
        decision = TAKEN.get(taken.code)
        if decision is None and taken.code not in USED_UP:
            return Stale()
        code = taken.code if decision is None else decision.reason.code
        yield Commit((), evolve(entry, allowed=False, reason=code, key=None, fingerprint=None))
        if decision is None:
            raise ConflictError("id_used")
        raise RefusedError(decision)

    def _receipt(self, outcome: Outcome) -> Receipt:
        events = [change.event for change in outcome.changes if change.event is not None]
        if events and not outcome.decision:
            msg = "a refused command publishes nothing"
            raise TypeError(msg)
        published = [Published(name=name, body=body) for name, body in map(self.wire, events)]
        reason = outcome.decision.reason.code
        return Receipt(reason=reason, events=tuple(published), results=outcome.results)

    def looking(self, view: View[T], actor: Actor, origin: str | None) -> Generator[Any, Any, T]:
        """What *view* shows, put on record where it is somebody else's."""
        context = self._context(actor, origin)
        try:
            shown = yield from view.flow(context)
        except NotFoundError:
            raise absent(view) from None
        entries = tuple(
            entry_of(self._entry_id(), view.name, context, shown.decision, about=client_id)
            for client_id in on_record(shown, actor)
        )
        if entries:
            yield Commit((), entries[0], others=entries[1:])
        if not shown.decision:
            raise denied(view, shown.decision)
        return shown.value  # type: ignore[return-value] # allowed, so there is a value

    def session(self, token: str, practice_id: PracticeId) -> Generator[Any, Any, SessionFacts]:
        """What a session's token opens now; `UnauthenticatedError` where nothing."""
        anyone = Actor(practice_id=practice_id, capacity=Capacity.VISITOR)
        context = Context(actor=anyone, now=self.now())
        shown, seen = yield from UseSession(
            digest=self.workshop.digest(check_token(token, "token"))
        ).flow(context)
        if not shown.decision or shown.value is None:
            raise UnauthenticatedError(shown.decision)
        if seen:
            yield Commit(seen)  # whoever else notes the same minute makes this one needless
        return shown.value

    def worked(self, work: Work[Any], done: dict[Work[Any], Any] | None) -> Any:
        """The answer to *work*, done once however often a command is decided again.

        When only asked (*done* is None), what stands in for it.
        """
        if done is None:
            return work.stand_in
        if work not in done:
            done[work] = self.workshop(work)
        return done[work]

    def concluded(self, result: Receipt | Repeated, done: dict[Work[Any], Any]) -> Receipt:
        """The receipt; work done in vain for a repetition is undone."""
        if isinstance(result, Receipt):
            return result
        self._discard(done)
        return result.receipt

    def failed(self, error: ClientPortalError, done: dict[Work[Any], Any]) -> None:
        """Undo the work of a command that came to nothing, unless that is not known."""
        if not isinstance(error, OutcomeUnknownError):
            self._discard(done)

    def _discard(self, done: dict[Work[Any], Any]) -> None:
        for answer in done.values():
            if isinstance(answer, Sealed):
                with suppress(ClientPortalError):  # the caller hears what happened, not this
                    self.workshop.discard(answer)

    def trusted_actor(
        self,
        practice_id: PracticeId,
        *,
        staff_id: StaffId | None = None,
        client_id: ClientId | None = None,
        account_id: AccountId | None = None,
        relationship_id: RelationshipId | None = None,
        factors: tuple[Factor, ...] = (),
    ) -> Actor:
        """The actor a host application vouches for, such as after single sign-on (PPL-6).

        The one door past signing in: the caller authenticated this person and says which *factors*
        were shown and when. One of *staff_id* and *client_id*; with *relationship_id* the account
        acts as a proxy for the client. Access is still checked.
        """
        capacity = capacity_vouched_for(staff_id, client_id, account_id, relationship_id)
        return checked(
            Actor(
                practice_id=practice_id,
                capacity=capacity,
                staff_id=staff_id,
                client_id=client_id,
                account_id=account_id,
                relationship_id=relationship_id,
                factors=factors,
            )
        )

    def system_actor(self, practice_id: PracticeId) -> Actor:
        """The practice's own machinery: the command line and the relay (PPL-6)."""
        return Actor(practice_id=practice_id, capacity=Capacity.SYSTEM)

    def visiting(
        self, practice_id: PracticeId, *, link: str | None, account_id: AccountId | None
    ) -> Actor:
        """A visitor with the link they hold; one and the same refusal for bad ones (INV-4)."""
        opened = None if link is None else self.workshop.open_link(check_token(link, "link"))
        if link is not None and (opened is None or opened[0] != practice_id):
            raise RefusedError(LINK_INVALID)
        return Actor(
            practice_id=practice_id,
            capacity=Capacity.VISITOR,
            link=None if opened is None else opened[1],
            account_id=account_id,
        )


def _decided(command: Command, context: Context) -> Generator[Any, Any, Decision | None]:
    """What *command* is decided to be, or None for what is not there."""
    try:
        return (yield from command.flow(context)).decision
    except NotFoundError:
        return None


def _outcome(command: Command, context: Context) -> Generator[Any, Any, Outcome]:
    """What *command* comes to; what is not there is denied like what one may not see."""
    try:
        return (yield from command.flow(context))
    except NotFoundError as error:
        if error.kind == "practice":  # there is no record to put the denial on
            raise absent(command) from None
        return Outcome(NOT_FOUND)
