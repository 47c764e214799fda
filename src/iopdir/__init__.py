"""From any public listing of treatment facilities to who cannot reach intensive outpatient care."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir import arrays as arrays
    from iopdir import changes as changes
    from iopdir import datasets as datasets
    from iopdir import eligibility as eligibility
    from iopdir import errors as errors
    from iopdir import evidence as evidence
    from iopdir import exports as exports
    from iopdir import fetch as fetch
    from iopdir import geography as geography
    from iopdir import loaders as loaders
    from iopdir import measures as measures
    from iopdir import report as report
    from iopdir import scenarios as scenarios
    from iopdir import schema as schema
    from iopdir import snapshots as snapshots
    from iopdir import standards as standards
    from iopdir import vocabulary as vocabulary
    from iopdir.changes.combined import combine as combine
    from iopdir.changes.differences import diff as diff
    from iopdir.directory.directory import Directory as Directory
    from iopdir.eligibility.assessment import assess as assess
    from iopdir.eligibility.matching import match as match
    from iopdir.eligibility.profile import Profile as Profile
    from iopdir.errors import IopdirError as IopdirError
    from iopdir.errors import LoadError as LoadError
    from iopdir.evidence.registry import claims as claims
    from iopdir.exports.fhir import write_fhir as write_fhir
    from iopdir.exports.hsds import write_hsds as write_hsds
    from iopdir.exports.hsds_read import read_hsds as read_hsds
    from iopdir.fetch.findtreatment import fetch_findtreatment as fetch_findtreatment
    from iopdir.geography.demand import demand_points as demand_points
    from iopdir.geography.demand import read_popcenters as read_popcenters
    from iopdir.geography.places import Place as Place
    from iopdir.geography.places import find_place as find_place
    from iopdir.intake.quality import Quality as Quality
    from iopdir.linking.link import link as link
    from iopdir.loaders.nssats import read_nssats as read_nssats
    from iopdir.loaders.recognise import demo_directory as demo_directory
    from iopdir.loaders.recognise import read_directory as read_directory
    from iopdir.loaders.tabular import read_facilities as read_facilities
    from iopdir.measures.coverage import coverage_gaps as coverage_gaps
    from iopdir.measures.coverage import single_points_of_failure as single_points_of_failure
    from iopdir.measures.floating import enhanced_two_step_fca as enhanced_two_step_fca
    from iopdir.measures.specification import specification_curve as specification_curve
    from iopdir.progress import show_progress as show_progress
    from iopdir.provenance import Provenance as Provenance
    from iopdir.provenance import Source as Source
    from iopdir.report.finder import write_finder as write_finder
    from iopdir.report.maps import coverage_map as coverage_map
    from iopdir.report.page import write_report as write_report
    from iopdir.scenarios.siting import site as site
    from iopdir.scenarios.whatif import what_if as what_if
    from iopdir.schema.facility import Facility as Facility
    from iopdir.schema.program import Program as Program
    from iopdir.snapshots.store import SnapshotStore as SnapshotStore
    from iopdir.standards.standard import Standard as Standard
    from iopdir.travel.area import catchment_area as catchment_area
    from iopdir.travel.binding import reach as reach
    from iopdir.travel.by_road import Roads as Roads
    from iopdir.travel.decay import Decay as Decay
    from iopdir.travel.facility_index import FacilityIndex as FacilityIndex
    from iopdir.travel.matrix import CostMatrix as CostMatrix
    from iopdir.travel.nearest import nearest as nearest
    from iopdir.travel.reach import Reach as Reach

_HOME = {
    "CostMatrix": "travel.matrix",
    "Decay": "travel.decay",
    "Directory": "directory.directory",
    "Facility": "schema.facility",
    "FacilityIndex": "travel.facility_index",
    "IopdirError": "errors",
    "LoadError": "errors",
    "Place": "geography.places",
    "Profile": "eligibility.profile",
    "Program": "schema.program",
    "Provenance": "provenance",
    "Quality": "intake.quality",
    "Reach": "travel.reach",
    "Roads": "travel.by_road",
    "SnapshotStore": "snapshots.store",
    "Source": "provenance",
    "Standard": "standards.standard",
    "arrays": "arrays",
    "assess": "eligibility.assessment",
    "catchment_area": "travel.area",
    "changes": "changes",
    "claims": "evidence.registry",
    "combine": "changes.combined",
    "coverage_gaps": "measures.coverage",
    "coverage_map": "report.maps",
    "datasets": "datasets",
    "demand_points": "geography.demand",
    "demo_directory": "loaders.recognise",
    "diff": "changes.differences",
    "eligibility": "eligibility",
    "enhanced_two_step_fca": "measures.floating",
    "errors": "errors",
    "evidence": "evidence",
    "exports": "exports",
    "fetch": "fetch",
    "fetch_findtreatment": "fetch.findtreatment",
    "find_place": "geography.places",
    "geography": "geography",
    "link": "linking.link",
    "loaders": "loaders",
    "match": "eligibility.matching",
    "measures": "measures",
    "nearest": "travel.nearest",
    "reach": "travel.binding",
    "read_directory": "loaders.recognise",
    "read_facilities": "loaders.tabular",
    "read_hsds": "exports.hsds_read",
    "read_nssats": "loaders.nssats",
    "read_popcenters": "geography.demand",
    "report": "report",
    "scenarios": "scenarios",
    "schema": "schema",
    "show_progress": "progress",
    "single_points_of_failure": "measures.coverage",
    "site": "scenarios.siting",
    "snapshots": "snapshots",
    "specification_curve": "measures.specification",
    "standards": "standards",
    "vocabulary": "vocabulary",
    "what_if": "scenarios.whatif",
    "write_fhir": "exports.fhir",
    "write_finder": "report.finder",
    "write_hsds": "exports.hsds",
    "write_report": "report.page",
}
"""Public name -> the module that defines it; loaded on first use."""

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
