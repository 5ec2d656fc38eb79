"""Questions about when something can be had, of anybody who offers it."""

from __future__ import annotations

from attrs import frozen

from clientportal.domain.actors import Actor
from clientportal.domain.ids import ClientId, ServiceId
from clientportal.domain.moments import Interval, Moment
from clientportal.flows import Query
from clientportal.policies.slots import SearchFacts


@frozen
class SearchFactsOf(Query[SearchFacts]):
    """What decides whether the service can be had within *within*, of every active staff member.

    The offers are by staff id; each is what `BookingFactsOf` says of that staff member: the time
    that gives way to a booking with them is no part of *held*.
    """

    subject = "client"
    client_id: ClientId
    service_id: ServiceId
    within: Interval
    actor: Actor
    now: Moment
