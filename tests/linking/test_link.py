"""Laws of linking, and each kind told from the others. Every facility here is SYNTHETIC."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import iopdir as iop
from iopdir.errors import LoadError

PAIRED = ["unchanged", "corrected", "renamed", "moved"]
NOWHERE = {"street1": "", "zip": "", "city": "", "state": ""}
VERMONT = iop.demo_directory().select(state="VT")


def table(*rows, prefix="a"):
    base = {
        "name": "SYNTHETIC Harbor Clinic", "program": "", "street1": "12 Weston Street", "street2": "",
        "city": "Springfield", "state": "IL", "zip": "62701", "phone": "", "website": "", "precision": "unknown",
        "source": "SYNTHETIC",
    }  # fmt: skip
    nowhere = {"lon": float("nan"), "lat": float("nan")}
    filled = [{"facility_id": f"{prefix}{n}"} | base | nowhere | row for n, row in enumerate(rows)]
    return pd.DataFrame(filled, columns=["facility_id", *base, *nowhere])


def one(before, after):
    links = iop.link(table(before), table(after, prefix="b"))
    return links.iloc[0] if len(links) == 1 else links.set_index("kind")


# --- kinds -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "kind", "words"),
    [
        ({}, {}, "unchanged", "same name, same street, same ZIP"),
        ({}, {"name": "synthetic HARBOR clinic", "street1": "12 WESTON ST."}, "unchanged", "same name"),
        ({}, {"street2": "Suite 4"}, "corrected", "same name, same street, same ZIP"),
        ({}, {"name": "SYNTHETIC Harbour Clinics"}, "corrected", "same street"),
        ({}, {"zip": "62702"}, "corrected", "same city"),
        ({}, {"name": "SYNTHETIC Northside Recovery"}, "renamed", "same street"),
        ({}, {"street1": "900 Oak Avenue"}, "moved", "same name, other address, same ZIP"),
        ({}, {"street1": "900 Oak Avenue", "zip": "62704"}, "moved", "same city"),
        (
            {"phone": "217-555-0100"},
            {"name": "SYNTHETIC Other", "street1": "9 Oak St", "zip": "62704", "phone": "(217) 555-0100"},
            "moved", "same phone",
        ),
        (
            {"website": "http://harbor.example"},
            {"street1": "9 Oak St", "website": "https://www.harbor.example/x"},
            "moved", "same website",
        ),
        ({}, {"street1": "12-14 Weston Street"}, "unchanged", "same street"),
        ({"street1": "8-14 Weston St"}, {}, "corrected", "same street"),
        ({"street1": "Weston Street"}, {}, "corrected", "same street"),
        ({"street1": "120 Weston Street"}, {"street1": "120 Westbourne Street"}, "corrected", "same street"),
        ({"street1": "120 14th Street"}, {"street1": "120 114th Street"}, "moved", "other address"),
        ({"street1": "1250 Weston Street"}, {"street1": "1251 Weston Street"}, "corrected", "same name, same ZIP"),
        ({"street1": "1250 Weston Street"}, {"street1": "1300 Weston Street"}, "moved", "other address"),
        ({"street1": "Suite 4"}, {"street1": "Suite 4", "street2": "12 Weston Street"}, "corrected", "same ZIP"),
        ({}, {"street1": "", "program": "12 Weston Street"}, "unchanged", "same name, same street"),
        ({}, {"name": "SPRINGFIELD", "program": "SYNTHETIC Harbor Clinic"}, "unchanged", "same name"),
        ({"name": "SYNTHETIC Unit II"}, {"name": "SYNTHETIC Unit 2"}, "unchanged", "same name"),
    ],
    ids=["same", "case", "suite", "spelling", "zip", "renamed", "moved", "moved-zip", "phone", "website", "range",
         "in-range", "no-number", "street", "numbered", "slip", "number", "no-street", "misplaced", "town", "numeral"],
)  # fmt: skip
def test_a_pair_is_of_one_kind(before, after, kind, words):
    row = one(before, after)
    assert (row["kind"], row["a_id"], row["b_id"]) == (kind, "a0", "b0")
    assert words in row["evidence"]
    assert 0.5 < row["score"] <= 1


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {"name": "SYNTHETIC Northside Recovery", "street1": "900 Oak Avenue"}),
        ({}, {"state": "TX", "zip": "75604", "city": "Longview"}),
        (NOWHERE, NOWHERE | {"name": "X"}),
    ],
    ids=["other", "far", "blanks"],
)  # fmt: skip
def test_two_facilities_are_not_one(before, after):
    kinds = one(before, after)
    assert set(kinds.index) == {"closed", "opened"}
    assert kinds.loc["closed", "a_id"] == "a0"
    assert pd.isna(kinds.loc["closed", "b_id"])
    assert kinds["score"].max() < 0.5


@pytest.mark.parametrize(
    ("street", "kind"),
    [
        ("12 Weston Street", "unchanged"),
        ("21 Ash Lane", "moved"),
        ("90 Weston St", "moved"),
        ("Ash Plaza", "corrected"),
    ],
    ids=["same", "corner", "next", "unnumbered"],
)
def test_another_address_is_a_move_however_near(street, kind):
    here = {"lon": -89.65, "lat": 39.8, "precision": "address"}
    assert one(here, here | {"street1": street, "lon": -89.6502})["kind"] == kind


def test_points_near_each_other_speak_for_one_place():
    here = {"lon": -89.65, "lat": 39.8, "precision": "address", "street1": "Harbor Plaza"}
    row = one(here, here | {"street1": "12 Weston Street", "lon": -89.6502})
    assert row["kind"] == "corrected"
    assert 10 < row["distance_m"] < 30


def test_a_second_program_at_a_place_is_a_split_and_back_a_merger():
    first = {"program": "Outpatient", "facility_id": "f0"}
    more = {"program": "Residential Youth Program", "facility_id": "f1"}
    split = iop.link(table(first), table(first, more)).set_index("kind")
    assert split.loc["split", ["b_id", "other_id"]].tolist() == ["f1", "f0"]
    assert pd.isna(split.loc["split", "a_id"])
    merged = iop.link(table(first, more), table(first)).set_index("kind")
    assert merged.loc["merged", ["a_id", "other_id"]].tolist() == ["f1", "f0"]


def test_namesakes_in_one_town_keep_their_own_places():
    streets = ["1 Elm St", "22 Oak St", "333 Ash St"]
    before = table(*({"street1": street} for street in streets))
    after = table(*({"street1": street} for street in [*streets[1:], "4444 Fir St"]), prefix="b")
    links = iop.link(before, after).set_index("a_id")
    assert links.loc[["a1", "a2"], "b_id"].tolist() == ["b0", "b1"]
    assert links.loc["a0", "b_id"] == "b2"
    assert links.loc["a0", "kind"] == "moved"


def test_what_is_doubtful_is_marked():
    sure = one({}, {})
    unsure = one({}, {"name": "X"})
    assert not sure["review"]
    assert unsure["review"]
    assert unsure["score"] < 0.9


def test_what_is_gone_says_whether_the_one_most_like_it_goes_on_as_another():
    """One of two programs of a name closed; the other is still there."""
    both = table({}, {"street1": "900 Oak Avenue", "phone": "217-555-0101"})
    links = iop.link(both, table({}, prefix="b")).set_index("a_id")
    assert links.loc["a0", "b_id"] == "b0"
    assert links.loc["a1", "kind"] == "closed"
    assert links.loc["a1", "evidence"].startswith("most like one already linked: same name, other address")


def test_the_only_one_gone_and_the_only_one_new_in_a_zip_are_to_be_looked_at():
    other = {"name": "SYNTHETIC Northside Recovery", "street1": "900 Oak Avenue"}
    kinds = one({}, other)
    assert kinds["review"].all()
    assert kinds["evidence"].str.endswith("; the only one gone and the only one new in its ZIP").all()
    for more in ({"name": "SYNTHETIC Third", "street1": "7 Elm St"}, {"zip": "62702"}):
        links = iop.link(
            table({}),
            table(other | more if "zip" in more else other, *([more] * ("name" in more)), prefix="b"),
        )
        assert not links["review"].any()


# --- laws --------------------------------------------------------------------------------------------------

WORD = st.sampled_from(["Harbor", "Hope", "Clinic", "Center", "North", "Recovery", "Inc", "St.", "É"])
ROW = st.fixed_dictionaries(
    {
        "name": st.lists(WORD, min_size=1, max_size=3).map(" ".join),
        "program": st.sampled_from(["", "Outpatient", "Youth Clinic", "1 Elm Street", "Unit II"]),
        "street1": st.sampled_from(["", "1 Elm St", "1 Elm Street", "22 Oak Ave", "22-24 Oak Ave Suite 3",
                                     "23 Oak Ave", "Oak Ave", "122 Oakley Ave", "122 Oak Ave", "Suite 3", "PO Box 7"]),
        "street2": st.sampled_from(["", "Suite 3", "2nd Floor", "1 Elm St"]),
        "zip": st.sampled_from(["", "62701", "62702", "62704"]),
        "city": st.sampled_from(["", "Springfield", "Chatham"]),
        "phone": st.sampled_from(["", "217-555-0100", "217-555-0101 x2"]),
        "website": st.sampled_from(["", "http://hope.example"]),
        "place": st.sampled_from([None, (-89.65, 39.8), (-89.651, 39.8), (-89.7, 39.7)]),
    }
)  # fmt: skip


def rows_as_table(rows, prefix):
    placed = [
        {name: value for name, value in row.items() if name != "place"}
        | ({"lon": row["place"][0], "lat": row["place"][1], "precision": "address"} if row["place"] else {})
        for row in rows
    ]
    return table(*placed, prefix=prefix)


LISTING = st.lists(ROW, max_size=9)


def account(links, before, after):
    assert sorted(links["a_id"].dropna()) == sorted(before["facility_id"])
    assert sorted(links["b_id"].dropna()) == sorted(after["facility_id"])
    both = links["a_id"].notna() & links["b_id"].notna()
    assert (both == links["kind"].isin(PAIRED)).all()
    assert (links["a_id"].isna() == links["kind"].isin(["opened", "split"])).all()
    assert (links["other_id"].notna() == links["kind"].isin(["split", "merged"])).all()
    assert links["score"].between(0, 1).all()


@settings(max_examples=30, deadline=None)
@given(LISTING, LISTING, st.randoms(use_true_random=False))
def test_the_laws_of_linking(ours, theirs, chance):
    before, after = rows_as_table(ours, "a"), rows_as_table(theirs, "b")
    links = iop.link(before, after)
    account(links, before, after)

    back = iop.link(after, before).rename(columns={"a_id": "b_id", "b_id": "a_id"})
    mirror = {"opened": "closed", "closed": "opened", "split": "merged", "merged": "split"}
    back["kind"] = back["kind"].replace(mirror)
    back = back[list(links)].sort_values(["a_id", "b_id"], na_position="last", ignore_index=True)
    pd.testing.assert_frame_equal(links, back, check_dtype=False)

    order = list(range(len(before)))
    chance.shuffle(order)
    shuffled = before.iloc[order]
    text = ["name", "program", "street1", "street2", "city", "website", "phone"]
    loud = after.assign(**{name: after[name].str.upper() for name in text})
    pd.testing.assert_frame_equal(links, iop.link(shuffled, loud))


@settings(max_examples=25, deadline=None)
@given(LISTING)
def test_a_listing_is_unchanged_against_itself(rows):
    ours = rows_as_table(rows, "a")
    links = iop.link(ours, ours)
    assert (links["kind"] == "unchanged").all()
    assert links["a_id"].tolist() == links["b_id"].tolist()
    assert links["a_id"].is_unique
    assert (links["score"] == 1).all()


def test_the_demo_against_itself_and_without_some():
    links = iop.link(VERMONT, VERMONT)
    assert (links["a_id"] == links["b_id"]).all()
    gone = VERMONT.table.index[[3, 9]]
    links = iop.link(VERMONT, VERMONT.remove(gone))
    lost = links[links["b_id"].isna()]
    assert lost["a_id"].tolist() == sorted(gone)
    assert set(lost["kind"]) <= {"closed", "merged"}


# --- in and out ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("before", "after"), [(0, 0), (0, 2), (2, 0)], ids=["none", "new", "old"])
def test_empty_listings(before, after):
    ours, theirs = table(*[{}] * before), table(*[{}] * after, prefix="b")
    links = iop.link(ours, theirs)
    account(links, ours, theirs)
    assert set(links["kind"]) == ({"opened"} if after else {"closed"} if before else set())


def test_a_directory_and_its_table_give_the_same_and_say_where_from():
    later = VERMONT.remove(VERMONT.table.index[0])
    links = iop.link(VERMONT, later)
    pd.testing.assert_frame_equal(links, iop.link(VERMONT.to_geodataframe(), later.to_geodataframe()))
    assert links.attrs["provenance"]["synthetic"]
    assert links.attrs["provenance"]["parameters"] == {"rows_a": len(VERMONT), "rows_b": len(later)}


@pytest.mark.parametrize(
    ("frame", "found"),
    [
        (pd.DataFrame({"name": ["X"]}), "without facility_id"),
        (pd.DataFrame({"facility_id": ["1"]}), "without name"),
        (pd.DataFrame({"facility_id": ["1", "1"], "name": ["X", "Y"]}), "found '1'"),
        (pd.DataFrame({"facility_id": ["1", ""], "name": ["X", "Y"]}), "line 2: expected an id"),
    ],
    ids=["no-id", "no-name", "twice", "blank"],
)
def test_what_is_no_facility_table_says_so(frame, found):
    with pytest.raises(LoadError, match=found):
        iop.link(frame, table({}))
    with pytest.raises(LoadError, match=f"^b.*{found}"):
        iop.link(table({}), frame)


def test_a_crowd_of_equal_rows_is_paired_by_id():
    crowd = table(*[{}] * 300)
    links = iop.link(crowd, crowd.iloc[::-1].head(299))
    assert (links["kind"] == "unchanged").sum() == 299
    assert (links["a_id"] == links["b_id"]).sum() == 299
    assert np.isfinite(links["score"]).all()
