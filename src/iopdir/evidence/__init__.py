"""The document's statistics, each with source, computation and verdict."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.evidence.registry import Claim as Claim
    from iopdir.evidence.registry import Reproduction as Reproduction
    from iopdir.evidence.registry import Verdict as Verdict
    from iopdir.evidence.registry import claim as claim
    from iopdir.evidence.registry import claims as claims
    from iopdir.evidence.retention import RetentionModel as RetentionModel
    from iopdir.evidence.retention import constant_hazard as constant_hazard
    from iopdir.evidence.retention import piecewise_hazard as piecewise_hazard
    from iopdir.evidence.retention import retention_models as retention_models
    from iopdir.evidence.retention import simulate_cohort as simulate_cohort
    from iopdir.evidence.retention import teds_2004 as teds_2004
    from iopdir.evidence.retention import weibull_hazard as weibull_hazard
    from iopdir.evidence.series import Growth as Growth
    from iopdir.evidence.series import growth_by_care as growth_by_care
    from iopdir.evidence.series import growth_models as growth_models
    from iopdir.evidence.series import iop_growth as iop_growth
    from iopdir.evidence.series import iop_series as iop_series

_HOME = {
    "Claim": "registry",
    "Growth": "series",
    "Reproduction": "registry",
    "RetentionModel": "retention",
    "Verdict": "registry",
    "claim": "registry",
    "claims": "registry",
    "constant_hazard": "retention",
    "growth_by_care": "series",
    "growth_models": "series",
    "iop_growth": "series",
    "iop_series": "series",
    "piecewise_hazard": "retention",
    "retention_models": "retention",
    "simulate_cohort": "retention",
    "teds_2004": "retention",
    "weibull_hazard": "retention",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
