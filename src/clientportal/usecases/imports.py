"""Importing a client list: one block of whole rows, a result for each (PPL-7)."""

from __future__ import annotations

from typing import Any, ClassVar, Final

import attrs
from attrs import Attribute, evolve, field, frozen

from clientportal.domain.bounds import each_once, one_of
from clientportal.domain.ids import InviteId
from clientportal.domain.invites import Invite
from clientportal.domain.people import Address, Client, ClientAdded, ClientChanged
from clientportal.domain.texts import check_text, folded
from clientportal.flows import Change, Flow, Outcome, RowResult, fetch
from clientportal.policies.people import may_import_clients
from clientportal.policies.standing import PracticeFacts
from clientportal.ports.queries import ClientsByExternalId, LiveInvitesOf, PracticeFactsOf
from clientportal.usecases.command import Context
from clientportal.usecases.invites import automatic_invite, revoked

BLOCK: Final = 10_000
ADDRESS: Final = tuple(each.name for each in attrs.fields(Address))
IMPORTABLE: Final = (
    "given_name",
    "family_name",
    "email",
    "phone",
    "birth_date",
    *ADDRESS,
    "language",
    "timezone",
    "status",
)


def _keyed(_: Any, __: Attribute[Any], value: object) -> None:
    check_text(getattr(value, "external_id", None), "external_id", most=100)


@frozen(kw_only=True)
class ImportRow:
    """One row: the client as it describes them; ids are used if they are new."""

    client: Client = field(validator=_keyed)
    invite_id: InviteId


@frozen(kw_only=True)
class ImportClients:
    """Bring the client list up to date with *rows*; the key is the external id (PPL-7).

    *fields* are the fields of `Client` and its `Address` that the list has columns for, *extra*
    the extra fields it has columns for; all others stay as they are.
    Results are keyed by external id: `added`, `updated` or `unchanged`.
    """

    name: ClassVar[str] = "client.import"
    tests_secret: ClassVar[bool] = False
    rows: tuple[ImportRow, ...] = field(
        validator=[
            each_once(BLOCK, key=lambda row: row.client.external_id),
            each_once(BLOCK, key=lambda row: row.client.id),
            each_once(BLOCK, key=lambda row: row.invite_id),
        ]
    )
    fields: tuple[str, ...] = field(validator=one_of(*IMPORTABLE))
    extra: tuple[str, ...] = field(default=(), validator=each_once(100, least=0))

    def flow(self, context: Context) -> Flow[Outcome]:
        """One block is one transaction; importing it again changes nothing."""
        keys = tuple(row.client.external_id or "" for row in self.rows)
        facts, known = yield from fetch(PracticeFactsOf(context.actor), ClientsByExternalId(keys))
        decision = may_import_clients(facts)
        if not decision:
            return Outcome(decision)
        live = yield from fetch(LiveInvitesOf(tuple(client.id for client in known)))
        before = {client.external_id: client for client in known}
        changes: list[Change] = []
        results: list[RowResult] = []
        for row in self.rows:
            key = row.client.external_id or ""
            code, made = self._row(row, before.get(key), facts, context)
            changes += made
            changes += self._ended(before.get(key), made, live)
            results.append(RowResult(key=key, code=code))
        return Outcome(decision, tuple(changes), results=tuple(results))

    def _row(
        self, row: ImportRow, before: Client | None, facts: PracticeFacts, context: Context
    ) -> tuple[str, tuple[Change, ...]]:
        if before is None:
            added = Change(ClientAdded(client_id=row.client.id), (row.client,), made=(row.client,))
            return "added", (added, *automatic_invite(facts, row.client, row.invite_id, context))
        after = self._merged(before, row.client)
        if after == before:
            return "unchanged", ()
        return "updated", (Change(ClientChanged(client_id=before.id), (after,)),)

    def _merged(self, before: Client, given: Client) -> Client:
        """*before* with the fields the list has, an empty cell emptying what was there."""
        parts = {name: getattr(given.address, name) for name in self.fields if name in ADDRESS}
        taken = {name: getattr(given, name) for name in self.fields if name not in ADDRESS}
        kept = {name: text for name, text in before.extra if name not in self.extra}
        return evolve(
            before,
            **taken,
            address=evolve(before.address, **parts),
            extra=tuple(sorted({**kept, **dict(given.extra)}.items())),
        )

    def _ended(
        self, before: Client | None, made: tuple[Change, ...], live: tuple[Invite, ...]
    ) -> tuple[Change, ...]:
        """The links that die because an update archived the client or changed the address."""
        after = next((s for change in made for s in change.states if isinstance(s, Client)), None)
        if before is None or after is None:
            return ()
        moved = folded(before.email or "") != folded(after.email or "")
        return revoked(
            invite
            for invite in live
            if invite.client_id == before.id
            and (not after.is_active or (moved and invite.relationship_id is None))
        )
