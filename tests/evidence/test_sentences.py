"""The document sentence by sentence: each row of the table in the docs leads somewhere, and no claim is left out."""

import re
from functools import reduce
from pathlib import Path

import pytest

import iopdir as iop

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "claims.md"
ROWS = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \|$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
CLAIMS = set(iop.claims()["claim"])


def test_sentences_are_numbered_without_a_gap():
    assert [int(number) for number, _, _ in ROWS] == list(range(1, 41))


@pytest.mark.parametrize(("number", "says", "where"), ROWS)
def test_each_row_names_a_claim_or_an_object_or_says_why_not(number, says, where):
    names = re.findall(r"`([\w.]+)`", where)
    for name in set(names) - CLAIMS:
        package, *path = name.split(".")
        assert package == "iopdir"
        reduce(getattr, path, iop)  # raises where there is no such object
    assert names or re.fullmatch(r"not checked: \w.{15,}", where)


def test_every_claim_belongs_to_a_sentence():
    named = {name for _, _, where in ROWS for name in re.findall(r"`(\w+)`", where)}
    assert not CLAIMS - named
