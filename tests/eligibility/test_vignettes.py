"""People as a clinician meets them: the leans that would be accepted, and those that would be wrong, as data."""

import tomllib
from pathlib import Path

import pytest

import iopdir as iop
from iopdir.eligibility.assessment import Lean

TABLE = tomllib.loads((Path(__file__).parent / "vignettes.toml").read_text(encoding="utf-8"))
VIGNETTES = {one["person"]: one for one in TABLE["vignette"]}


def person(one):
    return iop.Profile(**TABLE["ordinary"] | one["answers"])


def test_there_are_enough_and_each_can_fail():
    assert len(VIGNETTES) == len(TABLE["vignette"]) >= 40
    for one in VIGNETTES.values():
        assert one["accept"]
        assert one["wrong"]
        assert not set(one["accept"]) & set(one["wrong"])
        assert {*one["accept"], *one["wrong"]} <= set(Lean)
    accepted = [iop.assess(person(one)).lean for one in VIGNETTES.values()]
    assert set(accepted) == set(Lean)


@pytest.mark.parametrize("name", VIGNETTES)
def test_the_lean_is_one_that_a_clinician_would_accept(name):
    one = VIGNETTES[name]
    result = iop.assess(person(one))
    assert result.lean in one["accept"]
    assert set(one.get("places", ())) <= set(result.places)


@pytest.mark.parametrize("name", [name for name, one in VIGNETTES.items() if "places" in one])
def test_the_places_that_must_be_offered_are_listed(name):
    one = VIGNETTES[name]
    found = iop.match(person(one), iop.demo_directory(), near="60614", k=2, max_cost="60 mi")
    listed = found[found["status"] == "ok"]
    said = " ".join(listed["reason"])
    words = {
        "withdrawal_management": "withdrawal management", "opioid_treatment": "opioid treatment program",
        "buprenorphine": "buprenorphine", "perinatal": "pregnancy", "hospital": "hospital", "telehealth": "telehealth",
    }  # fmt: skip
    assert [kind for kind in one["places"] if words[kind] not in said] == []
