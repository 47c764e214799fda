"""Two rows are one site on evidence only; a blank equals nothing."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_rows import CHICAGO, SOURCE, raw
from pyproj import Geod

from iopdir.intake import identity
from iopdir.intake.identity import fold
from iopdir.intake.joining import SITE, _any_near, _join_near, _parts, _Sets, join_rows
from iopdir.intake.pipeline import intake
from iopdir.intake.quality import Ledger, Reason


def test_repeats_are_merged_blanks_filled_and_codes_joined():
    rows = raw(
        {"codes": ("SA", "OP")},
        {"name": "synthetic  CLINIC", "codes": ("SA", "OIT"), "phone": "312-555-0101"},
    )
    clean, quality = intake(rows, source=SOURCE)
    assert len(clean) == 1
    assert clean.iloc[0]["codes"] == ("SA", "OP", "OIT")
    assert clean.iloc[0]["phone"] == "312-555-0101"
    assert (quality.accepted, quality.merged, quality.rejected) == (1, 1, 0)
    assert quality.issues[["row", "reason", "action"]].values.tolist() == [[3, "duplicate", "merged"]]


def test_another_suite_or_program_at_the_address_is_another_facility():
    rows = raw({}, {"street2": "Suite 2"}, {"program": "Adolescent program"})
    clean, quality = intake(rows, source=SOURCE)
    assert (len(clean), quality.merged) == (3, 0)


# --- the laws, and an oracle -----------------------------------------------------------------------------------


def site(**fields: str) -> dict[str, str]:
    return {"street1": "", "city": "", "state": "", "zip": ""} | fields


def groups(table: pd.DataFrame) -> set[frozenset[int]]:
    """Which rows became one."""
    clean, quality = intake(table, source=SOURCE)
    into = dict(zip(quality.merges["row"], quality.merges["into_row"], strict=True))
    sites: dict[int, set[int]] = {}
    for row in table.index:
        sites.setdefault(into.get(row, row), set()).add(row)
    assert set(clean["source_row"]) == set(sites)
    return {frozenset(rows) for rows in sites.values()}


def test_a_blank_equals_nothing():
    cities = [("Chicago", "IL"), ("Los Angeles", "CA"), ("Houston", "TX")]
    rows = [site(name="SYNTHETIC Hope Clinic", city=city, state=state) for city, state in cities]
    for change in ({}, {"street1": "1 Main St", "city": "", "zip": ""}, {"city": "", "state": "IL"}):
        clean, quality = intake(raw(*(row | change for row in rows)), source=SOURCE)
        assert (len(clean), quality.merged) == (3, 0)
        assert clean.index.is_unique


@pytest.mark.parametrize(
    ("first", "second", "evidence"),
    [
        ({}, {"city": "", "state": ""}, "same names, street and ZIP"),
        ({"zip": ""}, {"zip": "60615"}, "same names, street, city and state"),
        (
            {"street1": "", "lat": "41.9200", "lon": "-87.6500"},
            {"street1": "9 Other St", "lat": "41.9208", "lon": "-87.6500"},
            "same names, points within 100 m",
        ),
    ],
)
def test_each_kind_of_evidence_joins_and_is_named(first, second, evidence):
    clean, quality = intake(raw(first, second), source=SOURCE)
    (merge,) = quality.merges.to_dict("records")
    assert (merge["row"], merge["into_row"], merge["evidence"]) == (3, 2, evidence)
    assert merge["facility_id"] in clean.index
    if "lat" in first:
        assert merge["distance_m"] == pytest.approx(88.9, abs=0.2)
    else:
        assert np.isnan(merge["distance_m"])


def test_points_101_m_apart_are_no_evidence():
    far = {"lat": "41.92092", "lon": "-87.6500", "street1": "9 Other St"}
    clean, _ = intake(raw({"lat": "41.9200", "lon": "-87.6500", "street1": ""}, far), source=SOURCE)
    assert len(clean) == 2


def test_rows_more_than_a_kilometre_apart_are_two_and_flagged():
    clean, quality = intake(
        raw(CHICAGO, CHICAGO | {"lat": "41.9291"}, CHICAGO | {"lat": "41.9289"}), source=SOURCE
    )
    assert (len(clean), quality.merged) == (2, 1)
    flags = quality.issues[quality.issues["reason"] == Reason.SAME_SITE_FAR_APART]
    assert flags[["row", "value"]].values.tolist() == [[3, "1,011 m from row 2"]]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("St. Mary's", "ST MARYS", True),
        ("Clínica Niño", "clinica nino", True),
        ("ｆｕｌｌ　ｗｉｄｔｈ", "Full Width", True),
        ("Straße", "STRASSE", True),
        ("Ελπίς", "ΕΛΠΙΣ", True),
        ("Надежда", "НАДЕЖДА", True),
        ("مَركَز", "مركز", True),
        ("希望诊所", "健康中心", False),
        ("आशा", "आशी", False),
        ("か", "が", False),
        ("Ελπίδα", "Ελπίς", False),
        ("Надежда", "Вера", False),
        ("مركز", "عيادة", False),
        ("---", "***", False),
        ("Hope 1", "Hope 11", False),
    ],
)
def test_names_are_compared_by_their_letters_in_every_script(one, other, same):
    assert (fold(one) == fold(other)) is same
    assert len(groups(raw({"name": one}, {"name": other}))) == (1 if same else 2)


row = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["SYNTHETIC A", "synthetic a.", "SYNTHETIC B"]),
        "program": st.sampled_from(["", "", "Youth"]),
        "street1": st.sampled_from(["", "1 X St", "1 x  ST."]),
        "street2": st.sampled_from(["", "", "2"]),
        "city": st.sampled_from(["", "Chicago"]),
        "state": st.sampled_from(["IL", ""]),
        "zip": st.sampled_from(["", "60614", "60615"]),
        # NaN is no point; steps of 56 m; one point far away
        "lat": st.sampled_from([np.nan, np.nan, 41.92, 41.9205, 41.921, 41.9215, 41.94]),
    }
)


def joined(rows: list[dict]) -> set[frozenset[int]]:
    """Which rows, by position, are one."""
    table = pd.DataFrame(rows)
    keys = pd.DataFrame({name: table[name].map(fold) for name in (*SITE, "city")})
    lat = table["lat"].to_numpy("float64")
    site = join_rows(table, keys, np.where(np.isnan(lat), np.nan, -87.65), lat, Ledger("SYNTHETIC"))
    return {frozenset(np.flatnonzero(site == first).tolist()) for first in site}


def compared(rows: list[dict]) -> set[frozenset[int]]:
    """The same without a limit on width, by comparing all with all."""

    def alike(a, b):
        same = {name: a[name] != "" and fold(a[name]) == fold(b[name]) for name in a if name != "lat"}
        if not same["name"] or fold(a["program"]) != fold(b["program"]):
            return False
        street = same["street1"] and fold(a["street2"]) == fold(b["street2"])
        near = abs(a["lat"] - b["lat"]) * 111_000 < 100
        return near or (street and (same["zip"] or (same["city"] and same["state"])))

    left, found = set(range(len(rows))), set()
    while left:
        part, todo = set(), {left.pop()}
        while todo:
            part |= todo
            todo = {other for other in left for one in todo if alike(rows[one], rows[other])}
            left -= todo
        found.add(frozenset(part))
    return found


@settings(max_examples=300, deadline=None)
@given(st.lists(row, min_size=1, max_size=9), st.randoms(use_true_random=False))
def test_sites_are_those_of_a_comparison_of_all_with_all_but_never_wide(rows, chance):
    found, expected = joined(rows), compared(rows)
    for members in expected:
        lats = [rows[one]["lat"] for one in members if rows[one]["lat"] == rows[one]["lat"]]
        parts = {part for part in found if part <= members}
        assert frozenset().union(*parts) == members
        assert len(parts) == (2 if lats and max(lats) - min(lats) > 0.009 else 1)
        for part in parts:
            near = [lat for lat in lats if lat in {rows[one]["lat"] for one in part}]
            assert not near or max(near) - min(near) < 0.009
    order = list(range(len(rows)))
    chance.shuffle(order)
    again = joined([rows[place] for place in order])
    assert {frozenset(order[place] for place in part) for part in again} == found


@settings(max_examples=15, deadline=None)
@given(st.lists(row, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_neither_order_nor_case_changes_an_id(rows, chance):
    written = [
        fields | {"state": "IL", "lat": str(lat), "lon": "-87.65"} if (lat := fields["lat"]) == lat
        else fields | {"state": "IL", "lat": ""}
        for fields in rows
    ]  # fmt: skip
    first, _ = intake(raw(*written), source=SOURCE)
    chance.shuffle(written)
    second, _ = intake(
        raw(*({name: text.upper() for name, text in one.items()} for one in written)), source=SOURCE
    )
    assert list(first.index) == list(second.index)


@pytest.mark.parametrize(
    "change",
    [
        {"phone": "312-555-0100"}, {"website": "example.org"}, {"codes": ("SA",)}, {"county": "Lake"}, {"beds": "7"},
        {"facility_type": "SA"}, {"name": "synthetic clinic."}, {"state": "Illinois"},
    ],
)  # fmt: skip
@pytest.mark.parametrize("base", [{}, {"street1": ""}, {"zip": "", **CHICAGO}])
def test_an_id_does_not_change_with_what_is_no_part_of_it(base, change):
    first, second = (intake(raw(fields), source=SOURCE)[0].index for fields in (base, base | change))
    assert list(first) == list(second)


@pytest.mark.parametrize(
    "change", [{"street2": "2"}, {"zip": "60615"}, {"program": "Youth"}, {"name": "SYNTHETIC B"}]
)
def test_an_id_changes_with_what_is_part_of_it(change):
    first, second = (intake(raw(fields), source=SOURCE)[0].index for fields in ({}, change))
    assert list(first) != list(second)


def test_a_point_without_an_address_has_one_id_however_it_is_written():
    plain = {"street1": "", "city": "", "zip": ""}
    ids = [
        intake(raw(plain | {"lat": lat, "lon": lon}), source=SOURCE)[0].index[0]
        for lat, lon in [("41.92", "-87.65"), ("41.920", "-87.6500"), ("4.192e1", "-87.65")]
    ]
    assert len(set(ids)) == 1
    other, _ = intake(raw(plain | {"lat": "41.93", "lon": "-87.65"}), source=SOURCE)
    assert other.index[0] not in ids


def test_a_merge_keeps_the_better_of_each_value_and_takes_a_point_whole():
    rows = raw(
        {"lat": "0", "lon": "0"},
        {"lat": "41.92", "lon": "", "phone": "312-555-0100"},
        {"lat": "41.9201", "lon": "-87.6501", "website": "example.org"},
        {"lat": "41.9202", "lon": "-87.6502"},
    ).assign(beds=[np.nan, 7.0, 9.0, 1.0])
    clean, quality = intake(rows, source=SOURCE)
    (kept,) = clean.to_dict("records")
    assert quality.merged == 3
    assert (kept["lat"], kept["lon"], kept["precision"]) == (41.9201, -87.6501, "address")
    assert (kept["phone"], kept["website"], kept["beds"]) == ("312-555-0100", "http://example.org", 7.0)


@pytest.mark.parametrize(("metres", "sites"), [(99.9, 200), (100.1, 400)])
def test_a_hundred_metres_are_measured_alike_everywhere_and_in_every_direction(metres, sites):
    chance = np.random.default_rng(1)
    lon, lat, way = (chance.uniform(*ends, 200) for ends in ((-160, -65), (18, 70), (0, 360)))
    end_lon, end_lat, _ = Geod(ellps="WGS84").fwd(lon, lat, way, np.full(200, metres))
    names = [f"SYNTHETIC {number}" for number in range(200)] * 2
    table = pd.DataFrame(dict.fromkeys((*SITE, "city", "zip", "state"), ""), index=range(400)).assign(
        name=names
    )
    site = join_rows(table, table, np.r_[lon, end_lon], np.r_[lat, end_lat], Ledger("SYNTHETIC"))
    assert len(set(site.tolist())) == sites


fields = st.fixed_dictionaries(
    {
        "name": st.sampled_from(["SYNTHETIC A", "SYNTHETIC A", "SYNTHETIC B"]),
        "phone": st.sampled_from(["", "312-555-0100", "312-555-0101"]),
        "website": st.sampled_from(["", "http://example.org"]),
        "codes": st.lists(st.sampled_from(["SA", "OP", "OIT", "MD"]), unique=True).map(tuple),
        "lat": st.sampled_from(["", "0", "41.92", "41.9203"]),
    }
)


@settings(max_examples=50, deadline=None)
@given(st.lists(fields, min_size=1, max_size=8), st.lists(st.sampled_from([np.nan, 1.0, 2.0]), min_size=8))
def test_a_site_keeps_the_first_that_is_said_of_each_value_all_codes_and_the_first_true_point(rows, beds):
    table = raw(*(row | {"lon": {"": "", "0": "0"}.get(row["lat"], "-87.65")} for row in rows))
    table["beds"] = beds[: len(rows)]
    clean, _ = intake(table, source=SOURCE)
    assert len(clean) == table["name"].nunique()
    for site in clean.itertuples():
        same = table[table["name"] == site.name]
        assert site.source_row == same.index[0]
        for column in ("phone", "website"):
            assert getattr(site, column) == next(filter(None, same[column]), "")
        assert site.codes == tuple(dict.fromkeys(code for cell in same["codes"] for code in cell))
        np.testing.assert_equal(site.beds, next(iter(same["beds"].dropna()), np.nan))
        points = [lat for lat in same["lat"] if lat not in ("", "0")]
        assert site.precision == ("address" if points else "zip_centroid")
        if points:
            assert (site.lat, site.lon) == (float(points[0]), -87.65)


def test_rows_that_only_a_third_joins_say_so():
    near = {"lat": "41.9200", "lon": "-87.6500"}
    rows = [{"street1": "1 Example St"}, near, near | {"lat": "41.9203", "street1": "9 Other St"}]
    _, quality = intake(raw(*rows), source=SOURCE)
    assert quality.merges[["row", "into_row", "evidence"]].values.tolist() == [
        [3, 2, "same names, street and ZIP"],
        [4, 2, "same names, joined through a third row"],
    ]
    assert quality.merges["distance_m"].isna().all()


def test_sites_of_one_address_too_far_apart_are_numbered_from_the_south():
    north, south = (CHICAGO | {"lat": lat} for lat in ("41.95", "41.92"))
    for rows in ([north, south], [south, north]):
        clean, quality = intake(raw(*rows), source=SOURCE)
        first, second = clean.sort_values("lat").index
        assert second == f"{first}-2"
        assert quality.issues.loc[quality.issues["reason"] == Reason.SAME_ID, "value"].tolist() == [first]


@pytest.mark.parametrize(
    ("gone", "change"),
    [("zip", {"city": "Aurora"}), ("zip", {"state": "IN"}), ("street1", {"city": "Aurora"})],
)
def test_city_and_state_tell_sites_apart_where_street_or_zip_is_missing(gone, change):
    ids = [intake(raw({gone: ""} | fields), source=SOURCE)[0].index[0] for fields in ({}, change)]
    assert ids[0] != ids[1]
    whole = [intake(raw(fields), source=SOURCE)[0].index[0] for fields in ({}, change)]
    assert whole[0] == whole[1]


def test_a_row_placed_by_its_zip_says_more_than_one_that_is_not_placed():
    clean, _ = intake(raw({"zip": ""}, {"zip": "60615"}), source=SOURCE)
    (kept,) = clean.to_dict("records")
    assert (kept["precision"], kept["zip"]) == ("zip_centroid", "60615")


@pytest.mark.parametrize(("metres", "sites"), [(999.6, 1), (1000.4, 2)])
def test_a_site_is_no_wider_than_a_kilometre(metres, sites):
    lon, lat, _ = Geod(ellps="WGS84").fwd(-87.65, 41.92, 30, metres)
    other = {"lat": repr(lat), "lon": repr(lon)}
    assert len(intake(raw(CHICAGO, other), source=SOURCE)[0]) == sites


def test_what_lies_on_an_edge_is_within_it(monkeypatch):
    middle = np.zeros((1, 3))
    assert _any_near(middle, np.array([[60.0, 80.0, 0.0]]))
    assert not _any_near(middle, np.array([[60.0, 80.0, 0.1]]))
    assert _parts([4, 7], [[0, 0, 0], [600, 800, 0]]) == [[4, 7]]
    assert _parts([4, 7], [[0, 0, 0], [600, 800, 1]]) == [[4], [7]]
    rows = raw(
        {"street1": "", "lat": "41.92", "lon": "-87.65"},
        {"street1": "9 Other St", "lat": "41.9205", "lon": "-87.65"},
    )
    distance = intake(rows, source=SOURCE)[1].merges["distance_m"].item()
    for limit, evidence in (
        (distance, "points within 100 m"),
        (np.nextafter(distance, 0), "joined through a third row"),
    ):
        monkeypatch.setattr(identity, "NEAR_M", limit)
        assert intake(rows, source=SOURCE)[1].merges["evidence"].tolist() == [f"same names, {evidence}"]


@pytest.mark.parametrize(("apart", "joined"), [(99.9, True), (100.1, False)])
def test_no_cube_is_so_large_that_its_corners_are_not_near(apart, joined):
    for begin in np.random.default_rng(1).uniform(-1e6, 1e6, (200, 3)):
        for corner in (begin, np.floor(begin / 57) * 57 + 0.01, np.floor(begin / 58) * 58 + 0.01):
            sets = _Sets(2)
            xyz = np.array([corner, corner + apart / np.sqrt(3)])
            _join_near(sets, np.zeros(2, dtype=np.int64), xyz, np.arange(2))
            assert (sets.top(1) == 0) is joined
