"""How much care is within reach, of whom, and how unequally."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.measures.balanced import balanced_fca as balanced_fca
    from iopdir.measures.balanced import spatial_availability as spatial_availability
    from iopdir.measures.choices import decay_within as decay_within
    from iopdir.measures.coverage import coverage_gaps as coverage_gaps
    from iopdir.measures.coverage import single_points_of_failure as single_points_of_failure
    from iopdir.measures.curve import equity_report as equity_report
    from iopdir.measures.floating import enhanced_two_step_fca as enhanced_two_step_fca
    from iopdir.measures.floating import modified_two_step_fca as modified_two_step_fca
    from iopdir.measures.floating import three_step_fca as three_step_fca
    from iopdir.measures.floating import two_step_fca as two_step_fca
    from iopdir.measures.income import palma_ratio_by_income as palma_ratio_by_income
    from iopdir.measures.inequality import concentration_index as concentration_index
    from iopdir.measures.inequality import equity as equity
    from iopdir.measures.inequality import gini as gini
    from iopdir.measures.inequality import palma_ratio as palma_ratio
    from iopdir.measures.inequality import theil as theil
    from iopdir.measures.opportunity import cumulative_opportunities as cumulative_opportunities
    from iopdir.measures.opportunity import gravity as gravity
    from iopdir.measures.opportunity import nearest_cost as nearest_cost
    from iopdir.measures.opportunity import provider_to_population as provider_to_population
    from iopdir.measures.rational import raam as raam
    from iopdir.measures.specification import specification_curve as specification_curve
    from iopdir.measures.steps import people_to_capacity as people_to_capacity
    from iopdir.measures.uncertainty import LISTING_ACTIVE as LISTING_ACTIVE
    from iopdir.measures.uncertainty import LISTING_STRESS as LISTING_STRESS

_HOME = {
    "LISTING_ACTIVE": "uncertainty",
    "LISTING_STRESS": "uncertainty",
    "balanced_fca": "balanced",
    "concentration_index": "inequality",
    "coverage_gaps": "coverage",
    "cumulative_opportunities": "opportunity",
    "decay_within": "choices",
    "enhanced_two_step_fca": "floating",
    "equity": "inequality",
    "equity_report": "curve",
    "gini": "inequality",
    "gravity": "opportunity",
    "modified_two_step_fca": "floating",
    "nearest_cost": "opportunity",
    "palma_ratio": "inequality",
    "palma_ratio_by_income": "income",
    "people_to_capacity": "steps",
    "provider_to_population": "opportunity",
    "raam": "rational",
    "single_points_of_failure": "coverage",
    "spatial_availability": "balanced",
    "specification_curve": "specification",
    "theil": "inequality",
    "three_step_fca": "floating",
    "two_step_fca": "floating",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
