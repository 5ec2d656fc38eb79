"""What a reason says to people, in their language (MSG-13, SET-2).

A catalogue has a sentence for every reason code, also the English one: a sentence may be put
better at any time, a code is never reworded. Sentences are static text and name nobody. What is
hidden says the same as what was never there.
"""

from __future__ import annotations

from functools import cache
from gettext import GNUTranslations
from typing import Final

from clientportal.policies.decision import Reason

_ENGLISH: Final = "en"


def sentence_of(reason: Reason, *languages: str | None) -> str:
    """The sentence for *reason* in the first of *languages* that has one, else in English.

    Languages are BCP 47 tags, None where nobody chose one: `es-MX` reads what is written for `es`.
    A reason that no catalogue knows, such as that of a practice's own rule, says its code in words.
    """
    return text_of("clientportal", reason.code, *languages) or reason.code.replace("_", " ")


def text_of(domain: str, code: str, *languages: str | None) -> str | None:
    """What the catalogues called *domain* say for *code*, in the first language that has it."""
    for language in (*languages, _ENGLISH):
        catalogue = None if language is None else _catalogue_for(domain, language)
        text = code if catalogue is None else catalogue.gettext(code)
        if text != code:  # gettext hands back what it does not know
            return text
    return None


def _catalogue_for(domain: str, language: str) -> GNUTranslations | None:
    wanted = f"{language.lower()}-"
    found = _catalogues(domain)
    return next((texts for tag, texts in found if wanted.startswith(f"{tag}-")), None)


@cache
def _catalogues(domain: str) -> tuple[tuple[str, GNUTranslations], ...]:
    """Every catalogue by its tag in lower case, `es-mx` before `es`."""
    from importlib.resources import files

    found: dict[str, GNUTranslations] = {}
    for folder in files("clientportal").joinpath("catalogues").iterdir():
        compiled = folder.joinpath("LC_MESSAGES").joinpath(f"{domain}.mo")
        if compiled.is_file():
            with compiled.open("rb") as file:
                found[folder.name.lower().replace("_", "-")] = GNUTranslations(file)
    return tuple(sorted(found.items(), reverse=True))
