"""Services and when they can be booked (APT-1)."""

from __future__ import annotations

from typing import ClassVar

from attrs import field, frozen

from clientportal.domain.availability import (
    Availability,
    AvailabilitySet,
    Exceptional,
    Service,
    ServiceAdded,
    Window,
)
from clientportal.domain.ids import ServiceId, StaffId
from clientportal.domain.moments import is_timezone
from clientportal.domain.people import StaffMember
from clientportal.flows import Change, Flow, Get, Outcome, Shown, State, fetch
from clientportal.policies.availability import may_see_catalogue, may_set_availability
from clientportal.policies.practices import may_change_settings
from clientportal.policies.standing import PracticeFacts, Standing
from clientportal.ports.queries import CatalogueOf, PracticeFactsOf, StandingOf
from clientportal.usecases.command import Context


@frozen(kw_only=True)
class AddService:
    """Offer a service (APT-1)."""

    name: ClassVar[str] = "service.add"
    tests_secret: ClassVar[bool] = False
    service: Service

    def flow(self, context: Context) -> Flow[Outcome]:
        """Staff with practice settings may."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_change_settings(facts)
        if not decision:
            return Outcome(decision)
        event = ServiceAdded(service_id=self.service.id)
        return Outcome(decision, (Change(event, (self.service,), made=(self.service,)),))


@frozen(kw_only=True)
class SetAvailability:
    """Set when can be booked at one level: of a staff member, a service, both, or the practice.

    What is None is left to the less specific levels (APT-1).
    """

    name: ClassVar[str] = "availability.set"
    tests_secret: ClassVar[bool] = False
    staff_id: StaffId | None = None
    service_id: ServiceId | None = None
    timezone: str | None = field(default=None, validator=is_timezone)
    weekly: tuple[Window, ...] | None = None
    exceptions: tuple[Exceptional, ...] | None = None

    def flow(self, context: Context) -> Flow[Outcome]:
        """The owner of the level is rewritten, so that a booking under way is decided again."""
        facts = yield from fetch(PracticeFactsOf(context.actor))
        decision = may_set_availability(facts, self.staff_id)
        if not decision:
            return Outcome(decision)
        owner = yield from self._owner(facts)
        level = Availability(
            practice_id=facts.practice.id,
            staff_id=self.staff_id,
            service_id=self.service_id,
            timezone=self.timezone,
            weekly=self.weekly,
            exceptions=self.exceptions,
        )
        event = AvailabilitySet(staff_id=self.staff_id, service_id=self.service_id)
        return Outcome(decision, (Change(event, (owner, level)),))

    def _owner(self, facts: PracticeFacts) -> Flow[State]:
        """The staff member, else the service, else the practice."""
        if self.staff_id is not None and self.service_id is not None:
            staff, _ = yield from fetch(
                Get(StaffMember, self.staff_id), Get(Service, self.service_id)
            )
            return staff
        if self.staff_id is not None:
            return (yield from fetch(Get(StaffMember, self.staff_id)))
        if self.service_id is not None:
            return (yield from fetch(Get(Service, self.service_id)))
        return facts.practice


@frozen(kw_only=True)
class Offered:
    """A staff member as whoever books sees them: no address, no permissions."""

    staff_id: StaffId
    name: str = field(repr=False)


@frozen(kw_only=True)
class CatalogueSeen:
    """What the practice offers: its services, and its active staff, each by id."""

    services: tuple[Service, ...]
    staff: tuple[Offered, ...]


@frozen(kw_only=True)
class SeeCatalogue:
    """What can be booked here, and with whom."""

    name: ClassVar[str] = "service.list"

    def flow(self, context: Context) -> Flow[Shown[CatalogueSeen]]:
        """Staff, and whoever has access to a client's portal now (INV-7, REL-6)."""
        facts, catalogue = yield from fetch(PracticeFactsOf(context.actor), CatalogueOf())
        standing: Standing | None = None
        if context.actor.client_id is not None:
            standing = yield from fetch(StandingOf(context.actor.client_id, context.actor))
        decision = may_see_catalogue(facts, standing)
        if not decision:
            return Shown(decision)
        staff = tuple(Offered(staff_id=each.id, name=each.name) for each in catalogue.staff)
        return Shown(decision, CatalogueSeen(services=catalogue.services, staff=staff))
