"""Published standards that hold in every state."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from iopdir.geography.classes import CountyType
from iopdir.standards.standard import Limit, Standard
from iopdir.units import METRES_PER_MILE

__all__ = ["CMS_OUTPATIENT_BEHAVIORAL_HEALTH", "STANDARDS", "VA_MENTAL_HEALTH"]

_CMS_SHARE: Final = {CountyType.LARGE_METRO: 0.90, CountyType.METRO: 0.90}

CMS_OUTPATIENT_BEHAVIORAL_HEALTH: Final = Standard(
    name="CMS Medicare Advantage, outpatient behavioral health",
    limits={
        kind: Limit(
            distance_m=miles * METRES_PER_MILE, duration_min=minutes, share=_CMS_SHARE.get(kind, 0.85)
        )
        for kind, minutes, miles in (
            (CountyType.LARGE_METRO, 20, 10),
            (CountyType.METRO, 40, 25),
            (CountyType.MICRO, 55, 40),
            (CountyType.RURAL, 60, 50),
            (CountyType.CEAC, 110, 100),
        )
    },
    source="42 CFR 422.116(d), facility specialty Outpatient Behavioral Health",
    retrieved=date(2026, 11, 23),
    confidence="2°",
    key="cms-obh",
)
"""What Medicare Advantage networks must meet: minutes and miles by county type, 90 % or 85 % of people."""

VA_MENTAL_HEALTH: Final = Standard(
    name="VA community care, mental health",
    limits={None: Limit(duration_min=30)},
    source="38 CFR 17.4040",
    retrieved=date(2026, 11, 23),
    confidence="M",
    key="va-mental-health",
)
"""30 minutes' average drive, beyond which a veteran may use community care; it names no share of people."""

STANDARDS: Final[Mapping[str, Standard]] = MappingProxyType(
    {rule.key: rule for rule in (CMS_OUTPATIENT_BEHAVIORAL_HEALTH, VA_MENTAL_HEALTH)}
)
"""Standards of the whole country by the short name that the command line takes; those of states are a pack."""
