"""Who may see which times of whom, and what is on offer to a client at all (APT-1, APT-3)."""

from __future__ import annotations

from attrs import frozen

from clientportal.domain.availability import Service
from clientportal.domain.slots import Offer, is_at_limit
from clientportal.policies.appointments import BookingFacts, may_list_appointments, may_see_slots
from clientportal.policies.decision import Decision
from clientportal.policies.standing import Standing


@frozen(kw_only=True)
class SearchFacts:
    """Who looks for whom, for which service, and all that decides when each can be had."""

    standing: Standing
    service: Service
    offers: tuple[Offer, ...]


def _seen(facts: SearchFacts, offer: Offer) -> Decision:
    return may_see_slots(BookingFacts(standing=facts.standing, offer=offer))


def may_search_slots(facts: SearchFacts) -> Decision:
    """Whether the actor may see when anybody can be had (APT-3).

    A staff member sees no calendar more than their own, and to others all calendars are alike.
    """
    me, offers = facts.standing.actor.staff_id, facts.offers
    if not offers:
        return may_list_appointments(facts.standing)
    return _seen(facts, next((each for each in offers if each.staff.id == me), offers[0]))


def on_offer(facts: SearchFacts) -> tuple[Offer, ...]:
    """Those of the offers that the client can be booked with, and whose calendar the actor sees.

    Nothing that is not booked online, nobody who left, and nothing to whom is no longer served or
    has as many ahead as they may.
    """
    if not facts.standing.client.is_active or not facts.service.is_bookable_online:
        return ()
    bookable = (each for each in facts.offers if each.staff.is_active and not is_at_limit(each))
    return tuple(each for each in bookable if _seen(facts, each))
