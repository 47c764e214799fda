"""One public source a file: path in, directory out."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.loaders.findtreatment import read_findtreatment as read_findtreatment
    from iopdir.loaders.nssats import SurveyTotals as SurveyTotals
    from iopdir.loaders.nssats import read_nssats as read_nssats
    from iopdir.loaders.recognise import demo_directory as demo_directory
    from iopdir.loaders.recognise import read_directory as read_directory
    from iopdir.loaders.tabular import read_facilities as read_facilities

_HOME = {
    "SurveyTotals": "nssats",
    "demo_directory": "recognise",
    "read_directory": "recognise",
    "read_facilities": "tabular",
    "read_findtreatment": "findtreatment",
    "read_nssats": "nssats",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
