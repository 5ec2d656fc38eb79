"""What the machine reached: each command with each answer, and how often at least.

A machine whose commands are mostly refused finds nothing; it is green with bugs in the storage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import field, frozen

#: What the machine reaches at least with the default profile.
FLOOR: Final[Mapping[tuple[str, str], int]] = {}


@frozen
class Reach:
    """How often each (command, code) was the answer of both worlds."""

    counted: Counter[tuple[str, str]] = field(factory=Counter)

    def count(self, command: str, code: str) -> None:
        """One more."""
        self.counted[command, code] += 1

    def below(self, floor: Mapping[tuple[str, str], int]) -> Iterator[str]:
        """What stayed below *floor*."""
        for (command, code), least in sorted(floor.items()):
            found = self.counted[command, code]
            if found < least:
                yield f"{command} {code}: {found}, of {least}"

    def table(self) -> str:
        """All that was reached, one line for each command."""
        lines: dict[str, list[str]] = {}
        for (command, code), number in sorted(self.counted.items()):
            lines.setdefault(command, []).append(f"{code} {number}")
        return "\n".join(f"{command:32} {', '.join(codes)}" for command, codes in lines.items())
