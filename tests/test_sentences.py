"""Every reason has a sentence in every language, and says no more than its reader may know."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from docs.reflected import reasons

import clientportal
from clientportal.policies.decision import Kind, Reason
from clientportal.policies.messaging import AUTO_CLOSED
from clientportal.sentences import sentence_of

LONGEST: Final = 200
FULL_STOPS: Final = (".", "。", "।")
FOLDER: Final = Path(clientportal.__file__).parent / "catalogues"
LANGUAGES: Final = tuple(sorted(path.name for path in FOLDER.iterdir()))
REASONS: Final = {reason.code: reason for _, reason, _ in reasons()}


def _messages(catalog: Catalog) -> dict[str, str]:
    """The messages of *catalog*, without the entry that describes it."""
    return {str(each.id): str(each.string) for each in catalog if each.id}


def _written(language: str) -> dict[str, str]:
    with (FOLDER / language / "LC_MESSAGES/clientportal.po").open("rb") as file:
        return _messages(read_po(file))


def _compiled(language: str) -> dict[str, str]:
    with (FOLDER / language / "LC_MESSAGES/clientportal.mo").open("rb") as file:
        return _messages(read_mo(file))


WRITTEN: Final[Mapping[str, Mapping[str, str]]] = {each: _written(each) for each in LANGUAGES}
CODE: Final = AUTO_CLOSED.reason.code
ENGLISH, SPANISH = WRITTEN["en"][CODE], WRITTEN["es"][CODE]

every_language: Final = pytest.mark.parametrize("language", LANGUAGES)


@every_language
def test_every_reason_has_a_sentence(language: str) -> None:
    """Whoever is told a reason reads it as a sentence in their language (MSG-13)."""
    said = {code: sentence_of(reason, language) for code, reason in REASONS.items()}
    assert said == {code: WRITTEN[language].get(code) for code in REASONS}


@every_language
def test_every_sentence_has_a_reason(language: str) -> None:
    """A sentence has its reason, or one that is coming; what has come is so no longer (MSG-13)."""
    assert set(WRITTEN[language]) <= set(REASONS)


@every_language
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    """People read what translators wrote: all of it, and nothing that is older (SET-2)."""
    assert _compiled(language) == WRITTEN[language]


@every_language
def test_a_sentence_is_one_short_line(language: str) -> None:
    """A sentence fits beside a button: one line, a full stop, nothing to fill in (MSG-13)."""
    for code, said in WRITTEN[language].items():
        assert said.endswith(FULL_STOPS), code
        assert said.splitlines() == [said.strip()], code
        assert len(said) <= LONGEST, code
        assert not set(said) & set("{}%<>`_"), code


@every_language
def test_what_is_hidden_says_what_absence_says(language: str) -> None:
    """What one may not see sounds like what was never there, in every language (MSG-2, REL-7)."""
    hidden = [code for code, reason in REASONS.items() if reason.kind is Kind.HIDDEN]
    assert {"not_found", "not_a_participant"} <= set(hidden)
    assert {WRITTEN[language][code] for code in hidden} == {WRITTEN[language]["not_found"]}


def test_a_translation_is_not_the_original() -> None:
    """Nobody who reads Spanish is left with English (SET-2)."""
    english, spanish = WRITTEN["en"], WRITTEN["es"]
    assert [code for code in english if english[code] == spanish[code]] == []


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        pytest.param(("es",), SPANISH, id="the reader's"),
        pytest.param(("es", "en"), SPANISH, id="the reader's before the practice's"),
        pytest.param(("es-MX", "en"), SPANISH, id="a region reads its language"),
        pytest.param(("es-Latn-MX",), SPANISH, id="a script and a region too"),
        pytest.param(("ES-mx",), SPANISH, id="upper and lower case are the same"),
        pytest.param((None, "es"), SPANISH, id="the practice's where the reader chose none"),
        pytest.param(("xx", "es"), SPANISH, id="the practice's where the reader's is unknown"),
        pytest.param(("en-GB", "es"), ENGLISH, id="English is a language like every other"),
        pytest.param(("xx", None, "xy"), ENGLISH, id="English where none is known"),
        pytest.param((None,), ENGLISH, id="English where nobody chose"),
        pytest.param((), ENGLISH, id="English where nobody is asked"),
        pytest.param(("est",), ENGLISH, id="Estonian is no Spanish"),
        pytest.param(
            ("", "-", "../es", "es/LC_MESSAGES"), ENGLISH, id="what is no tag is nobody's"
        ),
    ],
)
def test_languages_fall_back(languages: tuple[str | None, ...], expected: str) -> None:
    """A language falls back to the practice's, then to English (SET-2)."""
    assert sentence_of(AUTO_CLOSED.reason, *languages) == expected


@pytest.mark.parametrize("language", [*LANGUAGES, None])
def test_a_reason_without_a_sentence_says_its_code(language: str | None) -> None:
    """The reason of a practice's own rule is readable too (MSG-13)."""
    own = Reason("closed_for_the_holidays", "appointment", "OWN-1")
    assert sentence_of(own, language) == "closed for the holidays"
