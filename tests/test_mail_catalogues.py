"""What mails about appointments say, in every language there is: all of it, filled in alike."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from string import Formatter
from typing import Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

import clientportal
from clientportal.domain.appointment_notices import Topic
from clientportal.policies.reminders import TOLD
from clientportal.sentences import text_of

FOLDER: Final = Path(clientportal.__file__).parent / "catalogues"
LANGUAGES: Final = tuple(sorted(path.name for path in FOLDER.iterdir()))
ALLOWED: Final = {"practice", "when", "contact"}
CODES: Final = {
    *(f"{each.value}_subject" for each in Topic),
    *(f"{topic.value}_client" for topic, told in TOLD.items() if told.to_client),
    *(f"{topic.value}_staff" for topic, told in TOLD.items() if told.to_staff),
}


def _messages(catalog: Catalog) -> dict[str, str]:
    """The messages of *catalog*, without the entry that describes it."""
    return {str(each.id): str(each.string) for each in catalog if each.id}


def _read(language: str, suffix: str) -> dict[str, str]:
    read = {"po": read_po, "mo": read_mo}[suffix]
    with (FOLDER / language / f"LC_MESSAGES/mails.{suffix}").open("rb") as file:
        return _messages(read(file))


WRITTEN: Final[Mapping[str, Mapping[str, str]]] = {each: _read(each, "po") for each in LANGUAGES}
every_language: Final = pytest.mark.parametrize("language", LANGUAGES)


def fields(text: str) -> set[str]:
    """The places of *text* that are filled in."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


@every_language
def test_every_mail_has_its_text(language: str) -> None:
    """SET-2: every topic to everybody who is told of it, and nothing that nobody is told."""
    assert set(WRITTEN[language]) == CODES


@every_language
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    """SET-2: people read what translators wrote."""
    assert _read(language, "mo") == WRITTEN[language]


@every_language
def test_texts_say_the_same(language: str) -> None:
    """OUT-2: a translation has the same places to fill in; a subject is one line without any."""
    for code, text in WRITTEN[language].items():
        assert fields(text) == fields(WRITTEN["en"][code]) <= ALLOWED, code
        if code.endswith("_subject"):
            assert text.splitlines() == [text.strip()]
            assert len(text) <= 48
            assert not fields(text)
        else:
            assert {"practice", "when"} <= fields(text), code
            assert "\n\n{when}\n\n" in text


def test_a_translation_is_not_the_original() -> None:
    """SET-2: nobody who reads Spanish is left with English."""
    assert [code for code in CODES if WRITTEN["en"][code] == WRITTEN["es"][code]] == []


@pytest.mark.parametrize(
    ("languages", "found"),
    [(("es-AR",), "es"), (("xx", "es"), "es"), ((None, None), "en"), (("en-GB", "es"), "en")],
)
def test_languages_fall_back(languages: tuple[str | None, ...], found: str) -> None:
    """SET-2: to the practice's language, then to English."""
    assert text_of("mails", "booked_client", *languages) == WRITTEN[found]["booked_client"]
    assert text_of("mails", "no such text", *languages) is None
