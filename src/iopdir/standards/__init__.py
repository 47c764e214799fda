"""Published rules of access, as data."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.standards.standard import CMS_OUTPATIENT_BEHAVIORAL_HEALTH as CMS_OUTPATIENT_BEHAVIORAL_HEALTH
    from iopdir.standards.standard import STANDARDS as STANDARDS
    from iopdir.standards.standard import VA_MENTAL_HEALTH as VA_MENTAL_HEALTH
    from iopdir.standards.standard import Limit as Limit
    from iopdir.standards.standard import Standard as Standard
    from iopdir.standards.standard import parse_standard as parse_standard
    from iopdir.standards.standard import read_standard as read_standard

_HOME = {
    "CMS_OUTPATIENT_BEHAVIORAL_HEALTH": "standard",
    "Limit": "standard",
    "STANDARDS": "standard",
    "Standard": "standard",
    "VA_MENTAL_HEALTH": "standard",
    "parse_standard": "standard",
    "read_standard": "standard",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
