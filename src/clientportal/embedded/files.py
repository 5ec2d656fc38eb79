"""Files that need no service: a folder, and a dictionary in memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from attrs import define, field, frozen

from clientportal.errors import AdapterError, ConfigurationError
from clientportal.ports.files import Sink, check_place


@contextmanager
def _translated() -> Iterator[None]:
    """What the operating system says, as an `AdapterError`."""
    try:
        yield
    except FileNotFoundError as error:
        raise AdapterError("file_missing") from error
    except OSError as error:
        raise AdapterError("files_unavailable", retryable=True) from error


@frozen
class _Sink:
    """Only what this folder does wrong is its fault, not what the writer raises."""

    stream: BinaryIO

    def write(self, chunk: bytes) -> None:
        with _translated():
            self.stream.write(chunk)

    def finish(self) -> None:
        with _translated():
            self.stream.flush()
            os.fsync(self.stream.fileno())
            self.stream.close()

    def give_up(self) -> None:
        with suppress(OSError):
            self.stream.close()


@frozen
class FolderFiles:
    """Keeps each place as a file beneath *folder*: temporary file, fsync, rename."""

    folder: Path = field(converter=Path)

    @classmethod
    def from_settings(cls, settings: Mapping[str, Any]) -> FolderFiles:
        """The files beneath ``path``, a folder that is made when the first file comes."""
        if not settings.get("path"):
            raise ConfigurationError("missing_setting", "give the files `folder` a `path`")
        return cls(settings["path"])

    def _path(self, place: str) -> Path:
        return self.folder.joinpath(*check_place(place).split("/"))

    @contextmanager
    def write(self, place: str) -> Iterator[Sink]:
        """As `Files.write`; the rename makes it whole, the folder's fsync makes it last."""
        path = self._path(place)
        with _translated():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        sink = _Sink(os.fdopen(handle, "wb"))
        try:
            yield sink
            sink.finish()
            with _translated():
                Path(temporary).replace(path)
                _keep_names(path.parent)
        except BaseException:
            sink.give_up()
            with suppress(OSError):
                Path(temporary).unlink(missing_ok=True)
            raise

    def read(self, place: str) -> BinaryIO:
        """As `Files.read`."""
        with _translated():
            return self._path(place).open("rb")

    def remove(self, place: str) -> None:
        """As `Files.remove`."""
        with _translated():
            self._path(place).unlink(missing_ok=True)


def _keep_names(folder: Path) -> None:
    """Make a rename in *folder* outlast a power cut, where the system can."""
    if hasattr(os, "O_DIRECTORY"):
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@define
class MemoryFiles:
    """Keeps bytes while the process runs."""

    kept: dict[str, bytes] = field(factory=dict, repr=False)

    @contextmanager
    def write(self, place: str) -> Iterator[Sink]:
        """As `Files.write`."""
        check_place(place)
        sink = BytesIO()
        yield sink
        self.kept[place] = sink.getvalue()

    def read(self, place: str) -> BinaryIO:
        """As `Files.read`."""
        if check_place(place) not in self.kept:
            raise AdapterError("file_missing")
        return BytesIO(self.kept[place])

    def remove(self, place: str) -> None:
        """As `Files.remove`."""
        self.kept.pop(check_place(place), None)
