"""What the machine reached: each command with each answer, and how often at least.

A machine whose commands are mostly refused finds nothing; it is green with bugs in the storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import field, frozen

#: What one play of each number reaches at least with the default profile: of each command, done and
#: denied, and the answers that only a storage can be wrong about.
FLOOR: Final[Mapping[tuple[str, str], int]] = {
    ("account.sign_in", "denied"): 2,
    ("account.sign_in", "done"): 2,
    ("account.sign_out", "done"): 4,
    ("again", "denied"): 2,
    ("again", "done"): 10,
    ("again", "same receipt"): 10,
    ("appointment.accept", "denied"): 5,
    ("appointment.book", "!slot_taken"): 4,
    ("appointment.book", "denied"): 18,
    ("appointment.book", "done"): 6,
    ("appointment.cancel", "already_cancelled"): 1,
    ("appointment.cancel", "denied"): 1,
    ("appointment.cancel", "done"): 4,
    ("appointment.decline", "denied"): 5,
    ("appointment.decline", "done"): 1,
    ("availability.set", "denied"): 3,
    ("availability.set", "done"): 4,
    ("client.add", "denied"): 1,
    ("client.add", "done"): 1,
    ("client.archive", "denied"): 1,
    ("client.archive", "done"): 1,
    ("client.change", "denied"): 1,
    ("client.import", "denied"): 1,
    ("client.import", "done"): 1,
    ("conversation.close", "denied"): 3,
    ("conversation.close", "done"): 2,
    ("conversation.read", "denied"): 1,
    ("conversation.read", "done"): 6,
    ("conversation.reopen", "denied"): 3,
    ("conversation.start", "denied"): 5,
    ("conversation.start", "done"): 2,
    ("conversation.start", "staff_among_themselves"): 1,
    ("conversation.unlock", "denied"): 3,
    ("delivery.record", "denied"): 1,
    ("delivery.record", "done"): 2,
    ("document.share", "denied"): 1,
    ("document.share", "done"): 1,
    ("document.withdraw", "denied"): 2,
    ("feed.make", "denied"): 1,
    ("feed.make", "done"): 1,
    ("file.upload", "denied"): 2,
    ("interleave", "denied"): 25,
    ("interleave", "done"): 20,
    ("invite.accept", "!invite_used"): 1,
    ("invite.accept", "!link_invalid"): 1,
    ("invite.accept", "denied"): 4,
    ("invite.accept", "done"): 1,
    ("invite.renew", "!invite_used"): 1,
    ("invite.renew", "!link_invalid"): 1,
    ("invite.renew", "denied"): 2,
    ("invite.resend", "denied"): 1,
    ("invite.revoke", "denied"): 1,
    ("invite.send", "denied"): 1,
    ("invite.send_many", "denied"): 1,
    ("invite.send_many", "done"): 1,
    ("invite.send_related", "denied"): 1,
    ("invite.send_related", "done"): 1,
    ("invite.send_staff", "denied"): 3,
    ("message.send", "!locked"): 1,
    ("message.send", "assigned"): 1,
    ("message.send", "denied"): 5,
    ("message.send", "done"): 8,
    ("message.send", "may_reply"): 2,
    ("note.write", "denied"): 1,
    ("note.write", "done"): 1,
    ("practice.change", "done"): 1,
    ("practice.open", "denied"): 1,
    ("practice.set_messaging_policy", "denied"): 2,
    ("practice.set_messaging_policy", "done"): 7,
    ("profile.change", "done"): 1,
    ("relationship.change", "denied"): 1,
    ("relationship.change", "done"): 1,
    ("relationship.end", "done"): 1,
    ("relationship.make", "done"): 1,
    ("roster.assign", "denied"): 1,
    ("roster.unassign", "done"): 2,
    ("service.add", "denied"): 4,
    ("service.add", "done"): 3,
    ("settings.set_language", "done"): 1,
    ("settings.set_timezone", "denied"): 1,
    ("settings.set_timezone", "done"): 1,
    ("staff_member.add", "done"): 1,
    ("staff_member.change", "denied"): 1,
    ("staff_member.change", "done"): 2,
}


@frozen
class Reach:
    """How often each (command, code) was the answer of both worlds."""

    counted: Counter[tuple[str, str]] = field(factory=Counter)

    def count(self, command: str, code: str) -> None:
        """One more; codes of denials begin with an exclamation mark."""
        self.counted[command, code] += 1

    def found(self, command: str, code: str) -> int:
        """How often *code* was the answer; ``done`` and ``denied`` are any of their kind."""
        if code not in ("done", "denied"):
            return self.counted[command, code]
        denied = code == "denied"
        return sum(
            n for (c, each), n in self.counted.items() if c == command and ("!" in each) is denied
        )

    def below(self, floor: Mapping[tuple[str, str], int]) -> Iterator[str]:
        """What stayed below *floor*."""
        for (command, code), least in sorted(floor.items()):
            found = self.found(command, code)
            if found < least:
                yield f"{command} {code}: {found}, of {least}"

    def table(self) -> str:
        """All that was reached, one line for each command."""
        lines: dict[str, list[str]] = {}
        for (command, code), number in sorted(self.counted.items()):
            lines.setdefault(command, []).append(f"{code} {number}")
        return "\n".join(f"{command:32} {', '.join(codes)}" for command, codes in lines.items())
