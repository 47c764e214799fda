"""OpenTimes files: minutes by census place, facilities in theirs, zeros within one place not believed."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import iopdir as iop
from iopdir.errors import LoadError, UnitError

CENTERS = pd.DataFrame(
    {"lon": [-87.60, -87.70, -87.80, -87.50], "lat": 41.8, "population": [10.0, 20.0, 30.0, 40.0]},
    index=pd.Index(["17031000100", "17031000200", "17031000300", "18089000100"], name="geoid"),
)
CLINICS = pd.DataFrame(
    {"lon": [-87.61, -87.71, -87.705, -87.51], "lat": 41.8}, index=["in 1", "in 2", "in 2 too", "in Indiana"]
)


def lay(folder, rows, state="17", year="2024"):
    path = (
        folder / f"times/version=0.0.1/mode=car/year={year}/geography=tract/state={state}"
        f"/times-0.0.1-car-{year}-tract-{state}-0.parquet"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(rows, columns=["origin_id", "destination_id", "duration_sec"]).to_parquet(path)
    return path


@pytest.fixture
def folder(tmp_path):
    ids = CENTERS.index
    lay(
        tmp_path,
        [(a, b, 0 if a == b else 600 * abs(i - j)) for i, a in enumerate(ids[:3]) for j, b in enumerate(ids)],
    )
    lay(tmp_path, [(ids[3], b, 600 * (3 - j)) for j, b in enumerate(ids)], state="18")
    return tmp_path


def test_minutes_are_those_of_the_places(folder):
    cost = iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS)
    table = cost.to_frame().set_index(["origin", "destination"])["cost"]
    assert table["17031000100", "in 2"] == table["17031000100", "in 2 too"] == 10
    assert table["17031000300", "in Indiana"] == 10
    assert table["18089000100", "in 1"] == 30
    assert len(table) == 16


def test_ids_that_a_file_keeps_as_its_index_are_read(folder):
    plain = iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS).to_frame()
    for path in folder.rglob("*.parquet"):
        pd.read_parquet(path).set_index(["origin_id", "destination_id"]).to_parquet(path)
    pd.testing.assert_frame_equal(iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS).to_frame(), plain)


def test_within_one_place_minutes_are_estimated_not_none(folder):
    cost = iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS)
    table = cost.to_frame().set_index(["origin", "destination"])["cost"]
    estimate = iop.nearest(CENTERS, CLINICS, cost="drive-estimate").set_index("origin")
    for tract, clinic in (("17031000100", "in 1"), ("18089000100", "in Indiana")):
        assert estimate.loc[tract, "facility_id"] == clinic
        assert table[tract, clinic] == estimate.loc[tract, "duration_min"] > 0
    about = cost.provenance.parameters
    assert (about["estimated_within_one_place"], about["demand_points_in_no_file"]) == (4, 0)
    assert any(source.name.startswith("OpenTimes times-0.0.1-car") for source in cost.sources)


def test_centers_of_other_states_place_the_facilities_there(folder):
    illinois = CENTERS.iloc[:3]
    alone = iop.CostMatrix.from_opentimes(folder, illinois, CLINICS).to_frame()
    with_all = iop.CostMatrix.from_opentimes(folder, illinois, CLINICS, centers=CENTERS).to_frame()
    key = ["origin", "destination"]
    assert alone.set_index(key)["cost"]["17031000300", "in Indiana"] == 20  # taken for the nearest center
    assert with_all.set_index(key)["cost"]["17031000300", "in Indiana"] == 10


def test_a_limit_leaves_out_pairs(folder):
    cost = iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS, max_cost="10 min")
    assert cost.to_frame()["cost"].max() == 10
    with pytest.raises(UnitError):
        iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS, max_cost="10 mi")


def test_people_whom_no_file_knows_are_counted(folder):
    more = pd.concat([CENTERS, CENTERS.iloc[:1].set_axis(["17999000100"])])
    cost = iop.CostMatrix.from_opentimes(folder, more, CLINICS, centers=CENTERS)
    assert cost.provenance.parameters["demand_points_in_no_file"] == 1


def test_folders_that_do_not_fit_are_told(folder, tmp_path):
    make = iop.CostMatrix.from_opentimes
    with pytest.raises(LoadError, match="state=50"):
        make(folder, CENTERS.iloc[:1].set_axis(["50001000100"]), CLINICS)
    with pytest.raises(LoadError, match="geography=county"):
        make(folder, CENTERS, CLINICS, geography="county")
    with pytest.raises(LoadError, match="0 other Parquet files"):
        make(tmp_path / "nowhere", CENTERS, CLINICS)
    with pytest.raises(ValueError, match="stands twice"):
        make(folder, CENTERS.iloc[[0, 0]], CLINICS)
    lay(folder, [], year="2020")
    with pytest.raises(LoadError, match="give year=, found 2020 and 2024"):
        make(folder, CENTERS, CLINICS)
    assert len(make(folder, CENTERS, CLINICS, year=2024))


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:90]), "a damaged Parquet file"),
        (
            lambda path: pd.DataFrame(
                {
                    "origin_id": np.full(20_000, CENTERS.index[0]),
                    "destination_id": CENTERS.index[1],
                    "duration_sec": 1.0,
                }
            ).to_parquet(path),
            r"20,000 times between these places, more than the \d+ that are read",
        ),
        (
            lambda path: pd.DataFrame({"origin_id": ["1"]}).to_parquet(path),
            "without destination_id, duration_sec",
        ),
        (
            lambda path: pd.DataFrame(
                {
                    "origin_id": [CENTERS.index[0]],
                    "destination_id": [CENTERS.index[1]],
                    "duration_sec": [-1.0],
                }
            ).to_parquet(path),
            "seconds of 0 or more",
        ),
        (
            lambda path: pd.DataFrame(
                {
                    "origin_id": [CENTERS.index[0]],
                    "destination_id": [CENTERS.index[1]],
                    "duration_sec": [np.nan],
                }
            ).to_parquet(path),
            "seconds of 0 or more",
        ),
    ],
    ids=["cut off", "one pair without end", "columns", "negative", "missing"],
)
def test_a_damaged_file_is_named(folder, damage, words):
    path = next(folder.rglob("*tract-17-0.parquet"))
    damage(path)
    with pytest.raises(LoadError, match=words) as caught:
        iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS)
    assert caught.value.path == path


def test_a_small_file_of_long_words_is_refused_before_it_is_unpacked(folder, monkeypatch):
    path = next(folder.rglob("*tract-17-0.parquet"))
    ids = pa.DictionaryArray.from_arrays(pa.array(np.zeros(100_000, "int32")), ["a" * 100])
    table = pa.table({"origin_id": ids, "destination_id": ids, "duration_sec": np.zeros(100_000)})
    pq.write_table(table, path, row_group_size=40_000)
    monkeypatch.setattr("iopdir.travel.opentimes.MAX_MATRIX_BYTES", 15_999_999)
    with pytest.raises(LoadError, match="16,000,000 bytes of text, more than the 15,999,999 that are read"):
        iop.CostMatrix.from_opentimes(folder, CENTERS, CLINICS)
