"""Bringing past visits in as fulfilled appointments, one block of whole rows at a time (APT-16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Final

from attrs import evolve, field, frozen

from clientportal.domain.appointments import (
    Appointment,
    AppointmentImported,
    AppointmentStatus,
    after,
)
from clientportal.domain.availability import Modality, Service, ServiceAdded
from clientportal.domain.bounds import each_once
from clientportal.domain.ids import AppointmentId, ClientId, ServiceId, StaffId
from clientportal.domain.moments import Interval, Moment
from clientportal.domain.people import Permissions, StaffAdded, StaffMember, StaffStatus
from clientportal.domain.texts import line
from clientportal.flows import Change, Flow, Outcome, RowResult, State, fetch
from clientportal.policies.histories import may_import_appointments
from clientportal.ports.queries import (
    AppointmentsNamed,
    CatalogueOf,
    ClientsByExternalId,
    PracticeFactsOf,
    StaffNamed,
)
from clientportal.usecases.command import Context
from clientportal.usecases.imports import BLOCK

MOST: Final = 10_000


@frozen(kw_only=True)
class PastAppointment:
    """One past visit; *appointment_id* follows from *external_id*, the same one every time."""

    external_id: str = field(validator=line(100), repr=False)
    client_external_id: str = field(validator=line(100), repr=False)
    appointment_id: AppointmentId
    staff_id: StaffId
    service_id: ServiceId
    interval: Interval
    modality: Modality = Modality.IN_PERSON


@frozen(kw_only=True)
class _Known:
    """What is there already, or comes with the list, by its id (clients by their external one)."""

    clients: Mapping[str, ClientId]
    appointments: Mapping[str, Appointment]
    made: Mapping[str, StaffMember | Service]
    ids: frozenset[str]
    now: Moment


@frozen(kw_only=True)
class ImportAppointments:
    """Bring past *appointments* in: fulfilled, with no claim on anybody's time (APT-16).

    Of *services* and *practitioners* those are made that a visit names and the practice lacks;
    who is there already stays as they are. Practitioners come in as staff who left, without
    permissions: the practice brings back whom it wants. Results are keyed by external id:
    `added`, `updated`, `unchanged`, or refused, with the field: `unknown_client`,
    `unknown_staff`, `unknown_service`, `not_past`, `id_used`, `other_client` (a visit never moves
    to another record).
    """

    name: ClassVar[str] = "appointment.import"
    tests_secret: ClassVar[bool] = False
    appointments: tuple[PastAppointment, ...] = field(
        validator=[
            each_once(BLOCK, key=lambda past: past.external_id),
            each_once(BLOCK, key=lambda past: past.appointment_id),
        ]
    )
    services: tuple[Service, ...] = field(
        default=(), validator=each_once(MOST, least=0, key=lambda service: service.id)
    )
    practitioners: tuple[StaffMember, ...] = field(
        default=(),
        validator=each_once(MOST, least=0, key=lambda staff: staff.id),
    )

    def flow(self, context: Context) -> Flow[Outcome]:
        """One block is one transaction; importing it again changes nothing."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_import_appointments(facts)
        if not decision:
            return Outcome(decision)
        known = yield from self._known(context)
        results: list[RowResult] = []
        changes: list[Change] = []
        for past in self.appointments:
            code, at, change = _judged(past, known)
            results.append(RowResult(key=past.external_id, code=code, field=at))
            changes += change
        if changes:  # the practice is rewritten too, so that a second import at once comes after
            first = changes[0]
            changes[0] = evolve(first, states=(facts.practice, *first.states))
        made = self._made(changes, known)
        return Outcome(decision, (*made, *changes), results=tuple(results))

    def _known(self, context: Context) -> Flow[_Known]:
        keys = {each.client_external_id for each in self.appointments}
        clients, found, staff, catalogue = yield from fetch(
            ClientsByExternalId(tuple(sorted(keys))),
            AppointmentsNamed(tuple(each.appointment_id for each in self.appointments)),
            StaffNamed(tuple(sorted({each.staff_id for each in self.appointments}))),
            CatalogueOf(),
        )
        there = {*(each.id for each in staff), *(each.id for each in catalogue.services)}
        gone = (
            evolve(each, status=StaffStatus.LEFT, permissions=Permissions())
            for each in self.practitioners
        )
        given: tuple[StaffMember | Service, ...] = (*gone, *self.services)
        return _Known(
            clients={each.external_id or "": each.id for each in clients},
            appointments={each.id: each for each in found},
            made={each.id: each for each in given if each.id not in there},
            ids=frozenset(there.union(each.id for each in given)),
            now=context.now,
        )

    def _made(self, changes: Iterable[Change], known: _Known) -> tuple[Change, ...]:
        """Those of the services and practitioners that are new and that a visit needs."""
        states = [state for change in changes for state in change.states]
        found = [each for each in states if isinstance(each, Appointment)]
        needed = {each for past in found for each in (past.staff_id, past.service_id)}
        return tuple(_addition(each) for id_, each in known.made.items() if id_ in needed)


def _addition(made: StaffMember | Service) -> Change:
    event: object = (
        StaffAdded(staff_id=made.id)
        if isinstance(made, StaffMember)
        else ServiceAdded(service_id=made.id)
    )
    return Change(event, (made,), made=(made,))


def _judged(past: PastAppointment, known: _Known) -> tuple[str, str | None, tuple[Change, ...]]:
    """The code of a row, the field at fault, and what changes because of it."""
    client_id = known.clients.get(past.client_external_id)
    before = known.appointments.get(past.appointment_id)
    if client_id is None:
        return "unknown_client", "client_external_id", ()
    faults = (
        (past.staff_id not in known.ids, "unknown_staff", "staff_external_id"),
        (past.service_id not in known.ids, "unknown_service", "type"),
        (past.interval.end > known.now, "not_past", "end"),
        (before is not None and not before.is_history, "id_used", "external_id"),
        (_is_of_another(before, client_id), "other_client", "client_external_id"),
    )
    fault = next(((code, at, ()) for is_so, code, at in faults if is_so), None)
    if fault is not None:
        return fault
    if before is None:
        return "added", None, (_change(_history(past, client_id, known.now), is_new=True),)
    put_right = _put_right(before, past)
    if put_right == before:
        return "unchanged", None, ()
    return "updated", None, (_change(evolve(put_right, sequence=before.sequence + 1)),)


def _is_of_another(before: Appointment | None, client_id: ClientId) -> bool:
    return before is not None and before.client_id != client_id


def _change(appointment: Appointment, *, is_new: bool = False) -> Change:
    event = AppointmentImported(appointment_id=appointment.id)
    made: tuple[State, ...] = (appointment,) if is_new else ()
    return Change(event, (appointment,), made=made)


def _history(past: PastAppointment, client_id: ClientId, now: Moment) -> Appointment:
    appointment = Appointment(
        id=past.appointment_id,
        client_id=client_id,
        staff_id=past.staff_id,
        service_id=past.service_id,
        interval=past.interval,
        modality=past.modality,
        status=AppointmentStatus.FULFILLED,
        made_at=now,
        is_history=True,
    )
    return after(appointment, AppointmentImported(appointment_id=appointment.id))


def _put_right(before: Appointment, past: PastAppointment) -> Appointment:
    """*before* as the list has it; what became of it here since stays."""
    return evolve(
        before,
        staff_id=past.staff_id,
        service_id=past.service_id,
        interval=past.interval,
        modality=past.modality,
    )
