"""How far the relay has come with an event of the outbox (OUT-1)."""

from __future__ import annotations

from attrs import field, frozen
from attrs.validators import optional

from clientportal.domain.moments import Moment, is_moment


@frozen(kw_only=True)
class Delivery:
    """What became of the event at *position*: tried so often, done at *delivered_at*.

    *done* are the consumers that already have it: ``mail`` and ``subscriber:<name>``. *fault* is
    the code of the last failure.
    """

    position: int
    attempts: int = 0
    done: tuple[str, ...] = ()
    delivered_at: Moment | None = field(default=None, validator=optional(is_moment))
    fault: str | None = None

    belongs_to = None
    claims = ()

    @property
    def id(self) -> str:
        """The position, as text."""
        return str(self.position)
