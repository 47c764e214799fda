"""Heuristics that explain whom intensive outpatient care may suit, safety first."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.eligibility.assessment import Assessment as Assessment
    from iopdir.eligibility.assessment import Change as Change
    from iopdir.eligibility.assessment import Lean as Lean
    from iopdir.eligibility.assessment import Reason as Reason
    from iopdir.eligibility.assessment import assess as assess
    from iopdir.eligibility.instruments import InstrumentScore as InstrumentScore
    from iopdir.eligibility.instruments import score_instrument as score_instrument
    from iopdir.eligibility.matching import match as match
    from iopdir.eligibility.profile import Profile as Profile
    from iopdir.eligibility.rules import Rule as Rule
    from iopdir.eligibility.rules import Rules as Rules

_HOME = {
    "Assessment": "assessment",
    "Change": "assessment",
    "InstrumentScore": "instruments",
    "Lean": "assessment",
    "Profile": "profile",
    "Reason": "assessment",
    "Rule": "rules",
    "Rules": "rules",
    "assess": "assessment",
    "match": "matching",
    "score_instrument": "instruments",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
