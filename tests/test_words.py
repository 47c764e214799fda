"""The words of the whole project: none that stigmatizes, and the numbers to call from one place."""

import re
import subprocess
from pathlib import Path

import pytest

from iopdir.vocabulary.crisis import CRISIS_LINES, IN_CRISIS

ROOT = Path(__file__).parents[1]
LISTED = subprocess.run(
    ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
).stdout.split("\n")
PAGES = [
    name
    for name in LISTED
    if name.endswith((".py", ".toml", ".md", ".html", ".js", ".css", ".ipynb", ".cff", ".yml"))
    and name.startswith(
        ("src/", "docs/", "notebooks/", "README", "CONTRIBUTING", "CHANGELOG", "CITATION", "mkdocs")
    )
]

STIGMA = re.compile(
    r"\b(addict(s|ed)?|abus(e|es|ed|er|ers|ing|ive)|alcoholics?|junk(ie|ies|y)|drunks?|dope|stoners?|tweakers?|"
    r"relaps\w*|detox\w*|sober\w*|habits?|drug users?|ineligible|non-?complian\w+|substitution therapy|"
    r"(get|got|stay|stayed|staying|getting) clean|(clean|dirty) (test|urine|sample)s?|suffer\w* from|victims?|"
    r"medication-assisted|opioid replacement|failed (treatment|rehab))\b",
    re.IGNORECASE,
)
NAMES = re.compile(r"Substance Abuse (and Mental Health Services( Administration)?|Treatment)")
QUOTING = {
    "CONTRIBUTING.md": ['"ineligible"'],  # says that nobody is told so
    "docs/glossary.md": ['"detoxification"'],  # says how code lists label withdrawal management
    "src/iopdir/exports/fhir_mapping.py": [  # displays of published code systems
        '"Substance Abuse Rehabilitation Facility"', '"Detoxification"',
    ],
    "src/iopdir/linking/spelling.py": [  # how the names of facilities are written
        '"abuse": "abs"', '"addict addictions addictive addic"', '"detoxification": "detox"',
    ],
}  # fmt: skip
"""The only pages that may say a word, once, in quotation marks."""


def found(name: str, text: str) -> list[str]:
    text = NAMES.sub("", text)
    for quoted in QUOTING.get(name, ()):
        text = text.replace(quoted, "", 1)
    return sorted({match[0].lower() for match in STIGMA.finditer(text)})


@pytest.mark.parametrize(
    "text",
    ["an addict", "Drug abuse", "relapsed", "DETOXIFICATION", "a clean urine", "suffers from", "ineligible"],
)
def test_a_word_that_stigmatizes_is_seen(text):
    assert found("docs/index.md", text)


@pytest.mark.parametrize(
    "text",
    ["addiction medicine", "clean rows", "return to use", "Substance Abuse and Mental Health Services"],
)
def test_a_word_that_does_not_is_left_alone(text):
    assert not found("docs/index.md", text)


def test_no_page_message_or_docstring_stigmatizes():
    assert len(PAGES) > 100
    said = {name: found(name, (ROOT / name).read_text(encoding="utf-8")) for name in PAGES}
    assert {name: words for name, words in said.items() if words} == {}
    for name, words in QUOTING.items():  # none longer than needed
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [text.count(word) for word in words] == [1] * len(words), name


NUMBER = re.compile(r"(?<![\w#.,-])(?:1-8\d\d-\d{3}-\d{4}|\+18\d{9}|(?<!/)\b(?:911|988))\b(?![,.-]?\d)")


def test_the_code_has_the_numbers_to_call_once():
    own = "src/iopdir/vocabulary/crisis.py"
    for name in PAGES:
        if name.startswith("src/") and name != own:
            lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
            shown = [line for line in lines if NUMBER.search(line) and ">>>" not in line]
            assert shown == [], name
    text = (ROOT / own).read_text(encoding="utf-8")
    for line in CRISIS_LINES.values():
        assert text.count(f'"{line.number}"') == 1
        assert line.link == "tel:" + ("+" if "-" in line.number else "") + line.number.replace("-", "")
        assert line.number in IN_CRISIS


def test_no_page_gives_another_number_and_those_that_people_meet_first_give_all():
    numbers = {line.number for line in CRISIS_LINES.values()}
    for name in PAGES:
        if name.endswith((".md", ".ipynb")):
            text = (ROOT / name).read_text(encoding="utf-8")
            assert set(re.findall(r"\b1-8\d\d-\d{3}-\d{4}\b", text)) <= numbers, name
    for name in ("README.md", "docs/index.md", "docs/how-to/eligibility.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert [number for number in numbers if number not in text] == [], name
