"""How memory answers each query: the meaning of `clientportal.ports.queries`, in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from clientportal.embedded import (
    answers_access,
    answers_calendars,
    answers_care,
    answers_feeds,
    answers_lists,
    answers_messages,
    answers_reminders,
    answers_slots,
)

if TYPE_CHECKING:
    from clientportal.embedded.room import Look

ANSWERS: Final[Mapping[type, Callable[[Look, Any], Any]]] = {
    **answers_access.ANSWERS,
    **answers_calendars.ANSWERS,
    **answers_care.ANSWERS,
    **answers_slots.ANSWERS,
    **answers_feeds.ANSWERS,
    **answers_messages.ANSWERS,
    **answers_lists.ANSWERS,
    **answers_reminders.ANSWERS,
}
