"""The arguments of the `clientportal` command, and what is said when something is wrong."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from clientportal.cli.demo import demo
from clientportal.cli.findings import examine
from clientportal.cli.histories import import_appointments
from clientportal.cli.practices import import_list, init
from clientportal.cli.premises import ADVICE
from clientportal.cli.tables_of_decisions import decisions
from clientportal.errors import ClientPortalError

if TYPE_CHECKING:
    from argparse import Namespace, _SubParsersAction

    Commands: TypeAlias = _SubParsersAction[ArgumentParser]

_ABOUT: Final = """\
The engine of a practice's client portal, from the command line.

  Ten minutes:

    clientportal demo                                        the whole portal, played for you
    clientportal demo --clients FILE.csv                     the same with your client list
    clientportal init --store sqlite:///riverside.db         a practice of your own
    clientportal import-clients FILE.csv --store sqlite:///riverside.db
    clientportal import-appointments FILE.csv --store sqlite:///riverside.db
    clientportal decisions                                   who may do what, and why not
    clientportal doctor --store sqlite:///riverside.db       what to change before going live
"""

_IMPORT: Final = """\
Brings a practice's client list up to date with FILE.csv, row by row; doing it again is harmless.

  CSV in UTF-8 with a header. Needed: external_id (the key) and given_name. Known: family_name,
  email, phone, birth_date (YYYY-MM-DD), language, timezone, address_line, city, region,
  postal_code, country, status (active or archived). Other columns are kept as extra fields.
"""

_PAST: Final = """\
Brings past visits in from FILE.csv as fulfilled appointments; doing it again is harmless.

  CSV in UTF-8 with a header. Needed: external_id (the key), client_external_id (of the client
  list), staff_external_id, start, end (with their offsets) and type (the service, made where it
  is missing). Known: class (in_person, video, phone, or of a FHIR encounter), status (finished).
  Who is named in STAFF.csv (external_id, given_name, family_name, email, prefix) and not there
  yet comes in as a staff member who left, without permissions.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in *argv*: 0 when done, 1 with one line on stderr, 2 for wrong usage."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a name shows ?
    arguments = _parser().parse_args(argv)
    try:
        run: Callable[[Namespace], int] = arguments.run
        return run(arguments)
    except ClientPortalError as error:
        return _failed(error.code, str(error))
    except BrokenPipeError:
        with suppress(OSError):
            sys.stdout.close()
        return 1
    except KeyboardInterrupt:
        return _failed("interrupted", "run it again; what is done stays done")
    except OSError as error:
        return _failed("system", f"{error.strerror}: {error.filename}")


def _failed(code: str, text: str) -> int:
    """Say what is wrong in one line that holds the code and what to do."""
    line = " ".join(text.split())
    named = line if code in line else f"{code}: {line}"
    advice = ADVICE.get(code)
    print(f"clientportal: {named}{f'; {advice}' if advice else ''}", file=sys.stderr)
    return 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="clientportal", description=_ABOUT, formatter_class=RawDescriptionHelpFormatter
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", title="commands")
    for add in (_demo, _init, _import, _past, _decisions, _examine):
        add(commands)
    return parser


def _demo(commands: Commands) -> None:
    about = "play the portal from invite to settings, and check it line by line"
    parser = commands.add_parser("demo", help=about, description=f"{about}.".capitalize())
    _store(parser, required=False, usual="a temporary file")
    _mail(parser, "keep the mails in FOLDER")
    parser.add_argument("--clients", type=Path, metavar="FILE.csv", help="import this list as well")
    _json(parser)
    parser.set_defaults(run=demo)


def _init(commands: Commands) -> None:
    about = "create a practice, and the link with which its owner gets in"
    parser = commands.add_parser("init", help=about, description=f"{about}.".capitalize())
    _store(parser)
    _mail(parser, "also write the owner's mail into FOLDER")
    for option, usual, text in (
        ("--name", "My practice", "what the practice is called"),
        ("--owner-name", "Owner", "what its owner is called"),
        ("--owner-email", "owner@localhost", "the address the owner signs in with"),
        ("--timezone", "UTC", "where it is, such as America/New_York"),
        ("--language", "en", "a BCP 47 tag"),
        ("--link-base", "http://localhost:8000/invite/", "what the link begins with"),
    ):
        parser.add_argument(option, default=usual, help=f"{text} (%(default)s)")
    parser.set_defaults(run=init)


def _import(commands: Commands) -> None:
    parser = commands.add_parser(
        "import-clients",
        help="bring the client list up to date with a CSV file",
        description=_IMPORT,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    _into(parser)
    parser.set_defaults(run=import_list)


def _past(commands: Commands) -> None:
    parser = commands.add_parser(
        "import-appointments",
        help="bring past visits in from a CSV file",
        description=_PAST,
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument("file", type=Path, metavar="FILE.csv")
    parser.add_argument("--staff", type=Path, metavar="STAFF.csv", help="who held the visits")
    _into(parser)
    parser.set_defaults(run=import_appointments)


def _into(parser: ArgumentParser) -> None:
    _store(parser)
    parser.add_argument(
        "--practice", metavar="ID", help="into which practice, if there are several"
    )
    _json(parser)


def _decisions(commands: Commands) -> None:
    about = "print every decision table, generated from the code"
    parser = commands.add_parser("decisions", help=about, description=f"{about}.".capitalize())
    _json(parser)
    parser.set_defaults(run=decisions)


def _examine(commands: Commands) -> None:
    about = "list adapters, unsafe settings and pending migrations"
    parser = commands.add_parser("doctor", help=about, description=f"{about}.".capitalize())
    _store(parser)
    parser.set_defaults(run=examine)


def _store(parser: ArgumentParser, *, required: bool = True, usual: str = "") -> None:
    text = "where everything is kept, such as sqlite:///riverside.db"
    more = f" ({usual})" if usual else ""
    parser.add_argument("--store", metavar="URL", required=required, help=f"{text}{more}")


def _mail(parser: ArgumentParser, text: str) -> None:
    parser.add_argument("--mail", metavar="FOLDER", type=Path, help=text)


def _json(parser: ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="for programs instead of people")
