"""Points taken over from another listing. Every facility here is SYNTHETIC."""

import numpy as np
import pandas as pd
import pytest

import iopdir as iop
from iopdir.geography.places import zip_points
from iopdir.spatial.geodesy import geodesic_m

VERMONT = iop.demo_directory().select(state="VT")
TAKEN = ["lon", "lat", "precision", "county_fips", "county_match", "vintage"]


def by_zip(directory, name="SYNTHETIC list"):
    table = directory.to_geodataframe().drop(columns="geometry")
    return iop.Directory.from_frame(
        table.assign(lon=np.nan, lat=np.nan, precision="unknown", source=name), name=name
    )


def test_every_point_comes_back_with_its_source_and_what_it_replaces():
    listed = by_zip(VERMONT)
    located = listed.locate_from(VERMONT)
    pd.testing.assert_frame_equal(located.table[TAKEN], VERMONT.table[TAKEN])
    assert (located.table["location_source"] == VERMONT.table["location_source"]).all()
    assert (located.table["reference_id"] == located.table.index).all()
    centre = zip_points().loc[located.table["zip"]]
    metres = geodesic_m(
        *(part[name].to_numpy() for part in (located.table, centre) for name in ("lon", "lat"))
    )
    np.testing.assert_allclose(located.table["replaced_m"], metres)
    others = [
        name for name in listed.table if name not in {*TAKEN, "location_source", "reference_id", "replaced_m"}
    ]
    pd.testing.assert_frame_equal(located.table[others], listed.table[others])


def test_the_source_of_the_points_is_cited_as_long_as_they_are_there():
    listed = by_zip(VERMONT)
    located = listed.locate_from(VERMONT)
    names = [source.name for source in located.provenance.sources]
    assert names == [
        *(s.name for s in listed.provenance.sources),
        *(s.name for s in VERMONT.provenance.sources),
    ]
    assert located.provenance.parameters["located_from"] == [VERMONT.provenance.sources[0].name]
    assert [source.name for source in located.select(state="VT").provenance.sources] == names


def test_what_is_not_found_stays_where_it_was():
    found = VERMONT.table.index[:20]
    reference = VERMONT.remove(VERMONT.table.index[20:])
    listed = by_zip(VERMONT)
    table = listed.locate_from(reference).table
    here = table["precision"] == "address"
    assert set(found) <= set(table.index[here])
    pd.testing.assert_frame_equal(table[~here], listed.table[~here])
    assert table.loc[~here, "replaced_m"].isna().all()
    assert (table.loc[~here, "reference_id"] == "").all()


def test_points_of_its_own_are_kept():
    located = VERMONT.locate_from(VERMONT)
    pd.testing.assert_frame_equal(located.table, VERMONT.table)


def test_another_program_at_the_very_same_address_has_the_same_point():
    address = VERMONT.table[
        VERMONT.table["street1"].str.match(r"\d+ \w") & (VERMONT.table["zip"] != "")
    ].index[0]
    one = VERMONT.remove(VERMONT.table.index.difference([address]))
    other = (
        one.to_geodataframe()
        .drop(columns="geometry")
        .assign(name="SYNTHETIC Nothing Alike", program="", phone="")
    )
    located = by_zip(iop.Directory.from_frame(other)).locate_from(one)
    assert located.table["reference_id"].tolist() == [address]
    assert located.table["lon"].tolist() == one.table["lon"].tolist()


def test_a_point_far_from_its_zip_is_not_taken_but_noted():
    table = VERMONT.to_geodataframe().drop(columns="geometry")
    first = table.index[0]
    table.loc[first, ["lon", "lat"]] = [-87.65, 41.92]
    located = by_zip(VERMONT).locate_from(iop.Directory.from_frame(table))
    assert located.table.loc[first, "precision"] == "zip_centroid"
    issues = located.quality.issues
    noted = issues[issues["reason"] == "coordinate_far_from_zip"]
    assert len(noted) == 1
    assert noted["value"].iloc[0].endswith("m from the middle of the ZIP")


def test_a_facility_that_moved_takes_no_point():
    table = VERMONT.to_geodataframe().drop(columns="geometry")
    moved = by_zip(iop.Directory.from_frame(table.assign(street1="99999 Elsewhere Road", phone="")))
    assert (moved.locate_from(VERMONT).table["precision"] == "zip_centroid").all()


def test_the_points_survive_every_format(tmp_path):
    located = by_zip(VERMONT).locate_from(VERMONT)
    located.to_parquet(tmp_path / "located.parquet")
    again = iop.Directory.read_parquet(tmp_path / "located.parquet")
    pd.testing.assert_frame_equal(again.table, located.table)
    assert again.provenance.sources == located.provenance.sources
    assert iop.Directory.from_frame(located.to_geodataframe()).table.equals(located.table)
    facility = next(iter(located))
    assert facility.location.reference_id == facility.facility_id
    assert facility.location.replaced_m > 0


@pytest.mark.parametrize("empty", ["none", "nowhere"])
def test_a_reference_without_points_changes_nothing(empty):
    listed = by_zip(VERMONT)
    reference = VERMONT.remove(VERMONT.table.index) if empty == "none" else by_zip(VERMONT)
    pd.testing.assert_frame_equal(listed.locate_from(reference).table, listed.table)
