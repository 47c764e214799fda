"""The finder's words: the same in every language, and none left as it was."""

import re

import pytest

import iopdir as iop
from iopdir.errors import UnknownNameError
from iopdir.report.finder import write_finder
from iopdir.report.languages import LANGUAGES, finder_words
from iopdir.vocabulary.crisis import CRISIS_LINES

SAME = {
    "Medicaid", "Medicare", "buprenorphine", "disulfiram", "farsi", "hindi", "hmong", "ojibwa", "yupik",
    "on openstreetmap.org",
}  # fmt: skip
"""Words that another language has too."""


def flat(lang):
    return {(table, key): words for table, keys in finder_words(lang).items() for key, words in keys.items()}


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_every_word_is_there_in_every_language_and_none_is_left_in_english(lang):
    english, other = flat("en"), flat(lang)
    assert set(other) == set(english)
    left = {key: words for key, words in other.items() if words == english[key] and words not in SAME}
    assert left == {}
    empty = {key for key, words in other.items() if not words}
    assert empty == set()


@pytest.mark.parametrize("lang", LANGUAGES[1:])
def test_what_is_put_into_a_sentence_is_the_same(lang):
    places = {key: set(re.findall(r"\{(\w+)\}", words)) for key, words in flat("en").items()}
    assert {key: set(re.findall(r"\{(\w+)\}", words)) for key, words in flat(lang).items()} == places


def test_a_language_that_is_not_there_is_named_with_those_that_are(tmp_path):
    with pytest.raises(UnknownNameError, match="no language 'fr'"):
        write_finder(iop.demo_directory().select(state="VT"), tmp_path / "f.html", lang="fr")


def test_a_spanish_page_says_so_and_that_it_is_a_translation(tmp_path):
    path = write_finder(iop.demo_directory().select(state="VT"), tmp_path / "f.html", lang="es")
    page = path.read_text(encoding="utf-8")
    assert '<html lang="es">' in page
    assert "traducción" in page
    assert "tratamiento ambulatorio intensivo" in page
    assert "Línea 988 de Prevención del Suicidio y Crisis" in page
    assert "SYNTHETIC" in page
    assert "sms:988?body=AYUDA" in page
    assert all(line.link in page for line in CRISIS_LINES.values())
