"""Files without a service: whole or not there, and nowhere but in their folder (DOC-5)."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest

from clientportal.embedded.files import FolderFiles, MemoryFiles
from clientportal.errors import AdapterError, ConfigurationError, MalformedError
from clientportal.ports.files import Files

PLACE: Final = "ab/0123456789abcdef"
KINDS: Final = ("folder", "memory")
TRICKS: Final = (
    "",
    "/",
    ".",
    "..",
    "../secret",
    "a/../../secret",
    "/etc/passwd",
    "a//b",
    "a/",
    "/a",
    "a\\b",
    "a\x00b",
    "A",
    "a.b",
    "a b",
    "é",
    "٣",
    "a\n",
    "~",
    "c:x",
    "a/" * 8 + "a",
    "a" * 201,
)


def files_of(kind: str, folder: Path) -> Files:
    """The adapter called *kind*."""
    return FolderFiles(folder / "files") if kind == "folder" else MemoryFiles()


def kept(files: Files, place: str) -> bytes:
    """What lies at *place*."""
    with files.read(place) as stream:
        return stream.read()


def names(folder: Path) -> list[str]:
    """Every file beneath *folder*."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_written_is_read(kind: str, tmp_path: Path) -> None:
    """Chunks become one content; removing forgets it, twice as well as once."""
    files = files_of(kind, tmp_path)
    with files.write(PLACE) as sink:
        sink.write(b"one ")
        sink.write(b"two")
    assert kept(files, PLACE) == b"one two"
    files.remove(PLACE)
    files.remove(PLACE)
    with pytest.raises(AdapterError) as caught:
        files.read(PLACE)
    assert (caught.value.code, caught.value.retryable) == ("file_missing", False)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_there_before_it_is_whole(kind: str, tmp_path: Path) -> None:
    """Until the context is left, nobody reads anything at the place."""
    files = files_of(kind, tmp_path)
    with files.write(PLACE) as sink:
        sink.write(b"half")
        with pytest.raises(AdapterError):
            files.read(PLACE)
    assert kept(files, PLACE) == b"half"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("raised", [ValueError, OSError, KeyboardInterrupt, GeneratorExit])
def test_an_exception_leaves_nothing_behind(
    kind: str, raised: type[BaseException], tmp_path: Path
) -> None:
    """Whatever ends the writing, it goes on to the caller as it is, and nothing stays."""
    files = files_of(kind, tmp_path)
    with pytest.raises(raised), files.write(PLACE) as sink:  # noqa: PT012 - the body is the point
        sink.write(b"half")
        raise raised
    with pytest.raises(AdapterError):
        files.read(PLACE)
    assert names(tmp_path) == []


def test_what_others_left_is_left_alone(tmp_path: Path) -> None:
    """Only one's own temporary file is swept: another's may be in use."""
    files = FolderFiles(tmp_path)
    (tmp_path / "ab").mkdir()
    (tmp_path / "ab" / "other.tmp").write_bytes(b"")
    with pytest.raises(ValueError, match="stop"), files.write(PLACE):
        raise ValueError("stop")
    assert names(tmp_path) == ["ab/other.tmp"]


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """Neither the group nor others read a file or list a folder."""
    files = FolderFiles(tmp_path / "files")
    with files.write(PLACE) as sink:
        sink.write(b"x")
    made = (tmp_path / "files" / "ab", tmp_path / "files" / PLACE)
    assert all(path.stat().st_mode & 0o077 == 0 for path in made)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", TRICKS)
def test_no_place_leads_elsewhere(kind: str, place: str, tmp_path: Path) -> None:
    """A place is words of 0-9 and a-z; whatever else it is, no method takes it."""
    (tmp_path / "secret").write_bytes(b"secret")
    files = files_of(kind, tmp_path)
    with pytest.raises(MalformedError), files.write(place):
        pytest.fail("it was taken")
    for method in (files.read, files.remove):
        use: Any = method
        with pytest.raises(MalformedError) as caught:
            use(place)
        assert caught.value.code == "invalid_place"
    assert names(tmp_path) == ["secret"]


def test_what_the_system_refuses_is_translated(tmp_path: Path) -> None:
    """A folder that cannot be made is an `AdapterError` that says to try again."""
    (tmp_path / "files").write_text("a file, no folder")
    with pytest.raises(AdapterError) as caught, FolderFiles(tmp_path / "files").write(PLACE):
        pytest.fail("it was opened")
    assert (caught.value.code, caught.value.retryable) == ("files_unavailable", True)


def test_the_folder_must_be_named(tmp_path: Path) -> None:
    """Files without their folder are a wrong setting."""
    assert FolderFiles.from_settings({"path": str(tmp_path)}) == FolderFiles(tmp_path)
    with pytest.raises(ConfigurationError, match="missing_setting"):
        FolderFiles.from_settings({"path": ""})


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    """What does not fit is `files_unavailable`, and not half there."""
    resource = pytest.importorskip("resource", reason="this system has no limits for files")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(AdapterError) as caught, FolderFiles(tmp_path).write(PLACE) as sink:
            sink.write(bytes(1024 * 1024))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (caught.value.code, caught.value.retryable) == ("files_unavailable", True)
    assert names(tmp_path) == []
