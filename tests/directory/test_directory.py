import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import LoadError, UnknownNameError
from iopdir.vocabulary.taxonomy import (
    AgeGroup,
    LevelOfCare,
    Medication,
    Payment,
    Service,
    Setting,
    SpecialPopulation,
)

DEMO = iop.demo_directory()
FRAME = DEMO.to_geodataframe()


def said(column: str, value: str) -> pd.Series:
    return FRAME[column].map(lambda values: value in values)


FILTERS = {
    "level_of_care": ("levels_of_care", LevelOfCare),
    "payment": ("payments", Payment),
    "age_group": ("age_groups", AgeGroup),
    "services": ("services", Service),
    "medication": ("medications", Medication),
    "special_population": ("special_populations", SpecialPopulation),
    "setting": ("settings", Setting),
}


@settings(max_examples=12, deadline=None)
@given(st.data())
def test_several_values_mean_any_and_several_arguments_mean_all(data):
    names = data.draw(st.lists(st.sampled_from(sorted(FILTERS)), unique=True, max_size=3))
    asked = {
        name: data.draw(st.lists(st.sampled_from(list(FILTERS[name][1])), min_size=1, max_size=3))
        for name in names
    }
    keep = pd.Series(data=True, index=FRAME.index)
    for name, values in asked.items():
        keep &= pd.concat([said(FILTERS[name][0], value.value) for value in values], axis=1).any(axis=1)
    selected = DEMO.select(**asked)
    pd.testing.assert_frame_equal(selected.to_geodataframe(), FRAME[keep])
    for name, values in asked.items():
        assert len(selected.select(**{name: values})) == len(selected)


def test_select_by_state_county_and_language():
    assert set(DEMO.select(state="vt").to_geodataframe()["state"]) == {"VT"}
    assert set(DEMO.select(county=["50007", "50021"]).to_geodataframe()["county_fips"]) == {"50007", "50021"}
    spanish = DEMO.select(language="Spanish").to_geodataframe()["languages"]
    assert 0 < len(spanish) < len(DEMO)
    assert spanish.map(lambda said: "spanish" in said).all()


def test_select_by_telehealth_and_codes():
    with_it, without = (DEMO.select(telehealth=given) for given in (True, False))
    assert 0 < len(with_it) == FRAME["telehealth"].sum()
    assert len(with_it) + len(without) == len(DEMO)
    assert with_it.provenance.parameters["select"] == [{"telehealth": True}]
    assert len(DEMO.select(codes="tele")) == len(with_it)
    child_care = DEMO.select(codes=["CCC", "BC"])
    assert child_care.table["codes"].map(lambda codes: bool({"CCC", "BC"} & set(codes))).all()
    assert (
        0
        < len(child_care)
        == said("codes", "CCC").sum() + (said("codes", "BC") & ~said("codes", "CCC")).sum()
    )


def test_a_facility_says_which_codes_decided():
    for facility in DEMO.select(state="VT"):
        for kind, values in ((LevelOfCare, facility.levels_of_care), (Medication, facility.medications)):
            assert {meaning for meaning in kind if facility.codes_for(meaning)} == set(values)
            for meaning in values:
                assert set(facility.codes_for(meaning)) <= set(facility.codes)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"medication": "bupenorphine"}, "no medication 'bupenorphine'; did you mean buprenorphine"),
        ({"special_population": "veteran"}, "no special population 'veteran'; did you mean veterans"),
        ({"setting": "hospital"}, "no setting 'hospital'; did you mean"),
        ({"payment": "free"}, "no payment 'free'"),
        ({"level_of_care": "detoxification"}, "no level of care 'detoxification'"),
        ({"codes": "QQQ"}, "no service code 'QQQ'"),
        ({"level_of_care": "iops"}, "no level of care 'iops'; did you mean iop"),
        ({"payment": "gold"}, "no payment 'gold'"),
        ({"state": "ZZ"}, "no state 'ZZ'"),
        ({"county": "7031"}, "no county .write five digits"),
        ({"language": "klingon"}, "no language 'klingon'"),
    ],
)
def test_a_value_that_does_not_exist_is_refused(asked, message):
    with pytest.raises(UnknownNameError, match=message):
        DEMO.select(**asked)


def test_a_selection_leaves_the_directory_as_it_was_and_is_written_down():
    before = len(DEMO)
    iops = DEMO.select(level_of_care="iop").select(state=["NH", "VT"])
    assert len(DEMO) == before
    assert iops.provenance.parameters["select"] == [{"level_of_care": ["iop"]}, {"state": ["NH", "VT"]}]
    assert iops.synthetic
    assert iops.quality is DEMO.quality


def test_the_table_given_out_is_a_copy():
    DEMO.to_geodataframe()["name"] = "changed"
    assert FRAME["name"].equals(DEMO.to_geodataframe()["name"])


def test_facilities_table_and_ids_agree():
    small = DEMO.select(state="WY", level_of_care="iop")
    table = small.to_geodataframe()
    assert [facility.facility_id for facility in small] == list(table.index) == sorted(table.index)
    for facility in small:
        row = table.loc[facility.facility_id]
        assert (
            (facility.location.lon, facility.location.lat)
            == (row["lon"], row["lat"])
            == (row.geometry.x, row.geometry.y)
        )
        assert small[facility.facility_id] == facility
        assert facility.codes == tuple(row["codes"])
    assert "nobody" not in small
    with pytest.raises(UnknownNameError, match="no facility 'nobody'"):
        small["nobody"]


def test_counts_by_state_add_up():
    table = DEMO.by_state()
    assert table["facilities"].sum() == len(DEMO)
    for level in LevelOfCare:
        assert table[level.value].sum() == len(DEMO.select(level_of_care=level))
    assert table["iop_medicaid"].sum() == len(DEMO.select(level_of_care="iop", payment="medicaid"))
    assert table.attrs["provenance"]["synthetic"] is True


def test_a_saved_directory_comes_back_whole(tmp_path):
    path = tmp_path / "iops.parquet"
    first = DEMO.select(level_of_care="iop", state="AK")
    first.to_parquet(path)
    second = iop.read_directory(path)
    pd.testing.assert_frame_equal(first.to_geodataframe(), second.to_geodataframe())
    pd.testing.assert_frame_equal(first.quality.issues, second.quality.issues)
    assert second.provenance.to_dict() == first.provenance.to_dict()
    assert repr(first.quality) == repr(second.quality)
    assert list(first) == list(second)


def test_an_unplaced_facility_has_no_point(tmp_path):
    listing = iop.read_facilities(
        pd.DataFrame({"name": ["SYNTHETIC One"], "zip": ["00000"], "state": ["FM"]})
    )
    row = listing.to_geodataframe().iloc[0]
    assert row.geometry is None
    assert pd.isna(row["lon"])
    (facility,) = listing
    assert facility.location.precision == "unknown"


def test_another_parquet_file_is_not_a_saved_directory(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"a": [1]}).to_parquet(path)
    with pytest.raises(LoadError, match="a Parquet file of another kind"):
        iop.Directory.read_parquet(path)
    path.write_bytes(b"nothing")
    with pytest.raises(LoadError, match="a damaged Parquet file"):
        iop.Directory.read_parquet(path)


def test_every_made_up_row_says_so():
    assert FRAME["name"].str.startswith("SYNTHETIC ").all()
    assert FRAME.index.str.startswith("SYN-").all()
    assert FRAME["phone"].str.fullmatch(r"\d{3}-555-01\d\d").all()
    assert repr(DEMO).startswith("SYNTHETIC")


def test_the_demo_has_the_survey_totals_by_state():
    survey = iop.datasets.open_pack("nssats_2020_by_state").set_index("state").drop("ZZ")
    counts = DEMO.by_state()
    assert list(counts.index) == sorted(survey.index)
    for name in ("facilities", "iop", "iop_medicaid"):
        assert counts[name].to_dict() == survey[name].to_dict()


def test_what_a_listing_has_no_column_for_cannot_be_selected_by():
    """Nobody knows then, and no facility would look like no care."""
    rows = pd.DataFrame({"name": ["A", "B"], "zip": ["05401", "05602"], "state": ["VT", "VT"]})
    silent = iop.read_facilities(rows)
    for asked in ({"level_of_care": "iop"}, {"payment": "medicaid"}, {"telehealth": True}, {"codes": "OIT"}):
        with pytest.raises(UnknownNameError, match="has no column of services"):
            silent.select(**asked)
        with pytest.raises(UnknownNameError, match="has no column of services"):
            iop.nearest("05401", silent, **asked)
    assert len(silent.select(state="VT")) == 2
    said = iop.read_facilities(rows.assign(codes=["SA OP", "SA OP"]))
    assert len(said.select(level_of_care="iop")) == 0


def test_directories_put_together_have_all_rows_and_columns_and_no_id_twice():
    one, two = DEMO.select(state="VT"), DEMO.select(state="NH")
    noted = iop.Directory.from_frame(two.to_geodataframe().assign(note="seen", beds=3.0))
    both = iop.Directory.concat([one, noted])
    assert len(both) == len(one) + len(two)
    assert both.quality.accepted == one.quality.accepted + noted.quality.accepted
    table = both.table.loc[one.table.index]
    assert table["note"].eq("").all()  # a blank is no word, and no number is no zero
    assert table["beds"].isna().all()
    assert both.table.loc[two.table.index, "note"].eq("seen").all()
    with pytest.raises(ValueError, match=rf"is there already \({len(one)} ids are\)"):
        iop.Directory.concat([both, one])
    with pytest.raises(ValueError, match="at least one directory"):
        iop.Directory.concat([])


def test_a_facility_that_is_not_there_cannot_be_removed():
    here = DEMO.select(state="VT")
    with pytest.raises(UnknownNameError, match="no facility 'nobody'"):
        here.remove([here.table.index[0], "nobody"])
