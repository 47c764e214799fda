"""The words of the finder, a table for each language; in English those of the vocabulary stand there already."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from iopdir.eligibility.rules import Rules
from iopdir.errors import UnknownNameError
from iopdir.report.document import asset
from iopdir.vocabulary.codes import EDITIONS, languages, printed_codes
from iopdir.vocabulary.crisis import CRISIS_LINES
from iopdir.vocabulary.words import AGE_GROUPS, LEVELS, MEDICATIONS, PAYMENTS, POPULATIONS, SERVICES, SETTINGS

__all__ = ["LANGUAGES", "MEANINGS", "finder_words"]

LANGUAGES: Final = ("en", "es")

MEANINGS: Final[Mapping[str, Mapping[Any, str]]] = {
    "level": LEVELS,
    "payment": PAYMENTS,
    "age": AGE_GROUPS,
    "service": SERVICES,
    "medication": MEDICATIONS,
    "setting": SETTINGS,
    "population": POPULATIONS,
}
"""Name in the tables -> what a listing may state, in the order of its bits on the page."""


@cache
def finder_words(lang: str) -> Mapping[str, Mapping[str, str]]:
    """Give every word of the finder in a language.

    Parameters
    ----------
    lang
        ``"en"`` or ``"es"``.

    Returns
    -------
    Mapping
        Table -> key -> words: `page`, `say` (of the scripts), `crisis`, `ask`, `language` and the meanings of codes.

    Raises
    ------
    UnknownNameError
        If there is no such language.

    Examples
    --------
    >>> [finder_words(lang)["level"]["iop"] for lang in LANGUAGES]
    ['intensive outpatient care', 'tratamiento ambulatorio intensivo']
    """
    if lang not in LANGUAGES:
        raise UnknownNameError("language", lang, LANGUAGES)
    own: dict[str, dict[str, str]] = tomllib.loads(asset(f"finder/{lang}.toml"))
    tables = own if lang != "en" else own | _vocabulary()
    numbers = {name: line.number for name, line in CRISIS_LINES.items()}
    crisis = {name: words.format_map(numbers) for name, words in tables["crisis"].items()}
    return tables | {"crisis": crisis}


def _vocabulary() -> dict[str, dict[str, str]]:
    spoken = {name for edition in EDITIONS for name in languages(printed_codes(edition).values())}
    return {
        **{table: {str(key): words for key, words in known.items()} for table, known in MEANINGS.items()},
        "crisis": {name: line.purpose for name, line in CRISIS_LINES.items()},
        "ask": {str(number): ask.sentence for number, ask in enumerate(Rules.default().asks)},
        "language": {name: name for name in sorted(spoken)},
    }
