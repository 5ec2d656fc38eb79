"""How far a long import is, shown on a terminal and nowhere else (PPL-7)."""

from __future__ import annotations

from typing import Final, TextIO

from attrs import frozen

_LENGTH: Final = 40


@frozen
class Progress:
    """A bar on *stream*, one line that is drawn again; silent where nobody watches."""

    stream: TextIO
    label: str

    def __call__(self, done: int, total: int) -> None:
        """Draw *done* of *total*; the line ends when all is done."""
        if not self.stream.isatty():
            return
        share = done / total if total else 1.0
        bar = ("█" * round(share * _LENGTH)).ljust(_LENGTH, "·")
        end = "\n" if done >= total else ""
        self.stream.write(f"\r{self.label} {bar} {done:,} of {total:,}{end}")
        self.stream.flush()
