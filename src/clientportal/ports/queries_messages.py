"""Questions about conversations, who takes part, and messages (MSG-2 to MSG-21)."""

from __future__ import annotations

from attrs import field, frozen

from clientportal.domain.actors import Actor
from clientportal.domain.conversations import Participant
from clientportal.domain.ids import ClientId, ConversationId, MessageId, StaffId
from clientportal.domain.messages import Message, Tombstone
from clientportal.domain.moments import Moment
from clientportal.domain.relationships import Relationship
from clientportal.flows import Query
from clientportal.policies.correspondence import WritingFacts
from clientportal.policies.foresight import Foreseen
from clientportal.policies.notices import Addressee
from clientportal.policies.selecting import Answerable, Startable
from clientportal.ports.queries_access import PAGE, limited


@frozen
class WritingFactsOf(Query[WritingFacts]):
    """What decides whether *actor* may write in a conversation; who takes part now, by id."""

    subject = "conversation"
    conversation_id: ConversationId
    actor: Actor


@frozen
class StartingFactsOf(Query[WritingFacts]):
    """What decides whether *actor* may start with these clients and staff; by their ids.

    The absence of any is that of the client.
    """

    subject = "client"
    client_ids: tuple[ClientId, ...]
    staff_ids: tuple[StaffId, ...]
    actor: Actor


@frozen
class RecipientsOf(Query[WritingFacts]):
    """As `StartingFactsOf` one client, with every active staff member as a correspondent.

    With *startable*, only those whom the client may start with: active, permitted to view the
    client, taking messages, and as the policy says.
    """

    subject = "client"
    client_id: ClientId
    actor: Actor
    startable: Startable | None = field(default=None, kw_only=True)


@frozen
class ProxiesOf(Query[tuple[Relationship, ...]]):
    """The current relationships of these clients that grant messages, by id (MSG-20)."""

    subject = "client"
    client_ids: tuple[ClientId, ...]


@frozen(kw_only=True)
class Posted:
    """A message, and its tombstone if it is shown no more."""

    message: Message
    tombstone: Tombstone | None = None


@frozen
class UnownedOf(Query[tuple[WritingFacts, ...]]):
    """Conversations with clients, not closed by hand, that no permitted staff keeps (MSG-16).

    With *without*, those that this staff member is the only one to keep. What waits since
    *closed_upto* or earlier has closed by itself and is left out. By id, after *after*; the owners
    in them are remembered.
    """

    subject = "practice"
    actor: Actor
    without: StaffId | None = field(default=None, kw_only=True)
    closed_upto: Moment | None = field(default=None, kw_only=True)
    after: ConversationId | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen(kw_only=True)
class Found:
    """A message that was searched for, and what decides about reading it."""

    facts: WritingFacts
    posted: Posted


@frozen
class SearchOf(Query[tuple[Found, ...]]):
    """A page of the messages that hold every one of *words*, latest first by (at, id).

    Those *actor* may see now: where they take part, and staff may view all clients; none that was
    taken back. *words* are as `words_of` gives them.
    """

    subject = "message"
    actor: Actor
    words: tuple[str, ...]
    after: tuple[Moment, MessageId] | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen
class ClosingsOf(Query[tuple[WritingFacts, ...]]):
    """Conversations whose client owes the answer, not closed by hand, longest waiting first.

    Those *actor* takes part in; with *everybody*, all of the practice. *after* is the waiting since
    and the id of the last one seen. *closed_upto* is as in `UnownedOf`.
    """

    subject = "practice"
    actor: Actor
    everybody: bool = field(default=False, kw_only=True)
    closed_upto: Moment | None = field(default=None, kw_only=True)
    after: tuple[Moment, ConversationId] | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen
class ForeseenOf(Query[tuple[Foreseen, ...]]):
    """Conversations with clients, by id after *after*, as a switch of policy is judged on them."""

    subject = "practice"
    actor: Actor
    after: ConversationId | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen
class TombstoneOf(Query[Tombstone | None]):
    """What tells that a message is shown no more, or None."""

    subject = "message"
    message_id: MessageId


@frozen(kw_only=True)
class InboxItem:
    """One conversation of an inbox: what decides about writing, and the latest message."""

    facts: WritingFacts
    latest: Posted

    @property
    def unread(self) -> int:
        """How many messages are new to the reader: two sequences, no count (MSG-15)."""
        after, upto = self.facts.window
        reading = self.facts.reading
        return upto - (after if reading is None else max(after, reading.sequence))


@frozen
class InboxOf(Query[tuple[InboxItem, ...]]):
    """A page of the conversations *actor* takes part in now, latest first by (last_at, id).

    With *answerable*, only those that the actor may answer then.
    """

    subject = "client"
    actor: Actor
    answerable: Answerable | None = field(default=None, kw_only=True)
    after: tuple[Moment, ConversationId] | None = field(default=None, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen
class ConversationsAbout(Query[tuple[WritingFacts, ...]]):
    """What decides about writing for *actor*, in each conversation with a client, latest first."""

    subject = "client"
    client_id: ClientId
    actor: Actor
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen
class MessagesOf(Query[tuple[Posted, ...]]):
    """A page of the messages after one sequence and before another, newest first."""

    subject = "conversation"
    conversation_id: ConversationId
    after: int = field(default=0, kw_only=True)
    before: int = field(default=2**53, kw_only=True)
    limit: int = field(default=PAGE, validator=limited, kw_only=True)


@frozen(kw_only=True)
class TakesPart:
    """How somebody takes part or did, their *name*, and the client a proxy *acts_for*."""

    participant: Participant
    name: str = field(repr=False)
    acts_for: ClientId | None = None
    on_behalf_of: str | None = field(default=None, repr=False)
    has_read: int = 0


@frozen
class AddresseesOf(Query[tuple[Addressee, ...]]):
    """Everybody who takes part in a conversation now, by id, with where mail reaches them.

    Staff by their own address, clients and proxies by their account's. Their notices are
    remembered.
    """

    subject = "conversation"
    conversation_id: ConversationId


@frozen
class ParticipantsOf(Query[tuple[TakesPart, ...]]):
    """Everybody who takes part in a conversation or did, by id, and how far they have read."""

    subject = "conversation"
    conversation_id: ConversationId
