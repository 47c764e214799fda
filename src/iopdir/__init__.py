"""From any public listing of treatment facilities to who cannot reach intensive outpatient care."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from iopdir import datasets as datasets
    from iopdir.access import standards as standards
    from iopdir.access.catchment import cumulative_opportunities as cumulative_opportunities
    from iopdir.access.catchment import enhanced_two_step_fca as enhanced_two_step_fca
    from iopdir.access.catchment import gravity as gravity
    from iopdir.access.catchment import modified_two_step_fca as modified_two_step_fca
    from iopdir.access.catchment import nearest_cost as nearest_cost
    from iopdir.access.catchment import provider_to_population as provider_to_population
    from iopdir.access.catchment import three_step_fca as three_step_fca
    from iopdir.access.catchment import two_step_fca as two_step_fca
    from iopdir.access.cost import CostMatrix as CostMatrix
    from iopdir.access.coverage import coverage_gaps as coverage_gaps
    from iopdir.access.coverage import single_points_of_failure as single_points_of_failure
    from iopdir.access.decay import Decay as Decay
    from iopdir.access.equity import concentration_index as concentration_index
    from iopdir.access.equity import equity as equity
    from iopdir.access.equity import gini as gini
    from iopdir.access.equity import palma_ratio as palma_ratio
    from iopdir.access.equity import theil as theil
    from iopdir.access.facility_index import FacilityIndex as FacilityIndex
    from iopdir.access.nearest import nearest as nearest
    from iopdir.access.raam import raam as raam
    from iopdir.access.residence import join_counties as join_counties
    from iopdir.access.standards import Standard as Standard
    from iopdir.directory import Directory as Directory
    from iopdir.eligibility.assess import Assessment as Assessment
    from iopdir.eligibility.assess import Change as Change
    from iopdir.eligibility.assess import Lean as Lean
    from iopdir.eligibility.assess import Profile as Profile
    from iopdir.eligibility.assess import Reason as Reason
    from iopdir.eligibility.assess import assess as assess
    from iopdir.eligibility.instruments import InstrumentScore as InstrumentScore
    from iopdir.eligibility.instruments import score_instrument as score_instrument
    from iopdir.eligibility.match import match as match
    from iopdir.eligibility.rules import Rule as Rule
    from iopdir.eligibility.rules import Rules as Rules
    from iopdir.errors import CoordinateError as CoordinateError
    from iopdir.errors import IopdirError as IopdirError
    from iopdir.errors import LoadError as LoadError
    from iopdir.errors import UnitError as UnitError
    from iopdir.errors import UnknownNameError as UnknownNameError
    from iopdir.errors import VintageError as VintageError
    from iopdir.evidence.claims import Claim as Claim
    from iopdir.evidence.claims import Reproduction as Reproduction
    from iopdir.evidence.claims import Verdict as Verdict
    from iopdir.evidence.claims import claim as claim
    from iopdir.evidence.claims import claims as claims
    from iopdir.evidence.retention import RetentionModel as RetentionModel
    from iopdir.evidence.retention import constant_hazard as constant_hazard
    from iopdir.evidence.retention import piecewise_hazard as piecewise_hazard
    from iopdir.evidence.retention import retention_models as retention_models
    from iopdir.evidence.retention import simulate_cohort as simulate_cohort
    from iopdir.evidence.retention import weibull_hazard as weibull_hazard
    from iopdir.evidence.series import Growth as Growth
    from iopdir.evidence.series import growth_by_care as growth_by_care
    from iopdir.evidence.series import growth_models as growth_models
    from iopdir.evidence.series import iop_growth as iop_growth
    from iopdir.evidence.series import iop_series as iop_series
    from iopdir.geography.counties import counties as counties
    from iopdir.geography.counties import county_list as county_list
    from iopdir.geography.counties import crosswalk as crosswalk
    from iopdir.geography.counties import locate_counties as locate_counties
    from iopdir.geography.demand import county_weights as county_weights
    from iopdir.geography.demand import demand_points as demand_points
    from iopdir.geography.demand import read_popcenters as read_popcenters
    from iopdir.geography.places import Place as Place
    from iopdir.geography.places import find_place as find_place
    from iopdir.intake import Quality as Quality
    from iopdir.loaders.findtreatment import read_findtreatment as read_findtreatment
    from iopdir.loaders.national_directory import read_national_directory as read_national_directory
    from iopdir.loaders.nssats import SurveyTotals as SurveyTotals
    from iopdir.loaders.nssats import read_nssats as read_nssats
    from iopdir.loaders.recognise import demo_directory as demo_directory
    from iopdir.loaders.recognise import read_directory as read_directory
    from iopdir.loaders.tabular import read_facilities as read_facilities
    from iopdir.models.facility import Address as Address
    from iopdir.models.facility import Facility as Facility
    from iopdir.models.facility import Location as Location
    from iopdir.models.facility import RowProvenance as RowProvenance
    from iopdir.models.program import Classification as Classification
    from iopdir.models.program import Intensity as Intensity
    from iopdir.models.program import Program as Program
    from iopdir.provenance import Provenance as Provenance
    from iopdir.provenance import Source as Source
    from iopdir.report.charts import lorenz_chart as lorenz_chart
    from iopdir.report.charts import rank_change_chart as rank_change_chart
    from iopdir.report.charts import ring_profile_chart as ring_profile_chart
    from iopdir.report.finder import write_finder as write_finder
    from iopdir.report.maps import coverage_map as coverage_map
    from iopdir.report.page import write_report as write_report
    from iopdir.spatial.blocks import PackedTree as PackedTree
    from iopdir.spatial.knn import nearest_batch as nearest_batch
    from iopdir.spatial.pairs import within_batch as within_batch
    from iopdir.spatial.rings import ring_sums as ring_sums
    from iopdir.taxonomy import AgeGroup as AgeGroup
    from iopdir.taxonomy import CodeInfo as CodeInfo
    from iopdir.taxonomy import LevelOfCare as LevelOfCare
    from iopdir.taxonomy import Payment as Payment
    from iopdir.taxonomy import Service as Service
    from iopdir.taxonomy import describe_code as describe_code

_HOME = {
    "Address": "models.facility",
    "AgeGroup": "taxonomy",
    "Assessment": "eligibility.assess",
    "Change": "eligibility.assess",
    "Claim": "evidence.claims",
    "Classification": "models.program",
    "CodeInfo": "taxonomy",
    "CoordinateError": "errors",
    "CostMatrix": "access.cost",
    "Decay": "access.decay",
    "Directory": "directory",
    "Facility": "models.facility",
    "FacilityIndex": "access.facility_index",
    "Growth": "evidence.series",
    "InstrumentScore": "eligibility.instruments",
    "Intensity": "models.program",
    "IopdirError": "errors",
    "Lean": "eligibility.assess",
    "LevelOfCare": "taxonomy",
    "LoadError": "errors",
    "Location": "models.facility",
    "PackedTree": "spatial.blocks",
    "Payment": "taxonomy",
    "Place": "geography.places",
    "Profile": "eligibility.assess",
    "Program": "models.program",
    "Provenance": "provenance",
    "Quality": "intake",
    "Reason": "eligibility.assess",
    "Reproduction": "evidence.claims",
    "RetentionModel": "evidence.retention",
    "RowProvenance": "models.facility",
    "Rule": "eligibility.rules",
    "Rules": "eligibility.rules",
    "Service": "taxonomy",
    "Source": "provenance",
    "Standard": "access.standards",
    "SurveyTotals": "loaders.nssats",
    "UnitError": "errors",
    "UnknownNameError": "errors",
    "Verdict": "evidence.claims",
    "VintageError": "errors",
    "assess": "eligibility.assess",
    "claim": "evidence.claims",
    "claims": "evidence.claims",
    "concentration_index": "access.equity",
    "constant_hazard": "evidence.retention",
    "counties": "geography.counties",
    "county_list": "geography.counties",
    "county_weights": "geography.demand",
    "coverage_gaps": "access.coverage",
    "coverage_map": "report.maps",
    "crosswalk": "geography.counties",
    "cumulative_opportunities": "access.catchment",
    "datasets": "datasets",
    "demand_points": "geography.demand",
    "demo_directory": "loaders.recognise",
    "describe_code": "taxonomy",
    "enhanced_two_step_fca": "access.catchment",
    "equity": "access.equity",
    "find_place": "geography.places",
    "gini": "access.equity",
    "gravity": "access.catchment",
    "growth_by_care": "evidence.series",
    "growth_models": "evidence.series",
    "iop_growth": "evidence.series",
    "iop_series": "evidence.series",
    "join_counties": "access.residence",
    "locate_counties": "geography.counties",
    "lorenz_chart": "report.charts",
    "match": "eligibility.match",
    "modified_two_step_fca": "access.catchment",
    "nearest": "access.nearest",
    "nearest_batch": "spatial.knn",
    "nearest_cost": "access.catchment",
    "palma_ratio": "access.equity",
    "piecewise_hazard": "evidence.retention",
    "provider_to_population": "access.catchment",
    "raam": "access.raam",
    "rank_change_chart": "report.charts",
    "read_directory": "loaders.recognise",
    "read_facilities": "loaders.tabular",
    "read_findtreatment": "loaders.findtreatment",
    "read_national_directory": "loaders.national_directory",
    "read_nssats": "loaders.nssats",
    "read_popcenters": "geography.demand",
    "retention_models": "evidence.retention",
    "ring_profile_chart": "report.charts",
    "ring_sums": "spatial.rings",
    "score_instrument": "eligibility.instruments",
    "simulate_cohort": "evidence.retention",
    "single_points_of_failure": "access.coverage",
    "standards": "access.standards",
    "theil": "access.equity",
    "three_step_fca": "access.catchment",
    "two_step_fca": "access.catchment",
    "weibull_hazard": "evidence.retention",
    "within_batch": "spatial.pairs",
    "write_finder": "report.finder",
    "write_report": "report.page",
}
"""Public name -> the module that defines it; loaded on first use."""

__all__ = [
    "Address",
    "AgeGroup",
    "Assessment",
    "Change",
    "Claim",
    "Classification",
    "CodeInfo",
    "CoordinateError",
    "CostMatrix",
    "Decay",
    "Directory",
    "Facility",
    "FacilityIndex",
    "Growth",
    "InstrumentScore",
    "Intensity",
    "IopdirError",
    "Lean",
    "LevelOfCare",
    "LoadError",
    "Location",
    "PackedTree",
    "Payment",
    "Place",
    "Profile",
    "Program",
    "Provenance",
    "Quality",
    "Reason",
    "Reproduction",
    "RetentionModel",
    "RowProvenance",
    "Rule",
    "Rules",
    "Service",
    "Source",
    "Standard",
    "SurveyTotals",
    "UnitError",
    "UnknownNameError",
    "Verdict",
    "VintageError",
    "assess",
    "claim",
    "claims",
    "concentration_index",
    "constant_hazard",
    "counties",
    "county_list",
    "county_weights",
    "coverage_gaps",
    "coverage_map",
    "crosswalk",
    "cumulative_opportunities",
    "datasets",
    "demand_points",
    "demo_directory",
    "describe_code",
    "enhanced_two_step_fca",
    "equity",
    "find_place",
    "gini",
    "gravity",
    "growth_by_care",
    "growth_models",
    "iop_growth",
    "iop_series",
    "join_counties",
    "locate_counties",
    "lorenz_chart",
    "match",
    "modified_two_step_fca",
    "nearest",
    "nearest_batch",
    "nearest_cost",
    "palma_ratio",
    "piecewise_hazard",
    "provider_to_population",
    "raam",
    "rank_change_chart",
    "read_directory",
    "read_facilities",
    "read_findtreatment",
    "read_national_directory",
    "read_nssats",
    "read_popcenters",
    "retention_models",
    "ring_profile_chart",
    "ring_sums",
    "score_instrument",
    "simulate_cohort",
    "single_points_of_failure",
    "standards",
    "theil",
    "three_step_fca",
    "two_step_fca",
    "weibull_hazard",
    "within_batch",
    "write_finder",
    "write_report",
]

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _HOME:
            raise AttributeError(f"module 'iopdir' has no attribute {name!r}")
        home = import_module(f"iopdir.{_HOME[name]}")
        value = getattr(home, name, home)  # a name that its module does not define is the module itself
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return sorted({*globals(), *_HOME})
