"""What a person reads is plain: short sentences, a reading grade of at most eight, numbers that can be read aloud."""

import re

import pytest

from iopdir.eligibility.assessment import DISCLAIMER, Lean
from iopdir.eligibility.interview import _HEADINGS, _LEANS, INTRODUCTION, questions
from iopdir.eligibility.rules import Rules

GRADE = 8
NAMES = re.compile(
    r"buprenorphine|methadone|naltrexone|naloxone|benzodiazepines?|opioids?|alcohol|medicaid|telehealth",
    re.IGNORECASE,
)
"""Names that cannot be said more simply: counted as words of two syllables."""


def syllables(word: str) -> int:
    word = re.sub(r"(?<=[^aeiouyl])e$|(?<=[^td])ed$|(?<=[^cgsxzh])es$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def grade(text: str) -> float:
    """Flesch-Kincaid grade (Kincaid et al. 1975): 0.39 words a sentence + 11.8 syllables a word - 15.59."""
    text = re.sub(r"1-800[-\d]+|\b\d+\b", "ten", NAMES.sub("simple", text))
    sentences = [words for part in re.split(r"[.?!:;]+", text) if (words := re.findall(r"[A-Za-z]+", part))]
    words = [word for part in sentences for word in part]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


RULES = Rules.default()
SEEN = (
    {rule.id: f"{rule.sentence} {rule.action}" for rule in RULES.rules}
    | {
        f"question {one.field}": ". ".join([one.text, *filter(None, one.answers.values())])
        for one in questions()
    }
    | {f"ask {number}": ask.sentence for number, ask in enumerate(RULES.asks)}
    | {f"lean {lean}": _LEANS[lean] for lean in Lean}
    | {
        "headings": ". ".join(_HEADINGS.values()),
        "introduction": " ".join(INTRODUCTION),
        "disclaimer": DISCLAIMER,
    }
)


def test_the_formula_tells_plain_from_hard():
    assert grade("The cat sat on the mat.") < 1
    assert (
        grade(
            "Contraindications necessitate multidisciplinary consideration of pharmacological alternatives."
        )
        > 20
    )
    assert [syllables(word) for word in ("steady", "care", "needed", "used", "pregnancy", "table")] == [
        2,
        1,
        2,
        1,
        3,
        2,
    ]


@pytest.mark.parametrize("name", SEEN)
def test_a_person_can_read_it(name):
    assert grade(SEEN[name]) <= GRADE
    assert max(len(part.split()) for part in re.split(r"[.?!:;]\s", SEEN[name])) <= 22


def test_amounts_are_words_and_only_phone_numbers_are_digits():
    for name, text in SEEN.items():
        assert not re.search(r"\d", re.sub(r"1-800-\d{3}-\d{4}|\b988\b|\b911\b", "", text)), name
