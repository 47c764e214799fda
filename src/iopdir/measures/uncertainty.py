"""How sure a listing is: the chance that it stands for care one can get."""

from __future__ import annotations

from typing import Final

__all__ = ["LISTING_ACTIVE", "LISTING_STRESS", "check_probabilities"]

LISTING_ACTIVE: Final = (0.50, 0.92)
"""Least and most probable that a listing stands for care one can get.

Flag S, from an excerpt: of 697 substance use practices the listings were functionally accurate for 50 to 92 % by
source, 82.8 % on average (Riley et al. 2024, PMC11260587). A listing also ages: 10 to 14 % of facilities a year closed
or stopped responding (N-SSATS 2019, table 2.1; S, excerpt). For intensive outpatient care nobody has measured it."""

LISTING_STRESS: Final = 0.18
"""A stress case: senate staff got appointments from 18 % of the mental-health listings of 12 Medicare Advantage plans
that they tried (120 calls in 6 states, 0 to 50 % by state; flag 2°). Another kind of listing, and an appointment."""


def check_probabilities(listing_active: float | tuple[float, float]) -> tuple[float, float]:
    """Read one probability or a range of them."""
    low, high = listing_active if isinstance(listing_active, tuple) else (listing_active, listing_active)
    if not 0 <= low <= high <= 1:
        raise ValueError(
            f"listing_active must be a probability or a rising pair of them, not {listing_active}"
        )
    return low, high
