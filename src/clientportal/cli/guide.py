"""The guide's fourteen lines, each looked at through the portal as people use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, Literal, TypeAlias

from attrs import frozen

from clientportal.cli import guide_access, guide_appointments, guide_messages, guide_records
from clientportal.cli.guide_access import Looked
from clientportal.cli.stage import Stage
from clientportal.errors import ClientPortalError

#: What of a line is not there yet: exactly this.
LATER: Final[Mapping[int, tuple[str, ...]]] = {
    4: ("forms",),
    12: ("forms",),
    14: ("mfa", "payment method"),
}

Lines: TypeAlias = Mapping[int, tuple[str, Callable[[Stage], Looked]]]

GUIDE: Final[Lines] = {
    1: ("staff invite from the client list or the record", guide_access.invites),
    2: ("the invite goes to the address on the record", guide_access.mails),
    3: ("its link makes an account; then they sign in", guide_access.accounts),
    4: ("the dashboard comes first, with all history", guide_appointments.dashboard),
    5: ("appointments: view, book, cancel, join", guide_appointments.appointments),
    6: ("the inbox holds what the practice wrote", guide_messages.inbox),
    7: ("who may not write is told why not", guide_messages.told_why_not),
    8: ("reply only, the default; closes after 48 hours", guide_messages.reply_only),
    9: ("never initiate", guide_messages.never_initiate),
    10: ("assigned clients only", guide_messages.assigned_clients_only),
    11: ("all clients", guide_messages.all_clients),
    12: ("documentation: read, upload, write, download", guide_records.documentation),
    13: ("related people, and what is shared with them", guide_records.relationships),
    14: ("settings: profile, language, timezone, ...", guide_records.settings),
}


@frozen(kw_only=True)
class Line:
    """A line of the guide, and what was seen of it; *holds* is `later` where a part is to come."""

    number: int
    about: str
    holds: bool | Literal["later"]
    seen: str
    later: tuple[str, ...] = ()


def played(stage: Stage, guide: Lines = GUIDE) -> Iterator[Line]:
    """Every line of *guide*, in its order."""
    for number, (about, looked) in guide.items():
        yield _line(number, about, looked, stage)


def _line(number: int, about: str, looked: Callable[[Stage], Looked], stage: Stage) -> Line:
    """The line with all that was seen, or only with what was not as it should be."""
    seen: list[tuple[bool, str]] = []
    try:
        seen += looked(stage)
    except ClientPortalError as error:
        seen.append((False, f"stopped by `{error.code}`"))
    wrong = [f"NOT SO: {text}" for is_so, text in seen if not is_so]
    later = LATER.get(number, ())
    return Line(
        number=number,
        about=about,
        holds=False if wrong or not seen else "later" if later else True,
        seen="; ".join(wrong or [text for _, text in seen]),
        later=later,
    )
