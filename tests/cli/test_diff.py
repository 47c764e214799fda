"""`iopdir diff`, as a user meets it: the counts, the sites and the shares that the library gives."""

import json
import re

import pytest

import iopdir as iop

HEAD = "name1,street1,city,state,zip,keys\n"
CHICAGO = "SYNTHETIC One,1 X St,Chicago,IL,60614,SA OP OIT\n"
BOSTON = "SYNTHETIC Two,2 X St,Boston,MA,02108,SA OP OIT\n"
RENO = "SYNTHETIC Three,3 X St,Reno,NV,89501,SA OP\n"


@pytest.fixture
def editions(tmp_path):
    old, new = tmp_path / "SYNTHETIC_old.csv", tmp_path / "SYNTHETIC_new.csv"
    old.write_text(HEAD + CHICAGO + BOSTON)
    new.write_text(HEAD + CHICAGO + RENO)
    return str(old), str(new)


def test_diff_shows_where_access_changed_most(run, editions):
    words = ("diff", *editions, "--years", "2020", "2022", "--standard", "20 mi")
    found = iop.diff(*map(iop.read_directory, editions), years=(2020, 2022))
    access = found.access(iop.demand_points("zcta"), by="state", standard="20 mi")
    moved = access[access["change"].abs() >= 0.00005]
    shown = run(*words)
    table = shown[shown.index("where it changed most") :]
    assert {*re.findall(r"[A-Z]{2}(?= +│)", table)} == {*moved.index} >= {"MA", "NV"}
    for state in ("MA", "NV"):
        assert f"{100 * access.loc[state, 'change']:+.2f} points" in table
    answer = json.loads(run(*words, "--format", "json"))
    assert answer["sites"] == found.counts().to_dict()
    counties = run(*words, "--by", "county")
    assert re.search(r"[a-z], (?:MA|NH|RI|NV|CA) ", counties[counties.index("where it changed most") :])


def test_diff_of_a_listing_with_itself_says_that_nothing_changed(run, editions):
    shown = run("diff", editions[0], editions[0], "--years", "2020", "2022", "--by", "nation")
    assert "changed nowhere" in shown
    assert "where it changed most" not in shown
