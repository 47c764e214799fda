"""Openings and closures drawn and told. Every facility here is SYNTHETIC."""

from datetime import date

import iopdir as iop

DEMO = iop.demo_directory().select(state=["VT", "NH"])
LATER = DEMO.remove(DEMO.table.index[:6])


def test_the_chart_has_every_state_both_ways_and_warns_of_a_new_survey():
    found = iop.diff(DEMO, LATER, years=(2020, 2022))
    chart = iop.report.turnover_chart(found).to_dict()
    rows = chart["datasets"]["rows"]
    assert {row["state"] for row in rows} == {"VT", "NH"}
    assert -sum(row["sites"] for row in rows if row["what"] == "closed") == found.counts()["closed"]
    assert chart["title"]["text"].startswith("SYNTHETIC")
    assert "no trend" in " ".join(chart["title"]["subtitle"])
    assert "N-SUMHSS" in " ".join(chart["title"]["subtitle"])
    quiet = iop.report.turnover_chart(iop.diff(DEMO, LATER, years=(2018, 2019))).to_dict()
    assert "no trend" not in " ".join(quiet["title"]["subtitle"])


def test_a_report_tells_what_changed_if_asked(tmp_path):
    found = iop.diff(DEMO, LATER, years=(2018, 2019))
    people = iop.demand_points("zcta", state="VT")
    given = {"state": "VT", "published": date(2026, 11, 24)}
    page = iop.write_report(people, LATER, tmp_path / "with.html", changes=found, **given).read_text(
        encoding="utf-8"
    )
    assert "What changed since the earlier listing" in page
    assert f"{found.counts()['closed']} are no longer listed" in page
    plain = iop.write_report(people, LATER, tmp_path / "without.html", **given).read_text(encoding="utf-8")
    assert "What changed since" not in plain
