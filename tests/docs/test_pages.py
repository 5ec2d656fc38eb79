"""The pages build, their links lead somewhere, and they are for everybody's machine."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
SHORT: Final = 25
WIDE: Final = 100

_BLOCK: Final = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK: Final = re.compile(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)")
_ABSOLUTE: Final = re.compile(r"(?<![\w.:/*)>}\]-])/[a-z]+/\w")
_PROCESS: Final = re.compile(r"\b(issue|part|step|session) #?\d", re.IGNORECASE)
_WITH_UV: Final = """\
uv run clientportal demo
uv run pytest
"""
_WITH_PIP: Final = """\
python3 -m pip install --target build/uv uv && build/uv/bin/uv run clientportal demo
build/uv/bin/uv run pytest
"""


def pages() -> tuple[Path, ...]:
    """Everything that is written for people."""
    patterns = ("*.md", "docs/**/*.md", "adapters/*/*.md")
    return tuple(sorted(path for pattern in patterns for path in ROOT.glob(pattern)))


def name_of(path: Path) -> str:
    """A page, as a test names it."""
    return path.relative_to(ROOT).as_posix()


def local(text: str) -> Iterator[str]:
    """What in *text* is of this machine, or of how the library came to be."""
    for mine in (str(ROOT), str(Path.home()) + "/", socket.gethostname()):
        if mine in text:
            yield mine
    for pattern in (_ABSOLUTE, _PROCESS):
        yield from (found[0] for found in pattern.finditer(text))


def built(folder: Path, *, source: Path, builder: str = "html") -> subprocess.CompletedProcess[str]:
    """What Sphinx says of *source*, with every warning an error."""
    options = ("-n", "-W", "--keep-going", "-q", "-b", builder, "-d", str(folder / "doctrees"))
    return subprocess.run(
        [sys.executable, "-m", "sphinx", *options, str(source), str(folder / builder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )


def test_the_pages_build_without_a_warning(tmp_path: Path) -> None:
    """Every reference resolves, every page is in the table of contents."""
    done = built(tmp_path, source=ROOT / "docs")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "html/index.html").is_file()


def test_a_broken_reference_fails_the_build(tmp_path: Path) -> None:
    """A link to a rule that is not there is an error."""
    source = tmp_path / "docs"
    source.mkdir()
    (source / "conf.py").write_bytes((ROOT / "docs/conf.py").read_bytes())
    (source / "index.md").write_text("# Page\n\n[A rule](#msg-999)\n", "utf-8")
    assert built(tmp_path, source=source, builder="dummy").returncode != 0


def test_the_story_in_the_readme_is_short() -> None:
    """The first example of the README is the caller's view in at most 25 lines, none wide."""
    first = _BLOCK.findall((ROOT / "README.md").read_text("utf-8"))[0].splitlines()
    assert 0 < len(first) <= SHORT
    assert [line for line in first if len(line) > WIDE] == []


@pytest.mark.parametrize("form", [_WITH_UV, _WITH_PIP], ids=["with uv", "with pip only"])
def test_the_readme_says_how_to_try_it(form: str) -> None:
    """Both ways to run the demo and the tests stand in the README as they are typed."""
    assert f"```console\n{form}```" in (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_a_page_is_for_everybodys_machine(page: Path) -> None:
    """No page names a path, a host or a tool of the machine it was written on."""
    assert list(local(page.read_text("utf-8"))) == []


def test_a_path_of_this_machine_is_found() -> None:
    """What the check looks for, it finds; addresses and relative paths it spares."""
    assert list(local(f"see {ROOT}/docs")) != []
    assert list(local("look into /opt/tools")) == ["/opt/t"]
    assert list(local("done in issue 3")) == ["issue 3"]
    assert list(local("https://portal.example/invite/x and docs/tutorial/first.md")) == []


@pytest.mark.parametrize("page", pages(), ids=name_of)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """A relative link names a file that is there."""
    found = _LINK.findall(page.read_text("utf-8"))
    assert [link for link in found if not (page.parent / link).exists()] == []


def test_the_changelog_knows_this_version() -> None:
    """The version that is installed stands in the changelog."""
    from clientportal import __version__

    assert f"\n## [{__version__}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
