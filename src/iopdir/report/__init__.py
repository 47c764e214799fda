"""What people hand on: maps, charts, pages."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.report.charts import lorenz_chart as lorenz_chart
    from iopdir.report.charts import rank_change_chart as rank_change_chart
    from iopdir.report.charts import ring_profile_chart as ring_profile_chart
    from iopdir.report.choices import specification_chart as specification_chart
    from iopdir.report.finder import write_finder as write_finder
    from iopdir.report.maps import coverage_map as coverage_map
    from iopdir.report.multiples import maps_beside as maps_beside
    from iopdir.report.multiples import standards_map as standards_map
    from iopdir.report.page import write_report as write_report
    from iopdir.report.plans import plan_chart as plan_chart
    from iopdir.report.plans import plan_map as plan_map
    from iopdir.report.turnover import turnover_chart as turnover_chart

_HOME = {
    "coverage_map": "maps",
    "lorenz_chart": "charts",
    "maps_beside": "multiples",
    "plan_chart": "plans",
    "plan_map": "plans",
    "rank_change_chart": "charts",
    "ring_profile_chart": "charts",
    "specification_chart": "choices",
    "standards_map": "multiples",
    "turnover_chart": "turnover",
    "write_finder": "finder",
    "write_report": "page",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
