"""Writes the reference pages that are made from the code; with `--check` it only compares.

From the root of the repository: `python -m docs.generate` or `python -m docs.generate --check`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from docs.decided import decisions
from docs.moved import moves
from docs.pictured import appointment, conversation
from docs.reflected import (
    Doc,
    codes,
    commands,
    errors,
    events,
    hooks,
    protocols,
    questions,
    reasons,
    transitions,
    views,
)
from docs.written import linked, page, said, table

from clientportal.sentences import sentence_of

FOLDER: Final = Path(__file__).parent / "reference"


def _commands() -> Iterator[str]:
    yield "Everything a caller can ask, do or look at."
    yield "`portal.ask` and `portal.do` take a command, `portal.look` takes a view."
    yield "A command that tests a secret, such as a password, is never merely asked."
    yield "\n## Commands\n"
    yield from _usecases(commands())
    yield "\n## Views\n"
    yield from _usecases(views())


def _usecases(found: Iterator[Doc]) -> Iterator[str]:
    for doc in found:
        yield f"### {doc.name}\n"
        yield f"`{doc.wire}` in `{doc.module}`{doc.remark}\n"
        yield from said(doc.text)
        if doc.shows:
            yield f"\nShows `{doc.shows}`."
        if doc.members:
            yield "\nFields:\n"
            yield from (f"- `{member}`" for member in doc.members)
        yield ""


def _events() -> Iterator[str]:
    yield "What a command publishes: facts in the past tense, ids and moments, nothing personal."
    yield "Subscribers hear them by their wire name, which is never changed or given away."
    yield ""
    rows = (
        (f"`{doc.wire}`", f"`{doc.name}`", doc.summary, doc.listed, doc.remark) for doc in events()
    )
    yield from table(("wire name", "class", "what happened", "fields", "effect outside"), rows)


def _errors() -> Iterator[str]:
    yield "What can go wrong, by whose move it is."
    yield "Every error has a stable `code`, and a `http_status_hint` for web adapters."
    yield "Texts hold ids and codes only.\n"
    rows = ((f"`{doc.name}`", doc.remark, doc.wire, doc.summary) for doc in errors())
    yield from table(("class", "HTTP", "codes", "what it means"), rows)
    yield "\n## Codes\n"
    yield from said(
        "Codes of `RefusedError`, `UnauthenticatedError` and `ThrottledError` are those of the "
        "reason they carry: see [reasons](reasons.md)."
    )
    yield from table(("class", "code"), ((f"`{name}`", f"`{code}`") for name, code in codes()))


def _reasons() -> Iterator[str]:
    yield "Every decision carries one of these, also when it allows."
    yield from said(
        "The *kind* says what the portal raises for a denial: *refused* is `RefusedError`, "
        "*unauthenticated* is `UnauthenticatedError`, *throttled* is `ThrottledError`, and "
        "*hidden* is `NotFoundError`, the same as for what was never there. "
        "The rules are on [their own page](rules.md)."
    )
    yield from said(
        "The *sentence* is what people read, here in English; `sentence_of` has it in every "
        "language there is a catalogue for: see [adding one](../howto/add-a-language.md)."
    )
    for allowed, title in ((False, "Reasons that deny"), (True, "Reasons that allow")):
        yield f"\n## {title}\n"
        rows = (
            (
                f"`{one.code}`",
                sentence_of(one),
                one.noun,
                linked(one.rule),
                one.kind.value,
                f"`{where}`",
            )
            for is_allowed, one, where in reasons()
            if is_allowed is allowed
        )
        yield from table(("code", "sentence", "noun", "rule", "kind", "constant"), rows)


def _states() -> Iterator[str]:
    yield "How things change: from which status, by which event, to which."
    yield "What is not in a table does not happen: a policy refuses first."
    yield from said(
        "What time alone can tell is no status: an invite that *expired* is still pending, a "
        "request that *lapsed* is still requested."
    )
    for doc, rows in transitions():
        yield f"\n## {doc.name}\n"
        yield from said(doc.text)
        yield ""
        if doc.name == "Appointment":
            yield "![The statuses of an appointment, and what moves it](appointment.svg)\n"
        yield from table(("from", "event", "to"), rows)
        if doc.remark:
            yield f"\n{doc.remark}"
    yield from _conversation()


def _conversation() -> Iterator[str]:
    yield "\n## Conversation\n"
    yield from said(
        "Where a conversation stands is a function of its messages, the history of policies and "
        "now ([MSG-4](#msg-4)): no status is stored. The moves are those of active people who take "
        "part, of a client on the roster of the staff member; *under* names the policies that "
        "matter. The rest is under [decisions](decisions.md#messaging)."
    )
    yield "![The situations of a conversation, and what moves it between them](conversation.svg)\n"
    rows = ((f"`{move.before.value}`", move.what, f"`{move.then.value}`") for move in moves())
    yield from table(("from", "what happens", "to"), rows)


def _ports() -> Iterator[str]:
    yield "Seams to the outside; an adapter implements one and registers it by name."
    yield "How to write one: [a first adapter](../howto/write-an-adapter.md)."
    for doc in (*protocols(), *hooks()):
        yield f"\n## {doc.name}\n"
        yield f"In `{doc.module}`.\n"
        yield from said(doc.text)
        for member, text in doc.methods:
            yield f"\n`{member}`\n"
            yield from said(text)
    yield "\n## What storage is asked\n"
    yield from table(
        ("query", "about", "answer"),
        ((f"`{doc.name}`", doc.wire, doc.summary) for doc in questions("Query")),
    )
    yield "\n## What the workshop does\n"
    yield from table(
        ("work", "answer"), ((f"`{doc.name}`", doc.summary) for doc in questions("Work"))
    )


PAGES: Final[Mapping[str, tuple[str, Callable[[], Iterator[str]]]]] = {
    "commands.md": ("Commands and views", _commands),
    "decisions.md": ("Decisions", decisions),
    "errors.md": ("Errors", _errors),
    "events.md": ("Events", _events),
    "ports.md": ("Ports", _ports),
    "reasons.md": ("Reasons", _reasons),
    "states.md": ("States", _states),
}


def pages() -> Mapping[str, str]:
    """The text of every generated page and picture, by its name in the folder of reference."""
    texts = {name: page(title, lines()) for name, (title, lines) in PAGES.items()}
    return {**texts, "appointment.svg": appointment(), "conversation.svg": conversation()}


def stale(texts: Mapping[str, str], folder: Path = FOLDER) -> tuple[str, ...]:
    """Those of *texts* that are missing in *folder*, or not what it holds."""

    def is_stale(name: str, text: str) -> bool:
        path = folder / name
        return not path.is_file() or path.read_text("utf-8") != text

    return tuple(name for name, text in texts.items() if is_stale(name, text))


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` name the stale ones; the exit status."""
    if arguments == ["--check"]:
        found = stale(pages())
        sys.stdout.writelines(f"stale: docs/reference/{name}\n" for name in found)
        return 1 if found else 0
    if arguments:
        sys.stderr.write("usage: python -m docs.generate [--check]\n")
        return 2
    for name, text in pages().items():
        (FOLDER / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
