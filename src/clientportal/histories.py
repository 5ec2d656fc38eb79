"""Reading lists of past visits and of who held them, and bringing them into a practice (APT-16).

The ids of what a list names follow from the ids of its rows, so that bringing it in again finds
what is there.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar

from attrs import field, frozen

from clientportal.csv_lists import Layout, RefusedRow, in_blocks, read_rows
from clientportal.domain.availability import DAY, Modality, Service
from clientportal.domain.ids import AppointmentId, Id, ServiceId, StaffId
from clientportal.domain.moments import MINUTE, Interval, Moment, check_moment
from clientportal.domain.people import StaffMember
from clientportal.errors import MalformedError, Problem
from clientportal.usecases.histories import ImportAppointments, PastAppointment
from clientportal.usecases.imports import BLOCK

if TYPE_CHECKING:
    from clientportal.domain.actors import Actor
    from clientportal.portal import Portal
    from clientportal.receipts import Receipt

AnyId = TypeVar("AnyId", bound=Id)

REQUIRED: Final = ("external_id", "client_external_id", "staff_external_id", "start", "end", "type")
COLUMNS: Final = (*REQUIRED, "class", "status")
PRACTITIONER: Final = ("external_id", "given_name")
PRACTITIONERS: Final = (*PRACTITIONER, "family_name", "email", "prefix")

#: How a visit was held: our words, and the classes of FHIR encounters.
CLASSES: Final[Mapping[str, Modality]] = {
    **{each.value: each for each in Modality},
    "VR": Modality.VIDEO,
    **dict.fromkeys(
        ("AMB", "EMER", "FLD", "HH", "IMP", "ACUTE", "NONAC", "OBSENC", "PRENC", "SS"),
        Modality.IN_PERSON,
    ),
}
#: What a visit that took place is called.
TOOK_PLACE: Final = frozenset({"finished", "completed", "fulfilled"})

_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII
)


@frozen(kw_only=True)
class StaffList:
    """Who held the visits, as read: staff who left, without permissions; and rows refused."""

    staff: tuple[StaffMember, ...] = field(default=(), repr=False)
    refused: tuple[RefusedRow, ...] = ()
    ignored: tuple[str, ...] = ()


@frozen(kw_only=True)
class History:
    """A list of past visits as read: the visits by row, the services they name, those refused.

    *ignored* are the columns that say nothing to us.
    """

    appointments: Mapping[int, PastAppointment] = field(repr=False)
    services: tuple[Service, ...]
    refused: tuple[RefusedRow, ...]
    ignored: tuple[str, ...]


@frozen(kw_only=True)
class HistoryReport:
    """What an import came to, row by row: every row of the list is in one of the four.

    *staff* and *services* count who and what was made because the practice lacked it.
    """

    added: int
    updated: int
    unchanged: int
    refused: tuple[RefusedRow, ...]
    staff: int
    services: int


def _malformed(path: str, code: str, advice: str) -> MalformedError:
    return MalformedError(Problem(path, code, advice))


def id_of(kind: type[AnyId], *key: str) -> AnyId:
    """The id that follows from *key*: the same one every time, another for every other key."""
    digest = sha256("\0".join(key).encode()).hexdigest()
    return kind.of(f"from-{digest[:40]}")


def staff_id_of(external_id: str) -> StaffId:
    """The staff member a list names: by their id in the portal, else by that of a staff list."""
    if external_id.startswith(StaffId.prefix):
        return StaffId(external_id)
    return id_of(StaffId, external_id)


def read_staff_list(source: BinaryIO | bytes) -> StaffList:
    """The practitioners in *source*, a CSV file as of a client list. Raises as `read_rows`."""
    columns = {"name": "given_name", "StaffId": "external_id"}
    layout = Layout(
        required=PRACTITIONER,
        known=PRACTITIONERS,
        make=_practitioner,
        column_of=lambda path: columns.get(path, path),
    )
    found = read_rows(source, layout)
    return StaffList(staff=tuple(found.rows.values()), refused=found.refused, ignored=found.unknown)


def _practitioner(cells: Mapping[str, str]) -> StaffMember:
    if "given_name" not in cells:
        raise _malformed("given_name", "missing_name", "give everybody a name")
    parts = (cells.get(each, "").strip() for each in ("prefix", "given_name", "family_name"))
    return StaffMember(
        id=staff_id_of(cells["external_id"]),
        name=" ".join(filter(None, parts)),
        email=cells.get("email"),
    )


def read_history(source: BinaryIO | bytes) -> History:
    """The past visits in *source*, a CSV file as of a client list (APT-16). Raises as `read_rows`.

    A row is refused as `missing_cell`, `invalid_moment`, `invalid_interval`, `unknown_class`,
    `unknown_status`, or with the fault of a text.
    """
    layout = Layout(required=REQUIRED, known=COLUMNS, make=_past, column_of=_column_of)
    found = read_rows(source, layout)
    return History(
        appointments={row: past for row, (past, _) in found.rows.items()},
        services=_services(found.rows),
        refused=found.refused,
        ignored=found.unknown,
    )


def _column_of(path: str) -> str:
    return {"name": "type", "StaffId": "staff_external_id"}.get(path, path)


def _past(cells: Mapping[str, str]) -> tuple[PastAppointment, str]:
    """The visit a row describes, and its type. Raises `MalformedError` with the first fault."""
    for column in REQUIRED:
        if column not in cells:
            raise _malformed(column, "missing_cell", "fill it in")
    if cells.get("status", "finished") not in TOOK_PLACE:
        raise _malformed("status", "unknown_status", f"give one of {', '.join(sorted(TOOK_PLACE))}")
    modality = CLASSES.get(cells.get("class", "in_person"))
    if modality is None:
        raise _malformed("class", "unknown_class", f"give one of {', '.join(CLASSES)}")
    service = _service(cells["type"], modality)
    past = PastAppointment(
        external_id=cells["external_id"],
        client_external_id=cells["client_external_id"],
        appointment_id=id_of(AppointmentId, cells["external_id"]),
        staff_id=staff_id_of(cells["staff_external_id"]),
        service_id=service.id,
        interval=Interval(_moment(cells, "start"), _moment(cells, "end")),
        modality=modality,
    )
    return past, service.name


def _moment(cells: Mapping[str, str], column: str) -> Moment:
    with suppress(ValueError):
        if _MOMENT.match(cells[column]):
            return check_moment(datetime.fromisoformat(cells[column]), column)
    advice = "give day, time and offset, such as 2023-03-22T15:45:00-04:00"
    raise _malformed(column, "invalid_moment", advice)


def _service(name: str, modality: Modality, duration: int = 1) -> Service:
    return Service(
        id=id_of(ServiceId, modality.value, name),
        name=name,
        duration=duration,
        modality=modality,
        is_bookable_online=False,
    )


def _services(rows: Mapping[int, tuple[PastAppointment, str]]) -> tuple[Service, ...]:
    """Each type of visit as a service that nobody books online, as long as most of its visits."""
    lengths: dict[tuple[str, Modality], Counter[int]] = defaultdict(Counter)
    for past, name in rows.values():
        minutes = max(1, min(past.interval.duration // MINUTE, DAY))
        lengths[name, past.modality][minutes] += 1
    return tuple(
        _service(name, modality, counts.most_common(1)[0][0])
        for (name, modality), counts in lengths.items()
    )


def import_history(
    portal: Portal,
    actor: Actor,
    history: History,
    staff_list: StaffList = StaffList(),
    *,
    progress: Callable[[int, int], object] | None = None,
    block: int = BLOCK,
) -> HistoryReport:
    """Bring *history* into the practice, *block* whole rows at a time (APT-16).

    Importing it again, also after a crash between two blocks, changes only what is missing.
    *progress* hears how many rows are done, of how many. Raises as `Portal.do`.
    """
    receipts: list[Receipt] = []

    def bring_in(appointments: tuple[PastAppointment, ...]) -> None:
        command = ImportAppointments(
            appointments=appointments,
            services=history.services,
            practitioners=staff_list.staff,
        )
        receipts.append(portal.do(command, actor=actor))

    in_blocks(tuple(history.appointments.values()), block, bring_in, progress)
    return _report(history, receipts)


def _report(history: History, receipts: Sequence[Receipt]) -> HistoryReport:
    rows = {past.external_id: row for row, past in history.appointments.items()}
    results = [each for receipt in receipts for each in receipt.results]
    counts = Counter(each.code for each in results)
    made = Counter(event.name for receipt in receipts for event in receipt.events)
    late = (
        RefusedRow(row=rows[each.key], key=each.key, code=each.code, field=each.field)
        for each in results
        if each.field is not None
    )
    return HistoryReport(
        added=counts["added"],
        updated=counts["updated"],
        unchanged=counts["unchanged"],
        refused=tuple(sorted((*history.refused, *late), key=lambda each: each.row)),
        staff=made["staff_member.added"],
        services=made["service.added"],
    )
