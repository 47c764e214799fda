"""Several listings made one: nothing lost, every value with its source. Every facility here is SYNTHETIC."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from listings import IDS, VERMONT, frame, renamed_source

import iopdir as iop
from iopdir.errors import UnknownNameError

FIRST = "SYNTHETIC first"
SECOND = "SYNTHETIC second"
OURS = renamed_source(VERMONT, FIRST)


def second(keep=slice(None), **values):
    return renamed_source(iop.Directory.from_frame(frame(VERMONT).iloc[keep]), SECOND, **values)


@settings(max_examples=8, deadline=None)
@given(st.sets(st.sampled_from(IDS)), st.sets(st.sampled_from(IDS)))
def test_every_row_of_every_listing_is_there_once(gone, also_gone):
    a, b = OURS.remove(gone), second().remove(also_gone)
    both = iop.combine([a, b])
    pairs = int(both.links[0][["a_id", "b_id"]].notna().all(axis=1).sum())
    assert len(both.directory) == len(a) + len(b) - pairs
    quality = both.directory.quality
    assert quality.rows_in == quality.accepted + quality.merged + quality.rejected
    assert both.directory.table.index.is_unique
    assert both.sources.index.equals(both.directory.table.index)
    listed = both.directory.table["listed_in"]
    assert listed.str.contains(FIRST).sum() == len(a)
    assert listed.str.contains(SECOND).sum() == len(b)


def test_a_listing_with_itself_is_itself():
    both = iop.combine([OURS, second()])
    assert both.conflicts.empty
    pd.testing.assert_frame_equal(both.directory.table.drop(columns="listed_in"), OURS.table)
    assert set(both.sources["name"]) == {FIRST}


def test_blanks_are_filled_and_say_from_where():
    both = iop.combine([renamed_source(VERMONT, FIRST, phone="", website=""), second(phone="802-555-0100")])
    assert (both.directory.table["phone"] == "802-555-0100").all()
    assert set(both.sources["phone"]) == {SECOND}
    assert set(both.sources["website"]) <= {"", SECOND}
    assert both.conflicts.empty


def test_conflicts_are_listed_and_the_preferred_one_decides():
    a, b = renamed_source(VERMONT, FIRST, phone="802-555-0100"), second(phone="802-555-0199")
    for prefer, kept, other in (
        (None, FIRST, SECOND), ([SECOND], SECOND, FIRST), ({"phone": SECOND}, SECOND, FIRST),
        ({"phone": FIRST}, FIRST, SECOND),
    ):  # fmt: skip
        both = iop.combine([a, b], prefer=prefer)
        assert set(both.conflicts["column"]) == {"phone"}
        assert len(both.conflicts) == len(VERMONT)
        assert both.conflicts[["kept_from", "other_from"]].drop_duplicates().to_numpy().tolist() == [
            [kept, other]
        ]
        assert (both.sources["phone"] == kept).all()
        values = {FIRST: "802-555-0100", SECOND: "802-555-0199"}
        assert (both.directory.table["phone"] == values[kept]).all()
        assert (both.conflicts["kept"] == values[kept]).all()


def test_the_point_of_an_address_beats_the_middle_of_a_zip():
    by_zip = renamed_source(VERMONT, FIRST, lon=None, lat=None, precision="unknown")
    assert set(by_zip.table["precision"]) == {"zip_centroid"}
    both = iop.combine([by_zip, second()])
    assert (both.directory.table["lon"] == VERMONT.table["lon"]).all()
    assert set(both.sources["point"]) == {SECOND}
    assert set(both.sources["address"]) == {FIRST}


def test_a_moved_facility_keeps_its_point_with_its_address():
    by_zip = renamed_source(VERMONT, FIRST, lon=None, lat=None, precision="unknown")
    moved = second(street1="98765 Elsewhere Road", street2="")
    both = iop.combine([by_zip, moved])
    assert set(both.links[0]["kind"]) >= {"moved"}
    assert both.sources["point"].eq(FIRST).sum() >= (both.links[0]["kind"] == "moved").sum()


def test_spelling_is_no_conflict():
    loud = second(name=frame(VERMONT)["name"].str.upper())
    assert iop.combine([OURS, loud]).conflicts.empty


def test_every_source_is_cited(tmp_path):
    directory = iop.combine([OURS, second()]).directory
    assert [source.name for source in directory.provenance.sources] == [FIRST, SECOND]
    assert directory.synthetic
    directory.to_parquet(tmp_path / "both.parquet")
    again = iop.Directory.read_parquet(tmp_path / "both.parquet")
    assert again.provenance.sources == directory.provenance.sources
    assert [source.name for source in directory.select(state="VT").provenance.sources] == [FIRST, SECOND]


def test_three_listings():
    third = renamed_source(VERMONT, "SYNTHETIC third", website="https://third.example")
    silent = renamed_source(VERMONT, FIRST, website="")
    both = iop.combine([silent, second(website=""), third])
    assert len(both.links) == 2
    assert (both.directory.table["listed_in"].str.count("; ") == 2).all()
    assert set(both.sources["website"]) == {"SYNTHETIC third"}


@pytest.mark.parametrize(
    ("parts", "prefer", "error", "words"),
    [
        ([OURS], None, ValueError, "at least two"),
        ([], None, ValueError, "at least two"),
        ([OURS, OURS], None, ValueError, "one source"),
        ([OURS, second()], ["nobody"], UnknownNameError, "no listing 'nobody'"),
        ([OURS, second()], {"fax": FIRST}, UnknownNameError, "no group of values 'fax'"),
        ([OURS, second()], {"phone": "nobody"}, UnknownNameError, "no listing 'nobody'"),
    ],
    ids=["one", "none", "twice", "listing", "group", "decider"],
)
def test_bad_requests(parts, prefer, error, words):
    with pytest.raises(error, match=words):
        iop.combine(parts, prefer=prefer)
