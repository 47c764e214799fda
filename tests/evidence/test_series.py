import math

import numpy as np
import pytest
from scipy import stats

import iopdir as iop


def test_the_series_keeps_surveys_apart_and_says_what_was_not_found():
    table = iop.evidence.iop_series()
    assert table["year"].tolist() == list(range(2006, 2023))
    counted = table[table["iop"].notna()]
    assert counted["year"].tolist() == [2011, 2020, 2021, 2022]
    assert table.loc[table["iop"].isna(), "iop_confidence"].eq("NF").all()
    assert table.set_index("year").loc[2022, "survey"] == "N-SUMHSS"
    assert (table["source"] != "").all()


def test_growth_is_between_two_counts_of_one_survey():
    growth = iop.evidence.iop_growth()
    assert (growth.first_year, growth.last_year) == (2011, 2020)
    assert (1 + growth.rate) ** 9 == pytest.approx(7243 / 6089)
    assert growth.rate_low < growth.rate < growth.rate_high
    assert 6089 * (1 + growth.rate) ** growth.doubling_years == pytest.approx(2 * 6089)
    assert not growth.exponential


def test_other_types_of_care_grew_alike():
    table = iop.evidence.growth_by_care()
    growth = iop.evidence.iop_growth()
    assert table.loc["iop", ["count_2011", "count_2020"]].tolist() == [growth.first, growth.last]
    assert table.loc["iop", "rate"] == pytest.approx(growth.rate)
    assert table.loc["facilities", "rate"] == pytest.approx(growth.facilities_rate)
    assert table.loc["iop", ["share_2011", "share_2020"]].tolist() == [growth.share_first, growth.share_last]
    assert table["count_2020"].to_dict() == {
        "facilities": 16066,
        "outpatient": 13161,
        "regular_outpatient": 12249,
        "iop": 7243,
        "day_treatment": 2277,
    }
    assert abs(table.loc["iop", "change"] - table.loc["regular_outpatient", "change"]) < 0.001
    assert table["change"].idxmax() == "day_treatment"


def test_the_share_test_agrees_with_scipy():
    table = np.array([[6089, 13720 - 6089], [7243, 16066 - 7243]])
    chi2 = stats.chi2_contingency(table, correction=False)
    assert iop.evidence.iop_growth().share_p_value == pytest.approx(chi2.pvalue, rel=1e-9)


def test_likelihoods_agree_with_scipy_and_two_counts_cannot_tell_two_curves_apart():
    models = iop.evidence.growth_models()
    expected = stats.poisson.logpmf([6089, 7243], [6089, 7243]).sum()
    assert models.loc["exponential", "log_likelihood"] == pytest.approx(expected)
    assert models.loc["linear", "log_likelihood"] == models.loc["exponential", "log_likelihood"]
    assert models["aic"].idxmin() == "constant share"
    apart = models.loc["linear", "predicted_middle"] - models.loc["exponential", "predicted_middle"]
    assert 0 < apart < 30
    share = models.loc["constant share", ["predicted_first", "predicted_last"]]
    assert share.sum() == pytest.approx(6089 + 7243)
    assert math.isfinite(models.loc["constant share", "log_likelihood"])
