"""`clientportal demo`: the guide, played on a fresh practice."""

from __future__ import annotations

import json
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from clientportal.cli.guide import Line, played
from clientportal.cli.guide_appointments import history
from clientportal.cli.premises import SENDER, read_list, told
from clientportal.cli.progress import Progress
from clientportal.cli.shown import everybody
from clientportal.cli.stage import CURTAIN, LINK_BASE, SETTING_UP, Cast, Stage, set_up
from clientportal.cli.tables import table
from clientportal.client_lists import ClientList, ImportReport, import_clients
from clientportal.domain.ids import PracticeId
from clientportal.embedded.clock import SettableClock
from clientportal.errors import ConfigurationError

if TYPE_CHECKING:
    from argparse import Namespace

    from clientportal.parts import Parts


def demo(arguments: Namespace) -> int:
    """Play the guide; 1 if a line of it is false."""
    with tempfile.TemporaryDirectory(prefix="clientportal-demo-") as folder:
        mail = arguments.mail or Path(folder) / "mail"
        clock = SettableClock(CURTAIN)
        parts = _parts(arguments.store or f"sqlite:///{folder}/demo.db", mail, clock)
        client_list = None if arguments.clients is None else read_list(arguments.clients, parts)
        clock.advance(SETTING_UP - CURTAIN)  # the list is of the day on which the guide begins
        parts.storage.create()
        _check_empty(parts)
        stage = _stage(parts, mail, clock)
        set_up(stage)
        history(stage)
        stage.until(CURTAIN)
        report = None if client_list is None else _imported(stage, client_list)
        lines = tuple(played(stage))
        if arguments.json:
            print(_json(lines, report or _NOTHING))
        else:
            if client_list is not None and report is not None:
                print_import(report, client_list.extra_columns)
            _print(lines, stage)
        parts.storage.close()
    return status_of(lines)


def status_of(lines: Sequence[Line]) -> int:
    """The exit status: 1 if a line of the guide is false."""
    return int(any(line.holds is False for line in lines))


def _parts(url: str, mail: Path, clock: SettableClock) -> Parts:
    """Cheap passwords: those of the demonstration are random, and nobody keeps them."""
    from clientportal.parts import Parts
    from clientportal.security.passwords import Argon2Parameters

    cheap = Argon2Parameters(memory=1024, passes=1, lanes=1)
    video = "browser:https://video.example.org/"
    return Parts(url=url, mail=f"folder:{mail}", video=video, clock=clock, argon2=cheap)


def _stage(parts: Parts, mail: Path, clock: SettableClock) -> Stage:
    return Stage(
        portal=parts.portal,
        relay=parts.relay(sender=SENDER, link_base=LINK_BASE),
        clock=clock,
        practice_id=PracticeId.of(parts.new_id()),
        mail=mail,
        before=frozenset(mail.glob("*.eml")),
        cast=Cast.named(parts.new_id),
        new_secret=parts.workshop.new_token,
    )


def _imported(stage: Stage, client_list: ClientList) -> ImportReport:
    """The list, imported by the owner."""
    olive = stage.actor(stage.cast.olive)
    progress = Progress(sys.stderr, "importing clients")
    return import_clients(stage.portal, olive, client_list, progress=progress)


def _check_empty(parts: Parts) -> None:
    """A store that holds a practice is no stage: nothing could be taken back."""
    listed: tuple[str, ...] = getattr(parts.storage, "practices", tuple)()
    if listed:
        advice = "it holds a practice; name a new file with --store, or leave it out"
        raise ConfigurationError("store_in_use", advice)


def _json(lines: Sequence[Line], report: ImportReport) -> str:
    guide = {
        str(line.number): {"holds": line.holds, "seen": line.seen, "later": list(line.later)}
        for line in lines
    }
    return json.dumps({"guide": guide, "import": told(report)}, ensure_ascii=False, indent=2)


_NOTHING: Final = ImportReport(added=0, updated=0, unchanged=0, refused=())
_HOLDS: Final = {True: "holds", False: "FALSE", "later": "so far"}


def _print(lines: Sequence[Line], stage: Stage) -> None:
    print("The guide, line by line\n")
    for line in lines:
        later = f" (to come: {', '.join(line.later)})" if line.later else ""
        print(f"  {line.number:>2}  {_HOLDS[line.holds]:<6}  {line.about}{later}")
        print(textwrap.indent(textwrap.fill(line.seen, 86), " " * 14))
    for person, tabs in everybody(stage):
        print(f"\n\nWhat {person.name} sees")
        for name, content in tabs:
            print(f"\n  {name}\n{content}")


def print_import(report: ImportReport, extra: Sequence[str]) -> None:
    """What became of each row of a client list, for people."""
    numbers = (report.added, report.updated, report.unchanged, len(report.refused))
    print("The client list\n")
    print(table(("added", "updated", "unchanged", "refused"), [numbers]))
    if extra:
        print(f"\n  kept as extra fields: {', '.join(extra)}")
    if report.refused:
        rows = [(each.row, each.key, each.field, each.code) for each in report.refused]
        print(f"\n{table(('row', 'external_id', 'field', 'refused because'), rows)}")
    print()
