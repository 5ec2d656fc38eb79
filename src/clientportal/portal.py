"""The portal: ask (may I?), do (do it), look (show me). Three verbs, forever.

The steps are in `clientportal.shell`; here they are driven, in two colours. A command is tried
again, with a fresh now, when something it relied on changed before its commit.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final, TypeVar

from attrs import frozen

from clientportal.denials import check_askable, check_command, check_view
from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, PracticeId, StaffId
from clientportal.doors import capacity_of
from clientportal.errors import ClientPortalError, ConflictError
from clientportal.flows import Work, arun, run
from clientportal.policies.decision import Decision
from clientportal.ports.storage import AsyncStorage, AsyncUnitOfWork, Storage, UnitOfWork
from clientportal.receipts import Commit, Receipt, Stale
from clientportal.shell import Recall, Shell
from clientportal.usecases.command import Command, View

T = TypeVar("T")

TRIES: Final = 6


@frozen(kw_only=True)
class Portal(Shell):
    """The engine of a practice's client portal, in the synchronous colour."""

    storage: Storage

    def ask(self, command: Command, *, actor: Actor, origin: str | None = None) -> Decision:
        """Whether *actor* may do *command* now, and why; changes nothing, leaves no record.

        Raises `NotFoundError` for what the actor may not know of, `MalformedError` for a command
        with wrong types, or one that tests a secret and so is never merely asked.
        """
        check_askable(command, actor, origin)
        with self.storage.open(actor.practice_id) as work:
            return run(self.asking(command, actor, origin), self._answer(work, None))

    def do(
        self, command: Command, *, actor: Actor, key: str | None = None, origin: str | None = None
    ) -> Receipt:
        """Do *command*, all of it or nothing, and put it on record.

        With *key*, doing it again gives the first receipt. *origin* is the caller's network
        address. Raises `RefusedError` and its siblings with the decision, `NotFoundError`,
        `MalformedError`, `ConflictError`, `StorageError`, `OutcomeUnknownError`.
        """
        check_command(command, actor, origin, key)
        done: dict[Work[Any], Any] = {}
        try:
            for _ in range(TRIES):
                with self.storage.open(actor.practice_id) as work:
                    result = run(self.doing(command, actor, key, origin), self._answer(work, done))
                if not isinstance(result, Stale):
                    return self.concluded(result, done)
            raise ConflictError("stale")
        except ClientPortalError as error:
            self.failed(error, done)
            raise

    def look(self, view: View[T], *, actor: Actor, origin: str | None = None) -> T:
        """Show *view* to *actor*; looking at somebody else's record is put on record.

        Raises as `do`.
        """
        check_view(view, actor, origin)
        with self.storage.open(actor.practice_id) as work:
            return run(self.looking(view, actor, origin), self._answer(work, {}))

    def actor(
        self, token: str, *, practice_id: PracticeId, acting_as: StaffId | ClientId | None = None
    ) -> Actor:
        """The actor whose session *token* opens, in the capacity named, else the first they have.

        Raises `UnauthenticatedError`: `session_ended`, `no_portal_access`.
        """
        with self.storage.open(practice_id) as work:
            facts = run(self.session(token, practice_id), self._answer(work, {}))
        return capacity_of(facts, practice_id, acting_as)

    def visitor(
        self, practice_id: PracticeId, *, link: str | None = None, token: str | None = None
    ) -> Actor:
        """Somebody not signed in, or not yet: with the text of a *link* they hold, verified.

        With a session's *token* too, they are known to be that account. Raises `RefusedError`
        (`link_invalid`), `UnauthenticatedError`.
        """
        account_id = None
        if token is not None:
            with self.storage.open(practice_id) as work:
                facts = run(self.session(token, practice_id), self._answer(work, {}))
            account_id = facts.account.id
        return self.visiting(practice_id, link=link, account_id=account_id)

    def _answer(self, work: UnitOfWork, done: dict[Work[Any], Any] | None) -> Callable[[Any], Any]:
        def answer(asked: Any) -> Any:
            if isinstance(asked, Commit):
                return work.commit(asked)
            if isinstance(asked, Recall):
                return work.recall(asked.key)
            if isinstance(asked[0], Work):
                return tuple(self.worked(each, done) for each in asked)
            return work.read(asked)

        return answer


@frozen(kw_only=True)
class AsyncPortal(Shell):
    """The same in the asynchronous colour; work is done in threads."""

    storage: AsyncStorage

    async def ask(self, command: Command, *, actor: Actor, origin: str | None = None) -> Decision:
        """As `Portal.ask`."""
        check_askable(command, actor, origin)
        async with self.storage.open(actor.practice_id) as work:
            return await arun(self.asking(command, actor, origin), self._answer(work, None))

    async def do(
        self, command: Command, *, actor: Actor, key: str | None = None, origin: str | None = None
    ) -> Receipt:
        """As `Portal.do`."""
        check_command(command, actor, origin, key)
        done: dict[Work[Any], Any] = {}
        try:
            for _ in range(TRIES):
                async with self.storage.open(actor.practice_id) as work:
                    flow = self.doing(command, actor, key, origin)
                    result = await arun(flow, self._answer(work, done))
                if not isinstance(result, Stale):
                    return self.concluded(result, done)
            raise ConflictError("stale")
        except ClientPortalError as error:
            self.failed(error, done)
            raise

    async def look(self, view: View[T], *, actor: Actor, origin: str | None = None) -> T:
        """As `Portal.look`."""
        check_view(view, actor, origin)
        async with self.storage.open(actor.practice_id) as work:
            return await arun(self.looking(view, actor, origin), self._answer(work, {}))

    async def actor(
        self, token: str, *, practice_id: PracticeId, acting_as: StaffId | ClientId | None = None
    ) -> Actor:
        """As `Portal.actor`."""
        async with self.storage.open(practice_id) as work:
            facts = await arun(self.session(token, practice_id), self._answer(work, {}))
        return capacity_of(facts, practice_id, acting_as)

    async def visitor(
        self, practice_id: PracticeId, *, link: str | None = None, token: str | None = None
    ) -> Actor:
        """As `Portal.visitor`."""
        account_id = None
        if token is not None:
            async with self.storage.open(practice_id) as work:
                facts = await arun(self.session(token, practice_id), self._answer(work, {}))
            account_id = facts.account.id
        return self.visiting(practice_id, link=link, account_id=account_id)

    def _answer(
        self, work: AsyncUnitOfWork, done: dict[Work[Any], Any] | None
    ) -> Callable[[Any], Any]:
        async def answer(asked: Any) -> Any:
            if isinstance(asked, Commit):
                return await work.commit(asked)
            if isinstance(asked, Recall):
                return await work.recall(asked.key)
            if isinstance(asked[0], Work):
                return [await asyncio.to_thread(self.worked, each, done) for each in asked]
            return await work.read(asked)

        return answer
