"""What each person sees, tab by tab, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from clientportal.cli.stage import Anybody, Stage
from clientportal.cli.tables import table, when
from clientportal.cli.weeks import calendar, slots
from clientportal.domain.ids import ClientId, StaffId
from clientportal.policies.decision import Decision
from clientportal.usecases.availability import SeeCatalogue
from clientportal.usecases.dashboard import AppointmentSeen, SeeDashboard
from clientportal.usecases.documentation import DocumentSeen, SeeDocuments
from clientportal.usecases.inbox import ConversationSeen, SeeInbox
from clientportal.usecases.people import SeeClients
from clientportal.usecases.practices import SeePractice
from clientportal.usecases.relationships import SeeRelationships
from clientportal.usecases.settings import SeeSettings

Tab: TypeAlias = tuple[str, str]
"""The name of a tab, and what is on it."""


def everybody(stage: Stage) -> Iterator[tuple[Anybody, tuple[Tab, ...]]]:
    """Each person with their tabs: staff, clients, and who is related to one."""
    for staff in (stage.cast.olive, stage.cast.sam):
        yield staff, tuple(_of_staff(stage, staff))
    for client in (stage.cast.ann, stage.cast.ben):
        yield client, tuple(_of_client(stage, client))
    yield stage.cast.bob, (_documentation(stage, stage.cast.bob, "UTC"),)


def _of_staff(stage: Stage, staff: Anybody) -> Iterator[Tab]:
    practice = stage.look(staff, SeePractice()).practice
    listed = stage.look(staff, SeeClients(limit=12))
    rows = [
        (
            each.client.name,
            each.client.email,
            "roster" if each.assigned else "",
            each.invite.status.value if each.invite else "",
            "yes" if each.has_access else "",
        )
        for each in listed
    ]
    yield "Clients (the first 12)", table(("name", "email", "assigned", "invite", "account"), rows)
    yield "Calendar (a week)", calendar(stage, staff, practice.timezone)
    yield "Inbox", _inbox(stage, staff, practice.timezone)
    settings = (
        ("messaging policy", getattr(practice.policy, "value", "unknown")),
        ("timezone", practice.timezone),
        ("language", practice.language),
    )
    yield "Practice", table(("setting", "value"), settings)


def _of_client(stage: Stage, client: Anybody) -> Iterator[Tab]:
    settings = stage.look(client, SeeSettings(client_id=client.id))
    staff = stage.look(client, SeeCatalogue()).staff
    names = {each.staff_id: each.name for each in staff}
    seen = stage.look(client, SeeDashboard(client_id=client.id))
    yield "Dashboard: to come", _appointments(seen.upcoming, names)
    yield "Dashboard: past", _appointments(seen.past, names)
    yield "To book (a week)", slots(stage, client, settings.timezone)
    yield "Inbox", _inbox(stage, client, settings.timezone)
    yield _documentation(stage, client, settings.timezone)
    people = stage.look(client, SeeRelationships(client_id=client.id))
    rows = [(p.person_name, p.relationship.kind, _titles(p.documents)) for p in people]
    yield "Relationships", table(("name", "is", "shared with them"), rows)
    kept = (
        ("name", settings.display_name),
        ("email", settings.email),
        ("city", settings.address.city),
        ("language", settings.language),
        ("timezone", settings.timezone),
    )
    yield "Settings", table(("setting", "value"), kept)


def _appointments(page: Sequence[AppointmentSeen], names: Mapping[StaffId, str]) -> str:
    rows = [
        (
            when(each.appointment.interval.start, each.zones[0]),
            names.get(each.appointment.staff_id),
            each.appointment.status.value,
            _said(each.may_cancel),
            _said(each.may_join),
            _titles(each.documents),
        )
        for each in page
    ]
    return table(("when", "with", "status", "cancel", "join", "documents"), rows)


def _inbox(stage: Stage, person: Anybody, timezone: str) -> str:
    def row(each: ConversationSeen) -> tuple[object, ...]:
        by_client = isinstance(person.id, ClientId)
        other = ", ".join(each.with_staff if by_client else each.with_clients)
        closes = "" if each.deadline is None else when(each.deadline, timezone)
        latest = when(each.conversation.last_at, timezone)
        text = "" if each.latest is None else each.latest.text or "(taken back)"
        return other, latest, text, each.unread, _said(each.may_write), closes

    headings = ("with", "latest", "text", "unread", "write", "closes")
    return table(headings, [row(each) for each in stage.look(person, SeeInbox())])


def _documentation(stage: Stage, person: Anybody, timezone: str) -> Tab:
    client_id = person.id if isinstance(person.id, ClientId) else stage.cast.ann.id
    found = stage.look(person, SeeDocuments(client_id=client_id))
    rows = [
        (each.title, each.kind.value, each.size, when(each.made_at, timezone)) for each in found
    ]
    return "Documentation", table(("title", "kind", "bytes", "since"), rows)


def _said(decision: Decision) -> str:
    return f"{'yes' if decision else 'no'}: {decision.reason.code}"


def _titles(documents: Sequence[DocumentSeen]) -> str:
    return ", ".join(each.title for each in documents)
