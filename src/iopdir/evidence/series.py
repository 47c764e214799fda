"""How many facilities offer intensive outpatient care, year by year, and how that number grew."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import pandas as pd

from iopdir.datasets import open_pack, pack_source
from iopdir.provenance import Provenance, Source
from iopdir.text import texts

__all__ = ["Growth", "growth_by_care", "growth_models", "iop_growth", "iop_series"]

Z95: Final = 1.959963984540054
"""97.5 % quantile of the normal distribution: half-width of a 95 % interval in standard errors."""

FAST_DOUBLING_YEARS: Final = 10.0
"""Longest doubling time that we let pass for "expanded exponentially"; a choice of this package, see `iop_growth`."""

CARE_2011: Final = {
    "facilities": 13_720,
    "outpatient": 11_101,
    "regular_outpatient": 10_295,
    "iop": 6_089,
    "day_treatment": 1_702,
}
"""Facilities by type of care offered in 2011: SAMHSA, N-SSATS 2011, table 4.16b (seen)."""


def iop_series() -> pd.DataFrame:
    """Give the survey totals by year.

    Returns
    -------
    DataFrame
        One row a year: `year, survey, facilities, facilities_confidence, iop, iop_confidence, source, note`, and
        `iop_share`, 0 to 1. `iop` is missing where no count was found. Three sources that must not be joined:
        N-SSATS (to 2020), the listings of the 2022 directory, and the new survey N-SUMHSS.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.evidence.iop_series().set_index("year").loc[[2011, 2020], "iop_share"].round(3).tolist()
    [0.444, 0.451]
    """
    table = open_pack("nssats_series")
    table["iop_share"] = table["iop"] / table["facilities"]
    table.attrs["provenance"] = Provenance.of([pack_source("nssats_series")]).to_dict()
    return table


@dataclass(frozen=True, kw_only=True, slots=True)
class Growth:
    """Growth between the two counts that one survey has, with 95 % intervals.

    Parameters
    ----------
    first_year, last_year
        Years of the counts.
    first, last
        Facilities that offer intensive outpatient care.
    rate, rate_low, rate_high
        Yearly growth, 0.02 meaning 2 %. The interval takes each count as a Poisson draw, which is generous: the
        survey asks everybody, so the true uncertainty is who answers.
    doubling_years
        Years to double at that rate.
    facilities_rate
        Yearly growth of all facilities over the same years.
    share_first, share_last
        Share of all facilities.
    share_p_value
        Two-sided p-value of equal shares (two-proportion z-test).
    exponential
        Whether the stated test calls it exponential.
    """

    first_year: int
    last_year: int
    first: int
    last: int
    rate: float
    rate_low: float
    rate_high: float
    doubling_years: float
    facilities_rate: float
    share_first: float
    share_last: float
    share_p_value: float
    exponential: bool


def _ends(survey: str = "N-SSATS") -> pd.DataFrame:
    table = iop_series()
    counted = table[(table["survey"] == survey) & table["iop"].notna()]
    return counted.iloc[[0, -1]]


def iop_growth() -> Growth:
    """Measure how intensive outpatient care grew from 2011 to 2020, and test whether that is exponential.

    The stated test, a choice of this package: growth counts as exponential only if (1) it outpaces facilities in
    general (equal shares are rejected at 5 %), since otherwise the whole field grew, and (2) the count doubles
    within ten years. Two counts cannot tell an exponential curve from a straight line at all; see `growth_models`.

    Returns
    -------
    Growth
        With intervals and the verdict of the test.

    Examples
    --------
    >>> import iopdir as iop
    >>> growth = iop.evidence.iop_growth()
    >>> f"{growth.rate:.2%} a year, doubling in {growth.doubling_years:.0f} years"
    '1.95% a year, doubling in 36 years'
    >>> growth.exponential
    False
    """
    ends = _ends()
    years = [int(year) for year in ends["year"]]
    counts = [int(count) for count in ends["iop"]]
    totals = [int(total) for total in ends["facilities"]]
    span = years[1] - years[0]
    slope = math.log(counts[1] / counts[0]) / span
    error = math.sqrt(1 / counts[0] + 1 / counts[1]) / span
    shares = [count / total for count, total in zip(counts, totals, strict=True)]
    pooled = sum(counts) / sum(totals)
    z = (shares[1] - shares[0]) / math.sqrt(pooled * (1 - pooled) * (1 / totals[0] + 1 / totals[1]))
    p_value = math.erfc(abs(z) / math.sqrt(2))
    doubling = math.log(2) / slope
    return Growth(
        first_year=years[0],
        last_year=years[1],
        first=counts[0],
        last=counts[1],
        rate=math.expm1(slope),
        rate_low=math.expm1(slope - Z95 * error),
        rate_high=math.expm1(slope + Z95 * error),
        doubling_years=doubling,
        facilities_rate=(totals[1] / totals[0]) ** (1 / span) - 1,
        share_first=shares[0],
        share_last=shares[1],
        share_p_value=p_value,
        exponential=bool(p_value < 0.05 and z > 0 and 0 < doubling <= FAST_DOUBLING_YEARS),
    )


def growth_by_care() -> pd.DataFrame:
    """Set the growth of intensive outpatient care beside that of other types of care, 2011 to 2020.

    Returns
    -------
    DataFrame
        Indexed by `care`: `count_2011` and `count_2020` (facilities), `change` over the nine years, `rate` a year,
        and `share_2011`, `share_2020` of all facilities, 0 to 1. Facilities offer several types, so they overlap.

    Notes
    -----
    Sources: N-SSATS 2011, table 4.16b; N-SSATS 2020 public use file. The wording of the questions in the two years
    was not compared.

    Examples
    --------
    Regular outpatient care grew as much as intensive:

    >>> import iopdir as iop
    >>> iop.evidence.growth_by_care().loc[["regular_outpatient", "iop"], "change"].round(3).to_dict()
    {'regular_outpatient': 0.19, 'iop': 0.19}
    """
    pack = open_pack("nssats_2020_by_state")
    now = {care: int(pack[care].sum()) for care in CARE_2011}
    rows = [
        {
            "care": care,
            "count_2011": before,
            "count_2020": now[care],
            "change": now[care] / before - 1,
            "rate": (now[care] / before) ** (1 / 9) - 1,
            "share_2011": before / CARE_2011["facilities"],
            "share_2020": now[care] / now["facilities"],
        }
        for care, before in CARE_2011.items()
    ]
    table = texts(pd.DataFrame(rows).set_index("care"))
    sources = [pack_source("nssats_2020_by_state"), Source(name="N-SSATS table 4.16b", edition="2011")]
    table.attrs["provenance"] = Provenance.of(sources).to_dict()
    return table


def growth_models() -> pd.DataFrame:
    """Compare three stories of the growth by likelihood.

    Exponential and linear growth have two parameters and pass through both counts; a constant share of all
    facilities has one. Counts are taken as Poisson. Only the constant share can be rejected by two counts.

    Returns
    -------
    DataFrame
        Indexed by `model`: `parameters` (how many), `log_likelihood`, `aic`, `predicted_first`,
        `predicted_last`, and `predicted_middle`, the count halfway, where the curves differ most.

    Examples
    --------
    Halfway the two curves are 25 facilities apart, 0.4 %: no survey could tell.

    >>> import iopdir as iop
    >>> iop.evidence.growth_models()["predicted_middle"].round().astype(int).to_dict()["linear"]
    6666
    """
    ends = _ends()
    counts, totals = ends["iop"].to_numpy("float64"), ends["facilities"].to_numpy("float64")
    table = iop_series()
    years = ends["year"].to_numpy("float64")
    between = table[(table["survey"] == "N-SSATS") & table["year"].between(*years)]
    middle_total = float(between.loc[between["year"].isin([2015, 2016]), "facilities"].mean())
    share = counts.sum() / totals.sum()
    predicted = {
        "exponential": (counts[0], counts[1], math.sqrt(counts[0] * counts[1]), 2),
        "linear": (counts[0], counts[1], counts.mean(), 2),
        "constant share": (share * totals[0], share * totals[1], share * middle_total, 1),
    }
    rows = []
    for model, (first, last, middle, parameters) in predicted.items():
        likelihood = sum(
            count * math.log(mean) - mean - math.lgamma(count + 1)
            for count, mean in zip(counts, (first, last), strict=True)
        )
        rows.append(
            {
                "model": model,
                "parameters": parameters,
                "log_likelihood": likelihood,
                "aic": 2 * parameters - 2 * likelihood,
                "predicted_first": first,
                "predicted_last": last,
                "predicted_middle": middle,
            }
        )
    result = texts(pd.DataFrame(rows).set_index("model"))
    result.attrs["provenance"] = table.attrs["provenance"]
    return result
