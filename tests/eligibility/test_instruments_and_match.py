from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iopdir as iop
from iopdir.eligibility.rules import SAFETY
from iopdir.errors import UnknownNameError
from iopdir.vocabulary.crisis import CRISIS_LINES

SIZES = {"AUDIT": (10, 4), "AUDIT-C": (3, 4), "DAST-10": (10, 1), "SDS": (5, 3), "DSM-5": (11, 1)}
SAFE = dict.fromkeys(SAFETY, False) | {
    "support": "strong", "home_stable": True, "home_supportive": True, "physically_stable": True,
    "mentally_stable": True, "use_intensity": "moderate", "use_length": "medium",
}  # fmt: skip


@given(st.sampled_from(sorted(SIZES)), st.data())
def test_totals_add_up_and_more_points_never_lower_the_band(name, data):
    items, most = SIZES[name]
    answers = data.draw(st.lists(st.integers(0, most), min_size=items, max_size=items))
    score = iop.eligibility.score_instrument(name, answers)
    turned = [
        most - value if name == "DAST-10" and item == 2 else value for item, value in enumerate(answers)
    ]
    assert score.total == sum(turned)
    assert score.most == items * most
    assert score.source
    assert score.rights
    assert score.flag in {"S", "2°", "M"}


@pytest.mark.parametrize(
    ("name", "total", "band"),
    [
        ("AUDIT", 7, "zone I"), ("AUDIT", 8, "zone II"), ("AUDIT", 16, "zone III"), ("AUDIT", 20, "zone IV"),
        ("DSM-5", 1, "fewer than two criteria"), ("DSM-5", 2, "mild"), ("DSM-5", 4, "moderate"), ("DSM-5", 6, "severe"),
    ],
)  # fmt: skip
def test_bands_begin_where_the_table_says(name, total, band):
    items, most = SIZES[name]
    answers = [most] * (total // most) + [total % most]
    answers = (answers + [0] * items)[:items]
    assert iop.eligibility.score_instrument(name, answers).bands[0].startswith(band)


@pytest.mark.parametrize(
    ("yes", "band"), [(0, "none"), (1, "low"), (3, "moderate"), (6, "substantial"), (9, "severe")]
)
def test_the_third_item_of_dast_10_is_turned_round(yes, band):
    answers = [1] * yes + [0] * (10 - yes)
    answers[2] = 1 - answers[2] if yes <= 2 else 0
    score = iop.eligibility.score_instrument("DAST-10", answers)
    assert score.total == yes
    assert score.bands[0].startswith(band)


def test_audit_c_never_assumes_a_sex():
    both = iop.eligibility.score_instrument("AUDIT-C", [1, 1, 1])
    assert len(both.bands) == 2
    assert iop.eligibility.score_instrument("AUDIT-C", [1, 1, 1], group="men").bands == (
        "below the cut-off of 4 for men",
    )


def test_a_range_of_cut_offs_is_told_as_a_range():
    assert iop.eligibility.score_instrument("SDS", [1, 1, 1, 0, 0], group="heroin").bands == (
        "among the cut-offs of 3 to 5 for heroin",
    )


@pytest.mark.parametrize(
    ("name", "answers", "message"),
    [
        ("AUDIT", [0] * 9, "has 10 items, not 9"),
        ("AUDIT-C", [0, 5, 0], "item 2: 5 is not between 0 and 4"),
        ("SDS", [-1, 0, 0, 0, 0], "item 1: -1"),
        ("DSM-5", [2] + [0] * 10, "item 1: 2"),
    ],
)
def test_wrong_answers_are_refused(name, answers, message):
    with pytest.raises(ValueError, match=message):
        iop.eligibility.score_instrument(name, answers)


def test_unknown_instruments_and_groups_are_refused():
    with pytest.raises(UnknownNameError, match="no instrument 'AUDI'"):
        iop.eligibility.score_instrument("AUDI", [])
    with pytest.raises(UnknownNameError, match="group of SDS"):
        iop.eligibility.score_instrument("SDS", [0] * 5, group="tea")


# --- from person to place ------------------------------------------------------------------------------------

DEMO = iop.demo_directory()


@pytest.mark.parametrize(
    ("changes", "levels"),
    [
        ({}, {"iop"}),
        ({"use_intensity": "low", "use_length": "short"}, {"outpatient"}),
        ({"physically_stable": False}, {"php", "residential", "inpatient"}),
        ({"pregnancy": None}, {"iop"}),
        ({"pregnancy": None, "use_intensity": None, "use_length": None}, {"outpatient", "iop"}),
        ({"pregnancy": None, "mentally_stable": False}, {"php", "residential", "inpatient"}),
    ],
)
def test_places_fit_the_lean_and_say_why(changes, levels):
    person = iop.Profile(**SAFE | changes, payment="medicaid", age_group="adults")
    found = iop.match(person, DEMO, near="60614", k=5, max_cost="50 mi")
    assert len(found) == 5
    for row in found.itertuples():
        facility = DEMO[row.facility_id]
        assert levels & {level.value for level in facility.levels_of_care}
        assert "medicaid" in {payment.value for payment in facility.payments}
        assert "adults" in {group.value for group in facility.age_groups}
        assert "states" in row.reason
        assert row.note.startswith("Call to confirm")
    assert found["distance_m"].is_monotonic_increasing


def test_not_knowing_never_lists_less_care_than_the_answers_allow():
    person = iop.Profile(mentally_stable=False)
    assert [lean.value for lean in iop.assess(person).possible] == [
        "consider_higher_intensity",
        "urgent_help",
    ]
    found = iop.match(person, DEMO, near="60614", k=10, max_cost="50 mi")
    more = {"php", "residential", "inpatient"}
    assert all(more & {level.value for level in DEMO[name].levels_of_care} for name in found["facility_id"])


def test_nothing_said_lists_every_level_that_is_still_possible():
    found = iop.match(iop.Profile(), DEMO, near="60614", k=200, max_cost="100 mi")
    stated = found["reason"].str.extract(r"states ([a-z, ]+)")[0].str.split(", ").explode()
    assert set(stated) == {"outpatient", "iop", "php", "residential", "inpatient"}


def test_a_flag_is_no_surer_than_what_was_seen():
    """Of the DAST-10 only the cut-off 3 was seen, of the AUDIT only 8: their bands are from memory."""
    flags = {
        name: iop.eligibility.score_instrument(name, [0] * items).flag for name, (items, _) in SIZES.items()
    }
    assert flags == {"AUDIT": "M", "AUDIT-C": "S", "DAST-10": "M", "SDS": "M", "DSM-5": "M"}


@pytest.mark.parametrize("danger", [name for name in SAFETY if name != "pregnancy"])
def test_danger_lists_no_places_but_help(danger):
    for more in ({}, {"pregnancy": True}, {"withdrawal_risk": True, "recent_overdose": "managed"}):
        found = iop.match(iop.Profile(**more | {danger: True}), DEMO, near="60614")
        assert found.empty
        assert any(line.number in found.attrs["message"] for line in CRISIS_LINES.values())


def test_pregnant_and_in_no_care_gets_both_the_call_and_the_places():
    found = iop.match(iop.Profile(pregnancy=True), DEMO, near="60614", k=2)
    assert found["kind"].unique().tolist() == ["perinatal", "opioid_treatment", "hospital"]
    assert found.attrs["message"].startswith("Treatment in pregnancy is available")


def test_pregnant_and_steady_on_methadone_is_no_dead_end():
    person = iop.Profile(
        **SAFE | {"pregnancy": "managed", "withdrawal_risk": "managed"}, medication="methadone"
    )
    found = iop.match(person, DEMO, near="60614", k=2, max_cost="50 mi")
    kinds = found["kind"].unique().tolist()
    assert {"perinatal", "hospital", "opioid_treatment", "care"} <= set(kinds)
    assert kinds[-1] == "care"
    wanted = {"perinatal": {"PW"}, "opioid_treatment": {"OTP", "SOTP"}}
    for row in found[found["kind"].isin(wanted)].itertuples():
        assert wanted[row.kind] & set(DEMO[row.facility_id].codes)
    assert found["facility_id"].is_unique
    assert (
        found.groupby("kind", sort=False)["distance_m"].apply(lambda one: one.is_monotonic_increasing).all()
    )
    assert found.groupby("kind")["rank"].min().eq(1).all()


def test_nothing_in_range_says_so_and_still_lists_telehealth_and_the_nearest_beyond():
    far = DEMO.select(state="HI")
    found = iop.match(iop.Profile(**SAFE), far, near="60614")
    assert found["status"].iloc[0] == "beyond_cap"
    assert "1-800-662-4357" in found["reason"].iloc[0]
    rest = found.iloc[1:]
    assert rest["status"].eq("ok").all()
    assert "telehealth" in set(rest["kind"])
    assert all("TELE" in DEMO[row.facility_id].codes for row in rest.itertuples() if row.kind == "telehealth")
    assert set(rest["facility_id"]) <= set(far.select(level_of_care="iop").table.index)
    without = far.table[[("TELE" not in codes) for codes in far.table["codes"]]]
    quiet = iop.Directory(without, quality=far.quality, provenance=far.provenance)
    assert set(iop.match(iop.Profile(**SAFE), quiet, near="60614")["kind"]) == {"care", "farther"}


FITS = {
    "adolescents": ({"age_group": "children"}, {"special_population": "adolescents"}),
    "young adults": ({"age_group": "young_adults"}, {"special_population": "young_adults"}),
    "older adults": ({"age_group": "seniors"}, {"special_population": "older_adults"}),
    "a court": ({"court_ordered": True}, {"special_population": ["criminal_justice", "impaired_driving"]}),
    "served": ({"veteran": True}, {"special_population": "veterans"}),
    "pregnancy": ({"pregnancy": "managed"}, {"special_population": "pregnant_or_postpartum"}),
    "buprenorphine": ({"medication": "buprenorphine"}, {"medication": ["buprenorphine", "prescribed_elsewhere"]}),
    "methadone": ({"medication": "methadone"}, {"medication": ["methadone", "prescribed_elsewhere"]}),
    "naltrexone": (
        {"medication": "other"},
        {"medication": ["naltrexone", "acamprosate", "disulfiram", "prescribed_elsewhere"]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("who", FITS)
def test_care_that_states_to_be_made_for_somebody_like_that_comes_first(who):
    answers, asked = FITS[who]
    person = iop.Profile(**SAFE | answers)
    found = iop.match(person, DEMO, near="60614", k=4, max_cost="60 mi")
    kinds = found["kind"].unique().tolist()
    assert kinds[-2:] == ["fitting_care", "care"]
    groups = {"age_group": answers["age_group"]} if "age_group" in answers else {}
    made_for = DEMO.select(level_of_care="iop", **asked, **groups)
    fitting = found[found["kind"] == "fitting_care"]
    listed = set(found.loc[~found["kind"].isin(["fitting_care", "care"]), "facility_id"])
    nearest = iop.nearest("60614", made_for, k=4 + len(listed), max_cost="60 mi")["facility_id"]
    assert fitting["facility_id"].tolist() == [name for name in nearest if name not in listed][:4]
    (fit,) = iop.assess(person).fits
    assert fitting["reason"].str.contains(f", {fit.words}", regex=False).all()
    assert found["facility_id"].is_unique


def test_a_wish_that_would_leave_nothing_says_so_and_hides_no_care():
    person = iop.Profile(**SAFE | {"court_ordered": True, "veteran": True})
    without = DEMO.table[["VET" not in codes for codes in DEMO.table["codes"]]]
    quiet = iop.Directory(without, quality=DEMO.quality, provenance=DEMO.provenance)
    found = iop.match(person, quiet, near="60614", k=3, max_cost="60 mi")
    fitting = found[found["kind"] == "fitting_care"]
    assert (
        fitting["status"].tolist() == ["ok", "ok", "ok", "beyond_cap"]
        or fitting["status"].tolist()[-1] == "no_facility"
    )
    assert "No listed place that states a program for people who served" in fitting["reason"].iloc[-1]
    assert (found["kind"] == "care").sum() == 3


def test_wishes_that_no_place_states_together_are_listed_one_by_one():
    person = iop.Profile(**SAFE | {"court_ordered": True, "veteran": True})
    table = DEMO.table.copy()
    both = {"VET", "CJ", "DU", "DUO"}
    table["codes"] = [
        codes if len(both & set(codes)) < 2 else tuple(set(codes) - both) for codes in table["codes"]
    ]
    table["special_populations"] = [
        populations if {"VET"} & set(codes) or {"CJ", "DU", "DUO"} & set(codes) else ()
        for populations, codes in zip(table["special_populations"], table["codes"], strict=True)
    ]
    apart = iop.Directory(table, quality=DEMO.quality, provenance=DEMO.provenance)
    found = iop.match(person, apart, near="60614", k=3, max_cost="100 mi")
    fitting = found[found["kind"] == "fitting_care"]
    assert fitting["status"].eq("ok").all()
    assert fitting["reason"].str.contains("a court sends").sum() == 3
    assert fitting["reason"].str.contains("served").sum() == 3


def test_a_place_that_uses_no_medication_is_told_to_whom_it_matters():
    table = DEMO.select(level_of_care="iop").table.copy()
    table["codes"] = [("SA", "OIT", "NMOA")] * len(table)
    table["medications"] = [("not_used",)] * len(table)
    only = iop.Directory(table, quality=DEMO.quality, provenance=DEMO.provenance)
    found = iop.match(iop.Profile(**SAFE, medication="buprenorphine"), only, near="60614", k=3)
    care = found[found["kind"] == "care"]
    assert len(care) == 3
    assert care["reason"].str.contains("uses no medication for opioid use disorder: ask").all()
    for medication in (None, "none"):
        quiet = iop.match(iop.Profile(**SAFE, medication=medication), only, near="60614")
        assert not quiet["reason"].str.contains("uses no medication").any()


def test_danger_narrows_nothing():
    result = iop.assess(iop.Profile(suicidality=True, court_ordered=True, age_group="seniors"))
    assert result.fits == ()
    assert iop.assess(iop.Profile(court_ordered=True)).to_dict()["fits"] == [
        {
            "words": "a program for people whom a court sends",
            "special_population": ["criminal_justice", "impaired_driving"],
        }
    ]


def test_hard_to_come_lists_telehealth_beside_what_is_near():
    person = iop.Profile(**SAFE, can_travel=False)
    found = iop.match(person, DEMO, near="60614", k=3)
    assert found["kind"].unique().tolist() == ["care", "telehealth"]
    assert found.loc[found["kind"] == "telehealth", "reason"].str.contains("telehealth; ask").all()


def test_changed_rules_change_the_places(tmp_path):
    text = files("iopdir.eligibility").joinpath("rules.toml").read_text(encoding="utf-8")
    path = tmp_path / "rules.toml"
    path.write_text(text.replace("higher = 3", "higher = 1"), encoding="utf-8")
    person = iop.Profile(**SAFE | {"support": "none"})
    own, stricter = (
        iop.match(person, DEMO, near="60614", k=3, max_cost="50 mi", rules=rules)
        for rules in (None, iop.eligibility.Rules.load(path))
    )
    assert own["reason"].str.contains("states iop").all()
    assert not stricter["reason"].str.contains("iop").any()


def test_telehealth_never_stands_for_a_bed():
    person = iop.Profile(**SAFE | {"physically_stable": False}, can_travel=False)
    found = iop.match(person, DEMO, near="60614", k=5)
    online = found[found["kind"] == "telehealth"]
    assert len(online)
    assert all("php" in DEMO[name].levels_of_care for name in online["facility_id"])


def test_an_empty_directory_says_so():
    found = iop.match(iop.Profile(**SAFE), DEMO.select(state="VT", county="99999"), near="60614")
    assert found["status"].tolist() == ["no_facility"]
    assert found["note"].iloc[0].startswith("Call to confirm")


def test_an_unknown_place_is_refused():
    with pytest.raises(UnknownNameError, match="no ZIP"):
        iop.match(iop.Profile(), DEMO, near="00000")
