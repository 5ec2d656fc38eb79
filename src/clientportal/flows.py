"""Use cases as generators: what a command needs to know is yielded, what it decided is returned.

A flow does no io. Whoever runs it answers its needs: a portal from storage, a test from a
dictionary. One yield is one round trip.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Iterable
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar, overload

from attrs import field, frozen

from clientportal.domain.claims import Claim
from clientportal.domain.ids import ClientId, Id
from clientportal.policies.decision import Decision

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


class Need(Generic[T]):
    """A question whose answer is a T."""

    __slots__ = ()


@frozen
class Get(Need[T]):
    """The one thing of *kind* under *id*; its absence ends the flow with `NotFoundError`."""

    kind: type[T]
    id: str


class Query(Need[T]):
    """A question to storage, answered by one frozen value, gathered by one statement.

    *subject* is the noun whose absence `NotFoundError` names.
    """

    __slots__ = ()
    subject: ClassVar[str]


class Work(Need[T]):
    """Something slow or secret that the shell does through `security`, while nothing is locked.

    Where a decision does not depend on the answer, *stand_in* takes its place when the command is
    only asked.
    """

    __slots__ = ()
    stand_in: ClassVar[Any] = None


Flow: TypeAlias = Generator[tuple[Need[Any], ...], Any, T]


@overload
def fetch(a: Need[A], /) -> Flow[A]: ...
@overload
def fetch(a: Need[A], b: Need[B], /) -> Flow[tuple[A, B]]: ...
@overload
def fetch(a: Need[A], b: Need[B], c: Need[C], /) -> Flow[tuple[A, B, C]]: ...
@overload
def fetch(a: Need[A], b: Need[B], c: Need[C], d: Need[D], /) -> Flow[tuple[A, B, C, D]]: ...
def fetch(*needs: Need[Any]) -> Flow[Any]:
    """Ask for up to four things in one round trip; `yield from` gives their answers back."""
    answers = yield needs
    return answers[0] if len(needs) == 1 else answers


def fetch_all(needs: Iterable[Need[A]]) -> Flow[tuple[A, ...]]:
    """Ask for any number of like things in one round trip; for none, without one."""
    asked = tuple(needs)
    if not asked:
        return ()
    answers: tuple[A, ...] = yield asked
    return answers


class State(Protocol):
    """What storage keeps: a frozen value with an id and the claims that follow from it.

    *belongs_to* names the owner of a set it is a member of; the owner is rewritten with it, so
    that its version tells of the change. None for what has a version of its own.
    """

    @property
    def id(self) -> str:
        """Unique within its kind and practice."""
        ...

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What may exist once, or once at a time, because of it."""
        ...

    @property
    def belongs_to(self) -> Id | None:
        """The owner, if it is a member of a set."""
        ...


@frozen
class Change:
    """A fact, and every state as it stands after it; *made* are those of them that are new.

    The id of what is made must be free: it never writes over what is there, read before or not.
    Without an event it is bookkeeping (a counter of tries, a session seen): no fact for the
    outside, and all that a refused command may change.
    """

    event: object | None
    states: tuple[State, ...]
    made: tuple[State, ...] = field(default=(), kw_only=True)


@frozen(kw_only=True)
class RowResult:
    """What a bulk command says of one row or client: its *key*, a *code*, the *field* at fault."""

    key: str
    code: str
    field: str | None = None


@frozen
class Outcome:
    """What a command came to. *about* is the client it concerns, for the audit."""

    decision: Decision
    changes: tuple[Change, ...] = ()
    results: tuple[RowResult, ...] = field(default=(), kw_only=True)
    about: ClientId | None = field(default=None, kw_only=True)


@frozen
class Shown(Generic[T]):
    """What a view came to: its value where the decision allows, else None.

    *about* is the client it concerns, *also* every other whose record it shows, for the audit.
    """

    decision: Decision
    value: T | None = None
    about: ClientId | None = field(default=None, kw_only=True)
    also: tuple[ClientId, ...] = field(default=(), kw_only=True)


def run(flow: Generator[Any, Any, T], answer: Callable[[Any], Any]) -> T:
    """Drive *flow* to its end, answering each yield by *answer*; what that raises, it hears."""
    step: Callable[[Any], Any] = flow.send
    sent: Any = None
    while True:
        try:
            needs = step(sent)
        except StopIteration as stop:
            result: T = stop.value
            return result
        try:
            sent, step = answer(needs), flow.send
        except Exception as error:  # noqa: BLE001 - raised again inside the flow
            sent, step = error, flow.throw


async def arun(flow: Generator[Any, Any, T], answer: Callable[[Any], Awaitable[Any]]) -> T:
    """As `run`, awaiting each answer."""
    step: Callable[[Any], Any] = flow.send
    sent: Any = None
    while True:
        try:
            needs = step(sent)
        except StopIteration as stop:
            result: T = stop.value
            return result
        try:
            sent, step = await answer(needs), flow.send
        except Exception as error:  # noqa: BLE001 - raised again inside the flow
            sent, step = error, flow.throw
