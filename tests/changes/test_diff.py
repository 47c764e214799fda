"""What a comparison says, and whom it blames. Every facility here is SYNTHETIC."""

from dataclasses import replace

import pandas as pd
import pytest
from listings import DEMO, IDS, VERMONT, changed

import iopdir as iop

PEOPLE = iop.demand_points("zcta", state="VT")
KINDS = ["unchanged", "corrected", "renamed", "moved", "opened", "closed", "split", "merged"]


def test_nothing_changes_between_a_listing_and_itself():
    found = iop.diff(VERMONT, VERMONT)
    assert found.counts().to_dict() == dict.fromkeys(KINDS, 0) | {"unchanged": len(VERMONT)}
    assert found.stated.empty
    access = found.access(PEOPLE, by="state")
    assert access[["change", "by_sites", "by_listing"]].to_numpy().tolist() == [[0.0, 0.0, 0.0]]


def test_every_facility_is_counted_with_its_county():
    other = DEMO.select(state="NH")
    found = iop.diff(VERMONT, other)
    assert len(found.sites) == len(found.links)
    table = found.by()
    assert table.loc["VT", "before"] == len(VERMONT)
    assert table["after"].sum() == len(other)
    assert table.loc["VT", "closed_share"] == table.loc["VT", "closed"] / len(VERMONT)
    assert found.by("county_fips")["before"].sum() == len(VERMONT)
    lone = found.sites[found.sites["kind"] == "closed"].set_index("a_id")
    assert (lone["county_fips"] == VERMONT.table.loc[lone.index, "county_fips"]).all()


def test_openings_and_closures_trade_places_when_time_runs_back():
    later = VERMONT.remove(IDS[:6])
    there, back = iop.diff(VERMONT, later).counts(), iop.diff(later, VERMONT).counts()
    mirror = {"opened": "closed", "closed": "opened", "split": "merged", "merged": "split"}
    assert there.to_dict() == {mirror.get(kind, kind): number for kind, number in back.items()}
    assert there["closed"] + there["merged"] == 6


def test_what_is_stated_is_gained_or_lost():
    first = next(one for one in IDS if VERMONT[one].payments and not VERMONT[one].telehealth)
    payments = list(VERMONT.table.loc[first, "payments"])
    later = changed({first: {"payments": payments[1:], "telehealth": True}})
    stated = iop.diff(VERMONT, later).stated
    assert set(map(tuple, stated[["column", "value", "change"]].to_numpy())) == {
        ("payments", payments[0], "lost"), ("telehealth", "stated", "gained"),
    }  # fmt: skip
    assert stated["a_id"].eq(first).all()
    assert stated["county_fips"].eq(VERMONT.table.loc[first, "county_fips"]).all()
    assert not stated["convention"].any()


def test_a_value_that_nobody_states_any_more_is_a_convention():
    table = VERMONT.to_geodataframe().drop(columns="geometry")
    table["payments"] = [[value for value in cell if value != "medicaid"] for cell in table["payments"]]
    stated = iop.diff(VERMONT, iop.Directory.from_frame(table)).stated
    assert set(stated["value"]) == {"medicaid"}
    assert stated["convention"].all()


def test_what_one_listing_never_states_is_not_compared():
    table = VERMONT.to_geodataframe().drop(columns="geometry")
    table["payments"] = [[] for _ in range(len(table))]
    found = iop.diff(VERMONT, iop.Directory.from_frame(table))
    assert "payments" in found.silent
    assert "payments" not in set(found.stated["column"])
    with pytest.raises(
        ValueError, match="the later listing states no payments at all: compare without payment='medicaid'"
    ):
        found.access(PEOPLE, payment="medicaid")


# --- access ------------------------------------------------------------------------------------------------


def shares(found, **asked):
    row = found.access(PEOPLE, by="state", standard="10 mi", **asked).loc["VT"]
    assert row["change"] == pytest.approx(row["by_sites"] + row["by_listing"])
    assert row["change"] == pytest.approx(row["share_after"] - row["share_before"])
    return row


def test_closures_are_blamed_on_sites():
    row = shares(iop.diff(VERMONT, VERMONT.remove(IDS[:30])))
    assert row["by_sites"] < 0
    assert row["by_listing"] == pytest.approx(0, abs=0.02)
    assert row["gap_after"] > row["gap_before"]


def test_recoding_is_blamed_on_the_listing():
    table = VERMONT.to_geodataframe().drop(columns="geometry")
    iop_sites = VERMONT.select(level_of_care="iop").table.index
    for one in iop_sites[1:]:
        table.at[one, "levels_of_care"] = [v for v in table.at[one, "levels_of_care"] if v != "iop"]
    row = shares(iop.diff(VERMONT, iop.Directory.from_frame(table)), level_of_care="iop")
    assert row["by_sites"] == 0
    assert row["by_listing"] < 0


def test_a_move_takes_the_new_place_and_the_old_statement():
    first = VERMONT.select(level_of_care="iop").table.index[0]
    away = {"street1": "98765 Elsewhere Road", "zip": "", "city": "", "lon": -73.0, "lat": 43.0}
    later = changed({first: away | {"levels_of_care": []}})
    found = iop.diff(VERMONT, later)
    assert found.counts()["moved"] == 1
    row = shares(found, level_of_care="iop")
    gone = iop.coverage_gaps(PEOPLE, VERMONT.remove(first), by="state", standard="10 mi", level_of_care="iop")
    assert row["share_after"] == pytest.approx(gone.loc["VT", "share"])


# --- the break ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("years", "changed_survey"),
    [
        ((2018, 2021), False),
        ((2020, 2022), True),
        ((2021, 2022), True),
        ((2022, 2025), False),
        ((2022, 2021), True),
    ],
    ids=str,
)
def test_across_two_surveys_nothing_is_a_trend(years, changed_survey):
    found = iop.diff(VERMONT, VERMONT, years=years)
    assert found.survey_changed is changed_survey
    assert any("no trend" in words for words in found.warnings) == changed_survey
    assert found.access(PEOPLE, by="state")["survey_changed"].tolist() == [changed_survey]
    assert found.sites.attrs["provenance"]["parameters"]["survey_changed"] is changed_survey


def named(source):
    return iop.Directory.from_frame(VERMONT.to_geodataframe().assign(source=source, edition="2017"))


def test_unknown_years_are_said_to_be_unknown():
    found = iop.diff(named("SYNTHETIC meth-2000-2003.csv"), named("SYNTHETIC listing"))
    assert found.years == (None, None)
    assert found.survey_changed is None
    assert "not known" in found.warnings[0]
    assert "WARNING" in repr(found)


def test_years_are_read_from_the_names_of_the_files_and_not_from_their_codes():
    old, new = named("SYNTHETIC listing_20210704.csv"), named("SYNTHETIC Directory_2022.xlsx")
    assert iop.diff(old, new).years == (2021, 2022)
    assert iop.diff(old, new).survey_changed


def test_tables_say_where_they_come_from():
    found = iop.diff(VERMONT, VERMONT.remove(IDS[:1]))
    for table in (found.sites, found.stated, found.links, found.by(), found.access(PEOPLE, by="state")):
        assert table.attrs["provenance"]["synthetic"]
    assert repr(found).startswith("SYNTHETIC Diff of 52 and 51 facilities")


def test_an_empty_listing_closes_everything():
    none = VERMONT.remove(IDS)
    assert iop.diff(VERMONT, none).counts()["closed"] == len(VERMONT)
    assert iop.diff(none, VERMONT).counts()["opened"] == len(VERMONT)
    assert pd.isna(iop.diff(none, VERMONT).by().loc["VT", "closed_share"])


def test_a_notebook_shows_what_changed_and_runs_nothing_of_a_listing():
    hostile = "SYNTHETIC <script>alert(1)</script> & Co"
    later = changed({IDS[0]: {"name": hostile, "phone": ""}}, VERMONT.remove(IDS[1:3]))
    found = iop.diff(VERMONT, later)
    page = found._repr_html_()
    assert page.startswith(
        f"<p>SYNTHETIC Diff of 52 and 50 facilities: {found.counts()['unchanged']} unchanged"
    )
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; Co" in page
    assert "<script" not in page
    assert f"<p><b>{found.warnings[0]}</b></p>" in page.replace("&#x27;", "'")
    assert page.count("<tr") == 1 + int((found.sites["kind"] != "unchanged").sum())
    aloud = replace(found, warnings=("<i>far</i>",))._repr_html_()
    assert "<b>&lt;i&gt;far&lt;/i&gt;</b>" in aloud
