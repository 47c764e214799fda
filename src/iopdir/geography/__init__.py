"""Counties, places and demand points."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.geography.areas import join_counties as join_counties
    from iopdir.geography.boundaries import counties as counties
    from iopdir.geography.boundaries import county_list as county_list
    from iopdir.geography.boundaries import crosswalk as crosswalk
    from iopdir.geography.boundaries import locate_counties as locate_counties
    from iopdir.geography.boundaries import states as states
    from iopdir.geography.classes import CountyType as CountyType
    from iopdir.geography.classes import classify_counties as classify_counties
    from iopdir.geography.classes import county_types as county_types
    from iopdir.geography.demand import county_weights as county_weights
    from iopdir.geography.demand import demand_points as demand_points
    from iopdir.geography.demand import read_popcenters as read_popcenters
    from iopdir.geography.places import Place as Place
    from iopdir.geography.places import find_place as find_place

_HOME = {
    "CountyType": "classes",
    "Place": "places",
    "classify_counties": "classes",
    "counties": "boundaries",
    "county_list": "boundaries",
    "county_types": "classes",
    "county_weights": "demand",
    "crosswalk": "boundaries",
    "demand_points": "demand",
    "find_place": "places",
    "join_counties": "areas",
    "locate_counties": "boundaries",
    "read_popcenters": "demand",
    "states": "boundaries",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
