"""Frames of r5py as they are; matrices from files that tell their unit."""

import gzip
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import iopdir as iop
from iopdir.errors import LoadError, UnitError, UnknownNameError
from iopdir.travel.open_cost import open_cost, read_cost

R5PY = pd.DataFrame(
    {"from_id": ["a", "a", "b"], "to_id": ["X", "Y", "X"], "travel_time": [12.0, np.nan, 30.0]}
)
PLAIN = pd.DataFrame({"origin": ["01", "b"], "destination": ["X", "X"], "duration_min": [12.0, 30.0]})


def test_a_travel_time_matrix_is_taken_as_it_is():
    cost = iop.CostMatrix.from_frame(R5PY, unit="min")
    assert cost.to_frame().values.tolist() == [["a", "X", 12.0], ["b", "X", 30.0]]
    assert cost.provenance.parameters["pairs_out_of_reach"] == 1
    slow = R5PY.rename(columns={"travel_time": "travel_time_p90"})
    assert len(iop.CostMatrix.from_frame(slow, unit="min", cost="travel_time_p90")) == 2


def test_a_missing_cost_of_anybody_else_is_refused():
    frame = R5PY.set_axis(["origin", "destination", "cost"], axis=1)
    with pytest.raises(ValueError, match="a cost that is no amount: a to Y"):
        iop.CostMatrix.from_frame(frame, unit="min")
    with pytest.raises(UnknownNameError, match="travel_time"):
        iop.CostMatrix.from_frame(R5PY[["from_id", "to_id"]], unit="min")


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("frame", [PLAIN, R5PY], ids=["plain", "r5py"])
def test_a_file_that_tells_its_unit_needs_no_word(tmp_path, frame, ending):
    path = tmp_path / f"drive.{ending}"
    frame.to_csv(path, index=False) if ending == "csv" else frame.to_parquet(path)
    cost = iop.CostMatrix.read_parquet(path)
    assert cost.unit == "min"
    assert cost.to_frame()["origin"].iloc[0] == frame.iloc[0, 0]
    with pytest.raises(UnitError, match="is in min, not m"):
        iop.CostMatrix.read_parquet(path, unit="m")


@pytest.mark.parametrize("index", [["origin"], ["origin", "destination"]], ids=str)
def test_ids_that_a_parquet_file_keeps_as_its_index_are_read(tmp_path, index):
    PLAIN.set_index(index).to_parquet(tmp_path / "drive.parquet")
    read = iop.CostMatrix.read_parquet(tmp_path / "drive.parquet")
    pd.testing.assert_frame_equal(
        read.to_frame(), iop.CostMatrix.from_frame(PLAIN, unit="min", cost="duration_min").to_frame()
    )


@pytest.mark.parametrize("rows", ["a,X,-1", "a,X,inf", "a,X,", ",X,1", "a,X,1\na,X,2", "a,X,nine"], ids=str)
def test_a_bad_pair_of_a_file_is_an_error_of_that_file(tmp_path, rows):
    path = tmp_path / "drive.csv"
    path.write_text(f"origin,destination,duration_min\n{rows}\n")
    with pytest.raises(LoadError, match=r"drive.csv.* of \d pairs have"):
        iop.CostMatrix.read_parquet(path)


@pytest.mark.parametrize("limit", ["MAX_MATRIX_CELLS", "MAX_MATRIX_BYTES"])
def test_a_small_parquet_file_of_too_much_is_refused_before_it_is_unpacked(tmp_path, monkeypatch, limit):
    path, n = tmp_path / "drive.parquet", 100_000
    ids = pa.DictionaryArray.from_arrays(pa.array(np.zeros(n, "int32")), ["a" * 100])
    pq.write_table(pa.table({"origin": ids, "destination": ids, "duration_min": np.ones(n)}), path)
    monkeypatch.setattr(f"iopdir.parquet.{limit}", 3 * n - 1)
    assert path.stat().st_size < 3 * n - 1
    with pytest.raises(LoadError, match=r"drive.parquet.* more than the 299,999 that are read"):
        iop.CostMatrix.read_parquet(path)


@pytest.mark.parametrize(
    "about", ['"x"', '{"unit": "min"}', '{"unit": "min", "provenance": {"parameters": "x"}}']
)
def test_a_saved_matrix_that_says_nonsense_of_itself_is_refused(tmp_path, about):
    path = tmp_path / "drive.parquet"
    table = pa.Table.from_pandas(PLAIN.rename(columns={"duration_min": "cost"}), preserve_index=False)
    pq.write_table(table.replace_schema_metadata({b"iopdir.cost": about}), path)
    with pytest.raises(LoadError, match=r"drive.parquet"):
        iop.CostMatrix.read_parquet(path)


def test_a_file_that_does_not_is_told(tmp_path):
    path = tmp_path / "drive.csv"
    PLAIN.rename(columns={"duration_min": "cost"}).to_csv(path, index=False)
    with pytest.raises(UnitError, match="does not say its unit"):
        iop.CostMatrix.read_parquet(path)
    assert iop.CostMatrix.read_parquet(path, unit="min").unit == "min"
    path.write_text("origin,destination,duration_min\na,X,5,\n")
    assert iop.CostMatrix.read_parquet(path).to_frame().to_numpy().tolist() == [["a", "X", 5.0]]
    path.write_text("origin,destination,duration_min\na,X,5,7\n")
    with pytest.raises(LoadError, match="broken CSV"):
        iop.CostMatrix.read_parquet(path)
    path.write_text("name,city\nA,B\n")
    with pytest.raises(LoadError, match="without origin, destination, cost"):
        iop.CostMatrix.read_parquet(path)
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(LoadError):
        iop.CostMatrix.read_parquet(path)
    with pytest.raises(LoadError, match="none that can be opened"):
        iop.CostMatrix.read_parquet(tmp_path / "none.csv")


def test_a_packed_file_is_read_and_one_that_unpacks_without_end_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "drive.csv.gz"
    path.write_bytes(gzip.compress(PLAIN.to_csv(index=False).encode()))
    plain = tmp_path / "drive.csv"
    PLAIN.to_csv(plain, index=False)
    read, expected = (iop.CostMatrix.read_parquet(each).to_frame() for each in (path, plain))
    pd.testing.assert_frame_equal(read, expected)
    monkeypatch.setattr("iopdir.travel.matrix_table.MAX_MATRIX_BYTES", 20)
    with pytest.raises(LoadError, match="more than the 20 that are read"):
        iop.CostMatrix.read_parquet(path)


def test_a_cost_is_opened_by_its_name_or_by_what_its_file_holds(tmp_path):
    assert repr(open_cost("Drive-Estimate")) == "drive estimate"
    path = tmp_path / "drive.csv"
    PLAIN.to_csv(path, index=False)
    assert len(open_cost(path)) == len(open_cost(str(path))) == 2
    for wrong, error, words in (
        (tmp_path / "none.csv", UnknownNameError, "cost or file"), (tmp_path, LoadError, "found a folder"),
    ):  # fmt: skip
        with pytest.raises(error, match=words):
            open_cost(wrong)
    for name, data, words in (
        ("x.pbf", b"nothing", "PBF, found another file"), ("x.PBF", b"\0\0\0\x0d\n\tOSMHeader", "x.PBF"),
        ("x.parquet", b"PAR1 and no more", "damaged Parquet"),
    ):  # fmt: skip
        (tmp_path / name).write_bytes(data)
        with pytest.raises(LoadError, match=words):
            open_cost(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "x.roads", "w") as archive:
        archive.writestr("head", "{}")
    with pytest.raises(LoadError, match="roads written by"):
        open_cost(tmp_path / "x.roads")


def test_a_cost_by_name_may_be_written_in_any_case():
    assert repr(read_cost("DRIVE-estimate")) == "drive estimate"
    assert repr(read_cost(None)) == "straight lines"
    matrix = iop.CostMatrix.from_frame(R5PY, unit="min")
    assert read_cost(matrix) is matrix
    with pytest.raises(UnknownNameError, match="cost 'by bus'"):
        read_cost("by bus")
