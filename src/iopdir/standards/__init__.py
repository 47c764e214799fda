"""Published rules of access, as data, and who is within them."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.standards.classes import ByCountyType as ByCountyType
    from iopdir.standards.classes import ByDensity as ByDensity
    from iopdir.standards.classes import ByName as ByName
    from iopdir.standards.classes import ByPopulation as ByPopulation
    from iopdir.standards.comparison import compare as compare
    from iopdir.standards.own import read_standard as read_standard
    from iopdir.standards.parse import parse_standard as parse_standard
    from iopdir.standards.published import (
        CMS_OUTPATIENT_BEHAVIORAL_HEALTH as CMS_OUTPATIENT_BEHAVIORAL_HEALTH,
    )
    from iopdir.standards.published import STANDARDS as STANDARDS
    from iopdir.standards.published import VA_MENTAL_HEALTH as VA_MENTAL_HEALTH
    from iopdir.standards.standard import Count as Count
    from iopdir.standards.standard import Limit as Limit
    from iopdir.standards.standard import Standard as Standard
    from iopdir.standards.states import state as state
    from iopdir.standards.states import state_standards as state_standards

_HOME = {
    "ByCountyType": "classes",
    "ByDensity": "classes",
    "ByName": "classes",
    "ByPopulation": "classes",
    "CMS_OUTPATIENT_BEHAVIORAL_HEALTH": "published",
    "Count": "standard",
    "Limit": "standard",
    "STANDARDS": "published",
    "Standard": "standard",
    "VA_MENTAL_HEALTH": "published",
    "compare": "comparison",
    "parse_standard": "parse",
    "read_standard": "own",
    "state": "states",
    "state_standards": "states",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
