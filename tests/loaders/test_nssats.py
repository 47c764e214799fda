import gzip

import pytest

import iopdir as iop
from iopdir.errors import LoadError

HEADER = "CASEID,STATE,CTYPE1,CTYPE2,CTYPE3,CTYPEOP,REVCHK5,REVCHK2\n"
ROWS = "1,VT,1,1,1,0,1,0\n2,VT,1,.,1,M,0,1\n3,NH,1,1,0,1,0,1\n4,ZZ,0,0,,,,\n"


def test_totals_count_yes_and_nothing_else(tmp_path):
    plain, packed = tmp_path / "s.csv", tmp_path / "s.csv.gz"
    plain.write_text(HEADER + ROWS)
    packed.write_bytes(gzip.compress((HEADER + ROWS).encode()))
    for path in (plain, packed):
        survey = iop.read_nssats(path)
        table = survey.by_state()
        assert table["facilities"].to_dict() == {"NH": 1, "VT": 2, "ZZ": 1}
        assert table["iop"].to_dict() == {"NH": 1, "VT": 1, "ZZ": 0}
        assert table["iop_medicaid"].to_dict() == {"NH": 0, "VT": 1, "ZZ": 0}
        assert table["iop_private_insurance"].to_dict() == {"NH": 1, "VT": 0, "ZZ": 0}
        assert survey.totals.to_dict() == table.sum().to_dict()
        assert table.attrs["provenance"]["sources"][0]["name"] == path.name


def test_records_are_not_given_out(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(HEADER + ROWS)
    with pytest.raises(TypeError, match="forbid tying them to named facilities"):
        list(iop.read_nssats(path))
    for key in (0, "CASEID"):
        with pytest.raises(TypeError, match="forbid tying them to named facilities"):
            iop.read_nssats(path)[key]


def test_the_variable_can_be_named_for_another_survey(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text((HEADER + ROWS).replace("CTYPE2", "IOPX"))
    assert iop.read_nssats(path, iop_variable="IOPX").totals["iop"] == 2
    with pytest.raises(LoadError, match="a table without CTYPE2"):
        iop.read_nssats(path)


@pytest.mark.parametrize(
    "data",
    [b"", b"\xff\xfe\x00", gzip.compress(b"STATE\n" * 99)[:30], b"name,zip\nx,1\n"],
    ids=["empty", "utf-16", "cut gzip", "another listing"],
)
def test_a_file_that_is_not_one_is_a_load_error(tmp_path, data):
    path = tmp_path / "s.csv"
    path.write_bytes(data)
    with pytest.raises(LoadError):
        iop.read_nssats(path)
    with pytest.raises(LoadError, match="none that can be opened"):
        iop.read_nssats(tmp_path / "absent")


def test_a_row_longer_than_the_header_is_refused_and_shifts_nothing(tmp_path):
    plain, trailing = tmp_path / "s.csv", tmp_path / "t.csv"
    plain.write_text(HEADER + ROWS)
    trailing.write_text((HEADER + ROWS).replace("\n", ",\n"))
    expected, found = (iop.read_nssats(path).by_state() for path in (plain, trailing))
    assert found.to_dict() == expected.to_dict()
    for more in (",", ",7"):
        trailing.write_text(HEADER + ROWS.replace("\n", f"{more}\n"))
        with pytest.raises(LoadError, match="broken CSV"):
            iop.read_nssats(trailing)


def test_a_small_file_that_unpacks_to_thousands_of_millions_is_refused(tmp_path):
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(HEADER.encode()) + 1_000 * gzip.compress(b"1,1,1,1,1,1,1,1\n" * 1_000_000))
    with pytest.raises(LoadError, match="bytes or more, more than the 200,000,000 that are read"):
        iop.read_nssats(path)
