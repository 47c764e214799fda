"""The document's claims, each with its source, what can be computed, and a verdict."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

import pandas as pd

from iopdir.datasets import open_pack, pack_source
from iopdir.errors import UnknownNameError
from iopdir.evidence.retention import QUOTED_DROPOUT, TEDS_2004, constant_hazard, weibull_hazard
from iopdir.evidence.series import growth_by_care, iop_growth, iop_series
from iopdir.provenance import Provenance
from iopdir.schema.program import Intensity, Program
from iopdir.text import texts

if TYPE_CHECKING:
    from iopdir.loaders.nssats import SurveyTotals

__all__ = ["Claim", "Reproduction", "Verdict", "claim", "claims"]

SESSIONS_A_WEEK: Final = 3
"""Sessions a week at which the document's hours are worked out: its own example, three."""

SMALL_STATE: Final = 20
"""States with fewer facilities are left out where shares of states are compared; a choice of this package."""

IOP_PRIVATE_INSURANCE_2020: Final = (5_864, 7_243)
"""Facilities with intensive outpatient care that accept private insurance, and all of them: counted in the N-SSATS
2020 public use file (REVCHK2, CTYPE2), whose embedded totals do not carry the first."""

IOP_LISTINGS_2022: Final = {
    "listings": 5_524,
    "outpatient": 5_524,
    "group_counseling": 5_441,
    "individual_counseling": 5_443,
    "family_counseling": 4_785,
    "medication_management": 3_337,
    "neither_methadone_nor_buprenorphine": 600,
    "methadone": 367,
    "buprenorphine": 2_684,
    "naltrexone": 2_847,
    "not_used": 276,
    "prescribed_elsewhere": 3_508,
    "outpatient_withdrawal": 806,
    "aftercare": 5_246,
    "all_six": 1_302,
}
"""What the listings with intensive outpatient care state in the National Directory 2022: counted (S); totals only."""


class Verdict(StrEnum):
    """What became of a claim.

    `consistent`: a source agrees, within its definition.
    `not_supported`: looked for, and no support found or a stated test failed. `contradicted`: a source, or the
    document itself, says otherwise. `unverifiable`: no source found either way.
    """

    CONSISTENT = "consistent"
    NOT_SUPPORTED = "not_supported"
    CONTRADICTED = "contradicted"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, kw_only=True, slots=True)
class Reproduction:
    """What came out when a claim was worked through.

    Parameters
    ----------
    numbers
        Computed figures by name; empty where the verdict rests on a source alone.
    finding
        The same in words.
    verdict
        What became of the claim.
    """

    numbers: dict[str, float | int | str]
    finding: str
    verdict: Verdict


@dataclass(frozen=True, kw_only=True, slots=True)
class Claim:
    """One checkable claim of the source document.

    Parameters
    ----------
    id
        Its name here.
    about
        What it is about, in our words.
    value
        The number or word it gives.
    definition
        What that counts, exactly.
    source
        Where it can be checked.
    confidence
        ``S`` seen in a primary text or computed from an official file, ``2°`` second hand, ``M`` from memory,
        ``NF`` not found.
    verdict
        What became of it.
    by
        What the verdict rests on: ``"computation"``, ``"source"``, or ``"search"`` where one was looked for and
        not found.
    finding
        What was found; figures in braces are filled in by `reproduce`.
    """

    id: str
    about: str
    value: str
    definition: str
    source: str
    confidence: str
    verdict: Verdict
    by: str
    finding: str

    def reproduce(self, survey: SurveyTotals | None = None) -> Reproduction:
        """Compute what can be computed from the embedded packs, or from a survey file, and say what was found.

        Parameters
        ----------
        survey
            Totals that `read_nssats` made from a public use file, to count in place of the embedded ones.

        Returns
        -------
        Reproduction
            The verdict is worked out again where a stated test decides it.

        Raises
        ------
        ValueError
            If a survey is given for a claim that is not counted in one.

        Examples
        --------
        >>> import iopdir as iop
        >>> iop.evidence.claim("exponential_growth").reproduce().verdict.value
        'not_supported'
        """
        if survey is not None and self.id not in _COUNTED:
            raise ValueError(f"{self.id} is not counted in a survey file; these are: {', '.join(_COUNTED)}")
        numbers = _COUNTED[self.id](survey) if self.id in _COUNTED else _COMPUTED.get(self.id, dict)()
        verdict = self.verdict
        if self.id in _TESTED:
            holds, otherwise = _TESTED[self.id]
            verdict = Verdict.CONSISTENT if holds(numbers) else otherwise
        return Reproduction(numbers=numbers, finding=self.finding.format(**numbers), verdict=verdict)


@cache
def _registry() -> dict[str, Claim]:
    text = files("iopdir.evidence").joinpath("claims.toml").read_text(encoding="utf-8")
    rows = tomllib.loads(text)["claim"]
    return {row["id"]: Claim(**row | {"verdict": Verdict(row["verdict"])}) for row in rows}


def claim(id: str) -> Claim:  # noqa: A002 - the field's own word
    """Look a claim up.

    Parameters
    ----------
    id
        Its name, as in the table of `claims`.

    Returns
    -------
    Claim
        With source, definition and `reproduce`.

    Raises
    ------
    UnknownNameError
        If there is no such claim.

    Examples
    --------
    >>> import iopdir as iop
    >>> iop.evidence.claim("iop_programs_2011").reproduce().finding
    "The survey's own table has 6,089: 44.4% of 13,720 facilities."
    """
    registry = _registry()
    if id not in registry:
        raise UnknownNameError("claim", id, registry)
    return registry[id]


def claims() -> pd.DataFrame:
    """Set all claims side by side, worked through.

    Returns
    -------
    DataFrame
        One row a claim: `claim, about, value, definition, source, confidence, verdict, by, finding`.

    Examples
    --------
    >>> import iopdir as iop
    >>> table = iop.claims()
    >>> len(table) >= 14, bool((table["source"] != "").all())
    (True, True)
    """
    rows = []
    for one in _registry().values():
        result = one.reproduce()
        rows.append(asdict(one) | {"verdict": result.verdict.value, "finding": result.finding})
    table = texts(pd.DataFrame(rows).rename(columns={"id": "claim"}))
    sources = [pack_source(name) for name in ("nssats_series", "nssats_2020_by_state")]
    table.attrs["provenance"] = Provenance.of(sources).to_dict()
    return table


# --- what is computed --------------------------------------------------------------------------------------

Numbers = dict[str, float | int | str]


def _programs_2011() -> Numbers:
    table = iop_series()
    total, count = table.loc[table["year"] == 2011, ["facilities", "iop"]].to_numpy("int64")[0]
    return {"count": int(count), "total": int(total), "share": float(count / total)}


def _exponential_growth() -> Numbers:
    regular = growth_by_care()["rate"].to_dict()["regular_outpatient"]
    return asdict(iop_growth()) | {"regular_rate": float(regular)}


def _weekly_hours(low: float, high: float) -> Numbers:
    called = Program(sessions_per_week=SESSIONS_A_WEEK, hours_per_session=(low, high)).classify()
    return {
        "low": SESSIONS_A_WEEK * low,
        "high": SESSIONS_A_WEEK * high,
        "called": str(called),
        "reaches": called.highest is Intensity.INTENSIVE_OUTPATIENT,
    }


def _stays() -> Numbers:
    regular, intensive = (TEDS_2004[f"{care}_outpatient"] for care in ("regular", "intensive"))
    return {
        "regular": int(regular["median_days"]),
        "regular_completed": int(regular["median_days_completed"]),
        "iop": int(intensive["median_days"]),
        "iop_completed": int(intensive["median_days_completed"]),
    }


def _listed() -> Numbers:
    counts, everybody = IOP_LISTINGS_2022, IOP_LISTINGS_2022["listings"]
    return {**counts, **{f"share_{name}": count / everybody for name, count in counts.items()}}


def _dropout() -> Numbers:
    months = QUOTED_DROPOUT[1][0]
    lost = 1 - float(constant_hazard().attending(months))
    return {"lost": lost, "shape": weibull_hazard().parameters["shape"]}


def _medicaid(survey: SurveyTotals | None) -> Numbers:
    table = open_pack("nssats_2020_by_state").set_index("state") if survey is None else survey.by_state()
    totals = table[["iop", "iop_medicaid"]].sum()
    large = table[table["iop"] >= SMALL_STATE]
    shares = (large["iop_medicaid"] / large["iop"]).sort_values()
    return {
        "medicaid": int(totals["iop_medicaid"]),
        "iop": int(totals["iop"]),
        "share": float(totals["iop_medicaid"] / totals["iop"]),
        "lowest_state": str(shares.index[0]),
        "lowest": float(shares.iloc[0]),
        "highest_state": str(shares.index[-1]),
        "highest": float(shares.iloc[-1]),
    }


def _employer(survey: SurveyTotals | None) -> Numbers:
    accepting, iop = IOP_PRIVATE_INSURANCE_2020
    if survey is not None:
        accepting, iop = (int(survey.totals[name]) for name in ("iop_private_insurance", "iop"))
    return {"accepting": accepting, "iop": iop, "share": accepting / iop}


_COMPUTED: Final[dict[str, Callable[[], Numbers]]] = {
    "iop_programs_2011": _programs_2011,
    "exponential_growth": _exponential_growth,
    "session_hours_2_3": lambda: _weekly_hours(2, 3),
    "session_hours_3_5": lambda: _weekly_hours(3, 5),
    "dropout_before_three_months": _dropout,
    "duration_3_4_months": _stays,
    "regular_outpatient_half_as_long": _stays,
    "live_at_home": _listed,
    "six_services": _listed,
    "medication_help": _listed,
    "withdrawal_management_first": _listed,
    "aftercare_most": _listed,
}
_COUNTED: Final[dict[str, Callable[[SurveyTotals | None], Numbers]]] = {
    "employer_insurance": _employer,
    "medicaid_usable": _medicaid,
}
_TESTED: Final[dict[str, tuple[Callable[[Numbers], bool], Verdict]]] = {
    "iop_programs_2011": (lambda numbers: numbers["count"] == 6089, Verdict.NOT_SUPPORTED),
    "exponential_growth": (lambda numbers: bool(numbers["exponential"]), Verdict.NOT_SUPPORTED),
    "session_hours_2_3": (lambda numbers: bool(numbers["reaches"]), Verdict.NOT_SUPPORTED),
    "session_hours_3_5": (lambda numbers: bool(numbers["reaches"]), Verdict.NOT_SUPPORTED),
    "regular_outpatient_half_as_long": (
        lambda numbers: float(numbers["regular"]) < float(numbers["iop"]),
        Verdict.CONTRADICTED,
    ),
    "employer_insurance": (lambda numbers: float(numbers["share"]) > 0.5, Verdict.NOT_SUPPORTED),
    "medicaid_usable": (lambda numbers: int(numbers["medicaid"]) > 0, Verdict.NOT_SUPPORTED),
    "aftercare_most": (lambda numbers: float(numbers["share_aftercare"]) > 0.5, Verdict.NOT_SUPPORTED),
}
"""Stated test of a claim, which is consistent where it holds, and the verdict where it fails."""
