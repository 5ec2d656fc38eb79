"""Questions of the specification as facts of the library.

What happened is replayed through the library's own transitions; what repeats is made once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, NamedTuple

from attrs import evolve
from tests.policies.facts import P
from tests.spec import messaging_spec as spec

from clientportal.domain.accounts import Access
from clientportal.domain.actors import Actor, Capacity
from clientportal.domain.conversations import (
    Conversation,
    ConversationClosed,
    ConversationEvent,
    ConversationReopened,
    ConversationTakenOver,
    ConversationUnlocked,
    MessageSent,
    Participant,
    after,
    auto_closed_at,
)
from clientportal.domain.ids import (
    AccountId,
    ClientId,
    ContactId,
    ConversationId,
    MessageId,
    RelationshipId,
    StaffId,
)
from clientportal.domain.moments import Moment
from clientportal.domain.people import Reach
from clientportal.domain.practices import (
    DEFAULT_POLICY,
    MessagingPolicy,
    PolicySet,
    PolicySince,
    Practice,
    UnknownPolicy,
    after_policy,
)
from clientportal.domain.relationships import Relationship, Scope
from clientportal.policies.correspondence import Correspondent, Counterpart, WritingFacts

EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
LONG_AGO: Final = EPOCH - timedelta(days=1)
TALK: Final = ConversationId("cnv_1")
MESSAGE: Final = MessageId("msg_1")
ACCOUNT: Final = AccountId("acc_1")

History = tuple[PolicySince, ...]
Roster = frozenset[tuple[str, str]]


def at(time_us: int) -> Moment:
    """A moment of the specification."""
    return EPOCH + timedelta(microseconds=time_us)


# --- What happened -------------------------------------------------------------------------------


class Past(NamedTuple):
    """The policies up to now, and the conversation, if there is one."""

    policies: History
    conversation: Conversation | None


@lru_cache(maxsize=256)
def past_of(asked: spec.Scene) -> Past:
    """What the library makes of all that happened; *asked* holds nothing else."""
    since = (PolicySince(DEFAULT_POLICY, LONG_AGO),)
    practice = Practice(id=P, name="Riverside", policies=since)
    talk: Conversation | None = None
    for event in spec.happened(asked):
        if isinstance(event, spec.Switch):
            practice = switched(practice, event)
        elif isinstance(event, spec.Message):
            talk = written(talk or fresh(asked, event), event)
        elif talk is not None:
            talk = by_hand(talk, practice.policies, event)
    return Past(practice.policies, talk)


def switched(practice: Practice, switch: spec.Switch) -> Practice:
    """The practice sets a policy, or comes to hold one that nobody knows."""
    if switch.value in spec.KNOWN:
        policy = MessagingPolicy(switch.value)
        return after_policy(
            practice, PolicySet(practice_id=P, policy=policy, at=at(switch.time_us))
        )
    unknown = PolicySince(UnknownPolicy(str(switch.value)), at(switch.time_us))
    return evolve(practice, policies=(*practice.policies, unknown))


def fresh(asked: spec.Scene, first: spec.Message) -> Conversation:
    """The conversation that its first message begins."""
    return Conversation(
        id=TALK,
        last_at=at(first.time_us),
        is_among_staff=spec.staff_only(asked),
        is_closed_to_proxies=asked.closed_to_proxies,
    )


def written(talk: Conversation, message: spec.Message) -> Conversation:
    """With this message; an automatic one is none to the library."""
    if message.side not in ("staff", *spec.CLIENT_SIDE):
        return talk
    sent = MessageSent(
        conversation_id=TALK,
        message_id=MESSAGE,
        sequence=talk.last_sequence + 1,
        is_by_staff=message.side == "staff",
        at=at(message.time_us),
    )
    return after(talk, sent)


def by_hand(talk: Conversation, history: History, event: spec.ByHand) -> Conversation:
    """After what staff did; taking over leaves a conversation that has closed as it is."""
    now = at(event.time_us)
    ended = [one for one in (talk.closed_at, closed_alone(talk, history, now)) if one is not None]
    if event.kind == "taken_over" and ended:
        return talk
    happened: dict[str, ConversationEvent] = {
        "closed": ConversationClosed(
            conversation_id=TALK, at=min((*ended, now)), is_locked=event.locked
        ),
        "reopened": ConversationReopened(conversation_id=TALK, at=now),
        "unlocked": ConversationUnlocked(conversation_id=TALK),
        "taken_over": ConversationTakenOver(conversation_id=TALK, at=now),
    }
    return after(talk, happened[event.kind])


def closed_alone(talk: Conversation, history: History, now: Moment) -> Moment | None:
    """When it closed by itself."""
    return auto_closed_at(talk.waiting_since, history, now)


# --- Who is there --------------------------------------------------------------------------------

client_id = lru_cache(maxsize=None)(ClientId.of)
staff_id = lru_cache(maxsize=None)(StaffId.of)


@lru_cache(maxsize=4096)
def clients_of(clients: tuple[spec.Client, ...], roster: Roster) -> Mapping[ClientId, Counterpart]:
    """The clients who take part, and whether they are on anybody's roster."""
    rostered = {client for client, _ in roster}
    return {
        client_id(one.id): Counterpart(
            client_id=client_id(one.id),
            name=one.id,
            is_active=one.active,
            is_on_a_roster=one.id in rostered,
        )
        for one in clients
    }


@lru_cache(maxsize=4096)
def staff_of(
    staff: tuple[spec.Staff, ...], clients: tuple[spec.Client, ...], roster: Roster
) -> Mapping[StaffId, Correspondent]:
    """The staff who take part."""
    return {staff_id(one.id): correspondent_of(one, clients, roster) for one in staff}


def correspondent_of(
    one: spec.Staff, clients: tuple[spec.Client, ...], roster: Roster
) -> Correspondent:
    """A staff member; where the roster tells whom they may view, it does."""
    assigned = [client.id for client in clients if (client.id, one.id) in roster]
    sees = one.permitted and not any(client.id in one.blind_to for client in clients)
    by_roster = sees is (len(assigned) == len(clients))
    return Correspondent(
        staff_id=staff_id(one.id),
        name=one.id,
        is_active=one.active,
        takes_messages=one.takes_messages,
        views=Reach.ASSIGNED if by_roster else Reach.EVERYTHING if sees else Reach.NONE,
        assigned=frozenset(map(client_id, assigned)),
    )


@lru_cache(maxsize=4096)
def actor_facts(
    side: str, actor: str, access: bool, proxy: spec.Proxy | None, begun: bool
) -> dict[str, Any]:
    """Who asks, and what lets them in; a proxy, how they take part."""
    if side == "staff":
        one = Actor(practice_id=P, capacity=Capacity.STAFF, staff_id=staff_id(actor))
        return {"actor": one}
    if side == "client" or proxy is None:
        me = client_id(actor)
        one = Actor(practice_id=P, capacity=Capacity.CLIENT, client_id=me, account_id=ACCOUNT)
        return {"actor": one, "access": access_to(me, None, live=access)}
    return proxy_facts(proxy, begun=begun)


def access_to(me: ClientId, through: RelationshipId | None, *, live: bool) -> Access:
    """What opens the portal, or did."""
    return Access(
        client_id=me,
        account_id=ACCOUNT,
        relationship_id=through,
        since=LONG_AGO,
        ended_at=None if live else EPOCH,
    )


def proxy_facts(proxy: spec.Proxy, *, begun: bool) -> dict[str, Any]:
    """A proxy, their grant, and that they take part in what has begun."""
    me, through = client_id(proxy.client), RelationshipId.of(proxy.id)
    takes_part = Participant(conversation_id=TALK, person=through, since=EPOCH)
    return {
        "actor": Actor(
            practice_id=P,
            capacity=Capacity.PROXY,
            client_id=me,
            account_id=ACCOUNT,
            relationship_id=through,
        ),
        "access": access_to(me, through, live=proxy.access),
        "bond": Relationship(
            id=through,
            client_id=me,
            person=ContactId("con_1"),
            kind="parent",
            scopes=frozenset({Scope.MESSAGES if proxy.in_scope else Scope.JOIN}),
            since=LONG_AGO,
            until=None if proxy.current else EPOCH,
        ),
        "participant": takes_part if begun and proxy.participant else None,
    }


# --- The question --------------------------------------------------------------------------------


def only_past(scene: spec.Scene) -> spec.Scene:
    """What *past_of* looks at: equal for all who ask about the same conversation."""
    among = spec.staff_only(scene)
    return spec.Scene(
        *("reply", "staff", "", scene.now),
        policy=scene.policy,
        messages=scene.messages,
        by_hand=scene.by_hand,
        clients=() if among else (spec.Client("c"),),
        closed_to_proxies=scene.closed_to_proxies,
    )


def facts_of(scene: spec.Scene) -> WritingFacts:
    """What storage would answer to the question of a scene."""
    past = past_of(only_past(scene))
    begun = scene.action != "start"
    return WritingFacts(
        policies=past.policies,
        clients=clients_of(scene.clients, scene.roster),
        staff=staff_of(scene.staff, scene.clients, scene.roster),
        conversation=past.conversation if begun else None,
        **actor_facts(scene.side, scene.actor, scene.portal_access, scene.proxy, begun),
    )
