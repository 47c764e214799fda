"""Where to act: what opening and closing would do, where new sites would do most, whose only site is fragile."""

from typing import TYPE_CHECKING

from iopdir.lazy import names_of

if TYPE_CHECKING:
    from iopdir.scenarios.fragility import closures as closures
    from iopdir.scenarios.plan import Plan as Plan
    from iopdir.scenarios.siting import site as site
    from iopdir.scenarios.whatif import WhatIf as WhatIf
    from iopdir.scenarios.whatif import what_if as what_if

_HOME = {
    "Plan": "plan",
    "WhatIf": "whatif",
    "closures": "fragility",
    "site": "siting",
    "what_if": "whatif",
}

__all__ = list(_HOME)

if not TYPE_CHECKING:
    __getattr__, __dir__ = names_of(__name__, _HOME)
