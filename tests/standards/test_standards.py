"""Standards: the CMS county types at every edge, published limits, and a person's own from TOML."""

import copy
import csv
import pickle
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.geography.classes import (
    SQUARE_METRES_PER_SQUARE_MILE,
    CountyType,
    classify_counties,
    county_types,
)
from iopdir.standards.parse import parse_standard
from iopdir.standards.published import STANDARDS
from iopdir.standards.standard import Limit
from iopdir.units import METRES_PER_MILE


def kind(people, density):
    """Type of a county so big that rounding errors cannot push it over an edge from above."""
    area = people / density * (1 - 1e-12) if people else 1.0
    return classify_counties([people], [area * SQUARE_METRES_PER_SQUARE_MILE])[0].value


@pytest.mark.parametrize(
    ("people", "density", "expected"),
    [
        (1_000_000, 1000, "Large Metro"),
        (1_000_000, 999.95, "Metro"),
        (1_000_000, 10, "Metro"),
        (1_000_000, 9.99, "CEAC"),
        (999_999, 1500, "Large Metro"),
        (999_999, 1499.95, "Metro"),
        (500_000, 10, "Metro"),
        (499_999, 5000, "Large Metro"),
        (499_999, 4999.95, "Metro"),
        (200_000, 10, "Metro"),
        (199_999, 99.95, "Micro"),
        (199_999, 100, "Metro"),
        (199_999, 4999.95, "Metro"),
        (50_000, 10, "Micro"),
        (50_000, 9.99, "CEAC"),
        (49_999, 49.95, "Rural"),
        (49_999, 50, "Micro"),
        (49_999, 999.95, "Micro"),
        (49_999, 1000, "Metro"),
        (10_000, 10, "Rural"),
        (9_999, 4999.95, "Rural"),
        (9_999, 5000, "Large Metro"),
        (9_999, 10, "Rural"),
        (9_999, 9.99, "CEAC"),
        (1, 5000, "Large Metro"),
        (0, 1, "CEAC"),
    ],
)
def test_county_types_at_the_edges_of_the_rule(people, density, expected):
    """One case either side of every edge in 42 CFR 422.116(c)(1); gaps such as 999.9 to 1,000 belong below."""
    assert kind(people, density) == expected


ORDER = list(CountyType)


@given(people=st.integers(1, 3_000_000), density=st.floats(0.01, 50_000), more=st.floats(1, 10))
def test_denser_counties_of_one_size_are_never_a_sparser_type(people, density, more):
    assert ORDER.index(CountyType(kind(people, density * more))) <= ORDER.index(
        CountyType(kind(people, density))
    )


@given(people=st.integers(1, 3_000_000), density=st.floats(10, 50_000), more=st.integers(1, 1_000_000))
def test_bigger_counties_of_one_density_are_never_a_sparser_type(people, density, more):
    assert ORDER.index(CountyType(kind(people + more, density))) <= ORDER.index(
        CountyType(kind(people, density))
    )


@pytest.mark.parametrize(("people", "area"), [(-1, 1.0), (np.nan, 1.0), (10, 0.0), (10, np.nan)])
def test_impossible_counties_are_refused(people, area):
    with pytest.raises(ValueError, match="above 0"):
        classify_counties([people], [area])


@pytest.mark.parametrize("vintage", [2020, 2023])
def test_every_county_has_a_type_and_all_people_are_counted(vintage):
    types = county_types(vintage)
    assert types.index.equals(iop.geography.county_list(vintage).index)
    assert set(types["county_type"]) == {kind.value for kind in CountyType}
    assert types["people"].sum() == pytest.approx(334_365_877, rel=1e-6)
    named = {"17031": "Large Metro", "06075": "Large Metro", "02290": "CEAC", "48301": "CEAC"}
    assert types.loc[list(named), "county_type"].to_dict() == named


def test_the_types_that_callers_get_are_their_own():
    mine = county_types()
    mine["county_type"] = "broken"
    assert "broken" not in set(county_types()["county_type"])


def test_cms_limits_are_those_of_the_table():
    rule = iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    expected = {
        "Large Metro": (20, 10, 0.90),
        "Metro": (40, 25, 0.90),
        "Micro": (55, 40, 0.85),
        "Rural": (60, 50, 0.85),
        "CEAC": (110, 100, 0.85),
    }
    found = {
        str(kind): (limit.duration_min, limit.distance_m / METRES_PER_MILE, limit.share)
        for kind, limit in rule.limits.items()
    }
    assert found == expected


def test_cms_limits_equal_the_transcription(real_data):
    path = real_data.parent.parent / "facts" / "cms_ma_network_adequacy.csv"
    if not path.exists():
        pytest.skip("the transcription is not beside the real data")
    rule = iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["specialty"] == "Outpatient Behavioral Health"]
    assert len(rows) == 5
    for row in rows:
        limit = rule.limits[CountyType(row["county_type"])]
        assert limit.duration_min == float(row["max_minutes"])
        assert limit.distance_m == float(row["max_miles"]) * METRES_PER_MILE
        assert limit.share == float(row["pct_beneficiaries_required"]) / 100


@pytest.mark.parametrize("standard", STANDARDS.values(), ids=STANDARDS.keys())
def test_every_published_standard_says_who_says_so_and_how_sure_it_is(standard):
    assert standard.source
    assert standard.retrieved is not None
    assert standard.confidence in {"S", "2°", "M"}


@pytest.mark.parametrize(
    ("text", "distance_m", "duration_min", "name"),
    [
        ("30 mi", 48_280.32, None, "30 mi"),
        ("20 min", None, 20.0, "20 min"),
        ("0.5 h", None, 30.0, "30 min"),
        (" 10 mi ", 16_093.44, None, "10 mi"),
    ],
)
def test_simple_standards_are_read(text, distance_m, duration_min, name):
    standard = parse_standard(text)
    assert standard.limits == {None: Limit(distance_m=distance_m, duration_min=duration_min)}
    assert standard.name == name
    assert parse_standard(standard) is standard


def test_kilometres_keep_their_own_words():
    assert parse_standard("30 km").name.startswith("30 km")


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("cms", iop.errors.UnknownNameError),
        ("", iop.errors.UnknownNameError),
        ("30", iop.errors.UnitError),
        ("30 miles away", iop.errors.UnitError),
        ("-3 mi", iop.errors.UnknownNameError),
    ],
)
def test_what_is_no_standard_is_refused(text, error):
    with pytest.raises(error):
        parse_standard(text)


def test_a_near_miss_is_told_the_name():
    with pytest.raises(iop.errors.UnknownNameError, match="cms-obh"):
        parse_standard("cms-obb")


# --- TOML ---

OWN = """
name = "State contract"
source = "our contract, schedule 3"
retrieved = 2026-11-01
[limit]
distance = "25 mi"
duration = "40 min"
share = 0.95
"""


def test_a_standard_of_ones_own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN, encoding="utf-8")
    standard = parse_standard(str(path))
    assert standard.limits[None] == Limit(distance_m=25 * METRES_PER_MILE, duration_min=40.0, share=0.95)
    assert (standard.name, standard.retrieved, standard.confidence) == (
        "State contract",
        date(2026, 11, 1),
        "user",
    )
    assert parse_standard(path) == standard


def test_a_standard_of_ones_own_by_county_type(tmp_path):
    path = tmp_path / "own.toml"
    kinds = ["large_metro", "metro", "micro", "rural", "ceac"]
    tables = "".join(f'[limits.{kind}]\ndistance = "{10 * n} mi"\n' for n, kind in enumerate(kinds, 1))
    path.write_text(f'name = "Ours"\nsource = "us"\n{tables}', encoding="utf-8")
    standard = parse_standard(path)
    assert standard.by_county_type
    assert standard.limits[CountyType.CEAC].distance_m == 50 * METRES_PER_MILE
    assert not standard.has_share


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (OWN.replace('"25 mi"', "25"), "limit.distance"),
        (OWN.replace("0.95", "95"), "limit.share"),
        (OWN.replace('source = "our contract, schedule 3"', ""), "source"),
        (OWN.replace("[limit]", "[boundary]"), "boundary"),
        (OWN + "\n[limits.rural]\ndistance = '3 mi'", "neither"),
        ('name = "a"\nsource = "b"\n[limits.rural]\ndistance = "3 mi"', "neither"),
        ('name = "a"\nsource = "b"\n[limit]\nshare = 0.5', "distance, a duration"),
        (OWN.replace("25 mi", "25 parsec"), "parsec"),
        ("name = ", "broken TOML"),
        (f"name = {'[' * 9999}", "broken TOML"),
        (f"min_providers = {'9' * 9999}", "broken TOML"),
    ],
)
def test_a_broken_file_is_named_with_what_is_wrong(tmp_path, content, found):
    path = tmp_path / "own.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(iop.LoadError, match=found) as caught:
        parse_standard(path)
    assert "own.toml" in str(caught.value)


def test_a_missing_file_is_a_load_error(tmp_path):
    with pytest.raises(iop.LoadError):
        parse_standard(tmp_path / "none.toml")


# --- Standard and Limit themselves ---


@pytest.mark.parametrize(
    "limit",
    [
        {},
        {"distance_m": -1.0},
        {"distance_m": np.inf},
        {"duration_min": np.nan},
        {"distance_m": 1.0, "share": 1.5},
        {"distance_m": 1.0, "share": 0.0},
    ],
)
def test_impossible_limits_are_refused(limit):
    with pytest.raises(ValueError, match=r"limit needs|finite amount|share must"):
        Limit(**limit)


@pytest.mark.parametrize(
    "parts",
    [
        {"name": "", "limits": {None: Limit(distance_m=1)}, "source": "us"},
        {"name": "a", "limits": {None: Limit(distance_m=1)}, "source": ""},
        {"name": "a", "limits": {}, "source": "us"},
        {"name": "a", "limits": {CountyType.RURAL: Limit(distance_m=1)}, "source": "us"},
        {
            "name": "a",
            "limits": {
                kind: Limit(distance_m=1, share=None if kind == "Rural" else 0.9) for kind in CountyType
            },
            "source": "us",
        },
    ],
)
def test_half_standards_are_refused(parts):
    with pytest.raises(ValueError, match=r"."):
        iop.Standard(**parts)


def test_a_standard_cannot_be_changed():
    rule = iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    with pytest.raises(TypeError):
        rule.limits[CountyType.RURAL] = Limit(distance_m=1)


def test_standards_survive_a_pickle_and_say_what_they_are():
    for rule in iop.standards.STANDARDS.values():
        again = pickle.loads(pickle.dumps(rule))  # noqa: S301 - our own
        assert again == rule == copy.deepcopy(rule)
        with pytest.raises(TypeError):
            again.limits[None] = None
        for limit in rule.limits.values():
            assert str(limit) in repr(rule)
            assert str(limit) in rule._repr_html_()
    assert (
        str(iop.standards.CMS_OUTPATIENT_BEHAVIORAL_HEALTH.limits["Rural"])
        == "50 mi and 60 min for 0.85 of people"
    )


def test_the_strictest_limit_takes_the_least_of_each():
    limits = {
        kind: iop.standards.Limit(distance_m=metres, duration_min=minutes, share=share)
        for kind, metres, minutes, share in zip(
            iop.geography.CountyType, (5, 4, 3, 2, 1), (1, 2, 3, 4, 5), (0.5, 0.9, 0.7, 0.6, 0.8), strict=True
        )
    }
    strictest = iop.Standard(name="odd", limits=limits, source="a test").strictest
    assert strictest == iop.standards.Limit(distance_m=1, duration_min=1, share=0.9)
