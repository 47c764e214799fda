"""What several notebooks open, draw and state: a listing, all states on a map, a Lorenz curve, the inputs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import geopandas as gpd
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm
from matplotlib.patches import Patch

import iopdir as iop
from iopdir.datasets import pack_source
from iopdir.provenance import Source, file_sha256, sources_of
from iopdir.report.charts import lorenz_curve

MISSING = "#f0d9a8"
ISLANDS = ["PR", "GU", "VI", "AS", "MP"]
PARTS = {
    "lower 48": ("EPSG:5070", (0.0, 0.0, 1.0, 1.0)),
    "AK": ("EPSG:3338", (-0.01, -0.02, 0.25, 0.29)),
    "HI": ("ESRI:102007", (0.24, 0.0, 0.14, 0.17)),
}


def open_listing() -> tuple[iop.Directory, str]:
    """Read the listing of `IOPDIR_DIRECTORY`, the workbook in `IOPDIR_REAL_DATA`, or the demo; say in words which."""
    if path := os.environ.get("IOPDIR_DIRECTORY"):
        return iop.read_directory(path), Path(path).name
    if folder := os.environ.get("IOPDIR_REAL_DATA"):
        workbook = Path(folder) / "National_Directory_SA_Facilities_2022.xlsx"
        return iop.read_directory(workbook), "SAMHSA, National Directory 2022"
    return iop.demo_directory(), "SYNTHETIC directory, made from N-SSATS 2020 totals"


def draw_map(
    counties: gpd.GeoDataFrame,
    column: str,
    edges: list[float],
    *,
    title: str,
    label: str,
    missing: str,
    cmap: str = "BuPu",
) -> None:
    """Color counties by classes between edges, Alaska and Hawaii beside the others, with a key of colors."""
    figure, whole = plt.subplots(figsize=(8, 4.9))
    whole.set_axis_off()
    whole.set_title(title)
    norm, colors = BoundaryNorm(edges, 256), plt.get_cmap(cmap)
    states = iop.geography.states()
    for part, (crs, place) in PARTS.items():
        axes = whole.inset_axes(place)
        axes.set_axis_off()
        for table in (counties, states):
            here = table["state"] == part if len(part) == 2 else ~table["state"].isin(["AK", "HI", *ISLANDS])
            shown = gpd.GeoDataFrame(table[here]).to_crs(crs)
            if table is states:
                shown.boundary.plot(ax=axes, color="#5d6a70", linewidth=0.4, rasterized=True)
            else:
                shown.plot(column, ax=axes, cmap=colors, norm=norm, rasterized=True, edgecolor="#b8c2cc", linewidth=0.1,
                           missing_kwds={"color": MISSING})  # fmt: skip
    bar = figure.colorbar(
        ScalarMappable(norm, colors), ax=whole, shrink=0.6, aspect=28, pad=0.01, label=label, format="%g"
    )
    bar.ax.tick_params(labelsize=8)
    whole.legend(handles=[Patch(color=MISSING, label=missing)], loc="lower right", fontsize=8)
    plt.show()


def draw_lorenz(
    axes: Axes, access: pd.Series[Any], demand: pd.DataFrame, label: str, group: str = "population"
) -> None:
    """Draw which share of all access the worse-off share of people has, with its Gini coefficient."""
    uneven = iop.measures.gini(access, demand, population=group)
    curve = lorenz_curve(access.to_numpy(dtype=np.float64), demand[group].to_numpy(dtype=np.float64))
    thin = curve[np.unique(np.linspace(0, len(curve) - 1, 400).astype(int))]
    axes.plot(100 * thin[:, 0], 100 * thin[:, 1], label=f"{label}, Gini {uneven:.2f}")


def state_inputs(*inputs: pd.DataFrame | iop.Directory | str | Path) -> None:
    """Print the SHA-256 of files, of packs by name, and of all that tables were made from, as `sha256sum` does."""
    lines = set()
    for one in inputs:
        if isinstance(one, Path):
            sources: tuple[Source, ...] = (Source(name=one.name, sha256=file_sha256(one)),)
        elif isinstance(one, str):
            sources = (pack_source(one),)
        else:
            sources = one.provenance.sources if isinstance(one, iop.Directory) else sources_of(one)
        lines |= {
            (f"{source.name} ({source.edition})".removesuffix(" ()"), source.sha256) for source in sources
        }
    print("\n".join(f"{sha256}  {name}" for name, sha256 in sorted(lines)))
