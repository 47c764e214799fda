"""Who is off the network that a cost is measured on, as a share that no table hides."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from iopdir.spatial.geodesy import FloatArray

__all__ = ["Off"]

_DOUBTFUL: Final = 0.01
"""A larger share of people or facilities off the network is a warning; a choice of this package."""


class Off(NamedTuple):
    """Who is off the network.

    Parameters
    ----------
    people, sites
        Which demand points, shape (n,), and which sites, shape (m,), are too far from every road.
    walk_m
        Metres from each demand point to its road, NaN where it is too far.
    """

    people: NDArray[np.bool_]
    sites: NDArray[np.bool_]
    walk_m: FloatArray

    def about(self, weight: FloatArray) -> dict[str, Any]:
        """Count them.

        Parameters
        ----------
        weight
            How many people each demand point stands for, shape (n,).

        Returns
        -------
        dict
            Counts and shares, and metres from the others to their road.

        Examples
        --------
        >>> off = Off(np.array([True, False]), np.array([False]), np.array([np.nan, 30.0]))
        >>> off.about(np.array([1.0, 3.0]))["people_share"]
        0.25
        """
        on = self.walk_m[~self.people]
        return {
            "demand_points": int(self.people.sum()),
            "people_share": float(weight @ self.people / weight.sum()) if weight.sum() else 0.0,
            "facilities": int(self.sites.sum()),
            "facilities_share": float(self.sites.mean()) if self.sites.size else 0.0,
            "walk_m_median": float(np.median(on)) if on.size else None,
            "walk_m_longest": float(on.max()) if on.size else None,
        }

    def warnings(self, weight: FloatArray) -> list[str]:
        """Say what makes a table doubtful: more than one in a hundred off the network."""
        told = self.about(weight)
        shares = {"people": told["people_share"], "facilities": told["facilities_share"]}
        return [
            f"{share:.1%} of {who} have no road near them: does the road extract cover them?"
            for who, share in shares.items()
            if share > _DOUBTFUL
        ]
